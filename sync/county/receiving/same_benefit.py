"""Tells whether two claims stand for the same benefit of the same person or unit. A person is known by every number their records ever
had."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select

from db.among import among
from db.capture import op
from db.mapping import table
from db.search import search_columns
from db.session import Session
from domain import claims as path
from domain.records import Claim, Person
from sync.replica.known_fields import fits
from sync.wire.columns import Change

_ONCE = {"schooling": ("term",), "placement": ("employer_id",)}
"""Kinds of record a claim may rest on, and the fields by which two of them stand for the same benefit (`domain.md` §3.6)."""
_NAME, _NUMBER = (Person.KIND.by_name[name] for name in ("name", "id_number"))
_WATCHED = 1 << _NAME.number - 1 | 1 << _NUMBER.number - 1
Known = dict[str, tuple[set[str], set[str]]]
"""Names, and search forms of numbers, by id of a person's record."""


class Beneficiaries:
    """Who the claims of a batch are for, with the batch's own changes of `people` in view."""

    def __init__(self, session: Session, people: Sequence[Change]) -> None:
        self._session = session
        self._coming: dict[str, Mapping[int, Any]] = {}
        for change in people:
            self._coming[change.row_id] = {**self._coming.get(change.row_id, {}), **change.values}
        self._renamed: dict[str, Known] = {}
        """By rule, those with a claim whose name or number was changed."""

    def same_benefit(self, one: Claim, other: Claim) -> bool:
        """Whether two claims of one person or unit under one rule are for the same benefit, judging by their fields or the records they
        rest on."""
        if one.person_id is None or other.person_id is None:
            return one.person_id is other.person_id
        if not path.apart(one, other):
            return True
        if path.months(one) or one.record_id is None or other.record_id is None or one.record_id == other.record_id:
            return False
        fact = self._fact(one.record_id)
        return fact is not None and fact == self._fact(other.record_id)

    def _fact(self, record_id: str) -> tuple[Any, ...] | None:
        """What a record stands for that is paid to a person once: a school term, or a placement with an employer. None for other
        records."""
        for kind, names in _ONCE.items():
            t = table(kind)
            row = self._session.conn.execute(select(*(t.c[name] for name in names)).where(t.c.id == record_id)).first()
            if row is not None:
                return (kind, *row)
        return None

    def unit(self, employer_id: str) -> set[str]:
        """The ids of a unit: several places may have recorded it under one credit code."""
        e = table("employer")
        code = self._session.conn.execute(select(e.c.uscc).where(e.c.id == employer_id)).scalar()
        rows = self._session.conn.execute(select(e.c.id).where(e.c.uscc == code)).scalars() if code else ()
        return {employer_id, *rows}

    def selves(self, person_id: str, rule: str) -> set[str]:
        """The ids of a person: rows with the same number and rows merged with them, including deleted ones, because payments to those count
        as well; and those with a claim under the rule that had the same name and number once."""
        p = table("person")
        found: set[str] = set()
        reached = {person_id}
        coming = {id: tail for id, values in self._coming.items() if (tail := _tail(values.get(_NUMBER.number)))}
        while new := reached - found:
            found |= new
            rows = self._session.conn.execute(select(p.c.id_tail, p.c.merged_into).where(among(p.c.id, new))).all()
            tails = sorted({row.id_tail for row in rows if row.id_tail} | {coming[id] for id in new if id in coming})
            into = sorted(row.merged_into for row in rows if row.merged_into)
            same = p.c.id_tail.in_(tails) | among(p.c.merged_into, new) | p.c.id.in_(into)
            reached = found | set(self._session.conn.execute(select(p.c.id).where(same)).scalars())
            reached |= {id for id, tail in coming.items() if tail in tails}
            reached |= self._renumbered(new, rule)
        return found

    def _renumbered(self, ids: set[str], rule: str) -> set[str]:
        """Rows that had a name and a number in common with these at any time; otherwise another number would be another person."""
        o, c = op, table("claim")
        if rule not in self._renamed:
            claimed = select(o.c.row_id, o.c.old).join(c, c.c.person_id == o.c.row_id).where(c.c.rule == rule).distinct()
            self._renamed[rule] = self._ever(claimed)
        mine = self._ever(select(o.c.row_id, o.c.old).where(among(o.c.row_id, ids)), ids)
        names, tails = ({one for known in mine.values() for one in known[n]} for n in (0, 1))
        p = table("person")
        present = self._session.conn.execute(select(p.c.id).where(p.c.id_tail.in_(sorted(tails)), p.c.name.in_(sorted(names)))).scalars()
        once = {id for id, known in self._renamed[rule].items() if known[0] & names and known[1] & tails}
        return once | set(present)

    def _ever(self, changed: Select[Any], ids: Iterable[str] = ()) -> Known:
        """The names and numbers that records have, will have by this batch, or had according to the change log."""
        known: Known = defaultdict(lambda: (set(), set()))
        lines = changed.where(op.c.kind == Person.KIND.number, op.c.mask.bitwise_and(_WATCHED) != 0, op.c.old.is_not(None))
        for row in self._session.conn.execute(lines):
            _note(known[row.row_id], *(json.loads(row.old).get(str(f.number)) for f in (_NAME, _NUMBER)))
        p = table("person")
        for row in self._session.conn.execute(select(p.c.id, p.c.name, p.c.id_number).where(among(p.c.id, {*known, *ids}))):
            _note(known[row.id], row.name, row.id_number)
        for id in {*known, *ids} & self._coming.keys():
            _note(known[id], *(self._coming[id].get(f.number) for f in (_NAME, _NUMBER)))
        return known


def _note(known: tuple[set[str], set[str]], name: object, number: object) -> None:
    if isinstance(name, str):
        known[0].add(name)
    if tail := _tail(number):
        known[1].add(tail)


def _tail(number: object) -> str | None:
    """The search form of an identity number, None without one."""
    if not isinstance(number, str) or not fits(_NUMBER, [number]):
        return None
    found = search_columns(Person.KIND, {"id_number": _NUMBER.from_stored(number)}).get("id_tail")
    return str(found) if found else None

"""Tells whether two claims stand for the same benefit of the same person or unit, for the county's ingest and for stations.

What a granted claim rests on goes on counting for later claims by every value it has had since the claim was approved (decision 063): an
edit of a term, an employer, a credit code or a number, or a merge that is undone, frees no benefit for a second claim. What the county
itself corrects counts as corrected. A person is known by every number their records ever had.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from db.among import among
from db.capture import op
from db.changes import Former, Position, former, tail_of
from db.key_changes import unconfirmed
from db.mapping import table
from db.session import Session
from domain import claims as path
from domain.authors import scope_of
from domain.grouping import by_key
from domain.records import Claim
from domain.scopes import is_county

_ONCE = {"schooling": "term", "placement": "employer_id", "enrolment": "course_id"}
"""Kinds of record a claim may rest on, and the field by which two of them stand for the same benefit (`domain.md` §3.6)."""
_IDENTITY, _POINTER = ("name", "id_number"), ("merged_into",)
_COURSE = ("start", "trade", "level")
"""The fields by which two courses are one: those of one year, trade and level."""


class Beneficiaries:
    """Who claims are for. `coming`: values by field name of people in a batch that is not applied yet. Without `formerly`, only former
    names and numbers count, as in batches that were judged before there were the other rules."""

    def __init__(self, session: Session, coming: Mapping[str, Mapping[str, Any]] | None = None, *, formerly: bool = True) -> None:
        self._session = session
        self._coming = coming or {}
        self._formerly = formerly
        self._past: dict[tuple[str, tuple[str, ...]], Mapping[str, list[Former]]] = {}
        """By rule and fields: former values of the people who have a claim under the rule."""

    # -- one claim and another ---------------------------------------------------------------------------------------------

    def theirs(self, claim: Claim) -> tuple[str, Mapping[str, Position | None]]:
        """The field of claims that says who they are for, and its values for the same person or unit (see `selves`)."""
        if claim.person_id is None:
            return "employer_id", dict.fromkeys(self._unit(str(claim.employer_id), claim.rule))
        return "person_id", self.selves(claim.person_id, claim.rule)

    def same_benefit(self, granted: Claim, claim: Claim, until: Position | None = None) -> bool:
        """Whether a claim is for the benefit that another claim of the same person or unit under the same rule was granted, judging by
        their fields or the records they rest on. `until`: the two have been one person only until then."""
        if granted.person_id is None or claim.person_id is None:
            return granted.person_id is claim.person_id
        if until is not None and not _is_since(approved(self._session, granted), until):
            return False
        if not path.apart(granted, claim):
            return True
        if path.months(granted) or granted.record_id is None or claim.record_id is None or granted.record_id == claim.record_id:
            return False
        stood_for = self._facts(granted.record_id, approved(self._session, granted), formerly=True)
        return not stood_for.isdisjoint(self._facts(claim.record_id, None, formerly=False))

    def _facts(self, record_id: str, since: Position | None, *, formerly: bool) -> set[tuple[Any, ...]]:
        """What a record stands for that is paid to a person once: a school term, a placement with an employer, a course of a trade and
        level in one year. With `formerly`, also what it stood for `since` a position in its log."""
        for kind, name in _ONCE.items():
            known = self._had(kind, record_id, (name,), since, formerly=formerly)
            if kind == "enrolment":
                known = {value for (id,) in known for value in self._had("course", id, _COURSE, since, formerly=formerly)}
                known = {(str(start)[:4], trade or "", level or "") for start, trade, level in known}
            if known:
                return {(kind, *value) for value in known}
        return set()

    def _had(self, kind: str, id: str, names: tuple[str, ...], since: Position | None, *, formerly: bool = True) -> set[tuple[Any, ...]]:
        """The values that a row has in these fields, and with `formerly` those it had `since` a position in its log (None: ever)."""
        t = table(kind)
        row = self._session.conn.execute(select(*(t.c[name] for name in names)).where(t.c.id == id)).first()
        found = {tuple(row)} if row is not None else set()
        before = former(self._session, kind, op.c.row_id == id, names) if found and formerly and self._formerly else ()
        return found | {tuple(one.values[name] for name in names) for one in _uncorrected(before) if _is_since(since, one.at)}

    # -- units -------------------------------------------------------------------------------------------------------------

    def _unit(self, employer_id: str, rule: str) -> set[str]:
        """The ids of a unit: several places may have recorded it under one credit code, among them those with a claim under the rule that
        had the code once."""
        c = table("claim")
        codes = {code for (code,) in self._had("employer", employer_id, ("uscc",), None)} - {None, ""}
        if not codes or not self._formerly:
            return {employer_id, *self._coded(codes)}
        claimed = op.c.row_id.in_(select(c.c.employer_id).where(c.c.rule == rule, c.c.employer_id.is_not(None)))
        past = by_key((one.row_id, one) for one in former(self._session, "employer", claimed, ("uscc",)))
        once = {id for id, known in past.items() if any(one.values["uscc"] in codes for one in _uncorrected(known))}
        return {employer_id, *self._coded(codes), *once}

    def _coded(self, codes: set[str]) -> Iterable[str]:
        e = table("employer")
        return self._session.conn.execute(select(e.c.id).where(e.c.uscc.in_(sorted(codes)))).scalars() if codes else ()

    # -- people ------------------------------------------------------------------------------------------------------------

    def selves(self, person_id: str, rule: str) -> dict[str, Position | None]:
        """The ids of a person: rows with the same number and rows merged with them, including deleted ones, because payments to those count
        as well; those with a claim under the rule that had the same name and number once; and rows that were merged with them once, with
        the position at which that ended (None for all others)."""
        found: dict[str, Position | None] = {}
        reached: dict[str, Position | None] = {person_id: None}
        while reached:
            now = set(reached)
            found |= reached
            while new := self._present(now, rule) - now:
                now |= new
            found |= {id: max(filter(None, reached.values()), default=None) for id in now - found.keys()}
            ended = self._unmerged(now, rule)
            reached = {id: at for id, at in ended.items() if id not in found}
        return found

    def _present(self, ids: set[str], rule: str) -> set[str]:
        """Rows that are the same person as these by their present numbers and merges, or by a name and number they had."""
        p = table("person")
        coming = {id: tail for id, values in self._coming.items() if (tail := tail_of(values.get("id_number")))}
        rows = self._session.conn.execute(select(p.c.id_tail, p.c.merged_into).where(among(p.c.id, ids))).all()
        tails = sorted({row.id_tail for row in rows if row.id_tail} | {coming[id] for id in ids if id in coming})
        into = sorted(row.merged_into for row in rows if row.merged_into)
        same = p.c.id_tail.in_(tails) | among(p.c.merged_into, ids) | p.c.id.in_(into)
        found = set(self._session.conn.execute(select(p.c.id).where(same)).scalars())
        return found | {id for id, tail in coming.items() if tail in tails} | self._renumbered(ids, rule)

    def _unmerged(self, ids: set[str], rule: str) -> dict[str, Position]:
        """Rows that were merged with these, with the position at which that last ended. What the county took apart does not count."""
        if not self._formerly:
            return {}
        past = {**self._claimed(rule, _POINTER), **self._former(among(op.c.row_id, ids), _POINTER)}
        parted = [(one.row_id, one.values["merged_into"], one.at) for known in past.values() for one in _uncorrected(known)]
        found: dict[str, Position] = {}
        for one, other, at in parted:
            id = other if one in ids else one if other in ids else None
            if id:
                found[id] = max(found.get(id, at), at)
        return found

    def _renumbered(self, ids: set[str], rule: str) -> set[str]:
        """Rows that had a number in common with these at any time, and a name; or only the number, while nobody has confirmed that it was
        changed, or that the person of a deleted record has another name. Otherwise another number is another person."""
        mine = self._known(self._former(among(op.c.row_id, ids), _IDENTITY), ids)
        names, tails = ({one for known in mine.values() for one in known[n]} for n in (0, 1))
        p = table("person")
        present = self._session.conn.execute(select(p.c.id).where(p.c.id_tail.in_(sorted(tails)), p.c.name.in_(sorted(names)))).scalars()
        numbered = {id: known for id, known in self._known(self._claimed(rule, _IDENTITY)).items() if known[1] & tails}
        once = {id for id, known in numbered.items() if known[0] & names}
        others = numbered.keys() - once - ids if self._formerly else set[str]()
        if others and (open_ := {one.event.person_id for one in unconfirmed(self._session, {*others, *ids}, ("K1", "K2"))}):
            once |= {id for id in others if id in open_ or not ids.isdisjoint(open_)}
        return once | set(present)

    def _known(self, past: Mapping[str, list[Former]], ids: Iterable[str] = ()) -> dict[str, tuple[set[str], set[str]]]:
        """The names, and search forms of numbers, that rows have, will have by the batch, or had."""
        known: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
        p = table("person")
        rows = self._session.conn.execute(select(p.c.id, p.c.name, p.c.id_number).where(among(p.c.id, {*past, *ids})))
        values: list[tuple[str, Mapping[str, Any]]] = [(row.id, dict(row._mapping)) for row in rows]
        values += [(one.row_id, one.values) for before in past.values() for one in before]
        values += [(id, coming) for id, coming in self._coming.items() if id in past or id in set(ids)]
        for id, one in values:
            known[id][0].update(filter(None, [one.get("name")]))
            known[id][1].update(filter(None, [tail_of(one.get("id_number"))]))
        return known

    def _claimed(self, rule: str, names: tuple[str, ...]) -> Mapping[str, list[Former]]:
        if (rule, names) not in self._past:
            c = table("claim")
            claimants = select(c.c.person_id).where(c.c.rule == rule, c.c.person_id.is_not(None))
            self._past[rule, names] = self._former(op.c.row_id.in_(claimants), names)
        return self._past[rule, names]

    def _former(self, which: ColumnElement[bool], names: tuple[str, ...]) -> Mapping[str, list[Former]]:
        return by_key((one.row_id, one) for one in former(self._session, "person", which, names))


def changed(session: Session, listed: Iterable[Claim]) -> list[Claim]:
    """Those of these claims for which former values may count, so that `Beneficiaries` need not be asked about each: their person or unit
    may be one with a claim under the rule that was changed itself, or whose record was."""
    claims, c, p = list(listed), table("claim"), table("person")
    mine = c.c.rule.in_(sorted({claim.rule for claim in claims}))
    edited = list(former(session, "person", op.c.row_id.in_(select(c.c.person_id).where(mine)), (*_IDENTITY, *_POINTER)))
    units = list(former(session, "employer", op.c.row_id.in_(select(c.c.employer_id).where(mine, c.c.person_id.is_(None))), ("uscc",)))
    of_records = select(c.c.person_id).where(mine, among(c.c.record_id, _edited_records(session, select(c.c.record_id).where(mine))))
    ids = {*session.conn.execute(of_records).scalars(), *(id for one in edited for id in (one.row_id, one.values["merged_into"]))}
    known = among(p.c.id, ids | {claim.person_id for claim in claims})
    rows = {row.id: row for row in session.conn.execute(select(p.c.id, p.c.id_tail, p.c.merged_into).where(known))}
    tails = {row.id_tail for id, row in rows.items() if id in ids} | {tail_of(one.values["id_number"]) for one in edited}

    def counts(claim: Claim) -> bool:
        row = rows.get(claim.person_id)
        if row is None:
            return bool(units)
        return not ids.isdisjoint((row.id, row.merged_into)) or (row.id_tail is not None and row.id_tail in tails)

    return [claim for claim in claims if counts(claim)]


def _edited_records(session: Session, which: Select[Any]) -> set[str]:
    """Those of the records chosen by id of which what they stand for was changed, courses by themselves included."""
    e = table("enrolment")
    found = {one.row_id for kind, name in _ONCE.items() for one in former(session, kind, op.c.row_id.in_(which), (name,))}
    taken = select(e.c.course_id).where(e.c.id.in_(which))
    courses = {one.row_id for one in former(session, "course", op.c.row_id.in_(taken), _COURSE)}
    return found | set(session.conn.execute(select(e.c.id).where(among(e.c.course_id, courses))).scalars())


def approved(session: Session, claim: Claim) -> Position | None:
    """Where a claim was approved first since it was last sent back; None if that is not in the log yet."""
    s = table("claim_step")
    mine = s.c.claim_id == claim.id, s.c.deleted_at.is_(None), s.c.seq.is_not(None), s.c.to_state.in_(("approved", "returned"))
    found: Position | None = None
    for row in session.conn.execute(select(s.c.village, s.c.seq, s.c.to_state).where(*mine).order_by(s.c.seq, s.c.at, s.c.id)):
        found = None if row.to_state == "returned" else found or (row.village, row.seq)
    return found


def _uncorrected(before: Iterable[Former]) -> Iterator[Former]:
    """What was replaced since the county's last own correction."""
    return takewhile(lambda one: not is_county(scope_of(one.by)), before)


def _is_since(earlier: Position | None, at: Position) -> bool:
    """Whether something is not before a position, or may not be: positions in different logs have no order."""
    return earlier is None or earlier[0] != at[0] or earlier[1] <= at[1]

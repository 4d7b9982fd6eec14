"""Finds people who seem to be recorded twice with different ID numbers, comparing the sound of names, typing errors in numbers, birth dates
and places. `likely_pairs` chooses the pairs that are compared, among more people than memory would hold with all their fields.

The decision that two records are different people is kept as a `finding` (`false_alarm`) whose id is that of the pair, the same on every
laptop.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, or_, select

from db import changes
from db.among import among
from db.gc_pause import gc_paused
from db.mapping import table
from db.merged import stands
from db.pinyin import alike, syllables
from db.prepared import Prepared
from db.session import Session
from domain.errors import DomainError, NotFound, Refused
from domain.fields import KINDS
from domain.grouping import by_key, chunks
from domain.identity import clean_phone
from domain.likeness import APART, LISTED, Likeness, Outline, Somebody, calls, hopeless, likeness, outlined, pair_id, slips
from domain.name_likeness import heard
from domain.records import Finding, Person
from domain.words import _
from services import reserved
from services.merging import UNTOLD, Match, Twin

MOST: Final = 500
_AT_ONCE: Final = 1_000
"""Pairs that are read at once."""
_NEAR: Final = 400
"""Most people found by each condition to compare with a person being entered."""
_COLUMNS: Final = (
    *("id", "name", "pinyin", "id_number", "original_number", "sex", "birth"),
    *("village", "household_id", "phone", "bank_account", "created_by", "created_at"),
)


@dataclass(frozen=True)
class _Found:
    """A pair that is listed: the ids, the earlier record first."""

    judged: Likeness
    ids: tuple[str, str]

    @property
    def finding(self) -> str:
        return pair_id(*self.ids)


def suspects(session: Session, *, within: str = "") -> list[Match]:
    """Pairs of records that seem to be one person, the most likely first; pairs marked as different people come last. `within`: a scope
    code; at least one of the two must be in it. People with equal numbers are found by `merging.matches`."""
    with gc_paused():
        found = [one for some in chunks(likely_pairs(session, within), _AT_ONCE) for one in _listed(session, some)]
    apart = told_apart(session, [one.finding for one in found])
    found = sorted(found, key=lambda one: (one.finding in apart, -one.judged.score, one.ids))[:MOST]
    rows = _rows(session, [one.ids for one in found])
    return [_match(one.judged, [rows[id] for id in one.ids], apart=one.finding in apart) for one in found]


def _listed(session: Session, pairs: Sequence[tuple[str, str]]) -> Iterator[_Found]:
    rows = _rows(session, pairs)
    people = {id: _person(row) for id, row in rows.items()}
    for pair in pairs:
        judged = _judged(*(people[id] for id in pair))
        if judged is not None:
            first, second = sorted(pair, key=lambda id: (rows[id].created_at or "", id))
            yield _Found(judged, (first, second))


def _rows(session: Session, pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    wanted = dict.fromkeys(id for pair in pairs for id in pair)
    return {row.id: row for row in session.conn.execute(_query().where(among(table("person").c.id, wanted)))}


def like(session: Session, values: Mapping[str, Any]) -> list[tuple[Twin, Likeness]]:
    """At most three people on record who seem to be the person being entered, the most likely first; found by a few index look-ups."""
    entered = _somebody({name: str(value or "") for name, value in values.items()}, syllables(str(values.get("name") or "")))
    rows = {row.id: row for condition in _near(entered) for row in session.conn.execute(_query().where(condition).limit(_NEAR))}
    judged = [(found, row) for row in rows.values() if (found := _judged(entered, _person(row))) is not None]
    best = sorted(judged, key=lambda one: (-one[0].score, one[1].id))[:3]
    return [(_twin(row), found) for found, row in best]


def tell_apart(session: Session, one: str, other: str, reason: str | None = None) -> str:
    """Record that two records are different people, so that they are no longer listed; returns the finding's id. Raises `NotFound`,
    `Refused` or `DomainError`."""
    if one == other:
        raise DomainError(_("这是同一条记录。"))
    return _keep(session, one, other, {"state": "false_alarm", "reason": reason, "by": session.user, "closed_on": session.today})


def list_again(session: Session, one: str, other: str) -> str:
    """Undo `tell_apart`; returns the finding's id. Raises `NotFound` or `Refused`."""
    if not told_apart(session, [pair_id(one, other)]):
        raise NotFound(_("这两条没有记为不是同一人。"))
    return _keep(session, one, other, {"state": "open", "reason": None, "by": session.user, "closed_on": None})


def _keep(session: Session, one: str, other: str, values: Mapping[str, Any]) -> str:
    first, second = (session.get(Person, id) for id in sorted((one, other)))
    if first is None or second is None:
        raise NotFound(_("没有这个人，或已被删除：{id}").format(id=_("、").join(sorted((one, other)))))
    id = pair_id(one, other)
    if not session.may_write(first.village):
        raise Refused(_("这两条不都归本站，请由上级来定。"))
    known = session.get(Finding, id, deleted=True)
    if known is None:
        given = {name: value for name, value in values.items() if value is not None}
        changes.insert(session, "finding", [{"id": id, "village": first.village, "code": APART, "record_id": first.id, **given}])
        return id
    reserved.refuse(session, Finding.KIND, known, values)
    if known.deleted_at is not None:
        changes.undelete(session, "finding", id)
    changes.update(session, "finding", id, {name: value for name, value in values.items() if value != getattr(known, name)})
    return id


def told_apart(session: Session, ids: Iterable[str]) -> set[str]:
    """Those of these pairs (`domain.likeness.pair_id`) that are recorded as different people."""
    t = table("finding")
    apart = select(t.c.id).where(t.c.code == APART, t.c.state != "open", t.c.deleted_at.is_(None))
    return set(session.conn.execute(apart.where(among(t.c.id, ids))).scalars())


# -- comparing -----------------------------------------------------------------------------------------------------------


def _query() -> Any:
    t = table("person")
    return select(*(t.c[name] for name in _COLUMNS)).where(t.c.deleted_at.is_(None), stands())


def _person(row: Any) -> Somebody:
    spelt = tuple(row.pinyin.split(" ")) if row.pinyin else syllables(row.name or "")
    return _somebody(dict(zip(_COLUMNS, row, strict=True)), spelt)


def _somebody(values: dict[str, Any], sounds: Sequence[str]) -> Somebody:
    value = values.get
    return Somebody(
        name=value("name") or "",
        sounds=sounds,
        number=value("id_number") or "",
        sex=value("sex") or "",
        birth=value("birth") or "",
        village=value("village") or "",
        household=value("household_id") or "",
        phone=value("phone") or "",
        account=value("bank_account") or "",
        original=value("original_number") or "",
    )


def _judged(one: Somebody, other: Somebody) -> Likeness | None:
    """The likeness of two people; None if they are too different, or already listed because their numbers are equal."""
    if (one.number18 == other.number18 and len(one.number18) > 14) or hopeless(one, other):
        return None
    found = likeness(one, other)
    return found if found.score >= LISTED else None


def _match(found: Likeness, rows: Iterable[Any], *, apart: bool) -> Match:
    return Match("person", "", [_twin(row) for row in rows], found.score, found.reasons, found.against, apart)


def _twin(row: Any) -> Twin:
    return Twin(row.id, row.name, row.village, row.created_by or "", row.created_at or "", details(row))


def details(row: Any) -> list[tuple[str, str]]:
    """The fields for comparing two records side by side: labels and values, secrets masked."""
    fields = KINDS["person"].by_name
    shown = [
        (_(fields[name].label), fields[name].show(getattr(row, name))) for name in ("id_number", "sex", "birth", "phone", "bank_account")
    ]
    return [(label, value or UNTOLD) for label, value in shown]


def _near(one: Somebody) -> Iterator[ColumnElement[bool]]:
    """Conditions for the people worth comparing with `one`, each answered by an index."""
    t = table("person")
    sounds = one.sounds
    if sounds:
        begun = [and_(t.c.pinyin >= f"{part} ", t.c.pinyin < f"{part}!") for part in alike(sounds[0])]
        if one.born:
            yield and_(t.c.birth == one.born, or_(*begun))
        yield and_(t.c.pinyin == " ".join(sounds), t.c.village == one.village)
    if found := slips(one.number18):
        yield t.c.id_tail.in_([number[::-1] for number in found])
    if len(phone := clean_phone(one.phone)) > 6:
        yield t.c.phone_tail == phone[::-1]
    if one.household:
        yield t.c.household_id == one.household


_AROUND: Final = 20
"""In a large group, each person is compared with this many neighbours in the order of names."""
_SHARED: Final = ("household", "phone", "account")
_CROWD: Final = 40
"""Something shared by more people than this is no reason to compare them."""
_UNSURE: Final = 2_000
"""Most invalid numbers of which the typing errors are tried."""
_READ_AT_ONCE: Final = 2_000
"""Rows read at once."""
_COMPARED: Final = ("id", "village", "name", "pinyin", "id_number", "birth", "household_id", "phone", "bank_account")
_PEOPLE: Final = Prepared(
    select(*(table("person").c[name] for name in _COMPARED)).where(table("person").c.deleted_at.is_(None), stands()), tuple
)

_Keys = dict[str, "array[int]"]
"""For each thing that people may share, its hash for every person; 0 where it is not known."""


def likely_pairs(session: Session, within: str = "") -> Iterator[tuple[str, str]]:
    """The ids of each two people who may be one and have no equal numbers, each pair once. `within`: a scope code; at least one of the two
    must be in it."""
    people, keys = _read(session)
    seen = set[tuple[str, str]]()
    for one, other in _laid_together(people, keys):
        if not (one.village.startswith(within) or other.village.startswith(within)):
            continue
        if (one.number18 == other.number18 and len(one.number18) > 14) or hopeless(one, other):
            continue
        pair = (one.id, other.id) if one.id < other.id else (other.id, one.id)
        if pair not in seen:
            seen.add(pair)
            yield pair


def _read(session: Session) -> tuple[list[Outline], _Keys]:
    people, keys = list[Outline](), {name: array("q") for name in ("born", "name", *_SHARED)}
    once = dict[Any, Any]()  # days and the sounds of names, kept once for all who have them
    for rows in _PEOPLE.parts(session.conn, _READ_AT_ONCE):
        for id, village, name, pinyin, number, birth, *shared in rows:
            sounds = tuple(pinyin.split(" ")) if pinyin else syllables(name or "")
            one = outlined(id, village, name or "", once.setdefault(sounds, sounds), number or "", once.setdefault(birth, birth) or "")
            people.append(one)
            for at, key in zip(keys.values(), _keys(one, *shared), strict=True):
                at.append(hash(key) if key else 0)
    return people, keys


def _keys(one: Outline, household: str | None, phone: str | None, account: str | None) -> tuple[Any, ...]:
    """What a person may share with others, in the order of `_Keys`; empty where it is not known."""
    heads = [heard(part) for part in one.sounds]
    born, name = (one.born and (one.born, heads[0]), (one.village, *heads)) if heads else (None, None)
    phone, account = calls(phone or "", account or "")
    return born, name, household, len(phone) > 6 and phone, len(account) > 7 and account


def _laid_together(people: Sequence[Outline], keys: _Keys) -> Iterator[tuple[Outline, Outline]]:
    for name, hashes in keys.items():
        for group in _groups(hashes):
            if name in _SHARED and len(group) > _CROWD:
                continue  # for example the village office's phone
            some = [people[n] for n in group]
            ordered = sorted(some, key=lambda known: (known.sounds, known.id)) if len(some) > 2 else some
            for n, one in enumerate(ordered):
                yield from ((one, other) for other in islice(ordered, n + 1, n + 1 + _AROUND))
    yield from _by_slips(people)


def _groups(hashes: Sequence[int]) -> Iterator[list[int]]:
    """The numbers of those who share something, of at least two each."""
    order = sorted((n for n, key in enumerate(hashes) if key), key=hashes.__getitem__)
    for _key, group in groupby(order, key=hashes.__getitem__):
        first, *others = group
        if others:
            yield [first, *others]


def _by_slips(people: Iterable[Outline]) -> Iterator[tuple[Outline, Outline]]:
    """Pairs whose numbers are one typing error apart. One of the two must be invalid, so only invalid numbers are varied."""
    unsure = list(islice((known for known in people if not known.certain and len(known.number18) > 16), _UNSURE))
    by_number = by_key((known.number18, known) for known in people) if unsure else {}
    for known in unsure:
        for number in slips(known.number18):
            yield from ((known, other) for other in by_number.get(number, ())[:_AROUND])

"""Finds people recorded twice by their ID number, and merges them by a pointer that can be removed again.

Both records keep their fields. Records that belong to a merged person are read together with those of the person it points at
(`db.merged.selves`); lists show only the latter. Duplicate records with a natural key (from two imports) are listed as well; of those one
is deleted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select

from db import changes
from db.mapping import table
from db.merged import root, stands
from db.session import Session
from domain.errors import DomainError, Refused
from domain.fields import KINDS, Kind
from domain.identity import id18, id_problem
from domain.records import Person
from domain.words import _
from services.lists.titles import titles

MAX_MATCHES = 500
UNTOLD = "—"
"""Shown for an empty value in the details of a record."""


@dataclass(frozen=True)
class Twin:
    """One of the records of a match."""

    id: str
    title: str
    village: str
    created_by: str
    created_at: str
    details: Sequence[tuple[str, str]] = ()
    """Labels and values to compare, secrets masked; only for similar people with different numbers."""


@dataclass(frozen=True)
class Match:
    """Records that seem to be about one person (kind `person`) or one fact (a kind with a natural key)."""

    kind: str
    number: str
    """The ID number, masked; empty for other kinds."""
    records: Sequence[Twin]
    """The earliest first."""
    score: int = 0
    """The likeness of two people with different numbers (`domain.likeness`)."""
    reasons: Sequence[str] = ()
    """The reasons for the likeness in words, the weightiest first."""
    against: Sequence[str] = ()
    apart: bool = False
    """Whether they were marked as different people (`services.suspects`)."""


def matches(session: Session) -> list[Match]:
    """People whose numbers have the same first 18 characters, people merged into each other, and rows with the same natural key."""
    found = people_matched(session)
    for kind in KINDS.values():
        if kind.key:
            found += _rows(session, kind)
    return found


def people_matched(session: Session) -> list[Match]:
    """Those of `matches` that are people."""
    return [_match(people) for people in same_people(session, MAX_MATCHES)]


def same_people(session: Session, most: int | None = None) -> list[list[Person]]:
    """The records of people whose numbers have the same first 18 characters, the earliest first, and those merged into each other; at
    most so many of both."""
    same: dict[str, list[Person]] = {tail: [] for tail in _tails(session, most)}
    people = session.select(Person, stands(), id_tail=same, order=("created_at", "id"))
    tails = session.column("person", "id_tail", [person.id for person in people])
    for person in people:
        same[tails[person.id]].append(person)
    return [*same.values(), *_merge_cycles(session, most)]


def _tails(session: Session, most: int | None) -> list[str]:
    t = table("person")
    alive = (t.c.deleted_at.is_(None), stands(), t.c.id_tail.is_not(None), func.length(t.c.id_tail) >= 15)
    query = select(t.c.id_tail).where(*alive).group_by(t.c.id_tail).having(func.count() > 1).order_by(t.c.id_tail).limit(most)
    return list(session.conn.execute(query).scalars())


def _merge_cycles(session: Session, most: int | None) -> list[list[Person]]:
    """People who are merged into each other, the one that lists show first."""
    one, other = table("person"), table("person").alias("other")
    mutual = other.c.merged_into == one.c.id, one.c.merged_into == other.c.id, one.c.id < other.c.id
    pairs = select(one.c.id, other.c.id).where(*mutual, one.c.deleted_at.is_(None), other.c.deleted_at.is_(None)).limit(most)
    return [[session.existing(Person, id) for id in pair] for pair in session.conn.execute(pairs).all()]


def _match(people: Sequence[Any]) -> Match:
    number = people[0].shown("id_number")
    return Match("person", number, [Twin(p.id, p.name, p.village, p.created_by, p.created_at) for p in people])


def _no_correction(kind: Kind) -> list[ColumnElement[bool]]:
    """An additional condition for append-only kinds: payments of one month without a negative correction, which were probably entered
    twice."""
    return [func.min(table(kind).c.amount) >= 0] if kind.append_only else []


def _rows(session: Session, kind: Kind) -> list[Match]:
    t = table(kind)
    key = [t.c[name] for name in kind.key]
    first, *others = key
    groups = (  # grouped in the order of the index by reference, which holds `deleted_at`, so that nothing is sorted
        select(*key)
        .where(func.coalesce(t.c.deleted_at, "") == "")
        .group_by(first, t.c.deleted_at, *others)
        .having(func.count() > 1, *_no_correction(kind))
        .order_by(*key)
        .limit(MAX_MATCHES)
    )
    found = []
    for values in session.conn.execute(groups).all():
        rows = session.select(kind, order=("created_at", "id"), **dict(zip(kind.key, values, strict=True)))
        named = titles(session, kind.name, [row.id for row in rows])
        found.append(Match(kind.name, "", [Twin(r.id, named.get(r.id, ""), r.village, r.created_by, r.created_at) for r in rows]))
    return found


def merge(session: Session, id: str, into: str, *, compared: bool = False) -> str:
    """Merge a person into another one, who is the same; returns the id that now stands for both. Whoever was merged into that person
    keeps the reference, so that `unmerge` restores what was before.

    Two different valid numbers are refused, unless somebody has `compared` the records and knows that it is one person; then one number is
    another person's and cannot be corrected to a number in use. Raises `NotFound`, `Refused` or `DomainError`.
    """
    one, other = _living(session, id), _living(session, root(session, into))
    if other.id == root(session, one.id) and other.merged_into:  # a cycle: two laptops merged in opposite directions
        changes.update(session, "person", other.id, {"merged_into": None})
        return str(other.id)
    if not session.may_write(one.village):
        raise Refused(_("要合并的那一条不归本站，请由它所在的村或上级来合并。"))
    _check(one, other, compared=compared)
    changes.update(session, "person", one.id, {"merged_into": other.id})
    return str(other.id)


def check_merge(session: Session, id: str, into: str) -> None:
    """Raise `DomainError` where two people on record may not be merged by `merge`. Does nothing if one of them is not on record."""
    one, other = session.get(Person, id), session.get(Person, root(session, into))
    if one is not None and other is not None:
        _check(one, other, compared=False)


def end_of_chain(session: Session, id: str, more: Mapping[str, str]) -> str:
    """As `root`, with merges that are not on record yet (`more`: id → into)."""
    end, seen = root(session, id), set[str]()
    while end in more and end not in seen:
        seen.add(end)
        end = root(session, more[end])
    return end


def _check(one: Any, other: Any, *, compared: bool) -> None:
    if one.id == other.id:
        raise DomainError(_("这两条已经是同一个人了。"))
    if not compared and is_valid(one.id_number) and is_valid(other.id_number) and id18(one.id_number) != id18(other.id_number):
        raise DomainError(_("两条的证件号码都正确而且不同，不是同一个人。"))


def unmerge(session: Session, id: str) -> str:
    """Undo a merge; returns the id of the person it pointed at. Raises `NotFound`, `Refused` or `DomainError`."""
    one = _living(session, id)
    if not one.merged_into:
        raise DomainError(_("这一条没有并入别的记录。"))
    if not session.may_write(one.village):
        raise Refused(_("这一条不归本站，请由它所在的村或上级来取消合并。"))
    changes.update(session, "person", id, {"merged_into": None})
    return str(one.merged_into)


def _living(session: Session, id: str) -> Any:
    return session.existing(Person, id, _("没有这个人，或已被删除：{id}").format(id=id))


def is_valid(number: str) -> bool:
    """Whether a number is a citizen's and its check character is right."""
    return len(id18(number)) == 18 and id_problem(id18(number)) is None


@dataclass(frozen=True)
class Merged:
    """A person merged into another, which can be undone."""

    id: str
    title: str
    village: str
    into: str
    """Name of the person it was merged into."""


def merged(session: Session) -> list[Merged]:
    """The people merged into others, by name."""
    people = session.select(Person, table("person").c.merged_into.is_not(None), order=("name", "id"), limit=MAX_MATCHES)
    names = titles(session, "person", [person.merged_into for person in people if person.merged_into])
    return [Merged(p.id, p.name, p.village, names.get(p.merged_into or "", "")) for p in people]

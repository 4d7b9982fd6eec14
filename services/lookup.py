"""Lookup of records by name while the user types in a form: a person, a household, an employer, a spell of work."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, func, select, true

from db.mapping import table
from db.merged import stands
from db.search import conditions, naming_field
from db.session import Session
from domain.fields import Kind, kind_of
from domain.identity import age_on
from domain.records import Household, Person
from domain.words import _
from services.lists.titles import owner_field, titles
from services.records import duplicates
from services.search import distinguishing, search


@dataclass(frozen=True)
class LookupResult:
    """A match: its title, and the detail that tells it from others of the same name."""

    id: str
    title: str
    detail: str = ""


def find(session: Session, kind: str, text: str, limit: int = 8) -> list[LookupResult]:
    """Records of `kind` that match `text`, the best first. Kinds without a name of their own are found by the name of their owner. Without
    a text: the newest of a kind with a name, but no people and no households."""
    if not text.strip() and (kind in ("person", "household") or naming_field(kind_of(kind)) is None):
        return []
    if kind == "household":
        return find_households(session, text, limit)
    if kind == "person":
        hits = search(session, text, limit * 2)
        return [LookupResult(hit.id, hit.title, hit.detail) for hit in hits if hit.kind == "person"][:limit]
    declared = kind_of(kind)
    t = table(declared)
    rows: dict[str, RowMapping] = {}
    for condition in (
        (conditions(declared, text) or _by_owner(session, declared, text)) if text.strip() else [true()]
    ):  # names that begin with it, then that contain it
        if len(rows) < limit:
            query = select(t).where(condition, t.c.deleted_at.is_(None)).order_by(t.c.id.desc()).limit(limit)
            for row in session.conn.execute(query).mappings():
                rows.setdefault(row["id"], row)
    named = titles(session, declared, list(rows))
    return [LookupResult(id, named[id], "　".join(distinguishing(declared, row))) for id, row in rows.items()][:limit]


def title_of(session: Session, kind: str, id: str) -> str:
    """The title of a record; "" when it does not exist."""
    return titles(session, kind, [id]).get(id, "")


def find_households(session: Session, text: str, limit: int = 8) -> list[LookupResult]:
    """Households found by the name, pinyin or initials of their head or a member, by their number or by their group, in that order. A
    member by whom one was found is named."""
    h, p = table("household"), table("person")
    words = text.strip()
    if not words:
        return []
    people = {hit.id: hit.title for hit in search(session, words, limit * 3) if hit.kind == "person"}
    queries: list[Select[Any]] = [
        select(h.c.id).where(h.c.head_id.in_(people)),
        select(p.c.household_id).where(p.c.id.in_(people)),
        *([select(h.c.id).where(h.c.number.contains(words, autoescape=True))] if any(map(str.isdigit, words)) else []),
        *(select(h.c.id).where(condition) for condition in conditions(kind_of("household"), words)),
    ]
    found: dict[str, None] = {}
    for query in queries:
        if len(found) < limit:
            found |= dict.fromkeys(id for id in session.conn.execute(query.limit(limit)).scalars() if id)
    at = session.conn.execute(select(p.c.household_id, p.c.id).where(p.c.id.in_(people)))
    members = {home: people[id] for home, id in at}
    return [_with_member(one, members.get(one.id, "")) for one in describe_households(session, list(found))][:limit]


def _with_member(home: LookupResult, name: str) -> LookupResult:
    if not name or home.title.startswith(name):
        return home
    return LookupResult(home.id, home.title, "　".join((_("家里有{name}").format(name=name), home.detail)))


def describe_households(session: Session, ids: Sequence[str]) -> list[LookupResult]:
    """Households in the order of `ids`, with the details that tell them apart: group or address, number of people, household number."""
    h, p = table("household"), table("person")
    named = titles(session, "household", ids)
    of_house = (p.c.household_id == h.c.id, p.c.deleted_at.is_(None), stands())
    members = select(func.count()).where(*of_house).scalar_subquery()
    query = select(h.c.id, h.c.number, h.c.group, h.c.address, members.label("members")).where(h.c.id.in_(ids), h.c.deleted_at.is_(None))
    rows = {row["id"]: row for row in session.conn.execute(query).mappings()}
    return [LookupResult(id, named.get(id, ""), _of_household(rows[id], named.get(id, ""))) for id in ids if id in rows]


def _of_household(row: RowMapping, title: str) -> str:
    """A household without a head is called by its number, which is not repeated."""
    parts = (row["group"] or row["address"] or "", _("{n} 口人").format(n=row["members"]), row["number"] or "")
    return "　".join(part for part in parts if part and part != title)


def village_groups(session: Session) -> list[tuple[str, int]]:
    """Village groups with their number of households, in natural order (2组 before 10组)."""
    h = table("household")
    query = select(h.c.group, func.count()).where(h.c.deleted_at.is_(None), h.c.group.is_not(None)).group_by(h.c.group)
    counted = [(str(name), int(households)) for name, households in session.conn.execute(query)]
    return sorted(counted, key=lambda one: [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", one[0])])


def head_of(session: Session, household_id: str) -> str:
    """Id of the person to show for a household: its head, else its first member; "" when it has none."""
    household = session.get(Household, household_id)
    if household is not None and household.head_id and session.get(Person, household.head_id) is not None:
        return str(household.head_id)
    members = session.select(Person, stands(), household_id=household_id, limit=1)
    return str(members[0].id) if members else ""


def same_number(session: Session, id_number: str) -> list[LookupResult]:
    """People already registered with this ID number."""
    people = duplicates(session, id_number)
    homes = _homes(session, people)
    sex = kind_of("person").by_name["sex"]
    found = []
    for p in people:
        age = _("{n} 岁").format(n=age_on(p.birth, session.today)) if p.birth else ""
        parts = (sex.show(p.sex), age, homes.get(p.household_id or "", ""))
        found.append(LookupResult(p.id, p.name, "　".join(part for part in parts if part)))
    return found


def _homes(session: Session, people: Sequence[Person]) -> dict[str, str]:
    """Titles of the households of people, by id."""
    return {one.id: one.title for one in describe_households(session, [p.household_id for p in people if p.household_id])}


def same_account(session: Session, account: str) -> list[LookupResult]:
    """People already registered with this bank account, the earliest first."""
    people = session.select(Person, stands(), bank_account=account, order=("created_at", "id"))
    homes = _homes(session, people)
    return [LookupResult(p.id, p.name, homes.get(p.household_id or "", "")) for p in people]


def _by_owner(session: Session, kind: Kind, text: str) -> list[ColumnElement[bool]]:
    owner = owner_field(kind)
    if owner is None:
        return []
    ids = [one.id for one in find(session, str(kind.by_name[owner].ref), text, 20)]
    return [table(kind).c[owner].in_(ids)]

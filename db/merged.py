"""Follows `merged_into`, the reference from a duplicate person to the record that replaces it. Merged people do not count in lists,
searches and figures."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, exists, func, or_, select

from db.among import among
from db.mapping import table
from db.session import Session
from domain.records import Person

_CHAIN = 20
"""The longest chain of references followed; a longer one is a cycle that two laptops created without knowing of each other."""


def stands() -> ColumnElement[bool]:
    """Condition on people: not merged into anybody on record here; of two merged into each other, the one that `root` names.

    A township merges people of two villages, and one village does not read the other's records; the other person may also have been deleted
    since.
    """
    p, other = table("person"), table("person").alias("other")
    there = other.c.id == p.c.merged_into, other.c.deleted_at.is_(None)
    taken = exists().where(*there, or_(func.coalesce(other.c.merged_into, "") != p.c.id, p.c.id > other.c.id))
    return or_(p.c.merged_into.is_(None), p.c.merged_into == "", ~taken)


def root(session: Session, id: str) -> str:
    """The id of the person that replaces this one, at the end of the chain of references; its own id if it was not merged."""
    t = table("person")
    seen = [id]
    while len(seen) <= _CHAIN:
        further = session.conn.execute(select(t.c.merged_into).where(t.c.id == seen[-1])).scalar()
        if not further or session.get(Person, further) is None:
            return seen[-1]
        if further in seen:
            return min(seen[seen.index(further) :])  # a cycle: the same member, wherever the search begins
        seen.append(further)
    return seen[-1]


def selves(session: Session, id: str) -> list[str]:
    """A person's id and those of the records merged into it, directly or indirectly."""
    return list(counted_for(session, [id]))


def counted_for(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """Map these people, and the records merged into them, to the one of `ids` for which each counts."""
    p = table("person")
    whose = {id: id for id in ids}
    waiting = list(whose)
    while waiting:
        query = select(p.c.id, p.c.merged_into).where(among(p.c.merged_into, waiting), p.c.deleted_at.is_(None))
        rows = session.conn.execute(query.order_by(p.c.id)).all()
        more = {row.id: whose[row.merged_into] for row in rows if row.id not in whose}
        whose |= more
        waiting = list(more)
    return whose

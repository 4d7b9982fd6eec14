"""Follows `merged_into`, the reference from a duplicate person to the record that replaces it. Merged people do not count in lists,
searches and figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, or_, select, union_all

from db.among import among_bound
from db.mapping import table
from db.prepared import Prepared
from db.session import Session

_OTHER = table("person").alias("other")
_INTO = Prepared(
    select(table("person").c.id, table("person").c.merged_into)
    .join(_OTHER, _OTHER.c.id == table("person").c.merged_into)
    .where(among_bound(table("person").c.id, "ids"), _OTHER.c.deleted_at.is_(None))
)
_FROM = Prepared(
    select(table("person").c.id, table("person").c.merged_into)
    .where(among_bound(table("person").c.merged_into, "ids"), table("person").c.deleted_at.is_(None))
    .order_by(table("person").c.id)
)


def stands(person: Any = None) -> ColumnElement[bool]:
    """Condition on people: not merged into anybody on record here; of a cycle of people merged into each other, the one that `root` names.

    A township merges people of two villages, and one village does not read the other's records; the other person may also have been deleted
    since. `person`: an alias of the table.
    """
    return _of_the_table() if person is None else _stands(person)


@cache
def _of_the_table() -> ColumnElement[bool]:
    return _stands(table("person"))  # made once: it takes as long as the query it is part of


def _stands(p: Any) -> ColumnElement[bool]:
    other, further = table("person").alias("other"), table("person").alias("further")
    there = select(other.c.id).where(other.c.id == p.c.merged_into, other.c.deleted_at.is_(None)).correlate(p)
    chain = there.cte("followed", recursive=True, nesting=True)
    step = select(further.c.id).join_from(chain, other, other.c.id == chain.c.id)
    chain = chain.union(step.join(further, and_(further.c.id == other.c.merged_into, further.c.deleted_at.is_(None))))
    first = select(func.min(chain.c.id)).correlate(p).scalar_subquery()  # in a cycle, it leads to each of its members
    return or_(p.c.merged_into.is_(None), p.c.merged_into == "", ~there.exists(), p.c.id == first)


def root(session: Session, id: str) -> str:
    """The id of the person that replaces this one, at the end of the chain of references; its own id if it was not merged."""
    return roots(session, [id])[id]


def roots(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """For each of these people the `root`."""
    wanted, into = list(ids), dict[str, str]()
    new = set(wanted)
    while new:
        rows = _INTO.all(session.conn, ids=list(new))
        into |= {row.id: row.merged_into for row in rows}
        new = {row.merged_into for row in rows} - into.keys()
    return {id: _end(id, into) for id in wanted}


def _end(id: str, into: Mapping[str, str]) -> str:
    seen = [id]
    while further := into.get(seen[-1]):
        if further in seen:  # a cycle, made by two laptops: the same member, wherever the search begins
            return min(seen[seen.index(further) :])
        seen.append(further)
    return seen[-1]


def replaced() -> Subquery:
    """As `roots`, for a query: `id` of each merged person, and `into`, the one that replaces it."""
    chain, last = _chains(), table("person").alias("last")
    return select(chain).join(last, last.c.id == chain.c.into).where(last.c.deleted_at.is_(None), stands(last)).subquery()


def _chains() -> Any:
    """Each merged person `id` with everybody it was merged `into`, directly or through others. A cycle ends, because the recursive union
    drops duplicates."""
    p = table("person")
    chain = select(p.c.id, p.c.merged_into.label("into")).where(p.c.merged_into > "", p.c.deleted_at.is_(None)).cte(recursive=True)
    further = select(chain.c.id, p.c.merged_into).join(p, p.c.id == chain.c.into).where(p.c.merged_into > "", p.c.deleted_at.is_(None))
    return chain.union(further)


def owned(*members: Select[Any]) -> Any:
    """The rows of people (`id`), repeated under the id of every record their person was merged into, directly or through others."""
    merged, rows = _chains(), union_all(*members).cte()
    again = [merged.c.into.label("id"), *(column for column in rows.c if column.name != "id")]
    return union_all(select(rows), select(*again).join_from(rows, merged, merged.c.id == rows.c.id))


def with_owners(people: Select[Any]) -> Select[Any]:
    """Ids of those people and of the records they were merged into."""
    return select(owned(people).subquery().c.id)


def any_merged(session: Session) -> bool:
    """Whether any person was merged into another. Where nobody was, which is usual, long lists need no recursive query.

    `>` can use an index; `!=` would scan the table.
    """
    p = table("person")
    return session.conn.execute(select(p.c.id).where(p.c.merged_into > "").limit(1)).first() is not None


def selves(session: Session, id: str) -> list[str]:
    """A person's id and those of the records merged into it, directly or indirectly."""
    return list(counted_for(session, [id]))


def counted_for(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """Map these people, and the records merged into them, to the one of `ids` for which each counts."""
    whose = {id: id for id in ids}
    waiting = list(whose)
    while waiting:
        rows = _FROM.all(session.conn, ids=waiting)
        more = {row.id: whose[row.merged_into] for row in rows if row.id not in whose}
        whose |= more
        waiting = list(more)
    return whose

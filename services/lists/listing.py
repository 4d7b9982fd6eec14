"""Lists of records of any kind and length: sorted and filtered in SQL, with the rows as masked text.

    query = Query("person", (Filter("monitored"), Filter("group", "=", "3组")), order="age")
    all_ids = ids(session, query)                  # when a filter changes
    rows(session, "person", all_ids[400:440])      # when the list is scrolled

Conditions on the record's own columns are answered from covering indexes. A condition on another table (`monitored`, `working`) yields a
set of ids, and Python intersects the sets: several times faster than a join over 100 000 encrypted rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, union_all

from db import search
from db.among import among
from db.mapping import record_columns, table, to_records
from db.merged import any_merged, stands
from db.session import Session
from domain.errors import DomainError
from domain.fields import Kind, kind_of
from domain.words import _
from services.lists.columns import Column, all_columns, cells, columns
from services.lists.filters import Filter, Parts, condition, holding, quick_filters

__all__ = ["Column", "Filter", "Query", "Row", "all_columns", "columns", "count", "first_ids", "ids", "quick_filters", "rows"]

FEW = 10_000
"""Up to this number of matches only the matches are sorted; beyond it the whole table is read in order and the rest dropped."""
_DATES = ("on", "start", "month", "opened_on", "found_on", "applied_on", "paid_on", "year")


@dataclass(frozen=True)
class Query:
    """The filters and order of a list. `order`: a column's name or `pinyin`; `on`: the day people's status refers to, today when empty."""

    kind: str
    filters: tuple[Filter, ...] = ()
    text: str = ""
    order: str = ""
    descending: bool = False
    on: str = ""


@dataclass(frozen=True)
class Row:
    """One record as shown; `cells` in the order of the requested columns."""

    id: str
    cells: tuple[str, ...]


def _parts(session: Session, query: Query) -> Parts:
    kind = kind_of(query.kind)
    t = table(kind)
    parts = Parts([t.c.deleted_at.is_(None)], [], [])
    for wanted in query.filters:
        more = condition(session, kind, wanted, query.on or session.today)
        parts.own.extend(more.own)
        parts.within.extend(more.within)
        parts.without.extend(more.without)
    if query.text.strip():
        parts.text.extend(holding(kind, query.text))
    if kind.name == "person":
        parts.own.append(stands() if any_merged(session) else func.coalesce(t.c.merged_into, "") == "")
    return parts


# -- order -----------------------------------------------------------------------------------------------------------------


def _ordered(kind: Kind, query: Query, *, all_read: bool = False) -> Select[Any]:
    """Ids of the whole table in the order of the query. `all_read`: no limit is set, so that every row is read in any case."""
    t = table(kind)
    if kind.name == "person" and query.order == "group":
        h = table("household")
        keys: tuple[ColumnElement[Any], ...] = (h.c.group, h.c.id, t.c.id)
        joined = select(t.c.id).select_from(h.join(t, t.c.household_id == h.c.id)).where(h.c.deleted_at.is_(None))
        return joined.order_by(*(key.desc() if query.descending else key for key in keys))
    column, descending = _order(kind, query)
    id: ColumnElement[str] = t.c.id
    if all_read and (column is t.c.id or any(wanted.name == column.name for wanted in query.filters)):
        id = func.coalesce(t.c.id, "")  # only ids order the rows: SQLite would follow their index and read every row at random
    keys = (id if column is t.c.id else column, id)
    return select(t.c.id).order_by(*(key.desc() if descending else key for key in keys))


def _order(kind: Kind, query: Query) -> tuple[ColumnElement[Any], bool]:
    """The column a list is ordered by, and whether descending."""
    t = table(kind)
    name, descending = query.order, query.descending
    if not name:
        name = "pinyin" if "pinyin" in t.c else next((d for d in _DATES if d in kind.by_name), "id")
        descending = descending != (name in _DATES)
    if kind.name == "person" and name == "age":
        name, descending = "birth", not descending
    if name not in t.c:
        raise DomainError(_("不能按「{name}」排序").format(name=name))
    return t.c["pinyin" if name in kind.title and "pinyin" in t.c else name], descending


def _matching(kind: Kind, query: Query, parts: Parts) -> Select[Any]:
    """Ids of the text matches, in order, possibly repeated. The look-ups take the sort key from their index, so no record is read."""
    column, descending = _order(kind, query)
    ranked = _ranked(kind, query)
    look_ups = (
        members.add_columns(literal(rank if ranked else 0).label("rank"), column.label("place")).where(*parts.own)
        for rank, members in enumerate(parts.text)
    )
    found = union_all(*look_ups).subquery()
    keys = (found.c.place, found.c.id)
    return select(found.c.id).order_by(found.c.rank, *(key.desc() if descending else key for key in keys))


def _ranked(kind: Kind, query: Query) -> bool:
    """Whether text matches are ranked as in the search box, names starting with the text first: in lists of names in default order."""
    return not query.order and not query.descending and "pinyin" in table(kind).c


# -- results -----------------------------------------------------------------------------------------------------------------


def ids(session: Session, query: Query) -> Sequence[str]:
    """Ids of every record of the list, in order. Called once per change of filter or order."""
    kind = kind_of(query.kind)
    parts = _parts(session, query)
    found = _searched(session, kind, query, parts) if parts.text and query.order != "group" else _walked(session, kind, query, parts)
    for members in parts.without:
        if unwanted := set(_id_list(session, members)):
            found = [id for id in found if id not in unwanted]
    return found


def _searched(session: Session, kind: Kind, query: Query, parts: Parts) -> Sequence[str]:
    """The ids found by the look-ups of the search text."""
    found: Sequence[str] = list(dict.fromkeys(_id_list(session, _matching(kind, query, parts))))
    for wanted in _sets(session, parts.within):
        found = [id for id in found if id in wanted]
    return found


def _walked(session: Session, kind: Kind, query: Query, parts: Parts) -> Sequence[str]:
    """The ids found by reading the table in order or, for few matches, by sorting those alone."""
    sets = _sets(session, [*parts.within, parts.text] if query.text.strip() else parts.within)
    wanted = frozenset.intersection(*sets) if sets else None
    few = wanted is not None and len(wanted) <= FEW
    own = [*parts.own, table(kind).c.id.in_(wanted)] if wanted is not None and few else parts.own
    found = _id_list(session, _ordered(kind, query, all_read=True).where(*own))
    if query.order == "group":  # people of no household come last
        grouped = set(found)
        others = _id_list(session, _ordered(kind, replace(query, order="")).where(*own))
        found = [*found, *(id for id in others if id not in grouped)]
    return found if wanted is None or few else [id for id in found if id in wanted]


def _sets(session: Session, within: Sequence[Sequence[Select[Any]]]) -> list[frozenset[str]]:
    return [frozenset(id for members in anyone for id in _id_list(session, members)) for anyone in within]


def first_ids(session: Session, query: Query, number: int) -> Sequence[str] | None:
    """The first `number` ids of the list, quickly whatever its length; None where that takes the whole list."""
    kind = kind_of(query.kind)
    parts = _parts(session, query)
    if query.order == "group" or parts.within:
        return None
    if query.text.strip():
        return _first_found(session, kind, query, parts, number)
    excluded = (~_among(kind, members) for members in parts.without)
    return list(session.conn.execute(_ordered(kind, query).where(*parts.own, *excluded).limit(number)).scalars())


def _among(kind: Kind, members: Select[Any]) -> ColumnElement[bool]:
    """Condition: the record's id is one of `members`, as a correlated subquery."""
    listed = members.subquery()
    return select(listed.c.id).where(listed.c.id == table(kind).c.id).exists()


def _first_found(session: Session, kind: Kind, query: Query, parts: Parts, number: int) -> Sequence[str] | None:
    """The first `number` text matches, where enough names start with the text; None otherwise."""
    if not _ranked(kind, query) or parts.without:
        return None
    found: dict[str, None] = {}
    for members in parts.text[: len(search.look_ups(kind, query.text))]:
        some = _matching(kind, query, replace(parts, text=[members])).limit(number)
        found |= dict.fromkeys(session.conn.execute(some).scalars())
        if len(found) >= number:
            return list(found)[:number]
    return None


def count(session: Session, query: Query) -> int:
    """The number of records in the list."""
    kind = kind_of(query.kind)
    parts = _parts(session, query)
    if query.text.strip() or parts.within or parts.without:
        return len(ids(session, query))
    return session.conn.execute(select(func.count()).select_from(table(kind)).where(*parts.own)).scalar_one()


def _id_list(session: Session, query: Select[Any]) -> Sequence[str]:
    """The ids a select yields, in order."""
    if session.conn.dialect.name != "sqlite":
        return list(session.conn.execute(query).scalars())
    # one concatenated text: fetching a hundred thousand rows takes ten times as long
    listed = query.subquery()
    text = session.conn.execute(select(func.group_concat(listed.c[0]))).scalar()
    return text.split(",") if text else []


def rows(session: Session, kind: str, ids: Sequence[str], *, shown: Sequence[str] = (), on: str = "") -> list[Row]:
    """The rows of these records, in that order; records that no longer exist are left out.

    `shown`: names of the columns, the default ones when empty; `on`: as in `Query`.
    """
    declared = kind_of(kind)
    found = to_records(declared, session.conn.execute(select(*record_columns(declared)).where(among(table(declared).c.id, ids))))
    by_id = {record.id: record for record in found}
    records = [by_id[id] for id in ids if id in by_id]
    names = tuple(shown) or tuple(column.name for column in columns(declared, session.scope))
    return [
        Row(record.id, line) for record, line in zip(records, cells(session, declared, records, names, on or session.today), strict=True)
    ]

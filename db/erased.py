"""Rows whose personal values were erased by rule: by which entry of which log, and the values put in their place."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, Index, select

from db.mapping import program_table, table

erased = program_table("erased", "scope! kind:int! row_id! seq:big at reason fields")
"""`fields`: the replacement values (stored form) by field number, as JSON. A row that has moved has a line in each log."""
Index("ix_erased_row", erased.c.row_id)


def rows(conn: Connection) -> frozenset[str]:
    """The ids of every row whose values were erased: people and the records that belong to them. No task remains for these."""
    return frozenset(conn.execute(select(erased.c.row_id)).scalars())


def kept() -> ColumnElement[bool]:
    """Condition on people: not erased by rule."""
    return table("person").c.id.not_in(select(erased.c.row_id))


def among(conn: Connection, ids: Iterable[str]) -> bool:
    """Whether one of these rows was erased."""
    return conn.execute(select(erased.c.row_id).where(erased.c.row_id.in_(sorted(set(ids)))).limit(1)).first() is not None

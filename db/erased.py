"""Rows whose personal values were erased by rule: by which entry of which log, and the values put in their place."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, Index, select

from db.among import among
from db.mapping import program_table, table
from domain.errors import DomainError
from domain.words import _

erased = program_table("erased", "scope! kind:int! row_id! seq:big at reason fields")
"""`fields`: the replacement values (stored form) by field number, as JSON. A row that has moved has a line in each log."""
Index("ix_erased_row", erased.c.row_id)


def rows(conn: Connection) -> frozenset[str]:
    """The ids of every row whose values were erased: people and the records that belong to them. No task remains for these."""
    return frozenset(conn.execute(select(erased.c.row_id)).scalars())


def kept() -> ColumnElement[bool]:
    """Condition on people: not erased by rule."""
    return table("person").c.id.not_in(select(erased.c.row_id))


def found(conn: Connection, rows: Iterable[tuple[int, str]]) -> frozenset[tuple[int, str]]:
    """Which of these rows, given as number of the kind and id, were erased."""
    asked = frozenset(rows)
    lines = conn.execute(select(erased.c.kind, erased.c.row_id).where(among(erased.c.row_id, {id for _kind, id in asked})))
    return asked & {(line.kind, line.row_id) for line in lines}


def refuse(conn: Connection, rows: Iterable[tuple[int, str]]) -> None:
    """Raise `DomainError` if one of these rows was erased: nothing more is written about it, because the county would keep it for good."""
    if found(conn, rows):
        raise DomainError(sentence())


def sentence() -> str:
    """Why nothing is written about an erased row."""
    return _("这个人（或这一户）的个人信息已按规定删除，留下的账目只供查阅，不能再改，也不能再登记新的。住进这一户的人，请另立一户。")

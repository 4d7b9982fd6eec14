"""Long lists in parts, because a database limits the number of parameters of one statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select

_T = TypeVar("_T")


def chunks(items: Iterable[_T], size: int = 500) -> Iterator[list[_T]]:
    """`items` in lists of at most `size`, read as they are asked for."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part


def rows_among(conn: Connection, query: Select[Any], column: ColumnElement[Any], values: Iterable[Any], size: int = 500) -> Iterator[Any]:
    """The rows of a query whose `column` holds one of `values`, of which there may be many; in the query's order only within a part."""
    for part in chunks(values, size):
        yield from conn.execute(query.where(column.in_(part)))

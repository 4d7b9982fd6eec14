"""Statements that run so often that SQLAlchemy's overhead matters: it turns a look-up of 3 microseconds into one of 30.

They are compiled once for each database and then given to its driver. Rows are named tuples of stored values.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import Executable
from sqlalchemy.sql.compiler import SQLCompiler

_PARTS = count()
"""Numbers cursors that are open at once."""


@dataclass(frozen=True)
class _Compiled:
    text: str
    names: tuple[str, ...]
    """Of the parameters in their order; empty where they are given by name."""
    fixed: Mapping[str, Any]
    """The values that stand in the statement itself."""
    bound: Mapping[str, Callable[[Any], Any]]
    """How values are given to the driver that it does not take as they are."""
    row: Callable[[Any], Any]

    def parameters(self, values: Mapping[str, Any]) -> Any:
        """The parameters as the driver takes them."""
        given = {**self.fixed, **values} if self.fixed else dict(values)
        for name, process in self.bound.items():
            given[name] = process(given[name])
        return tuple(map(given.__getitem__, self.names)) if self.names else given


def run_many(conn: Connection, text: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run one statement, given as the driver takes it, for many rows."""
    driver: Any = conn.connection.driver_connection
    try:
        driver.cursor().executemany(text, rows)
    except conn.dialect.loaded_dbapi.Error as error:
        raise _told(conn, text, error) from error


def _told(conn: Connection, text: str, error: Exception) -> BaseException:
    """The error as SQLAlchemy has it, without the values."""
    return DBAPIError.instance(text, None, error, conn.dialect.loaded_dbapi.Error, hide_parameters=True)


class Prepared:
    """A statement. Everything in it that varies is a `bindparam`, or a column of an insert. Errors are those SQLAlchemy raises."""

    def __init__(self, statement: Executable, row: type[tuple[Any, ...]] | None = None) -> None:
        """`row`: what rows are, other than tuples named after the columns."""
        self._statement = statement
        self._row = row
        self._compiled: dict[str, _Compiled] = {}

    def all(self, conn: Connection, /, **values: Any) -> list[Any]:
        """The rows."""
        compiled, cursor = self._said(conn, values)
        return list(map(compiled.row, cursor.fetchall()))

    def first(self, conn: Connection, /, **values: Any) -> Any:
        """The first row, or None."""
        compiled, cursor = self._said(conn, values)
        found = cursor.fetchone()
        return None if found is None else compiled.row(found)

    def value(self, conn: Connection, /, **values: Any) -> Any:
        """The first value of the first row, or None."""
        found = self._said(conn, values)[1].fetchone()
        return None if found is None else found[0]

    def values(self, conn: Connection, /, **values: Any) -> list[Any]:
        """The first value of every row."""
        return [row[0] for row in self._said(conn, values)[1].fetchall()]

    def parts(self, conn: Connection, size: int, /, **values: Any) -> Iterator[list[Any]]:
        """The rows, so many at a time; no more of them are held in memory."""
        driver: Any = conn.connection.driver_connection
        # a cursor of PostgreSQL's that has no name fetches everything at once
        with closing(driver.cursor(**({"name": f"parts{next(_PARTS)}"} if conn.dialect.name == "postgresql" else {}))) as cursor:
            compiled, _cursor = self._said(conn, values, cursor)
            while some := cursor.fetchmany(size):
                yield list(map(compiled.row, some))

    def run(self, conn: Connection, /, **values: Any) -> int:
        """Run it; answers how many rows it changed."""
        return int(self._said(conn, values)[1].rowcount)

    def _said(self, conn: Connection, values: Mapping[str, Any], by: Any = None) -> tuple[_Compiled, Any]:
        compiled = self._compiled.get(conn.dialect.name) or self._compile(conn.dialect)
        driver: Any = conn.connection.driver_connection if by is None else by
        try:
            return compiled, driver.execute(compiled.text, compiled.parameters(values))
        except conn.dialect.loaded_dbapi.Error as error:
            raise _told(conn, compiled.text, error) from error

    def _compile(self, dialect: Dialect) -> _Compiled:
        compiled = self._statement.compile(dialect=dialect)  # type: ignore[attr-defined]  # what is executable compiles
        assert isinstance(compiled, SQLCompiler)
        types = {name: compiled.binds[name].type.dialect_impl(dialect) for name in compiled.params}
        bound = {name: process for name, of in types.items() if (process := of.bind_processor(dialect)) is not None}
        names = tuple(compiled.positiontup or ()) if compiled.positional else ()
        fixed = {name: value for name, value in compiled.params.items() if value is not None}
        of = self._row or _named(self._statement)
        row = tuple if of is tuple else partial(tuple.__new__, of)  # a named tuple's own way to be made takes twice as long
        made = self._compiled[dialect.name] = _Compiled(compiled.string, names, fixed, bound, row)
        return made


def _named(statement: Executable) -> type[tuple[Any, ...]]:
    columns = getattr(statement, "selected_columns", None)
    if columns is None:
        return tuple
    return namedtuple("Row", columns.keys(), rename=True)

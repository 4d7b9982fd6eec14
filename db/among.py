"""The condition "column is one of these values" with a single bound parameter, however long the list. `IN` makes a different statement
for each number of values, and fails beyond the database's limit of parameters."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Dialect, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class _List(TypeDecorator[Any]):
    """A list of strings or integers: an array on PostgreSQL, JSON on SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, of: TypeEngine[Any]) -> None:
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(self.of) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return value if dialect.name == "postgresql" else json.dumps(value)


@cache
def _list(of: TypeEngine[Any]) -> _List:
    return _List(of)  # shared by all statements: SQLAlchemy works out the dialect's type once per instance


class _Among(FunctionElement[bool]):
    inherit_cache = True  # no boolean type: SQLite would compare it with 1 and use no index


def among(column: ColumnElement[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """Whether a column is one of these values, however many. Each row comes once, in the order the query asks for."""
    return _Among(column, bindparam(None, list(values), type_=_list(column.type), unique=True))


def among_bound(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """As `among`, with the list bound as parameter `name` when the statement is run."""
    return _Among(column, bindparam(name, type_=_list(column.type)))


@compiles(_Among)
def _among(element: _Among, compiler: Any, **options: Any) -> str:
    column, values = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} = ANY({values})" if compiler.dialect.name == "postgresql" else f"{column} IN (SELECT value FROM json_each({values}))"

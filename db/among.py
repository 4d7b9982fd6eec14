"""A condition "column among these values" that is one statement whatever their number, where `IN` is another statement for each number."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Dialect, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class _Texts(TypeDecorator[Any]):
    """A list of texts: an array on PostgreSQL, JSON on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(Text()) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return value if dialect.name == "postgresql" else json.dumps(value)


class _Among(FunctionElement[bool]):
    inherit_cache = True  # and no type: a truth would be compared with 1 on SQLite, and no index be used


def among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Whether a column of texts is among those bound as `name`."""
    return _Among(column, bindparam(name, type_=_Texts()))


@compiles(_Among)
def _among(element: _Among, compiler: Any, **options: Any) -> str:
    column, values = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} = ANY({values})" if compiler.dialect.name == "postgresql" else f"{column} IN (SELECT value FROM json_each({values}))"

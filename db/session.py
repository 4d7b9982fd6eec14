"""A transaction as services see it: a connection, the user, and the scope."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from operator import attrgetter
from typing import Any, overload

from sqlalchemy import ColumnElement, Connection, Table, bindparam, func, select
from typing_extensions import TypeVar

from db import ids
from db.among import among
from db.mapping import record_columns, table, to_records
from db.prepared import Prepared
from domain import clock
from domain.errors import NotFound
from domain.fields import Kind, Record, kind_of
from domain.grouping import by_key
from domain.scopes import within
from domain.words import _

R = TypeVar("R", bound=Record, default=Any)
"""The class of the records; of a kind given by its name or declaration any."""


_CENTURY = 36_500
"""Days."""


def utc_now() -> str:
    """The present time in the form records keep: `2023-06-05T08:00:00Z`."""
    return clock.kept(datetime.now(UTC))


def seconds(at: str) -> int:
    """The Unix seconds of a time as records keep it."""
    return int(clock.in_china(at).timestamp())


@cache
def _by_id(kind: Kind, deleted: bool) -> Prepared:
    t = table(kind)
    query = select(*record_columns(kind)).where(t.c.id == bindparam("id"))
    return Prepared(query if deleted else query.where(t.c.deleted_at.is_(None)), tuple)


@cache
def _count(kind: Kind) -> Prepared:
    t = table(kind)
    return Prepared(select(func.count()).select_from(t).where(t.c.deleted_at.is_(None)))


@cache
def _by_natural_key(kind: Kind) -> Prepared:
    """Query for the rows with a natural key, earliest first. The index on the reference in the key is more selective than one on the
    village."""
    t = table(kind)
    same = [t.c[name] == bindparam(name) for name in kind.key]
    return Prepared(select(t.c.id, t.c.village, t.c.deleted_at).where(*same).order_by(t.c.created_at, t.c.id))


@dataclass(eq=False)
class Session:
    """A transaction. Services receive one and never open or end it."""

    conn: Connection
    scope: str
    """The station's own scope: a village (12 digits), township (9) or county (6)."""
    role: str
    """Level of the station: village, township or county."""
    user: str
    station: str
    at: str
    id_source: ids.IdSource
    act: int | None = None
    """Number of the act that a write session makes; None when reading."""
    settings: dict[str, str] | None = field(default=None, repr=False)
    """The settings of `db.local`, read once one of them is asked for. Never shown: keys are among them."""

    @property
    def author(self) -> str:
        """`name@station`, as in `created_by` and `updated_by`."""
        return f"{self.user}@{self.station}"

    @property
    def today(self) -> str:
        """The calendar day on which the transaction began."""
        return clock.day_of(self.at)

    def ago(self, days: int) -> str:
        """The time this many days before the transaction, in the form records keep. More than a century counts as a century."""
        return clock.kept(clock.in_china(self.at) - timedelta(days=min(days, _CENTURY)))

    def new_id(self) -> str:
        """An id for a new record."""
        return self.id_source.new()

    def natural_id(self, kind: str | Kind | type[Record], village: str, values: Mapping[str, Any]) -> str:
        """The id of a row with a natural key (`Kind.key`), equal on every laptop. A row that the county moved here keeps the id from its
        first village."""
        declared = kind_of(kind)
        id = ids.natural_id(declared, village, values)
        key = {name: declared.by_name[name].to_stored(values[name]) for name in declared.key}
        there = [row for row in _by_natural_key(declared).all(self.conn, **key) if row.village == village]
        first = min(there, key=lambda row: (row.deleted_at is not None, row.id != id), default=None)
        return id if first is None else str(first.id)

    def joint_id(self, kind: str | Kind | type[Record], village: str, *parts: str) -> str:
        """The id of a row that two laptops both create, for a kind without a natural key; equal on both."""
        return ids.joint_id(kind_of(kind), village, *parts)

    def may_write(self, village: str) -> bool:
        """Whether this station may write there: a station writes its own scope and those below it."""
        return within(village, self.scope)

    @overload
    def get(self, kind: type[R], id: str, *, deleted: bool = False) -> R | None: ...
    @overload
    def get(self, kind: str | Kind, id: str, *, deleted: bool = False) -> Any: ...
    def get(self, kind: str | Kind | type[Record], id: str, *, deleted: bool = False) -> Any:
        """The record with that id, or None. Deleted records are returned only with `deleted`."""
        declared = kind_of(kind)
        row = _by_id(declared, deleted).first(self.conn, id=id)
        return None if row is None else to_records(declared, [row])[0]

    def existing(self, kind: type[R] | Kind | str, id: str, message: str = "", *, deleted: bool = False) -> R:
        """The record with that id. Raises `NotFound`, with `message` if given."""
        found: R | None = self.get(kind, id, deleted=deleted)
        if found is None:
            raise NotFound(message or _("这条{kind}不存在，或已被删除。").format(kind=_(kind_of(kind).label)))
        return found

    def select(
        self,
        kind: type[R] | Kind | str,
        *where: ColumnElement[bool],
        order: Iterable[ColumnElement[Any] | str] = (),
        limit: int | None = None,
        deleted: bool = False,
        **fields: Any,
    ) -> list[R]:
        """Records that satisfy `where` and whose `fields` have these values (one of them, where there are several), in `order` (by id when
        none is given). Order is by names of fields, with a minus for the last first, or by expressions; by `seq`, what the county has not
        acknowledged comes last."""
        declared, t = kind_of(kind), table(kind)
        by = [key for one in order for key in _keys(t, one)]
        query = select(*record_columns(declared)).where(*where, *_having(t, fields))
        if not deleted:
            query = query.where(t.c.deleted_at.is_(None))
        if by or limit is not None:
            return to_records(declared, self.conn.execute(query.order_by(*(by or (t.c.id,))).limit(limit)).all())
        found = to_records(declared, self.conn.execute(query).all())  # row by row takes longer
        return sorted(found, key=attrgetter("id"))  # SQLite would follow the index of ids and read every row at random

    def by_parent(
        self, kind: type[R], name: str, ids: Iterable[str | None], *where: ColumnElement[bool], order: Iterable[str] = ()
    ) -> dict[str, list[R]]:
        """Records of a kind by what their field `name` refers to, each list in `order` as in `select`; empty for who has none."""
        listed: dict[str, Any] = {name: ids}
        return by_key((record[name], record) for record in self.select(kind, *where, order=order, **listed))

    def column(self, kind: str | int | Kind | type[Record], name: str, ids: Iterable[str]) -> dict[str, Any]:
        """One stored column of records, by id, including deleted records; missing ids are omitted."""
        t = table(kind)
        return dict(self.conn.execute(select(t.c.id, t.c[name]).where(among(t.c.id, ids))).all())

    def count(self, kind: str | Kind | type[Record], *where: ColumnElement[bool], **fields: Any) -> int:
        """The number of records, not deleted, that satisfy `where` and whose `fields` have these values, as in `select`."""
        if not where and not fields:
            return int(_count(kind_of(kind)).value(self.conn))
        t = table(kind)
        wanted = (t.c.deleted_at.is_(None), *where, *_having(t, fields))
        return self.conn.execute(select(func.count()).select_from(t).where(*wanted)).scalar_one()


def _having(t: Table, fields: Mapping[str, Any]) -> Iterator[ColumnElement[bool]]:
    """The conditions that fields have these values."""
    for name, value in fields.items():
        many = isinstance(value, Iterable) and not isinstance(value, str)
        yield among(t.c[name], value) if many else t.c[name] == value


def _keys(t: Table, key: ColumnElement[Any] | str) -> list[ColumnElement[Any]]:
    """The sort keys for one part of an order."""
    if not isinstance(key, str):
        return [key]
    column = t.c[key.removeprefix("-")]
    return [column.desc()] if key[0] == "-" else [column.is_(None), column] if key == "seq" else [column]

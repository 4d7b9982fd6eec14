"""Drops the indexes and triggers of a table during bulk insertion and recreates them afterwards: building an index from sorted rows costs a
fifth of updating it row by row. All in one transaction, so that nobody else sees such a table; only the indexes for lists stay away until
the last of several answers is here (`db.unindexed`).
"""

from __future__ import annotations

from collections import Counter

from sqlalchemy import func, select
from sqlalchemy.schema import DropIndex

from db import capture, unindexed
from db.engine import CACHE_KIB
from db.mapping import table
from db.session import Session
from domain.fields import Kind

BULK = 1000
"""Number of new rows from which recreating the indexes pays, in a table that has no more rows than are inserted."""
_BULK_CACHE_KIB = 128_000


class Tables:
    """Tables being filled in a transaction that applies changes of others, which the triggers would not log anyway."""

    def __init__(self, session: Session, *, more: bool = False) -> None:
        """`more`: further answers follow, after which the caller runs `unindexed.complete`."""
        self._session, self._conn, self._more = session, session.conn, more
        self._came: Counter[Kind] = Counter()
        self._bare: list[Kind] = []

    def __enter__(self) -> Tables:
        return self

    def __exit__(self, error: object, *_rest: object) -> None:
        for kind in self._bare if error is None else ():
            later = unindexed.of(kind) if self._more else ()
            for index in table(kind).indexes.difference(later):
                index.create(self._conn)
            if later:
                unindexed.leave_out(self._session, kind)
            for statement in capture.triggers(kind):
                self._conn.exec_driver_sql(statement)
        if self._bare:
            self._conn.exec_driver_sql(f"PRAGMA cache_size = -{CACHE_KIB}")

    def expect(self, kind: Kind, rows: int) -> None:
        """Prepare for this many more rows of a kind."""
        before = self._came[kind]
        self._came[kind] = came = before + rows
        if kind not in self._bare and came >= BULK:
            some = select(table(kind).c.id).limit(before + came + 1).subquery()  # rows beyond that make no difference and are not counted
            if self._conn.execute(select(func.count()).select_from(some)).scalar_one() <= before + came:
                self._strip(kind)

    def _strip(self, kind: Kind) -> None:
        if not self._bare:  # encrypted pages are costly to read again while indexes are made
            self._conn.exec_driver_sql(f"PRAGMA cache_size = -{_BULK_CACHE_KIB}")
        self._bare.append(kind)
        for index in table(kind).indexes:
            self._conn.execute(DropIndex(index, if_exists=True))
        capture.remove(self._conn, kind)

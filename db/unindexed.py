"""Leaves out the indexes for lists while a laptop that joins takes in one answer after another, and makes them once at the end.

Without them lists are slow and otherwise right. A setting says that they are missing; it is set in the transaction that empties them, so a
program that is killed meanwhile finds it the next time the store is opened. An index left out keeps its name and has no rows, so that an
older program and a migration, which drop it by name, find it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Final

from sqlalchemy import Index
from sqlalchemy.schema import DropIndex

from db import local
from db.engine import CACHE_KIB
from db.mapping import list_indexes, table
from db.session import Session
from domain.fields import Kind

if TYPE_CHECKING:
    from db.store import Store

MISSING: Final = "lists_unindexed"
_EMPTY: Final = "WHERE 0"
_CACHE_KIB: Final = 128_000
"""Encrypted pages are costly to read again for each index."""


def of(kind: Kind) -> Sequence[Index]:
    """The indexes that may be left out."""
    return [index for index in list_indexes() if index.table is table(kind)]


def leave_out(session: Session, kind: Kind) -> None:
    """Make those, which were dropped, without rows, and note that they are missing."""
    for index in of(kind):
        session.conn.exec_driver_sql(f"CREATE INDEX {index.name} ON {kind.name} (id) {_EMPTY}")
    local.set_meta(session, MISSING, "1")


def missing(session: Session) -> bool:
    """Whether some are missing. Not by the setting alone: an older program takes an index that has its name for whole and removes it."""
    empty = f"SELECT 1 FROM sqlite_master WHERE type = 'index' AND sql LIKE '%{_EMPTY}' LIMIT 1"
    return local.get_meta(session, MISSING) is not None or session.conn.exec_driver_sql(empty).first() is not None


def complete(store: Store) -> None:
    """Make those that are missing, each in a transaction of its own so that other writers wait for one of them at most.

    The last one makes again what another program of this store left out meanwhile: the setting goes only when all are there."""
    with store.read() as session:
        left = _left_out(session)
    for index in left:
        with store.applying() as session:
            _make(session, [index])
    with store.applying() as session:
        _make(session, list_indexes())
        session.conn.exec_driver_sql(f"PRAGMA cache_size = -{CACHE_KIB}")
        local.set_meta(session, MISSING, None)


def _left_out(session: Session) -> list[Index]:
    whole = f"SELECT name FROM sqlite_master WHERE type = 'index' AND sql NOT LIKE '%{_EMPTY}'"
    here = set(session.conn.exec_driver_sql(whole).scalars())
    return [index for index in list_indexes() if index.name not in here]


def _make(session: Session, some: Collection[Index]) -> None:
    for index in _left_out(session):
        if index in some:
            session.conn.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KIB}")
            session.conn.execute(DropIndex(index, if_exists=True))
            index.create(session.conn)

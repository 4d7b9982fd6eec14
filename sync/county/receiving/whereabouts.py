"""Finds the scope where the rows of a late change live now: they may have left the log it was made for, with the person they belong to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import bindparam, select

from db.exchange import closed_into, kind_by_number, moved
from db.mapping import table
from db.prepared import Prepared
from db.session import Session
from domain.dependents import owners
from domain.fields import Field, Kind, kind_of
from sync.replica.conflicts import released_in
from sync.wire.columns import Change
from sync.wire.envelope import Batch

_LEFT = Prepared(select(moved.c.row_id).where(moved.c.scope == bindparam("of")).limit(1))


def elsewhere(session: Session, batch: Batch, known: int | None = None) -> dict[int, str]:
    """Return the changes of a batch whose rows have left its scope, or belong to such rows: their present scope by place in the batch.

    Only what was written before its author read of the move; later, the rows are another village's. `known`: how far the author had read,
    if the county corrects what the batch says. A village that was merged into another as a whole writes there for good.
    """
    scope = batch.header.scope
    if _LEFT.first(session.conn, of=scope) is None:
        return {}
    finder = _Finder(session, scope, batch.header.known if known is None else known)
    placed = sorted((pair for group in batch.groups for pair in group.changes()), key=lambda pair: pair[0])
    return {place: target for place, change in placed if (target := finder.target(change))}


class _Finder:
    """Finds the present scope of rows, with a cache."""

    def __init__(self, session: Session, scope: str, known: int) -> None:
        self._session = session
        self._scope = scope
        self._closed = closed_into(session, scope)
        self._unread = moved.c.seq > (-1 if self._closed else known)
        """Restricts stubs to those of moves that the author had not read."""
        self._away: dict[str, str | None] = {}
        """Results by row id."""

    def target(self, change: Change) -> str | None:
        """The scope of a change's row if that is another one now; what was held stays in its log, with the word that it was made again."""
        if released_in(change) is not None:
            return None
        if change.row_id not in self._away:
            self._away[change.row_id] = self._find(change)
        return self._away[change.row_id]

    def _find(self, change: Change) -> str | None:
        kind = kind_by_number(change.kind)
        if kind is None:
            return self._closed
        found = self._row(kind, change.row_id)
        if found is not None:
            return self._of_row(kind, found)
        if change.what != "I":
            return None
        return self._of_owners(kind, lambda f: change.values.get(f.number)) or self._closed

    def _row(self, kind: Kind, id: str) -> Any:
        t = table(kind)
        return self._session.conn.execute(select(t.c.id, t.c.village, *(t.c[f.name] for f in owners(kind))).where(t.c.id == id)).first()

    def _of_row(self, kind: Kind, row: Any) -> str | None:
        if row.village == self._scope:
            return None
        stub = select(moved.c.row_id).where(moved.c.scope == self._scope, moved.c.kind == kind.number, moved.c.row_id == row.id)
        if self._session.conn.execute(stub).first() is not None:
            return str(row.village) if self._session.conn.execute(stub.where(self._unread)).first() is not None else None
        return str(row.village) if self._of_owners(kind, lambda f: getattr(row, f.name)) else None

    def _of_owners(self, kind: Kind, value: Callable[[Field], object]) -> str | None:
        """Where the first owner that a row names has gone, if it has."""
        owner = next(((f.ref, v) for f in owners(kind) if (v := value(f))), None)
        return self._of_owner(kind_of(owner[0]) if owner[0] else None, str(owner[1])) if owner else None

    def _of_owner(self, kind: Kind | None, id: str) -> str | None:
        if id not in self._away:
            stub = select(moved.c.kind, moved.c.entered).where(moved.c.scope == self._scope, moved.c.row_id == id, self._unread)
            left = self._session.conn.execute(stub).first()
            kind = kind_of(left.kind) if left else kind
            row = self._row(kind, id) if kind else None
            went = (closed_into(self._session, left.entered) or left.entered) if left else None
            self._away[id] = (self._of_row(kind, row) if kind and row else None) or went
        return self._away[id]

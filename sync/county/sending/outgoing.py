"""Selects the entries of the county's logs for an answer, in an order that every reader can apply."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from sqlalchemy import bindparam, select

from db.county import STATION
from db.exchange import entry
from db.prepared import Prepared
from db.session import Session
from sync.replica.log import as_sent
from sync.replica.moved_rows import too_early
from sync.wire.messages import Entry, Request

PAGE = 200
_UNREAD = Prepared(
    select(entry).where(entry.c.scope == bindparam("of"), entry.c.seq > bindparam("after")).order_by(entry.c.seq).limit(bindparam("most"))
)


def entries_after(
    session: Session, station_scope: str, request: Request, behind: Iterable[tuple[str, int]], budget: int
) -> tuple[list[Entry], bool]:
    """Return entries after the station's cursors, up to `budget` bytes (at least one entry), and whether there are more.

    Rows that moved leave one log before they enter another: a reader of both gets the entries in that order. A request about a broken
    upload (`asks`) gets no entries: the station's own batches come first, and after them a snapshot may be shorter than the log.
    """
    if request.asks:
        return [], True
    found: list[Entry] = []
    cursors = dict(request.cursors or {})
    waiting = deque(scope for scope, _seq in behind)
    turns = len(waiting) ** 2  # logs may wait for others, but never in a cycle
    while waiting:
        scope, page, turns = waiting.popleft(), turns > 0, turns - 1
        while page:
            rows = _UNREAD.all(session.conn, of=scope, after=cursors.get(scope, 0), most=PAGE)
            page = len(rows) == PAGE
            for row in rows:
                if budget <= 0:
                    return found, True
                if row.station == STATION and too_early(row.body, station_scope, cursors):
                    waiting.append(scope)
                    page = False
                    break
                own = row.station == request.station and row.incarnation == request.incarnation
                found.append(as_sent(row, None if own else row.body))
                budget -= 150 + (0 if own else len(row.body))
                cursors[scope] = row.seq
    return found, turns < 0

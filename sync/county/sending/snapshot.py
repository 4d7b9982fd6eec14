"""Creates and sends snapshots: the state of a scope at a position of its log, for a station that would have to read too much of the log.

A station is offered the snapshot of a scope when more than `FROM` bytes of the log are unread and it has read nothing of the log or they
are more than half of it. Entries before a snapshot stay at the county for audit. A snapshot is made from the tables in one read
transaction, signed, stored, and replaced when the log after it has grown by `FROM` again.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec
from nacl.signing import SigningKey
from sqlalchemy import Row, bindparam, func, or_, select

from db.county import County
from db.erased import erased
from db.exchange import entry, moved, scope_head
from db.prepared import Prepared
from db.session import Session
from db.snapshots import snapshot, snapshot_piece
from domain.grouping import by_size
from sync.replica.history import READABLE
from sync.replica.log import as_sent
from sync.replica.pieces import FORMAT, Manifest, cut, forget_snapshot, manifest_message, open_manifest
from sync.wire.envelope import SCHEMA
from sync.wire.messages import Entry, Offer, Request, reads

FROM = 512 * 1024
"""Unread bytes of a log beyond which a snapshot may be sent: about six thousand new records."""
FEW = 8
"""With fewer unread entries than this, no snapshot is considered."""
BUDGET = 4 * 2**20
"""Most bytes of pieces in one answer."""


def due(session: Session, asking: Row[Any], request: Request) -> bool:
    """Whether the station is to be sent a snapshot next."""
    return _scope(session, asking, request) is not None


def prepare(county: County, signing: tuple[str, SigningKey], asking: Row[Any], request: Request) -> str | None:
    """Return the scope whose snapshot the station is sent next, creating it if needed; None when the log is to be read.

    `signing`: the county's id and key. A snapshot begun is continued; the station's unsent changes come first.
    """
    with county.read() as session:
        found = _scope(session, asking, request)
        if found is None or _usable(session, request, *found):
            return found and found[0]
        seq, pieces = found[1], list(cut(session.conn, found[0]))
        chain = session.conn.execute(select(entry.c.chain).where(entry.c.scope == found[0], entry.c.seq == seq)).scalar() or b""
    name, key = signing
    sums = [(kind, sha256(b).digest()) for kind, b in pieces]
    manifest = msgspec.msgpack.encode(Manifest(FORMAT, SCHEMA, name, found[0], seq, sums, bytes(chain)))
    with county.write() as session:
        _keep(session, (found[0], seq, manifest, key.sign(manifest_message(manifest)).signature), [body for _kind, body in pieces])
    return found[0]


_ENDS = Prepared(select(scope_head.c.scope, scope_head.c.seq).where(READABLE), tuple)
_OF_OTHERS = Prepared(
    select(entry.c.seq)
    .where(entry.c.scope == bindparam("of"), entry.c.seq > bindparam("after"))
    .where(or_(entry.c.station != bindparam("by"), entry.c.incarnation != bindparam("under")))
    .order_by(entry.c.seq)
    .limit(1)
)


def _scope(session: Session, asking: Row[Any], request: Request) -> tuple[str, int] | None:
    """A scope to hand out as a snapshot, with its head."""
    if request.cursors is None:
        return None
    held, cursors = request.holding, request.cursors
    begun = held.scope if held is not None and (held.kinds or held.seq > cursors.get(held.scope, 0)) else None
    ends = _ENDS.all(session.conn, reader=asking.scope)
    behind = [(s, head, cursors.get(s, 0)) for s, head in ends if s == begun or head - cursors.get(s, 0) >= FEW]
    for scope, head, cursor in sorted(behind, key=lambda end: (len(end[0]), end)):
        if scope != begun and not too_far(session, scope, _after_own(session, request, scope, cursor, head), head):
            continue
        if not _before_leaving(session, asking.scope, cursors, scope):  # also of one begun: it may be made anew
            return scope, head
    return None


def _after_own(session: Session, request: Request, scope: str, cursor: int, head: int) -> int:
    """The cursor moved over the station's own entries that follow it: it has their content, which a snapshot would only bring back."""
    if cursor >= head:
        return cursor
    place = {"of": scope, "after": cursor, "by": request.station, "under": request.incarnation}
    theirs = _OF_OTHERS.value(session.conn, **place)
    return head if theirs is None else int(theirs) - 1


def _before_leaving(session: Session, station_scope: str, cursors: dict[str, int], scope: str) -> bool:
    """Whether the station still holds rows in another scope that live in `scope` now: it has to see them leave first."""
    came = select(moved.c.scope, func.max(moved.c.seq)).where(moved.c.entered == scope).group_by(moved.c.scope)
    return any(reads(station_scope, left) and cursors.get(left, 0) < seq for left, seq in session.conn.execute(came))


def too_far(session: Session, scope: str, cursor: int, head: int) -> bool:
    """Whether a snapshot is shorter than the log from `cursor` to `head`."""
    if head - cursor < FEW:
        return False
    size = select(func.coalesce(func.sum(func.length(entry.c.body)), 0)).where(entry.c.scope == scope)
    behind = session.conn.execute(size.where(entry.c.seq > cursor)).scalar_one()
    return bool(behind > FROM and (cursor == 0 or 2 * behind > session.conn.execute(size).scalar_one()))


def _usable(session: Session, request: Request, scope: str, head: int) -> bool:
    made = session.conn.execute(select(snapshot.c.seq).where(snapshot.c.scope == scope).order_by(snapshot.c.seq.desc()).limit(1)).scalar()
    held = request.holding
    if made is None or (held is not None and held.scope == scope and (held.seq == made or held.kinds)):
        return made is not None and (not held or not held.kinds or made == head)
    after = select(func.coalesce(func.sum(func.length(entry.c.body)), 0)).where(entry.c.scope == scope, entry.c.seq > made)
    return bool(made > (request.cursors or {}).get(scope, 0) and session.conn.execute(after).scalar_one() <= FROM)


def _keep(session: Session, made: tuple[str, int, bytes, bytes], bodies: list[bytes]) -> None:
    scope, seq, manifest, signature = made
    session.conn.execute(select(scope_head.c.seq).where(scope_head.c.scope == scope).with_for_update()).one()  # one snapshot at a time
    newer = select(snapshot.c.seq).where(snapshot.c.scope == scope, snapshot.c.seq >= seq)
    since = select(erased.c.seq).where(erased.c.scope == scope, erased.c.seq > seq).limit(1)  # it would bring back what was erased
    if session.conn.execute(newer).first() is not None or session.conn.execute(since).first() is not None:
        return
    forget_snapshot(session, scope)
    session.conn.execute(snapshot.insert().values(scope=scope, seq=seq, manifest=manifest, signature=signature, installed=0))
    if bodies:
        session.conn.execute(
            snapshot_piece.insert(), [{"scope": scope, "seq": seq, "number": n, "body": body} for n, body in enumerate(bodies)]
        )


def offer(session: Session, request: Request, scope: str, most: int) -> Offer | None:
    """Return the next pieces of the stored snapshot of a scope, at most about `most` bytes; with the last ones the station's own entries in
    it that are not acknowledged yet."""
    made = session.conn.execute(select(snapshot).where(snapshot.c.scope == scope).order_by(snapshot.c.seq.desc()).limit(1)).first()
    if made is None:
        return None
    held = request.holding
    same = held is not None and (held.scope, held.seq) == (scope, made.seq)
    kinds = held.kinds if held is not None and held.scope == scope else []
    first = held.pieces if held is not None and same else 0
    numbers = open_manifest(bytes(made.manifest)).wanted(kinds)[max(first, 0) :]
    stored = select(snapshot_piece.c.body).where(snapshot_piece.c.scope == scope, snapshot_piece.c.seq == made.seq)
    read = (bytes(session.conn.execute(stored.where(snapshot_piece.c.number == n)).scalar_one()) for n in numbers)
    bodies = next(by_size(read, len, min(max(request.budget, 1), most)), [])
    own = _own(session, request, scope, made.seq) if len(bodies) == len(numbers) else []
    return Offer(scope, b"" if same else bytes(made.manifest), b"" if same else bytes(made.signature), first, bodies, own)


def _own(session: Session, request: Request, scope: str, seq: int) -> list[Entry]:
    mine = (entry.c.station == request.station) & (entry.c.incarnation == request.incarnation) & (entry.c.scope == scope)
    unread = mine & (entry.c.seq > (request.cursors or {}).get(scope, 0)) & (entry.c.seq <= seq)
    return [as_sent(row, None) for row in session.conn.execute(select(entry).where(unread).order_by(entry.c.seq))]

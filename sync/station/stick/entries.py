"""Applies entries that arrive in files, possibly late, twice or out of order. Entries after a gap are kept until it is filled."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import delete, select

from db.bundles import ahead
from db.exchange import cursors, outbox
from db.session import Session
from db.store import Store
from domain.grouping import by_size
from domain.progress import Progress
from domain.words import _
from sync.replica import identity
from sync.replica.identity import Identity, new_incarnation
from sync.replica.moved_rows import in_order
from sync.station.receiving import snapshot_fetch
from sync.station.receiving.receive import Received, receive
from sync.station.result import ExchangeResult
from sync.station.sealing.fork import fork
from sync.wire.columns import WireError
from sync.wire.messages import Entry, Offer, pack
from sync.wire.words import BundleError

_SLICE = 2**20
"""Bytes of entries applied in one transaction, so that other writers do not wait long."""


def take_entries(store: Store, entries: Sequence[Entry], done: ExchangeResult, progress: Progress) -> None:
    """Apply the entries that continue the logs read here, and keep the others; adds to `done`. Raises `BundleError`."""
    with store.read() as session:
        me = identity.load(session)
        assert me is not None  # the caller has met the county
        mine = (me.station, me.incarnation)
        try:
            run, early = _sorted(session, [e for e in entries if e.batch is not None or (e.station, e.incarnation) == mine], me.scope)
        except WireError:
            raise BundleError("damaged") from None
        unknown = _unknown(session, me, run)
    if unknown:
        with store.applying() as session:
            fork(session, identity.load(session) or me, new_incarnation())
        raise BundleError("fork")
    count = 0
    for part in by_size(run, lambda e: len(e.batch or b""), _SLICE):
        with store.applying() as session:
            try:
                got = receive(session, identity.load(session) or me, part)
            except WireError:
                raise BundleError("damaged") from None
            _forget(session)
        done.add(got)
        count += len(part)
        progress(count, len(run), _("正在读入"))
    with store.applying() as session:
        _keep(session, early)


def take_offer(store: Store, offer: Offer, done: ExchangeResult) -> None:
    """Store the pieces of a snapshot that continue those here; with the last one, install the snapshot. Adds to `done`. Raises
    `BundleError`."""
    with store.applying() as session:
        me = identity.load(session)
        assert me is not None  # the caller has met the county
        try:
            left = snapshot_fetch.going_on(session, me, offer)
            got = snapshot_fetch.take(session, me, left) if left is not None else Received()
        except WireError:
            raise BundleError("damaged") from None
    done.add(got)


def _sorted(session: Session, entries: Sequence[Entry], station_scope: str) -> tuple[list[Entry], list[Entry]]:
    """The entries that continue the logs, in order and including kept ones; and those to be kept."""
    kept = [msgspec.msgpack.decode(body, type=Entry) for body in session.conn.execute(select(ahead.c.body)).scalars()]
    every = {(e.scope, e.seq): e for e in (*kept, *entries)}
    heads = cursors(session)
    run, early = [], []
    for scope, seq in sorted(every, key=lambda place: (len(place[0]), *place)):
        head = heads.get(scope, 0)
        if seq == head + 1:
            heads[scope] = seq
            run.append(every[scope, seq])
        elif seq > head:
            early.append(every[scope, seq])
    run, waiting = in_order(run, cursors(session), station_scope)
    return run, early + waiting


def _unknown(session: Session, me: Identity, run: Sequence[Entry]) -> bool:
    """Whether the county has a batch of this incarnation that is not in the outbox here: this store is then a copy or a restored backup."""
    own = {e.number for e in run if (e.station, e.incarnation) == (me.station, me.incarnation)}
    waiting = set(session.conn.execute(select(outbox.c.number).where(outbox.c.incarnation == me.incarnation)).scalars())
    return bool(own - waiting)


def _keep(session: Session, early: Sequence[Entry]) -> None:
    session.conn.execute(delete(ahead))
    for e in early:
        session.conn.execute(ahead.insert().values(log=e.scope, number=e.seq, body=pack(e), at=session.at))


def _forget(session: Session) -> None:
    """Drop the kept entries that the cursors have passed."""
    for scope, seq in cursors(session).items():
        session.conn.execute(delete(ahead).where(ahead.c.log == scope, ahead.c.number <= seq))

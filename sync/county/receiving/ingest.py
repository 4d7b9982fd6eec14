"""Ingests a batch that a station sends, in one transaction: verify it, append it to the log, forward or erase changes where needed."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from db.county import STATION
from db.exchange import device, entry
from db.prepared import Prepared
from db.session import Session
from sync.county.acts import erasure, moves
from sync.county.keys import CountyKeys
from sync.county.lineage import last_batch
from sync.county.receiving.rights import Writer
from sync.county.receiving.sequencing import UNDECIDED, Decision, sequence
from sync.wire.columns import WireError
from sync.wire.envelope import SCHEMA, START, Batch, TooNew, open_batch
from sync.wire.messages import writes

_CHAIN = (entry.c.station == bindparam("of"), entry.c.incarnation == bindparam("under"))
_HERE = Prepared(select(entry.c.sha256).where(*_CHAIN, entry.c.number == bindparam("at")))
_NEIGHBOUR = Prepared(select(entry.c.sha256, entry.c.body).where(*_CHAIN, entry.c.number == bindparam("at")))
_LATER = Prepared(select(entry.c.number).where(*_CHAIN, entry.c.number > bindparam("at"), entry.c.scope == bindparam("log")).limit(1))
_LOCKED = Prepared(select(device.c.station).where(device.c.station == bindparam("of")).with_for_update())


def sequenced(session: Session, station: str, incarnation: int, number: int) -> bytes | None:
    """Return the SHA-256 of the batch at this position of a station's chain, or None."""
    found = _HERE.value(session.conn, of=station, under=incarnation, at=number)
    return None if found is None else bytes(found)


def ingest(session: Session, keys: CountyKeys, asking: Writer, sealed: bytes) -> str:
    """Append a batch to its scope's log and apply it, in this transaction. Returns a status of `wire.messages.STATUS`.

    A batch that is here already changes nothing. Changes that cannot be applied are refused one by one and held. After a restore of the
    county, other stations may have offered later batches of the same chain, from the logs they read: this one then fills the gap.
    """
    try:
        batch = open_batch(sealed)
    except TooNew:
        return "newer"
    except WireError:
        return "broken"
    head = batch.header
    if (head.county, head.station) != (keys.county, asking.station):
        return "broken"
    if not batch.signed_by(asking.key) or batch.note is not None or (asking.station != STATION and head.by_county):
        return "broken"
    if head.schema > SCHEMA:
        return "newer"
    lock_station(session, head.station)
    known = _in_chain(session, batch)
    if known is None:
        take_in(session, keys, asking, batch, head.scope if writes(asking.scope, head.scope) else asking.scope)
    return known or "ok"


def _in_chain(session: Session, batch: Batch) -> str | None:
    """None if a batch is the next of its chain or fills a gap in it; otherwise the status to answer: "ok" if it is here already."""
    head = batch.header
    last = last_batch(session, head.station, head.incarnation)
    if last is None or head.number > last.number:
        if head.number != (last.number if last else 0) + 1:
            return "gap"
        return None if head.previous == (bytes(last.sha256) if last else START) else "fork"
    here = sequenced(session, head.station, head.incarnation, head.number)
    if here is not None or not continues(session, batch):
        return "ok" if here == batch.sha256 else "fork"
    if head.number > 1 and sequenced(session, head.station, head.incarnation, head.number - 1) is None:
        return "gap"
    if _LATER.first(session.conn, of=head.station, under=head.incarnation, at=head.number, log=head.scope) is not None:
        return "fork"  # this older batch must not overwrite later ones; under another incarnation they become conflicts
    return None


def continues(session: Session, batch: Batch) -> bool:
    """Whether a batch belongs to the chain whose other batches are here: its position is free, and the neighbours present are those it was
    sealed between. A restored county may have the beginning of one copy's chain and be sent another copy's."""
    head = batch.header
    before, here, after = (_NEIGHBOUR.first(session.conn, of=head.station, under=head.incarnation, at=head.number + n) for n in (-1, 0, 1))
    follows = before is None or bytes(before.sha256) == head.previous
    return here is None and follows and (after is None or open_batch(bytes(after.body)).header.previous == batch.sha256)


def lock_station(session: Session, station: str) -> None:
    """Serialise the requests of a station: it may repeat a request while the first is still being processed."""
    _LOCKED.run(session.conn, of=station)


def take_in(session: Session, keys: CountyKeys, asking: Writer, batch: Batch, scope: str, decided: Decision = UNDECIDED) -> int:
    """Append a batch to a log, forward changes of rows that live elsewhere now, and erase values of erased people. Returns the position in
    the log."""
    placed = sequence(session, keys, asking, batch, scope, decided)
    if placed.away or placed.gone:
        moves.pass_on(session, keys, batch, placed.away)
        erasure.came_late(session, keys, batch, (scope, placed.seq), placed.gone)
    return placed.seq

"""A batch gets its place in a scope's log at the county and is applied, in one transaction: the only way anything is written there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import bindparam, select, text

from db.county import STATION
from db.exchange import device, entry
from db.prepared import Prepared
from db.session import Session
from sync.county.keys import CountyKeys
from sync.county.lineage import last_batch
from sync.county.rights import RIGHTS, Writer, refusals
from sync.replica import change_ids, erased_rows
from sync.replica.apply import UNREADABLE, Application
from sync.replica.history import chain_at, link
from sync.replica.log import ERASED, MOVED, TWICE
from sync.wire.columns import WireError
from sync.wire.envelope import SCHEMA, START, Batch, TooNew, open_batch
from sync.wire.messages import sign_entry, writes

Ruled = tuple[Mapping[int, str], int | None]
"""What was decided about a batch before: refused operations, and `Entry.known`."""
_UNRULED: Ruled = (MappingProxyType({}), None)
_NEXT = Prepared(
    text("INSERT INTO scope_head (scope, seq) VALUES (:scope, 1) ON CONFLICT (scope) DO UPDATE SET seq = scope_head.seq + 1 RETURNING seq")
)
_HERE = Prepared(
    select(entry.c.sha256).where(
        entry.c.station == bindparam("of"), entry.c.incarnation == bindparam("under"), entry.c.number == bindparam("at")
    )
)
_NEAR = Prepared(
    select(entry.c.sha256, entry.c.body).where(
        entry.c.station == bindparam("of"), entry.c.incarnation == bindparam("under"), entry.c.number == bindparam("at")
    )
)
_LOCKED = Prepared(select(device.c.station).where(device.c.station == bindparam("of")).with_for_update())
_ENTERED = Prepared(entry.insert())


def sequenced(session: Session, station: str, incarnation: int, number: int) -> bytes | None:
    """The SHA-256 of the batch that stands in this place of a station's chain, or None."""
    found = _HERE.value(session.conn, of=station, under=incarnation, at=number)
    return None if found is None else bytes(found)


def ingest(session: Session, keys: CountyKeys, asking: Writer, sealed: bytes) -> str:
    """Give a batch the next place in its scope's log and apply it, in this transaction; answers a status of `wire.messages.STATUS`.

    A batch that is here already changes nothing. What cannot be applied of it is refused operation by operation and held.
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
    last = last_batch(session, head.station, head.incarnation)
    if last is not None and head.number <= last.number:
        here = sequenced(session, head.station, head.incarnation, head.number)
        return "ok" if here == batch.sha256 else "gap" if here is None and continues(session, batch) else "fork"
    if head.number != (last.number if last else 0) + 1:
        return "gap"
    if head.previous != (bytes(last.sha256) if last else START):
        return "fork"
    sequence(session, keys, asking, batch, head.scope if writes(asking.scope, head.scope) else asking.scope)
    return "ok"


def continues(session: Session, batch: Batch) -> bool:
    """Whether a batch is of the chain whose other batches are here: its place is free, and its neighbours, where they are here, are those
    it was sealed between. A county put back may hold one copy's beginning of a chain and be told of another's."""
    head = batch.header
    before, here, after = (_NEAR.first(session.conn, of=head.station, under=head.incarnation, at=head.number + n) for n in (-1, 0, 1))
    follows = before is None or bytes(before.sha256) == head.previous
    return here is None and follows and (after is None or open_batch(bytes(after.body)).header.previous == batch.sha256)


def lock_station(session: Session, station: str) -> None:
    """One at a time of the same station: it may ask again while its first request is still being worked on."""
    _LOCKED.run(session.conn, of=station)


def sequence(session: Session, keys: CountyKeys, asking: Writer, batch: Batch, scope: str, ruled: Ruled = _UNRULED) -> int:
    """Give a batch the next place in a log, whatever stands before it in its station's chain; answers the place."""
    head = batch.header
    seq = _NEXT.value(session.conn, scope=scope)
    refused, away = _apply(session, asking, batch, (scope, seq), ruled)
    signature = sign_entry(keys.signing, scope, seq, batch.sha256, (refused, ruled[1]))
    line = {
        "scope": scope,
        "seq": seq,
        "station": head.station,
        "incarnation": head.incarnation,
        "number": head.number,
        "sha256": batch.sha256,
        "body": batch.sealed,
        "refused": json.dumps(refused),
        "signature": signature,
        "at": session.at,
        "known": ruled[1],
        "chain": link(chain_at(session, scope, seq - 1), signature),
    }
    _ENTERED.run(session.conn, **line)
    gone = {n: why == ERASED and (ruled is _UNRULED or ruled[0].get(n) == ERASED) for n, why in refused if why in (TWICE, ERASED)}
    if refused[:1] == [(-1, RIGHTS)]:
        gone = dict.fromkeys(erased_rows.late(session.conn, batch.groups), True)
    if away or gone:
        from sync.county import (
            erasure,
            moves,  # they write through this door
        )

        moves.pass_on(session, keys, batch, away)
        erasure.came_late(session, keys, batch, (scope, seq), gone)
    return int(seq)


def _apply(
    session: Session, asking: Writer, batch: Batch, place: tuple[str, int], ruled: Ruled
) -> tuple[list[tuple[int, str]], dict[int, str]]:
    """Apply a batch at its place; answers what was refused of it, by place in the batch or as `[(-1, why)]` for all of it, and
    what of that goes on to another scope."""
    from sync.county import moves  # it writes through this door

    before, known = ruled
    application = Application(session.conn, batch, *place, known=known)
    try:
        groups = batch.groups
    except WireError:
        application.unreadable()
        return [(-1, UNREADABLE)], {}
    again = dict.fromkeys(change_ids.repeated(session.conn, batch.header.station, groups), TWICE)
    change_ids.note(session.conn, batch.header.station, groups, list(again))
    unlawful = {**before, **refusals(session, asking, batch, again=ruled is not _UNRULED)}
    if -1 in unlawful:
        application.groups(groups, dict.fromkeys(range(batch.header.count), unlawful[-1]))
        return [(-1, unlawful[-1])], {}
    skip = {**unlawful, **again}
    away = {} if asking.station == STATION else {n: to for n, to in moves.elsewhere(session, batch).items() if n not in skip}
    skip |= dict.fromkeys(away, MOVED)
    application.groups(groups, skip)
    return sorted({**skip, **application.refused}.items()), away

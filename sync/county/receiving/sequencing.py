"""Appends a batch to a scope's log and applies it: the only code that writes to a log.

Batches of stations come from `ingest`, which also handles the consequences; the county's own from `sync.county.acts.authoring`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import text

from db.county import STATION
from db.exchange import entry
from db.prepared import Prepared
from db.session import Session
from sync.county.keys import CountyKeys
from sync.county.receiving.rights import RIGHTS, Writer, refusals, strangers
from sync.county.receiving.whereabouts import elsewhere
from sync.replica import change_ids, erased_rows, history
from sync.replica.apply import UNREADABLE, Application
from sync.replica.history import chain_at, link
from sync.replica.log import ERASED, MOVED, TWICE
from sync.wire.columns import WireError
from sync.wire.envelope import Batch
from sync.wire.messages import sign_entry


class Decision(NamedTuple):
    """What the county decided about a batch: the reasons of refused changes, by place in the batch, and how far its author had read where
    that is not what the batch says (`Entry.known`)."""

    refused: Mapping[int, str]
    known: int | None


UNDECIDED = Decision(MappingProxyType({}), None)
_NEXT = Prepared(
    text("INSERT INTO scope_head (scope, seq) VALUES (:scope, 1) ON CONFLICT (scope) DO UPDATE SET seq = scope_head.seq + 1 RETURNING seq")
)
_ENTERED = Prepared(entry.insert())


@dataclass(frozen=True)
class Placed:
    """A batch in a log at position `seq`.

    By place in the batch: `away`, the scope where the row of a change lives now; `gone`, for changes of erased rows and repeated changes,
    whether they never took effect.
    """

    seq: int
    away: dict[int, str]
    gone: dict[int, bool]


def sequence(session: Session, keys: CountyKeys, asking: Writer, batch: Batch, scope: str, decided: Decision = UNDECIDED) -> Placed:
    """Append a batch to a log, without checking its station's chain."""
    head = batch.header
    seq = _NEXT.value(session.conn, scope=scope)
    refused, away = _apply(session, asking, batch, (scope, seq), decided)
    signature = sign_entry(keys.signing, scope, seq, batch.sha256, (refused, decided.known))
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
        "known": decided.known,
        "chain": link(chain_at(session, scope, seq - 1), signature),
    }
    _ENTERED.run(session.conn, **line)
    history.sign_arrival(session, keys.signing, scope, seq, batch.sha256)
    gone = {n: why == ERASED and (decided is UNDECIDED or decided.refused.get(n) == ERASED) for n, why in refused if why in (TWICE, ERASED)}
    if refused[:1] == [(-1, RIGHTS)]:
        gone = dict.fromkeys(erased_rows.late(session.conn, batch.groups), True)
    return Placed(int(seq), away, gone)


def _apply(
    session: Session, asking: Writer, batch: Batch, place: tuple[str, int], decided: Decision
) -> tuple[list[tuple[int, str]], dict[int, str]]:
    """Apply a batch at its position. Returns the refused changes with reasons, by place in the batch or as `[(-1, why)]` for all of it, and
    the scopes to which some of them are forwarded."""
    before, known = decided
    application = Application(session.conn, batch, *place, known=known)
    try:
        groups = batch.groups
    except WireError:
        application.unreadable()
        return [(-1, UNREADABLE)], {}
    again = dict.fromkeys(change_ids.repeated(session.conn, batch.header.station, groups), TWICE)
    change_ids.note(session.conn, batch.header.station, groups, list(again))
    unlawful = {**before, **refusals(session, asking, batch, again=decided is not UNDECIDED)}
    if -1 in unlawful:
        application.groups(groups, dict.fromkeys(range(batch.header.count), unlawful[-1]))
        return [(-1, unlawful[-1])], {}
    skip = {**unlawful, **again}
    away = {} if asking.station == STATION else {n: to for n, to in elsewhere(session, batch, known).items() if n not in skip}
    far = {} if asking.station == STATION or decided is not UNDECIDED else strangers(session, batch, skip, away)
    away = {n: to for n, to in away.items() if n not in far}
    skip |= dict.fromkeys(away, MOVED) | far
    application.groups(groups, skip)
    return sorted({**skip, **application.refused}.items()), away

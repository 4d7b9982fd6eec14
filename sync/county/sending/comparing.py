"""The county's side of an integrity check: compares its checksums with those of a station that has read everything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, select, text

from db.county import County
from db.session import Session
from db.snapshots import state_sum
from sync.replica import history
from sync.replica.integrity import Sums, digest, keep_alarm, mended, sums, unequal
from sync.wire.messages import Request

_SAVE = text(
    "INSERT INTO state_sum (scope, schema, seq, sums) VALUES (:scope, :schema, :seq, :sums) "
    "ON CONFLICT (scope, schema) DO UPDATE SET seq = excluded.seq, sums = excluded.sums"
)


def compare(county: County, asking: Row[Any], request: Request) -> dict[str, Sums] | None:
    """Return the county's checksums of the scopes in which it differs from the station; None if the station has not read everything."""
    with county.read() as session:
        ends, read = history.ends(session, asking.scope)
        if read != request.digest:
            return None
        heads = {scope: seq for scope, seq in ends.items() if seq}
        kept = {
            row.scope: {int(kind): s for kind, s in json.loads(row.sums).items()}
            for row in session.conn.execute(select(state_sum).where(state_sum.c.schema == request.schema))
            if heads.get(row.scope) == row.seq
        }
        fresh = {scope: sums(session.conn, scope, request.schema, {}) for scope in heads.keys() - kept.keys()}
    if fresh:
        with county.write() as session:
            _keep(session, request.schema, {scope: (heads[scope], found) for scope, found in fresh.items()})
    found = {scope: s for scope, s in (kept | fresh).items() if s}
    if digest(found) == request.state:
        return {}
    theirs = request.sums or {}
    return {scope: found.get(scope, {}) for scope in heads if unequal(found.get(scope, {}), theirs.get(scope, {}))}


def _keep(session: Session, schema: int, found: Mapping[str, tuple[int, Sums]]) -> None:
    for scope, (seq, s) in found.items():
        session.conn.execute(_SAVE, {"scope": scope, "schema": schema, "seq": seq, "sums": json.dumps(s)})


def record_result(session: Session, station: str, differing: Mapping[str, Sums], request: Request) -> None:
    """Record the result of a comparison."""
    if not differing:
        mended(session, station)
    for scope, theirs in differing.items():
        keep_alarm(session, station, scope, (request.cursors or {}).get(scope, 0), unequal(theirs, (request.sums or {}).get(scope, {})))

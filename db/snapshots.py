"""Tables of scope snapshots, state sums and detected differences (`sync.county.sending.snapshot`, `sync.replica.integrity`)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select

from db.mapping import program_table
from db.prepared import Prepared
from db.session import Session

snapshot = program_table("snapshot", "scope! seq:big! manifest:bytes signature:bytes installed:int")
"""At the county: the latest snapshot of a scope. At a station: the one being fetched, and those that its logs begin with (`installed`)."""

snapshot_piece = program_table("snapshot_piece", "scope! seq:big! number:int! body:bytes")
"""Pieces of a snapshot. After installation only those remain that hold kinds or fields this program does not know yet."""

state_sum = program_table("state_sum", "scope! schema:int! seq:big sums")
"""The county's sums of a scope's state at a position of its log, over the fields that a schema knows: computed once, compared many
times."""

difference = program_table("difference", "id:int! at station scope kind:int seq:big mended:int", counted=True)
"""Cases of a station's records differing from the county's (`kind` 0: its lists of conflicts). `mended`: fetched again and equal since."""


@dataclass(frozen=True)
class Difference:
    """A difference in one kind of record of one scope between this station and the county."""

    station: str
    scope: str
    kind: int


def differences(session: Session) -> list[Difference]:
    """The unresolved differences, newest first."""
    query = select(difference).where(difference.c.mended == 0).order_by(difference.c.id.desc())
    return [Difference(row.station, row.scope, row.kind) for row in session.conn.execute(query)]


def differing(session: Session) -> dict[str, int]:
    """How often each station was found to differ."""
    query = select(difference.c.station, func.count()).group_by(difference.c.station)
    return dict(session.conn.execute(query).all())


_LATER = Prepared(
    select(snapshot.c.seq)
    .where(snapshot.c.scope == bindparam("of"), snapshot.c.installed == 1, snapshot.c.seq > bindparam("after"))
    .limit(1)
)


def installed_after(conn: Connection, scope: str, seq: int) -> bool:
    """Whether the log of a scope begins here with a snapshot later than `seq`, so that some entries after `seq` are missing."""
    return _LATER.first(conn, of=scope, after=seq) is not None

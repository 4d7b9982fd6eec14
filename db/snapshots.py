"""Tables of scope snapshots, state sums and detected differences (`sync.county.snapshot`, `sync.replica.integrity`)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Connection, Integer, LargeBinary, Table, bindparam, func, select

from db.mapping import TEXT, metadata
from db.prepared import Prepared
from db.session import Session

snapshot = Table(
    "snapshot",
    metadata,
    Column("scope", TEXT, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("manifest", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("installed", Integer, nullable=False),
)
"""At the county: the latest snapshot of a scope. At a station: the one being fetched, and those that its logs begin with (`installed`)."""

snapshot_piece = Table(
    "snapshot_piece",
    metadata,
    Column("scope", TEXT, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
)
"""Pieces of a snapshot. After installation only those remain that hold kinds or fields this program does not know yet."""

state_sum = Table(
    "state_sum",
    metadata,
    Column("scope", TEXT, primary_key=True),
    Column("schema", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("sums", TEXT, nullable=False),
)
"""The county's sums of a scope's state at a position of its log, over the fields that a schema knows: computed once, compared many
times."""

difference = Table(
    "difference",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", TEXT, nullable=False),
    Column("station", TEXT, nullable=False),
    Column("scope", TEXT, nullable=False),
    Column("kind", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("mended", Integer, nullable=False),
    sqlite_autoincrement=True,
)
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

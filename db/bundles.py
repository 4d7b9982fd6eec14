"""Tables of USB bundles (`sync.wire.bundle`): those written here, those carried for villages, and batches that arrived ahead of their
predecessors."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, LargeBinary, Table, func, select

from db.mapping import TEXT, metadata

bundle = Table(
    "bundle",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sha256", LargeBinary, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("station", TEXT, nullable=False),
    Column("scope", TEXT, nullable=False),
    Column("incarnation", Integer, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("records", BigInteger, nullable=False),
    Column("written_at", TEXT, nullable=False),
    Column("noted_at", TEXT, nullable=False),
    Column("body", LargeBinary),
    Column("relayed_by", TEXT),
    Column("relayed_at", TEXT),
    Column("answered_at", TEXT),
    Column("answer", LargeBinary),
    Column("problem", TEXT),
    sqlite_autoincrement=True,
)
"""Upward bundles: the station's own and, at a township, those it carries (`body`: verbatim, until the county has answered or refused
it; its `answer`). `last`: number of the last batch inside, 0 for none. `written_at`: time by the writer's clock. `relayed_by`,
`relayed_at`: the township that took it (乡镇已收). `answered_at`: when the county's answer arrived (县已收). `problem`: the county's reason
code for a refusal."""
Index("ix_bundle_sha256", bundle.c.sha256, unique=True)

ahead = Table(
    "ahead",
    metadata,
    Column("log", TEXT, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    Column("at", TEXT, nullable=False),
)
"""Items that arrived in a bundle before the ones they continue, kept verbatim until those arrive. At the county: sealed batches by
author and number. At a station: sequenced entries (`sync.wire.messages.Entry`) by scope and seq."""


def early(conn: Connection) -> int:
    """How many items wait for the ones they continue."""
    return conn.execute(select(func.count()).select_from(ahead)).scalar_one()

"""What is known of USB bundles (`sync.wire.bundle`): those written here, those carried for villages, and what came before its turn."""

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
"""Upward bundles: own ones, and at a township those it carries (`body`: verbatim, until the county's `answer` to it is here).
`last`: number of the last batch inside, 0 for none. `written_at` is what its writer's clock said. `relayed_by`, `relayed_at`: the township
that took it (乡镇已收). `answered_at`: the county's answer came (县已收). `problem`: the machine word why the county refused it."""
Index("ix_bundle_sha256", bundle.c.sha256, unique=True)

ahead = Table(
    "ahead",
    metadata,
    Column("log", TEXT, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    Column("at", TEXT, nullable=False),
)
"""What came in a bundle before what it continues, verbatim, until that comes too. At the county a sealed batch by its author and number;
at a station a sequenced entry (`sync.wire.messages.Entry`) by scope and seq."""


def early(conn: Connection) -> int:
    """How much came before what it continues, and waits for that."""
    return conn.execute(select(func.count()).select_from(ahead)).scalar_one()

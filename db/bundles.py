"""Tables of USB bundles (`sync.wire.bundle`): those written here, those carried for villages, and batches that arrived ahead of their
predecessors."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection, Index, func, select

from db.mapping import program_table

bundle = program_table(
    "bundle",
    "id:int! sha256:bytes kind station scope incarnation:int last:big records:big written_at noted_at body:bytes? "
    "relayed_by? relayed_at? answered_at? answer:bytes? problem?",
    counted=True,
)
"""Upward bundles: the station's own and, at a township, those it carries (`body`: verbatim, until the county has answered or refused
it; its `answer`). `last`: number of the last batch inside, 0 for none. `written_at`: time by the writer's clock. `relayed_by`,
`relayed_at`: the township that took it (乡镇已收). `answered_at`: when the county's answer arrived (县已收). `problem`: the county's reason
code for a refusal."""
Index("ix_bundle_sha256", bundle.c.sha256, unique=True)

ahead = program_table("ahead", "log! number:big! body:bytes at")
"""Items that arrived in a bundle before the ones they continue, kept verbatim until those arrive. At the county: sealed batches by
author and number. At a station: sequenced entries (`sync.wire.messages.Entry`) by scope and seq."""


def early(conn: Connection) -> int:
    """How many items wait for the ones they continue."""
    return conn.execute(select(func.count()).select_from(ahead)).scalar_one()


def early_by_station(conn: Connection) -> Counter[str]:
    """At the county: the same by the station that sealed them."""
    found = Counter[str]()
    for log, number in conn.execute(select(ahead.c.log, func.count()).group_by(ahead.c.log)):
        found[log.rpartition(".")[0]] += number
    return found

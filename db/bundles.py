"""Tables of transfers: USB bundles (`sync.wire.bundle`) written here or carried for villages, batches that arrived ahead of their
predecessors, and beginnings of items, kept so that only the remainder has to be sent again."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection, Index, delete, func, select

from db.mapping import program_table
from db.session import Session

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


part = program_table("part", "log! number:big body:bytes")
"""One partial item per log. At the county a sealed batch, by author and number; at a station an entry's batch, by scope and seq."""


def keep_part(session: Session, log: str, number: int, body: bytes) -> None:
    """Store the beginning of a log's next item, replacing any earlier one; an empty beginning is not stored."""
    session.conn.execute(delete(part).where(part.c.log == log))
    if body:
        session.conn.execute(part.insert().values(log=log, number=number, body=body))


def kept_part(session: Session, log: str, number: int) -> bytes:
    """The stored beginning of that item; empty if there is none."""
    found = session.conn.execute(select(part.c.body).where(part.c.log == log, part.c.number == number)).scalar()
    return b"" if found is None else bytes(found)

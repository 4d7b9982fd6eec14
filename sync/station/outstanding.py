"""Unfinished work of a station's sync, found by a single query: most exchanges have nothing to do and should cost next to nothing."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from db.bundles import bundle, part
from db.capture import UNACKNOWLEDGED, op
from db.contents import content
from db.exchange import outbox
from db.mapping import TABLES
from db.prepared import Prepared
from db.session import Session
from db.snapshots import snapshot


@dataclass(frozen=True)
class Outstanding:
    """The unfinished work of a station's sync.

    `unsent`: number of own changes the county has not acknowledged; `unsealed`: whether some of them are in no batch yet. Whether there
    are `batches` in the outbox, partial transfers (`parts`), a snapshot not installed yet (`begun`), attachments or their contents
    (`files`), bundles of other stations to forward (`carried`).
    """

    unsent: int
    unsealed: bool
    batches: bool
    parts: bool
    begun: bool
    files: bool
    carried: bool


_attachment = TABLES["attachment"]
_OUTSTANDING = Prepared(
    select(
        select(func.count()).select_from(op).where(UNACKNOWLEDGED).scalar_subquery(),
        select(op.c.seq).where(UNACKNOWLEDGED, op.c.batch.is_(None)).exists(),
        select(outbox.c.number).exists(),
        select(part.c.log).exists(),
        select(snapshot.c.seq).where(snapshot.c.installed == 0).exists(),
        select(content.c.sha256).exists() | select(_attachment.c.id).exists(),
        select(bundle.c.id).where(bundle.c.body.is_not(None), bundle.c.problem.is_(None)).exists(),
    )
)


def outstanding(session: Session) -> Outstanding:
    """Return the unfinished work."""
    unsent, *there = _OUTSTANDING.first(session.conn)
    return Outstanding(unsent, *map(bool, there))

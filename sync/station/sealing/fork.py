"""Gives a copied or restored store a new incarnation, under which unacknowledged changes are sealed again."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from sqlalchemy import bindparam, delete, select, update

from db.bundles import ahead
from db.capture import UNACKNOWLEDGED, op
from db.exchange import outbox
from db.local import RESTORED, get_meta, set_meta
from db.session import Session
from sync.replica.identity import Identity, new_incarnation, save_head, save_incarnation
from sync.wire.envelope import START, digest, open_batch, reseal

_MARK = update(op).where(UNACKNOWLEDGED, op.c.seq == bindparam("change")).values(batch=bindparam("number"))


def settle_restored(session: Session, me: Identity) -> None:
    """Take a new incarnation if the store was restored from a backup, before it seals anything."""
    if get_meta(session, RESTORED) is not None:
        fork(session, me, new_incarnation())
        set_meta(session, RESTORED, None)


def fork(session: Session, me: Identity, incarnation: int, most: Mapping[str, int] | None = None) -> None:
    """Continue under a new incarnation, in this transaction.

    Batches in the outbox keep their changes with ids, and their `known` cursor (or the one in `most`, if the log is shorter now). The chain
    starts anew. Changes not sealed yet are sealed later, as usual.
    """
    waiting = [(row, open_batch(bytes(row.body))) for row in session.conn.execute(select(outbox))]
    waiting.sort(key=lambda pair: min(seq for group in pair[1].groups for seq in group.seqs))  # in the order in which they were made
    me.incarnation, me.number, me.sha256, me.token = incarnation, 0, START, b""
    for old, batch in waiting:
        me.number += 1
        known = min(old.known, (most or {}).get(old.scope, old.known))
        header = msgspec.structs.replace(batch.header, incarnation=incarnation, number=me.number, previous=me.sha256, known=known)
        body = reseal(batch, header, me.signing)
        me.sha256 = digest(body)
        session.conn.execute(delete(outbox).where(outbox.c.incarnation == old.incarnation, outbox.c.number == old.number))
        fresh = {"incarnation": incarnation, "number": me.number, "sha256": me.sha256, "body": body, "known": known}
        session.conn.execute(outbox.insert().values(**(dict(old._mapping) | fresh)))
        session.conn.execute(_MARK, [{"number": me.number, "change": seq} for group in batch.groups for seq in group.seqs])
    session.conn.execute(delete(ahead))  # it may refer to batches by their old numbers; the county sends it again
    save_head(session, me)
    save_incarnation(session, me)

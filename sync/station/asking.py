"""What a station says to the county, over the network and on a stick alike: everything sealed, and how far it has read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace
from sqlalchemy import bindparam, select

from db.exchange import outbox, unacknowledged
from db.local import get_meta
from db.session import Session
from db.store import Store
from domain.words import _
from sync.replica import identity
from sync.replica.history import cursors_with_tips
from sync.replica.identity import Identity
from sync.station.look import look
from sync.station.seal import restored, seal
from sync.wire.envelope import SCHEMA
from sync.wire.messages import MAX_VECTOR, PROTOCOL, Request, heads_digest, program, proof_message

Progress = Callable[[int, int, str], None]


def seal_waiting(store: Store, me: Identity, progress: Progress) -> tuple[Identity, int]:
    """Seal all that is not sealed yet; answers who this station is now, and how many changes the county has not acknowledged."""
    left, total = True, 0
    while left:  # slice by slice: whoever is typing waits a moment at most
        with store.applying() as session:
            me = identity.load(session) or me
            sealed, there = seal(session, me), look(session)
            left = sealed > 0 and (there.unsealed or restored(session))  # asked here: an empty slice would wait for the disk for nothing
            total = there.unsent
        progress(0, total, _("正在整理要上传的改动"))
    return me, total


_BATCHES = (
    select(outbox.c.body).where(outbox.c.incarnation == bindparam("under"), outbox.c.number > bindparam("after")).order_by(outbox.c.number)
)


def waiting(session: Session, me: Identity, after: int, budget: int) -> list[bytes]:
    """Own sealed batches after number `after`, in order, as many as the budget allows (one at least)."""
    batches: list[bytes] = []
    size = 0
    for body in session.conn.execute(_BATCHES, {"under": me.incarnation, "after": after}).scalars():
        if batches and size + len(body) > budget:
            break
        batches.append(body)
        size += len(body)
    return batches


def request(
    session: Session,
    me: Identity,
    batches: Sequence[bytes],
    budget: int,
    *,
    vector: bool = False,
    token: bytes = b"",
    unsent: int | None = None,
) -> Request:
    """The request. `budget`: bytes of entries wanted; `vector`: send the cursors however many they are. `unsent`: where it is known."""
    heads, read = cursors_with_tips(session)
    unsent = unacknowledged(session) if unsent is None else unsent
    sent = heads if vector or len(heads) <= MAX_VECTOR else None
    return Request(
        protocol=PROTOCOL,
        schema=SCHEMA,
        program=program(),
        station=me.station,
        incarnation=me.incarnation,
        token=token,
        number=me.number,
        sha256=me.sha256,
        unsent=unsent,
        cursors=sent,
        digest=heads_digest(heads, read),
        budget=budget,
        batches=list(batches),
        rewound=get_meta(session, identity.REWOUND) == str(me.incarnation),
        tips=[read[scope] for scope in sorted(heads)] if sent is not None else [],
    )


def proved(me: Identity, request: Request, nonce: bytes) -> Request:
    """The request again, signed because its token was not taken."""
    return replace(request, nonce=nonce, proof=me.signing.sign(proof_message(me.county, me.station, nonce)).signature)

"""Builds a station's requests to the county, for the network and for a stick: its sealed batches and its cursors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from msgspec.structs import replace
from sqlalchemy import bindparam, func, select

from db import exchange
from db.alone import alone
from db.exchange import outbox
from db.local import get_meta
from db.prepared import Prepared
from db.session import Session
from db.store import Store
from domain.grouping import by_size
from domain.release import VERSION
from domain.words import _
from sync.replica import identity
from sync.replica.history import cursors_with_tips
from sync.replica.identity import Identity
from sync.wire.envelope import SCHEMA
from sync.wire.messages import MAX_VECTOR, PROTOCOL, Request, heads_digest, proof_message

P = ParamSpec("P")
R = TypeVar("R")
_PATIENCE = 10.0
"""Seconds to wait for another exchange of the store."""
_MINE = outbox.c.incarnation == bindparam("under")
_BATCHES = Prepared(select(outbox.c.body).where(_MINE, outbox.c.number > bindparam("after")).order_by(outbox.c.number))
_LEFT = Prepared(select(outbox.c.number).where(_MINE, outbox.c.number > bindparam("after")).limit(1))
_UP_TO = Prepared(select(func.coalesce(func.sum(outbox.c.count), 0)).where(_MINE, outbox.c.number <= bindparam("last")))


def one_at_a_time(talk: Callable[Concatenate[Store, P], R]) -> Callable[Concatenate[Store, P], R]:
    """Let exchanges of one store wait for each other, also those of another program. Two at once would present each other's tokens, like a
    store and its copy. Raises `Refused` after some seconds."""

    @wraps(talk)
    def alone_at_it(store: Store, /, *args: P.args, **words: P.kwargs) -> R:
        with alone(store.home / "exchange.lock", _PATIENCE, _("另一个窗口或命令正在同步，等它同步完再试。数据都在本机，没有改动。")):
            return talk(store, *args, **words)

    return alone_at_it


def waits(session: Session, me: Identity, after: int) -> bool:
    """Whether there are own sealed batches after number `after`."""
    return _LEFT.first(session.conn, under=me.incarnation, after=after) is not None


def counted(session: Session, me: Identity, last: int) -> int:
    """Return the number of changes in own sealed batches up to number `last`."""
    return int(_UP_TO.value(session.conn, under=me.incarnation, last=last))


def waiting(session: Session, me: Identity, after: int, budget: int) -> list[bytes]:
    """Return own sealed batches after number `after`, in order: as many as fit into `budget` bytes, at least one."""
    return next(by_size(_BATCHES.values(session.conn, under=me.incarnation, after=after), len, budget), [])


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
    """Return a request. `budget`: bytes of entries wanted; `vector`: send the cursors however many they are; `unsent`: if known already."""
    heads, read = cursors_with_tips(session)
    unsent = exchange.unsent(session) if unsent is None else unsent
    sent = heads if vector or len(heads) <= MAX_VECTOR else None
    return Request(
        protocol=PROTOCOL,
        schema=SCHEMA,
        program=VERSION,
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
    """Return the request signed, after the county did not accept its token."""
    return replace(request, nonce=nonce, proof=me.signing.sign(proof_message(me.county, me.station, nonce)).signature)

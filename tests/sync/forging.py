"""What a hostile or broken end says, and what a store and the county hold meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from nacl.signing import SigningKey
from sqlalchemy import func, select

from db.exchange import entry, outbox
from db.store import Store
from sync.replica import identity
from sync.station.sealing.seal import seal_all
from sync.wire import envelope
from sync.wire import messages as wire
from sync.wire.connection import HttpRequest, HttpResponse, Transport
from sync.wire.framing import join_answer
from tests.sync.conftest import World


def entries(world: World) -> int:
    with world.county.read() as session:
        return session.conn.execute(select(func.count()).select_from(entry)).scalar_one()


class Pretending(Transport):
    """A server that answers as a test says."""

    def __init__(self, reply: Callable[[HttpRequest], HttpResponse]) -> None:
        self._reply = reply

    def ask(self, request: HttpRequest) -> HttpResponse:
        return self._reply(request)


def pretend(status: int = 200, content: bytes = b"", kind: str = wire.CONTENT_TYPE) -> Pretending:
    return Pretending(lambda _request: HttpResponse(status, [content], kind))


def told(status: str) -> bytes:
    return join_answer(wire.Answer(status=status, time=1))


def request(store: Store, batches: list[bytes], **given: Any) -> wire.Request:
    with store.read() as session:
        me = identity.load(session)
    assert me is not None
    plain = wire.Request(
        protocol=1,
        schema=envelope.SCHEMA,
        program="t",
        station=me.station,
        incarnation=me.incarnation,
        token=me.token,
        number=10**6,
        sha256=me.sha256,
        unsent=0,
        cursors={},
        digest=b"",
        budget=10**6,
        batches=batches,
    )
    return msgspec.structs.replace(plain, **given)


def sealed_by(store: Store) -> list[bytes]:
    with store.applying() as session:
        me = identity.load(session)
        assert me is not None
        seal_all(session, me)
        return list(session.conn.execute(select(outbox.c.body).order_by(outbox.c.number)).scalars())


def signing(store: Store) -> SigningKey:
    with store.read() as session:
        me = identity.load(session)
    assert me is not None
    return me.signing

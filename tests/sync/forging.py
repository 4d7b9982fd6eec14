"""What a hostile or broken end says, and what a store and the county hold meanwhile."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import msgspec
from nacl.signing import SigningKey
from sqlalchemy import func, select

from db.exchange import entry, outbox, scope_head
from db.store import Store
from domain.fields import kind_of
from sync.county.answering import exchange as answer_request
from sync.county.keys import county_keys
from sync.replica import identity
from sync.station.sealing.seal import seal_all
from sync.wire import envelope
from sync.wire import messages as wire
from sync.wire.columns import Change
from sync.wire.connection import HttpRequest, HttpResponse, Transport
from sync.wire.envelope import START
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


NOW = "2026-11-28T08:00:00Z"


class OwnProgram:
    """A program of a clerk's own that has the key of his laptop: it says what it likes, under any incarnation, and of any time."""

    def __init__(self, world: World, store: Store) -> None:
        self._world = world
        self._store = store
        self._keys = county_keys(world.county)
        self.user = f"{store.user}@{store.station}"
        self._number = defaultdict[int, int](int)
        self._previous = defaultdict[int, bytes](lambda: START)
        self._made = 10_000

    def change(self, kind: str, id: str, what: str, *, about: str | None = None, when: str = NOW, **values: Any) -> Change:
        """A change; `about`: the conflict that a decision names."""
        self._made += 1
        declared = kind_of(kind)
        stored = {declared.by_name[name].number: value for name, value in values.items()}
        return Change(self._made, declared.number, id, what, self.user, when, "0123456789abcdef", stored, about)

    def head(self, scope: str | None = None) -> int:
        """The last position of a log."""
        with self._world.county.read() as session:
            mine = scope_head.c.scope == (scope or self._store.scope)
            return session.conn.execute(select(scope_head.c.seq).where(mine)).scalar() or 0

    def say(self, *changes: Change, known: int | None = None, incarnation: int = 777, scope: str | None = None) -> None:
        """Send a batch whose author had read its log up to `known`, by default all of it. The county takes it in."""
        self._number[incarnation] += 1
        place = (incarnation, self._number[incarnation], self._previous[incarnation], scope or self._store.scope)
        head = envelope.Header(
            1, envelope.SCHEMA, self._keys.county, self._store.station, *place, self.head(scope) if known is None else known, 0, []
        )
        sealed = envelope.seal(head, list(changes), signing(self._store))
        self._previous[incarnation] = envelope.digest(sealed)
        facts = {"incarnation": incarnation, "token": b"", "number": self._number[incarnation], "sha256": envelope.digest(sealed)}
        asked = request(self._store, [], **facts)
        nonce = answer_request(self._world.county, self._keys, asked).nonce
        proof = signing(self._store).sign(wire.proof_message(self._keys.county, self._store.station, nonce)).signature
        asked = msgspec.structs.replace(asked, batches=[sealed], nonce=nonce, proof=proof)
        assert answer_request(self._world.county, self._keys, asked).status == "ok"

"""Stations without a store: what they send and receive is real and signed, what they keep is in memory. For crowds and races."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from nacl.signing import SigningKey
from sqlalchemy import select

from db.county import County
from db.exchange import device
from domain.fields import kind_of
from domain.scopes import level_of
from server.devices import make_code
from sync.county.enrolment import enrol
from sync.county.keys import CountyKeys
from sync.wire import envelope
from sync.wire.columns import Change
from sync.wire.envelope import START, Header
from sync.wire.messages import PROTOCOL, Answer, Enrol, Request, heads_digest
from sync.wire.trust import split_code

PERSON = kind_of("person")
Ask = Callable[[Request], Answer]


@dataclass
class Light:
    """One station: `outbox` holds what the county has not acknowledged, `got` every entry it received, in order."""

    scope: str
    county: str
    name: str = ""
    key: SigningKey = field(default_factory=SigningKey.generate)
    token: bytes = b""
    number: int = 0
    sha256: bytes = START
    outbox: dict[int, bytes] = field(default_factory=dict)
    cursors: dict[str, int] = field(default_factory=dict)
    got: list[tuple[str, int, str, int]] = field(default_factory=list)
    _made: int = 0

    def __post_init__(self) -> None:
        self.name = self.name or f"{self.scope}-{secrets.token_hex(4)}"

    @classmethod
    def enrolled(cls, county: County, keys: CountyKeys, scope: str) -> Light:
        """A station the county knows."""
        made = cls(scope, keys.county)
        with county.write() as session:
            code, _fingerprint = split_code(make_code(session, scope, level_of(scope)).code)
        asked = Enrol(
            protocol=PROTOCOL,
            code=code,
            station=made.name,
            scope=scope,
            role=level_of(scope),
            key=bytes(made.key.verify_key),
            seal_key=bytes(made.key.verify_key),
            program="light",
        )
        answer = enrol(county, keys, asked)
        assert answer.status == "ok"
        made.token = answer.token
        with county.read() as session:
            assert session.conn.execute(select(device.c.scope).where(device.c.station == made.name)).scalar_one() == scope
        return made

    def seal(self, count: int = 1) -> None:
        """Put a batch of `count` new people into the outbox."""
        salt = secrets.token_hex(8)
        changes = []
        for n in range(count):
            self._made += 1
            given = {"name": f"人{self._made}", "document": "other", "id_number": f"{self.name}-{self._made}", "labour": "ordinary"}
            values = {PERSON.by_name[name].number: value for name, value in given.items()}
            id = f"{salt[:8]}-{salt[8:12]}-{salt[12:16]}-0000-{n:012x}"
            changes.append(Change(self._made, PERSON.number, id, "I", f"李@{self.name}", "2026-01-01T00:00:00Z", salt, values))
        self.number += 1
        known = self.cursors.get(self.scope, 0)
        head = Header(
            format=envelope.FORMAT,
            schema=envelope.SCHEMA,
            county=self.county,
            station=self.name,
            incarnation=1,
            number=self.number,
            previous=self.sha256,
            scope=self.scope,
            known=known,
            count=0,
            users=[],
        )
        sealed = envelope.seal(head, changes, self.key)
        self.sha256 = envelope.digest(sealed)
        self.outbox[self.number] = sealed

    def request(self, budget: int = 2**20) -> Request:
        """What it asks now."""
        return Request(
            protocol=PROTOCOL,
            schema=envelope.SCHEMA,
            program="light",
            station=self.name,
            incarnation=1,
            token=self.token,
            number=self.number,
            sha256=self.sha256,
            unsent=len(self.outbox),
            cursors=self.cursors,
            digest=heads_digest(self.cursors, {}),
            budget=budget,
            batches=list(self.outbox.values()),
        )

    def take(self, answer: Answer) -> None:
        """Note an answer as a trusting station would: its cursor goes to the last entry that came."""
        assert answer.status == "ok", answer.status
        self.token = answer.token or self.token  # where nothing is new the old one stays good
        for number in [n for n in self.outbox if n <= answer.received]:
            del self.outbox[number]
        for e in answer.entries:
            self.got.append((e.scope, e.seq, e.station, e.number))
            self.cursors[e.scope] = max(e.seq, self.cursors.get(e.scope, 0))

    def sync(self, ask: Ask) -> None:
        """Exchange until there is nothing more."""
        more = True
        while more:
            answer = ask(self.request())
            self.take(answer)
            more = answer.more or bool(self.outbox)

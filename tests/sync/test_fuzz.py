"""Real requests and answers with bits turned over, cut off, sent again, by others: the server answers, the station says one sentence,
nothing gets in. More of it with `CUNZHAN_SOAK_LONGER`."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from db.exchange import device, entry, outbox, unsent
from db.store import Store
from domain.errors import CunzhanError
from server.app import make_app
from server.limits import Limits, Rate
from sync.county.sending import snapshot
from sync.replica import pieces
from sync.station.enrol import enrol
from sync.station.exchange import exchange
from sync.wire.connection import HttpRequest, HttpResponse, Transport
from sync.wire.messages import CONTENT_TYPE
from tests.seeds import FIRST, LONGER
from tests.sync.conftest import OTHER_VILLAGE, SERVER, VILLAGE, World, add, assert_equal, get
from tests.sync.forging import Pretending
from tests.sync.sticks import Sticks
from tests.sync.test_snapshot import busy_village

BOMB = b"\x28\xb5\x2f\xfd\xa4" + b"\xff" * 8 + b"\x00" * 40
"""The head of a compressed message that says it is enormous."""


def spoilt(data: bytes, dice: random.Random) -> bytes:
    """`data` with a few bits turned over, cut short, with something in its middle, or with its end on twice."""
    at = dice.randrange(len(data))
    way = dice.randrange(5)
    if way == 0:
        return data[:at]
    if way == 1:
        return data[:at] + dice.randbytes(dice.randint(1, 9)) + data[at:]
    if way == 2:
        return data + data[at:]
    if way == 3:
        return data[:at] + BOMB + data[at + len(BOMB) :]
    spoiling = bytearray(data)
    for _n in range(dice.randint(1, 3)):
        spoiling[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    return bytes(spoiling)


@contextlib.contextmanager
def recorded(world: World) -> Iterator[list[tuple[str, bytes, bytes]]]:
    """What passes: paths, requests and answers."""
    passed: list[tuple[str, bytes, bytes]] = []
    inner = world.line.inner

    class Recording(Transport):
        def ask(self, request: HttpRequest) -> HttpResponse:
            body, response = request.body, inner.ask(request)
            passed.append((request.path, body, response.read()))
            return response

    world.line.inner = Recording()
    yield passed
    world.line.inner = inner


def own(store: Store) -> set[bytes]:
    with store.read() as session:
        return {bytes(body) for t in (outbox, entry) for body in session.conn.execute(select(t.c.body)).scalars()}


def test_spoilt_requests_are_answered_and_let_nothing_in(world: World) -> None:
    """Every endpoint: whatever comes of it, the county holds only what stations sealed, and only devices that had a code."""
    a, b = world.store("甲"), world.station("丙", OTHER_VILLAGE)
    with recorded(world) as passed:
        enrol(a, SERVER, world.code(VILLAGE), transport=world.line)
        add(a)
        add(b)
        world.sync(a, b)
        add(a)
        (world.folder / "stick").mkdir()
        sticks = Sticks(world, world.folder / "stick")
        passed.append(("/bundle", sticks.write(a).read_bytes(), b""))
    sealed = own(a) | own(b)
    many = Rate(10**9, 0.0)
    client = TestClient(make_app(world.county, Limits(station=many, address=many, guesses=many)))
    dice = random.Random(FIRST)
    requests = [(path, body) for path, body, _answer in passed if path in ("/sync", "/enrol", "/bundle")]
    assert {path for path, _body in requests} == {"/sync", "/enrol", "/bundle"}
    for path, body in requests:
        assert client.post(path, content=body).status_code in (200, 400), path  # again, late: harmless
        for _n in range(12 * LONGER):
            assert client.post(path, content=spoilt(body, dice)).status_code in (200, 400), path
    with world.county.read() as session:
        assert {bytes(body) for body in session.conn.execute(select(entry.c.body)).scalars()} <= sealed
        assert set(session.conn.execute(select(device.c.station)).scalars()) == {a.station, b.station}
    world.settle()
    assert_equal(world)


@pytest.mark.parametrize("by", ["log", "snapshot"])
def test_spoilt_answers_are_told_in_a_sentence_and_the_next_good_one_is_taken(
    world: World, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    busy_village(world)
    if by == "snapshot":
        monkeypatch.setattr(snapshot, "FROM", 0)
        monkeypatch.setattr(snapshot, "FEW", 1)
        monkeypatch.setattr(pieces, "ROWS", 3)
    fresh = world.station("新")
    mine = add(fresh)
    dice = random.Random(FIRST)

    def spoil(request: HttpRequest) -> HttpResponse:
        response = world.line.inner.ask(request)
        return HttpResponse(response.status, [spoilt(response.read(), dice)], CONTENT_TYPE)

    for _n in range(12 * LONGER):
        with contextlib.suppress(CunzhanError):
            exchange(fresh, transport=Pretending(spoil))
        assert get(fresh, mine) is not None
    world.settle()
    assert_equal(world)
    assert get(world.county, mine) is not None


def test_answers_to_an_enrolment_that_break_off_leave_the_store_as_it_was(world: World) -> None:
    store, code = world.store("甲"), world.code(VILLAGE)
    mine = add(store)
    dice = random.Random(FIRST)

    def spoil(request: HttpRequest) -> HttpResponse:
        content = world.line.inner.ask(request).read()
        return HttpResponse(200, [content[: dice.randrange(len(content))]], CONTENT_TYPE)

    for _n in range(12 * LONGER):
        with pytest.raises(CunzhanError):
            enrol(store, SERVER, code, transport=Pretending(spoil))
        with store.read() as session:
            assert unsent(session) == 1
    enrol(store, SERVER, code, transport=world.line)
    world.settle()
    assert get(world.county, mine) is not None

"""Attachments forged, spoilt, too big or of another village."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace as changed
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import func, select, update

from db import contents as held_contents
from db.contents import content, content_piece
from db.mapping import table
from db.store import Store
from domain.attachments import MAX_SIZE
from domain.errors import NotFound
from server.limits import Limits, Rate
from sync.county import contents
from sync.county.keys import county_keys
from sync.replica import identity
from sync.station import asking
from sync.station.exchange import exchange
from sync.wire import messages as wire
from sync.wire.connection import HttpRequest, HttpResponse
from tests.sync.conftest import OTHER_VILLAGE, TOWNSHIP, VILLAGE, World, add, both
from tests.sync.forging import Pretending
from tests.sync.photos import END, JPEG, at_county, attach, bytes_of, photo, sha_of, state

FAR_VILLAGE = "230826102202"


class Asker:
    """Speaks `/content` in a station's name, with whatever a test wants to say."""

    def __init__(self, world: World, store: Store) -> None:
        self._world, self._store = world, store
        self._keys = county_keys(world.county)

    def ask(self, **said: Any) -> wire.Contained:
        with self._store.read() as session:
            me = identity.load(session)
            assert me
            request = asking.request(session, me, [], 0, token=me.token)
        return contents.answer(self._world.county, self._keys, wire.Contents(asking=request, **said))


def forged(store: Store, person: str, sha: str, size: int) -> str:
    return add(store, "attachment", record_id=person, name="x.jpg", media_type="image/jpeg", sha256=sha, size=size)


def piece(sha: str, start: int, body: bytes) -> wire.Piece:
    return wire.Piece(bytes.fromhex(sha), start, body)


@both
def test_another_villages_content_is_neither_read_nor_written(world: World, tmp_path: Path) -> None:
    a, other = world.station("甲"), world.station("邻", OTHER_VILLAGE)
    data = photo(tmp_path).read_bytes()
    id = attach(a, add(a), photo(tmp_path))
    world.sync(a, other)
    sha = sha_of(a, id)
    neighbour = Asker(world, other)
    assert neighbour.ask(wanted=[(bytes.fromhex(sha), 0)], budget=2**20).pieces == []
    unsent = JPEG + b"x" * 5000
    id = forged(a, add(a), sha256(unsent).hexdigest(), len(unsent))
    world.sync(a)
    answer = neighbour.ask(
        offered=[(sha256(unsent).digest(), len(unsent))], pieces=[piece(sha_of(a, id), 0, unsent)], wanted=[(sha256(data).digest(), 0)]
    )
    assert (answer.held, answer.pieces) == ([wire.NOT_TAKEN], [])
    assert at_county(world.county, sha_of(a, id)) == b""


@both
def test_a_record_that_states_anothers_hash_does_not_read_its_file(world: World, tmp_path: Path) -> None:
    """Whoever was at the township once knows it. Who has the file sends it as well, and then reads it like everybody in the village."""
    a, thief, honest = world.station("甲"), world.station("邻", OTHER_VILLAGE), world.station("远", FAR_VILLAGE)
    data = photo(tmp_path).read_bytes()
    sha, size = sha256(data).hexdigest(), len(data)
    attach(a, add(a), photo(tmp_path))
    world.sync(a)
    forged(thief, add(thief), sha, size)
    id = attach(honest, add(honest), photo(tmp_path))
    town = world.station("镇", TOWNSHIP)
    world.sync(thief, honest, town)
    assert Asker(world, thief).ask(offered=[(bytes.fromhex(sha), size)], wanted=[(bytes.fromhex(sha), 0)], budget=2**20).pieces == []
    with town.applying() as session:
        held_contents.want(session, sha)
    world.sync(town, thief)
    with town.read() as session:  # who reads one village's copy has it, and sending it again does not show it to the other
        assert held_contents.read(session, sha) == data
    with town.applying() as session:
        held_contents.forget_sent(session, sha)
    world.sync(town, thief)
    assert Asker(world, thief).ask(wanted=[(bytes.fromhex(sha), 0)], budget=2**20).pieces == []
    with thief.read() as session:
        assert held_contents.size(session, sha) is None
    mate = world.station("远二", FAR_VILLAGE)
    world.sync(mate)
    assert state(honest, id) == state(mate, id) == "here"
    asker = Asker(world, thief)
    wrong = data[:-1] + b"x"
    for body, held in ((wrong, 0), (data, size)):
        assert asker.ask(offered=[(bytes.fromhex(sha), size)], pieces=[piece(sha, 0, body)]).held == [held]
    assert asker.ask(wanted=[(bytes.fromhex(sha), 0)], budget=2**20).pieces == [piece(sha, 0, data)]
    assert at_county(world.county, sha) == data


@both
def test_what_one_station_spoils_another_still_sends(world: World, tmp_path: Path) -> None:
    a, b = world.station("甲"), world.station("乙")
    data = JPEG + b"y" * 19_998 + END
    sha = sha256(data).hexdigest()
    forged(b, add(b), sha, len(data))
    world.sync(b)
    spoiler = Asker(world, b)
    spoilt = spoiler.ask(offered=[(bytes.fromhex(sha), len(data))], pieces=[piece(sha, 0, b"z" * 10_000)])
    assert spoilt.held == [10_000]
    id = attach(a, add(a), _written(tmp_path, data))
    assert world.sync(a).files_sent == 1
    assert at_county(world.county, sha) == data
    assert spoiler.ask(offered=[(bytes.fromhex(sha), len(data))], pieces=[piece(sha, 10_000, b"z" * 10_004)]).held == [len(data)]
    assert at_county(world.county, sha) == data
    assert state(a, id) == "here"


def _written(folder: Path, data: bytes) -> Path:
    file = folder / "y.jpg"
    file.write_bytes(data)
    return file


@both
def test_wrong_bytes_sizes_and_offsets_are_not_taken(world: World) -> None:
    a = world.station("甲")
    data = JPEG + b"q" * 50_000
    sha, size = sha256(data).hexdigest(), len(data)
    forged(a, add(a), sha, size)
    forged(a, add(a), sha256(b"big").hexdigest(), MAX_SIZE + 1)
    forged(a, add(a), sha256(b"none").hexdigest(), 0)
    forged(a, add(a), sha256(b"less").hexdigest(), -5)
    world.sync(a)
    ask = Asker(world, a).ask
    offered = [(bytes.fromhex(sha), size)]
    assert ask(offered=[(bytes.fromhex(sha), size - 1)]).held == [wire.NOT_TAKEN]
    sizes = [(b"big", MAX_SIZE + 1), (b"none", 0), (b"less", -5), (b"unknown", 9)]
    assert ask(offered=[(sha256(text).digest(), n) for text, n in sizes]).held == [wire.NOT_TAKEN] * 4
    assert ask(offered=[(b"", 1), (b"short", 1), (b"x" * 1000, 1)]).held == [wire.NOT_TAKEN] * 3
    for start, body in ((1, data), (-1, data), (0, b""), (0, data + b"!"), (0, data[:100]), (2**40, b"x" * 5000)):
        assert ask(offered=offered, pieces=[piece(sha, start, body)]).held == [0], (start, len(body))
    assert ask(offered=[], pieces=[piece(sha, 0, data)]).held == []
    assert ask(offered=offered).held == [0]
    assert ask(offered=offered, pieces=[piece(sha, 0, b"w" * size)]).held == [0]  # whole, but another file: all dropped
    with world.county.read() as session:
        assert session.conn.execute(select(func.count()).select_from(content_piece)).scalar_one() == 0
    assert ask(offered=offered, pieces=[piece(sha, 0, data[:30_000]), piece(sha, 30_000, data[30_000:])]).held == [size]
    for start in (-1, size, 2**40):
        assert ask(wanted=[(bytes.fromhex(sha), start)], budget=2**20).pieces == []
    assert ask(wanted=[(bytes.fromhex(sha), 40_000)], budget=2**40).pieces == [piece(sha, 40_000, data[40_000:])]
    got = ask(wanted=[(bytes.fromhex(sha), 10)], budget=-7).pieces
    assert got == [piece(sha, 10, data[10 : 10 + contents.SMALLEST])]


def test_a_record_with_a_forged_size_fetches_nothing(world: World, tmp_path: Path) -> None:
    a, b = world.station("甲"), world.station("乙")
    id = attach(a, add(a), photo(tmp_path))
    world.sync(a)
    with a.applying() as session:
        session.conn.execute(content.delete())
        session.conn.execute(content_piece.delete())
    with world.county.write() as session:
        session.conn.execute(update(table("attachment")).values(size=5))
    asker = Asker(world, a)
    assert asker.ask(wanted=[(bytes.fromhex(sha_of(a, id)), 0)], budget=2**20).pieces == []
    assert world.sync(a).files_received == 0
    assert b.scope == VILLAGE


def test_a_county_that_sends_other_bytes_is_not_believed(world: World, tmp_path: Path) -> None:
    a, b = world.station("甲"), world.station("乙")
    id = attach(a, add(a), photo(tmp_path))
    world.sync(a)

    def spoil(pieces: list[wire.Piece]) -> list[wire.Piece]:
        return [replace(p, body=b"\x00" * len(p.body)) for p in pieces]

    def shift(pieces: list[wire.Piece]) -> list[wire.Piece]:
        return [replace(p, start=p.start + 1) for p in pieces]

    def another(pieces: list[wire.Piece]) -> list[wire.Piece]:
        return [replace(p, sha256=b"\x07" * 32) for p in pieces]

    def endless(pieces: list[wire.Piece]) -> list[wire.Piece]:
        return [replace(p, body=p.body + b"\x00" * MAX_SIZE) for p in pieces]

    for lie in (spoil, shift, another, endless):

        def reply(request: HttpRequest, lie: Callable[[list[wire.Piece]], list[wire.Piece]] = lie) -> HttpResponse:
            response = world.line.ask(request)
            if request.path != "/content":
                return response
            answer = wire.read(wire.Contained, response.read())
            told = wire.pack(replace(answer, pieces=lie(answer.pieces)))
            return HttpResponse(200, [told], wire.CONTENT_TYPE)

        assert exchange(b, transport=Pretending(reply)).files_received == 0
        with pytest.raises(NotFound):
            bytes_of(b, id)
    assert world.sync(b).files_received == 1
    assert bytes_of(b, id) == bytes_of(a, id)


@pytest.mark.parametrize("held", [[], [5, 5], [2**60], [-9]])
def test_nonsense_about_what_is_held_ends_the_files_and_nothing_else(world: World, tmp_path: Path, held: list[int]) -> None:
    a = world.station("甲")
    id = attach(a, add(a), photo(tmp_path))

    def reply(request: HttpRequest) -> HttpResponse:
        if request.path != "/content":
            return world.line.ask(request)
        told = wire.pack(wire.Contained(status="ok", held=held))
        return HttpResponse(200, [told], wire.CONTENT_TYPE)

    result = exchange(a, transport=Pretending(reply))
    assert (result.pushed, result.files_left) == (2, 1)
    assert state(a, id) == "unsent"


def test_unfinished_content_of_one_station_is_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "UNFINISHED", 25_000)
    a = world.station("甲")
    shas = [sha256(str(n).encode()).hexdigest() for n in range(4)]
    for sha in shas:
        forged(a, add(a), sha, 100_000)
    world.sync(a)
    ask = Asker(world, a).ask
    for sha in shas:
        assert ask(offered=[(bytes.fromhex(sha), 100_000)], pieces=[piece(sha, 0, b"x" * 10_000)]).held == [10_000]
    with world.county.read() as session:
        assert held_contents.unfinished(session, a.station) == 20_000


def test_revoked_and_unknown_stations_get_nothing(world: World, tmp_path: Path) -> None:
    from server.devices import revoke

    a = world.station("甲")
    id = attach(a, add(a), photo(tmp_path))
    world.sync(a)
    asker = Asker(world, a)
    with a.applying() as session:
        identity.save_token(session, b"\x01" * 16)
    wanted = [(bytes.fromhex(sha_of(a, id)), 0)]
    answer = asker.ask(wanted=wanted, budget=9)
    assert (answer.status, answer.pieces) == ("prove", [])
    with world.county.write() as session:
        revoke(session, a.station)
    assert asker.ask(wanted=wanted).status in ("prove", "revoked")
    stranger = contents.answer(world.county, county_keys(world.county), wire.Contents(asking=_stranger(a), wanted=wanted))
    assert (stranger.status, stranger.pieces) == ("unknown", [])


def _stranger(store: Store) -> wire.Request:
    with store.read() as session:
        me = identity.load(session)
        assert me
        return replace(asking.request(session, me, [], 0, token=me.token), station="nobody")


def test_rates_and_garbage_at_that_door(world: World) -> None:
    from starlette.testclient import TestClient

    from server.app import make_app

    a = world.station("甲")
    limits = changed(Limits(), station=Rate(2, 100.0))
    client = TestClient(make_app(world.county, limits))
    with a.read() as session:
        me = identity.load(session)
        assert me
        body = wire.pack(wire.Contents(asking=asking.request(session, me, [], 0, token=me.token)))
    assert [client.post("/content", content=body).status_code for _n in range(3)] == [200, 200, 429]
    assert [client.post("/content", content=junk).status_code for junk in (b"", b"x", body[:-3], b"\xff" * 99)] == [400] * 4

"""Attachments after text: cut anywhere, forged, spoilt, too big or another village's; no record waits for them, no file is lost."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace as changed
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2
import pytest
from msgspec.structs import replace
from sqlalchemy import func, select, update

from db import contents as held_contents
from db.contents import content, content_piece
from db.county import County
from db.mapping import table
from db.session import Session
from db.store import Store
from domain.attachments import MAX_SIZE, clean_name, media_type
from domain.errors import DomainError, InputUnusable, NotFound, Stopped
from server.limits import Limits, Rate
from services import attachments as service
from services.registry import undelete
from sync.county import contents, erasure
from sync.county.answering import county_keys
from sync.replica import identity
from sync.station import asking, attachments
from sync.station.exchange import ExchangeResult, exchange
from sync.wire import messages as wire
from tests.sync.conftest import OTHER_VILLAGE, PASSWORD, TOWNSHIP, VILLAGE, World, add, both, get, seeded

JPEG = b"\xff\xd8\xff\xe0"


def photo(folder: Path, size: int = 300_000, name: str = "证明.jpg", seed: int = 1) -> Path:
    file = folder / name
    file.write_bytes(JPEG + random.Random(seed).randbytes(size - len(JPEG)))
    return file


def attach(store: Store, record_id: str, file: Path) -> str:
    with store.write("附件") as session:
        return service.add(session, "person", record_id, file)


def sha_of(store: Store, id: str) -> str:
    return str(get(store, id, "attachment").sha256)


def bytes_of(store: Store, id: str) -> bytes:
    with store.read() as session:
        return service.content(session, id)[1]


def state(store: Store, id: str) -> str:
    with store.read() as session:
        return next(a.state for a in service.attachments(session) if a.id == id)


def at_county(county: County, sha: str) -> bytes:
    with county.read() as session:
        return held_contents.read(session, sha)


class Counting(httpx2.BaseTransport):
    """Counts requests for contents and the bytes of pieces in them; `cut` may break one before or after it arrives."""

    def __init__(self, inner: httpx2.BaseTransport, cut: Callable[[int], str] = lambda _n: "") -> None:
        self.inner, self.cut = inner, cut
        self.asked = 0
        self.up = 0
        self.down = 0

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path != "/content":
            return self.inner.handle_request(request)
        self.asked += 1
        how = self.cut(self.asked)
        if how == "before":
            raise httpx2.ConnectError("cut", request=request)
        asked = wire.read(wire.Contents, request.read())
        self.up += sum(len(p.body) for p in asked.pieces)
        response = self.inner.handle_request(request)
        if how == "after":
            raise httpx2.ReadError("cut", request=request)
        self.down += sum(len(p.body) for p in wire.read(wire.Contained, response.read()).pieces)
        return response


# -- the way there and back --------------------------------------------------------------------------------------------


@both
def test_a_file_goes_to_the_county_and_to_the_other_laptop_of_the_village(world: World, tmp_path: Path) -> None:
    a, b = world.station("甲"), world.station("乙")
    person = add(a)
    file = photo(tmp_path, 700_001)
    id = attach(a, person, file)
    assert state(a, id) == "unsent"
    result = world.sync(a)
    assert (result.files_sent, result.files_left) == (1, 0)
    assert "附件传出 1 个" in result.sentence()
    assert state(a, id) == "here"
    assert at_county(world.county, sha_of(a, id)) == file.read_bytes()
    result = world.sync(b)
    assert (result.files_sent, result.files_received, result.files_left) == (0, 1, 0)
    assert state(b, id) == "here"
    assert bytes_of(b, id) == file.read_bytes()


def test_with_nothing_to_carry_nothing_is_asked(world: World, tmp_path: Path) -> None:
    a = world.station("甲")
    add(a)
    line = Counting(world.line)
    exchange(a, transport=line)
    attach(a, add(a), photo(tmp_path))
    exchange(a, transport=line)
    asked = line.asked
    exchange(a, transport=line)
    assert line.asked == asked > 0


@seeded(range(2), on_postgresql=1)
def test_lines_cut_at_random_in_both_directions_lose_one_piece_at_most(world: World, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    a, b = world.station("甲"), world.station("乙")
    file = photo(tmp_path, 600_000 + seed, seed=seed)
    id = attach(a, add(a), file)
    cuts = 0

    def cut(_n: int) -> str:
        nonlocal cuts
        how = chance.choice(["", "", "before", "after"])
        cuts += bool(how)
        return how

    line = Counting(world.line, cut)
    for store in (a, b):
        for _try in range(200):
            result = exchange(store, transport=line)  # is never an error
            if not result.files_left and state(store, id) == "here":
                break
            if store is b and state(b, id) != "missing":
                break
    assert cuts
    assert bytes_of(b, id) == file.read_bytes()
    assert line.up <= len(file.read_bytes())  # what arrived before a cut is not sent again
    wasted = line.down - len(file.read_bytes())
    assert wasted <= 0  # an answer that was cut off is not counted here, and what was counted was kept
    world.sync()
    assert at_county(world.county, sha_of(a, id)) == file.read_bytes()


@both
def test_power_cuts_between_and_within_pieces_at_either_end(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = world.station("甲"), world.station("乙")
    file = photo(tmp_path, 200_000)
    id = attach(a, add(a), file)
    real = held_contents.add
    calls = 0

    def failing(*args: Any) -> int:
        nonlocal calls
        calls += 1
        here = real(*args)
        if calls % 2:
            raise KeyboardInterrupt  # after the statement, before the commit: what a power cut leaves is what was committed
        return here

    monkeypatch.setattr(held_contents, "add", failing)
    for store in (a, b):
        for _try in range(60):
            try:
                exchange(store, transport=world.line)
            except KeyboardInterrupt:
                continue
            if state(store, id) == "here":
                break
    monkeypatch.undo()
    world.sync()
    b.close()
    again = Store.open(world.folder / "乙", user="乙", password=PASSWORD)
    world.stations["乙"] = again
    assert bytes_of(again, id) == file.read_bytes()


def test_a_broken_transfer_does_not_fail_the_exchange_and_says_what_is_left(world: World, tmp_path: Path) -> None:
    a = world.station("甲")
    person = add(a)
    id = attach(a, person, photo(tmp_path))
    result = exchange(a, transport=Counting(world.line, lambda _n: "before"))
    assert (result.pushed, result.files_left) == (2, 1)
    assert "还有 1 个附件没有传完" in result.sentence()
    assert get(world.county, person) is not None
    assert state(a, id) == "unsent"


def test_an_old_county_without_that_door_still_exchanges_records(world: World, tmp_path: Path) -> None:
    a = world.station("甲")
    attach(a, add(a), photo(tmp_path))

    def reply(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(404) if request.url.path == "/content" else world.line.handle_request(request)

    assert exchange(a, transport=httpx2.MockTransport(reply)).files_left == 1
    assert world.sync(a).files_sent == 1


def test_stopping_during_files_keeps_the_exchange(world: World, tmp_path: Path) -> None:
    a = world.station("甲")
    attach(a, add(a), photo(tmp_path, 500_000))

    def stop(_done: int, _total: int, what: str) -> None:
        if "附件" in what:
            raise Stopped("停")

    result = exchange(a, transport=world.line, progress=stop)
    assert (result.pushed, result.files_left) == (2, 1)


def test_one_exchange_spends_a_bounded_time_on_files(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a = world.station("甲")
    person = add(a)
    for n in range(3):
        attach(a, person, photo(tmp_path, 100_000, f"{n}.jpg", seed=n))
    now = [0.0]

    def clock() -> float:
        now[0] += 1.0
        return now[0]

    monkeypatch.setattr(attachments, "monotonic", clock)
    monkeypatch.setattr(attachments, "SECONDS", 8.0)
    line = Counting(world.line)
    first = exchange(a, transport=line)
    assert first.files_left > 0
    rounds = 1
    while exchange(a, transport=line).files_left:
        rounds += 1
        assert rounds < 50
    assert line.up == 300_000


def test_content_is_kept_and_sent_once_however_many_records_mean_it(world: World, tmp_path: Path) -> None:
    a, b = world.station("甲"), world.station("乙")
    file = photo(tmp_path)
    first, second = attach(a, add(a), file), attach(a, add(a), file)
    assert first != second
    assert attach(a, get(a, first, "attachment").record_id, file) == first  # twice on one record is once
    line = Counting(world.line)
    exchange(a, transport=line)
    exchange(b, transport=line)
    assert (line.up, line.down) == (300_000, 300_000)
    third = attach(b, add(b), file)
    exchange(b, transport=line)
    assert line.up == 300_000
    assert state(b, third) == "here"
    for place in (world.county, a, b):
        with place.read() as session:
            assert session.conn.execute(select(func.count()).select_from(content)).scalar_one() == 1
            assert session.conn.execute(select(func.sum(func.length(content_piece.c.body)))).scalar_one() == 300_000


def test_a_township_fetches_only_what_it_asks_for(world: World, tmp_path: Path) -> None:
    a, t = world.station("甲"), world.station("镇", TOWNSHIP)
    id = attach(a, add(a), photo(tmp_path))
    world.sync(a)
    assert world.sync(t).files_received == 0
    with pytest.raises(NotFound):
        bytes_of(t, id)
    with t.write("x") as session:
        assert service.ask_for(session, id)
        assert service.ask_for(session, id)
    assert world.sync(t).files_received == 1
    assert bytes_of(t, id) == photo(tmp_path).read_bytes()
    with t.write("x") as session:
        assert not service.ask_for(session, id)


def test_a_fork_and_a_lost_token_are_no_bar(world: World, tmp_path: Path) -> None:
    a = world.station("甲")
    world.sync(a)
    id = attach(a, add(a), photo(tmp_path))
    with a.applying() as session:
        identity.save_token(session, b"\x00" * 16)
    assert world.sync(a).files_sent == 1
    assert state(a, id) == "here"


# -- sacred and swept --------------------------------------------------------------------------------------------------


def age(store: Store, id: str) -> None:
    with store.applying() as session:
        t = table("attachment")
        session.conn.execute(update(t).where(t.c.id == id).values(deleted_at="2000-01-01T00:00:00Z"))


def remove(store: Store, id: str) -> None:
    with store.write("删除") as session:
        service.remove(session, id)


def test_what_the_county_does_not_hold_is_never_dropped(world: World, tmp_path: Path) -> None:
    a = world.station("甲")
    person = add(a)
    id = attach(a, person, photo(tmp_path))
    remove(a, id)
    age(a, id)
    world.sync(a)
    with a.applying() as session:
        held_contents.sweep(session)
        assert held_contents.size(session, session.get("attachment", id, deleted=True).sha256) == 300_000
    with a.write("恢复") as session:
        undelete(session, "attachment", id)
    world.sync(a)
    assert state(a, id) == "here"


def test_what_the_county_holds_goes_a_month_after_its_last_record(world: World, tmp_path: Path) -> None:
    a = world.station("甲")
    file = photo(tmp_path)
    one, two = attach(a, add(a), file), attach(a, add(a), file)
    world.sync(a)
    remove(a, one)
    age(a, one)
    with a.applying() as session:
        assert held_contents.sweep(session) == 0  # another record means it
    remove(a, two)
    with a.applying() as session:
        assert held_contents.sweep(session) == 0  # it may be brought back
    age(a, two)
    with a.applying() as session:
        assert held_contents.sweep(session) == 1
    with a.write("恢复") as session:
        undelete(session, "attachment", two)
    assert state(a, two) == "missing"
    world.sync(a)
    assert bytes_of(a, two) == file.read_bytes()


def test_an_erased_person_takes_their_files_along_everywhere(world: World, tmp_path: Path) -> None:
    a, b = world.station("甲"), world.station("乙")
    one, two = add(a), add(a)
    gone = attach(a, one, photo(tmp_path, 9000, "1.jpg", seed=1))
    kept = attach(a, two, photo(tmp_path, 9000, "2.jpg", seed=2))
    shared = photo(tmp_path, 9000, "3.jpg", seed=3)
    attach(a, one, shared)
    attach(a, two, shared)
    world.sync(a, b)
    sha, keys = sha_of(a, gone), county_keys(world.county)
    with world.county.write() as session:
        erasure.erase(session, keys, one, "去世满五年")
    world.sync(a, b)
    for place in (world.county, a, b):
        with place.read() as session:
            assert held_contents.read(session, sha) == b""
            assert session.conn.execute(select(func.count()).select_from(content)).scalar_one() == 2
    assert bytes_of(b, kept) == bytes_of(a, kept)


def test_a_county_that_lost_content_gets_it_again(world: World, tmp_path: Path) -> None:
    a = world.station("甲")
    id = attach(a, add(a), photo(tmp_path))
    world.sync(a)
    with world.county.write() as session:
        session.conn.execute(content.delete())
        session.conn.execute(content_piece.delete())
    assert world.sync(a).files_sent == 0  # asked once a day
    with a.applying() as session:
        session.conn.execute(update(content).values(sent_at="2020-01-01T00:00:00Z"))
    assert world.sync(a).files_sent == 1
    assert at_county(world.county, sha_of(a, id)) == bytes_of(a, id)
    with a.applying() as session:
        held_contents.forget_sent(session)
    assert state(a, id) == "unsent"


# -- hostile -----------------------------------------------------------------------------------------------------------


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
def test_what_one_station_spoils_another_still_sends(world: World, tmp_path: Path) -> None:
    a, b = world.station("甲"), world.station("乙")
    data = JPEG + b"y" * 20_000
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

        def reply(request: httpx2.Request, lie: Callable[[list[wire.Piece]], list[wire.Piece]] = lie) -> httpx2.Response:
            response = world.line.handle_request(request)
            if request.url.path != "/content":
                return response
            answer = wire.read(wire.Contained, response.read())
            told = wire.pack(replace(answer, pieces=lie(answer.pieces)))
            return httpx2.Response(200, headers={"content-type": wire.CONTENT_TYPE}, content=told)

        assert exchange(b, transport=httpx2.MockTransport(reply)).files_received == 0
        with pytest.raises(NotFound):
            bytes_of(b, id)
    assert world.sync(b).files_received == 1
    assert bytes_of(b, id) == bytes_of(a, id)


@pytest.mark.parametrize("held", [[], [5, 5], [2**60], [-9]])
def test_nonsense_about_what_is_held_ends_the_files_and_nothing_else(world: World, tmp_path: Path, held: list[int]) -> None:
    a = world.station("甲")
    id = attach(a, add(a), photo(tmp_path))

    def reply(request: httpx2.Request) -> httpx2.Response:
        if request.url.path != "/content":
            return world.line.handle_request(request)
        told = wire.pack(wire.Contained(status="ok", held=held))
        return httpx2.Response(200, headers={"content-type": wire.CONTENT_TYPE}, content=told)

    result = exchange(a, transport=httpx2.MockTransport(reply))
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


# -- the service -------------------------------------------------------------------------------------------------------


def test_only_allowed_files_are_taken(world: World, tmp_path: Path) -> None:
    a = world.store("甲")
    person = add(a)

    def take(name: str, data: bytes) -> str:
        file = tmp_path / name
        file.write_bytes(data)
        return attach(a, person, file)

    for name, data in (
        ("a.exe", b"MZ"),
        ("a", JPEG),
        ("a.jpg", b"MZ not a picture"),
        ("a.pdf", JPEG),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("a.jpg", b""),
        ("a.jpg", JPEG + b"x" * MAX_SIZE),
    ):
        with pytest.raises(InputUnusable):
            take(name, data)
    assert take("a.jpg", JPEG + b"x" * (MAX_SIZE - 4))
    with pytest.raises(NotFound):
        attach(a, "nobody", tmp_path / "a.jpg")
    with a.read() as session:
        assert session.conn.execute(select(func.count()).select_from(content)).scalar_one() == 1


def test_a_record_has_a_bounded_number_of_attachments(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST", 1)
    a = world.store("甲")
    person = add(a)
    attach(a, person, photo(tmp_path))
    with pytest.raises(DomainError, match="最多"):
        attach(a, person, photo(tmp_path, seed=2))


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Windows\\x.pdf", "x.pdf"),
        ("a\u202egpj.exe.pdf", "agpj.exe.pdf"),
        ("con.pdf", "_con.pdf"),
        (" .pdf", "pdf"),
        ("证明\n第 2 页.pdf", "证明第 2 页.pdf"),
        ("", "_"),
        ("..", "_"),
        ("长" * 300 + ".pdf", "长" * 96 + ".pdf"),
    ],
    ids=[str(n) for n in range(9)],
)
def test_names_are_cleaned(name: str, clean: str) -> None:
    assert clean_name(name) == clean
    assert clean_name(clean) == clean


def test_a_synced_record_with_a_hostile_name_or_type_does_no_harm(world: World, tmp_path: Path) -> None:
    a = world.station("甲")
    data = photo(tmp_path, 5000).read_bytes()
    with a.write("x") as session:
        sha = held_contents.keep(session, data)
    person = add(a)
    bad = add(a, "attachment", record_id=person, name="../../x.exe", media_type="image/jpeg", sha256=sha, size=5000)
    lying = add(a, "attachment", record_id=person, name="x.pdf", media_type="application/pdf", sha256=sha, size=5000)
    strange = add(a, "attachment", record_id=person, name="/etc/y.jpg", media_type="", sha256="../../x", size=5000)
    fine = add(a, "attachment", record_id=person, name="/etc/y.jpg", media_type="?", sha256=sha, size=5000)
    world.sync(a)
    with a.read() as session:
        for id in (bad, lying):
            with pytest.raises(InputUnusable):
                service.content(session, id)
        with pytest.raises(NotFound):
            service.content(session, strange)
        assert service.content(session, fine) == ("y.jpg", data)
    assert media_type("y.JPG", data) == "image/jpeg"


def test_content_lies_in_the_encrypted_store_only(world: World, tmp_path: Path) -> None:
    a = world.store("甲")
    file = tmp_path / "a.pdf"
    file.write_bytes(b"%PDF-" + "身份证复印件".encode() * 5000)
    attach(a, add(a), file)
    a.close()
    kept = b"".join(f.read_bytes() for f in (world.folder / "甲").rglob("*") if f.is_file())
    assert "身份证复印件".encode() not in kept
    world.stations["甲"] = Store.open(world.folder / "甲", user="甲", password=PASSWORD)


def test_reading_a_range(world: World) -> None:
    data = random.Random(3).randbytes(200_000)
    with world.county.write() as session:
        sha = held_contents.keep(session, data)
        _ranges(session, sha, data)


def _ranges(session: Session, sha: str, data: bytes) -> None:
    chance = random.Random(4)
    for _n in range(40):
        start, length = chance.randrange(len(data)), chance.randrange(1, 150_000)
        assert held_contents.read(session, sha, start, length) == data[start : start + length]


def test_the_result_says_nothing_of_files_when_there_are_none() -> None:
    assert "附件" not in ExchangeResult().sentence()

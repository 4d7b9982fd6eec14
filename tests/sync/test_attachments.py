"""Attachments after text: cut anywhere and going on, sent once, and never in the way of a record."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from db import contents as held_contents
from db.contents import content, content_piece
from db.store import Store
from domain.errors import NotFound, Stopped
from services import attachments as service
from sync.county.acts import moves
from sync.county.keys import county_keys
from sync.replica import identity
from sync.station import attachments
from sync.station.exchange import exchange
from sync.wire.connection import HttpRequest, HttpResponse
from tests.sync.conftest import OTHER_VILLAGE, PASSWORD, TOWNSHIP, VILLAGE, World, add, both, get, seeded
from tests.sync.forging import Pretending
from tests.sync.photos import Counting, at_county, attach, bytes_of, photo, sha_of, state


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

    def reply(request: HttpRequest) -> HttpResponse:
        return HttpResponse(404) if request.path == "/content" else world.line.ask(request)

    assert exchange(a, transport=Pretending(reply)).files_left == 1
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


@both
@pytest.mark.parametrize("when", ["known", "late", "merged"])
def test_a_file_whose_person_moved_before_it_was_sent_follows(world: World, tmp_path: Path, when: str) -> None:
    """The record is the other village's by then, but the only copy of the file is here."""
    a, b = world.station("甲"), world.station("乙", OTHER_VILLAGE)
    person, file = add(a), photo(tmp_path)
    world.sync(a)
    if when == "late":
        move(world, person)
    id = attach(a, person, file)
    exchange(a, transport=Counting(world.line, cut=lambda _n: "before"))
    if when != "late":
        move(world, person if when == "known" else "")
    exchange(a, transport=Counting(world.line, cut=lambda _n: "before"))
    assert world.sync(a).files_sent == 1
    world.sync(b)
    assert bytes_of(b, id) == file.read_bytes()
    with a.read() as session:
        assert session.conn.execute(select(func.count()).select_from(content)).scalar() == 0  # nobody here has any use for it


def move(world: World, person: str) -> None:
    """The county moves a person to the other village; without one it merges the village into it."""
    keys = county_keys(world.county)
    with world.county.write() as session:
        if person:
            moves.move(session, keys, "person", person, OTHER_VILLAGE)
        else:
            moves.merge_villages(session, keys, VILLAGE, OTHER_VILLAGE)

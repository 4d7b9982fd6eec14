"""After an exchange both sides hold the same, or both say so and the difference is fetched again."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from db.conflicts import conflicts
from db.exchange import conflict, exchanges, field_state
from db.mapping import table
from db.session import Session
from db.snapshots import differences, differing
from db.store import Store
from sync.county.sending import snapshot
from sync.replica import identity, pieces
from sync.station import rounds
from sync.station.recovery import mending
from sync.station.recovery.mending import Check
from sync.station.result import ExchangeResult
from sync.station.sealing.seal import seal_all
from tests.sync.conftest import OTHER_VILLAGE, TOWNSHIP, VILLAGE, World, add, assert_equal, both, decide, disputed, get, put, wage

PERSON = table("person")


@pytest.fixture(autouse=True)
def always_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mending, "SHARE", 0)


def spoil(store: Store, statement: Any) -> None:
    """Change the tables behind the program's back: nothing is logged."""
    with store.applying() as session:
        session.conn.execute(statement)


@both
def test_a_spoilt_value_is_found_told_and_fetched_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "ROWS", 2)
    monkeypatch.setattr(snapshot, "BUDGET", 1)
    a, b = world.station("甲"), world.station("乙")
    ids = [add(a, note=f"注{n}") for n in range(5)]
    wage(a)
    world.settle()
    put(b, ids[1], note="乙注")
    world.settle()
    assert world.sync(a).different == 0
    spoil(a, update(PERSON).where(PERSON.c.id == ids[0]).values(note="坏"))
    put(a, ids[0], phone="13800000000")  # waits, on the very row
    put(a, ids[2], note="甲的新注")
    fresh = add(a)
    result = world.sync(a)
    assert (result.different, result.mended, result.pushed) == (1, 1, 3)
    assert (get(a, ids[0]).note, get(a, ids[0]).phone, get(a, ids[2]).note) == ("注0", "13800000000", "甲的新注")
    assert get(a, fresh) is not None
    with a.read() as session:
        assert "重新取回" in exchanges(session)[0].message
        assert differences(session) == []
    with world.county.read() as session:
        assert differing(session) == {a.station: 1}
    assert world.sync(a).different == 0
    with world.county.read() as session:
        assert differences(session) == []
    world.settle()
    assert_equal(world)


@pytest.mark.parametrize("right", [VILLAGE, OTHER_VILLAGE])
def test_a_row_that_is_in_the_wrong_village_is_fetched_into_its_own(world: World, right: str) -> None:
    a, town = world.station("甲", right), world.station("镇", TOWNSHIP)
    id = add(a, note="一")
    world.settle()
    put(a, id, note="二")
    world.settle()
    wrong = VILLAGE if right == OTHER_VILLAGE else OTHER_VILLAGE
    spoil(town, update(PERSON).where(PERSON.c.id == id).values(village=wrong))
    put(town, add(town, village=wrong), note="三")
    world.settle()
    assert get(town, id).village == right
    assert_equal(world)


def test_rows_states_and_lists_are_compared(world: World) -> None:
    a, b = world.station("甲"), world.station("乙")
    id = add(a, name="张三")
    world.settle()
    put(a, id, name="甲名", note="注")
    put(b, id, name="乙名")
    world.settle()
    spoils = [
        PERSON.delete(),
        update(PERSON).values(deleted_at="2020-01-01T00:00:00Z"),
        update(PERSON).values(updated_by="别人@别处"),
        field_state.delete(),
        update(field_state).values(seq=1),
        conflict.delete(),
        update(conflict).values(state="settled"),
    ]
    for statement in spoils:
        spoil(b, statement)
        result = world.sync(b)
        assert (result.different, result.mended) == (1, 1), statement
        assert_equal(world)
    spoil(b, PERSON.insert().values(id="x" * 36, village=VILLAGE, seq=1, author="nobody.1"))
    assert world.sync(b).mended == 1
    assert_equal(world)


def test_decisions_that_wait_are_not_forgotten_when_the_lists_come_again(world: World) -> None:
    a, b, id = disputed(world)
    with b.read() as session:
        (open_one,) = conflicts(session)
    decide(b, open_one.id, "mine")
    spoil(b, update(conflict).values(earlier_by="别人"))
    assert world.sync(b).different == 1
    world.settle()
    assert get(a, id).name == "乙名"
    assert_equal(world)


def test_what_waits_is_no_difference(world: World) -> None:
    a, township = world.station("甲"), world.station("镇", TOWNSHIP)
    ids = [add(township, village=v) for v in (VILLAGE, OTHER_VILLAGE)]
    world.settle()
    for n in range(3):
        put(a, ids[0], note=str(n))
        put(township, ids[1], note=str(n))
        add(township, village=OTHER_VILLAGE)
        for store in (a, township):
            result = world.sync(store)
            assert result.different == 0
    with a.read() as session:
        assert differences(session) == []


def test_many_scopes_are_compared_in_one_small_request(world: World) -> None:
    township = world.station("镇", TOWNSHIP)
    ids = [add(township, village=f"{TOWNSHIP}{n:03d}") for n in range(20)]
    world.settle()
    result = world.sync(township)
    assert (result.requests, result.different) == (1, 0)
    assert result.bytes_sent + result.bytes_received <= 200
    spoil(township, update(PERSON).where(PERSON.c.id == ids[7]).values(note="坏"))
    result = world.sync(township)
    assert (result.different, result.mended) == (1, 1)
    assert_equal(world)


def test_a_check_takes_its_share_of_the_time_and_waits_for_much_to_be_sent(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    a = world.station("甲")
    add(a)
    world.settle()
    monkeypatch.setattr(mending, "SHARE", 100)
    monkeypatch.setattr(mending, "time", lambda: 1000.0)
    with a.applying() as session:
        mending.note_check(session, 0.5, compared=False)
        assert not mending.check_due(session)
        for now, expected in ((1049.0, False), (1050.0, True), (999.0, True)):
            monkeypatch.setattr(mending, "time", lambda now=now: now)
            assert mending.check_due(session) is expected
    monkeypatch.setattr(mending, "MOST_WAITING", 1)
    add(a)
    with a.read() as session:
        assert mending.check_due(session)
    add(a)
    with a.read() as session:
        assert not mending.check_due(session)


def test_many_changes_are_handed_in_before_anything_is_compared(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As soon as few of them waited the whole state was read, in the middle of a first upload."""
    a = world.station("甲")
    world.settle()
    monkeypatch.setattr(mending, "MOST_WAITING", 1)
    monkeypatch.setattr(rounds, "FIRST_BUDGET", 1)  # a batch a request
    monkeypatch.setattr(rounds, "LAST_BUDGET", 1)
    read: list[int] = []
    plain = mending.own_state

    def reading(session: Session) -> Any:
        read.append(1)
        return plain(session)

    monkeypatch.setattr(mending, "own_state", reading)
    for _n in range(3):
        add(a)
        with a.applying() as session:
            me = identity.load(session)
            assert me is not None
            seal_all(session, me)
    assert world.sync(a).pushed == 3
    assert not read
    world.sync(a)
    assert read


def test_a_difference_that_others_overtake_is_mended_at_the_next_exchange(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = world.station("甲"), world.station("乙")
    id = add(a)
    world.settle()
    spoil(a, update(PERSON).values(note="坏"))
    plain = Check.take

    def overtaken(check: Check, *given: Any) -> None:
        plain(check, *given)

    def meanwhile(body: bytes) -> None:
        if len(seen) == 1:
            put(b, id, phone="13800000000")
            world.line.watch = lambda _body: None
            world.sync(b)
        seen.append(body)

    seen: list[bytes] = []
    monkeypatch.setattr(Check, "take", overtaken)
    world.line.watch = meanwhile
    first = world.sync(a)
    assert first.different == 1
    with a.read() as session:
        standing = bool(differences(session))
    assert standing is (first.mended == 0)
    world.settle()
    world.sync(a)
    assert_equal(world)
    with a.read() as session:
        assert session.conn.execute(select(PERSON.c.note)).scalars().all() == [None]
        assert differences(session) == []


def test_who_always_has_something_to_read_first_is_compared_once_a_day(world: World) -> None:
    """Others write more often than this one asks: once everything is read it asks a second time, in the same exchange."""
    a, b = world.station("甲"), world.station("乙")
    id = add(a, note="注")
    world.settle()

    def behind() -> ExchangeResult:
        add(b)
        world.sync(b)
        return world.sync(a)

    spoil(a, update(PERSON).where(PERSON.c.id == id).values(note="坏"))
    assert (behind().different, get(a, id).note) == (0, "坏")
    a.set_meta("compared_at", "0")
    result = behind()
    assert (result.different, result.mended, get(a, id).note) == (1, 1, "注")
    assert behind().requests == 1
    world.settle()
    assert_equal(world)

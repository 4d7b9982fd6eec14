"""The term within which a laptop has to hear of its county, or shows no number in full (decision 049)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from db import lease, unmasked
from db import store as store_module
from db.local import get_meta
from db.store import Store
from domain.errors import Misused, Refused, Revoked, Unreachable
from server.devices import revoke, set_lease
from sync.station.enrol import enrol
from sync.station.stick import reading
from sync.wire.columns import WireError
from sync.wire.framing import join_answer, read_answer
from sync.wire.messages import Answer, Enrolled, pack, read
from tests.sync.conftest import PASSWORD, SERVER, TOWNSHIP, VILLAGE, World, add, assert_equal, both, unsent
from tests.sync.sticks import Sticks


def give(world: World, days: int) -> None:
    with world.county.write() as session:
        set_lease(session, days)


def look(store: Store) -> None:
    with store.applying() as session:
        unmasked.log_view(session, "person", "核对")


def term(store: Store) -> tuple[int, int] | None:
    with store.read() as session:
        found = lease.lease(session)
    return None if found is None else (found.days, found.left)


def told(store: Store) -> str:
    with store.read() as session:
        found = lease.lease(session)
    return found.sentence() if found else ""


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the clock of every laptop to so many days after now."""

    def to(days: float) -> None:
        at = datetime.now(UTC) + timedelta(days=days)
        monkeypatch.setattr(store_module, "utc_now", lambda: at.strftime("%Y-%m-%dT%H:%M:%SZ"))

    return to


@both
def test_a_laptop_kept_off_the_network_shows_no_number_in_full(world: World, later: Callable[[float], None]) -> None:
    a = world.station("甲")
    give(world, 90)
    assert term(a) is None  # nothing was heard of it yet
    world.sync(a)
    world.sync(a)  # with nothing to say
    assert term(a) == (90, 90)
    look(a)
    later(82.5)
    assert told(a) == ""
    later(83.5)
    assert told(a).startswith("离网期限还剩 7 天")
    later(89.5)
    assert told(a).startswith("离网期限还剩 1 天")
    look(a)
    later(90.5)
    with pytest.raises(Refused, match=r"90 天没有和县里交换.*数据都在.*同步一次"):
        look(a)
    add(a)
    assert unsent(a) == 1
    world.line.before = 1
    with pytest.raises(Unreachable):
        world.sync(a)
    with pytest.raises(Refused):
        look(a)
    assert world.sync(a).pushed == 1
    assert term(a) == (90, 90)
    look(a)
    give(world, 0)
    world.sync(a)
    assert term(a) is None
    assert_equal(world)


def test_without_a_term_nothing_is_kept(world: World, later: Callable[[float], None]) -> None:
    a, alone = world.station("甲"), world.store("单机")
    world.sync(a)
    later(4000)
    for store in (a, alone):
        look(store)
        assert store.get_meta(lease.SETTING) is None


def test_an_enrolment_is_a_word_of_the_county(world: World, sticks: Sticks, later: Callable[[float], None]) -> None:
    give(world, 30)
    a, b = world.station("甲"), sticks.station("乙", VILLAGE)
    assert term(a) == term(b) == (30, 30)
    later(31)
    with pytest.raises(Refused, match="30 天"):
        look(a)
    enrol(a, SERVER, world.code(VILLAGE), transport=world.line)
    look(a)


@pytest.mark.parametrize("carried", [False, True])
def test_an_answer_on_a_stick_begins_a_term_once(world: World, sticks: Sticks, later: Callable[[float], None], *, carried: bool) -> None:
    village, town = sticks.station("村", VILLAGE), sticks.station("镇", TOWNSHIP)
    give(world, 90)

    def answer() -> Path:
        up = sticks.write(village)
        if carried:
            reading.read(town, up)
            reading.read(town, sticks.county(sticks.write(town)))
            return sticks.write(town)
        return sticks.county(up)

    first = answer()
    later(20)
    reading.read(village, first)
    assert term(village) == (90, 70)  # it lay in the bag that long
    later(111)
    with pytest.raises(Refused, match="90 天"):
        look(village)
    reading.read(village, first)
    with pytest.raises(Refused):  # that file lies in the bag with the laptop
        look(village)
    reading.read(village, answer())
    look(village)


def test_an_answer_to_an_earlier_file_begins_no_term(world: World, sticks: Sticks, later: Callable[[float], None]) -> None:
    give(world, 30)
    village = sticks.station("村", VILLAGE)
    earlier, latest = (sticks.county(sticks.write(village)) for _file in range(2))
    reading.read(village, latest)
    later(31)
    reading.read(village, earlier)
    with pytest.raises(Refused):
        look(village)


def test_a_file_from_before_the_network_gives_nothing_and_takes_nothing(
    world: World, sticks: Sticks, later: Callable[[float], None]
) -> None:
    """Its answer lies unread in the bag with the laptop: the county said other things since."""
    a = world.station("甲")
    without = sticks.county(sticks.write(a))
    give(world, 30)
    world.sync(a)
    reading.read(a, without)
    assert term(a) == (30, 30)
    given = sticks.county(sticks.write(a))
    world.sync(a)
    later(31)
    reading.read(a, given)
    assert term(a) == (30, 0)
    later(0)
    allowed = sticks.county(sticks.write(a))
    with world.county.write() as session:
        revoke(session, a.station)
    with pytest.raises(Refused, match="停用"):
        world.sync(a)
    reading.read(a, allowed)
    with pytest.raises(Revoked):
        look(a)


def test_a_clock_put_back_gives_no_day_again(world: World, later: Callable[[float], None]) -> None:
    give(world, 30)
    a = world.station("甲")
    later(20)
    look(a)
    later(2)
    assert term(a) == (30, 10)
    later(31)
    Store.open(a.home, user=None, password=PASSWORD).close()  # it is seen that the term is over
    later(2)
    assert term(a) == (30, 0)
    with pytest.raises(Refused):
        look(a)
    world.sync(a)
    look(a)


@pytest.mark.parametrize("wrong", [-9000, 9000])
def test_a_clock_that_was_wrong_and_is_put_right_costs_nothing(world: World, later: Callable[[float], None], wrong: int) -> None:
    """Years behind with a flat battery, or ahead: while the county answers, and put right after it."""
    give(world, 30)
    a = world.station("甲")
    later(wrong)
    world.sync(a)
    assert term(a) == (30, 30)
    look(a)
    later(wrong + 29.5)
    assert term(a) == (30, 1)
    later(5)
    assert term(a) in ((30, 25), (30, 26))
    look(a)


def test_only_what_makes_sense_is_given(world: World) -> None:
    for days in (1, 6, 3651, 2**31 - 1):
        with world.county.write() as session, pytest.raises(Misused, match="7 到 3650"):
            set_lease(session, days)
    with world.county.read() as session:
        assert lease.given(session) == 0
        assert get_meta(session, lease.COUNTY_SETTING) is None


@pytest.mark.parametrize("days", [-1, 2**31, 2**63, 1.5, "90", None])
def test_a_term_that_is_none_is_no_answer(days: object) -> None:
    head = msgspec.msgpack.encode([*msgspec.structs.astuple(Answer(status="ok", time=1))[:-1], days])
    with pytest.raises(WireError):
        read_answer(len(head).to_bytes(4, "big") + head)
    with pytest.raises(WireError):
        read(Answer, head)


def test_the_longest_term_is_ten_years(world: World) -> None:
    a = world.station("甲")
    with a.applying() as session:
        lease.record_term(session, 2**31 - 1, 2**63 - 1)
    assert term(a) == (3650, 3650)


@pytest.mark.parametrize("kind", [Answer, Enrolled])
def test_older_programs_pass_over_it(kind: type[Answer | Enrolled]) -> None:
    """They skip what follows the fields they know, and send messages that end before it."""
    known = kind.__struct_fields__[: kind.__struct_fields__.index("lease")]
    older = msgspec.defstruct("Older", [(name, object, None) for name in known], array_like=True, kw_only=True)
    there = msgspec.msgpack.decode(pack(kind(status="ok", time=1, lease=90)), type=older)
    assert msgspec.structs.astuple(there)[:2] == ("ok", 1)
    back = read(kind, msgspec.msgpack.encode(there))
    assert (back.status, back.lease) == ("ok", 0)


def test_without_a_term_it_costs_no_byte() -> None:
    assert read_answer(join_answer(Answer(status="ok", time=1, lease=90))).lease == 90
    assert join_answer(Answer(status="ok", time=1)) == b"\0\0\0\x05" + msgspec.msgpack.encode(["ok", 1])

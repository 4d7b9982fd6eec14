"""A township that carries badly on purpose: it drops, keeps, repeats, exchanges and alters what villages give it. It can only delay."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec
import pytest
from sqlalchemy import select

from db import county as county_module
from db import store as store_module
from db.exchange import device
from db.store import Store
from domain.errors import CunzhanError
from server.devices import devices
from server.status import standing
from sync.replica import identity
from sync.station.stick import courier, writing
from sync.station.stick import reading as sticks_of
from sync.wire import bundle
from sync.wire.bundle import Bundle
from sync.wire.words import BundleError
from tests.sync.conftest import OTHER_VILLAGE, TOWNSHIP, VILLAGE, World, add, assert_equal, unsent
from tests.sync.sticks import Sticks, everything, states


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets every clock to so many days after now."""

    def to(days: float) -> None:
        at = datetime.now(UTC) + timedelta(days=days)
        for module in (store_module, county_module, writing):
            monkeypatch.setattr(module, "utc_now", lambda: at.strftime("%Y-%m-%dT%H:%M:%SZ"))

    return to


def heard(world: World, store: Store) -> tuple[str | None, int]:
    with world.county.read() as session:
        row = session.conn.execute(select(device.c.last_sync, device.c.unsent).where(device.c.station == store.station)).one()
    return row.last_sync, row.unsent


def test_last_months_file_brought_again_is_no_contact_with_the_village(
    sticks: Sticks, world: World, later: Callable[[float], None]
) -> None:
    """A township could hide for years that a laptop was gone, and after a restore of the county that it had not come."""
    village = sticks.station("村", VILLAGE)
    add(village)
    up = sticks.write(village)
    sticks.county(up)
    first = heard(world, village)
    later(40)
    sticks.county(up)
    assert heard(world, village) == first and first[0] is not None
    with world.county.read() as session:
        assert [one.device for one in devices(session, late=30)] == [village.station]
    later(41)
    empty = sticks.write(village)
    later(50)
    sticks.county(empty)  # nothing in it: the laptop was last at work when it was written
    told = heard(world, village)[0]
    assert told is not None and told.startswith(f"{datetime.now(UTC) + timedelta(days=41):%Y-%m-%d}")


def test_a_time_that_is_none_is_not_when_a_village_came(sticks: Sticks, world: World) -> None:
    village = sticks.station("村", VILLAGE)
    sticks.county(sticks.write(village))
    with world.county.write() as session:
        session.conn.execute(device.update().values(last_sync=None))
    with village.read() as session:
        me = identity.load(session)
        assert me is not None
    up = next(bundle.read_file(sticks.write(village)))
    sticks.county(sticks.file(bundle.make(msgspec.structs.replace(up.index, at="1"), up.body, me.signing)))
    assert heard(world, village)[0] is None


def test_a_contact_while_the_countys_clock_was_ahead_hides_no_absence(sticks: Sticks, world: World, later: Callable[[float], None]) -> None:
    village = sticks.station("村", VILLAGE)
    later(3000)
    sticks.round(village)
    later(0)
    with world.county.read() as session:
        assert standing(session).late == 1 and len(devices(session, late=30)) == 1
    sticks.round(village)
    with world.county.read() as session:
        assert standing(session).late == 0


def test_nothing_that_is_altered_or_exchanged_on_the_way_is_taken(sticks: Sticks, world: World) -> None:
    a, b = sticks.station("甲", VILLAGE), sticks.station("乙", OTHER_VILLAGE)
    township = sticks.station("镇", TOWNSHIP)
    for village in (a, b):
        add(village)
    up, other = (next(bundle.read_file(sticks.write(village))) for village in (a, b))
    before = everything(world.county)
    changes = ({"station": b.station}, {"scope": OTHER_VILLAGE}, {"incarnation": 7}, {"at": "2020-01-01T00:00:00Z"}, {"of": b"1" * 32})
    for change in changes:
        for body in (up.body, other.body):
            with pytest.raises(BundleError):
                sticks.taken(sticks.file(_altered(up, body, **change)))
    with pytest.raises(BundleError):
        sticks.taken(sticks.file(_altered(up, other.body)))
    assert everything(world.county) == before
    downs = {one.bundle.index.station: one.answer for one in sticks.taken(sticks.file(up, other)) if one.answer is not None}
    with township.read() as session:
        me, certificate = identity.load(session), identity.certificate(session)
        assert me is not None
    for village, foreign in ((a, b), (b, a)):
        down, theirs = downs[village.station], downs[foreign.station]
        wrong = [theirs, _altered(down, theirs.body), _altered(theirs, down.body, station=village.station, of=down.index.of)]
        wrong.append(courier.make_receipt(me, certificate, theirs.index, theirs.index.of))
        wrong.append(courier.make_receipt(me, certificate, down.index, theirs.index.of))
        here = everything(village)
        for one in wrong:
            with pytest.raises(CunzhanError):
                sticks_of.read(village, sticks.file(one))
        assert (everything(village), unsent(village)) == (here, 1)
        sticks_of.read(village, sticks.file(down))
        assert unsent(village) == 0


def _altered(one: Bundle, body: bytes, **change: object) -> Bundle:
    """A bundle with another index or body and the signature it had."""
    head = msgspec.msgpack.encode(msgspec.structs.replace(one.index, **change))
    return bundle.opened(msgspec.msgpack.encode([head, body, one._signature]))


def test_a_receipt_kept_from_last_month_is_none_for_todays_file(sticks: Sticks) -> None:
    village, township = sticks.station("村", VILLAGE), sticks.station("镇", TOWNSHIP)
    add(village)
    old = sticks.path()
    sticks_of.read(township, sticks.write(village), reply=old)
    sticks_of.read(village, old)
    add(village)
    sticks.write(village)
    sticks_of.read(village, old)
    assert (states(village), unsent(village)) == (["written", "township"], 2)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_a_township_does_on_the_way_it_only_delays(sticks: Sticks, world: World, seed: int) -> None:
    """Files are dropped, kept back for weeks, brought twice and in any order, and handed to the wrong village."""
    dice = Random(seed)
    villages = [sticks.station("甲", VILLAGE), sticks.station("乙", OTHER_VILLAGE)]
    ups: list[Bundle] = []
    downs: list[Bundle] = []
    added: list[str] = []
    for _week in range(12):
        for village in villages:
            added += [add(village) for _n in range(dice.randrange(3))]
            ups += bundle.read_file(sticks.write(village))
        some = [dice.choice(ups) for _n in range(dice.randrange(4))]
        downs += [answer for one in some for taken in sticks.taken(sticks.file(one)) if (answer := taken.answer) is not None]
        for village in villages:
            for one in [dice.choice(downs) for _n in range(dice.randrange(4)) if downs]:
                try:
                    sticks_of.read(village, sticks.file(one))
                except CunzhanError:
                    continue
    for _round in range(3):
        for village in villages:
            sticks.round(village)
    assert [unsent(village) for village in villages] == [0, 0]
    with world.county.read() as session:
        assert all(session.get("person", id) is not None for id in added)
    assert_equal(world)

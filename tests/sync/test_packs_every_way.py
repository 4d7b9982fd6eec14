"""A pack comes from the county while villages file claims without a line; then everybody exchanges, in any order, every way there is."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import pytest

from db.held import held
from domain.errors import DomainError
from services.claims import claims
from sync.station.lan import receiver
from sync.station.lan.handing_in import hand_in
from sync.station.lan.receiver import Receiver
from sync.station.stick import reading
from sync.wire.words import BundleError
from tests.seeds import seeds
from tests.sync.conftest import COUNTY, OTHER_VILLAGE, TOWNSHIP, VILLAGE, World, assert_equal
from tests.sync.sticks import Sticks
from tests.sync.test_arbitration import migrant
from tests.sync.test_packs import amount, known, overlay, publish

NUMBERS = ("230826198005050118", "230826198005050134", "230826198005050150", "230826198005050177")


class Ways:
    """Four villages' laptops, each with its own way to the county."""

    def __init__(self, world: World, sticks: Sticks, dice: random.Random) -> None:
        self.world, self.sticks, self.dice = world, sticks, dice
        self.township, self.county = world.station("镇", TOWNSHIP), world.station("县", COUNTY)
        self.villages = {
            "net": world.station("网", VILLAGE),
            "stick": sticks.station("盘", OTHER_VILLAGE),
            "township": sticks.station("托", VILLAGE),
            "lan": sticks.station("邻", OTHER_VILLAGE),
        }
        self.files: list[Path] = []

    def exchange(self, way: str) -> None:
        """One trip of one village; half of the files arrive later, if at all."""
        store = self.villages[way]
        if way == "net":
            self.world.sync(store)
        elif way == "lan":
            at = Receiver(self.township, host="127.0.0.1", port=0)
            hand_in(store, at.addresses[0], at.code)
            at.close()
        else:
            path = self.sticks.write(store)
            self.files.append(path)
            if way == "stick":
                self.files.append(self.sticks.county(path))
            else:
                reading.read(self.township, path, reply=(back := self.sticks.path()))
                self.files += [back] if back.exists() else []

    def carry(self) -> None:
        """The township goes to the county, by net or with a stick, and what lies about is read by whoever it may be for."""
        if self.dice.random() < 0.5:
            self.world.sync(self.township)
        else:
            self.files.append(self.sticks.county(self.sticks.write(self.township)))
        if self.dice.random() < 0.5:
            self.files.append(self.sticks.write(self.township))

    def arrive(self) -> None:
        if self.files:
            path = self.dice.choice(self.files)
            for store in (*self.villages.values(), self.township):
                with suppress(BundleError):
                    reading.read(store, path)


@pytest.mark.parametrize("seed", seeds(2))
def test_whoever_hears_of_a_pack_when(world: World, sticks: Sticks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """All judge by the same pack in the end, and every claim is there with the version it was judged by."""
    monkeypatch.setattr(receiver, "_LOOK", 0.01)
    dice = random.Random(seed)
    ways = Ways(world, sticks, dice)
    filed: dict[str, str] = {}
    people = {way: migrant(ways.villages[way], number=number, name=way) for way, number in zip(ways.villages, NUMBERS, strict=True)}

    def file(way: str) -> None:
        with suppress(DomainError), ways.villages[way].write("申请") as session:
            id = claims.judge_and_file(session, "R03", 2023, person_id=people[way])
            filed[id] = session.get("claim", id).pack_version

    versions = iter((("1.0.0", "900"), ("1.1", "800"), ("2", "700")))

    def publish_next() -> None:
        if (one := next(versions, None)) is not None:
            assert publish(world, overlay(tmp_path, *one)) == 0

    for _n in range(30):
        way = dice.choice(list(ways.villages))
        does = dice.choice(("publish", "carry", "arrive", "arrive", "file", "exchange", "exchange"))
        if does in ("file", "exchange"):
            file(way) if does == "file" else ways.exchange(way)
        else:
            {"publish": publish_next, "carry": ways.carry, "arrive": ways.arrive}[does]()
    publish_next()
    for _round in range(2):
        for store in ways.villages.values():
            sticks.round(store)
        world.sync(ways.township, ways.county, ways.villages["net"])
    assert_equal(world)
    stores = [*ways.villages.values(), ways.township, ways.county]
    assert len({amount(one) for one in stores}) == len({str(known(one)) for one in stores}) == 1
    with world.county.read() as session:
        assert held(session) == []
        assert {one.id: one.pack_version for one in session.select("claim")} == filed

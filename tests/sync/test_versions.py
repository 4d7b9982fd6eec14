"""Programs of different age: numbers never change, what is unknown is kept and put in place after the upgrade, who is newer waits."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import select

from db import changes, exchange
from db.county import County
from db.exchange import unsent
from db.held import held
from db.mapping import table
from db.store import Store
from domain import dependents
from domain.errors import Refused
from domain.fields import KINDS, Kind
from server.app import InProcess
from sync.county import answering as county
from sync.county import lineage
from sync.county.acts import erasure, moves
from sync.county.keys import county_keys
from sync.county.receiving import ingest
from sync.replica import pieces
from sync.station import asking
from sync.station import exchange as talk
from sync.station.receiving import newer_program
from sync.station.recovery import mending
from sync.station.stick import reading
from sync.wire import envelope
from sync.wire.connection import HttpRequest, HttpResponse, Transport
from tests.sync.conftest import OTHER_VILLAGE, TOWNSHIP, VILLAGE, World, add, assert_equal, get, put, snapshots_where
from tests.sync.days import histories_of
from tests.sync.sticks import Sticks
from tests.sync.test_snapshot import installed
from tests.sync.traces import traces

NUMBERS = Path(__file__).parents[1] / "data" / "numbers.json"
NOW = envelope.SCHEMA
NEXT = NOW + 1


def declared() -> dict[str, Any]:
    """Every kind and field by number: what may never change."""
    return {
        str(kind.number): {
            "name": kind.name,
            "since": kind.since,
            "fields": {str(f.number): [f.name, f.type.value, f.merge.value, f.since] for f in sorted(kind.fields, key=lambda f: f.number)},
        }
        for kind in sorted(KINDS.values(), key=lambda k: k.number)
    }


def test_numbers_of_kinds_and_fields_are_those_of_every_release() -> None:
    """A new kind or field is added to the table; what is in it stays as it is, for ever."""
    table, now = json.loads(NUMBERS.read_text(encoding="utf-8")), declared()
    assert {number: now.get(number) for number in table} == table, "programs in use know these kinds and fields: none may change or go"
    assert now == table, f"new kinds and fields: add json.dumps(declared(), ensure_ascii=False, indent=1) to {NUMBERS.name}"
    newest = max(max(k["since"], *(f[3] for f in k["fields"].values())) for k in now.values())
    assert newest == envelope.SCHEMA, "a new kind or field says since=SCHEMA, which rises once a release (sync/wire/envelope.py)"


class Programs:
    """Two programs in one process: the newer one has a field (`person.note`) and a kind the older has not."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, newest: str = "employer") -> None:
        person = KINDS["person"]
        monkeypatch.setattr(person.by_name["note"], "since", NEXT)
        self.new = {name: replace(kind, since=NEXT) if name == newest else kind for name, kind in KINDS.items()}
        self.old = {name: _without(kind, "note") if name == "person" else kind for name, kind in self.new.items() if name != newest}
        self.first = dict(KINDS)
        for kind in KINDS.values():
            dependents.owners(kind)  # kept: a real older program has no reference to a kind that it does not know
        self.use(self.new, NEXT)

    def use(self, kinds: dict[str, Kind], schema: int) -> None:
        KINDS.clear()
        KINDS.update(kinds)
        exchange._NUMBERED.clear()
        exchange._NUMBERED.update({kind.number: kind for kind in kinds.values()})
        dependents.owned.cache_clear()
        for module in [one for name, one in sys.modules.items() if name.startswith("sync.") and "SCHEMA" in vars(one)]:
            vars(module)["SCHEMA"] = schema

    def put_back(self) -> None:
        """The program as it is."""
        self.use(self.first, NOW)

    @contextmanager
    def older(self, world: World) -> Iterator[None]:
        """Stations run the older program meanwhile; the county stays with the newer."""
        inner = cast(InProcess, world.line.inner)
        programs = self

        class Newer(Transport):
            def ask(self, request: HttpRequest) -> HttpResponse:
                programs.use(programs.new, NEXT)
                try:
                    return inner.ask(request)
                finally:
                    programs.use(programs.old, NOW)

            def broken_off(self, body: bytes) -> None:
                programs.use(programs.new, NEXT)
                try:
                    inner.broken_off(body)
                finally:
                    programs.use(programs.old, NOW)

        world.line.inner = Newer()
        self.use(self.old, NOW)
        try:
            yield
        finally:
            world.line.inner = inner
            self.use(self.new, NEXT)


def _without(kind: Kind, name: str) -> Kind:
    return replace(kind, fields=tuple(f for f in kind.fields if f.name != name))


@pytest.fixture
def programs(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Programs]:
    made = Programs(monkeypatch, getattr(request, "param", "employer"))
    yield made
    made.put_back()


def busy(world: World, a: Store, b: Store) -> dict[str, str]:
    """Changes of fields and kinds both programs know and of those only the newer knows, some of them concurrent."""
    ids = {name: add(a, name=f"人{name}", phone="1", note="注") for name in ("edited", "both", "deleted", "plain")}
    ids["employer"] = add(a, "employer", name="厂", type="enterprise")
    world.sync(a, b)
    put(a, ids["edited"], note="注二", phone="2")
    put(a, ids["both"], note="甲注")
    put(b, ids["both"], note="乙注")
    put(a, ids["employer"], "employer", name="新厂")
    world.sync(a, b, a)
    return ids


@pytest.mark.parametrize("way", ["log", "snapshot"])
def test_what_a_newer_program_brought_is_kept_and_applied_after_the_upgrade(
    world: World, programs: Programs, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(mending, "SHARE", 0)
    a, b, old = world.station("甲"), world.station("乙"), world.station("旧")
    if way == "snapshot":
        monkeypatch.setattr(pieces, "ROWS", 2)
        snapshots_where(monkeypatch, lambda _s, _scope, cursor, head: head > cursor == 0)
    ids = busy(world, a, b)
    with programs.older(world):
        assert world.sync(old).different == 0
        assert bool(installed(old)) is (way == "snapshot")
        with old.read() as session:
            assert session.count("person") == 4
            assert changes.history(session, "person", ids["edited"])
        put(old, ids["edited"], phone="3")
        put(old, ids["plain"], phone="4")
        assert world.sync(old).pushed == 2
        assert world.sync(old).different == 0
    assert get(world.county, ids["edited"]).note == "注二"  # an old program blanks nothing
    put(a, ids["plain"], note="以后")
    world.sync(a)
    with programs.older(world):
        assert world.sync(old).held == 1
        put(old, ids["plain"], name="旧名")  # waits through the upgrade
        with old.read() as session:
            assert "field" in {h.reason for h in held(session)}
    newer_program.learn(old)
    assert (get(old, ids["edited"]).note, get(old, ids["both"]).note, get(old, ids["plain"]).note) == ("注二", "乙注", "以后")
    assert get(old, ids["plain"]).name == "旧名"
    assert get(old, ids["employer"], "employer").name == "新厂"
    with old.read() as session:
        assert [h for h in held(session) if h.reason in ("kind", "field")] == []
    assert world.sync(old).different == 0
    world.settle()
    assert {s: r.different for s, r in ((n, world.sync(store)) for n, store in world.stations.items())} == {"甲": 0, "乙": 0, "旧": 0}
    if way == "log":
        assert histories_of(old) == histories_of(a)
    for store in world.stations.values():
        with store.read() as here, world.county.read() as there:
            for kind in ("person", "employer"):
                assert [vars(r) for r in here.select(kind, deleted=True)] == [vars(r) for r in there.select(kind, deleted=True)]


def test_who_moved_away_meanwhile_does_not_come_back_with_the_upgrade(
    world: World, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A piece of a snapshot is kept for the upgrade; of its rows one leaves to where nothing is read, one to where all is read."""
    snapshots_where(monkeypatch, lambda _s, _scope, cursor, head: head > cursor == 0)
    a, old, town = world.station("甲"), world.station("旧"), world.station("镇", TOWNSHIP)
    ids = sorted(add(a, note="注") for _n in range(3))
    world.sync(a)
    keys = county_keys(world.county)
    with programs.older(world):
        world.sync(old, town)
    with world.county.write() as session:
        moves.move(session, keys, "person", ids[0], OTHER_VILLAGE)
    with programs.older(world):
        world.sync(old, town)
    for store in (old, town):
        newer_program.learn(store)
    world.settle()
    assert get(old, ids[0]) is None
    assert (get(town, ids[0]).note, get(old, ids[1]).note) == ("注", "注")
    for store in world.stations.values():
        assert world.sync(store).different == 0
    assert_equal(world)


def test_who_left_and_came_back_meanwhile_is_as_at_the_county_after_the_upgrade(world: World, programs: Programs) -> None:
    a, old = world.station("甲"), world.station("旧")
    id = add(a, note="注")
    world.sync(a)
    keys = county_keys(world.county)
    with programs.older(world):
        world.sync(old)
    for to in (OTHER_VILLAGE, VILLAGE):
        with world.county.write() as session:
            moves.move(session, keys, "person", id, to)
        with programs.older(world):
            world.sync(old)
    newer_program.learn(old)
    assert get(old, id).note == "注"
    assert world.sync(old).different == 0
    world.settle()
    assert_equal(world)


@pytest.mark.parametrize("way", ["log", "snapshot"])
@pytest.mark.parametrize("programs", ["employment"], indirect=True)
def test_what_people_took_along_meanwhile_is_where_they_are_after_the_upgrade(
    world: World, programs: Programs, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Rows of a kind not known yet left with their person, came back, or entered and left again; the township reads both places."""
    if way == "snapshot":
        snapshots_where(monkeypatch, lambda _s, _scope, cursor, head: head > cursor == 0)
    a, old, other = world.station("甲"), world.station("旧"), world.station("旁", OTHER_VILLAGE)
    town = world.station("镇", TOWNSHIP)
    gone, back, through = sorted(add(a, note="注") for _n in range(3))
    for id in (gone, back, through):
        add(a, "employment", person_id=id, channel="migrant", place="210200", start="2023-01-01")
    world.sync(a)
    keys = county_keys(world.county)
    with programs.older(world):
        world.sync(old, other, town)
    for id, to in ((gone, OTHER_VILLAGE), (back, OTHER_VILLAGE), (through, OTHER_VILLAGE), (back, VILLAGE), (through, VILLAGE)):
        with world.county.write() as session:
            moves.move(session, keys, "person", id, to)
        with programs.older(world):
            world.sync(old, other, town)
    for store in (old, other, town):
        newer_program.learn(store)
    for place in (VILLAGE, OTHER_VILLAGE):
        there = homes(world.county, place)
        for store in (old, town) if place == VILLAGE else (other, town):
            assert homes(store, place) == there, (store.scope, place)
            assert notes(store, place) == notes(world.county, place), (store.scope, place)
    for store in world.stations.values():
        assert world.sync(store).different == 0
    world.settle()
    assert_equal(world)


def notes(where: Store | County, village: str) -> dict[str, str]:
    with where.read() as session:
        return {one.id: one.note for one in session.select("person", table("person").c.village == village, deleted=True)}


def homes(where: Store | County, village: str) -> set[str]:
    """The work kept in a village, by whose it is."""
    with where.read() as session:
        return {one.person_id for one in session.select("employment", table("employment").c.village == village, deleted=True)}


def test_what_came_by_stick_alone_is_in_its_place_after_the_upgrade_too(world: World, programs: Programs) -> None:
    (world.folder / "stick").mkdir()
    sticks = Sticks(world, world.folder / "stick")
    a, old = world.station("甲"), sticks.station("旧", VILLAGE)
    id = add(a, note="注")
    world.sync(a)
    up = sticks.write(old)
    down = sticks.county(up)
    with programs.older(world):
        reading.read(old, down)
        with old.read() as session:
            assert {h.reason for h in held(session)} == {"field"}
    newer_program.learn(old)
    assert get(old, id).note == "注"


def test_a_newer_station_waits_with_its_work_intact(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    a = world.station("甲")
    id = add(a, note="注")
    for module in (asking, envelope, newer_program):
        monkeypatch.setattr(module, "SCHEMA", NEXT)
    with pytest.raises(Refused, match="比这台电脑旧"):
        world.sync(a)
    with a.read() as session:
        assert unsent(session) == 1
    for module in (county, ingest, lineage):
        monkeypatch.setattr(module, "SCHEMA", NEXT)
    assert world.sync(a).pushed == 1
    assert get(world.county, id).note == "注"


def test_the_county_takes_in_what_three_schemas_older_programs_send(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (county, ingest, lineage, mending):
        monkeypatch.setattr(module, "SCHEMA", NOW + 3)
    a, b = world.station("甲"), world.station("乙")
    id = add(a, note="注")
    world.sync(a, b)
    put(b, id, phone="2")
    world.settle()
    assert get(a, id).phone == "2"
    assert talk.exchange(a, transport=world.line).pushed == 0
    assert_equal(world)


@pytest.mark.parametrize("way", ["log", "snapshot"])
def test_an_older_program_takes_an_erasure_of_fields_it_does_not_know(
    world: World, programs: Programs, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Also of one that a snapshot had brought: once it was known, the log kept it as the value before the erasure."""
    if way == "snapshot":
        snapshots_where(monkeypatch, lambda _s, _scope, cursor, head: head > cursor == 0)
    a, old = world.station("甲"), world.station("旧")
    id = add(a, name="张三", note="家里的事")
    world.sync(a)
    with programs.older(world):
        world.sync(old)
        assert bool(installed(old)) is (way == "snapshot")
    keys = county_keys(world.county)
    with world.county.write() as session:
        erasure.erase(session, keys, id, "到期")
    with programs.older(world):
        world.sync(old)
    newer_program.learn(old)
    world.settle()
    assert get(old, id).note is None
    assert_equal(world)
    with old.read() as session:
        assert traces(session.conn, ("家里的事",)) == set()


def test_what_is_refused_is_held_whole_by_an_older_program(world: World, programs: Programs) -> None:
    """Fields it does not know are among what somebody wanted of a row that was erased meanwhile."""
    a, b, old = world.station("甲"), world.station("乙"), world.station("旧")
    id = add(a, name="张三", note="注")
    world.sync(a, b)
    with programs.older(world):
        world.sync(old)
    put(b, id, note="注二", phone="2")
    keys = county_keys(world.county)
    with world.county.write() as session:
        erasure.erase(session, keys, id, "到期")
    world.sync(b)
    with programs.older(world):
        world.sync(old)
    kept = [(line.row_id, line.reason, line.values) for line in _held_lines(world.county)]
    assert [(row_id, reason) for row_id, reason, _values in kept] == [(id, "erased")]
    assert [(line.row_id, line.reason, line.values) for line in _held_lines(old) if line.reason != "field"] == kept


def _held_lines(store: Any) -> Any:
    with store.read() as session:
        return session.conn.execute(select(exchange.held_change)).all()

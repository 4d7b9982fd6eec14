"""A county and its stations in one process: real encrypted stores, the real county database, no network."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from sqlalchemy import Connection, select

from db import changes, county_backup
from db.conflicts import Conflict, conflicts, resolve
from db.county import County
from db.exchange import conflict, cursor, field_state, held_change, moved, scope_head
from db.exchange import unsent as unsent_in
from db.mapping import TABLES
from db.prepared import Prepared
from db.store import Store
from domain.scopes import level_of
from server.app import InProcess
from server.devices import make_code
from sync.county.sending import snapshot
from sync.station.enrol import enrol
from sync.station.exchange import exchange
from sync.station.result import ExchangeResult
from sync.wire.connection import HttpRequest, HttpResponse, NotConnected, Transport
from sync.wire.messages import CONTENT_TYPE
from tests.fresh import blank_county, blank_home, give_back, lend_new, new_county
from tests.postgres import Cluster

if TYPE_CHECKING:
    from tests.sync.sticks import Sticks

VILLAGE = "230826101202"
OTHER_VILLAGE = "230826101203"
TOWNSHIP = VILLAGE[:9]
COUNTY = VILLAGE[:6]
PASSWORD = "correct horse"
SERVER = "http://127.0.0.1:1"

_numbers = itertools.count(1)


def _beginning(content: bytes) -> Iterator[bytes]:
    """The body of an answer that breaks off."""
    yield content
    raise ConnectionError("cut")


class Cut(Transport):
    """The way to the county, which a test may cut: `before` drops requests, `after` lets them arrive and loses the answers; of the next
    request, or its answer, only the beginning comes over where `up` or `down` is the part of it that does."""

    def __init__(self, inner: Transport) -> None:
        self.inner = inner
        self.before = 0
        self.after = 0
        self.up = self.down = 0.0
        self.watch: Callable[[bytes], None] = lambda _body: None

    def ask(self, request: HttpRequest) -> HttpResponse:
        if self.before:
            self.before -= 1
            raise NotConnected("cut")
        body = request.body
        if self.up:
            came, self.up = body[: int(len(body) * self.up)], 0.0
            cast("InProcess", self.inner).broken_off(came)
            raise ConnectionError("cut")
        response = self.inner.ask(request)
        if self.down:
            content = response.read()
            came, self.down = content[: int(len(content) * self.down)], 0.0
            return HttpResponse(response.status, _beginning(came), CONTENT_TYPE)
        self.watch(body)
        if self.after:
            self.after -= 1
            raise ConnectionError("cut")
        return response


class World:
    """A county with stations that come as tests ask for them."""

    def __init__(self, folder: Path, county: County | None = None) -> None:
        self.folder = folder
        self.county = county or new_county(folder)
        self.line = Cut(InProcess(self.county))
        self.stations: dict[str, Store] = {}
        self._lent: list[Store] = []

    def store(self, name: str, scope: str = VILLAGE) -> Store:
        made = lend_new(self.folder / name, scope, name)
        self.stations[name] = made
        self._lent.append(made)
        return made

    def code(self, scope: str, uses: int = 1) -> str:
        with self.county.write() as session:
            return make_code(session, scope, level_of(scope), uses, closed=True).code

    def station(self, name: str, scope: str = VILLAGE) -> Store:
        made = self.store(name, scope)
        enrol(made, SERVER, self.code(scope), transport=self.line)
        return made

    def sync(self, *stores: Store) -> ExchangeResult:
        result = ExchangeResult()
        for store in stores or tuple(self.stations.values()):
            result = exchange(store, transport=self.line)
        return result

    def settle(self) -> None:
        """Exchange in turn until nobody has anything new: as many in a row as there are stations had nothing."""
        quiet = 0
        for store in itertools.islice(itertools.cycle(self.stations.values()), 6 * len(self.stations)):
            result = exchange(store, transport=self.line)
            quiet = 0 if result.pushed or result.pulled or result.restored else quiet + 1
            if quiet == len(self.stations):
                return
        raise AssertionError("never quiet")

    def close(self) -> None:
        for store in {*self.stations.values(), *self._lent}:
            give_back(store)
        if self.county.engine.dialect.name != "postgresql":  # which the next test has, with its connections
            self.county.close()


@pytest.fixture(scope="session", autouse=True)
def _blanks() -> None:
    """Lay out what tests copy before one of them turns a clock back."""
    blank_home()
    blank_county()


@pytest.fixture(scope="session")
def _postgres_county(cluster: Cluster, _county_database: str) -> Iterator[County]:
    """Emptied after each test; its connections and compiled statements stay."""
    with closing(County(cluster.url(_county_database))) as made:
        yield made


@pytest.fixture
def postgres_county(postgres_url: str, _postgres_county: County) -> County:
    """A county whose database on PostgreSQL is empty."""
    return _postgres_county


@pytest.fixture
def counties(request: pytest.FixtureRequest) -> Callable[[], County | None]:
    """For tests that need one county after the other: answers an empty one on PostgreSQL with CUNZHAN_COUNTY_ON=postgresql, else None."""
    if os.environ.get("CUNZHAN_COUNTY_ON") != "postgresql":
        return lambda: None
    cluster, name, county = (request.getfixturevalue(asked) for asked in ("cluster", "_county_database", "postgres_county"))

    def empty() -> County:
        cluster.clear(name)
        return cast("County", county)

    return empty


_POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.postgres)
both = pytest.mark.parametrize("world", ["sqlite", _POSTGRESQL], indirect=True)
"""For a test, or all of a module, whose county is to be on each database in turn."""


def seeded(seeds: Sequence[int], on_postgresql: int) -> pytest.MarkDecorator:
    """A test of random runs: every seed on SQLite, the first few on PostgreSQL too."""
    runs = [pytest.param("sqlite", seed) for seed in seeds]
    runs += [pytest.param("postgresql", seed, marks=pytest.mark.postgres) for seed in seeds[:on_postgresql]]
    return pytest.mark.parametrize(("world", "seed"), runs, indirect=["world"])


@pytest.fixture
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    """A county on an embedded database; on PostgreSQL where the test asks for `both`, or everywhere with CUNZHAN_COUNTY_ON=postgresql."""
    on_postgresql = getattr(request, "param", os.environ.get("CUNZHAN_COUNTY_ON", "")) == "postgresql"
    made = World(tmp_path, request.getfixturevalue("postgres_county") if on_postgresql else None)
    yield made
    made.close()


@pytest.fixture
def county(world: World) -> Store:
    """A laptop of the county."""
    return world.station("县", COUNTY)


@pytest.fixture
def township(world: World) -> Store:
    """A laptop of the township."""
    return world.station("镇", TOWNSHIP)


@pytest.fixture
def village(world: World) -> Store:
    """A laptop of the village."""
    return world.station("甲")


@pytest.fixture
def sticks(world: World, tmp_path: Path) -> Sticks:
    from tests.sync.sticks import Sticks  # which makes its files for a `World`

    folder = tmp_path / "stick"
    folder.mkdir()
    return Sticks(world, folder)


# -- doing things ------------------------------------------------------------------------------------------------------


def snapshots_where(patch: pytest.MonkeyPatch, wanted: Callable[[Any, str, int, int], bool]) -> None:
    """Let the county hand out a snapshot of a log where this is `wanted` (of session, scope, cursor, head), however little it has."""
    patch.setattr(snapshot, "FEW", 1)
    patch.setattr(snapshot, "too_far", wanted)


def person_values(**values: Any) -> dict[str, Any]:
    n = next(_numbers)
    base = {"name": f"人{n}", "document": "resident_id", "id_number": f"2308261970{n:07d}X", "labour": "ordinary"}
    return base | values


def add(store: Store, kind: str = "person", village: str | None = None, **values: Any) -> str:
    values = person_values(**values) if kind == "person" else values
    with store.write("新增") as session:
        id = session.new_id()
        changes.insert(session, kind, [{"id": id, "village": village or store.scope, **values}])
    return id


def put(store: Store, id: str, kind: str = "person", **values: Any) -> None:
    with store.write("修改") as session:
        assert changes.update(session, kind, id, values)


def drop(store: Store, id: str, kind: str = "person") -> None:
    with store.write("删除") as session:
        assert changes.delete(session, kind, id)


def disputed(world: World) -> tuple[Store, Store, str]:
    """Two laptops that gave one person two names without knowing of each other, and the person's id; both have heard."""
    a, b = world.station("甲"), world.station("乙")
    id = add(a, name="张三")
    world.settle()
    put(a, id, name="甲名")
    put(b, id, name="乙名")
    world.settle()
    return a, b, id


def listed(store: Store, *, settled: bool = False) -> list[Conflict]:
    with store.read() as session:
        return conflicts(session, settled=settled)


def decide(store: Store, id: str, keep: str) -> None:
    with store.write("核对") as session:
        resolve(session, id, keep)


def wage(store: Store, **values: Any) -> str:
    return add(
        store, "wage", employment_id="0123abcd-0000-0000-0000-5a0000000001", month="2023-06", paid_on="2023-06", amount=380000, **values
    )


def get(store: Store | County, id: str, kind: str = "person") -> Any:
    with store.read() as session:
        return session.get(kind, id)


def save(world: World) -> None:
    """Keep the county as it is now, for `put_back`."""
    if world.county.engine.dialect.name == "postgresql":
        county_backup.backup(world.county, world.folder / "yesterday.zip", PASSWORD)
        return
    world.county.close()
    shutil.copy(world.folder / "county.db", world.folder / "yesterday.db")


def put_back(world: World) -> None:
    """The county as it was when it was kept, if it was: by its file where it has one, so that nobody is told."""
    if (world.folder / "yesterday.zip").exists():
        county_backup.restore(world.county, world.folder / "yesterday.zip", PASSWORD, lambda _county: None, force=True)
    if (world.folder / "yesterday.db").exists():
        world.county.close()
        shutil.copy(world.folder / "yesterday.db", world.folder / "county.db")


# -- comparing ---------------------------------------------------------------------------------------------------------


_REASON = held_change.c.reason
_LEARNT = ((_REASON == "kind") | (_REASON == "field")) & held_change.c.released_at.is_not(None)  # after this station's own upgrade
_ROWS = {name: Prepared(select(t).order_by(t.c.id)) for name, t in TABLES.items()}
_STATES = Prepared(select(field_state).order_by(*field_state.primary_key))
_LISTS = {
    "conflict": Prepared(select(*(c for c in conflict.c if c.name != "pending")).order_by(conflict.c.id)),
    "held": Prepared(select(held_change).where(~_LEARNT).order_by(*held_change.primary_key)),
    "moved": Prepared(select(*(c for c in moved.c if c.name != "states")).order_by(*moved.primary_key)),  # `states` the county's alone
}


def content(conn: Connection, scope: str) -> dict[str, list[tuple[Any, ...]]]:
    """Everything sequenced that a station of `scope` reads: rows with their system and merge columns, states, conflicts, held."""

    def reads(place: str) -> bool:
        return place.startswith(scope) or scope.startswith(place)

    found = {name: [row for row in rows.all(conn) if reads(row.village)] for name, rows in _ROWS.items()}
    known = {row.id for rows in found.values() for row in rows}
    found["field_state"] = [state for state in _STATES.all(conn) if state.row_id in known]
    return found | {name: [line for line in lines.all(conn) if reads(line.scope)] for name, lines in _LISTS.items()}


def unsent(store: Store) -> int:
    with store.read() as session:
        return unsent_in(session)


def assert_equal(world: World) -> None:
    """Every station holds exactly what the county holds of its scopes."""
    for name, store in world.stations.items():
        with world.county.read() as there, store.read() as here:
            heads = {s: n for s, n in there.conn.execute(select(scope_head)) if s.startswith(store.scope) or store.scope.startswith(s)}
            assert dict(here.conn.execute(select(cursor)).all()) == heads, name
            ours, theirs = content(here.conn, store.scope), content(there.conn, store.scope)
            for table in theirs.keys() | ours.keys():
                assert ours.get(table) == theirs.get(table), (name, table)
            assert unsent_in(here) == 0, name

"""What every test shares. Nothing here may depend on a screen, on the clock's zone or on the person's own data folder."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from cli.start import look_for_garbage_rarely

if TYPE_CHECKING:
    from db.session import Session
    from db.store import Store
    from tests.postgres import Cluster

look_for_garbage_rarely()  # as the programs do
pytest.register_assert_rewrite("tests.sync.days", "tests.sync.mishaps")  # a failure there shows the values too
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["TZ"] = "Asia/Shanghai"
if hasattr(time, "tzset"):  # Windows has none
    time.tzset()

settings.register_profile("cunzhan", deadline=None)  # how long an example takes says how busy the machine is
settings.load_profile("cunzhan")


def pytest_collection_finish() -> None:
    """The modules and thousands of tests that are loaded now all stay: the collector need not go through them again and again."""
    gc.collect()
    gc.freeze()


VILLAGE = "230826101202"
TOWNSHIP = "230826101"
PASSWORD = "correct horse"


@pytest.fixture(autouse=True, scope="session")
def quick_disk() -> Iterator[None]:
    """No power cut happens in a test: this process does not wait for the disk at every commit."""
    import psycopg
    from sqlalchemy import Engine, event

    def hurry(connection: Any, _record: Any) -> None:
        if not isinstance(connection, psycopg.Connection):  # the tests' own PostgreSQL does not wait either
            connection.execute("PRAGMA synchronous = OFF")

    event.listen(Engine, "connect", hurry)
    yield
    event.remove(Engine, "connect", hurry)


@pytest.fixture(autouse=True)
def no_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test asks no other machine of the network for a township's receiver."""
    monkeypatch.setattr("sync.station.lan.finding.lan_addresses", list)


@pytest.fixture(autouse=True, scope="session")
def cheap_keys() -> Iterator[None]:
    """Key slots made in this process cost next to nothing; the costs are kept in the slot, so other processes open them as fast."""
    from db import keys

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "_OPS", 1)
        patch.setattr(keys, "_MEMORY", 8 * 1024)
        yield


@pytest.fixture
def make_store(tmp_path: Path) -> Iterator[Callable[..., Store]]:
    """`make_store(scope=VILLAGE, user="李文书")`: real encrypted stores in temporary folders, closed afterwards."""
    from tests.fresh import new_store

    made: list[Store] = []

    def make(scope: str = VILLAGE, user: str = "李文书", home: Path | None = None) -> Store:
        made.append(new_store(home or tmp_path / f"station-{len(made)}", scope, user))
        return made[-1]

    yield make
    for store in made:
        store.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where `store` lies."""
    return tmp_path / "home"


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    """A village's empty store."""
    from tests.fresh import new_store

    with closing(new_store(home)) as made:
        yield made


@pytest.fixture(scope="session")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for every test that takes back what it writes: making one takes a third of a second."""
    from tests.fresh import new_store

    with closing(new_store(tmp_path_factory.mktemp("shared") / "home")) as made:
        yield made


@pytest.fixture
def session(shared_store: Store) -> Iterator[Session]:
    """A writing session of an empty store; nothing of it is kept."""
    from tests.fresh import taken_back

    with taken_back(shared_store) as session:
        yield session


@pytest.fixture(scope="session")
def township(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A township's store for every test that takes back what it writes."""
    from tests.fresh import new_store

    with closing(new_store(tmp_path_factory.mktemp("township") / "home", scope=TOWNSHIP)) as made:
        yield made


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL of this test process's own; without one to start the test is skipped, or fails with CUNZHAN_POSTGRES=required."""
    from tests.postgres import Cluster, Missing

    try:
        made = Cluster()
    except Missing as missing:
        if os.environ.get("CUNZHAN_POSTGRES") == "required":
            raise
        pytest.skip(str(missing))
    yield made
    made.stop()


@pytest.fixture(scope="session")
def county_model(cluster: Cluster) -> str:
    """The name of a PostgreSQL database with the county's schema, to copy."""
    from db.county import County

    name = cluster.create()
    County(cluster.url(name)).close()
    return name


@pytest.fixture(scope="session")
def _county_database(cluster: Cluster, county_model: str) -> str:
    return cluster.create(county_model)


@pytest.fixture
def postgres_url(cluster: Cluster, _county_database: str) -> Iterator[str]:
    """An empty county database on PostgreSQL. A test that changes its schema makes a copy of `county_model` instead."""
    yield cluster.url(_county_database)
    cluster.clear(_county_database)

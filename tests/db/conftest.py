"""A real encrypted store in a temporary folder."""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from db.session import Session
from db.store import Store
from tests.fresh import copied, new_store

VILLAGE = "230826101202"
PASSWORD = "correct horse"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture(scope="session")
def people_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a village whose clerk has taken in the people of `rosters_taken`; tests work on copies."""
    from tests.db.rosters_taken import HEADS, PEOPLE, taker  # which fills a store

    folder = tmp_path_factory.mktemp("people")
    with closing(new_store(folder / "home")) as made:
        result, _plan = taker(made, folder)(HEADS, *PEOPLE)
        assert result.added == 3 + 3 + 2
    return folder / "home"


@pytest.fixture
def store(home: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    """A village's store: empty, or with the `people` of `rosters_taken` where they are asked for."""
    with_people = "people_home" in request.fixturenames
    made = copied(request.getfixturevalue("people_home"), home) if with_people else new_store(home)
    yield made
    made.close()


@pytest.fixture(scope="session")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for every test that takes back what it writes: making one takes a third of a second."""
    made = new_store(tmp_path_factory.mktemp("shared") / "home")
    yield made
    made.close()


class _TakenBack(Exception):
    pass


@contextmanager
def taken_back(store: Store) -> Iterator[Session]:
    """A writing session of which nothing is kept."""
    with suppress(_TakenBack), store.write("试") as session:
        yield session
        raise _TakenBack


@pytest.fixture
def session(shared_store: Store) -> Iterator[Session]:
    """A writing session of an empty store; nothing of it is kept."""
    with taken_back(shared_store) as session:
        yield session


@pytest.fixture(scope="session")
def township(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A township's store for every test that takes back what it writes."""
    made = new_store(tmp_path_factory.mktemp("township") / "home", scope=VILLAGE[:9])
    yield made
    made.close()

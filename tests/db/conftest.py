"""A real encrypted store in a temporary folder."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from db.session import Session
from db.store import Store
from tests.fresh import new_store

VILLAGE = "230826101202"
PASSWORD = "correct horse"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    made = new_store(home)
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

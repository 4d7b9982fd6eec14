"""A village's store that already holds people."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from db.store import Store
from tests.fresh import copied, new_store


@pytest.fixture(scope="session")
def people_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a village whose clerk has taken in the people of `rosters_taken`; tests work on copies."""
    from tests.services.rosters_taken import HEADS, PEOPLE, taker  # which fills a store

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
    with closing(made):
        yield made

"""A village's store that already holds people."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from db.store import Store
from tests.fresh import copied, lent, new_store


@pytest.fixture(scope="session")
def people_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a village whose clerk has taken in the people of `rosters_taken`; tests work on copies."""
    from tests.services.rosters_taken import HEADS, PEOPLE, taker  # which fills a store

    folder = tmp_path_factory.mktemp("people")
    with closing(new_store(folder / "home")) as made:
        result, _plan = taker(made, folder)(HEADS, *PEOPLE)
        assert result.added == 3 + 3 + 2
    return folder / "home"


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a village in which nobody is registered; as `people_home`."""
    home = tmp_path_factory.mktemp("empty") / "home"
    new_store(home).close()
    return home


@pytest.fixture
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """A village's store: empty, or with the `people` of `rosters_taken` where they are asked for; in `home` if that is asked for."""
    asked = request.fixturenames
    template = request.getfixturevalue("people_home" if "people_home" in asked else "empty_home")
    with closing(copied(template, request.getfixturevalue("home"))) if "home" in asked else lent(template) as made:
        yield made

"""A county's clock that was wrong and was mended."""

from __future__ import annotations

import pytest

from server.status import standing
from tests.sync.conftest import World, add


def behind(world: World) -> int:
    with world.county.read() as session:
        return standing(session).clock_behind


def test_a_clock_that_was_ahead_is_not_told_to_be_behind_for_ever(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Times of the whole log were looked through, and the one far in the future was found again for years."""
    a = world.station("甲")
    with monkeypatch.context() as patch:
        patch.setattr("db.county.utc_now", lambda: "2099-01-01T00:00:00Z")
        add(a)
        world.sync(a)
    assert behind(world) > 10_000
    add(a)
    world.sync(a)
    assert behind(world) == 0

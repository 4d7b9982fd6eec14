"""Random days of several laptops with cut lines and wrong clocks, replayed by their seed (`tests.seeds`), on PostgreSQL
too: in the suite `test_machine` has SQLite alone. What copies, restores, moves and sticks do together is for the machine."""

from __future__ import annotations

import pytest

from tests.seeds import STEPS, seeds
from tests.sync.conftest import World, seeded
from tests.sync.days import Day, Disasters, Moves, check_invariants, clocks


@seeded(seeds(4), on_postgresql=2)
def test_replicas_are_equal_and_nothing_is_lost(world: World, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    clocks(seed, monkeypatch)
    day = Day(world, seed)
    day.run(STEPS)
    check_invariants(day)


@pytest.mark.parametrize("day", [Moves, Disasters])
@pytest.mark.parametrize("seed", seeds(1))
def test_what_happens_to_villages_and_machines_loses_nothing(
    world: World, seed: int, day: type[Day], monkeypatch: pytest.MonkeyPatch
) -> None:
    clocks(seed, monkeypatch)
    made = day(world, seed)
    made.run(STEPS)
    check_invariants(made)

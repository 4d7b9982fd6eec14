"""A machine that does to a county and its laptops whatever it likes, in whatever order (hypothesis): when all is quiet again, nothing
was lost and all are equal. What happens is printed step by step when it fails; `CUNZHAN_SOAK_FIRST=17 CUNZHAN_SOAK_SEEDS=1
CUNZHAN_SOAK_SHRINK=1` plays seed 17 again and looks for the shortest way to the same failure. With CUNZHAN_COUNTY_ON=postgresql the
county is there.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from db.county import County
from tests.seeds import STEPS, seeds
from tests.sync.accidents import WHAT_ELSE, Accidents
from tests.sync.conftest import World
from tests.sync.days import clocks

WHO = st.integers(0, 11)
SEED = st.tuples(st.integers(0, 99), st.integers(0, 99)).map(lambda two: two[0] * 100 + two[1])
"""Of two small numbers: see `tests.sync.dice`."""
PHASES = [Phase.generate, *([Phase.shrink] if os.environ.get("CUNZHAN_SOAK_SHRINK") else [])]

OFTEN = {
    "insert": 2,
    "edit": 7,
    "edit_together": 2,
    "delete": 1,
    "undelete": 1,
    "check": 2,
    "pay": 2,
    "decide": 2,
    "claim": 1,
    "step": 2,
    "merge": 1,
    "merge_together": 1,
    "misplace": 1,
    "release": 2,
    "sync": 10,
    "tear": 5,
    "power": 4,
    "write_stick": 3,
    "arrive": 6,
    "arrive_in_power_cut": 1,
    "copy": 1,
    "back_up": 1,
    "put_back": 1,
    "again": 1,
    "upgrade": 1,
    "move": 2,
    "merge_villages": 1,
    "erase": 1,
    "save_county": 1,
    "put_county_back": 1,
    "revoke": 1,
    "enrol_again": 2,
}
"""What may happen, and how often."""
WHAT = st.sampled_from([what for what, times in (OFTEN | WHAT_ELSE).items() for _n in range(times)])


class Machine(RuleBasedStateMachine):
    """An `Accidents` whose next step hypothesis chooses."""

    def __init__(self, folder: Path, county: County | None, run: int) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        clocks(run, self.patch)
        self.world = World(folder, county)
        self.day = Accidents(self.world, self.patch)

    @rule(what=WHAT, who=WHO, number=SEED)
    def happens(self, what: str, who: int, number: int) -> None:
        """One rule for all of it: hypothesis switches rules off for whole runs, and then nothing meets."""
        self.day.act(what, who, number)

    def teardown(self) -> None:
        """The invariants."""
        try:
            self.day.finish(self.patch)
        finally:
            self.day.programs.put_back()
            self.patch.undo()
            self.world.close()


@pytest.mark.slow
@pytest.mark.parametrize("number", seeds(2))
def test_whatever_happens_nothing_is_lost(tmp_path: Path, counties: Callable[[], County | None], number: int) -> None:
    folders = (tmp_path / str(n) for n in itertools.count())

    def machine() -> Any:
        folder = next(folders)
        folder.mkdir()
        return Machine(folder, counties(), number)

    plain = settings(
        max_examples=2,  # the first is always the plainest: people are registered, and all is well
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=PHASES,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(cast("type[Machine]", seed(number)(machine)), settings=plain)

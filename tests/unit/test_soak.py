"""The long tests count what failed, and nothing else."""

from __future__ import annotations

from tests.soak import MACHINE, blamed


def test_a_test_that_took_the_end_of_time_for_a_failure_is_not_blamed() -> None:
    """The interrupt closed a connection to PostgreSQL within a transaction: a sound seed was told as one that fails."""
    out = "FAILED tests/sync/test_machine.py::test_whatever_happens_nothing_is_lost[8820002] - Flaky\nERROR tests/x.py::y\n1 failed"
    assert blamed(out, 1, True, MACHINE) == []
    assert blamed(out, 1, False, MACHINE) == [*(line.split()[1] for line in out.splitlines()[:2])]
    assert blamed("crashed", 3, False, MACHINE) == list(MACHINE.tests)
    assert blamed("5 passed", 0, False, MACHINE) == []

"""The long tests, seed after seed, for as long as one has: `make soak SECONDS=600`.

Random days, the machine, orders of few actions, killed servers and stations, more of the fuzzing, and random keys on the window, each round
from the next seed. A failure is printed with the command that plays it again; the rounds go on, and the last line is the sum. Exit status 1
when anything failed.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import cycle

from tests.paths import ROOT


@dataclass(frozen=True)
class Part:
    """Tests to repeat: which, with what for their environment, how many seeds a round takes, and how many processes it kills."""

    tests: tuple[str, ...]
    seeds: int
    env: tuple[tuple[str, str], ...] = ()
    kills: int = 0


MACHINE = Part(("tests/sync/test_machine.py",), 3)
MACHINE_ON_POSTGRESQL = Part(MACHINE.tests, 3, (("CUNZHAN_COUNTY_ON", "postgresql"),))
DAYS = Part(("tests/sync/test_random.py", "tests/sync/test_bundle_random.py", "tests/sync/test_snapshot.py"), 2)
DAYS_ON_POSTGRESQL = Part(DAYS.tests, 2, (("CUNZHAN_COUNTY_ON", "postgresql"),))
ORDERS = Part(("tests/sync/test_every_order.py",), 4)
EACH = 25
KILLS = Part(
    ("tests/sync/test_server_processes.py", "tests/sync/test_faults.py::test_two_processes_killed_while_they_exchange_lose_nothing"),
    1,
    (("CUNZHAN_SOAK_KILLS", str(EACH)),),
    2 * EACH + 2 * 2 + 6 * EACH,  # servers, and workers with their servers, on both databases; two programs of a station
)
KILLS_ON_POSTGRESQL = Part(KILLS.tests[1:], 1, (*KILLS.env, ("CUNZHAN_COUNTY_ON", "postgresql")), 6 * EACH)
FUZZ = Part(
    ("tests/sync/test_fuzz.py", "tests/sync/test_envelope.py", "tests/sync/test_bundle_hostile.py"), 1, (("CUNZHAN_SOAK_LONGER", "10"),)
)
KEYS = Part(("tests/qt/test_monkey.py",), 1, (("CUNZHAN_SOAK_LONGER", "15"),))
ROUND = (
    MACHINE,
    DAYS,
    MACHINE_ON_POSTGRESQL,
    KILLS,
    MACHINE,
    DAYS_ON_POSTGRESQL,
    ORDERS,
    MACHINE_ON_POSTGRESQL,
    KILLS_ON_POSTGRESQL,
    MACHINE,
    FUZZ,
    KEYS,
)
_PASSED = re.compile(r"(\d+) passed")
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


def play(part: Part, first: int, left: float) -> tuple[int, list[str], bool]:
    """One part from one seed; answers how many tests passed, what to type for those that failed, and whether it came to its end. Stops
    with the time that is left."""
    said = {"CUNZHAN_SOAK_FIRST": str(first), "CUNZHAN_SOAK_SEEDS": str(part.seeds)} | dict(part.env)
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *part.tests]
    over = False
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | said, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            out, _err = process.communicate(timeout=max(left, 1))
        except subprocess.TimeoutExpired:
            over = True
            process.send_signal(signal.SIGINT)  # so that tests stop the servers they started, and say how far they came
            out, _err = process.communicate()
    failed = blamed(out, process.returncode, over, part)
    if failed:
        print(out, flush=True)
    words = " ".join(f"{name}={value}" for name, value in said.items())
    return sum(int(n) for n in _PASSED.findall(out)), [f"{words} .venv/bin/python -m pytest '{test}'" for test in failed], not over


def blamed(out: str, status: int, over: bool, part: Part) -> list[str]:
    """The tests that failed. One that was going on when time was `over` may take the interrupt for a failure; a failure before it would
    have ended the run."""
    return [] if over or not status else _FAILED.findall(out) or list(part.tests)


def main() -> int:
    """Rounds until the time is over."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in the background of a shell, and then by the tests too
    seconds = float(os.environ.get("SECONDS") or 600)
    first = int(os.environ.get("CUNZHAN_SOAK_FIRST") or int(time.time()) % 10**6)
    until = time.monotonic() + seconds
    print(f"from seed {first}, for {seconds:.0f} s; CUNZHAN_SOAK_FIRST={first} begins there again", flush=True)
    passed, parts, kills, again = 0, 0, 0, list[str]()
    seed = first
    for part in cycle(ROUND):
        if time.monotonic() >= until:
            break
        came, failures, whole = play(part, seed, until - time.monotonic())
        passed, parts, kills = passed + came, parts + 1, kills + (part.kills if whole and not failures else 0)
        again += failures
        where = " ".join(value for name, value in part.env if name == "CUNZHAN_COUNTY_ON")
        print(f"seed {seed}: {came} passed, {len(failures)} failed in {', '.join(part.tests)} {where}".rstrip(), flush=True)
        for command in failures:
            print(f"FAILED; again by:\n  {command}", flush=True)
        seed += part.seeds
    print(f"soak: {passed} passed, {len(again)} failed in {parts} parts, seeds {first} to {seed - 1}, {kills} kills, {seconds:.0f} s")
    for command in again:
        print(f"  {command}")
    return int(bool(again))


if __name__ == "__main__":
    sys.exit(main())

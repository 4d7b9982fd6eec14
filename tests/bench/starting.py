"""How soon the command line answers, from process start."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path

from tests.bench.figures import Figure, seconds
from tests.bench.store import PASSWORD
from tests.paths import ROOT

TIMES = 5
LIGHT, OPENED = 0.4, 1.0


def figures(home: Path) -> list[Figure]:
    """Commands that need no store, and one that opens it."""
    return [
        Figure("cunzhan --help", _median("--help"), "s", LIGHT, f"python -c pass {_median():.2f} s"),
        Figure("cunzhan status", _median("--home", str(home), "status"), "s", OPENED, "password stretching included"),
    ]


def _median(*arguments: str) -> float:
    env = {**os.environ, "CUNZHAN_PASSWORD": PASSWORD}
    command = [sys.executable, "-m", "cli.station", *arguments] if arguments else [sys.executable, "-c", "pass"]
    return statistics.median(
        seconds(lambda: subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=True)) for _n in range(TIMES)
    )

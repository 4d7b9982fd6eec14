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
    program = "import sys; from cli.start import station; sys.exit(station())"  # what `cunzhan` in .venv/bin does
    command = [sys.executable, "-c", program, *arguments] if arguments else [sys.executable, "-c", "pass"]
    takes = [
        seconds(lambda: subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, check=True)) for _n in range(TIMES + 1)
    ]
    return statistics.median(takes[1:])  # the first one warms the disk and compiles what was changed


def environment() -> dict[str, str]:
    """As a person's: what Python compiled is kept, which a developer's machine may have switched off."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {"CUNZHAN_PASSWORD": PASSWORD}

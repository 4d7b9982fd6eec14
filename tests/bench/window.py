"""The window: how soon it stands, how much memory it takes, and steps in a list of 100 000 people. Each in a process of its own."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.bench.figures import Figure, milliseconds
from tests.bench.starting import environment
from tests.paths import ROOT

STARTS = 5
SECONDS, MEGABYTES, STEP_MS = 1.5, 200.0, 50.0


def run(home: Path, what: str) -> Any:
    """One run of `window_child`; with `start` the seconds since it was started are added."""
    env = {**environment(), "QT_QPA_PLATFORM": "offscreen"}
    began = time.monotonic()
    command = [sys.executable, "-m", "tests.bench.window_child", str(home), what]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    result = json.loads(done.stdout)
    return result | ({"seconds": result["shown"] - began} if what == "start" else {})


def village(home: Path) -> list[Figure]:
    """Start and memory with a village of 434 people; the password is stretched at full cost."""
    runs = [run(home, "start") for _n in range(STARTS)][1:]  # the first one warms the disk
    seconds, cpu = (statistics.median(r[name] for r in runs) for name in ("seconds", "cpu"))
    beside = f"{cpu:.2f} s of processor time, password stretching included; warm, from source"
    return [
        Figure("window with the people list, from process start", seconds, "s", SECONDS, beside),
        Figure("memory with a village open, people list", statistics.median(r["memory"] for r in runs), "MB", MEGABYTES),
        Figure("memory after every page was opened", statistics.median(r["memory_all_pages"] for r in runs), "MB", MEGABYTES),
    ]


def steps(home: Path) -> list[Figure]:
    """Steps in the window's list, from the key to the rows painted."""
    return [milliseconds(f"window, list of 100 000: {name}", takes, STEP_MS) for name, takes in run(home, "steps").items()]

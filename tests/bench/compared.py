"""The target table of the exchange: ours beside must and aim, and beside other engines measured in the same run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from cli.console import table
from tests.bench.figures import seconds

LITTLE = 100
"""Changes of a delta."""
NEW = 1000
"""New rows whose bytes are counted."""

Measured = Mapping[str, float]
"""What was measured of an engine, by `Measure.key`; what is not there it does not do, or was not measured."""


@dataclass(frozen=True)
class Measure:
    """A line of the table. Smaller is better unless `more`."""

    key: str
    name: str
    unit: str
    must: float | None = None
    aim: float | None = None
    more: bool = False


MEASURES = (
    Measure("push", "initial push", "rows/s", 25_000, 55_000, more=True),
    Measure("pull", "initial pull by the log", "rows/s", 40_000, 75_000, more=True),
    Measure("install", "first install by a snapshot or file", "rows/s", 200_000, 500_000, more=True),
    Measure("push job", "initial push of employments", "rows/s", 25_000, 55_000, more=True),
    Measure("pull job", "initial pull of employments by the log", "rows/s", 40_000, 75_000, more=True),
    Measure("install job", "first install of employments", "rows/s", 200_000, 500_000, more=True),
    Measure("installed bytes", "a row of a snapshot", "B", 85, 45),
    Measure("row bytes", "a new row on the wire, both ways", "B", 85, 45),
    Measure("field bytes", "a changed field, of 100 changes", "B", 28, 8),
    Measure("delta", "100 changes", "ms", 15, 6),
    Measure("nothing", "nothing new", "ms", 3, 1),
    Measure("nothing bytes", "nothing new, with HTTP's headers", "B", 160),
    Measure("nothing slow", "nothing new, 600 ms and 64 kbit/s", "s", 0.7, 0.62),
    Measure("delta slow", "100 changes, 600 ms and 64 kbit/s", "s", 1.6, 1.1),
    Measure("new slow", "nothing new on that line, newly connected", "s"),
    Measure("load", "load of the machine meanwhile", "processes"),
    Measure("cores", "what two processes do at once of what one does", "times"),
)


def load() -> dict[str, float]:
    """What else the machine had to do in the last minute, where the system tells; and how much more two of its processors do than one:
    an exchange keeps a laptop and a county busy at once, here on the same machine."""
    found = {"load": os.getloadavg()[0]} if hasattr(os, "getloadavg") else {}
    return found | {"cores": 2 * seconds(lambda: _work(1)) / seconds(lambda: _work(2))}


def _work(processes: int) -> None:
    busy = [subprocess.Popen([sys.executable, "-c", "sum(n * n for n in range(5_000_000))"]) for _n in range(processes)]
    for process in busy:
        process.wait()


def ratio(measure: Measure, value: float) -> float | None:
    """How good a value is beside the must: 1 just meets it, 2 is twice as good; None where there is no must."""
    if measure.must is None:
        return None
    good, base = (value, measure.must) if measure.more else (measure.must, value)
    return good / base if base else float("inf")


def compared(ours: Measured, peers: Mapping[str, Measured]) -> str:
    """The table for a person: a line a measure, `MISSED` where ours is not what it must be."""
    lines = []
    for measure in MEASURES:
        if measure.key not in ours:
            continue
        value = ours[measure.key]
        beside = ratio(measure, value)
        verdict = "" if beside is None else f"{beside:.2f}" + ("" if beside >= 1 else " MISSED")
        shown = [number(v) for v in (value, measure.must, measure.aim)]
        lines.append((f"{measure.name}, {measure.unit}", *shown, verdict, *(number(found.get(measure.key)) for found in peers.values())))
    return table(("measure", "ours", "must", "aim", "ours/must", *peers), lines, most=64)


def number(value: float | None) -> str:
    """Three digits that mean something; a dash for none."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"

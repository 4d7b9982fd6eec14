"""A figure of the bench, how it is measured and how it is printed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cli.console import table


@dataclass(frozen=True)
class Figure:
    """One line: what, how much, the target (smaller is better unless `more`), and what it is compared with."""

    name: str
    value: float
    unit: str
    target: float | None
    peer: str = ""
    more: bool = False

    @property
    def held(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.target is None:
            return None
        return self.value >= self.target if self.more else self.value <= self.target


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def milliseconds(name: str, takes: Sequence[float], target: float) -> Figure:
    """A figure of what was measured several times: the median, and beside it the best, which a busy machine disturbs least."""
    return Figure(name, statistics.median(takes), "ms", target, f"best {min(takes):.1f} ms")


def timed(name: str, work: Callable[[], object], target: float, times: int = 15) -> Figure:
    """How long `work` takes, after one warming run."""
    work()
    return milliseconds(name, [seconds(work) * 1000 for _n in range(times)], target)


def report(figures: list[Figure]) -> str:
    """The table for a person."""
    words = {True: "yes", False: "NO", None: ""}
    rows = [(f.name, f"{f.value:,.3g} {f.unit}", _target(f), words[f.held], f.peer) for f in figures]
    return table(("what", "measured", "target", "met", "beside"), rows, most=64)


def _target(figure: Figure) -> str:
    if figure.target is None:
        return ""
    return f"{'>=' if figure.more else '<='} {figure.target:g} {figure.unit}"

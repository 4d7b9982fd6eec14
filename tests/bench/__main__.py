"""Every measurement, one after another; the table goes to standard output and to build/bench.json. Some minutes on two cores.

python -m tests.bench [importing|searching|screening|window|syncing|crowd …]
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from db.store import Store
from services.importing import apply, plan
from tests.bench import crowd, importing, listing, screening, searching, starting, store, syncing, window
from tests.bench.figures import Figure, report
from tests.bench.people import VILLAGE
from tests.paths import ROOT

MANY = 100_000
Found = tuple[list[Figure], str]
"""Figures, and a table of their own."""
ROSTERS = ("registry", "work", "workshop", "wages", "training", "posts")


def of_importing(folder: Path) -> list[Figure]:
    """Import."""
    return importing.figures(folder)


def of_searching(folder: Path) -> list[Figure]:
    """Search and lists at the store, then the same list in the window."""
    with closing(store.make(folder / "many", MANY)) as made:
        found = [*searching.figures(made), *listing.figures(made)]
    return [*found, *window.steps(folder / "many")]


def of_window(folder: Path) -> list[Figure]:
    """Start of the programs, window and memory with the sample village."""
    home = folder / "village"
    made, _code = Store.create(home, scope=VILLAGE, role="village", user="李文书", password=store.PASSWORD)
    with closing(made):
        for name in ROSTERS:
            with made.write(name) as session:
                apply(session, plan(session, ROOT / "resources" / "samples" / f"{name}.xlsx"))
    return [*starting.figures(home), *window.village(home)]


def of_screening(folder: Path) -> list[Figure]:
    """Rules over a whole store, and one person's cards."""
    with closing(store.make(folder / "screened")) as made:
        return screening.figures(made, 50_000)


def of_syncing(folder: Path) -> Found:
    """Exchange, beside other engines."""
    return syncing.figures(folder)


def of_crowd(folder: Path) -> list[Figure]:
    """Five hundred stations against one server."""
    return crowd.figures(folder)


PARTS: dict[str, Callable[[Path], list[Figure] | Found]] = {
    "window": of_window,
    "importing": of_importing,
    "searching": of_searching,
    "screening": of_screening,
    "syncing": of_syncing,
    "crowd": of_crowd,
}


def main(wanted: list[str]) -> int:
    """Measure, print, keep."""
    found: list[Figure] = []
    tables: list[str] = []
    for name, part in PARTS.items():
        if not wanted or name in wanted:
            print(f"{name} …", file=sys.stderr, flush=True)
            with tempfile.TemporaryDirectory(prefix="cunzhan-bench-") as folder:
                of_part = part(Path(folder))
                if isinstance(of_part, tuple):
                    of_part, table = of_part
                    tables.append(table)
                found += of_part
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    print(f"{os.cpu_count()} cores, load {load:.1f}: on a busy machine only the ratios say anything\n")
    print("\n\n".join((report(found), *tables)))
    kept = ROOT / "build" / "bench.json"
    kept.parent.mkdir(exist_ok=True)
    lines = [{**asdict(figure), "held": figure.held} for figure in found]
    about = {"at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "cores": os.cpu_count(), "load": load}
    kept.write_text(json.dumps({**about, "figures": lines}, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Importing 50 000 people from a workbook, beside the least any program has to do: read the file and insert the rows."""

from __future__ import annotations

import statistics
from contextlib import closing
from pathlib import Path

import python_calamine
from sqlalchemy import Engine, func, select

from db.engine import sqlite_engine
from db.keys import new_data_key
from db.mapping import metadata, table
from db.store import Store
from services import importing
from tests.bench import store as stores
from tests.bench.figures import Figure, seconds
from tests.bench.people import workbook

ROWS = 50_000
MUST, AIM = 4.0, 2.5
ROUNDS = 3


def figures(folder: Path) -> list[Figure]:
    """The whole import (read, check, match, insert with log and search columns) as a multiple of the least possible."""
    book = folder / "people.xlsx"
    workbook(book, ROWS)
    took = statistics.median(_import(folder / f"import-{n}", book) for n in range(ROUNDS))
    rows = _rows(folder / "import-0")
    read = statistics.median(seconds(lambda: _read(book)) for _n in range(ROUNDS))
    insert = statistics.median(_insert(folder / f"plain-{n}.db", rows) for n in range(ROUNDS))
    return [
        Figure(
            f"import of {ROWS:,} person rows from .xlsx",
            took / (read + insert),
            "x",
            MUST,
            f"calamine {read:.2f} s + plain executemany {insert:.2f} s; aim {AIM} x",
        ),
        Figure("the same in rows a second", ROWS / took, "rows/s", None, f"{took:.2f} s from file to committed"),
        Figure("the same again: nothing changes", _again(folder / "import-0", book) / (read + insert), "x", MUST),
    ]


def _read(book: Path) -> int:
    return len(python_calamine.CalamineWorkbook.from_path(str(book)).get_sheet_by_index(0).to_python())


def _import(home: Path, book: Path) -> float:
    """The import into a fresh store, from file to committed."""
    with closing(stores.make(home)) as store:
        return seconds(lambda: _take_in(store, book, (ROWS, 0, 0)))


def _again(home: Path, book: Path) -> float:
    with closing(Store.open(home, user=None, password=stores.PASSWORD)) as store:
        return seconds(lambda: _take_in(store, book, (0, 0, ROWS)))


def _take_in(store: Store, book: Path, expected: tuple[int, int, int]) -> None:
    with store.write("bench") as session:
        result = importing.apply(session, importing.plan(session, book))
    assert (result.added, result.changed, result.unchanged) == expected, result.rejected[:3]


def _rows(home: Path) -> list[tuple[object, ...]]:
    """The rows as they are stored, to be inserted plainly."""
    with closing(Store.open(home, user=None, password=stores.PASSWORD)) as store, store.read() as session:
        return [tuple(row) for row in session.conn.execute(select(table("person")))]


def _insert(path: Path, rows: list[tuple[object, ...]]) -> float:
    """Insert the same rows into the same encrypted table with the same indexes, without triggers, by the driver's executemany."""
    engine = sqlite_engine(path, new_data_key())
    metadata.create_all(engine)
    took = seconds(lambda: _executemany(engine, rows))
    with engine.connect() as conn:
        assert conn.execute(select(func.count()).select_from(table("person"))).scalar_one() == len(rows)
    engine.dispose()
    return took


def _executemany(engine: Engine, rows: list[tuple[object, ...]]) -> None:
    connection = engine.raw_connection()
    driver = connection.driver_connection
    assert driver is not None
    driver.execute("BEGIN IMMEDIATE")
    driver.executemany(f"INSERT INTO person VALUES ({', '.join('?' * len(rows[0]))})", rows)
    driver.execute("COMMIT")
    connection.close()

"""Order and cursor under concurrent commits: eight writers and a reader, and nothing is ever skipped.

The cursor that everybody would write first, a database sequence, runs through the same test and must fail it: a number is taken when
the row is written, but seen when its transaction commits.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text

from db.county import County
from db.exchange import entry, scope_head
from db.prepared import Prepared
from domain.grouping import by_key
from sync.county.answering import exchange
from sync.county.keys import CountyKeys, county_keys
from sync.county.receiving import sequencing
from sync.replica import history
from sync.wire.messages import reads, sign_entry
from tests.sync.conftest import OTHER_VILLAGE, TOWNSHIP, VILLAGE, World, both
from tests.sync.light import Light

WRITERS = 8
BATCHES = 8


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction takes its time between its number and its commit, as it does under load."""
    moments = random.Random(7)

    def slow(*given: Any) -> bytes:
        time.sleep(moments.choice((0, 0, 0, 0.15)))
        return sign_entry(*given)

    monkeypatch.setattr(sequencing, "sign_entry", slow)


def together(works: list[Callable[[], None]]) -> list[BaseException]:
    """Run all at once, each in a thread; answers what went wrong."""
    failures: list[BaseException] = []
    start = threading.Barrier(len(works))

    def guarded(work: Callable[[], None]) -> None:
        try:
            start.wait(30)
            work()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def race(county: County, keys: CountyKeys) -> tuple[Light, list[BaseException]]:
    """Eight stations of two villages push while one of the township reads; answers the reader, done reading, and failures."""
    writers = [Light.enrolled(county, keys, (VILLAGE, OTHER_VILLAGE)[n % 2]) for n in range(WRITERS)]
    reader = Light.enrolled(county, keys, TOWNSHIP)
    left = threading.Semaphore(0)

    def write(station: Light) -> None:
        try:
            for n in range(BATCHES):
                station.seal(1 + n % 3)
                while station.outbox:
                    station.take(exchange(county, keys, station.request(budget=1)))
        finally:
            left.release()

    def read() -> None:
        done = 0
        while done < WRITERS:
            reader.sync(lambda request: exchange(county, keys, request))
            while left.acquire(blocking=False):
                done += 1
        reader.sync(lambda request: exchange(county, keys, request))

    failures = together([*(lambda w=w: write(w) for w in writers), read])
    return reader, failures


def skipped(county: County, reader: Light) -> set[tuple[str, int]]:
    """Entries of the log the reader never received."""
    with county.read() as session:
        log = {(row.scope, row.seq) for row in session.conn.execute(select(entry.c.scope, entry.c.seq))}
    assert len(log) == WRITERS * BATCHES
    return log - {(scope, seq) for scope, seq, _station, _number in reader.got}


@both
def test_eight_writers_and_a_reader_who_misses_nothing(world: World) -> None:
    reader, failures = race(world.county, county_keys(world.county))
    assert failures == []
    assert skipped(world.county, reader) == set()
    places = by_key((scope, seq) for scope, seq, _station, _number in reader.got)
    expected = list(range(1, WRITERS // 2 * BATCHES + 1))
    assert places == {VILLAGE: expected, OTHER_VILLAGE: expected}  # without a gap, each once, in order
    with world.county.read() as session:
        assert {row.scope: row.seq for row in session.conn.execute(select(scope_head))} == dict.fromkeys(
            (VILLAGE, OTHER_VILLAGE), len(expected)
        )
        assert session.count("person") == WRITERS * sum(1 + n % 3 for n in range(BATCHES))


SEQUENCE = Prepared(
    text("INSERT INTO scope_head (scope, seq) SELECT :scope || '/' || n, n FROM (SELECT nextval('naive') AS n) AS taken RETURNING seq")
)
"""The next number from a database sequence. The head is kept too, a row a number, so that nobody waits for anybody."""


@pytest.mark.postgres
@pytest.mark.parametrize("world", ["postgresql"], indirect=True)
def test_a_sequence_as_cursor_fails_the_same_test(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequencing, "_NEXT", SEQUENCE)
    monkeypatch.setattr(history, "heads", naive_heads)
    with world.county.write() as session:
        session.conn.execute(text("CREATE SEQUENCE IF NOT EXISTS naive"))
    for _attempt in range(4):  # one is nearly always enough
        reader, failures = race(world.county, county_keys(world.county))
        assert failures == []
        if skipped(world.county, reader):
            return
        with world.county.write() as session:
            session.conn.execute(entry.delete())
    raise AssertionError("the sequence lost nothing: this test cannot tell a good cursor from a bad one")


def naive_heads(session, reader: str = "") -> dict[str, tuple[int, bytes]]:
    rows = session.conn.execute(text("SELECT split_part(scope, '/', 1) AS scope, max(seq) AS seq FROM scope_head GROUP BY 1"))
    return {row.scope: (row.seq, b"") for row in rows if reads(reader, row.scope)}


def two_transactions(county: County, following: Prepared) -> list[int]:
    """One takes a number and waits, another takes the next, commits and is read; then the first commits and the reader comes again."""
    seen: list[int] = []
    taken, go_on = threading.Event(), threading.Event()
    insert = text("INSERT INTO meta (key, value) VALUES (:key, 'entry')")

    def slow() -> None:
        with county.write() as session:
            number = following.value(session.conn, scope=VILLAGE)
            session.conn.execute(insert, {"key": f"{number:06d}"})
            taken.set()
            go_on.wait(30)

    def quick() -> None:
        with county.write() as session:
            number = following.value(session.conn, scope=VILLAGE)
            session.conn.execute(insert, {"key": f"{number:06d}"})

    def read() -> None:
        with county.read() as session:
            after = text("SELECT key FROM meta WHERE value = 'entry' AND key > :cursor ORDER BY key")
            seen.extend(map(int, session.conn.execute(after, {"cursor": f"{max(seen, default=0):06d}"}).scalars()))

    first, second = threading.Thread(target=slow), threading.Thread(target=quick)
    first.start()
    assert taken.wait(30)
    second.start()
    second.join(0.3)  # with the counter it waits for the first; with a sequence it is through at once
    read()
    go_on.set()
    first.join()
    second.join()
    read()
    return seen


@both
def test_a_later_place_is_not_seen_before_an_earlier_one(world: World) -> None:
    assert two_transactions(world.county, sequencing._NEXT) == [1, 2]


@pytest.mark.postgres
@pytest.mark.parametrize("world", ["postgresql"], indirect=True)
def test_a_sequence_shows_the_later_first_and_the_earlier_is_never_read(world: World) -> None:
    with world.county.write() as session:
        session.conn.execute(text("CREATE SEQUENCE IF NOT EXISTS naive"))
        session.conn.execute(text("ALTER SEQUENCE naive RESTART"))
    assert two_transactions(world.county, Prepared(text("SELECT nextval('naive')"))) == [2]

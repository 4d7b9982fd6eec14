"""Duplicate detection by change ids: two copies of a store may both send the changes made before the copying."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from sqlalchemy import Connection, bindparam, select

from db.exchange import DELETED, LAST, change_run
from db.mapping import insert_rows
from db.prepared import Prepared
from domain.values import Stored
from sync.replica.log import TWICE
from sync.replica.merge import State
from sync.replica.rows import Row, Rows
from sync.wire.columns import Change, Group

Places = dict[str, dict[int, int]]
"""Salt of the program run → counter → place in the batch."""
_MAX_COUNTER = 2**63
_OVERLAPPING = Prepared(
    select(change_run.c.first, change_run.c.last)
    .where(change_run.c.station == bindparam("of"), change_run.c.salt == bindparam("with"))
    .where(change_run.c.first <= bindparam("high"), change_run.c.last >= bindparam("low"))
    .order_by(change_run.c.first)
)


def repeated(conn: Connection, station: str, groups: Sequence[Group]) -> list[int]:
    """Return the places of the changes that are in the log already."""
    found = []
    for salt, places in _ids(groups).items():
        low, high = min(places), max(places)
        near = {"of": station, "with": salt, "low": low, "high": high}
        here = [(first, last) for first, last in _OVERLAPPING.all(conn, **near)]
        firsts = [first for first, _last in here]
        for counter, place in places.items() if here else ():
            n = bisect_right(firsts, counter)
            if n and counter <= here[n - 1][1]:
                found.append(place)
    return found


def note(conn: Connection, station: str, groups: Sequence[Group], skip: Sequence[int]) -> None:
    """Record the ids of a batch's changes, except those at the places to `skip`, which are recorded already."""
    skipped = set(skip)
    rows: list[tuple[Stored, ...]] = [
        (station, salt, first, last)
        for salt, places in _ids(groups).items()
        for first, last in _runs(sorted(counter for counter, place in places.items() if place not in skipped))
    ]
    insert_rows(conn, change_run, ("station", "salt", "first", "last"), rows)


def take_over(rows: Rows, scope: str, author: str, changes: Iterable[tuple[int, Change, str]]) -> None:
    """Make `author` the author of repeated changes whose values still stand.

    The changes were in the log already and came again under another incarnation (`author`) of the same station. Without this, the later
    changes of that incarnation would conflict with its own earlier ones.
    """
    again = [change for _place, change, why in changes if why == TWICE]
    rows.load_keys((change.kind, change.row_id) for change in again)
    for change in again:
        row = rows.get(change.kind, change.row_id)
        if row is None or row.village != scope:
            continue
        if change.what == "I" and _made(change, author, row.inserted):
            row.put("author", author)
        for number in (*_standing(change, row), LAST):
            state = row.states.get(number)
            if state is not None and _made(change, author, state):
                row.move(number, state._replace(author=author))
    rows.write()


def _standing(change: Change, row: Row) -> Iterator[int]:
    """Yield the fields of a row that still have the value a change gave them."""
    if change.what in "DR" and row.deleted == (change.what == "D"):
        yield DELETED
    known = row.kind.by_number if change.what in "IU" else {}
    yield from (number for number, value in change.values.items() if number in known and row.value(known[number]) == value)


def _made(change: Change, author: str, state: State | None) -> bool:
    """Whether a state comes from a change by any incarnation of its author."""
    station, _dot, _incarnation = author.rpartition(".")
    return state is not None and (state.author.rpartition(".")[0], state.by, state.at) == (station, change.by, change.at)


def _ids(groups: Sequence[Group]) -> Places:
    found: Places = defaultdict(dict)
    for group in groups:
        for salt, counter, place in zip(group.salts, group.seqs, group.places, strict=True):
            if 0 < counter < _MAX_COUNTER:
                found[salt][counter] = place
    return found


def _runs(counters: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The first and last of each run of ascending counters without a gap: in a run they are all as far from their places."""
    for _distance, run in groupby(enumerate(counters), key=lambda placed: placed[1] - placed[0]):
        members = [counter for _place, counter in run]
        yield members[0], members[-1]

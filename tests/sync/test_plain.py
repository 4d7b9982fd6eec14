"""Plain edits by columns come to the same as row by row: everything that is kept, on both databases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from nacl.signing import SigningKey
from sqlalchemy import Connection, select

from db.capture import op
from db.exchange import conflict, entry, field_state, held_change
from db.mapping import table
from domain.fields import kind_of
from sync.replica import by_columns
from sync.replica.apply import Application
from sync.wire import envelope
from sync.wire.columns import Change
from sync.wire.envelope import START, Batch, Header, Quote, open_batch
from tests.seeds import LONGER
from tests.sync.conftest import OTHER_VILLAGE, VILLAGE, World

PERSON, HOUSEHOLD, WAGE = kind_of("person"), kind_of("household"), kind_of("wage")
FIELDS = {  # of every merge class, one that is searched by, one that refers to a parent
    PERSON.number: [PERSON.by_name[name].number for name in ("name", "phone", "note", "id_number", "household_id")],
    HOUSEHOLD.number: [HOUSEHOLD.by_name["address"].number],
    WAGE.number: [WAGE.by_name["month"].number],
}
KEY = SigningKey(b"k" * 32)
AT = "2026-06-05T08:00:0{}Z"


def row_id(kind: int, n: int) -> str:
    return f"00000000-0000-0000-{kind:04d}-{n:012d}"


HOME = row_id(HOUSEHOLD.number, 0)
TEXTS = st.sampled_from([None, "甲", "乙", "13800000001"])


@st.composite
def changes(draw: st.DrawFn) -> tuple[int, int, str, dict[int, Any]]:
    """A change of a kind's row: of four rows the third lives in another scope and the last is not there at first."""
    kind = draw(st.sampled_from([PERSON.number] * 5 + [HOUSEHOLD.number, WAGE.number]))
    what = draw(st.sampled_from("UUUUUUUDRIC"))
    numbers = draw(st.lists(st.sampled_from(FIELDS[kind]), min_size=1, max_size=1 if what == "C" else 3, unique=True))
    values = {} if what in "DR" else {number: draw(TEXTS) for number in numbers}
    return kind, draw(st.integers(0, 3)), what, values


BATCH = st.tuples(
    st.integers(0, 2),  # by whom
    st.integers(0, 2),  # how many entries he had not seen
    st.lists(changes(), min_size=1, max_size=9),
    st.sets(st.integers(0, 9), max_size=2),  # refused
    st.sampled_from([False] * 9 + [True]),  # passed on from another scope
)


def batch(number: int, author: int, known: int, made: Sequence[Change], quoted: bool, scope: str = VILLAGE) -> Batch:
    head = Header(envelope.FORMAT, envelope.SCHEMA, "c", f"station-{author}", 1, number, START, scope, known, 0, [])
    quote = Quote(OTHER_VILLAGE, "station-9", 1, 1) if quoted else None
    return open_batch(envelope.seal(replace(head, quote=quote), made, KEY))


def beginning(scope: str, rows: Sequence[int]) -> list[Change]:
    """Rows of every kind."""
    keys = [(kind, n) for kind in FIELDS for n in rows]
    values = {PERSON.number: {FIELDS[PERSON.number][0]: "甲", PERSON.by_name["household_id"].number: HOME}}
    return [
        Change(place + 1, kind, row_id(kind, n), "I", f"文书@{scope}", AT.format(0), "salt", values.get(kind, {FIELDS[kind][0]: "甲"}))
        for place, (kind, n) in enumerate(keys)
    ]


def apply(conn: Connection, one: Batch, seq: int, skip: Sequence[int] = ()) -> Any:
    application = Application(conn, one, one.header.scope, seq)
    application.groups(one.groups, dict.fromkeys(skip, "rights"))
    head = one.header
    line = {"scope": head.scope, "seq": seq, "station": head.station, "incarnation": 1, "number": head.number, "sha256": b"", "body": b""}
    conn.execute(entry.insert().values(**line, refused="[]", signature=b"", at=AT.format(0)))
    return application.refused, application.conflicts


def kept(conn: Connection) -> dict[str, list[str]]:
    """All that an application writes, but the numbers of ops, which only order those of one row."""
    found = {}
    for t in (*map(table, FIELDS), op, field_state, conflict, held_change):
        rows = [dict(row._mapping) for row in conn.execute(select(t))]
        if t is op:
            rows.sort(key=lambda row: (row["row_id"], row["kind"], row.pop("seq")))
        found[t.name] = list(map(repr, rows)) if t is op else sorted(map(repr, rows))
    return found


def sealed(batches: Sequence[Any]) -> list[tuple[Batch, list[int]]]:
    """The drawn batches in the order of their log, and what is refused of each."""
    made = []
    for seq, (author, lag, some, skip, quoted) in enumerate(batches, 2):
        of = [
            Change(
                seq * 10 + n,
                kind,
                row_id(kind, row),
                what,
                f"人{n % 2}@{author}",
                AT.format(n),
                "salt",
                values,
                "x" if what == "C" else None,
            )
            for n, (kind, row, what, values) in enumerate(some)
        ]
        by = 9 + seq if quoted else author  # the county passes on, each time as somebody who wrote nothing else
        made.append((batch(seq + 1, by, max(0, seq - 1 - lag), of, quoted), [place for place in skip if place < len(of)]))
    return made


def outcome(conn: Connection, batches: Sequence[tuple[Batch, list[int]]]) -> tuple[list[Any], dict[str, list[str]]]:
    """What applying the batches answers and would leave."""
    with conn.begin_nested() as part:
        found = [apply(conn, one, seq, skip) for seq, (one, skip) in enumerate(batches, 2)], kept(conn)
        part.rollback()
    return found


@pytest.fixture
def conn(world: World) -> Iterator[Connection]:
    """A county where some rows are there; what is done to it stays undone."""
    with world.county.engine.connect() as conn, conn.begin() as transaction:
        apply(conn, batch(1, 0, 0, beginning(VILLAGE, (0, 1)), quoted=False), 1)
        apply(conn, batch(2, 0, 0, beginning(OTHER_VILLAGE, (2,)), quoted=False, scope=OTHER_VILLAGE), 1)
        yield conn
        transaction.rollback()


@pytest.mark.parametrize(
    ("world", "examples"), [("sqlite", 60), pytest.param("postgresql", 15, marks=pytest.mark.postgres)], indirect=["world"]
)
def test_by_columns_and_row_by_row_nothing_differs(conn: Connection, examples: int) -> None:
    @settings(max_examples=examples * LONGER, deadline=None)
    @given(drawn=st.lists(BATCH, min_size=1, max_size=5))
    def check(drawn: list[Any]) -> None:
        batches = sealed(drawn)
        fast = outcome(conn, batches)
        with mock.patch.object(by_columns, "sorted_out", lambda groups, _others: ([], groups)):
            assert fast == outcome(conn, batches)

    check()


EDIT = (PERSON.number, 0, "U", {FIELDS[PERSON.number][0]: "乙"})


@pytest.mark.parametrize(
    ("lag", "some", "looked_at"),
    [
        (0, [EDIT, (PERSON.number, 1, "U", {FIELDS[PERSON.number][2]: None})], 0),
        (0, [EDIT, EDIT, (HOUSEHOLD.number, 0, "U", {FIELDS[HOUSEHOLD.number][0]: "村东"})], 2),
        (0, [EDIT, (PERSON.number, 2, "U", EDIT[3]), (PERSON.number, 3, "U", EDIT[3])], 2),
        (0, [EDIT, (WAGE.number, 0, "U", {FIELDS[WAGE.number][0]: "2026-05"}), (PERSON.number, 1, "D", {})], 2),
        (1, [EDIT], 1),
    ],
    ids=["plain", "a row twice", "rows elsewhere and missing", "append only, deleted", "others wrote meanwhile"],
)
def test_only_what_is_not_plain_is_looked_at(conn: Connection, lag: int, some: list[Any], looked_at: int) -> None:
    by_another: Any = (0, 0, [(HOUSEHOLD.number, 1, "D", {})], set(), False)
    with mock.patch.object(Application, "_one", autospec=True, return_value=None) as one:
        outcome(conn, sealed([by_another, (1, lag, some, set(), False)]))
    assert one.call_count == 1 + looked_at

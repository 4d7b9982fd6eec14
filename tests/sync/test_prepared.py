"""Statements given to the driver, on both databases: the same rows, values and errors as through SQLAlchemy."""

from __future__ import annotations

import pytest
from sqlalchemy import bindparam, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from db.exchange import lineage
from db.prepared import Prepared
from tests.sync.conftest import World, both

LINE = {"station": "一", "incarnation": 1, "since": "2026", "token": b"\0\xff'", "previous_token": None, "rival": None, "rival_base": b""}
ENTERED = Prepared(insert(lineage))
MINE = Prepared(
    select(lineage).where(lineage.c.station == bindparam("of"), lineage.c.incarnation > 0).order_by(lineage.c.incarnation).limit(9)
)
COUNTED = Prepared(select(func.count(), func.count(lineage.c.rival)).select_from(lineage))
MOVED = Prepared(update(lineage).where(lineage.c.station == bindparam("of")).values(token=bindparam("fresh")))
ANYTHING = Prepared(text("SELECT :it"))


@both
def test_rows_are_what_sqlalchemy_reads(world: World) -> None:
    with world.county.write() as session:
        conn = session.conn
        assert MINE.first(conn, of="一") is None
        assert MINE.all(conn, of="一") == []
        ENTERED.run(conn, **LINE)
        ENTERED.run(conn, **(LINE | {"incarnation": 2}))
        rows = MINE.all(conn, of="一")
        assert [row._asdict() for row in rows] == [dict(row._mapping) for row in conn.execute(select(lineage)).all()]
        assert rows[0] == MINE.first(conn, of="一")
        assert (rows[0].token, rows[0].rival, rows[0].rival_base) == (b"\0\xff'", None, b"")
        assert MINE.values(conn, of="一") == ["一", "一"]
        assert MINE.value(conn, of="'; --") is None
        assert list(MINE.parts(conn, 1, of="一")) == [[row] for row in rows]
        assert next(MINE.parts(conn, 1, of="一")) == next(MINE.parts(conn, 1, of="一")) == rows[:1]  # left before the end
        assert MOVED.run(conn, of="一", fresh=b"new") == 2
        assert MOVED.run(conn, of="二", fresh=b"new") == 0
        assert tuple(COUNTED.first(conn)) == (2, 0)
        assert {row.token for row in MINE.all(conn, of="一")} == {b"new"}


@both
def test_errors_are_those_of_sqlalchemy_and_hide_values(world: World) -> None:
    with world.county.write() as session:
        ENTERED.run(session.conn, **LINE)
    with pytest.raises(IntegrityError) as told, world.county.write() as session:
        ENTERED.run(session.conn, **LINE)
    assert told.value.orig is not None
    assert "2026" not in str(told.value)
    with pytest.raises((KeyError, DBAPIError)), world.county.write() as session:
        ANYTHING.value(session.conn)
    with world.county.read() as session:
        assert COUNTED.value(session.conn) == 1

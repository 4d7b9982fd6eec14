"""A list of any length in one statement, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from db.among import among, among_bound
from db.exchange import scope_head
from db.mapping import table
from sync.county import answering
from tests.sync.conftest import World, both

_SCOPES = {"230826": 1, "230827": 1, "230828": 2, '甲"[]': 3}


@both
@pytest.mark.parametrize(
    ("name", "values", "found"),
    [
        ("scope", [], []),
        ("scope", ["230826"], ["230826"]),
        ("scope", ["230826", "230827", "230827", "'; --", '甲"[]'], ["230826", "230827", '甲"[]']),
        ("seq", [1, 3, 2**40], ["230826", "230827", '甲"[]']),
    ],
)
def test_a_column_is_among_listed_values(world: World, name: str, values: list[Any], found: list[str]) -> None:
    with world.county.write() as session:
        session.conn.execute(scope_head.insert(), [{"scope": scope, "seq": seq} for scope, seq in _SCOPES.items()])
        query, column = select(scope_head.c.scope).order_by(scope_head.c.scope), scope_head.c[name]
        assert session.conn.execute(query.where(among(column, values))).scalars().all() == found
        assert session.conn.execute(query.where(among_bound(column, "these")), {"these": values}).scalars().all() == found


def test_a_list_may_be_longer_than_a_statement_has_parameters(world: World) -> None:
    with world.county.read() as session:
        assert not session.select("person", among(table("person").c.id, map(str, range(300_000))))


def test_it_is_looked_up_by_an_index(world: World) -> None:
    t = table("person")
    query = select(t.c.id, t.c.village).where(among_bound(t.c.id, "ids"))
    text = query.compile(dialect=world.county.engine.dialect).string
    with world.county.read() as session:
        plan = session.conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", ("[]",)).all()
    assert any("SEARCH person" in row[-1] and "id=?" in row[-1] for row in plan)


def test_a_request_looks_for_batches_kept_of_its_station_only(world: World) -> None:
    """With `LIKE`, every request with a batch read what was kept of all stations."""
    text = answering._AHEAD._statement.compile(dialect=world.county.engine.dialect).string  # type: ignore[attr-defined]
    with world.county.read() as session:
        plan = session.conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", ("",) * text.count("?")).all()
    assert any("SEARCH ahead" in row[-1] for row in plan)

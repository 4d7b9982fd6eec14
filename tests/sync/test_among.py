"""A list of ids in one statement, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from db.among import among
from db.exchange import scope_head
from db.mapping import table
from tests.sync.conftest import World, both


@both
@pytest.mark.parametrize("ids", [[], ["230826"], ["230826", "230827", "'; --", '甲"[]']])
def test_a_column_is_among_listed_texts(world: World, ids: list[str]) -> None:
    with world.county.write() as session:
        session.conn.execute(scope_head.insert(), [{"scope": scope, "seq": 1} for scope in ("230826", "230827", "230828", '甲"[]')])
        query = select(scope_head.c.scope).where(among(scope_head.c.scope, "ids"), scope_head.c.seq == 1).order_by(scope_head.c.scope)
        assert session.conn.execute(query, {"ids": ids}).scalars().all() == [i for i in ids if "-" not in i]


def test_it_is_looked_up_by_an_index(world: World) -> None:
    t = table("person")
    query = select(t.c.id, t.c.village).where(among(t.c.id, "ids"))
    text = query.compile(dialect=world.county.engine.dialect).string
    with world.county.read() as session:
        plan = session.conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", ("[]",)).all()
    assert any("SEARCH person" in row[-1] and "id=?" in row[-1] for row in plan)

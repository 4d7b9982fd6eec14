"""Whoever alters the county's records behind the program's back is found out by the log, which he left alone or cannot sign."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from db.capture import op
from db.mapping import table
from sync.county.acts import erasure, moves
from sync.county.keys import county_keys
from sync.county.recovery.replaying import altered
from tests.sync.conftest import OTHER_VILLAGE, VILLAGE, World, add, both, disputed, drop, put, wage

PERSON = table("person")


@pytest.fixture
def busy(world: World) -> World:
    """A county where something of everything has happened: a conflict, a deletion, a move with a late change, an erasure."""
    a, b, id = disputed(world)
    gone, went = add(a, name="李四"), add(a, name="王五")
    wage(a)
    world.settle()
    drop(b, gone)
    put(a, went, note="迁走以前")
    keys = county_keys(world.county)
    with world.county.write() as session:
        moves.move(session, keys, "person", went, OTHER_VILLAGE)
    world.settle()
    with world.county.write() as session:
        erasure.erase(session, keys, id, "去世满五年")
    world.settle()
    return world


def run(world: World, statement: Any) -> None:
    with world.county.write() as session:
        session.conn.execute(statement)


@both
def test_records_are_what_the_log_makes_of_them(busy: World) -> None:
    assert altered(busy.county) == []


@both
def test_what_was_altered_is_named(busy: World) -> None:
    with busy.county.read() as session:
        line = session.conn.execute(select(PERSON).where(PERSON.c.village == OTHER_VILLAGE)).mappings().one()
    strange = "0123abcd-0000-0000-0000-5a0000000009"
    run(busy, update(PERSON).where(PERSON.c.id == line["id"]).values(bank_account="6222021234567890123"))
    run(busy, insert(PERSON).values({**line, "id": strange, "village": VILLAGE}))
    run(busy, delete(table("wage")))
    found = [(one.village, one.kind, one.how, one.fields) for one in altered(busy.county)]
    assert found == [
        (VILLAGE, "person", "added", ()),
        (VILLAGE, "wage", "missing", ()),
        (OTHER_VILLAGE, "person", "changed", ("bank_account",)),
    ]


def test_what_was_altered_before_a_move_is_named_after_it(world: World) -> None:
    """The county moves what stands in its tables: the altered value is in the log from then on."""
    a = world.station("甲")
    id = add(a, name="王五")
    world.settle()
    run(world, update(PERSON).where(PERSON.c.id == id).values(name="马六"))
    keys = county_keys(world.county)
    with world.county.write() as session:
        moves.move(session, keys, "person", id, OTHER_VILLAGE)
    assert [(one.village, one.id, one.fields) for one in altered(world.county)] == [(OTHER_VILLAGE, id, ("name",))]


@both
def test_a_history_told_otherwise_is_named(busy: World) -> None:
    """Snapshots hand it out, and a move writes it into the log."""
    with busy.county.read() as session:
        id = session.conn.execute(select(PERSON.c.id).where(PERSON.c.village == OTHER_VILLAGE)).scalar_one()
    run(busy, update(op).where(op.c.row_id == id).values(by="别人@230826101202-00000000"))
    assert [(one.village, one.id, one.how) for one in altered(busy.county)] == [(OTHER_VILLAGE, id, "history")]

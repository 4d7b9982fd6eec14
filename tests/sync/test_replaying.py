"""Whoever alters the county's records behind the program's back is found out by the log, which he left alone or cannot sign."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update

from db import contents
from db.capture import op
from db.exchange import arrival, conflict, entry, field_state, held_change
from db.mapping import table
from sync.county.acts import erasure, moves
from sync.county.keys import county_keys
from sync.county.recovery.replaying import altered
from sync.replica.audit import Audit, verify
from tests.sync.conftest import OTHER_VILLAGE, VILLAGE, World, add, both, disputed, drop, put, wage
from tests.sync.forging import NOW, OwnProgram
from tests.sync.photos import attach, photo

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


@both
def test_what_is_kept_beside_the_records_is_compared_as_well(world: World) -> None:
    """A held act that was deleted or marked as released, a conflict that was settled, another author of a field: nothing told of them."""
    a, _b, id = disputed(world)
    own = OwnProgram(world, a)
    own.say(own.change("claim_step", "0123abcd-0000-0000-0000-5a0000000009", "I", claim_id=id, to_state="approved", by=own.user, at=NOW))
    world.settle()
    assert altered(world.county) == []
    for statement, how in (
        (update(held_change).values(released_at=NOW), "held"),
        (delete(held_change), "held"),
        (update(conflict).values(state="settled", settled="1"), "conflict"),
        (delete(conflict), "conflict"),
        (update(field_state).values(author="230826101202-00000000.1"), "author"),
    ):
        before = [one for one in altered(world.county) if one.how != how]
        run(world, statement)
        found = altered(world.county)
        assert [one for one in found if one.how != how] == before
        assert {(one.village, one.fields) for one in found if one.how == how} == {(VILLAGE, ())}


@both
def test_the_time_at_which_an_entry_came_is_signed(world: World) -> None:
    a = world.station("甲")
    for n in range(3):
        add(a, name=f"人{n}")
        world.sync(a)
    keys = county_keys(world.county)

    def audit() -> Audit:
        with world.county.read() as session:
            return verify(session, keys.public)

    assert audit().ok and not audit().undated
    last = select(func.max(entry.c.seq)).where(entry.c.scope == VILLAGE).scalar_subquery()
    for statement in (
        update(entry).where(entry.c.scope == VILLAGE, entry.c.seq == 2).values(at="2024-01-06T08:00:00Z"),
        delete(arrival).where(arrival.c.scope == VILLAGE, arrival.c.seq == 2),
        update(arrival).where(arrival.c.seq == 1).values(signature=b"x" * 64),
        delete(entry).where(entry.c.scope == VILLAGE, entry.c.seq == last),
    ):
        with world.county.write() as session:
            altering = session.conn.begin_nested()
            session.conn.execute(statement)
            found = verify(session, keys.public)
            altering.rollback()
        assert not found.ok and (found.first_bad or "").startswith(f"{VILLAGE}/")
    with world.county.write() as session:  # as if an earlier release had taken these in
        session.conn.execute(delete(arrival))
    add(a, name="后来的人")
    world.sync(a)
    assert audit().ok and audit().undated >= 3


@both
def test_a_file_that_was_deleted_behind_the_programs_back_is_named(world: World, tmp_path: Path) -> None:
    a = world.station("甲")
    id = attach(a, add(a), photo(tmp_path))
    world.sync(a)
    with world.county.read() as session:
        assert contents.missing(session) == []
    run(world, delete(contents.content))
    with world.county.read() as session:
        assert contents.missing(session) == [(VILLAGE, id)]

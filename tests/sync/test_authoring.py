"""What the county writes itself: in its own chain, through the same door, to every station that reads the scope."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from db.conflicts import conflicts
from db.county import STATION
from db.exchange import entry
from domain.errors import DomainError
from sync.county.acts.authoring import author, deletion, edit, insertion
from sync.county.keys import county_keys
from sync.replica import audit
from sync.wire.envelope import open_batch
from tests.sync.conftest import COUNTY, OTHER_VILLAGE, TOWNSHIP, VILLAGE, World, add, assert_equal, both, get, put

LINE = {"area": COUNTY, "year": 2023, "amount": 750000}


def test_what_the_county_writes_reaches_everyone_below(world: World) -> None:
    stores = [world.station("甲"), world.station("乙", OTHER_VILLAGE), world.station("镇", TOWNSHIP)]
    keys = county_keys(world.county)
    with world.county.write() as session:
        line = insertion(session, "monitor_line", LINE)
        assert author(session, keys, COUNTY, [line]) == [1]
    with world.county.write() as session:
        assert author(session, keys, COUNTY, [edit(session, "monitor_line", line.row_id, {"amount": 780000})]) == [2]
    world.settle()
    for store in stores:
        assert get(store, line.row_id, "monitor_line").amount == 780000
        with store.read() as session:
            assert audit.verify(session).ok
    with world.county.read() as session:
        assert audit.verify(session, keys.public).ok
        batches = session.conn.execute(select(entry.c.incarnation, entry.c.number).where(entry.c.station == STATION)).all()
        assert ([number for _one, number in batches], len({one for one, _number in batches})) == ([1, 1], 2)
    assert_equal(world)


@both
def test_a_number_drawn_again_is_not_taken(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two thousand batches one had the incarnation of an earlier one, and was refused by the database."""
    drawn, keys = iter(["ab", "ab", "cd"]), county_keys(world.county)
    with world.county.write() as session:
        first, second = (insertion(session, "monitor_line", LINE | {"year": year}) for year in (2022, 2023))
    monkeypatch.setattr("sync.county.acts.authoring.secrets.token_hex", lambda _n: next(drawn))
    with world.county.write() as session:
        author(session, keys, COUNTY, [first])
        author(session, keys, COUNTY, [second])
        assert session.count("monitor_line") == 2


@both
def test_the_county_and_a_village_change_one_row(world: World) -> None:
    a, keys = world.station("甲"), county_keys(world.county)
    id = add(a, note="甲")
    world.settle()
    put(a, id, bank_account="6222", phone="13800000001")
    with world.county.write() as session:
        author(session, keys, VILLAGE, [edit(session, "person", id, {"bank_account": "6333", "note": "县"})])
    world.settle()
    person = get(a, id)
    assert (person.bank_account, person.note, person.phone) == ("6333", "县", "13800000001")
    with a.read() as session:
        assert [(c.field, c.mine, c.theirs) for c in conflicts(session)] == [("bank_account", "6222", "6333")]
    assert_equal(world)


def test_a_deletion_is_soft(world: World) -> None:
    a, keys = world.station("甲"), county_keys(world.county)
    id = add(a)
    world.settle()
    with world.county.write() as session:
        author(session, keys, VILLAGE, [deletion(session, "person", id)])
    world.settle()
    with a.read() as session:
        assert session.get("person", id) is None
        assert session.get("person", id, deleted=True) is not None


def test_many_changes_are_cut_into_batches_of_one_chain(world: World) -> None:
    a = world.station("甲")
    keys = county_keys(world.county)
    with world.county.write() as session:
        changes = [insertion(session, "odd_job", {"person_id": session.new_id(), "on": "2023-06-05", "pay": n}) for n in range(1200)]
        places = author(session, keys, VILLAGE, changes)
    assert places == [1, 2, 3]
    world.settle()
    with a.read() as session:
        assert session.count("odd_job") == 1200
        assert audit.verify(session).ok
    with world.county.read() as session:
        bodies = session.conn.execute(select(entry.c.body).order_by(entry.c.seq)).scalars().all()
        assert len({(c.salt, c.seq) for body in bodies for c in open_batch(bytes(body)).changes()}) == 1200


def test_an_impossible_operation_of_the_county_leaves_nothing(world: World) -> None:
    world.station("甲")
    keys = county_keys(world.county)
    with world.county.write() as session:
        missing = edit(session, "person", session.new_id(), {"name": "某"})
    with pytest.raises(DomainError, match="没有存成"), world.county.write() as session:
        author(session, keys, VILLAGE, [insertion(session, "odd_job", {"person_id": session.new_id(), "on": "2023-06-05"}), missing])
    with world.county.read() as session:
        assert session.conn.execute(select(func.count()).select_from(entry)).scalar_one() == 0
        assert session.count("odd_job") == 0


def test_nothing_to_write_writes_nothing(world: World) -> None:
    keys = county_keys(world.county)
    with world.county.write() as session:
        assert author(session, keys, VILLAGE, []) == []

"""Somebody with the county's database or its key: no station gives up what its signed entries support, and both ends are told."""

from __future__ import annotations

from pathlib import Path
from time import time
from typing import Any

import pytest
from nacl.signing import SigningKey
from sqlalchemy import delete, insert, select, update

from db.changes import history
from db.exchange import exchanges, field_state
from db.mapping import table
from db.snapshots import differences, differing
from db.store import Store
from domain.errors import DomainError
from domain.fields import kind_of
from sync.county.keys import county_keys
from sync.county.receiving.rights import Author
from sync.county.receiving.sequencing import sequence
from sync.county.recovery.replaying import altered
from sync.station.recovery import evidence, mending
from sync.wire import envelope
from sync.wire.columns import Change
from sync.wire.envelope import SCHEMA, START, Header, open_batch
from tests.sync.conftest import COUNTY, TOWNSHIP, VILLAGE, World, add, assert_equal, both, drop, get, put
from tests.sync.sticks import Sticks

PERSON = table("person")
TRUE, FALSE = "6228480000000016620", "6228480000000016638"


@pytest.fixture(autouse=True)
def always_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mending, "SHARE", 0)


def at_county(world: World, *statements: Any) -> None:
    with world.county.write() as session:
        for statement in statements:
            session.conn.execute(statement)


@both
def test_a_value_altered_at_the_county_reaches_nobody_who_has_the_entry(world: World) -> None:
    stations = [world.station("甲"), world.station("镇", TOWNSHIP), world.station("县", COUNTY)]
    id = add(stations[0], bank_account=TRUE)
    world.settle()
    at_county(world, update(PERSON).where(PERSON.c.id == id).values(bank_account=FALSE))
    for store in stations:
        put(store, add(store, village=VILLAGE), note="照常办事")
    world.settle()
    for store in stations:
        result = world.sync(store)
        assert (result.different, result.mended, result.disputed) == (1, 0, 1)
        assert get(store, id).bank_account == TRUE
        with store.read() as session:
            assert "对不上" in exchanges(session)[0].message and "没有照改" in exchanges(session)[0].message
            assert [one.kind for one in differences(session)] == [kind_of("person").number]
            assert {one.new for one in history(session, "person", id) if one.field == "bank_account"} == {TRUE}
    with world.county.read() as session:
        assert set(differing(session)) == {store.station for store in stations}
    assert [one.id for one in altered(world.county)] == [id]
    at_county(world, update(PERSON).where(PERSON.c.id == id).values(bank_account=TRUE))
    put(stations[0], id, note="新的")
    world.settle()
    assert_equal(world)
    with stations[0].read() as session:
        assert differences(session) == []


@pytest.mark.parametrize("how", ["later", "earlier", "edited", "deleted", "undeleted", "removed", "invented"])
def test_however_it_is_altered(world: World, how: str) -> None:
    a = world.station("甲")
    id, other = add(a, bank_account=TRUE), add(a, name="王五")
    world.settle()
    put(a, id, phone="13800000001")
    drop(a, other)
    world.settle()
    number, phone = kind_of("person").number, kind_of("person").by_name["phone"].number
    mine = PERSON.c.id == id
    state = (field_state.c.kind == number) & (field_state.c.row_id == id)
    facts = {"kind": number, "row_id": id, "field": kind_of("person").by_name["bank_account"].number, "author": "别人.1"}
    columns = [c for c in PERSON.c if c.name != "id"]
    done: dict[str, list[Any]] = {
        "later": [
            update(PERSON).where(mine).values(bank_account=FALSE),
            insert(field_state).values(**facts, seq=2, by="甲@x", at="2023-01-01T00:00:00Z"),
        ],
        "earlier": [
            update(PERSON).where(mine).values(phone="13900000000"),
            update(field_state).where(state, field_state.c.field == phone).values(seq=1),
        ],
        "edited": [update(PERSON).where(mine).values(phone="13900000000")],
        "deleted": [update(PERSON).where(mine).values(deleted_at="2023-01-01T00:00:00Z")],
        "undeleted": [update(PERSON).where(PERSON.c.id == other).values(deleted_at=None)],
        "removed": [delete(PERSON).where(mine)],
        "invented": [insert(PERSON).from_select(["id", *columns], select(PERSON.c.id.concat("x"), *columns).where(mine))],
    }
    at_county(world, *done[how])
    add(a, name="照常")
    world.settle()
    assert world.sync(a).disputed == 1
    assert (get(a, id).bank_account, get(a, id).phone, get(a, id).deleted_at) == (TRUE, "13800000001", None)
    with a.read() as session:
        assert session.conn.execute(select(PERSON.c.deleted_at).where(PERSON.c.id == other)).scalar_one() is not None
        assert session.conn.execute(select(PERSON.c.id).where(PERSON.c.id == f"{id}x")).first() is None


def test_what_is_disputed_is_not_fetched_for_a_week(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    a = world.station("甲")
    id = add(a, bank_account=TRUE)
    world.settle()
    at_county(world, update(PERSON).values(bank_account=FALSE))
    asked, real, now = list[int](), evidence.contradicted, time()

    def counted(*words: Any) -> set[int]:
        asked.append(1)
        return real(*words)

    monkeypatch.setattr(evidence, "contradicted", counted)
    for _n in range(3):
        add(a, name="照常")  # the county compares once it has something new
        world.sync(a)
        assert world.sync(a).disputed == 1
    assert len(asked) == 1
    monkeypatch.setattr("sync.station.recovery.evidence.time", lambda: now + 8 * 86400)
    world.sync(a)
    assert len(asked) == 2
    assert get(a, id).bank_account == TRUE


def test_by_stick_it_is_kept_and_told_too(world: World, tmp_path: Path) -> None:
    sticks = Sticks(world, tmp_path)
    a = sticks.station("甲", VILLAGE)
    id = add(a, bank_account=TRUE)
    sticks.round(a)
    at_county(world, update(PERSON).values(bank_account=FALSE))
    results = [sticks.round(a).exchange for _n in range(4)]
    assert sum(one.disputed for one in results) == 1
    assert get(a, id).bank_account == TRUE


def test_a_batch_in_the_name_of_a_station_that_it_never_signed_is_not_taken(world: World) -> None:
    a = world.station("甲")
    id = add(a, bank_account=TRUE)
    world.settle()
    keys, k = county_keys(world.county), kind_of("person")
    values = {k.by_name["bank_account"].number: FALSE}
    change = Change(1, k.number, id, "U", f"甲@{a.station}", "2023-11-27T08:00:00Z", "feedfacefeedface", values, None)
    head = Header(1, SCHEMA, keys.county, a.station, 424242, 1, START, VILLAGE, 1, 0, [])
    sealed = open_batch(envelope.seal(head, [change], SigningKey.generate()))
    with world.county.write() as session:
        sequence(session, keys, Author(a.station, VILLAGE, b""), sealed, VILLAGE)
    put(a, id, note="没有传上去的")
    for _n in range(2):
        with pytest.raises(DomainError, match="不是本机签的"):
            world.sync(a)
    assert (get(a, id).bank_account, get(a, id).note) == (TRUE, "没有传上去的")
    with a.read() as session:
        assert not exchanges(session)[0].ok
        assert "不是本机签的" in exchanges(session)[0].message


def test_a_store_that_was_restored_takes_its_own_earlier_batches(world: World, tmp_path: Path) -> None:
    """They are signed with its own key, which is in the backup."""
    from db.backup import backup, restore
    from tests.fresh import PASSWORD

    a = world.station("甲")
    add(a)
    world.settle()
    backup(a, tmp_path / "b.zip")
    id = add(a, name="备份以后")
    world.settle()
    a.close()
    restore(a.home, tmp_path / "b.zip", user=None, password=PASSWORD)
    again = Store.open(a.home, user=None, password=PASSWORD)
    world.stations["甲"] = again
    world.settle()
    assert get(again, id).name == "备份以后"

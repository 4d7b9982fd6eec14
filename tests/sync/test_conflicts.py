"""Two who changed one field, one row, one parent, one set field without knowing of each other: what stands, what is listed, who decides."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from cli.station import PROGRAM
from db import acts, changes
from db import store as store_module
from db.capture import UNACKNOWLEDGED, op
from db.conflicts import open_count, resolve
from db.exchange import conflict
from db.store import Store
from desktop.sync import reading
from domain.errors import DomainError, NotFound
from services import history, records
from services.person import person_page
from services.posts import pay
from tests.sync.conftest import (
    COUNTY,
    PASSWORD,
    TOWNSHIP,
    VILLAGE,
    World,
    add,
    assert_equal,
    both,
    decide,
    disputed,
    drop,
    get,
    listed,
    put,
    wage,
)

pytestmark = both


def test_auto_the_later_wins_and_the_other_is_told(world: World) -> None:
    a, b, township = world.station("甲"), world.station("乙"), world.station("镇", TOWNSHIP)
    id = add(a, phone="13800000000")
    world.settle()
    put(a, id, phone="13800000001")
    put(b, id, phone="13800000002")
    world.sync(a)
    assert world.sync(b).conflicts == 1
    world.settle()
    assert get(a, id).phone == get(township, id).phone == "13800000002"
    (at_a,), (at_b,), (at_t,) = listed(a), listed(b), listed(township)
    assert (at_a.state, at_a.field, at_a.base) == ("info", "phone", "13800000000")
    assert (at_a.mine, at_a.theirs, at_a.by.split("@")[0]) == ("13800000001", "13800000002", "乙")
    assert (at_b.mine, at_b.theirs, at_b.by.split("@")[0]) == ("13800000002", "13800000001", "甲")
    assert (at_t.mine, at_t.theirs) == ("13800000001", "13800000002")
    assert at_t.show(at_t.mine) != at_t.mine  # a phone is a secret
    assert at_t.show(at_t.mine, plain=True) == at_t.mine
    assert_equal(world)


def test_review_the_earlier_stays_until_someone_decides(world: World) -> None:
    a, b, township = world.station("甲"), world.station("乙"), world.station("镇", TOWNSHIP)
    id = add(a, name="张三")
    world.settle()
    put(a, id, name="张山")
    put(b, id, name="章三")
    world.sync(a)
    world.sync(b)
    world.settle()
    assert {get(s, id).name for s in (a, b, township)} == {"张山"}
    with township.read() as session:
        assert open_count(session) == 1
    assert [(c.record_id, c.field, c.state) for c in listed(township)] == [(id, "name", "open")]
    (at_b,) = listed(b)
    assert (at_b.mine, at_b.theirs, at_b.state) == ("章三", "张山", "open")
    for store in (a, b, township):
        with store.read() as session:
            assert [line.new for line in person_page(session, id, 2023, on="2023-12-01").history if not line.op] in (["章三"], [])
            lost = [(line.what, line.by, line.new) for line in history.lines(session, "person", id) if "没有采用" in line.what]
            assert lost in ([("姓名（两边不一样，没有采用）", "乙", "章三")], []) and (lost or store is b)
    decide(township, at_b.id, "theirs")
    assert listed(township) == []
    assert get(township, id).name == "章三"
    world.settle()
    assert {get(s, id).name for s in (a, b, township)} == {"章三"}
    assert [c.state for c in listed(a, settled=True)] == ["settled"]
    assert listed(a) == []
    assert_equal(world)


def test_a_decision_may_name_a_value_of_its_own_or_keep_what_stands(world: World) -> None:
    a, b = world.station("甲"), world.station("乙")
    first, second = add(a, name="张三"), add(a, name="李四")
    world.settle()
    for store, name in ((a, "甲名"), (b, "乙名")):
        put(store, first, name=name)
        put(store, second, name=name)
    world.settle()
    by_row = {c.record_id: c for c in listed(b)}
    decide(b, by_row[first].id, "新名")
    decide(b, by_row[second].id, "theirs")
    with pytest.raises(DomainError):
        decide(b, by_row[first].id, "mine")
    with pytest.raises(NotFound):
        decide(b, "nothing", "mine")
    world.settle()
    assert (get(a, first).name, get(a, second).name) == ("新名", "甲名")
    assert listed(a) == listed(b) == []
    assert_equal(world)


def test_of_several_values_that_wait_of_one_laptop_its_last_is_asked_about(world: World) -> None:
    a, b = world.station("甲"), world.station("乙")
    id, other = add(a, name="张三"), add(a, name="李四")
    world.settle()
    put(a, id, name="甲名")
    put(a, other, name="甲的")
    put(b, other, name="乙的")
    for user, name in (("乙", "乙名"), ("丙", "丙名"), ("乙", "又名")):
        b.user = user  # colleagues at one laptop: their changes are told apart, in one batch
        put(b, id, name=name)
    world.settle()
    assert get(a, id).name == "甲名"
    assert {(c.record_id, c.theirs, c.state) for c in listed(a)} == {(id, "又名", "open"), (other, "乙的", "open")}
    assert {(c.theirs, c.state) for c in listed(a, settled=True) if c.record_id == id} == {
        ("乙名", "settled"),
        ("丙名", "settled"),
        ("又名", "open"),
    }
    assert_equal(world)


def test_a_decision_against_an_unseen_change_settles_nothing(world: World) -> None:
    a, b, id = disputed(world)
    (conflict,) = listed(b)
    decide(b, conflict.id, "mine")
    put(a, id, name="甲又改")
    world.settle()
    assert get(b, id).name == "甲又改"
    (still,) = listed(a)
    assert (still.mine, still.theirs, still.state) == ("甲又改", "乙名", "open")
    assert_equal(world)


def test_undoing_a_decision_opens_it_again(world: World) -> None:
    a, b, id = disputed(world)
    (conflict,) = listed(b)
    decide(b, conflict.id, "mine")
    with b.write("撤销") as session:
        act = acts.latest(session, 2)[1].id
        acts.undo(session, act)
    assert [c.state for c in listed(b)] == ["open"]
    assert get(b, id).name == "甲名"
    world.settle()
    assert [c.state for c in listed(a)] == ["open"]
    assert_equal(world)


@pytest.mark.parametrize(("keep", "name"), [("mine", "乙名"), ("theirs", "甲名")])  # another value than what stands there, and that
def test_a_decision_that_is_done_again_settles(world: World, keep: str, name: str) -> None:
    a, b, id = disputed(world)
    (conflict,) = listed(b)
    with b.write("定夺") as session:
        resolve(session, conflict.id, keep)
    for _round in range(2):
        with b.write("撤销") as session:
            assert records.undo_last(session)
        assert [c.state for c in listed(b)] == ["open"]
        with b.write("重做") as session:
            assert records.redo_last(session)
        assert listed(b) == []
    world.settle()
    assert listed(a) == listed(b) == []
    assert get(a, id).name == get(b, id).name == name
    assert_equal(world)


def test_a_decision_done_again_settles_nothing_that_was_decided_otherwise(world: World) -> None:
    _a, b, _id = disputed(world)
    (conflict,) = listed(b)
    with b.write("定夺") as session:
        resolve(session, conflict.id, "mine")
        deed = session.act
    with b.write("撤销") as session:
        acts.undo(session, deed or 0)
        undoing = session.act
    decide(b, conflict.id, "theirs")
    with b.write("重做") as session:
        acts.undo(session, undoing or 0)
    with b.read() as session:
        said = session.conn.execute(select(op.c.old).where(UNACKNOWLEDGED, op.c.what == "C")).scalars()
        assert [json.loads(old)["value"] for old in said] == ["甲名"]
    world.settle()
    assert listed(b) == []
    assert_equal(world)


def test_different_fields_of_one_row_meet_without_conflict(world: World) -> None:
    a, b = world.station("甲"), world.station("乙")
    id = add(a)
    world.settle()
    put(a, id, phone="13800000001")
    put(b, id, note="低保")
    world.settle()
    assert (get(a, id).phone, get(a, id).note) == ("13800000001", "低保")
    assert listed(a) == listed(b) == []
    assert_equal(world)


def test_an_edit_wins_against_a_deletion_whichever_came_first(world: World) -> None:
    a, b = world.station("甲"), world.station("乙")
    first, second = add(a), add(a)
    world.settle()
    drop(a, first)
    put(a, second, note="改")
    put(b, first, note="改")
    drop(b, second)
    world.settle()
    assert get(a, first).note == get(b, second).note == "改"
    assert [(c.sort, c.field, c.state) for c in listed(a)] == [("deleted", "deleted", "open")] * 2
    by_row = {c.record_id: c for c in listed(b)}
    assert (by_row[second].mine, by_row[second].theirs) == (True, False)
    decide(b, by_row[second].id, "mine")
    decide(a, by_row[first].id, "theirs")  # the deletion is his own: theirs is the edit
    world.settle()
    assert get(a, second) is None
    assert get(a, first) is not None
    assert listed(a) == listed(b) == []
    assert_equal(world)


def test_a_child_put_under_a_deleted_parent_stays_and_is_listed(world: World, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    a, b = world.station("甲"), world.station("乙")
    early, late = add(a), add(a)
    world.settle()
    span = {"category": "lifted"}
    drop(a, early)
    first = add(b, "category_span", person_id=early, **span)
    second = add(a, "category_span", person_id=late, **span)
    drop(b, late)
    world.settle()
    assert get(a, first, "category_span") is not None
    assert {(c.sort, c.record_id, c.field, c.state) for c in listed(a)} == {
        ("parent", first, "person_id", "info"),
        ("parent", second, "person_id", "info"),
    }
    monkeypatch.setenv("CUNZHAN_PASSWORD", PASSWORD)
    assert PROGRAM.main(["--home", str(a.home), "conflicts"]) == 0
    out = capsys.readouterr().out
    assert out.count("它所属的记录已被删除") == 2 and early not in out and late not in out
    decide(a, listed(a)[0].id, "mine")
    world.settle()
    assert len(listed(b)) == 1
    assert_equal(world)


def monthly(store: Store, person: str, **values: Any) -> str:
    values = {"person_id": person, "month": "2023-06", **values}
    with store.write("月监测") as session:
        id = session.natural_id("monthly_check", VILLAGE, values)
        changes.insert(session, "monthly_check", [{"id": id, "village": VILLAGE, **values}])
    return id


@pytest.mark.parametrize(
    ("kind", "field", "sorts"), [("person", "household_id", ["parent", "value"]), ("recognition", "employer_id", ["value"])]
)
def test_who_is_given_to_two_parents_of_which_the_later_one_is_deleted(world: World, kind: str, field: str, sorts: list[str]) -> None:
    """One change meets another value and a deletion in one field: both are told, where it is put under the deleted one."""
    a, b = world.station("甲"), world.station("乙", TOWNSHIP)
    owner = {"household_id": "household", "employer_id": "employer"}[field]
    values = {"employer": {"name": "厂", "type": "enterprise"}, "recognition": {"type": "workshop", "start": "2023-01-01"}}
    first, second, third = (add(a, owner, **values.get(owner, {})) for _n in range(3))
    child = add(a, kind, **values.get(kind, {}), **{field: first})
    world.settle()
    put(a, child, kind, **{field: second})
    drop(a, third, owner)
    put(b, child, kind, **{field: third})
    world.sync(a, b)
    world.settle()
    assert_equal(world)
    with world.county.read() as session:
        found = session.conn.execute(select(conflict.c.sort, conflict.c.id)).all()
    assert sorted(sort for sort, _id in found) == sorts


def test_two_laptops_that_make_the_same_row_make_one(world: World) -> None:
    a, b = world.station("甲"), world.station("乙")
    person = add(a)
    world.settle()
    id = monthly(a, person, status="away", place="哈尔滨", income=300000)
    assert monthly(b, person, status="away", income=320000, by="王") == id
    world.settle()
    row = get(a, id, "monthly_check")
    assert (row.place, row.by, row.income) == ("哈尔滨", "王", 300000)
    (conflict,) = listed(a)
    assert (conflict.field, conflict.mine, conflict.theirs, conflict.state) == ("income", 300000, 320000, "open")
    assert row.created_by == a_stamp(a)
    assert row.updated_by == a_stamp(b)
    assert_equal(world)


def a_stamp(store: Store) -> str:
    return f"{store.user}@{store.station}"


def test_append_only_rows_are_filled_once_and_may_be_withdrawn(world: World) -> None:
    a, b = world.station("甲"), world.station("乙")
    filled, clashing, withdrawn = wage(a), wage(a), wage(a)
    world.settle()
    put(a, filled, "wage", pay_way="bank")
    put(a, clashing, "wage", pay_way="bank")
    put(b, clashing, "wage", pay_way="cash")
    drop(b, withdrawn, "wage")
    world.settle()
    assert get(b, filled, "wage").pay_way == "bank"
    assert get(b, clashing, "wage").pay_way == "bank"
    assert get(a, withdrawn, "wage") is None
    (conflict,) = listed(b)
    assert (conflict.mine, conflict.theirs, conflict.state) == ("cash", "bank", "open")
    decide(b, conflict.id, "mine")
    world.settle()
    assert get(a, clashing, "wage").pay_way == "cash"
    assert listed(a) == []
    assert_equal(world)


def test_of_what_is_only_told_the_latest_is_shown_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It never goes away: after some years the page showed the oldest ones, and no new one any more."""
    a, b = world.station("甲"), world.station("乙")
    ids = [add(a, phone="0") for _n in range(3)]
    world.settle()
    for n, id in enumerate(ids):
        monkeypatch.setattr(store_module, "utc_now", lambda n=n: f"202{n}-06-05T08:00:00Z")
        for store, value in ((a, "13800000001"), (b, "13800000002")):
            put(store, id, phone=value)
        world.settle()
    monkeypatch.setattr(reading, "_SHOWN", 2)
    for store in (a, b):
        with store.read() as session:
            shown = reading.standing(session)
        assert [one.record_id for one in shown.for_information] == [ids[2], ids[1]] and shown.more_for_information == 1


def test_all_that_is_open_is_answered_in_one_stroke(world: World, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    a, b, reader = world.station("甲"), world.station("乙"), world.station("县", COUNTY)
    ids, told = [add(a, bank_account="0") for _n in range(4)], add(a, phone="0")
    world.settle()
    for store, value in ((a, "62220001"), (b, "62220002")):
        for id in ids:
            put(store, id, bank_account=value)
        put(store, told, phone=value)
    world.settle()
    monkeypatch.setattr(reading, "_SHOWN", 3)
    with b.read() as session:
        shown = reading.standing(session)
    assert (len(shown.to_settle), shown.more_to_settle, len(shown.for_information), shown.more_for_information) == (3, 1, 1, 0)
    monkeypatch.setenv("CUNZHAN_PASSWORD", PASSWORD)
    assert PROGRAM.main(["--home", str(b.home), "conflicts", "resolve", "all"]) == 2
    assert PROGRAM.main(["--home", str(b.home), "conflicts", "resolve", "all", "--keep", "62229999"]) == 2
    assert PROGRAM.main(["--home", str(b.home), "conflicts", "resolve", "all", "--keep", "mine"]) == 0
    assert "已定夺 4 处" in capsys.readouterr().out
    world.settle()
    for store in (a, b, reader):
        assert {get(store, id).bank_account for id in ids} == {"62220002"}
        assert [c.state for c in listed(store)] == ["info"]
    assert_equal(world)


def test_days_of_attendance_that_two_laptops_gave_differently_are_told_where_they_are_paid(world: World) -> None:
    """30 against 29 days became 29 without a word on the sheet that pays them; a correction ends it."""
    a, b = world.station("甲"), world.station("乙")
    who = add(a)
    with a.write("x") as session:
        values = {"name": "保洁员", "type": "cleaner", "quota": 2, "developer": "hrss", "fund": "employment", "standard": 50000}
        post = records.save(session, "post", values | {"required_days": 30})
        held = records.save(session, "appointment", {"post_id": post, "person_id": who, "start": "2023-01-01"})
    world.settle()
    for store, marks in ((a, "P" * 30), (b, "P" * 29 + "S")):
        with store.write("x") as session:
            pay.keep(session, "2023-06", {held: marks})
    world.settle()
    for store in (a, b):
        with store.read() as session:
            (line,) = pay.month(session, "2023-06")
        assert line.due == 48_333 and "两台电脑记的出勤不一样，现在按 29 天，另一台是 30 天" in line.cautions
    with a.write("x") as session:
        pay.keep(session, "2023-06", {held: "P" * 30})
        assert not any("两台电脑" in text for text in pay.month(session, "2023-06")[0].cautions)

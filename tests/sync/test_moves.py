"""People and villages move: a stub stays, row, history and dependents enter the new scope, and nothing that was under way is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from db import changes
from db import store as store_module
from db.conflicts import conflicts
from db.exchange import closed_into, departed, device, field_state, moved, unsent
from db.exchange import cursors as exchange_read
from db.held import held
from db.store import Store
from desktop.sync import reading
from domain.errors import DomainError, NotFound
from services import records, work
from services.departures import sentences as moves_sentences
from services.forms.workshops import workshop_wages
from services.quality import quality
from services.reports import sealing
from services.workshop.wages import wage_sheet
from sync.county.acts import moves
from sync.county.keys import county_keys
from sync.county.receiving.ingest import ingest
from sync.county.sending import snapshot
from sync.replica import audit, batches, identity
from sync.station import rounds
from sync.wire import envelope
from sync.wire.columns import Change
from tests.sync.conftest import OTHER_VILLAGE, TOWNSHIP, VILLAGE, World, add, assert_equal, both, decide, drop, get, listed, put

THIRD = "230826101204"


class County:
    """The county's operations in a transaction each."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._keys = county_keys(world.county)

    def move(self, kind: str, id: str, to: str = OTHER_VILLAGE, **more: Any) -> moves.Moved:
        with self._world.county.write() as session:
            return moves.move(session, self._keys, kind, id, to, **more)

    def merge(self, old: str = VILLAGE, new: str = OTHER_VILLAGE) -> moves.Moved:
        with self._world.county.write() as session:
            return moves.merge_villages(session, self._keys, old, new)


@pytest.fixture
def county(world: World) -> County:
    return County(world)


def family(store: Store) -> dict[str, str]:
    """A household of two with work, wages, a check and a visit."""
    house = add(store, "household", number="0001", address="一组")
    man, woman = add(store, name="张三", household_id=house), add(store, name="李四", household_id=house)
    job = add(store, "employment", person_id=man, channel="migrant", place="210200", start="2023-02-10")
    pay = add(store, "wage", employment_id=job, month="2023-03", paid_on="2023-03", amount=400000)
    seen = add(store, "visit", household_id=house, on="2023-05-01", content="走访")
    put(store, house, "household", head_id=man)
    return {"household": house, "person": man, "wife": woman, "employment": job, "wage": pay, "visit": seen}


def told(store: Store, id: str, kind: str = "person") -> list[tuple[Any, ...]]:
    with store.read() as session:
        return [(c.by, c.device, c.what, c.field, c.old, c.new, c.at) for c in changes.history(session, kind, id)]


@both
def test_a_household_moves_with_everything_that_belongs_to_it(world: World, county: County) -> None:
    a, b, town = world.station("甲"), world.station("乙", OTHER_VILLAGE), world.station("镇", TOWNSHIP)
    ids = family(a)
    stays = add(a, name="留")
    world.settle()
    put(a, ids["person"], phone="13800000001", bank_account="6222")
    drop(a, ids["visit"], "visit")
    world.settle()
    before = {kind: told(town, ids[kind], kind) for kind in ("person", "employment", "visit")}
    done = county.move("household", ids["household"])
    assert (done.rows, done.people) == (6, 2)
    world.settle()
    assert_equal(world)
    for store in (b, town):
        person = get(store, ids["person"])
        assert (person.village, person.phone, person.household_id) == (OTHER_VILLAGE, "13800000001", ids["household"])
        assert get(store, ids["wage"], "wage").amount == 400000
        assert get(store, ids["visit"], "visit") is None
        assert {kind: told(store, ids[kind], kind) for kind in before} == before
        with store.read() as session:
            assert session.get("visit", ids["visit"], deleted=True).village == OTHER_VILLAGE
            strangers = select(func.count()).select_from(field_state).where(~field_state.c.author.startswith("county."))
            assert session.conn.execute(strangers).scalar() == 0
            assert audit.verify(session).ok
    with a.read() as session:
        assert session.get("person", ids["person"], deleted=True) is None
        assert session.get("person", stays) is not None
        stub = session.conn.execute(select(moved).where(moved.c.row_id == ids["person"])).one()
        assert (stub.entered, stub.title) == (OTHER_VILLAGE, "张三")
    put(b, ids["person"], note="新村")
    world.settle()
    assert get(town, ids["person"]).note == "新村"
    assert_equal(world)


def test_one_person_moves_alone_or_into_a_household(world: World, county: County) -> None:
    a, b = world.station("甲"), world.station("乙", OTHER_VILLAGE)
    ids = family(a)
    house = add(b, "household", number="0002")
    world.settle()
    county.move("person", ids["wife"], household=house)
    county.move("person", ids["person"])
    world.settle()
    assert get(b, ids["wife"]).household_id == house
    assert get(b, ids["person"]).household_id is None
    assert get(b, ids["employment"], "employment") is not None
    assert get(a, ids["household"], "household") is not None
    assert get(b, ids["visit"], "visit") is None
    assert_equal(world)


@both
def test_late_work_of_the_old_village_gets_in(world: World, county: County) -> None:
    a, a2, b, town = (
        world.station("甲"),
        world.station("甲二"),
        world.station("乙", OTHER_VILLAGE),
        world.station("镇", TOWNSHIP),
    )
    ids = family(a)
    world.settle()
    put(a, ids["person"], bank_account="6222", phone="1380")
    late = add(a, "employment", person_id=ids["person"], channel="migrant", place="110100", start="2023-08-01")
    late_pay = add(a, "wage", employment_id=late, month="2023-09", paid_on="2023-09", amount=1)
    check = add(a2, "monthly_check", person_id=ids["wife"], month="2023-06", status="away")
    put(town, ids["person"], note="镇里写的")
    county.move("household", ids["household"])
    world.settle()
    put(b, ids["person"], bank_account="6333")
    world.settle()
    assert_equal(world)
    person = get(b, ids["person"])
    assert (person.phone, person.note) == ("1380", "镇里写的")
    assert get(b, late_pay, "wage").village == OTHER_VILLAGE
    assert get(b, check, "monthly_check").person_id == ids["wife"]
    for store in (a, a2):
        assert get(store, late, "employment") is None
        with store.read() as session:
            assert held(session) == [] and unsent(session) == 0
    with b.read() as session:
        assert held(session) == []
        assert session.get("employment", late).created_by.endswith(a.station)
    assert told(b, ids["person"])[-1][5] == "6333"


def test_a_late_value_the_new_village_had_not_seen_is_listed_with_its_author(world: World, county: County) -> None:
    a, b = world.station("甲"), world.station("乙", OTHER_VILLAGE)
    id = add(a, bank_account="6000")
    world.settle()
    put(a, id, bank_account="6222")
    county.move("person", id)
    world.sync(b)
    put(b, id, bank_account="6333")
    world.sync(b)
    world.settle()
    with b.read() as session:
        (found,) = conflicts(session)
    assert (found.mine, found.theirs, found.base, found.state) == ("6333", "6222", "6000", "open")
    assert found.by == f"甲@{a.station}"
    assert_equal(world)


def test_a_late_value_simply_follows_what_its_author_had_seen(world: World, county: County) -> None:
    a, a2, b = world.station("甲"), world.station("甲二"), world.station("乙", OTHER_VILLAGE)
    id = add(a, bank_account="6000", name="旧名")
    world.settle()
    put(a2, id, name="新名")
    world.sync(a2)
    put(a, id, bank_account="6222")
    county.move("person", id)
    world.settle()
    with b.read() as session:
        assert conflicts(session) == []
    assert (get(b, id).bank_account, get(b, id).name) == ("6222", "新名")
    put(b, id, note="新村")
    world.settle()
    assert_equal(world)


def test_a_late_value_its_author_would_not_have_written_had_he_seen_more_waits(world: World, county: County) -> None:
    a, a2, b = world.station("甲"), world.station("甲二"), world.station("乙", OTHER_VILLAGE)
    id = add(a, bank_account="6000")
    world.settle()
    put(a2, id, bank_account="6111")
    world.sync(a2)
    put(a, id, bank_account="6222")
    county.move("person", id)
    world.settle()
    with b.read() as session:
        assert [(c.mine, c.theirs, c.state) for c in conflicts(session)] == [("6111", "6222", "open")]
    assert_equal(world)


@both
def test_what_waits_for_a_decision_waits_in_the_new_village(world: World, county: County) -> None:
    a, a2, b = world.station("甲"), world.station("甲二"), world.station("乙", OTHER_VILLAGE)
    id = add(a)
    world.settle()
    put(a, id, bank_account="6222")
    put(a2, id, bank_account="6333")
    world.settle()
    county.move("person", id)
    world.settle()
    with b.read() as session:
        (found,) = conflicts(session)
    assert (found.mine, found.theirs, found.state, found.by) == ("6222", "6333", "open", f"甲二@{a2.station}")
    with a.read() as session:
        assert conflicts(session) == []
    assert_equal(world)


def test_there_and_back_again(world: World, county: County) -> None:
    a, b, town = world.station("甲"), world.station("乙", OTHER_VILLAGE), world.station("镇", TOWNSHIP)
    id = add(a, name="来回")
    world.settle()
    put(a, id, note="出门前")
    county.move("person", id)
    world.sync(b)
    put(b, id, phone="139")
    world.sync(b)
    county.move("person", id, to=VILLAGE)
    put(b, id, residence=OTHER_VILLAGE)
    world.settle()
    assert_equal(world)
    for store in (a, town):
        person = get(store, id)
        assert (person.village, person.note, person.phone, person.residence) == (VILLAGE, "出门前", "139", OTHER_VILLAGE)
    assert get(b, id) is None


@both
def test_two_villages_become_one_and_unsent_work_gets_in(world: World, county: County) -> None:
    a, b, town = world.station("甲"), world.station("乙", OTHER_VILLAGE), world.station("镇", TOWNSHIP)
    ids = family(a)
    world.settle()
    fresh = add(a, name="未上传")
    put(a, ids["person"], note="未上传的改动")
    done = county.merge()
    assert done.rows == 6
    world.settle()
    later = add(a, name="并村以后")
    world.settle()
    assert_equal(world)
    with a.read() as session:
        closing = session.conn.execute(select(moved.c.seq).where(moved.c.scope == VILLAGE, moved.c.kind == 0)).scalar_one()
        assert "并入日升村" in moves_sentences(session, closing - 1)[0]
        assert moves_sentences(session, closing) == []  # told once, though more left since
    for store in (b, town):
        assert get(store, fresh).village == get(store, later).village == OTHER_VILLAGE
        assert get(store, ids["person"]).note == "未上传的改动"
    with a.read() as session:
        assert session.count("person") == 0
        assert closed_into(session, VILLAGE) == OTHER_VILLAGE
        assert held(session) == []
    with pytest.raises(DomainError):
        county.merge()


def test_a_village_is_merged_into_one_that_is_merged_in_its_turn(world: World, county: County) -> None:
    """What its laptop sends then goes to where both are by now, and nothing is moved into a closed village."""
    a, last = world.station("甲"), world.station("丁", THIRD)
    elsewhere = add(last)
    new = add(a, name="未上传")
    world.sync(last)
    county.merge()
    county.merge(OTHER_VILLAGE, THIRD)
    world.settle()
    assert_equal(world)
    assert get(last, new).name == "未上传"
    with world.county.read() as session:
        assert closed_into(session, VILLAGE) == THIRD
    with pytest.raises(DomainError, match="已并入"):
        county.move("person", elsewhere, VILLAGE)


def test_what_was_listed_where_somebody_left_is_not_decided_elsewhere(world: World, county: County) -> None:
    """Who reads only the village they left would not hear of it, and differ; they are told that nothing is decided there any more."""
    a, town = world.station("甲"), world.station("镇", TOWNSHIP)
    id = add(a, name="张三")
    world.settle()
    put(a, id, note="一")
    put(town, id, note="二")
    world.sync(a, town)
    county.move("person", id)
    world.settle()
    with pytest.raises(DomainError, match="转到别的村"):
        decide(a, listed(a)[0].id, "mine")
    with a.read() as session:
        assert [(one.subject, one.gone) for one in reading.standing(session).conflicts] == [("张三", True)]
    decide(town, listed(town)[0].id, "mine")
    world.settle()
    assert_equal(world)


def test_what_the_old_village_keeps_is_not_said_to_be_deleted(world: World, county: County) -> None:
    """Posts, employers and courses stay where they are: the data check told the new village to delete whatever refers to them."""
    a, b = world.station("甲"), world.station("乙", OTHER_VILLAGE)
    firm, gone = (add(a, "employer", name=name, type="workshop") for name in ("车间", "老厂"))
    id = add(a)
    kept, lost = (
        add(a, "employment", person_id=id, channel="workshop", place="230826", start="2023-02", employer_id=f) for f in (firm, gone)
    )
    drop(a, gone, "employer")
    world.settle()

    def orphans(store: Store) -> list[str]:
        with store.read() as session:
            return [doubt.id for doubt in quality.check(session, "2023-08-20") if doubt.rule == "W35"]

    assert orphans(a) == [lost]
    county.move("person", id)
    world.settle()
    assert get(b, kept, "employment").employer_id == firm
    assert orphans(b) == []


def test_who_moved_away_is_named_for_a_year(world: World, county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    a = world.station("甲")
    id = add(a, name="张三")
    world.sync(a)
    county.move("person", id)

    def named() -> list[str]:
        with a.read() as session:
            return [one.name for one in reading.standing(session).departed]

    world.sync(a)
    assert named() == ["张三"]
    later = (datetime.now(UTC) + timedelta(days=366)).strftime("%Y-%m-%dT%H:%M:%SZ")
    monkeypatch.setattr(store_module, "utc_now", lambda: later)
    assert named() == []


def test_the_new_village_is_told_who_came_and_that_they_have_no_household_yet(world: World, county: County) -> None:
    """Only the old village was told; in the new one somebody turned up without a household, and nobody knew."""
    a, b = world.station("甲"), world.station("乙", OTHER_VILLAGE)
    house = add(a, "household", number="0007")
    alone, head = add(a, name="张三"), add(a, name="李四", household_id=house)
    add(b, name="本村人")
    world.settle()
    with b.read() as session:
        assert reading.standing(session).arrived == []
        read = exchange_read(session)[OTHER_VILLAGE]
    county.move("person", alone)
    county.move("household", house)
    world.settle()
    with b.read() as session:
        came = {one.name: one.housed for one in reading.standing(session).arrived}
        told = moves_sentences(session, read)
        assert moves_sentences(session, exchange_read(session)[OTHER_VILLAGE]) == []
    assert came == {"张三": False, "李四": True}
    assert len(told) == 2 and "还没有分到户" in "".join(one for one in told if "张三" in one)
    drop(b, head)
    with b.read() as session:
        assert [one.name for one in reading.standing(session).arrived] == ["张三"]
    with a.read() as session:
        assert reading.standing(session).arrived == []


def test_an_empty_village_is_closed_too(world: World, county: County) -> None:
    a, b = world.station("甲"), world.station("乙", OTHER_VILLAGE)
    assert county.merge().rows == 0
    world.sync(a)
    with a.read() as session:
        assert closed_into(session, VILLAGE) == OTHER_VILLAGE
        assert departed(session, VILLAGE) == []
    id = add(a, name="晚来")
    world.settle()
    assert get(b, id).name == "晚来"
    assert_equal(world)


def test_a_reader_of_both_villages_sees_rows_leave_before_they_enter(world: World, county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    a, town = world.station("甲", OTHER_VILLAGE), world.station("镇", TOWNSHIP)
    ids = [add(a, note="长" * 200) for _n in range(5)]
    world.settle()
    for id in ids:
        put(a, id, note="改" * 200)
        world.sync(a)
        county.move("person", id, to=VILLAGE)
    monkeypatch.setattr(rounds, "FIRST_BUDGET", 1)
    monkeypatch.setattr(rounds, "LAST_BUDGET", 1)
    world.settle()
    assert_equal(world)
    assert {get(town, id).village for id in ids} == {VILLAGE}


@pytest.mark.parametrize("seen", [False, True])
def test_a_reader_far_behind_gets_snapshots_of_both_villages(
    world: World, county: County, monkeypatch: pytest.MonkeyPatch, seen: bool
) -> None:
    monkeypatch.setattr(snapshot, "FROM", 500)
    monkeypatch.setattr(snapshot, "FEW", 2)
    a, b, town = world.station("甲"), world.station("乙", OTHER_VILLAGE), world.station("镇", TOWNSHIP)
    ids = family(a)
    for store in (a, b, *([town] if seen else [])):
        world.sync(store)
    if seen:
        put(town, ids["person"], note="镇里")
    for n in range(6):
        for store in (a, b):
            add(store, note=f"{n}" * 300)
            world.sync(store)
        put(a, ids["person"], phone=f"1380000000{n}")
        world.sync(a)
    county.move("household", ids["household"])
    back = add(b, name="反向")
    world.sync(b)
    county.move("person", back, to=VILLAGE)
    world.settle()
    assert_equal(world)
    person = get(town, ids["person"])
    assert (person.village, person.note) == (OTHER_VILLAGE, "镇里" if seen else None)
    assert told(town, ids["person"]) == told(b, ids["person"])


@pytest.mark.parametrize(
    "more",
    [{"move": envelope.Move(VILLAGE, 0, OTHER_VILLAGE)}, {"quote": envelope.Quote(VILLAGE, "somebody", 1, 1)}],
    ids=("move", "quote"),
)
def test_a_station_can_neither_move_rows_nor_speak_for_others(world: World, more: dict[str, Any]) -> None:
    b, keys = world.station("乙", OTHER_VILLAGE), county_keys(world.county)
    with b.applying() as session:
        me = identity.load(session)
        assert me is not None
        change = Change(1, 2, session.new_id(), "D", f"乙@{b.station}", "2023-06-05T08:00:00Z", "00ff00ff00ff00ff", {})
        ((sealed, _changes),) = batches.sealed_parts(me, OTHER_VILLAGE, 0, [change], more)
    with world.county.write() as session:
        assert ingest(session, keys, session.conn.execute(select(device)).one(), sealed) == "broken"


def test_what_cannot_be_moved(world: World, county: County) -> None:
    a = world.station("甲")
    id, other = add(a), add(a)
    world.settle()
    put(a, id, merged_into=other)
    world.settle()
    for kind, row, to, error in (
        ("person", "00000000-0000-0000-0000-000000000000", OTHER_VILLAGE, NotFound),
        ("person", other, "230826", DomainError),
        ("person", other, "999999999999", DomainError),
        ("person", other, VILLAGE, DomainError),
        ("person", id, OTHER_VILLAGE, DomainError),
    ):
        with pytest.raises(error):
            county.move(kind, row, to)
    with pytest.raises(NotFound):
        county.move("person", other, household=id)
    for old, new in ((VILLAGE, VILLAGE), ("230826", VILLAGE), (VILLAGE, "abc")):
        with pytest.raises(DomainError):
            county.merge(old, new)


def test_what_a_merged_village_handed_in_is_still_found(world: World, county: County) -> None:
    """Its reports went along under the number of the old village, by which no list knew them any more."""
    a, b, town = world.station("甲"), world.station("乙", OTHER_VILLAGE), world.station("镇", TOWNSHIP)
    for store in (a, b):
        add(store)
        with store.write("报出") as session:
            sealing.seal(session, "2023-05", home=store.home, signer=None)
    world.settle()

    def reports(store: Store) -> list[str]:
        with store.read() as session:
            return sorted(one.scope for one in sealing.handed(session))

    assert reports(town) == [VILLAGE, OTHER_VILLAGE]
    county.merge()
    world.settle()
    assert reports(town) == reports(b) == [VILLAGE, OTHER_VILLAGE]


@both
@pytest.mark.parametrize("merged", [False, True])
def test_what_is_there_once_a_month_is_there_once_after_a_move_too(world: World, county: County, merged: bool) -> None:
    """The id of such a row is made of its first village: whoever filled in the month again in the new one made a second."""
    a, b, town = world.station("甲"), world.station("乙", OTHER_VILLAGE), world.station("镇", TOWNSHIP)
    id = add(a, birth="1980-05-01")
    filled(a, id, 20)
    world.settle()
    if merged:
        county.merge()
    else:
        county.move("person", id)
    world.settle()
    filled(b, id, 21)
    world.settle()
    filled(town, id, 22)
    world.settle()
    for store in (b, town):
        with store.read() as session:
            assert [one.income for one in session.select("monthly_check")] == [2200]
            assert [one.outward for one in session.select("travel")] == [2200]
    assert_equal(world)


def test_what_was_deleted_as_written_twice_does_not_come_back(world: World, county: County) -> None:
    """Two villages wrote the month; once the new one deleted its own, that month is the other row."""
    a, b = world.station("甲"), world.station("乙", OTHER_VILLAGE)
    id = add(a, birth="1980-05-01")
    world.settle()
    county.move("person", id)
    world.sync(b)
    filled(b, id, 21)
    filled(a, id, 20)
    world.settle()
    with b.read() as session:
        own = {kind: [one.id for one in session.select(kind) if one.created_by == session.author] for kind in ("monthly_check", "travel")}
        assert [session.count(kind) for kind in own] == [2, 2]
    for kind, (row,) in own.items():
        drop(b, row, kind)
    filled(b, id, 22)
    with b.read() as session:
        assert [one.income for one in session.select("monthly_check")] == [2200]
        assert [one.outward for one in session.select("travel")] == [2200]


def filled(store: Store, person: str, amount: int) -> None:
    with store.write("月监测") as session:
        work.save_checks(session, "2023-06", {person: {"status": "away", "income": amount * 100}})
        records.save(session, "travel", {"person_id": person, "year": 2023, "outward": amount * 100})


def test_the_wages_of_who_moved_away_are_said_to_be_elsewhere(world: World, county: County) -> None:
    """The sheet of the workshop had six people instead of the seven whom it paid, without a word."""
    a = world.station("甲")
    shop = add(a, "employer", name="车间", type="workshop")
    person = add(a, name="施娜")
    job = add(a, "employment", person_id=person, employer_id=shop, channel="workshop", place="230826", start="2023-02-10")
    add(a, "wage", employment_id=job, month="2023-03", paid_on="2023-03-31", amount=400000)
    world.settle()
    with a.read() as session:
        assert wage_sheet(session, shop, 2023, on=session.today).gone == ""
    county.move("person", person)
    world.settle()
    with a.read() as session:
        sheet = wage_sheet(session, shop, 2023, on=session.today)
        assert sheet.lines == () and sheet.gone.startswith("施娜（日升村）已迁走，工资随人转到那个村")
        assert sheet.gone in workshop_wages(session, shop, 2023).text
        assert wage_sheet(session, shop, 2099, on=session.today).gone == ""  # a period after the move

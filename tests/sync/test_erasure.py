"""Erasure by rule: nothing of a person's values is left in any table of county or station, and everything else goes on as before."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from db import acts, changes
from db.county import County
from db.erased import erased
from db.exchange import conflict, device, entry, moved
from db.held import held
from db.store import Store
from domain.dependents import ERASED
from domain.errors import DomainError, NotFound
from domain.words import lazy
from services import alerts, contacts, records, screening
from services.claims import claims, steps, submitted
from services.households import households
from services.quality import quality
from sync.county.acts import erasure, moves
from sync.county.keys import county_keys
from sync.county.receiving.ingest import ingest
from sync.replica import audit, identity
from sync.replica.batches import sealed_parts
from sync.replica.redaction import note_signed
from sync.station import releasing
from sync.wire import envelope
from sync.wire.columns import Change
from sync.wire.envelope import open_batch
from sync.wire.words import reason
from tests.sync.conftest import (
    OTHER_VILLAGE,
    TOWNSHIP,
    World,
    add,
    assert_equal,
    both,
    drop,
    get,
    person_values,
    put,
    seeded,
    snapshots_where,
)
from tests.sync.days import Moves
from tests.sync.traces import CARD, NAME, NUMBER, PHONE, WORDS, traces

CLAIM: dict[str, Any] = {
    "rule": "R03",
    "pack": "HLJ-2021-16",
    "pack_version": "1.0.0",
    "year": 2023,
    "outcome": "eligible",
    "amount": 50000,
}


def erase(world: World, person: str, why: str = "去世满五年") -> erasure.Erased:
    keys = county_keys(world.county)
    with world.county.write() as session:
        return erasure.erase(session, keys, person, why)


def her(store: Store) -> dict[str, str]:
    """A woman with work, wages, a claim, a visit to her and a history of changes, in a bulk with others."""
    house = add(store, "household", number="0001", address="一组")
    person = add(store, name=NAME, id_number=NUMBER, household_id=house, phone="13900000000")
    other = add(store, name="王五", household_id=house)
    job = add(store, "employment", person_id=person, channel="migrant", place="210200", start="2023-02-10", employer_name="厂")
    pay = add(store, "wage", employment_id=job, month="2023-03", paid_on="2023-03", amount=400000)
    seen = add(store, "visit", household_id=house, person_id=person, on="2023-05-01", content="说她腿疼")
    put(store, person, phone="13700000000", bank_account=CARD)
    put(store, person, phone=PHONE, bank_account=None)
    return {"household": house, "person": person, "other": other, "employment": job, "wage": pay, "visit": seen}


def clean(world: World) -> None:
    for name, store in world.stations.items():
        with store.read() as session:
            assert not traces(session.conn), name
            assert audit.verify(session).ok, name
    with world.county.read() as session:
        assert not traces(session.conn)
        found = audit.verify(session, county_keys(world.county).public)
        assert found.ok and found.erased


@both
def test_nothing_is_left_anywhere_and_the_books_stay(world: World) -> None:
    a, town, other = world.station("甲"), world.station("镇", TOWNSHIP), world.station("乙", OTHER_VILLAGE)
    ids = her(a)
    world.settle()
    with a.read() as session:
        assert {word for _table, word in traces(session.conn)} == set(WORDS)
    with world.county.read() as session:
        assert {word for _table, word in traces(session.conn)} == set(WORDS)
        before = session.conn.execute(select(entry.c.seq, entry.c.sha256, entry.c.signature, entry.c.chain)).all()
    done = erase(world, ids["person"])
    assert done.rows == 4 and done.batches > 0
    world.settle()
    clean(world)
    assert_equal(world)
    with world.county.read() as session:
        after = session.conn.execute(select(entry.c.seq, entry.c.sha256, entry.c.signature, entry.c.chain)).all()
        assert set(before) < set(after)  # fingerprints and signatures are those of what was sealed
    for store in (a, town):
        person = get(store, ids["person"])
        assert (person.name, person.phone, person.birth, person.household_id) == (ERASED, None, None, ids["household"])
        assert get(store, ids["wage"], "wage").amount == 400000
        assert get(store, ids["visit"], "visit").content == ERASED
        assert get(store, ids["employment"], "employment").start == "2023-02-10"
        assert get(store, ids["other"]).name == "王五"
    with other.read() as session:
        assert session.get("person", ids["person"]) is None
    late = world.station("迟")  # reads a log that was rewritten before
    world.settle()
    clean(world)
    assert_equal(world)
    assert get(late, ids["person"]).name == ERASED
    put(a, ids["other"], phone="13600000000")
    world.settle()
    assert_equal(world)


@both
def test_people_merged_into_her_are_erased_in_every_village(world: World) -> None:
    """A township merges people of two villages, and chains of merges lead through more; also a merged record that was deleted."""
    town, a, b = world.station("镇", TOWNSHIP), world.station("甲"), world.station("乙", OTHER_VILLAGE)
    ids = her(a)
    twin = add(b, name=NAME, id_number=NUMBER, phone=PHONE)
    seen = add(b, "visit", household_id=add(b, "household", number="0009"), person_id=twin, on="2023-05-02", content="说她腿疼")
    third, gone = add(a, name=NAME, phone=PHONE), add(b, name=NAME, phone=PHONE)
    world.settle()
    for one, into in ((twin, ids["person"]), (third, twin), (gone, third)):
        put(town, one, merged_into=into)
    world.settle()
    drop(b, gone)
    world.settle()
    with world.county.read() as session:
        plan = erasure.plan(session, ids["person"])
    done = erase(world, ids["person"])
    assert (plan.rows["person"], plan.rows["visit"], sum(plan.rows.values())) == (4, 2, done.rows)
    assert {a.scope, b.scope} <= set(done.scopes)
    world.settle()
    clean(world)
    assert_equal(world)
    for store in (b, town):
        assert (get(store, twin).name, get(store, seen, "visit").content) == (ERASED, ERASED)
    assert erase(world, ids["person"], "再次核对").batches == 0


@both
def test_the_household_of_somebody_who_lived_alone_is_erased_with_them(world: World) -> None:
    """Its telephone and address are the person's. While one member is left they stay. Whoever moves in has a
    household of their own: the address of the erased one could not be entered any more."""
    a, b = world.station("甲"), world.station("乙")
    house = add(a, "household", number="0002", address=f"一组{NAME}家", phone=PHONE)
    with a.write(lazy("登记 {name}", name=NAME)) as session:
        one = records.save(session, "person", person_values(name=NAME, document="other", id_number=NUMBER, household_id=house))
    other, neighbour = add(a, name="老伴", household_id=house), add(a, name="邻居")
    with a.write(lazy("走访 {name} 家", name=NAME)) as session:
        values = {"household_id": house, "on": "2023-05-01", "content": "说她腿疼"}
        seen = records.save(session, "visit", values)
        records.save(session, "person", {"phone": "13700000000"}, neighbour)
    earned = add(a, "household_income", household_id=house, start="2023-01", end="2023-12", persons=2, wages=100, note=f"{NAME}说的")
    world.settle()
    erase(world, other)
    world.settle()
    assert get(a, house, "household").phone == PHONE and get(a, seen, "visit").content == "说她腿疼"
    put(b, house, "household", address=f"{NAME}的新家")
    newcomer = add(b, name="新来的", household_id=house)
    newer = add(b, "visit", household_id=house, person_id=newcomer, on="2023-06-01", content="刚搬来")
    late = add(b, "visit", household_id=house, on="2023-06-01", content="说她腿疼")
    with world.county.read() as session:
        plan = erasure.plan(session, one)
    assert erase(world, one).rows == sum(plan.rows.values()) == 4
    world.settle()
    clean(world)
    assert_equal(world)
    for store in (a, b):
        home = get(store, house, "household")
        assert (home.phone, home.address, get(store, seen, "visit").content) == (None, None, ERASED)
        assert get(store, earned, "household_income").wages == 100
        assert (get(store, newcomer).name, get(store, newer, "visit").content) == ("新来的", "刚搬来")
        assert get(store, late, "visit") is None
    with a.read() as session:
        assert [each.label for each in acts.latest(session)][:2] == [ERASED, f"走访 {ERASED} 家"]
    with a.write("又来") as session, pytest.raises(DomainError, match="已按规定删除"):
        records.save(session, "household_income", {"household_id": house, "start": "2024-01", "end": "2024-12", "persons": 1})
    with a.write("住进去") as session, pytest.raises(DomainError, match="请另立一户"):
        records.save(session, "person", {"household_id": house}, neighbour)
    with a.write("住进去") as session, pytest.raises(DomainError, match="请另立一户"):
        records.save(session, "person", person_values(name="又来的", document="other", id_number="Z9", household_id=house))
    with b.write("另立一户") as session:
        households.carry_out(session, households.Plan(house, {newcomer: "户主"}))
    own = get(b, newcomer).household_id
    put(b, own, "household", address="一组新家")
    world.settle()
    assert (get(a, own, "household").address, get(a, newer, "visit").household_id) == ("一组新家", own)
    assert_equal(world)


@both
def test_unsent_work_about_her_is_held_and_the_rest_goes_on(world: World) -> None:
    a, b = world.station("甲"), world.station("乙")
    ids = her(a)
    world.settle()
    put(b, ids["person"], phone="13511112222", note="迟到的话")
    put(b, ids["other"], phone="13611112222")
    again = add(b, "visit", household_id=ids["household"], person_id=ids["person"], on="2023-06-01", content="迟到的走访")
    erase(world, ids["person"])
    world.sync(b)
    world.settle()
    assert_equal(world)
    for store in (a, b):
        assert (get(store, ids["person"]).name, get(store, ids["person"]).phone) == (ERASED, None)
        assert get(store, ids["other"]).phone == "13611112222"
        assert get(store, again, "visit") is None
        with store.read() as session:
            assert [(h.record_id, h.reason) for h in held(session)] == [(ids["person"], "erased"), (again, "erased")]
            assert [releasing.obstacle(session, h) for h in held(session)] == [reason("erased")] * 2  # an erasure is not taken back
    clean(world)  # who wrote what when is still to be seen, the values are not
    replicas: list[Store | County] = [a, b, world.county]
    for replica in replicas:
        with replica.read() as session:
            assert not traces(session.conn, ("迟到的话", "迟到的走访", "13511112222"))
            assert traces(session.conn, ("13611112222",))
    with world.county.read() as session:
        before = session.conn.execute(select(entry)).all()
    assert erase(world, ids["person"], "再次核对").batches == 0
    with world.county.read() as session:
        assert session.conn.execute(select(entry)).all() == before


@both
def test_a_row_of_somebody_else_stays_though_it_was_to_be_given_to_her(world: World) -> None:
    a, b = world.station("甲"), world.station("乙")
    ids = her(a)
    job = add(a, "employment", person_id=ids["other"], channel="migrant", place="210200", start="2023-02-10", employer_name="他的厂")
    seen = add(a, "visit", household_id=ids["household"], person_id=ids["other"], on="2023-06-01", content="要修房顶")
    world.settle()
    put(b, job, "employment", person_id=ids["person"], employer_name="另一个厂")
    put(b, seen, "visit", person_id=ids["person"], content="改正的话")
    erase(world, ids["person"])
    world.settle()
    erase(world, ids["person"], "再次核对")
    put(a, seen, "visit", content="房顶修好了")
    world.settle()
    for store in (a, b, world.station("迟")):
        world.sync(store)
        assert (get(store, job, "employment").person_id, get(store, job, "employment").employer_name) == (ids["other"], "他的厂")
        assert (get(store, seen, "visit").person_id, get(store, seen, "visit").content) == (ids["other"], "房顶修好了")
        with store.read() as session:
            assert [(h.reason, bool(h.values)) for h in held(session)] == [("erased", True)] * 2
            assert traces(session.conn, ("改正的话",))  # whoever put it there may still need it for the one who lives
    clean(world)
    assert_equal(world)


def test_what_was_put_right_before_it_was_sent_is_not_hers(world: World) -> None:
    """A visit noted of the wrong woman: held as it was written, by who wrote it and everywhere, also after a second erasure."""
    a, b = world.station("甲"), world.station("乙")
    ids = her(a)
    world.settle()
    seen = add(b, "visit", household_id=ids["household"], person_id=ids["person"], on="2023-06-01", content="王五要修房顶")
    put(b, seen, "visit", person_id=ids["other"])
    erase(world, ids["person"])
    world.settle()
    erase(world, ids["person"], "再次核对")
    world.settle()
    for store in (a, b):
        with store.read() as session:
            assert traces(session.conn, ("王五要修房顶",))
    clean(world)
    assert_equal(world)


def test_erasing_again_writes_nothing(world: World) -> None:
    a = world.station("甲")
    ids = her(a)
    world.settle()
    erase(world, ids["person"])
    with world.county.read() as session:
        before = session.conn.execute(select(entry)).all()
    assert erase(world, ids["person"]).batches == 0
    with world.county.read() as session:
        assert session.conn.execute(select(entry)).all() == before
        why = session.conn.execute(select(erased.c.reason).distinct()).scalars().all()
    assert why == ["去世满五年"]


def test_two_people_of_one_batch_one_after_the_other(world: World) -> None:
    a, b = world.station("甲"), world.station("乙")
    with a.write("导入") as session:
        rows = [{"id": session.new_id(), "village": a.scope, **person_values(name=f"赵钱孙{n}")} for n in range(4)]
        changes.insert(session, "person", rows)
    world.sync(a)
    erase(world, rows[1]["id"])
    erase(world, rows[2]["id"])
    world.settle()
    for store in (a, b, world.station("迟")):
        world.sync(store)
        with store.read() as session:
            assert [bool(traces(session.conn, (f"赵钱孙{n}",))) for n in range(4)] == [True, False, False, True]
            assert audit.verify(session).erased == 1
    assert_equal(world)


@both
def test_who_has_moved_is_erased_in_both_villages(world: World) -> None:
    a, b = world.station("甲"), world.station("乙", OTHER_VILLAGE)
    ids = her(a)
    world.settle()
    keys = county_keys(world.county)
    with world.county.write() as session:
        moves.move(session, keys, "household", ids["household"], OTHER_VILLAGE)
    world.settle()
    erase(world, ids["person"])
    world.settle()
    clean(world)
    assert_equal(world)
    assert get(b, ids["person"]).name == ERASED
    with a.read() as session:
        assert session.conn.execute(select(moved.c.title).where(moved.c.row_id == ids["person"])).scalar() == ERASED
    world.station("镇", TOWNSHIP)
    world.settle()
    clean(world)
    assert_equal(world)


def test_open_conflicts_about_what_was_erased_are_gone_on_every_replica(world: World) -> None:
    a, b = world.station("甲"), world.station("乙")
    ids = her(a)
    world.settle()
    put(a, ids["person"], name="甲说的名", note="甲注")
    put(b, ids["person"], name="乙说的名", note="乙注")
    world.settle()
    with a.read() as session:
        assert session.conn.execute(select(conflict.c.id)).all()
    erase(world, ids["person"])
    world.settle()
    late = world.station("迟")
    world.settle()
    assert_equal(world)
    for store in (a, b, late):
        with store.read() as session:
            assert not traces(session.conn, ("甲说的名", "乙说的名", "甲注", "乙注"))
            assert session.conn.execute(select(conflict.c.id)).all() == []


def test_nobody_but_the_county_erases(world: World) -> None:
    a = world.station("甲")
    ids = her(a)
    world.settle()
    erase(world, ids["person"])
    keys = county_keys(world.county)
    with world.county.write() as session:
        bodies = [bytes(body) for body in session.conn.execute(select(entry.c.body).order_by(entry.c.seq)).scalars()]
        rewritten = next(b for b in map(open_batch, bodies) if b.note is not None)
        asking = session.conn.execute(select(device)).one()
        note = rewritten.note
        assert note is not None and note_signed(rewritten, keys.public) and rewritten.signed_by(asking.key)
        assert ingest(session, keys, asking, rewritten.sealed) == "broken"
        for forged in (
            envelope.rewrite(rewritten, rewritten.groups, "2026-01-01T00:00:00Z", "别的理由"),
            envelope.countersigned(rewritten, bytes(64)),
            envelope.countersigned(envelope.rewrite(rewritten, rewritten.groups[:0], note.at, note.reason), note.signature),
        ):
            assert not note_signed(forged, keys.public)
        me = identity_of(a)
        order = envelope.Erase(session.at, "冒充", [])
        change = Change(1, 2, ids["other"], "U", "甲", session.at, session.id_source.salt, {3: ERASED})
        for sealed, _part in sealed_parts(me, a.scope, 99, [change], {"erase": order}):
            assert ingest(session, keys, asking, sealed) == "broken"
    assert get(a, ids["other"]).name == "王五"


def identity_of(store: Store) -> Any:
    with store.read() as session:
        return identity.load(session)


def test_a_changed_note_is_damage_to_the_audit(world: World) -> None:
    a = world.station("甲")
    ids = her(a)
    world.settle()
    erase(world, ids["person"])
    world.settle()
    with a.applying() as session:
        row = next(r for r in session.conn.execute(select(entry)) if open_batch(bytes(r.body)).note)
        left = open_batch(bytes(row.body))
        assert left.note is not None
        forged = envelope.countersigned(envelope.rewrite(left, left.groups, "2000-01-01T00:00:00Z", "别的"), left.note.signature)
        session.conn.execute(update(entry).where(entry.c.scope == row.scope, entry.c.seq == row.seq).values(body=forged.sealed))
        assert audit.verify(session).first_bad == f"{row.scope}/{row.seq}"


@pytest.mark.parametrize("why", ["", " ", "x" * 201, "一\n二"])
def test_a_reason_is_one_sentence(world: World, why: str) -> None:
    with pytest.raises(DomainError):
        erase(world, "0" * 32, why)
    with pytest.raises(NotFound):
        erase(world, "0" * 32)


class Erasures(Moves):
    """A day of moves, on which the county erases people too."""

    gone: list[str]

    def actions(self) -> list[tuple[Callable[[Store], None], int]]:
        return [*super().actions(), (self.erase, 3)]

    def erase(self, _store: Store) -> None:
        with self.world.county.read() as session:
            people = [p.id for p in session.select("person")]
        if people:
            self.gone.append(self.random.choice(people))
            erase(self.world, self.gone[-1])


@seeded(range(2), on_postgresql=1)
def test_random_days_with_erasures_at_any_moment(world: World, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(seed + 900)
    if seed % 2:
        snapshots_where(monkeypatch, lambda _s, _scope, cursor, head: head > cursor and dice.random() < 0.3)
    day = Erasures(world, seed)
    day.gone = []
    day.run(20)
    day.erase(day.township)
    day.run(25)
    assert_equal(world)
    for id in day.gone:
        erase(world, id)  # what came late is held until then
    world.settle()
    assert_equal(world)
    words = tuple(value for id, name, value in day.written if id in day.gone and name in ("name", "note") and value[0] in "名注")
    assert day.gone
    for name, store in world.stations.items():
        with store.read() as session:
            assert not traces(session.conn, words), name
            assert audit.verify(session).ok, name
    with world.county.read() as session:
        assert not traces(session.conn, words)
        assert audit.verify(session, county_keys(world.county).public).ok


def test_nobody_has_anything_to_do_about_who_was_erased(world: World) -> None:
    """She was owed a subsidy and a look every month for good, under the name of nobody, and what was done about it the county held."""
    a = world.station("甲")
    ids = her(a)
    add(a, "category_span", person_id=ids["person"], category="lifted")
    put(a, ids["employment"], "employment", end="2023-08-20")
    wish = add(a, "job_wish", person_id=ids["person"], opened_on="2023-09-01")
    about = {*ids.values(), wish} - {ids["household"], ids["other"]}

    def due() -> set[str]:
        with a.read() as session:
            found = {each.verdict.person_id for each in screening.screen(session)}
            asked = contacts.to_reach(session, "2023-08")
            return about & {
                *found,
                *asked,
                *(doubt.id for doubt in quality.check(session)),
                *(alert.id for alert in alerts.alerts(session)),
            }

    world.settle()
    assert {ids["person"], wish, ids["employment"]} <= due()
    erase(world, ids["person"])
    world.settle()
    assert due() == set()
    late: tuple[tuple[str, dict[str, Any], str | None], ...] = (
        ("visit", {"household_id": ids["household"], "person_id": ids["person"], "on": "2023-09-01", "content": "x"}, None),
        ("person", {"phone": "13600000000"}, ids["person"]),
        ("job_wish", {"closed_on": "2023-10-01"}, wish),
    )
    for kind, values, id in late:
        with a.write("晚了") as session, pytest.raises(DomainError, match="已按规定删除"):
            records.save(session, kind, values, id)
    with a.write("晚了") as session, pytest.raises(DomainError, match="已按规定删除"):
        claims.judge_and_file(session, "R03", 2023, person_id=ids["person"])


@both
def test_the_form_that_was_handed_in_goes_with_the_person(world: World) -> None:
    """A claim keeps what its application said, and its history what earlier ones said (decision 064)."""
    a = world.station("甲")
    ids = her(a)
    claim = add(a, "claim", person_id=ids["person"], **CLAIM)
    for to_state, amount in (("village_reviewed", 50000), ("returned", None), ("village_reviewed", 38050), ("refused", None)):
        with a.write("办理") as session:
            if amount is not None:
                changes.update(session, "claim", claim, {"amount": amount})
                submitted.keep(session, claim)
            steps.write_step(session, claims.standing(session, claim).claim, to_state)
    world.settle()
    with world.county.read() as session:
        now = claims.standing(session, claim)
        assert submitted.of(now) and submitted.earlier(session, now)
    erase(world, ids["person"])
    world.settle()
    clean(world)
    for store in (world.county, a):
        with store.read() as session:
            now = claims.standing(session, claim)
            assert submitted.of(now) is None and not submitted.earlier(session, now)

"""Clerks with programs of their own and the keys of their laptops: the county alone decides what they may change."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from nacl.public import PrivateKey
from nacl.signing import SigningKey

from db import acts
from db.exchange import held_change
from db.held import held
from db.store import Store
from domain.errors import DomainError, Refused
from domain.identity import id_problem
from services import attachments, key_changes, policies, records, screening
from services.claims import notices, steps
from services.dossier.doubts import doubts
from services.payments import payments
from sync.county import enrolment
from sync.county.acts import moves
from sync.county.keys import county_keys
from sync.wire.messages import PROTOCOL, Enrol
from sync.wire.trust import split_code
from tests.sync.conftest import COUNTY, OTHER_VILLAGE, VILLAGE, World, add, assert_equal, both, drop, get, put
from tests.sync.forging import NOW, OwnProgram
from tests.sync.test_claims import bank, carried, file, force, pay, reasons, standing, state, step

_NEW = "0123abcd-0000-0000-0000-5a00000000"
OLD_ACCOUNT, NEW_ACCOUNT = "6228480000000016620", "6228480000000016638"


@pytest.fixture
def approved(world: World, village: Store, township: Store, county: Store) -> str:
    id = file(village, add(village, bank_account=OLD_ACCOUNT))
    carried(world, village, township, county, id, "approved")
    return id


# -- steps and payments ------------------------------------------------------------------------------------------------------


@both
def test_steps_never_change_their_claim(world: World, village: Store, approved: str) -> None:
    """The steps of an approved claim, inserted anew for another one, made that one approved, with any amount."""
    other = file(village, add(village))
    world.settle()
    own = OwnProgram(world, village)
    taken = standing(world.county, approved).steps
    values: dict[str, Any] = {"claim_id": other, "by": own.user, "at": NOW}
    for one in taken:
        own.say(own.change("claim_step", one.id, "I", to_state="withdrawn", **values), known=0, incarnation=1001)
        same = [own.change("claim_step", one.id, "C", about="x", **{name: one[name]}) for name in ("to_state", "by", "at")]
        own.say(*same, incarnation=1002)
        own.say(own.change("claim_step", one.id, "I", to_state="village_reviewed", **values), incarnation=1003)
    world.settle()
    assert (state(world.county, approved), state(world.county, other)) == ("approved", "draft")
    assert reasons(world.county) == ["append", "path", "path", "path", "append"] * len(taken)
    assert_equal(world)


@both
def test_what_the_bank_answered_stays_and_frees_no_money_again(world: World, county: Store, approved: str) -> None:
    """A payment that had arrived became a failed one by two incarnations that disagreed, and was paid again."""
    pay(county, approved)
    bank(county)
    world.settle()
    with world.county.read() as session:
        (paid,) = session.select("payment")
    own = OwnProgram(world, county)
    for known, incarnation in ((0, 21), (None, 22)):
        own.say(own.change("payment", paid.id, "U", bank_result="failed"), known=known, scope=VILLAGE, incarnation=incarnation)
    own.say(own.change("payment", paid.id, "I", claim_id=approved, amount=90_000, fund="bridging"), scope=VILLAGE, incarnation=23)
    world.settle()
    with world.county.read() as session:
        assert [(one.amount, one.bank_result) for one in session.select("payment")] == [(50_000, "ok")]
    assert reasons(world.county) == ["append"] * 3
    assert_equal(world)


def test_a_batch_frees_no_money_by_results_it_takes_back(world: World, county: Store, approved: str) -> None:
    pay(county, approved)
    world.settle()
    with world.county.read() as session:
        (paid,) = session.select("payment")
    own = OwnProgram(world, county)
    again = own.change("payment", f"{_NEW}01", "I", claim_id=approved, amount=50_000, fund="bridging")
    result = [own.change("payment", paid.id, "U", bank_result=word) for word in ("failed", "ok")]
    more = own.change("payment", f"{_NEW}01", "U", amount=9_000_000)
    own.say(result[0], again, result[1], more, scope=VILLAGE)
    with world.county.read() as session:
        assert {(one.amount, one.bank_result) for one in session.select("payment")} == {(50_000, None), (50_000, "failed")}
    assert reasons(world.county) == ["append", "append"]


def test_a_payment_taken_back_and_made_again_by_redo_counts_once(world: World, county: Store, approved: str) -> None:
    own = OwnProgram(world, county)
    values: dict[str, Any] = {"claim_id": approved, "amount": 50_000, "fund": "bridging"}
    made = [own.change("payment", f"{_NEW}0{n}", "I", **values) for n in (1, 2)]
    gone, back = (own.change("payment", f"{_NEW}01", what) for what in "DR")
    own.say(made[0], gone, made[1], back, own.change("payment", f"{_NEW}02", "R"), scope=VILLAGE)
    with world.county.read() as session:
        assert [one.id for one in session.select("payment")] == [f"{_NEW}02"]
    assert reasons(world.county) == ["enjoyed"]


def test_a_payment_undone_and_redone_before_anybody_saw_it_stands(world: World, county: Store, approved: str) -> None:
    pay(county, approved)
    with county.write("撤销") as session:
        assert records.undo_last(session) is not None
    with county.write("重做") as session:
        assert records.redo_last(session) is not None
    world.settle()
    with world.county.read() as session:
        assert session.count("payment") == 1
    assert reasons(world.county) == []


@both
def test_two_county_laptops_with_two_answers_keep_the_first(world: World, county: Store, approved: str) -> None:
    other = world.station("县二", COUNTY)
    pay(county, approved)
    world.settle()
    bank(other)
    bank(county, "failed")
    world.sync(other)
    world.settle()
    with world.county.read() as session:
        assert [one.bank_result for one in session.select("payment")] == ["ok"]
    assert reasons(world.county) == ["append"]
    assert_equal(world)


# -- what is only added ------------------------------------------------------------------------------------------------------


@both
def test_wages_are_not_rewritten_under_another_incarnation(world: World, village: Store) -> None:
    """It made a conflict with itself, and then decided that."""
    job = add(village, "employment", person_id=add(village), channel="migrant", place="210200", start="2023-02-10")
    wage = add(village, "wage", employment_id=job, month="2023-03", paid_on="2023-04-01", amount=100_000)
    world.settle()
    own = OwnProgram(world, village)
    for known, incarnation in ((0, 11), (None, 12)):
        own.say(own.change("wage", wage, "U", amount=900_000), known=known, incarnation=incarnation)
    world.settle()
    assert get(world.county, wage, "wage").amount == 100_000
    assert reasons(world.county) == ["append"] * 2
    assert_equal(world)


def test_two_laptops_that_enter_one_months_pay_of_a_post_have_a_conflict(world: World, village: Store) -> None:
    """What two people entered is decided by people, as before."""
    other = world.station("乙")
    facts: dict[str, Any] = {"type": "cleaner", "quota": 1, "developer": "hrss", "fund": "employment", "standard": 50_000}
    post = add(village, "post", name="保洁员", required_days=30, **facts)
    start = {"person_id": add(village), "post_id": post, "start": "2023-01-01"}
    held_post = add(village, "appointment", **start)
    world.settle()
    made = ""
    for store, fen in ((village, 80_000), (other, 90_000)):
        with store.write("补贴") as session:
            made = records.save(session, "post_pay", {"appointment_id": held_post, "month": "2023-03", "amount": fen})
    world.settle()
    with world.county.read() as session:
        from db.conflicts import conflicts, resolve

        (found,) = conflicts(session)
        assert session.get("post_pay", made).amount == 80_000
    with village.write("核对") as session:
        resolve(session, found.id, "theirs" if found.theirs == 90_000 else "mine")
    world.settle()
    assert (get(world.county, made, "post_pay").amount, reasons(world.county)) == (90_000, [])
    assert_equal(world)


# -- what others said --------------------------------------------------------------------------------------------------------


@both
def test_a_village_writes_no_notice_of_the_county(world: World, village: Store, township: Store, county: Store) -> None:
    """A later one with the result 无异议 replaced the county's, to which somebody had objected."""
    id = file(village, add(village))
    carried(world, village, township, county, id, "county_review")
    with county.write("公示") as session:
        posted = notices.make(session, "county", session.today, 5, claim_ids=[id])
        records.save(session, "objection", {"notice_id": posted, "on": session.today, "content": "不符合条件"})
    world.settle()
    own = OwnProgram(world, village)
    values: dict[str, Any] = {"level": "county", "start": "2026-11-20", "days": 5, "claims": json.dumps([id]), "result": "clear"}
    own.say(own.change("notice", f"{_NEW}01", "I", when="2027-11-28T08:00:00Z", **values))
    own.say(own.change("notice", f"{_NEW}02", "I", **values | {"level": "village"}), own.change("notice", f"{_NEW}02", "U", level="county"))
    world.settle()
    assert reasons(world.county) == ["level", "level"]
    with county.write("批准") as session, pytest.raises(DomainError, match="公示"):
        steps.step(session, id, "approved", "同意")
    with village.write("台账") as session, pytest.raises(Refused, match="上级的公示"):
        records.save(session, "notice", {"level": "county", "start": "2026-11-20", "days": 5})
    assert_equal(world)


@both
def test_claims_are_not_taken_off_a_posted_notice(world: World, village: Store, township: Store, county: Store) -> None:
    """A claim that was taken off lost the notice, and with it the objection to it, or came on one that had ended."""
    id, other = file(village, add(village)), file(village, add(village))
    carried(world, village, township, county, id, "village_reviewed")
    with village.write("公示") as session:
        posted = notices.make(session, "village", session.today, 5, claim_ids=[id])
    world.settle()
    own = OwnProgram(world, village)
    own.say(own.change("notice", posted, "U", claims=None), own.change("notice", posted, "U", place="村部门口"))
    own.say(own.change("notice", posted, "U", claims=json.dumps([id, other])))
    world.settle()
    assert reasons(world.county) == ["append", "append"]
    found = get(village, posted, "notice")
    assert (found.claims, found.place) == ((id,), "村部门口")
    with village.write("台账") as session, pytest.raises(Refused, match="发出以后不能改"):
        records.save(session, "notice", {"claims": []}, posted)
    assert_equal(world)


@both
def test_a_posted_notice_is_not_taken_off_the_wall(world: World, village: Store, township: Store, county: Store) -> None:
    """A village deleted its notice with the objection to it, and the claim went on as if nobody had to be asked."""
    id = file(village, add(village))
    carried(world, village, township, county, id, "village_reviewed")
    with village.write("公示") as session:
        posted = notices.make(session, "village", session.today, 5, claim_ids=[id])
        objection = records.save(session, "objection", {"notice_id": posted, "on": session.today, "content": "没有外出"})
    world.settle()
    own = OwnProgram(world, village)
    own.say(own.change("notice", posted, "D"))
    first = standing(village, id).steps[0]
    own.say(own.change("claim_step", first.id, "D"), own.change("notice", posted, "D"))  # another came after it
    world.settle()
    assert reasons(world.county) == ["level", "path", "level"]
    assert get(world.county, posted, "notice") is not None and get(village, posted, "notice") is not None
    with township.write("审核") as session, pytest.raises(DomainError, match="公示还没有结束"):
        steps.step(session, id, "township_reviewed", "同意")
    with village.write("台账") as session, pytest.raises(Refused, match="公示是凭据"):
        records.delete(session, "notice", posted)
    with village.write("退回") as session:
        steps.step(session, id, "returned", "没有外出")
        records.delete(session, "notice", posted)
    world.settle()
    assert get(world.county, posted, "notice") is None and len(reasons(world.county)) == 3
    assert get(world.county, objection, "objection") is not None
    assert_equal(world)


@both
def test_a_notice_undone_at_once_goes_with_its_step(world: World, village: Store, township: Store, county: Store) -> None:
    id = file(village, add(village))
    carried(world, village, township, county, id, "village_reviewed")
    with village.write("公示") as session:
        posted, act = notices.make(session, "village", session.today, 5, claim_ids=[id]), session.act
    world.settle()
    assert act is not None
    with village.write("撤销") as session:
        acts.undo(session, act)
    world.settle()
    assert (get(world.county, posted, "notice"), reasons(world.county), state(world.county, id)) == (None, [], "village_reviewed")


@both
def test_one_batch_does_not_merge_people_in_a_circle(world: World, village: Store) -> None:
    """Two laptops may, and then a person of the circle stands for all."""
    one, two, three = (add(village, name=f"人{n}") for n in range(3))
    world.settle()
    own = OwnProgram(world, village)
    own.say(own.change("person", one, "U", merged_into=one))
    own.say(own.change("person", one, "U", merged_into=two), own.change("person", two, "U", merged_into=three))
    own.say(*(own.change("person", a, "U", merged_into=b) for a, b in ((two, three), (three, one), (one, two))))
    own.say(own.change("person", one, "U", merged_into=None), own.change("person", two, "U", merged_into=one))
    world.settle()
    assert reasons(world.county) == ["value", "value"]
    assert [get(village, id).merged_into for id in (one, two, three)] == [None, one, one]
    assert_equal(world)


def test_of_two_notices_of_a_village_the_later_in_its_log_counts(world: World, village: Store) -> None:
    """The one with the later clock did, so that a laptop whose clock is ahead could not be corrected."""
    id = file(village, add(village))
    values: dict[str, Any] = {"level": "village", "days": 5, "claims": json.dumps([id]), "start": "2026-11-20"}
    own, last = OwnProgram(world, village), f"{_NEW}02"
    for notice, at in ((f"{_NEW}01", "2027-01-01T08:00:00Z"), (last, NOW)):
        own.say(own.change("notice", notice, "I", when=at, **values))
    with world.county.read() as session:
        assert steps.latest_notices(session, "village", id)[id].id == last


@both
def test_a_village_changes_no_finding_of_the_county(world: World, village: Store, county: Store) -> None:
    person = add(village)
    world.settle()
    with county.write("核查") as session:
        values: dict[str, Any] = {"code": "A01", "record_id": person, "state": "open", "reason": "疑似冒领", "village": VILLAGE}
        said = records.save(session, "finding", values)
    world.settle()
    own = OwnProgram(world, village)
    own.say(own.change("finding", said, "U", state="verified", reason="没有问题"))
    own.say(own.change("finding", said, "D"))
    world.settle()
    found = get(world.county, said, "finding")
    assert (found.state, found.deleted_at, reasons(world.county)) == ("open", None, ["level", "level"])
    for act in (lambda s: records.delete(s, "finding", said), lambda s: records.save(s, "finding", {"state": "verified"}, said)):
        with village.write("处置") as session, pytest.raises(Refused, match="上级记的"):
            act(session)
    with village.write("另记") as session:
        records.save(session, "finding", {"code": "A01", "record_id": person, "state": "verified", "reason": "已入户核实"})
    world.settle()
    assert len(reasons(world.county)) == 2
    assert_equal(world)


# -- what an approval rests on -----------------------------------------------------------------------------------------------


@both
def test_papers_and_person_of_an_approved_claim_stay(world: World, village: Store, county: Store, township: Store) -> None:
    person = add(village, bank_account=OLD_ACCOUNT)
    id = file(village, person)
    with village.write("附件") as session:
        paper = attachments.put(session, id, "承诺书.jpg", b"\xff\xd8\xff" + b"a" * 5000 + b"\xff\xd9")
    carried(world, village, township, county, id, "approved")
    own = OwnProgram(world, village)
    own.say(own.change("attachment", paper, "U", sha256="1" * 64), own.change("attachment", paper, "D"), own.change("person", person, "D"))
    world.settle()
    assert reasons(world.county) == ["fixed"] * 3
    assert get(world.county, paper, "attachment").deleted_at is None is get(world.county, person).deleted_at
    for act in (lambda s: attachments.remove(s, paper), lambda s: records.delete(s, "person", person)):
        with village.write("删除") as session, pytest.raises(Refused, match="已经批准"):
            act(session)
    with village.write("补") as session:  # more papers may come
        attachments.put(session, id, "签收表.jpg", b"\xff\xd8\xff" + b"b" * 5000 + b"\xff\xd9")
    spare = add(village)
    drop(village, spare)
    world.settle()
    assert len(reasons(world.county)) == 3
    assert_equal(world)


def test_nobody_attaches_papers_to_another_villages_claim(world: World, village: Store) -> None:
    other = world.station("丙", OTHER_VILLAGE)
    hers, mine = file(other, add(other)), file(village, add(village))
    world.settle()
    own = OwnProgram(world, village)
    values: dict[str, Any] = {"name": "承诺书.jpg", "media_type": "image/jpeg", "sha256": "0" * 64, "size": 10}
    for n, id in ((1, hers), (2, mine), (3, f"{_NEW}09")):
        own.say(own.change("attachment", f"{_NEW}0{n}", "I", record_id=id, **values))
    with world.county.read() as session:
        assert {one.record_id for one in session.select("attachment")} == {mine, f"{_NEW}09"}
    assert reasons(world.county) == ["scope"]


@both
def test_a_person_paid_under_another_number_is_not_paid_again(world: World, village: Store, township: Store, county: Store) -> None:
    """The paid row got another number, and the same person was registered anew with the true one."""
    numbers = [n for x in range(100) if id_problem(n := f"23082619700101{x:04d}") is None]
    first = add(village, name="张三", id_number=numbers[0])
    paid = file(village, first)
    carried(world, village, township, county, paid, "approved")
    pay(county, paid)
    world.settle()
    put(village, first, id_number=numbers[1])
    world.settle()
    again = file(village, add(village, name="张三", id_number=numbers[0]))
    carried(world, village, township, county, again, "county_notice")
    with pytest.raises(DomainError, match="只能享受一次"):
        step(county, again, "approved")
    force(county, again, "approved")
    world.settle()
    assert (state(world.county, again), reasons(world.county)) == ("county_notice", ["enjoyed"])
    mistyped = add(village, name="王五", id_number=numbers[2])
    theirs = file(village, mistyped)
    carried(world, village, township, county, theirs, "approved")
    put(village, mistyped, id_number=numbers[3])
    world.settle()
    whose = file(village, add(village, name="李四", id_number=numbers[2]))
    carried(world, village, township, county, whose, "county_notice")
    force(county, whose, "approved")
    world.settle()
    assert state(world.county, whose) == "county_notice"  # nobody has confirmed that the number was mistyped
    with township.write("确认") as session:
        for one in key_changes.waiting(session, [mistyped]):
            key_changes.confirm(session, one.id)
    world.settle()
    step(county, whose, "approved")
    world.settle()
    assert state(world.county, whose) == "approved"
    assert_equal(world)


# -- moved rows, held changes ------------------------------------------------------------------------------------------------


@both
def test_a_village_that_read_of_a_move_writes_its_former_people_no_more(world: World, village: Store) -> None:
    other = world.station("丙", OTHER_VILLAGE)
    person = add(village, bank_account=OLD_ACCOUNT)
    claim = file(village, person)
    world.settle()
    unread = OwnProgram(world, village).head()
    keys = county_keys(world.county)
    with world.county.write() as session:
        moves.move(session, keys, "person", person, OTHER_VILLAGE)
    world.settle()
    own = OwnProgram(world, village)
    own.say(own.change("person", person, "U", bank_account=NEW_ACCOUNT))
    own.say(own.change("claim_step", f"{_NEW}01", "I", claim_id=claim, to_state="withdrawn", by=own.user, at=NOW))
    own.say(own.change("employment", f"{_NEW}02", "I", person_id=person, channel="migrant", place="210200", start="2023-02-10"))
    world.settle()
    assert (get(other, person).bank_account, state(other, claim)) == (OLD_ACCOUNT, "draft")
    assert reasons(world.county) == ["scope"] * 3
    own.say(own.change("person", person, "U", note="迁走以前写的"), known=unread)  # this one is passed on
    world.settle()
    assert (get(other, person).note, len(reasons(world.county))) == ("迁走以前写的", 3)
    assert_equal(world)


@both
def test_a_forbidden_act_does_not_vanish_from_the_list(world: World, village: Store) -> None:
    """Its author said that it had been made again."""
    person = add(village)
    id = file(village, person)
    other = world.station("丙", OTHER_VILLAGE)
    hers = add(other)
    world.settle()
    own = OwnProgram(world, village)
    step, job = f"{_NEW}01", f"{_NEW}02"
    own.say(
        own.change("claim_step", step, "I", claim_id=id, to_state="approved", by=own.user, at=NOW),
        own.change("employment", job, "I", person_id=hers, channel="migrant", place="210200", start="2023-02-10"),
    )
    at = own.head()
    with world.county.read() as session:
        places = {one.record_id: one.place for one in held(session)}
    own.say(own.change("claim_step", step, "C", about=f"held/{VILLAGE}/{at}/{places[step]}", to_state="approved"))
    own.say(own.change("employment", job, "C", about=f"held/{VILLAGE}/{at}/{places[job]}", start="2023-02-10"))
    own.say(  # something else was made in its place
        own.change("employment", job, "I", person_id=person, channel="migrant", place="210200", start="2024-02-10"),
        own.change("employment", job, "C", about=f"held/{VILLAGE}/{at}/{places[job]}", start="2023-02-10"),
    )
    world.settle()
    with world.county.read() as session:
        released = session.conn.execute(held_change.select().where(held_change.c.released_at.is_not(None))).all()
        assert (released, [one.reason for one in held(session)]) == ([], ["level", "scope", "rights", "rights", "rights"])
    assert_equal(world)


def test_a_step_dated_years_back_is_told_to_the_auditor(world: World, village: Store, county: Store) -> None:
    id = file(village, add(village))
    world.settle()
    own = OwnProgram(world, village)
    step: dict[str, Any] = {"claim_id": id, "to_state": "village_reviewed", "by": own.user, "at": "2024-01-05T08:00:00Z"}
    own.say(own.change("claim_step", f"{_NEW}01", "I", **step))
    world.settle()
    with world.county.read() as session:
        (told,) = doubts(session, standing(world.county, id), [], [])
        assert told.startswith("「村初审」写的是 2024-01-05 办的，202")
    with county.read() as session:
        assert doubts(session, standing(county, id), [], []) == []  # it read all of the log today


def test_a_villages_own_line_entitles_nobody(world: World, village: Store, county: Store) -> None:
    """It took precedence over the county's, at the county too."""
    person = add(village)
    unit = add(village, "employer", name="解放村车间", type="workshop")
    add(village, "category_span", person_id=person, category="lifted", start="2020-01")
    add(village, "recognition", employer_id=unit, type="workshop", number="1", start="2020-01-01")
    place: dict[str, Any] = {"channel": "workshop", "place": COUNTY, "employer_id": unit}
    job = add(village, "employment", person_id=person, start="2022-10-01", **place)
    add(village, "wage", employment_id=job, month="2023-03", paid_on="2023-04-01", amount=700_000)
    add(village, "monitor_line", area=VILLAGE, year=2023, amount=600_000)

    def outcomes() -> set[str]:
        world.settle()
        with county.read() as session:
            asked = replace(screening.question_about(session, person), rule="R15", year=2023, everyone=False)
            found = screening.judge(screening.about(session, employer_id=unit), asked, policies.used_here(session))
            return {each.verdict.outcome.value for each in found}

    assert outcomes() == {"review"}
    add(county, "monitor_line", area=COUNTY, year=2023, amount=850_000)
    assert "eligible" not in outcomes() and "review" not in outcomes()
    add(county, "monitor_line", area=VILLAGE, year=2023, amount=650_000)
    assert "eligible" in outcomes()


# -- names -------------------------------------------------------------------------------------------------------------------


def test_names_that_no_program_lets_anybody_have_are_not_taken(world: World, village: Store) -> None:
    person = add(village)
    world.settle()
    own = OwnProgram(world, village)
    names = ("县@230826-aaaa", "", "县\u202e\n", "x" * 5000)
    for name in names:
        own.user = f"{name}@{village.station}"
        own.say(own.change("person", person, "U", note="x"))
    assert reasons(world.county) == ["signed"] * len(names)


@pytest.mark.parametrize("ending", ["-%", "-_%", ".1", "-a.1", "-a b", "-a/../b", "-é"])
def test_a_station_has_no_name_that_is_a_pattern(world: World, ending: str) -> None:
    code, _county = split_code(world.code(VILLAGE))
    keys: dict[str, Any] = {"key": bytes(SigningKey.generate().verify_key), "seal_key": bytes(PrivateKey.generate().public_key)}
    place: dict[str, Any] = {"scope": VILLAGE, "role": "village", "station": VILLAGE + ending}
    asked = Enrol(protocol=PROTOCOL, code=code, program="", **place, **keys)
    assert enrolment.enrol(world.county, county_keys(world.county), asked).status == "code"


def test_payments_are_made_once_by_the_program_itself(world: World, county: Store, approved: str) -> None:
    """All of this is for honest clerks too: a returned payment is made again, and arrives."""
    pay(county, approved)
    world.settle()
    bank(county, "failed")
    world.settle()
    pay(county, approved)
    world.settle()
    bank(county)
    world.settle()
    with county.read() as session:
        assert payments.due(session) == []
    assert (state(world.county, approved), reasons(world.county)) == ("paid", [])

"""Claims and notices in a store: filing, steps, notices that must end first, and what hangs on the wall."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import update

from db import changes, local
from db.mapping import table
from domain.claims import PATH, state_label
from domain.errors import DomainError, InputUnusable, NotFound, Refused
from domain.identity import check_digit
from domain.records import ClaimStep
from services import attachments, forms, importing, merging
from services.claims import cautions, claims, materials, notices, steps, twins
from services.dossier.doubts import doubts
from services.lists import listing
from services.quality import quality
from services.records import delete, delete_all, save, take_back, undelete
from services.today import today

START = "2023-06-05"


def number(serial, birth="19800505"):
    first = f"230826{birth}{serial:03d}"
    return first + check_digit(first)


def objected(session, notice):
    """Enter an objection, and the result."""
    save(session, "objection", {"notice_id": notice, "on": session.today, "content": "没有外出", "handled": "已核实"})
    return notices.close(session, notice, "objected")


def person(session, name="张三", serial=11, **values):
    birth = values.pop("born", "19800505")
    given = {"name": name, "document": "resident_id", "id_number": number(serial, birth), "labour": "ordinary", **values}
    return save(session, "person", given)


def verdict(person_id, **values):
    made = {"rule": "R03", "year": 2023, "person_id": person_id, "employer_id": None, "record_id": None, "outcome": "eligible"}
    made |= {"amount": "500.00", "pack": "HLJ-2021-16", "version": "1.0.0", "missing": [], "reasons": []}
    return made | values


@pytest.fixture
def filed(session):
    return claims.file(session, verdict(person(session)))


def on(session, day):
    return replace(session, at=f"{day}T08:00:00Z")


def test_a_claim_is_filed_as_judged(session, filed):
    found = claims.standing(session, filed)
    assert (found.state, found.claim.amount, found.claim.pack_version, found.claim.outcome) == ("draft", 50000, "1.0.0", "eligible")


def test_the_same_is_not_filed_twice_until_the_first_has_ended(session, filed):
    again = verdict(claims.standing(session, filed).claim.person_id)
    with pytest.raises(DomainError, match="2023 年的这一项已经申请过，现在是「草稿」"):
        claims.file(session, again)
    steps.step(session, filed, "withdrawn")
    assert claims.file(session, again) != filed


def test_what_a_merged_record_claimed_is_not_claimed_again(session):
    first, other = person(session), person(session, serial=13)
    claims.file(session, verdict(first))
    merging.merge(session, first, other, compared=True)
    with pytest.raises(DomainError, match="已经申请过"):
        claims.file(session, verdict(other))
    merging.unmerge(session, first)
    claims.file(session, verdict(other))


@pytest.mark.parametrize("outcome", ["not_eligible", "expired", "not_yet", "superseded", "duplicate", "not_configured", "pending"])
def test_a_certain_no_is_not_filed(session, outcome):
    reasons = [{"met": False, "text": "跨省就业 2 个月，不满 3 个月"}]
    with pytest.raises(DomainError, match="不满 3 个月"):
        claims.file(session, verdict(person(session), outcome=outcome, reasons=reasons))


def test_a_village_takes_its_steps_and_no_other(session, filed):
    for state in ("village_reviewed", "village_notice"):
        assert steps.step(session, filed, state).state == state
    with pytest.raises(Refused, match="不由本级办理"):
        steps.step(session, filed, "township_reviewed")
    assert claims.standing(session, filed).state == "village_notice"


def test_a_claim_under_review_is_neither_deleted_nor_brought_back_below_the_county(session, filed):
    """It went without a word, and the county's ingest held it: until then the ledger of the village lacked what was paid."""
    steps.step(session, filed, "village_reviewed")
    with pytest.raises(Refused, match="已经办到「村初审」，本站不能再改，也不能删除"):
        delete(session, "claim", filed)
    changes.delete(session, "claim", filed)
    with pytest.raises(Refused, match="已经办到「村初审」"):
        undelete(session, "claim", filed)
    changes.undelete(session, "claim", filed)
    county = replace(session, role="county")
    claims.refuse_edit(county, claims.standing(session, filed).claim, (), deletes=True)
    steps.step(session, filed, "village_notice")
    steps.step(replace(session, role="township"), filed, "township_reviewed")
    for state in ("county_review", "county_notice", "approved"):
        steps.write_step(county, claims.standing(session, filed).claim, state)
    with pytest.raises(Refused, match="批准以后不能再改"):
        delete(replace(county, scope=session.scope), "claim", filed)


def test_a_step_out_of_order_says_where_the_claim_is(session, filed):
    with pytest.raises(DomainError, match="草稿"):
        steps.step(session, filed, "village_notice")


def test_who_entered_does_not_approve(session, filed):
    steps.step(session, filed, "village_reviewed")
    steps.step(session, filed, "village_notice")
    steps.step(replace(session, role="township"), filed, "township_reviewed")
    county = replace(session, role="county")
    for state in ("county_review", "county_notice"):
        steps.step(county, filed, state)
    with pytest.raises(Refused, match="谁录入谁不能审批"):
        steps.step(county, filed, "approved")


def test_a_clerk_enters_and_a_reviewer_decides(session, filed):
    session.conn.execute(local.account.update().values(role="clerk"))
    with pytest.raises(Refused, match="权限"):
        steps.step(session, filed, "village_reviewed")
    assert steps.step(session, filed, "withdrawn").state == "withdrawn"


def test_sending_back_wants_a_reason_and_it_is_shown(session, filed):
    steps.step(session, filed, "village_reviewed")
    with pytest.raises(DomainError, match="写明原因"):
        steps.step(session, filed, "returned", "  ")
    assert steps.step(session, filed, "returned", "缺少务工证明").returned_because == "缺少务工证明"
    assert steps.step(session, filed, "village_reviewed").state == "village_reviewed"


def test_reviews_go_by_the_facts_of_the_day(session):
    """The village's own review takes up what was put right since the claim was filed or sent back; above it nobody passes more than is
    due, or a certain no, until it was sent back."""
    who = person(session, bank_account="6228480000000016620")
    save(session, "category_span", {"person_id": who, "category": "lifted"})
    work = {"channel": "migrant", "place": "110000", "start": "2023-02-01", "end": "2023-11-30", "proofs": {"ticket"}}
    save(session, "employment", {"person_id": who, **work})
    id = claims.judge_and_file(session, "R03", 2023, person_id=who)
    fares = save(session, "travel", {"person_id": who, "year": 2023, "outward": 10000, "homeward": 12000})
    again = steps.step(session, id, "village_reviewed").claim
    assert (again.amount, again.outcome) == (22000, "eligible")
    assert "220.00" in str(again.facts)
    steps.write_step(session, again, "village_notice")
    save(session, "travel", {"homeward": 8000}, fares)
    above = replace(session, role="township")
    with pytest.raises(DomainError, match=r"应为 180\.00 元，申请的是 220\.00 元"):
        steps.step(above, id, "township_reviewed")
    steps.step(above, id, "returned", "车票是 180 元")
    (told,) = steps.step_all(session, [id], "village_reviewed")
    now = claims.standing(session, id)
    assert now.claim.amount == 18000 and now.steps[-1].opinion == "按现在登记的事实，金额由 220.00 元改为 180.00 元"
    assert told.startswith("张三") and told.endswith("金额由 220.00 元改为 180.00 元")


def test_no_review_passes_a_certain_no(session):
    who = person(session)
    save(session, "category_span", {"person_id": who, "category": "lifted"})
    work = {"channel": "migrant", "place": "110000", "start": "2023-02-01", "end": "2023-11-30"}
    spell = save(session, "employment", {"person_id": who, **work})
    id = claims.judge_and_file(session, "R03", 2023, person_id=who)
    save(session, "employment", {"end": "2023-03-31"}, spell)
    with pytest.raises(DomainError, match=r"按现在登记的事实不能往下办.*不满 3 个月"):
        steps.step(session, id, "village_reviewed")
    assert claims.standing(session, id).state == "draft"
    save(session, "employment", {"end": "2023-11-30"}, spell)
    assert steps.step(session, id, "village_reviewed").state == "village_reviewed"


def test_a_claim_whose_verdict_became_open_is_told_of_at_every_step_and_decided_by_the_county(session):
    """The status ended before the months were full, entered after the claim was filed: every level passed it and it was paid in silence."""
    who = person(session)
    status = save(session, "category_span", {"person_id": who, "category": "sudden_hardship", "start": "2023-01-01"})
    save(session, "employment", {"person_id": who, "channel": "migrant", "place": "110000", "start": "2023-03-01", "end": "2023-05-31"})
    id = claims.judge_and_file(session, "R03", 2023, person_id=who)
    assert cautions.before_steps(session, [id], "village_reviewed") == ""
    save(session, "category_span", {"end": "2023-04-30"}, status)
    said = "申请时判为「符合」500.00 元，按现在的文件和登记的事实是「需人工核定」"
    assert cautions.before_steps(session, [id], "village_reviewed").startswith(f"张三 跨省务工一次性交通补助 2023：{said}")
    assert said in cautions.before_step(session, claims.standing(session, id), "village_reviewed")[0]
    assert said in str(steps.step(session, id, "village_reviewed").steps[-1].opinion)
    for state in ("village_notice", "township_reviewed", "township_notice"):
        steps.write_step(session, claims.standing(session, id).claim, state)
    county = replace(session, role="county")
    assert said in cautions.before_steps(county, [id], "approved")
    for opinion in (None, " "):
        with pytest.raises(DomainError, match="写明县里怎么定的"):
            steps.step(county, id, "county_review", opinion)
    now = steps.step(county, id, "county_review", "风险消除晚于满月，同意")
    assert "需人工核定" in str(now.steps[-1].opinion) and str(now.steps[-1].opinion).endswith("；风险消除晚于满月，同意")


def test_what_the_county_has_not_set_a_sum_for_is_not_approved(session):
    """Approved it could neither be paid nor changed."""
    id = claims.file(session, verdict(person(session), outcome="review", amount="0.00"))
    for to in PATH[1:7]:
        steps.write_step(session, claims.standing(session, id).claim, to)
    session.conn.execute(table("claim").update().values(created_by="赵文书@别处"))
    county = replace(session, role="county")
    with pytest.raises(DomainError, match="改成核定的金额"):
        steps.step(county, id, "approved")
    changes.update(session, "claim", id, {"amount": 50_000})
    assert steps.step(county, id, "approved").state == "approved"


def test_what_the_bank_did_not_confirm_is_not_paid(session, filed):
    for to in PATH[1:8]:
        steps.write_step(session, claims.standing(session, filed).claim, to)
    county = replace(session, role="county")
    money = {"claim_id": filed, "amount": 50_000, "fund": "bridging", "paid_on": "2023-12-01"}
    waiting = save(session, "payment", money)
    with pytest.raises(DomainError, match="拨付还没有成功"):
        steps.step(county, filed, "paid")
    save(session, "payment", {"bank_result": "failed"}, waiting)
    with pytest.raises(DomainError, match="拨付还没有成功"):
        steps.step(county, filed, "paid")
    save(session, "payment", {**money, "bank_result": "ok"})
    assert steps.step(county, filed, "paid").state == "paid"


def test_a_county_that_pays_elsewhere_may_say_that_it_is_done(session, filed):
    for to in PATH[1:8]:
        steps.write_step(session, claims.standing(session, filed).claim, to)
    assert steps.step(replace(session, role="county"), filed, "paid", "国库集中支付").state == "paid"


def test_nobody_dead_is_marked_as_paid_until_somebody_says_who_gets_it(session, filed):
    """The tab of payments barred them; the bare step said 已拨付."""
    county, claim = replace(session, role="county"), claims.standing(session, filed).claim
    for to in PATH[1:8]:
        steps.write_step(session, claim, to)
    save(session, "person", {"died_on": "2023-11-01"}, claim.person_id)
    with pytest.raises(DomainError, match="2023-11-01 去世，请先核定由谁领取"):
        steps.step(county, filed, "paid", "国库集中支付")
    money = {"claim_id": filed, "amount": 50000, "fund": "bridging"}
    changes.insert(session, "payment", [{**money, "id": session.new_id(), "village": session.scope, "bank_result": "ok"}])
    assert steps.step(county, filed, "paid").state == "paid", "the money is there; this only records it"


def test_who_gets_the_money_of_the_dead_is_named_in_the_claim(session, filed):
    claim = claims.standing(session, filed).claim
    for to in PATH[1:8]:
        steps.write_step(session, claim, to)
    save(session, "person", {"died_on": "2023-11-01"}, claim.person_id)
    save(replace(session, role="county"), "claim", {"payee": "李小四"}, filed)
    assert steps.step(replace(session, role="county"), filed, "paid", "国库集中支付").state == "paid"


def test_claims_by_state(session, filed):
    other = claims.file(session, verdict(person(session, "李四", 13)))
    steps.step(session, other, "village_reviewed")
    assert [each.claim.id for each in claims.listing(session, "village_reviewed")] == [other]
    assert {each.claim.id for each in claims.listing(session)} == {filed, other}


def test_what_the_bank_has_waits_for_nobody_here(session, filed):
    """今日 counted it among the claims whose next step the county was to take."""
    county, claim = replace(session, role="county"), claims.standing(session, filed).claim
    for to in PATH[1:8]:
        steps.write_step(session, claim, to)
    assert [each.claim.id for each in claims.waiting(county)] == [filed]
    money = {"id": session.new_id(), "claim_id": filed, "amount": 50000, "fund": "bridging", "village": session.scope}
    changes.insert(session, "payment", [money])
    assert claims.waiting(county) == []
    changes.update(session, "payment", money["id"], {"bank_result": "failed"})
    assert [each.claim.id for each in claims.waiting(county)] == [filed]


@pytest.mark.parametrize("sent", [False, True])
def test_a_list_of_claims_says_how_far_they_are_and_is_filtered_by_it(session, filed, sent):
    claim = claims.standing(session, filed).claim
    for number, state in enumerate(("draft", *PATH[1:8], "returned", "village_reviewed")):
        if number:
            steps.write_step(session, claim, state)
        if sent:
            session.conn.execute(update(table("claim_step")).where(table("claim_step").c.seq.is_(None)).values(seq=number))
        for asked in ("draft", *(ClaimStep.KIND.by_name["to_state"].choices or ())):
            found = listing.ids(session, listing.Query("claim", (listing.Filter(asked),)))
            assert found == ([filed] if asked == state else []), (state, asked)
        (row,) = listing.rows(session, "claim", [filed])
        assert state_label(state) in row.cells
    assert dict(listing.quick_filters("claim"))["approved"] == "待拨付"


def test_of_several_claims_the_one_that_may_not_take_the_step_is_named(session, filed):
    other = claims.file(session, verdict(person(session, "李四", 13)))
    steps.step(session, other, "village_reviewed")
    with pytest.raises(DomainError, match=r"李四.*这一批都没有办"):
        steps.step_all(session, [filed, other], "village_reviewed")
    third = claims.file(session, verdict(person(session, "王五", 15)))
    assert steps.step_all(session, [third], "village_reviewed") == []
    with pytest.raises(DomainError, match=r"李四.*另有 1 笔也办不成（王五[^）]*）。这一批都没有办"):
        steps.step_all(session, [other, third], "village_reviewed")


def test_months_not_claimed_yet_are_claimed_later(session):
    """An employer who was paid for the first months asks for those that came after."""
    firm = save(session, "employer", {"name": "厂", "type": "enterprise"})
    months = [f"2021-{month:02d}" for month in range(5, 10)]
    asked = verdict(person(session), rule="R17", year=2021, employer_id=firm)
    first = claims.file(session, asked | {"amount": "1000.00"}, months=months[:2])
    later = claims.file(session, asked | {"amount": "2500.00"}, months=months)
    found = [claims.standing(session, id).claim for id in (first, later)]
    assert [(sorted(claim.months or ()), claim.amount) for claim in found] == [(months[:2], 100_000), (months[2:], 150_000)]
    with pytest.raises(DomainError, match="已经申请过"):
        claims.file(session, asked | {"amount": "2500.00"}, months=months)
    with pytest.raises(DomainError, match="已经申请过"):
        claims.file(session, asked)  # names no months: all of the year


@pytest.fixture
def twice(session):
    """A claim that another laptop filed while both were offline, and the one filed here, the later of the two."""
    who = person(session)
    theirs = claims.file(session, verdict(who))
    row = dict(session.conn.execute(table("claim").select()).mappings().one())
    mine = row | {"id": session.new_id(), "created_at": "2100-01-01T00:00:00Z"}
    session.conn.execute(table("claim").insert().values(mine))
    return theirs, mine["id"]


def test_of_two_claims_of_one_person_only_the_first_goes_on(session, twice):
    """Filed on two laptops, both passed every level and hung on the wall, until somebody ran `arbitrate`."""
    theirs, mine = twice
    with pytest.raises(DomainError, match=r"同一项补助（2023 年）已有另一笔申请，.*李文书录入，现在是「草稿」.*多报的撤回"):
        steps.step(session, mine, "village_reviewed")
    steps.step(session, theirs, "village_reviewed")
    steps.write_step(session, claims.standing(session, mine).claim, "village_reviewed")
    for make in (notices.preview, notices.make):
        with pytest.raises(DomainError, match="现在是「村初审」"):
            make(session, "village", START, 7)
    steps.step(session, mine, "withdrawn")
    assert notices.make(session, "village", START, 7)


def test_the_claim_that_is_further_on_goes_first(session, twice):
    theirs, mine = twice
    for state in ("village_reviewed", "village_notice"):
        steps.write_step(session, claims.standing(session, mine).claim, state)
    with pytest.raises(DomainError, match="现在是「村公示」"):
        steps.step(session, theirs, "village_reviewed")
    assert steps.step(replace(session, role="township"), mine, "township_reviewed").state == "township_reviewed"
    assert [[one.claim.id for one in pair] for pair in twins.pairs(session)] == [[theirs, mine]]


def test_two_claims_of_one_person_are_listed_for_who_checks(session, twice):
    theirs, mine = twice
    found = [doubt for doubt in quality.check(session) if doubt.rule == "E19"]
    assert [(doubt.id, doubt.severity) for doubt in found] == [(mine, "error")]
    assert "张三" in found[0].message and "现在是「草稿」" in found[0].message
    assert list(today(session, session.today).twice) == [mine]
    said = doubts(session, claims.standing(session, theirs), (), ())
    assert any(f"还有一笔申请（{mine[:8]}）" in one for one in said)
    steps.step(session, mine, "withdrawn")
    assert not twins.told(session) and not today(session, session.today).twice


def test_a_merged_record_and_one_with_the_same_number_are_one_person_with_one_claim(session):
    """Claims for other years, and of other people, are apart."""
    one, other, same = person(session), person(session, serial=13), person(session, serial=15)
    for year in (2022, 2023):
        claims.file(session, verdict(one, year=year))
    held = claims.file(session, verdict(other))
    again = claims.file(session, verdict(same))
    assert twins.pairs(session) == []
    merging.merge(session, other, one, compared=True)
    session.conn.execute(table("person").update().where(table("person").c.id == same).values(id_tail=number(11)[::-1]))
    assert {later.claim.id for later, _first in twins.pairs(session)} == {held, again}
    for id in (held, again):
        with pytest.raises(DomainError, match="已有另一笔申请"):
            steps.step(session, id, "village_reviewed")


# -- notices ---------------------------------------------------------------------------------------------------------------


def test_a_workshops_claim_sent_back_waits_where_it_was_filed(session):
    """The township may begin with one itself, and was told to act on what it had just sent back to the village."""
    firm = save(session, "employer", {"name": "车间", "type": "workshop"})
    id = claims.file(session, verdict(person(session), rule="R15", employer_id=firm))
    township = replace(session, scope=session.scope[:9], role="township")
    assert claims.waiting(township) == []
    for to in ("village_reviewed", "village_notice"):
        steps.write_step(session, claims.standing(session, id).claim, to)
    assert [each.claim.id for each in claims.waiting(township)] == [id]
    steps.step(township, id, "returned", "缺工资发放凭证")
    assert claims.waiting(township) == []
    assert [each.claim.id for each in claims.waiting(session)] == [id]


@pytest.fixture
def posted(session, filed):
    steps.step(session, filed, "village_reviewed")
    return notices.make(session, "village", START, 7, phone="0454-7654321")


def test_a_notice_takes_its_claims_along_and_ends_on_its_last_day(session, filed, posted):
    assert claims.standing(session, filed).state == "village_notice"
    sheet = notices.sheet(session, posted)
    assert (sheet.last_day, len(sheet.lines), sheet.total) == ("2023-06-11", 1, 50000)


def test_a_posted_notice_is_not_deleted(session, filed, posted):
    """Its claims stayed on public notice without one."""
    with pytest.raises(Refused, match="1 笔申请在办或办完了，公示是凭据，不能删除"):
        delete(session, "notice", posted)
    steps.step(session, filed, "returned", "缺材料")
    delete(session, "notice", posted)


def test_a_claim_waits_for_the_end_of_its_notice(session, filed, posted):
    township = replace(session, role="township")
    with pytest.raises(DomainError, match="公示还没有结束"):
        steps.step(township, filed, "township_reviewed")
    with pytest.raises(DomainError, match="2023-06-11"):
        notices.close(on(session, "2023-06-10"), posted, "clear")
    notices.close(on(session, "2023-06-11"), posted, "clear")
    assert steps.step(township, filed, "township_reviewed").state == "township_reviewed"


def test_an_objection_stops_the_claim_until_a_new_notice_is_clear(session, filed, posted):
    with pytest.raises(DomainError, match="谁反映"):
        notices.close(on(session, "2023-06-07"), posted, "objected")
    changes.update(session, "notice", posted, {"result": "objected"})  # as an earlier program let it
    bare = session.get("notice", posted)
    assert any("没有登记是什么异议" in text for text in doubts(session, claims.standing(session, filed), [bare], ()))
    changes.update(session, "notice", posted, {"result": None})
    said = objected(on(session, "2023-06-07"), posted)
    assert not any("没有登记是什么异议" in text for text in doubts(session, claims.standing(session, filed), [said], ()))
    township = replace(session, role="township")
    with pytest.raises(DomainError, match="有异议"):
        steps.step(township, filed, "township_reviewed")
    again = notices.make(on(session, "2023-06-20"), "village", "2023-06-20", 3, claim_ids=[filed])
    notices.close(on(session, "2023-06-22"), again, "clear")
    assert steps.step(township, filed, "township_reviewed").state == "township_reviewed"


def test_a_notice_made_again_counts_also_from_the_same_day_or_an_earlier_one(session, filed):
    """Of two of one day the greater id counted, by chance; of an earlier day, as where the first told a wrong day, never the new one."""
    steps.step(session, filed, "village_reviewed")
    later = session
    for day, start, result in (("05", START, "objected"), ("06", START, "objected"), ("07", "2023-06-01", "clear")):
        later = on(session, f"2100-06-{day}")
        session.conn.exec_driver_sql("UPDATE control SET at = ?", (later.at,))  # all that a test writes is one act
        made = notices.make(later, "village", start, 3, claim_ids=[filed])
        objected(later, made) if result == "objected" else notices.close(later, made, result)
    assert steps.step(replace(later, role="township"), filed, "township_reviewed").state == "township_reviewed"


def test_an_objection_nobody_answered_stops_the_claim_even_when_it_came_late(session, filed, posted):
    township = replace(session, role="township")
    objection = save(session, "objection", {"notice_id": posted, "on": "2023-06-11", "content": "他没有出去务工"})
    with pytest.raises(DomainError, match="异议"):
        notices.close(on(session, "2023-06-12"), posted, "clear")
    save(session, "objection", {"handled": "核实工资流水，确在外务工"}, objection)
    notices.close(on(session, "2023-06-12"), posted, "clear")
    late = save(session, "objection", {"notice_id": posted, "on": "2023-06-13", "content": "名单里有一人不在本村"})
    with pytest.raises(DomainError, match="异议"):
        steps.step(township, filed, "township_reviewed")
    save(session, "objection", {"result": "不成立"}, late)
    assert steps.step(township, filed, "township_reviewed").state == "township_reviewed"


def test_a_notice_of_working_days_over_the_holidays_ends_after_them(session, filed):
    steps.step(session, filed, "village_reviewed")
    posted = notices.make(session, "village", "2023-09-27", 3, day_kind="working")
    assert notices.sheet(session, posted).last_day == "2023-10-07"  # 28th, then the holidays; the Saturday after them is worked
    with pytest.raises(DomainError, match="2023-10-07"):
        notices.close(on(session, "2023-10-06"), posted, "clear")
    assert objected(on(session, "2023-10-06"), posted).result == "objected"


def test_a_result_is_entered_once(session, posted):
    notices.close(on(session, "2023-06-12"), posted, "clear")
    with pytest.raises(DomainError, match="登记过"):
        notices.close(on(session, "2023-06-12"), posted, "objected")


def test_a_claim_taken_into_the_state_of_a_notice_may_be_put_on_one_and_goes_on_without(session, filed):
    """Decision 022: the notice may exist on paper only."""
    on_paper = claims.file(session, verdict(person(session, "李四", 12)))
    for id in (filed, on_paper):
        for state in ("village_reviewed", "village_notice"):
            steps.step(session, id, state)
    assert steps.step(replace(session, role="township"), on_paper, "township_reviewed").state == "township_reviewed"
    posted = notices.make(session, "village", START, 7)
    assert notices.sheet(session, posted).notice.claims == (filed,)
    with pytest.raises(DomainError, match="没有等着公示"):
        notices.make(session, "village", START, 7)


@pytest.mark.parametrize(("level", "days", "error"), [("county", 7, Refused), ("village", 0, DomainError), ("village", 61, DomainError)])
def test_a_notice_that_cannot_be(session, filed, level, days, error):
    steps.step(session, filed, "village_reviewed")
    with pytest.raises(error):
        notices.make(session, level, START, days)
    assert claims.standing(session, filed).state == "village_reviewed"


def test_a_draft_is_not_put_on_notice(session, filed):
    with pytest.raises(DomainError, match="草稿"):
        notices.make(session, "village", START, 7, claim_ids=[filed])
    with pytest.raises(DomainError, match="没有等着公示"):
        notices.make(session, "village", START, 7)


def test_a_claim_without_a_sum_is_kept_off_the_notice_and_told_of(session, filed):
    """It hung at three levels, and nobody was told before the county could not approve it."""
    empty = claims.file(session, verdict(person(session, "李四", 13)) | {"outcome": "need_more", "amount": "0.00"})
    steps.step_all(session, [filed, empty], "village_reviewed")
    with pytest.raises(DomainError, match=r"李四.*0\.00 元"):
        notices.make(session, "village", START, 7, claim_ids=[filed, empty])
    shown = notices.preview(session, "village", START, 7)
    assert (shown.notice.claims, shown.left_out) == ((filed,), 1)
    assert notices.sheet(session, notices.make(session, "village", START, 7)).notice.claims == (filed,)
    assert claims.standing(session, empty).state == "village_reviewed"
    with pytest.raises(DomainError, match=r"李四.*0\.00 元"):
        notices.make(session, "village", START, 7)


def test_the_wall_shows_no_number_no_phone_and_tells_namesakes_apart(session):
    head = person(session, "张老大", 11)
    household = save(session, "household", {"number": "1", "group": "三组", "head_id": head})
    ids = [
        person(session, "张三", 13, household_id=household, phone="13845670217", bank_account="6228480000000016620"),
        person(session, "张三", 15),
        person(session, "小明", 17, born="20100101"),
    ]
    for id in ids:
        steps.step(session, claims.file(session, verdict(id)), "village_reviewed")
    sheet = notices.sheet(session, notices.make(session, "village", START, 7))
    shown = {line.name for line in sheet.lines}
    assert shown == {"张三（户主 张老大）", f"张三（{number(15)[-4:]}）", "小某"}
    text = repr(sheet.lines)
    assert not any(secret in text for secret in (number(13), number(15)[6:14], "13845670217", "6620", number(17)[-4:]))


def test_place_and_months_of_the_work_behind_a_claim(session):
    who = person(session)
    work = save(
        session, "employment", {"person_id": who, "channel": "migrant", "place": "210211", "start": "2023-02-10", "end": "2023-11-20"}
    )
    steps.step(session, claims.file(session, verdict(who, record_id=work)), "village_reviewed")
    line = notices.sheet(session, notices.make(session, "village", START, 7)).lines[0]
    assert (line.place, line.months) == ("辽宁省", "2023-02—2023-11")


def test_a_deleted_claim_step_counts_for_nothing(session, filed):
    steps.step(session, filed, "village_reviewed")
    step = claims.standing(session, filed).steps[0]
    changes.delete(session, "claim_step", step.id)
    assert claims.standing(session, filed).state == "draft"


def test_files_stand_for_the_documents_of_a_claim(session, filed, tmp_path):
    claim = claims.standing(session, filed).claim
    photo, other = tmp_path / "IMG_1.png", tmp_path / "IMG_2.png"
    photo.write_bytes(b"\x89PNG\r\n\x1a\n1")
    other.write_bytes(b"\x89PNG\r\n\x1a\n2")
    asked = ("申请表", "合同或承诺书", "车票（据实时）")
    assert [bool(one.files) for one in materials.materials(session, claim, asked)] == [False] * 3
    for file in (photo, other, photo):  # the same once more is the one that is there
        attachments.add(session, "claim", filed, file, called="申请表")
    attachments.add(session, "claim", filed, photo, called="车票（据实时）")  # one sheet may be two documents
    attachments.add(session, "claim", filed, other.rename(tmp_path / "说明.png"))
    card = tmp_path / "承诺书-张三.png"
    card.write_bytes(b"\x89PNG\r\n\x1a\n3")
    attachments.add(session, "person", str(claim.person_id), card)
    found = {one.document: [file.name for file in one.files] for one in materials.materials(session, claim, asked)}
    assert found == {
        "申请表": ["申请表.png", "申请表 2.png"],
        "合同或承诺书": ["承诺书-张三.png"],
        "车票（据实时）": ["车票（据实时）.png"],
    }


@pytest.mark.parametrize(
    ("name", "document", "stands"),
    [
        ("身份证 2.jpg", "身份证", True),
        ("合同.pdf", "务工证明、工资流水、合同或承诺书", True),
        ("表.pdf", "申请表", False),
        ("证.jpg", "证、本", False),
    ],
)
def test_a_file_is_told_by_the_beginning_of_its_name(name, document, stands):
    assert materials.stands_for(name, document) is stands


def test_of_files_chosen_together_one_that_is_not_taken_keeps_out_all_and_says_so(session, filed, tmp_path):
    files = [tmp_path / name for name in ("a.png", "b.png")]
    files[0].write_bytes(b"\x89PNG\r\n\x1a\n1")
    add = partial(attachments.add, session, "claim", filed, called="合同")
    with pytest.raises(InputUnusable, match=r"b\.png.*2 个文件都没有附上"):
        attachments.add_all(files, add)
    with pytest.raises(InputUnusable, match=r"再选一次。$"):
        attachments.add_all(files[1:], add)
    assert attachments.add_all(files[:1], add) == 1


def test_no_file_for_a_claim_that_is_not_there(session, tmp_path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n1")
    with pytest.raises(NotFound):
        attachments.add(session, "claim", "00000000-0000-4000-8000-000000000000", tmp_path / "a.png", called="申请表")


def test_a_step_of_a_claim_is_not_taken_back_from_a_history(store):
    with store.write("提出") as session:
        id = claims.file(session, verdict(person(session, "张三", 11)))
    with store.write("初审") as session:
        act = session.act
        steps.write_step(session, claims.standing(session, id).claim, "village_reviewed")
    with store.write("撤销") as session, pytest.raises(Refused, match="补助"):
        take_back(session, act)


def test_a_notice_entered_afterwards_says_so(session, filed):
    """Clerks enter notices from paper, so it is allowed; but an auditor should see that the wall came before the review."""
    steps.step(session, filed, "village_reviewed")
    reviewed = session.today
    late = notices.make(session, "village", START, 1, claim_ids=[filed])
    objected(session, late)
    timely = notices.make(session, "village", session.today, 7, claim_ids=[filed])
    both = [session.get("notice", id) for id in (late, timely)]
    assert notices.backdated(session, both) == {late: f"补记：公示从 {START} 起，早于 {reviewed} 的审核"}
    assert [bool(notices.too_short(one)) for one in both] == [True, False]
    reports = [forms.make(session, "notice_report", id).text for id in (late, timely)]
    assert [any("补记：公示从" in line for line in text) for text in reports] == [True, False]


def test_a_notice_dated_before_the_claim_was_filed_says_so(session, filed):
    """A file that brings claims and notices need not bring the steps."""
    made = save(session, "notice", {"level": "village", "start": START, "days": 7, "claims": [filed]})
    assert notices.backdated(session, [session.get("notice", made)]) == {made: f"补记：公示从 {START} 起，早于 {session.today} 的申请"}


def test_who_makes_a_notice_is_told_what_an_auditor_would_ask(session, filed):
    steps.step(session, filed, "village_reviewed")
    full = {"place": "村务公开栏", "phone": "0454-8370001"}

    def told(start, days, **how):
        return notices.remarks(session, notices.preview(session, "village", start, days, claim_ids=[filed], **how).notice)

    assert told(session.today, 7, **full) == []
    assert told(session.today, 5, day_kind="working", **full) == []
    assert [len(told(session.today, 1, **full)), len(told(session.today, 7)), len(told(START, 1))] == [1, 1, 3]
    assert "公示地点、监督电话" in told(session.today, 7)[0]


@pytest.mark.parametrize(
    ("steps_taken", "level", "refused"), [(0, "village", True), (1, "village", True), (2, "village", False), (2, "county", True)]
)
def test_a_ready_made_notice_of_a_claim_that_is_not_there_is_not_imported(session, filed, steps_taken, level, refused):
    """A file said that a draft had hung on the wall without objection, and the review went through."""
    for to in PATH[1 : 1 + steps_taken]:
        steps.write_step(session, claims.standing(session, filed).claim, to)
    line = {"kind": "notice", "level": level, "start": "2020-01-01", "days": 1, "claims": [filed], "result": "clear"}
    found = importing.plan(session, json.dumps(line).encode(), name="a.jsonl").rejected
    assert [one.code for one in found] == ["notice"] * refused
    assert all("没到「" in one.message for one in found)


def test_a_notice_comes_in_with_its_claims_or_their_steps(session, filed):
    """A dump of another store: the claim or its steps come along."""
    notice = {"kind": "notice", "level": "village", "start": START, "days": 7, "result": "clear"}
    step = {"kind": "claim_step", "claim_id": filed, "by": "李文书@村", "at": "2023-06-01T00:00:00Z"}
    brought = [{**step, "to_state": "village_reviewed"}, {**step, "to_state": "village_notice"}, {**notice, "claims": [filed]}]
    new = session.new_id()
    claim = {"kind": "claim", "id": new, "rule": "R03", "pack": "HLJ-2021-16", "pack_version": "1.0.0", "year": 2023, "amount": "500.00"}
    claim |= {"person_id": person(session, "李四", 13), "outcome": "eligible", "filed_on": START}
    for lines in (brought, [claim, {**notice, "claims": [new]}]):
        data = "\n".join(map(json.dumps, lines)).encode()
        assert importing.plan(session, data, name="a.jsonl").rejected == []


def auditors_list(session, id, missing=()):
    now = claims.standing(session, id)
    return doubts(session, now, session.select("notice"), missing)


def test_an_auditor_is_shown_what_contradicts_itself(session):
    who = person(session)
    save(session, "category_span", {"person_id": who, "category": "lifted", "start": "2014-01-01"})
    away = {"person_id": who, "channel": "migrant", "place": "210200", "start": "2023-02-10", "end": "2023-11-20"}
    spell = save(session, "employment", away)
    id = claims.judge_and_file(session, "R03", 2023, person_id=who)
    steps.step(session, id, "village_reviewed")
    notices.make(session, "village", session.today, 7, claim_ids=[id])
    assert auditors_list(session, id) == []
    assert auditors_list(session, id, ["车票"]) == ["没有的材料：车票"]
    for to in PATH[3:9]:
        steps.write_step(session, claims.standing(session, id).claim, to)
    save(session, "person", {"died_on": "2023-09-01"}, who)
    told = auditors_list(session, id)
    assert told.pop(0) == f"县里的审核和批准是同一个人办的：{session.user}"
    assert told[:2] == [
        f"本人 2023-09-01 去世，{session.today} 才拨付，申请里没有写由谁领取",
        "本人 2023-09-01 去世，所据的务工登记到 2023-11-20",
    ]
    assert "没有拨付记录" in told[2] and told[3] == "没有登记社保卡账号"
    assert len(told) == 5 and "按现在的文件和登记的事实是「需人工核定」" in told[4]
    save(session, "employment", {"end": "2023-03-01"}, spell)
    assert "申请时判为「符合」500.00 元，按现在的文件和登记的事实是「不符合」：" in auditors_list(session, id)[-1]
    delete(session, "employment", spell)
    assert auditors_list(session, id)[-1] == "申请时判为「符合」500.00 元，所据的事实现在没有登记了"


def test_an_auditor_is_shown_a_short_and_an_early_notice(session, filed):
    steps.step(session, filed, "village_reviewed")
    notices.make(session, "village", START, 1, claim_ids=[filed])
    told = auditors_list(session, filed)
    assert told[:2] == [
        f"村公示：补记：公示从 {START} 起，早于 {session.today} 的审核",
        f"村公示（{START} 起）：只公示 1 天，一般是 7 天",
    ]


def test_a_reviewed_claim_is_not_changed_or_deleted_by_any_form(session, filed):
    """The ledger's form changed it here, and the county held the change: both lists then told another amount."""
    save(session, "claim", {"payee": "李四"}, filed)
    steps.step(session, filed, "village_reviewed")
    with pytest.raises(Refused, match="本站不能再改"):
        save(session, "claim", {"payee": "王五"}, filed)
    with pytest.raises(Refused, match="本站不能再改"):
        delete_all(session, "claim", [filed])
    save(session, "claim", {"payee": "李四"}, filed)  # no change
    steps.step(session, filed, "returned", "补材料")
    save(session, "claim", {"payee": "王五"}, filed)
    delete(session, "claim", filed)
    undelete(session, "claim", filed)


def imported(session, id, *states, **more):
    """Lines of steps, a day apart, the last first: a dump's order is that of the ids."""
    line = {"kind": "claim_step", "claim_id": id, "by": session.author, **more}
    lines = [{**line, "to_state": to, "at": f"2023-06-0{n}T00:00:00Z"} for n, to in enumerate(states, 1)]
    return importing.plan(session, "\n".join(map(json.dumps, reversed(lines))).encode(), name="a.jsonl")


@pytest.mark.parametrize(
    ("states", "refused"),
    [
        (("village_reviewed", "village_notice"), []),
        (("village_notice",), ["不能直接到「村公示」"]),
        (("village_reviewed", "village_reviewed"), ["已经办到「村初审」了"]),
        (("returned",), ["不由本级办理"]),
        (("village_reviewed", "returned"), ["要写明原因"]),
    ],
)
def test_steps_of_a_file_are_taken_in_their_order(session, filed, states, refused):
    """They went in whatever the claim's state was."""
    found = imported(session, filed, *states).rejected
    assert [one.code for one in found] == ["step"] * len(refused)
    assert all(word in one.message for word, one in zip(refused, found, strict=True))


def test_a_file_does_not_mark_as_paid_what_a_form_would_not(session, filed):
    """Nobody dead, nothing that is being paid, and nothing on a notice that is not over."""
    county, claim = replace(session, role="county"), claims.standing(session, filed).claim
    for to in PATH[1:8]:
        steps.write_step(session, claim, to)
    plan = imported(county, filed, "paid")
    assert plan.rejected == []
    warned = [issue.message for row in plan.rows() for issue in row.issues]  # the command warned of this, a file did not
    assert any("没有拨付记录" in one for one in warned) and any("没有登记社保卡账号" in one for one in warned), warned
    save(session, "person", {"died_on": "2023-11-01"}, claim.person_id)
    assert "去世" in imported(county, filed, "paid").rejected[0].message
    save(session, "payment", {"claim_id": filed, "amount": 50_000, "fund": "bridging", "paid_on": "2023-12-01"})
    assert "还没有成功" in imported(county, filed, "paid").rejected[0].message


def test_a_step_in_anothers_name_is_pointed_out(session, filed):
    """The county holds it."""
    plan = imported(session, filed, "village_reviewed", by="王主任@别处")
    assert plan.rejected == [] and [issue.code for row in plan.rows() for issue in row.issues] == ["signed"]
    line = {"kind": "claim", "id": session.new_id(), "rule": "R03", "pack": "HLJ-2021-16", "pack_version": "1.0.0", "year": 2022}
    line |= {"person_id": claims.standing(session, filed).claim.person_id, "outcome": "eligible", "amount": "500.00"}
    step = {"kind": "claim_step", "claim_id": line["id"], "by": "王主任@别处", "to_state": "paid", "at": "2022-06-05T01:00:00Z"}
    dump = importing.plan(session, f"{json.dumps(line)}\n{json.dumps(step)}".encode(), name="a.jsonl")
    assert [issue.code for row in dump.rows() for issue in row.issues] == [], "the history of another store"

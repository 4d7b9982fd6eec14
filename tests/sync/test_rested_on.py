"""What a granted claim rests on goes on counting: no edit below the county frees a benefit for a second claim (decision 063)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from db import changes
from db.same_benefit import Beneficiaries
from db.store import Store
from domain.errors import DomainError, Refused
from domain.identity import id_problem
from services import importing, key_changes, merging, records
from services.claims import cautions, claims, notices
from services.dossier.doubts import doubts
from services.payments import payments
from sync.county.receiving import claim_steps
from tests.sync.conftest import World, add, assert_equal, both, drop, get, put
from tests.sync.test_claims import bank, carried, file, force, pay, reasons, state, step, supplement, verdict

ACCOUNT = "6228480000000016620"
CODE = "91350100M000100Y43"
TERM: dict[str, Any] = {"school": "职高", "stage": "secondary_vocational", "grade": 1, "state": "enrolled"}
COURSE: dict[str, Any] = {"title": "电工班", "trade": "电工", "type": "skills", "hours": 80, "start": "2023-04-01", "end": "2023-04-20"}


def record(store: Store, kind: str, id: str | None = None, **values: Any) -> str:
    """A record saved in the form."""
    with store.write("登记") as session:
        return records.save(session, kind, values, id)


def lifted(store: Store, **values: Any) -> str:
    person = add(store, **{"bank_account": ACCOUNT, **values})
    record(store, "category_span", person_id=person, category="lifted", start="2015-01", source="import")
    return person


def paid(world: World, village: Store, township: Store, county: Store, id: str) -> None:
    carried(world, village, township, county, id, "approved")
    pay(county, id)
    world.settle()
    bank(county)
    world.settle()


def refused(world: World, village: Store, township: Store, county: Store, id: str) -> None:
    """Take a claim to its approval: the county's window refuses it, and its server holds it."""
    carried(world, village, township, county, id, "county_notice")
    with pytest.raises(DomainError, match="只能享受一次"):
        step(county, id, "approved")
    force(county, id, "approved")
    world.settle()
    assert state(world.county, id) == "county_notice" and reasons(world.county)[-1] == "enjoyed"
    assert_equal(world)


def term(store: Store, person: str, name: str = "2023-autumn", start: str = "2023-09-01") -> str:
    return record(store, "schooling", person_id=person, term=name, term_start=start, **TERM)


@both
def test_a_term_is_paid_once_though_the_village_edits_the_paid_one(world: World, village: Store, township: Store, county: Store) -> None:
    person = lifted(village)
    one = term(village, person)
    paid(world, village, township, county, file(village, person, rule="R32b", record_id=one, amount="1500.00"))
    record(village, "schooling", one, term="2022-autumn", term_start="2022-09-01")
    world.settle()
    assert reasons(world.county) == []  # an honest correction is no offence
    again = file(village, person, rule="R32b", record_id=term(village, person), amount="1500.00")
    refused(world, village, township, county, again)
    record(county, "schooling", one, term="2021-autumn")  # the county looks into it and corrects the term itself
    record(county, "schooling", one, term="2022-autumn")
    world.settle()
    step(county, again, "approved")
    world.settle()
    assert state(world.county, again) == "approved"


@both
def test_a_term_corrected_before_the_approval_keeps_nobody_from_the_other(
    world: World, village: Store, township: Store, county: Store
) -> None:
    person = lifted(village)
    one = term(village, person)
    world.settle()
    record(village, "schooling", one, term="2022-autumn", term_start="2022-09-01")
    first = file(village, person, rule="R32b", record_id=one, amount="1500.00")
    carried(world, village, township, county, first, "approved")
    step(county, first, "returned")
    record(village, "schooling", one, term="2024-autumn", term_start="2024-09-01")
    paid(world, village, township, county, first)
    for name in ("2023-autumn", "2022-autumn"):
        again = file(village, person, rule="R32b", record_id=term(village, person, name), amount="1500.00")
        carried(world, village, township, county, again, "approved")
        assert (state(world.county, again), reasons(world.county)) == ("approved", [])


@both
def test_a_supplementary_approval_does_not_make_what_was_paid_before_free(
    world: World, village: Store, township: Store, county: Store
) -> None:
    person = lifted(village)
    one = term(village, person)
    first = file(village, person, rule="R32b", record_id=one, amount="1500.00")
    paid(world, village, township, county, first)
    record(village, "schooling", one, term="2022-autumn", term_start="2022-09-01")
    world.settle()
    supplement(county, first, 200_000)
    again = file(village, person, rule="R32b", record_id=term(village, person), amount="1500.00")
    refused(world, village, township, county, again)


@both
def test_a_placement_is_paid_once_though_it_was_given_to_another_employer(
    world: World, village: Store, township: Store, county: Store
) -> None:
    person = lifted(village)
    agency, one, other = (record(village, "employer", name=name, type="agency") for name in ("中介", "甲厂", "乙厂"))
    values: dict[str, Any] = {
        "agency_id": agency,
        "person_id": person,
        "on": "2023-03-01",
        "contract": "labour",
        "contract_start": "2023-03-01",
    }
    first = record(village, "placement", employer_id=one, **values)
    paid(world, village, township, county, file(village, person, rule="R02", record_id=first, amount="200.00"))
    record(village, "placement", first, employer_id=other)
    again = record(village, "placement", employer_id=one, **values)
    refused(world, village, township, county, file(village, person, rule="R02", record_id=again, amount="200.00"))


@both
def test_a_course_is_paid_once_though_its_trade_was_changed(world: World, village: Store, township: Store, county: Store) -> None:
    person = lifted(village)
    first = record(village, "course", **COURSE)
    enrolment = record(village, "enrolment", course_id=first, person_id=person, days_present=20, days_total=20)
    paid(world, village, township, county, file(village, person, rule="R32a", record_id=enrolment, amount="800.00"))
    record(village, "course", first, trade="焊工")
    again = record(village, "enrolment", course_id=record(village, "course", **COURSE), person_id=person, days_present=20, days_total=20)
    refused(world, village, township, county, file(village, person, rule="R32a", record_id=again, amount="800.00"))


@both
def test_a_unit_is_rewarded_once_though_its_code_was_emptied(world: World, village: Store, township: Store, county: Store) -> None:
    one, other = (record(village, "employer", name="解放车间", type="workshop", uscc=CODE) for _n in range(2))

    def reward(id: str) -> str:
        with village.write("申请") as session:
            return claims.file(session, verdict("", rule="R04", employer_id=id, amount="10000.00") | {"person_id": None})

    paid(world, village, township, county, reward(one))
    again = reward(other)
    record(village, "employer", one, uscc=None)
    refused(world, village, township, county, again)
    record(village, "employer", other, uscc=None)  # nor by emptying the other's
    world.settle()
    force(county, again, "approved")
    world.settle()
    assert state(world.county, again) == "county_notice"


@both
def test_whoever_was_merged_when_paid_is_not_paid_again_after_unmerging(
    world: World, village: Store, township: Store, county: Store
) -> None:
    one, other = lifted(village), lifted(village, name="王五")
    with village.write("合并") as session:
        merging.merge(session, other, one, compared=True)
    paid(world, village, township, county, file(village, one))
    with village.write("取消合并") as session:
        merging.unmerge(session, other)
    refused(world, village, township, county, file(village, other))


@both
def test_a_wrong_merge_that_was_undone_before_the_approval_keeps_nobody_from_the_benefit(
    world: World, village: Store, township: Store, county: Store
) -> None:
    one, other = lifted(village), lifted(village, name="王五")
    with village.write("合并") as session:
        merging.merge(session, one, other, compared=True)
    world.settle()
    with village.write("取消合并") as session:
        merging.unmerge(session, one)
    first, second = file(village, one), file(village, other)
    paid(world, village, township, county, first)
    carried(world, village, township, county, second, "approved")
    assert (state(world.county, second), reasons(world.county)) == ("approved", [])


@both
@pytest.mark.parametrize("parted_by", ["village", "county"])
def test_whoever_was_merged_into_another_when_paid_is_that_one_until_the_county_parts_them(
    world: World, village: Store, township: Store, county: Store, parted_by: str
) -> None:
    one, other = lifted(village), lifted(village, name="王五")
    claim = file(village, one)
    with village.write("合并") as session:
        merging.merge(session, one, other, compared=True)
    paid(world, village, township, county, claim)
    with (village if parted_by == "village" else county).write("取消合并") as session:
        merging.unmerge(session, one)
    world.settle()
    again = file(village, other)
    if parted_by == "village":
        refused(world, village, township, county, again)
    else:
        carried(world, village, township, county, again, "approved")
        assert (state(world.county, again), reasons(world.county)) == ("approved", [])


@both
def test_whoever_was_merged_when_paid_is_not_paid_again_as_somebody_else(
    world: World, village: Store, township: Store, county: Store
) -> None:
    one, between, other = lifted(village), lifted(village, name="王五"), lifted(village, name="赵六")
    with village.write("合并") as session:
        merging.merge(session, between, one, compared=True)
    paid(world, village, township, county, file(village, one))
    with village.write("合并") as session:
        merging.unmerge(session, between)
        merging.merge(session, between, other, compared=True)
    refused(world, village, township, county, file(village, other))


@both
def test_a_number_that_was_paid_is_not_paid_under_another_name_until_the_change_is_confirmed(
    world: World, village: Store, township: Store, county: Store
) -> None:
    numbers = [n for x in range(100) if id_problem(n := f"23082619700101{x:04d}") is None]
    first = lifted(village, name="张三", id_number=numbers[0])
    paid(world, village, township, county, file(village, first))
    record(village, "person", first, id_number=numbers[1])
    again = file(village, lifted(village, name="张叁", id_number=numbers[0]))
    refused(world, village, township, county, again)
    with township.write("确认") as session:
        (one,) = key_changes.waiting(session)
        key_changes.confirm(session, one.id)
    world.settle()
    step(county, again, "approved")
    world.settle()
    assert state(world.county, again) == "approved"


def test_a_batch_judged_before_is_not_judged_by_this_rule(world: World, village: Store, township: Store, county: Store) -> None:
    person = lifted(village)
    one = term(village, person)
    paid(world, village, township, county, file(village, person, rule="R32b", record_id=one, amount="1500.00"))
    record(village, "schooling", one, term="2022-autumn")
    again = file(village, person, rule="R32b", record_id=term(village, person), amount="1500.00")
    carried(world, village, township, county, again, "county_notice")
    with world.county.read() as session:
        claim = session.get("claim", again)
        for formerly, granted in ((False, 0), (True, 1)):
            records_of = claim_steps._Records(session, Beneficiaries(session, formerly=formerly), None)
            assert len(records_of.same_benefit(claim, [])) == granted


def test_whoever_pays_and_audits_is_told_of_a_second_approval_of_an_older_server(
    world: World, village: Store, township: Store, county: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = lifted(village)
    one = term(village, person)
    paid(world, village, township, county, file(village, person, rule="R32b", record_id=one, amount="1500.00"))
    record(village, "schooling", one, term="2022-autumn")
    again = file(village, person, rule="R32b", record_id=term(village, person), amount="1500.00")
    carried(world, village, township, county, again, "county_notice")
    monkeypatch.setattr("sync.county.receiving.claim_steps._Records.same_benefit", lambda *_given: [])
    force(county, again, "approved")
    world.settle()
    with county.read() as session:
        (line,) = payments.due(session)
        assert "批过另一笔" in line.changed
        assert [one for one in doubts(session, claims.standing(session, again), [], []) if "批过另一笔" in one]


# -- what a village may not remove, and what whoever pays is told -------------------------------------------------------------------


@both
def test_what_the_county_wrote_is_not_deleted_below(world: World, village: Store, township: Store, county: Store) -> None:
    person = lifted(village)
    claim = file(village, person)
    carried(world, village, township, county, claim, "approved")
    made = {
        "violation": {"claim_id": claim, "found_on": "2026-11-01", "finding": "冒领，应追回"},
        "category_span": {"person_id": person, "category": "lifted", "start": "2015-01", "end": "2020-12"},
        "rights_issue": {"person_id": person, "type": "wage_arrears", "on": "2026-11-01"},
        "policy_lead": {"person_id": person, "policy": "失业保险金", "state": "asked"},
    }
    ids = {kind: record(county, kind, **values) for kind, values in made.items()}
    world.settle()
    for kind, id in ids.items():
        with pytest.raises(Refused, match="上级记的"), village.write("删除") as session:
            records.delete(session, kind, id)
    with pytest.raises(Refused, match="上级记的"):
        record(village, "violation", ids["violation"], finding="没有问题")
    record(village, "violation", ids["violation"], handled="已入户核实")  # its answer
    for kind, id in ids.items():
        drop(village, id, kind)
    put(village, ids["violation"], "violation", finding="没有问题")
    world.settle()
    assert reasons(world.county) == ["level"] * 5
    assert all(get(world.county, id, kind) is not None for kind, id in ids.items())
    kept = get(world.county, ids["violation"], "violation")
    assert (kept.finding, kept.handled) == ("冒领，应追回", "已入户核实")
    drop(county, ids["rights_issue"], "rights_issue")
    own = record(village, "rights_issue", person_id=person, type="wage_arrears", on="2026-11-02")
    world.settle()
    drop(village, own, "rights_issue")
    with village.write("恢复") as session:
        changes.undelete(session, "rights_issue", ids["rights_issue"])
    world.settle()
    assert reasons(world.county) == ["level"] * 6  # its own it may delete; what the county deleted it may not bring back
    assert [get(world.county, id, "rights_issue") for id in (own, ids["rights_issue"])] == [None, None]
    assert_equal(world)


@both
def test_an_objection_that_was_received_is_answered_and_not_deleted(world: World, village: Store, township: Store, county: Store) -> None:
    claim = file(village, add(village))
    carried(world, village, township, county, claim, "village_reviewed")
    with village.write("公示") as session:
        notice = notices.make(session, "village", session.today, 5, claim_ids=[claim])
    slip = record(village, "objection", notice_id=notice, on="2026-11-29", content="写错了")
    with village.write("删除") as session:
        records.delete(session, "objection", slip)  # nobody has seen it
    said = record(village, "objection", notice_id=notice, on="2026-11-29", content="他不住村里")
    world.settle()
    with pytest.raises(Refused, match="处理异议"), village.write("删除") as session:
        records.delete(session, "objection", said)
    drop(village, said, "objection")
    second = file(village, add(village))
    step(village, second, "village_reviewed")
    with village.write("公示") as session:
        other = notices.make(session, "village", session.today, 5, claim_ids=[second])
    world.settle()
    put(village, said, "objection", notice_id=other)
    world.settle()
    assert reasons(world.county) == ["level"] * 2
    assert get(world.county, said, "objection").notice_id == notice
    put(village, notice, "notice", result="clear")
    world.settle()
    with pytest.raises(DomainError, match="异议"):
        step(township, claim, "township_reviewed")
    drop(county, said, "objection")
    world.settle()
    with county.read() as session:
        told = doubts(session, claims.standing(session, claim), [session.get("notice", notice)], [])
    assert [one for one in told if "异议后来删了" in one and "他不住村里" in one]


def test_whoever_pays_is_told_that_facts_or_the_payee_were_changed_after_the_approval(
    world: World, village: Store, township: Store, county: Store
) -> None:
    person = lifted(village)
    job = record(village, "employment", person_id=person, channel="migrant", place="210200", start="2023-02-10", end="2023-11-20")
    claim = file(village, person)
    carried(world, village, township, county, claim, "approved")
    with county.read() as session:
        assert payments.due(session)[0].doubt == ""
    with village.write("删除") as session:
        records.delete(session, "employment", job)
    world.settle()
    record(county, "claim", claim, payee="李四")
    world.settle()
    with county.read() as session:
        (line,) = payments.due(session)
    assert "批准后加过、改过或删过所据的登记：申请时判为" in line.changed
    assert "收款人在审批后由县于" in line.changed and "改为李四" in line.changed and line.doubt == ""


def test_whoever_pays_is_told_of_facts_entered_after_the_approval_in_the_list_by_command_and_in_a_file(
    world: World, village: Store, township: Store, county: Store
) -> None:
    """A ticket handed in late made it 210 of 500: the 审计包 said so and the list of payments did not; the command said nothing of
    any change."""
    person = lifted(village)
    record(village, "employment", person_id=person, channel="migrant", place="210200", start="2023-02-10", end="2023-11-20")
    claim = file(village, person)
    carried(world, village, township, county, claim, "approved")
    record(village, "monthly_check", person_id=person, month="2023-09", status="away")
    record(village, "job_wish", person_id=person, opened_on="2023-12-01")  # changes no verdict
    world.settle()
    with county.read() as session:
        (line,) = payments.due(session)
        assert line.changed == ""
        cautions.refuse_unexplained(session, line.standing)
    record(village, "travel", person_id=person, year=2023, outward=10_000, homeward=11_000)
    world.settle()
    with county.read() as session:
        (line,) = payments.due(session)
        told = "；".join(cautions.before_step(session, line.standing, "paid"))
    why = "批准后加过、改过或删过所据的登记：申请时判为「符合」500.00 元，按现在的文件和登记的事实是「符合」210.00 元"
    assert (line.changed, line.doubt) == (why, "") and why in told
    with pytest.raises(DomainError, match=r"210\.00 元。核实过、确实拨了的，请用 --opinion 写明原因再记"), county.read() as session:
        cautions.refuse_unexplained(session, line.standing)
    taken = {"kind": "claim_step", "claim_id": claim, "to_state": "paid", "by": "县", "at": "2026-11-29T08:00:00Z"}
    with county.read() as session:
        (row,) = importing.plan(session, json.dumps(taken).encode(), name="a.jsonl").rows()
    assert any(why in issue.message for issue in row.issues)

"""资金额度: spent, promised and left of a fund; more than is left is not paid, and told at the approval."""

from __future__ import annotations

from argparse import Namespace
from contextlib import nullcontext
from dataclasses import replace

import pytest
from sqlalchemy import update

import cli.claims
from cli.console import Console
from cli.program import Call
from db import local
from db.mapping import table
from db.session import Session
from domain.claims import PATH
from domain.errors import DomainError, Refused
from domain.funds import CEILINGS, is_rule
from domain.records import Claim
from services import importing, records
from services.claims import claims, steps
from services.office_files.reading import read_workbook
from services.payments import bank_answers, funds, payments
from services.reports import targets
from tests.services.test_claims import person, verdict
from tests.services.test_payments import answer, approved

POST = {"name": "保洁员", "type": "cleaner", "quota": 1, "developer": "hrss", "standard": 50_000}


@pytest.fixture
def county(session: Session) -> Session:
    return replace(session, role="county")


def ceiling(session, yuan, indicator="衔接资金额度", village=None, area=None):
    home = session.scope[:6]
    values = {"year": funds.year_of(session), "area": area or home, "indicator": indicator, "value": yuan, "village": village or home}
    return records.save(replace(session, scope=home), "target", values)


def balance(session, fund="bridging"):
    return next((one for one in funds.balances(session) if one.fund == fund), None)


def test_which_indicators_are_ceilings_and_no_targets():
    assert (
        CEILINGS["就业补助资金额度"] == "employment" and CEILINGS["衔接资金额度"] == CEILINGS["衔接推进乡村振兴补助资金额度"] == "bridging"
    )
    assert is_rule("就业补助资金额度") and not is_rule("脱贫劳动力务工人数")


def test_what_is_spent_promised_and_left_and_more_than_that_is_not_paid(county, tmp_path):
    one, two, three = approved(county), approved(county, "李四", 13), approved(county, "王五", 15)
    ceiling(county, 1000)
    found = balance(county)
    assert (found.ceiling, found.spent, found.committed, found.left) == (100_000, 0, 150_000, -50_000)
    with pytest.raises(DomainError, match=r"还能拨 1,000\.00 元；这次 1,500\.00 元"):
        payments.pay(county, [one, two, three], "bridging")
    batch = payments.pay(county, [one, two], "bridging")
    with pytest.raises(DomainError, match="超过额度"):
        payments.pay(county, [three], "bridging")
    payments.bank_sheet(county, batch.payments, tmp_path / "单.xlsx", reason="拨付")
    said = [str(cell) for row in read_workbook((tmp_path / "单.xlsx").read_bytes())[0].rows[:3] for cell in row]
    assert not any("余额" in cell for cell in said)  # none of the bank's business
    rows = [(1, batch.payments[0], "", 500, "失败", "销户"), (2, batch.payments[1], "", 500, "成功", "")]
    bank_answers.read_answer(county, answer(tmp_path / "果.xlsx", rows))  # what came back may be paid again
    assert balance(county).spent == 50_000
    assert balance(county).committed == 100_000  # what came back waits again
    payments.pay(county, [three], "bridging")
    assert (balance(county).spent, balance(county).committed) == (100_000, 50_000)


def test_without_a_ceiling_and_by_another_fund_everything_is_as_before(county):
    ceiling(county, 0, "就业补助资金额度")
    payments.pay(county, [approved(county)], "bridging")
    assert (balance(county).ceiling, balance(county).left) == (None, None)


def test_a_ceiling_is_no_target_to_be_reached(county):
    ceiling(county, 9000)
    assert targets.progress(replace(county, scope=county.scope[:6]), funds.year_of(county)) == []


def test_only_the_county_sets_ceilings_and_the_lowest_of_two_holds(county):
    ceiling(county, 9000)
    ceiling(county, 500)
    ceiling(replace(county, scope="23"), 1, area="230800")
    records.save(
        county, "target", {"year": funds.year_of(county), "area": county.scope[:6], "indicator": "衔接资金额度", "value": 1}
    )  # a village's
    assert balance(county).ceiling == 50_000
    with pytest.raises(Refused):
        funds.set_ceiling(replace(county, role="village"), "bridging", 2026, 1)


def test_a_ceiling_is_set_anew_but_not_below_what_went_out(county):
    officer = replace(county, scope=county.scope[:6])
    year = funds.year_of(county)
    first = funds.set_ceiling(officer, "bridging", year, 600)
    assert funds.set_ceiling(officer, "bridging", year, 700) == first
    payments.pay(county, [approved(county)], "bridging")
    with pytest.raises(DomainError, match=r"500\.00"):
        funds.set_ceiling(officer, "bridging", year, 499)


def test_who_approves_more_than_there_is_is_told(county):
    claim = county.get(Claim, approved(county))
    assert funds.short(county, [claim]) == ""
    ceiling(county, 900)
    assert "余额 400.00 元，不够这次批的 500.00 元" in funds.short(county, [claim])  # the same once more, as if another


def test_who_approves_by_the_command_is_told_as_well(county, monkeypatch, tmp_path, capsys):
    """The window said that a fund does not suffice; `claim step` approved without a word."""
    id = claims.file(county, verdict(person(county, "张三", 11)))
    for state in PATH[1:7]:
        steps.write_step(county, claims.standing(county, id).claim, state)
    ceiling(county, 400)
    county.conn.execute(local.account.update().values(name="审核"))
    monkeypatch.setattr(cli.claims, "saving", lambda *_words: nullcontext(replace(county, user="审核")))
    cli.claims.claim(Call(Namespace(action="step", id=id, to="approved", opinion=None), Console(), tmp_path))
    assert "余额 400.00 元，不够这次批的 500.00 元" in capsys.readouterr().err
    assert claims.standing(county, id).state == "approved"


def test_who_marks_as_paid_by_the_command_what_has_become_otherwise_gives_a_reason(county, monkeypatch, tmp_path, capsys):
    """The list of payments named what was changed since the approval; the command paid without a word."""
    id = approved(county)
    county.conn.execute(update(table("claim_step")).where(table("claim_step").c.claim_id == id).values(at="2023-06-05T08:00:00Z"))
    records.save(county, "claim", {"payee": "李四"}, id)
    monkeypatch.setattr(cli.claims, "saving", lambda *_words: nullcontext(county))
    call = Call(Namespace(action="step", id=id, to="paid", opinion=None), Console(), tmp_path)
    with pytest.raises(DomainError, match=r"张三.*收款人在审批后由.*改为李四.*--opinion"):
        cli.claims.claim(call)
    assert claims.standing(county, id).state == "approved"
    call.args.opinion = "家属已来县里核实"
    answer = cli.claims.claim(call)
    assert any("改为李四" in text for text in answer.value["warnings"]) and "改为李四" in capsys.readouterr().err
    assert (answer.value["state"], answer.value["steps"][-1]["opinion"]) == ("paid", "家属已来县里核实")


def test_a_claim_is_not_told_to_be_paid_beside_a_ceiling(county):
    """Without a payment the money stood in no sum, so a claim of 500 went past a ceiling of 400."""
    one, two = approved(county), approved(county, "李四", 13)
    steps.step(county, one, "paid")  # no ceiling: some pay by a system of their own
    ceiling(county, 400)
    with pytest.raises(DomainError, match="衔接推进乡村振兴补助资金今年设了额度"):
        steps.step(county, two, "paid")
    assert balance(county).committed == 50_000


def test_pay_of_posts_and_claims_told_to_be_paid_are_taken_off_what_is_left(county):
    """Both are out of the fund, though nothing paid here made them: what was left was shown too large, and too much was approved."""
    one, two = approved(county), approved(county, "李四", 13)
    steps.step(county, one, "paid")  # before there was a ceiling: without a payment, out of 衔接资金 by its rule
    year = funds.year_of(county)
    for serial, fund in ((15, "bridging"), (17, "employment")):
        post = records.save(county, "post", POST | {"fund": fund, "village": county.scope})
        held = records.save(
            county, "appointment", {"post_id": post, "person_id": person(county, fund, serial), "start": f"{year - 1}-01-01"}
        )
        for month, paid_on in ((f"{year}-01", None), (f"{year - 1}-12", f"{year}-01-05"), (f"{year - 1}-11", f"{year - 1}-12-05")):
            records.save(county, "post_pay", {"appointment_id": held, "month": month, "amount": 10_000, "paid_on": paid_on})
    ceiling(county, 1500)
    found = balance(county)
    assert (found.spent, found.committed, found.posts, found.recorded, found.left) == (0, 50_000, 20_000, 50_000, 30_000)
    assert balance(county, "employment") is None  # no ceiling, nothing to take off
    assert "岗位补贴 200.00 元、没有拨付记录只记已拨付的 500.00 元" in found.sentence()
    assert (found.to_json()["posts"], found.to_json()["told"]) == ("200.00", "500.00")
    assert "余额 300.00 元，不够这次批的 500.00 元" in funds.short(county, [county.get(Claim, two)])
    ceiling(county, 600)
    payments.pay(county, [two], "bridging")  # no bar: what villages recorded keeps the county from nothing
    steps.step(county, one, "recovered", "退回")
    assert (balance(county).spent, balance(county).recorded) == (50_000, 0)  # it is back in the fund


def test_what_is_recovered_in_the_year_it_was_paid_is_in_the_fund_again(county, tmp_path):
    """What was recovered stood as spent beside the right amount paid after it, which a tight ceiling refused."""
    ceiling(county, 1000)
    one, two = approved(county), approved(county, "李四", 13)
    batch = payments.pay(county, [one, two], "bridging")
    rows = [(n, id, "", 500, "成功", "") for n, id in enumerate(batch.payments, 1)]
    bank_answers.read_answer(county, answer(tmp_path / "果.xlsx", rows))
    three = approved(county, "王五", 15)
    with pytest.raises(DomainError, match="超过额度"):
        payments.pay(county, [three], "bridging")
    steps.step(county, one, "recovered", "多发，退款凭证 12 号")
    found = balance(county)
    assert (found.spent, found.recovered, found.left) == (50_000, 50_000, 0)
    assert "已拨 500.00 元" in found.sentence() and "当年追回的 500.00 元已减去" in found.sentence()
    assert found.to_json()["recovered"] == "500.00"
    payments.pay(county, [three], "bridging")
    last = claims.standing(county, one).steps[-1]
    county.conn.execute(update(table("claim_step")).where(table("claim_step").c.id == last.id).values(at="2031-01-05T08:00:00Z"))
    found = balance(county)
    assert (found.spent, found.recovered) == (150_000, 0)  # in a later year it goes to the treasury


def test_what_is_paid_out_of_another_fund_than_its_measure_names_is_told(county):
    payments.pay(county, [approved(county)], "employment")
    found = balance(county, "employment")
    assert (found.spent, found.misallocated, found.to_json()["strange"]) == (50_000, 50_000, "500.00")
    assert "其中 500.00 元按政策应从别的资金列支" in found.sentence()
    payments.pay(county, [approved(county, "李四", 13)], "bridging")
    assert (balance(county).misallocated, "列支" in balance(county).sentence()) == (0, False)


def test_a_ceiling_below_what_went_out_is_refused_by_a_form_and_told_of_a_list(county):
    officer, year = replace(county, scope=county.scope[:6]), funds.year_of(county)
    id = ceiling(county, 600)
    payments.pay(county, [approved(county)], "bridging")
    with pytest.raises(DomainError, match=r"已拨的 500\.00 元"):
        records.save(officer, "target", {"value": 400}, id)
    listed = f"年度,地区,指标,目标值\n{year},{officer.scope},衔接资金额度,400\n"
    line = f'{{"kind": "target", "id": "{id}", "value": 400}}\n'
    plans = [importing.plan(officer, text.encode(), kind="target", name=name) for name, text in (("a.csv", listed), ("a.jsonl", line))]
    for made in plans:
        assert ["500.00" in issue.message for issue in made.warnings] == [True], made.rejected
    importing.apply(officer, plans[-1])
    assert "已拨超过额度 100.00 元" in balance(county).sentence()

"""Differences of paid claims: who was paid less than is due gets the difference (补发), who was paid more pays it back (追回); once."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from db import local
from db.mapping import table
from db.session import Session
from db.store import Store
from domain.claims import PATH
from domain.errors import DomainError, Refused
from domain.funds import SEPARATE
from services import importing, records, screening
from services.claims import claims, steps
from services.forms import official
from services.forms.handed import policy_card
from services.payments import bank_answers, funds, payments, refunds
from services.person import grants
from tests.services.test_payments import answer
from tests.services.test_screening import COUNTY_PACK, ON, ids, publish

__all__ = ["ids"]  # a fixture


def at_county(session: Session, user: str = "赵") -> Session:
    if all(one.name != user for one in local.accounts(session)):
        session.conn.execute(local.account.insert().values(name=user, role="reviewer"))
    return replace(session, role="county", user=user)


@pytest.fixture
def paid(store: Store, ids: dict[str, str], tmp_path: Path) -> str:
    """A claim that was paid 500 yuan; then the county's pack raises it to 800."""
    with store.write("拨付") as session:
        id = str(ids["符合已报 claim"])
        for state in PATH[1:8]:
            steps.write_step(session, claims.standing(session, id).claim, state)
        session.conn.execute(table("claim").update().values(created_by="村录入@别处"))
        county = at_county(session)
        pay(county, id, 50_000, tmp_path)
        assert claims.standing(session, id).state == "paid"
        key = SigningKey.generate()
        publish(session, COUNTY_PACK, key, key)
    return id


def pay(county: Session, id: str, total: int, tmp_path: Path, result: str = "成功") -> str:
    (made,) = payments.pay(county, [id], "bridging", total=total).payments
    found = bank_answers.read_answer(county, answer(tmp_path / f"{made}.xlsx", [(1, made, "", total / 100, result, "")]))
    assert found.rejected == []
    return made


def screened(session: Session, ids: dict[str, str]) -> screening.Screened:
    (one,) = screening.screen(session, on=ON, rule="R03", year=2023, person_id=ids["符合已报"])
    return one


def test_who_was_paid_too_little_gets_the_difference_once(store: Store, ids: dict[str, str], paid: str, tmp_path: Path) -> None:
    with store.write("补发") as session:
        county = at_county(session)
        assert (screened(session, ids).too_little, payments.due(county)) == (30_000, [])
        assert "在「少发」里补发差额" in screened(session, ids).verdict.reasons[-1].text
        now = steps.step(county, paid, "approved", "按新标准")
        assert (now.state, now.claim.amount, now.claim.pack_version) == ("approved", 80_000, "1.0.0+HC-2023@1.0.0")
        assert now.steps[-1].opinion == "补发 300.00 元（应为 800.00 元，已拨 500.00 元）按新标准"
        assert [each.claim.id for each in claims.waiting(county)] == [paid]
        (one,) = payments.due(county)
        assert (one.amount, one.supplement) == (30_000, True)
        assert next(each.committed for each in funds.balances(county) if each.fund == "bridging") == 30_000
        assert not screened(session, ids).underpaid
        (grant,) = grants(session, ids["符合已报"])
        assert grant.differs and "已享受，差额待办" in str(policy_card(session, ids["符合已报"]).rows)
        row = next(row for row in official.claim_roster(county).rows if row[9] == "待拨付")
        assert str(row[4]).endswith("（补发）") and row[8] == 300.0  # what is signed for is what is paid now
        assert official.fund_request(county).rows[0][4] == 1 and "300.00" in official.fund_request(county).opening[1]
        made = pay(county, paid, 30_000, tmp_path)
        assert claims.standing(session, paid).state == "paid"
        (grant,) = grants(session, ids["符合已报"])
        assert (grant.paid, grant.claim.amount) == (80_000, 80_000)
        assert payments.supplements(session.select("payment")) == {made}
        assert (payments.due(county), claims.waiting(county), screened(session, ids).underpaid) == ([], [], False)
        assert "800.00" in str(official.recovery_note(county, paid).boxes)
        with pytest.raises(DomainError, match="没有差额"):
            steps.step(county, paid, "approved")


def test_only_the_county_and_not_who_entered_the_claim_approves_the_difference(store: Store, paid: str) -> None:
    with store.write("补发") as session:
        with pytest.raises(Refused, match="不由本级办理"):
            steps.step(session, paid, "approved")
        session.conn.execute(table("claim").update().values(created_by=at_county(session).author))
        with pytest.raises(Refused, match="谁录入谁不能审批"):
            steps.step(at_county(session), paid, "approved")


def test_two_officers_are_enough_where_whoever_reviewed_does_not_pay(store: Store, paid: str) -> None:
    """Each approved once; of the difference only who approved that does not pay."""
    with store.write("补发") as session:
        county, other = at_county(session), at_county(session, "钱")
        row = {"year": 2020, "area": session.scope[:6], "indicator": SEPARATE, "value": 1, "village": session.scope[:6]}
        records.save(replace(county, scope=session.scope[:6]), "target", row)
        steps.step(other, paid, "approved")
        with pytest.raises(DomainError, match="审核与拨付不能是同一人"):
            payments.pay(other, [paid], "bridging")
        (before,) = {step.by for step in claims.standing(session, paid).steps if step.to_state == "county_review"}
        assert payments.pay(replace(session, role="county", user=before.partition("@")[0]), [paid], "bridging").total == 30_000


def test_a_difference_that_is_not_paid_after_all_is_called_off(store: Store, ids: dict[str, str], paid: str, tmp_path: Path) -> None:
    with store.write("补发") as session:
        county = at_county(session)
        steps.step(county, paid, "approved")
        for state in ("returned", "refused"):
            with pytest.raises(DomainError, match="请办「不再补发」"):
                steps.step(county, paid, state, "错了")
        (made,) = payments.pay(county, [paid], "bridging").payments
        for refused in (lambda: steps.step(county, paid, "paid"), lambda: payments.pay(county, [paid], "bridging")):
            with pytest.raises(DomainError):
                refused()
        bank_answers.read_answer(county, answer(tmp_path / "退.xlsx", [(1, made, "", 300, "失败", "销户")]))
        (again,) = payments.due(county)
        assert (again.amount, again.failed, payments.bounced(session)) == (30_000, "销户", {paid: "销户"})
        now = steps.step(county, paid, "paid", "本人放弃")
        assert (now.state, now.claim.amount, payments.due(county)) == ("paid", 50_000, [])
        assert screened(session, ids).too_little == 30_000


def test_a_difference_that_is_no_longer_due_is_not_paid(store: Store, ids: dict[str, str], paid: str) -> None:
    """The county corrects its pack between the approval and the payment; a claim that was paid is not returned."""
    key = SigningKey.generate()
    with store.write("核定") as session:
        steps.step(at_county(session), paid, "approved")
        publish(session, COUNTY_PACK.replace("1.0.0", "1.0.1").replace("800.00", "500.00"), key, key)
    with store.write("拨付") as session:
        county = at_county(session)
        assert (screened(session, ids).too_much, "办「不再补发」" in screened(session, ids).verdict.reasons[-1].text) == (30_000, True)
        with pytest.raises(DomainError, match=r"应为 500\.00 元.*办「不再补发」"):
            payments.pay(county, [paid], "bridging")
        steps.step(county, paid, "paid", "标准改了")
        assert not (screened(session, ids).too_much or screened(session, ids).underpaid)


def test_what_was_paid_elsewhere_is_not_paid_again(store: Store, paid: str) -> None:
    """Without a payment on record nobody knows how much was paid."""
    with store.write("补发") as session:
        session.conn.execute(table("payment").update().values(deleted_at="2024-01-01T00:00:00Z"))
        with pytest.raises(DomainError, match="没有拨付记录"):
            steps.step(at_county(session), paid, "approved")


def test_undoing_takes_back_the_amount_and_the_step(store: Store, paid: str) -> None:
    with store.write("补发") as session:
        steps.step(at_county(session), paid, "approved")
    with store.write("撤销") as session:
        records.undo_last(session)
        now = claims.standing(session, paid)
        assert (now.state, now.claim.amount) == ("paid", 50_000)


@pytest.mark.parametrize(("yuan", "why"), [("300.00", ""), ("800.00", "批准的是 300.00 元")])
def test_a_file_may_bring_only_the_difference(store: Store, paid: str, yuan: str, why: str) -> None:
    line = {"kind": "payment", "id": "7d9f7d1e-0000-4000-8000-000000000001", "claim_id": paid, "amount": yuan, "fund": "bridging"}
    with store.write("补发") as session:
        county = at_county(session)
        steps.step(county, paid, "approved")
        plan = importing.plan(county, json.dumps(line).encode(), name="a.jsonl")
        assert [issue.message for row in plan.rows() for issue in row.issues] == ([why] if why else [])


@pytest.fixture
def overpaid(store: Store, ids: dict[str, str], tmp_path: Path) -> str:
    """A claim that was paid 500 yuan; then it turns out that 380 were due."""
    with store.write("拨付") as session:
        id = str(ids["符合已报 claim"])
        for state in PATH[1:8]:
            steps.write_step(session, claims.standing(session, id).claim, state)
        session.conn.execute(table("claim").update().values(created_by="村录入@别处"))
        pay(at_county(session), id, 50_000, tmp_path)
        key = SigningKey.generate()
        publish(session, COUNTY_PACK.replace("800.00", "380.00"), key, key)
    return id


def bridging(session: Session, year: int | None = None) -> tuple[int, int]:
    """What was spent of the fund, and what came back."""
    found = next(one for one in funds.balances(session, year) if one.fund == "bridging")
    return found.spent, found.recovered


def test_who_was_paid_too_much_pays_back_the_difference_once(store: Store, ids: dict[str, str], overpaid: str) -> None:
    with store.write("追回") as session:
        county = at_county(session)
        assert (screened(session, ids).too_much, refunds.awaited(county)) == (12_000, [])
        assert "在「不符合却已申请」里追回多发的" in screened(session, ids).verdict.reasons[-1].text
        with pytest.raises(DomainError, match=r"追回要写明原因.*120\.00"):
            steps.step(county, overpaid, "approved", " ")
        now = steps.step(county, overpaid, "approved", "往返只有一张票")
        assert (now.state, now.claim.amount) == ("approved", 38_000)
        assert now.steps[-1].opinion == "追回 120.00 元（应为 380.00 元，已拨 500.00 元）往返只有一张票"
        assert [(each.claim.id, amount) for each, amount in refunds.awaited(county)] == [(overpaid, 12_000)]
        assert (payments.due(county), [each.claim.id for each in claims.waiting(county)]) == ([], [overpaid])
        assert (bridging(county), sum(one.committed for one in funds.balances(county))) == ((50_000, 0), 0)
        assert all(row[9] != "待拨付" for row in official.claim_roster(county).rows)  # nobody signs for getting less than nothing
        note = official.recovery_note(county, overpaid)
        assert "('应退金额（元）', '120.00')" in str(note.boxes) and "壹佰贰拾元整" in str(note.boxes)
        assert "应当退回 120.00 元" in note.text[0] and "往返只有一张票" in note.text[1]
        assert "已享受，差额待办" in str(policy_card(session, ids["符合已报"]).rows)
        with pytest.raises(DomainError, match="没有待拨付的申请"):
            official.fund_request(county)
        with pytest.raises(DomainError, match="凭证"):
            refunds.record(county, overpaid, " ")
        for day in ("2020-01-01", "2999-01-01"):
            with pytest.raises(DomainError, match="退款日期"):
                refunds.record(county, overpaid, "收据 17 号", day)
        assert refunds.record(county, overpaid, "收据 17 号") == 12_000
        now = claims.standing(session, overpaid)
        assert (now.state, now.steps[-1].opinion, now.claim.amount) == ("paid", "收据 17 号", 38_000)
        assert sorted(one.amount for one in session.select("payment")) == [-12_000, 50_000]
        assert (bridging(county), payments.supplements(session.select("payment"))) == ((38_000, 12_000), set())
        (grant,) = grants(session, ids["符合已报"])
        assert (grant.paid, grant.differs, screened(session, ids).too_much) == (38_000, False, 0)
        with pytest.raises(DomainError, match="没有要退的差额"):
            refunds.record(county, overpaid, "收据 17 号")
        with pytest.raises(DomainError, match="没有差额"):
            steps.step(county, overpaid, "approved", "再追一次")
        assert "380.00" in str(official.recovery_note(county, overpaid).boxes)  # what is left of it


def test_what_comes_back_in_a_later_year_is_not_in_that_years_fund(store: Store, overpaid: str) -> None:
    """It goes to the treasury, as when all of it is recovered."""
    with store.write("追回") as session:
        session.conn.execute(table("payment").update().values(paid_on=f"{funds.year_of(session) - 1}-12-20"))
        county = at_county(session)
        steps.step(county, overpaid, "approved", "算错了")
        refunds.record(county, overpaid, "收据 17 号")
        assert [one for one in funds.balances(county) if one.fund == "bridging"] == []
        assert bridging(county, funds.year_of(session) - 1) == (50_000, 0)


def test_a_refund_that_is_given_up_needs_a_reason(store: Store, ids: dict[str, str], overpaid: str) -> None:
    with store.write("追回") as session:
        county = at_county(session)
        steps.step(county, overpaid, "approved", "算错了")
        for state in ("returned", "refused"):
            with pytest.raises(DomainError, match="请办「不再补发」「不再追回」"):
                steps.step(county, overpaid, state, "错了")
        with pytest.raises(DomainError, match="不再追回要写明原因"):
            steps.step(county, overpaid, "paid")
        now = steps.step(county, overpaid, "paid", "本人已去世，核销")
        assert (now.state, now.claim.amount, refunds.awaited(county), screened(session, ids).too_much) == ("paid", 50_000, [], 12_000)


def test_only_the_county_and_not_who_entered_or_approved_it_records_a_refund(store: Store, overpaid: str) -> None:
    with store.write("追回") as session:
        county = at_county(session)
        steps.step(county, overpaid, "approved", "算错了")
        with pytest.raises(Refused, match="由县里登记"):
            refunds.record(session, overpaid, "收据")
        row = {"year": 2020, "area": session.scope[:6], "indicator": SEPARATE, "value": 1, "village": session.scope[:6]}
        records.save(replace(county, scope=session.scope[:6]), "target", row)
        with pytest.raises(Refused, match="审核与拨付不能是同一人"):
            refunds.record(county, overpaid, "收据")
        session.conn.execute(table("claim").update().values(created_by=at_county(session, "钱").author))
        with pytest.raises(Refused, match="谁录入谁不能登记退款"):
            refunds.record(at_county(session, "钱"), overpaid, "收据")
        assert refunds.record(at_county(session, "孙"), overpaid, "收据") == 12_000


def test_a_claim_of_which_nothing_is_due_is_recovered_as_a_whole(store: Store, ids: dict[str, str], overpaid: str) -> None:
    with store.write("追回") as session:
        session.conn.execute(table("employment").update().values(deleted_at="2024-01-01T00:00:00Z"))
        with pytest.raises(DomainError, match=r"一分也不该拨.*登记已追回"):
            steps.step(at_county(session), overpaid, "approved", "没有务工")


def test_nobody_is_told_to_recover_all_of_a_claim_whose_verdict_is_open(store: Store, ids: dict[str, str], overpaid: str) -> None:
    with store.write("追回") as session:
        session.conn.execute(table("category_span").update().values(end="2023-03-31"))
        assert screened(session, ids).verdict.outcome.value == "review"
        with pytest.raises(DomainError, match=r"还要核定：.*核定以后再办差额"):
            steps.step(at_county(session), overpaid, "approved", "类别变了")

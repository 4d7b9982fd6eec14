"""Paying: batches with a control total, the bank's sheet there and back, failures paid again, nothing twice."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import xlsxwriter
from sqlalchemy import update

from db import capture, changes, listed
from db.erased import erased
from db.exchange import held_change
from db.mapping import table
from db.session import Session
from domain.claims import PATH, reviewed_by
from domain.errors import DomainError, InputUnusable, Refused
from domain.funds import SEPARATE
from domain.records import Payment
from services import forms, importing, records, today
from services.claims import cautions, claims, steps
from services.dossier.doubts import doubts
from services.forms import template_fields
from services.office_files.reading import read_workbook
from services.payments import bank_answers, payments
from tests.services.test_claims import person, verdict


@pytest.fixture
def county(session: Session) -> Session:
    return replace(session, role="county")


def approved(session, name="张三", serial=11, **values):
    id = claims.file(session, verdict(person(session, name, serial, **values)))
    claim = claims.standing(session, id).claim
    for state in PATH[1:8]:
        steps.write_step(session, claim, state)
    session.conn.execute(table("claim").update().where(table("claim").c.id == id).values(created_by="赵文书@别处"))
    return id


def claimant(session, id):
    return str(claims.standing(session, id).claim.person_id)


def answer(file, rows):
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([("序号", "拨付编号", "户名", "金额", "结果", "原因"), *rows]):
            sheet.write_row(number, 0, row)
        book.add_worksheet()  # as older programs make every workbook: with empty sheets besides
    return file


def test_a_batch_has_its_control_total(county):
    ids = [approved(county), approved(county, "李四", 13)]
    with pytest.raises(DomainError, match=r"1,000\.00"):
        payments.pay(county, ids, "bridging", total=99_900)
    batch = payments.pay(county, ids, "bridging", budget_number="黑财指〔2023〕1号", total=100_000)
    assert (len(batch.payments), batch.total) == (2, 100_000)
    assert payments.due(county) == []


def test_whoever_entered_a_claim_does_not_pay_it(county):
    id = approved(county)
    county.conn.execute(table("claim").update().values(created_by=county.author))
    with pytest.raises(DomainError, match="谁录入谁不能拨付"):
        payments.pay(county, [id], "bridging")


def test_nobody_is_paid_twice_and_nothing_that_is_not_approved(county):
    id = approved(county)
    payments.pay(county, [id], "bridging")
    with pytest.raises(DomainError, match="待拨付"):
        payments.pay(county, [id], "bridging")
    draft = claims.file(county, verdict(person(county, "李四", 13)))
    with pytest.raises(DomainError, match="待拨付"):
        payments.pay(county, [draft], "bridging")


def test_a_village_does_not_pay(session):
    with pytest.raises(Refused):
        payments.pay(session, [approved(session)], "bridging")


def test_the_banks_sheet_there_and_back(county, tmp_path):
    good, bad = approved(county, bank_account="6228480000000016620"), approved(county, "李四", 13)
    batch = payments.pay(county, [good, bad], "bridging")
    file = tmp_path / "拨付.xlsx"
    assert payments.bank_sheet(county, batch.payments, file, reason="拨付") == 2
    cells = [cell for row in read_workbook(file.read_bytes())[0].rows for cell in row]
    assert "6228480000000016620" in cells and 1000.0 in cells
    first, second = batch.payments
    filled = answer(
        tmp_path / "结果.xlsx", [(1, first, "", 500, "成功", ""), (2, second, "", 500, "失败", "账号已销户"), (3, "", "", 1000, "", "")]
    )
    assert bank_answers.read_answer(county, filled) == bank_answers.Answered(1, 1, 0, [])
    assert claims.standing(county, good).state == "paid"
    again = payments.due(county)
    assert [(each.standing.claim.id, each.failed) for each in again] == [(bad, "账号已销户")]
    assert bank_answers.read_answer(county, filled) == bank_answers.Answered(0, 0, 2, [])
    retried = payments.pay(county, [bad], "bridging")
    bank_answers.read_answer(county, answer(tmp_path / "二.xlsx", [(1, retried.payments[0], "", "500.00", "成功", "")]))
    assert claims.standing(county, bad).state == "paid"


def test_what_is_at_the_bank_waits_for_nobody_here(county, tmp_path):
    """Today said that ten claims waited for this office, eight of which waited for the bank."""
    first, second = approved(county), approved(county, "李四", 13)
    assert len(claims.waiting(county)) == 2
    (sent,) = payments.pay(county, [first], "bridging").payments
    assert [each.claim.id for each in claims.waiting(county)] == [second]
    bank_answers.read_answer(county, answer(tmp_path / "r.xlsx", [(1, sent, "", 500, "失败", "户名不符")]))
    assert {each.claim.id for each in claims.waiting(county)} == {first, second}


def test_a_bank_that_has_other_words_is_understood(county, tmp_path):
    good, bad = approved(county), approved(county, "李四", 13)
    first, second = payments.pay(county, [good, bad], "bridging").payments
    file = tmp_path / "果.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ("代发结果清单",))
        sheet.write_row(1, 0, ("拨付编号", "发放金额（元）", "处理 结果", "失败原因"))
        sheet.write_row(2, 0, (first, 500, "代发成功", ""))
        sheet.write_row(3, 0, (second, 500, "入账失败", "户名不符"))
    assert bank_answers.read_answer(county, file) == bank_answers.Answered(1, 1, 0, [])
    assert [each.failed for each in payments.due(county)] == ["户名不符"]


@pytest.mark.parametrize(
    ("heads", "good", "bad", "why"),
    [
        (("拨付编号", "应处理金额(必须小于1亿)", "处理标志", "备注"), "全部成功", "失败", "户名不符"),
        (("拨付编号", "金额", "交易状态", "银行返回信息"), "交易成功", "已退汇", "户名不符"),
        (("拨付编号", "代发金额（元）", "支付状态", "错误原因"), "已支付", "支付失败：户名不符", ""),
        (("拨付编号", "交易金额", "入账标志", "结果说明"), "已发放", "入账失败（户名不符）", ""),
    ],
)
def test_the_answers_that_banks_really_give_are_understood(county, tmp_path, heads, good, bad, why):
    first, second = payments.pay(county, [approved(county), approved(county, "李四", 13)], "bridging").payments
    with xlsxwriter.Workbook(str(tmp_path / "果.xlsx")) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate([heads, (first, "500.00", good, ""), (second, "500.00", bad, why)]):
            sheet.write_row(at, 0, row)
    assert bank_answers.read_answer(county, tmp_path / "果.xlsx") == bank_answers.Answered(1, 1, 0, [])
    assert [each.failed for each in payments.due(county)] == ["户名不符"]


@pytest.mark.parametrize("word", ["受理成功", "提交成功", "部分成功", "成功（待入账）"])
def test_a_list_that_the_bank_has_is_not_paid(county, tmp_path, word):
    sent = payments.pay(county, [approved(county)], "bridging").payments[0]
    found = bank_answers.read_answer(county, answer(tmp_path / "r.xlsx", [(1, sent, "", 500, word, "")]))
    assert (found.paid, found.failed, [row for row, _why in found.rejected]) == (0, 0, [2])


@pytest.mark.parametrize(
    ("amount", "word", "other"), [(400, "成功", False), ("x", "成功", False), (500, "大概", False), (500, "成功", True)]
)
def test_a_line_that_does_not_fit_is_named_and_nothing_comes_of_it(county, tmp_path, amount, word, other):
    id = approved(county)
    sent = payments.pay(county, [id], "bridging").payments[0]
    found = bank_answers.read_answer(county, answer(tmp_path / "r.xlsx", [(1, "nobody" if other else sent, "", amount, word, "")]))
    assert (found.paid, found.failed, [row for row, _why in found.rejected]) == (0, 0, [2])
    assert claims.standing(county, id).state == "approved"


def test_a_payment_that_the_county_did_not_take_is_told_as_that(county, tmp_path):
    """Two desks paid the same claims before either synced, and the bank paid both lists: the number was said to be none of ours."""
    kind, id = Payment.KIND.number, "0b3e698c-f0c3-6a31-3571-e13eac146829"
    held = {"scope": county.scope, "seq": 6, "place": 0, "kind": kind, "row_id": id, "what": "I", "values": "{}", "reason": "enjoyed"}
    county.conn.execute(held_change.insert().values(held | {"by": "", "at": "", "author": ""}))
    found = bank_answers.read_answer(county, answer(tmp_path / "r.xlsx", [(1, id, "", 500, "成功", "")]))
    assert found.paid == 0 and "付了两次" in found.rejected[0][1]


def test_payments_that_the_county_has_not_taken_are_counted(county):
    sent = payments.pay(county, [approved(county), approved(county, "李四", 13)], "bridging").payments
    assert payments.unsent(county, sent) == 2
    county.conn.execute(update(capture.op).where(capture.op.c.row_id == sent[0]).values(entry="1"))
    assert payments.unsent(county, sent) == 1


def test_what_the_bank_could_not_pay_is_known_where_the_account_is_kept(county, session, tmp_path):
    """The village was told nothing: the claim stood there 待拨付 for ever."""
    id = approved(county)
    payments.pay(county, [id], "bridging")
    assert payments.bounced(session) == {}
    (made,) = session.select("payment")
    bank_answers.read_answer(county, answer(tmp_path / "bank.xlsx", [(1, made.id, "张三", 500, "失败", "账号户名不符")]))
    assert payments.bounced(session) == today.today(session, session.today).bounced == {id: "账号户名不符"}
    session.conn.execute(update(table("payment")).values(updated_at="2020-01-01T00:00:00Z"))  # the person was changed since
    assert payments.bounced(session) == {}


def test_another_sheet_is_refused(county, tmp_path):
    with xlsxwriter.Workbook(str(tmp_path / "x.xlsx")) as book:
        book.add_worksheet().write_row(0, 0, ("姓名", "金额"))
    with pytest.raises(InputUnusable, match="拨付结果表"):
        bank_answers.read_answer(county, tmp_path / "x.xlsx")


def test_a_contradiction_with_what_was_entered_is_named(county, tmp_path):
    id = approved(county)
    sent = payments.pay(county, [id], "bridging").payments[0]
    bank_answers.read_answer(county, answer(tmp_path / "a.xlsx", [(1, sent, "", 500, "成功", "")]))
    found = bank_answers.read_answer(
        county, answer(tmp_path / "b.xlsx", [(1, sent, "", 500, "失败", ""), ("", "合计", "", 500, "失败", "")])
    )
    assert [row for row, _why in found.rejected] == [2]
    assert "追回" in found.rejected[0][1] or "不要再拨" in found.rejected[0][1]  # it named no way out
    assert claims.standing(county, id).state == "paid"


def test_money_paid_wrongly_is_asked_back_and_its_return_lets_the_right_one_be_paid(county, tmp_path):
    id = approved(county)
    letter = forms.make(county, "fund_request")
    assert letter.total[-2:] == (1, 500.0) and any("大写：伍佰元整" in text for text in letter.opening)
    with pytest.raises(DomainError, match="还没有拨付"):
        forms.make(county, "recovery_note", id)
    (payment,) = payments.pay(county, [id], "bridging").payments
    bank_answers.read_answer(county, answer(tmp_path / "结果.xlsx", [(1, payment, "", 500, "成功", "")]))
    note = forms.make(county, "recovery_note", id)
    assert (note.values()["被追缴人"], note.values()["拨付金额（元）"], note.values()["金额大写"]) == ("张三", "500.00", "伍佰元整")
    assert "　　" in note.text[1]  # nothing on record says why
    job = {"person_id": claimant(county, id), "place": "210200", "channel": "migrant", "start": "2023-03-01", "end": "2023-03-09"}
    records.save(county, "employment", job)
    said = forms.make(county, "recovery_note", id).text[1]  # it is asked for with a reason, before it comes back
    assert said.startswith("原因：申请时判为「符合」500.00 元，按现在的文件和登记的事实是「不符合」：")
    assert set(note.values()) <= {*template_fields.COMMON, *forms.CATALOGUE["recovery_note"].fields}
    with pytest.raises(DomainError):
        claims.file(county, verdict(claims.standing(county, id).claim.person_id))  # the same again, while it counts as paid
    with pytest.raises(DomainError, match="原因和退款凭证"):
        steps.step(county, id, "recovered", " ")
    steps.step(county, id, "recovered", "两处申领，已退回，票据 00123")
    assert forms.make(county, "recovery_note", id).text[1] == said  # not the receipt
    again = claims.file(county, verdict(claims.standing(county, id).claim.person_id))
    county.conn.execute(table("claim").update().values(created_by="赵文书@别处"))
    claim = claims.standing(county, again).claim
    for state in PATH[1:8]:
        steps.write_step(county, claim, state)
    assert payments.pay(county, [again], "bridging").total == 50_000


def test_who_is_gone_or_died_is_not_paid_until_somebody_says_who_gets_it(county):
    gone, dead, well = approved(county), approved(county, "李四", 13), approved(county, "王五", 15)
    changes.delete(county, "person", claimant(county, gone))  # as an earlier program let a village do
    records.save(county, "person", {"died_on": "2023-05-01"}, claimant(county, dead))
    assert [bool(each.barred) for each in payments.due(county)] == [each.standing.claim.id != well for each in payments.due(county)]
    for id, word in ((gone, "不在"), (dead, "去世")):
        with pytest.raises(DomainError, match=word):
            payments.pay(county, [well, id], "bridging")
    assert len(payments.due(county)) == 3
    records.save(county, "claim", {"payee": "李小四"}, dead)
    assert len(payments.pay(county, [well, dead], "bridging").payments) == 2


def test_money_of_a_merged_person_goes_to_the_account_of_the_one_they_became(county, tmp_path):
    id = approved(county, bank_account="6228480000000016620")
    into = person(county, "张三丰", 17, bank_account="4111111111111111")
    changes.update(county, "person", claimant(county, id), {"merged_into": into})
    (line,) = payments.due(county)
    assert (line.name, line.account, line.barred) == ("张三丰", True, "")
    assert line.doubt == "并入张三丰后账号由 ****6620 变为 ****1111，请先核实"
    payments.bank_sheet(county, payments.pay(county, [id], "bridging").payments, tmp_path / "单.xlsx", reason="拨付")
    cells = [cell for row in read_workbook((tmp_path / "单.xlsx").read_bytes())[0].rows for cell in row]
    assert "4111111111111111" in cells and "6228480000000016620" not in cells


def test_an_answer_about_a_claim_that_left_its_place_stops_no_other_line(county, tmp_path):
    lost, good = approved(county), approved(county, "李四", 13)
    first, second = payments.pay(county, [lost, good], "bridging").payments
    steps.write_step(county, claims.standing(county, lost).claim, "refused", "硬写")  # past the program's own checks
    rows = [
        (1, first, "", 500, "成功", ""),
        (2, second, "", 500, "成功", ""),
        (2, second, "", 500, "成功", ""),
        (3, "x", "", 1, "成功", ""),
    ]
    found = bank_answers.read_answer(county, answer(tmp_path / "r.xlsx", rows))
    assert (found.paid, found.known, [row for row, _why in found.rejected]) == (1, 1, [2, 5])
    assert claims.standing(county, good).state == "paid"


def test_an_answer_about_somebody_erased_stops_no_other_line(county, tmp_path):
    gone, good = approved(county), approved(county, "李四", 13)
    first, second = payments.pay(county, [gone, good], "bridging").payments
    line = {"scope": county.scope, "seq": 1, "at": county.at, "reason": "到期", "fields": "{}"}
    county.conn.execute(erased.insert().values(kind=Payment.KIND.number, row_id=first, **line))
    read = bank_answers.read_answer(
        county, answer(tmp_path / "果.xlsx", [(1, first, "", 500, "成功", ""), (2, second, "", 500, "成功", "")])
    )
    assert (read.paid, len(read.rejected)) == (1, 1) and "已按规定删除" in read.rejected[0][1]


def test_while_money_is_on_its_way_a_claim_stays(county, tmp_path):
    id = approved(county)
    (sent,) = payments.pay(county, [id], "bridging").payments
    for to in ("returned", "refused"):
        with pytest.raises(DomainError, match="拨付中"):
            steps.step(county, id, to, "有人举报")
    bank_answers.read_answer(county, answer(tmp_path / "r.xlsx", [(1, sent, "", 500, "失败", "账号已销户")]))
    assert steps.step(county, id, "returned", "有人举报").state == "returned"


def test_an_account_that_was_changed_after_the_approval_is_told(county):
    before = replace(county, at="2023-06-05T08:00:00Z")
    kept = approved(before, bank_account="6228480000000016620")
    changed, filled = approved(before, "李四", 13, bank_account="6228480000000016638"), approved(before, "王五", 15)
    records.save(county, "person", {"bank_account": "6228480000000016646"}, claimant(county, changed))
    records.save(county, "person", {"bank_account": "6228480000000016653"}, claimant(county, filled))
    records.save(county, "person", {"phone": "13800138000"}, claimant(county, kept))
    told = {one.standing.claim.id: one.doubt for one in payments.due(county)}
    assert "审批后由" in told[changed] and (told[kept], told[filled]) == ("", "")
    claim = claims.standing(county, changed).claim
    steps.write_step(county, claim, "returned", "账号要核实")
    for state in PATH[1:8]:
        steps.write_step(replace(county, at="2099-06-05T08:00:00Z"), claim, state)
    assert {one.doubt for one in payments.due(county)} == {""}  # approved anew with the account as it is
    payments.pay(county, [changed], "bridging")


def test_what_arrived_after_the_approval_was_changed_after_it_whatever_a_clock_said(county):
    id = approved(county, bank_account="6228480000000016620")
    person_id = claimant(county, id)
    records.save(replace(county, at="2000-01-01T00:00:00Z"), "person", {"bank_account": "6228480000000016638"}, person_id)
    step, line = table("claim_step"), capture.op
    county.conn.execute(update(step).where(step.c.claim_id == id).values(seq=7))
    theirs = update(line).where(line.c.row_id == person_id, line.c.what == "U")
    county.conn.execute(theirs.values(entry=8))
    assert payments.due(county)[0].doubt
    county.conn.execute(theirs.values(entry=6))
    assert "审批后" not in payments.due(county)[0].doubt


def test_an_account_of_several_people_is_told(county):
    one = approved(county, bank_account="6228480000000016620")
    approved(county, "李四", 13, bank_account="6228480000000016620")
    assert [one.doubt for one in payments.due(county)] == ["账号有 2 人在用"] * 2
    payments.pay(county, [one], "bridging")


def test_payments_of_a_list_are_judged_as_the_county_judges_them(county):
    """They went in without a word, and the county's ingest held them."""
    good, draft, paid = approved(county), claims.file(county, verdict(person(county, "李四", 13))), approved(county, "王五", 15)
    payments.pay(county, [paid], "bridging")
    year = county.today[:4]
    records.save(
        replace(county, scope=county.scope[:6]),
        "target",
        {"year": int(year), "area": county.scope[:6], "indicator": "就业补助资金额度", "value": 100, "village": county.scope[:6]},
    )

    def line(claim, amount="500.00", fund="bridging"):
        return json.dumps({"kind": "payment", "claim_id": claim, "amount": amount, "fund": fund, "paid_on": county.today})

    data = "\n".join(
        [line(draft), line(paid, "1.00"), line(good, "499.00"), line(good, fund="employment"), line(good), line(good)]
    ).encode()
    made = importing.plan(county, data, name="a.jsonl")
    assert [(one.row, one.code) for one in made.rejected] == [(n, "payment") for n in (1, 2, 3, 4, 6)]
    assert importing.apply(county, made).added == 1
    (refused,) = importing.plan(replace(county, role="village"), line(approved(county, "赵六", 17)).encode(), name="a.jsonl").rejected
    assert "由县里办理" in refused.message


@pytest.mark.parametrize(
    ("role", "values", "told"),
    [
        ("village", {"amount": "99999.00"}, "本站不能再改"),
        ("village", {"payee": "李四"}, "本站不能再改"),
        ("county", {"amount": "99999.00"}, "批准以后不能再改"),
        ("county", {"year": 2024}, "批准以后不能再改"),
        ("county", {"payee": "李四"}, ""),
        ("county", {"amount": "500.00"}, ""),
    ],
)
def test_lines_that_change_a_claim_are_judged_as_the_county_judges_them(county, role, values, told):
    """They went in without a word, and the county's ingest held them."""
    line = json.dumps({"kind": "claim", "id": approved(county), **values})
    refused = importing.plan(replace(county, role=role), line.encode(), name="a.jsonl").rejected
    assert len(refused) == bool(told)
    assert all(told in one.message for one in refused)


OWN = ("序号", "收款账号", "户名", "金额", "交易日期", "交易状态", "备注")
"""Headings of a bank's own sheet, which has no room for our number."""


def of_the_bank(file, *rows, heads=OWN):
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate([("代发结果",), heads, *rows]):
            sheet.write_row(at, 0, row)
    return file


def test_a_banks_own_sheet_is_read_by_account_amount_and_day(county, tmp_path):
    accounts = "6228480000000016620", "6228480000000016638"
    good, bad = approved(county, bank_account=accounts[0]), approved(county, "李四", 13, bank_account=accounts[1])
    payments.pay(county, [good, bad], "bridging")
    day = county.today.replace("-", "")
    rows = (1, accounts[0], "张三", 500, f"{day} 10:21", "成功", ""), (2, accounts[1], "李四", "500.00", day, "失败", "户名不符")
    file = of_the_bank(tmp_path / "果.xlsx", *rows, ("合计", "", "", 1000, "", "成功", ""))
    assert bank_answers.read_answer(county, file) == bank_answers.Answered(1, 1, 0, [])
    assert [each.failed for each in payments.due(county)] == ["户名不符"] and claims.standing(county, good).state == "paid"
    assert bank_answers.read_answer(county, file) == bank_answers.Answered(0, 0, 2, []), "the same sheet again"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({4: "2020-01-01"}, "没有往这个账号"),
        ({4: "后天"}, "认不准"),
        ({3: 400}, "没有往这个账号"),
        ({1: "6228480000000099999"}, "没有往这个账号"),
        ({2: "李四"}, "户名"),
        ({5: "受理"}, "张三：结果写的是「受理」，应为"),
    ],
)
def test_a_line_of_a_bank_that_could_be_about_another_payment_is_named(county, tmp_path, changed, why):
    id = approved(county, bank_account="6228480000000016620")
    payments.pay(county, [id], "bridging")
    row = [1, "6228480000000016620", "张三", 500, county.today, "成功", ""]
    for at, value in changed.items():
        row[at] = value
    found = bank_answers.read_answer(county, of_the_bank(tmp_path / "果.xlsx", row))
    assert [line for line, _why in found.rejected] == [3] and why in found.rejected[0][1] and not found.paid
    assert claims.standing(county, id).state == "approved"


def test_an_answer_whose_columns_were_sorted_apart_is_believed_for_nobody(county, tmp_path):
    """Half the columns were sorted: each number stood beside somebody else's name and account, and both results were taken."""
    ids = [approved(county, bank_account="6228480000000016620"), approved(county, "李四", 13, bank_account="6228480000000026629")]
    one, two = payments.pay(county, ids, "bridging").payments
    with xlsxwriter.Workbook(str(tmp_path / "果.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ("拨付编号", "户名", "账号", "金额", "结果"))
        sheet.write_row(1, 0, (one, "", "6228 4800 0000 0026 629", 500, "成功"))
        sheet.write_row(2, 0, (two, "张三", "", 500, "失败"))
    found = bank_answers.read_answer(county, tmp_path / "果.xlsx")
    assert [why for _row, why in found.rejected] == [
        "拨付编号是张三的，账号是李四的，认不准是谁的结果",
        "拨付编号是李四的，户名写的是张三，认不准是谁的结果",
    ]
    rows = [(1, one, "张*", 500, "成功", ""), (2, two, "李 四", 500, "成功", "")]  # as banks write names
    county.conn.execute(table("person").update().values(bank_account="6228480000000099999"))  # changed since
    assert bank_answers.read_answer(county, answer(tmp_path / "果2.xlsx", rows)) == bank_answers.Answered(2, 0, 0, [])


def test_what_was_written_for_the_bank_is_known_until_it_answers(county, tmp_path):
    ids = [approved(county), approved(county, "李四", 13)]
    one, two = payments.pay(county, ids, "bridging").payments
    payments.bank_sheet(county, [one], tmp_path / "单.xlsx", reason="拨付")
    assert listed.waiting(county) == {one: county.today}
    payments.bank_sheet(county, [two], tmp_path / "单2.xlsx", reason="拨付")
    bank_answers.read_answer(county, answer(tmp_path / "果.xlsx", [(1, one, "", 500, "成功", "")]))
    assert listed.waiting(county) == {two: county.today}


def test_what_the_bank_has_is_not_undone(store, tmp_path):
    """It was due again at once, the bank paid all the same, and its answer found no such payment."""
    with store.write("准备") as session:
        id = approved(session)
    with store.write("拨付") as session:
        (made,) = payments.pay(replace(session, role="county"), [id], "bridging").payments
    with store.write("撤销") as session:
        assert records.undo_last(session) is not None
    with store.write("拨付") as session:
        (made,) = payments.pay(replace(session, role="county"), [id], "bridging").payments
    with store.write("导出") as session:
        payments.bank_sheet(replace(session, role="county"), [made], tmp_path / "单.xlsx", reason="拨付")
    with store.write("撤销") as session:
        with pytest.raises(DomainError, match="已经导出给银行"):
            records.undo_last(session)
        filled = answer(tmp_path / "果.xlsx", [(1, made, "", 500, "失败", "没有交")])
        assert bank_answers.read_answer(replace(session, role="county"), filled).failed == 1
        assert [one.failed for one in payments.due(session)] == ["没有交"]


def test_a_payment_keeps_the_account_it_was_made_to(county, tmp_path):
    """The account was changed after the payment: the sheet named the new one beside the old number, and the bank's answer found nothing."""
    id = approved(county, bank_account="6228480000000016620", bank_name="农信社")
    (made,) = payments.pay(county, [id], "bridging").payments
    records.save(county, "person", {"bank_account": "6228480000000026629", "bank_name": "农行"}, claimant(county, id))
    payments.bank_sheet(county, [made], tmp_path / "单.xlsx", reason="拨付")
    cells = [cell for row in read_workbook((tmp_path / "单.xlsx").read_bytes())[0].rows for cell in row]
    assert {"张三", "农信社", "6228480000000016620"} <= set(cells) and "6228480000000026629" not in cells
    wrong = [1, "6228480000000026629", "张三", 500, county.today, "成功", ""]
    assert bank_answers.read_answer(county, of_the_bank(tmp_path / "果.xlsx", wrong)).paid == 0
    right = [1, "6228480000000016620", "张三", 500, county.today, "成功", ""]
    assert bank_answers.read_answer(county, of_the_bank(tmp_path / "果2.xlsx", right)).paid == 1
    payment = county.get(Payment, made)
    assert (payment.payee, payment.bank_name, payment.account) == ("张三", "农信社", "6228480000000016620")
    assert payment.shown("account").endswith("6620") and "622848000000001" not in payment.shown("account")  # masked


def test_what_the_bank_refused_is_unmended_until_the_payee_is_changed(county, tmp_path):
    id = approved(county, bank_account="6228480000000016620")
    (made,) = payments.pay(county, [id], "bridging").payments
    bank_answers.read_answer(county, answer(tmp_path / "果.xlsx", [(1, made, "", 500, "失败", "销户")]))
    (due,) = payments.due(county)
    assert (due.failed, due.unmended) == ("销户", True)
    records.save(county, "person", {"bank_account": "6228480000000026629"}, due.standing.claim.person_id)
    county.conn.execute(table("payment").update().values(updated_at="2020-01-01T00:00:00Z"))  # both were in one second
    assert not payments.due(county)[0].unmended


def test_an_old_answer_never_speaks_of_a_later_payment(county, tmp_path):
    """After a failure the same amount goes to the same account once more; then somebody reads the old sheet again."""
    account = "6228480000000016620"
    id = approved(county, bank_account=account)
    first = payments.pay(county, [id], "bridging").payments[0]
    t = table("payment")
    county.conn.execute(t.update().where(t.c.id == first).values(paid_on="2020-03-01"))
    old = of_the_bank(tmp_path / "旧.xlsx", [1, account, "张三", 500, "2020-03-02", "失败", "账号已销户"])
    assert bank_answers.read_answer(county, old).failed == 1
    (second,) = payments.pay(county, [id], "bridging").payments
    assert bank_answers.read_answer(county, old) == bank_answers.Answered(0, 0, 1, [])
    assert county.get("payment", second).bank_result is None
    county.conn.execute(t.update().where(t.c.id == first).values(paid_on=county.today))
    new = of_the_bank(tmp_path / "新.xlsx", [1, account, "张三", 500, county.today, "成功", ""])
    (told,) = bank_answers.read_answer(county, new).rejected
    assert "两笔" in told[1] and county.get("payment", second).bank_result is None


def test_while_an_earlier_payment_to_the_account_waits_nobody_can_tell(county, tmp_path):
    """A bank may take days over the first, and answer on a day when the second was sent too."""
    account = "6228480000000016620"
    first, second = approved(county, bank_account=account), approved(county, "李四", 13, bank_account=account)
    (waits,) = payments.pay(county, [first], "bridging").payments
    t = table("payment")
    county.conn.execute(t.update().where(t.c.id == waits).values(paid_on="2020-03-01"))
    (sent,) = payments.pay(county, [second], "bridging").payments
    file = of_the_bank(tmp_path / "果.xlsx", [1, account, "", 500, county.today, "失败", ""])
    assert "没有结果" in bank_answers.read_answer(county, file).rejected[0][1]
    bank_answers.read_answer(county, answer(tmp_path / "r.xlsx", [(1, waits, "", 500, "成功", "")]))
    assert bank_answers.read_answer(county, file).failed == 1 and county.get("payment", sent).bank_result == "failed"


def test_two_lines_of_a_bank_about_one_payment_do_not_overwrite_each_other(county, tmp_path):
    account = "6228480000000016620"
    (sent,) = payments.pay(county, [approved(county, bank_account=account)], "bridging").payments
    rows = ([1, account, "张三", 500, county.today, word, ""] for word in ("成功", "退票"))
    found = bank_answers.read_answer(county, of_the_bank(tmp_path / "果.xlsx", *rows))
    assert (found.paid, found.failed, len(found.rejected), county.get("payment", sent).bank_result) == (1, 0, 1, "ok")


def test_a_banks_own_sheet_without_days_or_with_hidden_accounts_is_refused(county, tmp_path):
    account = "6228480000000016620"
    payments.pay(county, [approved(county, bank_account=account)], "bridging")
    heads = tuple(word for word in OWN if word != "交易日期")
    with pytest.raises(InputUnusable, match="交易日期"):
        bank_answers.read_answer(county, of_the_bank(tmp_path / "果.xlsx", [1, account, "张三", 500, "成功", ""], heads=heads))
    hidden = of_the_bank(tmp_path / "果.xlsx", [1, "6228****6620", "张三", 500, county.today, "成功", ""])
    found = bank_answers.read_answer(county, hidden)
    assert not found.paid and "看不全" in found.rejected[0][1]


def separate(county, value=1, year=2020):
    values = {"year": year, "area": county.scope[:6], "indicator": SEPARATE, "value": value, "village": county.scope[:6]}
    records.save(replace(county, scope=county.scope[:6]), "target", values)


def test_whoever_reviewed_a_claim_is_warned_and_barred_from_paying_where_the_county_says_so(county):
    """One person could take every step at the county, and only an auditor was told."""
    one, other = approved(county), approved(county, "李四", 13)
    for id in (one, other):
        assert county.author in reviewed_by(claims.standing(county, id).steps)
    assert [each.reviewed for each in payments.due(county)] == [True, True]
    payments.pay(county, [one], "bridging")
    separate(county)
    (left,) = payments.due(county)
    assert (left.reviewed, left.barred) == (False, "审核与拨付不能是同一人：这笔是您审核或批准的，请换一位同事")
    with pytest.raises(DomainError, match="审核与拨付不能是同一人"):
        payments.pay(county, [other], "bridging")
    with pytest.raises(Refused, match="请换一位同事拨付"):
        steps.step(county, other, "paid")
    with pytest.raises(Refused, match=r"李四.*请换一位同事拨付.*这一批都没有办"):
        steps.step_all(county, [other, approved(county, "王五", 15)], "paid")
    line = json.dumps({"kind": "payment", "claim_id": other, "amount": "500.00", "fund": "bridging"})
    (refused,) = importing.plan(county, line.encode(), name="a.jsonl").rejected
    assert "审核与拨付不能是同一人" in refused.message
    colleague = replace(county, user="钱")
    assert payments.pay(colleague, [other], "bridging").total == 50_000
    separate(county, 0, 2021)
    assert payments.due(county)[0].reviewed, "a later year that says no"


def test_who_reviewed_it_too_is_told_before_approving(county):
    id = claims.file(county, verdict(person(county)))
    for state in PATH[1:7]:
        steps.write_step(county, claims.standing(county, id).claim, state)
    assert "1 笔的县审核也是您办的" in cautions.before_approval(county, [id])
    assert "县审核" not in cautions.before_approval(replace(county, user="钱"), [id])


def test_whoever_marks_as_paid_without_a_payment_is_told_and_so_is_an_auditor(county):
    id = approved(county)
    said = "；".join(cautions.before_payment(county, claims.standing(county, id)))
    assert "没有拨付记录，只记了「已拨付」" in said and "没有登记社保卡账号" in said and "没有的材料：" in said
    steps.step(county, id, "paid")
    told = "；".join(doubts(county, claims.standing(county, id), [], ()))
    assert "没有拨付记录，只记了「已拨付」" in told and "没有登记社保卡账号" in told
    steps.write_step(county, claims.standing(county, id).claim, "recovered")  # as an earlier program let it
    assert "没有写原因和退款凭证" in "；".join(doubts(county, claims.standing(county, id), [], ()))


def test_a_claim_paid_by_the_bank_gives_no_such_doubt(county):
    id = approved(county, bank_account="6228480000000016620")
    (payment,) = payments.pay(county, [id], "bridging").payments
    changes.update(county, "payment", payment, {"bank_result": "ok"})
    steps.step(county, id, "paid")
    told = "；".join(doubts(county, claims.standing(county, id), [], ()))
    assert "拨付记录" not in told and "账号" not in told


def test_the_bank_is_not_sent_a_made_up_number_without_a_word(county):
    id = approved(county, bank_account="6228480000000016620")
    county.conn.execute(table("person").update().where(table("person").c.id == claimant(county, id)).values(id_number="无证101202-48315"))
    assert payments.due(county)[0].doubt == "本人没有证件号码，银行核对不了，请先补上证件"

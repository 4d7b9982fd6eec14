"""Public-welfare posts in a real store: quota, agreements and insurance, a month's attendance, and pay as rule R28-pay judges it."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db import changes
from db.merged import roots
from domain.claims import PATH
from domain.errors import DomainError, FieldError
from domain.periods import add_days
from domain.policy.pack import load
from domain.policy.verdict import Outcome
from services import forms, merging, policies, records, screening
from services.claims import claims, steps
from services.posts import pay, posts
from services.quality import quality
from tests.packs import successor

ON = "2023-06-15"
PERSON = {"document": "other", "labour": "weak"}
POST = {"name": "保洁员", "type": "cleaner", "quota": 2, "developer": "hrss", "fund": "employment", "standard": 50000, "required_days": 30}


def person(session, name: str, **values: Any) -> str:
    return records.save(session, "person", {**PERSON, "name": name, "id_number": f"X{name}", **values})


def post(session, **values: Any) -> str:
    return records.save(session, "post", {**POST, **values})


def on_post(session, name: str = "王秀兰", start: str = "2023-01-01", **values: Any) -> str:
    post_id = values.pop("post_id", None) or post(session)
    term = {"type": "service", "start": start, "end": posts.year_from(start)}
    cover = {"insurer": "人保", "start": start, "end": posts.year_from(start)}
    return posts.appoint(session, {"post_id": post_id, "person_id": person(session, name, **values), "start": start}, term, cover)


def test_the_quota_holds_and_nobody_holds_two_posts(session) -> None:
    cleaner, forest = post(session, quota=1), post(session, name="护林员", type="forest")
    held = on_post(session, post_id=cleaner)
    with pytest.raises(DomainError, match="定额 1 人"):
        on_post(session, "赵福生", post_id=cleaner)
    who = session.get("appointment", held).person_id
    with pytest.raises(DomainError, match="一人只能一岗"):
        posts.appoint(session, {"post_id": forest, "person_id": who, "start": ON})
    assert {line.post.name: (line.holders, line.free) for line in posts.posts(session, ON)} == {"保洁员": (1, 0), "护林员": (0, 2)}
    assert posts.leave(session, [held], "2023-06-30", "年满") == 1
    with pytest.raises(DomainError, match="已经退岗"):  # with 全部 marked every exit of years became today
        posts.leave(session, [held], "2023-12-31")
    posts.appoint(session, {"post_id": forest, "person_id": who, "start": "2023-07-01"})
    assert on_post(session, "单桂英", start="2023-07-01", post_id=cleaner)
    assert [line.free for line in posts.posts(session, "2023-07-01")] == [0, 1]


def test_what_is_not_in_order_is_said(session) -> None:
    held = on_post(session)
    (line,) = posts.holders(session, ON)
    assert line.matters == [] and line.agreement is not None and line.agreement.end == "2023-12-31"
    assert posts.holders(session, "2023-12-10")[0].matters == ["协议 2023-12-31 到期", "意外险 2023-12-31 到期"]
    assert posts.holders(session, "2024-01-05")[0].matters == ["协议已于 2023-12-31 到期"]
    records.save(session, "agreement", {"type": "service", "start": "2024-01-01", "end": "2024-12-31"} | {"appointment_id": held})
    assert posts.holders(session, "2024-01-05")[0].matters == ["协议期内从 2024-01-01 起 366 天没有意外险"]
    assert posts.holders(session, "2023-12-10")[0].matters == ["意外险 2023-12-31 到期"], "the agreement was renewed, the insurance was not"
    assert posts.holders(session, "2023-11-10")[0].matters == []
    records.save(session, "person", {"died_on": "2024-01-03"}, line.appointment.person_id)
    assert posts.holders(session, "2024-01-05")[0].matters[0] == "已于 2024-01-03 去世，应办退岗"
    with pytest.raises(FieldError, match="早于上岗时间"):
        posts.leave(session, [held], "2022-12-31")
    posts.leave(session, [held], "2024-01-05", "去世")
    assert session.get("appointment", held).exit_on == "2024-01-03", "nobody is on a post after their death"


@pytest.mark.parametrize(
    ("start", "end"),
    [("2023-01-01", "2023-12-31"), ("2023-04-01", "2024-03-31"), ("2024-02-29", "2025-02-28"), ("2023-03-01", "2024-02-29")],
)
def test_a_year_of_an_agreement(start: str, end: str) -> None:
    assert posts.year_from(start) == end


def test_a_month_is_marked_paid_and_not_paid_twice(session) -> None:
    first = on_post(session)
    second = on_post(session, "赵福生", start="2023-06-11", post_id=session.get("appointment", first).post_id)
    lines = {line.holder.name: line for line in pay.month(session, "2023-06")}
    assert [(line.marks, line.note, line.due) for line in lines.values()] == [("-" * 30, "2023-06 没有考勤，在岗领补，请补考勤", 0)] * 2
    with pytest.raises(DomainError, match="没有可发的"):
        pay.pay(session, "2023-06", "2023-07-05")
    assert pay.keep(session, "2023-06", {first: "P" * 29 + "S", second: "P" * 30}) == 2
    lines = {line.holder.name: line for line in pay.month(session, "2023-06")}
    assert (lines["王秀兰"].days, lines["王秀兰"].due) == (29, 48333)
    assert lines["赵福生"].note == "2023-06 在岗只有 2023-06-11 至 2023-06-30，考勤记了 30 天，请核实"
    assert pay.pay(session, "2023-06", "2023-07-05") == (1, 48333)
    pay.keep(session, "2023-06", {second: "-" * 10 + "P" * 20})
    assert pay.pay(session, "2023-06", "2023-07-06") == (1, 33333)
    assert [line.due for line in pay.month(session, "2023-06")] == [0, 0]
    with pytest.raises(DomainError, match="没有可发的"):
        pay.pay(session, "2023-06", "2023-07-07")


def test_a_month_paid_by_the_sheet_is_not_claimed_again(session) -> None:
    """Who had got the month's pay stood as entitled and not claiming, and a claim would have paid it twice."""
    held = on_post(session)
    pay.keep(session, "2023-06", {held: "P" * 30})
    [before] = screening.screen(session, rule="R28-pay", on=ON[:4] + "-10-25")
    assert before.unclaimed and before.verdict.amount == 50_000
    pay.pay(session, "2023-06", "2023-07-05")
    who = str(before.verdict.person_id)
    for found in (screening.screen(session, rule="R28-pay"), screening.screen(session, rule="R28-pay", person_id=who)):
        [after] = found
        assert after.verdict.outcome is Outcome.ELIGIBLE and not after.claimable and not after.unclaimed
        assert "2023-06 的补贴已经发了 500.00 元（2023-07-05）" in after.verdict.reasons[-1].text
    with pytest.raises(DomainError, match=r"不用申请.*已经发了 500\.00 元"):
        claims.judge_and_file(session, "R28-pay", 2023, person_id=who)
    line = {"appointment_id": held, "month": "2023-06", "amount": -50_000, "paid_on": "2023-07-06"}
    changes.insert(session, "post_pay", [{**line, "id": session.new_id(), "village": session.scope}])
    assert [each.unclaimed for each in screening.screen(session, rule="R28-pay")] == [True], "what was taken back is due again"


def test_a_claim_for_a_month_the_sheet_has_paid_meanwhile_goes_no_further(session) -> None:
    held = on_post(session)
    pay.keep(session, "2023-06", {held: "P" * 30})
    [found] = screening.screen(session, rule="R28-pay")
    id = claims.judge_and_file(session, "R28-pay", 2023, person_id=found.verdict.person_id)
    assert [each.unentitled for each in screening.screen(session, rule="R28-pay")] == [False]
    pay.pay(session, "2023-06", "2023-07-05")
    [after] = screening.screen(session, rule="R28-pay")
    assert after.unentitled and after.claim_id == id and not after.verdict.reasons[-1].met
    with pytest.raises(DomainError, match=r"不能往下办：2023-06 的补贴已经发了 500\.00 元"):
        steps.step(session, id, "village_reviewed")


def test_a_month_whose_claim_was_approved_is_not_paid_by_the_sheet(session) -> None:
    held = on_post(session)
    pay.keep(session, "2023-06", {held: "P" * 30})
    [found] = screening.screen(session, rule="R28-pay")
    id = claims.judge_and_file(session, "R28-pay", 2023, person_id=found.verdict.person_id)
    assert [line.due for line in pay.month(session, "2023-06")] == [50_000], "nothing is decided yet"
    for n, state in enumerate(PATH[1 : PATH.index("paid")]):
        step = {"claim_id": id, "to_state": state, "by": "x", "at": f"2023-08-01T00:00:{n:02d}Z"}
        changes.insert(session, "claim_step", [{**step, "id": session.new_id(), "village": session.scope}])
    assert [(line.due, line.note) for line in pay.month(session, "2023-06")] == [(0, "已在「补助」里申请，现在是「待拨付」，不在这里再发")]
    with pytest.raises(DomainError, match="没有可发的"):
        pay.pay(session, "2023-06", "2023-07-05")


@pytest.mark.parametrize("id", ["R28-pay", "P9"])
@pytest.mark.parametrize("pack", ["A-NEW", "Z-NEW"])
def test_the_days_required_are_those_of_the_document_in_force(session, monkeypatch, id: str, pack: str) -> None:
    """The sheet asked for the rule of the old document, or for whichever of one id came first."""
    text = f"""{successor(pack, "2023-07-01", rules=["R28-pay"])}
[[rules]]
id = "{id}"
kind = "post_pay"
article = "（一）"
name = "岗位补贴"
params = {{required_days = 22}}
"""
    held = on_post(session, post_id=post(session, required_days=None))
    packs = policies.in_use([load(text.encode())])
    monkeypatch.setattr(policies, "used_here", lambda _session: packs)
    for month, days in (("2023-06", 30), ("2023-07", 22), ("2026-03", 22)):
        assert [(line.id, line.required) for line in pay.month(session, month)] == [(held, days)]


def test_what_was_paid_of_a_month_is_the_sum_of_its_payments(session) -> None:
    """Of a payment and its correction the papers showed one alone, so that their sum was not that of the ledger."""
    held = [on_post(session, name, post_id=post(session)) for name in ("王秀兰", "赵福生", "单桂英")]
    pay.keep(session, "2023-06", dict.fromkeys(held, "P" * 30))
    pay.pay(session, "2023-06", "2023-07-05", held)
    for id, amount in zip(held, (-5_001, -12, -50_000), strict=True):
        records.save(session, "post_pay", {"appointment_id": id, "month": "2023-06", "amount": amount, "paid_on": "2023-07-25"})
    lines = {line.id: line for line in pay.month(session, "2023-06")}
    assert [lines[id].paid for id in held] == [pay.Paid(44_999, "2023-07-25"), pay.Paid(49_988, "2023-07-25"), None]
    assert [(lines[id].due, lines[id].differs) for id in held] == [(0, True), (0, True), (50_000, False)]
    for name in ("post_pay_summary", "post_pay_notice"):
        form = forms.make(session, name, month="2023-06")
        assert 1449.87 in form.total


def test_a_month_paid_wrongly_is_taken_back_and_paid_anew(session) -> None:
    """Neither another record nor one in the place of a deleted one was taken: what was paid wrongly stayed so for ever."""
    held = on_post(session)
    pay.keep(session, "2023-06", {held: "P" * 30})
    pay.pay(session, "2023-06", "2023-07-05")
    (paid,) = session.select("post_pay")
    values = {"appointment_id": held, "month": "2023-06", "paid_on": "2023-07-06"}
    with pytest.raises(DomainError, match="另记一笔负数冲减"):
        records.save(session, "post_pay", values | {"amount": 46_667})
    pay.keep(session, "2023-06", {held: "P" * 28 + "SS"})
    back = records.save(session, "post_pay", values | {"amount": -50_000})
    assert back != paid.id
    assert pay.pay(session, "2023-06", "2023-07-07") == (1, 46_667)
    assert pay.month(session, "2023-06")[0].paid == pay.Paid(46_667, "2023-07-07")
    assert merging.matches(session) == []  # three records of a month, and no mistake
    for one in session.select("post_pay"):
        records.delete(session, "post_pay", one.id)
    pay.keep(session, "2023-06", {held: "P" * 15 + "S" * 15})
    assert pay.pay(session, "2023-06", "2023-07-08") == (1, 25_000)  # deleted by mistake, with another amount now


def test_a_month_paid_on_the_wrong_day_is_deleted_and_paid_on_the_right_one(session) -> None:
    """It was refused for ever as written over; the same day again is the same record."""
    held = on_post(session)
    pay.keep(session, "2023-06", {held: "P" * 30})
    for day, count in (("2023-07-05", 1), ("2023-07-08", 2), ("2023-07-08", 2)):
        pay.pay(session, "2023-06", day)
        assert pay.month(session, "2023-06")[0].paid == pay.Paid(50_000, day)
        (paid,) = session.select("post_pay")
        records.delete(session, "post_pay", paid.id)
        assert len(session.select("post_pay", deleted=True)) == count


def test_attendance_that_cannot_be_is_refused_and_an_empty_line_clears(session) -> None:
    held = on_post(session)
    for marks in ("P" * 31, "P" * 29 + "X", "p" * 30):
        with pytest.raises(FieldError, match="每天一个字母"):
            pay.keep(session, "2023-06", {held: marks})
    for marks in ("P" * 30, "-" * 30, "R" * 30):
        pay.keep(session, "2023-06", {held: marks})
    assert pay.month(session, "2023-06")[0].note == "本月没有出勤，不出勤不领补贴"
    pay.keep(session, "2023-06", {held: "-" * 30})
    assert pay.month(session, "2023-06")[0].days is None


def test_the_papers_of_a_month(session) -> None:
    first = on_post(session)
    on_post(session, "赵福生", start="2023-06-11", post_id=session.get("appointment", first).post_id)
    pay.keep(session, "2023-06", {first: "P" * 28 + "SR"})
    sheet = forms.make(session, "post_attendance", month="2023-06")
    marked = {row[1]: row[2:] for row in sheet.rows}
    assert marked["王秀兰"][26:] == ("√", "√", "病", "休", 28, "") and sheet.columns[-3:] == ["30", "出勤", "签字"], "June has no 31st"
    assert set(marked["赵福生"]) == {""}
    summary = forms.make(session, "post_pay_summary", month="2023-06")
    assert not summary.text
    assert "（2023年6月）" in summary.title and summary.heads["开发主管部门"] == "人社"
    assert [row[1:] for row in summary.rows] == [("王秀兰", "****", "保洁员", 30, 28, 466.67, "2023-01-01 至 2023-12-31")]
    pay.pay(session, "2023-06", "2023-07-05")
    notice = forms.make(session, "post_pay_notice", month="2023-06")
    assert [row[1:] for row in notice.rows] == [("王秀兰", "****", "保洁员", 28, 466.67)]
    assert notice.total[-1] == 466.67 and forms.make(session, "post_pay_summary", month="2023-05").rows == []


def test_the_summary_has_a_subtotal_for_each_department_and_fund(session) -> None:
    """Forest wardens of another department, paid from another fund, stood in one list with one total: no office could take it."""
    cleaner = on_post(session)
    forest = post(session, name="护林员", type="forest", developer="forestry", fund="forest_guard")
    wardens = [on_post(session, name, post_id=forest) for name in ("赵福生", "单桂英")]
    pay.keep(session, "2023-06", dict.fromkeys((cleaner, *wardens), "P" * 30))
    summary = forms.make(session, "post_pay_summary", month="2023-06")
    said = [(row[0], row[1], row[3], row[6]) for row in summary.rows]
    assert sorted((number, name) for number, name, _post, _sum in said if number) == [(1, "单桂英"), (1, "王秀兰"), (2, "赵福生")]
    subtotals = {row[3]: row[6] for row in summary.rows if row[1] == "小计"}
    assert subtotals == {"人社　就业补助资金": 500.0, "林草　生态护林员资金": 1000.0}
    assert [row[1] for row in summary.rows].count("小计") == 2 and said[-1][1] == "小计"
    assert (summary.total[2], summary.total[6]) == ("3 人", 1500.0)


MONTHS = ("2023-02", "2023-05", "2023-06")
attendances = st.one_of(st.integers(-1, 33), st.text("PSLAR-", min_size=1, max_size=32), st.text("pPsx", min_size=1, max_size=6))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    month=st.sampled_from(MONTHS),
    kept=attendances,
    start=st.sampled_from(("2022-03-01", "2023-02-10", "2023-05-20")),
    stay=st.sampled_from((None, 9, 200)),
    died=st.sampled_from((None, "2023-01-20", "2023-05-16")),
    required=st.sampled_from((None, 22, 30)),
)
def test_the_sheet_pays_what_the_rule_grants(session, month, kept, start, stay, died, required) -> None:
    with session.conn.begin_nested() as nested:
        held = records.save(
            session,
            "appointment",
            {
                "post_id": post(session, required_days=required),
                "person_id": person(session, "王秀兰", died_on=died, bank_account=None),
                "start": start,
                "exit_on": add_days(start, stay) if stay else None,
            },
        )
        values = {"days": kept} if isinstance(kept, int) else {"marks": kept}
        records.save(session, "attendance", {"appointment_id": held, "month": month, **values})
        due = [line.due for line in pay.month(session, month) if line.id == held]
        judged = [each.verdict for each in screening.screen(session, rule="R28-pay", on="2023-12-01")]
        nested.rollback()
    granted = [verdict.amount for verdict in judged if verdict.outcome is Outcome.ELIGIBLE]
    assert (due or [0]) == (granted or [0]), [(v.outcome, v.reasons) for v in judged]


def test_the_sheet_pays_no_day_at_two_posts(session) -> None:
    """Appointed by two laptops, or by a roster; as the rule says, the earlier post is paid."""
    first = on_post(session)
    who = session.get("appointment", first).person_id
    second = records.save(session, "appointment", {"post_id": post(session, standard=80000), "person_id": who, "start": "2023-02-01"})
    sheets = {first: "P" * 15 + "-" * 15, second: "-" * 15 + "P" * 15}
    pay.keep(session, "2023-06", sheets)
    assert {line.id: line.note for line in pay.month(session, "2023-06")} == {first: "", second: ""}
    pay.keep(session, "2023-06", {second: "-" * 14 + "P" * 16})
    notes = {line.id: line.note for line in pay.month(session, "2023-06")}
    assert notes[first] == "" and "另一个公益性岗位" in notes[second]
    assert pay.pay(session, "2023-06", "2023-07-05") == (1, 25_000)


def test_pay_that_is_not_what_the_attendance_gives_is_said_on_sheet_and_check(session) -> None:
    """Also where the post does not state its days, so that those of the policy count."""
    held = on_post(session, post_id=post(session, standard=40000, required_days=None))
    records.save(session, "attendance", {"appointment_id": held, "month": "2023-06", "days": 24})
    records.save(session, "post_pay", {"appointment_id": held, "month": "2023-06", "amount": 40000, "paid_on": "2023-07-05"})
    (line,) = pay.month(session, "2023-06")
    assert line.differs and line.amount == 32000
    assert list(forms.make(session, "post_pay_summary", month="2023-06").text) == [
        "备注：王秀兰已发 400.00 元，按出勤 24 天应为 320.00 元，多 80.00 元，请核实。"
    ]
    assert [doubt.message for doubt in quality.check(session) if doubt.rule == "W38"] == [
        "王秀兰：2023-06 发了补贴 400.00 元，按登记的标准和出勤是 320.00 元"
    ]
    (judged,) = screening.screen(session, rule="R28-pay", year=2023)
    assert "多发 80.00 元，请核实" in judged.verdict.reasons[-1].text and not judged.verdict.reasons[-1].met


def test_a_new_standard_leaves_paid_months_alone_and_is_asked_about_for_earlier_ones(session) -> None:
    """600 → 780: what was paid by the old standard was printed as too little, an unpaid month of last year took the new one unasked."""

    def clock_at(at: str) -> None:
        session.conn.exec_driver_sql("UPDATE control SET at = ?", (at,))

    clock_at("2023-01-01T00:00:00Z")
    cleaner = post(session, standard=60000, required_days=26)
    held = on_post(session, post_id=cleaner)
    for month in ("2023-05", "2023-06", "2023-07"):
        records.save(session, "attendance", {"appointment_id": held, "month": month, "days": 20})
    clock_at("2023-06-05T08:00:00Z")
    pay.pay(session, "2023-05", "2023-06-05")
    clock_at("2023-07-10T08:00:00Z")
    changes.update(session, "post", cleaner, {"standard": 78000})
    (paid,), (asked,), (now,) = (pay.month(session, month) for month in ("2023-05", "2023-06", "2023-07"))
    assert not paid.differs and paid.amount == 46_154 and paid.cautions == ["发的时候登记的标准是 600.00 元，现在是 780.00 元"]
    assert asked.due == 60_000 and asked.cautions[0].startswith("2023-06 登记的标准是 600.00 元，后来改成 780.00 元")
    assert (now.due, now.cautions) == (60_000, [])
    assert not any("少" in line for line in forms.make(session, "post_pay_summary", month="2023-05").text)


def test_pay_without_attendance_is_said_on_sheet_paper_and_check(session) -> None:
    """The sheet had it as paid, the paper printed 0 days beside the sum, and the check was silent."""
    held = on_post(session)
    records.save(session, "post_pay", {"appointment_id": held, "month": "2023-06", "amount": 50000, "paid_on": "2023-07-05"})
    (line,) = pay.month(session, "2023-06")
    assert line.unfounded and line.note == "2023-06 没有考勤，在岗领补，请补考勤"
    summary = forms.make(session, "post_pay_summary", month="2023-06")
    assert summary.rows[0][5:7] == ("", 500) and forms.make(session, "post_pay_notice", month="2023-06").rows[0][4:] == ("", 500)
    assert summary.text == ["备注：王秀兰已发 500.00 元：2023-06 没有考勤，在岗领补，请补考勤。"]
    assert [doubt.message for doubt in quality.check(session) if doubt.rule == "W38"] == ["王秀兰：2023-06 没有考勤，发了补贴 500.00 元"]


def test_what_the_rule_warns_of_the_sheet_and_its_paper_say_too(session) -> None:
    """Nobody saw on the sheet that an agreement had ended, that nobody was insured, or that somebody was over seventy."""
    first = on_post(session)
    values = {"post_id": session.get("appointment", first).post_id, "start": "2023-01-01"}
    old = records.save(session, "appointment", values | {"person_id": person(session, "赵福生", birth="1953-06-30")})
    pay.keep(session, "2023-06", dict.fromkeys((first, old), "P" * 30))
    notes = {line.id: line.cautions for line in pay.month(session, "2023-06")}
    assert notes == {first: [], old: ["没有有效协议", "没有意外险", "满 70 周岁"]}
    judged = {each.verdict.person_id: each.verdict for each in screening.screen(session, rule="R28-pay", on="2023-12-01")}
    for id, cautions in notes.items():
        said = judged[session.get("appointment", id).person_id].reasons
        assert [each.text for each in said if "注意" in each.text] == [f"（二十八）注意：2023-06 {text}，请核实" for text in cautions]
    summary = forms.make(session, "post_pay_summary", month="2023-06")
    assert summary.text == ["备注：没有有效协议（赵福生）。", "备注：没有意外险（赵福生）。", "备注：满 70 周岁（赵福生）。"]
    assert [row[-1] for row in summary.rows] == ["2023-01-01 至 2023-12-31", ""]
    assert pay.pay(session, "2023-06", "2023-07-05") == (2, 100_000), "it warns and does not bar"
    assert [doubt for doubt in quality.check(session) if doubt.rule == "W38"] == []


@pytest.mark.parametrize("merged", [False, True])
def test_work_away_death_and_too_long_an_agreement_are_to_be_verified_before_pay(session, merged: bool) -> None:
    """The sheet said 可发 without a word for somebody who worked in another province that month, for the dead, whose pay somebody else
    draws, and under an agreement of a year and a half, while the warnings and data checks of the same day knew of each."""
    away = on_post(session)
    post_id, who = session.get("appointment", away).post_id, session.get("appointment", away).person_id
    dead, bound = (
        on_post(session, "赵福生", post_id=post_id, died_on="2023-06-10"),
        on_post(session, "单桂英", post_id=post(session, name="护林员"), start="2022-05-01"),
    )
    (old,) = [one for one in posts.holders(session, ON) if one.appointment.id == bound]
    records.save(session, "agreement", {"end": "2023-10-31"}, old.agreements[0].id)
    records.save(session, "insurance", {"end": "2023-10-31"}, old.insurances[0].id)
    worker = person(session, "王秀兰", id_number="X二") if merged else who
    spell = {"person_id": worker, "place": "210200", "channel": "migrant", "start": "2023-06-15"}
    records.save(session, "employment", spell)
    records.save(session, "employment", spell | {"start": "2023-05-01", "end": "2023-06-01"})  # a day for the journey
    if merged:
        merging.merge(session, who, worker)
    records.save(session, "employment", {"person_id": who, "place": "230826", "channel": "flexible", "start": "2023-01-05"})
    pay.keep(session, "2023-06", {away: "P" * 30, dead: "P" * 10 + "-" * 20, bound: "P" * 30})
    said = {
        away: "2023-06-15 至 2023-06-30 又登记在辽宁省大连市务工",
        dead: "本人已于 2023-06-10 去世，由谁领取要先定",
        bound: "协议超过一年（2022-05-01 至 2023-10-31）",
    }
    lines = {line.id: line for line in pay.month(session, "2023-06")}
    assert {id: line.cautions for id, line in lines.items()} == {id: [text] for id, text in said.items()}
    assert all(line.due for line in lines.values()), "it warns and does not bar"
    judged = {each.verdict.person_id: each.verdict for each in screening.screen(session, rule="R28-pay", on="2023-12-01")}
    lacking = {away: "公益岗和务工时间重叠的核实", dead: "由谁领取的核定", bound: None}
    for id, text in said.items():
        verdict = judged[roots(session, [session.get("appointment", id).person_id]).popitem()[1]]
        assert [each.text for each in verdict.reasons if "注意" in each.text] == [f"（二十八）注意：2023-06 {text}，请核实"]
        assert next(iter(verdict.missing)) == lacking[id] or lacking[id] is None
    told = forms.make(session, "post_pay_summary", month="2023-06").text
    assert {line.removeprefix("备注：").partition("（")[0] for line in told} == {text.partition("（")[0] for text in said.values()}


def test_a_month_after_the_policy_has_ended_is_said_to_be(session) -> None:
    """Screening held nothing for it, and the sheet offered it without a word."""
    held = on_post(session, start="2026-01-01")
    pay.keep(session, "2026-10", {held: "P" * 31})
    (line,) = pay.month(session, "2026-10")
    assert (line.due, line.note, line.cautions) == (50_000, "", ["政策执行到 2025-12-31，新文件没有下来"])
    assert forms.make(session, "post_pay_summary", month="2026-10").text == ["备注：政策执行到 2025-12-31，新文件没有下来（全部）。"]
    assert pay.month(session, "2025-12") == []


def test_a_full_month_of_fewer_days_than_required_is_hinted_at(session) -> None:
    """A full February of a post that requires 30 days pays 466.67 of 500 for everybody, and nothing said why."""
    held = on_post(session)
    for marks, said in (("P" * 28, ["全月出勤，但只有 28 天，少于规定的 30 天；县里按全月发的，请改岗位的规定天数"]), ("P" * 27 + "S", [])):
        pay.keep(session, "2023-02", {held: marks})
        assert pay.month(session, "2023-02")[0].cautions == said

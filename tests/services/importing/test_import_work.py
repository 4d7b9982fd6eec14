"""Spells of work and wages as rosters tell them."""

from __future__ import annotations

import pytest

from db import changes
from db.store import Store
from domain.records import Employment, Wage
from tests.services.rosters_taken import CHANGCHUN, DALIAN, LI, WANG, WORK, Take, changed_cells, messages, people, take

__all__ = ["people", "take"]


def test_two_jobs_begun_together_are_two_and_stay_two(people: Store, take: Take) -> None:
    rows = [["王芳", WANG, "2023-03", "", DALIAN, "甲厂", ""], ["王芳", WANG, "2023-03", "", DALIAN, "乙厂", ""]]
    assert take(WORK, *rows)[0].added == 2
    again, _plan = take(WORK, *reversed(rows))
    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)


def test_a_corrected_employer_or_place_is_a_change(people: Store, take: Take) -> None:
    take(WORK, ["王芳", WANG, "2023-03", "", DALIAN, "甲厂", ""])
    result, plan = take(WORK, ["王芳", WANG, "2023-03", "2023-08", CHANGCHUN, "甲厂", 3800.0])
    assert (result.added, result.changed) == (0, 1)
    result, plan = take(WORK, ["王芳", WANG, "2023-03", "2023-08", CHANGCHUN, "甲厂（北）", 3800.0])
    assert changed_cells(plan) == [("务工企业名称", "甲厂", "甲厂（北）")]


@pytest.mark.parametrize("title", [[], ["脱贫人口外出务工花名册"]])
def test_a_trade_and_a_start_are_of_work_where_nothing_speaks_of_a_course(people: Store, take: Take, title: list[str]) -> None:
    heads = ["姓名", "身份证号", "务工地点", "务工企业", "工种", "开始时间", "结束时间", "月工资（元）"]
    row = ["王芳", WANG, DALIAN, "甲厂", "瓦工", "2023-03-01", "2023-09-01", 4000.0]
    result, plan = take(*([title] if title else []), heads, row)
    assert ([table.roster for table in plan.tables], result.added) == (["work"], 1)
    with people.read() as session:
        (work,) = session.select(Employment)
    assert (work.place, work.employer_name, work.job, work.start, work.monthly_wage) == ("210211", "甲厂", "瓦工", "2023-03-01", 400_000)


def test_the_same_spell_twice_in_a_list_is_a_question(people: Store, take: Take) -> None:
    row = ["王芳", WANG, "2023-03", "", DALIAN, "甲厂", ""]
    result, _plan = take(WORK, row, row)
    assert (result.added, messages(result.questions)) == (1, [(3, "duplicate")])


def test_doubts_about_work_are_warnings(people: Store, take: Take) -> None:
    result, plan = take(WORK, ["王芳", WANG, "2023-03", "2023-08", "辽宁省大连市", "甲厂", 50.0])
    assert result.added == 1
    assert sorted(code for _row, code in messages(plan.warnings)) == ["bounds", "place_coarse"]


def test_work_that_ends_before_it_starts_is_a_question(people: Store, take: Take) -> None:
    """It was imported, with a warning."""
    row = ["王芳", WANG, "2023-08", "2023-03", DALIAN, "甲厂", ""]
    result, _plan = take(WORK, row)
    assert (result.added, messages(result.questions)) == (0, [(2, "order")])
    assert take(WORK, row, answer=[2])[0].added == 1


def test_a_corrected_start_is_a_second_spell_and_says_so(people: Store, take: Take) -> None:
    """A spell is found by its start: who was to work since the 10th instead worked twice, and nobody was told."""
    take(WORK, ["王芳", WANG, "2023-03", "2023-08", DALIAN, "甲厂", ""])
    for start, end, told in (("2023-04", "2023-08", ["overlap"]), ("2023-10", "2023-12", [])):
        result, plan = take(WORK, ["王芳", WANG, start, end, DALIAN, "甲厂", ""])
        assert (result.added, [code for _row, code in messages(plan.warnings)]) == (1, told)


def test_a_contract_without_a_fixed_term(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "务工地", "开始时间", "结束时间", "合同类型", "合同起", "合同止"]
    assert take(heads, ["王芳", WANG, "辽宁省大连市甘井子区", "2023-03", "至今", "劳动合同", "2023-03-01", "无固定期限"])[0].added == 1
    with people.read() as session:
        spell = session.select(Employment)[0]
    assert (spell.end, spell.contract_end, spell.open_ended) == (None, None, True)


def test_who_does_not_work_is_passed_over(people: Store, take: Take) -> None:
    heads = [*WORK, "是否已务工"]
    result, plan = take(
        heads, ["王芳", WANG, "2023-03", "", DALIAN, "甲厂", "", "否"], ["李强", LI, "2023-03", "", DALIAN, "甲厂", "", "是"]
    )
    assert (result.added, [row.number for row in plan.rows() if row.skipped]) == (1, [2])


def test_bad_places_and_dates_refuse_the_row(people: Store, take: Take) -> None:
    result, _plan = take(
        WORK,
        ["王芳", WANG, "2023-13", "", DALIAN, "", ""],
        ["王芳", WANG, "2023-03", "", "火星", "", ""],
        ["王芳", WANG, "", "", DALIAN, "", ""],
    )
    assert [code for _row, code in messages(result.rejected)] == ["date", "place", "required"]


def test_a_workshop_that_is_there_is_taken(people: Store, take: Take) -> None:
    with people.write("登记") as session:
        changes.insert(
            session, "employer", [{"id": session.new_id(), "village": session.scope, "name": "解放村 扶贫车间", "type": "workshop"}]
        )
    heads = ["姓名", "身份证号", "岗位", "合同起", "合同止"]
    result, _plan = take(["解放村扶贫车间用工花名册"], heads, ["王芳", WANG, "缝纫工", "2023-01-01", "2023-12-31"])
    assert (result.added, result.unchanged) == (1, 1)
    result, _plan = take(["解放村扶贫车间用工花名册"], heads, ["王芳", WANG, "缝纫工", "2024-01-01", "2024-12-31"])
    assert (result.added, result.changed) == (0, 1)


# ---------------------------------------------------------------- wages


TITLE = ["解放村帮扶车间2023年6月工资表"]


def test_a_contract_known_to_the_month_says_when_the_work_began(people: Store, take: Take) -> None:
    title = ["解放村帮扶车间用工花名册"]
    result, plan = take(title, ["姓名", "身份证号", "岗位", "合同起", "合同止"], ["王芳", WANG, "缝纫工", "2023年1月", "2023-12-31"])
    assert (result.added, messages(plan.warnings)) == (2, [(3, "date_coarse")])
    assert take(title, ["姓名", "身份证号", "岗位", "合同起止"], ["李强", LI, "缝纫工", "2023年1月-2023年12月"])[0].added == 1
    with people.read() as session:
        spells = session.select(Employment)
    assert [(s.start, s.contract_start) for s in spells] == [("2023-01", None)] * 2


def test_one_month_named_in_the_title(people: Store, take: Take) -> None:
    result, _plan = take(TITLE, ["姓名", "身份证号", "实发工资"], ["王芳", WANG, 500.0], ["李强", LI, "500.50"])
    assert result.added == 2 + 2 + 1
    with people.read() as session:
        assert sorted((w.month, w.paid_on, w.amount) for w in session.select(Wage)) == [
            ("2023-06", "2023-06", 50000),
            ("2023-06", "2023-06", 50050),
        ]
        assert {e.start for e in session.select(Employment)} == {"2023-06"}


def test_one_month_a_row(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "月份", "发放日期", "发放金额（元）", "发放方式"]
    rows = [["王芳", WANG, "2023年7月", "2023-08-05", 500.0, "银行"], ["王芳", WANG, "2023年6月", "", 450.0, "现金"]]
    result, _plan = take(["解放村帮扶车间工资表"], heads, *rows)
    assert result.added == 1 + 1 + 2
    with people.read() as session:
        assert sorted((w.month, w.paid_on, w.pay_way) for w in session.select(Wage)) == [
            ("2023-06", "2023-06", "cash"),
            ("2023-07", "2023-08-05", "bank"),
        ]
        assert session.select(Employment)[0].start == "2023-06"
    assert take(["解放村帮扶车间工资表"], heads, *rows)[0].batch is None


def test_another_amount_is_a_question_and_becomes_a_correction(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "实发工资"]
    take(TITLE, heads, ["王芳", WANG, 500.0])
    result, _plan = take(TITLE, heads, ["王芳", WANG, 480.0])
    assert (result.added, messages(result.questions)) == (0, [(3, "paid")])
    result, _plan = take(TITLE, heads, ["王芳", WANG, 480.0], answer=[3])
    assert result.added == 1
    with people.read() as session:
        assert sorted(w.amount for w in session.select(Wage)) == [-2000, 50000]
    for amount in (480.0, 500.0):
        result, _plan = take(TITLE, heads, ["王芳", WANG, amount])
        assert (result.added, result.questions) == (0, [])


def test_a_wage_sheet_with_contracts_proposes_the_employment_with_them(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "岗位", "合同起止", "2023年6月", "2023年7月"]
    row = ["王芳", WANG, "缝纫工", "2023.6.1-2024.5.31", 500.0, 510.0]
    assert take(["解放村帮扶车间花名册"], heads, row)[0].added == 1 + 1 + 2
    with people.read() as session:
        spell = session.select(Employment)[0]
    assert (spell.job, spell.start, spell.contract_start, spell.contract_end) == ("缝纫工", "2023-06", "2023-06-01", "2024-05-31")


def test_wages_go_to_the_spell_of_their_month(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "岗位", "用工时间", "结束时间"]
    take(["解放村帮扶车间用工花名册"], heads, ["王芳", WANG, "缝纫工", "2022-01", "2022-06"])
    take(["解放村帮扶车间用工花名册"], heads, ["王芳", WANG, "缝纫工", "2023-01", ""])
    result, _plan = take(["解放村帮扶车间工资"], ["姓名", "身份证号", "2022年6月", "2023年2月"], ["王芳", WANG, 1.0, 2.0])
    assert result.added == 2
    with people.read() as session:
        spells = {e.id: e.start for e in session.select(Employment)}
        assert sorted((spells[w.employment_id], w.month) for w in session.select(Wage)) == [("2022-01", "2022-06"), ("2023-01", "2023-02")]


def test_a_wage_sheet_that_names_no_carrier_and_totals_that_do_not_add_up(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "2023年6月", "2023年7月", "合计"]
    result, _plan = take(["工资表"], heads, ["王芳", WANG, 1.0, 2.0, 3.0])
    assert messages(result.rejected) == [(3, "employer")]
    result, plan = take(["解放村帮扶车间"], heads, ["王芳", WANG, 1.0, 2.0, 4.0], ["李强", LI, 1.0, "", 1.0])
    assert messages(plan.warnings) == [(3, "total")]


def test_an_amount_nobody_can_read_refuses_the_row_and_loses_no_money(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "2023年1月", "2023年2月"]
    for cell in ("1.5百", "一千五", "1,5OO", "1499.999", 1499.999, "约1500", "￥壹仟", "3天500"):
        result, _plan = take(["巾帼帮扶车间工资表"], heads, ["王芳", WANG, 1500, cell], ["李强", LI, 1500, "病假"])
        assert [(issue.row, issue.column) for issue in result.rejected] == [(3, "2023年2月")], cell
    with people.read() as session:
        assert [wage.amount for wage in session.select(Wage)] == [150000]  # 病假 is no money; the other row waits as a whole


def test_a_day_that_cannot_be_is_told_for_what_it_is(people: Store, take: Take) -> None:
    rows = [["王芳", WANG, "大连", "2023-13-05"], ["李强", LI, "大连", "去年秋天"]]
    result, _plan = take(["2023年外出务工人员台账"], ["姓名", "身份证号", "务工地点", "务工时间"], *rows)
    assert [issue.message for issue in result.rejected] == ["没有 13 月", "“去年秋天”看不出是哪一天，请写成 2023年10月，或 2023年10月8日"]

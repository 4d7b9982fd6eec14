"""What rosters say besides: the recognition in a ledger of workshops, telephones and banks in lists of something else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from db import acts, changes
from db.store import Store
from domain.records import Person
from services import importing
from tests.services.rosters_taken import (
    CHANGCHUN,
    DALIAN,
    HEADS,
    LI,
    PEOPLE,
    WANG,
    WORK,
    ZHAO,
    Take,
    changed_cells,
    messages,
    people,
    set_cells,
    take,
)

__all__ = ["people", "take"]

LEDGER = ["序号", "车间名称", "类型", "法定代表人/负责人", "认定文号", "认定日期", "状态", "用工总数"]


def test_a_ledger_of_workshops_makes_their_recognition(store: Store, take: Take) -> None:
    rows: list[list[Any]] = [
        ["就业帮扶车间台账"],
        LEDGER,
        [1, "解放服装厂", "厂房式", "王五", "桦人社认〔2021〕3号", "2021-10-08", "正常", 18],
        [2, "解放养殖合作社", "合作社", "赵六", "桦人社认〔2021〕4号", "2021-10-08", "正常", 3],
        [3, "解放手工坊", "非遗工坊", "孙七", "桦人社认〔2021〕5号", "", "正常", 4],
        [4, "解放工厂", "卫星工厂", "", "", "", "停产", 0],
    ]
    result, plan = take(*rows)
    assert (plan.tables[0].label, result.added, result.rejected) == ("就业帮扶车间台账", 5, [])
    assert [(issue.row, issue.code) for issue in plan.warnings] == [(4, "recognition"), (5, "recognition")]
    assert result.batch is not None
    with store.read() as session:
        (made,) = session.select("recognition")
        name = session.get("employer", made.employer_id).name
        assert (name, made.type, made.number, made.start) == ("解放服装厂", "workshop", "桦人社认〔2021〕3号", "2021-10-08")
    result, plan = take(*rows)
    assert (result.batch, result.added, result.changed, result.unchanged) == (None, 0, 0, 5)
    rows[4][5] = "2022-01-01"  # the day comes later, the number of another is put right
    rows[2][5] = "2021-10-18"
    result, plan = take(*rows)
    assert (result.added, result.changed, changed_cells(plan)) == (1, 1, [("认定日期", "2021-10-08", "2021-10-18")])


def test_a_recognition_goes_with_the_import_that_made_it(store: Store, take: Take) -> None:
    result, plan = take(LEDGER, [1, "解放服装厂", "就业帮扶车间", "王五", "3号", "2021-10-08", "正常", 18])
    assert ("认定文号", "", "3号") in [cell for row in plan.rows() for draft in row.drafts for cell in set_cells(draft)]
    assert result.batch is not None
    with store.write("撤销") as session:
        assert acts.undo(session, result.batch).removed == 2
    with store.read() as session:
        assert session.count("recognition") == session.count("employer") == 0


def test_a_ledger_without_a_type_takes_what_the_name_tells_and_keeps_what_is_known(store: Store, take: Take) -> None:
    heads = ["车间名称", "负责人", "认定文号", "认定日期"]
    result, plan = take(heads, ["解放社区工厂", "王五", "3号", "2021-10-08"])
    assert (result.added, plan.tables[0].rows[0].drafts[0].proposed) == (2, ("type",))
    with store.write("改") as session:
        employer = session.select("employer")[0]
        changes.update(session, "employer", employer.id, {"type": "workshop"})
        changes.update(session, "recognition", session.select("recognition")[0].id, {"type": "workshop"})
    result, _plan = take(heads, ["解放社区工厂", "王五", "3号", "2021-10-08"])
    assert (result.added, result.changed, result.unchanged) == (0, 0, 2)


def test_a_bad_day_of_recognition_refuses_the_row(take: Take) -> None:
    result, _plan = take(LEDGER, [1, "解放服装厂", "就业帮扶车间", "王五", "3号", "2021-13-40", "正常", 18])
    assert messages(result.rejected) == [(2, "date")]


CARD, OTHER_CARD = "6222020200112233443", "6217000010001234566"
BANKED = [*WORK, "联系电话", "开户行", "银行卡号"]


def banked(name: str, id: str, *bank: str) -> list[str]:
    return [name, id, "2023-02", "", DALIAN, "大连机械厂", "4500", *bank]


def test_particulars_fill_what_is_empty_and_never_replace(people: Store, take: Take) -> None:
    rows = [banked("王芳", WANG, "13800138001", "农业银行", CARD), banked("李强", LI, "13911112222", "", "")]
    result, plan = take(BANKED, *rows)
    assert (result.added, result.changed, result.rejected, result.questions) == (2, 1, [], [])
    assert changed_cells(plan) == [("开户行", "", "农业银行"), ("社保卡账号", "", "****3443")]
    (warned,) = [issue for issue in plan.warnings if issue.code == "particulars"]
    assert (warned.row, warned.column, warned.value) == (3, "联系电话", "139****2222")
    assert "138****8002" in warned.message
    assert result.batch is not None
    with people.read() as session:
        held = {p.name: (p.phone, p.bank_name, p.bank_account) for p in session.select(Person)}
    assert held["王芳"] == ("13800138001", "农业银行", CARD)
    assert held["李强"] == ("13800138002", None, None)
    again, plan = take(BANKED, *rows)
    assert (again.batch, again.added, again.changed) == (None, 0, 0)
    assert [issue.row for issue in plan.warnings if issue.code == "particulars"] == [3]
    with people.write("撤销") as session:
        acts.undo(session, result.batch)
    with people.read() as session:
        assert {p.bank_account for p in session.select(Person)} == {None}


def test_particulars_of_one_person_twice_in_a_list(people: Store, take: Take) -> None:
    first = banked("王芳", WANG, "", "", CARD)
    later = ["王芳", WANG, "2023-08", "", CHANGCHUN, "长春汽车厂", "5000", "", "", OTHER_CARD]
    same = ["王芳", WANG, "2022-03", "2022-05", CHANGCHUN, "长春汽车厂", "5000", "", "", CARD]
    result, plan = take(BANKED, first, later, same)
    assert (result.added, result.changed) == (3, 1)
    assert [issue.row for issue in plan.warnings if issue.code == "particulars"] == [3]
    with people.read() as session:
        assert [p.bank_account for p in session.select(Person) if p.name == "王芳"] == [CARD]
    assert take(BANKED, first, later, same)[0].batch is None


def test_particulars_of_a_row_that_waits_wait_too(people: Store, take: Take) -> None:
    rows = [banked("王芳", WANG), banked("王芳", WANG, "", "农业银行", "")]
    result, _plan = take(BANKED, *rows)
    assert (messages(result.questions), result.changed) == ([(3, "duplicate")], 0)
    result, _plan = take(BANKED, *rows, answer=[3])
    assert result.changed == 1
    with people.read() as session:
        assert [p.bank_name for p in session.select(Person) if p.name == "王芳"] == ["农业银行"]


def test_masked_and_spoilt_particulars(people: Store, take: Take) -> None:
    rows = [
        banked("王芳", WANG, "138****8001", "", "****3443"),
        banked("李强", LI, "138****9999", "", ""),
        banked("赵敏", ZHAO, "", "", "6.22E+18"),
    ]
    result, plan = take(BANKED, *rows)
    assert [issue.row for issue in plan.warnings if issue.code == "particulars"] == [2, 3]
    assert (messages(result.rejected), result.changed) == ([(4, "digits_lost")], 0)


@pytest.mark.parametrize(
    ("titles", "heads", "row"),
    [
        (["解放村就业帮扶车间 2023年6月工资表"], ["姓名", "身份证号", "金额", "开户银行", "银行卡号"], [500, "农业银行", CARD]),
        (["2023年第1期养殖培训班"], ["姓名", "身份证号", "开班日期", "开户银行", "一卡通账号"], ["2023-03-06", "农业银行", CARD]),
        (["解放村就业帮扶车间用工花名册"], ["姓名", "身份证号", "入职时间", "开户银行", "卡号"], ["2023-03-06", "农业银行", CARD]),
        (
            ["公益岗台账"],
            ["姓名", "身份证号", "岗位名称", "岗位类型", "开发主体", "资金渠道", "上岗时间", "月补贴标准", "开户银行", "账号"],
            ["保洁员", "保洁", "人社部门", "就业补助资金", "2023-01-01", 500, "农业银行", CARD],
        ),
    ],
)
def test_every_list_about_people_fills_particulars(people: Store, take: Take, titles: list[str], heads: list[str], row: list[Any]) -> None:
    result, plan = take(titles, heads, ["王芳", WANG, *row])
    assert (result.rejected, result.questions, result.changed) == ([], [], 1), plan.tables[0].label
    with people.read() as session:
        assert [(p.bank_name, p.bank_account) for p in session.select(Person) if p.name == "王芳"] == [("农业银行", CARD)]
    assert take(titles, heads, ["王芳", WANG, *row])[0].batch is None


def test_particulars_of_people_of_the_same_workbook(store: Store, tmp_path: Path) -> None:
    sheets: dict[str, list[list[str]]] = {"人员": [HEADS, *PEOPLE], "务工": [BANKED, banked("王芳", WANG, "13700000000", "", CARD)]}
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for y, row in enumerate(rows):
                page.write_row(y, 0, row)
    with store.write("导入") as session:
        plan = importing.plan(session, path)
        importing.apply(session, plan)
    assert [issue.sheet for issue in plan.warnings if issue.code == "particulars"] == ["务工"]
    with store.read() as session:
        assert [(p.phone, p.bank_account) for p in session.select(Person) if p.name == "王芳"] == [("13800138001", CARD)]


# ---------------------------------------------------------------- terms, wishes, fares


def test_students_of_a_term(people: Store, take: Take) -> None:
    heads = ["学生姓名", "身份证号", "人员类别", "学校", "学段", "年级", "学期", "补助金额", "一卡通账号"]
    row = ["王芳", WANG, "脱贫户", "桦川县职教中心", "中专", "二年级", "2023年秋季", 1500.0, "6228480402564890018"]
    stranger = ["孙红", "", "脱贫户", "桦川县职教中心", "中职", "一年级", "2023年秋季", 1500.0, ""]
    result, plan = take(["2023年秋季学期雨露计划补助花名册"], heads, row, stranger)
    assert (result.added, result.changed, messages(result.rejected)) == (1, 1, [(4, "person")])
    assert any("2023-09-01" in said for said in plan.tables[0].proposals)
    with people.read() as session:
        term = session.select("schooling")[0]
        assert (term.stage, term.grade, term.term, term.term_start) == ("secondary_vocational", 2, "2023-autumn", "2023-09-01")
    assert take(["2023年秋季学期雨露计划补助花名册"], heads, row)[0].batch is None


def test_who_plans_to_go_out_wishes_for_work(people: Store, take: Take) -> None:
    heads = ["行政村", "姓名", "证件号码", "户类型", "是否计划务工", "就业服务需求", "意向地", "期望月薪"]
    rows = [
        ["解放村", "王芳", WANG, "脱贫户", "是", "岗位推荐、技能培训", "大连", 4000.0],
        ["解放村", "李强", LI, "脱贫户", "否", "", "", ""],
    ]
    result, _plan = take(["计划外出务工信息", "导出时间：2023-03-01"], heads, *rows)
    assert (result.added, result.rejected) == (1, [])
    with people.read() as session:
        wish = session.select("job_wish")[0]
        assert (wish.opened_on, wish.wage_min, wish.needs) == ("2023-03-01", 400_000, frozenset({"岗位推荐", "技能培训"}))
    assert take(["计划外出务工信息", "导出时间：2023-04-01"], heads, *rows)[0].batch is None  # the wish is still open


def test_fares_beside_the_work(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "务工省市县", "务工起止", "去程金额", "返程金额", "交通方式"]
    rows: list[list[Any]] = [
        ["王芳", WANG, DALIAN, "2022.11.10-2023.6.20", 210.0, "230.5元", "火车"],
        ["王芳", WANG, CHANGCHUN, "2023.7-2023.9", 90.0, 90.0, "客车"],  # another fare of the same year is told once
        ["李强", LI, DALIAN, "2023.3.1-至今", "", "", ""],
    ]
    result, _plan = take(heads, *rows)
    assert (result.added, result.warnings[0].message.partition("，")[0]) == (3 + 1, "2023 年的路费已按第 2 行登记")
    with people.read() as session:
        fare = session.select("travel")[0]
        assert (fare.year, fare.outward, fare.homeward, fare.way) == (2023, 21_000, 23_050, "火车")
    assert take(heads, *rows)[0].batch is None
    changed, _plan = take(heads, [*rows[0][:4], 220.0, "230.5元", "火车"])
    assert (changed.added, changed.changed) == (0, 1)


def test_visits_find_their_household_by_its_number(people: Store, take: Take) -> None:
    rows = [["1001", "2023-05-01", "李书记", "谈就业"], ["9999", "2023-05-01", "李书记", "谈就业"]]
    result, _plan = take(["户编号", "走访日期", "走访人", "走访内容"], *rows)
    assert (result.added, messages(result.rejected)) == (1, [(3, "reference")])


def test_a_months_list_of_posts_makes_attendance_and_pay(people: Store, take: Take) -> None:
    take(
        ["岗位名称", "岗位类型", "开发主体", "资金渠道", "待遇标准", "姓名", "证件号码", "上岗时间", "退岗时间"],
        ["保洁员", "保洁", "人社", "就业补助资金", 500.0, "王芳", WANG, "2023-01-01", ""],
        ["保洁员", "保洁", "人社", "就业补助资金", 500.0, "李强", LI, "2022-01-01", "2022-12-31"],
    )
    above = [["乡村公益性岗位出勤天数和拟拨付岗位补贴金额汇总表（2023年6月）"], ["填报单位（盖章）", "", "填报时间"]]
    heads = ["序号", "姓名", "身份证号码", "规定出勤天数（天）", "本月累计出勤天数（天）", "补贴金额（元）", "协议时间起止时间"]
    rows: list[list[Any]] = [
        [1, "王芳", WANG, 22, 20, 454.55, "2023.1.1-2023.12.31"],
        [2, "李强", LI, 22, 20, 454.55, ""],
        [3, "赵敏", ZHAO, 22, 20, 454.55, ""],
        ["合计", "3人", "", "", "", 1363.65, ""],
    ]
    result, plan = take(*above, heads, *rows)
    assert plan.tables[0].roster == "post_months"
    assert (result.added, messages(result.rejected)) == (2, [(5, "reference"), (6, "reference")])  # one left before, one never began
    with people.read() as session:
        assert [(a.month, a.days) for a in session.select("attendance")] == [("2023-06", 20)]
        assert [(p.month, p.amount) for p in session.select("post_pay")] == [("2023-06", 45_455)]
    assert take(*above, heads, rows[0])[0].batch is None
    assert messages(take(*above, heads, [*rows[0][:5], 500.0, ""])[0].rejected) == [(4, "append_only")]
    public = ["序号", "姓名", "身份证号码", "岗位名称", "本月累计出勤天数", "补贴金额"]
    shown = [1, "王芳", "*" * 14 + WANG[-4:], "保洁员", 21, 477.27]
    assert take(["2023年7月乡村公益性岗位补贴发放公示表"], public, shown)[0].added == 2

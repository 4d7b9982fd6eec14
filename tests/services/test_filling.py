"""填上级表格: sheets from above filled in from a real store; nothing in them is changed, nobody is mistaken for somebody else."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Border, Font, Side
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from db.session import Session
from domain.errors import DomainError, InputUnusable
from domain.fields import kind_of
from domain.identity import age_on, birth_of
from services import records
from services.filling.filling import Filling, save
from services.filling.looking import look
from tests.rosters import id_number

RNG = random.Random(7)
WANG, LI, TWIN = (id_number(RNG, "女", n) for n in (9000, 15000, 12000))
HEADS = ["序号", "姓名", "身份证号码", "联系电话"]


@pytest.fixture
def village(session: Session) -> dict[str, str]:
    """A household of two, somebody of the same name elsewhere, a job in 2023 and a public post; ids by what they are."""
    home = records.save(session, "household", {"number": "H1", "group": "2组", "address": "解放村2组"})
    ids = {}
    for key, name, number, more in (
        ("wang", "王芳", WANG, {"household_id": home, "relation": "户主", "phone": "13800138001", "labour": "ordinary"}),
        ("li", "李强", LI, {"household_id": home, "relation": "配偶", "labour": "none"}),
        ("twin", "王芳", TWIN, {"phone": "13800138002", "labour": "ordinary"}),
    ):
        values = {"name": name, "document": "resident_id", "id_number": number, "sex": "female", **more}
        ids[key] = records.save(session, "person", values)
    records.save(session, "category_span", {"person_id": ids["wang"], "category": "lifted", "start": "2021-01-01"})
    job: dict[str, Any] = {
        "person_id": ids["wang"],
        "channel": "migrant",
        "place": "210200",
        "start": "2023-03",
        "end": "2023-11",
        "job": "焊工",
    }
    job |= {"employer_name": "甲厂", "monthly_wage": 4500_00}
    ids["job"] = records.save(session, "employment", job)
    wage = {"employment_id": ids["job"], "month": "2023-04", "paid_on": "2023-05-10", "amount": 4321_50}
    records.save(session, "wage", wage)
    fund = next(iter(kind_of("post").by_name["fund"].choices or {}))
    post = {"name": "保洁员", "type": "cleaner", "quota": 2, "developer": "hrss", "fund": fund, "standard": 500_00}
    held = records.save(session, "post", post)
    ids["held"] = records.save(session, "appointment", {"post_id": held, "person_id": ids["twin"], "start": "2023-01-01"})
    return ids


def sheet(*rows: Sequence[Any], title: str = "人员名单") -> Workbook:
    made = Workbook()
    for row in ([title], *rows):
        made.active.append(list(row))  # type: ignore[union-attr]  # a new workbook has a sheet
    return made


def filled(session: Session, made: Workbook, *, who: str = "", name: str = "来表.xlsx") -> tuple[Filling, list[tuple[Any, ...]]]:
    """What was filled in, and the rows of the sheet as it is written, numbers in full."""
    file = BytesIO()
    made.save(file)
    done = look(session, file.getvalue(), who=who, name=name)
    return done, rows_of(done)


def rows_of(done: Filling) -> list[tuple[Any, ...]]:
    file = BytesIO()
    done.workbook.save(file)
    return list(load_workbook(file).worksheets[0].iter_rows(values_only=True))


def test_a_row_is_filled_by_number_or_by_a_name_only_one_bears(session: Session, village: dict[str, str]) -> None:
    made = sheet(
        [*HEADS, "户主姓名", "家庭人口数", "与户主关系", "人员类别"],
        [1, None, WANG],
        [2, "李强"],
        [3, "王芳"],
        [4, "赵没有"],
        ["填表人：", None, None, "审核人："],
    )
    done, rows = filled(session, made)
    assert rows[2] == (1, "王芳", WANG, "13800138001", "王芳", 2, "户主", "脱贫人口")
    assert rows[3] == (2, "李强", LI, None, "王芳", 2, "配偶", None)
    assert rows[4][1:4] == ("王芳", None, None), "two bear that name: which of them nobody knows"
    assert rows[6] == ("填表人：", None, None, "审核人：", *[None] * 4)
    assert (done.named, done.found) == (4, 2)
    assert [(one.row, one.who) for one in done.remarks] == [(5, "王芳"), (6, "赵没有")]


def test_a_row_with_the_number_of_somebody_else_stays_empty(session: Session, village: dict[str, str]) -> None:
    """The phone of the number's owner stood beside another's name."""
    done, rows = filled(session, sheet(HEADS, [1, "李强", WANG], [2, "司马光", WANG], [3, "王方", WANG]))
    assert [row[3] for row in rows[2:]] == [None, None, "13800138001"]  # 王方 is 王芳 mistyped
    assert [(one.row, "没有填" in one.message) for one in done.remarks][:3] == [(3, True), (4, True), (5, False)]


def test_two_of_one_name_are_told_apart_by_what_else_the_row_says(session: Session, village: dict[str, str]) -> None:
    done, rows = filled(session, sheet(HEADS, [1, "王芳", None, "13800138002"], [2, "王芳", WANG[:6] + "********" + WANG[-4:]]))
    assert [row[2] for row in rows[2:]] == [TWIN, WANG[:6] + "********" + WANG[-4:]]
    assert rows[3][3] == "13800138001"
    assert not done.remarks


def test_what_stands_in_the_sheet_stays_and_differences_are_told_masked(session: Session, village: dict[str, str]) -> None:
    done, rows = filled(session, sheet([*HEADS, "性别"], [1, "王芳", WANG, "13900139000", "男"], [2, "张冠李戴", LI, None, "女"]))
    assert rows[2] == (1, "王芳", WANG, "13900139000", "男")
    said = {(one.row, one.column): one.message for one in done.remarks}
    assert "13900139000" not in said[3, "联系电话"] and "9000" in said[3, "联系电话"] and "8001" in said[3, "联系电话"]
    assert "男" in said[3, "性别"] and "李强" in said[4, "姓名"]
    assert WANG not in str(done.tables) and LI not in str(done.tables), "what is shown before it is saved is masked"


def test_numbers_are_hidden_unless_wanted_in_full(session: Session, village: dict[str, str], tmp_path: Path) -> None:
    done, _rows = filled(session, sheet(HEADS, [1, "李强"]))
    for plain, number in ((False, "*" * 14 + LI[-4:]), (True, LI)):
        save(done, tmp_path / "已填.xlsx", plain=plain)
        assert load_workbook(tmp_path / "已填.xlsx").worksheets[0]["C3"].value == number


def test_the_job_of_the_year_in_the_title_counts(session: Session, village: dict[str, str]) -> None:
    heads = ["姓名", "身份证号", "务工地点", "务工单位", "月工资", "务工起止时间", "是否务工"]
    _done, rows = filled(session, sheet(heads, ["王芳", WANG], title="2023年外出务工情况统计表"))
    assert rows[2][2:] == ("辽宁省大连市", "甲厂", 4500, "2023-03至2023-11", "是")
    _done, rows = filled(session, sheet(heads, ["王芳", WANG], title="2022年外出务工情况统计表"))
    assert rows[2][2:] == (None, None, None, None, "否")


def test_who_holds_a_post_works_there(session: Session, village: dict[str, str]) -> None:
    heads = ["姓名", "身份证号", "就业渠道", "工种", "月工资", "是否公益岗"]
    _done, rows = filled(session, sheet(heads, ["王芳", TWIN], title="就业情况统计表"))
    assert rows[2][2:] == ("公益性岗位", "保洁员", 500, "是")


def test_months_across_are_filled_with_what_was_paid(session: Session, village: dict[str, str]) -> None:
    heads = ["姓名", "身份证号", "2023年3月", "2023年4月"]
    _done, rows = filled(session, sheet(heads, ["王芳", WANG], title="务工收入统计表"))
    assert rows[2][2:] == (None, 4321.5)


def test_days_and_pay_of_a_post_are_those_of_the_month_in_the_title(session: Session, village: dict[str, str]) -> None:
    for kind, more in (("attendance", {"days": 22}), ("post_pay", {"days": 22, "amount": 480_00})):
        fields = kind_of(kind).by_name
        values = {"appointment_id": village["held"], "month": "2023-06", **{k: v for k, v in more.items() if k in fields}}
        records.save(session, kind, values)
    heads = ["姓名", "身份证号", "岗位", "出勤天数", "补贴金额"]
    _done, rows = filled(session, sheet(heads, ["王芳", TWIN], title="公益性岗位补贴发放表（2023年6月）"))
    assert rows[2][2:] == ("保洁员", 22, 480)


@pytest.mark.parametrize(
    ("title", "heading", "more", "amount"),
    [
        ("解放村2023年4月务工交通补助发放表", "发放金额", "务工省份", None),
        ("2023年4月公益岗补贴、交通补助发放表", "发放金额", "务工省份", None),
        ("2023年4月发放表", "发放金额", "补助项目", None),
        ("2023年4月以工代训补贴发放表", "实发金额", "务工省份", None),
        ("2023年4月务工交通补助申领表", "实发工资", "务工省份", 4321.5),
        ("解放村2023年4月工资发放表", "发放金额", "务工省份", 4321.5),
    ],
)
def test_the_amount_of_a_subsidy_is_not_what_somebody_earned(
    session: Session, village: dict[str, str], title: str, heading: str, more: str, amount: float | None
) -> None:
    """A list of travel subsidies was filled in with the wages of the month."""
    done, rows = filled(session, sheet(["姓名", "身份证号码", more, heading], ["王芳", WANG, None, None], title=title))
    assert rows[2][3] == amount
    assert any(heading in note for note in done.notes) == (amount is None)


@pytest.mark.parametrize(("title", "status"), [("务工情况表（2023年9月）", "外出务工"), ("务工情况表（2023年2月）", None)])
def test_what_somebody_does_is_said_in_the_words_of_the_monthly_check(
    session: Session, village: dict[str, str], title: str, status: str | None
) -> None:
    _done, rows = filled(session, sheet(["姓名", "身份证号", "务工状态"], ["王芳", WANG], title=title))
    assert rows[2][2] == (status or "待业")


def test_words_of_a_list_and_days_as_the_column_has_them(session: Session, village: dict[str, str]) -> None:
    made = sheet(["姓名", "身份证号", "性别", "出生日期(YYYY.MM.DD)", "出生年月", "劳动能力"], ["王芳", WANG], ["李强", LI])
    page = made.worksheets[0]
    for column, words in (("C", '"1.男,2.女"'), ("F", '"全劳力,弱劳力"')):
        rule = DataValidation(type="list", formula1=words)
        rule.add(f"{column}3:{column}9")
        page.add_data_validation(rule)
    page["D4"].number_format = "yyyy/mm/dd"
    done, rows = filled(session, made)
    born, other = (f"{n[6:10]}-{n[10:12]}-{n[12:14]}" for n in (WANG, LI))
    assert rows[2][2:] == ("2.女", born.replace("-", "."), born[:7], "全劳力")
    assert rows[3][2:4] == ("2.女", rows[3][3]) and rows[3][3].date() == date.fromisoformat(other)
    assert rows[3][5] is None and "无劳动力" in done.remarks[-1].message, "a list without the word for it"


def test_a_table_without_names_gets_the_people_of_a_list_and_keeps_its_foot(session: Session, village: dict[str, str]) -> None:
    line = Side(style="thin")
    made = sheet([*HEADS, "岗位名称"], [1], ["合计"], ["填表人：王支书"], title="公益性岗位人员名单")
    page = made.worksheets[0]
    for cell in page[3]:
        cell.border, cell.font = Border(bottom=line), Font(bold=True)
    asked, rows = filled(session, made)
    assert asked.blank and not asked.filled and rows[2][1] is None
    done, rows = filled(session, made, who="all")
    assert done.listed == 3 and not done.blank
    assert sorted(row[2] for row in rows[2:5]) == sorted([WANG, LI, TWIN])
    assert [row[0] for row in rows[2:]] == [1, 2, 3, "合计", "填表人：王支书"]
    assert done.workbook.worksheets[0]["C5"].font.b, "further rows look like the first"
    assert [row[4] for row in rows[2:5] if row[2] == TWIN] == ["保洁员"]
    assert filled(session, made, who="post")[0].listed == 1


def test_a_table_of_heads_gets_one_row_a_household(session: Session, village: dict[str, str]) -> None:
    done, rows = filled(session, sheet(["序号", "户主姓名", "家庭人口数", "村民小组"], [], [], title="脱贫户名单"), who="all")
    assert (done.listed, rows[2]) == (1, (1, "王芳", 2, "2组"))


def test_rows_of_other_villages_are_left_to_them(session: Session, village: dict[str, str]) -> None:
    heads = ["行政村", *HEADS[1:]]
    done, rows = filled(session, sheet(heads, ["解放村", "李强"], ["红旗村", "李强"]))
    assert (rows[2][2], rows[3][2]) == (LI, None)
    assert any("别的村" in note for note in done.notes) and not done.remarks


def test_remarks_of_the_village_stay_in_it(session: Session, village: dict[str, str]) -> None:
    records.save(session, "person", {"note": "家里的事"}, village["li"])
    done, rows = filled(session, sheet(["姓名", "身份证号", "备注"], ["李强", LI]))
    assert rows[2][2] is None and [one.what for one in done.columns if one.heading == "备注"] == [""]


def test_text_that_begins_like_a_formula_stays_text(session: Session, village: dict[str, str]) -> None:
    records.save(session, "employment", {"employer_name": '=HYPERLINK("x")', "end": None}, village["job"])
    done, rows = filled(session, sheet(["姓名", "身份证号", "务工单位", "务工地点"], ["王芳", WANG]))
    cell = done.workbook.worksheets[0]["C3"]
    assert (cell.data_type, cell.quotePrefix, rows[2][2]) == ("s", True, '=HYPERLINK("x")')


def test_formulas_and_looks_of_the_sheet_stay(session: Session, village: dict[str, str]) -> None:
    made = sheet([*HEADS, "字数"], [1, "李强", None, None, "=LEN(B3)"])
    made.worksheets[0].column_dimensions["B"].width = 33
    done, _rows = filled(session, made)
    page = done.workbook.worksheets[0]
    assert page["E3"].value == "=LEN(B3)" and page.column_dimensions["B"].width == 33


def test_what_a_survey_asked_is_not_asked_again(session: Session, village: dict[str, str]) -> None:
    survey = records.save(session, "survey", {"title": "搬迁意愿摸排", "about": "everyone"})
    question = {"survey_id": survey, "label": "是否愿意搬迁", "type": "yes_no"}
    item = records.save(session, "survey_item", question)
    records.save(session, "survey_answer", {"item_id": item, "person_id": village["li"], "value": "是"})
    done, rows = filled(session, sheet(["姓名", "身份证号", "是否愿意搬迁"], ["李强", LI], ["王芳", WANG]))
    assert [row[2] for row in rows[2:]] == ["是", None]
    assert "摸排：是否愿意搬迁" in [one.what for one in done.columns]


def test_blank_lists_side_by_side_get_nobody(session: Session, village: dict[str, str]) -> None:
    """Each side had all of the people, and rows were added for each."""
    twice = sheet(["序号", "姓名", "联系电话"] * 2, [1, None, None, 3, None, None], [2, None, None, 4, None, None])
    done, rows = filled(session, twice, who="all")
    assert not done.listed and not done.blank and len(rows) == 4 and len(done.notes) == 1


def test_hidden_columns_are_not_filled_in(session: Session, village: dict[str, str]) -> None:
    made = sheet([*HEADS, "性别"], [1, "李强"])
    made.worksheets[0].column_dimensions["D"].hidden = True
    records.save(session, "person", {"phone": "13800138009"}, village["li"])
    done, rows = filled(session, made)
    assert rows[2] == (1, "李强", LI, None, "女") and any("隐藏的列" in note for note in done.notes)


def test_a_number_beside_only_the_head_is_the_heads(session: Session, village: dict[str, str]) -> None:
    heads = ["序号", "户主姓名", "身份证号", "手机号"]
    twin = records.save(session, "household", {"number": "H2"})
    records.save(session, "person", {"household_id": twin, "relation": "户主"}, village["twin"])
    _done, rows = filled(session, sheet(heads, [1, None, LI], [2, "李强"]))
    assert [row[1:3] for row in rows[2:]] == [("王芳", LI), ("李强", LI)], "户主 is never somebody else of the household"
    done, rows = filled(session, sheet(heads, [1], [2]), who="all")
    assert done.listed == 2 and {row[1:3] for row in rows[2:]} == {("王芳", WANG), ("王芳", TWIN)}


def test_what_stands_between_the_head_and_the_name_is_the_heads(session: Session, village: dict[str, str]) -> None:
    records.save(session, "person", {"phone": "13800138009"}, village["li"])
    heads = ["户主姓名", "身份证号", "联系电话", "年龄", "姓名", "身份证号", "联系电话"]
    _done, rows = filled(session, sheet(heads, [None, None, None, None, "李强"]))
    assert rows[2] == ("王芳", WANG, "13800138001", age_on(str(birth_of(WANG)), session.today), "李强", LI, "13800138009")
    _done, rows = filled(session, sheet(["户主", "家庭成员", "与户主关系", "性别"], [None, "李强"]))
    assert rows[2] == ("王芳", "李强", "配偶", "女")


def test_rows_in_which_something_else_stands_get_no_people(session: Session, village: dict[str, str]) -> None:
    made = sheet(["姓名", "身份证号", "务工单位", "工种", "月工资"], [None, None, "甲厂", "焊工", 3000])
    done, rows = filled(session, made, who="all")
    assert not done.listed and len(rows) == 3 and any("行里已经写了别的" in note for note in done.notes)


def test_hidden_rows_are_not_filled_in(session: Session, village: dict[str, str]) -> None:
    made = sheet(HEADS, [1, "李强"], [2, None, WANG])
    made.worksheets[0].row_dimensions[3].hidden = True
    done, rows = filled(session, made)
    assert rows[2] == (1, "李强", None, None) and rows[3][1] == "王芳" and any("隐藏的 1 行" in note for note in done.notes)


def test_the_heading_says_the_unit_and_which_part_of_a_place(session: Session, village: dict[str, str]) -> None:
    heads = ["姓名", "身份证号", "月工资（万元）", "务工地（省）", "务工地(市)", "务工地点（省内/省外）"]
    _done, rows = filled(session, sheet(heads, ["王芳", WANG], title="2023年务工收入1万元以上人员"))
    assert rows[2][2:] == (0.45, "辽宁省", "大连市", "省外")
    _done, rows = filled(session, sheet(["单位：千元"], ["姓名", "身份证号", "月工资", "年龄"], ["王芳", WANG], title="2023年务工收入"))
    assert rows[3][2] == 4.5 and rows[3][3] > 10, "only money has the unit"


@pytest.mark.parametrize(
    ("heading", "words", "word"),
    [
        ("性别", '"1-男,2-女"', "2-女"),
        ("性别", '"1男,2女"', "2女"),
        ("劳动能力", '"01.普通劳动力/技能劳动力,02.弱劳动力"', "01.普通劳动力/技能劳动力"),
        ("劳动能力", '"普通劳动力/弱,普通劳动力/强"', None),
        ("是否务工", '"√,×"', "√"),
        ("有无劳动能力", '"有,无"', "有"),
        ("就业状态", '"已就业,未就业"', "已就业"),
        ("劳动能力", "劳力", "普通劳动力"),
        ("性别", "劳力", None),
        ("性别", "$A$0:$A$9999999", "女"),
    ],
)
def test_words_of_lists_are_found_however_they_are_numbered(
    session: Session, village: dict[str, str], heading: str, words: str, word: str | None
) -> None:
    made = sheet(["姓名", "身份证号", heading], ["王芳", WANG], title="2023年名单")
    other = made.create_sheet("字典")
    other["A1"], other["A2"] = "普通劳动力", "无劳动力"
    made.defined_names["劳力"] = DefinedName("劳力", attr_text="字典!$A$1:$A$2")
    rule = DataValidation(type="list", formula1=words)
    rule.add("C3:C9")
    made.worksheets[0].add_data_validation(rule)
    _done, rows = filled(session, made)
    assert rows[2][2] == word


def test_what_is_added_to_a_name_in_brackets_is_no_other_name(session: Session, village: dict[str, str]) -> None:
    done, rows = filled(session, sheet(["姓名", "身份证号", "性别", "残疾证号"], ["李强（残）"], [None, None, "女"]))
    assert rows[2] == ("李强（残）", LI, "女", None) and not done.remarks


def test_an_example_is_nobody_and_the_rows_under_it_are_free(session: Session, village: dict[str, str]) -> None:
    made = sheet(["序号", "姓名", "身份证号", "联系电话"], ["例", "张三", "230826198001010010", "13800000000"], [1], [2])
    done, rows = filled(session, made, who="all")
    assert done.listed == 3 and rows[2][1] == "张三" and [row[0] for row in rows[3:]] == [1, 2, 3]


def test_other_peoples_words_are_not_taken_for_what_is_on_record(session: Session, village: dict[str, str]) -> None:
    heads = ["姓名", "身份证号", "监测对象类别", "贷款金额", "到期时间"]
    _done, rows = filled(session, sheet(heads, ["王芳", WANG], title="2023年小额信贷台账"))
    assert rows[2][2:] == (None, None, None), "who is lifted is no monitored one, and a loan ends on its own day"


def test_a_phone_behind_somebody_elses_name_is_theirs(session: Session, village: dict[str, str]) -> None:
    heads = ["姓名", "联系电话", "帮扶责任人", "联系电话", "紧急联系人", "电话", "到期时间"]
    _done, rows = filled(session, sheet(heads, ["李强"], [None, "13800138001"], title="包保联系表"))
    assert rows[2][1:] == (None,) * 6
    records.save(session, "person", {"phone": "13800138009"}, village["li"])
    _done, rows = filled(session, sheet(heads, ["李强"], title="包保联系表"))
    assert rows[2] == ("李强", "13800138009", *[None] * 5)


def test_in_a_list_of_posts_the_post_counts(session: Session, village: dict[str, str]) -> None:
    records.save(
        session,
        "employment",
        {"person_id": village["twin"], "channel": "migrant", "place": "210200", "start": "2023-02", "employer_name": "乙厂"},
    )
    heads = ["姓名", "身份证号", "用工单位", "岗位名称"]
    _done, rows = filled(session, sheet(heads, ["王芳", TWIN], title="2023年公益性岗位人员台账"))
    assert rows[2][2:] == (None, "保洁员")


def test_days_are_written_as_asked(session: Session, village: dict[str, str]) -> None:
    records.save(session, "employment", {"start": "2023-03-08"}, village["job"])
    made = sheet(["姓名", "身份证号", "出生日期（8位）", "务工开始时间"], ["王芳", WANG], title="2023年名单")
    made.worksheets[0]["D3"].number_format = "yyyy/mm/dd"
    _done, rows = filled(session, made)
    assert rows[2][2] == WANG[6:14] and rows[2][3].date() == date(2023, 3, 8)


def test_names_above_a_second_table_are_no_titles_of_it(session: Session, village: dict[str, str]) -> None:
    other: list[list[Any]] = [["公益岗人员"], ["序号", "姓名", "岗位", "补贴标准"], [1, "张三"]]
    _done, rows = filled(session, sheet(["序号", "姓名", "性别", "民族"], [1, "李强"], *other))
    assert rows[2][2] == "女"


def test_a_text_file_becomes_a_workbook(session: Session, village: dict[str, str]) -> None:
    done = look(session, f"姓名,身份证号,联系电话\n王芳,{WANG},\n李强,{LI},".encode("gb18030"), name="名单.csv")
    assert rows_of(done)[1] == ("王芳", WANG, "13800138001")
    assert any(".xlsx" in note for note in done.notes)


@pytest.mark.parametrize("rows", [["随便", "写写"], ["车间名称", "负责人"]])
def test_what_asks_about_nobody_is_refused(session: Session, rows: list[str]) -> None:
    with pytest.raises(InputUnusable):
        filled(session, sheet(rows, ["甲", "乙"]))


def test_a_list_there_is_not_is_refused(session: Session, village: dict[str, str]) -> None:
    with pytest.raises(DomainError):
        filled(session, sheet(HEADS), who="nobody")

"""填上级表格: tables with a row for each person: who is listed, formulas of added rows, contracts, incomes, status."""

from __future__ import annotations

from typing import Any

import pytest

from db.session import Session
from services import records
from services.filling.looking import look
from tests.services.test_filling import LI, TWIN, WANG, filled, rows_of, sheet, village
from tests.services.test_filling_figures import _bytes
from tests.services.test_filling_forms import formed

__all__ = ["village"]


def test_sums_include_the_rows_that_are_added(session: Session, village: dict[str, str]) -> None:
    made = sheet(
        ["序号", "姓名", "7月", "8月", "两月"], [1, None, None, None, "=C3+D3"], ["合计", None, "=SUM(C3:C3)", "=SUM(D3:D3)", "=C4+D4"]
    )
    other = made.create_sheet("汇总")
    other["A1"], other["A2"] = "=Sheet!E4", "=SUM(A1:A1)"
    done = look(session, _bytes(made), who="all", name="来表.xlsx")
    page, summed = done.workbook.worksheets
    assert [texts[4] for _row, texts, _new in done.tables[0].rows] == ["（公式）"] * 3
    assert [cell.value for cell in page["E"][2:6]] == ["=C3+D3", "=C4+D4", "=C5+D5", "=C6+D6"]
    assert [cell.value for cell in page[6]] == ["合计", None, "=SUM(C3:C5)", "=SUM(D3:D5)", "=C6+D6"]
    assert [cell.value for cell in summed["A"]] == ["=Sheet!E6", "=SUM(A1:A1)"]


def test_a_list_holds_neither_the_dead_nor_whom_the_title_excludes(session: Session, village: dict[str, str]) -> None:
    man = {"name": "赵老汉", "document": "other", "id_number": "旧证", "sex": "male", "health": ["残疾"], "labour": "none"}
    records.save(session, "person", man)
    records.save(session, "person", {**man, "name": "钱老汉", "id_number": "旧证二", "died_on": "2022-05-01"})
    for listed, heading, title in (
        (3, "妇女姓名", "就业摸底表"),
        (3, "姓名", "某县妇女联合会妇女就业摸底表"),
        (4, "姓名", "某县残疾人联合会就业摸底表"),
        (1, "姓名", "残疾人就业摸底表"),
    ):
        done, _rows = filled(session, sheet(["序号", heading, "残疾人证号"], title=title), who="all")
        assert done.listed == listed and bool(done.notes) is (listed != 4)


def test_dates_below_a_contract_are_the_contracts(session: Session, village: dict[str, str]) -> None:
    job = {"person_id": village["li"], "channel": "enterprise", "place": "230102", "start": "2023-02-01", "contract": "labour"}
    records.save(session, "employment", {**job, "contract_start": "2023-03-01", "contract_end": "2024-02-29"})
    made = sheet(
        ["姓名", "务工开始时间", "劳动合同（协议）期限", None], [None, None, "起始时间", "终止时间"], ["李强"], title="2023年6月名单"
    )
    for block in ("A2:A3", "B2:B3", "C2:D2"):
        made.worksheets[0].merge_cells(block)
    assert filled(session, made)[1][3] == ("李强", "2023-02-01", "2023-03-01", "2024-02-29")


@pytest.mark.parametrize(("title", "there"), [("2023年二季度收入表", True), ("2023年三季度收入表", False), ("收入表", False)])
def test_an_income_is_that_of_the_period_in_the_title(session: Session, village: dict[str, str], title: str, there: bool) -> None:
    home = next(one for one in session.select("household"))
    income: dict[str, Any] = {
        "household_id": home.id,
        "start": "2023-04",
        "end": "2023-06",
        "persons": 2,
        "wages": 3000_00,
        "costs": 500_00,
    }
    records.save(session, "household_income", income)
    _done, rows = filled(session, sheet(["户主姓名", "证件号码", "工资性收入", "家庭纯收入", "人均纯收入"], ["李强", LI], title=title))
    assert rows[2][2:] == ((3000, 2500, 1250) if there else (None, None, None))


def test_whoever_is_too_old_for_work_is_not_called_by_their_age(session: Session, village: dict[str, str]) -> None:
    values = {"name": "赵老汉", "document": "other", "id_number": "旧证", "birth": "1950-01-01", "labour": "ordinary"}
    records.save(session, "person", values)
    _done, rows = filled(
        session, sheet(["姓名", "就业状态", "就业情况", "户类型", "是否脱贫户（含监测户）"], ["赵老汉"], ["李强"], title="名单")
    )
    assert rows[2][1:] == ("未就业", "未就业", None, "否") and rows[3][1] == "无劳动能力"


def test_figures_of_the_household_may_stand_behind_another_person(session: Session, village: dict[str, str]) -> None:
    rows = (
        ["户主姓名", None, "户类型", None],
        ["户主身份证号", None, "联系电话", None],
        ["帮扶责任人", None, "家庭人口数", None, "联系电话", None],
    )
    done = formed(session, sheet(*rows, title="一户一表"), village["wang"])
    assert rows_of(done)[3][:5] == ("帮扶责任人", None, "家庭人口数", 2, "联系电话") and rows_of(done)[1][3] == "脱贫户"


def test_the_household_tells_people_of_one_name_apart(session: Session, village: dict[str, str]) -> None:
    """Both are called 王芳; only one of them lives in the household that the row names."""
    made = sheet(
        ["户编号", "户主姓名", "姓名", "联系电话"], [None, "王芳", "王芳"], ["H1", None, "王芳"], ["H9", None, "王芳"], title="名单"
    )
    _done, rows = filled(session, made)
    assert [row[3] for row in rows[2:]] == ["13800138001", "13800138001", None]


def test_a_column_that_cannot_be_filled_in_is_listed(session: Session, village: dict[str, str]) -> None:
    done, _rows = filled(session, sheet(["姓名", "务工地点（县内外）", "签字"], ["李强"], title="名单"))
    assert [(one.heading, one.what) for one in done.columns][1:] == [("务工地点（县内外）", "")]


def test_the_year_of_the_months_may_stand_above_them(session: Session, village: dict[str, str]) -> None:
    """Pay of public posts by month, and all of it; the term of the agreement below its heading."""
    pay = {"appointment_id": village["held"], "paid_on": "2023-08-01"}
    for month, amount in (("2023-06", 500_00), ("2023-07", 400_00)):
        records.save(session, "post_pay", {**pay, "month": month, "amount": amount})
    term = {"appointment_id": village["held"], "type": "service", "start": "2023-01-01", "end": "2023-12-31"}
    records.save(session, "agreement", term)
    headings = ["姓名", "证件号码", "2023年补贴发放（元）", None, "累计补贴", "协议签订情况", None, "上岗时间"]
    made = sheet(headings, [None, None, "6月", "7月", None, "起", "止"], ["王芳", TWIN], title="乡村公益性岗位人员管理台账")
    for block in ("A2:A3", "B2:B3", "C2:D2", "E2:E3", "F2:G2", "H2:H3"):
        made.worksheets[0].merge_cells(block)
    assert filled(session, made)[1][3][2:] == (500, 400, 900, "2023-01-01", "2023-12-31", "2023-01-01")


def test_the_number_of_the_head_alone_tells_the_household(session: Session, village: dict[str, str]) -> None:
    _done, rows = filled(session, sheet(["户主身份证号", "家庭人口", "联系电话"], [WANG], title="名单"))
    assert rows[2] == (WANG, 2, "13800138001")


def test_a_column_for_a_quarter_has_its_sum_if_no_month_is_missing(session: Session, village: dict[str, str]) -> None:
    """王芳 worked from March, and was paid for April only; then for the other two months of the quarter as well."""
    made = sheet(
        ["姓名", "身份证号", "实发工资", None, None, None],
        [None, None, "一季度", "二季度", "三季度", "四季度"],
        ["王芳", WANG],
        title="2023年车间工资表",
    )
    for block in ("A2:A3", "B2:B3", "C2:F2"):
        made.worksheets[0].merge_cells(block)
    assert filled(session, made)[1][3][2:] == (None,) * 4
    for month, amount in (("2023-03", 500_00), ("2023-05", 1000_00), ("2023-06", 10_50)):
        records.save(session, "wage", {"employment_id": village["job"], "month": month, "paid_on": "2023-07-10", "amount": amount})
    done, rows = filled(session, made)
    assert rows[3][2:] == (500, 5332, None, None) and (done.named, done.found) == (1, 1)
    (shows,) = done.tables
    assert [text for _n, texts, _new in shows.rows for text in texts][2:] == ["500", "5332", "", ""] and shows.rows[0][2] == {2, 3}
    assert [one.heading for one in done.columns].count("姓名") == 1

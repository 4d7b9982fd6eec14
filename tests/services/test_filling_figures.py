"""填上级表格: tables of figures by village, filled in from the monthly report and the statistics."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook

from db.session import Session
from db.store import Store
from domain import divisions
from domain.errors import DomainError, InputUnusable
from services import records
from services.filling.looking import look
from services.reports.month_figures import counted
from tests.fresh import taken_back
from tests.rosters import id_number
from tests.services.test_filling import RNG, filled, sheet, village

__all__ = ["village"]

HEADINGS = ["村", "脱贫户数", "脱贫人数", "劳动力人数", "外出务工人数", "其中：省外", "省内县外", "公益岗人数", "车间就业人数"]


def test_a_table_by_village_has_the_figures_of_the_month_its_title_names(session: Session, village: dict[str, str]) -> None:
    name = divisions.name(session.scope) or ""
    made = sheet(HEADINGS, [name], ["合计"], ["填表人："], title="2023年6月就业统计表")
    done, rows = filled(session, made)
    expected = counted(session, "2023-06").villages[session.scope]
    away = expected["province"] + expected["city"]
    outside, post, workshop = (expected[one] for one in ("outside", "post", "workshop"))
    assert outside == post == 1, "the job in Dalian and the public post"
    figures = (1, expected["lifted"], expected["labour"], outside + away, outside, away, post, workshop)
    assert rows[2:4] == [(name, *figures), ("合计", *figures)] and rows[4][1:] == (None,) * 8
    assert all(one.what for one in done.columns) and "2023-06" in done.notes[0] and done.month == "2023-06"
    later = look(session, _bytes(made), month="2024-01", name="来表.xlsx")
    assert later.workbook.worksheets[0]["F3"].value == 0, "the job was over"
    assert any("表题写的是 2023-06，填的是 2024-01 的数" in note for note in later.notes), "the title has to be corrected by hand"
    with pytest.raises(DomainError):
        look(session, _bytes(made), month="2099-01", name="来表.xlsx")


def test_nothing_is_filled_in_where_it_would_count_others(session: Session, village: dict[str, str]) -> None:
    """Another village's row and then the total; a heading twice, one of which means a part; what is there already."""
    name = divisions.name(session.scope) or ""
    _done, rows = filled(session, sheet(["村", "劳动力", "公益岗", "省外"], [name, None, 7], ["没有这个村"], ["合计"]))
    assert rows[2][1:3] == (2, 7) and rows[3][1:] == rows[4][1:] == (None,) * 3
    made = sheet(["村", "低保户", None, "残疾人", None], [None, "劳动力", "务工", "公益岗", "车间"], [name])
    made.worksheets[0].merge_cells("B2:C2")
    made.worksheets[0].merge_cells("D2:E2")
    made.worksheets[0].merge_cells("A2:A3")
    with pytest.raises(InputUnusable):
        filled(session, made)
    _done, rows = filled(session, sheet(["村", "劳动力", "务工", "公益岗", "务工人数"], [name]))
    assert rows[2] == (name, 2, None, 1, None)


def test_a_column_below_a_group_heading_has_its_own_figure(session: Session, village: dict[str, str]) -> None:
    """The first column of a group had the figure of the group."""
    name = divisions.name(session.scope) or ""
    made = sheet(["村", "劳动力", "务工", None, None, "脱贫户"], [None, None, "省外", "县内", "小计", "公益岗"], [name], title="2023年6月")
    for block in ("A2:A3", "B2:B3", "C2:E2"):
        made.worksheets[0].merge_cells(block)
    done, rows = filled(session, made)
    assert rows[3] == (name, 2, 1, 1, 2, 0), "the public post is not held by one of the lifted"
    assert [one.heading for one in done.columns][1:] == ["务工：省外", "务工：县内", "务工：小计", "脱贫户：公益岗"]


def test_away_stays_empty_beside_those_within_the_county(session: Session, village: dict[str, str]) -> None:
    name = divisions.name(session.scope) or ""
    done, rows = filled(session, sheet(["村", "外出务工", "其中省外", "省内县外", "县内"], [name], title="2023年6月"))
    assert rows[2] == (name, None, 1, 0, 1) and [one.column for one in done.remarks] == ["外出务工"]


def test_a_table_with_a_figure_in_each_row_is_filled_in(session: Session, village: dict[str, str]) -> None:
    rows = (["劳动力人数"], ["已务工人数"], ["其中：省外"], ["脱贫户数"], ["公益岗人数", None, 9], ["填表人："])
    made = sheet(["项目", "单位", "数量"], *rows, title="2023年6月就业情况统计表")
    done, told = filled(session, made)
    assert [row[2] for row in told[2:]] == [2, 2, 1, 1, 9, None]
    assert all(one.what for one in done.columns)


def test_a_group_limits_the_figures_below_it_and_a_title_all_of_them(session: Session, village: dict[str, str]) -> None:
    """Of the two at work one is lifted. What is counted of everybody cannot be limited; another group makes the title's loose."""
    records.save(session, "category_span", {"person_id": village["li"], "category": "lifted", "start": "2021-01-01"})
    name = divisions.name(session.scope) or ""
    made = sheet(["村", "脱贫人口务工人数", "其中：省外", "县内", "监测对象务工人数", "务工人数"], [name], title="2023年6月统计表")
    assert filled(session, made)[1][2][1:] == (1, 1, 0, 0, 2)
    made = sheet(["村", "务工人数", "其中：脱贫人口", "监测对象"], [name], title="2023年6月统计表")
    assert filled(session, made)[1][2][1:] == (2, 1, None), "all of the monitored, or those at work?"
    made = sheet(["村", "劳动力人数", "务工人数", "公益岗人数"], [name], title="2023年6月脱贫人口务工统计表")
    assert filled(session, made)[1][2][1:] == (1, 1, 0)
    made = sheet(["村", "务工人数", "监测对象务工人数", "培训人次"], [name], title="2023年6月脱贫人口务工统计表")
    assert filled(session, made)[1][2][1:] == (2, 0, 0)
    made = sheet(["村", "脱贫户务工人数", "脱贫户公益岗人数", "脱贫户培训人次"], [name], title="2023年6月统计表")
    assert filled(session, made)[1][2][1:] == (1, 0, 0)
    made = sheet(["村", "低保情况", "务工"], [None, "脱贫人口", "人数"], [name], title="2023年6月统计表")
    with pytest.raises(InputUnusable):
        filled(session, made)


def test_what_is_below_another_figure_is_part_of_it(session: Session, village: dict[str, str]) -> None:
    """One works in Dalian, the other on a public post; nobody of the lifted is on one."""
    name = divisions.name(session.scope) or ""
    groups = ["村", "外出务工人数", "其中", None, "公益性岗位", None, None, "劳动力"]
    made = sheet(
        groups, [None, None, "脱贫人口", "监测对象", "就业人数", "其中：脱贫劳动力", "省外", "务工人数"], [name], title="2023年6月统计表"
    )
    for block in ("A2:A3", "B2:B3", "C2:D2", "E2:G2"):
        made.worksheets[0].merge_cells(block)
    assert filled(session, made)[1][3][1:] == (1, 1, 0, 1, 0, None, 2), "a post outside the province is not counted"


def test_households_are_counted_where_the_unit_says_so(session: Session, village: dict[str, str]) -> None:
    rows = (["脱贫户", "户"], ["脱贫人口", "人"], ["监测对象户数", "户"], ["务工户数", "户"], ["总户数", "户"], ["脱贫户", None])
    done, told = filled(session, sheet(["指标", "计量单位", "数量"], *rows, title="2023年6月统计表"))
    assert [row[2] for row in told[2:]] == [1, 1, 0, None, None, None], "the village has more households than are on record"
    assert done.columns[0].what == "脱贫人口：登记户数"


def test_months_may_stand_in_the_columns_or_the_rows(session: Session, village: dict[str, str]) -> None:
    """The job lasted from March to November. A month that has not begun stays empty, and so does a sum of months."""
    name, year = divisions.name(session.scope) or "", session.today[:4]
    headings = ["村名", *(f"{n}月" for n in (2, 3, 11, 12)), "合计"]
    made = sheet(headings, [name], ["合计"], title="2023年脱贫人口外出务工人数统计表")
    done, rows = filled(session, made)
    assert rows[2] == (name, 0, 1, 1, 0, None) and rows[3] == ("合计", 0, 1, 1, 0, None)
    assert done.columns[1].what.startswith("脱贫人口") and done.columns[1].what.endswith("2023-03")
    assert not done.month, "no month to choose"
    _done, rows = filled(
        session, sheet(["项目", "3月", "12月"], ["务工人数"], ["公益岗人数"], ["外出务工人数"], ["粮食产量"], title="2023年")
    )
    assert [row[1:] for row in rows[2:]] == [(2, 1), (1, 1), (1, 0), (None, None)]
    _done, rows = filled(session, sheet(["月份", "务工人数", "外出务工人数"], ["3月"], ["12月"], ["合计"], ["13月"], title="2023年统计"))
    assert [row[1:] for row in rows[2:]] == [(2, 1), (1, 0), (None, None), (None, None)]
    if session.today[5:7] != "12":
        _done, rows = filled(session, sheet(["项目", "1月", "12月"], ["务工人数"], ["公益岗人数"], ["劳动力人数"], title=f"{year}年"))
        assert rows[2][2] is None, "not begun"


def test_a_part_of_the_titles_group_is_counted_as_what_it_is_part_of(session: Session, village: dict[str, str]) -> None:
    """王芳 is monitored, too, and the only one at work of those; workers are not all the people."""
    records.save(session, "category_span", {"person_id": village["wang"], "category": "marginal", "start": "2022-01-01"})
    name = divisions.name(session.scope) or ""
    made = sheet(["村", "监测人数", "其中：边缘易致贫户", "突发严重困难户", "已务工人数"], [name], title="2023年6月监测对象就业情况表")
    assert filled(session, made)[1][2][1:] == (1, 1, None, 1), "the last of the groups may be people or households"
    records.save(session, "category_span", {"person_id": village["li"], "category": "lifted", "start": "2021-01-01"})
    rows = (["脱贫劳动力总数", "人"], ["脱贫劳动力人数", "人"], ["脱贫人口", "人"], ["监测对象", "人"], ["务工人数", "人"])
    made = sheet(["项目", "单位", "数量"], *rows, title="2023年6月统计表")
    assert [row[2] for row in filled(session, made)[1][2:]] == [None, None, 2, 1, 2], "asked twice"
    made = sheet(["项目", "单位", "数量"], *rows[1:], title="2023年6月统计表")
    assert [row[2] for row in filled(session, made)[1][2:]] == [1, 2, 1, 2]


def test_nobody_is_said_to_want_no_work_where_nobody_was_asked(session: Session, village: dict[str, str]) -> None:
    name = divisions.name(session.scope) or ""
    made = sheet(["村", "务工人数", "有意愿未就业", "村集体收入", "亩数"], [name], [None, "=SUM(B3:B3)"], title="2023年6月统计表")
    done, rows = filled(session, made)
    assert rows[2] == (name, 2, None, None, None) and "没有填的栏：有意愿未就业、村集体收入、亩数。" in done.sentence()
    records.save(session, "monthly_check", {"person_id": village["li"], "month": "2023-06", "status": "no_wish"})
    done, rows = filled(session, made)
    assert rows[2][2] == 0


def test_a_county_has_a_row_for_each_township(make_store: Callable[..., Store]) -> None:
    store = make_store(scope="230826")
    towns = divisions.children("230826")[:2]
    with taken_back(store) as session:
        for n, town in enumerate((towns[0], towns[0], towns[1])):
            number = id_number(RNG, "男", 9000 + 300 * n)
            values = {"name": f"张{n}", "document": "resident_id", "id_number": number, "sex": "male", "labour": "ordinary"}
            records.save(session, "person", {**values, "village": divisions.children(town)[n]})
        made = sheet(["乡镇", "劳动力", "省外"], *([divisions.name(one)] for one in towns), ["合计"], ["某某镇"])
        done, rows = filled(session, made)
    assert [row[1:] for row in rows[2:]] == [(2, 0), (1, 0), (None, None), (None, None)] and [one.who for one in done.remarks] == ["某某镇"]


def test_a_township_has_each_village_and_their_sum(make_store: Callable[..., Store]) -> None:
    store = make_store(scope="230826101")
    villages = divisions.children("230826101")[:3]
    with taken_back(store) as session:
        for n, code in enumerate((villages[0], villages[0], villages[1], villages[2])):
            values = {
                "name": f"张{n}",
                "document": "resident_id",
                "id_number": id_number(RNG, "男", 9000 + 300 * n),
                "sex": "male",
                "labour": "ordinary",
                "village": code,
            }
            records.save(session, "person", values)
        _done, rows = filled(session, sheet(["村", "劳动力", "省外"], *([divisions.name(one)] for one in villages[:2]), ["合计"]))
    assert [row[1:] for row in rows[2:]] == [(2, 0), (1, 0), (3, 0)], "the total is that of the rows above"


def test_the_labels_of_rows_may_be_places_trades_posts_or_groups(session: Session, village: dict[str, str]) -> None:
    """One works in Dalian (industry C, group 2), the other, of no household, on a public post. Labels that are no value stay empty: the
    figure of the whole village had stood beside them."""
    records.save(session, "employment", {"industry": "C"}, village["job"])
    for number, group in (("H8", "1组"), ("H9", "3组")):
        records.save(session, "household", {"number": number, "group": group})
    post = next(one for one in session.select("post")).__dict__
    records.save(session, "post", {name: post[name] for name in ("type", "developer", "fund", "standard", "quota")} | {"name": "护林员"})
    heads, title = ["务工人数", "其中：脱贫人口", "其中：女性", "占比"], "2023年6月务工人员统计表"

    def counts(heading: str, *labels: str, title: str = title, heads: list[str] = heads) -> list[tuple[Any, ...]]:
        return [row[1:] for row in filled(session, sheet([heading, *heads], *([one] for one in labels), title=title))[1][2:]]

    none, one = (None,) * 4, (1, 1, 1, None)
    assert counts("务工去向", "省外", "省内县外", "县内", "合计") == [one, (0, 0, 0, None), (1, 0, 1, None), (2, 1, 2, None)]
    assert counts("行业", "制造业", "农林牧渔业", "建筑业", "其他行业") == [one, (0, 0, 0, None), (0, 0, 0, None), none]
    assert counts("组别", "一组", "第2村民小组", "3屯", "8组", "合计") == [(0, 0, 0, None), one, (0, 0, 0, None), none, (2, 1, 2, None)]
    assert counts("组别", "二组", "2屯", "三组", "一组", "合计")[:2] == [none, none], "two rows for one group"
    assert counts("组别", "1组", "2组", "合计", heads=["户数", "总人口", "劳动力人数"]) == [(None, None, n) for n in (0, 1, 2)]
    assert counts("岗位名称", "保洁员", "护林员", "护路员", "合计", heads=["在岗人数", "其中脱贫人口"], title="公益性岗位2023年6月") == [
        (1, 0),
        (0, 0),
        (None, None),
        (1, 0),
    ]


def test_a_total_has_no_figure_of_all_the_people(session: Session, village: dict[str, str]) -> None:
    """Below regions the total of 其中脱贫人口 was everybody lifted; a trade is one of courses only where they are meant; those who began
    work in a month are not those of a year."""
    made = sheet(["务工区域", "人数", "其中脱贫户"], ["省外"], ["市外省内"], ["县内"], ["合计"], title="2023年6月统计表")
    assert [row[1:] for row in filled(session, made)[1][2:]] == [(1, 1), (0, 0), (1, 0), (None, None)]
    records.save(session, "course", {"title": "缝纫", "trade": "缝纫工", "type": "skills", "start": "2023-06-01", "end": "2023-06-02"})
    for heading, labels in (("工种", ["缝纫工", "缝纫工", "合计"]), ("岗位", ["保洁员", "保安", "合计"])):
        with pytest.raises(InputUnusable):
            filled(session, sheet([heading, "人数", "其中脱贫人口"], *([one] for one in labels), title="2023年6月务工分布"))
    made = sheet(["项目", "数量"], ["本月新增"], ["返乡"], ["务工人数"], ["劳动力"], ["公益岗人数"], title="2023年情况")
    assert [row[1] for row in filled(session, made)[1][2:]] == [None, None, 1, 2, 1]


def test_what_happens_in_a_month_is_added_up_over_the_months_of_the_title(session: Session, village: dict[str, str]) -> None:
    """A year's courses and pay had been those of its last month. Whoever is on two courses is one of 培训人数, but not of 培训人次."""
    for trade, start, who in (("缝纫工", "2023-05-10", "wang"), ("缝纫工", "2023-08-10", "twin"), ("电工", "2023-08-20", "wang")):
        course = records.save(session, "course", {"title": trade + start, "trade": trade, "type": "skills", "start": start, "end": start})
        more = {"certificate": "230811"} if who == "twin" else {}
        records.save(session, "enrolment", {"course_id": course, "person_id": village[who], "outcome": "completed", **more})
    for month in ("2023-01", "2023-02"):
        pay = {"appointment_id": village["held"], "month": month, "amount": 500_00, "paid_on": "2023-03-10"}
        records.save(session, "post_pay", pay)
    heads = ["培训工种", "培训人数", "其中脱贫人口", "取得证书人数"]
    _done, rows = filled(session, sheet(heads, ["缝纫工"], ["电工"], ["美容师"], ["合计"], title="2023年培训情况统计表"))
    assert [row[1:] for row in rows[2:]] == [(2, 1, 1), (1, 1, 0), (None, None, None), (None, None, None)]
    items = (["培训人次"], ["公益岗补贴（元）"], ["务工人数"], ["省外务工人数"])
    for title, expected in (
        ("2023年", [3, 1000, 1, 0]),
        ("2023年第三季度", [2, None, 2, 1]),
        ("2023年8月", [2, None, 2, 1]),
    ):
        _done, rows = filled(session, sheet(["项目", "数量"], *items, title=f"{title}统计表"))
        assert [row[1] for row in rows[2:]] == expected, title


def _bytes(made: Workbook) -> bytes:
    file = BytesIO()
    made.save(file)
    return file.getvalue()

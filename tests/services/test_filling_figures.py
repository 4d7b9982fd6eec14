"""填上级表格: tables of figures by village, filled in from the monthly report and the statistics."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

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
    made = sheet(HEADINGS, [name], ["合计"], ["填表人："], title="2023年6月脱贫人口就业统计表")
    done, rows = filled(session, made)
    expected = counted(session, "2023-06").villages[session.scope]
    away = expected["province"] + expected["city"]
    outside, post, workshop = (expected[one] for one in ("outside", "post", "workshop"))
    assert outside == post == 1, "the job in Dalian and the public post"
    figures = (None, expected["lifted"], expected["labour"], outside + away, outside, away, post, workshop)
    assert rows[2:4] == [(name, *figures), ("合计", *figures)] and rows[4][1:] == (None,) * 8
    assert [one.heading for one in done.columns if not one.what] == ["脱贫户数"] and "2023-06" in done.notes[0]
    later = look(session, _bytes(made), month="2024-01", name="来表.xlsx")
    assert later.workbook.worksheets[0]["F3"].value == 0, "the job was over"
    with pytest.raises(DomainError):
        look(session, _bytes(made), month="2099-01", name="来表.xlsx")


def test_nothing_is_filled_in_where_it_would_count_others(session: Session, village: dict[str, str]) -> None:
    """Another village's row and then the total; a heading twice, one of which means a part; what is there already."""
    name = divisions.name(session.scope) or ""
    _done, rows = filled(session, sheet(["村", "劳动力", "公益岗", "省外"], [name, None, 7], ["没有这个村"], ["合计"]))
    assert rows[2][1:3] == (2, 7) and rows[3][1:] == rows[4][1:] == (None,) * 3
    made = sheet(["村", "脱贫户", None, "监测户", None], [None, "劳动力", "务工", "公益岗", "车间"], [name])
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
    assert rows[3] == (name, 2, 1, 1, 2, None), "public posts of everybody are not those of the lifted"
    assert [one.heading for one in done.columns][1:] == ["务工：省外", "务工：县内", "务工：小计", "脱贫户：公益岗"]


def test_away_stays_empty_beside_those_within_the_county(session: Session, village: dict[str, str]) -> None:
    name = divisions.name(session.scope) or ""
    done, rows = filled(session, sheet(["村", "外出务工", "其中省外", "省内县外", "县内"], [name], title="2023年6月"))
    assert rows[2] == (name, None, 1, 0, 1) and [one.column for one in done.remarks] == ["外出务工"]


def test_a_table_with_a_figure_in_each_row_is_filled_in(session: Session, village: dict[str, str]) -> None:
    rows = (["劳动力人数"], ["已务工人数"], ["其中：省外"], ["脱贫户数"], ["公益岗人数", None, 9], ["填表人："])
    made = sheet(["项目", "单位", "数量"], *rows, title="2023年6月就业情况统计表")
    done, told = filled(session, made)
    assert [row[2] for row in told[2:]] == [2, 2, 1, None, 9, None]
    assert [one.heading for one in done.columns if not one.what] == ["脱贫户数"]


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


def _bytes(made: Workbook) -> bytes:
    file = BytesIO()
    made.save(file)
    return file.getvalue()

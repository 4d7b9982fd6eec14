"""Lists that look like one the program reads, and of which it reads nothing, or not that column."""

from __future__ import annotations

import pytest

from db.store import Store
from domain.errors import InputUnusable
from tests.services.importing.test_import_first_sight import fields
from tests.services.importing.test_import_turns import LIN, POSTS
from tests.services.rosters_taken import DALIAN, LI, WANG, Take, people, take

__all__ = ["people", "take"]

NI = ["姓名", "身份证号"]
OFFICE = "13945400001"


@pytest.mark.parametrize(
    "rows",
    [
        [["家庭医生签约服务名单"], [*NI, "监测对象类型", "签约医生"], ["王芳", WANG, "突发严重困难户", "刘大夫"]],
        [["医疗救助情况表"], [*NI, "监测对象类型", "救助金额"], ["王芳", WANG, "边缘易致贫户", 3000]],
        [["危房改造台账"], [*NI, "开工日期", "竣工日期", "施工地点"], ["王芳", WANG, "2024-05-01", "2024-09-01", "桦川县横头山镇"]],
        [["2025年9月监测户收入核算表"], [*NI, "低保金", "公益岗补贴", "养老金"], ["王芳", WANG, 4800, 6000, 1500]],
        [["2025年9月家庭情况"], [*NI, "公益岗补贴", "其他收入"], ["王芳", WANG, 6000, 1500]],
        [["2025年9月爱心捐款明细"], [*NI, "金额"], ["王芳", WANG, 200]],
        [["2025年9月公益性岗位社会保险补贴明细"], [*NI, "补贴金额"], ["王芳", WANG, 300]],
        [["2025年9月村民代表会议"], [*NI, "单位", "职务"], ["王芳", WANG, "解放村", "代表"]],
    ],
)
def test_a_list_about_something_else(people: Store, take: Take, rows: list[list[object]]) -> None:
    take(*POSTS, LIN)
    with pytest.raises(InputUnusable):
        take(*rows)


@pytest.mark.parametrize(
    ("heads", "cells", "own"),
    [
        (["是否村干部", "电话"], ["否", "13945400009"], "电话"),
        (["监护人姓名", "监护人电话", "联系电话"], ["李强", OFFICE, "13945400009"], "联系电话"),
        (["监护人姓名", "联系电话"], ["李强", OFFICE], None),
        (["领队", "联系电话"], ["赵主任", OFFICE], None),
        (["签约医生", "联系电话"], ["刘大夫", OFFICE], None),
    ],
)
def test_whose_telephone_it_is(people: Store, take: Take, heads: list[str], cells: list[str], own: str | None) -> None:
    heads = [*NI, "务工地点", "开始时间", *heads]
    _result, plan = take(["外出务工台账"], heads, ["王芳", WANG, DALIAN, "2025-02", *cells])
    assert next((column.heading for column in plan.tables[0].columns if column.target == "person.phone"), None) == own


def test_insurance_on_posts_is_not_their_pay(people: Store, take: Take) -> None:
    take(*POSTS, LIN)
    rows = [["王芳", WANG, "公益性岗位补贴", 500], ["李强", LI, "公益性岗位意外险补助", 50]]
    take(["2025年9月补贴发放表"], [*NI, "补贴名称", "金额"], *rows)
    assert fields(people, "post_pay", "month", "amount") == [("2025-09", 50000)]


def test_a_list_of_monitored_people_is_read(people: Store, take: Take) -> None:
    take(["监测对象名单"], [*NI, "监测对象类型", "识别时间"], ["王芳", WANG, "突发严重困难户", "2024-11"])
    assert ("sudden_hardship", "2024-11") in fields(people, "category_span", "category", "start")


def test_pay_made_good_is_of_the_month_in_its_column(people: Store, take: Take) -> None:
    take(*POSTS)
    take(["2025年9月补发公益性岗位补贴表"], [*NI, "补发月份", "补发金额"], ["王芳", WANG, "2025年6月", 500])
    assert fields(people, "post_pay", "month") == [("2025-06",)]


def test_only_pay_loses_its_lines_for_other_purposes(people: Store, take: Take) -> None:
    """Of a list of visits only the lines that mention posts were kept."""
    heads = ["户主姓名", "身份证号", "走访时间", "走访情况", "用途"]
    rows = [["王芳", WANG, "2025-09-01", "稳定", "公益岗核实"], ["李强", LI, "2025-09-02", "稳定", "低保核实"]]
    take(["走访登记"], heads, *rows)
    assert len(fields(people, "visit", "on")) == 2

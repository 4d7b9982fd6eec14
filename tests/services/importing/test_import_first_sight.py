"""Lists with headings and layouts that the importer had not met before, as county offices, villages and workshops head them."""

from __future__ import annotations

import pytest

from db.store import Store
from domain.errors import InputUnusable
from tests.services.rosters_taken import DALIAN, LI, WANG, ZHAO, Take, messages, people, take

__all__ = ["people", "take"]

WORK = ["姓名", "身份证号", "务工地点", "开始时间"]
PLACE = "黑龙江省佳木斯市桦川县"


def fields(store: Store, kind: str, *names: str) -> list[tuple[object, ...]]:
    with store.read() as session:
        return sorted((tuple(getattr(one, name) for name in names) for one in session.select(kind)), key=str)


@pytest.mark.parametrize(
    "heading",
    ["务工省市", "就业省市县", "务工去向", "外出流向", "前往国家", "派往国家"],
)
def test_places_under_other_headings_are_read(people: Store, take: Take, heading: str) -> None:
    place = "韩国" if "国家" in heading else DALIAN
    take(["务工人员名册"], ["姓名", "身份证号", heading, "外出时间"], ["王芳", WANG, place, "2023年3月"])
    assert fields(people, "employment", "start", "channel") == [("2023-03", "migrant")]


def test_a_place_is_read_before_what_is_only_like_one(people: Store, take: Take) -> None:
    """去向 may be 省外 beside the place itself, on either side of it."""
    for at, (one, two) in enumerate([("务工去向", "务工地点"), ("务工地点", "务工去向")], 1):
        row = ["省外", DALIAN] if at == 1 else [DALIAN, "省外"]
        take(["务工人员名册"], ["姓名", "身份证号", one, two, "外出时间"], ["王芳", WANG, *row, f"2023年{at}月"])
    assert fields(people, "employment", "start") == [("2023-01",), ("2023-02",)]


@pytest.mark.parametrize("heading", ["月平均收入（元）", "每月平均工资", "务工月均收入", "月薪酬"])
def test_pay_under_other_headings_is_read(people: Store, take: Take, heading: str) -> None:
    take(["务工人员名册"], [*WORK, heading], ["王芳", WANG, DALIAN, "2023年3月", "4500"])
    assert fields(people, "employment", "monthly_wage") == [(450000,)]


@pytest.mark.parametrize(
    ("title", "channel"),
    [
        ("灵活就业人员登记表", "flexible"),
        ("来料加工人员台账", "piecework"),
        ("外出务工和灵活就业人员台账", "migrant"),
        ("返乡人员、零工台账", "migrant"),
    ],
)
def test_a_title_about_one_way_to_work_tells_it(people: Store, take: Take, title: str, channel: str) -> None:
    """Everybody in a list of casual workers was recorded as away."""
    take([title], WORK, ["王芳", WANG, PLACE, "2023年3月"])
    assert fields(people, "employment", "channel") == [(channel,)]


@pytest.mark.parametrize(
    ("written", "contract", "insured"),
    [("签订劳动合同", "labour", {"养老", "工伤"}), ("劳务协议", "service", None), ("是", None, None), ("否", "none", None)],
)
def test_a_contract_or_agreement_is_told_by_its_cell(people: Store, take: Take, written: str, contract: str, insured: set[str]) -> None:
    paid = "、".join(sorted(insured)) if insured else "是" if written == "是" else "无"
    row = ["王芳", WANG, DALIAN, "2023年3月", written, paid]
    take(["务工人员名册"], [*WORK, "是否签订劳动合同或协议", "社保"], row)
    assert fields(people, "employment", "contract", "insured") == [(contract, frozenset(insured) if insured else None)]


def test_a_spell_with_a_dash_and_no_end_goes_on(people: Store, take: Take) -> None:
    take(
        ["务工人员名册"],
        ["姓名", "身份证号", "务工地点", "务工时间"],
        ["王芳", WANG, DALIAN, "2023.1—"],
        ["李强", LI, DALIAN, "2023.3-2023.6"],
    )
    assert fields(people, "employment", "start", "end") == [("2023-01", None), ("2023-03", "2023-06")]


def test_a_list_that_says_only_whether_people_work_takes_those_away(people: Store, take: Take) -> None:
    rows = [["王芳", WANG, "是", DALIAN], ["李强", LI, "是", PLACE], ["赵敏", ZHAO, "否", ""]]
    result, _plan = take(["2023年5月外出务工情况统计表"], ["姓名", "身份证号", "是否务工", "务工地点"], *rows)
    assert [issue.row for issue in result.rejected] == [4, 5]
    assert fields(people, "monthly_check", "month", "status") == [("2023-05", "away")]


def test_a_month_cell_with_a_place_means_away(people: Store, take: Take) -> None:
    take(["2023年务工月监测台账"], ["姓名", "身份证号", "1月", "2月"], ["王芳", WANG, "待业", "大连"])
    assert fields(people, "monthly_check", "month", "status", "place") == [("2023-01", "unemployed", None), ("2023-02", "away", "210200")]


@pytest.mark.parametrize(
    ("titles", "trade", "sort"),
    [
        (["横头山镇2023年农村实用技术培训班花名册", "培训内容：黑木耳栽培"], "黑木耳栽培", "practical"),
        (["缝纫工培训班签到表"], "缝纫工", "skills"),
        (["就业技能培训生活费发放表", "班次：2023年第2期家政服务员培训班"], "家政服务员", "skills"),
    ],
)
def test_the_trade_of_a_course_is_no_word_about_courses(people: Store, take: Take, titles: list[str], trade: str, sort: str) -> None:
    take(*([title] for title in titles), ["培训时间：2023年3月6日至3月15日"], ["姓名", "身份证号", "出勤天数"], ["王芳", WANG, 10])
    assert fields(people, "course", "trade", "type", "start") == [(trade, sort, "2023-03-06")]


def test_points_for_attendance_are_no_days(people: Store, take: Take) -> None:
    """出勤（30分） was read as thirty days."""
    head = ["岗位名称", "姓名", "身份证号", "上岗时间", "岗位补贴标准（元/月）", "资金来源", "聘用起止时间"]
    take(["公益岗台账"], head, ["保洁员", "王芳", WANG, "2023-01-01", 500, "就业补助资金", "2023.1.1-2023.12.31"])
    take(["公益性岗位人员月考核评分表（2023年6月）"], ["姓名", "出勤（30分）", "总分", "等次"], ["王芳", 30, 93, "优秀"])
    assert fields(people, "attendance", "days") == []
    assert fields(people, "assessment", "period", "score") == [("2023年6月", 93)]
    assert fields(people, "agreement", "start", "end") == [("2023-01-01", "2023-12-31")]


@pytest.mark.parametrize("title", ["2023年6月秸秆离田补贴公示表", "以工代训补贴名单（2023年6月）"])
def test_another_allowance_is_no_pay_of_a_post(people: Store, take: Take, title: str) -> None:
    head = ["岗位名称", "姓名", "身份证号", "上岗时间", "待遇标准"]
    take(["公益岗台账"], head, ["保洁员", "王芳", WANG, "2023-01-01", 500])
    with pytest.raises(InputUnusable):
        take([title], ["姓名", "身份证号", "补贴金额"], ["王芳", WANG, 300])
    assert fields(people, "post_pay", "amount") == []


def test_the_dead_are_asked_about_in_a_register(people: Store, take: Take) -> None:
    number = "230826195110101666"
    result, _plan = take(["村民花名册"], ["姓名", "性别", "身份证号", "民族", "备注"], ["孟凡琴", "女", number, "汉", "已故"])
    assert messages(result.questions) == [(3, "remark")]


@pytest.mark.parametrize(("skill", "labour"), [("丧失", "lost"), ("电焊", "ordinary")])
def test_a_vague_heading_is_told_by_its_cells(people: Store, take: Take, skill: str, labour: str) -> None:
    """Somebody without ability to work was taken for an ordinary worker."""
    number = "230826195110101666"
    take(["村民花名册"], ["姓名", "关系", "身份证号", "技能"], ["孟凡琴", "户主", number, skill])
    with people.read() as session:
        assert [one.labour for one in session.select("person") if one.id_number == number] == [labour]


def test_the_parts_of_a_place_in_brackets_are_read_together(people: Store, take: Take) -> None:
    """Of 就业地（省） and 就业地（市）, only the province was kept."""
    take(
        ["务工人员名册"], ["姓名", "身份证号", "就业地（省）", "就业地（市）", "外出时间"], ["王芳", WANG, "辽宁省", "大连市", "2023年3月"]
    )
    assert fields(people, "employment", "place") == [("210200",)]


def test_the_end_of_a_loan_is_no_return_from_work(people: Store, take: Take) -> None:
    take(["外出务工名单"], WORK, ["王芳", WANG, DALIAN, "2023年3月"])
    with pytest.raises(InputUnusable):
        take(["小额信贷台账"], ["姓名", "身份证号", "贷款金额", "到期日期"], ["王芳", WANG, 3, "2026-04-30"])
    take(["返乡人员台账"], ["姓名", "身份证号", "结束时间"], ["王芳", WANG, "2023-10-30"])
    assert fields(people, "employment", "end") == [("2023-10-30",)]


def test_a_way_of_working_in_the_title_is_not_that_of_those_away(people: Store, take: Take) -> None:
    """护林员家属 in 大连 were recorded as holders of a public-welfare post, and casual workers there as not away."""
    rows = ["王芳", WANG, DALIAN, "2023年3月"], ["李强", LI, PLACE, "2023年3月"]
    take(["灵活就业人员登记表"], WORK, *rows)
    assert fields(people, "employment", "channel") == [("flexible",), ("migrant",)]
    take(["护林员家属务工台账"], WORK, ["赵敏", ZHAO, PLACE, "2023年4月"])
    assert fields(people, "employment", "channel") == [("flexible",), ("migrant",), ("migrant",)]


@pytest.mark.parametrize(
    ("remark", "asked"),
    [
        ("其夫已故，独居", False),
        ("父亲病故，由爷爷抚养", False),
        ("意外死亡保险已买", False),
        ("2023年死亡待销户", True),
        ("独居，已故", True),
    ],
)
def test_only_who_died_is_asked_about(people: Store, take: Take, remark: str, asked: bool) -> None:
    """Widows were held back as if they had died."""
    row = ["孟凡琴", "女", "230826195110101666", "汉", remark]
    result, _plan = take(["村民花名册"], ["姓名", "性别", "身份证号", "民族", "备注"], row)
    assert bool(result.questions) is asked


@pytest.mark.parametrize("said", ["哈尔滨看病", "北京读书", "沈阳返回", "长春饭店", "黑龙江"])
def test_a_month_cell_that_says_more_than_a_place_is_refused(people: Store, take: Take, said: str) -> None:
    """Who was ill or at school in a city was recorded as working away there."""
    result, _plan = take(
        ["2023年务工月监测台账"], ["姓名", "身份证号", "1月", "2月"], ["王芳", WANG, "待业", said], ["李强", LI, "去大连打工", "大连"]
    )
    assert [issue.row for issue in result.rejected] == [3]
    assert fields(people, "monthly_check", "month", "status") == [("2023-01", "away"), ("2023-02", "away")]


def test_the_own_province_does_not_tell_that_somebody_is_away(people: Store, take: Take) -> None:
    rows = ["王芳", WANG, "是", "黑龙江省"], ["李强", LI, "是", DALIAN]
    result, _plan = take(["2023年5月外出务工情况统计表"], ["姓名", "身份证号", "是否务工", "务工地点"], *rows)
    assert [issue.row for issue in result.rejected] == [3]


def test_a_vague_column_of_nothing_but_others_is_left_alone(people: Store, take: Take) -> None:
    """其他 below 类别 is a category of people as well."""
    take(["务工人员名册"], [*WORK, "类别"], ["王芳", WANG, DALIAN, "2023年3月", "其他"])
    assert fields(people, "employment", "channel") == [("migrant",)]


@pytest.mark.parametrize("said", ["6217001234567890123", 1200, "个人缴纳"])
def test_what_names_no_insurance_is_no_kind_of_it(people: Store, take: Take, said: object) -> None:
    take(["务工人员名册"], [*WORK, "社保"], ["王芳", WANG, DALIAN, "2023年3月", said])
    assert fields(people, "employment", "insured") == [(None,)]


@pytest.mark.parametrize("said", ["安全生产", "安全生产、法律法规", "缝纫、电焊"])
def test_what_every_course_teaches_is_no_trade(people: Store, take: Take, said: str) -> None:
    lines = ["就业技能培训班签到表"], [f"培训内容：{said}"], ["培训时间：2023年3月6日至3月15日"]
    take(*lines, ["姓名", "身份证号", "出勤天数"], ["王芳", WANG, 8])
    assert fields(people, "course", "trade") == [("就业技能培训班",)]


@pytest.mark.parametrize(
    ("title", "headings", "values"),
    [
        ("返乡创业贷款台账", ["贷款金额", "到期日期"], [5, "2023-10-30"]),
        ("返乡人员台账", ["到期日期"], ["2023-10-30"]),
        ("务工人员意外险台账", ["保险公司", "结束日期"], ["人保", "2023-10-30"]),
    ],
)
def test_the_end_of_something_else_is_no_return(people: Store, take: Take, title: str, headings: list[str], values: list[object]) -> None:
    take(["外出务工名单"], WORK, ["王芳", WANG, DALIAN, "2023年3月"])
    with pytest.raises(InputUnusable):
        take([title], ["姓名", "身份证号", *headings], ["王芳", WANG, *values])
    assert fields(people, "employment", "end") == [(None,)]


def test_the_staff_of_a_company_hold_no_posts(people: Store, take: Take) -> None:
    """Their pay was recorded as the pay of a public-welfare post."""
    head = ["岗位名称", "姓名", "身份证号", "上岗时间", "待遇标准"]
    take(["公益岗台账"], head, ["保洁员", "王芳", WANG, "2023-01-01", 500])
    with pytest.raises(InputUnusable):
        take(["物业公司保洁员工资表（2023年5月）"], ["姓名", "补贴金额", "出勤天数"], ["王芳", 300, 22])
    assert fields(people, "post_pay", "amount") == []


@pytest.mark.parametrize("pay", ["报酬标准", "待遇标准"])
def test_placement_in_an_enterprise_is_no_post(people: Store, take: Take, pay: str) -> None:
    """A welder in Dalian became the holder of a new public-welfare post with 5000 yuan a month."""
    head = ["姓名", "身份证号", "安置岗位", "上岗时间", pay, "单位名称"]
    with pytest.raises(InputUnusable):
        take(["企业安置就业台账"], head, ["王芳", WANG, "焊工", "2023-03-01", 5000, "大连重工"])
    assert fields(people, "post", "name") == []

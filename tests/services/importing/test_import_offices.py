"""Lists as banks, insurers, agencies and village teams really head and fill them."""

from __future__ import annotations

import pytest

from db.store import Store
from domain.errors import InputUnusable
from domain.fields import declaration
from domain.han_amounts import lower
from domain.money import written_yuan
from domain.records import Insurance
from services import records
from services.importing.records.training import course_span
from services.importing.values.cells import Notice, reader
from services.importing.values.terms import Reach, read_term
from tests.services.rosters_taken import DALIAN, LI, WANG, ZHAO, Take, messages, people, take

__all__ = ["people", "take"]

WORK = ["姓名", "身份证号", "务工地点", "开始时间"]
CARRIER = "付款单位：解放村就业帮扶车间   用途：2023年5月工资"


def jobs(store: Store) -> list[tuple[object, ...]]:
    with store.read() as session:
        return sorted((job.start, job.end, job.place, job.employer_name, job.monthly_wage) for job in session.select("employment"))


def wages(store: Store) -> list[tuple[object, ...]]:
    with store.read() as session:
        return sorted((wage.month, wage.amount) for wage in session.select("wage"))


@pytest.mark.parametrize("bank", ["桦川农村商业银行批量代发回单", "桦川农村信用社代发工资明细", "桦川农村合作银行代发明细"])
def test_the_name_of_a_rural_bank_is_no_village(people: Store, take: Take, bank: str) -> None:
    result, _plan = take([bank], [CARRIER], ["户名", "账号", "金额", "证件号"], ["王芳", "6217", "1,850.00", WANG])
    assert (result.rejected, wages(people)) == ([], [("2023-05", 185000)])


@pytest.mark.parametrize("title", ["新兴农村外出务工花名册", "横头山镇新农村外出务工花名册", "兴旺村外出务工花名册"])
def test_other_villages_are_still_refused_where_they_are_named(people: Store, take: Take, title: str) -> None:
    if title.startswith("兴旺"):
        with pytest.raises(InputUnusable):
            take([title], WORK, ["王芳", WANG, DALIAN, "2023年3月"])
    else:
        assert take([title], WORK, ["王芳", WANG, DALIAN, "2023年3月"])[0].added == 1


@pytest.mark.parametrize("said", ["账号错误", "失败", "户名账号不符"])
def test_pay_that_a_bank_sent_back_is_asked_about(people: Store, take: Take, said: str) -> None:
    rows = [["户名", "金额", "结果", "证件号"], ["王芳", 1850, "交易成功", WANG], ["李强", 1700, said, LI]]
    result, _plan = take(["代发工资明细"], [CARRIER], *rows)
    assert messages(result.questions) == [(5, "sent_back")]
    assert wages(people) == [("2023-05", 185000)]


@pytest.mark.parametrize(("earlier", "later"), [("2022年", "2023年"), ("去年", "今年"), ("原", "现")])
def test_of_two_years_side_by_side_the_later_is_read(people: Store, take: Take, earlier: str, later: str) -> None:
    """The place and the pay of last year stood under the start of this year."""
    over = ["姓名", "身份证号", f"{earlier}务工情况", "", "", f"{later}务工情况", "", "", ""]
    heads = ["", "", *("务工地点", "务工单位", "月工资") * 2, "开始时间"]
    row = ["沈阳市铁西区", "旧厂", 3000, DALIAN, "新厂", 4500, "2023年3月"]
    result, plan = take(["务工情况对比表"], over, heads, ["王芳", WANG, *row])
    assert result.rejected == []
    assert jobs(people) == [("2023-03", None, "210211", "新厂", 450000)]
    assert any(f"{earlier}务工情况务工地点" in note for note in plan.tables[0].notes)


def test_a_column_of_an_earlier_year_does_not_fill_up_that_of_a_later(people: Store, take: Take) -> None:
    over = ["姓名", "身份证号", "2022年务工情况", "", "2023年务工情况", ""]
    heads = ["", "", "务工单位", "月工资", "务工地点", "开始时间"]
    take(["务工情况对比表"], over, heads, ["王芳", WANG, "旧厂", 3000, DALIAN, "2023年3月"])
    assert jobs(people) == [("2023-03", None, "210211", None, None)]


def test_where_people_worked_before_is_left_out(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "原务工地点", "原务工单位", "现务工地点", "现务工单位", "现开始务工时间"]
    take(["转岗人员登记"], heads, ["王芳", WANG, "沈阳市铁西区", "旧厂", DALIAN, "新厂", "2023年3月"])
    assert jobs(people) == [("2023-03", None, "210211", "新厂", None)]


def test_posts_of_the_countryside_name_no_village(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "1月", "2月"]
    result, _plan = take(["2023年上半年乡村公益性岗位补贴发放明细表"], heads, ["王芳", WANG, 500, 500])
    assert messages(result.rejected) == [(3, "reference")]


def test_days_without_a_year_are_of_the_titles(people: Store, take: Take) -> None:
    heads = ["户主姓名", "身份证号码", "走访时间", "走访人", "走访内容", "存在的困难问题"]
    result, _plan = take(
        ["帮扶联系人走访登记表"],
        ["帮扶联系人：张国强      2023年"],
        heads,
        ["王芳", WANG, "3.16", "张国强", "看危房", "想学裁剪"],
        ["赵敏", ZHAO, 3.1, "张国强", "送药", ""],
        ["赵敏", ZHAO, "2.30", "张国强", "送药", ""],
    )
    assert [row for row, _code in messages(result.rejected)] == [5, 6]
    with people.read() as session:
        assert [(visit.on, visit.need) for visit in session.select("visit")] == [("2023-03-16", "想学裁剪")]


def test_the_month_of_the_title_gives_its_days_their_year_and_no_others(people: Store, take: Take) -> None:
    heads = ["日期", "姓名", "身份证号", "雇主", "工种", "日工资（元）"]
    result, _plan = take(
        ["零工务工台账（2023年5月）"], heads, ["5月3日", "王芳", WANG, "张老板", "插秧", 180], ["6月3日", "李强", LI, "张老板", "插秧", 180]
    )
    assert [row for row, _code in messages(result.rejected)] == [4]
    with people.read() as session:
        assert [(work.on, work.pay) for work in session.select("odd_job")] == [("2023-05-03", 18000)]


def test_the_year_beside_the_day_of_making_is_that_of_the_months(people: Store, take: Take) -> None:
    title = "制表日期：2024年1月5日      所属年度：2023年"
    take(["解放村就业帮扶车间工资表"], [title], ["姓名", "身份证号", "11月", "12月"], ["王芳", WANG, 1000, 1100])
    assert wages(people) == [("2023-11", 100000), ("2023-12", 110000)]


def test_headings_as_villagers_say_them(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号码", "打工地址", "打工单位", "走的时间", "回来时间", "月工资（万元）"]
    take(["在外人员登记表"], heads, ["王芳", WANG, DALIAN, "鑫海水产", "23年3月", "23年11月", "0.42"])
    assert jobs(people) == [("2023-03", "2023-11", "210211", "鑫海水产", 420000)]


def test_where_people_went_over_place_and_unit(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号码", "务工去向地点", "务工去向企业", "务工时间"]
    take(["转移就业登记表"], heads, ["王芳", WANG, DALIAN, "渔业公司", "2023年3月5日至2023年6月1日"])
    assert jobs(people) == [("2023-03-05", "2023-06-01", "210211", "渔业公司", None)]


def test_application_for_a_post_and_training_on_the_job(people: Store, take: Take) -> None:
    with people.write("试") as session:
        post = {"name": "护林员", "type": "forest", "quota": 1, "developer": "forestry", "fund": "forest_guard", "standard": 80000}
        records.save(session, "post", post)
        records.save(session, "employer", {"name": "解放村缝纫车间", "type": "workshop"})
    take(
        ["护林员岗位报名评议表"],
        ["岗位名称", "姓名", "身份证号", "报名日期", "评议结果", "优先理由"],
        ["护林员", "王芳", WANG, "2022年12月20日", "候补", "家有病人"],
    )
    take(
        ["以工代训人员名单"],
        ["企业名称", "姓名", "身份证号", "以工代训月份", "培训天数", "有无培训记录"],
        ["解放村缝纫车间", "王芳", WANG, "2021年9月", 22, "有"],
    )
    with people.read() as session:
        (asked,), (trained,) = session.select("post_candidate"), session.select("work_training")
        assert (asked.applied_on, asked.result, asked.rank_reason) == ("2022-12-20", "waiting", "家有病人")
        assert (trained.month, trained.days, trained.record) == ("2021-09", 22, True)


def test_an_address_in_a_list_without_household_numbers_is_that_of_the_persons_household(people: Store, take: Take) -> None:
    """Address and group were known columns and reached nobody."""
    heads = ["姓名", "证件号码", "与户主关系", "本人电话", "家庭住址", "屯组"]
    rows = [["李强", LI, "配偶", "13733330001", "解放村3组18号", "3组"], ["赵敏", ZHAO, "户主", "", "", ""]]
    result, _plan = take(["解放村村民通讯录"], heads, *rows)
    assert (result.rejected, result.changed) == ([], 2)
    with people.read() as session:
        homes = {home.number: (home.address, home.group, home.head_id is not None) for home in session.select("household")}
    assert homes == {"1001": ("解放村3组18号", "3组", True), "1002": (None, None, True)}
    again, _plan = take(["解放村村民通讯录"], heads, *rows)
    assert (again.added, again.changed) == (0, 0)


@pytest.mark.parametrize(
    "term",
    ["2023年1月1日零时至2023年12月31日24时", "2023年1月1日零时起至2023年12月31日二十四时止", "2023-01-01 0时至2023-12-31 24时止"],
)
def test_the_hours_of_an_insurance_are_those_of_its_days(term: str) -> None:
    notices: list[Notice] = []
    assert read_term(term, notices) == Reach("2023-01-01", "2023-12-31")


def test_pay_got_is_taken_before_pay_due(people: Store, take: Take) -> None:
    rows = [["姓名", "身份证号", "应得工资", "扣款", "实得工资", "状态"], ["王芳", WANG, 1200, 100, 1100, "在岗"]]
    take(["解放村就业帮扶车间2023年6月工资表"], *rows)
    assert wages(people) == [("2023-06", 110000)]


def test_the_jobs_of_both_halves_of_a_year_are_read(people: Store, take: Take) -> None:
    over = ["姓名", "身份证号", "上半年务工情况", "", "", "下半年务工情况", "", ""]
    row = ["王芳", WANG, DALIAN, "甲厂", "2023年2月", "沈阳市铁西区", "乙厂", "2023年8月"]
    result, _plan = take(["2023年就业台账"], over, ["", "", *("地点", "单位", "开始时间") * 2], row, ["李强", LI, *row[2:5], "", "", ""])
    assert sorted(jobs(people)) == [
        *[("2023-02", None, "210211", "甲厂", None)] * 2,
        ("2023-08", None, "210106", "乙厂", None),
    ]
    assert (result.added, result.rejected, result.questions) == (3, [], [])


@pytest.mark.parametrize(
    ("said", "day"), [("2023年1月1日0时", "2023-01-01"), ("2023-12-31 24时", "2023-12-31"), ("2023年1月1日零时", "2023-01-01")]
)
def test_the_hour_of_a_day_is_left_out(said: str, day: str) -> None:
    assert reader(declaration(Insurance.start), home="")(said, []) == day


def test_a_course_held_on_days_without_a_year() -> None:
    assert course_span(["2023年第3期家政班花名册", "培训时间：5月6日至5月20日"]) == ("2023-05-06", "2023-05-20")
    assert course_span(["电子商务培训班签到表", "培训地点：村部    时间：2023年5月8日—5月10日"]) == ("2023-05-08", "2023-05-10")
    assert course_span(["家政班花名册", "培训时间：5月6日至5月20日"]) is None


def test_the_least_pay_of_a_vacancy() -> None:
    assert [lower(text) for text in ("不低于2600元/月", "至少3000元", "3000-5000元", "不低于最低工资")] == [
        "2600元/月",
        "3000元",
        "3000",
        "不低于最低工资",
    ]


@pytest.mark.parametrize("heads", [("22年12月", "23年1月"), ("22.12", "23.1"), (22.12, 23.1)])
def test_months_of_two_figures_of_years_side_by_side(people: Store, take: Take, heads: tuple[object, object]) -> None:
    take(["解放村就业帮扶车间工资表"], ["姓名", "身份证号", *heads], ["王芳", WANG, 1000, 1100])
    assert wages(people) == [("2022-12", 100000), ("2023-01", 110000)]


@pytest.mark.parametrize(
    ("said", "yuan"),
    [("4500（包吃住）", "4500"), ("4500元(税后)", "4500"), ("4500（未发）", None), ("4500(万)", None), ("0.45万（左右）", "4500.00")],
)
def test_what_is_said_beside_an_amount(said: str, yuan: str | None) -> None:
    assert written_yuan(said) == yuan

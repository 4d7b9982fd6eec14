"""Short lists as offices send them: cards, deaths, wishes, a course that only its lines above describe."""

from __future__ import annotations

import pytest

from db.store import Store
from domain.records import CategorySpan, Course, Enrolment, Household, JobWish, Person
from tests.services.rosters_taken import LI, WANG, ZHAO, Take, messages, number, people, take

__all__ = ["people", "take"]


def persons(store: Store) -> dict[str, Person]:
    with store.read() as session:
        return {person.name: person for person in session.select(Person)}


def test_a_list_of_bank_cards_or_deaths_is_about_people_who_are_there(people: Store, take: Take) -> None:
    result, _plan = take(
        ["姓名", "身份证号码", "开户行", "社保卡号"], ["王芳", WANG, "农信社", "6228480012345678905"], ["生人", number(9), "农信社", ""]
    )
    assert messages(result.rejected) == [(3, "person")]
    take(["姓名", "证件号码", "死亡时间"], ["李强", LI, "2026年1月5日"])
    assert persons(people)["王芳"].bank_account == "6228480012345678905"
    assert persons(people)["李强"].died_on == "2026-01-05"


def test_a_list_of_pupils_of_a_course_rewrites_nobody(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "文化程度", "联系电话", "签到"]
    titles = ["横头山镇2026年家政服务员培训班学员花名册"], ["培训时间：2026年4月1日至2026年4月15日　培训地点：村部"]
    before = persons(people)["王芳"]
    result, _plan = take(*titles, heads, ["王芳", WANG, "初中", "13900000001", ""])
    after = persons(people)["王芳"]
    assert (after.education, after.phone) == (before.education, before.phone)
    assert result.added == 2
    with people.read() as session:
        (course,) = session.select(Course)
    assert (course.trade, course.start, course.end) == ("家政服务员", "2026-04-01", "2026-04-15")


@pytest.mark.parametrize("turn", ["第一期", "2", "1班", "2026年第3期"])
def test_which_of_several_courses_it_is_is_no_name_of_a_course(people: Store, take: Take, turn: str) -> None:
    titles = ["2026年焊工培训班花名册"], ["培训时间：2026年3月1日至2026年3月15日"]
    take(*titles, ["姓名", "身份证号", "参训天数"], ["王芳", WANG, 10])
    result, _plan = take(*titles, ["姓名", "身份证号", "培训期次", "参训天数"], ["王芳", WANG, turn, 10])
    assert (result.added, result.unchanged) == (0, 2)
    with people.read() as session:
        assert [course.title for course in session.select(Course)] == ["2026年焊工培训班"]


def test_names_and_numbers_alone_register_people(store: Store, take: Take) -> None:
    take(["序号", "姓名", "身份证号码", "联系电话"], [1, "王芳", WANG, "13945400011"])
    assert persons(store)["王芳"].phone == "13945400011"
    take(["姓名", "性别", "身份证号码", "联系电话", "社保卡号"], ["李强", "男", LI, "13945400012", "6228480012345678905"])
    assert persons(store)["李强"].bank_account == "6228480012345678905"


@pytest.mark.parametrize("title", ["2026年学员花名册", "务工人员签到表", "3月工资发放表", "就业意愿摸底表", "村民大会"])
def test_what_is_about_an_occasion_is_no_list_of_who_lives_where(people: Store, take: Take, title: str) -> None:
    with pytest.raises(Exception, match="认不出"):
        take([title], ["姓名", "身份证号", "性别", "文化程度", "联系电话"], ["王芳", WANG, "女", "初中", "13900000001"])


@pytest.mark.parametrize("title", ["脱贫人口摸底表", "农村劳动力摸排花名册"])
def test_a_survey_of_who_lives_here_is_a_register(store: Store, take: Take, title: str) -> None:
    take([title], ["姓名", "身份证号", "民族", "文化程度", "联系电话"], ["王芳", WANG, "汉族", "初中", "13900000001"])
    assert persons(store)["王芳"].nation == "汉族"


def test_two_people_in_one_cell_are_nobody(people: Store, take: Take) -> None:
    row = ["解放村", "1009", "王五、赵六", "男", number(9, "男"), "户主", "普通劳动力", "脱贫户", ""]
    result, _plan = take(["村", "户编号", "姓名", "性别", "证件号码", "与户主关系", "劳动技能", "户类型", "联系电话"], row)
    assert messages(result.rejected)[0] == (2, "several")


def test_who_has_no_wish_is_recorded_with_none(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "求职意向", "登记时间", "有无意愿"]
    take(heads, ["王芳", WANG, "缝纫工", "2026.1.5", "有"], ["李强", LI, "", "", "无"], ["赵敏", ZHAO, "", "", "否"])
    with people.read() as session:
        assert [wish.trades for wish in session.select(JobWish)] == ["缝纫工"]


def test_the_telephone_under_the_heads_heading_is_the_households(store: Store, take: Take) -> None:
    heads = ["户编号", "户主电话", "姓名", "身份证", "关系", "劳动能力", "监测类型", "纳入时间"]
    heads[4] = "家庭成员关系"
    take(heads, ["1", "13945400011", "刘翠", WANG, "配偶", "普通", "边缘易致贫户", "25年3月"])
    assert persons(store)["刘翠"].phone is None
    with store.read() as session:
        assert [home.phone for home in session.select(Household)] == ["13945400011"]
        assert [(span.category, span.start) for span in session.select(CategorySpan)] == [("marginal", "2025-03")]


def test_a_number_in_the_cell_of_a_name_is_told_without_showing_it(people: Store, take: Take) -> None:
    result, _plan = take(["姓名", "身份证号", "务工地点", "开始时间"], [f"王芳{WANG}", "", "大连市甘井子区", "2026.3"])
    assert messages(result.rejected)[0] == (2, "number_in_name")
    assert not any(WANG in text for issue in result.rejected for text in (issue.value, issue.message))


def test_a_certificate_called_none_is_none_and_a_course_is_what_its_column_says(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "培训班", "工种", "开班日期", "证书编号"]
    take(heads, ["王芳", WANG, "2026年第1期面点班", "中式面点师", "2026.5.6", "无"])
    with people.read() as session:
        assert [course.title for course in session.select(Course)] == ["2026年第1期面点班"]
        assert [enrolment.certificate for enrolment in session.select(Enrolment)] == [None]


def test_local_words_of_a_register(store: Store, take: Take) -> None:
    heads = ["户编号", "姓名", "身份证号", "关系", "劳力状况", "健康状况", "监测类型", "风险类型", "识别时间", "消除时间"]
    take(heads, ["1", "刘翠", WANG, "妻", "全劳力", "高血压、残疾（肢体二级）", "突发严重困难户", "因病", "2025年3月", "2026年1月"])
    person = persons(store)["刘翠"]
    assert (person.relation, person.labour, person.health) == ("配偶", "ordinary", frozenset({"长期慢性病", "残疾"}))
    with store.read() as session:
        (span,) = session.select(CategorySpan)
    assert (span.start, span.end, span.risks) == ("2025-03", "2026-01", frozenset({"因病"}))


@pytest.mark.parametrize(
    ("said", "least"), [("3000元以上", 300000), ("4000-5000元/月", 400000), ("3-5千元", 300000), ("0.4万～0.5万", 400000), ("4500", 450000)]
)
def test_of_a_range_of_pay_wished_for_the_lower_end_is_the_least(people: Store, take: Take, said: str, least: int) -> None:
    take(["姓名", "身份证号", "求职意向", "期望月薪", "登记时间"], ["王芳", WANG, "缝纫工", said, "2026.1.5"])
    with people.read() as session:
        assert [wish.wage_min for wish in session.select(JobWish)] == [least]


def test_a_register_without_numbers_of_households_says_what_is_left_out(store: Store, take: Take) -> None:
    rows = ["户主姓名", "姓名", "身份证号", "与户主关系", "劳动能力"], ["王大山", "王芳", WANG, "之女", "普通"]
    _result, plan = take(*rows)
    assert any("人先不归户" in note for note in plan.tables[0].notes)
    take(["户编号", *rows[0]], ["7", *rows[1]])
    with store.read() as session:
        assert [person.household_id for person in session.select(Person)] == [home.id for home in session.select(Household)]


POSTS = ["岗位名称", "岗位类型", "开发主体", "资金渠道", "待遇标准", "姓名", "身份证号", "上岗时间"]
PLACED = ["服务机构", "姓名", "身份证号", "用工单位", "介绍时间", "合同类型", "合同起始", "合同终止"]


def test_a_list_of_placements_makes_no_work_of_a_workshop(people: Store, take: Take) -> None:
    take(["单位名称", "单位类型"], ["桦川人力公司", "人力资源服务机构"], ["制衣厂", "企业"])
    result, _plan = take(PLACED, ["桦川人力公司", "王芳", WANG, "制衣厂", "2023-03-01", "劳动合同", "2023-03-05", "2024-03-04"])
    assert (result.added, result.rejected) == (1, [])
    with people.read() as session:
        assert [(one.on, one.contract_start, one.contract_end) for one in session.select("placement")] == [
            ("2023-03-01", "2023-03-05", "2024-03-04")
        ]


def test_papers_of_holders_of_posts_come_in_lists_of_their_own(people: Store, take: Take) -> None:
    take(POSTS, ["保洁员", "保洁", "人社", "就业补助资金", 500, "王芳", WANG, "2023-01-01"])
    heads = ["姓名", "身份证号", "保险公司", "保费", "保险起期", "保险止期"]
    take(heads, ["王芳", WANG, "人保财险", 100, "2024-01-01", "2024-12-31"])
    heads = ["姓名", "身份证号", "协议编号", "协议开始", "协议结束"]
    result, plan = take(heads, ["王芳", WANG, "1号", "2024-01-01", "2024-12-31"], kind="agreement")
    assert (result.added, result.rejected) == (1, [])
    assert any("劳务协议" in one for table in plan.tables for one in table.proposals)
    with people.read() as session:
        assert [(one.type, one.end) for one in session.select("agreement")] == [("service", "2024-12-31")]
        assert [one.start for one in session.select("insurance")] == ["2024-01-01"]


def test_visits_of_a_time_are_visits(people: Store, take: Take) -> None:
    result, _plan = take(["户编号", "走访时间", "走访人", "走访内容", "存在问题"], ["1001", "2023-06-01", "李", "了解就业", "想找活"])
    assert (result.added, result.rejected) == (1, [])


@pytest.mark.parametrize(("text", "oldest"), [("55岁以下", 55), ("18-45", 45), ("18至60周岁", 60), ("50", 50), ("不限", None)])
def test_a_vacancy_is_for_people_up_to_an_age(store: Store, take: Take, text: str, oldest: int | None) -> None:
    take(["单位名称", "单位类型"], ["制衣厂", "企业"])
    result, _plan = take(["用人单位", "岗位名称", "工作地点", "招聘人数", "年龄要求"], ["制衣厂", "缝纫工", "佳木斯市桦川县", 10, text])
    assert result.rejected == []
    with store.read() as session:
        assert [one.age_max for one in session.select("vacancy")] == [oldest]

"""Layouts that the systems of other offices and public forms export, or that offices hand down, with invented people."""

from __future__ import annotations

from typing import Any

import pytest

from db.store import Store
from domain.errors import InputUnusable
from domain.records import Course, Employment, Enrolment, Person, Schooling, Wage
from tests.services.rosters_taken import DALIAN, LI, WANG, ZHAO, Take, messages, people, take

__all__ = ["people", "take"]


def works(store: Store) -> list[tuple[Any, ...]]:
    with store.read() as session:
        found = session.select(Employment)
    return sorted((one.place, one.employer_name, one.job, one.start, one.end, one.monthly_wage, one.channel) for one in found)


WORK_LISTS = {
    "a province's register of jobs": (
        [
            [
                "序号",
                "社会保障号",
                "姓名",
                "证件号码",
                "就业形式",
                "就业登记日期",
                "就业日期",
                "单位名称",
                "就业地点",
                "岗位名称",
                "薪资报酬",
            ]
        ],
        [1, WANG, "王芳", WANG, "单位就业", "2023-02-19", "2023-02-10", "甲厂", DALIAN, "缝纫工", "3200"],
        ("缝纫工", "2023-02-10", 320_000, "enterprise"),
    ),
    "a form for the platform of labour": (
        [["劳动力姓名*", "身份证号码*", "就业起始日期*", "就业渠道", "就业地域*", "就业地址*", "就业单位", "岗位工种"]],
        ["王芳", WANG, "2023-02-10", "自行就业", "省外", DALIAN + "华南路12号", "甲厂", "缝纫工"],
        ("缝纫工", "2023-02-10", None, "migrant"),
    ),
    "a province's monthly list": (
        [
            [
                "脱贫人口姓名",
                "身份证号",
                "务工类型",
                "务工省份",
                "务工地市",
                "务工县区",
                "务工企业",
                "务工岗位",
                "务工起始时间",
                "务工月收入（元）",
            ]
        ],
        ["王芳", WANG, "省外务工", "辽宁省", "大连市", "甘井子区", "甲厂", "缝纫工", "2023-02-10", 3200.0],
        ("缝纫工", "2023-02-10", 320_000, "migrant"),
    ),
    "a list of east and west": (
        [["姓名", "身份证号码", "输出时间", "输入地（省、市、县）", "就业单位", "岗位", "月工资", "就业方式（协作帮扶/自主）"]],
        ["王芳", WANG, "2023-02-10", DALIAN, "甲厂", "缝纫工", 3200.0, "协作帮扶"],
        ("缝纫工", "2023-02-10", 320_000, "migrant"),
    ),
    "a list of those who went back to work": (
        [["姓名", "身份证号", "现务工地", "现就业企业", "从业岗位", "返岗时间", "月收入（元）"]],
        ["王芳", WANG, DALIAN, "甲厂", "缝纫工", "2023-02-10", 3200.0],
        ("缝纫工", "2023-02-10", 320_000, "migrant"),
    ),
    "a ledger of labour that moved": (
        [["农村劳动力转移就业实名制台账"], ["姓名", "身份证号码", "转移就业时间", "转移就业地点", "转移就业单位", "从事工种"]],
        ["王芳", WANG, "2023-02-10", DALIAN, "甲厂", "缝纫工"],
        ("缝纫工", "2023-02-10", None, "migrant"),
    ),
    "a questionnaire": (
        [
            [
                "1、您的姓名",
                "2、您的身份证号码",
                "3、务工地点（省市区）",
                "4、您的务工单位名称",
                "5、您是从什么时候开始务工的？",
                "6、您的工种",
            ]
        ],
        ["王芳", WANG, "辽宁省-大连市-甘井子区", "甲厂", "2023-02-10", "缝纫工"],
        ("缝纫工", "2023-02-10", None, "migrant"),
    ),
    "a public form": (
        [["姓名", "身份证号", "务工地-省/自治区/直辖市", "务工地-市", "务工地-区/县", "用工单位全称", "外出务工开始日期", "工种", "月薪"]],
        ["王芳", WANG, "辽宁省", "大连市", "甘井子区", "甲厂", "2023-02-10", "缝纫工", 3200.0],
        ("缝纫工", "2023-02-10", 320_000, "migrant"),
    ),
    "a list with an empty column of the same sort": (
        [["姓名", "身份证号", "务工地点", "企业名称", "岗位名称", "务工时间", "月工资收入", "创业项目", "月收入"]],
        ["王芳", WANG, DALIAN, "甲厂", "缝纫工", "2023-02-10", 3200.0, "", ""],
        ("缝纫工", "2023-02-10", 320_000, "migrant"),
    ),
}


@pytest.mark.parametrize("layout", WORK_LISTS)
def test_a_list_of_work_of_another_office_is_read_whole(people: Store, take: Take, layout: str) -> None:
    heads, row, (job, start, pay, channel) = WORK_LISTS[layout]
    result, _plan = take(*heads, row)
    assert (result.added, result.rejected) == (1, [])
    assert works(people) == [("210211", "甲厂", job, start, None, pay, channel)]
    again, _plan = take(*heads, row)
    assert (again.added, again.changed) == (0, 0)


def test_province_city_and_county_under_work_are_of_the_work_place(people: Store, take: Take) -> None:
    heads = [
        ["序号", "户主", "家庭成员", "", "外出务工情况", "", "", "", "", ""],
        ["", "", "姓名", "身份证号码", "省", "市", "县（区）", "用工单位", "从事工种", "外出时间"],
    ]
    result, _plan = take(*heads, [1, "王芳", "李强", LI, "辽宁省", "大连市", "甘井子区", "甲厂", "瓦工", "2023年2月10日"])
    assert result.rejected == []
    assert [work[:4] for work in works(people)] == [("210211", "甲厂", "瓦工", "2023-02-10")]


def test_months_under_the_time_of_work_make_no_spell_and_refuse_nobody(people: Store, take: Take) -> None:
    heads = ["户编号", "与户主关系", "姓名", "身份证", "文化程度", "劳动技能", "务工地点", "务工单位", "务工时间"]
    result, plan = take(heads, ["1001", "户主", "王芳", WANG, "初级中学毕业", "普通劳动力", "辽宁省大连市", "甲厂", "9个月"])
    assert ([table.roster for table in plan.tables], result.rejected) == (["registry"], [])
    with people.read() as session:
        assert [one.education for one in session.select(Person) if one.id_number == WANG] == ["初中"]


def test_a_single_day_as_the_time_of_work_is_when_it_began(people: Store, take: Take) -> None:
    result, plan = take(
        ["姓名", "身份证号", "务工地点", "务工时间"], ["王芳", WANG, DALIAN, "2023.2.10"], ["李强", LI, DALIAN, "2023.3-2023.5"]
    )
    assert (result.added, messages(plan.warnings)) == (2, [(2, "start")])
    assert [(one[3], one[4]) for one in works(people)] == [("2023-02-10", None), ("2023-03", "2023-05")]


def test_a_column_of_single_months_is_when_the_work_began(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "务工地点", "转移就业时间"]
    result, plan = take(heads, ["王芳", WANG, DALIAN, "2023.02"], ["李强", LI, DALIAN, "2023年3月"])
    assert (result.added, messages(plan.warnings)) == (2, [(2, "start"), (3, "start")])
    assert [(one[3], one[4]) for one in works(people)] == [("2023-02", None), ("2023-03", None)]


@pytest.mark.parametrize("number", ["身份证号", "户主身份证号码"])
def test_a_list_with_a_household_a_row_is_about_the_heads(people: Store, take: Take, number: str) -> None:
    heads = ["序号", "村", "户编号", "户主姓名", number, "联系电话", "家庭人口", "户类型", "帮扶责任人", "帮扶人电话"]
    result, plan = take(heads, [1, "解放村", "1002", "赵敏", ZHAO, "13800138009", 3, "边缘易致贫户", "郑干部", "13999990001"])
    assert ([table.roster for table in plan.tables], result.added, result.changed, result.rejected) == (["registry"], 0, 1, [])
    with people.read() as session:
        (head,) = [one for one in session.select(Person) if one.id_number == ZHAO]
    assert (head.name, head.relation, head.phone) == ("赵敏", "户主", "13800138009")


def test_who_is_called_the_head_in_some_list_stays_what_the_register_has(people: Store, take: Take) -> None:
    take(["户编号", "姓名", "证件号码", "与户主关系"], ["1001", "王芳", WANG, "户主"], ["1001", "李强", LI, "配偶"])
    result, _plan = take(["户主姓名", "身份证号", "贷款用途", "联系电话"], ["李强", LI, "养牛", "13800138009"])
    with people.read() as session:
        assert [one.relation for one in session.select(Person) if one.id_number == LI] == ["配偶"] and result.changed == 1


@pytest.mark.parametrize(
    ("heads", "more"),
    [
        (["户编号", "户主姓名", "成员名字", "身份证号", "户主关系", "户类型"], ["王芳", "1001", "配偶"]),
        (["户编号", "户主姓名", "家里人", "身份证号", "婚否", "户类型"], ["王芳", "1001", ""]),
        (["户编号", "户主姓名", "家里人", "身份证号", "婚否", "户类型"], ["", "", ""]),
        (["户编号", "户主姓名", "成员1姓名", "身份证号", "成员1身份证号", "户类型"], ["赵敏", "1002", ""]),
    ],
)
def test_a_list_that_has_others_of_the_household_does_not_call_them_as_the_head(
    people: Store, take: Take, heads: list[str], more: list[str]
) -> None:
    head, number, relation = more
    with pytest.raises(InputUnusable):
        take(heads, ["1001", "王芳", "王芳", WANG, "", "脱贫户"], [number, head, "李强", LI, relation, "脱贫户"])


def test_pay_with_parts_that_nobody_knows_is_found(people: Store, take: Take) -> None:
    heads = ["序号", "姓名", "部门", "基本工资", "绩效", "餐补", "应发合计", "养老", "医疗", "个税", "扣款合计", "实发合计", "卡号", "备注"]
    row = [1, "王芳", "缝制", 2000.0, 1300.0, 100.0, 3400.0, 120.0, 60.0, 20.0, 200.0, 3200.0, "", ""]
    take(["恒丰服装加工就业帮扶车间2023年11月份工资表"], heads, row)
    with people.read() as session:
        assert [(wage.month, wage.amount) for wage in session.select(Wage)] == [("2023-11", 320_000)]


def test_each_level_of_the_place_may_stand_in_brackets(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "务工去向（省）", "务工去向（市）", "务工去向（县）", "外出时间"]
    assert take(heads, ["王芳", WANG, "辽宁省", "大连市", "甘井子区", "2023-02-10"])[0].added == 1
    assert [work[0] for work in works(people)] == ["210211"]


def test_certificates_of_a_list_for_the_allowance_are_kept(people: Store, take: Take) -> None:
    heads = ["姓名", "公民身份号码", "培训工种", "培训等级", "培训课时", "开班时间", "结业时间", "获证时间", "职业资格证书编号"]
    take(["申请职业培训补贴人员花名册"], heads, ["王芳", WANG, "养老护理员", "初级", 160, "2023/6/5", "2023/6/20", "2023/7/1", "YL00001"])
    with people.read() as session:
        (one,), (course,) = session.select(Enrolment), session.select(Course)
    assert (one.certificate, one.certified_on, course.level, course.hours) == ("YL00001", "2023-07-01", "初级", 160)


@pytest.mark.parametrize(
    ("title", "term"), [("2023年秋季学期雨露计划花名册", "2023-autumn"), ("2022-2023学年第二学期学生名单", "2023-spring")]
)
def test_the_term_of_a_list_of_students_may_stand_in_its_title(people: Store, take: Take, title: str, term: str) -> None:
    heads = ["学生姓名", "学生身份证号", "就读学校", "学校类型", "年级", "一卡通账号（户主）"]
    assert take([title], heads, ["李强", LI, "佳木斯职业学院", "高职", "二年级", "6228480402564890018"])[0].added == 1
    with people.read() as session:
        (one,) = session.select(Schooling)
        assert not any(person.bank_account for person in session.select(Person))  # the account is the head's
    assert (one.term, one.stage, one.grade) == (term, "higher_vocational", 2)


def test_a_code_before_a_choice_is_passed_over(people: Store, take: Take) -> None:
    heads = ["户编号", "姓名", "性别", "证件号码", "与户主关系", "民族", "政治面貌"]
    assert (
        take(
            heads,
            ["1001", "王芳", "2-女", WANG, "01户主", "01 汉族", "13:群众"],
            ["1001", "李强", "1.男", LI, "02配偶", "满", "中国共产党党员"],
        )[0].rejected
        == []
    )
    with people.read() as session:
        found = {one.name: (one.sex, one.relation, one.nation, one.political) for one in session.select(Person)}
    assert (found["王芳"], found["李强"]) == (("female", "户主", "汉族", "群众"), ("male", "配偶", "满族", "中共党员"))


def test_the_days_of_an_agreement_may_stand_under_its_term(people: Store, take: Take) -> None:
    heads = (
        ["岗位名称", "岗位类别", "补贴标准", "资金来源", "姓名", "身份证号", "协议期限", ""],
        ["", "", "", "", "", "", "开始日期", "截止日期"],
    )
    result, _plan = take(
        ["乡村公益性岗位人员信息台账"], *heads, ["护林员", "护林", 500.0, "衔接资金", "王芳", WANG, "2023-04-01", "2024-03-31"]
    )
    assert result.rejected == []
    with people.read() as session:
        (agreement,), (appointment,) = session.select("agreement"), session.select("appointment")
    assert (agreement.start, agreement.end, appointment.start) == ("2023-04-01", "2024-03-31", "2023-04-01")

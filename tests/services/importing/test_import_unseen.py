"""Lists laid out as the importer had not met them: ticked columns, a column for each service, headings in pinyin or English."""

from __future__ import annotations

import pytest

from db.store import Store
from domain.errors import InputUnusable
from tests.services.importing.test_import_first_sight import WORK, fields
from tests.services.rosters_taken import DALIAN, LI, WANG, ZHAO, Take, messages, number, people, take

__all__ = ["people", "take"]

NI = ["姓名", "身份证号"]
NEW, CHILD = number(5), number(6, "男")


# ---------------------------------------------------------------- ticked columns


def test_ticked_columns_are_one_column_of_their_words(people: Store, take: Take) -> None:
    take(
        ["2025年5月就业状态调查表"],
        [*NI, "外出务工", "公益岗", "未就业", "务工地点"],
        ["王芳", WANG, "√", "", "", DALIAN],
        ["李强", LI, "", "√", "", ""],
        ["赵敏", ZHAO, "", "", "√", ""],
    )
    assert fields(people, "monthly_check", "month", "status") == [("2025-05", "away"), ("2025-05", "post"), ("2025-05", "unemployed")]


def test_a_ticked_column_of_labour_is_not_taken_for_none(people: Store, take: Take) -> None:
    """Everybody was recorded with the usual labour, beside ticks that said otherwise."""
    take(
        ["家庭成员劳动力登记表"],
        ["姓名", "与户主关系", "身份证号", "普通", "技能", "弱劳力", "无劳动能力"],
        ["钱一", "户主", NEW, "", "√", "", ""],
        ["钱二", "之子", CHILD, "", "", "", "√"],
    )
    found = fields(people, "person", "name", "labour")
    assert ("钱一", "skilled") in found and ("钱二", "none") in found


def test_two_ticks_in_a_row_are_not_read_as_one_of_them(people: Store, take: Take) -> None:
    head = [*NI, "外出务工", "公益岗", "未就业"]
    rows = [["王芳", WANG, "√", "√", ""], *(["李强", LI, "√", "", ""] for _more in range(10))]
    _result, plan = take(["2025年5月就业状态调查表"], head, *rows)
    assert messages(plan.tables[0].rows[0].issues) == [(3, "choice")]


def test_numbers_of_people_are_not_ticks(people: Store, take: Take) -> None:
    """男 and 女 of a household's members."""
    take(["户情况登记表"], ["姓名", "身份证号", "与户主关系", "男", "女"], ["钱一", NEW, "户主", 1, 2], ["钱二", CHILD, "户主", 1, 1])
    assert ("钱一", "female") in fields(people, "person", "name", "sex")


# ---------------------------------------------------------------- a column for each service


def test_a_column_for_each_service_makes_a_record_of_each(people: Store, take: Take) -> None:
    _result, plan = take(
        ["2025年“一三一”就业服务台账"],
        [*NI, "1次职业指导时间", "岗位推荐第1次", "岗位推荐第2次", "1次培训信息", "服务人"],
        ["王芳", WANG, "2025.3.4", "2025-03-10 县农商行", "2025年4月8日", "", "李协理"],
    )
    assert fields(people, "service", "type", "on", "by") == [
        ("guidance", "2025-03-04", "李协理"),
        ("job", "2025-03-10", "李协理"),
        ("job", "2025-04-08", "李协理"),
    ]
    assert any("县农商行" in note for note in plan.tables[0].notes)


def test_ticked_services_have_the_date_of_their_row(people: Store, take: Take) -> None:
    take(
        ["就业服务登记"],
        [*NI, "服务日期", "职业指导", "岗位推荐"],
        ["王芳", WANG, "2025-05-12", "√", "√"],
        ["李强", LI, "2025-05-13", "", "√"],
    )
    assert fields(people, "service", "type", "on") == [("guidance", "2025-05-12"), ("job", "2025-05-12"), ("job", "2025-05-13")]


def test_ticks_without_a_date_are_no_services(people: Store, take: Take) -> None:
    """They may be what people ask for."""
    take(["求职登记表"], [*NI, "意向工种", "登记日期", "职业指导", "岗位推荐"], ["王芳", WANG, "电工", "2025-05-12", "√", "√"])
    assert fields(people, "service", "type") == []


# ---------------------------------------------------------------- headings of databases


@pytest.mark.parametrize(
    "head",
    [
        ["xm", "sfzh", "wgdz", "kssj", "jssj", "yxz"],
        ["Name", "ID No.", "Work Place", "Start Date", "End Date", "Monthly Salary"],
        ["XM", "ID_CARD", "WORK_PLACE", "START_DATE", "END_DATE", "SALARY"],
        ["姓名/Name", "身份证号", "WorkPlace", "StartDate", "EndDate", "Wage"],
    ],
)
def test_headings_in_pinyin_or_english_are_read(people: Store, take: Take, head: list[str]) -> None:
    take(head, ["王芳", WANG, DALIAN, "2025-03-01", "2025-10-01", "5000"])
    assert fields(people, "employment", "start", "end", "monthly_wage") == [("2025-03-01", "2025-10-01", 500000)]


def test_a_second_row_of_english_headings_is_no_person(people: Store, take: Take) -> None:
    _result, plan = take(["外出务工人员"], WORK, ["Name", "ID Number", "Place", "Departure"], ["王芳", WANG, DALIAN, "2025-03-05"])
    assert fields(people, "employment", "start") == [("2025-03-05",)]
    assert [row.number for row in plan.tables[0].rows if not row.skipped] == [4]


# ---------------------------------------------------------------- no start of work


def test_a_list_of_work_without_a_start_asks_for_each_new_job(people: Store, take: Take) -> None:
    """The whole list was refused."""
    rows = [[*NI, "务工地点", "务工单位", "月工资"], ["王芳", WANG, DALIAN, "大连松下", 5200]]
    result, _plan = take(["2025年外出务工人员花名册"], *rows)
    assert messages(result.questions) == [(3, "undated")] and fields(people, "employment", "start") == []
    take(["2025年外出务工人员花名册"], *rows, answer=[3])
    assert fields(people, "employment", "start", "employer_name", "monthly_wage") == [("2025", "大连松下", 520000)]
    result, _plan = take(["2025年外出务工人员花名册"], *rows)
    assert (result.added, result.changed) == (0, 0) and not result.questions


def test_a_list_without_a_start_completes_the_work_on_record(people: Store, take: Take) -> None:
    take(["务工人员名册"], [*WORK, "务工单位"], ["王芳", WANG, DALIAN, "2025年3月", "大连松下"])
    result, _plan = take(["外出务工人员花名册"], [*NI, "务工地点", "务工单位", "月工资"], ["王芳", WANG, DALIAN, "大连松下", 5200])
    assert not result.questions
    assert fields(people, "employment", "start", "monthly_wage") == [("2025-03", 520000)]


def test_staff_of_a_workshop_without_a_start_are_asked_about(people: Store, take: Take) -> None:
    result, _plan = take(["解放村手工编织帮扶车间用工名册"], [*NI, "工种"], ["王芳", WANG, "编织工"])
    assert messages(result.questions) == [(3, "undated")] and not result.rejected


def test_a_list_without_a_start_is_first_what_else_it_may_be(people: Store, take: Take) -> None:
    """是否务工 of a month is a check, though there are places of work."""
    take(["2024年5月务工情况统计表"], [*NI, "是否务工", "务工地点"], ["王芳", WANG, "是", DALIAN])
    assert fields(people, "monthly_check", "month", "status") == [("2024-05", "away")]
    assert fields(people, "employment", "start") == []


@pytest.mark.parametrize(
    ("remark", "pay"),
    [
        ("焊工，月工资6500元", 650000),
        ("每月挣5千", 500000),
        ("月收入约5000", 500000),
        ("日工资280元", None),
        ("月薪看活", None),
        ("每月15号回家", None),
    ],
)
def test_pay_in_remarks_is_read(people: Store, take: Take, remark: str, pay: int | None) -> None:
    take(["务工人员名册"], [*WORK, "备注"], ["王芳", WANG, DALIAN, "2025年3月", remark])
    assert fields(people, "employment", "monthly_wage") == [(pay,)]


def test_a_start_in_the_remark_is_the_start_of_a_list_without_one(people: Store, take: Take) -> None:
    result, _plan = take(["外出务工人员名册"], [*NI, "务工地点", "备注"], ["王芳", WANG, DALIAN, "2024年3月1日外出，月薪4500左右"])
    assert fields(people, "employment", "start", "monthly_wage") == [("2024-03-01", 450000)] and not result.questions


def test_a_blank_start_beside_others_is_still_missing(people: Store, take: Take) -> None:
    result, _plan = take(["务工人员名册"], WORK, ["王芳", WANG, DALIAN, ""], ["李强", LI, DALIAN, "2025年3月"])
    assert messages(result.rejected) == [(3, "required")]


# ---------------------------------------------------------------- banks


def test_the_holder_of_the_account_is_the_person_where_nobody_else_is_named(people: Store, take: Take) -> None:
    take(
        ["农村商业银行批量代发明细"],
        ["单位名称：解放村就业帮扶车间　　代发日期：2025年6月10日　　用途：2025年5月工资"],
        ["序号", "账号", "户名", "金额"],
        [1, "6217007340137123458", "王芳", 2100],
    )
    assert fields(people, "wage", "month", "amount") == [("2025-05", 210000)]


def test_a_purpose_that_is_the_same_in_every_line_is_a_title(people: Store, take: Take) -> None:
    head = ["交易日期", "收款人姓名", "收款人证件号", "交易金额", "摘要"]
    take(head, *(["2025-07-10", name, id, 2000, "2025年6月解放村帮扶车间工资"] for name, id in (("王芳", WANG), ("李强", LI))))
    assert fields(people, "wage", "month", "amount", "paid_on") == [("2025-06", 200000, "2025-07-10")] * 2


def test_purposes_that_differ_give_each_line_its_month(people: Store, take: Take) -> None:
    head = [*NI, "补贴金额", "摘要"]
    result, _plan = take(head, ["王芳", WANG, 500, "2025年6月公益岗补贴"], ["李强", LI, 500, "2025年7月公益岗补贴"])
    assert ["2025-06" in result.rejected[0].message, "2025-07" in result.rejected[1].message] == [True, True]  # nobody holds a post


# ---------------------------------------------------------------- posts


def ledger(take: Take) -> None:
    head = ["岗位名称", "岗位类型", "待遇标准", "资金渠道", "开发主体", *NI, "上岗时间"]
    take(["公益性岗位台账"], head, ["护林员", "护林", 800, "生态护林员资金", "林草", "王芳", WANG, "2025-01-01"])


def test_a_post_named_in_the_title_is_that_of_the_list(people: Store, take: Take) -> None:
    ledger(take)
    take(["解放村生态护林员聘用人员名单"], ["序号", *NI, "聘用时间"], [1, "李强", LI, "2025-02-01"])
    assert fields(people, "appointment", "start") == [("2025-01-01",), ("2025-02-01",)]
    assert fields(people, "post", "name") == [("护林员",)]


def test_a_list_of_pay_is_no_list_of_posts(people: Store, take: Take) -> None:
    with pytest.raises(InputUnusable):
        take(["护林员补助发放表"], [*NI, "岗位", "补助标准"], ["王芳", WANG, "护林员", 9600])


def test_people_who_leave_posts_are_read_from_their_list(people: Store, take: Take) -> None:
    ledger(take)
    take(["公益性岗位退出人员名单"], [*NI, "岗位", "退出时间", "退出原因"], ["王芳", WANG, "护林员", "2025-03-31", "个人申请"])
    assert fields(people, "appointment", "exit_on", "exit_reason") == [("2025-03-31", "个人申请")]


def test_agreements_are_read_by_what_their_columns_are_called(people: Store, take: Take) -> None:
    ledger(take)
    head = [*NI, "岗位名称", "协议编号", "签订日期", "协议起始", "协议截止"]
    take(["劳务协议签订台账"], head, ["王芳", WANG, "护林员", "XY01", "2024-12-28", "2025-01-01", "2025-12-31"])
    assert fields(people, "agreement", "number", "start", "end") == [("XY01", "2025-01-01", "2025-12-31")]
    assert len(fields(people, "appointment", "start")) == 1


def test_post_holders_without_a_start_are_found_and_new_ones_told(people: Store, take: Take) -> None:
    ledger(take)
    result, _plan = take(
        ["公益性岗位在岗人员名单"], ["岗位名称", *NI, "岗位补贴标准"], ["护林员", "王芳", WANG, 800], ["护林员", "李强", LI, 800]
    )
    assert messages(result.rejected) == [(4, "undated")] and "上岗时间" in result.rejected[0].message
    assert fields(people, "appointment", "start") == [("2025-01-01",)]


@pytest.mark.parametrize(
    ("heading", "cell", "code"), [("是否入选", "是", "chosen"), ("评审结果", "候补", "waiting"), ("评议结果", "未通过", "refused")]
)
def test_results_of_an_assembly_are_read(people: Store, take: Take, heading: str, cell: str, code: str) -> None:
    ledger(take)
    take(["报名评议汇总表"], [*NI, "报名岗位", "报名时间", heading, "排序理由"], ["李强", LI, "护林员", "2025-01-03", cell, "监测户"])
    assert fields(people, "post_candidate", "result", "rank_reason") == [(code, "监测户")]


# ---------------------------------------------------------------- others


def test_industries_may_be_written_in_short(people: Store, take: Take) -> None:
    take(["务工人员名册"], [*WORK, "行业"], ["王芳", WANG, DALIAN, "2025年3月", "餐饮"])
    assert fields(people, "employment", "industry") == [("H",)]


def test_an_id_number_in_two_cells_is_one(people: Store, take: Take) -> None:
    head = ["姓名", "身份证号", "", "务工地点", "开始时间"]
    take(["务工人员名册"], head, ["王芳", WANG[:10], WANG[10:], DALIAN, "2025年3月"], ["李强", LI[:6], LI[6:], DALIAN, "2025年3月"])
    assert fields(people, "employment", "start") == [("2025-03",), ("2025-03",)]


def test_a_list_of_health_checks_registers_nobody(people: Store, take: Take) -> None:
    with pytest.raises(InputUnusable):
        take(
            ["65岁以上老年人免费体检登记"],
            ["姓名", "身份证号", "体检日期", "健康状况", "联系电话"],
            ["钱一", NEW, "2025-05-12", "健康", "13800138009"],
        )


def test_the_place_of_a_check_may_be_in_several_columns(people: Store, take: Take) -> None:
    take(["2025年6月务工监测月报"], [*NI, "本月就业状态", "务工省", "务工市"], ["王芳", WANG, "外出务工", "辽宁省", "大连市"])
    assert fields(people, "monthly_check", "place") == [("210200",)]


def test_arrears_are_read_from_what_is_reported(people: Store, take: Take) -> None:
    head = ["登记日期", *NI, "反映问题", "处理情况"]
    take(
        ["农民工欠薪问题线索登记表"],
        head,
        ["2025-01-10", "王芳", WANG, "拖欠工资12000元", "已支付"],
        ["2025-01-11", "李强", LI, "干活时砸伤", "处理中"],
    )
    assert fields(people, "rights_issue", "type", "on") == [("injury", "2025-01-11"), ("wage_arrears", "2025-01-10")]


def test_a_trade_in_brackets_is_that_of_the_course(people: Store, take: Take) -> None:
    title = "职教中心2025年第二期（家政服务员）培训班学员花名册"
    take([title], ["培训时间：2025年5月6日—5月20日"], [*NI, "出勤天数"], ["王芳", WANG, 15])
    assert fields(people, "course", "trade") == [("家政服务员",)]


def test_a_masked_number_that_does_not_match_is_told(people: Store, take: Take) -> None:
    """It said that the person was not on record."""
    result, _plan = take(["务工人员名册"], WORK, ["王芳", "230826********9999", DALIAN, "2025年3月"])
    assert [(issue.row, "对不上" in issue.message) for issue in result.rejected] == [(3, True)]


def test_the_day_of_one_service_is_not_that_of_the_others(people: Store, take: Take) -> None:
    """日期 below the first service was taken for the day of the row."""
    take(
        ["“1311”服务台账"],
        ["姓名", "身份证号", "1次政策宣讲", "1次职业指导", "3次岗位推荐", ""],
        ["", "", "日期", "日期", "1", "2"],
        ["王芳", WANG, "2025/3/3", "2025/3/5", "2025/3/12", "2025/4/2"],
    )
    found = fields(people, "service", "type", "on")
    assert found == [("guidance", "2025-03-05"), ("job", "2025-03-12"), ("job", "2025-04-02"), ("policy", "2025-03-03")]


def test_words_around_a_ticked_choice_do_not_hide_it(people: Store, take: Take) -> None:
    take(
        ["2025年7月就业情况登记表"],
        [*NI, "外出务工", "就近灵活就业", "未外出务工", "无业", "务工地点"],
        ["王芳", WANG, "✔", "", "", "", DALIAN],
        ["李强", LI, "", "✔", "", "", ""],
        ["赵敏", ZHAO, "", "", "", "✔", ""],
    )
    assert fields(people, "monthly_check", "status") == [("away",), ("flexible",), ("unemployed",)]


def test_a_service_named_in_the_title_is_that_of_the_list(people: Store, take: Take) -> None:
    head = [*NI, "推荐日期", "推荐单位", "推荐结果"]
    take(
        ["2025年8月岗位推荐情况反馈表"],
        head,
        ["王芳", WANG, "2025-08-06", "富民米业", "愿意"],
        ["李强", LI, "2025-08-06", "县医院", "不愿意"],
    )
    assert fields(people, "service", "type", "result") == [("job", "accepted"), ("job", "refused")]


def test_a_title_with_two_services_names_none(people: Store, take: Take) -> None:
    with pytest.raises(InputUnusable):
        take(["职业指导和岗位推荐反馈表"], [*NI, "推荐日期", "推荐结果"], ["王芳", WANG, "2025-08-06", "愿意"])


def test_months_in_words_beside_names_are_headings(people: Store, take: Take) -> None:
    ledger(take)
    take(["2025年上半年公益性岗位出勤天数汇总"], ["姓名", "一月", "二月", "三月"], ["王芳", 31, 28, 30])
    assert fields(people, "attendance", "month", "days") == [("2025-01", 31), ("2025-02", 28), ("2025-03", 30)]


@pytest.mark.parametrize("word", ["暂无", "无就业意愿", "不想外出", "没有", "否，在家带孩子", "无", "不愿意", "没有求职意愿", "暂时没有"])
def test_who_wants_no_work_has_no_wish(people: Store, take: Take, word: str) -> None:
    take(
        ["求职意愿台账"],
        [*NI, "就业意愿", "意向岗位", "登记日期"],
        ["王芳", WANG, word, "", "2025-08-05"],
        ["李强", LI, "有", "电工", "2025-08-05"],
    )
    assert fields(people, "job_wish", "trades") == [("电工",)]


def test_the_whole_name_of_a_post_in_the_title_is_taken(people: Store, take: Take) -> None:
    take(["解放村河道保洁员花名册"], [*NI, "聘用日期", "月补贴"], ["王芳", WANG, "2025-03-01", 450])
    assert fields(people, "post", "name") == [("河道保洁员",)]


def test_places_and_days_in_a_villages_words_are_read(people: Store, take: Take) -> None:
    take(["在外人员摸底表"], [*NI, "在外地点", "从事何种工作", "何时离家"], ["王芳", WANG, DALIAN, "焊工", "2025年2月"])
    assert fields(people, "employment", "start", "job") == [("2025-02", "焊工")]


@pytest.mark.parametrize(
    "head", [["Name", "IDCard", "Month", "Status", "WorkPlace", "Income"], ["xingming", "sfzh", "yuefen", "zt", "gzdd", "shouru"]]
)
def test_checks_of_databases_are_read(people: Store, take: Take, head: list[str]) -> None:
    take(head, ["王芳", WANG, "2025-09", "外出务工", DALIAN, "5300"])
    assert fields(people, "monthly_check", "month", "status", "income") == [("2025-09", "away", 530000)]


def test_a_vacancy_that_is_not_on_record_keeps_no_service_out(people: Store, take: Take) -> None:
    head = [*NI, "推荐日期", "推荐岗位", "推荐结果"]
    result, plan = take(["2025年8月岗位推荐情况反馈表"], head, ["王芳", WANG, "2025-08-06", "富民米业包装工", "愿意"])
    assert fields(people, "service", "type", "result", "vacancy_id") == [("job", "accepted", None)]
    warned = [issue for issue in plan.tables[0].rows[0].issues if issue.column == "推荐岗位"]
    assert not result.rejected and "富民米业包装工" in warned[0].message and "留空" in warned[0].message


def test_the_column_of_those_who_work_names_people_if_no_other_does(people: Store, take: Take) -> None:
    take(["各户外出务工情况登记"], ["户主", "外出务工人员", "务工地点", "外出时间"], ["王芳", "王芳、李强", DALIAN, "2025年2月"])
    assert fields(people, "employment", "start") == [("2025-02",), ("2025-02",)]


def test_a_column_of_their_number_names_nobody(people: Store, take: Take) -> None:
    with pytest.raises(InputUnusable):
        take(["各户外出务工情况登记"], ["户主", "外出务工人员", "务工地点", "外出时间"], ["王芳", 2, DALIAN, "2025年2月"])


def test_casual_work_without_a_start_and_place_is_asked_about_as_of_the_county(people: Store, take: Take) -> None:
    rows = [["2025年灵活就业人员登记表"], [*NI, "平均月收入"], ["王芳", WANG, 2500]]
    result, _plan = take(*rows)
    assert messages(result.questions) == [(3, "undated")] and "本县" in result.questions[0].message
    take(*rows, answer=[3])
    assert fields(people, "employment", "start", "channel", "place", "monthly_wage") == [("2025", "flexible", "230826", 250000)]
    result, _plan = take(*rows)
    assert (result.added, result.changed) == (0, 0) and not result.questions


@pytest.mark.parametrize("title", ["选民登记册", "党员名册", "医保参保人员名单", "老年人免费体检登记"])
def test_lists_for_another_purpose_register_nobody(people: Store, take: Take, title: str) -> None:
    with pytest.raises(InputUnusable):
        take([f"解放村{title}"], ["姓名", "性别", "身份证号", "民族"], ["钱一", "女", NEW, "汉族"])


def test_what_is_left_out_is_told_with_its_columns(people: Store, take: Take) -> None:
    _result, plan = take(["2025年外出务工人员花名册"], [*NI, "务工地点"], ["王芳", WANG, DALIAN])
    asked = [issue for issue in plan.tables[0].rows[0].issues if issue.code == "undated"]
    assert asked[0].column == "开始时间" and "2025" in asked[0].message
    _result, plan = take(["服务台账"], [*NI, "职业指导时间", "岗位推荐时间"], ["王芳", WANG, "2025.3.4", "2025.3.10"])
    assert any("职业指导时间、岗位推荐时间" in note for note in plan.tables[0].notes)
    with pytest.raises(InputUnusable, match="认不出的列：机具名称、机具数"):
        take(["农机登记"], [*NI, "机具名称", "机具数"], ["王芳", WANG, "收获机", 1])

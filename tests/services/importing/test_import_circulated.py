"""Lists as villages, townships, agencies and schools pass them around: headings in everyday words, remarks, and what the title says."""

from __future__ import annotations

from typing import Any

import pytest

from db.store import Store
from domain.errors import InputUnusable
from tests.services.rosters_taken import DALIAN, LI, WANG, WORK, ZHAO, Take, messages, people, take

__all__ = ["people", "take"]

HEADS = ["姓名", "身份证号", "务工地点", "开始时间"]
WANG_AWAY = ["王芳", WANG, DALIAN, "2025年3月"]


def all_of(store: Store, kind: str) -> list[Any]:
    with store.read() as session:
        return list(session.select(kind))


def only(store: Store, kind: str) -> Any:
    (record,) = all_of(store, kind)
    return record


@pytest.mark.parametrize(
    "heads",
    [
        ["打工地方", "干什么", "啥时候走的", "啥时候回来", "一个月挣多少"],
        ["4.您在哪里务工？（省市县）", "做什么工作", "7.什么时候出去的？", "几月回来", "6.您每月收入大约多少元？"],
        ["去哪儿打工", "干啥活", "哪天走", "何时返乡", "每月收入"],
    ],
)
def test_headings_in_everyday_words(people: Store, take: Take, heads: list[str]) -> None:
    result, _plan = take(["姓名", "身份证号", *heads], ["王芳", WANG, DALIAN, "缝纫", "2025-03-02", "2025-11-10", 4500])
    assert result.rejected == []
    job = only(people, "employment")
    assert (job.place, job.job, job.start, job.end, job.monthly_wage) == ("210211", "缝纫", "2025-03-02", "2025-11-10", 450000)


@pytest.mark.parametrize("end", ["没回", "还没回来", "未返回", "没回来"])
def test_an_end_that_has_not_come(people: Store, take: Take, end: str) -> None:
    result, _plan = take(WORK, ["王芳", WANG, "2025-03-02", end, DALIAN, "大连某厂", 4500])
    assert (result.rejected, only(people, "employment").end) == ([], None)


@pytest.mark.parametrize(("cell", "contract"), [("√", "labour"), (1, "labour"), ("×", "none"), (0, "none"), ("是", "labour"), ("", None)])
def test_ticks_below_yes_or_no_questions(people: Store, take: Take, cell: object, contract: str | None) -> None:
    take([*HEADS, "是否点对点", "是否签订劳动合同"], [*WANG_AWAY, "√", cell])
    job = only(people, "employment")
    assert (job.point_to_point, job.contract) == (True, contract)


@pytest.mark.parametrize("heading", ["是否签订合同", "是否签订劳动合同（协议）"])
def test_a_contract_of_unknown_sort_is_not_recorded(people: Store, take: Take, heading: str) -> None:
    result, _plan = take([*HEADS, heading], [*WANG_AWAY, "√"])
    assert (only(people, "employment").contract, messages(result.warnings)) == (None, [(2, "contract")])


def test_a_list_with_only_the_start_of_the_contract(people: Store, take: Take) -> None:
    take(["姓名", "证件号码", "就业地区", "合同起始日期", "合同终止日期"], ["王芳", WANG, DALIAN, "20250301", "20260228"])
    job = only(people, "employment")
    assert (job.place, job.start, job.contract_start, job.contract_end) == ("210211", "2025-03-01", "2025-03-01", "2026-02-28")


def test_the_term_of_a_workshop_agreement_gives_the_start(people: Store, take: Take) -> None:
    title = ["就业帮扶车间吸纳脱贫人口就业花名册（解放村缝纫帮扶车间）"]
    take(title, ["姓名", "身份证号", "岗位", "协议起止时间"], ["王芳", WANG, "缝纫", "2025.3.1-2026.2.28"])
    job = only(people, "employment")
    assert (job.start, job.contract_start, job.contract_end) == ("2025-03-01", "2025-03-01", "2026-02-28")


def test_the_day_of_receipt_is_when_pay_was_paid(people: Store, take: Take) -> None:
    take(["解放村就业帮扶车间2025年10月工资表"], ["姓名", "身份证号", "实发工资", "领款日期"], ["王芳", WANG, 1800, "2025-11-10"])
    assert (only(people, "wage").month, only(people, "wage").paid_on) == ("2025-10", "2025-11-10")


@pytest.mark.parametrize("gift", ["春节慰问金", "临时救助金", "分红款", "低保金"])
def test_money_that_nobody_worked_for_is_no_wage(people: Store, take: Take, gift: str) -> None:
    with pytest.raises(InputUnusable):
        take([f"解放村蔬菜合作社2025年1月{gift}发放表"], ["姓名", "身份证号", "发放金额"], ["王芳", WANG, 500])
    assert all_of(people, "wage") == []


# ---------------------------------------------------------------- what the remarks say


@pytest.mark.parametrize(
    ("remark", "end"),
    [
        ("2025年8月已返乡", "2025-08"),
        ("10月15日回村", "2025-10-15"),
        ("2025.9.3回来", "2025-09-03"),
        ("二〇二五年八月返乡", "2025-08"),
        ("8月返乡，9月又去了", None),
        ("计划12月返乡", None),
        ("2025年1月返乡", None),
        ("2026年1月回家过年", None),
        ("2026年1月不回来", None),
        ("12月返回单位", None),
        ("10月返回", "2025-10"),
        ("10月返回，等活", "2025-10"),
        ("", None),
    ],
)
def test_a_return_in_the_remarks_ends_the_work(people: Store, take: Take, remark: str, end: str | None) -> None:
    take([*HEADS, "备注"], [*WANG_AWAY, remark])
    assert only(people, "employment").end == end


def test_a_return_without_a_day_is_pointed_out(people: Store, take: Take) -> None:
    result, _plan = take([*HEADS, "备注"], [*WANG_AWAY, "已返乡"])
    assert (only(people, "employment").end, messages(result.warnings)) == (None, [(2, "remark")])


@pytest.mark.parametrize("remark", ["未去", "没走成", "未外出", "在家", "已去世"])
def test_somebody_who_did_not_go_is_asked_about(people: Store, take: Take, remark: str) -> None:
    result, _plan = take([*HEADS, "备注"], [*WANG_AWAY, remark], ["李强", LI, DALIAN, "2025年3月", "和家人一起"])
    assert messages(result.questions) == [(2, "remark")]
    assert only(people, "employment").start == "2025-03"


# ---------------------------------------------------------------- what the title and the lines below it say


def test_a_title_tells_that_people_were_taken_out_together(people: Store, take: Take) -> None:
    above = ["出发时间：2025年2月20日", "", "目的地：山东省青岛市"]
    take(["桦川县“春风行动”点对点输送务工人员名单"], above, ["姓名", "身份证号", "输送企业"], ["王芳", WANG, "青岛海尔"])
    job = only(people, "employment")
    assert (job.place, job.start, job.employer_name) == ("370200", "2025-02-20", "青岛海尔")
    assert (job.point_to_point, job.organised) == (True, True)


def test_an_agencys_list_is_no_list_of_its_staff(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "介绍日期", "用人单位", "岗位", "合同起止"]
    row = ["王芳", WANG, "2025-03-05", "大连海产食品有限公司", "普工", "2025.3.10-2026.3.9"]
    take(["佳木斯市众信人力资源有限公司介绍就业花名册"], heads, row)
    placed = only(people, "placement")
    assert (placed.on, placed.contract_start, placed.contract_end) == ("2025-03-05", "2025-03-10", "2026-03-09")
    assert all_of(people, "employment") == []
    assert sorted(one.type for one in all_of(people, "employer")) == ["agency", "enterprise"]


@pytest.mark.parametrize(
    ("employer", "place"), [("大连海产食品有限公司", "210200"), ("解放村服装厂", "230826"), ("桦川县康泰药业有限公司", "230826")]
)
def test_a_companys_registered_name_tells_where_it_is(people: Store, take: Take, employer: str, place: str) -> None:
    take(["姓名", "身份证号", "用工单位", "岗位", "入职时间"], ["王芳", WANG, employer, "普工", "2025-03-05"])
    assert only(people, "employment").place == place


def test_the_dates_and_the_trade_of_a_course_above_the_list(people: Store, take: Take) -> None:
    title, above = "桦川县2025年第3期中式烹调师（初级）补贴性培训学员花名册", ["开班日期：2025年5月6日", "结业日期：2025年5月25日"]
    take([title], above, ["姓名", "身份证号码", "综合成绩", "证书编号"], ["王芳", WANG, 82, "0001"])
    course = only(people, "course")
    assert (course.start, course.end, course.trade) == ("2025-05-06", "2025-05-25", "中式烹调师")
    assert only(people, "enrolment").score == 82


def test_a_title_that_begins_with_a_trade(people: Store, take: Take) -> None:
    title = "家政服务员（初级）培训班学员签到册  培训时间：2025年9月1日—9月6日"
    take([title], ["姓名", "身份证号", "出勤天数"], ["王芳", WANG, 6])
    assert only(people, "course").trade == "家政服务员"


def test_a_work_relief_project_is_proposed(people: Store, take: Take) -> None:
    title = "解放村通屯路以工代赈项目劳务报酬发放表"
    take([title], ["姓名", "身份证号", "出工天数", "劳务报酬"], ["王芳", WANG, 22, 3960], ["李强", LI, 18, 3600])
    assert only(people, "relief_project").name == "解放村通屯路以工代赈项目"
    assert sorted(work.days for work in all_of(people, "relief_work")) == [18, 22]


def test_the_line_to_sign_on_does_not_take_the_legend_away(people: Store, take: Take) -> None:
    posts = ["岗位名称", "岗位类型", "开发主体", "资金渠道", "待遇标准", "姓名", "身份证号码", "上岗时间"]
    take(posts, ["护林员", "护林", "林草", "生态护林员资金", 800, "赵敏", ZHAO, "2023-01-01"])
    days = ["○" if day in (4, 11) else "√" for day in range(1, 32)]
    foot = ["注：√出勤  ×缺勤  ○休息"], ["村委会（盖章）：", "", "负责人："]
    take(["公益性岗位人员考勤表（2025年10月）"], ["姓名", "身份证号", *range(1, 32)], ["赵敏", ZHAO, *days], *foot)
    assert only(people, "attendance").marks == "".join("R" if day in (4, 11) else "P" for day in range(1, 32))


@pytest.mark.parametrize("word", ["现账号", "新卡号", "变更后账号"])
def test_a_changed_account(people: Store, take: Take, word: str) -> None:
    account = "6217990000009000015"
    take(["社保卡账号变更登记表"], ["姓名", "身份证号", "原账号", word], ["王芳", WANG, "6217990000000300778", account])
    assert {person.name: person.bank_account for person in all_of(people, "person")}["王芳"] == account


def test_the_headings_of_registers_of_transfers(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "县内", "省外", "务工详细地址", "用工主体", "转移时间", "月均（元）"]
    take(heads, ["王芳", WANG, "", "√", DALIAN, "新港电子", "2025.03.01", "6千5"])
    job = only(people, "employment")
    assert (job.place, job.employer_name, job.start, job.monthly_wage) == ("210211", "新港电子", "2025-03-01", 650000)


@pytest.mark.parametrize(("span", "start", "end"), [("5.6-5.20", "2025-05-06", "2025-05-20"), ("6.10至6.24", "2025-06-10", "2025-06-24")])
def test_days_without_a_year_in_one_cell(people: Store, take: Take, span: str, start: str, end: str) -> None:
    heads = ["姓名", "身份证号", "培训工种", "培训时间", "证书编号"]
    take(["解放村2025年参加技能培训人员名册"], heads, ["王芳", WANG, "面点师", span, "23A001"])
    assert (only(people, "course").start, only(people, "course").end) == (start, end)


@pytest.mark.parametrize("state", ["已返乡", "返乡", "在家待业", "已回村"])
def test_a_state_that_says_somebody_is_home_is_pointed_out(people: Store, take: Take, state: str) -> None:
    result, _plan = take([*HEADS, "目前状态"], [*WANG_AWAY, state], ["李强", LI, DALIAN, "2025年3月", "在外务工"])
    assert messages(result.warnings) == [(2, "still")]


def test_a_list_of_those_who_came_back_ends_their_work(people: Store, take: Take) -> None:
    take([*HEADS, "务工单位"], [*WANG_AWAY, "新港电子"])
    heads = ["姓名", "身份证号", "原务工地", "原务工单位", "返乡时间", "返乡原因"]
    rows = (
        ["王芳", WANG, DALIAN, "新港电子", "2025-10-20", "照顾家人"],
        ["李强", LI, DALIAN, "某厂", "2025-10-20", ""],
        ["赵敏", ZHAO, "", "", "", ""],
    )
    result, _plan = take(["解放村返乡人员台账"], heads, *rows)
    job = only(people, "employment")
    assert (job.end, job.end_reason, messages(result.rejected)) == ("2025-10-20", "照顾家人", [(4, "reference"), (5, "required")])
    assert take(["解放村返乡人员台账"], heads, rows[0])[0].changed == 0


def test_a_staff_list_with_ends_is_no_list_of_returns(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号码", "岗位", "进厂日期", "离厂日期"]
    take(["解放村就业帮扶车间用工台账"], heads, ["王芳", WANG, "缝纫", "2025.3.1", "2025.9.30"])
    assert (only(people, "employment").start, only(people, "employment").end) == ("2025-03-01", "2025-09-30")


@pytest.mark.parametrize("word", ["固定期限劳动合同", "全日制劳动合同"])
def test_sorts_of_labour_contract(people: Store, take: Take, word: str) -> None:
    take([*HEADS, "合同类型"], [*WANG_AWAY, word])
    assert only(people, "employment").contract == "labour"

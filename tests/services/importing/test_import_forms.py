"""Layouts in which a row is not one person: forms, chats, several names in a cell, heads in columns of their own; and lists of changes."""

from __future__ import annotations

from typing import Any

import pytest

from db.store import Store
from domain.errors import InputUnusable
from services import importing
from services.importing.columns.per_person import _names
from tests.services.rosters_taken import DALIAN, LI, WANG, ZHAO, Take, messages, number, people, take

__all__ = ["people", "take"]

POSTS = ["岗位名称", "岗位类型", "开发主体", "资金渠道", "待遇标准", "姓名", "身份证号码", "上岗时间"]
FORESTER = ["护林员", "护林", "林草", "生态护林员资金", 800]


def all_of(store: Store, kind: str) -> list[Any]:
    with store.read() as session:
        return list(session.select(kind))


def taken(store: Store, text: str) -> tuple[importing.ImportResult, importing.Plan]:
    with store.write("导入") as session:
        plan = importing.plan(session, text.encode(), name="粘贴.txt")
        return importing.apply(session, plan), plan


def jobs(store: Store) -> list[tuple[object, ...]]:
    return sorted((job.start, job.place, job.employer_name, job.monthly_wage) for job in all_of(store, "employment"))


def form(name: str, id_number: str, pay: int) -> list[list[Any]]:
    return [
        ["外出务工人员信息采集表"],
        ["姓名", name, "性别", "女"],
        ["身份证号", id_number, "联系电话", ""],
        ["务工地点", DALIAN, "", "务工单位", "新港电子"],
        ["外出时间", "2025年3月", "月收入（元）", pay],
    ]


def test_forms_about_one_person_each(people: Store, take: Take) -> None:
    result, plan = take(*form("王芳", WANG, 4500), [], *form("李强", LI, 5000))
    assert (result.rejected, jobs(people)) == (
        [],
        [("2025-03", "210211", "新港电子", 450000), ("2025-03", "210211", "新港电子", 500000)],
    )
    assert "共 2 张" in plan.notes[0]


def test_forms_with_other_peoples_numbers_are_left_alone(people: Store, take: Take) -> None:
    with pytest.raises(InputUnusable):
        take(*form("王芳", WANG, 4500), ["家庭成员", "赵敏", ZHAO])


def test_messages_with_labels(people: Store) -> None:
    one = "姓名：{}\n身份证：{}\n去向：{}\n单位：新港电子\n工资：4500\n走的日子：2025年3月2号\n\n"
    result, _plan = taken(people, "这批去大连的人报一下：\n\n" + one.format("王芳", WANG, DALIAN) + one.format("李强", LI, DALIAN))
    assert (result.rejected, jobs(people)) == ([], [("2025-03-02", "210211", "新港电子", 450000)] * 2)


def test_messages_without_numbers_or_labels(people: Store) -> None:
    text = f"张支书 2025/11/20 9:12\n王芳，{WANG}，大连市甘井子区，新港电子，4500，2025.3\n李强，{LI}，大连市甘井子区，某厂，5000，2025.4\n"
    result, _plan = taken(people, text)
    assert (result.rejected, jobs(people)) == (
        [],
        [("2025-03", "210211", "新港电子", 450000), ("2025-04", "210211", "某厂", 500000)],
    )


@pytest.mark.parametrize("marks", ["1️⃣ 2️⃣", "①，②，", "⑴ ⑵"])
def test_items_numbered_with_signs(people: Store, marks: str) -> None:
    first, second = marks.split() if " " in marks else (marks[:1], marks[2:3])
    items = f"{first} 王芳：大连甘井子，新港电子厂，月薪4500，3月走的\n{second} 李强：大连甘井子，某厂，月薪5000，3月走的\n"
    text = f"#接龙 2025年外出务工统计\n{items}"
    result, _plan = taken(people, text)
    assert (result.rejected, [(job[0], job[1], job[3]) for job in jobs(people)]) == (
        [],
        [("2025-03", "210211", 450000), ("2025-03", "210211", 500000)],
    )


def test_lines_of_a_chat_without_numbers_of_any_sort(people: Store) -> None:
    text = "书记，我家的情况：\n王芳 大连甘井子 新港电子 2025年3月1日 4500元\n李强 大连甘井子 某电子厂 2025年4月 5000元\n"
    result, _plan = taken(people, text)
    assert (result.rejected, [(job[0], job[1], job[3]) for job in jobs(people)]) == (
        [],
        [("2025-03-01", "210211", 450000), ("2025-04", "210211", 500000)],
    )


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_a_table_without_headings_is_no_chat(people: Store, separator: str) -> None:
    rows = [["王芳", WANG, "大连", "4500", "2025.3"], ["李强", LI, "大连", "5000", "2025.4"]]
    with pytest.raises(InputUnusable):
        taken(people, "\n".join(map(separator.join, rows)))


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("王芳、李强", ["王芳", "李强"]),
        ("王芳\n李强 赵敏", ["王芳", "李强", "赵敏"]),
        ("王芳，李  强", ["王芳", "李强"]),
        ("欧阳 雪梅", ["欧阳雪梅"]),
        ("王 芳", ["王芳"]),
        ("王芳等3人", []),
    ],
)
def test_names_in_one_cell(cell: str, names: list[str]) -> None:
    assert _names(cell, {"王芳", "李强", "赵敏"}.__contains__) == names


def test_several_people_in_one_row(people: Store, take: Take) -> None:
    heads = ["务工单位", "务工地点", "人员姓名", "身份证号", "开始时间"]
    result, plan = take(heads, ["新港电子", DALIAN, "王芳、李强", f"{WANG}、{LI}", "2025-03"], ["某厂", DALIAN, "赵敏", ZHAO, "2025-04"])
    assert (result.rejected, result.added) == ([], 3)
    assert [row.number for row in plan.rows()] == [2, 2, 3]
    assert plan.tables[0].notes[0].startswith("一格里写了几个人")


def test_fewer_numbers_than_names_in_one_cell_are_refused(people: Store, take: Take) -> None:
    heads = ["务工单位", "务工地点", "人员姓名", "身份证号", "开始时间"]
    result, _plan = take(heads, ["新港电子", DALIAN, "王芳、李强", WANG, "2025-03"])
    assert (len(result.rejected), result.added) == (1, 0)


def test_heads_in_columns_of_their_own_above_the_members(store: Store, take: Take) -> None:
    heads = ["村民小组", "户主姓名", "户主身份证号", "家庭成员", "家庭成员身份证号", "与户主关系"]
    head, wife, other, son = number(11, "男"), number(12), number(13, "男"), number(14, "男")
    rows = ["二组", "葛永贵", head, "", "", ""], ["", "", "", "邵丽华", wife, "配偶"], ["三组", "孙有", other, "孙明", son, "之子"]
    result, _plan = take(heads, *rows)
    assert result.rejected == []
    found = {person.name: person for person in all_of(store, "person")}
    assert {name: person.relation for name, person in found.items()} == {"葛永贵": "户主", "邵丽华": "配偶", "孙有": "户主", "孙明": "之子"}
    assert found["葛永贵"].household_id == found["邵丽华"].household_id != found["孙有"].household_id == found["孙明"].household_id
    assert take(heads, *rows)[0].added == 0


def test_a_list_of_the_disabled_says_who_is_disabled(people: Store, take: Take) -> None:
    stranger = number(15)
    rows = ["王芳", f"{WANG}43", "肢体", "三级"], ["李强", LI, "无", ""], ["外人", f"{stranger}11", "视力", "一级"]
    result, _plan = take(["姓名", "残疾证号", "残疾类别", "残疾等级"], *rows)
    health = {person.name: person.health for person in all_of(people, "person")}
    assert health == {"王芳": frozenset({"残疾"}), "李强": None, "赵敏": None}
    assert messages(result.rejected) == [(4, "person")]
    assert take(["姓名", "残疾证号", "残疾类别", "残疾等级"], rows[0])[0].changed == 0


@pytest.mark.parametrize(
    ("cell", "disabled"),
    [
        *[(cell, False) for cell in ("健康", "正常", "/", "—", "没有", "无残疾", "不是", "未办证")],
        *[(cell, True) for cell in ("肢体三级", "听力、言语", 2, "四级", "精神残疾", "残疾", "有")],
    ],
)
def test_only_a_sort_or_degree_of_disability_says_so(people: Store, take: Take, cell: object, disabled: bool) -> None:
    """健康 in the column 残疾类别 of a register recorded people as disabled."""
    take(["姓名", "身份证号", "残疾等级"], ["李强", LI, cell])
    assert {person.name: bool(person.health) for person in all_of(people, "person")}["李强"] is disabled


# ---------------------------------------------------------------- trips and posts


def test_people_taken_out_together_are_one_trip(people: Store, take: Take) -> None:
    above = ["输出批次：2025年第2批", "", "出发时间：2025年2月20日", "", "目的地：山东省青岛市", "", "乘车方式：大巴"]
    rows = ["王芳", WANG, "青岛海尔"], ["李强", LI, "青岛海尔"]
    result, _plan = take(["点对点输送务工人员名单"], above, ["姓名", "身份证号", "输送企业"], *rows)
    (trip,) = all_of(people, "labour_trip")
    assert (trip.on, trip.to, trip.way, trip.number) == ("2025-02-20", "370200", "大巴", "2025年第2批")
    assert {member.trip_id for member in all_of(people, "trip_member")} == {trip.id}
    assert result.added == 1 + 2 + 2
    assert take(["点对点输送务工人员名单"], above, ["姓名", "身份证号", "输送企业"], *rows)[0].added == 0


@pytest.mark.parametrize(
    "title",
    [
        "未参加点对点输送务工人员名单",
        "2025年拟点对点输送务工人员摸底表",
        "自发外出（非有组织输出）人员名单",
        "有组织输出和自主外出人员花名册",
    ],
)
def test_a_title_that_denies_or_plans_the_trip(people: Store, take: Take, title: str) -> None:
    take([title], ["姓名", "身份证号", "务工地点", "开始时间"], ["王芳", WANG, DALIAN, "2025-02-20"])
    assert [(job.organised, job.point_to_point) for job in all_of(people, "employment")] == [(None, None)]
    assert all_of(people, "trip_member") == all_of(people, "labour_trip") == []


def test_an_ordinary_list_of_work_makes_no_trip(people: Store, take: Take) -> None:
    take(["外出务工人员名单"], ["姓名", "身份证号", "务工地点", "开始时间", "是否点对点"], ["王芳", WANG, DALIAN, "2025-02-20", "是"])
    assert all_of(people, "labour_trip") == []


def test_a_list_of_people_who_leave_or_take_up_posts(people: Store, take: Take) -> None:
    take(POSTS, [*FORESTER, "赵敏", ZHAO, "2023-01-01"])
    heads = ["变动类型", "姓名", "身份证号", "岗位名称", "变动时间", "变动原因"]
    rows = ["退出", "赵敏", ZHAO, "护林员", "2025-10-31", "年龄大"], ["新增", "李强", LI, "护林员", "2025-11-01", "接替赵敏"]
    result, _plan = take(["公益性岗位人员增减变动表"], heads, *rows)
    assert result.rejected == []
    held = sorted((one.start, one.exit_on, one.exit_reason) for one in all_of(people, "appointment"))
    assert held == [("2023-01-01", "2025-10-31", "年龄大"), ("2025-11-01", None, None)]
    again, _plan = take(["公益性岗位人员增减变动表"], heads, *rows)
    assert (again.added, again.changed, again.rejected) == (0, 0, [])


@pytest.mark.parametrize(
    ("sort", "day", "code"), [("退出", "2025-10-31", "reference"), ("调整", "2025-10-31", "choice"), ("新增", "", "required")]
)
def test_changes_of_posts_that_cannot_be_made(people: Store, take: Take, sort: str, day: str, code: str) -> None:
    take(POSTS, [*FORESTER, "赵敏", ZHAO, "2023-01-01"])
    result, _plan = take(["变动类型", "姓名", "身份证号", "岗位名称", "变动时间"], [sort, "李强", LI, "护林员", day])
    assert messages(result.rejected) == [(2, code)]


def test_the_month_report_of_a_time_clock(people: Store, take: Take) -> None:
    take(POSTS, [*FORESTER, "赵敏", ZHAO, "2023-01-01"])
    above = ["月度汇总 统计日期：2025-10-01 至 2025-10-31"], ["报表生成时间：2025-11-01 08:30"]
    first = ["姓名", "考勤组", "部门", "工号", "职位", "出勤天数", "工作时长(分钟)", "考勤结果"]
    days = [*[""] * 7, *(f"{day}\n{'三四五六日一二'[(day - 1) % 7]}" for day in range(1, 32))]
    row = ["赵敏", "公益岗", "解放村", "", "护林员", 30, 9600, *("休息" if day == 12 else "正常" for day in range(1, 32))]
    result, _plan = take(*above, first, days, row)
    assert result.rejected == []
    (attendance,) = all_of(people, "attendance")
    assert (attendance.month, attendance.marks) == ("2025-10", "P" * 11 + "R" + "P" * 19)


def test_a_place_that_is_not_understood_is_not_taken_for_home(people: Store, take: Take) -> None:
    """Work in another county would have been saved as work in the village's own."""
    with pytest.raises(InputUnusable):
        take(["姓名", "身份证号", "单位", "开始时间", "现就业所在地方位"], ["王芳", WANG, "新港电子", "2025-03", DALIAN])
    assert all_of(people, "employment") == []

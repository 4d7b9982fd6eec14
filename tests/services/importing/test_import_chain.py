"""接龙: what people put down one after another in a chat is read as a list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from db.store import Store
from services import exporting, importing, records
from services.importing.plan import Plan
from services.office_files.reading import read_workbook
from services.surveys import design, surveys
from services.surveys.design import Question
from tests.services.rosters_taken import LI, WANG, ZHAO, people, take

__all__ = ["people", "take"]


def taken(store: Store, text: str) -> tuple[importing.ImportResult, Plan]:
    with store.write("导入") as session:
        plan = importing.plan(session, text.encode(), name="粘贴.txt")
        return importing.apply(session, plan), plan


def jobs(store: Store) -> dict[str, tuple[object, ...]]:
    with store.read() as session:
        names = {person.id: person.name for person in session.select("person")}
        return {
            names[job.person_id]: (job.start, job.place, job.employer_name, job.monthly_wage and job.monthly_wage // 100)
            for job in session.select("employment")
        }


def test_parts_are_known_by_their_looks(people: Store) -> None:
    text = f"""#接龙
解放村2023年外出务工情况，请大家填写
例：张三 13800000000 大连 电子厂 4500 2023年正月十六

1. 王芳 13800138001 大连市甘井子区 电子厂 4500 2023年正月十六
2. 李强{LI} 在北京朝阳 保洁 月薪5000元 3月
3、赵敏13800138003 在家
4. 无此人 上海
"""
    result, plan = taken(people, text)
    assert jobs(people) == {
        "王芳": ("2023-02-06", "210211", "电子厂", 4500),
        "李强": ("2023-03", "110105", "保洁", 5000),
    }
    assert [(issue.row, issue.column, issue.value) for issue in result.rejected] == [(8, "姓名", "无此人")]
    assert any("赵敏" in note for note in plan.notes)
    again, _plan = taken(people, text)
    assert (again.added, again.changed) == (0, 0)


@pytest.mark.parametrize(
    "title", ["外出务工登记\n例 姓名 地点 时间 月收入", "外出务工登记", "2024年外出务工登记", "登记：姓名 务工地点 务工时间 工资"]
)
def test_the_first_and_the_last_day_of_work_are_split_as_in_a_sheet(people: Store, title: str) -> None:
    """The column 时间 was not read, and a job of 2024 lacked its start."""
    said = "1. 王芳 大连 2024年3月1日至11月20日 5200\n2. 李强 北京朝阳 2024.5.1 - 2024.9.30 4000\n3. 赵敏 天津 2024年4月 3900\n"
    text = f"#接龙\n{title}\n\n{said}"
    result, _plan = taken(people, text)
    assert result.rejected == []
    with people.read() as session:
        found = sorted((job.start, job.end, job.monthly_wage) for job in session.select("employment"))
    assert found == [("2024-03-01", "2024-11-20", 520000), ("2024-04", None, 390000), ("2024-05-01", "2024-09-30", 400000)]


def test_the_year_offered_is_one_that_somebody_wrote(people: Store) -> None:
    _result, plan = taken(people, "#接龙\n外出务工登记\n\n1. 王芳 大连 2024年3月1日至11月20日 5200\n2. 李强 北京 正月十六 4000\n")
    assert any("如「2024年外出务工」" in note for note in plan.notes)
    _result, plan = taken(people, "#接龙\n外出务工登记\n\n1. 王芳 大连 3月 5200\n")
    assert any("如「2026年外出务工」" in note for note in plan.notes)


def test_the_last_digits_of_a_number_are_no_pay_and_the_year_of_the_line_above_counts(people: Store) -> None:
    """The digits were read as the wage, and the year went with the line that asked for the parts."""
    text = f"""#接龙
报一下今年在外打工情况：姓名+身份证后四位+地点+单位+工资+几月走的（2023年）

1. 王芳 {WANG[-4:]} 大连市甘井子区 海鲜厂 4200 3月
2. 李强 {LI[-4:]} 江苏昆山 电子厂 6000 2月
"""
    result, _plan = taken(people, text)
    assert result.rejected == []
    assert jobs(people) == {"王芳": ("2023-03", "210211", "海鲜厂", 4200), "李强": ("2023-02", "320583", "电子厂", 6000)}


def test_digits_that_begin_with_zero_are_no_pay(people: Store) -> None:
    taken(people, "2023年外出务工接龙\n\n1. 王芳 0122 大连市甘井子区 3月\n")
    assert jobs(people)["王芳"][3] is None


def test_who_is_at_home_is_left_out_where_the_line_above_asks_for_places_only(people: Store) -> None:
    """They were refused for want of a place and a day."""
    text = "接龙：姓名 去哪里 几月去的\n1. 王芳 大连 2023年2月\n2. 李强在家\n3. 赵敏 一直在家\n"
    result, plan = taken(people, text)
    assert (result.added, result.rejected) == (1, [])
    assert any("写着在家的没有导入：李强、赵敏" in note for note in plan.notes)


def test_what_is_asked_for_in_a_line_above_names_the_columns(people: Store) -> None:
    text = """请接龙：姓名、去哪里、干什么、单位、几月去的、电话
1. 王芳 大连 缝纫工 某服装厂 2023年2月 13800138001
2. 李强 2023年3月5日 沈阳 木工 某建筑公司
3. 赵敏 沈阳 2023年3月
"""
    _result, plan = taken(people, text)
    assert jobs(people) == {
        "王芳": ("2023-02", "210200", "某服装厂", None),
        "李强": ("2023-03-05", "210100", "某建筑公司", None),
        "赵敏": ("2023-03", "210100", None, None),
    }
    text += "4. 王芳 沈阳 瓦工 2023年5月\n"
    assert any("第 5 行" in note for note in taken(people, text)[1].notes)
    assert plan.tables[0].roster == "work"


@pytest.mark.parametrize(
    ("text", "chain"),
    [
        ("1. 王芳 大连\n2. 李强 北京\n", True),
        ("1.5,2.5\n2.5,3.5\n", False),
        ("1.王芳\t大连\n2.李强\t北京\n", False),
        ("说明\n一段话\n又一段\n再一段\n1. 王芳 大连\n2. 李强 北京\n", False),
        (f"1. 王芳 {'大' * 600}\n2. 李强 北京\n", False),
    ],
)
def test_what_is_a_chain(text: str, chain: bool) -> None:
    (sheet,) = read_workbook(text.encode())
    assert sheet.chain is chain


def test_a_list_with_numbered_rows_or_notes_stays_a_list(people: Store) -> None:
    """Names became 黑龙江省, which stood behind the number, empty cells drew the next ones up, and lists with notes were refused."""
    heads = "姓名,证件号码,联系电话,开始时间,务工所在地,务工企业名称"
    numbered = (
        f'{heads}\n1、王芳,{WANG},,2023-02-01,大连市甘井子区,"电子厂,二车间"\n2、李强,{LI},,2023-03-01,,\n3.无此人,,,2023-03-01,大连市,\n'
    )
    result, _plan = taken(people, numbered)
    assert jobs(people) == {"王芳": ("2023-02-01", "210211", "电子厂,二车间", None)}
    assert [(issue.row, issue.value) for issue in result.rejected] == [(3, ""), (4, "无此人")]
    notes = "\n".join(f"{n}、{said}" for n, said in enumerate(("姓名必填", "证件号码十八位", "时间写到日", "地点写到县"), 1))
    place_first = f"解放村务工名单\n{notes}\n村,{heads}\n1、解放村,赵敏,{ZHAO},,2023-04-01,北京市朝阳区,\n"
    assert (taken(people, place_first)[0].added, jobs(people)["赵敏"]) == (1, ("2023-04-01", "110105", None, None))
    in_a_chat = "姓名,去哪里,几月去的\n1. 王芳 沈阳 2023年5月\n2. 李强 大连 2023年6月\n"
    assert (taken(people, in_a_chat)[0].added, jobs(people)["李强"][:2]) == (2, ("2023-06", "210200"))


def test_numbered_lines_within_a_cell_are_its_text(people: Store, tmp_path: Path) -> None:
    with people.write("走访") as session:
        household = session.select("household")[0].id
        records.save(session, "visit", {"household_id": household, "on": "2023-05-01", "content": "1、家里都好\n2、想找活\n3、房子漏雨"})
        exporting.export(session, "visit", tmp_path / "走访.csv")
    result, _plan = taken(people, (tmp_path / "走访.csv").read_text("utf-8-sig"))
    assert (result.added, result.changed, result.unchanged, result.rejected) == (0, 0, 1, [])


def test_a_months_check_and_a_survey_are_put_down_in_a_chat_too(people: Store) -> None:
    text = "#接龙\n2023年11月务工监测\n\n1. 王芳 在外 大连 4500\n2. 李强 在家\n3. 赵敏 不清楚\n"
    _result, plan = taken(people, text)
    assert any("第 6 行" in note for note in plan.notes)
    with people.write("摸排") as session:
        design.save(
            session,
            {"title": "返乡意愿", "about": "everyone"},
            (Question("还出去吗", "yes_no"), Question("想去哪里", "choice", "南方、本县")),
        )
        names = {person.id: person.name for person in session.select("person")}
        checks = {names[check.person_id]: (check.month, check.status, check.income) for check in session.select("monthly_check")}
    assert checks == {"王芳": ("2023-11", "away", 450000), "李强": ("2023-11", "unemployed", None)}
    result, plan = taken(people, "接龙：姓名 还出去吗 想去哪里\n1. 王芳 是 南方\n2. 李强 否\n3. 赵敏 是 本县\n")
    assert (result.added, [note for note in plan.notes if "第 3 行" in note]) == (5, [])


def test_a_survey_asked_in_a_chat_comes_back_as_its_answers(people: Store) -> None:
    questions = [
        Question("明年、还出去吗", "yes_no"),
        Question("会什么(可多选)", "choices", "电焊、家政", optional=True),
        Question("想要多少工资/月", "number"),
    ]
    with people.write("摸排") as session:
        id = design.save(session, {"title": "返乡意愿摸排", "about": "everyone"}, questions)
        text = surveys.chat_text(surveys.open_sheet(session, id))
    assert text.splitlines()[:3] == [
        "#接龙",
        "返乡意愿摸排",
        "请写：姓名、明年还出去吗（是/否）、会什么可多选（电焊/家政，几样用+连起来）、想要多少工资月",
    ]
    result, plan = taken(people, text + "王芳 是 电焊+家政 4500\n2. 李强 否 3000元\n3. 赵敏 是 说不好\n4. 赵敏\n")
    assert (result.rejected, result.questions, result.added) == ([], [], 6)
    with people.read() as session:
        said = {(session.get("survey_item", one.item_id)["position"], one.value) for one in session.select("survey_answer")}
    assert said == {(1, "是"), (1, "否"), (2, "电焊、家政"), (3, "4500"), (3, "3000")}
    assert [note[:5] for note in plan.notes if note.startswith("第")] == ["第 8 行", "第 9 行", "第 8、9"]


def test_lines_as_they_are_typed_in_a_chat(people: Store) -> None:
    text = """#接龙
解放村2023年外出务工

1. 🌹王芳大连电子厂６０００元2023年正月十六👍
2. 李强 北京 保安 5000 3月走的[强]
各位抓紧报！
3. 赵敏在家
4. 赵敏13800138003
5. 王芳沈阳饭店2023年5月
"""
    result, plan = taken(people, text)
    assert [(job.start, job.place, job.monthly_wage) for job in plan_jobs(people)] == [
        ("2023-02-06", "210200", 600000),
        ("2023-03", "110000", 500000),
        ("2023-05", "210100", None),
    ]
    assert [issue.row for issue in result.rejected] == [8]
    said = " ".join(plan.notes)
    assert "写着在家的没有导入：赵敏" in said
    assert "第 4、9 行都是王芳" in said


def test_a_line_of_which_nothing_is_known_but_the_name_is_named(people: Store) -> None:
    result, plan = taken(people, "#接龙\n\n1. 王芳 大连 2023年3月\n2. 李强跟着老乡干活\n3. 赵敏\n4. 王小二跟着老乡\n")
    assert [issue.row for issue in result.rejected] == [4]
    assert any("第 5、6 行" in note for note in plan.notes)


def plan_jobs(store: Store) -> list[Any]:
    with store.read() as session:
        return sorted(session.select("employment"), key=lambda job: str(job.start))


def test_who_answers_twice_in_a_chat_may_be_let_in_the_second_time(people: Store) -> None:
    with people.write("摸排") as session:
        design.save(session, {"title": "返乡", "about": "everyone"}, [Question("还出去吗", "yes_no"), Question("想要多少", "number")])
    text = "返乡\n姓名、还出去吗、想要多少\n1. 王芳 是 4000\n2. 李强 否 3000\n3. 王芳 否 4000\n"
    with people.write("导入") as session:
        plan = importing.plan(session, text.encode(), name="粘贴.txt")
        (asked,) = [row for row in plan.rows() if any(issue.code == "duplicate" for issue in row.issues)]
        asked.kept = True
        importing.apply(session, plan)
    with people.read() as session:
        assert sorted(answer.value for answer in session.select("survey_answer")) == ["3000", "4000", "否", "否"]


def test_a_nickname_that_the_chat_puts_first_is_passed_over(people: Store) -> None:
    _result, plan = taken(people, "#接龙\n2023年外出务工\n\n1. 平安是福 王芳 大连 2023年3月\n2. 李强跟车跑运输 2023年5月\n")
    assert [row.title for row in plan.rows()] == ["王芳", "李强"]


@pytest.mark.parametrize(
    ("said", "month"), [("12月务工监测", "2025-12"), ("十一月份务工监测", "2026-11"), ("2024年3月务工监测", "2024-03")]
)
def test_the_year_a_chat_leaves_out_is_that_of_the_last_such_month(people: Store, monkeypatch, said: str, month: str) -> None:
    monkeypatch.setattr("domain.clock.today", lambda: "2026-11-28")
    _result, plan = taken(people, f"#接龙\n{said}\n\n1. 王芳 在外 4500\n2. 李强 在家\n")
    assert any("没有写年份" in note for note in plan.notes) == ("年" not in said)
    with people.read() as session:
        assert {check.month for check in session.select("monthly_check")} == {month}


@pytest.mark.parametrize(("title", "asked"), [("外出务工登记", True), ("2023年外出务工登记", False)])
def test_days_without_a_year_are_said_where_no_title_says_it(people: Store, title: str, asked: bool) -> None:
    result, plan = taken(people, f"#接龙\n{title}\n\n1. 王芳 大连 3月走的\n2. 李强 北京 2023年4月至今\n")
    assert (len(result.rejected), any("哪一年" in note for note in plan.notes)) == (int(asked), asked)


def test_the_columns_may_be_asked_for_in_brackets_behind_the_title(people: Store) -> None:
    text = "#接龙\n2025年春节后外出务工登记（姓名、身份证、去哪、哪天走、干什么）\n"
    taken(people, text + f"1、王芳 {WANG} 大连 2月16日走 电焊\n2、李强 {LI} 长春 2月14日走 搬运\n")
    with people.read() as session:
        assert sorted((str(one.start), str(one.job)) for one in session.select("employment")) == [
            ("2025-02-14", "搬运"),
            ("2025-02-16", "电焊"),
        ]


@pytest.mark.parametrize("line", ["王芳妈 在家", "王芳家 在家", "王芳她妈在家", "王芳媳妇在家 照看孩子", "王芳他弟 大连"])
def test_the_relative_of_somebody_is_not_taken_for_them(people: Store, line: str) -> None:
    """周亮妈 在家 recorded the son, who is at school, as out of work."""
    result, plan = taken(people, f"解放村2023年5月务工监测\n\n1. {line}\n2. 李强在家\n")
    with people.read() as session:
        asked = {session.existing("person", one.person_id).name for one in session.select("monthly_check")}
    assert asked == {"李强"}
    assert [issue.row for issue in result.rejected] == [3] or any("第 3 行" in note for note in plan.notes)


def test_a_place_outside_the_county_says_in_a_months_check_that_somebody_is_away(people: Store) -> None:
    """大连呢 was no place, and a place alone was refused for want of a status; at home in the county it says too little."""
    result, _plan = taken(people, "#接龙\n2023年11月务工监测，报一下在哪\n\n1. 王芳 大连呢 6500\n2. 李强 在家\n3. 赵敏 桦川县 3000\n")
    with people.read() as session:
        names = {person.id: person.name for person in session.select("person")}
        checks = {names[check.person_id]: (check.status, check.place) for check in session.select("monthly_check")}
    assert checks == {"王芳": ("away", "210200"), "李强": ("unemployed", None)}
    assert [(issue.row, issue.code) for issue in result.rejected] == [(6, "required")]

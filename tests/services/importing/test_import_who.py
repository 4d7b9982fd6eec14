"""Whom a row is about: a word for no number identifies nobody, and a known number under a wholly different name is asked about."""

from __future__ import annotations

import re

import pytest

from db.store import Store
from domain.records import Person
from services.importing import ImportResult
from services.importing.values.other_names import unlike
from tests.services.importing.test_import_jsonl import person, taker
from tests.services.rosters_taken import PEOPLE, WANG, WORK, Take, messages, people, take

__all__ = ["people", "take"]

NEW = ["姓名", "性别", "出生日期", "证件类型", "证件号码", "与户主关系", "劳动技能", "户类型"]


def names(store: Store) -> list[str]:
    with store.read() as session:
        return sorted(one.name for one in session.select(Person))


def test_a_word_for_no_number_makes_nobody_of_two_people(store: Store, take: Take) -> None:
    result, _plan = take(
        NEW,
        ["婴一", "男", "2024-01-01", "其他", "无", "之子", "无劳动力", "一般农户"],
        ["李无证", "女", "1950-01-01", "户口簿", "无", "户主", "弱劳动力", "一般农户"],
        ["赵大", "女", "1950-01-01", "其他", "无证001", "户主", "弱劳动力", "一般农户"],
    )
    assert messages(result.rejected) == [(3, "required")]
    assert "程序给他编一个" in result.rejected[0].message
    assert names(store) == ["婴一", "赵大"]


def test_whoever_has_no_document_gets_a_number_and_is_found_again(store: Store, take: Take) -> None:
    """Clerks had to invent 无证001, and two villages invented the same."""
    rows = [["婴一", "男", "2024-01-01", "其他", word, "之子", "无劳动力", "一般农户"] for word in ("", "无", "暂无")]
    rows = [[f"婴{n}", *row[1:]] for n, row in enumerate(rows)]
    result, plan = take(NEW, *rows)
    assert (result.added, result.rejected) == (6, [])
    assert [issue.code for row in plan.rows() for issue in row.issues if issue.code == "unnumbered"] == ["unnumbered"] * 3
    with store.read() as session:
        numbers = [one.id_number for one in session.select(Person)]
    assert len(set(numbers)) == 3 and all(re.fullmatch(r"无证\d{6}-\d{5}", number) for number in numbers)
    again, _plan = take(NEW, *rows)
    assert (again.added, again.changed, again.rejected) == (0, 0, [])


def test_a_placeholder_that_is_on_record_is_found_by_nobody(store: Store, take: Take) -> None:
    taker(store)(person(id="0d3c2ab4-0000-4000-8000-000000000001", name="婴一", document="other", id_number="无"))
    result, _plan = take(NEW, ["李无证", "女", "1950-01-01", "户口簿", "无", "户主", "弱劳动力", "一般农户"])
    assert messages(result.rejected) == [(2, "required")]
    assert names(store) == ["婴一"]


def test_a_number_of_one_type_of_document_is_not_that_of_another(store: Store, take: Take) -> None:
    first = ["谢尔盖", "男", "1980-01-01", "其他", "A12345", "户主", "普通劳动力", "一般农户"]
    assert take(NEW, first)[0].added == 2
    assert take(NEW, first)[0].unchanged == 2
    result, _plan = take(NEW, ["李四", "男", "1980-01-01", "户口簿", "A12345", "户主", "普通劳动力", "一般农户"])
    assert messages(result.rejected) == [(2, "characters")]
    result = taker(store)(person(name="李四", document="household_book", id_number="A12345"))
    assert result.added == 1
    assert names(store) == ["李四", "谢尔盖"]


def test_a_json_line_without_an_id_needs_a_number(store: Store) -> None:
    first = person(id="0d3c2ab4-0000-4000-8000-000000000001", name="婴一", document="other", id_number="无")
    assert taker(store)(first).added == 1  # as another store holds it
    assert taker(store)(first).unchanged == 1
    result = taker(store)(person(name="李无证", document="other", id_number="无"))
    assert messages(result.rejected) == [(1, "placeholder")]
    assert messages(taker(store)({**first, "id_number": "不详"}).rejected) == [(1, "placeholder")]
    assert names(store) == ["婴一"]


def test_a_known_number_under_a_wholly_different_name_is_asked_about(people: Store, take: Take) -> None:
    row = ["解放村", "1001", "马大哈", "女", WANG, "户主", "普通劳动力", "脱贫户", ""]
    heads = ["村", "户编号", "姓名", "性别", "证件号码", "与户主关系", "劳动技能", "户类型", "联系电话"]
    result, _plan = take(heads, row)
    assert messages(result.questions) == [(2, "name")]
    assert "王芳" in result.questions[0].message and "马大哈" in result.questions[0].message
    assert names(people) == ["李强", "王芳", "赵敏"]
    result, _plan = take(heads, row, answer=[2])
    assert "马大哈" in names(people)


def test_a_name_written_otherwise_stays_a_warning(people: Store, take: Take) -> None:
    heads = ["村", "户编号", "姓名", "性别", "证件号码", "与户主关系", "劳动技能", "户类型", "联系电话"]
    result, plan = take(heads, [*PEOPLE[0][:2], "汪方", *PEOPLE[0][3:]])
    assert (result.questions, result.changed) == ([], 1)
    (issue,) = [issue for row in plan.rows() for issue in row.issues if issue.code == "name"]
    assert issue.message == "注意：把「王芳」改成「汪方」。不是同一个人，请撤销这次导入"


def test_a_list_of_work_asks_too(people: Store, take: Take) -> None:
    row = ["马大哈", WANG, "2023-02-10", "2023-11-20", "辽宁省大连市甘井子区", "", ""]
    assert messages(take(WORK, row)[0].questions) == [(2, "name")]


def test_a_json_line_found_by_its_number_asks_too(people: Store) -> None:
    result = taker(people)(person(name="马大哈", id_number=WANG))
    assert messages(result.questions) == [(1, "name")]
    with people.read() as session:
        (wang,) = [one for one in session.select(Person) if one.name == "王芳"]
    assert taker(people)({"kind": "person", "id": wang.id, "name": "马大哈"}).changed == 1  # said by its id: meant


@pytest.mark.parametrize(
    ("one", "other"),
    [("陈玉志", "马大哈"), ("张三", "李四"), ("王伟", "王强"), ("欧阳娜", "赵敏"), ("JOHN SMITH", "王芳")],
)
def test_wholly_different_names(one: str, other: str) -> None:
    assert unlike(one, other) and unlike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *[("王秀兰", "王兰"), ("王秀兰", "王秀蓝"), ("李建国", "李建军"), ("闫芳", "阎芳"), ("张三", "章叁"), ("王建国", "王老三")],
        *[("王建国", "老王头"), ("张桂兰", "二丫"), ("John Smith", "SMITH JOHN"), ("李喆", "李□"), ("买买提·吐尔逊", "买买提")],
    ],
)
def test_one_name_written_two_ways(one: str, other: str) -> None:
    assert not unlike(one, other) and not unlike(other, one)


ENROLLED = ["姓名", "证件号码", "班名", "工种", "开班日期", "结业日期", "成绩", "证书编号"]


def warned(result: ImportResult) -> list[tuple[int, str]]:
    return messages(result.warnings)


def test_scores_and_certificates_that_cannot_be_are_told(people: Store, take: Take) -> None:
    course = ["缝纫工培训班", "缝纫工", "2023-03-06", "2023-03-15"]
    wang, li, zhao = (["王芳", WANG], ["李强", PEOPLE[1][4]], ["赵敏", PEOPLE[2][4]])
    result, _plan = take(["技能培训花名册"], ENROLLED, [*wang, *course, 150, "A001"], [*li, *course, -5, "A001"])
    assert sorted(warned(result)) == [(3, "bounds"), (4, "bounds"), (4, "certificate")]
    result, _plan = take(["技能培训花名册"], ENROLLED, [*zhao, *course, 90, "A001"])
    assert warned(result) == [(3, "certificate")]
    assert "王芳" in result.warnings[0].message or "李强" in result.warnings[0].message
    assert warned(take(["技能培训花名册"], ENROLLED, [*wang, *course, 95, "A002"])[0]) == []


def test_a_birth_to_come_and_a_very_long_name_are_told(store: Store) -> None:
    result = taker(store)(person(document="other", id_number="B1", birth="2097-01-01", name="长" * 51))
    assert (result.added, sorted(issue.code for issue in result.warnings)) == (1, ["bounds", "long_name"])


def test_a_line_break_in_a_name_becomes_a_space(store: Store, take: Take) -> None:
    first = person(id="0d3c2ab4-0000-4000-8000-000000000001", name="JOHN\nSMITH\u0007", document="other", id_number="B2")
    result = taker(store)(first)
    assert result.added == 1
    assert names(store) == ["JOHN SMITH"]
    result, _plan = take(NEW, ["IVAN\nPETROV", "男", "1980-01-01", "其他", "B3", "户主", "普通劳动力", "一般农户"])
    assert names(store) == ["IVAN PETROV", "JOHN SMITH"]

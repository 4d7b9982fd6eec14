"""What a roster asks, and what it refuses, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from db import changes
from db.store import Store
from domain.records import Household, Person
from services import importing
from services.office_files.cell_formats import FormattedCells
from services.office_files.reading import read_workbook
from tests.rosters import write_sheets, write_xlsx
from tests.services.rosters_taken import CHANGCHUN, DALIAN, HEADS, LI, PEOPLE, WANG, WORK, Take, changed_cells, messages, people, take

__all__ = ["people", "take"]


def test_a_question_answered_goes_in_and_is_not_asked_again(store: Store, take: Take) -> None:
    odd = [["解放村", "1001", "王芳", "男", WANG, "户主", "普通劳动力", "脱贫户", ""]]
    result, _plan = take(HEADS, *odd)
    assert (result.added, messages(result.questions)) == (0, [(2, "sex")])
    result, _plan = take(HEADS, *odd, answer=[2])
    assert (result.added, result.questions) == (3, [])
    with store.read() as session:
        person, home = session.select(Person)[0], session.select(Household)[0]
        assert (person.sex, person.birth, home.head_id) == ("male", "1979-08-17", person.id)
    result, _plan = take(HEADS, *odd)
    assert (result.added, result.changed, result.unchanged, result.questions) == (0, 0, 3, [])


def test_birth_against_the_number_is_a_question(take: Take) -> None:
    result, _plan = take([*HEADS, "出生日期"], [*PEOPLE[0], "1979-08-18"], [*PEOPLE[1], "1979-08-17"])
    assert messages(result.questions) == [(2, "birth")]


@pytest.mark.parametrize(
    ("table", "added"),
    [
        ([["2023年育婴员培训班"], ["培训时间：2023年3月6日至2023年3月15日"], ["姓名", "身份证号", "出勤天数"], ["王芳", WANG, 10]], 2),
        ([["2023年务工监测"], ["姓名", "身份证号", "1月"], ["王芳", WANG, "外出"]], 1),
        ([["姓名", "身份证号", "服务类型", "服务日期"], ["王芳", WANG, "职业指导", "2023-03-01"]], 1),
    ],
)
def test_a_line_in_the_same_place_of_a_second_sheet_is_a_question(
    people: Store, tmp_path: Path, table: list[list[str]], added: int
) -> None:
    path = write_sheets(tmp_path / "twice.xlsx", {"甲": table, "乙": table})
    with people.write("导入") as session:
        result = importing.apply(session, importing.plan(session, path))
    assert (result.added, [(issue.sheet, issue.row, issue.code) for issue in result.questions]) == (
        added,
        [("乙", len(table), "duplicate")],
    )


def test_a_second_line_with_another_name_never_renames_the_first(store: Store, take: Take) -> None:
    """One of the two numbers is mistaken. Taking the line in, as was advised, made one person of the two."""
    wrong = [*PEOPLE[1][:4], WANG, *PEOPLE[1][5:]]
    wrong[HEADS.index("性别")] = "女"
    result, plan = take(HEADS, PEOPLE[0], wrong, PEOPLE[2], answer=[3])
    assert (messages(result.rejected), result.questions) == ([(3, "name")], [])
    assert "第 2 行「王芳」" in result.rejected[0].message
    assert changed_cells(plan) == []
    with store.read() as session:
        assert sorted(p.name for p in session.select(Person)) == ["王芳", "赵敏"]


def test_a_second_line_is_a_question_and_answered_it_changes_the_first(store: Store, take: Take) -> None:
    second = [*PEOPLE[0][:8], "13900000000"]
    result, plan = take(HEADS, PEOPLE[0], second)
    assert (messages(result.questions), result.added) == ([(3, "duplicate")], 3)
    assert "第 2 行" in result.questions[0].message
    result, plan = take(HEADS, PEOPLE[0], second, answer=[3])
    assert changed_cells(plan) == [("联系电话", "138****8001", "139****0000")]
    with store.read() as session:
        assert [p.phone for p in session.select(Person)] == ["13900000000"]


def test_a_second_line_let_in_with_the_first_recognises_nobody_twice(store: Store, take: Take) -> None:
    take(HEADS, PEOPLE[0], [*PEOPLE[0][:8], "13900000000"], answer=[3])
    with store.read() as session:
        assert [session.count(kind) for kind in ("person", "household", "category_span")] == [1, 1, 1]


def test_of_two_questioned_lines_either_may_be_answered_alone(store: Store, take: Take) -> None:
    odd = [*PEOPLE[0][:3], "男", *PEOPLE[0][4:]]
    result, _plan = take(HEADS, odd, PEOPLE[0], answer=[3])
    assert messages(result.questions) == [(2, "sex")]
    with store.read() as session:
        assert [(p.name, p.sex) for p in session.select(Person)] == [("王芳", "female")]
        assert [span.category for span in session.select("category_span")] == ["lifted"]


def test_an_unanswered_head_leaves_the_household_without_one(store: Store, take: Take) -> None:
    odd = [*PEOPLE[0][:3], "男", *PEOPLE[0][4:]]
    take(HEADS, odd, PEOPLE[1])
    with store.read() as session:
        assert [h.head_id for h in session.select(Household)] == [None]
    result, _plan = take(HEADS, odd, PEOPLE[1], answer=[2])
    assert (result.added, result.changed) == (2, 1)


# ---------------------------------------------------------------- what is refused


def test_what_a_registry_refuses(take: Take) -> None:
    bad = [
        [*PEOPLE[0][:4], WANG[:17] + ("0" if WANG[17] != "0" else "1"), *PEOPLE[0][5:]],
        [*PEOPLE[0][:4], float(WANG[:17] + "0"), *PEOPLE[0][5:]],
        [*PEOPLE[0][:2], "", *PEOPLE[0][3:]],
        [*PEOPLE[0][:5], "亲戚", *PEOPLE[0][6:]],
        [*PEOPLE[0][:4], "", *PEOPLE[0][5:]],
        [*PEOPLE[0][:6], "", *PEOPLE[0][7:]],
    ]
    result, _plan = take(HEADS, *bad, PEOPLE[1])
    assert [code for _row, code in messages(result.rejected)] == ["checksum", "digits_lost", "no_name", "choice", "required", "required"]
    assert result.added == 3


def test_several_faults_of_a_row_are_said_together(take: Take) -> None:
    result, _plan = take(HEADS, ["解放村", "1", "", "不详", WANG, "亲戚", "强", "脱贫户", ""])
    assert len(result.rejected) == 1
    assert all(word in result.rejected[0].message for word in ("性别", "与户主关系", "劳动技能", "没有姓名"))


def test_subtotals_signatures_and_blank_rows_are_no_data(take: Take) -> None:
    tail = [[""], ["合计", "", "2人"], ["制表人：王", "", "", "审核：李"], ["备注：本表一式两份"]]
    result, plan = take(HEADS, PEOPLE[0], [""], PEOPLE[1], *tail)
    assert (result.rejected, result.added) == ([], 5)
    assert [row.title for row in plan.rows() if row.skipped] == ["合计", "制表人：王", "备注：本表一式两份"]


@pytest.mark.parametrize("word", ["%d", "（%d）", "必填"])
def test_columns_numbered_under_their_headings_are_no_data(take: Take, word: str) -> None:
    result, _plan = take(HEADS, [word % n if "%" in word else word for n in range(1, 10)], PEOPLE[0])
    assert (result.added, result.rejected) == (3, [])


def test_signatures_in_several_cells_are_no_data(take: Take) -> None:
    result, _plan = take(HEADS, PEOPLE[0], ["村负责人：张三", "", "", "填表人：李四", "", "", "联系电话：13800138000"])
    assert (result.added, result.rejected) == (3, [])


def test_people_with_a_telephone_are_people(store: Store, take: Take) -> None:
    result, plan = take(["序号", "姓名", "身份证号", "联系电话"], [1, "王芳", WANG, "13800138001"])
    assert (plan.tables[0].roster, result.added) == ("registry", 1)
    with store.read() as session:
        assert [person.name for person in session.select(Person)] == ["王芳"]


def test_a_form_about_one_person_is_one_row(take: Take) -> None:
    rows = ["姓名", "张三", "性别", "男", "身份证号", WANG], ["民族", "汉族", "文化程度", "初中", "联系电话", "13800138000"]
    assert messages(take(["信息卡"], *rows)[0].questions) == [(3, "sex")]


def test_another_document_may_have_another_number(store: Store, take: Take) -> None:
    heads = ["姓名", "证件类型", "证件号码", "与户主关系", "劳动技能"]
    result, _plan = take(
        heads, ["约翰", "其他", "P1234567", "其他", "普通劳动力"], ["玛丽", "居民身份证", "P1234568", "其他", "普通劳动力"]
    )
    assert (result.added, messages(result.rejected)) == (1, [(3, "characters")])
    result, _plan = take(heads, ["约翰", "其他", "P1234567", "其他", "普通劳动力"])
    assert (result.added, result.unchanged) == (0, 1)


def test_required_columns_that_are_missing_are_proposed(store: Store, take: Take) -> None:
    result, plan = take(["姓名", "证件号码", "与户主关系"], ["王芳", WANG, "户主"], ["李强", LI + "43", "配偶"])
    assert result.added == 2
    assert "劳动技能" in plan.tables[0].proposals[0]
    with store.read() as session:
        assert [(p.document, p.labour, p.original_number) for p in session.select(Person)] == [
            ("resident_id", "ordinary", None),
            ("disability", "ordinary", LI + "43"),
        ]


def test_being_monitored_stands_beside_the_sort_of_household(store: Store, take: Take) -> None:
    heads = [*HEADS, "监测对象类别", "识别监测时间", "致贫/返贫风险1"]
    rows = [
        [*PEOPLE[0], "脱贫不稳定户", "202306", "因病"],
        [*PEOPLE[1], "非监测对象", "", ""],
        [*PEOPLE[2][:7], "边缘易致贫户", "", "边缘易致贫户", "2022年3月", ""],
    ]
    assert take(heads, *rows)[0].added == 3 + 2 + 4
    with store.read() as session:
        spans = sorted((s.category, s.start or "", "".join(s.risks or ())) for s in session.select("category_span"))
    assert spans == [("lifted", "", ""), ("lifted", "", ""), ("lifted_unstable", "2023-06", "因病"), ("marginal", "2022-03", "")]
    assert take(heads, *rows)[0].batch is None


def spans_of(store: Store) -> list[tuple[str, str | None, str | None]]:
    with store.read() as session:
        return sorted((span.category, span.start, span.end) for span in session.select("category_span"))


def test_a_risk_that_is_cleared_on_an_unknown_day_is_asked_about(store: Store, take: Take) -> None:
    """The column 风险是否已消除 was dropped: who had left went on being monitored."""
    heads = [*HEADS, "监测对象类别", "识别监测时间", "风险是否已消除", "消除监测时间"]
    one = [*PEOPLE[0][:7], "边缘易致贫户", "", "边缘易致贫户", "202101"]
    assert messages(take(heads, [*one, "是", ""])[0].questions) == [(2, "cleared")]
    for said, end in (("否", ""), ("", ""), ("是", "202206")):
        result, _plan = take(heads, [*one, said, end])
        assert result.questions == []
    assert spans_of(store) == [("marginal", "2021-01", "2022-06")]
    assert take(heads, [*one, "是", ""])[0].questions == []  # its day is on record
    other = [*PEOPLE[1][:7], "脱贫户", "", "脱贫不稳定户", "202101"]
    take(heads, [*other, "否", ""])
    without = ["监测对象类别", "风险是否已消除"]
    result, _plan = take([*HEADS, *without], [*PEOPLE[1][:7], "脱贫户", "", "", "是"])
    assert messages(result.questions) == [(2, "cleared")]
    result, _plan = take(heads, [*other, "是", ""], answer=[2])
    assert (result.questions, len(spans_of(store))) == ([], 3)


def test_who_is_no_longer_monitored_is_not_both_without_a_question(store: Store, take: Take) -> None:
    """一般农户 was added beside the open 边缘易致贫户, and every verdict became the county's."""
    heads = [*HEADS, "监测对象类别", "识别监测时间", "消除监测时间"]
    one = PEOPLE[0][:7]
    take(heads, [*one, "边缘易致贫户", "", "边缘易致贫户", "202101", ""])
    result, _plan = take(HEADS, [*one, "一般农户", ""])
    assert messages(result.questions) == [(2, "category")] and "填上结束时间（从哪天起不是了）" in result.questions[0].message
    assert spans_of(store) == [("marginal", "2021-01", None)]
    take(heads, [*one, "一般农户", "", "边缘易致贫户", "202101", ""])  # as some lists name the sort of household
    assert spans_of(store) == [("marginal", "2021-01", None)]
    result, _plan = take(heads, [*one, "一般农户", "", "", "", "202411"])
    assert (result.questions, spans_of(store)) == ([], [("marginal", "2021-01", "2024-11"), ("ordinary", "2024-11", None)])
    result, _plan = take(heads, [*one, "边缘易致贫户", "", "边缘易致贫户", "202511", ""])
    assert messages(result.questions) == [(2, "category")]


def test_masked_numbers_of_the_right_person_change_nothing(people: Store, take: Take) -> None:
    masked = [*PEOPLE[0][:4], "*" * 14 + WANG[-4:], *PEOPLE[0][5:8], "138****8001"]
    result, _plan = take(HEADS, masked)
    assert (result.added, result.changed, result.unchanged, result.rejected) == (0, 0, 3, [])
    wrong = [*PEOPLE[0][:8], "138****9999"]
    result, _plan = take(HEADS, wrong)
    assert messages(result.rejected) == [(2, "masked")]
    stranger = [*PEOPLE[0][:2], "孙红", "女", "*" * 14 + "0000", *PEOPLE[0][5:]]
    result, _plan = take(HEADS, stranger)
    assert messages(result.rejected) == [(2, "masked")]


def test_a_masked_number_says_sex_and_birth_and_who_comes_twice_as_well(people: Store, take: Take) -> None:
    masked = "*" * 14 + WANG[-4:]
    heads = ["姓名", "性别", "证件号码", "与户主关系", "劳动技能"]
    result, _plan = take(heads, ["王芳", "男", masked, "户主", "普通劳动力"], ["李强", "男", LI, "配偶", "普通劳动力"])
    assert (result.changed, messages(result.questions)) == (0, [(2, "sex")])
    result, _plan = take(heads, ["王芳", "女", masked, "户主", "普通劳动力"], ["王芳", "女", masked, "户主", "丧失劳动力"])
    assert (result.changed, messages(result.questions)) == (0, [(3, "duplicate")])


def test_a_deleted_person_does_not_count_as_found(people: Store, take: Take) -> None:
    with people.write("删除") as session:
        changes.delete(session, "person", next(p.id for p in session.select(Person) if p.name == "王芳"))
    result, _plan = take(HEADS, PEOPLE[0])
    assert result.added == 2  # the person and how they are recognised; the household is there


def test_a_formula_without_a_result_is_empty_and_said(store: Store, tmp_path: Path) -> None:
    import zipfile

    path = write_xlsx(tmp_path / "a.xlsx", [HEADS, PEOPLE[0]])
    with zipfile.ZipFile(path) as book:
        members = {name: book.read(name) for name in book.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    members[sheet] = members[sheet].replace(b'<c r="I2" t="inlineStr"><is><t>13800138001</t></is></c>', b'<c r="I2"><f>A1&amp;B1</f></c>')
    with zipfile.ZipFile(path, "w") as book:
        for name, data in members.items():
            book.writestr(name, data)
    with store.write("导入") as session:
        plan = importing.plan(session, path)
        importing.apply(session, plan)
        assert [(i.row, i.column, i.code) for i in plan.warnings] == [(2, "联系电话", "formula")]
        assert session.select(Person)[0].phone is None


def test_a_formula_that_failed_is_empty_and_said(store: Store, tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    page = book.add_worksheet()
    page.write_row(0, 0, HEADS)
    page.write_row(1, 0, PEOPLE[0][:8])
    page.write_formula(1, 8, "=A9/0", None, "#DIV/0!")
    book.close()
    with store.write("导入") as session:
        plan = importing.plan(session, tmp_path / "a.xlsx")
        importing.apply(session, plan)
        assert [(i.row, i.column, i.code) for i in plan.warnings] == [(2, "联系电话", "formula")]
        assert session.select(Person)[0].phone is None


def struck_through(path: Path, rows: Sequence[Sequence[Any]], *struck: int) -> Path:
    """A workbook of which some rows (from 1) are struck through, and a single cell of every other."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet, line = book.add_worksheet(), book.add_format({"font_strikeout": True, "border": 1})
        plain = book.add_format({"bold": True})
        for y, row in enumerate(rows):
            for x, cell in enumerate(row):
                sheet.write(y, x, cell, line if y + 1 in struck or x == 6 else plain)
    return path


def test_a_row_that_is_struck_through_waits_for_an_answer(people: Store, tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        WORK,
        ["王芳", WANG, "2026-01-01", "", DALIAN, "某厂", 5000],
        ["李强", LI, "2026-01-01", "", DALIAN, "某厂", 5000],
        ["李强", LI, "2026-01-01", "", CHANGCHUN, "另一厂", 6000],
    ]
    path = struck_through(tmp_path / "a.xlsx", rows, 3)
    with people.write("导入") as session:
        result = importing.apply(session, importing.plan(session, path))
    assert messages(result.questions) == [(3, "struck")]
    with people.read() as session:
        assert sorted(job.employer_name for job in session.select("employment")) == ["另一厂", "某厂"]


def test_a_workbook_without_struck_rows_has_none(tmp_path: Path) -> None:
    rows: list[list[Any]] = [WORK, ["王芳", WANG, "2026-01-01", "", DALIAN, "某厂", 5000]]
    data = struck_through(tmp_path / "a.xlsx", rows).read_bytes()
    assert [sheet.struck for sheet in read_workbook(data)] == [set()]


def test_cells_at_the_seam_of_two_pieces_are_counted_once() -> None:
    xml = b"".join(b'<c r="%c1" s="%d" t="s"><v>0</v></c>' % (65 + at, at < 2) for at in range(5))  # two of five are struck through
    cells = FormattedCells(frozenset({b"1"}), 100)
    cells(xml[:80])
    cells(xml)
    assert cells.whole_rows() == set()

"""Workbooks of several sheets, what is no roster, and what a stop in the middle leaves."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest

from db.store import Store
from domain.errors import DomainError, FieldError, InputUnusable, Stopped
from services import importing
from tests.rosters import id_number, registry_xlsx, write_xlsx
from tests.services.rosters_taken import DALIAN, HEADS, PEOPLE, WANG, WORK, Take, people, take

__all__ = ["people", "take"]


def test_a_workbook_of_several_sheets_people_first(store: Store, tmp_path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        for name, rows in (
            ("务工", [WORK, ["王芳", WANG, "2023-03", "", DALIAN, "甲厂", ""]]),
            ("人员", [HEADS, *PEOPLE]),
            ("说明", [["随便写写"]]),
        ):
            sheet = book.add_worksheet(name)
            for y, row in enumerate(rows):
                sheet.write_row(y, 0, row)
    with store.write("导入") as session:
        result = importing.apply(session, importing.plan(session, tmp_path / "a.xlsx"))
    assert (result.added, result.rejected) == (9, [])


@pytest.mark.parametrize("shown", [[HEADS, *PEOPLE], []])
def test_a_hidden_sheet_with_a_roster_is_named(store: Store, tmp_path: Path, shown: list[list[str]]) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        for name, rows in (("人员", shown), ("去年", [HEADS, *PEOPLE]), ("选项", [["是", "否"]])):
            sheet = book.add_worksheet(name)
            for y, row in enumerate(rows):
                sheet.write_row(y, 0, row)
            if name != "人员":
                sheet.hide()
    with store.read() as session:
        if shown:
            assert [note for note in importing.plan(session, tmp_path / "a.xlsx").notes if "隐藏" in note and "去年" in note]
        else:
            with pytest.raises(InputUnusable, match="隐藏的工作表里：去年"):
                importing.plan(session, tmp_path / "a.xlsx")


def test_headings_alone_make_nothing_and_say_so(take: Take) -> None:
    result, plan = take(HEADS)
    assert (result.batch, result.added) == (None, 0)
    assert any(note.startswith("只有表头，没有数据行") for note in plan.tables[0].notes)


@pytest.mark.parametrize("rows", [[["只有一句话"]], [["甲", "乙", "丙"], ["1", "2", "3"]], [[""]]])
def test_what_is_no_roster(take: Take, rows: list[list[str]]) -> None:
    with pytest.raises(InputUnusable):
        take(*rows)


def test_months_of_no_year_are_asked_for(people: Store, take: Take) -> None:
    with pytest.raises(InputUnusable, match="哪一年"):
        take(["解放村帮扶车间工资表"], ["姓名", "证件号码", "1月", "2月"], ["王芳", WANG, 500.0, 500.0])


def test_an_unknown_kind(take: Take) -> None:
    with pytest.raises(FieldError, match="nothing"):
        take(HEADS, *PEOPLE, kind="nothing")


@pytest.mark.parametrize("when", ["核对名册", "写入"])
def test_stopping_in_the_middle_leaves_nothing(store: Store, tmp_path: Path, when: str) -> None:
    path = registry_xlsx(tmp_path / "a.xlsx", 1500)
    seen = []

    def progress(done: int, total: int, what: str) -> None:
        seen.append((done, total, what))
        if what == when and done >= 500:
            raise Stopped("停")

    with pytest.raises(Stopped), store.write("导入") as session:
        importing.apply(session, importing.plan(session, path, progress=progress), progress)
    assert all(done <= total or total == 0 for done, total, _what in seen)
    with store.read() as session:
        assert session.count("person") == session.count("household") == 0
        assert session.conn.exec_driver_sql("SELECT count(*) FROM op").scalar_one() == 0


def test_a_store_that_changed_since_the_preview_is_compared_anew(store: Store, take: Take, tmp_path: Path) -> None:
    odd = [*PEOPLE[1][:3], "女", *PEOPLE[1][4:]]
    path = write_xlsx(tmp_path / "preview.xlsx", [HEADS, PEOPLE[0], odd])
    with store.read() as session:
        plan = importing.plan(session, path)
    plan.answer(next(row for row in plan.rows() if row.number == 3), keep=True)
    take(HEADS, PEOPLE[0])
    with store.write("导入") as session:
        result = importing.apply(session, plan)
    assert (result.added, result.unchanged, result.questions) == (2, 3, [])
    with store.read() as session:
        assert session.count("person") == 2


def test_a_plan_is_applied_only_in_a_write_session(store: Store, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [HEADS, *PEOPLE])
    with store.read() as session, pytest.raises(DomainError):
        importing.apply(session, importing.plan(session, path))


@pytest.mark.slow
def test_a_great_many_rows(store: Store, tmp_path: Path) -> None:
    """None is lost between the portions in which rows are read, matched and written, however many of these there are."""
    rng, rows = random.Random(1), 30_000
    people = (("王芳", id_number(rng, "女", n), "普通劳动力") for n in range(rows))
    path = write_xlsx(tmp_path / "a.xlsx", itertools.chain([("姓名", "证件号码", "劳动技能")], people))
    with store.write("导入") as session:
        result = importing.apply(session, importing.plan(session, path))
    assert (result.added, result.rejected, result.questions) == (rows, [], [])


def test_a_ledger_of_workshops_makes_employers(store: Store, tmp_path: Path) -> None:
    heading = ["序号", "车间名称", "统一社会信用代码", "类型", "法定代表人/负责人", "车间电话", "主营", "状态"]
    rows: list[list[object]] = [
        ["解放村就业帮扶车间台账"],
        [*heading],
        [1, "解放服装厂", "", "就业帮扶车间", "王五", "13812345678", "服装", "正常"],
    ]
    path = write_xlsx(tmp_path / "a.xlsx", rows)
    with store.write("导入") as session:
        assert importing.apply(session, importing.plan(session, path)).added == 1
    with store.read() as session:
        made = session.select("employer")[0]
    assert (made.name, made.type, made.head, made.phone, made.state) == ("解放服装厂", "workshop", "王五", "13812345678", "running")

"""An export that was worked on in a spreadsheet and comes back: only what was changed is changed, and nothing twice."""

from __future__ import annotations

import random
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from db.store import Store
from services import exporting, importing
from services.importing.columns.matching import bind
from services.importing.columns.recognising import generic_roster
from services.importing.plan import Plan
from services.importing.rows.lines import Lines
from services.importing.tables.finding import find_tables
from services.office_files.reading import read_workbook
from tests.services.rosters_taken import DALIAN, LI, WANG, WORK, ZHAO, Take, messages, people, take

__all__ = ["people", "take"]

HELD = ["保洁", "人社", "就业补助资金", 500]
POSTS = [
    "岗位名称",
    "岗位类型",
    "开发主体",
    "资金渠道",
    "待遇标准（元/月）",
    "姓名",
    "身份证号码",
    "上岗时间",
    "保险公司",
    "保单号",
    "保险起",
    "保险止",
]
INSURED = ["2026-01-01", "人保", "P1", "2026-01-01", "2026-12-31"]
Rows = list[list[Any]]
Edited = Callable[..., tuple[importing.ImportResult, Plan]]


@pytest.fixture
def ledgers(people: Store, take: Take) -> Store:
    take(WORK, ["王芳", WANG, "2026-03", "2026-11-30", DALIAN, "某厂", 4000.5], ["李强", LI, "2026-03-05", "", DALIAN, "某厂", 3000])
    take(["解放村帮扶车间2026年工资表"], ["姓名", "身份证号", "1月", "2月"], ["王芳", WANG, 1000, 1100.5], ["赵敏", ZHAO, 900, 800])
    take(["公益性岗位台账"], POSTS, ["保洁员", *HELD, "王芳", WANG, *INSURED], ["保洁员", *HELD, "李强", LI, *INSURED])
    return people


@pytest.fixture
def edited(ledgers: Store, tmp_path: Path) -> Edited:
    def edited(kind: str, change: Callable[[Rows], Rows], *, plain: bool = True) -> tuple[importing.ImportResult, Plan]:
        path = tmp_path / "edited.xlsx"
        with ledgers.read() as session:
            exporting.export(session, kind, path, plain=plain)
        book = openpyxl.load_workbook(path)
        for sheet in book.worksheets:
            rows = [list(row) for row in sheet.iter_rows(values_only=True)]
            head = next((at for at, row in enumerate(rows) if "记录编号" in row), None)
            if head is None:
                continue
            sheet.delete_rows(head + 1, sheet.max_row)
            for row in change(rows[head:]):
                sheet.append(row)
        book.save(path)
        with ledgers.write("导入") as session:
            plan = importing.plan(session, path)
            return importing.apply(session, plan), plan

    return edited


def dump(store: Store) -> str:
    with store.read() as session:
        text = StringIO()
        exporting.export(session, "all", text, plain=True)
        return text.getvalue()


def sorted_anew(rows: Rows) -> Rows:
    return [rows[0], *rows[:0:-1]]


def columns_about(rows: Rows) -> Rows:
    order = list(range(len(rows[0])))
    random.Random(3).shuffle(order)
    return [[row[at] for at in order] for row in rows]


def without(*names: str) -> Callable[[Rows], Rows]:
    def change(rows: Rows) -> Rows:
        kept = [at for at, name in enumerate(rows[0]) if name not in names]
        return [[row[at] for at in kept] for row in rows]

    return change


def with_cell(name: str, value: Any, row: int = 1) -> Callable[[Rows], Rows]:
    def change(rows: Rows) -> Rows:
        rows[row][rows[0].index(name)] = value
        return rows

    return change


def with_copy(**cells: Any) -> Callable[[Rows], Rows]:
    def change(rows: Rows) -> Rows:
        copied = [cells.get(str(name), cell) for name, cell in zip(rows[0], rows[1], strict=True)]
        return [*rows, copied]

    return change


@pytest.mark.parametrize(
    "change", [sorted_anew, columns_about, without("聘用编码", "人员编码", "岗位编码", "务工记录编码", "户编码", "户主编码")]
)
def test_sorting_moving_and_leaving_out_columns_change_nothing(ledgers: Store, edited: Edited, change: Callable[[Rows], Rows]) -> None:
    before = dump(ledgers)
    result, _plan = edited("all", change)
    assert (result.added, result.changed, result.rejected, result.questions, result.warnings) == (0, 0, [], [], [])
    assert dump(ledgers) == before


def test_one_cell_changes_one_field(ledgers: Store, edited: Edited) -> None:
    before = dump(ledgers)
    result, _plan = edited("employment", with_cell("工种", "缝纫工"))
    assert (result.added, result.changed) == (0, 1)
    after = dump(ledgers)
    assert len(set(after.splitlines()) ^ set(before.splitlines())) == 2
    assert after.count("缝纫工") == 1


def test_in_a_masked_export_sex_is_held_against_the_number_and_stars_changed_are_refused_in_their_column(edited: Edited) -> None:
    result, _plan = edited("person", with_cell("性别", "境外"), plain=False)
    assert [issue.column for issue in result.rejected] == ["性别"]
    result, _plan = edited("person", with_cell("出生日期", "1960-01-01"), plain=False)
    assert (result.changed, [code for _row, code in messages(result.questions)]) == (0, ["birth"])
    result, _plan = edited("person", with_cell("联系电话", "139****0000"), plain=False)
    assert [(issue.column, issue.code) for issue in result.rejected] == [("联系电话", "masked")]


def test_as_above_in_an_exported_sheet_is_as_above(ledgers: Store, edited: Edited) -> None:
    result, plan = edited("employment", with_cell("务工企业名称", "同上", 2))
    assert (result.rejected, [issue.code for issue in plan.repaired]) == ([], ["ditto"])
    assert "同上" not in dump(ledgers)


def test_a_name_changed_beside_its_id_is_told(edited: Edited) -> None:
    result, _plan = edited("insurance", with_cell("聘用", "赵敏 2026-01-01"))
    assert (result.changed, [code for _row, code in messages(result.warnings)]) == (0, ["misnamed"])


def test_a_row_copied_without_its_id_is_found_again(ledgers: Store, edited: Edited) -> None:
    before = dump(ledgers)
    result, _plan = edited("employment", with_copy(记录编号=None))
    assert (result.added, [code for _row, code in messages(result.questions)]) == (0, ["duplicate"])
    assert dump(ledgers) == before


def test_another_amount_for_a_paid_month_without_an_id_is_asked_about(ledgers: Store, edited: Edited) -> None:
    before = dump(ledgers)
    result, _plan = edited("wage", with_copy(记录编号=None, 金额=7777))
    assert (result.added, [code for _row, code in messages(result.questions)]) == (0, ["paid"])
    assert dump(ledgers) == before


def test_a_new_row_is_a_new_record(edited: Edited) -> None:
    result, _plan = edited("employment", with_copy(记录编号=None, 人员="赵敏", 人员编码=None, 区划代码=None))
    assert (result.added, result.changed, result.questions) == (1, 0, [])


def test_a_columns_cells_are_written_out_once(ledgers: Store, tmp_path: Path) -> None:
    """For each row anew they took two minutes for ten thousand people."""
    with ledgers.read() as session:
        exporting.export(session, "person", tmp_path / "people.xlsx", plain=True)
        found = find_tables(read_workbook((tmp_path / "people.xlsx").read_bytes())[0])[0]
    lines = Lines(found, bind(found, generic_roster("person")), home="230826101202")
    assert lines.written("person.household_id") is lines.written("person.household_id")
    assert lines.text("person.household_id") is lines.text("person.household_id")

"""Any list on paper and as a workbook: what is shown and nothing else."""

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog

from desktop.ledgers.page import LedgersPage
from desktop.ledgers.page import build as build_ledgers
from desktop.paper import lists
from desktop.paper.lists import ListPaper
from desktop.widgets import dialogs
from desktop.widgets.basics import bind
from desktop.widgets.form_preview import FormPreview
from desktop.widgets.ledger_model import Column
from domain import clock
from services.printed_lists import MOST_ROWS
from tests.qt.people_page import ids, page, station
from tests.qt.village import NUMBERS

__all__ = ["ids", "page", "station"]


@pytest.fixture
def preview(monkeypatch):
    """Every preview that was opened, instead of waiting for somebody."""
    opened: list[FormPreview] = []
    monkeypatch.setattr(FormPreview, "run", lambda self: opened.append(self))
    return opened


def save_as(monkeypatch, file: Path) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(file), ""))


def name_asked(monkeypatch) -> list[str]:
    """The names that are proposed for files; nothing is written."""
    asked: list[str] = []

    def ask(_parent: object, _title: str, name: str, *_args: str) -> tuple[str, str]:
        asked.append(name)
        return "", ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    return asked


def cells(paper: ListPaper) -> list[list[str]]:
    (sheet,) = paper._sheets
    return [sheet.table.heading, *sheet.table.rows]


def test_the_list_of_people_is_printed_as_it_is_narrowed(page, qtbot, preview) -> None:
    page.list.chips.choose("working")
    page.list.table.table.setFocus()
    qtbot.keyClick(page.list.table.table, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    (shown,) = preview
    assert shown.paper.title == "人员（务工中）"
    printed = cells(shown.paper)
    assert [line[0] for line in printed] == ["姓名", "王秀兰", "赵福生"]
    assert "138****0217" in printed[1]  # masked as on the screen, and no way to have it in full from here
    assert not shown.reveal.isVisible()
    shown.deleteLater()


@pytest.mark.parametrize(("key", "does"), [(Qt.Key.Key_P, "print"), (Qt.Key.Key_E, "save")])
def test_the_keys_work_wherever_on_the_page_the_focus_is(page, qtbot, preview, monkeypatch, key, does: str) -> None:
    asked = name_asked(monkeypatch)
    choices = QComboBox()
    choices.addItems(["全部", "省外"])
    page.list.table.bar.addWidget(choices)
    choices.show()
    places = (page.list.line, page.list.chips.buttons["working"], choices, page.list.views, page.list.table.table)
    for place in places:
        place.setFocus()
        assert QApplication.focusWidget() is place
        qtbot.keyClick(place, key, Qt.KeyboardModifier.ControlModifier)
    assert (len(preview), len(asked)) == ((len(places), 0) if does == "print" else (0, len(places)))
    for shown in preview:
        shown.deleteLater()


def test_where_the_page_has_another_meaning_for_a_key_the_list_leaves_it_alone(page, qtbot, preview) -> None:
    called: list[str] = []
    bind(page.list, "Ctrl+P", lambda: called.append("list"))
    for place in (page.list.line, page.header.buttons[0]):  # within what has bound it, and beside
        place.setFocus()
        qtbot.keyClick(place, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    assert called == ["list"] and not preview


def test_numbers_that_were_searched_for_are_masked_on_paper_and_in_no_file_name(page, preview, monkeypatch) -> None:
    asked = name_asked(monkeypatch)
    number = NUMBERS[0]
    page.list.table.set_search(number)
    page.list.table.reload()
    page.list.table.print()
    (shown,) = preview
    assert shown.paper.title == f"人员（{'*' * 14}{number[-4:]}）"
    shown.saves[".pdf"].click()
    shown.saves[".xlsx"].click()
    page.list.table.save()
    name = f"人员 横头山镇 · 解放村 {clock.today()}"
    assert asked == [f"{name}.pdf", f"{name}.xlsx", f"{name}.xlsx"]
    shown.deleteLater()


def test_a_name_for_a_file_holds_nothing_windows_refuses() -> None:
    assert dialogs.file_name('a: *?"<>|\\/\nb') == "a b"
    assert (dialogs.file_name("CON"), dialogs.file_name("车间 ."), len(dialogs.file_name("长" * 300))) == ("_CON", "车间", 99)


def test_lines_that_are_marked_before_another_search_are_not_what_is_printed(page, preview) -> None:
    page.list.table.table.selectAll()
    page.list.table.set_search("sun")  # not listed yet
    page.list.table.print()
    (shown,) = preview
    assert shown.paper.title == "人员（sun）" and [line[0] for line in cells(shown.paper)[1:]] == ["孙玉梅"]
    shown.deleteLater()


def test_lines_that_are_marked_are_printed_alone(page, preview) -> None:
    page.list.table.table.setSelectionMode(page.list.table.table.SelectionMode.MultiSelection)
    for line in (0, 2):
        page.list.table.table.selectRow(line)
    page.list.table.print()
    (shown,) = preview
    assert shown.paper.title == "人员（选中的 2 条）"
    assert [line[0] for line in cells(shown.paper)[1:]] == ["孙玉梅", "赵福生"]
    shown.deleteLater()


def test_a_workbook_holds_what_is_shown_and_figures_that_add_up(page, qtbot, frame, tmp_path, monkeypatch) -> None:
    save_as(monkeypatch, tmp_path / "给乡镇")  # the ending is put on by itself
    page.list.line.setText("sun")
    page.list.table.set_search("sun")
    page.list.table.reload()
    qtbot.keyClick(page.list.table.table, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert frame.messages[-1] == "已保存到 给乡镇.xlsx"
    sheet = load_workbook(tmp_path / "给乡镇.xlsx")["人员"]
    heading, *rows = sheet.iter_rows(values_only=True)
    assert heading[:3] == ("姓名", "性别", "年龄")
    assert [row[0] for row in rows] == ["孙玉梅"]
    assert isinstance(rows[0][2], int)


def test_the_heading_names_the_ledger_that_is_listed(station, ids, frame, qtbot, preview) -> None:
    """台账 shows one after another in the same place."""
    page = build_ledgers(frame, station)
    assert isinstance(page, LedgersPage)
    qtbot.addWidget(page)
    page.opened(kind="person")
    page.table.print()
    (shown,) = preview
    assert shown.paper.title == "人员"
    shown.deleteLater()


def test_an_empty_list_is_said_and_not_printed(empty_station, frame, qtbot, preview) -> None:
    page = build_ledgers(frame, empty_station)
    assert isinstance(page, LedgersPage)
    qtbot.addWidget(page)
    page.opened(kind="person")
    page.table.print()
    assert preview == []
    assert "没有可打印" in frame.messages[-1]


def test_a_text_that_looks_like_a_formula_stays_a_text() -> None:
    figures, words = Column[Any]("n", "人数", right=True), Column[Any]("w", "备注")
    assert lists._cell(figures, "12,345.50") == 12345.5
    assert lists._cell(figures, "1304 天") == "1304 天"
    assert lists._cell(figures, "=1+1") == "=1+1"
    assert lists._cell(words, "123") == "123"


def test_a_list_nobody_prints_is_refused_in_a_sentence(frame, qtbot, preview) -> None:
    many = [str(n) for n in range(MOST_ROWS + 1)]
    listing = lists.Listing("人员", "", [Column[Any]("n", "号")], lambda: many, lambda ids, _keys: [{"id": id, "n": id} for id in ids])
    lists.show(frame, None, listing)
    assert not preview and "超过 20000 行" in str(frame.errors[0])


def test_a_file_that_cannot_be_written_is_said_and_leaves_nothing(page, frame, tmp_path, monkeypatch) -> None:
    save_as(monkeypatch, tmp_path / "没有这个文件夹" / "名单.xlsx")
    page.list.table.save()
    assert len(frame.errors) == 1 and "请换一个" in str(frame.errors[0])
    assert not (tmp_path / "没有这个文件夹").exists()

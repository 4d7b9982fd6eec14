"""报表 → 填上级表格 with a real store behind it: a sheet chosen, seen filled in, filled in again, saved in full or masked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent

from db import unmasked
from desktop.reports.page import build
from desktop.reports.papers_tab import ChooseRecord
from desktop.widgets import dialogs
from domain import clock
from domain.periods import add_months
from services import records
from tests.qt.village import NUMBERS, settle
from tests.word import lists, text


@pytest.fixture
def tab(in_front, frame, station):
    page = in_front(build(frame, station))
    settle(station.store)
    page.opened(tab="fill")
    return page.fill


def sheet(folder: Path, *rows: list[Any]) -> Path:
    made = Workbook()
    headings: tuple[list[Any], ...] = (["人员名单"], ["姓名", "证件号码", "联系电话", "是否公益岗"])
    for row in (*headings, *rows):
        made.worksheets[0].append(row)
    made.save(folder / "来表.xlsx")
    return folder / "来表.xlsx"


def texts(tab) -> list[list[str]]:
    model = tab.sheet.model()
    return [[model.text(n, m) for m in range(model.columnCount())] for n in range(model.rowCount())]


def test_a_sheet_is_shown_filled_in_with_what_is_new_marked_and_numbers_masked(tab, tmp_path) -> None:
    tab.take(sheet(tmp_path, ["孙玉梅"], ["钱无此人"]))
    (name, number, *_more), other = texts(tab)
    assert name == "孙玉梅" and number.startswith("****") and number.endswith(NUMBERS[4][-4:])
    assert other == ["钱无此人", "", "", ""]
    assert set(tab.sheet.model().tones) == {("3", "1"), ("3", "3")}, "a telephone is not on record"
    assert "表上有 2 人，台账里找到 1 人" in tab.summary.text()
    assert tab.views.buttons["remarks"].text().endswith("1")
    assert not tab.who.isVisible()


def test_f5_fills_in_again_once_somebody_was_registered(tab, tmp_path, station, qtbot) -> None:
    tab.take(sheet(tmp_path, ["钱多"]))
    assert texts(tab)[0][1] == ""
    with station.store.write("登记") as session:
        who = {"name": "钱多", "document": "other", "id_number": "旧证", "labour": "ordinary"}
        records.save(session, "person", who)
    qtbot.keyClick(tab, Qt.Key.Key_F5)
    assert texts(tab)[0][1] != ""


def test_a_form_of_one_person_asks_whose_it_is(tab, tmp_path, monkeypatch, station) -> None:
    made = Workbook()
    lines: tuple[list[Any], ...] = (
        ["就业登记表"],
        ["姓名", None, "性别", None],
        ["身份证号", None, "户主姓名", None],
        ["是否公益岗", None, "签字", None],
    )
    for line in lines:
        made.worksheets[0].append(line)
    made.worksheets[0]["D4"].value = " "  # the sheet reaches so far
    made.save(tmp_path / "登记表.xlsx")
    tab.take(tmp_path / "登记表.xlsx")
    assert tab.pick.isVisible() and not tab.who.isVisible() and "请选是谁的" in tab.summary.text()

    def choose(dialog: ChooseRecord) -> bool:
        with station.store.read() as session:
            dialog.id = next(one.id for one in session.select("person") if one.name == "孙玉梅")
        return True

    monkeypatch.setattr(ChooseRecord, "run", choose)
    tab.pick.click()
    assert ["姓名", "孙玉梅"] in texts(tab) and ["是否公益岗", "否"] in texts(tab)
    assert NUMBERS[4] not in str(texts(tab))


def test_the_sheet_that_came_is_not_written_over(tab, tmp_path, monkeypatch, frame) -> None:
    file = sheet(tmp_path, ["孙玉梅"])
    before = file.read_bytes()
    monkeypatch.setattr(dialogs, "save_as", lambda *_given: file)
    tab.take(file)
    tab.save.click()
    assert file.read_bytes() == before and "换一个文件名" in frame.messages[-1]


def test_a_word_document_is_saved_as_one(tab, tmp_path, monkeypatch) -> None:
    file = tmp_path / "来表.docx"
    file.write_bytes(lists("名单", ["姓名", "身份证号码", "性别"], ["孙玉梅", "", ""]))
    monkeypatch.setattr(dialogs, "save_as", lambda _parent, _title, name, kinds: Path(name) if "docx" in kinds else None)
    monkeypatch.setattr(dialogs, "ask", lambda *_words, **_more: False)
    tab.take(file)
    assert "Word" in tab.save.text()
    tab.save.click()
    assert ">女</w:t>" in text((tmp_path / "来表（已填）.docx").read_bytes())


def test_who_declines_to_give_a_reason_saves_nothing(tab, tmp_path, monkeypatch, frame) -> None:
    monkeypatch.setattr(dialogs, "save_as", lambda *_given: tmp_path / "填好.xlsx")
    monkeypatch.setattr(dialogs, "ask", lambda *_words, **_more: True)
    monkeypatch.setattr(frame, "reason", lambda _usual: None)
    tab.take(sheet(tmp_path, ["孙玉梅"]))
    tab.save.click()
    assert not (tmp_path / "填好.xlsx").exists()


def test_enter_on_a_remark_opens_the_person_or_the_form_to_register_one(tab, tmp_path, frame, qtbot) -> None:
    tab.take(sheet(tmp_path, ["钱多"], ["王秀兰", NUMBERS[0], "13900000000"]))
    tab.views.buttons["remarks"].click()
    for n, page in ((0, "register"), (1, "people")):
        tab.remarks.table.selectRow(n)
        qtbot.keyClick(tab.remarks.table, Qt.Key.Key_Return)
        assert frame.opened[-1][0] == page


def test_a_table_without_names_asks_for_a_list(tab, tmp_path) -> None:
    tab.take(sheet(tmp_path))
    assert tab.who.isVisible() and texts(tab) == []
    assert tab.nothing.title.text() == "还没有填", "nobody was looked for yet"
    tab.who.setCurrentIndex(tab.who.findData("all"))
    tab.who.activated.emit(1)
    assert {row[0] for row in texts(tab)} >= {"孙玉梅", "赵雨桐"}
    assert tab.who.isVisible()


def test_arrow_keys_go_through_the_lists_of_people(tab, tmp_path, qtbot) -> None:
    tab.take(sheet(tmp_path))
    for chosen in (1, 2):
        assert tab.who.hasFocus()
        qtbot.keyClick(tab.who, Qt.Key.Key_Down)
        assert tab.who.currentIndex() == chosen


@pytest.mark.parametrize("full", [True, False])
def test_it_is_saved_in_full_only_with_a_reason_which_is_kept(tab, tmp_path, monkeypatch, station, frame, qtbot, full) -> None:
    file = sheet(tmp_path, ["孙玉梅"])
    offered: list[str] = []

    def save_as(_parent: object, _title: str, name: str, _kinds: str) -> object:
        offered.append(name)
        return tmp_path / "填好.xlsx"

    monkeypatch.setattr(dialogs, "save_as", save_as)
    monkeypatch.setattr(dialogs, "ask", lambda *_words, **_more: full)
    tab.take(file)
    qtbot.keyClick(tab, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    number = load_workbook(tmp_path / "填好.xlsx").worksheets[0]["B3"].value
    assert number == NUMBERS[4] if full else number.startswith("****")
    assert offered == [str(tmp_path / "来表（已填）.xlsx")]
    assert load_workbook(file).worksheets[0]["B3"].value is None, "what came stays as it came"
    with station.store.read() as session:
        kept = [view for view in unmasked.views(session) if view.what == "fill 来表.xlsx"]
    assert len(kept) == full


def test_a_sheet_that_is_dropped_on_it_is_filled_in(tab, tmp_path) -> None:
    dropped = QMimeData()
    dropped.setUrls([QUrl.fromLocalFile(str(sheet(tmp_path, ["孙玉梅"])))])
    at, left, none = QPointF(5, 5), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    tab.dropEvent(QDropEvent(at, Qt.DropAction.CopyAction, dropped, left, none))
    assert [row[0] for row in texts(tab)] == ["孙玉梅"]


def test_a_sheet_is_saved_under_its_own_name_after_another_could_not_be_read(tab, tmp_path, monkeypatch, frame) -> None:
    """The lines of the first were offered as （已填） of the second."""
    offered: list[str] = []
    monkeypatch.setattr(dialogs, "save_as", lambda _parent, _title, name, _kinds: offered.append(name))
    tab.take(sheet(tmp_path, ["孙玉梅"]))
    (tmp_path / "x.xlsx").write_bytes(b"no workbook")
    tab.take(tmp_path / "x.xlsx")
    tab.save.click()
    assert frame.errors and "来表.xlsx" in tab.summary.text()
    assert offered == [str(tmp_path / "来表（已填）.xlsx")]


def test_f4_asks_for_nobody_where_no_form_is_shown(tab, tmp_path, monkeypatch, qtbot) -> None:
    asked: list[ChooseRecord] = []
    monkeypatch.setattr(ChooseRecord, "run", lambda dialog: asked.append(dialog))
    for _each in range(2):
        qtbot.keyClick(tab, Qt.Key.Key_F4)
        tab.take(sheet(tmp_path, ["孙玉梅"]))
    assert not asked


def test_what_is_no_sheet_about_people_is_told(tab, tmp_path, frame) -> None:
    (tmp_path / "x.xlsx").write_bytes(b"no workbook")
    tab.take(tmp_path / "x.xlsx")
    assert frame.errors and tab.filled is None


def test_the_month_of_a_table_of_figures_is_chosen_on_the_page(tab, tmp_path, qtbot) -> None:
    made, before = Workbook(), add_months(clock.today()[:7], -1)
    for line in (["就业统计表"], ["村", "劳动力人数", "务工人数"], ["本村", None, None]):
        made.worksheets[0].append(line)
    made.save(tmp_path / "统计.xlsx")
    tab.take(tmp_path / "统计.xlsx")
    assert tab.month.isVisible() and tab.month.currentData() == clock.today()[:7]
    tab.month.setFocus()
    qtbot.keyClick(tab.month, Qt.Key.Key_Down)
    assert tab.month.currentData() == before and before in tab.notes.text() and tab.month.hasFocus()
    qtbot.keyClick(tab, Qt.Key.Key_F5)
    assert before in tab.notes.text()
    tab.take(sheet(tmp_path, ["孙玉梅"]))
    assert not tab.month.isVisible()

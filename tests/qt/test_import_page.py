"""导入 with a real store and the sample rosters: what is shown agrees with their answers, and what is shown is what is done."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from desktop.importing.page import ImportPage, build
from desktop.importing.preview import advice
from desktop.station import Station
from desktop.widgets import dialogs, writing
from desktop.widgets.basics import Button
from desktop.widgets.line_editors import LineEditor
from domain import words
from domain.errors import Stopped
from domain.words import lazy
from services import importing, records
from services.importing import blank
from services.importing.columns.recognising import recognise
from services.importing.tables.finding import find_tables
from services.office_files.reading import load, read_workbook
from tests.paths import ROOT
from tests.services import rosters_taken

SAMPLES = ROOT / "resources" / "samples"
ANSWERS = json.loads((SAMPLES / "answers.json").read_text(encoding="utf-8"))
WHOLE_NUMBER = re.compile(r"\d{17}[\dXx]")


@pytest.fixture
def store(make_store):
    return make_store()


@pytest.fixture
def page(in_front, frame, store):
    return in_front(build(frame, Station(store)))


def take(page: ImportPage, *names: str) -> None:
    page.opened(files=[str(SAMPLES / name) for name in names])


def count(store, kind: str) -> int:
    with store.read() as session:
        return int(session.count(kind))


def stopped(what, work, done, failed, *, lane="db") -> None:
    """Long work that somebody stops under way."""

    def progress(number: int, total: int, said: str) -> None:
        if number:
            raise Stopped("已停止，什么都没有改变")

    try:
        work(progress)
    except Stopped as error:
        failed(error)


def texts(widget) -> str:
    QCoreApplication.sendPostedEvents()  # what was put into a layout just now is shown by a posted event
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


def rows_shown(page: ImportPage) -> list[list[str]]:
    rows = page.preview.list.rows
    return [[str(rows.index(r, c).data()) for c in range(rows.columnCount())] for r in range(rows.rowCount())]


def roster(folder: Path, *lines: tuple[str, ...], name: str = "名册.csv") -> Path:
    file = folder / name
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("户编号", "姓名", "证件号码", "与户主关系", "联系电话"), *lines])
    return file


def test_the_preview_agrees_with_the_answers(page) -> None:
    take(page, "registry.xlsx")
    groups = page.model.file.preview.groups
    lines = page.model.file.preview.lines
    expected = ANSWERS["registry.xlsx"]
    for group, key in (("refused", "rejected"), ("question", "questions"), ("repair", "repaired")):
        assert sorted(lines[n].row.number for n in groups[group]) == sorted(one["row"] for one in expected[key])
    assert page.preview.chips.buttons["refused"].text() == "拒收 7"
    page.preview.chips.choose("refused")
    assert [row[0] for row in rows_shown(page)] == [str(one["row"]) for one in expected["rejected"]]
    assert "新增 户 150" in page.preview.summary.text()
    page.preview.tabs.tabs.choose("columns")
    assert "表头在第 3 行" in texts(page.preview)
    assert "认出 20 列" in texts(page.preview)


def test_a_file_that_makes_the_program_fail_leaves_the_page_usable(page, frame, monkeypatch, tmp_path) -> None:
    """The page said 正在读名册 for ever, and the other files were never read."""
    good = roster(tmp_path, ("H1", "甲", "", "户主", ""), name="好.csv")
    bad = roster(tmp_path, ("H1", "甲", "", "户主", ""), name="坏.csv")
    plan = importing.plan

    def broken(session, path, **how):
        if path == bad:
            raise ZeroDivisionError
        return plan(session, path, **how)

    monkeypatch.setattr(importing, "plan", broken)
    page.opened(files=[str(bad), str(good)])
    assert isinstance(frame.errors[-1], ZeroDivisionError)
    assert not page.model.busy and {file.path.name: file.state == "bad" for file in page.model.files} == {"坏.csv": True, "好.csv": False}
    page.model.choose(page.model.files.index(next(file for file in page.model.files if file.path == bad)))
    assert page.stack.currentWidget() is page.error and "坏.csv" in texts(page.error)


def test_a_choice_that_makes_the_program_fail_is_taken_back(page, frame, monkeypatch) -> None:
    take(page, "registry.xlsx")

    def broken(*_args: object, **_how: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(importing, "plan", broken)
    page.model.assign(0, "姓名", "")
    assert isinstance(frame.errors[-1], ZeroDivisionError)
    assert page.model.file.state == "ready" and page.stack.currentWidget() is page.preview


def test_a_refused_row_says_what_is_wrong_and_what_to_do(page) -> None:
    take(page, "registry.xlsx")
    page.preview.chips.choose("refused")
    said = texts(page.preview.detail)
    assert "第 46 行" in said
    assert "校验位不对" in said
    assert advice("checksum") in said
    assert not page.preview.detail.answer.isVisibleTo(page)


def test_whom_a_roster_does_not_name_is_listed_and_can_be_handed_on(page, store, monkeypatch, tmp_path) -> None:
    take(page, "registry.xlsx")
    page.model.apply()
    with store.write("造数") as session:
        person = {"name": "后来的", "document": "other", "id_number": "A123456789", "labour": "ordinary"}
        id = records.save(session, "person", person)
        records.save(session, "category_span", {"person_id": id, "category": "lifted", "start": "2020"})
    take(page, "registry.xlsx")
    tabs = page.preview.tabs.tabs
    tabs.choose("absent")
    assert "后来的" in texts(page.preview) and "脱贫人口" in texts(page.preview)
    assert "A123456789" not in texts(page.preview)
    file = tmp_path / "没有.xlsx"
    monkeypatch.setattr(dialogs, "save_as", lambda _page, _title, name: file if "registry" in name else None)
    next(one for one in page.preview.findChildren(QPushButton) if one.text() == "导出名单").click()
    told = [cell for row in read_workbook(load(file))[0].rows for cell in row]
    assert "后来的" in told and "A123456789" not in told


def test_no_whole_number_is_ever_shown(page, tmp_path) -> None:
    take(page, "registry.xlsx")
    preview = page.model.file.preview
    shown = [cell for row in rows_shown(page) for cell in row]
    for number in range(len(preview.lines)):
        detail = preview.detail(number)
        shown += [issue.value + issue.message for issue in detail.issues]
        shown += [cell for made in detail.made for row in made.cells for cell in row if made.title != "新增 户"]
    page.model.apply()
    page.model.save_refused(tmp_path / "拒收.xlsx")
    shown += [str(cell) for row in read_workbook(load(tmp_path / "拒收.xlsx"))[0].rows for cell in row]
    cells = {str(cell)[:18] for row in read_workbook(load(SAMPLES / "registry.xlsx"))[0].rows[3:] for cell in row}
    numbers = {cell for cell in cells if WHOLE_NUMBER.fullmatch(cell)}
    assert len(numbers) > 400
    assert not [text for text in shown for found in WHOLE_NUMBER.finditer(text) if found[0] in numbers]
    assert not any(re.fullmatch(r"1[3-9]\d{9}", cell) for cell in shown)


def test_a_question_is_answered_by_a_key(page, store) -> None:
    take(page, "registry.xlsx")
    assert page.preview.chips.on() == {"question"}
    before = page.model.file.preview.to_write()
    page.preview.list.setFocus()
    QTest.keyClick(page.preview.list, Qt.Key.Key_1)
    assert rows_shown(page)[0][1] == "疑点 收下"
    assert page.preview.list.currentIndex().row() == 1
    assert page.model.file.preview.to_write() > before
    assert page.go.text() == f"导入 {page.model.file.preview.to_write():,} 条"
    page.preview.list.selectRow(0)
    QTest.keyClick(page.preview.list, Qt.Key.Key_2)
    assert page.model.file.preview.to_write() == before
    page.preview.list.selectRow(1)
    page.preview.detail.take.click()
    page.model.apply()
    assert count(store, "person") == ANSWERS["registry.xlsx"]["people_if_all_questions_kept_out"] + 1


def test_importing_the_same_file_twice_changes_nothing(page, store, frame) -> None:
    take(page, "registry.xlsx")
    QTest.keyClick(page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert page.stack.currentWidget() is page.result
    assert page.result.written.text() == "新增 1,000 条，变更 0 条，不变 0 条。"
    assert "7 行拒收、4 行疑点" in page.result.left_out.text()
    assert frame.changes
    take(page, "registry.xlsx")
    assert page.go.text() == "没有变化"
    assert not page.go.isEnabled()
    assert "没有变化" in page.preview.summary.text()
    assert count(store, "person") == 425


def test_the_whole_way_by_keys(page, store, monkeypatch, qapp) -> None:
    monkeypatch.setattr(dialogs, "open_files", lambda *_given: [SAMPLES / "registry.xlsx", SAMPLES / "training.xlsx"])
    page.start.choose.setFocus()
    QTest.keyClick(qapp.focusWidget(), Qt.Key.Key_Return)
    assert qapp.focusWidget() is page.preview.list
    for _file in range(2):
        QTest.keyClick(qapp.focusWidget(), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        assert page.stack.currentWidget() is page.result
        assert qapp.focusWidget() is page.result.next
        QTest.keyClick(qapp.focusWidget(), Qt.Key.Key_Return)
    assert page.stack.currentWidget() is page.start
    assert count(store, "enrolment") == ANSWERS["training.xlsx"]["enrolments"]


def test_a_whole_import_is_taken_back(page, store, monkeypatch) -> None:
    monkeypatch.setattr(dialogs, "ask", lambda *_args, **_words: True)
    take(page, "registry.xlsx")
    page.model.apply()
    page.result.undo.click()
    assert count(store, "person") == count(store, "household") == 0
    assert "取消新增 1,000 条" in page.result.written.text()
    page.model.next()
    assert page.stack.currentWidget() is page.start
    assert "已撤销" in texts(page.start)
    assert page.start.undo_buttons == {}


def test_a_taking_back_that_is_stopped_takes_nothing_back(page, store, frame, monkeypatch) -> None:
    """停止 stood beside it, and stopped nothing."""
    monkeypatch.setattr(dialogs, "ask", lambda *_args, **_words: True)
    take(page, "registry.xlsx")
    page.model.apply()
    page.model._frame.run_long = stopped
    page.result.undo.click()
    assert count(store, "person") == 425
    assert isinstance(frame.errors[-1], Stopped) and not page.model.busy


def test_ctrl_enter_takes_nothing_in_for_who_may_only_look(in_front, frame, store) -> None:
    told: list[str] = []
    writing.forbid("您只能看", told.append)
    page = in_front(build(frame, Station(store)))
    take(page, "registry.xlsx")
    QTest.keyClick(page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert (told, frame.errors, count(store, "person")) == (["您只能看"], [], 0)


def test_the_result_knows_when_the_windows_undo_took_it_back(page, store) -> None:
    take(page, "registry.xlsx")
    page.model.apply()
    with store.write("撤销") as session:
        records.undo_last(session)
    page.refresh()
    assert "已撤销" in page.result.title.text()
    assert "取消新增 1,000 条" in page.result.written.text()
    assert page.result.undo.isHidden()
    with store.write("重做") as session:
        records.redo_last(session)
    page.refresh()
    assert "已导入" in page.result.title.text()
    assert not page.result.undo.isHidden()


def test_an_earlier_import_is_taken_back_from_the_list(page, store, frame, monkeypatch) -> None:
    take(page, "registry.xlsx")
    page.model.apply()
    with store.write("登记 张三") as session:
        records.save(session, "person", {"name": "张三", "document": "other", "id_number": "A1", "labour": "ordinary"})
    page.model.close()
    assert [act.label for act in page.model.earlier] == ["导入 registry.xlsx（425 行）"]
    asked: list[str] = []

    def ask(_parent, title, *_args, **_words) -> bool:
        asked.append(title)
        return True

    monkeypatch.setattr(dialogs, "ask", ask)
    next(iter(page.start.undo_buttons.values())).click()
    assert asked == ["撤销「导入 registry.xlsx（425 行）」？"]
    assert count(store, "person") == 1
    assert "已撤销" in frame.messages[-1]


def test_an_import_made_in_the_other_language_is_in_the_list(page, store) -> None:
    words.set_language("en")
    with store.write(lazy(importing.LABEL, file="people.xlsx")) as session:
        records.save(session, "person", {"name": "张三", "document": "other", "id_number": "A1", "labour": "ordinary"})
    with store.write("登记 导入") as session:
        records.save(session, "person", {"name": "李四", "document": "other", "id_number": "A2", "labour": "ordinary"})
    words.set_language("zh")
    page.refresh()
    assert [act.label for act in page.model.earlier] == ["导入 people.xlsx"]


def test_imports_of_earlier_releases_are_in_the_list(page, store) -> None:
    """They kept a sentence as it was shown. After an upgrade the list was empty."""
    for n, label in enumerate(("导入 registry.xlsx（425 行）", "Import people.xlsx", "登记 导入")):
        with store.write(label) as session:
            records.save(session, "person", {"name": "张三", "document": "other", "id_number": f"A{n}", "labour": "ordinary"})
    page.refresh()
    assert [act.label for act in page.model.earlier] == ["Import people.xlsx", "导入 registry.xlsx（425 行）"]


def test_several_files_go_in_people_first(page, store) -> None:
    take(page, "wages.xlsx", "work.xlsx", "registry.xlsx", "workshop.xlsx")
    assert [file.path.name for file in page.model.files] == ["registry.xlsx", "workshop.xlsx", "work.xlsx", "wages.xlsx"]
    assert page.files.entries[3].note == "先导入别的文件，再读这个"
    seen = []
    while page.model.file is not None:
        seen.append((page.model.file.path.name, page.model.file.state))
        page.model.apply()
        page.model.next()
    assert seen == [(name, "ready") for name in ("registry.xlsx", "workshop.xlsx", "work.xlsx", "wages.xlsx")]
    assert count(store, "wage") == ANSWERS["wages.xlsx"]["wage_lines"]
    assert page.stack.currentWidget() is page.start


def test_a_changed_row_shows_old_and_new_masked(page, tmp_path) -> None:
    number = "230826197908178768"
    page.opened(files=[str(roster(tmp_path, ("001", "田玉华", number, "户主", "13101064292")))])
    page.model.apply()
    page.opened(files=[str(roster(tmp_path, ("001", "田玉华", number, "户主", "13101060001")))])
    assert page.preview.chips.on() == {"changed"}
    assert rows_shown(page)[0][-1] == "联系电话 131****4292 → 131****0001"
    assert "131****4292 → 131****0001" in texts(page.preview.detail)
    assert page.go.text() == "导入 1 条"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("坏.xlsx", b"PK\x03\x04 no workbook at all", ""),
        ("网页.xls", b"<html><table><tr><td>x</td></tr></table></html>", "另存为"),
        ("空.csv", b"", "空"),
        ("别的.csv", "甲,乙,丙\n1,2,3\n".encode(), "表头"),
    ],
)
def test_a_file_that_is_no_roster_is_said_so(page, frame, tmp_path, name, content, told) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    page.opened(files=[str(file)])
    assert page.stack.currentWidget() is page.error
    assert page.error.title.text() == f"{name} 读不了"
    assert page.focusWidget() is page.error.choose
    assert told in page.error.sentence.text()
    assert page.error.unrecognised.isVisibleTo(page) == ("认不出" in told or "表头" in told)
    assert frame.errors == []


def test_a_missing_file_and_another_villages_roster(page, tmp_path) -> None:
    page.opened(files=[str(tmp_path / "没有.xlsx")])
    assert page.stack.currentWidget() is page.error
    assert "没有.xlsx 打不开：找不到它" in page.error.sentence.text()
    file = tmp_path / "别村.csv"
    file.write_text("村,姓名,证件号码,与户主关系\n日升村,田玉华,230826197908178768,户主\n", encoding="utf-8")
    page.opened(files=[str(file)])
    assert "日升村" in page.error.sentence.text()


def test_what_it_is_can_be_said(page, tmp_path) -> None:
    file = tmp_path / "名单.csv"
    file.write_text("姓名,证件号码,岗位\n田玉华,230826197908178768,缝纫工\n", encoding="utf-8")
    page.opened(files=[str(file)])
    assert page.stack.currentWidget() is page.error
    page.error.kind.setCurrentIndex(page.error.kind.findData("employment"))
    page.error.kind.activated.emit(page.error.kind.currentIndex())
    assert page.stack.currentWidget() is page.preview
    assert page.preview.kind.currentData() == "employment"


def test_while_an_import_runs_the_focus_stays_on_its_rows(page, qapp) -> None:
    """It went to the search at the top, and what was typed was looked for."""
    take(page, "registry.xlsx")
    page.model._frame.run_long = lambda *_work, **_lane: None
    page.go.setFocus()
    QTest.keyClick(page.go, Qt.Key.Key_Return)
    qapp.processEvents()
    assert page.model.busy and not page.go.isEnabled() and not page.preview.kind.isEnabled()
    assert page.isAncestorOf(qapp.focusWidget())
    before = page.model.file.preview.to_write()
    QTest.keyClick(page.preview.list, Qt.Key.Key_1)
    assert page.model.file.preview.to_write() == before, "what is going in is no longer answered"


def test_stopping_an_import_leaves_nothing(page, store, frame) -> None:
    take(page, "registry.xlsx")
    page.model._frame.run_long = stopped
    page.model.apply()
    assert count(store, "person") == 0
    assert isinstance(frame.errors[-1], Stopped)
    assert page.stack.currentWidget() is page.preview
    assert page.go.isEnabled()


def register_with_work(folder: Path) -> Path:
    """A register of one person that also tells her work."""
    file = folder / "名册.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        heads = ("户编号", "姓名", "证件号码", "与户主关系", "劳动技能", "务工地点", "务工企业", "月工资")
        csv.writer(stream).writerows(
            [heads, ("1001", "王芳", rosters_taken.WANG, "户主", "普通劳动力", "辽宁省大连市甘井子区", "鑫达电子厂", "4500")]
        )
    return file


def test_a_register_with_work_is_read_as_work_too_by_one_key(page, store, tmp_path, monkeypatch, qtbot) -> None:
    """The columns were dropped, and only the second page said so."""
    file = register_with_work(tmp_path)
    page.opened(files=[str(file)])
    assert "务工的列：务工地点、务工企业、月工资" in texts(page) and page.also.isVisible()

    def answer(dialog: dialogs.Dialog) -> bool:
        """Nothing at first, which is asked again, then a month."""
        line = dialog.findChildren(LineEditor)[0]
        if not line.message.text():
            return True
        line.line.setText("2026.2")
        return True

    monkeypatch.setattr(dialogs.Dialog, "run", answer)
    qtbot.keyClick(page, Qt.Key.Key_F6)
    assert [one.kind for one in page.model.files] == [None, "employment"] and not page.also.isVisible()
    assert "按「下一个文件」接着读务工" in texts(page) and "务工就业" in str(page.files.item(1).data(Qt.ItemDataRole.AccessibleTextRole))
    page.go.click()
    page.result.next.click()
    assert [count(store, kind) for kind in ("person", "employment")] == [1, 0]
    page.go.click()
    with store.read() as session:
        (made,) = session.select("employment")
    assert (made.start, made.employer_name) == ("2026-02", "鑫达电子厂")
    assert not page.also.isVisible() and page.besides.isHidden()


def test_a_register_without_changes_is_not_offered_again_after_its_work(page, store, tmp_path, monkeypatch, qtbot) -> None:
    """下一个文件 led back to the register, which had been read and had nothing new."""
    file = register_with_work(tmp_path)
    page.opened(files=[str(file)])
    page.go.click()
    page.result.next.click()
    page.opened(files=[str(file)])
    assert page.model.file.state == "nothing"

    def answer(dialog: dialogs.Dialog) -> bool:
        dialog.findChildren(LineEditor)[0].line.setText("2026.2")
        return True

    monkeypatch.setattr(dialogs.Dialog, "run", answer)
    qtbot.keyClick(page, Qt.Key.Key_F6)
    page.go.click()
    assert count(store, "employment") == 1
    assert not page.model.more and page.result.next.text() == "完成"


def test_one_start_for_all_rows_is_given_by_one_key_and_taken_back(page, store, tmp_path, monkeypatch, qtbot) -> None:
    page.opened(files=[str(roster(tmp_path, ("1001", "王芳", rosters_taken.WANG, "户主", "")))])
    page.go.click()
    file = tmp_path / "2025年外出务工名单.csv"
    lines = [("2025年外出务工人员名单",), ("姓名", "身份证号", "务工地点"), ("王芳", rosters_taken.WANG, "大连市")]
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(lines)
    page.opened(files=[str(file)])
    assert page.whole.isVisible() and page.whole.text() == "本表开始日期"
    assert page.model.file.preview.unanswered() == 1 and advice("undated") in texts(page.preview.detail)
    for given in ("2025.3", "", "2025-03"):

        def answer(dialog: dialogs.Dialog, given: str = given) -> bool:
            dialog.findChildren(LineEditor)[0].line.setText(given)
            return True

        monkeypatch.setattr(dialogs.Dialog, "run", answer)
        qtbot.keyClick(page, Qt.Key.Key_F7)
        assert page.model.file.preview.unanswered() == (not given)
    assert page.whole.text() == "本表开始日期：2025-03"
    page.go.click()
    with store.read() as session:
        assert [one.start for one in session.select("employment")] == ["2025-03"]
    assert not page.whole.isVisible()


def test_what_a_list_lacks_is_typed_into_a_dialog(page, tmp_path) -> None:
    """And taken back by an empty answer, an employer too."""
    page.opened(files=[str(roster(tmp_path, ("1001", "王芳", rosters_taken.WANG, "户主", "")))])
    page.go.click()
    for title, head, cell, given in (("外出务工名单", "务工地点", "大连市", "2025-03"), ("工资表", "实发工资", "2100", "富民米业")):
        file = tmp_path / f"2025年9月{title}.csv"
        with file.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([(f"2025年9月{title}",), ("姓名", "身份证号", head), ("王芳", rosters_taken.WANG, cell)])
        page.opened(files=[str(file)])
        for text in (given, ""):

            def answer(text: str = text) -> None:
                dialog = QApplication.activeModalWidget()
                assert dialog is not None
                dialog.findChildren(LineEditor)[0].line.setText(text)
                next(one for one in dialog.findChildren(Button) if one.text() == "各行都按它").click()

            QTimer.singleShot(0, answer)
            page.whole.click()
            assert list(page.model.file.supplied.values()) == [text]


def test_the_list_to_hand_back(page, frame, tmp_path, monkeypatch) -> None:
    file = tmp_path / "拒收名单.xlsx"
    monkeypatch.setattr(dialogs, "save_as", lambda *_given: file)
    take(page, "registry.xlsx")
    page.model.apply()
    page.result.refused.click()
    page.result.next.click()
    assert page.focusWidget() is page.start.choose
    rows = read_workbook(load(file))[0].rows
    assert rows[1][:2] == ["工作表", "行"]
    assert sorted(int(row[1]) for row in rows[2:]) == [46, 80, 263, 265, 319, 379, 405, 418, 433, 438, 439]
    assert str(file) in frame.messages[-1]


@pytest.mark.parametrize("name", [name for name, _label in blank.roster_templates()])
def test_a_blank_roster_is_recognised_as_what_it_is(page, tmp_path, monkeypatch, name) -> None:
    file = tmp_path / f"{name}.xlsx"
    monkeypatch.setattr(dialogs, "save_as", lambda *_given: file)
    page.start.templates.menu().actions()[[each for each, _label in blank.roster_templates()].index(name)].trigger()
    (sheet,) = (one for one in read_workbook(load(file)) if one.name == "填写")
    (table,) = find_tables(sheet)
    bound = recognise(table, None, sheet.name)
    assert bound is not None
    assert bound.roster.name == name
    assert bound.unmatched == []


def test_what_was_copied_in_a_chat_or_a_spreadsheet_is_pasted(page, store) -> None:
    clipboard = QGuiApplication.clipboard()
    clipboard.setText(" \n")
    QTest.keyClick(page.start.choose, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert page.model.file is None and "复制" in page.frame.messages[-1]
    clipboard.setText(f"户编号\t姓名\t证件号码\t与户主关系\n1001\t王芳\t{rosters_taken.number(1)}\t户主\n")
    QTest.keyClick(page.start.choose, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    page.model.apply()
    assert (count(store, "person"), [file.state for file in page.model.files]) == (1, ["done"])
    page.result.next.click()
    clipboard.setText("#接龙\n2023年外出务工\n\n1. 王芳 大连 电子厂 2023年正月十六\n2. 李强 在家\n")
    page.start.paste.click()
    page.preview.tabs.tabs.choose("notes")
    assert "写着在家的没有导入：李强" in texts(page.preview)
    page.model.apply()
    assert count(store, "employment") == 1
    assert [act.label for act in page.model.earlier] == ["导入 粘贴的内容（1 行）", "导入 粘贴的内容（1 行）"]


OWN_HEADINGS = "姓名,证件号码,几号动身,务工所在地,挣的钱\n田玉华,230826197908178768,2023-03-01,辽宁省大连市甘井子区,4200\n"
KNOWN_PEOPLE = "户编号,姓名,证件号码,与户主关系\n1001,田玉华,230826197908178768,户主\n"


def given(page: ImportPage, tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    page.opened(files=[str(file)])


def pick(box, word: str) -> None:
    box.setFocus()
    box.fill()
    box.setCurrentIndex(box.findText(word))
    box.activated.emit(box.currentIndex())


def test_columns_with_headings_of_their_own_are_assigned_by_hand_and_remembered(page, store, tmp_path, qapp) -> None:
    given(page, tmp_path, "人员.csv", KNOWN_PEOPLE)
    page.model.apply()
    given(page, tmp_path, "名单.csv", OWN_HEADINGS)
    assert page.stack.currentWidget() is page.error and "再选各列是什么" in page.error.sentence.text()
    page.error.kind.setCurrentIndex(page.error.kind.findData("employment"))
    page.error.kind.activated.emit(page.error.kind.currentIndex())
    page.preview.tabs.tabs.choose("columns")
    pick(page.preview.columns.box_at(0, "几号动身"), "开始时间")
    assert page.preview.tabs.tabs.key == "columns" and page.focusWidget() is page.preview.columns.box_at(0, "几号动身")
    pick(page.preview.columns.box_at(0, "挣的钱"), "月工资")
    page.model.apply()
    assert count(store, "employment") == 1
    given(page, tmp_path, "下个月的.csv", OWN_HEADINGS.replace("2023-03-01", "2023-06-01"))
    assert page.stack.currentWidget() is page.preview, "it is recognised by the columns that were assigned"
    assert page.preview.columns.box_at(0, "挣的钱").currentText() == "月工资"


def test_a_column_assigned_so_that_the_file_cannot_be_read_goes_back(page, frame, tmp_path) -> None:
    given(page, tmp_path, "人员.csv", KNOWN_PEOPLE.replace("与户主关系", "与户主关系,联系电话"))
    pick(page.preview.columns.box_at(0, "姓名"), "不导入")
    pick(page.preview.columns.box_at(0, "证件号码"), "不导入")
    assert page.stack.currentWidget() is page.preview and "没有改：" in frame.messages[-1]
    assert page.preview.columns.box_at(0, "证件号码").currentText() == "证件号码"
    pick(page.preview.columns.box_at(0, "姓名"), "让程序自己认")
    assert page.preview.columns.box_at(0, "姓名").currentText() == "姓名"


def test_of_two_columns_assigned_to_one_field_the_later_has_it(page, tmp_path) -> None:
    given(
        page,
        tmp_path,
        "人员.csv",
        "户编号,姓名,证件号码,与户主关系,小号,大号\n1001,田玉华,230826197908178768,户主,13900139000,13700137000\n",
    )
    pick(page.preview.columns.box_at(0, "小号"), "联系电话")
    pick(page.preview.columns.box_at(0, "大号"), "联系电话")
    shown = [page.preview.columns.box_at(0, name).currentText() for name in ("小号", "大号")]
    assert shown == ["不导入", "联系电话"]
    assert "按您定的读的列：大号" in page.model.file.preview.plan.tables[0].notes


def test_a_key_opens_the_list_of_kinds_which_stand_as_in_the_ledgers(page, tmp_path) -> None:
    """Each arrow key read the file as the next kind and took the focus away; 人员 stood behind 劳务品牌 and 以工代赈."""
    given(page, tmp_path, "人员.csv", KNOWN_PEOPLE)
    box = page.preview.kind
    assert [box.itemText(n) for n in range(1, 4)] == ["户", "人员", "身份认定"]
    box.setFocus()
    for key in (Qt.Key.Key_End, Qt.Key.Key_Down):
        QTest.keyClick(box, key)
        assert (page.model.file.kind, box.currentIndex()) == (None, 0)
    assert box.view().isVisible()
    box.hidePopup()


def test_only_what_was_left_out_is_counted(page, tmp_path) -> None:
    """It said 有 1 行拒收、0 行疑点没有收进来."""
    given(page, tmp_path, "人员.csv", KNOWN_PEOPLE + "1001,王芳,230826197908178761,配偶\n")
    page.model.apply()
    assert page.result.left_out.text().startswith("有 1 行拒收没有收进来")


@pytest.mark.parametrize("key", [Qt.Key.Key_Down, Qt.Key.Key_PageDown, Qt.Key.Key_End, Qt.Key.Key_Home, Qt.Key.Key_P])
def test_a_key_opens_the_list_of_a_column_instead_of_choosing_the_next_field(page, tmp_path, key) -> None:
    given(page, tmp_path, "人员.csv", KNOWN_PEOPLE)
    page.preview.tabs.tabs.choose("columns")
    box = page.preview.columns.box_at(0, "姓名")
    box.setFocus()
    box.addItem("PIN", "person.phone")
    QTest.keyClick(box, key)
    assert (page.model.file.assigned, box.currentText()) == ({}, "姓名")
    assert box.view().isVisible() == (key == Qt.Key.Key_Down)
    box.hidePopup()

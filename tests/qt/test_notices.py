"""The tab 公示 of 补助: a sheet put up, its results and objections, on paper and for the website."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtPrintSupport import QPrintDialog
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit
from python_calamine import CalamineWorkbook

from desktop.benefits.page import build
from desktop.paper.document import Paper
from desktop.widgets import dialogs
from desktop.widgets.line_editors import Suggesting, SuggestingLine
from domain import divisions
from domain.periods import add_days
from services.claims import notices
from tests.qt.benefits_page import TODAY, form_of, ids, listed, page, previews, saved, states, station, to_review
from tests.qt.fitting import misfits

__all__ = ["ids", "page", "previews", "saved", "station"]


@pytest.fixture
def hanging(page, station, answers):
    """A notice of both claims, put up today for five working days."""
    to_review(page)
    page.path.strip.choose("village")
    page.path.table.table.selectAll()
    page.path.step_buttons["village_notice"].click()
    form = page.notices.form
    form.days.setValue(5)
    form.kind.setCurrentIndex(form.kind.findData("working"))
    form.phone.setText("0454-8370001")
    form.save.click()
    with station.store.read() as session:
        (notice,) = session.select("notice")
    return notice


def test_the_sheet_is_seen_before_it_is_made(page, station, answers) -> None:
    to_review(page)
    page.notices.new()
    assert "孙玉梅" in page.notices.sheet.toPlainText()
    page.notices.form.days.setValue(3)
    assert add_days(TODAY, 2) in page.notices.form.summary.text()
    with station.store.read() as session:
        assert session.select("notice") == []
    assert set(states(station).values()) == {"village_reviewed"}


def test_a_short_notice_without_a_telephone_is_pointed_out_and_made(page, station, answers) -> None:
    """A day without place and telephone went up without a word, while the sheet asks people to say who they are."""
    to_review(page)
    page.notices.new()
    form = page.notices.form
    form.place.setText("村务公开栏")
    form.phone.setText("0454-8370001")
    form.phone.editingFinished.emit()
    assert not form.remarks.isVisibleTo(form)
    form.place.clear()
    form.phone.clear()
    form.days.setValue(1)
    told = form.remarks.text()
    assert "只公示 1 天，一般是 7 天" in told and "公示地点、监督电话" in told and "补记" not in told
    form.start.set_value("2023-06-05")
    form.start.line.editingFinished.emit()
    assert "补记：公示从 2023-06-05 起，早于" in form.remarks.text()
    form.save.click()
    (row,) = listed(page.notices.table)
    assert row["remark"] == "补记" and page.notices.late.text().startswith("补记：公示从 2023-06-05 起")


def test_leaving_a_notice_half_filled_is_asked_about(page, station, answers) -> None:
    """Esc closed it without a word, and the next one started today instead of the day that had been typed."""
    to_review(page)
    page.notices.new()
    form = page.notices.form
    answers["ask"] = False
    form.back.click()
    assert page.notices.left.currentWidget() is not form  # nothing was typed
    page.notices.new()
    form.start.line.setText("2023-06-05")
    form.start.line.textEdited.emit("2023-06-05")
    form.back.click()
    assert page.notices.left.currentWidget() is form and form.start.value() == "2023-06-05"
    answers["ask"] = True
    form.back.click()
    assert page.notices.left.currentWidget() is not form


def test_a_notice_half_filled_is_there_again_after_a_power_cut(page, show, frame, station, answers) -> None:
    to_review(page)
    page.path.table.table.selectRow(0)
    page.notices.new([page.path.table.current_id()])
    form = page.notices.form
    form.start.line.setText("2023-06-0")  # cannot be read yet
    form.start.line.textEdited.emit("2023-06-0")
    form.days.setValue(5)
    form.phone.setText("0454-8370001")
    page.notices.draft.keep()  # as every second
    again = show(build(frame, station))
    again.opened(tab="notices", new=True)  # 今日 → 接着填
    put_back = again.notices.form
    assert (put_back.start.line.text(), put_back.days.value(), put_back.phone.text()) == ("2023-06-0", 5, "0454-8370001")
    assert put_back.dirty and put_back.found.isVisible() and len(put_back.claims) == 1
    again.opened(tab="notices", new=True)  # what is typed stays where it is
    assert put_back.start.line.text() == "2023-06-0"
    put_back.start.set_value(TODAY)
    put_back.save.click()
    fresh = show(build(frame, station))
    fresh.opened(tab="notices", new=True)
    assert not fresh.notices.form.dirty and not fresh.notices.form.found.isVisible()


def test_nothing_to_put_up_is_told_once(page, frame, monkeypatch) -> None:
    """The dialog takes the cursor out of the field, which asked for the sheet again while the form was still there."""

    def told(error: Exception) -> None:
        frame.errors.append(error)
        if len(frame.errors) == 1:
            page.notices.form.start.line.editingFinished.emit()

    monkeypatch.setattr(frame, "show_error", told)
    page.notices.new()
    assert ["没有等着公示的申请" in str(error) for error in frame.errors] == [True]
    assert not page.notices._drafting


def test_nothing_to_put_up_is_told_once_while_the_form_goes(page, frame, monkeypatch) -> None:
    """Hiding the form, Qt leads the focus through its fields; in a real window the same dialog came twice."""
    switch = page.notices.left.setCurrentWidget

    def hide(widget) -> None:
        if widget is page.notices.table:
            page.notices.form.phone.editingFinished.emit()
        switch(widget)

    page.notices.new()
    frame.errors.clear()
    monkeypatch.setattr(page.notices.left, "setCurrentWidget", hide)
    page.notices.new()
    assert len(frame.errors) == 1


def test_what_an_earlier_form_said_leaves_no_empty_one_behind(page, frame, answers) -> None:
    to_review(page)
    page.notices.new()
    page.notices._close_form()
    page.path.model.step([one.id for one in page.path.model.claims], "withdrawn", "")
    page.notices.new()
    assert "没有等着公示的申请" in str(frame.errors[-1])
    assert not page.notices._drafting


def test_a_notice_is_put_up(page, station, hanging) -> None:
    assert (hanging.level, hanging.start, hanging.days, hanging.day_kind) == ("village", TODAY, 5, "working")
    assert set(states(station).values()) == {"village_notice"}
    (row,) = listed(page.notices.table)
    assert divisions.called(page.notices.model.notices[0].notice.village) == "解放村"  # told above a village, where many have one
    assert row["last_day"] == notices.last_day(hanging) and row["result"] == "公示中"


def test_the_notice_put_up_is_the_one_under_the_cursor(page, frame, station, answers, monkeypatch) -> None:
    """Before the list knew it, the cursor stayed on an older one: Ctrl+P printed that, F7 closed that."""
    to_review(page)
    seen: set[str] = set()
    waiting: list[tuple[Callable[[], object], Callable[[object], None]]] = []
    for id in page.path.table.model.ids:
        page.notices.new([id])
        with monkeypatch.context() as late:
            late.setattr(frame.jobs, "run", lambda work, done, failed=None, **_how: waiting.append((work, done)))
            page.notices.form.save.click()
            while waiting:
                work, done = waiting.pop(0)
                done(work())
        with station.store.read() as session:
            new = {one.id for one in session.select("notice")} - seen
        assert {page.notices._current().id} == new
        seen |= new


def test_a_notice_is_put_up_from_the_field_one_is_in(page, frame, answers, qtbot) -> None:
    """Ctrl+S in the telephone: the field lost its cursor once the notice was there, and asked for the sheet of no draft any more."""
    to_review(page)
    page.tabs.choose("notices")
    page.notices.new()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    form = page.notices.form
    form.phone.setFocus()
    qtbot.keyClick(form.phone, Qt.Key.Key_1)
    form.save.click()
    assert (frame.errors, frame.messages[-1]) == ([], "公示已发，请打印张贴。")


def test_a_new_notice_by_keys(page, answers, qtbot) -> None:
    """Tab leaves the day at once, Enter goes to what is empty, and a low window cuts no field off."""
    to_review(page)
    page.stack.tabs.choose("notices")
    page.resize(1000, 420)
    page.notices.new()
    form = page.notices.form
    assert form.start.line.selectedText() == form.start.line.text()  # another day is typed over it
    qtbot.keyClick(form.start.line, Qt.Key.Key_Tab)
    assert page.window().focusWidget() is not form.start.line
    assert form.days.parentWidget().height() >= form.place.height()
    form.place.setFocus()
    qtbot.keyClick(form.place, Qt.Key.Key_Return)
    assert page.window().focusWidget() is form.phone


def test_the_first_day_is_typed_and_a_year_that_is_wrong_is_asked_about(page, frame, station, answers) -> None:
    """The wheel, or ↑ in the year that was marked, put up a notice that was over two years ago."""
    to_review(page)
    page.notices.new()
    form = page.notices.form
    for typed in ("", "昨天"):
        form.start.line.setText(typed)
        form.save.click()
        assert form.start.message.text() and page.notices._drafting
    form.start.line.setText("2021-06-05")
    answers["ask"] = False
    form.save.click()
    with station.store.read() as session:
        assert not session.count("notice")
    answers["ask"] = True
    form.save.click()
    with station.store.read() as session:
        assert [one.start for one in session.select("notice")] == ["2021-06-05"]


def test_the_first_sheet_has_the_telephone_proposed(page, hanging, station, answers) -> None:
    """Whoever came straight from 办理 saw it without: the list of notices was not read yet when the first sheet was asked for."""
    page.notices.model.notices = ()
    page.notices.form.phone.clear()
    drafts: list[str] = []
    page.notices.model.preview = lambda draft: drafts.append(draft.phone)
    page.notices.new([])
    page.notices.model.load()
    assert drafts[-1] == "0454-8370001"


def test_the_next_notice_knows_where_the_last_one_hung(page, hanging) -> None:
    form = page.notices.form
    form.phone.clear()
    form.propose(*page.notices.model.usual("村"))
    assert (form.place.text(), form.phone.text()) == ("", "0454-8370001")
    form.phone.setText("1")
    form.propose(*page.notices.model.usual("村"))
    assert form.phone.text() == "1"
    assert page.notices.model.usual("乡镇") == ("", "")  # nor does a township's say where its villages are called


def test_the_sheet_masks_and_leaves_out(page, hanging, ids, station) -> None:
    text = page.notices.sheet.toPlainText()
    assert "0454-8370001" in text and "跨省务工一次性交通补助" in text
    with station.store.read() as session:
        for person in session.select("person"):
            assert person.id_number not in text and (not person.phone or person.phone not in text)


def test_the_masked_table_hides_no_column(page, hanging, previews, saved) -> None:
    page.notices.print.click()
    file = saved(previews[0], ".xlsx")
    rows = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()
    heading = rows.index(["序号", "姓名", "村（组）", "项目", "金额（元）", "务工地", "起止"])
    assert {tuple(row[1:2] + row[5:]) for row in rows[heading + 1 : heading + 3]} == {
        (name, "辽宁省", "2023-02—2023-11") for name in ("孙玉梅", "王秀兰")
    }
    assert "hidden" not in _xml(file)


def test_the_website_gets_the_same_lines_and_nothing_else(page, hanging, previews, saved, ids, station) -> None:
    page.notices.print.click()
    text = saved(previews[0], ".html").read_text(encoding="utf-8")
    assert "王秀兰" in text and "<script" not in text and "http" not in text
    with station.store.read() as session:
        assert not any(number in text for one in session.select("person") for number in (one.id_number, one.phone) if number)


def test_a_notice_just_made_is_printed_first(page, hanging) -> None:
    assert (page.notices.print.kind, page.notices.clear.kind) == ("primary", "")


def test_an_early_result_is_refused_and_an_objection_taken(page, frame, hanging, answers, previews, monkeypatch) -> None:
    page.notices.clear.click()
    assert "还不能登记" in str(frame.errors[-1])

    def fill_in(dialog: dialogs.Dialog) -> bool:
        """Choose the first name of the notice with the arrow and Enter; Enter then goes on to the content."""
        about, content = dialog.findChildren(SuggestingLine)[0], dialog.findChildren(QLineEdit)[-1]
        offered = [str(about.completer().model().index(n, 0).data()) for n in range(about.completer().model().rowCount())]
        assert offered == list(dict.fromkeys(page.notices.model.sheet.names))
        about.setText("王秀兰" if "王秀兰" in offered else "")
        about.findChildren(Suggesting)[0].entered.emit()
        assert dialog.focusWidget() is content
        content.setText("甲反映他没有外出")
        return True

    monkeypatch.setattr(dialogs.Dialog, "run", fill_in)
    page.notices.object.click()
    page.notices.objected.click()
    (row,) = listed(page.notices.table)
    assert (row["result"], row["objections"]) == ("有异议", "1")
    page.notices.report.click()
    assert "对王秀兰：甲反映他没有外出" in str(form_of(previews[0]).rows) and "有异议" in str(form_of(previews[0]).text)
    assert page.notices.clear.isHidden()


def test_photographs_of_the_notice_are_printed_in_the_report(page, frame, hanging, previews, saved, tmp_path, monkeypatch) -> None:
    photo = QImage(900, 1600, QImage.Format.Format_RGB32)
    photo.fill(QColor("red"))
    photo.save(str(tmp_path / "墙.jpg"))
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_given: ([str(tmp_path / "墙.jpg")], ""))
    page.notices.photos.click()
    assert "1 张" in frame.messages[-1]
    page.notices.report.click()
    (preview,) = previews
    assert len(form_of(preview).pictures) == 1 and form_of(preview).values()["公示照片"] == "1 张"
    drawn = [Paper(form_of(preview)).picture(n, 400).pixelColor(200, y) for n in range(len(preview.pages)) for y in range(0, 560, 20)]
    assert any(colour.red() > 200 and colour.green() < 60 for colour in drawn)
    (tmp_path / "墙.jpg").write_bytes(b"MZ no picture")
    page.notices.photos.click()
    assert frame.errors


def test_a_notice_is_found_from_the_first_page(page, hanging) -> None:
    page.tabs.choose("screening")
    page.opened(kind="notice", id=hanging.id)
    assert (page.tabs.key, page.notices.table.current_id()) == ("notices", hanging.id)


def test_the_buttons_of_a_notice_have_room_on_a_small_screen(page, hanging, qapp) -> None:
    """On 1024×600 at 125 % text the words of two of them were cut off at both ends."""
    page.tabs.choose("notices")
    page.resize(620, 380)  # 780 at 125 %
    for _n in range(3):
        qapp.processEvents()
    assert page.notices.minimumSizeHint().width() <= 620 and list(misfits(page)) == []


def test_printing_can_be_thought_better_of(page, hanging, monkeypatch, previews) -> None:
    asked: list[object] = []

    def decline(dialog: object) -> int:
        asked.append(dialog)
        return 0

    monkeypatch.setattr(QPrintDialog, "exec", decline)
    page.notices.print.click()
    previews[0].print.click()
    assert len(asked) == 1


def _xml(file: Path) -> str:
    from zipfile import ZipFile

    with ZipFile(file) as book:
        return "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))


def test_that_the_period_still_runs_is_told_before_anything_is_asked(page, frame, hanging, monkeypatch) -> None:
    asked: list[str] = []

    def ask(_parent: object, words: str, *_more: object, **_named: object) -> bool:
        asked.append(words)
        return True

    monkeypatch.setattr(dialogs, "ask", ask)
    page.notices.clear.click()
    assert "才满" in str(frame.errors[-1]) and not asked
    told: list[str] = []

    def fill_in(dialog: dialogs.Dialog) -> bool:
        told.extend(part.text() for part in dialog.findChildren(QLabel))
        dialog.findChildren(QLineEdit)[-1].setText("没有外出")
        return True

    monkeypatch.setattr(dialogs.Dialog, "run", fill_in)
    page.notices.objected.click()  # nobody said anything yet
    assert not asked and any("还没有登记过异议" in text for text in told)
    page.notices.objected.click()
    assert asked == ["登记「有异议」？"]

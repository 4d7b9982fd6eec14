"""公益岗 with a real store behind it: a post, somebody put on it, a month marked by keys, and its pay."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QTableView

from db import acts
from desktop import theme
from desktop.paper.forms import FormPrinter
from desktop.posts import view_model
from desktop.posts.page import build
from desktop.widgets import dialogs
from desktop.widgets.basics import Button
from desktop.widgets.line_editors import LineEditor
from domain import clock
from domain.errors import DomainError
from domain.periods import last_day
from services import records
from services.posts import pay, posts

TODAY = clock.today()


@pytest.fixture
def page(show, frame, station):
    return show(build(frame, station))


def fill(form, **texts: str) -> None:
    for name, text in texts.items():
        form.editors[name].line.setText(text)


@pytest.fixture
def held(page, station):
    """One cleaner's post with 王秀兰 on it since January 2023, as the forms make them."""
    page.new()
    form = page.stack.form.forms[0]
    form.set_values({"name": "保洁员", "type": "cleaner", "developer": "hrss", "fund": "employment", "standard": 50000, "quota": 1})
    page.stack.form.ask()
    with station.store.read() as session:
        (post,) = session.select("post")
        people = {one.name: one.id for one in session.select("person")}
    page.holders.appoint()
    first, term, cover = page.stack.form.forms
    first.set_values({"post_id": post.id, "person_id": people["王秀兰"], "start": "2023-01-01"})
    term.restore({"type": "service", "start": "2023-01-01", "end": "2023-12-31"})
    cover.restore({"start": "2023-01-01", "end": "2023-12-31"})
    page.stack.form.ask()
    assert page.stack.form is None, page.stack.form.error.text()
    return page, post.id, people


def choose(table, line: int = 0) -> None:
    flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
    table.table.selectionModel().setCurrentIndex(table.model.index(line, 0), flags)


def test_an_agreement_that_is_begun_is_dated_and_one_left_alone_is_not(page) -> None:
    page.holders.appoint()
    first, term, cover = page.stack.form.forms
    first.editors["start"].set_value("2024-02-29")
    fill(term, number="2024-07")
    assert term.values()["start"] is None
    term.edited.emit()
    assert (term.values()["start"], term.values()["end"]) == ("2024-02-29", "2025-02-28")
    assert not cover.dirty
    term.editors["end"].set_value("2024-12-31")
    cover.edited.emit()
    assert (cover.values()["start"], cover.values()["end"]) == ("2024-02-29", "2024-12-31")
    term.editors["end"].set_value(None)
    term.edited.emit()
    assert term.values()["end"] is None  # proposed once


def test_what_cannot_be_read_meanwhile_is_not_said_in_the_form_that_is_filled_in(page, frame, monkeypatch) -> None:
    def broken(_session) -> None:
        raise DomainError("数不出来")

    page.new()
    monkeypatch.setattr(view_model, "_totals", broken)
    page.model.reload()
    assert [str(error) for error in frame.errors] == ["数不出来"]
    assert page.stack.form.error.isHidden()


def test_a_post_is_filled_and_the_second_person_is_one_too_many(held, station, frame) -> None:
    page, post_id, people = held
    assert frame.messages[-1] == "已办上岗" and frame.errors == []
    with station.store.read() as session:
        assert [len(session.select(kind)) for kind in ("appointment", "agreement", "insurance")] == [1, 1, 1]
    row = page.table.model.row(0)
    assert (row["holders"], row["free"]) == ("1", "已满")
    assert page.totals.text() == "共 1 个岗位，定额 1 人，在岗 1 人"
    page.holders.appoint()
    page.stack.form.forms[0].set_values({"post_id": post_id, "person_id": people["赵福生"], "start": TODAY})
    page.stack.form.ask()
    assert "定额 1 人，已满" in page.stack.form.error.text()
    page.stack.close_form()
    row = page.holders.table.model.row(0)
    assert row["matters"] == "协议已于 2023-12-31 到期"
    choose(page.holders.table)
    page.holders.renew("agreement")
    form = page.stack.form.forms[0]
    assert (form.values()["start"], form.values()["end"]) == ("2024-01-01", "2024-12-31")
    page.stack.close_form()


def test_the_only_post_with_a_place_left_is_proposed(held, station) -> None:
    """Most villages have one kind of post; the clerk should only have to say who."""
    page, _post_id, _people = held
    page.holders.appoint()
    assert page.stack.form.forms[0].values()["post_id"] is None  # that post is full
    page.stack.close_form()
    values = {"name": "护林员", "type": "forest", "developer": "hrss", "fund": "employment", "standard": 50000, "quota": 1}
    with station.store.write("准备") as session:
        free = records.save(session, "post", values)
    page.refresh()
    page.holders.appoint()
    assert page.stack.form.forms[0].values()["post_id"] == free
    page.stack.close_form()
    with station.store.write("准备") as session:
        records.save(session, "post", {**values, "name": "护路员"})
    page.refresh()
    page.holders.appoint()
    assert page.stack.form.forms[0].values()["post_id"] is None
    page.stack.close_form()


def test_agreements_that_end_together_are_renewed_together(held, station, frame) -> None:
    """One form for those marked; whose would run otherwise is left for another; one undo takes all of them back."""
    page, post_id, people = held
    with station.store.write("准备") as session:
        records.save(session, "post", {"quota": 3}, post_id)
        for name, end in (("赵福生", "2023-12-31"), ("赵志强", "2023-06-30")):
            own = {"post_id": post_id, "person_id": people[name], "start": "2023-01-01"}
            posts.appoint(session, own, {"type": "service", "start": "2023-01-01", "end": end})
    page.opened(tab="holders")
    with station.store.read() as session:
        ids = {one.person_id: one.id for one in session.select("appointment")}
    page.model.next_terms("agreement", [ids[people[name]] for name in ("王秀兰", "赵福生", "赵志强")])
    panel = page.stack.form
    form = panel.forms[0]
    assert panel.accessibleName() == "签协议　2 人" and "number" not in form.editors
    assert "王秀兰、赵福生" in panel.note.text() and "起止不同的 1 人" in panel.note.text()
    panel.ask()
    assert frame.messages[-1] == "已保存 2 人" and page.stack.form is None
    with station.store.read() as session:
        assert sorted(one.end for one in session.select("agreement")) == ["2023-06-30", *["2023-12-31"] * 2, *["2024-12-31"] * 2]
        (act, *_older) = acts.latest(session, 1)
    with station.store.write("撤销") as session:
        acts.undo(session, act.id)
    with station.store.read() as session:
        assert len(session.select("agreement")) == 3


def test_a_search_or_a_warning_leads_to_the_post_or_its_holder(held, station) -> None:
    page, post_id, _people = held
    with station.store.read() as session:
        (agreement,) = session.select("agreement")
    page.opened(kind="post", id=post_id)
    assert page.tabs.tabs.key == "holders" and page.holders.table.view.filters == {"state": "now", "post": post_id}
    assert page.holders.state.describe() == "这个岗位"  # so that nobody takes these few for all
    page.holders.state.choose("now")
    assert page.holders.table.view.filters == {"state": "now"}
    page.opened(tab="posts")
    page.opened(kind="agreement", id=agreement.id)
    assert page.tabs.tabs.key == "holders" and page.holders.table.current_id() == agreement.appointment_id


def test_somebody_leaves(held, station, frame) -> None:
    page, *_rest = held
    choose(page.holders.table)
    page.holders.leave()
    fill(page.stack.form.forms[0], exit_on="2023-06-30", exit_reason="年满")
    page.stack.form.ask()
    assert frame.messages[-1] == "已办退岗 1 人"
    assert page.holders.table.model.ids == []
    page.holders.state.choose("left")
    assert page.holders.table.model.row(0)["exit_on"] == "2023-06-30"


def test_a_month_is_marked_by_keys_and_paid_once(qtbot, held, station, frame, answers) -> None:
    page, *_rest = held
    page.opened(tab="attendance", month="2023-06")
    grid, tab = page.attendance.grid, page.attendance
    line = page.month.lines[0].id
    assert page.month.days[-1] == 30 and tab.figures.text() == "在岗 1 人　已填 0 人"
    grid.go_to(line, "4")
    qtbot.keyClick(grid, Qt.Key.Key_F8)
    grid.go_to(line, "5")
    for _n in range(2):
        qtbot.keyClick(grid, Qt.Key.Key_Space)
    qtbot.keyClick(grid, Qt.Key.Key_F7)
    for _n in range(3):  # there, back to nothing, there again
        page.month.rest(9)
    page.month.rest(9)
    page.month.mark(line, 9, "1")
    page.month.mark("gone", 9, "1")  # no longer on the post, with the cell still open
    assert page.month.marks == {line: "PPPRS" + "P" * 25} and not page.month.present("gone")
    qtbot.keyClick(grid, Qt.Key.Key_PageDown, Qt.KeyboardModifier.AltModifier)
    assert "还没有保存" in frame.messages[-1] and page.month.month == "2023-06"
    qtbot.keyClick(grid, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert frame.messages[-1] == "已保存 1 人的考勤" and not page.month.dirty
    with station.store.read() as session:
        assert session.select("attendance")[0].marks == "PPPRS" + "P" * 25
    page.opened(tab="pay")
    row = page.pay.table.model.row(0)
    assert (row["days"], row["amount"], row["state"]) == ("28", "466.67", "可发")
    assert page.pay.sum.text() == "可发 1 人，466.67 元"
    assert "不早于这个月" in page.pay.record("2023-05-31", [line])
    assert "还没有到" in page.pay.record("2099-07-05", [line])
    assert page.pay.record("2023-07-05", [line]) == ""
    assert frame.messages[-1] == "已记发放 1 人，466.67 元"
    assert page.pay.table.model.row(0)["note"] == "2023-07-05 发 466.67 元"
    page.pay.pay()
    assert "没有可发的" in frame.messages[-1] and frame.errors == []


def test_in_a_month_without_holders_the_keyboard_is_on_what_to_do_first(qtbot, page) -> None:
    """It was on the arrow that goes to the month before."""
    page.opened(tab="attendance", month="2023-06")
    focused = page.window().focusWidget()
    assert isinstance(focused, Button) and focused.text() == "办上岗" and page.attendance.isAncestorOf(focused)


def test_a_month_without_holders_has_nothing_to_print(page, held) -> None:
    for month, some in (("2022-06", False), ("2023-06", True)):
        page.opened(tab="attendance", month=month)
        page.opened(tab="pay", month=month)
        assert page.attendance.paper.isEnabled() is (some and bool(page.attendance._model.lines))
        assert {one.isEnabled() for one in page.pay.papers} == {bool(page.pay._model.lines)}
        assert some or not page.pay._model.lines


def test_attendance_half_marked_is_there_again_after_a_power_cut(held, show, frame, station) -> None:
    page, _post, _people = held
    page.opened(tab="attendance", month="2023-06")
    page.month.all_present()
    marks = dict(page.month.marks)
    page.month.draft.keep()  # as it does within a second
    again = show(build(frame, station))
    again.opened(tab="attendance", month="2023-06")
    assert again.month.marks == marks and again.month.dirty
    assert "放回来" in frame.messages[-1]
    again.month.save()
    third = show(build(frame, station))
    third.opened(tab="attendance", month="2023-06")
    assert third.month.marks == marks and not third.month.dirty


@pytest.mark.parametrize("tab", ["attendance", "pay"])
def test_the_cursor_waits_where_the_month_will_be(tab: str, in_front, frame, station) -> None:
    """Until it is read nobody knows that it is empty: what is said then took the cursor to the tab's name, or to 上个月."""
    page = in_front(build(frame, station))
    page.tabs.tabs.choose(tab)
    shown = getattr(page, tab)
    waits = page.window().focusWidget()
    assert isinstance(waits, QAbstractItemView) and shown.isAncestorOf(waits)
    page.opened(tab=tab)
    assert not waits.isVisible()  # there is nobody, and it is said what to do


def test_marks_put_while_the_month_is_read_again_stay(held, monkeypatch) -> None:
    """After 保存 and after an exchange it is read again by itself; on an old laptop somebody types meanwhile."""
    page, *_rest = held
    page.opened(tab="attendance", month="2023-06")
    line, as_before = page.month.lines[0].id, pay.month

    def read(session, month: str):
        page.month.mark(line, 3, "病")
        return as_before(session, month)

    monkeypatch.setattr(pay, "month", read)
    page.month.reload()
    assert page.month.marks[line][2] == "S" and page.month.dirty
    assert page.attendance.grid.model().text(0, 5) == "病"


def test_marks_are_saved_in_the_month_they_were_put_in(held, station, frame, monkeypatch) -> None:
    """Though another one is asked for that takes its time, or cannot be read at all."""
    page, *_rest = held
    page.opened(tab="attendance", month="2023-06")
    line = page.month.lines[0].id

    def broken(_session, _month: str):
        raise DomainError("读不出来")

    with monkeypatch.context() as patched:
        patched.setattr(pay, "month", broken)
        page.month.step(1)
    assert str(frame.errors[-1]) == "读不出来" and page.month.month == "2023-06"
    page.month.mark(line, 3, "病")
    page.month.save()
    assert page.month.month == "2023-07"  # what was asked for last
    page.month.step(-1)
    assert page.month.marks[line][2] == "S"


def test_the_names_are_frozen_once_however_often_the_month_is_shown(held) -> None:
    page, *_rest = held
    page.opened(tab="attendance", month="2023-06")
    page.month.step(1)
    page.month.reload()
    assert len(page.attendance.grid.findChildren(QTableView)) == 1  # each of those before followed every change of the grid


def test_marks_typed_while_another_month_is_read_are_of_that_one(qtbot, held, frame, monkeypatch) -> None:
    """On an old laptop it takes half a second: they were put into the month that was left, and were gone with it."""
    page, *_rest = held
    page.opened(tab="attendance", month="2023-06")
    grid, line, reading = page.attendance.grid, page.month.lines[0].id, []
    grid.go_to(line, "3")
    with monkeypatch.context() as slow:
        slow.setattr(frame.jobs, "_submit", lambda _lane, call: reading.append(call))
        qtbot.keyClick(grid, Qt.Key.Key_PageDown, Qt.KeyboardModifier.AltModifier)
        qtbot.keyClicks(grid, "A")
        qtbot.keyClick(grid, Qt.Key.Key_Right)
        qtbot.keyClick(grid, Qt.Key.Key_F7)
        qtbot.keyClick(grid, Qt.Key.Key_Delete)
    assert not page.month.dirty
    reading[0]()
    qtbot.waitUntil(lambda: page.month.dirty)
    assert page.month.month == "2023-07" and page.month.marks[line] == "PPA-" + "P" * 27


def test_what_is_no_attendance_is_refused_and_leaving_asks(qtbot, held, frame, answers) -> None:
    page, *_rest = held
    page.opened(tab="attendance", month="2023-06")
    grid, line = page.attendance.grid, page.month.lines[0].id
    grid.go_to(line, "1")
    grid.paste("✓\t病\t乱")
    assert "没有粘贴" in frame.messages[-1] and not page.month.dirty
    grid.paste("✓\t病\t旷")
    assert page.month.marks[line].startswith("PSA")
    answers["ask"] = False
    assert not page.can_leave() and page.month.dirty
    answers["ask"] = True
    assert page.can_leave() and not page.month.dirty


def test_attendance_that_could_not_be_read_is_counted_shown_and_not_left_unasked(held, frame, answers) -> None:
    page, *_rest = held
    page.opened(tab="attendance", month="2023-06")
    tab, cells, line = page.attendance, page.attendance.grid.model(), page.month.lines[0].id
    first = next(n for n, made in enumerate(cells.columns) if made.key == "1")
    cells.put([(0, first, "6000")])
    page.month.step(1)
    assert page.month.month == "2023-06"
    answers["ask"] = False
    assert not page.can_leave()
    cells.put([(0, first + 1, "病")])
    tab.save_button.click()
    assert "红色的 1 格" in str(frame.messages[-1])
    assert cells.wrong[line, "1"][0] == "6000"
    tab.save_button.click()  # what is left is what is wrong
    assert tab.grid.place() == (line, "1")
    answers["ask"] = True
    assert page.can_leave()
    assert (cells.wrong, page.month.dirty) == ({}, False)


def test_one_button_answers_to_insert(page) -> None:
    """Whatever tab is shown, also before one was chosen."""
    shown = [[made.text() for made in (page.new_button, page.appoint_button) if made.isVisible()]]
    for key in ("holders", "attendance", "pay"):
        page.tabs.tabs.choose(key)
        shown.append([made.text() for made in (page.new_button, page.appoint_button) if made.isVisible()])
    assert shown == [["新增岗位"], ["办上岗"], [], []]


def test_nobody_was_present_on_a_day_that_has_not_come(held) -> None:
    page, _post_id, _people = held
    page.opened(tab="attendance", month=TODAY[:7])
    page.month.all_present()
    (marks,) = page.month.marks.values()
    day = int(TODAY[8:])
    assert set(marks[:day]) == {"P"}
    assert "P" not in marks[day:]


@pytest.mark.parametrize(("required", "sunday"), [(22, "-"), (30, "P"), (None, "P")])
def test_everybody_present_rests_on_days_of_rest_where_the_post_asks_no_more(held, required, sunday) -> None:
    page, _post_id, _people = held
    page.month.open("2026-09")
    page.month.lines = [replace(line, required=required) for line in page.month.lines]
    page.month.marks = {line.id: "-" * 30 for line in page.month.lines}
    page.month.all_present()
    for marks in page.month.marks.values():
        assert marks[5] == sunday and marks[6] == "P"  # 2026-09-06 is a Sunday
        assert marks.count("P") >= (required or 0)


def test_a_whole_month_is_in_sight_with_large_text(page, qtbot) -> None:
    """31 days, the name and the sum at 1366 and 125 % text."""
    page.resize(939, 530)
    page.tabs.tabs.choose("attendance")
    page.month.open("2026-10")
    qtbot.waitUntil(lambda: page.attendance.grid.model().columnCount() > 30)
    assert page.attendance.grid.horizontalHeader().length() <= page.attendance.width() - 2


def test_a_day_of_payment_is_read_as_in_every_form_and_stays_in_the_dialog_till_it_is_one(held, station, frame, monkeypatch) -> None:
    page, *_rest = held
    page.opened(tab="attendance", month="2023-06")
    page.month.all_present()
    page.month.save()
    page.opened(tab="pay")
    typed, told = ["2023年13月", "2099.1.1", "2023.7.5"], []

    def run(dialog: dialogs.Dialog) -> bool:
        (day,) = dialog.findChildren(LineEditor)
        told.append(day.message.text())
        day.line.setText(typed.pop(0))
        return True

    monkeypatch.setattr(dialogs.Dialog, "run", run)
    page.pay.pay()
    assert told[0] == "" and "没有 13 月" in told[1] and "还没有到" in told[2]
    assert page.pay.table.model.row(0)["note"].startswith("2023-07-05 发 ")


def test_who_pays_before_the_month_is_over_is_told_what_that_leaves_out(held, frame, monkeypatch) -> None:
    page, *_rest = held
    told = []

    def run(dialog: dialogs.Dialog) -> bool:
        told.append("".join(one.text() for one in dialog.findChildren(QLabel)))
        return False

    monkeypatch.setattr(dialogs.Dialog, "run", run)
    for month in ("2023-06", clock.this_month()):
        page.opened(tab="attendance", month=month)
        page.month.all_present()
        page.month.save()
        page.opened(tab="pay")
        page.pay.pay()
    assert ["还没有过完" in words for words in told] == [False, clock.today() < last_day(clock.this_month())]


def test_a_month_to_be_verified_first_says_so_and_asks_before_it_is_paid(held, frame, monkeypatch) -> None:
    """The agreement and the insurance had ended in 2023, and so had the policy by 2026: the sheet said 可发 and nothing else."""
    page, *_rest = held
    told = []

    def run(dialog: dialogs.Dialog) -> bool:
        told.append("".join(one.text() for one in dialog.findChildren(QLabel)))
        return False

    monkeypatch.setattr(dialogs.Dialog, "run", run)
    page.opened(tab="attendance", month="2026-01")
    page.month.all_present()
    page.month.save()
    page.opened(tab="pay")
    row = page.pay.table.model.row(0)
    assert (row["state"], row["note"]) == ("先核实", "政策执行到 2025-12-31，新文件没有下来；没有有效协议；没有意外险")
    assert page.pay.sum.text() == "可发 1 人，500.00 元；其中 1 人先核实"
    page.pay.pay()
    assert "请先核实：政策执行到 2025-12-31，新文件没有下来（王秀兰）；没有有效协议（王秀兰）" in told[-1]
    page.pay.record("2026-02-05", [page.month.lines[0].id])
    row = page.pay.table.model.row(0)
    assert row["state"] == "已发" and row["note"].startswith("2026-02-05 发 500.00 元；政策执行到")


def test_the_cursor_is_on_who_was_just_put_on_a_post(held) -> None:
    page, *_rest = held
    page.opened(tab="holders")
    ids = page.holders.table.model.ids
    page.holders.table.table.setCurrentIndex(page.holders.table.model.index(-1, -1))
    page.model.added.emit(ids[-1])
    page.holders.reload()
    assert page.holders.table.selected_ids() == [ids[-1]]


def test_unsaved_attendance_is_not_printed_as_an_empty_sheet(held, frame, monkeypatch) -> None:
    page, _post, _people = held
    shown: list[str] = []
    monkeypatch.setattr(FormPrinter, "show", lambda _self, _parent, name, month: shown.append(name))
    page.tabs.tabs.choose("attendance")
    page.month.open("2023-03")
    page.month.all_present()
    page.attendance.paper.click()
    assert not shown and "还没有保存" in frame.messages[-1]
    page.attendance.save()
    page.attendance.paper.click()
    assert shown == ["post_attendance"]


@pytest.mark.parametrize("width", [864, 798])
def test_the_whole_month_is_seen_beside_the_wider_navigation_of_english(held, show, frame, station, width: int) -> None:
    """The 31st was cut off on a screen 1366 px wide at 125 % text size, and on one of 1024 px."""
    page = show(build(frame, station))
    page.resize(theme.px(width), theme.px(560))
    page.opened(tab="attendance", month="2023-10")
    QApplication.processEvents()
    grid = page.attendance.grid
    wanted = sum(grid.columnWidth(n) for n in range(grid.model().columnCount()))
    assert wanted + grid.verticalScrollBar().sizeHint().width() <= theme.px(width)

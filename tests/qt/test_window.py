"""The window around the pages, driven by keys, with a real store behind it."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QClipboard, QDropEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit

from desktop import message_bar, theme
from desktop.jobs import InlineJobs, Report
from desktop.lock import LockCover
from desktop.main_window import MainWindow, Shell
from desktop.page import Page
from desktop.preferences import Preferences
from desktop.registry import Entry
from desktop.search_box import SearchResult
from desktop.status_line import DAY, Status, StatusLine
from desktop.widgets import dialogs, keyboard
from desktop.widgets.dialogs import Dialog
from domain.errors import InputUnusable, Revoked, Stopped

ENTRIES = [
    Entry("people", "人员", "R", "users"),
    Entry("work", "务工", "W", "briefcase"),
    Entry("importing", "导入", "", "file-import", in_navigation=False),
    Entry("register", "登记", "", "user-plus", in_navigation=False),
    Entry("sync", "同步", "T", "refresh"),
]


class Remembering(Page):
    def __init__(self, frame, key: str) -> None:
        super().__init__(frame, key)
        self.calls: list[object] = []
        self.may_leave = True
        self.line = QLineEdit()
        self.body.addWidget(self.line)

    def opened(self, **args: object) -> None:
        self.calls.append(args)

    def refresh(self) -> None:
        self.calls.append("refresh")

    def can_leave(self) -> bool:
        return self.may_leave


class World:
    """What the window's use cases did."""

    guarded = True

    def __init__(self) -> None:
        self.done: list[str] = []
        self.right = "1234"
        self.earlier = ""
        self.found = [
            SearchResult(id, name, told, "people", {"id": id}) for id, name, told in (("p1", "王秀兰", "女 58 岁"), ("p2", "王秀梅", "女"))
        ]

    def undo(self, sure: bool) -> tuple[str, bool | None]:
        if self.earlier and not sure:
            return self.earlier, None
        self.done.append("undo")
        return "已撤销：登记", True

    def redo(self) -> tuple[str, bool]:
        self.done.append("redo")
        return "已重做：登记", True

    def search(self, text: str) -> list[SearchResult]:
        return [one for one in self.found if text in ("wx", "王")]

    def status(self) -> Status:
        return Status(enrolled=True, unsent=12, conflicts=2, held=1)

    def unlock(self, typed: str) -> str:
        return "" if typed == self.right else "不对"

    def log_reason(self, reason: str) -> None:
        self.done.append(reason)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def window(qtbot, world) -> Iterator[Any]:
    jobs = InlineJobs()
    crashes: list[Exception] = []
    pages = {entry: lambda frame, key=entry.key: Remembering(frame, key) for entry in ENTRIES}
    made: Any = MainWindow(jobs, Preferences(), pages, world, Shell("解放村", user="李文书", crashed=crashes.append))
    made.crashes = crashes
    # closing asks about work that is under way, and nobody answers
    qtbot.addWidget(made, before_close_func=lambda window: window.progress.hide())
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.open("people")
    yield made
    made.close()
    jobs.close()


def test_pages_are_made_on_their_first_visit_and_told_what_to_show(window) -> None:
    assert window.page("work") is None
    window.open("work", id="7")
    assert window.page("work").calls == [{"id": "7"}]
    assert window.stack.currentWidget() is window.page("work")
    assert window.navigation.buttons["work"].isChecked()
    window.open("no such page")
    assert window.key == "work"


def test_a_date_that_cannot_be_right_is_told_once_before_anything_is_entered(window) -> None:
    window.show_status(Status(clock_wrong_by=30))
    assert "日期" not in window.messages.text.text()
    window.show_status(Status(clock_wrong_by=5 * DAY))
    assert "不对" in window.messages.text.text()
    window.message("已保存")
    window.show_status(Status(clock_wrong_by=5 * DAY))
    assert window.messages.text.text() == "已保存"


def test_alt_and_a_letter_opens_a_page(qtbot, window) -> None:
    window.page("people").line.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_W, Qt.KeyboardModifier.AltModifier)
    assert window.key == "work"  # a tenth of a second later the keys that follow were lost
    assert window.page("work").line.hasFocus()


@pytest.mark.parametrize(
    ("key", "modifier", "page"),
    [
        (Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier, "work"),
        (Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier, "register"),
        (Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier, "importing"),
    ],
)
def test_shortcuts_open_pages(qtbot, window, key, modifier, page) -> None:
    qtbot.keyClick(window, key, modifier)
    assert window.key == page


def test_a_page_that_is_not_done_is_not_left(qtbot, window) -> None:
    window.page("people").may_leave = False
    qtbot.keyClick(window, Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier)
    assert window.key == "people"
    assert window.navigation.buttons["people"].isChecked()
    assert not window.close()
    window.page("people").may_leave = True


def test_search_while_typing_and_enter_opens_the_person(qtbot, window) -> None:
    qtbot.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert window.search.hasFocus()
    QTest.keyClicks(window.search, "wx")
    qtbot.waitUntil(lambda: window.search.results is not None and window.search.results.isVisible())
    assert window.search.results.chosen().title == "王秀兰"
    qtbot.keyClick(window.search, Qt.Key.Key_Down)
    qtbot.keyClick(window.search, Qt.Key.Key_Return)
    assert window.page("people").calls[-1] == {"id": "p2"}
    assert not window.search.results.isVisible()
    assert window.search.text() == ""


def test_an_enter_ahead_of_the_results_opens_nobody_but_the_one_who_is_meant(qtbot, window) -> None:
    opened: list[Any] = []
    window.search.opened.disconnect()
    window.search.opened.connect(opened.append)
    window.search.setText("王")
    window.search.search_now()
    assert window.search.results.isVisible()
    window.search.setText("王五")  # its results are not there yet: what is listed is others
    qtbot.keyClick(window.search, Qt.Key.Key_Return)
    assert opened == []
    window.search.setText("wx")
    qtbot.keyClick(window.search, Qt.Key.Key_Return)
    assert opened == []  # several: the next Enter takes one of what is listed now
    qtbot.keyClick(window.search, Qt.Key.Key_Return)
    assert [found.title for found in opened] == ["王秀兰"]


def test_escape_in_an_empty_search_goes_back_to_where_one_was(qtbot, window) -> None:
    window.help_button.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert window.search.hasFocus()
    qtbot.keyClick(window.search, Qt.Key.Key_Escape)
    assert window.help_button.hasFocus()


def test_a_search_without_result_says_so_and_escape_puts_it_away(qtbot, window) -> None:
    window.search.setText("没有这个人")
    window.search.search_now()
    assert window.search.results.isVisible() and "没有找到" in window.search.results.item(0).text()
    qtbot.keyClick(window.search, Qt.Key.Key_Escape)
    assert not window.search.results.isVisible()


def test_the_foot_says_at_once_what_became_of_an_exchange(window, world) -> None:
    window.show_status(Status(enrolled=True, online=True))
    assert window.foot.parts[0].text() == "在线"
    window.records_changed()
    assert window.foot.parts[0].text() == "离线"


def test_a_narrow_foot_cuts_no_number(qtbot) -> None:
    """要核对 59 条 stood there as 要核对 5."""
    foot = StatusLine()
    qtbot.addWidget(foot)
    foot.show_status(Status(enrolled=True, unsent=12, conflicts=59, last_sync="2023-11-20T08:20:00Z", last_backup="2023-11-20T00:00:00Z"))
    foot.resize(2000, foot.height())
    foot.show()
    assert foot.safe.isVisibleTo(foot)
    shown = [part for part in foot.parts if part is not foot.parts[-1]]
    foot.resize(sum(part.sizeHint().width() + 8 for part in shown) + 30, foot.height())
    assert not foot.safe.isVisibleTo(foot)
    assert all(part.width() >= part.sizeHint().width() for part in shown)


def test_the_foot_says_how_things_stand_and_opens_the_sync_page(qtbot, window) -> None:
    window.refresh_status()
    text = " ".join(part.text() for part in window.foot.parts)
    assert "离线" in text
    assert "待上传 12 条" in text
    assert "要核对 2 条" in text
    assert "搁置 1 条" in text
    assert window.navigation.buttons["sync"].count == 3
    assert "3" in window.navigation.buttons["sync"].accessibleName()
    qtbot.mouseClick(window.foot.parts[1], Qt.MouseButton.LeftButton)
    assert window.key == "sync"


def test_undo_by_key_and_from_the_message(qtbot, window, world) -> None:
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert world.done == ["undo"]
    assert window.messages.text.text() == "已撤销：登记"
    window.message("已保存", undo=True)
    window.messages.undo_button.click()
    assert world.done == ["undo", "undo"]
    assert window.messages.undo_button.isHidden()
    window.messages.redo_button.click()
    assert window.messages.text.text() == "已重做：登记"
    assert (window.messages.undo_button.isHidden(), window.messages.redo_button.isHidden()) == (False, True)
    qtbot.keyClick(window, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert world.done[2:] == ["redo"] * 3


def test_what_was_done_before_this_start_is_taken_back_when_somebody_says_so(window, world, monkeypatch) -> None:
    asked: list[str] = []
    answers = [False, True]

    def ask(_parent, _title, text, **_words) -> bool:
        asked.append(text)
        return answers.pop(0)

    monkeypatch.setattr(dialogs, "ask", ask)
    world.earlier = "昨天 16:20　导入 名册.xlsx"
    window.undo()
    assert world.done == []
    window.undo()
    assert asked == [world.earlier] * 2
    assert world.done == ["undo"]


def test_an_undo_that_lasts_is_shown_and_not_begun_twice(qtbot, window, world, monkeypatch) -> None:
    """An import of thousands of rows takes seconds to take back."""
    begun: list[Any] = []
    monkeypatch.setattr(message_bar, "PATIENCE", 0)
    monkeypatch.setattr(window.jobs, "run", lambda work, done, broke: begun.append((work, done, broke)))
    window.undo()
    qtbot.waitUntil(window.progress.isVisible)
    assert window.progress.what.text() == "撤销" and window.progress.stop.isHidden()
    window.undo()
    window.redo()
    ((work, done, _broke),) = begun
    done(work())
    assert not window.progress.isVisible() and window.messages.text.text() == "已撤销：登记"
    window.undo()
    qtbot.waitUntil(window.progress.isVisible)
    begun[1][2](Stopped("没有办成"))
    assert not window.progress.isVisible()
    window.redo()
    assert len(begun) == 3


def test_undo_in_a_line_is_of_the_line(qtbot, window, world) -> None:
    line = window.page("people").line
    line.setFocus()
    QTest.keyClicks(line, "abc")
    qtbot.keyClick(line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert world.done == []
    assert line.text() == ""


def test_pages_look_again_when_records_changed(qtbot, window) -> None:
    window.open("work")
    window.page("people").calls.clear()
    for _n in range(5):
        window.records_changed()
    qtbot.waitUntil(lambda: window.page("work").calls == [{}, "refresh"])
    assert window.page("people").calls == []
    window.open("people")
    assert window.page("people").calls == ["refresh", {}]


def test_a_window_that_was_left_looks_at_nothing_again(qtbot, window) -> None:
    window.page("people").calls.clear()
    window.records_changed()
    window.hide()
    qtbot.waitUntil(lambda: not window._settle.isActive())
    assert window.page("people").calls == []


def test_locking_covers_everything_and_keeps_what_is_half_typed(qtbot, window, world) -> None:
    line = window.page("people").line
    line.setText("填到一半")
    qtbot.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    (cover,) = window._lock.covers
    assert window.locked
    assert cover.geometry() == window.rect()
    qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(window, Qt.Key.Key_W, Qt.KeyboardModifier.AltModifier)
    assert window.key == "people"
    cover.secret.setText("0000")
    cover.try_unlock()
    assert window.locked
    assert "不对" in cover.wrong.text()
    window.resize(1000, 600)
    assert cover.geometry() == window.rect()
    cover.secret.setText(world.right)
    qtbot.keyClick(cover.secret, Qt.Key.Key_Return)
    assert not window.locked
    assert line.text() == "填到一半"
    qtbot.waitUntil(lambda: not window._root.findChildren(LockCover))
    qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert window.key == "register"


def test_a_dialog_is_covered_too(qtbot, window, world) -> None:
    dialog = Dialog(window, "粘贴 12 格")
    inside = dialog.add_button("填入", accept=True, kind="primary")
    dialog.show()
    window.lock()
    covers = {cover.window(): cover for cover in window._lock.covers}
    assert set(covers) == {window, dialog}
    assert not inside.isEnabled()
    covers[dialog].secret.setText(world.right)
    covers[dialog].try_unlock()
    assert not window.locked
    assert inside.isEnabled()
    assert dialog.isVisible()
    dialog.close()


@pytest.mark.parametrize(("text", "stays"), [("张三 230826197908178768", False), ("13845678901", False), ("张三 今天来过", True)])
def test_copied_numbers_do_not_outlast_the_lock(window, monkeypatch, text: str, stays: bool) -> None:
    """Whoever sat down at the locked computer could paste them elsewhere."""
    clipboard = QApplication.clipboard()
    clipboard.setText(text)
    monkeypatch.setattr(QClipboard, "ownsClipboard", lambda _self: True)
    window.lock()
    assert clipboard.text() == (text if stays else "")


def test_a_question_of_a_page_is_covered_and_can_be_unlocked(qtbot, window, world) -> None:
    dialog = Dialog(window.page("people"), "有一张没填完的表", "要接着填吗？")
    inside = dialog.add_button("接着填", accept=True, kind="primary")
    dialog.show()
    inside.setFocus()
    before = dialog.size()
    window.lock()
    cover = next(cover for cover in window._lock.covers if cover.window() is dialog)
    assert cover.secret.isEnabled()
    assert not inside.isEnabled()
    assert cover.height() >= cover.sizeHint().height()
    cover.secret.setText(world.right)
    cover.try_unlock()
    assert not window.locked
    assert inside.isEnabled()
    assert dialog.size() == before
    assert dialog.focusWidget() is inside
    window.lock()
    next(cover for cover in window._lock.covers if cover.window() is dialog).other_user.emit()
    assert not dialog.isVisible()


def test_a_question_does_not_keep_ctrl_l_from_locking(qtbot, window) -> None:
    """The new recovery code stayed in sight of whoever came in."""
    dialog = Dialog(window, "新的恢复码")
    dialog.setModal(True)
    dialog.show()
    qtbot.waitExposed(dialog)
    window.idle._watch(dialog.windowHandle())
    qtbot.keyClick(dialog.windowHandle(), Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert window.locked
    assert {cover.window() for cover in window._lock.covers} == {window, dialog}
    dialog.close()


def test_what_opens_behind_the_lock_is_covered_before_it_is_seen(qtbot, window, world) -> None:
    """Two hundred pages read, their names in sight and 归档 one Enter away, for whoever passed the locked laptop."""
    window.lock()
    dialog = Dialog(window.page("people"), "收回签好的表")
    inside = dialog.add_button("归档 200 页", accept=True, kind="primary")
    inside.setFocus()
    dialog.show()
    cover = window._lock.covers[-1]
    assert cover.window() is dialog and cover.isVisible() and cover.geometry() == dialog.rect()
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.isVisible() and not inside.isEnabled()
    cover.secret.setText(world.right)
    cover.try_unlock()
    assert not window.locked
    assert dialog.isVisible() and inside.isEnabled() and dialog.focusWidget() is inside
    window.lock()
    assert len(window._lock.covers) == 2
    dialog.close()


def test_a_key_in_any_window_says_that_somebody_is_there(qtbot, window, monkeypatch) -> None:
    begun_anew: list[str] = []
    monkeypatch.setattr(window.idle, "_timer", SimpleNamespace(isActive=lambda: True, start=lambda: begun_anew.append("anew")))

    def pressed(widget) -> int:
        before = len(begun_anew)
        QApplication.sendEvent(widget.windowHandle(), QKeyEvent(QKeyEvent.Type.KeyPress, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier))
        return len(begun_anew) - before

    assert pressed(window) == 1
    dialog = Dialog(window, "粘贴 12 格")
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    assert pressed(dialog) == 1
    dialog.close()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    assert pressed(window) == 1


def test_files_dropped_anywhere_go_to_import_and_photographed_pages_to_benefits(window, monkeypatch) -> None:
    opened: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(window, "open", lambda page, files: opened.append((page, files)))

    def dropped(*files: str) -> None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(file) for file in files])
        event = QDropEvent(QPointF(QPoint(9, 9)), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        window.dropEvent(event)

    roster, photograph, scan = "/somewhere/花名册.xlsx", "/somewhere/IMG_1.JPG", "/somewhere/扫描.pdf"
    dropped(roster)
    dropped(photograph, scan)
    dropped(photograph, roster)
    assert opened == [("importing", [roster]), ("benefits", [photograph, scan]), ("importing", [photograph, roster])]


def test_long_work_shows_progress_and_errors_are_told(window, answers) -> None:
    seen: list[object] = []

    def work(progress) -> int:
        progress(1, 2, "第 1 行")
        seen.append((window.progress.isVisible(), window.progress.what.text(), window.progress.detail.text()))
        return 5

    window.run_long("正在导入", work, seen.append)
    assert seen == [(True, "正在导入", "第 1 行　1 / 2"), 5]
    assert not window.progress.isVisible()

    def broken(progress) -> None:
        raise InputUnusable("这不是表格文件。")

    window.run_long("正在导入", broken, seen.append)
    assert answers["told"] == ["这不是表格文件。"]

    def stopped(progress) -> None:
        raise Stopped("已停止，什么都没有改变")

    window.run_long("正在导入", stopped, seen.append)
    assert window.messages.text.text() == "已停止，什么都没有改变"
    window.jobs.run(lambda: 1 / 0, seen.append)
    assert isinstance(window.crashes[0], ZeroDivisionError)


def test_long_work_beside_longer_work_leaves_the_progress_of_that(window) -> None:
    """A download of an hour, and a roster imported meanwhile."""
    stopped: list[str] = []
    one, other = window.progress.begin("下载升级包"), window.progress.begin("正在导入")
    one.job, other.job = (SimpleNamespace(stop=partial(stopped.append, work.what)) for work in (one, other))
    window.progress.report(one, Report(1, 2, "一半", None))
    assert (window.progress.what.text(), window.progress.detail.text()) == ("正在导入", "")
    window.progress.end(other)
    assert window.progress.isVisible() and window.progress.what.text() == "下载升级包"
    window.progress.stop.click()
    assert stopped == ["下载升级包"]
    window.progress.end(one)
    assert not window.progress.isVisible()


def test_the_progress_of_long_work_takes_a_line_and_no_half_of_the_window(window, qapp) -> None:
    window.progress.begin("正在导入")
    qapp.processEvents()
    assert window.progress.height() < window.height() // 6


def test_closing_in_the_middle_of_long_work_is_asked_about(window, answers) -> None:
    window.progress.begin("正在导入")
    answers["ask"] = False
    assert not window.close()
    answers["ask"] = True
    assert window.close()


def test_leaving_for_another_user_or_village_asks_as_closing_does(window, answers, qapp) -> None:
    """The user was switched in the middle of an import, which went on against the closed store."""
    left, stopped = list[str](), list[str]()
    window._shell = replace(window._shell, switch_user=lambda: left.append("user"), practise=lambda _anew: left.append("practice"))
    window.progress.begin("正在导入").job = SimpleNamespace(stop=lambda: stopped.append("import"))
    answers["ask"] = False
    for leave in (window.switch_user, window.practise):
        leave()
        qapp.processEvents()
    assert (left, stopped) == ([], [])
    answers["ask"] = True
    for leave in (window.switch_user, window.practise):
        leave()
        qapp.processEvents()
    assert left == ["user", "practice"] and stopped == ["import"] * 2
    window._pages[window.key].can_leave = lambda: False
    window.switch_user()
    assert left == ["user", "practice"]


def test_the_reason_is_asked_once_a_session_and_logged(window, answers, world) -> None:
    answers["ask_reason"] = None
    assert window.reason() is None
    answers["ask_reason"] = "发放补助"
    assert window.reason() == "发放补助"
    answers["ask_reason"] = "另一个"
    assert window.reason() == "发放补助"
    assert world.done == ["发放补助"]
    window.show_status(Status(enrolled=True, revoked=True, masked=Revoked()))
    assert window.reason() is None
    window.show_status(Status(enrolled=True))
    assert window.reason() == "发放补助"


@pytest.mark.parametrize("size", [(1366, 768), (1024, 600)])
def test_the_window_fits_small_screens(window, size) -> None:
    window.resize(*size)
    assert (window.width(), window.height()) == size
    assert window.minimumSizeHint().width() <= 1024


def test_nothing_lies_on_the_search_box_of_a_small_screen(qtbot, qapp, world) -> None:
    """With large letters and a mark beside it the place stood on the Ctrl K of the box."""
    theme.apply(qapp, "light", 1.5)
    pages = {ENTRIES[0]: lambda frame: Remembering(frame, "people")}
    shell = Shell("横头山镇 · 解放村", user="看看", marks={"只看不改": ""})
    window: Any = MainWindow(InlineJobs(), Preferences(), pages, world, shell)
    qtbot.addWidget(window)
    window.resize(1024, 600)
    window.show()
    qtbot.waitExposed(window)
    place = next(one for one in window.findChildren(QLabel) if one.text() == shell.place)
    assert window.search.geometry().right() < place.geometry().left()


def test_a_page_outside_the_navigation_has_no_mark_there(window) -> None:
    window.open("register")
    assert not any(made.isChecked() for made in window.navigation.buttons.values())
    window.open("work")
    assert [key for key, made in window.navigation.buttons.items() if made.isChecked()] == ["work"]


def test_a_message_covers_nothing_and_goes_away(qtbot, window) -> None:
    window.messages._timer.setInterval(50)
    window.show_status(Status())
    window.message("已登记", undo=True)
    foot = window.foot.geometry().translated(window.foot.parentWidget().mapTo(window, QPoint(0, 0)))
    assert foot.contains(window.messages.geometry())
    last = max(part.mapTo(window, part.rect().topRight()).x() for part in window.foot.parts if part.isVisible())
    assert window.messages.x() > last
    qtbot.waitUntil(lambda: not window.messages.isVisible())
    window.message("没有办成，因为" * 40)
    assert window.messages.geometry().bottom() < foot.top()
    assert window.messages.height() > window.messages.text.fontMetrics().height() * 3


@pytest.mark.parametrize("text", ["已保存", "这一步没有做成，已保存的内容都在；" * 12])
def test_a_message_takes_its_place_once(qtbot, window, text) -> None:
    asked: list[object] = []
    rounds: list[int] = []
    room = window.foot.room

    def counted():
        asked.append(None)
        return room()

    window.foot.room = counted
    window.message(text)
    timer = QTimer(window, interval=0)
    timer.timeout.connect(lambda: rounds.append(len(asked)))
    timer.start()
    qtbot.waitUntil(lambda: len(rounds) > 60)
    timer.stop()
    assert rounds[-1] == rounds[30]  # it asked for a layout, which had it take its place again, for as long as it stood there


def test_what_is_disabled_under_the_focus_leaves_it_in_the_page(qtbot, app) -> None:
    """现在同步, the last thing to press on a page without a list, sent the clerk to the foot, where no key of the page is heard."""
    window = app.window
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.open("people")
    page = window.page("people")
    *_others, last = keyboard.stops(page)
    last.setFocus()
    last.setEnabled(False)
    qtbot.waitUntil(lambda: page.isAncestorOf(QApplication.focusWidget()))


def test_back_goes_to_the_page_before(window) -> None:
    """From 登记, which has no place in the navigation, to where somebody came from; a page that is not done stays."""
    window.back()
    assert window.key == "people"  # nothing was shown before
    window.open("work")
    window.open("register")
    window.open("register", household=("h", "王秀兰 户"))
    window.back()
    assert window.key == "work"
    window.open("register")
    window.page("register").may_leave = False
    window.back()
    assert window.key == "register"
    window.page("register").may_leave = True


def test_f1_opens_the_manual_at_the_page_shown(qtbot, window) -> None:
    window.open("sync")
    qtbot.keyClick(window, Qt.Key.Key_F1)
    assert window.manual.isVisible() and window.manual.list.currentItem().text() == "同步"
    window.manual.close()
    window.open("people")
    window.help_button.click()
    assert window.manual.list.currentItem().text() == "每天"
    window.manual.close()

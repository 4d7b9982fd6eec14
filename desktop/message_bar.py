"""Messages and the progress of long work, at the bottom of the window, which interrupt nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QFrame, QProgressBar, QSizePolicy, QWidget

from desktop import theme
from desktop.jobs import Job, Jobs, Report
from desktop.status_line import StatusLine
from desktop.widgets.basics import Button, Card, button, label
from desktop.widgets.layout import column, row
from desktop.widgets.spoken import announce
from domain.words import _

_T = TypeVar("_T")
SHOWN = 7000  # milliseconds
PATIENCE = 500
"""Milliseconds after which the progress of usually short work is shown."""


class MessageBar(QFrame):
    """A message in the free part of the status line, for some seconds, with 撤销 or 重做 where possible.

    It covers nothing of the page, unless the message is too long for the line: then it is shown above the line, wrapped.
    """

    def __init__(self, parent: QWidget, undo: Callable[[], None], redo: Callable[[], None], foot: StatusLine) -> None:
        super().__init__(parent)
        self.setObjectName("message")
        self._foot = foot
        self.text = label("")
        self._placed: object = None
        self.undo_button = self._action_button(_("撤销"), undo)
        self.redo_button = self._action_button(_("重做"), redo)
        self.setLayout(row(self.text, 8, self.undo_button, self.redo_button, margins=(14, 1, 2, 1)))
        self._timer = QTimer(self, singleShot=True, interval=SHOWN)
        self._timer.timeout.connect(self.hide)
        for watched in (parent, foot):
            watched.installEventFilter(self)
        self.hide()

    def say(self, text: str, *, undo: bool = False, redo: bool = False) -> None:
        """Show a message."""
        self.text.setText(text)
        self.setAccessibleName(text)
        self.undo_button.setVisible(undo)
        self.redo_button.setVisible(redo)
        self.show()
        self._place()
        self.raise_()
        announce(self, text)
        self._timer.start()

    def _action_button(self, word: str, call: Callable[[], None]) -> Button:
        def pressed() -> None:
            self.hide()
            call()

        made = button(word, pressed, kind="small")
        made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        return made

    def _place(self) -> None:
        free = self._foot.room()
        shown = [one.isVisibleTo(self) for one in (self.undo_button, self.redo_button)]
        place = (free.getRect(), self._foot.width(), self.text.text(), shown)
        if place == self._placed:  # setting the geometry requests a layout, which calls this again
            return
        self._placed = place
        self.text.setWordWrap(False)
        size = self.sizeHint()
        if size.width() <= free.width():
            self.setGeometry(free.right() - size.width(), free.y() + 1, size.width(), free.height() - 2)
            return
        self.text.setWordWrap(True)
        width = min(size.width(), self._foot.width() - theme.px(40))
        height = max(self.heightForWidth(width), size.height()) + theme.px(10)
        self.setGeometry((self._foot.width() - width) // 2, free.y() - height - theme.px(6), width, height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow changes of the window's size and of the status line."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest) and self.isVisible():
            self._place()
        return False


@dataclass(eq=False)
class Work:
    """Long work in progress; `job` is stopped by 停止, None if it cannot be stopped."""

    what: str
    job: Job | None = None


class ProgressArea(Card):
    """What is being done, how far it is, the estimated time left, and a stop button."""

    def __init__(self) -> None:
        super().__init__()
        self.what = label("", "strong")
        self.detail = label("", "muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.stop = button(_("停止"), self._stop, kind="small", icon="player-stop")
        self.add_row(column(row(self.what, 8, self.detail, None), self.bar, spacing=4), 8, self.stop)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)  # leave the room to the page
        self._works: list[Work] = []
        """Work in progress; the one begun last is shown, then the one before."""
        self._lasting = False
        self.hide()

    def at_once(self, jobs: Jobs, what: str, work: Callable[[], _T], done: Callable[[_T], None]) -> None:
        """Run usually short work that cannot be stopped. If it takes longer than `PATIENCE`, its progress is shown, and calls are ignored
        until it has ended: a user who sees no effect yet and presses again would undo twice."""
        if self._lasting:
            return
        patience = QTimer(self, singleShot=True, interval=PATIENCE)
        shown: list[Work] = []

        def show() -> None:
            self._lasting = not self.isVisible()
            if self._lasting:
                shown.append(self.begin(what))
                self.stop.hide()

        def ended() -> None:
            patience.stop()
            patience.deleteLater()
            for work in shown:
                self._lasting = False
                self.end(work)

        def succeeded(result: _T) -> None:
            ended()
            done(result)

        def failed(error: Exception) -> None:
            ended()
            jobs.failed.emit(error)

        patience.timeout.connect(show)
        patience.start()
        jobs.run(work, succeeded, failed)

    def begin(self, what: str) -> Work:
        """Show that work has started."""
        work = Work(what)
        self._works.append(work)
        self._show(work)
        announce(self, what)
        return work

    def _show(self, work: Work) -> None:
        what = work.what
        self.stop.show()
        self.what.setText(what)
        self.bar.setAccessibleName(what)
        self.detail.setText("")
        self.bar.setRange(0, 0)
        self.stop.setEnabled(True)
        self.show()

    def report(self, work: Work, report: Report) -> None:
        """Show how far it is."""
        if work is not self._works[-1]:
            return
        self.bar.setRange(0, max(report.total, 0))
        self.bar.setValue(min(report.done, report.total))
        words = [report.what] if report.what else []
        if report.total:
            words.append(f"{report.done:,} / {report.total:,}")
        if report.left is not None:
            words.append(time_left(report.left))
        self.detail.setText("　".join(words))

    def end(self, work: Work) -> None:
        """Remove finished work; work begun before it that still runs is shown again."""
        self._works.remove(work)
        if self._works:
            self._show(self._works[-1])
        else:
            self.hide()

    def stop_all(self) -> None:
        """Stop all work that can be stopped."""
        for work in self._works:
            if work.job is not None:
                work.job.stop()

    def _stop(self) -> None:
        job = self._works[-1].job if self._works else None
        if job is not None:
            job.stop()
            self.stop.setEnabled(False)
            self.detail.setText(_("正在停止…"))


def time_left(seconds: float) -> str:
    """Return the time left as text: 还要 40 秒, 还要 3 分钟."""
    if seconds < 90:
        return _("还要 {n} 秒").format(n=max(1, round(seconds)))
    return _("还要 {n} 分钟").format(n=round(seconds / 60))

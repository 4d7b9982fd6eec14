"""Two things that rise over the foot of the window and stop nobody: messages, and the progress of long work."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QFrame, QProgressBar, QWidget

from desktop import theme
from desktop.jobs import Job, Report
from desktop.widgets.basics import Card, button, label
from desktop.widgets.layout import column, row
from domain.words import _

SHOWN = 7000  # milliseconds


class MessageBar(QFrame):
    """A sentence over the foot of the window, for some seconds, with 撤销 where that is possible."""

    def __init__(self, parent: QWidget, undo: Callable[[], None]) -> None:
        super().__init__(parent)
        self.setObjectName("message")
        self.text = label("")
        self._undo = undo
        self.undo_button = button(_("撤销"), self._take_back)
        self.setLayout(row(self.text, 8, self.undo_button, margins=(16, 8, 10, 8)))
        self._timer = QTimer(self, singleShot=True, interval=SHOWN)
        self._timer.timeout.connect(self.hide)
        parent.installEventFilter(self)
        self.hide()

    def say(self, text: str, *, undo: bool = False) -> None:
        """Show a sentence."""
        self.text.setText(text)
        self.setAccessibleName(text)
        self.undo_button.setVisible(undo)
        self.show()
        self._place()
        self.raise_()
        self._timer.start()

    def _take_back(self) -> None:
        self.hide()
        self._undo()

    def _place(self) -> None:
        self.adjustSize()
        around = self.window()
        self.move((around.width() - self.width()) // 2, around.height() - self.height() - theme.px(46))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the middle when the window changes its size."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False


class ProgressArea(Card):
    """What is being done, how far it is, how long it will take, and a way to stop it."""

    def __init__(self) -> None:
        super().__init__()
        self.what = label("", "strong")
        self.detail = label("", "muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.stop = button(_("停止"), self._stop, kind="small", icon="player-stop")
        self.add_row(column(row(self.what, 8, self.detail, None), self.bar, spacing=4), 8, self.stop)
        self._job: Job | None = None
        self.hide()

    def begin(self, what: str) -> None:
        """Show that work has started."""
        self.what.setText(what)
        self.bar.setAccessibleName(what)
        self.detail.setText("")
        self.bar.setRange(0, 0)
        self.stop.setEnabled(True)
        self.show()

    def attach(self, job: Job) -> None:
        """The work that 停止 stops."""
        self._job = job

    def report(self, report: Report) -> None:
        """Show how far it is."""
        self.bar.setRange(0, max(report.total, 0))
        self.bar.setValue(min(report.done, report.total))
        words = [report.what] if report.what else []
        if report.total:
            words.append(f"{report.done:,} / {report.total:,}")
        if report.left is not None:
            words.append(time_left(report.left))
        self.detail.setText("　".join(words))

    def end(self) -> None:
        """The work is over."""
        self._job = None
        self.hide()

    def _stop(self) -> None:
        if self._job is not None:
            self._job.stop()
            self.stop.setEnabled(False)
            self.detail.setText(_("正在停下…"))


def time_left(seconds: float) -> str:
    """还要 40 秒, 还要 3 分钟."""
    if seconds < 90:
        return _("还要 {n} 秒").format(n=max(1, round(seconds)))
    return _("还要 {n} 分钟").format(n=round(seconds / 60))

"""The status line at the bottom of the window, which also says that the laptop can be closed safely:

● 离线　待上传 12 条　上次同步 昨天 16:20　备份 今天 08:00 ✓　时钟正常
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPixmap, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import theme
from desktop.widgets.basics import Button, label
from desktop.widgets.drawing import smooth_painter
from desktop.widgets.layout import row
from domain import clock
from domain.clock import when
from domain.errors import CunzhanError
from domain.words import _

if TYPE_CHECKING:  # loading the database waits until the password is asked for
    from db.lease import Lease

HEIGHT = 30
DAY = 24 * 60
"""Minutes; a clock that is wrong by more makes wrong dates."""


@dataclass(frozen=True)
class Status:
    """The content of the line. Times are UTC in the format of records, "" for never."""

    enrolled: bool = False
    revoked: bool = False
    """Whether the county disabled this laptop, by its latest answer."""
    lease: Lease | None = None
    """The term within which it has to hear from its county."""
    masked: CunzhanError | None = None
    """Why no numbers are shown unmasked, for one of these two reasons."""
    online: bool = False
    unsent: int = 0
    held: int = 0
    conflicts: int = 0
    last_sync: str = ""
    last_backup: str = ""
    clock_wrong_by: int = 0
    """Minutes by which this computer's clock differs from the county's, or is behind the latest time in the store; 0 if it is right or
    nothing is known."""

    aside: tuple[str, ...] = ()
    """What to do about data that a restore moved aside with unsent changes."""

    def warnings(self) -> Iterator[str]:
        """Yield the warnings that are shown once when the window opens, most serious last."""
        yield from self.aside
        if self.lease is not None and self.lease.near and not self.revoked:
            yield self.lease.sentence()
        if self.clock_wrong_by >= DAY:
            text = _("这台电脑的日期是 {today}，不对。请点屏幕右下角的时间，把日期和时间调准。")
            yield text.format(today=clock.today())


def _clock(minutes: int) -> str:
    if minutes < DAY:
        return _("时钟差 {n} 分钟").format(n=minutes) if minutes else _("时钟正常")
    return _("电脑日期不对，差 {n} 天").format(n=minutes // DAY)


class StatusLine(QWidget):
    """The line; a click anywhere on it emits `pressed`, which opens the sync page."""

    pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("foot")
        self.setFixedHeight(theme.px(HEIGHT))
        self.setAccessibleName(_("状态"))
        self.parts = [self._part() for _n in range(5)]
        self.safe = label("")
        self.safe.setObjectName("safe")
        self._optional_parts: list[QWidget] = []
        self.setLayout(row(*self.parts, None, self.safe, spacing=8, margins=(8, 0, 14, 0)))
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def _part(self) -> Button:
        made = Button("")
        made.setObjectName("footButton")
        made.hide()  # nothing is known yet, so do not claim that there was no backup
        made.clicked.connect(self.pressed)
        return made

    def room(self) -> QRect:
        """The free part of the line, where it only says that all is safe, in coordinates of its window."""
        self.layout().activate()  # type: ignore[union-attr]  # set in __init__
        left = max((part.geometry().right() for part in self.parts if part.isVisibleTo(self)), default=0) + theme.px(16)
        place = self.mapTo(self.window(), QPoint(left, 0))
        return QRect(place, QSize(self.width() - left - theme.px(8), self.height()))

    def show_status(self, status: Status) -> None:
        """Show a status."""
        link, waiting, synced, backup, clock = self.parts
        for part in (link, backup, clock):
            part.show()
        text, token = _link(status)
        link.setText(text)
        link.setIcon(_dot(token))
        texts = [_("待上传 {n} 条").format(n=status.unsent)]
        if status.conflicts:
            texts.append(_("要核对 {n} 条").format(n=status.conflicts))
        if status.held:
            texts.append(_("搁置 {n} 条").format(n=status.held))
        waiting.setText("　".join(texts))
        waiting.setVisible(status.enrolled)
        synced.setVisible(status.enrolled)
        synced.setText(_("上次同步 {when}").format(when=when(status.last_sync)))
        backed_up_today = bool(status.last_backup) and when(status.last_backup).startswith(_("今天 {time}").format(time="").strip())
        backup.setText(_("备份 {when}").format(when=when(status.last_backup)) + (" ✓" if backed_up_today else ""))
        theme.style(backup, role="good" if backed_up_today else "plain")
        clock.setText(_clock(status.clock_wrong_by))
        theme.style(clock, role="bad" if status.clock_wrong_by >= DAY else "plain")
        self.safe.setText(_("可以放心合上电脑"))
        for part in self.parts:
            part.setAccessibleName(part.text())
        self._optional_parts = [self.safe] if status.clock_wrong_by else [self.safe, clock]
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show fewer parts in a narrow window."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Hide parts that only say that all is well, before a number would be cut off."""
        for one in self._optional_parts:
            one.show()
        for one in self._optional_parts:
            shown = [part for part in (*self.parts, self.safe) if part.isVisibleTo(self)]
            if sum(part.sizeHint().width() + 8 for part in shown) + 22 > self.width():
                one.hide()


def _link(status: Status) -> tuple[str, str]:
    """The first part of the line, and the colour of its dot: green only if nothing needs to be done."""
    if status.revoked:
        return _("县里已停用"), "bad"
    if status.lease is not None and status.lease.over:
        return _("离网期限已过"), "bad"
    if status.lease is not None and status.lease.near:
        return _("离网期限还剩 {n} 天").format(n=status.lease.left), "badge"
    if status.online:
        return _("在线"), "accent"
    return (_("离线"), "badge") if status.enrolled else (_("还没加入县服务器"), "faint")


def _dot(token: str) -> QIcon:
    side = theme.px(10)
    picture = QPixmap(side, side)
    picture.fill(QColor(0, 0, 0, 0))
    painter = smooth_painter(picture)
    painter.setPen(QColor(0, 0, 0, 0))
    painter.setBrush(theme.colour(token))
    painter.drawEllipse(0, 0, side - 1, side - 1)
    painter.end()
    return QIcon(picture)

"""The navigation at the left: one button per page with icon, name, Alt-letter and the number of open tasks. And the menu of the user's
name: lock, switch user, text size, colours, manual."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import shiboken6
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen, QShortcutEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QMenu, QSizePolicy, QWidget

from desktop import icons, theme
from desktop.registry import Entry
from desktop.widgets import keyboard
from desktop.widgets.basics import label
from desktop.widgets.drawing import smooth_painter
from desktop.widgets.keyboard import begins_marked
from desktop.widgets.layout import column, holder, scrolled
from domain.words import _, page_word

WIDTH = 148


class NavButton(QAbstractButton):
    """One button of the navigation."""

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry = entry
        self.count = 0
        self.setText(page_word(entry.word))
        self.setCheckable(True)
        self.setAutoExclusive(True)  # a screen reader then says "one of several"
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        if entry.letter:
            self.setShortcut(f"Alt+{entry.letter}")
        self._quiet = icons.pixmap(entry.icon, "nav_text")
        self._chosen = icons.pixmap(entry.icon, "on_accent")
        self.set_count(0)

    def set_count(self, count: int) -> None:
        """Set the number in the badge; 0 hides it."""
        self.count = count
        name = self.text() if not count else _("{word}，{count} 条待办").format(word=self.text(), count=count)
        self.setAccessibleName(name)
        self.update()

    def event(self, event: QEvent) -> bool:
        """Open the page at once on its Alt-letter. Qt would move the focus here and click a tenth of a second later, and keys typed in
        between would be lost."""
        if isinstance(event, QShortcutEvent):
            self.click()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses."""
        if not keyboard.pressed(self, event):
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        """36 px high at 100 % text."""
        return QSize(theme.px(WIDTH - 16), theme.px(36))

    def minimumSizeHint(self) -> QSize:
        """Lower than the size hint, so that all pages stay visible in a low window."""
        return QSize(theme.px(WIDTH - 16), theme.px(28))

    def least_width(self) -> int:
        """The width in px for icon, name, letter and a badge of two figures."""
        word = QFontMetrics(theme.font(14, bold=True)).horizontalAdvance(self.text())
        return theme.px(37) + word + theme.px(24 if self.entry.letter else 8) + theme.px(34)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw background, icon, name, letter and badge."""
        painter = smooth_painter(self)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        ground = "accent" if self.isChecked() else "nav_hover" if self.underMouse() else "nav"
        ink = "on_accent" if self.isChecked() else "nav_text"
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(ground))
        painter.drawRoundedRect(box, 6, 6)
        if self.hasFocus():
            painter.setPen(QPen(theme.colour(ink), 2))
            painter.drawRoundedRect(box.adjusted(2, 2, -2, -2), 4, 4)
        picture = self._chosen if self.isChecked() else self._quiet
        side = theme.px(icons.SIZE)
        painter.drawPixmap(QPointF(theme.px(10), (self.height() - side) / 2), picture)
        painter.setPen(theme.colour(ink))
        painter.setFont(theme.font(14, bold=self.isChecked()))
        painter.drawText(QRect(theme.px(37), 0, self.width(), self.height()), theme.LEFT, self.text())
        self._draw_right(painter, ink)

    def _draw_right(self, painter: QPainter, ink: str) -> None:
        right = self.width() - theme.px(10)
        if self.count:
            text = str(self.count) if self.count < 100 else "99+"
            width = max(theme.px(18), theme.px(8) * len(text) + theme.px(8))
            box = QRectF(right - width, (self.height() - theme.px(18)) / 2, width, theme.px(18))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("badge"))
            painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
            painter.setPen(theme.colour("on_badge"))
            painter.setFont(theme.font(12, bold=True))
            painter.drawText(box, int(theme.CENTRE), text)
            right -= int(width) + theme.px(6)
        if self.entry.letter:
            letter = theme.font(11)
            letter.setUnderline(True)
            painter.setFont(letter)
            painter.setPen(theme.mix("nav", "nav_text", 0.72) if ink == "nav_text" else theme.colour(ink))
            painter.drawText(QRect(0, 0, right, self.height()), theme.RIGHT, self.entry.letter)


class Navigation(QWidget):
    """The column of page buttons; `chosen` carries the key of the page."""

    chosen = Signal(str)

    def __init__(self, entries: Iterable[Entry]) -> None:
        super().__init__()
        self.setObjectName("nav")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(_("导航"))
        self.buttons = {entry.key: NavButton(entry) for entry in entries if entry.in_navigation}
        widest = max((made.least_width() for made in self.buttons.values()), default=0)
        self._wide = max(theme.px(WIDTH), widest + theme.px(16))  # English words are longer
        self.setFixedWidth(self._wide)
        self._group = QButtonGroup(self)
        for made in self.buttons.values():
            self._group.addButton(made)
            made.clicked.connect(lambda _checked=False, key=made.entry.key: self.chosen.emit(key))
        brand = label(_("村站通"))
        brand.setObjectName("brand")
        brand.setFixedHeight(theme.px(52))
        lines = column(*self.buttons.values(), None, spacing=2, margins=(8, 2, 8, 8))
        area = scrolled(holder(lines, name="nav"))
        self.setLayout(column(brand, area, spacing=0))
        self._bar = area.verticalScrollBar()
        self._bar.rangeChanged.connect(self._fit, Qt.ConnectionType.QueuedConnection)  # the scroll area has not updated its own sizes yet

    def _fit(self, _low: int, high: int) -> None:
        if shiboken6.isValid(self._bar):  # a queued signal may arrive while the window is being destroyed
            self.setFixedWidth(self._wide + (self._bar.sizeHint().width() if high else 0))

    def show_chosen(self, key: str) -> None:
        """Mark the button of the page shown; for a page outside the navigation none is marked."""
        if key in self.buttons:
            self.buttons[key].setChecked(True)
        elif (marked := self._group.checkedButton()) is not None:
            self._group.setExclusive(False)  # an exclusive group always keeps one of its buttons
            marked.setChecked(False)
            self._group.setExclusive(True)

    def next_after(self, key: str, step: int = 1) -> str:
        """Return the page after (or before) `key`, cyclically."""
        keys = list(self.buttons)
        at = keys.index(key) if key in keys else -1
        return keys[(at + step) % len(keys)]


def user_menu(
    window: QWidget,
    lock: Callable[[], None],
    switch_user: Callable[[], None],
    change_look: Callable[[str, str | float], None],
    help: Callable[[], None],
    practise_anew: Callable[[], None] | None = None,
) -> QMenu:
    """Return the menu for a window; `change_look` is that of `desktop.page.Frame`; `practise_anew` is given in the practice village."""
    menu = begins_marked(QMenu(window))
    _action(menu, _("锁定"), lock, "Ctrl+L")
    _action(menu, switch_word(practise_anew is not None), switch_user)
    if practise_anew is not None:
        _action(menu, _("练习村从头来"), practise_anew)
    menu.addSeparator()
    sizes = menu.addMenu(_("字号"))
    for size in theme.TEXT_SIZES:
        _action(sizes, f"{round(size * 100)} %", partial(change_look, "text_size", size)).setChecked(size == theme.scale())
    looks = menu.addMenu(_("颜色"))
    for one in theme.THEMES.values():
        _action(looks, _(one.label), partial(change_look, "theme", one.name)).setChecked(one is theme.current())
    menu.addSeparator()
    _action(menu, _("使用说明"), help, "F1")
    return menu


def switch_word(practice: bool) -> str:
    """Return the label of switching the user; in the practice village it leads back to the user's own village."""
    return _("离开练习村，回自己的村") if practice else _("换一个人登录")


def _action(menu: QMenu, text: str, call: Callable[[], None], keys: str = "") -> QAction:
    made = menu.addAction(text)
    made.triggered.connect(lambda _checked=False: call())
    made.setCheckable(not keys and menu.title() != "")
    if keys:
        made.setText(f"{text}\t{keys}")
    return made

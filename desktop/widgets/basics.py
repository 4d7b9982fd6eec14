"""Basic widgets: labels, buttons, cards, chips, bars, empty states.

label(_("今天要办"), "title")                    roles: title heading strong muted small good warn bad info figure nothing
button(_("登记"), self.register, kind="primary", icon="plus", hint="Ctrl N")
button(_("保存"), self.save, hint="Ctrl S", within=self)      the shortcut shown works anywhere within `self`
Card(_("应享未享"), note=_("合计 6 人")) ; card.add(widget) ; card.note.setText(…) ; card.add_row(a, None, b)
Card(_("车间吸纳奖补"), edge="amber")            a coloured left edge, named by its token: for example amber warn bad
Chip(_("脱贫人口"), "good")                      tones: good warn bad info plain; always with its word, colour is never the only sign
LineBar(5200, 6000, "5 200 / 6 000")             a bar to a line: amber until it is reached, green from then on
EmptyState(_("还没有人员"), _("导入村里的花名册，或先登记一个人。"), button(_("导入名册"), …))
finder(_("按名称或拼音找"), 220)                  a filter field above a list
rule()                                           a thin line
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QIcon, QKeyEvent, QKeySequence, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop import icons, theme
from desktop.widgets import keyboard, writing
from desktop.widgets.drawing import draw_bar, smooth_painter
from desktop.widgets.elided import ElidedLabel
from desktop.widgets.layout import Item, column, fill, holder, row

_Label = TypeVar("_Label", bound=QLabel)


def label(text: str = "", role: str = "", *, wrap: bool = False, selectable: bool = False, name: str = "") -> QLabel:
    """Return a label. Its text is always shown as plain text, never as HTML. `name`: its accessible name, by default the text."""
    made = dressed(QLabel(text), role, wrap=wrap, selectable=selectable)
    made.setAccessibleName(name)
    return made


def dressed(made: _Label, role: str = "", *, wrap: bool = False, selectable: bool = False) -> _Label:
    """Give a label of any class the look of `label`, and return it."""
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if role:
        made.setProperty("role", role)
    if selectable:
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard)
    return made


def show_text(shown: QLabel, text: str) -> None:
    """Show a text in a label, which is hidden while it is empty."""
    shown.setText(text)
    shown.setVisible(bool(text))


def finder(words: str, width: int) -> QLineEdit:
    """Return a filter field for a list. `words`: its placeholder; `width`: in px at 100 % text, more if the placeholder needs it."""
    made = QLineEdit()
    made.setPlaceholderText(words)
    made.setAccessibleName(words)
    made.setFixedWidth(max(theme.px(width), QFontMetrics(theme.font()).horizontalAdvance(words) + theme.px(28)))
    return made


class Button(QPushButton):
    """A push button that can show its shortcut beside its text, and that Enter presses too."""

    def __init__(self, text: str, *, kind: str = "", icon: str = "", hint: str = "", writes: bool = False) -> None:
        super().__init__(text)
        self.why_not = writing.why_not() if writes else ""
        if self.why_not:
            self.setEnabled(False)
            self.setToolTip(self.why_not)
        else:
            self.setAccessibleDescription(hint)
        self.hint = hint
        self.reduced = False
        self.kind = kind
        self.icon_name = icon
        if kind:
            self.setProperty("kind", kind)
        if icon:
            self.setIcon(icons.icon(icon, self._ink()))
            self.setIconSize(QSize(theme.px(icons.SIZE), theme.px(icons.SIZE)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses."""
        if not keyboard.pressed(self, event):
            super().keyPressEvent(event)

    def click(self) -> None:
        """Press it. A button disabled because the user may only read says so."""
        if self.why_not:
            writing.refused()
        else:
            super().click()

    def setEnabled(self, on: bool) -> None:
        """Enable or disable it. A button that saves stays disabled for a user who may only read."""
        super().setEnabled(on and not self.why_not)

    def look(self, *, primary: bool) -> None:
        """Make it the primary button, or an ordinary one."""
        kind = "primary" if primary else ""
        if kind != self.kind:
            self.kind = kind
            self.setProperty("kind", kind)
            theme.style(self)
            if self.icon_name:
                self.setIcon(icons.icon(self.icon_name, self._ink()))

    def _ink(self) -> str:
        return {"primary": "on_accent", "danger": "bad", "link": "info"}.get(self.kind, "text")

    def reduce(self, on: bool) -> None:
        """Show the text alone where there is no room, or icon and shortcut again; meanwhile the tool tip names the shortcut."""
        if on != self.reduced:
            self.reduced = on
            self.setToolTip(self.why_not or (self.hint if on else ""))
            self.updateGeometry()

    def around_text(self) -> int:
        """The width of icon and shortcut, which `reduce` hides; 0 without a text."""
        if not self.text():
            return 0
        return self._hint_width() + (theme.px(icons.SIZE) + 4 + theme.px(4) if self.icon_name else 0)

    def _hint_width(self) -> int:
        return QFontMetrics(theme.font(11.5)).horizontalAdvance(self.hint) + theme.px(8) if self.hint else 0

    def sizeHint(self) -> QSize:
        """The usual size with room for the hint."""
        size = super().sizeHint()
        around = self.around_text() if self.reduced else 0
        return QSize(size.width() + self._hint_width() + (theme.px(4) if self.icon_name else 0) - around, size.height())

    def minimumSizeHint(self) -> QSize:
        """The full size, so that the text is never cut off."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the button by the style sheet, but icon, text and hint by hand if it has an icon or a hint."""
        if self.hint or self.icon_name:
            self._draw()
        else:
            super().paintEvent(event)
        if self.kind == "primary" and self.hasFocus():  # inside the button: no colour contrasts with both the button and the page
            painter = smooth_painter(self)
            painter.setPen(QPen(theme.colour("on_accent"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(4, 4, -4, -4), 3, 3)

    def _draw(self) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        painter = QPainter(self)
        self.style().drawControl(QStyle.ControlElement.CE_PushButtonBevel, option, painter, self)
        side = theme.px(icons.SIZE)
        word = QFontMetrics(self.font()).horizontalAdvance(self.text())
        whole = not self.reduced or not word
        front = side + (theme.px(6) if word else 0) if self.icon_name and whole else 0
        hint = self._hint_width() if whole else 0
        x = (self.width() - front - word - hint - (theme.px(14) if self.menu() is not None else 0)) // 2
        if front:
            mode = QIcon.Mode.Normal if self.isEnabled() else QIcon.Mode.Disabled
            self.icon().paint(painter, QRect(x, 0, side, self.height()), mode=mode)
        ink = theme.colour(self._ink() if self.isEnabled() else "faint")
        painter.setPen(ink)
        painter.setFont(self.font())
        painter.drawText(QRect(x + front, 0, word + 2, self.height()), theme.LEFT, self.text())
        if self.kind != "primary":
            painter.setPen(theme.colour("muted"))
        painter.setFont(theme.font(11.5))
        painter.drawText(QRect(x + front + word + theme.px(8), 0, hint, self.height()), theme.LEFT, self.hint if hint else "")


class ToolButton(QToolButton):
    """A tool button that Enter presses too."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses."""
        if not keyboard.pressed(self, event):
            super().keyPressEvent(event)


def button(
    text: str,
    clicked: Callable[[], object] | None = None,
    *,
    kind: str = "",
    icon: str = "",
    hint: str = "",
    within: QWidget | None = None,
    writes: bool = False,
    name: str = "",
) -> Button:
    """Return a button; kinds: primary, quiet, danger, link, small. `hint`: the shortcut to show, which also calls `clicked` while the focus
    is `within` that widget. With `writes` it is disabled for a user who may only read. `name`: its accessible name, by default the text."""
    made = Button(text, kind=kind, icon=icon, hint=hint, writes=writes)
    made.setAccessibleName(name)
    if clicked is not None:
        made.clicked.connect(lambda _checked=False: clicked())
        if within is not None:
            bind(within, hint.replace(" ", "+"), writing.refused if made.why_not else clicked)
    return made


def bind(owner: QWidget, keys: str, call: Callable[[], object]) -> QShortcut:
    """Bind a shortcut ("Ctrl+S") that calls `call` while the focus is anywhere within `owner`."""
    made = QShortcut(QKeySequence(keys), owner)
    made.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    made.activated.connect(lambda: call())
    return made


def menu_of(button: QPushButton, entries: Iterable[tuple[str, Callable[[], object]]] = ()) -> QMenu:
    """Return the menu of a button, with entries: labels and what they call."""
    made = keyboard.begins_marked(QMenu(button))
    button.setMenu(made)
    add_entries(made, entries)
    return made


def add_entries(menu: QMenu, entries: Iterable[tuple[str, Callable[[], object]]]) -> None:
    """Add entries to a menu: labels and what they call."""
    for word, call in entries:
        menu.addAction(word).triggered.connect(lambda _on=False, call=call: call())


def rule() -> QFrame:
    """A thin horizontal line."""
    made = QFrame()
    made.setProperty("role", "rule")
    made.setFixedHeight(1)
    return made


class Card(QFrame):
    """A white panel with an optional heading row (`title`, `note` at its right end) and a body. `short`: a note that is too long is
    shortened; otherwise it widens the card, and cards beside it may be moved below."""

    def __init__(self, title: str = "", *, note: str = "", edge: str = "", padding: int = 14, short: bool = False) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._edge, self._chosen = edge, False
        self.title = label(title, "heading")
        self.note = ElidedLabel(note, "small") if short else label(note, "small")
        self.note.setAlignment(theme.RIGHT)
        between: tuple[Item, ...] = () if short else (None,)  # a shortened note takes the room between by itself
        self.head = row(self.title, *between, self.note, margins=(14 + 3 * bool(edge), 0, 14, 0))
        self.body: QVBoxLayout = column(margins=(padding + 3 * bool(edge), 10 if padding else 0, padding, 10 if padding else 0))
        heading = holder(self.head)
        heading.setFixedHeight(theme.px(41))
        outer = column(heading, spacing=0, margins=(1, 1, 1, 1))
        if title:
            outer.addWidget(rule())
            self.setAccessibleName(title)
        outer.addLayout(self.body, 1)
        self.setLayout(outer)
        heading.setHidden(not title)  # now that it has a parent; before, it would be shown as a window of its own

    def set_edge(self, edge: str) -> None:
        """Set the colour token of the left edge; "" for none."""
        self._edge = edge
        self.update()

    def set_chosen(self, chosen: bool) -> None:
        """Mark the card with a frame as the chosen one of several."""
        self._chosen = chosen
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw background, frame and edge."""
        painter = smooth_painter(self)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        painter.fillPath(shape, theme.colour("surface"))
        if self._edge:
            painter.save()
            painter.setClipPath(shape)
            painter.fillRect(QRectF(0, 0, 4, self.height()), theme.colour(self._edge))
            painter.restore()
        painter.setPen(QPen(theme.colour("accent"), 2) if self._chosen else QPen(theme.colour("line"), 1))
        painter.drawPath(shape)

    def add(self, *items: Item) -> None:
        """Add items at the end of the body, one below the other; None is a stretch."""
        fill(self.body, items)

    def add_row(self, *items: Item) -> None:
        """Add items in one row at the end of the body."""
        self.body.addLayout(row(*items))


class Chip(QLabel):
    """A short word on a tinted background; tones: good warn bad info plain. `tip`: its tooltip, also for screen readers."""

    def __init__(self, text: str, tone: str = "plain", *, tip: str = "") -> None:
        super().__init__(text)
        self.setObjectName("chip")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("tone", tone)
        self.setToolTip(tip)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)

    def set_tone(self, tone: str) -> None:
        """Set the tone."""
        self.setProperty("tone", tone)
        theme.style(self)


class LineBar(QWidget):
    """A progress bar towards a threshold: amber while `value` is below `line`, green once reached; `text` is shown at its right."""

    def __init__(self, value: float, line: float, text: str) -> None:
        super().__init__()
        self._value, self._line, self._text = value, line, text
        self.setMinimumSize(theme.px(80), theme.px(20))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw bar and text."""
        painter = QPainter(self)
        room = theme.px(130)
        reached = self._value >= self._line
        draw_bar(
            painter,
            QRectF(0, 0, self.width() - room, self.height()),
            self._value / self._line if self._line else 1,
            "accent" if reached else "amber",
        )
        painter.setPen(theme.colour("accent" if reached else "warn"))
        painter.setFont(theme.font(12.5))
        painter.drawText(QRectF(self.width() - room + theme.px(8), 0, room - theme.px(8), self.height()), int(theme.LEFT), self._text)


_MARGIN = 24
_MIN_PICTURE_HEIGHT = 250
"""Height of an empty state, in px at 100 % text, from which its picture is shown."""


def one_primary(around: QWidget, empty: QWidget, *, shown: bool) -> None:
    """Make buttons around an empty state ordinary while it is `shown` and has the same primary button; disable those for its rows."""
    first = {made.text() for made in empty.findChildren(Button) if made.kind == "primary"}
    for made in around.findChildren(Button):
        if made.text() in first and not empty.isAncestorOf(made):
            made.look(primary=not shown)
        if made.property("rows"):
            made.setEnabled(not shown)


class EmptyState(QWidget):
    """The content of an empty page or list: what belongs here, and the first step."""

    def __init__(self, title: str, text: str = "", *actions: QWidget, icon: str = "notebook") -> None:
        super().__init__()
        self._balanced = 0
        self.picture = QLabel(self)  # with a parent from the start: `_fit` shows it, and without one it would be a window
        self.picture.setPixmap(icons.pixmap(icon, "faint", 40))
        self.title = label("", "heading", wrap=True)
        self.text = label("", "muted", wrap=True)
        for part in (self.picture, self.title, self.text):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.text.setMaximumWidth(theme.px(520))
        buttons = row(None, *actions, None)
        parts = (self.picture, self.title, row(None, self.text, None), 4, buttons)
        self.setLayout(column(None, *parts, None, margins=(_MARGIN, 8, _MARGIN, 8)))
        self.say(title, text)

    def say(self, title: str, text: str) -> None:
        """Set title and text; several lines of text are wrapped to about equal length."""
        show_text(self.title, title)
        self.text.setText(text)
        self.setAccessibleName(title)
        length = self.text.fontMetrics().horizontalAdvance(text) + theme.px(8)
        lines = -(-length // theme.px(400))
        self._balanced = length // lines + (theme.px(16) if lines > 1 else 0)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Hide the picture where there is little room."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.text.setMinimumWidth(max(1, min(self._balanced, self.width() - 2 * theme.px(_MARGIN))))
        self.picture.setVisible(self.height() >= theme.px(_MIN_PICTURE_HEIGHT))

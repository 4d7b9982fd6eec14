"""Labels, buttons, cards, chips, bars and empty pages: the small change of every page.

label(_("今天要办"), "title")                    roles: title heading strong muted small good warn bad info figure nothing
button(_("登记"), self.register, kind="primary", icon="plus", hint="Ctrl N")
button(_("保存"), self.save, hint="Ctrl S", within=self)      the key that stands beside the word works anywhere within `self`
Card(_("应享未享"), note=_("合计 6 人")) ; card.add(widget) ; card.note.setText(…) ; card.add_row(a, None, b)
Card(_("车间吸纳奖补"), look="card_warn")        a coloured left edge: card_good card_warn card_bad card_off
Chip(_("脱贫人口"), "good")                      tones: good warn bad info plain; always with its word, colour is never the only sign
LineBar(5200, 6000, "5 200 / 6 000")             a bar to a line: amber until it is reached, green from then on
EmptyState(_("还没有人员"), _("导入村里的花名册，或先登记一个人。"), button(_("导入名册"), …))
finder(_("按名称或拼音找"), 220)                  a line that narrows a list
rule()                                           a thin line
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QIcon, QKeyEvent, QKeySequence, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
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
from desktop.widgets.drawing import draw_bar
from desktop.widgets.layout import Item, column, fill, holder, row

_Label = TypeVar("_Label", bound=QLabel)


def label(text: str = "", role: str = "", *, wrap: bool = False, selectable: bool = False) -> QLabel:
    """A piece of text; plain text only, whatever it holds."""
    return dressed(QLabel(text), role, wrap=wrap, selectable=selectable)


def dressed(made: _Label, role: str = "", *, wrap: bool = False, selectable: bool = False) -> _Label:
    """A label of any class with the look of those that `label` makes."""
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if role:
        made.setProperty("role", role)
    if selectable:
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard)
    return made


def finder(words: str, width: int) -> QLineEdit:
    """A line that narrows a list. `words` stand in it until something is typed; `width` in px at 100 % text, more for longer words."""
    made = QLineEdit()
    made.setPlaceholderText(words)
    made.setAccessibleName(words)
    made.setFixedWidth(max(theme.px(width), QFontMetrics(theme.font()).horizontalAdvance(words) + theme.px(28)))
    return made


class Button(QPushButton):
    """A push button that can show its shortcut beside its word, and that Enter presses too."""

    def __init__(self, text: str, *, kind: str = "", icon: str = "", hint: str = "", writes: bool = False) -> None:
        super().__init__(text)
        self.why_not = writing.why_not() if writes else ""
        if self.why_not:
            self.setEnabled(False)
            self.setToolTip(self.why_not)
        else:
            self.setAccessibleDescription(hint)
        self.hint = hint
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
        """Press it, as its key does: one that is off for who may only look says why."""
        if self.why_not:
            writing.refused()
        else:
            super().click()

    def setEnabled(self, on: bool) -> None:
        """Turn it on, unless it saves and the present user may only look."""
        super().setEnabled(on and not self.why_not)

    def _ink(self) -> str:
        return {"primary": "on_accent", "danger": "bad", "link": "info"}.get(self.kind, "text")

    def _hint_width(self) -> int:
        return QFontMetrics(theme.font(11.5)).horizontalAdvance(self.hint) + theme.px(8) if self.hint else 0

    def sizeHint(self) -> QSize:
        """The usual size and room for the hint."""
        size = super().sizeHint()
        return QSize(size.width() + self._hint_width() + (theme.px(4) if self.icon_name else 0), size.height())

    def minimumSizeHint(self) -> QSize:
        """Never cut the word off."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the button by the style sheet, icon, word and hint by hand where there is more than a word."""
        if (self.hint or self.icon_name) and self.menu() is None:
            self._draw()
        else:
            super().paintEvent(event)
        if self.kind == "primary" and self.hasFocus():  # within its ground: no colour stands out from that and from the page around
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.colour("on_accent"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(4, 4, -4, -4), 3, 3)

    def _draw(self) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        painter = QPainter(self)
        self.style().drawControl(QStyle.ControlElement.CE_PushButtonBevel, option, painter, self)
        side = theme.px(icons.SIZE)
        word = QFontMetrics(self.font()).horizontalAdvance(self.text())
        front = side + (theme.px(6) if word else 0) if self.icon_name else 0
        x = (self.width() - front - word - self._hint_width()) // 2
        if front:
            self.icon().paint(painter, QRect(x, 0, side, self.height()), mode=self._icon_mode())
        ink = theme.colour(self._ink() if self.isEnabled() else "faint")
        painter.setPen(ink)
        painter.setFont(self.font())
        painter.drawText(QRect(x + front, 0, word + 2, self.height()), theme.LEFT, self.text())
        if self.kind != "primary":
            painter.setPen(theme.colour("muted"))
        painter.setFont(theme.font(11.5))
        painter.drawText(QRect(x + front + word + theme.px(8), 0, self._hint_width(), self.height()), theme.LEFT, self.hint)

    def _icon_mode(self) -> QIcon.Mode:
        return QIcon.Mode.Normal if self.isEnabled() else QIcon.Mode.Disabled


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
) -> Button:
    """A button; kinds: primary, quiet, danger, link, small. `hint` shows a shortcut, which calls `clicked` too `within` that widget. One
    that `writes` is off for who may only look."""
    made = Button(text, kind=kind, icon=icon, hint=hint, writes=writes)
    if clicked is not None:
        made.clicked.connect(lambda _checked=False: clicked())
        if within is not None:
            bind(within, hint.replace(" ", "+"), writing.refused if made.why_not else clicked)
    return made


def bind(owner: QWidget, keys: str, call: Callable[[], object]) -> QShortcut:
    """Let `keys` ("Ctrl+S") call `call` while the focus is anywhere within `owner`."""
    made = QShortcut(QKeySequence(keys), owner)
    made.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    made.activated.connect(lambda: call())
    return made


def rule() -> QFrame:
    """A thin horizontal line."""
    made = QFrame()
    made.setProperty("role", "rule")
    made.setFixedHeight(1)
    return made


class Card(QFrame):
    """A white panel with an optional heading row (`title`, `note` at its right end) and a body."""

    def __init__(self, title: str = "", *, note: str = "", edge: str = "", padding: int = 14) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._edge, self._chosen = edge, False
        self.title = label(title, "heading")
        self.note = label(note, "small")
        self.head = row(self.title, None, self.note, margins=(14 + 3 * bool(edge), 0, 14, 0))
        self.body: QVBoxLayout = column(margins=(padding + 3 * bool(edge), 10 if padding else 0, padding, 10 if padding else 0))
        outer = column(spacing=0, margins=(1, 1, 1, 1))
        if title:
            heading = holder(self.head)
            heading.setFixedHeight(theme.px(41))
            outer.addWidget(heading)
            outer.addWidget(rule())
            self.setAccessibleName(title)
        outer.addLayout(self.body, 1)
        self.setLayout(outer)

    def set_edge(self, edge: str) -> None:
        """Another colour of the left edge, a token; "" for none."""
        self._edge = edge
        self.update()

    def set_chosen(self, chosen: bool) -> None:
        """Frame the card as the one chosen of several."""
        self._chosen = chosen
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground, frame and edge."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
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
        """Put things under one another at the end of the body; None is a stretch."""
        fill(self.body, items)

    def add_row(self, *items: Item) -> None:
        """Put things beside one another at the end of the body."""
        self.body.addLayout(row(*items))


class Chip(QLabel):
    """A short word on a tinted ground; tones: good warn bad info plain. `tip` is told where the mouse rests, and read out."""

    def __init__(self, text: str, tone: str = "plain", *, tip: str = "") -> None:
        super().__init__(text)
        self.setObjectName("chip")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("tone", tone)
        self.setToolTip(tip)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)

    def set_tone(self, tone: str) -> None:
        """Another tone."""
        self.setProperty("tone", tone)
        theme.style(self)


class LineBar(QWidget):
    """A bar on its way to a line: amber while `value` is below `line`, green once reached; `text` stands at its right."""

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


_AROUND = 24
_PICTURE_FROM = 250
"""Height of an empty page, in px at 100 % text, from which there is room for its picture."""


class EmptyState(QWidget):
    """What an empty page says: what belongs here, and the first step."""

    def __init__(self, title: str, text: str = "", *actions: QWidget, icon: str = "notebook") -> None:
        super().__init__()
        self._balanced = 0
        self.picture = QLabel(self)  # of this widget from the start: `_fit` shows it, and alone it would be a window
        self.picture.setPixmap(icons.pixmap(icon, "faint", 40))
        self.title = label("", "heading", wrap=True)
        self.text = label("", "muted", wrap=True)
        for part in (self.picture, self.title, self.text):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.text.setMaximumWidth(theme.px(520))
        buttons = row(None, *actions, None)
        parts = (self.picture, self.title, row(None, self.text, None), 4, buttons)
        self.setLayout(column(None, *parts, None, margins=(_AROUND, 8, _AROUND, 8)))
        self.say(title, text)

    def say(self, title: str, text: str) -> None:
        """Say something else; several lines are about equally long."""
        self.title.setText(title)
        self.title.setVisible(bool(title))
        self.text.setText(text)
        self.setAccessibleName(title)
        length = self.text.fontMetrics().horizontalAdvance(text) + theme.px(8)
        lines = -(-length // theme.px(400))
        self._balanced = length // lines + (theme.px(16) if lines > 1 else 0)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room the words go before the picture."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.text.setMinimumWidth(max(1, min(self._balanced, self.width() - 2 * theme.px(_AROUND))))
        self.picture.setVisible(self.height() >= theme.px(_PICTURE_FROM))

"""The tab 要核对: the list of conflicts at the left, the two values side by side, and a key for each decision."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QBoxLayout, QSizePolicy, QWidget

from desktop import theme
from desktop.page import Frame
from desktop.sync.standing import ConflictShown, Plain, Side
from desktop.sync.view_model import SyncModel
from desktop.widgets import dialogs
from desktop.widgets.basics import Card, Chip, EmptyState, bind, button, label
from desktop.widgets.editors import Tools, editor_for
from desktop.widgets.layout import UNLIMITED, column, holder, row, scrolled, stacked
from desktop.widgets.line_editors import Editor
from desktop.widgets.tips import tip
from desktop.widgets.two_line_list import TwoLineList, TwoLines
from domain.clock import when
from domain.fields import KINDS
from domain.words import _

_BESIDE = 720
"""Width from which the list is beside the values."""
_LISTS, _SIDES = 230, 420
"""Heights of the list and of the values if one is above the other."""
_LOW = 420
"""Below this height the earlier value and the explanations are hidden (they become tool tips of the heading and the buttons); in a narrow
window also the list, through which Esc moves."""


class SideCard(Card):
    """One of the two values."""

    def __init__(self) -> None:
        super().__init__()
        self.who = label("", "muted")
        self.value = label("", "figure", wrap=True, selectable=True)
        self.now = Chip(_("现在有效"), "info")
        self.at = label("", "muted")
        self.add(self.who, row(self.value, 8, self.now, None), self.at)

    def show_side(self, side: Side, value: str = "") -> None:
        """Show a value; `value`: the same unmasked."""
        self.who.setText(side.who)
        self.value.setText(value or side.value or _("（空）"))
        self.at.setText(f"{when(side.at)}　{side.device}")
        self.now.setVisible(side.now)
        words = [side.who, side.value or _("（空）"), _("现在有效") if side.now else "", self.at.text()]
        self.setAccessibleName(_("，").join(filter(None, words)))


class ConflictView(QWidget):
    """One conflict with its two values and the buttons for deciding it."""

    def __init__(self) -> None:
        super().__init__()
        self.heading = label("", "title", wrap=True)
        self.eye = button(_("看全部数字"), kind="small", icon="eye")
        self.explained = label("", "muted", wrap=True)
        self.mine, self.theirs = SideCard(), SideCard()
        self.before = Card(_("改之前"))
        self.before_value = label("", selectable=True, wrap=True)
        self.before.add(self.before_value)
        self.use_mine = button("", kind="primary", hint="1", writes=True)
        self.use_theirs = button("", hint="2", writes=True)
        self.refill = button(_("都不对，重新填"), hint="3", writes=True)
        self.later = button(_("以后再说"), hint="Esc")
        self.buttons = holder(row(self.use_mine, self.use_theirs, self.refill, self.later, None, spacing=10))
        consequence = _("您的决定会随下次同步告诉对方，原来的两个值都留在修改记录里，随时可以改回。")
        self.foot = label(_("← → 指一边，Enter 用它。") + consequence, "muted", wrap=True)
        self.buttons.setToolTip(self.foot.text())
        self.pointed = "mine"
        self._with_field, self._decidable, self._low = False, False, False
        sides = row(self.mine, self.theirs, spacing=12, shares=(1, 1))
        self.eye.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        head = row(self.heading, self.eye, shares=(1,))
        parts = (head, self.explained, sides, self.before, self.buttons, self.foot)
        self.setLayout(column(*parts, None, spacing=12, margins=(0, 0, 4, 0)))

    def show_conflict(self, one: ConflictShown, plain: Plain | None = None) -> None:
        """Show a conflict, unmasked if `plain` is given."""
        self.heading.setText(f"{one.subject}　{one.what}" if one.what else one.subject)
        self.explained.setText(one.explained)
        self.heading.setToolTip(tip(one.explained))
        self.eye.setVisible(one.secret and plain is None)
        self.mine.show_side(one.mine, plain.mine if plain else "")
        self.theirs.show_side(one.theirs, plain.theirs if plain else "")
        self.point("mine")
        self.before_value.setText((plain.before if plain else one.before) or _("（空）"))
        self._with_field = bool(one.field)
        decidable = not one.gone and (one.mine.value != one.theirs.value or one.secret)
        for made, word in ((self.use_mine, one.mine.use), (self.use_theirs, one.theirs.use)):
            made.setText(word)
            made.setAccessibleName(word)
            made.updateGeometry()
            made.setVisible(decidable)
        self.refill.setVisible(decidable and bool(one.field))
        self._decidable = decidable
        self._update_visible()

    def set_low(self, low: bool) -> None:
        """Set whether the window is low, so that less is shown."""
        self._low = low
        self._update_visible()

    def _update_visible(self) -> None:
        self.before.setVisible(self._with_field and not self._low)
        self.foot.setVisible(self._decidable and not self._low)
        self.explained.setVisible(not self._low)

    def point(self, keep: str) -> None:
        """Highlight one side, `mine` or `theirs`, which Enter then takes."""
        self.pointed = keep
        self.mine.set_chosen(keep == "mine")
        self.theirs.set_chosen(keep == "theirs")


def _count(shown: int, more: int) -> str:
    """How many conflicts wait, and how many of them are listed."""
    return _("{n} 处，先列 {shown} 处").format(n=shown + more, shown=shown) if more else _("{n} 处").format(n=shown)


class ConflictPanel(QWidget):
    """The tab. Keys 1, 2, 3 and Esc; or ← and → to choose a side and Enter to take it."""

    passed = Signal()
    """Esc was pressed at the last conflict: the page returns to where it was opened from."""
    all_settled = Signal()
    """The last conflict was decided: the focus has to move to where the next key decides nothing."""

    def __init__(self, frame: Frame, model: SyncModel, tools: Tools) -> None:
        super().__init__()
        self._frame, self._model, self._tools = frame, model, tools
        self._shown: list[ConflictShown] = []
        self.list = TwoLineList(_("两边都改过"))
        self.for_information = TwoLineList(_("仅告知"))
        self.list_card, self.information_card = Card(_("两边都改过"), padding=0), Card(_("仅告知"), padding=0)
        for card, entries in ((self.list_card, self.list), (self.information_card, self.for_information)):
            card.body.addWidget(entries, 1)
            card.body.setContentsMargins(0, 0, 0, theme.px(6))
        self.panel = ConflictView()
        text = _("两台电脑改了同一处，程序不能替您选的，会列在这里等您定。")
        self.nothing = EmptyState(_("没有要核对的"), text, icon="checks")
        self.stack = stacked(self.nothing, scrolled(self.panel))
        self.left = holder(column(self.list_card, self.information_card, spacing=12, shares=(3, 2)))
        self._both = row(self.left, self.stack, spacing=14, shares=(2, 5))
        self.setLayout(column(scrolled(holder(self._both))))
        self._connect()
        self._show_standing()

    def _show_standing(self) -> None:
        """Show the conflicts to decide and those for information; the selection stays at its position."""
        kept, standing = self.current(), self._model.standing
        informative, waits = standing.for_information, standing.to_settle
        self._shown = [*waits, *informative]
        ids = [one.id for one in self._shown]
        # after the last decision nothing is selected: pressing the key again would change one that needs no decision
        at = ids.index(kept.id) if kept and kept.id in ids else min(max(self.list.currentRow(), 0), len(waits) - 1) if waits else -1
        if self.list.count() and not waits and self.isAncestorOf(self.window().focusWidget()):
            self.all_settled.emit()  # before Qt moves the focus to another widget
        first = at if at < len(waits) else -1
        self.list.set_entries([TwoLines(one.title, one.note) for one in waits], first)
        self.for_information.set_entries([TwoLines(one.title, one.note, quiet=True) for one in informative], max(at - len(waits), -1))
        self.list_card.note.setText(_count(len(waits), standing.more_to_settle) if waits else _("没有"))
        self.information_card.note.setText(_("{n} 条，已自动处理").format(n=len(informative) + standing.more_for_information))
        self.list_card.setVisible(bool(waits))
        self.information_card.setVisible(bool(informative))
        self._arrange()
        self._show(at)

    def current(self) -> ConflictShown | None:
        """The selected conflict."""
        number = self.list.currentRow()
        if number < 0 and self.for_information.currentRow() >= 0:
            number = self.for_information.currentRow() + self.list.count()
        return self._shown[number] if 0 <= number < len(self._shown) else None

    def show_plain(self, one: ConflictShown, plain: Plain) -> None:
        """Show the values of a conflict unmasked, if it is still selected."""
        now = self.current()
        if now is not None and now.id == one.id:
            self.panel.show_conflict(now, plain)

    def later(self) -> None:
        """Skip this conflict; after the last one start again."""
        count = self.list.count()
        if self.list.currentRow() in (-1, count - 1):
            self.passed.emit()
        if count > 1 and self.list.currentRow() >= 0:
            self.list.setCurrentRow((self.list.currentRow() + 1) % count)

    def _connect(self) -> None:
        self._model.changed.connect(self._show_standing)
        self._model.revealed.connect(self.show_plain)
        self.list.moved.connect(lambda number: self._choose(number, self.for_information))
        self.for_information.moved.connect(lambda number: self._choose(number + self.list.count(), self.list))
        panel = self.panel
        panel.eye.clicked.connect(lambda _on=False: self._reveal())
        for key, made, call in (
            ("1", panel.use_mine, partial(self._take, "mine")),
            ("2", panel.use_theirs, partial(self._take, "theirs")),
            ("3", panel.refill, self._refill),
            ("Esc", panel.later, self.later),
        ):
            made.clicked.connect(lambda _on=False, call=call: call())
            bind(self, key, made.click)
        bind(self, "Left", lambda: self.panel.point("mine"))
        bind(self, "Right", lambda: self.panel.point("theirs"))
        for key in ("Return", "Enter"):
            bind(self, key, self._enter)

    def _choose(self, number: int, other: TwoLineList) -> None:
        other.go(-1)
        other.viewport().update()
        self._show(number)

    def _show(self, number: int) -> None:
        if 0 <= number < len(self._shown):
            self.panel.show_conflict(self._shown[number])
            self.stack.setCurrentIndex(1)
        else:
            self.stack.setCurrentIndex(0)

    def _enter(self) -> None:
        """Press the focused button, or take the highlighted side."""
        focused = QApplication.focusWidget()
        if isinstance(focused, QAbstractButton):
            focused.click()
        else:
            self._take(self.panel.pointed)

    def _take(self, keep: str) -> None:
        one = self.current()
        if one is not None and self.panel.use_mine.isVisibleTo(self.panel):
            self._model.settle(one, keep)

    def _refill(self) -> None:
        one = self.current()
        if one is not None:
            value = ask_value(self, one, editor_for(KINDS[one.kind].by_name[one.field], self._tools))
            if value is not None:
                self._model.settle(one, None, value)

    def _reveal(self) -> None:
        one = self.current()
        if one is not None and (reason := self._frame.reason()):
            self._model.reveal(one, reason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange for the new size: side by side if there is room, else the list at the bottom, so that the values and buttons are
        visible."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        beside, low = self.width() >= theme.px(_BESIDE), self.height() < theme.px(_LOW)
        self._both.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.BottomToTop)
        self.panel.set_low(low)
        self.left.setVisible(bool(self._shown) and (beside or not low or not self.list.count()))
        self.left.setMaximumSize(*((theme.px(300), UNLIMITED) if beside else (UNLIMITED, theme.px(_LISTS))))
        self.left.setMinimumHeight(0 if beside else theme.px(_LISTS))
        self.stack.setMinimumHeight(0 if beside or low else theme.px(_SIDES))

    def focus(self) -> None:
        """Focus the list, or the first button if the list is at the bottom."""
        if self.list.count() and self._both.direction() == QBoxLayout.Direction.BottomToTop:
            self.panel.use_mine.setFocus()  # the list may be scrolled out of view
        else:
            (self.list if self.list.count() else self.for_information).setFocus()


def ask_value(parent: QWidget, one: ConflictShown, editor: Editor) -> object:
    """Ask for a third value; None if the user cancels."""
    title, nothing = _("重新填：{title}").format(title=one.title), _("请填一个值，或者取消。")
    given = dialogs.ask_value(parent, title, "", editor, _("就用这个"), lambda value: nothing if value is None else "")
    return given[0] if given is not None else None

"""要核对: the list at the left, the two values side by side, and one key each to decide."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QBoxLayout, QSizePolicy, QWidget

from desktop import theme
from desktop.page import Frame
from desktop.sync.standing import Dispute, Plain, Side
from desktop.sync.view_model import SyncModel
from desktop.widgets import dialogs
from desktop.widgets.basics import Card, Chip, EmptyState, bind, button, label
from desktop.widgets.editors import Tools, editor_for
from desktop.widgets.layout import column, holder, row, scrolled, stacked
from desktop.widgets.line_editors import Editor
from desktop.widgets.tips import tip
from desktop.widgets.two_line_list import Entry, TwoLineList
from domain.clock import when
from domain.errors import FieldError
from domain.fields import KINDS
from domain.words import _

_BESIDE = 720
"""Width from which the list stands beside the values."""
_LISTS, _SIDES = 230, 420
"""Heights of the values and of the lists where one is above the other."""
_LOW = 420
"""Below this height the values go without what was there before and the sentences around them, which then are the tips of the heading and
the buttons; and in a narrow window without the list, through which Esc goes."""
_FREE = 16_777_215  # Qt's own word for no limit


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
        """Show a value; `value` is it unmasked."""
        self.who.setText(side.who)
        self.value.setText(value or side.value or _("（空）"))
        self.at.setText(f"{when(side.at)}　{side.device}")
        self.now.setVisible(side.now)
        words = [side.who, side.value or _("（空）"), _("现在有效") if side.now else "", self.at.text()]
        self.setAccessibleName(_("，").join(filter(None, words)))


class DisputePanel(QWidget):
    """One conflict with its two values and the ways to decide."""

    taken = Signal(str)
    """`mine` or `theirs`."""
    refill_asked = Signal()
    later_asked = Signal()
    reveal_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.heading = label("", "title", wrap=True)
        self.eye = button(_("看全部数字"), self.reveal_asked.emit, kind="small", icon="eye")
        self.explained = label("", "muted", wrap=True)
        self.mine, self.theirs = SideCard(), SideCard()
        self.before = Card(_("改之前"))
        self.before_value = label("", selectable=True, wrap=True)
        self.before.add(self.before_value)
        self.use_mine = button("", lambda: self.taken.emit("mine"), kind="primary", hint="1", writes=True)
        self.use_theirs = button("", lambda: self.taken.emit("theirs"), hint="2", writes=True)
        self.refill = button(_("都不对，重新填"), self.refill_asked.emit, hint="3", writes=True)
        self.later = button(_("以后再说"), self.later_asked.emit, hint="Esc")
        self.buttons = holder(row(self.use_mine, self.use_theirs, self.refill, self.later, None, spacing=10))
        told = _("您的决定会随下次同步告诉对方，原来的两个值都留在修改记录里，随时可以改回。")
        self.foot = label(_("← → 指一边，Enter 用它。") + told, "muted", wrap=True)
        self.buttons.setToolTip(self.foot.text())
        self.pointed = "mine"
        self._with_field, self._decidable, self._low = False, False, False
        sides = row(self.mine, self.theirs, spacing=12, shares=(1, 1))
        self.eye.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        head = row(self.heading, self.eye, shares=(1,))
        parts = (head, self.explained, sides, self.before, self.buttons, self.foot)
        self.setLayout(column(*parts, None, spacing=12, margins=(0, 0, 4, 0)))

    def show_dispute(self, one: Dispute, plain: Plain | None = None) -> None:
        """Show a conflict, unmasked when `plain` holds its values."""
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
        self._spare()

    def set_low(self, low: bool) -> None:
        """Whether every line counts."""
        self._low = low
        self._spare()

    def _spare(self) -> None:
        self.before.setVisible(self._with_field and not self._low)
        self.foot.setVisible(self._decidable and not self._low)
        self.explained.setVisible(not self._low)

    def point(self, keep: str) -> None:
        """Frame one side, `mine` or `theirs`: the one that Enter takes."""
        self.pointed = keep
        self.mine.set_chosen(keep == "mine")
        self.theirs.set_chosen(keep == "theirs")


def _count(shown: int, more: int) -> str:
    """How many wait, and how many of them are in the list."""
    return _("{n} 处，先列 {shown} 处").format(n=shown + more, shown=shown) if more else _("{n} 处").format(n=shown)


class ConflictPanel(QWidget):
    """The tab: keys 1, 2, 3 and Esc, or ← and → to point at a side and Enter to take it."""

    passed = Signal()
    """Esc behind the last one: who came from another page goes back there."""
    all_settled = Signal()
    """The last one was decided: the cursor should go where the next key decides nothing."""

    def __init__(self, frame: Frame, model: SyncModel, tools: Tools) -> None:
        super().__init__()
        self._frame, self._model, self._tools = frame, model, tools
        self._shown: list[Dispute] = []
        self.list = TwoLineList(_("两边都改过"))
        self.told = TwoLineList(_("仅告知"))
        self.list_card, self.told_card = Card(_("两边都改过"), padding=0), Card(_("仅告知"), padding=0)
        for card, entries in ((self.list_card, self.list), (self.told_card, self.told)):
            card.body.addWidget(entries, 1)
            card.body.setContentsMargins(0, 0, 0, theme.px(6))
        self.panel = DisputePanel()
        text = _("两台电脑改了同一处，程序不能替您选的，会列在这里等您定。")
        self.nothing = EmptyState(_("没有要核对的"), text, icon="checks")
        self.stack = stacked(self.nothing, scrolled(self.panel))
        self.left = holder(column(self.list_card, self.told_card, spacing=12, shares=(3, 2)))
        self._both = row(self.left, self.stack, spacing=14, shares=(2, 5))
        self.setLayout(column(scrolled(holder(self._both))))
        self._connect()
        self._show_standing()

    def _show_standing(self) -> None:
        """Show what waits and what is only told; the cursor stays at its place."""
        kept, standing = self.current(), self._model.standing
        told, waits = standing.told, standing.to_settle
        self._shown = [*waits, *told]
        ids = [one.id for one in self._shown]
        # behind the last one nothing is pointed at: the same key once more would decide what was only told
        at = ids.index(kept.id) if kept and kept.id in ids else min(max(self.list.currentRow(), 0), len(waits) - 1) if waits else -1
        if self.list.count() and not waits and self.isAncestorOf(self.window().focusWidget()):
            self.all_settled.emit()  # before the focus goes to what is left
        first = at if at < len(waits) else -1
        self.list.set_entries([Entry(one.title, one.note) for one in waits], first)
        self.told.set_entries([Entry(one.title, one.note, quiet=True) for one in told], max(at - len(waits), -1))
        self.list_card.note.setText(_count(len(waits), standing.more_to_settle) if waits else _("没有"))
        self.told_card.note.setText(_("{n} 条，已自动处理").format(n=len(told) + standing.more_told))
        self.list_card.setVisible(bool(waits))
        self.told_card.setVisible(bool(told))
        self._arrange()
        self._show(at)

    def current(self) -> Dispute | None:
        """The conflict that is looked at."""
        number = self.list.currentRow()
        if number < 0 and self.told.currentRow() >= 0:
            number = self.told.currentRow() + self.list.count()
        return self._shown[number] if 0 <= number < len(self._shown) else None

    def show_plain(self, one: Dispute, plain: Plain) -> None:
        """Show the values of a conflict unmasked, if it is still the one that is looked at."""
        now = self.current()
        if now is not None and now.id == one.id:
            self.panel.show_dispute(now, plain)

    def later(self) -> None:
        """Leave this one and go to the next; behind the last one begin again."""
        count = self.list.count()
        if self.list.currentRow() in (-1, count - 1):
            self.passed.emit()
        if count > 1 and self.list.currentRow() >= 0:
            self.list.setCurrentRow((self.list.currentRow() + 1) % count)

    def _connect(self) -> None:
        self._model.changed.connect(self._show_standing)
        self._model.revealed.connect(self.show_plain)
        self.list.moved.connect(lambda number: self._choose(number, self.told))
        self.told.moved.connect(lambda number: self._choose(number + self.list.count(), self.list))
        self.panel.taken.connect(self._take)
        self.panel.refill_asked.connect(self._refill)
        self.panel.reveal_asked.connect(self._reveal)
        self.panel.later_asked.connect(self.later)
        keys = {"1": self.panel.use_mine, "2": self.panel.use_theirs, "3": self.panel.refill, "Esc": self.panel.later}
        for key, made in keys.items():
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
            self.panel.show_dispute(self._shown[number])
            self.stack.setCurrentIndex(1)
        else:
            self.stack.setCurrentIndex(0)

    def _enter(self) -> None:
        """The button that has the focus, else the side that is pointed at."""
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
        """Beside each other where there is room, else the list beneath: what is to be decided, and its buttons, are in sight."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        beside, low = self.width() >= theme.px(_BESIDE), self.height() < theme.px(_LOW)
        self._both.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.BottomToTop)
        self.panel.set_low(low)
        self.left.setVisible(bool(self._shown) and (beside or not low or not self.list.count()))
        self.left.setMaximumSize(*((theme.px(300), _FREE) if beside else (_FREE, theme.px(_LISTS))))
        self.left.setMinimumHeight(0 if beside else theme.px(_LISTS))
        self.stack.setMinimumHeight(0 if beside or low else theme.px(_SIDES))

    def focus(self) -> None:
        """Put the cursor into the list."""
        if self.list.count() and self._both.direction() == QBoxLayout.Direction.BottomToTop:
            self.panel.use_mine.setFocus()  # the list is out of sight
        else:
            (self.list if self.list.count() else self.told).setFocus()


def ask_value(parent: QWidget, one: Dispute, editor: Editor) -> object:
    """Ask for a value that is neither of the two; None when the person changes their mind."""
    dialog = dialogs.Dialog(parent, _("重新填：{title}").format(title=one.title))
    dialog.body.addWidget(editor)
    dialog.add_button(_("取消"), accept=False)
    dialog.add_button(_("就用这个"), accept=True, kind="primary")
    editor.setFocus()
    while dialog.run():
        try:
            value = editor.value()
        except FieldError as error:
            editor.fail(str(error))
            continue
        if value is not None:
            return value
        editor.fail(_("请填一个值，或者取消。"))
    return None

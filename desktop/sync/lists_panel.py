"""The tabs 待上传 and 搁置: changes not sent yet, and changes that could not be applied."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QPushButton, QWidget

from desktop import theme
from desktop.sync.standing import HeldShown
from desktop.sync.view_model import SyncModel
from desktop.widgets import dialogs
from desktop.widgets.basics import EmptyState, button, label
from desktop.widgets.layout import column, holder, row, stacked
from desktop.widgets.lines_card import LinesCard
from domain.clock import when
from domain.fields import KINDS
from domain.words import _
from services.waiting import UnsentChanges


class Lines(QWidget):
    """A card of lines, or an empty page. `emptied` is called if the focused button disappears and no other takes its place."""

    def __init__(self, model: SyncModel, emptied: Callable[[], None], title: str, empty: EmptyState) -> None:
        super().__init__()
        self._model, self._emptied = model, emptied
        self.card = LinesCard(title)
        self.empty = empty
        self._stack = stacked(self.card, empty)
        self.setLayout(column(self._stack))
        model.changed.connect(self._show)

    def _show(self) -> None:
        """Show the present state."""
        raise NotImplementedError

    def fill(self, lines: Sequence[QWidget]) -> None:
        """Show these lines. The focus stays on the button at the same position, so that one line after another can be decided."""
        place = next((n for n, one in enumerate(self._buttons()) if one.hasFocus()), None)
        self.card.fill(lines)
        self._stack.setCurrentIndex(0 if lines else 1)
        if place is not None and (left := self._buttons()):
            left[min(place, len(left) - 1)].setFocus()
        elif place is not None:
            self._emptied()

    def _buttons(self) -> list[QPushButton]:
        return [one for line in self.card.shown for one in line.findChildren(QPushButton) if not one.isHidden()]


class WaitingPanel(Lines):
    """The tab 待上传."""

    def __init__(self, model: SyncModel, emptied: Callable[[], None]) -> None:
        super().__init__(model, emptied, _("下次同步一起上传"), EmptyState(_("没有待上传的"), "", icon="circle-check"))
        self._show()

    def _show(self) -> None:
        standing = self._model.standing
        self.card.title.setText(_("下次同步一起上传") if standing.enrolled else _("加入县服务器以后一起上传"))
        self.card.note.setText(_("共 {n} 条，都已存在本机，断电、关机都不会丢").format(n=f"{standing.unsent:,}"))
        self.empty.say(_("没有待上传的"), _("您录入的县里都已收到。") if standing.enrolled else _("您还没有录入什么。"))
        self.fill([_waiting(group) for group in standing.waiting])


class HeldPanel(Lines):
    """The tab 搁置."""

    def __init__(self, model: SyncModel, emptied: Callable[[], None]) -> None:
        text = _("别的电脑传来、在这里还不能生效的改动，或者县里没有收下的改动，会一条不少地留在这里。")
        super().__init__(model, emptied, _("还没有生效，但一条也没有丢"), EmptyState(_("没有搁置的"), text, icon="archive"))
        self.export = button(_("导出清单"), self._export, kind="small", icon="file-export")
        self.card.head.addWidget(self.export)
        self._show()

    def _export(self) -> None:
        path = dialogs.save_as(self, _("保存到"), _("搁置清单.xlsx"))
        if path is not None:
            self._model.save_held(path)

    def _show(self) -> None:
        standing = self._model.standing
        more = standing.held_all - len(standing.held_shown)
        rest = [label(_("　另有 {n} 条，请看导出的清单。").format(n=f"{more:,}"), "muted")] if more > 0 else []
        self.fill([*(self._held_shown(one) for one in standing.held_shown), *rest])

    def _held_shown(self, one: HeldShown) -> QWidget:
        go = button(_("放行"), lambda: self._model.release(one), kind="small", writes=True, name=_("放行：{title}").format(title=one.title))
        if one.obstacle:  # never show() it without a parent, which would open it as a window
            go.hide()
        head = row(label(one.title, "strong"), None, label(f"{one.by}　{when(one.at)}", "small"), go)
        parts = [label(one.what, wrap=True, selectable=True)] if one.what else []
        why = label(_("为什么：{reason}").format(reason=one.reason), "muted" if one.over else "warn", wrap=True)
        now = _("您现在可以放行：这个改动再做一次，下次同步告诉大家。")
        if one.over:
            now = one.obstacle
        elif one.obstacle:
            now = "" if one.obstacle == one.reason else _("还不能放行：{why}").format(why=one.obstacle)
        return holder(column(head, *parts, why, *([label(now, "muted", wrap=True)] if now else []), spacing=3, margins=(14, 8, 14, 8)))


def _waiting(group: UnsentChanges) -> QWidget:
    kind = KINDS.get(group.kind)
    name = label(_(kind.label) if kind else group.kind, "strong")
    name.setMinimumWidth(theme.px(110))
    counts = label(waiting_words(group))
    counts.setMinimumWidth(theme.px(190))
    who = label(_("最近：{names}").format(names=_("、").join(group.names)) if group.names else "", "muted", wrap=True)
    return holder(row(name, counts, who, label(when(group.latest), "muted"), spacing=14, margins=(14, 8, 14, 8), shares=(0, 0, 1)))


def waiting_words(group: UnsentChanges) -> str:
    """Return the counts as text: 新增 3，修改 5."""
    parts = (
        (_("新增 {n}"), group.added),
        (_("修改 {n}"), group.changed),
        (_("删除 {n}"), group.removed),
        (_("恢复 {n}"), group.restored),
        (_("核对 {n}"), group.decided),
    )
    return _("，").join(text.format(n=f"{count:,}") for text, count in parts if count)

"""The start of an import: choosing, dropping or pasting a file, empty rosters, and the list of earlier imports."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QSizePolicy, QWidget

from db.acts import Act
from desktop import theme
from desktop.importing.view_model import ImportModel
from desktop.widgets import dialogs
from desktop.widgets.basics import Button, Card, EmptyState, button, label, menu_of
from desktop.widgets.elided import ElidedLabel
from desktop.widgets.layout import column, holder, row
from desktop.widgets.lines_card import LinesCard
from domain.authors import name_of
from domain.clock import when
from domain.words import _
from services.importing import blank

_NAME = 260
"""Width of a file's name in px, so that dates and people are aligned."""


def template_button(model: ImportModel) -> Button:
    """A button 下载空白表 with a menu of rosters."""
    made = button(_("下载空白表"), icon="download")
    menu = menu_of(made)
    for name, word in blank.roster_templates():
        menu.addAction(_(word)).triggered.connect(partial(_save_template, made, model, name, word))
    return made


def _save_template(parent: QWidget, model: ImportModel, name: str, word: str, _checked: bool = False) -> None:
    path = dialogs.save_as(parent, _("保存到"), _("{name} 空白表.xlsx").format(name=_(word)))
    if path is not None:
        model.save_template(name, path)


class StartPanel(QWidget):
    """The empty page with the list of earlier imports; the page handles `choose` and `paste`."""

    def __init__(self, model: ImportModel, choose: Callable[[], None], paste: Callable[[], None]) -> None:
        super().__init__()
        self._model = model
        text = _(
            "把收到的 Excel、WPS、Word 或 CSV 名册拖到窗口里，或者点下面选择；微信群里的接龙、表格里选中的几行，复制以后在这里粘贴。"
            "先给您看会改什么，您同意了才写进去，写完还能整次撤销。"
            "上级发来要填的表，到「报表 → 填上级表格」。"
        )
        self.choose = button(_("选择文件"), choose, kind="primary", icon="folder", hint="Ctrl O")
        self.paste = button(_("粘贴"), paste, icon="clipboard", hint="Ctrl V")
        self.templates = template_button(model)
        empty = EmptyState("", text, self.choose, self.paste, self.templates, icon="file-spreadsheet")
        drop = Card()
        drop.add(empty)
        self.earlier = LinesCard(_("以前的导入"))
        self.setLayout(column(drop, self.earlier, spacing=12))
        self.undo_buttons: dict[int, Button] = {}
        model.listed.connect(self._show_earlier)

    def _show_earlier(self) -> None:
        acts = self._model.earlier
        self.undo_buttons = {}
        self.earlier.note.setText(_("最近 {n} 次").format(n=len(acts)) if acts else "")
        self.earlier.fill([self._line(act) for act in acts], _("还没有导入过。"))

    def _line(self, act: Act) -> QWidget:
        name = ElidedLabel(act.label, "strong", stretch=0)
        name.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        name.setFixedWidth(theme.px(_NAME))
        parts: list[QWidget | None] = [name, label(when(act.at), "muted"), label(name_of(act.by), "muted"), None]
        if act.undone:
            parts.append(label(_("已撤销"), "muted"))
        else:
            undo = button(_("撤销"), lambda: self._undo(act), kind="small", icon="arrow-back-up", writes=True)
            undo.setAccessibleName(_("撤销 {label}").format(label=act.label))
            self.undo_buttons[act.id] = undo
            parts.append(undo)
        return holder(row(*parts, spacing=14, margins=(14, 5, 14, 5)))

    def _undo(self, act: Act) -> None:
        text = _("这次导入新增的会取消，改过的会恢复成导入前的值；导入以后您又改过的，都保留着。")
        if dialogs.ask(self, _("撤销「{label}」？").format(label=act.label), text, yes=_("撤销")):
            self._model.undo(act)

"""What 导入 shows before and after the preview: choosing, dropping or pasting a file, empty rosters, and the list of earlier imports; the
result of an import, and the error of a file that cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from db.acts import Act
from desktop import theme
from desktop.importing.columns import OPENS
from desktop.importing.roster_file import RosterFile
from desktop.importing.view_model import ImportModel, undone_sentence
from desktop.widgets import dialogs
from desktop.widgets.basics import Button, Card, EmptyState, button, label, menu_of
from desktop.widgets.elided import ElidedLabel
from desktop.widgets.inputs import Choices
from desktop.widgets.layout import Flow, column, holder, row
from desktop.widgets.lines_card import LinesCard
from desktop.wiring.lists import groups
from domain.authors import name_of
from domain.clock import when
from domain.errors import Unrecognised
from domain.words import _
from services.importing import blank
from services.importing.plan import ImportResult, Plan

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


class KindChoice(Choices):
    """How to read a roster: the first entry lets the program decide; choosing a kind reads the file again."""

    def __init__(self, model: ImportModel) -> None:
        super().__init__()
        self.setAccessibleName(_("按哪种表读"))
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.addItem(_("自动识别"), "")
        for kind in (kind for members in groups().values() for kind in members if kind.by_hand):
            self.addItem(_(kind.label), kind.name)
        self.activated.connect(lambda _index: model.again(self.currentData() or None))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the list: each step in the closed box would read the file again and move the focus to its rows."""
        if event.key() in OPENS:
            self.showPopup()
        else:
            event.ignore()

    def show_kind(self, kind: str | None, plan: Plan | None = None) -> None:
        """Show what was chosen, and what the program recognised by itself."""
        found = _("、").join(dict.fromkeys(_(table.label) for table in plan.tables)) if plan and not kind else ""
        self.setItemText(0, _("自动：{found}").format(found=found) if found else _("自动识别"))
        self.setCurrentIndex(max(self.findData(kind or ""), 0))


class ErrorPanel(QWidget):
    """The error of a file that cannot be used, and what can be done."""

    def __init__(self, model: ImportModel, choose: Callable[[], None]) -> None:
        super().__init__()
        self.card = Card(edge="bad")
        self.title = label("", "heading", wrap=True)
        self.sentence = label("", wrap=True, selectable=True)
        self.kind = KindChoice(model)
        self.choose = button(_("换一个文件"), choose, kind="primary", icon="folder", hint="Ctrl O")
        again = button(_("重新读"), lambda: model.again(model.file.kind if model.file else None), icon="refresh")
        untouched = label(_("文件没有改动，库里也没有改动。"), "muted", wrap=True)
        headings = _("请对照空白表看表头：表头要在前三十行里，至少要有姓名和身份证号码两列。")
        choice = Flow(label(_("认不出是什么表的，请在这里选按哪种表读"), "muted"), self.kind, spacing=8)
        self.unrecognised = holder(column(label(headings, "muted", wrap=True), holder(choice), spacing=6))
        self.card.add(self.title, self.sentence, untouched, self.unrecognised, 6)
        self.card.add_row(self.choose, again, template_button(model), None)
        self.setLayout(column(self.card, None))

    def show_file(self, file: RosterFile) -> None:
        """Show this file's error."""
        self.title.setText(_("{file} 读不了").format(file=file.path.name))
        self.sentence.setText(str(file.error))
        self.card.setAccessibleName(_("{label}：{text}").format(label=self.title.text(), text=file.error))
        self.kind.show_kind(file.kind)
        self.unrecognised.setVisible(isinstance(file.error, Unrecognised) or file.kind is not None)


class ResultPanel(QWidget):
    """What was written and what was left out, with buttons to undo it and to export the rest."""

    def __init__(self, model: ImportModel) -> None:
        super().__init__()
        self._model = model
        self.card = Card(edge="accent")
        self.title = label("", "title", wrap=True)
        self.written = label("", wrap=True)
        self.left_out = label("", "muted", wrap=True)
        self.next = button("", model.next, kind="primary", hint="Enter")
        save = partial(save_beside, self, model, _("{name} 拒收名单"), model.save_refused)
        self.refused = button(_("导出拒收名单"), save, icon="file-export")
        self.undo = button(_("撤销整次导入"), self._undo, icon="arrow-back-up", hint="Ctrl Z", writes=True)
        self.card.add(self.title, self.written, self.left_out, 6)
        self.card.add_row(self.next, self.refused, self.undo, None)
        self.setLayout(column(self.card, None))

    def show_file(self, file: RosterFile, *, more: bool) -> None:
        """Show the result of this file."""
        result = file.result
        assert result is not None
        name = file.path.name
        self.title.setText(_("{file} 已撤销").format(file=name) if file.undone else _("{file} 已导入").format(file=name))
        self.written.setText(undone_sentence(file.undone) if file.undone else written_sentence(result))
        left_out = len(result.rejected) + len(result.questions)
        self.left_out.setText(_left_out(result))
        self.left_out.setVisible(bool(left_out) and not file.undone)
        self.refused.setVisible(bool(left_out) and not file.undone)
        self.undo.setVisible(not file.undone and result.batch is not None)
        self.next.setText(_("下一个文件") if more else _("完成"))
        self.next.setFocus()

    def _undo(self) -> None:
        if dialogs.ask(self, _("撤销整次导入？"), _("新增的会取消，改过的会恢复成导入前的值。"), yes=_("撤销")):
            self._model.undo_file()


def save_beside(parent: QWidget, model: ImportModel, called: str, save: Callable[[Path], None]) -> None:
    """Ask where to write a list of the file's rows, proposing its folder."""
    file = model.file.path if model.file else Path()
    name = dialogs.file_name(called.format(name=file.stem)) + ".xlsx"
    path = dialogs.save_as(parent, _("保存到"), str(file.with_name(name) if file.name else name))
    if path is not None:
        save(path)


def written_sentence(result: ImportResult) -> str:
    """Return the result as text: 新增 1,000 条，变更 3 条，不变 12 条."""
    if not result.added and not result.changed:
        return _("没有变化：表里的内容库里都已经有了。")
    text = _("新增 {added} 条，变更 {changed} 条，不变 {unchanged} 条。")
    return text.format(added=f"{result.added:,}", changed=f"{result.changed:,}", unchanged=f"{result.unchanged:,}")


def _left_out(result: ImportResult) -> str:
    counts = {_("{n} 行拒收"): len(result.rejected), _("{n} 行疑点"): len(result.questions)}
    which = _("、").join(word.format(n=count) for word, count in counts.items() if count)
    return _("有 {which}没有收进来，其余都好。可以导出名单退给发来表的单位，改好后再导入一次，已导入的不会重复。").format(which=which)

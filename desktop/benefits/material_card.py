"""The card 材料: the documents a claim needs, whether each is there, their files, and a button for attaching one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from desktop import theme
from desktop.icons import pixmap
from desktop.view_model import AttachmentModel
from desktop.widgets import dialogs
from desktop.widgets.basics import Card, add_entries, button, label
from desktop.widgets.layout import clear, column, holder, row
from desktop.widgets.tips import tip
from domain.attachments import ENDINGS
from domain.words import _
from services.attachments import Attached
from services.claims.materials import Material

_NAME = 190
"""Width of a file's name in px."""


class MaterialCard(Card):
    """The card beside a claim."""

    def __init__(self, model: AttachmentModel) -> None:
        super().__init__(_("材料"))
        self.model = model
        self._lines = column(spacing=6)
        self.add(self._lines)
        self.add_file = button(_("附材料"), self._choose, icon="plus", hint="F4", writes=True)
        self.add_row(None, self.add_file)
        model.changed.connect(self._show)
        model.file_read.connect(self._file_read)

    def menu(self) -> QMenu:
        """Return a menu of documents a file can be attached as, missing ones first."""
        made = QMenu(self)
        made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        asked = sorted((one for one in self.model.found if one.document), key=lambda one: bool(one.files))
        named = [*((one.document, one.document) for one in asked), (_("其他材料"), "")]
        add_entries(made, [(word, partial(self._attach, document)) for word, document in named])
        return made

    def _choose(self) -> None:
        menu = self.menu()
        menu.popup(self.add_file.mapToGlobal(QPoint(0, self.add_file.height())))
        menu.setActiveAction(menu.actions()[0])

    def _attach(self, document: str) -> None:
        kinds = " ".join(f"*.{ending}" for ending in ENDINGS)
        title = _("选文件：{document}").format(document=document or _("其他材料"))
        files = dialogs.open_files(self, title, _("图片、PDF、办公文档 ({kinds})").format(kinds=kinds))
        if files:
            self.model.add(files, document)

    def _show(self, found: Sequence[Material]) -> None:
        asked = [one for one in found if one.document]
        there = sum(bool(one.files) for one in asked)
        self.note.setText(_("{n} 项，已有 {there} 项").format(n=len(asked), there=there) if asked else "")
        now = QApplication.focusWidget()
        if now is not None and self.isAncestorOf(now):  # on a line that goes: in the header, Enter would ask for another file
            self.add_file.setFocus()
        clear(self._lines)
        for one in found:
            self._lines.addWidget(_head(one))
            for file in one.files:
                self._lines.addWidget(self._file(file))
        if not found:
            self._lines.addWidget(label(_("文件没有写明要哪些材料。"), "muted", wrap=True))

    def _file(self, file: Attached) -> QWidget:
        name = button("", lambda: self.model.read(file), kind="link")
        name.setText(self.fontMetrics().elidedText(file.name, Qt.TextElideMode.ElideMiddle, theme.px(_NAME)))
        name.setToolTip(tip(f"{file.name}　{file.size_text}　{file.state_text}"))
        name.setAccessibleName(_("查看 {name}，{size}，{state}").format(name=file.name, size=file.size_text, state=file.state_text))
        line = row(name, None, spacing=4, margins=(24, 0, 0, 0))
        if file.record_id == self.model.id:
            remove = button(_("删除"), lambda: self.model.remove(file), kind="link", writes=True)
            remove.setAccessibleName(_("删除材料 {name}").format(name=file.name))
            line.addWidget(remove)
        else:
            line.addWidget(label(_("本人附件"), "small"))
        return holder(line)

    def _file_read(self, name: str, data: bytes) -> None:
        if (file := dialogs.view_or_save(self, name, data)) is not None:
            self.model.save(data, file)


def _head(one: Material) -> QWidget:
    if not one.document:
        return label(_("其他材料"), "muted")
    sign = label()
    sign.setPixmap(pixmap("check", "accent") if one.files else pixmap("alert-triangle", "warn"))
    words = label(one.document, "" if one.files else "muted", wrap=True)
    words.setAccessibleName(
        _("{document}：已有").format(document=one.document) if one.files else _("{document}：还缺").format(document=one.document)
    )
    line = row(sign, words, spacing=6, shares=(0, 1))
    line.setAlignment(sign, Qt.AlignmentFlag.AlignTop)
    return holder(line)

"""The dialog 收回签好的表: shows the pages that were read, with their pictures, before they are filed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QLabel, QSizePolicy, QTableWidget, QWidget

from desktop import theme
from desktop.benefits.signed_model import SignedLine
from desktop.icons import pixmap
from desktop.paper.scans import ENDINGS, OTHERS
from desktop.widgets import dialogs
from desktop.widgets.layout import row
from desktop.widgets.rows_view import fixed_table
from desktop.widgets.tips import tip
from domain.words import _

_WIDTH, _LEAST, _LARGE = 210, (560, 300), (860, 560)
"""In px: width of the picture, minimum size of the dialog, and its size if the screen has room."""
_FILE = 130
"""Width of a file's name in px."""


def choose(parent: QWidget) -> list[Path]:
    """Ask for photos and scans."""
    kinds = _("照片和扫描件 ({kinds})").format(kinds=" ".join(f"*.{ending}" for ending in (*ENDINGS, *OTHERS)))
    return dialogs.open_files(parent, _("选签好的表：照片或扫描件，可以一次选很多"), kinds)


def confirm(parent: QWidget, lines: Sequence[SignedLine], lacking: Sequence[str]) -> bool:
    """Show what was read and ask whether to file it; False if nothing can be filed."""
    good = sum(line.sheet is not None for line in lines)
    bad = sum(line.sheet is None and not line.page.blank for line in lines)
    parts = [_("认出 {n} 页，会归到各自的申请、公示或单位，缺的材料随着补上。").format(n=good)] if good else []
    parts += [_("没认出的 {n} 页不收，列在最前面。").format(n=bad)] if good and bad else []
    parts += [_("还没有收回的：") + _("；").join(lacking)] if lacking else []
    if not good:
        parts = [_("一页也没有认出，什么都没有收。只有本程序打印的表右下角才有码。")]
    title = _("收回签好的表")
    dialog = dialogs.Dialog(parent, title, "\n".join(parts))
    room = dialog.screen().availableSize()
    dialog.setMinimumSize(*map(theme.px, _LEAST))
    dialog.resize(min(theme.px(_LARGE[0]), room.width() - 40), min(theme.px(_LARGE[1]), room.height() - 60))
    shown = _Lines(lines)
    dialog.body.addWidget(shown, 1)
    if not good:
        dialog.add_button(_("知道了"), accept=False, kind="primary").setFocus()
    else:
        dialog.add_answers(_("归档 {n} 页").format(n=good)).setFocus()
    return dialog.run()


class _Lines(QWidget):
    """The rows, and the picture of the selected one."""

    def __init__(self, lines: Sequence[SignedLine]) -> None:
        super().__init__()
        self._lines = lines
        self.picture = QLabel()
        self.picture.setFixedWidth(theme.px(_WIDTH))
        self.picture.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Ignored)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setAccessibleName(_("这一页的样子"))
        self.table = _table(lines)
        self.table.currentCellChanged.connect(lambda *_cells: self._show())
        self.setLayout(row(self.table, self.picture, spacing=10))
        if lines:
            self.table.setCurrentCell(0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Scale the picture to the room."""
        super().resizeEvent(event)
        self._show()

    def _show(self) -> None:
        made = QPixmap()
        if self.table.currentRow() >= 0:
            made.loadFromData(self._lines[self.table.currentRow()].page.data)
        smooth = Qt.TransformationMode.SmoothTransformation
        self.picture.setPixmap(made if made.isNull() else made.scaled(self.picture.size(), Qt.AspectRatioMode.KeepAspectRatio, smooth))


def _table(lines: Sequence[SignedLine]) -> QTableWidget:
    table = fixed_table(_("认出的页"), [_("是什么"), _("文件")], [(line.sentence, line.page.where) for line in lines])
    table.setWordWrap(True)
    table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    table.horizontalHeader().setStretchLastSection(False)
    table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    table.setColumnWidth(1, theme.px(_FILE))
    for n, line in enumerate(lines):
        what, file = table.item(n, 0), table.item(n, 1)
        assert what is not None and file is not None
        sign = ("check", "accent") if line.sheet is not None else ("x", "muted") if line.page.blank else ("alert-triangle", "warn")
        what.setIcon(pixmap(*sign))
        file.setToolTip(tip(line.page.where))
    return table

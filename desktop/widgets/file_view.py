"""Shows a stored file if it is a picture, and asks where to save it; any other file is saved at once.

if (file := file_view.view_or_save(self, name, data)) is not None:  write data to file
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget

from desktop import pictures
from desktop.widgets import dialogs
from desktop.widgets.basics import label
from domain.words import _

_AROUND = QSize(80, 190)
"""Pixels that heading, buttons and frame take from the screen."""


def view_or_save(parent: QWidget, name: str, data: bytes) -> Path | None:
    """Return where to save a file; None if the user only looked at it."""
    picture = QPixmap.fromImage(pictures.read(data, parent.screen().availableSize() - _AROUND))
    if not picture.isNull():
        dialog = dialogs.Dialog(parent, name)
        shown = label()
        shown.setPixmap(picture)
        shown.setAlignment(Qt.AlignmentFlag.AlignCenter)
        shown.setAccessibleName(name)
        dialog.body.addWidget(shown, 1)
        dialog.add_button(_("另存为…"), accept=True)
        dialog.add_button(_("关闭"), accept=False, kind="primary").setFocus()
        if not dialog.run():
            return None
    return dialogs.save_as(parent, _("另存附件"), name, kinds="")

"""Shows a stored file if it is a picture, and asks where to save it; any other file is saved at once.

if (file := file_view.view_or_save(self, name, data)) is not None:  write data to file
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QSize, Qt
from PySide6.QtGui import QImageReader, QPixmap
from PySide6.QtWidgets import QWidget

from desktop.widgets import dialogs
from desktop.widgets.basics import label
from domain.words import _

_AROUND = QSize(80, 190)
"""Pixels that heading, buttons and frame take from the screen."""


def view_or_save(parent: QWidget, name: str, data: bytes) -> Path | None:
    """Return where to save a file; None if the user only looked at it."""
    picture = _picture(data, parent.screen().availableSize() - _AROUND)
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


def _picture(data: bytes, room: QSize) -> QPixmap:
    """An upright picture, scaled to the available room; a null pixmap for any other file. A JPEG is scaled down while it is decoded."""
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and (size.width() > room.width() or size.height() > room.height()):
        turned = bool(reader.transformation().value & 4)  # by 90 or 270 degrees
        reader.setScaledSize(size.scaled(room.transposed() if turned else room, Qt.AspectRatioMode.KeepAspectRatio))
    return QPixmap.fromImage(reader.read())

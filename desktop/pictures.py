"""Reading photographs that came from outside: bounded in memory and time, the right way up, no larger than they are shown."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

MOST_PIXELS: Final = 128_000_000
"""More than any telephone takes. A progressive JPEG needs 3 bytes a pixel while it is made small: one of 541 bytes that called itself
50 000 by 50 000 took 7 GB and three minutes."""
_READ: Final = frozenset({b"jpeg", b"jpg", b"png", b"gif", b"bmp", b"webp"})
"""The formats of photographs that may be attached. Qt reads more, such as drawings, which can ask for any amount of work."""


def read(data: bytes, room: QSize) -> QImage:
    """A picture of at most this size; a null one for any other file, or one that calls itself too large. A JPEG is made small while it is
    read."""
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    if reader.format().data() not in _READ:  # QByteArray has a hash of its own
        return QImage()
    size = reader.size()
    if size.width() * size.height() > MOST_PIXELS:
        return QImage()
    if size.isValid() and (size.width() > room.width() or size.height() > room.height()):
        turned = bool(reader.transformation().value & 4)  # by a quarter
        reader.setScaledSize(size.scaled(room.transposed() if turned else room, Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()

"""Photographs that came from outside: the right way up, as small as they are shown, and no bomb."""

from __future__ import annotations

import struct
from pathlib import Path
from time import monotonic

import pytest
from PySide6.QtCore import QBuffer, QIODevice, QSize
from PySide6.QtGui import QImage, QImageWriter
from pytestqt.qtbot import QtBot

from desktop import pictures
from desktop.paper import document, scans
from domain.progress import unwatched

ROOM = QSize(300, 200)


def jpeg(width: int, height: int, *, says: tuple[int, int] | None = None, progressive: bool = False) -> bytes:
    """A photograph; `says` is the size that its head claims."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(0xFF336699)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, b"jpg")
    writer.setProgressiveScanWrite(progressive)
    writer.write(image)
    data = bytearray(buffer.data().data())
    at = 2
    while data[at + 1] not in (0xC0, 0xC2):
        at += 2 + int.from_bytes(data[at + 2 : at + 4])
    if says is not None:
        data[at + 5 : at + 9] = struct.pack(">HH", *says)
    return bytes(data)


@pytest.mark.parametrize("size", [(3000, 2000), (2000, 3000), (30, 20)])
def test_a_photograph_is_no_larger_than_its_room(qtbot: QtBot, size: tuple[int, int]) -> None:
    image = pictures.read(jpeg(*size), ROOM)
    assert not image.isNull()
    assert (image.width(), image.height()) in ((300, 200), (133, 200), (30, 20))
    assert image.pixelColor(5, 5).blue() > 140


@pytest.mark.parametrize("progressive", [True, False])
def test_a_few_bytes_that_call_themselves_enormous_take_no_time(qtbot: QtBot, tmp_path: Path, progressive: bool) -> None:
    """541 bytes as somebody's photograph took 7 GB and three minutes, in which the window stood still."""
    bomb, began = jpeg(64, 64, says=(20_000, 20_000), progressive=progressive), monotonic()
    assert pictures.read(bomb, ROOM).isNull()
    assert document._picture(bomb, QSize(500, 700).toSizeF()).size() == QSize(1, 1)
    file = tmp_path / "a.jpg"
    file.write_bytes(bomb)
    (page,) = scans.pages([file], unwatched)
    assert page.trouble
    assert monotonic() - began < 2


def test_a_drawing_called_a_photograph_is_not_drawn(qtbot: QtBot, tmp_path: Path) -> None:
    """Not as an attachment that another station sent either: a kilobyte that repeats itself in itself draws for hours."""
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="60"><rect width="30" height="30"/></svg>'
    file = tmp_path / "a.png"
    file.write_bytes(drawing)
    (page,) = scans.pages([file], unwatched)
    assert "读不了" in page.trouble
    assert pictures.read(drawing, ROOM).isNull()


@pytest.mark.parametrize("format", [b"jpg", b"png", b"bmp", b"webp"])
def test_every_kind_of_photograph_that_may_be_attached_is_shown(qtbot: QtBot, format: bytes) -> None:
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(0xFF336699)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert QImageWriter(buffer, format).write(image)
    assert pictures.read(bytes(buffer.data().data()), ROOM).size() == QSize(40, 30)

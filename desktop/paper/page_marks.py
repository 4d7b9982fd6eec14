"""The code on a printed page drawn and found again: a QR code by zxing-cpp, which is small, quick and reads creased photographs.

draw(painter, code, QRectF)     dark squares on what is there
find(image)                     every code of ours on a photograph or scan, with the picture turned upright
"""

from __future__ import annotations

from typing import Any

import zxingcpp
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QTransform

from domain import page_codes

SIDE = 14.0
"""Millimetres: half a millimetre a square, which a scanner of 150 dots to the inch still tells apart."""
EDGE = 5.0
"""Millimetres from the edge of the paper, where every printer reaches."""
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_MOST = 9
"""Codes looked for on one picture."""
_COARSE = 2400
"""Dots of the longer side up to which a picture is looked at twice: what a chat has made of it, or an old telephone."""


def draw(painter: QPainter, code: str, area: QRectF) -> None:
    """Draw a code into a square."""
    image = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.QRCode, ec_level="M").to_image(add_quiet_zones=False)
    squares: Any = memoryview(image)  # type: ignore[arg-type]  # it is one, its stubs do not say so
    lines, across = squares.shape
    size = area.width() / across
    path = QPainterPath()
    for y in range(lines):
        for x in (x for x in range(across) if not squares[y, x]):
            path.addRect(QRectF(area.left() + x * size, area.top() + y * size, size, size))
    path.setFillRule(Qt.FillRule.WindingFill)
    painter.fillPath(path.simplified(), QColor("black"))  # in one piece: between single squares printers leave hair lines


def find(image: QImage) -> tuple[list[str], QImage]:
    """The codes of ours on a picture, without repeats, and the picture turned the way most of its first code stands."""
    found = _read(image)
    if not found and max(image.width(), image.height()) <= _COARSE:  # two dots a square with grain between: enlarged, they run together
        found = _read(image.scaled(image.size() * 2, mode=Qt.TransformationMode.SmoothTransformation))
    turned = round(found[0].orientation / 90) % 4 if found else 0
    upright = image.transformed(QTransform().rotate(-90 * turned)) if turned else image
    return list(dict.fromkeys(one.text for one in found)), upright


def _read(image: QImage) -> list[zxingcpp.Barcode]:
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    return [one for one in zxingcpp.read_barcodes(grey, formats=_QR) if page_codes.parse(one.text)][:_MOST]

"""Draws the QR code on printed pages, and finds it on photos and scans with zxing-cpp, which is small and fast and reads creased pages.

draw(painter, code, QRectF)     draws a code
find(image)                     returns the program's codes on a photo or scan, and the picture turned upright
"""

from __future__ import annotations

import zxingcpp
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QTransform

from domain import page_codes
from services.qr import dots

SIDE = 14.0
"""Millimetres: half a millimetre per module, which a scan at 150 dpi still resolves."""
EDGE = 5.0
"""Millimetres from the edge of the paper, which every printer can print."""
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_MOST = 9
"""The most codes looked for on one picture."""
_COARSE = 2400
"""Pictures whose larger side has at most this many dots are tried twice: photos compressed by a chat, or from an old phone."""


def draw(painter: QPainter, code: str, area: QRectF) -> None:
    """Draw a code into a square."""
    squares = dots(code)
    lines, across = squares.shape
    size = area.width() / across
    path = QPainterPath()
    for y in range(lines):
        for x in (x for x in range(across) if not squares[y, x]):
            path.addRect(QRectF(area.left() + x * size, area.top() + y * size, size, size))
    path.setFillRule(Qt.FillRule.WindingFill)
    painter.fillPath(path.simplified(), QColor("black"))  # as one shape: between single squares printers leave thin gaps


def find(image: QImage) -> tuple[list[str], QImage]:
    """Return the program's codes on a picture, without repeats, and the picture turned upright by the orientation of the first."""
    found = _read(image)
    if not found and max(image.width(), image.height()) <= _COARSE:  # at two dots per module, scaling up smooths the noise
        found = _read(image.scaled(image.size() * 2, mode=Qt.TransformationMode.SmoothTransformation))
    quarter_turns = round(found[0].orientation / 90) % 4 if found else 0
    upright = image.transformed(QTransform().rotate(-90 * quarter_turns)) if quarter_turns else image
    return list(dict.fromkeys(one.text for one in found)), upright


def _read(image: QImage) -> list[zxingcpp.Barcode]:
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    return [one for one in zxingcpp.read_barcodes(grey, formats=_QR) if page_codes.parse(one.text)][:_MOST]

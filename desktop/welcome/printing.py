"""The recovery code on paper."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QWidget

from desktop import theme
from domain.words import _


def print_code(parent: QWidget, code: str) -> None:
    """Ask for a printer and print the code with a line saying what it is for."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    if QPrintDialog(printer, parent).exec():
        draw_code(printer, code)


def draw_code(printer: QPrinter, code: str) -> None:
    """Draw the sheet."""
    painter = QPainter(printer)
    page = printer.pageRect(QPrinter.Unit.DevicePixel)
    line = page.height() / 24
    for n, (text, size) in enumerate(
        ((_("村站通　恢复码"), 0.6), (code, 0.75), (_("忘记密码时用它打开数据。请和印章一起保管，不要拍照外传。"), 0.36))
    ):
        font = theme.font()
        font.setPixelSize(int(line * size))
        painter.setFont(font)
        painter.drawText(QRectF(page.x(), page.y() + line * 2 * (n + 1), page.width(), line * 1.8), 0, text)
    painter.end()

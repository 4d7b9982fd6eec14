"""Choosing a printer, and the printed slip with a code: the recovery code, or the receipt of a stick."""

from __future__ import annotations

import sys

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QWidget

from desktop import theme
from desktop.widgets import dialogs
from domain.clock import today
from domain.words import _

_MOST = 9_999


def chosen(printer: QPrinter, parent: QWidget) -> bool:
    """Ask for a printer; False if cancelled. If Windows has no printer, Qt shows no dialog, so this says so."""
    if sys.platform == "win32" and printer.outputFormat() != QPrinter.OutputFormat.NativeFormat:
        text = _(
            "Windows 里一台打印机也没有，没有打印。请在 Windows 的「设置 → 打印机」里添加；明明添加过的，重新启动电脑再试"
            "（「Print Spooler」服务停了也会这样）。着急的话，表格先存成 PDF 拿到别处打，编码先抄下来。"
        )
        dialogs.show_message(parent, _("没有打印机"), text)
        return False
    dialog = QPrintDialog(printer, parent)
    dialog.setMinMax(1, _MOST)  # otherwise it proposes page 0
    return bool(dialog.exec())


def print_slip(parent: QWidget, title: str, code: str, text: str) -> None:
    """Ask for a printer and print a code with its title above and a line about its purpose below."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    if chosen(printer, parent):
        draw_slip(printer, title, code, text)


def recovery_words(code: str, place: str) -> tuple[str, str, str]:
    """Return title, code and line of the slip with the recovery code."""
    title = f"{_('村站通　恢复码')}　{place}"
    return title, code, f"{today()}　" + _("忘记密码时用它打开数据。请和印章一起保管，不要拍照外传。")


def draw_slip(printer: QPrinter, title: str, code: str, text: str) -> None:
    """Draw the slip; long text is wrapped."""
    painter = QPainter(printer)
    page = printer.pageRect(QPrinter.Unit.DevicePixel)
    line = page.height() / 24
    room = QRectF(page.x() + line, page.y() + line * 2, page.width() - 2 * line, page.height() - line * 4)
    for words, size in ((title, 0.6), (code, 0.75), (text, 0.36)):
        font = theme.font()
        font.setPixelSize(int(line * size))
        painter.setFont(font)
        drawn = painter.drawText(room, Qt.TextFlag.TextWordWrap, words)
        room.setTop(drawn.bottom() + line)
    painter.end()

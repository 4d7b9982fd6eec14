"""Choosing a printer."""

from __future__ import annotations

import sys

from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QWidget

from desktop.widgets import dialogs
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

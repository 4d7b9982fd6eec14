"""The recovery code on paper."""

from __future__ import annotations

from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QWidget

from desktop.widgets.slip import draw_slip, print_slip
from domain.words import _


def print_code(parent: QWidget, code: str) -> None:
    """Ask for a printer and print the code with a line saying what it is for."""
    print_slip(parent, *_words(code))


def draw_code(printer: QPrinter, code: str) -> None:
    """Draw the sheet."""
    draw_slip(printer, *_words(code))


def _words(code: str) -> tuple[str, str, str]:
    return _("村站通　恢复码"), code, _("忘记密码时用它打开数据。请和印章一起保管，不要拍照外传。")

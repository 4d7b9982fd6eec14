"""The list of the monthly check on paper: whom to ask, with room to write down what they said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from PySide6.QtGui import QTextDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QWidget

from desktop import theme
from desktop.work.check_model import CheckLine, show
from domain.words import _


def document(title: str, lines: Sequence[CheckLine], phones: Mapping[str, str]) -> QTextDocument:
    """The sheet: black on white, large enough for tired eyes; `phones` as they may be seen, the masked ones otherwise."""
    heads = (_("序"), _("姓名"), _("组"), _("电话"), _("上月"), _("本月状态和所在地"))
    rows = [
        (str(n), one.name, one.group, phones.get(one.person_id, one.phone), show("status", one.last.status) if one.last else "", "　" * 12)
        for n, one in enumerate(lines, 1)
    ]
    cells = "".join(f"<tr>{''.join(f'<td>{escape(text)}</td>' for text in row)}</tr>" for row in rows)
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    made = QTextDocument()
    made.setDefaultFont(theme.font(14))
    made.setDefaultStyleSheet("* { color: #000000; } td, th { padding: 4px 6px; }")
    made.setHtml(f"<h3>{escape(title)}</h3><table border='1' cellspacing='0' width='100%'><thead><tr>{head}</tr></thead>{cells}</table>")
    return made


def print_list(parent: QWidget, title: str, lines: Sequence[CheckLine], phones: Mapping[str, str]) -> bool:
    """Ask for a printer and print the list; False when the person changed their mind."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    if not QPrintDialog(printer, parent).exec():
        return False
    document(title, lines, phones).print_(printer)
    return True

"""The list of people to ask for the monthly check, on paper, with room for notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtWidgets import QWidget

from desktop.page import Frame
from desktop.paper import printing
from desktop.paper.document import Paper
from desktop.work.check_model import CheckLine, show
from domain.words import _
from services.forms import Form
from services.forms.form import Cell

_ROOM = "　" * 12
"""Blank space to write in."""


def form(title: str, lines: Sequence[CheckLine], phones: Mapping[str, str]) -> Form:
    """Return the sheet; `phones`: numbers shown unmasked, by person id."""
    heads = (_("序"), _("姓名"), _("组"), _("电话"), _("上月"), _("本月状态和所在地"))
    rows: list[Sequence[Cell]] = [
        (n, who.name, who.group, phones.get(who.person_id, who.phone), show("status", last.status) if last else "", _ROOM)
        for n, (who, last) in enumerate(((one.row, one.last) for one in lines), 1)
    ]
    return Form(title, columns=heads, rows=rows)


def print_list(frame: Frame, parent: QWidget, title: str, lines: Sequence[CheckLine], phones: Mapping[str, str]) -> None:
    """Ask for a printer and print the list."""
    printer = printing.chosen(parent, title, wide=False)
    if printer is not None:
        printing.send(frame, printer, title, lambda: Paper(form(title, lines, phones)))

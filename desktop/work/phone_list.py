"""电话单: the people to call, with numbers masked until a reason is given; Ctrl+C copies a number. It is printed with room
for notes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QWidget

from desktop import theme
from desktop.page import Frame
from desktop.paper import printing
from desktop.paper.document import Paper
from desktop.widgets.basics import button, label
from desktop.widgets.dialogs import Dialog
from desktop.widgets.layout import row
from desktop.widgets.rows_view import fixed_table
from desktop.work.check_model import CheckLine, show
from domain.words import _
from services.forms import Form
from services.forms.form import Cell


class PhoneList(Dialog):
    """The people shown in the grid with their phone numbers. `reveal` asks for the numbers of these people."""

    def __init__(self, frame: Frame, parent: QWidget, lines: Sequence[CheckLine], reveal: Callable[[Sequence[str]], None]) -> None:
        super().__init__(parent, _("电话单　{n} 人").format(n=len(lines)))
        self.setMinimumSize(theme.px(560), theme.px(440))
        self._ids = [line.row.person_id for line in lines]
        self._lines, self._numbers = lines, dict[str, str]()
        self._frame, self._reveal = frame, reveal
        self.shown = False
        texts = [(one.row.name, one.row.group, show("status", one.last.status) if one.last else "", one.row.phone) for one in lines]
        self.table = fixed_table(_("电话单"), [_("姓名"), _("组"), _("上月"), _("电话")], texts)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.horizontalHeader().resizeSection(2, theme.px(170))
        if lines:
            self.table.setCurrentCell(0, 0)
        self.show_button = button(_("显示号码"), lambda: reveal(self._ids), icon="eye")
        self.copy_button = button(_("复制号码"), self.copy, icon="copy", hint="Ctrl C", within=self)
        self.status = label(_("先按「显示号码」，选好理由，再复制。"), "small", wrap=True)
        self.body.addWidget(self.table)
        self.body.addLayout(row(self.show_button, self.copy_button, None))
        self.body.addWidget(self.status)
        self.copy_button.setEnabled(False)
        self.buttons.addWidget(button(_("打印名单"), self._print, icon="printer"))
        self.add_button(_("关闭"), accept=False)
        self.table.setFocus()

    def show_numbers(self, numbers: Mapping[str, str]) -> None:
        """Show numbers unmasked."""
        self.shown = True
        self._numbers = dict(numbers)
        for n, id in enumerate(self._ids):
            item = self.table.item(n, 3)
            if item is not None and id in numbers:
                item.setText(numbers[id])
        self.copy_button.setEnabled(True)
        self.show_button.setEnabled(False)
        self.status.setText(_("已记下：谁、何时、为什么看。"))
        self.table.setFocus()

    def copy(self) -> None:
        """Copy the number of the marked line."""
        item = self.table.item(self.table.currentRow(), 3)
        if self.shown and item is not None and item.text():
            QGuiApplication.clipboard().setText(item.text())
            self.status.setText(_("已复制 {name} 的号码").format(name=self._name()))

    def _print(self) -> None:
        print_list(self._frame, self, self.windowTitle(), self._lines, self._numbers)

    def _name(self) -> str:
        item = self.table.item(self.table.currentRow(), 0)
        return item.text() if item is not None else ""


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

"""认出的列: what each column of a file was taken for, and the boxes in which a person says what it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from desktop import theme
from desktop.importing.preview import columns_known
from desktop.importing.view_model import ImportModel
from desktop.widgets.basics import Card, Chip, label
from desktop.widgets.elided import ElidedLabel
from desktop.widgets.inputs import Choices
from desktop.widgets.layout import clear, column, grid, holder, scrolled
from domain.words import _
from services.importing.plan import PlannedColumn, PlannedTable

OPENS = (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F4)
"""Keys that open the list of a box whose choice reads the file again."""
_BACK = "*"
"""The choice that leaves a column to the program again."""
_HEADING, _BOX = 190, 210


class FieldBox(Choices):
    """What one column is. Its list is filled when it gets the focus, since a file of twelve sheets has hundreds of them. No key chooses
    another field while the list is closed, since the file is read again after each choice."""

    def __init__(self, column: PlannedColumn, offered: dict[str, str], chosen: Callable[[str | None], None]) -> None:
        super().__init__()
        self._column, self._offered = column, offered
        self.setAccessibleName(_("「{heading}」这一列是").format(heading=column.heading))
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.addItem(column.label or _("不导入"), column.target)
        self.activated.connect(lambda _n: chosen(None if self.currentData() == _BACK else self.currentData()))

    def fill(self) -> None:
        """Fill the list with all fields."""
        if self.count() > 1:
            return
        own = [(_("让程序自己认"), _BACK)] if self._column.assigned else []
        for word, target in (*own, (_("不导入"), ""), *((word, target) for target, word in self._offered.items())):
            if target != self._column.target:
                self.addItem(word, target)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Fill the list."""
        self.fill()
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the list, or leave the key to the panel, which scrolls with PgUp, PgDn, Home and End."""
        if event.key() in OPENS:
            self.fill()
            self.showPopup()
        else:
            event.ignore()


class ColumnsPanel(QWidget):
    """The columns of every table of a file."""

    def __init__(self, model: ImportModel) -> None:
        super().__init__()
        self._model = model
        self._cards = column(spacing=12)
        self.boxes: dict[tuple[int, str], FieldBox] = {}
        """By place of the table and heading."""
        self.setLayout(column(scrolled(holder(column(self._cards, None)))))

    def show_tables(self, tables: Sequence[PlannedTable]) -> None:
        """Show the columns of other tables."""
        clear(self._cards)
        self.boxes = {}
        for place, table in enumerate(tables):
            self._cards.addWidget(self._card(place, table))

    def box_at(self, place: int, heading: str) -> QWidget | None:
        """The box of a column; None if it has none."""
        return self.boxes.get((place, heading))

    def _card(self, place: int, table: PlannedTable) -> Card:
        known, unknown = columns_known(table)
        where = _("工作表「{sheet}」　表头在第 {row} 行　{n} 行").format(sheet=table.sheet, row=table.heading_row, n=f"{len(table.rows):,}")
        card = Card(_(table.label), note=where)
        text = _("认出 {n} 列").format(n=known)
        card.add(label(text + (_("，{m} 列不导入").format(m=len(unknown)) if unknown else ""), "muted"))
        if table.assignable:
            advice = _("认错了的、没认出来的，在右边选它是什么，马上按改好的重新读。导入以后会记住，下次同样的表头照这样读。")
            card.add(label(advice, "muted", wrap=True))
        lines = grid(across=12, down=6, shares=(0, 0, 1))
        for line, made in enumerate(table.columns):
            lines.addWidget(label(made.heading, "strong", wrap=True), line, 0)
            lines.addWidget(self._meaning(place, table, made), line, 1)
            lines.addWidget(ElidedLabel(_("、").join(made.examples), "muted"), line, 2)
        lines.setColumnMinimumWidth(0, theme.px(_HEADING))
        card.add(lines)
        return card

    def _meaning(self, place: int, table: PlannedTable, made: PlannedColumn) -> QWidget:
        """A box, or words where the meaning is not to be chosen: months, the days of an attendance sheet, the questions of a survey."""
        if not table.assignable or (made.target and made.target not in table.assignable and not made.assigned):
            return label(made.label) if made.label else Chip(_("不导入"), "plain")
        box = FieldBox(made, dict(table.assignable), partial(self._model.assign, place, made.key))
        box.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        box.setFixedWidth(theme.px(_BOX))
        self.boxes.setdefault((place, made.key), box)
        return box

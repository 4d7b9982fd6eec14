"""A dialog for fields that somebody else changed while a form was open: both values side by side, and a choice for each field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QButtonGroup, QGridLayout, QRadioButton, QWidget

from desktop import theme
from desktop.widgets.basics import label
from desktop.widgets.dialogs import Dialog
from desktop.widgets.layout import grid
from domain.fields import Kind
from domain.words import _


class ClashDialog(Dialog):
    """Asks field by field which value to keep; call `run()`, then `kept_mine()`."""

    def __init__(self, parent: QWidget | None, kind: Kind, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> None:
        text = _("您打开这张表以后，别处（同步或另一位用户）改了下面几项。请逐项选留哪一个；选了自己的，别处那个值在修改记录里仍找得到。")
        super().__init__(parent, _("这几项被别处改过"), text)
        self.setMinimumWidth(theme.px(620))
        self.choices: dict[str, tuple[QRadioButton, QRadioButton]] = {}
        table = grid(across=16, shares=(1, 2, 2))
        for index, heading in enumerate((_("项目"), _("我填的"), _("别处改成的"))):
            table.addWidget(label(heading, "small"), 0, index)
        for n, name in enumerate(theirs, start=1):
            self._line(table, n, kind, name, mine.get(name), theirs[name])
        self.body.addLayout(table)
        self.add_answers(_("按所选保存"), _("回去再看看"))
        next(iter(self.choices.values()))[1].setFocus()

    def kept_mine(self) -> set[str]:
        """The names of the fields whose own value is to be saved over the other one."""
        return {name for name, (mine, _theirs) in self.choices.items() if mine.isChecked()}

    def _line(self, grid: QGridLayout, at: int, kind: Kind, name: str, mine: Any, theirs: Any) -> None:
        declared = kind.by_name[name]
        shown = [QRadioButton(declared.show(value) or _("（空）")) for value in (mine, theirs)]
        group = QButtonGroup(self)
        for index, (button, whose) in enumerate(zip(shown, (_("我填的"), _("别处改成的")), strict=True), start=1):
            button.setAccessibleName(f"{_(declared.label)}　{whose}　{button.text()}")
            group.addButton(button)
            grid.addWidget(button, at, index)
        shown[1].setChecked(True)
        grid.addWidget(label(_(declared.label), "strong"), at, 0)
        self.choices[name] = (shown[0], shown[1])


def settle(parent: QWidget | None, kind: Kind, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> set[str] | None:
    """Ask which values to keep. Returns the names of the fields to save with one's own value, or None to return to the form."""
    dialog = ClashDialog(parent, kind, mine, theirs)
    return dialog.kept_mine() if dialog.run() else None

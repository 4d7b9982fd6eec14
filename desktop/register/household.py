"""The household of a new person: an existing one, found by its number or head, or a new one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop import theme
from desktop.widgets.basics import label, show_text
from desktop.widgets.editors import Tools
from desktop.widgets.layout import column, holder, row
from desktop.widgets.picker import Option, Picker
from desktop.widgets.record_form import RecordForm
from desktop.widgets.spoken import live_label
from desktop.widgets.tabs import ChipBar
from domain import divisions
from domain.fields import KINDS
from domain.scopes import county_of, is_village, within
from domain.words import _

_FIELDS = ("number", "group", "address", "phone")


class HouseholdChoice(QWidget):
    """Chips 已有的户 / 新的一户 / 以后再说, and below them the inputs of the chosen one."""

    changed = Signal()

    def __init__(self, tools: Tools) -> None:
        super().__init__()
        self.chips = ChipBar({"existing": _("已有的户"), "new": _("新的一户"), "none": _("以后再说")})
        self.picker = Picker(tools.jobs, lambda text: tools.find("household", text), name=_("户"))
        self.picker.setPlaceholderText(_("户编号、户主姓名或拼音"))
        self.message = live_label("bad")
        self.message.hide()
        self.form = RecordForm(KINDS["household"], tools, fields=_FIELDS, columns=2)
        self.village = Picker(tools.jobs, lambda text: _villages(text, tools.home), name=_("村"))
        self.village_line = holder(_captioned(_("村 *"), self.village))
        self.above = not is_village(tools.home)
        self.pages = {"existing": holder(_captioned(_("户"), self.picker)), "new": self.form}
        self.setLayout(column(self.chips, self.village_line, *self.pages.values(), self.message, spacing=8))
        self.chips.chosen.connect(self._chosen)
        for picker in (self.picker, self.village):
            picker.picked.connect(lambda _id: self.changed.emit())
        self._chosen("existing")

    @property
    def way(self) -> str:
        """The chosen chip: existing, new or none."""
        return next(iter(self.chips.on()))

    def forms(self) -> tuple[RecordForm, ...]:
        """The forms it contains, visible or not."""
        return (self.form,)

    def parts(self) -> tuple[RecordForm, ...]:
        """The forms to be validated now."""
        return (self.form,) if self.way == "new" else ()

    def household_id(self) -> str | None:
        """The id of the chosen existing household."""
        return (self.picker.id or None) if self.way == "existing" else None

    def village_code(self) -> str | None:
        """The chosen village, on a station above a village, unless an existing household determines it."""
        return (self.village.id or None) if self.above and self.way != "existing" else None

    def new_household(self) -> dict[str, Any] | None:
        """The values of the household to be created, or None."""
        if self.way != "new":
            return None
        return self.form.given()

    def set_household(self, id: str, name: str) -> None:
        """Choose an existing household."""
        self.chips.choose("existing")
        self.picker.set_choice(id, name)
        self._say("")

    def clear(self) -> None:
        """Empty all inputs."""
        self.form.set_values({})
        for picker in (self.picker, self.village):
            picker.set_choice("", "")
        self.chips.choose("existing")
        self._say("")

    def check(self, *, focus: bool = True) -> bool:
        """Whether the choice is complete; otherwise an error is shown, and with `focus` the field is focused."""
        if self.way == "existing" and not self.picker.id:
            self._say(_("请选一户；新的一户或还不清楚，请点上面的另外两个"), self.picker, focus=focus)
        elif self.above and self.way != "existing" and not self.village.id:
            self._say(_("请选是哪个村"), self.village, focus=focus)
        else:
            self._say("")
        return not self.message.text()

    def draft(self) -> dict[str, Any]:
        """Return the choice as values for JSON."""
        return {"way": self.way, "picked": _picked(self.picker), "village": _picked(self.village), "household": self.form.draft()}

    def restore(self, draft: Mapping[str, Any]) -> None:
        """Restore a choice from a draft."""
        for name, picker in (("picked", self.picker), ("village", self.village)):
            if picked := draft.get(name):
                picker.set_choice(picked["id"], picked["name"])
        self.form.restore(draft.get("household", {}))
        if draft.get("way") in self.chips.buttons:
            self.chips.choose(draft["way"])

    def _chosen(self, key: str) -> None:
        for way, page in self.pages.items():
            page.setVisible(way == key)
        self.village_line.setVisible(self.above and key != "existing")
        self._say("")
        self.changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right choose a chip; Enter moves on to the inputs of the chosen one. The form handles Enter within itself."""
        keys = list(self.chips.buttons)
        at = next((n for n, key in enumerate(keys) if self.chips.buttons[key].hasFocus()), None)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.form.isAncestorOf(self.window().focusWidget()):
                return
            if at is not None and self.way == "none":
                self.chips.buttons[keys[-1]].setFocus()
            if at is None or self.way == "none":
                self.focusNextChild()
            else:
                asked = self.village if self.above else next(iter(self.form.editors.values()))
                first = self.picker if self.way == "existing" else asked
                first.setFocus(Qt.FocusReason.TabFocusReason)
        elif at is not None and event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            key = keys[(at + (1 if event.key() == Qt.Key.Key_Right else -1)) % len(keys)]
            self.chips.choose(key)
            self.chips.buttons[key].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            super().keyPressEvent(event)

    def _say(self, text: str, about: Picker | None = None, *, focus: bool = False) -> None:
        show_text(self.message, text)
        for picker in (self.picker, self.village):
            picker.setProperty("bad", "true" if picker is about else "false")
            theme.style(picker)
            picker.setAccessibleDescription(text if picker is about else "")
        if about is not None and focus:
            about.setFocus()


def _picked(picker: Picker) -> dict[str, str]:
    return {"id": picker.id, "name": picker.text()} if picker.id else {}


def _captioned(text: str, picker: Picker) -> QHBoxLayout:
    caption = label(text, "muted")
    caption.setFixedWidth(theme.px(96))
    caption.setBuddy(picker)
    return row(caption, picker, spacing=10)


def _villages(text: str, home: str) -> list[Option]:
    """Villages in the station's scope that `text` may mean."""
    codes = [code for code in divisions.find(text, within=county_of(home), limit=200) if is_village(code) and within(code, home)]
    return [Option(code, divisions.full_name(code) or code) for code in codes[:20]]

"""The list of people: filter chips, village groups, saved views and a choice of columns.

Keys: `/` focuses the search box above the list, Enter opens a person, F2 edits, Del deletes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from PySide6.QtWidgets import QWidget

from desktop.page import Frame
from desktop.people.view_model import PeopleModel
from desktop.preferences import Preferences
from desktop.widgets import dialogs
from desktop.widgets.basics import EmptyState, add_entries, bind, button, menu_of
from desktop.widgets.layout import column
from desktop.widgets.ledger_table import LedgerTable, View
from desktop.widgets.tabs import ChipBar
from domain.words import _, page_word
from services.lists import listing

GROUP, ANSWER = "group", "answer"


_KEY = "views:people"


@dataclass(frozen=True)
class SavedView:
    """A saved view."""

    name: str
    filters: Mapping[str, str] = field(default_factory=dict)
    order: str = ""
    descending: bool = False

    def view(self) -> View:
        """Return it as a request to the list."""
        return View("", dict(self.filters), self.order, self.descending)


def saved_views(preferences: Preferences) -> list[SavedView]:
    """Return the saved views, oldest first; damaged ones are skipped."""
    found = (_read(text) for text in preferences.words(_KEY) or ())
    return [view for view in found if view is not None]


def keep_view(preferences: Preferences, name: str, view: View) -> None:
    """Save a view, replacing one of the same name."""
    others = [one for one in saved_views(preferences) if one.name != name]
    _write(preferences, [*others, SavedView(name, dict(view.filters), view.order, view.descending)])


def _write(preferences: Preferences, views: list[SavedView]) -> None:
    lines = [json.dumps({**vars(one), "filters": dict(one.filters)}, ensure_ascii=False) for one in views]
    preferences.keep(_KEY, lines or None)


def _read(text: str) -> SavedView | None:
    try:
        values: dict[str, Any] = json.loads(text)
        filters = {str(name): str(value) for name, value in values["filters"].items()}
        return SavedView(str(values["name"]), filters, str(values["order"]), bool(values["descending"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


class PeopleList(QWidget):
    """The filter chips, the menus of groups and views, and the table."""

    def __init__(self, frame: Frame, model: PeopleModel, above: bool) -> None:
        """`above`: the station is of a township or county and sees several villages."""
        super().__init__()
        self._frame, self._above = frame, above
        self._groups: Sequence[tuple[str, int]] = ()
        self.everybody: int | None = None
        self.moved_to = ""
        self.chips = ChipBar({name: _(label) for name, label in listing.quick_filters("person")}, several=True)
        self.group = button("")
        self.views = button(_("视图"), icon="filter")
        self.answer = button("", lambda: self._choose(ANSWER, None), icon="x")
        self.answer.hide()
        self._tell = model.tell
        self.empty = self._make_empty()
        self.table = LedgerTable(frame, model.source, key="people", empty=self.empty, title=page_word("人员"))
        self.line = self.table.add_search(_("在列表里找：姓名、拼音、尾号"), 240, at=1, name=_("在列表里找"))
        self.line.setClearButtonEnabled(True)
        self.table.bar.insertWidget(3, self.group)
        self.table.bar.insertWidget(4, self.views)
        self.table.bar.insertWidget(5, self.answer)
        self.setLayout(column(self.chips, self.table, spacing=8))
        self._connect(model)
        self._name_filters()

    # -- what the page calls ----------------------------------------------------------------------

    def reload(self) -> None:
        """Load the people again."""
        self.table.reload()

    def show_view(self, view: View) -> None:
        """Show the list with other filters and in another order."""
        self.table.view = view
        for key, chip in self.chips.buttons.items():
            chip.setChecked(key in view.filters)
        self.line.setText(view.search)
        self._name_filters()
        self.table.reload()

    def neighbour(self, id: str, step: int) -> str:
        """Return the person before (`step` -1) or after (1) another in the list as shown; "" at its ends."""
        ids = list(self.table.model.ids)
        at = ids.index(id) + step if id in ids else -1
        return ids[at] if 0 <= at < len(ids) else ""

    def _connect(self, model: PeopleModel) -> None:
        model.counted.connect(self._show_count)
        model.grouped.connect(self._show_groups)
        model.moved_away.connect(self._show_moved)
        model.told.connect(self._show_answer)
        self.table.describe_filters = self._describe_filters
        self.chips.chosen.connect(self._chip)
        self.table.loaded.connect(lambda _count: self._set_empty_text())
        for made, fill in ((self.group, self._fill_groups), (self.views, self._fill_views)):
            menu_of(made).aboutToShow.connect(fill)
        bind(self.table, "/", self.line.setFocus)

    def _show_count(self, chip: str, count: int) -> None:
        """Show the number of people that a chip would list; for the chip "", note how many people there are at all."""
        if chip:
            self.chips.set_count(chip, count)
        else:
            self.everybody = count
            self._set_empty_text()

    def _show_moved(self, place: str) -> None:
        """The village was merged into another, so an empty list is expected."""
        self.moved_to = place
        self._set_empty_text()

    def _show_groups(self, groups: Sequence[tuple[str, int]]) -> None:
        self._groups = groups
        self.group.setVisible(bool(groups))

    def _describe_filters(self) -> str:
        return _("、").join(filter(None, (self.chips.describe(), self.table.view.filters.get(GROUP), self._answered)))

    @property
    def _answered(self) -> str:
        return self.answer.text() if ANSWER in self.table.view.filters else ""

    def _make_empty(self) -> EmptyState:
        self.widen = button(_("看全部人员"), lambda: self.show_view(View()))
        self.first = [
            button(_("导入名册"), lambda: self._frame.open("importing"), kind="primary", hint="Ctrl I"),
            button(_("登记一个人"), lambda: self._frame.open("register"), hint="Ctrl N", writes=True),
        ]
        self.story = button(_("看说明"), lambda: self._frame.open("sync", tab="story"), kind="primary")
        self.story.hide()
        return EmptyState("", "", *self.first, self.widen, self.story, icon="users")

    def _set_empty_text(self) -> None:
        """Set the text of the empty list: a village without people is told from a search without results."""
        if self.everybody == 0 and self.moved_to:
            text = _("县里已把本村并入{place}，名册和台账都转过去了，不是丢了。以后请在{place}的站上登记。")
            self.empty.say(_("本村的人都转到{place}了").format(place=self.moved_to), text.format(place=self.moved_to))
        else:
            self._set_nobody_text()
        nobody = self.everybody == 0 and not self.moved_to
        for made in self.first:
            made.setVisible(nobody)
        self.story.setVisible(self.everybody == 0 and bool(self.moved_to))
        self.widen.setVisible(self.everybody != 0 and self._narrowed)
        self.table.offer()

    @property
    def _narrowed(self) -> bool:
        return bool(self.table.view.filters or self.table.view.search)

    def _set_nobody_text(self) -> None:
        first = _("各村同步、拿 U 盘来，人就列在这里；也可以导入名册。") if self._above else _("导入村里的花名册，或先登记一个人。")
        nobody, narrowed = self.everybody == 0, self._narrowed
        self.empty.say(
            _("还没有人员") if nobody else _("没有符合条件的人") if narrowed else "",
            first if nobody else _("去掉几个条件再看。") if narrowed else "",
        )

    def _chip(self, key: str) -> None:
        self.table.set_filter(key, "1" if key in self.chips.on() else None)

    def _name_filters(self) -> None:
        answer, chosen = self.table.view.filters.get(ANSWER), self.table.view.filters.get(GROUP)
        self.answer.setVisible(bool(answer))
        if answer:
            self._tell(answer)
        self.group.setText(chosen or _("全部小组"))
        self.group.setAccessibleName(_("村民小组：{group}").format(group=chosen or _("全部")))

    def _show_answer(self, answer: str, words: str) -> None:
        """Name the answer by which the list is filtered; the button takes the filter off."""
        if answer == self.table.view.filters.get(ANSWER):
            self.answer.setText(words)
            self.answer.setAccessibleName(_("去掉条件：{words}").format(words=words))

    def _choose(self, name: str, value: str | None) -> None:
        self.table.set_filter(name, value)
        self._name_filters()

    def _fill_groups(self) -> None:
        menu = self.group.menu()
        menu.clear()
        groups = [(_("{group}　{n} 户").format(group=name, n=count), partial(self._choose, GROUP, name)) for name, count in self._groups]
        add_entries(menu, [(_("全部小组"), partial(self._choose, GROUP, None)), *groups])

    def _fill_views(self) -> None:
        menu = self.views.menu()
        menu.clear()
        kept = saved_views(self._frame.preferences)
        views = [(_("全部人员"), View()), *((one.name, one.view()) for one in kept)]
        add_entries(menu, [(name, partial(self.show_view, view)) for name, view in views])
        menu.addSeparator()
        add_entries(menu, [(_("把现在的条件存为视图…"), self.keep_view)])
        if kept:
            add_entries(menu.addMenu(_("删除视图")), [(one.name, partial(self._forget, one.name)) for one in kept])

    def keep_view(self) -> None:
        """Ask for a name and save the present view."""
        name = dialogs.ask_text(self, _("存为视图"), _("视图名称"))
        if name:
            keep_view(self._frame.preferences, name, replace(self.table.view, search=""))
            self._frame.message(_("已存为视图「{name}」").format(name=name))

    def _forget(self, name: str) -> None:
        kept = self._frame.preferences
        _write(kept, [one for one in saved_views(kept) if one.name != name])
        self._frame.message(_("已删除视图「{name}」").format(name=name))

"""The page 人员 of a small village, and what a person does on it."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from desktop.people.page import build


@pytest.fixture
def station(settled):
    return settled[0]


@pytest.fixture
def ids(settled):
    return settled[1]


@pytest.fixture
def page(show, frame, station, ids):
    return show(build(frame, station))


def names(page) -> list[str]:
    model = page.list.table.model
    return [model.row(n)["name"] for n in range(model.rowCount())]


def cell(page, name, key):
    model = page.list.table.model
    return next(row[key] for n in range(model.rowCount()) if (row := model.row(n))["name"] == name)


def press(qtbot, key, widget=None) -> None:
    qtbot.keyClick(widget or QApplication.focusWidget(), key)


def stored(station, kind: str, id: str):
    with station.store.read() as session:
        return session.get(kind, id, deleted=True)


def open_person(qtbot, page, name: str = "王秀兰") -> None:
    """As a person does it: to the line, Enter."""
    table = page.list.table
    table.select(table.model.ids[names(page).index(name)])
    table.table.setFocus()
    press(qtbot, Qt.Key.Key_Return, table.table)

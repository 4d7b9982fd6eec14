"""Keys that nobody means, as the window system sends them: Enter pressed twice, Alt with a letter."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from desktop.widgets import keyboard
from desktop.widgets.basics import Button
from desktop.widgets.keyboard import StrayKeys

RETURN = Qt.Key.Key_Return


@pytest.fixture
def pressed(qtbot, monkeypatch):
    """Two windows with a button each, what was pressed in them, and how to press Enter in one; on however busy a machine, at once."""
    monkeypatch.setattr(keyboard, "TWICE", 60_000)
    watch = StrayKeys()
    told: list[str] = []
    windows = {}
    for name in ("page", "question"):
        window = QWidget()
        button = Button(name)
        button.setParent(window)
        button.clicked.connect(lambda _on=False, name=name: told.append(name))
        qtbot.addWidget(window)
        window.show()
        button.setFocus()
        windows[name] = window

    def press(name: str, key: Qt.Key = RETURN, at: int = 0) -> None:
        windows[name].activateWindow()
        qtbot.waitUntil(windows[name].isActiveWindow)
        event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
        event.setTimestamp(at)
        QApplication.sendEvent(windows[name].windowHandle(), event)

    yield told, press
    watch.stop()


def test_the_second_of_two_enters_answers_no_question_and_presses_nothing_under_one(pressed, monkeypatch) -> None:
    told, press = pressed
    for window in ("page", "question", "question", "question"):
        press(window)
    assert told == ["page"]
    press("question", Qt.Key.Key_Shift)  # another key between, and it is meant
    for window in ("question", "page"):
        press(window)
    assert told == ["page", "question"]
    monkeypatch.setattr(keyboard, "TWICE", 0)  # a moment later
    press("page")
    assert told == ["page", "question", "page"]


def test_an_enter_for_a_question_that_has_only_just_come_is_no_answer(pressed, monkeypatch) -> None:
    """On an old laptop it comes long after the Enter that led to it, when the next one is under way already."""
    told, press = pressed
    for window, at in (("page", 100_000), ("question", 200_000)):
        press(window, at=at)
    assert told == ["page"]
    monkeypatch.setattr(keyboard, "TWICE", 0)  # a moment later
    press("question", at=300_000)
    assert told == ["page", "question"]


def test_enters_in_one_window_go_on_as_fast_as_they_come(pressed) -> None:
    told, press = pressed
    for _enter in range(3):
        press("page")
    assert told == ["page"] * 3


def test_alt_with_a_letter_is_not_typed_into_a_field(pressed, qtbot) -> None:
    """On the password page it opens no page, and a hidden r would make the password wrong."""
    line = QLineEdit()
    qtbot.addWidget(line)
    line.show()
    line.activateWindow()
    qtbot.waitUntil(line.isActiveWindow)
    alt, control = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
    for text, held in (
        ("r", alt),
        ("R", alt | Qt.KeyboardModifier.ShiftModifier),
        ("@", alt | control),
        ("a", Qt.KeyboardModifier.NoModifier),
    ):
        QApplication.sendEvent(line.windowHandle(), QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_R, held, text))
    assert line.text() == "@a"  # AltGr types

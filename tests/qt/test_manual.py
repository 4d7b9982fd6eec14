"""The manual within the program: whole in both languages, opened at the page that is shown, searched."""

import re

import pytest
from PySide6.QtCore import Qt

from desktop.manual import KEYS, Manual, sections
from desktop.registry import ENTRIES
from domain.words import LANGUAGES, set_language


@pytest.fixture
def manual(qtbot):
    made = Manual(None)
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_has_its_place_in_every_language(language) -> None:
    told = sections(language)
    assert {entry.key for entry in ENTRIES} | {KEYS} == set().union(*(one.pages for one in told))
    assert [one.pages for one in told] == [one.pages for one in sections("zh")]
    assert all(one.text for one in told)


def test_both_languages_say_as_much() -> None:
    """Lines of tables, steps and points of each section: what one of them gains or loses is missed in the other."""
    told = ([re.findall(r"^(\||\d\. |- )", one.text, re.MULTILINE) for one in sections(language)] for language in LANGUAGES)
    assert all(chinese == english for chinese, english in zip(*told, strict=True))


def test_it_opens_at_the_page_that_is_shown_and_the_text_has_the_focus(manual, qtbot) -> None:
    manual.open_at("benefits")
    assert manual.list.currentItem().text() == "补助"
    assert manual.text.toPlainText().startswith("补助") and "应享未享" in manual.text.toPlainText()
    qtbot.waitUntil(manual.text.hasFocus)
    manual.open_at("sync")
    assert manual.list.currentItem().text() == "同步"


def test_a_word_is_found_in_the_sections_that_hold_it(manual, qtbot) -> None:
    manual.open_at("today")
    manual.line.setText("回执码")
    assert [manual.list.item(n).text() for n in range(manual.list.count())] == ["没有网络：用 U 盘"]
    assert len(manual.text.extraSelections()) >= 2
    first = manual.text.textCursor().position()
    qtbot.keyClick(manual.line, Qt.Key.Key_Return)
    assert manual.text.textCursor().position() > first
    manual.line.setText("没有这样的词")
    assert manual.list.count() == 0 and manual.text.toPlainText() == ""
    assert "没有找到" in manual.found.text()
    manual.line.clear()
    assert manual.list.count() == len(sections("zh"))
    qtbot.keyClick(manual, Qt.Key.Key_Escape)
    assert not manual.isVisible()


def test_in_english_it_is_english(qtbot) -> None:
    set_language("en")
    made = Manual(None)
    qtbot.addWidget(made)
    made.open_at("importing")
    assert made.list.currentItem().text() == "Importing rosters"

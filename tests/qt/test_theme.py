"""Tokens can be read by everybody, and everything is measured by the text."""

import functools
import re
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QImage
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QListView,
    QListWidget,
    QMenu,
    QPlainTextEdit,
    QRadioButton,
    QSpinBox,
    QTableView,
    QWidget,
)

from desktop import icons, theme
from desktop.navigation import NavButton
from desktop.registry import ENTRIES
from desktop.widgets.basics import button
from desktop.widgets.layout import column, holder
from desktop.widgets.tabs import ChipBar, Tabs

LIGHT = {
    "ground": "#F5F7F5", "surface": "#FFFFFF", "text": "#1D2722", "muted": "#5D6B64", "faint": "#8A968F", "line": "#DCE3DE",
    "nav": "#13201B",
    "accent": "#1C7A5E", "accent_soft": "#E3F1EB", "warn": "#9A6410", "warn_soft": "#FFF3D9", "bad": "#B03A2E", "bad_soft": "#FBE8E5",
    "info": "#2B6A94", "info_soft": "#E5F0F7",
}  # fmt: skip
DARK = {"ground": "#141917", "surface": "#1C2320", "text": "#E6ECE8", "line": "#2E3833", "accent": "#4FB894"}


READ_ON = (
    ("text", ("ground", "surface", "band", "accent_soft", "warn_soft", "bad_soft", "info_soft", "plain_soft")),
    ("muted", ("ground", "surface", "band", "accent_soft", "plain_soft")),
    ("nav_text", ("nav", "nav_hover")),
    ("accent", ("ground", "surface", "band", "accent_soft")),
    ("on_accent", ("accent", "accent_hover")),
    ("warn", ("ground", "surface", "warn_soft")),
    ("bad", ("ground", "surface", "bad_soft")),
    ("info", ("ground", "surface", "info_soft")),
    ("on_badge", ("badge",)),
)
"""Which colours text is written in on which grounds; a test holds each pair to 4.5 : 1."""


SEEN_ON = (
    ("field", ("ground", "surface", "band")),
    ("accent", ("ground", "surface", "band", "nav", "line")),
    ("warn", ("ground", "surface")),
    ("bad", ("ground", "surface")),
    ("on_accent", ("accent",)),
    ("nav_text", ("nav",)),
)
"""Which colours draw the edges of fields, what has the focus and marks, on which grounds; a test holds each pair to 3 : 1."""


@functools.cache
def contrast(first: str, second: str) -> float:
    """The WCAG contrast ratio of two colours, 1…21."""
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(value: str) -> float:
    parts = [int(value[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", theme.THEMES)
def test_text_can_be_read_on_every_ground(name: str) -> None:
    colours = theme.THEMES[name].colours
    pale = {
        (ink, ground): round(contrast(colours[ink], colours[ground]), 2)
        for pairs, least in ((READ_ON, 4.5), (SEEN_ON, 3))
        for ink, grounds in pairs
        for ground in grounds
        if contrast(colours[ink], colours[ground]) < least
    }
    assert pale == {}


def _pixels(widget: QWidget, inset: int = 0) -> list[str]:
    QApplication.processEvents()
    image = widget.grab(widget.rect().adjusted(inset, inset, -inset, -inset)).toImage().convertToFormat(QImage.Format.Format_RGB32)
    return [f"#{value & 0xFFFFFF:06X}" for value in memoryview(bytes(image.constBits())).cast("I")]


@pytest.mark.parametrize("name", theme.THEMES)
def test_what_has_the_focus_is_seen_by_who_sees_badly(qapp, qtbot, name):
    """The frame around it changes by 3 : 1 or more, not only its tint: a box that was ticked by keys was 2.9 : 1 greener, 保存 in
    the theme of high contrast white where it had been yellow."""
    theme.apply(qapp, name)
    kinds = [
        button("保存", kind=kind, hint=hint) for kind in ("", "primary", "danger", "link", "small", "quiet") for hint in ("", "Ctrl S")
    ]
    boxes = [QCheckBox("残疾"), QRadioButton("全部"), QLineEdit(), QComboBox(), QPlainTextEdit(), QSpinBox(), QListWidget(), QTableView()]
    bars = [Tabs({"a": "一", "b": "二"}).buttons["a"], ChipBar({"a": "一"}).buttons["a"], ChipBar({"a": "一"}, several=True).buttons["a"]]
    navigation = [NavButton(ENTRIES[0]), NavButton(ENTRIES[1])]
    navigation[0].setChecked(True)
    widgets: list[QWidget] = [*kinds, *boxes, *bars, *navigation]
    window = holder(column(*widgets), role="ground")
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    unseen = {}
    for at, widget in enumerate(widgets):
        widgets[at - 1].setFocus()
        before = _pixels(widget)
        widget.setFocus()
        changed = sum(contrast(*pair) >= 3 for pair in zip(before, _pixels(widget), strict=True) if pair[0] != pair[1])
        if changed < widget.width() + widget.height():
            unseen[at, type(widget).__name__, widget.property("kind")] = changed
    assert unseen == {}


@pytest.mark.parametrize("name", theme.THEMES)
def test_what_an_empty_field_asks_for_can_be_read(qapp, qtbot, name):
    """A style sheet makes the colour of a placeholder out of that of the text, half as strong, unless it names one."""
    theme.apply(qapp, name)
    line = QLineEdit()
    line.setPlaceholderText("姓名、拼音、尾号")
    line.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # a cursor can be seen
    qtbot.addWidget(line)
    line.show()
    assert max(contrast(theme.current().colours["surface"], one) for one in set(_pixels(line, 4))) >= 4.5


def test_tokens_are_those_of_the_design() -> None:
    assert {name: theme.LIGHT.colours[name] for name in LIGHT} == LIGHT
    assert {name: theme.DARK.colours[name] for name in DARK} == DARK
    assert set(theme.LIGHT.colours) == set(theme.DARK.colours) == set(theme.CONTRAST.colours)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", theme.THEMES)
@pytest.mark.parametrize("size", theme.TEXT_SIZES)
def test_style_sheet_has_no_open_place(qapp: QApplication, name: str, size: float) -> None:
    theme.apply(qapp, name, size)
    sheet = theme.style_sheet()
    assert "@" not in sheet
    assert "sp;" not in sheet
    assert f"font-size: {round(19 * size)}px" in sheet


def test_another_look_goes_through_the_widgets_once(qapp: QApplication, monkeypatch) -> None:
    """Setting the style again doubled the time in which the window stands still, and crashed over a widget that was going away."""
    theme.apply(qapp, "light", 1.0)
    monkeypatch.setattr(QApplication, "setStyle", lambda *_args: pytest.fail("the style is set already"))
    theme.apply(qapp, "light", 1.25)
    assert theme.px(32) == 40


def test_lengths_and_fonts_grow_with_the_text(qapp: QApplication) -> None:
    theme.apply(qapp, "light", 1.25)
    assert theme.px(32) == 40
    assert theme.font(14).pixelSize() == 18
    theme.apply(qapp, "no such theme", 7)
    assert (theme.current().name, theme.scale()) == ("light", 1.0)


def test_lists_and_menus_take_no_font_of_windows(qapp: QApplication) -> None:
    """It gives them fonts of their own, small ones, again whenever its look changes."""
    theme.apply(qapp, "light", 1.5)
    classes: tuple[type[QWidget], ...] = (QListView, QTableView, QMenu)
    for kind in ("QAbstractItemView", "QMenu"):
        qapp.setFont(QFont("Tahoma", 8), kind)  # type: ignore[arg-type]  # the stubs ask for bytes, PySide does not take them
    try:
        for shown in [each() for each in classes]:
            shown.ensurePolished()
            assert (shown.font().family(), shown.font().pixelSize()) == (theme.family(), 21)
    finally:
        qapp.setFont(theme.font())
        theme.apply(qapp)


def test_the_folder_of_tinted_icons_is_made_again(qapp: QApplication) -> None:
    """Programs that tidy up take temporary folders away from those that run."""
    theme.apply(qapp)
    shutil.rmtree(theme._icon_folder())
    assert Path(re.findall(r'url\("(.+?)"\)', theme.style_sheet())[0]).is_file()


def test_the_font_is_the_bundled_one_with_figures_of_one_width() -> None:
    from PySide6.QtGui import QFontInfo, QFontMetrics

    assert theme.family() == "Noto Sans CJK SC"
    assert QFontInfo(theme.font(14)).family() == "Noto Sans CJK SC"
    metrics = QFontMetrics(theme.font(14))
    assert len({metrics.horizontalAdvance(figure) for figure in "0123456789"}) == 1


def test_icons_are_tinted_and_sharp() -> None:
    drawn = icons.pixmap("users", "accent", 24).toImage()
    tint = theme.colour("accent")
    solid = [drawn.pixelColor(x, y) for x in range(drawn.width()) for y in range(drawn.height()) if drawn.pixelColor(x, y).alpha() > 250]
    assert solid
    assert all(abs(pixel.red() - tint.red()) <= 2 and abs(pixel.green() - tint.green()) <= 2 for pixel in solid)
    with pytest.raises(FileNotFoundError):
        icons.icon("no-such-icon")


def test_every_page_has_its_icon_and_a_letter_of_its_own() -> None:
    letters = [entry.letter for entry in ENTRIES if entry.letter]
    assert len(letters) == len(set(letters))
    for entry in ENTRIES:
        assert not icons.icon(entry.icon).isNull()
        assert bool(entry.letter) == entry.in_navigation

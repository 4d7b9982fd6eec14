"""Colours, sizes and fonts: a small table of tokens drives the palette, the style sheet and everything drawn by hand.

    theme.apply(app, "light", 1.25)     # once at the start, and again whenever the person changes it
    theme.colour("accent")              # QColor of the theme in force, for QPainter
    theme.px(32)                        # 32 px at 100 % text, 40 px at 125 %
    theme.font(14, bold=True)           # the bundled font at a size

Widgets take their look from `resources/styles/app.qss` by two dynamic properties, set with `style(widget, …)`:
`kind` of a QPushButton (`primary`, `quiet`, `danger`, `link`) and `role` of a QLabel or QFrame (`title`, `heading`, `strong`, `muted`,
`small`, `good`, `warn`, `bad`, `info`, `card`, …). In the style sheet `@name` is a colour and `12sp` a size that grows with the text.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from domain.words import N_

RESOURCES = Path(__file__).resolve().parent.parent / "resources"
TEXT_SIZES = (1.0, 1.25, 1.5)
"""Scale factors of text, and of everything measured in text sizes."""


@dataclass(frozen=True)
class Theme:
    """A named set of colour tokens (`#RRGGBB`)."""

    name: str
    label: str
    colours: Mapping[str, str]


_COLOURS = {
    "ground": ("#F5F7F5", "#141917", "#000000"),
    "surface": ("#FFFFFF", "#1C2320", "#000000"),
    "band": ("#F8FAF8", "#212926", "#141414"),  # table headers and sums
    "text": ("#1D2722", "#E6ECE8", "#FFFFFF"),
    "muted": ("#5D6B64", "#A3B0A9", "#E4E4E4"),
    "faint": ("#8A968F", "#75827B", "#B4B4B4"),  # marks and disabled text only: too pale for normal text
    "line": ("#DCE3DE", "#2E3833", "#707070"),
    "edge": ("#D3DBD5", "#4B5952", "#C8C8C8"),  # border of buttons, which also have a text
    "field": ("#84908A", "#66736C", "#C8C8C8"),  # border of inputs and check boxes, which nothing else marks
    "nav": ("#13201B", "#0E1311", "#000000"),
    "nav_text": ("#C9D3CD", "#C3CEC8", "#FFFFFF"),
    "nav_hover": ("#1F302A", "#1A2420", "#333333"),
    "accent": ("#1C7A5E", "#4FB894", "#FFE14D"),
    "accent_hover": ("#176A51", "#66C7A6", "#FFF0A0"),
    "on_accent": ("#FFFFFF", "#0B1512", "#000000"),
    "accent_soft": ("#E3F1EB", "#1E3A30", "#3A3400"),
    "warn": ("#9A6410", "#E3B062", "#FFC25C"),
    "warn_soft": ("#FFF3D9", "#3A2E17", "#3A2600"),
    "bad": ("#B03A2E", "#F0907F", "#FF9C8F"),
    "bad_soft": ("#FBE8E5", "#43231F", "#430C05"),
    "info": ("#2B6A94", "#86BDE3", "#8FD0FF"),
    "info_soft": ("#E5F0F7", "#1C3342", "#062B42"),
    "plain_soft": ("#EDF0EE", "#2A332F", "#262626"),
    "amber": ("#DCA23A", "#D9A441", "#FFC25C"),
    "badge": ("#E08A2E", "#E0A040", "#FFE14D"),
    "on_badge": ("#13201B", "#13201B", "#000000"),
}
"""Colours of each token in the light, the dark and the high-contrast theme."""
LIGHT, DARK, CONTRAST = (
    Theme(name, label, {token: shades[n] for token, shades in _COLOURS.items()})
    for n, (name, label) in enumerate((("light", N_("浅色")), ("dark", N_("深色")), ("contrast", N_("高对比"))))
)
THEMES = {theme.name: theme for theme in (LIGHT, DARK, CONTRAST)}
_current = LIGHT
_scale = 1.0


def current() -> Theme:
    """The current theme."""
    return _current


def scale() -> float:
    """The current text size, one of `TEXT_SIZES`."""
    return _scale


def px(size: float) -> int:
    """Return a length in pixels at the current text size."""
    return max(1, round(size * _scale))


def colour(name: str) -> QColor:
    """Return the colour of a token in the current theme."""
    return QColor(_current.colours[name])


def mix(first: str, second: str, part: float) -> QColor:
    """Return the colour that lies `part` (0…1) of the way from token `first` to token `second`."""
    a, b = colour(first), colour(second)
    blend = [round(x + (y - x) * part) for x, y in zip(a.toTuple()[:3], b.toTuple()[:3], strict=True)]  # type: ignore[index]  # the stubs call the tuple an object
    return QColor(*blend)


def font(size: float = 14, *, bold: bool = False) -> QFont:
    """Return the program's font at `size` px (at 100 % text size), with tabular figures if the font has them."""
    made = QFont(family())
    made.setPixelSize(px(size))
    made.setBold(bold)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


@cache
def family() -> str:
    """Return the family of the bundled Chinese font, loaded on first call; the system's font if the files are missing."""
    families = [
        name
        for path in sorted((RESOURCES / "fonts").glob("*.otf"))
        for name in QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(path)))
    ]
    return families[0] if families else QApplication.font().family()


def apply(app: QApplication, name: str = "light", text_size: float = 1.0) -> None:
    """Apply a theme and a text size to the program. Icons and widgets that paint themselves change when the window is rebuilt."""
    global _current, _scale
    _current = THEMES.get(name, LIGHT)
    _scale = text_size if text_size in TEXT_SIZES else 1.0
    sheet = style_sheet()
    if app.styleSheet() == sheet:  # setting it again would polish every widget again
        return
    if not app.styleSheet():  # only once: it visits every widget, as setting the style sheet does
        app.setStyle("Fusion")
    app.setFont(font())
    app.setPalette(_palette())
    app.setStyleSheet(sheet)


def style(widget: QWidget, *, role: str = "") -> QWidget:
    """Set a widget's role (see the module's docstring) and apply the style sheet to it again."""
    if role:
        widget.setProperty("role", role)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    return widget


def style_sheet() -> str:
    """Return the style sheet for the current theme and text size."""
    text = (RESOURCES / "styles" / "app.qss").read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"@icon\(([\w-]+), (\w+)\)", lambda found: f'url("{_tinted(found[1], found[2])}")', text)
    text = re.sub(r"@(\w+)", lambda found: family() if found[1] == "family" else _current.colours[found[1]], text)
    return re.sub(r"(\d+(?:\.\d+)?)sp\b", lambda found: f"{px(float(found[1]))}px", text)


def icon_svg(name: str, tint: str) -> str:
    """Return the SVG text of `resources/icons/<name>.svg` in the colour `tint` (`#RRGGBB`)."""
    return (RESOURCES / "icons" / f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", tint)


def _tinted(name: str, token: str) -> str:
    """A tinted copy of an icon on disk, because a style sheet can only name files."""
    path = _icon_folder() / f"{name}-{_current.colours[token].removeprefix('#')}.svg"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)  # cleaning up temporary files may have removed the folder
        path.write_text(icon_svg(name, _current.colours[token]), encoding="utf-8")
    return path.as_posix()


@cache
def _icon_folder_owner() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="cunzhan-icons-", ignore_cleanup_errors=True)


def _icon_folder() -> Path:
    return Path(_icon_folder_owner().name)


def _palette() -> QPalette:
    roles = {
        QPalette.ColorRole.Window: "ground",
        QPalette.ColorRole.WindowText: "text",
        QPalette.ColorRole.Base: "surface",
        QPalette.ColorRole.AlternateBase: "band",
        QPalette.ColorRole.Text: "text",
        QPalette.ColorRole.Button: "surface",
        QPalette.ColorRole.ButtonText: "text",
        QPalette.ColorRole.BrightText: "bad",
        QPalette.ColorRole.ToolTipBase: "surface",
        QPalette.ColorRole.ToolTipText: "text",
        QPalette.ColorRole.PlaceholderText: "muted",
        QPalette.ColorRole.Highlight: "accent",
        QPalette.ColorRole.HighlightedText: "on_accent",
        QPalette.ColorRole.Link: "info",
        QPalette.ColorRole.Light: "surface",
        QPalette.ColorRole.Mid: "line",
        QPalette.ColorRole.Dark: "faint",
        QPalette.ColorRole.Accent: "accent",
    }
    palette = QPalette()
    for role, token in roles.items():
        palette.setColor(role, colour(token))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, colour("faint"))
    return palette


TONES: Mapping[str, tuple[str, str]] = {
    "good": ("accent_soft", "accent"),
    "warn": ("warn_soft", "warn"),
    "bad": ("bad_soft", "bad"),
    "info": ("info_soft", "info"),
    "plain": ("plain_soft", "muted"),
}
"""By tone: the colour tokens of the ground and of the text on it."""
EDGES = {"good": "accent", "warn": "amber", "bad": "bad", "info": "info", "plain": "faint"}
"""By tone: the colour token of a card's edge, or of a line's mark."""

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter

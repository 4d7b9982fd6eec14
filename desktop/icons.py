"""Icons from `resources/icons`, tinted for the current theme and sharp on any screen.

button.setIcon(icon("users"))                  # in the text colour
button.setIcon(icon("trash", "bad"))           # in any colour token of desktop/theme.py
label.setPixmap(pixmap("check", "accent", 16)) # a sign in a text; the bundled font has no ✗, so draw signs as icons
"""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from desktop import theme

SIZE = 18


def icon(name: str, tint: str = "text", size: float = SIZE) -> QIcon:
    """Return an icon of `size` px (at 100 % text size) in the colour token `tint`; grey when its button is disabled."""
    made = QIcon(pixmap(name, tint, size))
    made.addPixmap(pixmap(name, "faint", size), QIcon.Mode.Disabled)
    return made


def pixmap(name: str, tint: str = "text", size: float = SIZE) -> QPixmap:
    """Return an icon as a pixmap of `size` px (at 100 % text size) at the screen's resolution. Raises `FileNotFoundError` for an unknown
    name."""
    side = theme.px(size)
    # before the painter: an error would leave an active painter on a pixmap that is deleted
    renderer = QSvgRenderer(QByteArray(theme.icon_svg(name, theme.colour(tint).name()).encode()))
    app = QGuiApplication.instance()
    ratio = app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0
    drawn = QPixmap(round(side * ratio), round(side * ratio))
    drawn.setDevicePixelRatio(ratio)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    return drawn

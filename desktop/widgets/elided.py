"""A label that shortens its text with … instead of pushing its neighbours; the full text is its tooltip."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyle, QStyleOption

from desktop import theme
from desktop.widgets.tips import tip


class ElidedLabel(QLabel):
    """One line of plain text with a role of the style sheet, as wide as the room allows."""

    def __init__(self, text: str = "", role: str = "", *, stretch: int = 1) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        if role:
            self.setProperty("role", role)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHorizontalStretch(stretch)  # takes the room its neighbours leave
        self.setSizePolicy(policy)
        self.setText(text)

    def setText(self, text: str) -> None:
        """Set the text; several lines become one."""
        flat = " ".join(text.split("\n"))
        super().setText(flat)
        self.setToolTip(tip(flat))

    def minimumSizeHint(self) -> QSize:
        """Room for a few characters."""
        return QSize(theme.px(40), super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        """The width of the full text."""
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 2, super().sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the text, shortened to the available width."""
        painter = QPainter(self)
        option = QStyleOption()
        option.initFrom(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)
        painter.setPen(option.palette.color(self.foregroundRole()))  # type: ignore[attr-defined]  # the stubs lack the fields of style options
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), int(self.alignment() | Qt.AlignmentFlag.AlignVCenter), shown)

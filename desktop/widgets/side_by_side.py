"""Columns of cards side by side; one below the other if the window is too narrow.

SideBySide([[facts, family], [timeline, services]], (3, 5), least=760)

They are also placed one below the other if one of them would be cut off otherwise, by longer words or larger text.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from desktop import theme
from desktop.widgets.layout import column, holder, row

GAP = 12


class SideBySide(QWidget):
    """Columns of widgets with their shares of the width; `least`: the width, in px at 100 % text size, below which they form one column."""

    def __init__(self, columns: Sequence[Sequence[QWidget]], shares: Sequence[int], *, least: int = 760) -> None:
        super().__init__()
        self._least, self._shares = least, shares
        self.columns = [holder(column(*parts, None, spacing=GAP)) for parts in columns]
        self._line: QBoxLayout = row(spacing=GAP)
        for one, share in zip(self.columns, shares, strict=True):
            one.setMinimumWidth(1)
            self._line.addWidget(one, share)
        self.setLayout(self._line)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange for the new size."""
        super().resizeEvent(event)
        self._arrange()

    def event(self, event: QEvent) -> bool:
        """Arrange again when the content of the cards changed."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._arrange()
        return super().event(event)

    def _arrange(self) -> None:
        free = self.width() - self._line.spacing() * (len(self.columns) - 1)
        whole = sum(self._shares)
        cut = any(one.minimumSizeHint().width() > free * share / whole for one, share in zip(self.columns, self._shares, strict=True))
        narrow = self.width() < theme.px(self._least) or cut
        wanted = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if self._line.direction() != wanted:
            self._line.setDirection(wanted)

    def minimumSizeHint(self) -> QSize:
        """The width of the widest column, since they can be placed one below the other."""
        hint = super().minimumSizeHint()
        return QSize(max(one.minimumSizeHint().width() for one in self.columns), hint.height())

"""Tool tips that show plain text. Qt renders a tool tip that looks like HTML as HTML, and even loads pictures from the network; but names,
file names and remarks from other laptops may look like anything."""

from __future__ import annotations

from PySide6.QtGui import Qt


def tip(text: str) -> str:
    """Return what to pass to `setToolTip`, or to return for `ToolTipRole`, so that `text` is shown literally."""
    return Qt.convertFromPlainText(text) if Qt.mightBeRichText(text) else text

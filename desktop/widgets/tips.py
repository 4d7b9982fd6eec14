"""Tips that stay text. Qt takes whatever looks like HTML for HTML there, fetches its pictures and follows a path into the network on the
way; a name, a file's name or a remark of another laptop may look like anything."""

from __future__ import annotations

from PySide6.QtGui import Qt


def tip(text: str) -> str:
    """What to give `setToolTip` or to answer for `ToolTipRole` so that `text` is shown as it is."""
    return Qt.convertFromPlainText(text) if Qt.mightBeRichText(text) else text

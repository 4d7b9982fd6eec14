"""A block copied from Excel or WPS, and what is said of the lines of it that found no place."""

from __future__ import annotations

from domain.words import _


def copied(text: str) -> list[list[str]]:
    """The cells of a copied block, line by line."""
    return [line.rstrip("\r").split("\t") for line in text.rstrip("\r\n").split("\n")]


def beyond(lines: int) -> str:
    """Told when so many last lines of a block lie below the last line of the grid."""
    return _("名单到这里就完了：复制来的后 {n} 行没有粘贴。").format(n=lines)

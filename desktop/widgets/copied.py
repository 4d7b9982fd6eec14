"""Parses a block copied from Excel or WPS, and makes messages about lines that could not be pasted."""

from __future__ import annotations

from collections.abc import Sequence

from domain.words import _

NAMED = 1 / 3
"""From this share of known names in a column, a block is placed by the names."""


def copied(text: str) -> list[list[str]]:
    """Return the cells of a copied block, line by line."""
    return [line.rstrip("\r").split("\t") for line in text.rstrip("\r\n").split("\n")]


def beyond(lines: int) -> str:
    """Return the message that this many last lines are beyond the last row of the grid."""
    return _("名单到这里就结束了：复制来的最后 {n} 行没有粘贴。").format(n=lines)


def unnamed(names: Sequence[str]) -> str:
    """Return the message that lines name people who have no row in the grid."""
    return _("名单里没有：{names}。").format(names=_("、").join(names))


def clean(cell: str) -> str:
    """Return a name for comparison: without the spaces that widen names of two characters."""
    return cell.replace(" ", "").replace("\u3000", "").strip()


def name_column(block: Sequence[Sequence[str]], names: Sequence[str]) -> int | None:
    """Return the column of a copied block that contains known names, or None."""
    known = set(names) - {""}
    for n in range(max(len(cells) for cells in block)):
        filled = [clean(cells[n]) for cells in block if n < len(cells) and clean(cells[n])]
        if filled and sum(cell in known for cell in filled) >= max(NAMED * len(filled), 1):
            return n
    return None

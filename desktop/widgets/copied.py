"""A block copied from Excel or WPS, and what is said of the lines of it that found no place."""

from __future__ import annotations

from collections.abc import Sequence

from domain.words import _

NAMED = 1 / 3
"""So much of a column's cells must be names known here for the block to be placed by them."""


def copied(text: str) -> list[list[str]]:
    """The cells of a copied block, line by line."""
    return [line.rstrip("\r").split("\t") for line in text.rstrip("\r\n").split("\n")]


def beyond(lines: int) -> str:
    """Told when so many last lines of a block lie below the last line of the grid."""
    return _("名单到这里就结束了：复制来的最后 {n} 行没有粘贴。").format(n=lines)


def unnamed(names: Sequence[str]) -> str:
    """Told when lines of a block name somebody who has no line of their own in the grid."""
    return _("名单里没有：{names}。").format(names=_("、").join(names))


def clean(cell: str) -> str:
    """A name as it is compared: without the spaces that make two characters as wide as three."""
    return cell.replace(" ", "").replace("\u3000", "").strip()


def name_column(block: Sequence[Sequence[str]], names: Sequence[str]) -> int | None:
    """The column of a copied block that holds names known here; None when there is none."""
    known = set(names) - {""}
    for n in range(max(len(cells) for cells in block)):
        filled = [clean(cells[n]) for cells in block if n < len(cells) and clean(cells[n])]
        if filled and sum(cell in known for cell in filled) >= max(NAMED * len(filled), 1):
            return n
    return None

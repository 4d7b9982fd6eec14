"""Parses a block copied from Excel or WPS, previews the cells it would change, and makes messages about lines that could not be pasted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from desktop.widgets import dialogs
from desktop.widgets.grid_model import CellChange, number
from desktop.widgets.rows_view import fixed_table
from domain.words import _

if TYPE_CHECKING:
    from desktop.widgets.entry_grid import EntryGrid

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


MOST = 400
"""The most changes listed."""


def paste_preview(grid: EntryGrid, changes: Sequence[CellChange], *, note: str = "") -> bool:
    """Show the changes and return whether the user agrees."""
    lines = [_line(grid, change) for change in changes[:MOST]]
    table = fixed_table(_("差异"), [_("姓名"), _("列"), _("原来"), _("改为")], lines)
    added = sum(number(change.text) - number(change.old) for change in changes)
    text = _("会改 {n} 格，合计增减 {sum}。填入后还要按保存。").format(n=len(changes), sum=f"{added:+,.2f}".removesuffix(".00"))
    if len(changes) > MOST:
        text += _("只列出前 {n} 格。").format(n=MOST)
    if note:
        text += "\n" + note
    return dialogs.confirm(grid, _("粘贴前先看差异"), table, text=text, yes=_("填入 {n} 格").format(n=len(changes)))


def _line(grid: EntryGrid, change: CellChange) -> tuple[str, str, str, str]:
    name = next((line.fixed.get("name", "") for line in grid.model().rows if line.id == change.row), "")
    title = next((made.title for made in grid.model().columns if made.key == change.column), "")
    return name, title, change.old or "—", change.text or _("（清空）")

"""Shows what pasting a block would change, cell by cell, and asks before it is done.

grid.preview = lambda changes: paste_preview(grid, changes, note=_("名单里没有：张三"))
"""

from __future__ import annotations

from collections.abc import Sequence

from desktop.widgets import dialogs
from desktop.widgets.entry_grid import EntryGrid
from desktop.widgets.grid_model import CellChange, number
from desktop.widgets.rows_view import fixed_table
from domain.words import _

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

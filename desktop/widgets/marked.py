"""The records an action on a list applies to: the selected ones, or else the current one.

ids = marked(self.table)           # [] if the list is empty
who(self.table, ids)               # 王芳 | 3 人
"""

from __future__ import annotations

from collections.abc import Sequence

from desktop.widgets.ledger_table import LedgerTable
from domain.words import _


def marked(table: LedgerTable) -> list[str]:
    """Return the selected records, or else the current one: after moving the focus to a list by keyboard, the current row is not selected
    yet."""
    return table.selected_ids() or [id for id in (table.current_id(),) if id]


def who(table: LedgerTable, ids: Sequence[str]) -> str:
    """Return the name of a single record, or the number of several, for the title of a form."""
    first = table.model.row(table.model.line_of(ids[0])) if len(ids) == 1 else None
    return (first or {}).get("name") or _("{n} 人").format(n=len(ids))

"""Of whom a deed of a list is: those marked, else the line the cursor is on.

ids = marked(self.table)           # [] where nothing is listed
who(self.table, ids)               # 王芳 | 3 人
"""

from __future__ import annotations

from collections.abc import Sequence

from desktop.widgets.ledger_table import LedgerTable
from domain.words import _


def marked(table: LedgerTable) -> list[str]:
    """The records that are marked, else the one under the cursor: who goes to a list by keys stands on a line that is not marked yet."""
    return table.selected_ids() or [id for id in (table.current_id(),) if id]


def who(table: LedgerTable, ids: Sequence[str]) -> str:
    """The name of one, of several how many, for a heading: nobody is let go without being named."""
    first = table.model.row(table.model.line_of(ids[0])) if len(ids) == 1 else None
    return (first or {}).get("name") or _("{n} 人").format(n=len(ids))

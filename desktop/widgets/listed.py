"""Lists held in memory and searched and sorted there: results of screening, states of claims, printed forms.

LedgerTable(frame, columns, source(lambda _view: [Listed({"id": …, "name": …}, {"amount": 12_00}), …]), …)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from desktop.widgets.ledger_model import Row, Source, View


@dataclass(frozen=True)
class Listed:
    """A row: its texts, and sort values for columns whose text would sort wrongly (money)."""

    row: Row
    sort: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The id of its record."""
        return self.row["id"]

    @property
    def name(self) -> str:
        """The text of the column `name`."""
        return self.row["name"]


def source(lines: Callable[[View], Sequence[Listed]], searched: str | None = "name") -> Source:
    """Return a list source over `lines(view)`, which applies the filters. Searching (in one column) and sorting are done here; with None
    `lines` does these, too."""
    known: dict[str, Row] = {}

    def ids(view: View) -> list[str]:
        found = list(lines(view))
        if searched is not None and view.search:
            found = [line for line in found if view.search.lower() in line.row.get(searched, "").lower()]
        if searched is not None and view.order:
            found.sort(key=lambda line: line.sort.get(view.order, line.row.get(view.order, "")), reverse=view.descending)
        known.clear()
        known.update({line.row["id"]: line.row for line in found})
        return [line.row["id"] for line in found]

    def rows(wanted: Sequence[str], _keys: Sequence[str]) -> list[Row]:
        return [known[id] for id in wanted if id in known]

    return Source(ids, rows)

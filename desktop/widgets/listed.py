"""Lists held in memory and searched and sorted there: results of screening, states of claims, printed forms.

LedgerTable(frame, in_memory([Column("name", _("姓名"), 84, lambda one: one.name), …], lambda _view: model.lines), …)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, TypeVar

from desktop.widgets.ledger_model import Column, Source, View

_T = TypeVar("_T")


def in_memory(
    columns: Sequence[Column[_T]],
    lines: Callable[[View], Sequence[_T]],
    id: Callable[[_T], str] = attrgetter("id"),
    searched: Callable[[_T], str] | None = attrgetter("name"),
) -> Source:
    """Return the list of the objects `lines(view)`, which applies the filters. Searching (in the text `searched`) and sorting are done
    here; with None `lines` does these, too."""
    by_key = {one.key: one for one in columns}
    known: Mapping[str, _T] = {}

    def ids(view: View) -> list[str]:
        nonlocal known
        found = list(lines(view))
        if searched is not None and view.search:
            found = [one for one in found if view.search.lower() in searched(one).lower()]
        if searched is not None and view.order in by_key:
            found.sort(key=by_key[view.order].order, reverse=view.descending)
        known = {id(one): one for one in found}
        return [id(one) for one in found]

    def objects(wanted: Sequence[str], _keys: Sequence[str]) -> Mapping[str, Any]:
        return known

    return Source(columns, ids, objects)

"""Lists of records of any kind from `services.lists.listing`.

    LedgerTable(frame, list_source(station, "person"), key="people")

A view's filters are quick filters (`{"monitored": ""}`) or fields with the value they must have (`{"group": "3组"}`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from db.session import Session
from desktop.station import Station
from desktop.widgets.inputs import with_unit
from desktop.widgets.ledger_model import WIDTHS, Column, Row, Source, View
from domain.fields import KINDS, Kind, kind_of
from domain.words import N_, _
from services.lists import listing
from services.lists.listing import Filter, Query

_WIDE = {"name": 96, "sex": 56, "age": 56, "group": 96, "category": 130, "work": 220, "chip": 96, "village": 110, "updated_at": 150}


def list_columns(kind: str, scope: str) -> list[Column[Row]]:
    """Return all columns a list of the kind can have; the usual ones are shown at first."""
    shown = {column.name for column in listing.columns(kind, scope)}
    declared = kind_of(kind)
    made: list[Column[Row]] = []
    for column in listing.all_columns(kind):
        field = declared.by_name.get(column.name)
        made.append(
            Column(
                column.name,
                with_unit(field) if field else column.label,
                _WIDE.get(column.name) or (WIDTHS.get(field.type, 120) if field else 120),
                right=column.numeric,
                style="strong" if column.name == declared.title[0] else "",
                sortable=column.sortable,
                shown=column.name in shown,
                tip=column.clause,
            )
        )
    order = {column.name: n for n, column in enumerate(listing.columns(kind, scope))}
    return sorted(made, key=lambda column: order.get(column.key, len(order)))


def list_source(station: Station, kind: str) -> Source:
    """Return the records of a kind."""

    def ids(session: Session, view: View) -> Sequence[str]:
        return listing.ids(session, query_of(kind, view))

    def first(session: Session, view: View, number: int) -> Sequence[str] | None:
        return listing.first_ids(session, query_of(kind, view), number)

    columns = list_columns(kind, station.store.scope)
    return Source(columns, station.reading(ids), station.reading(partial(cells_of, kind)), station.reading(first))


def chosen_source(
    station: Station, kind: str, chosen: Callable[[Session], Sequence[str]], on: Callable[[Session], str] = lambda _session: ""
) -> Source:
    """Return the `chosen` records of a kind, in that order unless the view has another. `on`: the day for which derived columns are
    computed."""

    def ids(session: Session, view: View) -> Sequence[str]:
        found = chosen(session)
        if not (view.search or view.order):
            return found
        wanted = frozenset(found)
        return [id for id in listing.ids(session, query_of(kind, view)) if id in wanted]

    def cells(session: Session, ids: Sequence[str], keys: Sequence[str]) -> Mapping[str, Row]:
        return cells_of(kind, session, ids, keys, on(session))

    return Source(list_columns(kind, station.store.scope), station.reading(ids), station.reading(cells))


def cells_of(kind: str, session: Session, ids: Sequence[str], keys: Sequence[str], on: str = "") -> Mapping[str, Row]:
    """Return the cells of some records by id."""
    found = listing.rows(session, kind, ids, shown=keys, on=on)
    return {row.id: dict(zip(keys, row.cells, strict=True)) for row in found}


def query_of(kind: str, view: View, always: Sequence[Filter] = ()) -> Query:
    """Return the query for a view of a list; `always` adds conditions."""
    quick = {name for name, _label in listing.quick_filters(kind)}
    filters = tuple(Filter(name) if name in quick else Filter(name, "=", value) for name, value in view.filters.items())
    return Query(kind, (*always, *filters), view.search, view.order, view.descending)


GROUPS = {
    "people": N_("户和人"),
    "work": N_("务工和车间"),
    "posts": N_("公益岗"),
    "training": N_("培训"),
    "services": N_("就业服务"),
    "money": N_("补助"),
    "catalogue": N_("名录和其他"),
}
"""Labels of `Kind.group`, in the order shown."""


def groups() -> dict[str, list[Kind]]:
    """Return all kinds by the label of their group, in order of declaration."""
    return {_(word): [kind for kind in KINDS.values() if kind.group == group] for group, word in GROUPS.items()}

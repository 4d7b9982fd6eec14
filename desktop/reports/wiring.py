"""报表 with the store behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from db.session import Session
from desktop.form_desk import FormDesk
from desktop.list_tools import list_columns, query_of
from desktop.page import Frame, Page
from desktop.reports import presenting
from desktop.reports.monthly_model import Heading, Line, MonthlyModel, MonthlyUses
from desktop.reports.monthly_tab import MonthlyTab
from desktop.reports.page import ReportsPage
from desktop.station import Station
from desktop.widgets.ledger_table import Column, Row, Source, View
from domain.words import _
from services import listing, monthly
from services.listing import Query


def build(frame: Frame, station: Station) -> Page:
    """The page and its view models."""
    desk = FormDesk(frame, station)
    uses = MonthlyUses(
        sheet=station.reading(presenting.sheet),
        trend=station.reading(presenting.trend),
        names=lambda line, heading: _names(station, line, heading),
    )
    model = MonthlyModel(frame.jobs, uses, f"{datetime.now().astimezone():%Y-%m}")
    tab = MonthlyTab(frame, model, _columns(station.store.scope), lambda parent, month: desk.show(parent, "monthly", month=month))
    page = ReportsPage(frame, tab)
    model.setParent(page)
    return page


def _columns(scope: str) -> list[Column]:
    """Those of the list of people; what they did is told of the day the month is counted on."""
    return [replace(made, title=_("当时做什么")) if made.key == "work" else made for made in list_columns("person", scope)]


def _names(station: Station, line: Line, heading: Heading) -> Source:
    """The people behind a figure, by pinyin unless another order is asked for."""

    def ids(session: Session, view: View) -> Sequence[str]:
        found = monthly.ids(session, line.month, line.area, heading.key)
        if not (view.search or view.order):
            return found
        wanted = frozenset(found)
        return [id for id in listing.ids(session, query_of("person", view)) if id in wanted]

    def rows(session: Session, ids: Sequence[str], keys: Sequence[str]) -> list[Row]:
        on = monthly.counted_on(session, line.month)
        found = listing.rows(session, Query("person", on=on), ids, shown=keys)
        return [{"id": row.id, **dict(zip(keys, row.cells, strict=True))} for row in found]

    return Source(station.reading(ids), station.reading(rows))

"""报表 with the store behind it."""

from __future__ import annotations

from dataclasses import replace

from desktop.page import Frame, Page
from desktop.paper.forms import FormPrinter
from desktop.reports import filling, handed_in
from desktop.reports.fill_tab import FillTab
from desktop.reports.monthly_model import MonthlyModel
from desktop.reports.monthly_tab import MonthlyTab
from desktop.reports.page import ReportsPage
from desktop.reports.papers_model import PapersModel
from desktop.reports.papers_tab import PapersTab
from desktop.station import Station
from desktop.widgets.ledger_table import Column
from desktop.wiring.lists import list_columns
from domain import clock
from domain.words import _


def build(frame: Frame, station: Station) -> Page:
    """The page and its view models."""
    printer = FormPrinter(frame, station)
    model = MonthlyModel(frame.jobs, station, clock.this_month())
    tab = MonthlyTab(
        frame,
        model,
        _columns(station.store.scope),
        lambda parent, month: printer.show(parent, "monthly", month=month),
        lambda parent, month: handed_in.show(frame, parent, station, month),
    )
    papers = PapersTab(frame, PapersModel(frame, station, printer), model.last)
    return ReportsPage(frame, tab, papers, FillTab(frame, filling.uses(station))).keeping(model)


def _columns(scope: str) -> list[Column]:
    """Those of the list of people; what they did is told of the day the month is counted on."""
    return [replace(made, title=_("当时做什么")) if made.key == "work" else made for made in list_columns("person", scope)]

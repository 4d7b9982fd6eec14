"""报表 with the store behind it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QWidget

from db.session import Session
from desktop.page import Frame, Page
from desktop.paper.forms import FormPrinter
from desktop.paper.ledgers import Ledger, LedgerPrinter
from desktop.reports import filling, handed_in, presenting, sealed_reports
from desktop.reports.fill_tab import FillTab
from desktop.reports.monthly_model import MonthlyModel, MonthlyUses
from desktop.reports.monthly_tab import MonthlyTab
from desktop.reports.page import ReportsPage
from desktop.reports.papers_model import FORM, LAYOUT, LEDGER, Offer, PapersUses
from desktop.reports.papers_tab import PapersTab
from desktop.station import Station
from desktop.widgets.ledger_table import Column
from desktop.wiring.lists import chosen_source, list_columns, list_source
from domain import clock
from domain.fields import KINDS
from domain.words import _
from services import monthly
from services.forms import CATALOGUE
from services.importing.rosters import templates


def build(frame: Frame, station: Station) -> Page:
    """The page and its view models."""
    printer = FormPrinter(frame, station)
    uses = MonthlyUses(
        sheet=station.reading(presenting.sheet),
        trend=station.reading(presenting.trend),
        names=lambda line, heading: chosen_source(
            station,
            "person",
            lambda session: monthly.ids(session, line.month, line.area, heading.key),
            lambda session: monthly.counted_on(session, line.month),
        ),
    )
    model = MonthlyModel(frame.jobs, uses, clock.this_month())
    tab = MonthlyTab(
        frame,
        model,
        _columns(station.store.scope),
        lambda parent, month: printer.show(parent, "monthly", month=month),
        lambda parent, month: handed_in.show(frame, parent, sealed_reports.uses(station), month),
    )
    papers = PapersTab(frame, _papers(frame, station, printer), model.last)
    return ReportsPage(frame, tab, papers, FillTab(frame, filling.uses(station))).keeping(model)


def _columns(scope: str) -> list[Column]:
    """Those of the list of people; what they did is told of the day the month is counted on."""
    return [replace(made, title=_("当时做什么")) if made.key == "work" else made for made in list_columns("person", scope)]


# -- ledgers and forms --------------------------------------------------------------------------------------------------


def _papers(frame: Frame, station: Station, printer: FormPrinter) -> PapersUses:
    ledgers = LedgerPrinter(frame, station)

    def show(parent: QWidget, offer: Offer, id: str, month: str) -> None:
        if offer.sort == FORM:
            printer.show(parent, offer.name, id, month=(month or clock.this_month()) if offer.month else None)
        else:
            ledgers.show(parent, _ledger(offer, month))

    return PapersUses(
        offers=station.reading(_offers),
        show=show,
        export=lambda offer, month, file: ledgers.save(_ledger(offer, month), file),
        records=lambda kind: (list_columns(kind, station.store.scope), list_source(station, kind)),
    )


def _ledger(offer: Offer, month: str) -> Ledger:
    layout = templates().get(offer.name) if offer.sort == LAYOUT else None
    return Ledger(layout.kind, layout.name, month) if layout is not None else Ledger(offer.name, None, month)


def _offers(session: Session) -> list[Offer]:
    """Forms of the whole station first, then those of a record, layouts, and every ledger in order of declaration."""
    forms = [Offer(name, FORM, _(one.title), one.about, one.takes == "month") for name, one in CATALOGUE.items()]
    forms.sort(key=lambda offer: offer.about != "")
    counts = {name: session.count(name) for name in KINDS}
    layouts = [Offer(one.name, LAYOUT, _(one.label), "", _monthly(one.kind), counts[one.kind]) for one in templates().values()]
    ledgers = [Offer(name, LEDGER, _(kind.label), "", _monthly(name), counts[name]) for name, kind in KINDS.items()]
    return [*forms, *layouts, *ledgers]


def _monthly(kind: str) -> bool:
    return "month" in KINDS[kind].by_name

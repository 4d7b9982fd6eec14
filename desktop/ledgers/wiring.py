"""台账 with the store behind it."""

from __future__ import annotations

from desktop.ledgers.page import LedgersPage
from desktop.ledgers.view_model import LedgerModel
from desktop.page import Frame, Page
from desktop.station import Station
from desktop.wiring.forms import form_tools
from desktop.wiring.lists import list_columns


def build(frame: Frame, station: Station) -> Page:
    """The page and its view model."""
    model = LedgerModel(frame.jobs, station)
    return LedgersPage(frame, model, form_tools(frame, station), lambda kind: list_columns(kind.name, station.store.scope)).keeping(model)

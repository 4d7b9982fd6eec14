"""乡镇 with the store behind it."""

from __future__ import annotations

from desktop.page import Frame, Page
from desktop.station import Station
from desktop.township.page import TownshipPage
from desktop.township.view_model import TownshipModel
from domain import divisions


def build(frame: Frame, station: Station) -> Page:
    """The page and its view model."""
    model = TownshipModel(frame.jobs, station)
    return TownshipPage(frame, model, divisions.name(station.store.scope) or station.store.scope).keeping(model)

"""车间 with the store behind it."""

from __future__ import annotations

from desktop.page import Frame, Page
from desktop.station import Station
from desktop.wiring.forms import form_tools
from desktop.wiring.records import drafts
from desktop.workshop.page import WorkshopPage
from desktop.workshop.view_model import WorkshopModel
from desktop.workshop.wages_model import WagesModel


def build(frame: Frame, station: Station) -> Page:
    """The page and its view models."""
    model, sheets = WorkshopModel(frame.jobs, station), WagesModel(frame.jobs, station, drafts(station))
    return WorkshopPage(frame, model, sheets, form_tools(frame, station)).keeping(model, sheets)

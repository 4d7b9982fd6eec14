"""务工 with the store behind it."""

from __future__ import annotations

from desktop.page import Frame, Page
from desktop.station import Station
from desktop.wiring.forms import form_tools
from desktop.work.check_model import CheckModel
from desktop.work.page import WorkPage
from desktop.work.view_model import WorkModel
from domain import clock


def build(frame: Frame, station: Station) -> Page:
    """The page and its view models."""
    model, checks = WorkModel(frame.jobs, station), CheckModel(frame.jobs, station, clock.this_month())
    return WorkPage(frame, model, checks, form_tools(frame, station)).keeping(model, checks)

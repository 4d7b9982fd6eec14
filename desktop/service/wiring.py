"""服务 with the store behind it."""

from __future__ import annotations

from desktop.page import Frame, Page
from desktop.service.match_model import MatchModel
from desktop.service.page import ServicePage
from desktop.service.view_model import ServiceModel
from desktop.station import Station
from desktop.wiring.forms import form_tools


def build(frame: Frame, station: Station) -> Page:
    """The page and its view models."""
    model, matches = ServiceModel(frame.jobs, station), MatchModel(frame.jobs, station)
    return ServicePage(frame, model, matches, form_tools(frame, station)).keeping(model, matches)

"""今日 with the store behind it."""

from __future__ import annotations

from desktop.page import Frame
from desktop.station import Station
from desktop.today.page import TodayPage
from desktop.today.view_model import TodayModel


def build(frame: Frame, station: Station) -> TodayPage:
    """The page and its view model."""
    model = TodayModel(frame, station)
    return TodayPage(frame, model, station.store.role != "village").keeping(model)

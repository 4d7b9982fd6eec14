"""培训 with the store behind it."""

from __future__ import annotations

from desktop.page import Frame, Page
from desktop.station import Station
from desktop.training.page import TrainingPage
from desktop.training.roster_model import RosterModel
from desktop.training.view_model import TrainingModel
from desktop.wiring.forms import form_tools
from desktop.wiring.records import drafts


def build(frame: Frame, station: Station) -> Page:
    """The page and its view models."""
    model, roster = TrainingModel(frame.jobs, station), RosterModel(frame.jobs, station, drafts(station))
    return TrainingPage(frame, model, roster, form_tools(frame, station)).keeping(model, roster)

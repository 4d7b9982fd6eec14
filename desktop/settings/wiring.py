"""设置 with the store behind it."""

from __future__ import annotations

from desktop.page import Frame, Page
from desktop.paper.forms import FormPrinter
from desktop.settings.page import SettingsPage
from desktop.settings.policy_model import PolicyModel
from desktop.settings.view_model import SettingsModel
from desktop.station import Station


def build(frame: Frame, station: Station) -> Page:
    """The page and its view model."""
    model, policies = SettingsModel(frame.jobs, station), PolicyModel(frame, station)
    return SettingsPage(frame, model, policies, FormPrinter(frame, station).show).keeping(model, policies)

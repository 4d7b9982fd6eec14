"""登记 with the store behind it."""

from __future__ import annotations

from desktop.page import Frame
from desktop.register.page import RegisterPage
from desktop.register.view_model import RegisterModel
from desktop.station import Station
from desktop.wiring.forms import form_tools


def build(frame: Frame, station: Station) -> RegisterPage:
    """The page and its view model."""
    model = RegisterModel(frame.jobs, station)
    return RegisterPage(frame, model, form_tools(frame, station)).keeping(model)

"""摸排 with the store behind it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.page import Frame, Page
from desktop.station import Station
from desktop.survey.page import SurveyPage
from desktop.survey.view_model import SurveyModel
from desktop.wiring.forms import form_tools


def build(frame: Frame, station: Station) -> Page:
    """The page and its view model."""

    def paper(parent: QWidget, id: str) -> None:
        from desktop.paper.forms import FormPrinter  # with it comes printing, which the list need not wait for

        FormPrinter(frame, station).show(parent, "survey", id)

    model = SurveyModel(frame.jobs, station)
    return SurveyPage(frame, model, form_tools(frame, station), paper, of_village=len(station.store.scope) > 9).keeping(model)

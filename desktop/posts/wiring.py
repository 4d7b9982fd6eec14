"""公益岗 with the store behind it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.page import Frame, Page
from desktop.paper.forms import FormPrinter
from desktop.posts.month_model import MonthModel
from desktop.posts.page import PostsPage
from desktop.posts.view_model import PostsModel
from desktop.station import Station
from desktop.wiring.forms import form_tools
from desktop.wiring.records import drafts
from domain import clock


def build(frame: Frame, station: Station) -> Page:
    """The page and its view models."""
    printer = FormPrinter(frame, station)
    model, month = PostsModel(frame.jobs, station), MonthModel(frame.jobs, station, clock.this_month(), drafts(station))

    def paper(parent: QWidget, name: str, month: str) -> None:
        printer.show(parent, name, month=month)

    return PostsPage(frame, model, month, form_tools(frame, station), paper).keeping(model, month)

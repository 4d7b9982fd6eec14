"""导入 with the store behind it."""

from __future__ import annotations

from desktop.importing.page import ImportPage
from desktop.importing.view_model import ImportModel
from desktop.page import Frame, Page
from desktop.station import Station
from domain.fields import KINDS
from services.importing import blank


def build(frame: Frame, station: Station) -> Page:
    """The page and its view model."""
    model = ImportModel(frame.jobs, frame.run_long, station)
    return ImportPage(frame, model, blank.roster_templates(), [(kind.name, kind.label) for kind in KINDS.values()]).keeping(model)

"""补助 with the store behind it."""

from __future__ import annotations

from desktop.benefits.notice_model import NoticeModel
from desktop.benefits.page import BenefitsPage
from desktop.benefits.path_model import PathModel
from desktop.benefits.payment_model import PaymentModel
from desktop.benefits.screening_model import ScreeningModel
from desktop.benefits.signed_model import SignedModel
from desktop.page import Frame, Page
from desktop.paper.forms import FormPrinter
from desktop.station import Station
from domain.records import Notice


def build(frame: Frame, station: Station) -> Page:
    """The page and its view models."""
    printer, role = FormPrinter(frame, station), station.store.role
    models = (
        ScreeningModel(frame, station),
        PathModel(frame, station, printer),
        NoticeModel(frame.jobs, station, printer),
        PaymentModel(frame.jobs, station, printer) if role == "county" else None,
        SignedModel(frame, station),
    )
    return BenefitsPage(frame, *models, Notice.KIND.by_name["level"].label_of(role), above=role != "village").keeping(*models)

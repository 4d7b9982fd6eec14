"""登记 with the store behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from db.session import Session
from desktop.page import Frame
from desktop.register.page import RegisterPage
from desktop.register.view_model import RegisterModel, Twin, Uses
from desktop.station import Station
from desktop.wiring.forms import form_tools
from desktop.wiring.records import drafts
from domain import divisions
from domain.words import _
from services import finding, registration, suspects
from services.merging import UNTOLD
from services.merging import Twin as Alike


def build(frame: Frame, station: Station) -> RegisterPage:
    """The page and its view model."""
    uses = Uses(
        register=station.writing(lambda entry: _("登记 {name}").format(name=entry.person["name"]), registration.register),
        twins=station.reading(_twins),
        drafts=drafts(station),
        alike=station.reading(_alike),
    )
    model = RegisterModel(frame.jobs, uses, region=station.store.scope[:6])
    return RegisterPage(frame, model, form_tools(frame, station)).keeping(model)


def _twins(session: Session, number: str) -> list[Twin]:
    return [Twin(one.id, one.title, one.detail) for one in finding.same_number(session, number)]


def _alike(session: Session, values: Mapping[str, Any]) -> list[Twin]:
    found = suspects.like(session, {**values, "village": values.get("village") or session.scope})
    return [Twin(one.id, one.title, _detail(session, one), " · ".join(likeness.reasons)) for one, likeness in found]


def _detail(session: Session, one: Alike) -> str:
    place = "" if one.village == session.scope else divisions.name(one.village) or one.village
    return " · ".join(part for part in (place, *(value for _label, value in one.details[:3])) if part and part != UNTOLD)

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
from domain import divisions
from domain.words import _
from services import finding, registration, registry, suspects
from services.merging import UNTOLD
from services.merging import Twin as Alike

DRAFT = "register"


def build(frame: Frame, station: Station) -> RegisterPage:
    """The page and its view model."""

    def keep(values: Mapping[str, Any]) -> None:
        with station.store.applying() as session:  # a draft is nobody's change: no act, no news to other pages
            registry.save_draft(session, DRAFT, dict(values))

    def forget() -> None:
        with station.store.applying() as session:
            registry.clear_draft(session, DRAFT)

    uses = Uses(
        register=station.writing(lambda entry: _("登记 {name}").format(name=entry.person["name"]), registration.register),
        twins=station.reading(_twins),
        keep_draft=keep,
        load_draft=station.reading(lambda session: registry.load_draft(session, DRAFT)),
        forget_draft=forget,
        alike=station.reading(_alike),
    )
    model = RegisterModel(frame.jobs, uses, region=station.store.scope[:6])
    return RegisterPage(frame, model, form_tools(frame, station))


def _twins(session: Session, number: str) -> list[Twin]:
    return [Twin(one.id, one.title, one.detail) for one in finding.same_number(session, number)]


def _alike(session: Session, values: Mapping[str, Any]) -> list[Twin]:
    found = suspects.like(session, {**values, "village": values.get("village") or session.scope})
    return [Twin(one.id, one.title, _detail(session, one), " · ".join(likeness.reasons)) for one, likeness in found]


def _detail(session: Session, one: Alike) -> str:
    place = "" if one.village == session.scope else divisions.name(one.village) or one.village
    return " · ".join(part for part in (place, *(value for _label, value in one.details[:3])) if part and part != UNTOLD)

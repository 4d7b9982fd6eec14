"""Adds an employer by its name alone, while another form is filled in: a vacancy or a course often names one for the first time."""

from __future__ import annotations

from db.session import Session
from services import records
from services.importing.headlines import ENTERPRISE, carrier_type


def add(session: Session, name: str) -> str:
    """Save an employer of the type that its name indicates and return its id; a workshop is in the village. Raises `DomainError`."""
    type = carrier_type(name)
    return records.save(session, "employer", {"name": name, "type": type, "place": None if type == ENTERPRISE else session.scope})

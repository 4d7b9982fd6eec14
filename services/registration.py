"""Registers a person: person, household and category span, saved together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from db.session import Session
from domain.kinship import HEAD
from domain.records import Household
from services.lookup import title_of
from services.records import save


@dataclass(frozen=True)
class NewPerson:
    """A person to register, their household (its id, or the values of a new one) and category span. `village` is where they live, at a
    station above a village; an existing household determines it."""

    person: Mapping[str, Any]
    household_id: str | None = None
    household: Mapping[str, Any] | None = None
    span: Mapping[str, Any] | None = None
    village: str | None = None


@dataclass(frozen=True)
class Registered:
    """The saved person and their household (None and "" if there is none)."""

    id: str
    name: str
    household_id: str | None
    household_name: str


def register(session: Session, entry: NewPerson) -> Registered:
    """Save a new person with their household and category span. A person with 与户主关系 = 户主 becomes the household's head if it has
    none.

    Raises like `services.records.save`; the caller's transaction is then rolled back.
    """
    person, household_id = entry.person, entry.household_id
    where = {"village": entry.village} if entry.village and household_id is None else {}
    home = save(session, "household", {**entry.household, **where}) if entry.household is not None else household_id
    id = save(session, "person", {**person, **where, "household_id": home} if home else {**person, **where})
    if home and person.get("relation") == HEAD and session.existing(Household, home).head_id is None:
        save(session, "household", {"head_id": id}, home)
    if entry.span:
        save(session, "category_span", {"source": "village", **entry.span, "person_id": id})
    return Registered(id, str(person["name"]), home, title_of(session, "household", home) if home else "")

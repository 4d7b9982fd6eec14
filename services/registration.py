"""Registering a person: person, household and how they are recognised, saved together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from db.session import Session
from services.finding import title_of
from services.registry import save

HEAD = "户主"


@dataclass(frozen=True)
class Registered:
    """The person saved, and the household they belong to (None and "" when there is none yet)."""

    id: str
    name: str
    household_id: str | None
    household_name: str


def register(
    session: Session,
    person: Mapping[str, Any],
    *,
    household_id: str | None = None,
    household: Mapping[str, Any] | None = None,
    span: Mapping[str, Any] | None = None,
    village: str | None = None,
) -> Registered:
    """Save a new person with the household they belong to (an existing one, or the values of a new one) and their category.

    `village` says where at a township or county; an existing household says it itself. A head (与户主关系 = 户主) becomes the
    household's when it has none. Raises what `services.registry.save` raises; the caller's transaction then takes everything back.
    """
    where = {"village": village} if village and household_id is None else {}
    home = save(session, "household", {**household, **where}) if household is not None else household_id
    id = save(session, "person", {**person, **where, "household_id": home} if home else {**person, **where})
    if home and person.get("relation") == HEAD and session.get("household", home).head_id is None:
        save(session, "household", {"head_id": id}, home)
    if span:
        save(session, "category_span", {"source": "village", **span, "person_id": id})
    return Registered(id, str(person["name"]), home, title_of(session, "household", home) if home else "")

"""Which record another one belongs to: what moves with a person to another village, and what is erased with them."""

from __future__ import annotations

from functools import cache

from domain.fields import KINDS, Field, Kind
from domain.values import Type


@cache
def owners(kind: Kind) -> tuple[Field, ...]:
    """The fields that say whom or what a row belongs to; the first that is set counts.

    The person comes before the household, so that a visit to one of its members follows that member. Rows of shared kinds belong to nobody;
    `head_id`, `operator_id` and the like name a person without belonging to them.
    """
    if kind.shared:
        return ()
    found = [
        f for f in kind.fields if f.type is Type.ID and (f.name == "record_id" or (f.name == f"{f.ref}_id" and _personal(f.ref or "")))
    ]
    return tuple(sorted(found, key=lambda f: (f.name != "person_id", f.number)))


def _personal(name: str) -> bool:
    """Whether rows of a kind are about a person: the person, the household, or what belongs to them."""
    return name in ("person", "household") or any(f.name != "record_id" for f in owners(KINDS[name]))


@cache
def owned() -> tuple[Kind, ...]:
    """The kinds whose rows belong to others, in order of declaration."""
    return tuple(kind for kind in KINDS.values() if owners(kind))

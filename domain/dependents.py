"""Ownership between records: which records move with a person to another village and are erased with them."""

from __future__ import annotations

from functools import cache

from domain.fields import KINDS, Field, Kind
from domain.values import Stored, Type


@cache
def owners(kind: Kind) -> tuple[Field, ...]:
    """The fields that say which person or record a row belongs to; the first one set counts.

    The person comes before the household, so that a visit to one member follows that member. Rows of shared kinds belong to nobody.
    `head_id`, `operator_id` and the like refer to a person without belonging to them.
    """
    if kind.shared:
        return ()
    found = [
        f for f in kind.fields if f.type is Type.ID and (f.name == "record_id" or (f.name == f"{f.ref}_id" and _personal(f.ref or "")))
    ]
    return tuple(sorted(found, key=lambda f: (f.name != "person_id", f.number)))


def _personal(name: str) -> bool:
    """Whether rows of a kind are personal: people, households, and what belongs to them."""
    return name in ("person", "household") or any(f.name != "record_id" for f in owners(KINDS[name]))


@cache
def owned() -> tuple[Kind, ...]:
    """The kinds whose rows belong to other records, in order of declaration."""
    return tuple(kind for kind in KINDS.values() if owners(kind))


ERASED = "已按规定删除"
"""The text that replaces an erased required text, in every language."""


def blanks(kind: Kind, row_id: str) -> dict[int, Stored]:
    """The replacement values for a row whose person is erased by rule: stored form, by field number.

    Of a person everything but references is replaced; of records that belong to a person texts, secrets, computed facts and places of
    abode, unless the field is declared `kept`. Sums, dates, codes and references stay, because the accounts need them and they name nobody.
    A required secret gets the row's last digits, so that two erased people are not taken for one.
    """
    return {f.number: _blank(f, row_id) for f in kind.fields if _is_personal(kind, f)}


def _is_personal(kind: Kind, f: Field) -> bool:
    if f.kept or f.type in (Type.ID, Type.IDS):
        return False
    return kind.name == "person" or f.type in (Type.TEXT, Type.SECRET, Type.JSON, Type.AREA)


def _blank(f: Field, row_id: str) -> Stored:
    if not f.required:
        return None
    if f.choices is not None:
        return "other" if "other" in f.choices else next(iter(f.choices))
    return f"{ERASED}{row_id[-6:]}" if f.secret else ERASED

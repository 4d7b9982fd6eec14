"""What a person calls a record: its own title fields, after the title of what it belongs to (`张三 大连港 2023-03`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping, select

from db.chunks import chunks
from db.mapping import table
from db.session import Session
from domain.fields import Kind, kind_of
from domain.words import _

_OWNERS = (
    *("person_id", "household_id", "employment_id", "appointment_id", "claim_id"),
    *("employer_id", "course_id", "post_id", "station_id", "project_id"),
)


def titles(session: Session, kind: str | Kind, ids: Iterable[str]) -> dict[str, str]:
    """Titles of many records of one kind, deleted ones too; ids that do not exist are left out. One query a level, not a record."""
    declared = kind if isinstance(kind, Kind) else kind_of(kind)
    rows: dict[str, RowMapping] = {}
    t = table(declared)
    for chunk in chunks(dict.fromkeys(ids)):
        query = select(*(t.c[name] for name in _needed(declared))).where(t.c.id.in_(chunk))
        rows |= {row["id"]: row for row in session.conn.execute(query).mappings()}
    owners = _owner_titles(session, declared, list(rows.values()))
    return {id: _joined(declared, owners.get(id, ""), row) or _(declared.label) for id, row in rows.items()}


def _joined(kind: Kind, owner: str, row: RowMapping) -> str:
    if kind.name == "household" and owner:
        return _("{name} 户").format(name=owner)
    return " ".join(part for part in (owner, _own(kind, row)) if part)


def owner_field(kind: Kind) -> str | None:
    """The reference that says whose record it is: a wage's employment, a visit's household."""
    if kind.name in ("person", "employer"):
        return None
    if kind.name == "household":
        return "head_id"
    return next((name for name in _OWNERS if name in kind.by_name), None)


def _needed(kind: Kind) -> list[str]:
    owner = owner_field(kind)
    return list(dict.fromkeys(("id", *kind.title, *([owner] if owner else []))))


def _own(kind: Kind, row: Mapping[str, Any] | RowMapping) -> str:
    # ids say nothing to people: a title of ids alone is the title of the owner
    shown = (kind.by_name[name].show(kind.by_name[name].from_stored(row[name])) for name in kind.title if not kind.by_name[name].ref)
    return " ".join(part for part in shown if part)


def _owner_titles(session: Session, kind: Kind, rows: Sequence[RowMapping]) -> dict[str, str]:
    owner = owner_field(kind)
    if owner is None or not rows:
        return {}
    found = titles(session, str(kind.by_name[owner].ref), (row[owner] for row in rows if row[owner]))
    return {row["id"]: found[row[owner]] for row in rows if row[owner] in found}

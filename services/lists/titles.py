"""Titles of records for people to read: the title of the owner, then the record's own title fields (`张三 大连港 2023-03`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping, select

from db.among import among
from db.held import Held
from db.mapping import table
from db.session import Session
from domain import clock
from domain.fields import KINDS, Field, Kind, kind_of
from domain.grouping import by_key
from domain.values import Type
from domain.words import _
from services import policies

_OWNERS = (
    *("person_id", "household_id", "employment_id", "appointment_id", "claim_id"),
    *("employer_id", "course_id", "post_id", "station_id", "project_id", "survey_id", "head_id"),
)


def titles(session: Session, kind: str | Kind, ids: Iterable[str]) -> dict[str, str]:
    """Titles of records of one kind by id, including deleted ones; unknown ids are left out. Takes one query per level of owners."""
    declared = kind_of(kind)
    t = table(declared)
    query = select(*(t.c[name] for name in _needed(declared))).where(among(t.c.id, ids))
    rows = {row["id"]: row for row in session.conn.execute(query).mappings()}
    owners = _owner_titles(session, declared, list(rows.values()))
    called = {**measures(session, declared), **_named(session, declared, list(rows.values()))}
    return {id: _joined(declared, owners.get(id, ""), row, called) or _(declared.label) for id, row in rows.items()}


def of_held(session: Session, changes: Sequence[Held]) -> list[str]:
    """The title of the record that each held change is about, or that of its owner if the record is not here (a step of a claim names its
    claim, so that the reader knows which one to open), or "". A person who is not here has the name in the change."""
    ids = by_key((one.kind, one.record_id) for one in changes if one.kind in KINDS)
    here = {(kind, id): title for kind, many in ids.items() for id, title in titles(session, kind, many).items()}
    return [here.get((one.kind, one.record_id)) or _of_owner(session, one) for one in changes]


def _of_owner(session: Session, one: Held) -> str:
    kind = KINDS.get(one.kind)
    owner = owner_field(kind) if kind else None
    if kind is None or owner is None or not one.values.get(owner):
        return str(one.values.get("name") or "") if one.kind == "person" else ""
    return titles(session, str(kind.by_name[owner].ref), [one.values[owner]]).get(one.values[owner], "")


def field_text(session: Session, f: Field, value: Any, *, plain: bool = False) -> str:
    """A field's value as text: references by title, people with the last four characters of their ID number to tell namesakes apart."""
    if not f.ref or not value:
        return f.show(value, plain=plain)
    ids = [value] if isinstance(value, str) else list(value)
    found = titles(session, f.ref, ids)
    if f.ref == "person":
        p = table("person")
        rows = session.conn.execute(select(p.c.id, p.c.name, p.c.id_number).where(among(p.c.id, ids)))
        found = {row.id: f"{row.name}（{(row.id_number or '')[-4:]}）" if row.id_number else row.name for row in rows}
    return _("、").join(found.get(id, id) for id in ids)


def measures(session: Session, kind: Kind) -> dict[str, str]:
    """Names of the policy measures by id, empty for a kind without a measure field."""
    return policies.rules(session).names if any(f.measure for f in kind.fields) else {}


def _joined(kind: Kind, owner: str, row: RowMapping, called: Mapping[str, str]) -> str:
    if kind.name == "household" and owner:
        return _("{name} 户").format(name=owner)
    return " ".join(part for part in (owner, _own(kind, row, called)) if part)


def owner_field(kind: Kind) -> str | None:
    """The reference field that names a record's owner (a wage's employment, a visit's household); None where there is none."""
    return next((name for name in _OWNERS if name in kind.by_name), None) if kind.name != "person" else None


def _needed(kind: Kind) -> list[str]:
    owner = owner_field(kind)
    return list(dict.fromkeys(("id", *kind.title, *([owner] if owner else []))))


def _own(kind: Kind, row: Mapping[str, Any] | RowMapping, called: Mapping[str, str]) -> str:
    shown = {f.name: _word(f, row[f.name], called) for f in (kind.by_name[name] for name in kind.title)}
    if kind.title == ("start", "end") and shown["end"]:  # two dates side by side would be ambiguous
        return _("{start} 至 {end}").format(**shown)
    return " ".join(part for part in shown.values() if part)


def _word(f: Field, stored: Any, called: Mapping[str, str]) -> str:
    if f.type is Type.DATETIME:
        return clock.text(stored)
    if f.ref:
        return called.get(stored, "")  # an id means nothing to the reader
    return called.get(stored, stored) if f.measure else f.show(f.from_stored(stored))


def _named(session: Session, kind: Kind, rows: Sequence[RowMapping]) -> dict[str, str]:
    """Titles of the records that title fields refer to, by id: the question of an answer, the trip of a companion."""
    references = {name: str(kind.by_name[name].ref) for name in kind.title if kind.by_name[name].ref}
    return {
        id: title
        for name, ref in references.items()
        for id, title in titles(session, ref, {row[name] for row in rows if row[name]}).items()
    }


def _owner_titles(session: Session, kind: Kind, rows: Sequence[RowMapping]) -> dict[str, str]:
    owner = owner_field(kind)
    if owner is None or not rows:
        return {}
    found = titles(session, str(kind.by_name[owner].ref), (row[owner] for row in rows if row[owner]))
    return {row["id"]: found[row[owner]] for row in rows if row[owner] in found}

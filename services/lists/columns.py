"""Columns of lists, derived from the field declarations, and their cells as masked text; people have a few computed ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import select

from db.among import among
from db.mapping import table
from db.session import Session
from domain import divisions, identity
from domain.claims import state_label
from domain.fields import Field, Kind, Record, kind_of
from domain.identity import age_on
from domain.records import Person
from domain.scopes import is_village
from domain.values import Type
from domain.words import N_, _
from services.lists.titles import measures, titles
from services.standing import PersonStatus, chip, standings

_PERSON = ("name", "sex", "age", "group", "category", "labour", "work", "phone")
_CLAIM = ("person_id", "employer_id", "rule", "year", "amount", "filed_on", "outcome", "state")
"""Whose it is comes first; the pack it was judged by is for who looks for it."""
_SHOWN = {"person": _PERSON, "claim": _CLAIM}
_PERSON_LABELS = {
    "age": N_("年龄"),
    "group": N_("组"),
    "address": N_("住址"),
    "category": N_("身份"),
    "work": N_("现在做什么"),
    "chip": N_("去向"),
}
_PERSON_SORTED = ("name", "sex", "age", "birth", "group", "labour", "village")  # the others would read every encrypted row
_MAX_COLUMNS = 9


@dataclass(frozen=True)
class Column:
    """A column of a list. `numeric`: to be right-aligned; `clause`: the policy article that requires it."""

    name: str
    label: str
    numeric: bool
    sortable: bool
    clause: str


def columns(kind: str | Kind, scope: str = "") -> tuple[Column, ...]:
    """The default columns. `scope`: that of the station; above a village the village column is included."""
    declared = kind_of(kind)
    names = _SHOWN.get(declared.name) or _usual(declared)
    above = ("village",) if scope and not is_village(scope) and not declared.shared else ()
    known = {column.name: column for column in all_columns(declared)}
    return tuple(known[name] for name in (*names[:1], *above, *names[1:]))


def all_columns(kind: str | Kind) -> tuple[Column, ...]:
    """Every column available for a kind, in order of declaration."""
    declared = kind_of(kind)
    person = declared.name == "person"
    own = [_column(f, sortable=not person or f.name in _PERSON_SORTED) for f in declared.fields if f.type is not Type.JSON]
    extra = [Column(name, _(text), name == "age", name in _PERSON_SORTED, "") for name, text in _PERSON_LABELS.items() if person]
    extra += [Column("state", _("办到"), False, False, "")] if declared.name == "claim" else []
    return (*own, *extra, Column("village", _("村"), False, True, ""), Column("updated_at", _("修改时间"), False, not person, ""))


def _column(f: Field, *, sortable: bool) -> Column:
    known = not f.ref and not f.secret  # the order of masked numbers would tell their digits to whoever adds records of his own
    return Column(f.name, _(f.label), f.type in (Type.YUAN, Type.INT), sortable and known, f.clause)


@cache
def _usual(kind: Kind) -> tuple[str, ...]:
    long = (Type.JSON, Type.IDS)
    first = [f.name for f in kind.fields if f.required or f.name in kind.title]
    rest = [f.name for f in kind.fields if f.type not in long and not f.multiline and f.name not in first]
    chosen = {*[f.name for f in kind.fields if f.name in first and f.type not in long], *rest[: max(0, _MAX_COLUMNS - len(first))]}
    return tuple(f.name for f in kind.fields if f.name in chosen)


# -- cells ---------------------------------------------------------------------------------------------------------------


def cells(session: Session, kind: Kind, records: Sequence[Any], names: Sequence[str], day: str) -> list[tuple[str, ...]]:
    """The text of the named columns of each record. References and people's status are looked up for all records at once."""
    named = _referred(session, kind, records, names)
    special = _person_cells(session, records, names, day) if kind.name == "person" else {}
    if kind.name == "claim" and "state" in names:
        from services.claims import claims  # with all that judges them: a list of people needs none of it

        states = {now.claim.id: now.state for now in claims.standings(session, records)}
        special["state"] = lambda claim: state_label(states[claim.id])
    called = measures(session, kind)
    show = [_shower(kind, name, named.get(name, called), special.get(name)) for name in names]
    return [tuple(cell(record) for cell in show) for record in records]


def _shower(kind: Kind, name: str, named: Mapping[str, str], special: Callable[[Any], str] | None) -> Callable[[Any], str]:
    if special is not None:
        return special
    if name == "village":
        return lambda record: divisions.called(record.village)
    if name not in kind.by_name:
        return lambda record: str(record.__dict__.get(name) or "")
    f = kind.by_name[name]
    if f.ref:
        return lambda record: _("、").join(named.get(id, "") for id in _ids(record.__dict__[name]))
    if f.measure:
        return lambda record: named.get(record.__dict__[name], record.__dict__[name])
    if f.free_text:
        return lambda record: identity.mask_inside(f.show(record.__dict__[name]))
    return lambda record: f.show(record.__dict__[name])


def _ids(value: Any) -> Sequence[str]:
    return () if not value else (value,) if isinstance(value, str) else value


def _referred(session: Session, kind: Kind, records: Sequence[Record], names: Sequence[str]) -> dict[str, dict[str, str]]:
    """Titles of the referenced records, by field and id."""
    references = [kind.by_name[name] for name in names if name in kind.by_name and kind.by_name[name].ref]
    return {f.name: titles(session, str(f.ref), (id for r in records for id in _ids(r.__dict__[f.name]))) for f in references}


def _person_cells(session: Session, people: Sequence[Person], names: Sequence[str], day: str) -> dict[str, Callable[[Any], str]]:
    """Functions for the computed cells of people, by column name."""
    found: dict[str, PersonStatus] = {}
    homes: Mapping[str, Any] = {}
    if not {"category", "work", "chip"}.isdisjoint(names):
        found = standings(session, (person.id for person in people), day)
    if not {"group", "address"}.isdisjoint(names):
        h = table("household")
        wanted = {person.household_id for person in people if person.household_id}
        homes = {row.id: row for row in session.conn.execute(select(h.c.id, h.c.group, h.c.address).where(among(h.c.id, wanted)))}
    return {
        "age": lambda p: str(age_on(p.birth, day)) if p.birth and p.birth <= day else "",
        "group": lambda p: _home(homes, p, "group") or _home(homes, p, "address"),
        "address": lambda p: _home(homes, p, "address"),
        "category": lambda p: found[p.id].category_text(),
        "work": lambda p: found[p.id].work_text() or chip(p, found[p.id], day)[0],
        "chip": lambda p: chip(p, found[p.id], day)[0],
    }


def _home(homes: Mapping[str, Any], person: Person, name: str) -> str:
    row = homes.get(person.household_id or "")
    return str(getattr(row, name) or "") if row is not None else ""

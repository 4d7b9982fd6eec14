"""体检: run the data checks over what the store holds."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, select

from db.mapping import table
from db.session import Session
from domain.fields import KINDS, Kind, Record
from domain.quality import RULES, Doubt, doubts
from domain.register import KINDS_READ, Register
from domain.values import Type

__all__ = ["RULES", "Doubt", "check", "load", "read", "settled"]


def load(session: Session) -> Register:
    """Everything that is checked, in memory: records that are neither deleted nor merged into another, without system fields."""
    known: dict[Any, Any] = {}
    t = table("person")
    merged = session.conn.execute(select(t.c.id).where(t.c.merged_into.is_not(None), t.c.merged_into != "")).scalars()
    return Register({name: read(session, KINDS[name], known) for name in KINDS_READ}, merged)


def read(session: Session, kind: Kind, known: dict[Any, Any], *where: ColumnElement[bool], system: tuple[str, ...] = ()) -> list[Record]:
    """Records of a kind, each text kept once (`known`) and set one by one so that objects share their keys: a quarter of the memory.

    Long texts and JSON are left out unless required; of system fields only those named are read."""
    t = table(kind)
    fields = [f for f in kind.fields if f.required or not (f.multiline or f.type is Type.JSON)]
    converted = [f for f in fields if f.type in (Type.SET, Type.IDS, Type.BOOL)]
    names = ("id", "village", *system, *(f.name for f in fields))
    query = select(*(t.c[name] for name in names)).where(t.c.deleted_at.is_(None), *where)
    if kind.name == "person":
        query = query.where(func.coalesce(t.c.merged_into, "") == "")
    records = []
    for row in session.conn.execute(query):
        record = object.__new__(kind.cls)
        for name, value in zip(names, row, strict=True):
            object.__setattr__(record, name, known.setdefault(value, value))
        for f in converted:
            object.__setattr__(record, f.name, f.from_stored(record.__dict__[f.name]))
        records.append(record)
    return records


def check(session: Session, on: str | None = None) -> list[Doubt]:
    """Every doubt as of a day (today unless given), errors first. Doubts that a person settled (`finding`) are left out."""
    done = settled(session)
    return [doubt for doubt in doubts(load(session), on or session.at[:10]) if (doubt.rule, doubt.id) not in done]


def settled(session: Session) -> set[tuple[str, str]]:
    """Code and record id of every doubt or warning that was verified, found false or passed on."""
    t = table("finding")
    return {(finding.code, finding.record_id) for finding in session.select("finding", t.c.state != "open") if finding.due is None}

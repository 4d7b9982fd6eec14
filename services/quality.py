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
from services.collection import collection_paused

__all__ = ["RULES", "Doubt", "check", "load", "read", "settled"]

_UNLIKE = frozenset({Type.TEXT, Type.SECRET, Type.YUAN, Type.INT, Type.JSON})
"""Types of which hardly two records hold the same value."""
_AT_ONCE = 1_000


def load(session: Session) -> Register:
    """Everything that is checked, in memory: records that are neither deleted nor merged into another, without system fields."""
    known: dict[Any, Any] = {}
    t = table("person")
    merged = session.conn.execute(select(t.c.id).where(t.c.merged_into.is_not(None), t.c.merged_into != "")).scalars()
    with collection_paused():
        return Register({name: read(session, KINDS[name], known) for name in KINDS_READ}, merged)


def read(session: Session, kind: Kind, known: dict[Any, Any], *where: ColumnElement[bool], system: tuple[str, ...] = ()) -> list[Record]:
    """Records of a kind, texts that come again kept once (`known`) and set one by one so that objects share their keys: a quarter of
    the memory.

    Long texts and JSON are left out unless required; of system fields only those named are read."""
    t = table(kind)
    fields = [f for f in kind.fields if f.required or not (f.multiline or f.type is Type.JSON)]
    converted = [f for f in fields if f.type in (Type.SET, Type.IDS, Type.BOOL)]
    names = ("id", "village", *system, *(f.name for f in fields))
    query = select(*(t.c[name] for name in names)).where(t.c.deleted_at.is_(None), *where)
    if kind.name == "person":
        query = query.where(func.coalesce(t.c.merged_into, "") == "")
    again = [name not in kind.by_name or kind.by_name[name].type not in _UNLIKE for name in names]
    make, put, keep = object.__new__, object.__setattr__, known.setdefault
    records = []
    for row in session.conn.execute(query.execution_options(yield_per=_AT_ONCE)):
        record = make(kind.cls)
        for name, value, often in zip(names, row, again, strict=True):
            put(record, name, keep(value, value) if often else value)
        for f in converted:
            put(record, f.name, keep(shown := f.from_stored(record.__dict__[f.name]), shown))
        records.append(record)
    return records


def check(session: Session, on: str | None = None) -> list[Doubt]:
    """Every doubt as of a day (today unless given), errors first. Doubts that a person settled (`finding`) are left out."""
    done = settled(session)
    with collection_paused():
        found = doubts(load(session), on or session.at[:10])
    return [doubt for doubt in found if (doubt.rule, doubt.id) not in done] if done else found


def settled(session: Session) -> set[tuple[str, str]]:
    """Code and record id of every doubt or warning that was verified, found false or passed on."""
    t = table("finding")
    return {(finding.code, finding.record_id) for finding in session.select("finding", t.c.state != "open") if finding.due is None}

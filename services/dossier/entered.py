"""Lists who entered the records on which a claim is based, when and at which laptop, for an auditor."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from sqlalchemy import select

from db.among import among
from db.mapping import table
from db.referring import referring_fields
from db.session import Session
from domain import clock
from domain.authors import name_of, station_of
from domain.fields import Kind, kind_of
from domain.grouping import by_key
from domain.records import Claim
from domain.words import _
from services.lists.titles import titles

MOST: Final = 2_000
"""Most lines of the sheet; enough for a year's wages of a large workshop."""
_DEPTH: Final = 2
"""Levels of references to follow: a wage refers to an employment, which refers to the person."""

Line = tuple[str, ...]


def head() -> Line:
    """The column headings."""
    return (_("类型"), _("记录"), _("录入时间"), _("谁录入"), _("录入的电脑"), _("最后改动"), _("谁改的"), _("改的电脑"), _("状态"))


def lines(session: Session, claim: Claim) -> list[Line]:
    """One line for each record: the person or employer of the claim, and all records that refer to them or to the claim, including deleted
    ones."""
    found: dict[tuple[str, str], None] = {}
    records = [(name, id) for name, id in (("person", claim.person_id), ("employer", claim.employer_id), ("claim", claim.id)) if id]
    for _depth in range(_DEPTH + 1):
        found |= dict.fromkeys(records)
        records = list(dict.fromkeys(islice((pair for pair in _referring(session, records) if pair not in found), MOST)))
    by_kind = by_key(islice(found, MOST))
    return [line for name, ids in by_kind.items() for line in _lines(session, kind_of(name), ids)]


def _referring(session: Session, to: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    by_kind = by_key(to)
    for name, ids in by_kind.items():
        for kind, f in referring_fields(name):
            t = table(kind)
            yield from ((kind.name, id) for id in session.conn.execute(select(t.c.id).where(among(t.c[f.name], ids))).scalars())


def _lines(session: Session, kind: Kind, ids: list[str]) -> Iterator[Line]:
    t, named = table(kind), titles(session, kind, ids)
    columns = (t.c.id, t.c.created_at, t.c.created_by, t.c.updated_at, t.c.updated_by, t.c.deleted_at)
    for row in session.conn.execute(select(*columns).where(among(t.c.id, ids)).order_by(t.c.created_at, t.c.id)):
        made = (clock.text(row.created_at), name_of(row.created_by), station_of(row.created_by))
        last = (clock.text(row.updated_at), name_of(row.updated_by), station_of(row.updated_by))
        state = _("已删除 {at}").format(at=clock.text(row.deleted_at)) if row.deleted_at else ""
        yield (_(kind.label), named.get(row.id, row.id), *made, *(last if last != made else ("", "", "")), state)

"""Finds people who are in the store but not in a roster that seems to list everybody: they moved, died, are no longer recognised, or are
new."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import select

from db.mapping import table
from db.merged import stands
from db.session import Session
from services.importing.plan import Absent, PlanRow

_WHOLE = 0.5
"""A roster with at least this share of the people it could list is taken for a complete list."""


def absent(session: Session, rows: list[PlanRow]) -> list[Absent]:
    """Living people of the roster's villages, with the recognition that those in it have, whom no row is about; by village, group and name.
    Nobody if the roster holds less than half of them: then it is a list of a few. A row that is not imported counts as being about
    everybody of its name."""
    there = {draft.id for row in rows for draft in row.drafts if draft.kind.name == "person"}
    named = {row.title for row in rows if row.refused or row.questioned}
    p, h = table("person"), table("household")
    villages = {draft.village for row in rows for draft in row.drafts if draft.kind.name == "person"}
    query = select(p.c.id, p.c.village, p.c.name, p.c.id_number, h.c.group).outerjoin(h, h.c.id == p.c.household_id)
    living = (p.c.village.in_(villages), p.c.deleted_at.is_(None), stands(), p.c.died_on.is_(None))
    everybody = session.conn.execute(query.where(*living).order_by(p.c.village, h.c.group, p.c.pinyin, p.c.id)).all()
    recognised = _categories(session, villages)
    listed = {recognised[row.id] for row in everybody if row.id in there}
    alike = [row for row in everybody if recognised[row.id] in listed]
    found = [row for row in alike if row.id not in there and row.name not in named]
    if len(found) > len(alike) * (1 - _WHOLE):
        return []
    return [Absent(row.name, row.id_number, row.group or "", recognised[row.id]) for row in found]


def _categories(session: Session, villages: set[str]) -> Mapping[str, str]:
    """The present category of each person, "" for those without one."""
    t = table("category_span")
    query = select(t.c.person_id, t.c.category).where(t.c.village.in_(villages), t.c.deleted_at.is_(None), t.c.end.is_(None))
    found = defaultdict[str, str](str)
    for person, category in session.conn.execute(query.order_by(t.c.start.nulls_first(), t.c.id)):
        found[person] = category
    return found

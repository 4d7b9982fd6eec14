"""Finds people who are in the store but not in a roster that appears to be complete: they moved, died, lost their recognition or are
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
"""A roster with at least this share of the people it could list counts as complete."""


def absent(session: Session, rows: list[PlanRow]) -> list[Absent]:
    """Living people of the roster's villages who are in none of the rows and have one of the categories of the people listed; ordered by
    village, group and name. Empty if the roster has fewer than half of them, because it is then a partial list. A row that is not imported
    counts as listing everybody of that name."""
    listed_ids = {draft.id for row in rows for draft in row.drafts if draft.kind.name == "person"}
    names_left_out = {row.title for row in rows if row.refused or row.questioned}
    p, h = table("person"), table("household")
    villages = {draft.village for row in rows for draft in row.drafts if draft.kind.name == "person"}
    query = select(p.c.id, p.c.village, p.c.name, p.c.id_number, h.c.group).outerjoin(h, h.c.id == p.c.household_id)
    living = (p.c.village.in_(villages), p.c.deleted_at.is_(None), stands(), p.c.died_on.is_(None))
    people = session.conn.execute(query.where(*living).order_by(p.c.village, h.c.group, p.c.pinyin, p.c.id)).all()
    categories = _categories(session, villages)
    listed_categories = {categories[row.id] for row in people if row.id in listed_ids}
    comparable = [row for row in people if categories[row.id] in listed_categories]
    found = [row for row in comparable if row.id not in listed_ids and row.name not in names_left_out]
    if len(found) > len(comparable) * (1 - _WHOLE):
        return []
    return [Absent(row.name, row.id_number, row.group or "", categories[row.id]) for row in found]


def _categories(session: Session, villages: set[str]) -> Mapping[str, str]:
    """Each person's current category; "" for a person without one."""
    t = table("category_span")
    query = select(t.c.person_id, t.c.category).where(t.c.village.in_(villages), t.c.deleted_at.is_(None), t.c.end.is_(None))
    found = defaultdict[str, str](str)
    for person, category in session.conn.execute(query.order_by(t.c.start.nulls_first(), t.c.id)):
        found[person] = category
    return found

"""Work records that the monthly check calls for: a person who works and has none, a person at home whose work has no end.

Nothing is written: the clerk decides, and fills in what only the person knows.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import or_, select

from db.among import among
from db.mapping import table
from db.session import Session
from domain.grouping import by_key
from domain.periods import add_months, last_day
from domain.records import MonthlyCheck
from services.standing import holding, standings
from services.work import checks

CHANNELS: Final = {"away": "migrant", "workshop": "workshop", "flexible": "flexible", "self": "self_employed"}
"""The channel of the work record that a status calls for. A public post has a record of its own."""
AT_HOME: Final = ("unemployed", "no_wish", "unable", "school")


@dataclass(frozen=True)
class Wanted:
    """A record that one person's check calls for: a new one with the `values` that are known, or the end of `spells`."""

    person_id: str
    name: str
    status: str
    values: dict[str, Any] = field(default_factory=dict)
    spells: tuple[str, ...] = ()


def wanted(session: Session, month: str, ids: Collection[str]) -> list[Wanted]:
    """The records that the checks of a month call for, for the people named, in their order."""
    now = {id: check for id, check in checks(session, month).items() if id in set(ids)}
    before = checks(session, add_months(month, -1)) if now else {}
    known = standings(session, list(now), last_day(month))
    names = session.column("person", "name", now)
    open_ = _open_spells(session, month, now)
    found = []
    for id in ids:
        check = now.get(id)
        if check is None or id not in names:
            continue
        if check.status in CHANNELS and not known[id].works:
            found.append(Wanted(id, names[id], check.status, values=_values(check, before.get(id))))
        elif check.status in AT_HOME and id in open_:
            found.append(Wanted(id, names[id], check.status, spells=open_[id]))
    return found


def _values(check: MonthlyCheck, before: MonthlyCheck | None) -> dict[str, Any]:
    """What the check says of the work. It began this month if the person was at home last month; otherwise nobody has said when."""
    began = check.month if before is not None and before.status in AT_HOME else None
    values = {"channel": CHANNELS[check.status], "place": check.place, "monthly_wage": check.income, "start": began}
    return {"person_id": check.person_id} | {name: value for name, value in values.items() if value is not None}


def _open_spells(session: Session, month: str, ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The spells of these people that go on beyond the month, by person; those on public posts end with the post."""
    t, day = table("employment"), last_day(month)
    beyond = or_(t.c.end.is_(None), t.c.end > day)
    query = select(t.c.person_id, t.c.id).where(t.c.deleted_at.is_(None), holding(t, day), beyond, t.c.channel != "public_post")
    rows = session.conn.execute(query.where(among(t.c.person_id, ids)).order_by(t.c.start, t.c.id))
    return {person: tuple(found) for person, found in by_key((row.person_id, row.id) for row in rows).items()}

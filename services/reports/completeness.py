"""Whether the figures of a month are complete: which villages handed in their monthly report (报出), and what this station still lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from db.exchange import closed
from db.mapping import table
from db.session import Session
from domain import divisions
from domain.periods import last_day
from domain.scopes import is_village
from domain.words import _
from services import work
from services.reports.sealing import Handed, handed

_MOST_NAMED: Final = 20


@dataclass(frozen=True)
class VillageReport:
    """A village and the last report of a month that it handed in; None if none is known here."""

    scope: str
    last: Handed | None


def of_villages(session: Session, month: str) -> list[VillageReport]:
    """For each village of a township or county that has people: what it handed in for a month. Villages merged into others are left out."""
    if session.role == "village":
        return []
    p = table("person")
    homes = set(session.conn.execute(select(p.c.village).where(p.c.deleted_at.is_(None)).distinct()).scalars()) - closed(session)
    found = {one.scope: one for one in handed(session, month)}
    return [VillageReport(home, found.get(home)) for home in sorted(homes) if is_village(home)]


def sentence(session: Session, month: str) -> str:
    """Who has handed in the report of a month and who has not: 应报 3 个村，已报 2 个；没报：解放村。"" at a village."""
    found = of_villages(session, month)
    missing = [divisions.called(one.scope) for one in found if one.last is None]
    if not found:
        return ""
    told = _("{month} 月报：应报 {n} 个村，已报 {done} 个。").format(month=month, n=len(found), done=len(found) - len(missing))
    names = _("、").join(missing[:_MOST_NAMED]) + (_("等 {n} 个村").format(n=len(missing)) if len(missing) > _MOST_NAMED else "")
    return told + (_("没报：{names}。").format(names=names) if missing else "")


def unfinished(session: Session, month: str) -> str:
    """What the figures of a month lack so far: its last days, and people who were not asked; "" if nothing. It may be handed in
    nevertheless."""
    checks = work.counts(session, month)
    parts = []
    if session.today < last_day(month):
        parts.append(_("这个月还没有过完，数字只算到今天。"))
    if left := checks.people - checks.done:
        parts.append(_("月监测还有 {n} 人没核实，他们按以前的记录算。").format(n=left))
    return "".join(parts)

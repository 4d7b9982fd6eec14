"""What a county may pay out of a fund in a year, and what it did: the same at a station and at the county's ingest."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from db.mapping import table
from domain.funds import CEILINGS

_COUNTY = 6


def ceiling(conn: Connection, scope: str, fund: str, year: int) -> int | None:
    """The ceiling (fen) of the county of `scope`, None where none was set. Of several the lowest holds: two officers may have entered
    it at once. Only what the county keeps itself counts, no village's."""
    county, t = scope[:_COUNTY], table("target")
    names = [name for name, code in CEILINGS.items() if code == fund]
    mine = (t.c.village == county) & (t.c.area == county) & (t.c.year == year) & t.c.deleted_at.is_(None)
    value = conn.execute(select(func.min(t.c.value)).where(mine, t.c.indicator.in_(names))).scalar()
    return None if value is None else int(value) * 100


def spent(conn: Connection, scope: str, fund: str, year: int) -> int:
    """What went out of a fund in a year, or is on its way (fen): every payment but those the bank sent back."""
    t = table("payment")
    out = func.coalesce(t.c.bank_result, "") != "failed"
    mine = t.c.village.startswith(scope[:_COUNTY]) & (t.c.fund == fund) & t.c.deleted_at.is_(None)
    of_year = func.substr(func.coalesce(t.c.paid_on, t.c.created_at), 1, 4) == str(year)
    return int(conn.execute(select(func.coalesce(func.sum(t.c.amount), 0)).where(mine, of_year, out)).scalar_one())

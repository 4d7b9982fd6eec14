"""What a county may pay out of a fund in a year, and what it did: the same at a station and at the county's ingest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

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
    mine = t.c.village.startswith(scope[:_COUNTY]) & (t.c.fund == fund)
    return int(conn.execute(select(func.coalesce(func.sum(t.c.amount), 0)).where(mine, _of_year(year), went_out())).scalar_one())


def went_out() -> ColumnElement[bool]:
    """Condition on payments: on record, and not sent back by the bank."""
    t = table("payment")
    return t.c.deleted_at.is_(None) & (func.coalesce(t.c.bank_result, "") != "failed")


def unpaid() -> ColumnElement[bool]:
    """Condition on claims: there is no payment that went out."""
    return ~select(table("payment").c.id).where(table("payment").c.claim_id == table("claim").c.id, went_out()).exists()


def _of_year(year: int) -> ColumnElement[bool]:
    t = table("payment")
    return func.substr(func.coalesce(t.c.paid_on, t.c.created_at), 1, 4) == str(year)


def overdrawn(conn: Connection, target: Mapping[str, Any]) -> int:
    """What went out of a fund (fen) where a target's values make it the fund's ceiling and lower than that; else 0."""
    fund, area, year, value = (CEILINGS.get(str(target.get("indicator")).strip()), *map(target.get, ("area", "year", "value")))
    gone = spent(conn, str(area), fund, year) if fund is not None and len(str(area)) == _COUNTY and isinstance(year, int) else 0
    return gone if value is not None and value * 100 < gone else 0


def out_by_rule(conn: Connection, scope: str, year: int) -> dict[tuple[str, str, str], int]:
    """What went out in a year, by fund, pack and rule (fen)."""
    claim, payment = table("claim"), table("payment")
    by = (payment.c.fund, claim.c.pack, claim.c.rule)
    query = select(*by, func.sum(payment.c.amount)).join(claim, claim.c.id == payment.c.claim_id).group_by(*by)
    found = conn.execute(query.where(payment.c.village.startswith(scope[:_COUNTY]), _of_year(year), went_out()))
    return {(fund, pack, rule): int(sums) for fund, pack, rule, sums in found}


def posts_paid(conn: Connection, scope: str, fund: str, year: int) -> int:
    """What villages paid for public posts out of a fund in a year (fen), by the post's fund; a month without its day of payment counts
    as itself."""
    pay, held, post = table("post_pay"), table("appointment"), table("post")
    mine = pay.c.village.startswith(scope[:_COUNTY]) & (post.c.fund == fund) & pay.c.deleted_at.is_(None)
    of_year = func.substr(func.coalesce(pay.c.paid_on, pay.c.month), 1, 4) == str(year)
    joined = pay.join(held, held.c.id == pay.c.appointment_id).join(post, post.c.id == held.c.post_id)
    return int(conn.execute(select(func.coalesce(func.sum(pay.c.amount), 0)).select_from(joined).where(mine, of_year)).scalar_one())


def told_paid(conn: Connection, scope: str, year: int) -> dict[tuple[str, str], int]:
    """Claims that are told to be paid in a year without a payment that would say out of which fund: fen by pack and rule."""
    claim, step = table("claim"), table("claim_step")
    paid = (step.c.to_state == "paid") & step.c.deleted_at.is_(None) & (func.substr(step.c.at, 1, 4) == str(year))
    mine = claim.c.village.startswith(scope[:_COUNTY]) & claim.c.deleted_at.is_(None)
    told = claim.c.id.in_(select(step.c.claim_id).where(paid))
    query = select(claim.c.pack, claim.c.rule, func.sum(claim.c.amount)).where(mine, told, unpaid())
    return {(pack, rule): int(sums) for pack, rule, sums in conn.execute(query.group_by(claim.c.pack, claim.c.rule))}

"""Fund ceilings: what a county may pay from a fund in a year, and what it has paid. Used at stations and by the county's ingest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, func, select

from db.among import among
from db.mapping import table
from domain.funds import CEILINGS, SEPARATE
from domain.scopes import county_of, is_county


def ceiling(conn: Connection, scope: str, fund: str, year: int) -> int | None:
    """The ceiling (fen) set by the county of `scope`, None if there is none. The lowest of several counts, since two officers may have
    entered it at once. Only the county's own records count, no village's."""
    county, t = county_of(scope), table("target")
    names = [name for name, code in CEILINGS.items() if code == fund]
    mine = (t.c.village == county) & (t.c.area == county) & (t.c.year == year) & t.c.deleted_at.is_(None)
    value = conn.execute(select(func.min(t.c.value)).where(mine, t.c.indicator.in_(names))).scalar()
    return None if value is None else int(value) * 100


def separated(conn: Connection, scope: str, year: int) -> bool:
    """Whether the county of `scope` bars whoever reviewed a claim from paying it. The latest year up to the given one decides, and of
    several entries the strictest."""
    county, t = county_of(scope), table("target")
    mine = (t.c.village == county) & (t.c.area == county) & (t.c.year <= year) & t.c.deleted_at.is_(None)
    query = select(t.c.value).where(mine, t.c.indicator == SEPARATE).order_by(t.c.year.desc(), t.c.value.desc()).limit(1)
    return bool(conn.execute(query).scalar())


def spent(conn: Connection, scope: str, fund: str, year: int) -> int:
    """What was paid from a fund in a year or is on its way (fen): every payment except those the bank returned and what was recovered or
    paid back in that year."""
    return _sum(conn, scope, fund, year, ~_recovered(table("payment").c.claim_id, year))


def recovered(conn: Connection, scope: str, fund: str, year: int) -> int:
    """What was paid from a fund in a year and recovered or paid back in that year (fen)."""
    t = table("payment")
    whole = _recovered(t.c.claim_id, year)
    return _sum(conn, scope, fund, year, whole) - _sum(conn, scope, fund, year, ~whole, t.c.amount < 0)


def _sum(conn: Connection, scope: str, fund: str, year: int, *more: ColumnElement[bool]) -> int:
    t = table("payment")
    mine = t.c.village.startswith(county_of(scope)) & (t.c.fund == fund)
    return int(conn.execute(select(func.coalesce(func.sum(t.c.amount), 0)).where(mine, _of_year(year), went_out(), *more)).scalar_one())


def _recovered(claim_id: ColumnElement[str], year: int) -> ColumnElement[bool]:
    """Condition on a claim: it was recovered in the year. Recovered later, the money goes to the treasury and not back into the fund."""
    s = table("claim_step")
    taken = (s.c.claim_id == claim_id) & (s.c.to_state == "recovered") & s.c.deleted_at.is_(None)
    return select(s.c.id).where(taken, func.substr(s.c.at, 1, 4) == str(year)).exists()


def went_out(payment: FromClause | None = None) -> ColumnElement[bool]:
    """Condition on payments: not deleted, and not returned by the bank."""
    t = table("payment") if payment is None else payment
    return t.c.deleted_at.is_(None) & (func.coalesce(t.c.bank_result, "") != "failed")


def unpaid() -> ColumnElement[bool]:
    """Condition on claims: there is no payment except those the bank returned."""
    return ~select(table("payment").c.id).where(table("payment").c.claim_id == table("claim").c.id, went_out()).exists()


def owing() -> ColumnElement[bool]:
    """Condition on claims: more was granted than was paid or ordered."""
    t, c = table("payment"), table("claim")
    gone = select(func.coalesce(func.sum(t.c.amount), 0)).where(t.c.claim_id == c.c.id, went_out()).correlate(c).scalar_subquery()
    return c.c.amount > gone


def gone_out(conn: Connection, claims: Iterable[str], *, arrived: bool = False) -> dict[str, int]:
    """What was paid for claims or is on its way (fen), by claim id; with `arrived` only what the bank confirmed."""
    t = table("payment")
    counted = went_out() & (t.c.bank_result == "ok") if arrived else went_out()
    query = select(t.c.claim_id, func.sum(t.c.amount)).where(among(t.c.claim_id, claims), counted).group_by(t.c.claim_id)
    return {claim: int(sums) for claim, sums in conn.execute(query)}


def _of_year(year: int) -> ColumnElement[bool]:
    """Condition on payments: made in the year. What was paid back counts only if it was paid in that year too, see `_recovered`."""
    t, paid = table("payment"), table("payment").alias()

    def made(one: FromClause) -> ColumnElement[bool]:
        return func.substr(func.coalesce(one.c.paid_on, one.c.created_at), 1, 4) == str(year)

    of_claim = (paid.c.claim_id == t.c.claim_id) & (paid.c.amount > 0)
    return made(t) & ((t.c.amount > 0) | select(paid.c.id).where(of_claim, made(paid), went_out(paid)).exists())


def overdrawn(conn: Connection, target: Mapping[str, Any]) -> int:
    """What was paid from a fund (fen), if a target record sets its ceiling below that; otherwise 0."""
    fund, area, year, value = (CEILINGS.get(str(target.get("indicator")).strip()), *map(target.get, ("area", "year", "value")))
    gone = spent(conn, str(area), fund, year) if fund is not None and is_county(str(area)) and isinstance(year, int) else 0
    return gone if value is not None and value * 100 < gone else 0


def out_by_rule(conn: Connection, scope: str, year: int) -> dict[tuple[str, str, str], int]:
    """What was paid in a year and not recovered in it, by fund, pack and rule (fen)."""
    claim, payment = table("claim"), table("payment")
    by = (payment.c.fund, claim.c.pack, claim.c.rule)
    query = select(*by, func.sum(payment.c.amount)).join(claim, claim.c.id == payment.c.claim_id).group_by(*by)
    mine = payment.c.village.startswith(county_of(scope)) & ~_recovered(claim.c.id, year)
    found = conn.execute(query.where(mine, _of_year(year), went_out()))
    return {(fund, pack, rule): int(sums) for fund, pack, rule, sums in found}


def posts_paid(conn: Connection, scope: str, fund: str, year: int) -> int:
    """What villages paid for public posts from the post's fund in a year (fen). A month without a payment date counts in its own year."""
    pay, held, post = table("post_pay"), table("appointment"), table("post")
    mine = pay.c.village.startswith(county_of(scope)) & (post.c.fund == fund) & pay.c.deleted_at.is_(None)
    of_year = func.substr(func.coalesce(pay.c.paid_on, pay.c.month), 1, 4) == str(year)
    joined = pay.join(held, held.c.id == pay.c.appointment_id).join(post, post.c.id == held.c.post_id)
    return int(conn.execute(select(func.coalesce(func.sum(pay.c.amount), 0)).select_from(joined).where(mine, of_year)).scalar_one())


def paid_without_payment(conn: Connection, scope: str, year: int) -> dict[tuple[str, str], int]:
    """Amounts of claims marked as paid in a year, and not recovered in it, for which no payment names the fund: fen by pack and rule."""
    claim, step = table("claim"), table("claim_step")
    paid = (step.c.to_state == "paid") & step.c.deleted_at.is_(None) & (func.substr(step.c.at, 1, 4) == str(year))
    mine = claim.c.village.startswith(county_of(scope)) & claim.c.deleted_at.is_(None)
    marked_paid = claim.c.id.in_(select(step.c.claim_id).where(paid))
    query = select(claim.c.pack, claim.c.rule, func.sum(claim.c.amount)).where(mine, marked_paid, unpaid(), ~_recovered(claim.c.id, year))
    return {(pack, rule): int(sums) for pack, rule, sums in conn.execute(query.group_by(claim.c.pack, claim.c.rule))}

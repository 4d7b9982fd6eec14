"""资金额度: for a fund and year, the county's ceiling, the amounts paid and approved, and the balance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from db import funds as kept
from db.mapping import table
from db.session import Session
from domain import funds
from domain.errors import DomainError, Refused
from domain.money import yuan_grouped, yuan_text
from domain.records import Claim, Target
from domain.records.choices import FUNDS
from domain.scopes import county_of
from domain.words import _
from services import policies, records
from services.claims import claims


@dataclass(frozen=True)
class Balance:
    """The figures of a fund (code) in a year, in fen. `ceiling`: None if the county set none; `spent`: paid or in payment; `committed`:
    approved claims not yet paid whose measure names this fund; `posts`: pay of public posts; `recorded`: claims recorded as paid without
    a payment. The last two do not cause a payment to be refused, because they were not paid through this program. `misallocated`: the part
    of `spent` for measures that name another fund; `recovered`: paid and recovered in the year, no part of `spent`."""

    fund: str
    year: int
    ceiling: int | None
    spent: int
    committed: int
    posts: int = 0
    recorded: int = 0
    misallocated: int = 0
    recovered: int = 0

    @property
    def left(self) -> int | None:
        """The balance: neither spent nor committed. Negative if more was approved than is available; None without a ceiling."""
        return None if self.ceiling is None else self.ceiling - self.spent - self.committed - self.posts - self.recorded

    def sentence(self) -> str:
        """All figures in one line."""
        values = {
            "fund": funds.label(self.fund),
            "year": self.year,
            "spent": yuan_grouped(self.spent),
            "waiting": yuan_grouped(self.committed),
        }
        besides_spent = _("（其中 {n} 元按政策应从别的资金列支）").format(n=yuan_grouped(self.misallocated)) if self.misallocated else ""
        besides_spent += _("（当年追回的 {n} 元已减去）").format(n=yuan_grouped(self.recovered)) if self.recovered else ""
        if self.ceiling is None or self.left is None:
            text = _("{fund} {year} 年：没有设额度，已拨 {spent} 元，已批未拨 {waiting} 元").format(**values) + besides_spent
            besides = _("（另有没有拨付记录只记已拨付的 {told} 元）").format(told=yuan_grouped(self.recorded))
            return text + besides if self.recorded else text
        values |= {"ceiling": yuan_grouped(self.ceiling), "left": yuan_grouped(self.left)}
        text = _("{fund} {year} 年：额度 {ceiling} 元，已拨 {spent} 元，已批未拨 {waiting} 元，余额 {left} 元").format(**values)
        text += besides_spent
        if self.spent > self.ceiling:
            text += _("（已拨超过额度 {n} 元，请核对额度）").format(n=yuan_grouped(self.spent - self.ceiling))
        if not self.posts and not self.recorded:
            return text
        besides = _("（另有岗位补贴 {posts} 元、没有拨付记录只记已拨付的 {told} 元，余额里已减去）")
        return text + besides.format(posts=yuan_grouped(self.posts), told=yuan_grouped(self.recorded))

    def to_json(self) -> dict[str, Any]:
        """The figures as output by `funds --json`."""
        left, ceiling = (None if one is None else yuan_text(one) for one in (self.left, self.ceiling))
        sums = {"spent": yuan_text(self.spent), "committed": yuan_text(self.committed), "left": left}
        sums |= {
            "posts": yuan_text(self.posts),
            "told": yuan_text(self.recorded),
            "strange": yuan_text(self.misallocated),
            "recovered": yuan_text(self.recovered),
        }
        return {"fund": self.fund, "label": FUNDS[self.fund], "year": self.year, "ceiling": ceiling, **sums}


def year_of(session: Session) -> int:
    """The year to which a payment made today belongs."""
    return int(session.today[:4])


def balances(session: Session, year: int | None = None, *, county: str | None = None, named: policies.Rules | None = None) -> list[Balance]:
    """The balances of all funds of a county (by default this one) that have a ceiling, payments or commitments. `named`: the rules, which
    name their funds; by default those of the packs at this station. Commitments count only in the current year, because they are still to
    be paid."""
    counted_year, scope = year_of(session) if year is None else year, county or county_of(session.scope)
    conn = session.conn
    waiting = _committed(session, scope) if counted_year == year_of(session) else {}
    without_payment, paid = kept.paid_without_payment(conn, scope, counted_year), kept.out_by_rule(conn, scope, counted_year)
    if named is None:
        named = policies.rules(session) if waiting or without_payment or paid else policies.Rules(())
    committed, recorded = _by_fund(waiting, named), _by_fund(without_payment, named)
    misallocated: Counter[str] = Counter()
    for (fund, pack, rule), amount in paid.items():
        if named.fund(pack, rule) not in (None, fund):
            misallocated[fund] += amount
    found = [
        Balance(
            fund,
            counted_year,
            kept.ceiling(conn, scope, fund, counted_year),
            kept.spent(conn, scope, fund, counted_year),
            committed[fund],
            recorded=recorded[fund],
            misallocated=misallocated[fund],
            recovered=kept.recovered(conn, scope, fund, counted_year),
        )
        for fund in FUNDS
    ]
    return [
        one if one.ceiling is None else replace(one, posts=kept.posts_paid(conn, scope, one.fund, counted_year))
        for one in found
        if one.ceiling is not None or one.spent or one.committed or one.recorded or one.recovered
    ]


def _committed(session: Session, county: str) -> Counter[tuple[str, str]]:
    """The approved claims not yet paid, by pack and rule."""
    c, step = table("claim"), table("claim_step")
    taken = select(step.c.claim_id).where(step.c.to_state == "approved", step.c.deleted_at.is_(None))
    listed = session.select(Claim, c.c.village.startswith(county), c.c.id.in_(taken), kept.owing())
    return _by_rule(session, (each.claim for each in claims.standings(session, listed) if each.state == "approved"))


def _by_rule(session: Session, listed: Iterable[Claim]) -> Counter[tuple[str, str]]:
    """What is still to be paid for claims, by pack and rule."""
    found, sums = list(listed), Counter[tuple[str, str]]()
    gone = kept.gone_out(session.conn, (claim.id for claim in found))
    for claim in found:
        sums[claim.pack, claim.rule] += max(0, claim.amount - gone.get(claim.id, 0))
    return +sums


def _by_fund(sums: Mapping[tuple[str, str], int], rules: policies.Rules) -> Counter[str]:
    """Sums by (pack, rule) added up by the fund of each rule; rules without a fund are left out."""
    found: Counter[str] = Counter()
    for (pack, rule), amount in sums.items():
        if fund := rules.fund(pack, rule):
            found[fund] += amount
    return found


def within(session: Session, fund: str, amount: int) -> None:
    """Raise `DomainError` if paying `amount` (fen) from a fund today would exceed its ceiling; the county server checks again."""
    year = year_of(session)
    ceiling = kept.ceiling(session.conn, session.scope, fund, year)
    if ceiling is None:
        return
    spent = kept.spent(session.conn, session.scope, fund, year)
    if spent + amount > ceiling:
        values = {"ceiling": yuan_grouped(ceiling), "spent": yuan_grouped(spent), "left": yuan_grouped(max(0, ceiling - spent))}
        raise DomainError(_(funds.OVER).format(fund=funds.label(fund), year=year, amount=yuan_grouped(amount), **values))


def short(session: Session, listed: Iterable[Claim]) -> str:
    """A warning about funds whose balance does not cover these claims in addition to those approved before; "" if all do."""
    rules = policies.rules(session)
    wanted = _by_fund(_by_rule(session, listed), rules)
    text = _("{fund}余额 {left} 元，不够这次批的 {amount} 元，批了也拨不出来，请先追加额度。")
    return "".join(
        text.format(fund=funds.label(one.fund), left=yuan_grouped(one.left), amount=yuan_grouped(wanted[one.fund]))
        for one in (balances(session, named=rules) if wanted else ())
        if one.left is not None and wanted[one.fund] > one.left
    )


def set_ceiling(session: Session, fund: str, year: int, yuan: int) -> str:
    """Set or change the county's ceiling of a fund, in whole yuan; returns the id of the target. Earlier values remain in its history.

    Raises `Refused` at other stations, and `DomainError` for less than was paid already (`records.save`).
    """
    if session.role != "county":
        raise Refused(_("资金额度由县里定，本站不能改。"))
    county = county_of(session.scope)
    names = [name for name, code in funds.CEILINGS.items() if code == fund]
    known = session.select(Target, village=county, area=county, year=year, indicator=names)
    for one in known[1:]:
        records.delete(session, "target", one.id)
    values = {"year": year, "area": county, "indicator": funds.indicator(fund), "value": yuan}
    return records.save(session, "target", values, known[0].id if known else None)

"""`funds`: the ceiling of each fund in a year, what was paid and what is left. The county sets the ceilings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.access import opened, saving
from cli.console import table
from cli.program import Answer, Call, Usage
from domain import funds
from domain.money import yuan_text
from domain.records.choices import FUNDS
from domain.words import _, lazy

if TYPE_CHECKING:
    from services.payments.funds import Balance

MAX_YUAN = 10**11
"""Largest ceiling in yuan; more is a typing error."""


def station(call: Call) -> Answer:
    """Show the balances of the store, or set a ceiling."""
    from services.payments import funds as kept

    args = call.args
    if args.ceiling is None:
        with opened(call) as store, store.read() as session:
            return _answer([one for one in kept.balances(session, args.year) if args.fund is None or one.fund == _fund(args.fund)])
    if args.fund is None:
        raise Usage(_("定额度要写明 --fund 和 --ceiling。"))
    fund = _fund(args.fund)
    if not 0 <= args.ceiling <= MAX_YUAN:
        raise Usage(_("额度应为 0 到 {most} 元。").format(most=MAX_YUAN))
    with saving(call, lazy("定资金额度：{fund}", fund=funds.label(fund))) as session:
        year = args.year or kept.year_of(session)
        kept.set_ceiling(session, fund, year, args.ceiling)
        found = [one for one in kept.balances(session, year) if one.fund == fund]
    return _answer(found)


def county(call: Call) -> Answer:
    """Show the balances of every county of the server."""
    from cli.county_access import opened as opened_county
    from services import policies
    from services.payments import funds as kept
    from sync.county.acts.authoring import county_scopes
    from sync.county.keys import county_keys

    with opened_county(call) as database:
        keys = county_keys(database)
        with database.read() as session:
            packs = policies.in_use((), policies.known_at(call.home, bytes(keys.signing.verify_key), session))
            named = policies.Rules(packs)
            scopes = county_scopes(session)
            found = [(scope, one) for scope in scopes for one in kept.balances(session, call.args.year, county=scope, named=named)]
    value = [{"county": scope, **one.to_json()} for scope, one in found]
    return Answer(value, _table([one for _scope, one in found]))


def _answer(found: list[Balance]) -> Answer:
    return Answer([one.to_json() for one in found], _table(found))


def _table(found: list[Balance]) -> str:
    if not found:
        return _("没有设资金额度，也没有拨付。")
    paid = _("已拨"), _("当年追回"), _("应从别的资金列支"), _("岗位补贴"), _("只记已拨付")
    head = (_("资金渠道"), _("年度"), _("额度"), *paid, _("已批未拨"), _("余额"))
    sums = [[one.ceiling, one.spent, one.recovered, one.misallocated, one.posts, one.recorded, one.committed, one.left] for one in found]
    rows = [
        (funds.label(one.fund), str(one.year), *("—" if sum is None else yuan_text(sum) for sum in line))
        for one, line in zip(found, sums, strict=True)
    ]
    return table(head, rows)


def _fund(text: str) -> str:
    if (code := funds.fund_named(text)) is None:
        raise Usage(_("没有「{fund}」这种资金渠道。可写：{funds}").format(fund=text[:40], funds="、".join(FUNDS.values())))
    return code

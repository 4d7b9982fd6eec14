"""Checks imported payments and steps of claims, and fund ceilings, by the same rules as the county's ingest and its own forms."""

from __future__ import annotations

from collections import Counter

from db import funds as kept
from db.among import among
from db.mapping import table
from domain import claims as path
from domain.fields import declaration
from domain.funds import label
from domain.money import yuan_grouped
from domain.records import Claim, ClaimStep, Payment, Target
from domain.words import _
from services import claims
from services.importing.drafting import Context
from services.importing.plan import Action, Draft, Issue, Level, Plan, PlanRow


def judge_money(context: Context, made: Plan) -> None:
    """Refuse payments and steps that the county would not accept, and warn about a ceiling that its fund has already exceeded."""
    drafts = [(row, draft) for row in made.rows() for draft in row.drafts]
    _ceilings(context, [(row, draft) for row, draft in drafts if draft.kind is Target.KIND and "value" in draft.values])
    in_file = {d.id for _row, d in drafts if d.kind is Claim.KIND} | {
        d.values.get("claim_id") for _row, d in drafts if d.kind is ClaimStep.KIND
    }
    paid = [(row, draft) for row, draft in drafts if draft.kind is Payment.KIND and draft.action is Action.NEW]
    _payments(context, [(row, draft) for row, draft in paid if draft.values.get("claim_id") not in in_file])
    _steps(context, [(row, draft) for row, draft in drafts if draft.kind is ClaimStep.KIND and draft.action is Action.NEW])


def _steps(context: Context, taken: list[tuple[PlanRow, Draft]]) -> None:
    """Check who may take the steps of claims that are in the store; claims that the file brings along are not."""
    session, c = context.session, table("claim")
    ids = {str(draft.values["claim_id"]) for row, draft in taken if not row.refused}
    known = {each.claim.id: each for each in claims.standings(session, session.select("claim", among(c.c.id, ids)))} if ids else {}
    for row, draft in taken:
        each, to_state = known.get(str(draft.values.get("claim_id"))), str(draft.values.get("to_state"))
        if each is None or row.refused:
            continue
        why = path.problem(each.claim, each.steps, to_state, session.role, session.author)
        if why in ("level", "duties"):
            row.add(Issue(row.number, "", "", path.sentence(why, each.state, to_state), "step"))


def _ceilings(context: Context, targets: list[tuple[PlanRow, Draft]]) -> None:
    known = context.known.rows("target", [draft.id for _row, draft in targets])
    for row, draft in targets:
        spent = kept.overdrawn(context.session.conn, {**known.get(draft.id, {}), **draft.values})
        if spent:
            message = _("额度少于已拨的 {spent} 元，请核对").format(spent=yuan_grouped(spent))
            column = _(declaration(Target.value).label)
            row.add(Issue(row.number, column, str(draft.values["value"]), message, "ceiling", Level.WARNING))


def _payments(context: Context, paid: list[tuple[PlanRow, Draft]]) -> None:
    """Check payments of claims that are in the store and that the file does not itself change; a file exported from another store brings
    the claims along."""
    session, c, p = context.session, table("claim"), table("payment")
    ids = {str(draft.values["claim_id"]) for row, draft in paid if not row.refused}
    known = {each.claim.id: each for each in claims.standings(session, session.select("claim", among(c.c.id, ids)))} if ids else {}
    under_way = (
        {one.claim_id for one in session.select("payment", among(p.c.claim_id, known)) if one.bank_result != "failed"} if known else set()
    )
    planned: Counter[tuple[str, int]] = Counter()
    for row, draft in paid:
        each = known.get(str(draft.values.get("claim_id")))
        if each is None or row.refused:
            continue
        why = _refusal(context, each, draft, planned, under_way=each.claim.id in under_way)
        if why:
            row.add(Issue(row.number, "", "", why, "payment"))
            continue
        under_way.add(each.claim.id)


def _refusal(context: Context, each: claims.Standing, draft: Draft, planned: Counter[tuple[str, int]], *, under_way: bool) -> str:
    """Why the county would not accept a payment; empty if it would. `planned` sums up the accepted payments of this file by fund and
    year."""
    session, amount, fund = context.session, int(draft.values["amount"]), str(draft.values.get("fund"))
    if session.role != "county":
        return _("拨付由县里办理，本站不能记。")
    if each.state != "approved" or under_way:
        return _("这笔申请不是「待拨付」，或已经在拨付中")
    if amount != each.claim.amount:
        return _("批准的是 {amount} 元").format(amount=yuan_grouped(each.claim.amount))
    year = int(str(draft.values.get("paid_on") or session.today)[:4])
    ceiling = kept.ceiling(session.conn, session.scope, fund, year)
    spent = kept.spent(session.conn, session.scope, fund, year) + planned[fund, year]
    if ceiling is not None and spent + amount > ceiling:
        return _("{fund} {year} 年只剩 {left} 元").format(fund=label(fund), year=year, left=yuan_grouped(max(0, ceiling - spent)))
    planned[fund, year] += amount
    return ""

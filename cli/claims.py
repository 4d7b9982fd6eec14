"""Commands on claims and public notices; and `funds`: the ceiling of each fund in a year, what was paid and what is left. The county sets
the ceilings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.access import kind_named, only, opened, record, saving
from cli.console import table
from cli.program import Answer, Call, Usage, day
from db import wrong_clock
from domain import claims as path
from domain import funds
from domain.fields import Record
from domain.money import yuan_grouped, yuan_text
from domain.records.choices import FUNDS
from domain.words import _, lazy
from services import policies
from services.claims import cautions
from services.claims import steps as claim_steps

if TYPE_CHECKING:
    from services.payments.funds import Balance

_CLAIM = {
    "file": ("rule", "person", "employer", "record", "year"),
    "step": ("to", "opinion"),
    "list": ("state",),
    "refund": ("opinion",),
    "dossier": ("reason",),
}
_NOTICE = {"make": ("level", "start", "days", "claims", "place", "phone"), "close": ("result",)}


def claim(call: Call) -> Answer:
    """`claim file`, `claim step`, `claim list`, `claim refund` or `claim dossier`."""
    only(call.args, "claim", _CLAIM, call.args.action)
    return {"file": _file, "step": _step, "list": _list, "refund": _refund, "dossier": _dossier}[call.args.action](call)


def _file(call: Call) -> Answer:
    from cli.policy import known_rule
    from services.claims import claims

    args = call.args
    if not args.rule or args.year is None or not (args.person or args.employer):
        raise Usage(_("claim file 要写明 --rule、--year 和 --person（或 --employer）。"))
    with saving(call, lazy("提出补助申请")) as session:
        known_rule(policies.used_here(session), args.rule)
        for kind, id in (("person", args.person), ("employer", args.employer)):
            if id:
                record(session, kind_named(kind), id)
        about = {"person_id": args.person, "employer_id": args.employer, "record_id": args.record}
        warning = wrong_clock.warning(session)
        found = claims.standing(session, claims.judge_and_file(session, args.rule, args.year, **about))
    if warning:
        call.console.say(warning)
    text = _("已提出申请：{amount} 元，申请编号 {id}。").format(amount=_yuan(found.claim), id=found.claim.id)
    return Answer(_value(found), text)


def _step(call: Call) -> Answer:
    args = call.args
    if not args.id or not args.to:
        raise Usage(_("claim step 要写明申请编号和 --to 状态。"))
    from services.claims import claims

    if args.to not in path.MOVES:
        raise Usage(_("没有「{state}」这个状态。可写：{states}").format(state=args.to, states=" ".join(path.MOVES)))
    with saving(call, lazy("办理补助申请：{state}", state=path.state_label(args.to))) as session:
        now = claims.standing(session, args.id)
        warnings = [*filter(None, [wrong_clock.warning(session)]), *cautions.before_step(session, now, args.to)]
        if args.to == "paid" and not (args.opinion or "").strip():
            cautions.refuse_unexplained(session, now)
        changed = claim_steps.step_all(session, [args.id], args.to, args.opinion)
        found, role = claims.standing(session, args.id), session.role
    for warning in warnings:
        call.console.say(warning)
    reached = _("已办：{state}，同步后乡镇和村看得到。") if role == "county" else _("已办：{state}，同步后上一级看得到。")
    said = (reached.format(state=path.state_label(found.state)), *changed)
    return Answer({**_value(found), "warnings": warnings}, "\n".join(said))


def _refund(call: Call) -> Answer:
    from services.claims import claims
    from services.payments import refunds

    args = call.args
    if not args.id or not (args.opinion or "").strip():
        raise Usage(_("请写明：claim refund ID --opinion 退款凭证（核定追回的差额全部退回来以后登记）"))
    with saving(call, lazy("登记退款")) as session:
        amount = refunds.record(session, args.id, args.opinion)
        found = claims.standing(session, args.id)
    return Answer(_value(found), _("已登记退款 {amount} 元，这一笔办结").format(amount=yuan_grouped(amount)) + _("。"))


def _list(call: Call) -> Answer:
    from services.claims import claims
    from services.lists.titles import titles

    state = call.args.state
    if state and state not in (path.DRAFT, *path.MOVES):
        raise Usage(_("没有「{state}」这个状态。可写：{states}").format(state=state, states=" ".join(path.MOVES)))
    with opened(call) as store, store.read() as session:
        found = claims.listing(session, state)
        named = titles(session, "claim", (each.claim.id for each in found))
    rows = [(each.claim.id, named[each.claim.id], _yuan(each.claim), path.state_label(each.state)) for each in found]
    text = table((_("编号"), _("申请"), _("金额"), _("状态")), rows) if found else _("没有补助申请。")
    return Answer([_value(each) for each in found], text)


def _dossier(call: Call) -> Answer:
    from cli.seals import signer
    from services.dossier import dossier
    from sync.replica.audit import verify

    args = call.args
    if not args.id or not args.file or Path(args.file).suffix.lower() != ".zip" or not (args.reason or "").strip():
        raise Usage(_("请写明：claim dossier ID FILE.zip --reason 理由（里面是完整号码，会记下来）"))
    file = call.target(args.file)
    with opened(call) as store:
        with store.read() as session:
            checked = verify(session).sentence()
        with store.applying() as session:  # not read-only, because it logs the view
            made = dossier.write(session, args.id, file, home=call.home, reason=args.reason, verified=checked, signer=signer(session))
    return Answer({"file": str(file), "files": made.files, "missing": list(made.missing)}, made.sentence(file))


def notice(call: Call) -> Answer:
    """`notice make` or `notice close`."""
    only(call.args, "notice", _NOTICE, call.args.action)
    return _make(call) if call.args.action == "make" else _close(call)


def _make(call: Call) -> Answer:
    from services.claims import notices

    args = call.args
    if not args.level or not args.start or args.days is None:
        raise Usage(_("notice make 要写明 --level、--start 和 --days。"))
    start = day(args.start)
    if not 1 <= args.days <= notices.MAX_DAYS:
        raise Usage(_("公示天数应为 1 到 {n} 天。").format(n=notices.MAX_DAYS))
    ids = None if args.claims is None else [id.strip() for id in args.claims.split(",") if id.strip()]
    words = {"day_kind": args.day_kind, "place": args.place, "phone": args.phone}
    with saving(call, lazy("公示补助申请")) as session:
        warning = wrong_clock.warning(session)
        left_out = notices.preview(session, args.level, start, args.days, claim_ids=ids, **words).left_out
        made = notices.make(session, args.level, start, args.days, claim_ids=ids, **words)
        sheet = notices.sheet(session, made)
    if warning:
        call.console.say(warning)
    said = _("公示已做好：{n} 笔，公示到 {day}").format(n=len(sheet.lines), day=sheet.last_day) + notices.left_out_words(left_out)
    return Answer(_notice(sheet.notice, sheet.last_day), said + _("。编号 {id}。").format(id=made))


def _close(call: Call) -> Answer:
    from services.claims import notices

    if not call.args.id or not call.args.result:
        raise Usage(_("notice close 要写明公示编号和 --result。"))
    with saving(call, lazy("登记公示结果")) as session:
        found = notices.close(session, call.args.id, call.args.result)
    return Answer(_notice(found, notices.last_day(found)), _("公示结果已登记。"))


def _value(found: Any) -> dict[str, Any]:
    steps = [{"to_state": s.to_state, "by": s.by, "at": s.at, "opinion": s.opinion} for s in found.steps]
    return {**_json(found.claim), "state": found.state, "steps": steps}


def _notice(found: Record, last_day: str) -> dict[str, Any]:
    return {**_json(found), "last_day": last_day}


def _json(found: Record) -> dict[str, Any]:
    values = {f.name: f.to_json(found[f.name]) for f in found.KIND.fields}
    return {"id": found.id, "village": found.village, **values}


def _yuan(claim: Record) -> str:
    return claim.shown("amount")


MAX_YUAN = 10**11
"""Largest ceiling in yuan; more is a typing error."""


def balances(call: Call) -> Answer:
    """Show the balances of the store, or set a ceiling."""
    from services.payments import funds as kept

    args = call.args
    if args.ceiling is None:
        with opened(call) as store, store.read() as session:
            return _balances([one for one in kept.balances(session, args.year) if args.fund is None or one.fund == _fund(args.fund)])
    if args.fund is None:
        raise Usage(_("定额度要写明 --fund 和 --ceiling。"))
    fund = _fund(args.fund)
    if not 0 <= args.ceiling <= MAX_YUAN:
        raise Usage(_("额度应为 0 到 {most} 元。").format(most=MAX_YUAN))
    with saving(call, lazy("定资金额度：{fund}", fund=funds.label(fund))) as session:
        year = args.year or kept.year_of(session)
        kept.set_ceiling(session, fund, year, args.ceiling)
        found = [one for one in kept.balances(session, year) if one.fund == fund]
    return _balances(found)


def county_balances(call: Call) -> Answer:
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
    return Answer(value, _balance_table([one for _scope, one in found]))


def _balances(found: list[Balance]) -> Answer:
    return Answer([one.to_json() for one in found], _balance_table(found))


def _balance_table(found: list[Balance]) -> str:
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

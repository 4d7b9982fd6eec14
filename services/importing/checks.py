"""Checks of the whole plan: references of imported records, payments and ceilings by the county's own rules, and the people who are in the
store but not in a complete roster."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import select

from db import changes, erased
from db import funds as kept
from db.among import among
from db.mapping import table
from db.merged import stands
from db.session import Session
from domain import claims as path
from domain.errors import DomainError, Refused
from domain.fields import KINDS, Field, declaration
from domain.funds import label
from domain.grouping import by_key
from domain.money import yuan_grouped
from domain.quality_rule import order_pairs, order_problems
from domain.records import Claim, ClaimStep, Notice, Payment, Target
from domain.words import _
from services.claims import cautions, claims, steps
from services.importing.doubtful_values import warn_of_values
from services.importing.plan import Absent, Action, Draft, Issue, Level, Plan, PlanRow
from services.importing.rows.drafting import Context

Complain = Callable[[PlanRow, Field, str, str], Issue]
"""Makes the issue for a dangling reference from the row, the field, the id and a message."""


def refuse_dangling(session: Session, rows: Sequence[PlanRow], everything: Iterable[PlanRow], complain: Complain) -> None:
    """Refuse each of `rows` that refers to a record neither in the store nor created by an imported row of `everything`.

    Refusing a row may make references of other rows dangle, so this is repeated until no more rows are refused.
    """
    pool = list(everything)
    waiting = [(row, f, id) for row in rows for draft in row.drafts for f, id in _references(draft)]
    stored = _stored(session, {(str(f.ref), id) for _row, f, id in waiting})
    lost = waiting
    while lost:
        known = stored | _created(pool)
        lost = [(row, f, id) for row, f, id in waiting if row.goes_in and (f.ref, id) not in known]
        for row, f, id in lost:
            if row.goes_in:
                row.add(complain(row, f, id, _("{label}：所指的记录 {id} 不存在或已删除").format(label=_(f.label), id=id)))


def _created(rows: Iterable[PlanRow]) -> set[tuple[str, str]]:
    drafts = (draft for row in rows if row.goes_in for draft in (*row.uses, *row.drafts))
    return {(draft.kind.name, draft.id) for draft in drafts if draft.action is Action.NEW}


def _references(draft: Draft) -> Iterator[tuple[Field, str]]:
    if draft.action is Action.UNCHANGED:
        return
    for f in draft.kind.references():
        value = draft.values.get(f.name)
        if value is not None:
            yield from ((f, id) for id in ((value,) if isinstance(value, str) else value))


def _stored(session: Session, wanted: set[tuple[str, str]]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for kind in {kind for kind, _id in wanted}:
        t = table(kind)
        living = select(t.c.id).where(among(t.c.id, (id for name, id in wanted if name == kind)), t.c.deleted_at.is_(None))
        found.update((kind, id) for id in session.conn.execute(living).scalars())
    return found


def check_records(context: Context, rows: Sequence[PlanRow]) -> None:
    """Check the records that rows create or change, whatever kind of list they come from."""
    written = [(row, draft) for row in rows for draft in row.drafts if draft.action is not Action.UNCHANGED or draft.restore]
    _refuse_erased(context.session, written)
    _warn_of_order(context, written)
    warn_of_values(context, written)


def _refuse_erased(session: Session, written: Sequence[tuple[PlanRow, Draft]]) -> None:
    """Refuse rows that write about a person who was erased by rule, as an old file does."""
    about = [(row, set(changes.about(draft.kind, {**draft.values, "id": draft.id}))) for row, draft in written]
    gone = erased.found(session.conn, (one for _row, ids in about for one in ids))
    for row, ids in about if gone else ():
        if not row.refused and not gone.isdisjoint(ids):
            row.add(Issue(row.number, "", "", erased.sentence(), "erased"))


def _warn_of_order(context: Context, written: Sequence[tuple[PlanRow, Draft]]) -> None:
    """Warn about records that would end before they start, and the like, unless a warning was given when the row was read."""
    paired = {name: {field for pair in order_pairs(kind) for field in pair} for name, kind in KINDS.items()}
    found = [(row, draft) for row, draft in written if not paired[draft.kind.name].isdisjoint(draft.values)]
    changed = by_key((draft.kind.name, draft.id) for _row, draft in found if draft.action is not Action.NEW)
    stored = {name: context.known.rows(name, ids) for name, ids in changed.items()}
    for row, draft in found:
        before = stored.get(draft.kind.name, {}).get(draft.id, {})
        values = {**{name: before.get(name) for name in paired[draft.kind.name]}, **draft.values}
        if any(issue.code == "order" for issue in row.issues):
            continue
        for problem in order_problems(draft.kind, values):
            f = draft.kind.by_name[str(problem.field)]
            row.add(Issue(row.number, _(f.label), f.show(values[f.name]), str(problem), "order", Level.WARNING))


def judge_money(context: Context, made: Plan) -> None:
    """Refuse payments, steps and changes of claims that the county would not accept, and notices about claims that are not at theirs; warn
    about a ceiling that its fund has already exceeded."""
    drafts = by_key((draft.kind, (row, draft)) for row in made.rows() for draft in row.drafts)
    targets, claimed, taken, paid, posted = (drafts.get(kind.KIND, []) for kind in (Target, Claim, ClaimStep, Payment, Notice))
    _ceilings(context, [(row, draft) for row, draft in targets if "value" in draft.values])
    in_file = {draft.id for _row, draft in claimed} | {draft.values.get("claim_id") for _row, draft in taken}
    _payments(context, [one for one in paid if one[1].action is Action.NEW and one[1].values.get("claim_id") not in in_file])
    _steps(context, [one for one in taken if one[1].action is Action.NEW], {draft.values.get("claim_id") for _row, draft in paid})
    _claims(context, [one for one in claimed if one[1].action is Action.CHANGED])
    brought = {
        str(draft.values.get("claim_id", draft.id)) for row, draft in (*claimed, *taken) if draft.action is Action.NEW and row.goes_in
    }
    _notices(context, [one for one in posted if one[1].action is not Action.UNCHANGED and not one[1].restore], brought)


def _notices(context: Context, posted: list[tuple[PlanRow, Draft]], brought: Collection[str]) -> None:
    """Refuse notices about claims in the store that are not at this notice: it would count as held before anybody reviewed them. Claims
    that the file brings, or takes further, are not checked."""
    stored = context.known.rows("notice", [draft.id for _row, draft in posted if "level" not in draft.values])
    named = [(row, draft, [id for id in draft.values.get("claims") or () if id not in brought]) for row, draft in posted]
    there = context.session.select(Claim, id={id for _row, _draft, ids in named for id in ids})
    known = {each.claim.id: each for each in claims.standings(context.session, there)}
    for row, draft, ids in named:
        level = str(draft.values.get("level") or stored[draft.id]["level"]) if ids else ""
        wrong = next((known[id] for id in ids if id in known and known[id].state != path.NOTICES[level]), None)
        if wrong is not None and not row.refused:
            text = _("有一笔申请还是「{state}」，没到「{to}」，请先办到公示")
            message = text.format(state=path.state_label(wrong.state), to=path.state_label(path.NOTICES[level]))
            row.add(Issue(row.number, "", "", message, "notice"))


def _claims(context: Context, changed: list[tuple[PlanRow, Draft]]) -> None:
    """Check whether the claims may still be changed."""
    session, known = context.session, _standings(context, changed)
    for row, draft in changed:
        each = known.get(draft.id)
        word = path.edit_problem(each.state, session.role, draft.values) if each is not None else None
        if each is not None and word is not None:
            row.add(Issue(row.number, "", "", path.sentence(word, each.state), "claim"))


def _standings(context: Context, drafts: list[tuple[PlanRow, Draft]]) -> dict[str, claims.ClaimStatus]:
    """The claims in the store to which drafts refer, or which they are, by id."""
    session, ids = context.session, {str(draft.values.get("claim_id", draft.id)) for row, draft in drafts if not row.refused}
    found = session.select(Claim, id=ids) if ids else ()
    return {each.claim.id: each for each in claims.standings(session, found)} if found else {}


def _steps(context: Context, taken: list[tuple[PlanRow, Draft]], paid: Collection[object]) -> None:
    """Check the steps of claims that are in the store as a form does, in the order they were taken; those of claims that the file brings
    along are history and not checked. Warn of steps in somebody else's name, which the county does not accept, and of what a form would
    warn of. `paid`: the claims whose payment is in the file."""
    session, known = context.session, _standings(context, taken)
    for row, draft in sorted(taken, key=lambda one: str(one[1].values.get("at"))):
        each, to_state = known.get(str(draft.values.get("claim_id"))), str(draft.values.get("to_state"))
        if each is None or row.refused:
            continue
        why = _step_problem(session, each, to_state, draft.values.get("opinion"))
        if why:
            row.add(Issue(row.number, "", "", why, "step"))
            continue
        if draft.values.get("by") != session.author:
            text = _("办理人写的是「{by}」，不是登录的「{user}」：加入县服务器以后，县里不收别人名下的办理")
            message = text.format(by=draft.values.get("by"), user=session.author)
            row.add(Issue(row.number, _(declaration(ClaimStep.by).label), str(draft.values.get("by")), message, "signed", Level.WARNING))
        for caution in cautions.before_step(session, each, to_state, paid=each.claim.id in paid):
            row.add(Issue(row.number, "", "", caution, "caution", Level.WARNING))
        step = ClaimStep(id=draft.id, village=draft.village, **draft.values)
        known[each.claim.id] = replace(each, state=to_state, steps=[*each.steps, step])


def _step_problem(session: Session, each: claims.ClaimStatus, to_state: str, opinion: str | None) -> str:
    """Why a step of a claim in the store may not be taken; "" if it may."""
    if path.was_paid(each.steps) and to_state in path.GRANTED:
        return _("补发、追回差额要改金额，请在「补助」里办")
    try:
        steps.check(session, each, to_state, opinion)
    except (DomainError, Refused) as error:
        return str(error)
    return ""


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
    known = _standings(context, paid)
    made = by_key((one.claim_id, one) for one in context.session.select(Payment, claim_id=known)) if known else {}
    owed = {id: path.outstanding(each.claim, made.get(id, ())) for id, each in known.items()}
    under_way = {id for id, some in made.items() if owed[id] <= 0 or any(one.bank_result is None for one in some)}
    planned: Counter[tuple[str, int]] = Counter()
    for row, draft in paid:
        each = known.get(str(draft.values.get("claim_id")))
        if each is None or row.refused:
            continue
        why = _refusal(context, each, draft, planned, owed=0 if each.claim.id in under_way else owed[each.claim.id])
        if why:
            row.add(Issue(row.number, "", "", why, "payment"))
            continue
        under_way.add(each.claim.id)


def _refusal(context: Context, each: claims.ClaimStatus, draft: Draft, planned: Counter[tuple[str, int]], *, owed: int) -> str:
    """Why the county would not accept a payment; empty if it would. `owed`: what of the claim was not paid yet (fen); `planned`: the sums
    of the accepted payments of this file, by fund and year."""
    session, amount, fund = context.session, int(draft.values["amount"]), str(draft.values.get("fund"))
    if session.role != "county":
        return _("拨付由县里办理，本站不能记。")
    if each.state != "approved" or owed <= 0:
        return _("这笔申请不是「待拨付」，或已经在拨付中")
    if session.author in path.reviewed_by(each.steps) and kept.separated(session.conn, session.scope, int(session.today[:4])):
        return path.sentence("reviewed", each.state)
    if amount != owed:
        return _("批准的是 {amount} 元").format(amount=yuan_grouped(owed))
    year = int(str(draft.values.get("paid_on") or session.today)[:4])
    ceiling = kept.ceiling(session.conn, session.scope, fund, year)
    spent = kept.spent(session.conn, session.scope, fund, year) + planned[fund, year]
    if ceiling is not None and spent + amount > ceiling:
        return _("{fund} {year} 年只剩 {left} 元").format(fund=label(fund), year=year, left=yuan_grouped(max(0, ceiling - spent)))
    planned[fund, year] += amount
    return ""


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

"""A monthly subsidy to a business that trains people on the job, for so many months at most (article 十七)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.periods import first_day, last_day
from domain.policy.case import Case, Kind, Scope, belongs, in_time, known_person
from domain.policy.params import Param, Sort
from domain.policy.standing import membership
from domain.policy.verdict import Outcome
from domain.records import Employer, Employment, Wage, WorkTraining
from domain.values import yuan_text
from domain.words import N_, _

PARAMS: Final = {
    "amount": Param(Sort.YUAN, N_("每人每月培训补贴"), least=1),
    "max_months": Param(Sort.INT, N_("最长月数"), least=1, most=36),
    "min_days": Param(Sort.INT, N_("一个月最少训练天数"), most=31),
    "facts_from": Param(Sort.DAY, N_("从哪天起的事实算数"), optional=True),
}


def find(scope: Scope) -> Iterator[Case]:
    """One case an employer, person and year with training."""
    found = {
        (t.employer_id, t.person_id, int(t.month[:4]))
        for t in scope.facts.all(WorkTraining)
        if t.month and (scope.people is None or any(id in scope.people for id in scope.facts.same(t.person_id)))
    }
    for employer_id, person_id, year in sorted(found):
        if scope.year in (None, year):
            day = min(f"{year}-12-31", max(scope.rule.end, f"{year}-01-01"))
            yield scope.case(year, day, employer_id=employer_id, person_id=person_id)


def judge(case: Case) -> None:
    """The months, who they belong to, and what was enjoyed before."""
    rows = [t for t in _trained(case, case.person_id) if t.employer_id == case.employer_id and int(t.month[:4]) == case.year]
    months = sorted({t.month for t in rows})
    if not in_time(case, first_day(months[0]), last_day(months[-1])):
        return
    months = [m for m in months if last_day(m) >= case.gate and first_day(m) <= case.rule.end]
    months = [m for m in months if _may_belong(case, m)] or months
    if case.facts.get(Employer, case.employer_id) is None:
        case.unmet(Outcome.REVIEW, _("没有这个单位的登记（编号 {id}）").format(id=case.employer_id))
    if known_person(case) is not None:
        low, high = first_day(months[0]), last_day(months[-1])
        span = _("{first} 至 {last}").format(first=months[0], last=months[-1])
        belongs(case, span, lambda m: m.within(low, high), low, high)
    _enjoyed(case)
    amount, most, least = case.param("amount"), case.param("max_months"), case.param("min_days")
    if amount is None or most is None or least is None:
        return
    _recorded(case, [t for t in rows if t.month in months])
    given = _allotted(case, most)
    own = [month for month, employer in given if employer == case.employer_id and month in months]
    _contend(case, rows, own, next((employer for month, employer in given if month in months), None))
    doubtful = [t.month for t in rows if t.month in own and not _enough_days(case, t, least)]
    sure = len(own) - len(set(doubtful))
    case.amount = amount * len(own)
    if not own:
        case.unmet(Outcome.DUPLICATE, _("这些月份已由别的单位在先享受，或合计已满 {most} 个月").format(most=most))
    elif doubtful and sure < most:
        text = _("{months} 训练不足 {least} 天，也没有发工资的记录，算不算一个月请县里定")
        case.unmet(Outcome.REVIEW, text.format(months=_("、").join(doubtful), least=least))
    else:
        text = _("以工代训 {months} 共 {n} 个月（最长 {most} 个月），每月 {amount} 元，合计 {total} 元")
        said = {"months": _("、").join(own), "n": len(own), "most": most, "amount": yuan_text(amount), "total": yuan_text(case.amount)}
        case.met(text.format(**said))


def _trained(case: Case, person_id: str | None) -> list[WorkTraining]:
    facts = case.facts
    return [t for id in facts.same(str(person_id)) for t in facts.of(WorkTraining, "person_id", id) if t.month]


def _may_belong(case: Case, month: str) -> bool:
    """Whether the person may have been in a group of the rule, or one it leaves open, on any day of the month."""
    groups = case.rule.groups + case.rule.review_groups
    return membership(case.facts, str(case.person_id), groups).within(first_day(month), last_day(month)) is not False


def _enjoyed(case: Case) -> None:
    """已享受过政策人员除外: training before the policy, or a payment for another employer."""
    before = [t for t in _trained(case, case.person_id) if last_day(t.month) < case.gate]
    elsewhere = [t for t in before if t.employer_id != case.employer_id]
    if elsewhere:
        text = _("{month} 已在别的单位享受过以工代训，已享受过的人员除外")
        case.unmet(Outcome.NOT_ELIGIBLE, text.format(month=elsewhere[0].month))
    elif before:
        case.unmet(Outcome.REVIEW, _("{month} 已在本单位以工代训，能否继续享受请县里定").format(month=before[0].month))
    same = set(case.facts.same(str(case.person_id)))
    for claim in case.facts.paid(case.rule.id) if case.settled else ():
        if claim.person_id in same and claim.employer_id != case.employer_id:
            case.unmet(Outcome.NOT_ELIGIBLE, _("{year} 年已在别的单位享受过以工代训，已享受过的人员除外").format(year=claim.year))
        elif claim.person_id in same:
            case.unmet(Outcome.REVIEW, _("本单位 {year} 年已享受过，剩余月数请县里定").format(year=claim.year))


def _recorded(case: Case, rows: list[WorkTraining]) -> None:
    bare = sorted({t.month for t in rows if not t.record})
    if bare:
        case.unmet(Outcome.NEED_MORE, _("{months} 没有培训记录，请补充").format(months=_("、").join(bare)))


def _contend(case: Case, rows: list[WorkTraining], own: list[str], first: str | None) -> None:
    """The same person may be on file twice, and be claimed for by two employers: who got the months and who did not share one key."""
    holder = case.employer_id if own else first
    if holder is None:
        return
    early = min(rows, key=lambda t: (t.month, t.created_at or "~", t.id))
    case.key = (case.facts.number(str(case.person_id)), str(case.year), holder)
    submitted = case.facts.submitted(case.rule.id, early, case.person_id, case.year)
    case.order = (early.month, submitted, case.employer_id or "", str(case.person_id))


def _allotted(case: Case, most: int) -> list[tuple[str, str]]:
    """Which employer each month falls to: each month of a person's life once, the earliest first, so many in all."""
    low, high = case.gate, case.rule.end
    rows = [t for t in _trained(case, case.person_id) if last_day(t.month) >= low and first_day(t.month) <= high]
    rows = [t for t in rows if _may_belong(case, t.month)] or rows
    begun = {t.employer_id: min(r.month for r in rows if r.employer_id == t.employer_id) for t in rows}
    order = {t.employer_id: (begun[t.employer_id], t.created_at or "~", t.employer_id) for t in sorted(rows, key=lambda t: t.id)}
    given: list[tuple[str, str]] = []
    for month in sorted({t.month for t in rows}):
        if len(given) < most:
            given.append((month, min((t.employer_id for t in rows if t.month == month), key=lambda id: order[id])))
    return given


def _enough_days(case: Case, training: WorkTraining, least: int) -> bool:
    """Long enough, or wages were paid for the month."""
    if training.days is None or training.days >= least:
        return True
    spells = [e for e in case.facts.of(Employment, "person_id", training.person_id) if e.employer_id == training.employer_id]
    return any(w.month == training.month and (w.amount or 0) > 0 for e in spells for w in case.facts.of(Wage, "employment_id", e.id))


KIND: Final = Kind("work_training", PARAMS, find, judge)

"""A monthly subsidy to a business that trains people on the job, for so many months at most (article 十七)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.claims import months as claimed_months
from domain.periods import first_day, last_day
from domain.policy.case import Case, RuleKind, Scope, Share, belongs, came_of_age, in_time, known_person, unregistered
from domain.policy.params import FACTS_FROM, Param, Sort
from domain.policy.standing import membership
from domain.policy.verdict import Outcome
from domain.records import Claim, Employer, Employment, Person, Wage, WorkTraining
from domain.records.people import WORKING_AGE
from domain.words import N_, _

PARAMS: Final = {
    "amount": Param(Sort.YUAN, N_("每人每月培训补贴"), least=1),
    "max_months": Param(Sort.INT, N_("最长月数"), least=1, most=36),
    "min_days": Param(Sort.INT, N_("一个月最少训练天数"), most=31),
    **FACTS_FROM,
}


def find(scope: Scope) -> Iterator[Case]:
    """One case per employer, person and year with training; all years, since the months of a life are counted."""
    found = {(t.employer_id, t.person_id, int(t.month[:4])) for t in scope.facts.all(WorkTraining) if t.month and scope.meant(t.person_id)}
    for employer_id, person_id, year in sorted(found):
        day = scope.last_day(year)
        yield scope.case(year, day, employer_id=employer_id, person_id=person_id)


def judge(case: Case) -> None:
    """Judge the months, the person's group, and earlier benefits. Which of the months this employer gets is decided afterwards."""
    rows = [t for t in _trained(case, case.person_id) if t.employer_id == case.employer_id and int(t.month[:4]) == case.year]
    months = sorted({t.month for t in rows})
    if not in_time(case, first_day(months[0]), last_day(months[-1])):
        return
    months = [m for m in months if last_day(m) >= case.gate and first_day(m) <= case.rule.end]
    months = [m for m in months if _may_belong(case, m)] or months
    person = known_person(case)
    if person is not None:
        months = _alive(case, person, months)
        _of_age(case, person, months)
    if not months:
        return
    rows = [t for t in rows if t.month in months]
    _month_of_death(case, person, rows)
    if case.facts.get(Employer, case.employer_id) is None:
        unregistered(case)
    if person is not None:
        low, high = first_day(months[0]), last_day(months[-1])
        span = _("{first} 至 {last}").format(first=months[0], last=months[-1])
        belongs(case, span, lambda m: m.within(low, high), low, high)
    amount, most, least = case.param("amount"), case.param("max_months"), case.param("min_days")
    taken = _enjoyed(case, amount)
    if amount is None or most is None or least is None:
        return
    case.share = Share(_asked_for(case, rows, months, least, most), amount, most, frozenset(taken))
    early = min(rows, key=lambda t: (t.month, t.created_at or "~", t.id))
    submitted = case.facts.submitted(case.rule.id, early, case.person_id, case.year, case.employer_id)
    case.key = (case.facts.number(str(case.person_id)),)
    case.order = (early.month, submitted, case.employer_id or "", str(case.person_id))


def _alive(case: Case, person: Person, months: list[str]) -> list[str]:
    """The months that the person lived to see."""
    died = person.died_on
    after = [month for month in months if died and first_day(month) > died]
    if after:
        left = months[: len(months) - len(after)]
        text = _("本人已于 {day} 去世，{months} 不算，请核实培训记录").format(day=died, months=_("、").join(after))
        case.met(text) if left else case.unmet(Outcome.NOT_ELIGIBLE, text)
        return left
    return months


def _month_of_death(case: Case, person: Person | None, rows: list[WorkTraining]) -> None:
    """Check that nobody was trained on more days than they lived in the month of their death."""
    died = person.died_on if person is not None else None
    for t in rows:
        if died and t.month == died[:7] and (t.days or 0) > int(died[8:]):
            text = _("本人已于 {day} 去世，{month} 却记了 {days} 天以工代训，请核实培训记录")
            case.unmet(Outcome.REVIEW, text.format(day=died, month=t.month, days=t.days))


def _of_age(case: Case, person: Person, months: list[str]) -> None:
    """Months before sixteen: the document is silent, labour law (劳动法 第十五条) forbids it, the county looks into it."""
    young = [month for month in months if last_day(month) < came_of_age(case, person)]
    if young:
        text = _("{months} 未满 {age} 周岁，依法不得招用，请核实年龄，能否享受请县里定")
        case.unmet(Outcome.REVIEW, text.format(months=_("、").join(young), age=WORKING_AGE.start))


def _asked_for(case: Case, rows: list[WorkTraining], months: list[str], least: int, most: int) -> tuple[str, ...]:
    """The months claimed. A record of the training is required; too short months are referred to the county, unless there are enough
    others."""
    bare = {t.month for t in rows if not t.record} - {t.month for t in rows if t.record}
    short = {t.month for t in rows if not _enough_days(case, t, least)}
    sure = tuple(month for month in months if month not in bare | short)
    if len(sure) >= most:
        return sure
    if bare:
        case.unmet(Outcome.NEED_MORE, _("{months} 没有培训记录，请补充").format(months=_("、").join(sorted(bare))))
    if short:
        text = _("{months} 训练不足 {least} 天，也没有发工资的记录，算不算一个月请县里定")
        case.unmet(Outcome.REVIEW, text.format(months=_("、").join(sorted(short)), least=least))
    return tuple(months)


def _trained(case: Case, person_id: str | None) -> list[WorkTraining]:
    return [t for t in case.facts.theirs(WorkTraining, person_id) if t.month]


def _may_belong(case: Case, month: str) -> bool:
    """Whether the person may have been, on any day of the month, in a group of the rule or in one that it leaves open."""
    groups = case.rule.groups + case.rule.review_groups
    return membership(case.facts, str(case.person_id), groups).within(first_day(month), last_day(month)) is not False


def _enjoyed(case: Case, each: int | None) -> set[str]:
    """已享受过政策人员除外: exclude people trained before the policy, or paid for it. Returns the months paid to others under this
    policy, which are kept apart from those left (`domain.md` §3.6)."""
    before = [t for t in _trained(case, case.person_id) if last_day(t.month) < case.gate]
    elsewhere = [t for t in before if t.employer_id != case.employer_id]
    if elsewhere:
        text = _("{month} 已在别的单位享受过以工代训，已享受过的人员除外")
        case.unmet(Outcome.NOT_ELIGIBLE, text.format(month=elsewhere[0].month))
    elif before:
        case.unmet(Outcome.REVIEW, _("{month} 已在本单位以工代训，能否继续享受请县里定").format(month=before[0].month))
    same = set(case.facts.same(str(case.person_id)))
    taken: set[str] = set()
    for claim in case.facts.paid(case.rule.id) if case.settled else ():
        if claim.person_id not in same:
            continue
        months = _paid_months(case, claim, each)
        if claim.employer_id == case.employer_id:
            case.unmet(Outcome.REVIEW, _("本单位 {year} 年已享受过，剩余月数请县里定").format(year=claim.year))
        elif not months or claim.year < int(case.gate[:4]):
            case.unmet(Outcome.NOT_ELIGIBLE, _("{year} 年已在别的单位享受过以工代训，已享受过的人员除外").format(year=claim.year))
        else:
            taken |= months
            case.met(_("{months} 已拨付给别的单位，不再计算").format(months=_("、").join(sorted(months))))
    return taken


def _paid_months(case: Case, claim: Claim, each: int | None) -> set[str]:
    """The months for which a claim was paid: those it names, otherwise as many of the employer's as its amount covers; none if that is
    unknown."""
    named = claimed_months(claim)
    if named or not each:
        return set(named)
    trained = _trained(case, case.person_id)
    months = sorted({t.month for t in trained if t.employer_id == claim.employer_id and t.month[:4] == str(claim.year)})
    return set(months[: -(-(claim.amount or 0) // each)])


def _enough_days(case: Case, training: WorkTraining, least: int) -> bool:
    """Whether the month had enough days, or wages were paid for it."""
    if training.days is None or training.days >= least:
        return True
    spells = [e for e in case.facts.of(Employment, "person_id", training.person_id) if e.employer_id == training.employer_id]
    return any(w.month == training.month and (w.amount or 0) > 0 for e in spells for w in case.facts.of(Wage, "employment_id", e.id))


KIND: Final = RuleKind("work_training", PARAMS, find, judge, by_period=True, work="employed")

"""A one-off reward to a base that has taken on enough people for long enough; every figure is the county's (article 四)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from copy import copy
from typing import Final

from domain.grouping import by_key
from domain.money import yuan_text
from domain.periods import Spell, clip, longest, reached_on, shortest
from domain.policy.case import Case, RuleKind, Scope, already_paid, came_of_age, cut_period, died_on, in_time, labels
from domain.policy.params import FACTS_FROM, Param, Sort
from domain.policy.standing import EVER, membership
from domain.policy.verdict import Outcome
from domain.records import Claim, Employer, Employment, Person, Recognition
from domain.words import N_, _

PARAMS: Final = {
    "amount": Param(Sort.YUAN, N_("一次性奖补"), least=1),
    "min_people": Param(Sort.INT, N_("最少吸纳人数"), least=1),
    "min_months": Param(Sort.INT, N_("每人最少就业月数"), most=60),
    **FACTS_FROM,
}
BASE: Final = "base"


def find(scope: Scope) -> Iterator[Case]:
    """One case per base and year."""
    facts = scope.facts
    recognised = {r.employer_id for r in facts.all(Recognition) if r.type == BASE}
    for employer in facts.all(Employer):
        if employer.type != BASE and employer.id not in recognised:
            continue
        years: set[int] = set()
        for e in facts.of(Employment, "employer_id", employer.id):
            if e.start:
                years.update(range(int(e.start[:4]), min(int((e.end or scope.on)[:4]), int(scope.on[:4])) + 1))
        # once in a base's life: the years before the one asked for settle whether it comes first
        asked = years if scope.year is None else {year for year in years if year < scope.year} | {scope.year}
        for year in sorted(asked):
            if scope.people is None:
                yield scope.case(year, scope.last_day(year), employer_id=employer.id)


def judge(case: Case) -> None:
    """Judge the recognition, the county's parameters, and the people."""
    if not in_time(case, *_days(case)):
        return
    high = _window(case).end
    held = _recognised(case, str(case.employer_id))
    if not held:
        case.unmet(Outcome.NOT_ELIGIBLE, _("{year} 年没有有效的就业帮扶基地认定").format(year=case.year))
        return
    case.met(_("基地已认定，{start} 起有效").format(start=held[0].start))
    people, months = case.param("min_people"), case.param("min_months")
    case.amount = case.param("amount") or 0
    if people is None or months is None:
        return
    sure, maybe, elsewhere = _counted(case, months)
    said = {"groups": labels(case.rule.groups), "months": months, "people": people, "n": len(sure), "most": len(sure | maybe)}
    if len(sure) >= people:
        case.met(
            _("就业满 {months} 个月的{groups} {n} 人，不少于 {people} 人，奖补 {amount} 元").format(amount=yuan_text(case.amount), **said)
        )
    elif len(sure | maybe) >= people:
        case.unmet(Outcome.NEED_MORE, _("就业满 {months} 个月的{groups} {n} 到 {most} 人，够不够 {people} 人要看具体日期").format(**said))
    else:
        outcome = Outcome.PENDING if case.on <= high else Outcome.NOT_ELIGIBLE
        text = _("就业满 {months} 个月的{groups} {n} 人，少于 {people} 人").format(**said)
        counted = _("（{start} 认定，从那天起算）").format(start=held[0].start) if held[0].start > _window(case).start else ""
        others = _("；另有 {n} 人先在别的基地满 {months} 个月，计在那里").format(n=elsewhere, months=months) if elsewhere else ""
        if outcome is Outcome.NOT_ELIGIBLE and _enough_joined(case, people, months):
            outcome, case.joined = Outcome.REVIEW, True
            others += _("；和 {day} 以前按老文件的连起来够 {people} 人，要不要连着算请县里定").format(day=case.rule.start, people=people)
        case.unmet(outcome, text + counted + others)
    _stacked(case)
    already_paid(case, employer=True, any_year=True)
    employer = case.facts.get(Employer, case.employer_id)
    submitted = case.facts.submitted(case.rule.id, employer, None, case.year, case.employer_id) if employer is not None else "~"
    case.key, case.order = (case.facts.unit(case.employer_id),), (str(case.year), submitted, str(case.employer_id))


def _enough_joined(case: Case, people: int, months: int) -> bool:
    """Whether there are enough people together with the days before this rule took over from another in the course of the year."""
    first = f"{case.year}-01-01"
    if cut_period(case.rule, case.kin) != first:
        return False
    whole = copy(case)
    whole.params = {**case.params, "facts_from": first}
    sure, maybe, _elsewhere = _counted(whole, months)
    return len(sure | maybe) >= people


def _days(case: Case) -> tuple[str, str]:
    """The first and last day in the year on which anybody was employed at the base; the whole year if nobody was."""
    year = Spell(f"{case.year}-01-01", f"{case.year}-12-31")
    employments = case.facts.of(Employment, "employer_id", case.employer_id)
    spells = [s for e in employments if e.start and (whole := longest(e.start, e.end, case.on)) and (s := clip(whole, *year))]
    return (min(s.start for s in spells), max(s.end for s in spells)) if spells else year


def _window(case: Case) -> Spell:
    return Spell(max(f"{case.year}-01-01", case.gate), min(f"{case.year}-12-31", case.rule.end))


def _recognised(case: Case, employer_id: str) -> list[Spell]:
    known = [r for r in case.facts.of(Recognition, "employer_id", employer_id) if r.type == BASE and r.start]
    return sorted(s for s in (clip(Spell(r.start, r.end or EVER.end), *_window(case)) for r in known) if s)


def _counted(case: Case, months: int) -> tuple[set[str], set[str], int]:
    """People (by number) who certainly count for this base, those who may, and how many count at another. A person counts at one base a
    year: the one where they completed the months first."""
    reached = case.facts.once(f"base {case.rule} {case.gate} {case.year} {months} {case.on}", lambda: _everywhere(case, months))
    sure, maybe, elsewhere = set(), set(), 0
    for number, places in reached.items():
        certain = sorted((day, employer) for employer, (day, is_sure) in places.items() if is_sure)
        if certain and certain[0][1] == case.employer_id:
            sure.add(number)
        elif not certain and case.employer_id in places:
            maybe.add(number)
        elsewhere += bool(certain) and certain[0][1] != case.employer_id and case.employer_id in places
    return sure, maybe, elsewhere


def _everywhere(case: Case, months: int) -> dict[str, dict[str, tuple[str, bool]]]:
    """The day on which the months were complete, and whether that is certain, by person and base."""
    found: dict[str, dict[str, tuple[str, bool]]] = defaultdict(dict)
    facts = case.facts
    spells = by_key(
        ((e.employer_id, facts.number(e.person_id)), e) for e in facts.all(Employment) if e.employer_id and e.start and e.person_id
    )
    for (employer_id, number), worked in spells.items():
        person = facts.get(Person, worked[0].person_id)
        alive = Spell(came_of_age(case, person), died_on(facts, worked[0].person_id) or case.on)
        held = [s for days in _recognised(case, employer_id) if (s := clip(days, *alive))]
        member = membership(facts, worked[0].person_id, case.rule.groups)
        for is_sure, bound, belonged in ((True, shortest, member.certain), (False, longest, member.possible)):
            whole = [s for e in worked if (s := bound(e.start, e.end, case.on))]
            inside = [s for one in whole for days in held if (s := clip(one, *days))]
            # days on which somebody was not in the group do not count (`domain.md` §3.2)
            day = reached_on([s for one in inside for days in belonged if (s := clip(one, *days))], months)
            if day is not None:
                found[number].setdefault(employer_id, (day, is_sure and bool(member.on(day))))
    return found


def _stacked(case: Case) -> None:
    claims = case.facts.of(Claim, "employer_id", case.employer_id)
    if any(claim.rule != case.rule.id and claim.person_id for claim in claims):
        case.unmet(Outcome.REVIEW, _("同一单位还按人头申请了别的奖励，能否同时享受请县里定"))


KIND: Final = RuleKind("base", PARAMS, find, judge, by_period=True, work="employed")

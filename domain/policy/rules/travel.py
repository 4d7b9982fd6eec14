"""A subsidy for those who work in another province: months of work in the year, and the fare up to a cap (article 三)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.divisions import Region
from domain.fuzzy_dates import YEARS
from domain.money import yuan_text
from domain.policy.case import Case, RuleKind, Scope, able, already_paid
from domain.policy.params import Param, Sort
from domain.policy.rules import months
from domain.policy.verdict import Outcome
from domain.records import Employment, Person, Travel
from domain.words import N_, _

PARAMS: Final = {
    **months.PARAMS,
    "cap": Param(Sort.YUAN, N_("每人每年补助上限"), least=1),
    "months": Param(Sort.INT, N_("稳定就业月数"), least=1, most=12),
    "fare": Param(Sort.WORD, N_("补助方式：据实不超过上限，或定额"), ("actual", "flat")),
    "age_max": Param(Sort.INT, N_("年龄上限"), optional=True, least=16, most=120),
}


def find(scope: Scope) -> Iterator[Case]:
    """One case per person and year."""

    def travelled(id: str) -> set[int]:
        return {t.year for t in scope.facts.of(Travel, "person_id", id) if t.year in YEARS}

    for person_id, year in months.years_of_work(scope, travelled):
        day = max(scope.rule.start, min(f"{year}-12-31", scope.rule.end))
        yield scope.case(year, day if f"{year}" == day[:4] else f"{year}-12-31", person_id=person_id)


def judge(case: Case) -> None:
    """Judge the person, the months and the fare."""
    person = months.worker(case, "months")
    if person is None:
        return
    needed = int(case.params["months"])
    work = months.count(case, (Region.OUTSIDE,), needed, person.died_on)
    if months.judge_months(case, person, work, needed, _("跨省就业")):
        _reached(case, person, work.least)
    _asked_for(case, person)


def _asked_for(case: Case, person: Person) -> None:
    """The fare, the documents, and whether it was paid: nobody needs them after a certain no."""
    if case.outcome is not Outcome.NOT_ELIGIBLE:
        _fare(case)
        _documents(case, person)
        already_paid(case, person=True)


def _reached(case: Case, person: Person, reached: months.Reached) -> None:
    able(case, person)
    _age(case, person, str(reached.on))
    early = [spell for spell in reached.spells if spell.start < case.rule.start]
    if early:
        text = _("其中 {day} 以前的天数在文件印发之前，算不算请县里定")
        case.unmet(Outcome.REVIEW, text.format(day=case.rule.start))
    case.key = (case.facts.number(person.id), str(case.year))
    first = min((e for e in case.facts.of(Employment, "person_id", person.id)), key=lambda e: (e.created_at or "~", e.id), default=person)
    case.order = (str(reached.on), case.facts.submitted(case.rule.id, first, person.id, case.year), person.id)


def _age(case: Case, person: Person, day: str) -> None:
    most, birth = case.params.get("age_max"), case.facts.birth(person)
    if most is not None and birth is not None and int(day[:4]) - int(birth[:4]) - (day[5:] < birth[5:]) > most:
        case.unmet(Outcome.NOT_ELIGIBLE, _("{day} 超过 {age} 周岁").format(day=day, age=most))


def _fare(case: Case) -> None:
    """The fare in fen: flat, or what the journeys cost up to the cap. A fare that nobody recorded counts as the cap."""
    cap, how = case.param("cap"), case.param("fare")
    if cap is None or how is None:
        return
    case.amount = cap
    fares = {(t.outward, t.homeward) for t in _travels(case)} - {(None, None)}
    if how == "flat":
        case.met(_("定额补助 {cap} 元").format(cap=yuan_text(cap)))
    elif len(fares) > 1:
        case.unmet(Outcome.REVIEW, _("同一年登记了几次不同的往返交通费，按哪一次算请核定"))
    elif not fares:
        case.met(_("没有登记往返交通费，按上限 {cap} 元补助").format(cap=yuan_text(cap)))
    else:
        _actual(case, cap, *fares.pop())


def _actual(case: Case, cap: int, outward: int | None, homeward: int | None) -> None:
    known = (outward or 0) + (homeward or 0)
    if min(outward or 0, homeward or 0) < 0:
        case.unmet(Outcome.REVIEW, _("交通费是负数，请核实"))
    elif (outward is None or homeward is None) and known < cap:
        text = _("往返交通费只登记了一程 {fare} 元，请补充另一程的金额").format(fare=yuan_text(known))
        if case.outcome is Outcome.PENDING:  # still away: nothing hangs on the journey back yet
            case.met(text)
        else:
            case.unmet(Outcome.NEED_MORE, text)
    else:
        case.amount = min(known, cap)
        if not known:
            case.unmet(Outcome.NOT_ELIGIBLE, _("登记的往返交通费是 0 元，没有可以补的"))
            return
        text = _("往返交通费 {fare} 元，上限 {cap} 元，补助 {amount} 元")
        case.met(text.format(fare=yuan_text(known), cap=yuan_text(cap), amount=yuan_text(case.amount)))


def _travels(case: Case) -> list[Travel]:
    return [t for t in case.facts.theirs(Travel, case.person_id) if t.year == case.year]


def _documents(case: Case, person: Person) -> None:
    spells = case.facts.theirs(Employment, person.id)
    if not any(e.proofs for e in spells):
        case.lacks(_("务工证明材料（合同、工资条、流水、证明之一）"))
    tickets = case.params.get("fare") != "flat"  # of a flat sum no fare is shown
    if tickets and not any(e.proofs and "ticket" in e.proofs for e in spells) and not any(t.promise for t in _travels(case)):
        case.lacks(_("车票或承诺书"))
    if not person.bank_account:
        case.lacks(_("社保卡账号"))


KIND: Final = RuleKind("travel", PARAMS, find, judge, by_period=True, work="away")

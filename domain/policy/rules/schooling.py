"""A subsidy each term for students of vocational schools from households of the target groups (雨露计划, article 三十二)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain import periods
from domain.money import yuan_text
from domain.policy.case import Case, RuleKind, Scope, already_paid, begun, in_time, known_person, labels
from domain.policy.params import Param, Sort
from domain.policy.standing import clash, membership
from domain.policy.verdict import Outcome
from domain.records import Person, Schooling
from domain.words import N_, _

STAGES: Final = {
    "secondary_vocational": N_("中职"),
    "higher_vocational": N_("高职"),
    "technician": N_("技工院校"),
    "high_school": N_("普高"),
    "undergraduate": N_("本科"),
}
PARAMS: Final = {
    "amount": Param(Sort.YUAN, N_("每学期补助"), least=1),
    "stages": Param(Sort.WORDS, N_("哪些学段"), tuple(STAGES)),
}


def find(scope: Scope) -> Iterator[Case]:
    """One case per term of a student."""
    for term in scope.facts.all(Schooling):
        if term.term_start and scope.meant(term.person_id):
            yield scope.case(int(term.term_start[:4]), term.term_start, person_id=term.person_id, record_id=term.id)


def judge(case: Case) -> None:
    """Judge the stage, the state, and the household on the first day of the term."""
    term = case.facts.get(Schooling, case.record_id)
    if term is None or not in_time(case, term.term_start, term.term_start):
        return
    begun(case, term.term_start, _("开学日"))
    person = known_person(case)
    if person is not None:
        if person.died_on and person.died_on < term.term_start:
            case.unmet(Outcome.NOT_ELIGIBLE, _("本人已于 {day} 去世，早于开学日，请核实").format(day=person.died_on))
        _household(case, person, term.term_start)
        if not person.bank_account:
            case.lacks(_("社保卡账号"))
    stages = case.param("stages")
    label = _(STAGES.get(term.stage or "", "")) or _("没有登记")
    if term.stage is None:
        case.unmet(Outcome.NEED_MORE, _("学段没有登记"))
    elif stages is not None and term.stage not in stages:
        case.unmet(Outcome.NOT_ELIGIBLE, _("学段是{stage}，不在补助范围").format(stage=label))
    else:
        case.met(_("学段是{stage}").format(stage=label))
    if term.state == "suspended":
        case.unmet(Outcome.NOT_ELIGIBLE, _("本学期休学，不补助"))
    elif term.state == "dropped":
        case.unmet(Outcome.REVIEW, _("本学期中途退学，补助发不发、发了的要不要追回请县里定"))
    elif term.state is None:
        case.lacks(_("学籍证明"))
    amount = case.param("amount")
    if amount is not None:
        case.amount = amount
        case.met(_("每学期补助 {amount} 元").format(amount=yuan_text(amount)))
    already_paid(case, person=True, record=True, any_year=True)
    case.key = (case.facts.number(term.person_id), _semester(case, term))
    case.order = (term.term_start, case.facts.submitted(case.rule.id, term, term.person_id, case.year), term.id)


def _semester(case: Case, term: Schooling) -> str:
    """The semester in one spelling, so that it is paid once: the named one, or the one that the first day lies in."""
    by_day = f"{term.term_start[:4]}-{'autumn' if term.term_start[5:7] >= '07' else 'spring'}"
    named = periods.term(term.term or "")
    if periods.term_start(named) is None:
        return by_day
    if named != by_day:
        text = _("学期写的是 {term}，开学日 {day} 却不在这个学期，请核实是哪一学期")
        case.unmet(Outcome.REVIEW, text.format(term=term.term, day=term.term_start))
    return named


def _household(case: Case, person: Person, day: str) -> None:
    """Require the student, or anybody in the household, to be in the groups on the day. The policy does not say whether a household
    still counts if only a deceased member did: records are of people, but the promise is to the household."""
    facts, groups = case.facts, labels(case.rule.groups)
    members = facts.of(Person, "household_id", person.household_id)
    gone = {m.id for m in members if m.died_on and m.died_on < day} - {person.id}
    ids = {person.id} | {m.id for m in members} - gone
    clashes = {id: sentence for id in sorted(ids) if (sentence := clash(facts, id, day, day))}
    clear = {membership(facts, id, case.rule.groups).on(day) for id in ids - set(clashes)}
    said = clear | {membership(facts, id, case.rule.groups).on(day) for id in clashes}
    if clashes and True not in clear:
        case.unmet(Outcome.REVIEW, next(iter(clashes.values())))
    if True in said:
        case.met(_("开学日 {day} 本人或同户成员属于{groups}").format(day=day, groups=groups))
    elif None in said:
        case.unmet(Outcome.NEED_MORE, _("开学日 {day} 是不是{groups}户说不准，请补充身份起止日").format(day=day, groups=groups))
    elif any(membership(facts, id, case.rule.groups).on(day) for id in gone):
        text = _("开学日 {day} 户内只有已去世的成员登记为{groups}，这一户当时还是不是请核实认定名单，能否享受请县里定")
        case.unmet(Outcome.REVIEW, text.format(day=day, groups=groups))
    elif not person.household_id:
        text = _("开学日 {day} 本人不属于{groups}，又没有登记在哪一户，看不到同户成员，请补上户")
        case.unmet(Outcome.NOT_ELIGIBLE, text.format(day=day, groups=groups))
    else:
        case.unmet(Outcome.NOT_ELIGIBLE, _("开学日 {day} 本人和同户成员都不属于{groups}").format(day=day, groups=groups))


KIND: Final = RuleKind("schooling", PARAMS, find, judge)

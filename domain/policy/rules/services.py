"""One guidance, three suitable vacancies, one training for everybody who looks for work (article 二十九). Carries no money."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.policy.case import Case, RuleKind, Scope, in_time, known_person, labels
from domain.policy.facts import Facts
from domain.policy.params import Param, Sort
from domain.policy.standing import membership
from domain.policy.verdict import Outcome
from domain.promise import Given, account, counted
from domain.records import Enrolment, JobWish, Person, Service
from domain.words import N_, _

PARAMS: Final = {
    "guidance": Param(Sort.INT, N_("职业指导次数"), most=100, promised=True),
    "jobs": Param(Sort.INT, N_("岗位信息条数"), most=100, promised=True),
    "training": Param(Sort.INT, N_("免费培训次数"), most=100, promised=True),
}


def find(scope: Scope) -> Iterator[Case]:
    """One case per job wish."""
    for wish in scope.facts.all(JobWish):
        if wish.opened_on and scope.wanted(wish.person_id, int(wish.opened_on[:4])):
            yield scope.case(int(wish.opened_on[:4]), wish.opened_on, person_id=wish.person_id, record_id=wish.id)


def judge(case: Case) -> None:
    """Compare the services given with those owed."""
    wish = case.facts.get(JobWish, case.record_id)
    if wish is None or not in_time(case, wish.opened_on, wish.opened_on):
        return
    person = known_person(case)
    needed = [case.param(name) for name in ("guidance", "jobs", "training")]
    if None in needed:
        return
    member = membership(case.facts, wish.person_id, case.rule.groups)
    if person is not None and not member.on(wish.opened_on):
        case.met(_("{day} 不属于{groups}：照常服务，另行统计").format(day=wish.opened_on, groups=labels(case.rule.groups)))
    done = counted(given(case.facts, wish, case.on))
    names = _("职业指导"), _("适合的岗位信息（不同岗位）"), _("免费培训")
    for name, got, owed in zip(names, (done.guidance, done.jobs, done.training), needed, strict=True):
        _tell(case, name, got, owed)
    owes = [n for n, (got, owed) in enumerate(zip((done.guidance, done.jobs, done.training), needed, strict=True)) if got < owed]
    closed = wish.closed_on is not None and wish.closed_on <= case.on
    if owes and closed:
        text = _("{day} 已结束（{reason}），不再欠服务")
        case.unmet(Outcome.NOT_ELIGIBLE, text.format(day=wish.closed_on, reason=wish.close_reason or _("未写原因")))
        case.missing.clear()
    elif owes and person is not None and person.died_on and person.died_on <= case.on:
        case.unmet(Outcome.NOT_ELIGIBLE, _("本人已于 {day} 去世，不再欠服务").format(day=person.died_on))
        case.missing.clear()


def given(facts: Facts, wish: JobWish, on: str) -> list[Given]:
    """The services given for a wish until a day, and which of them count."""
    person = facts.get(Person, wish.person_id)
    birth = facts.birth(person) if person is not None else None
    services = [service for service in facts.of(Service, "person_id", wish.person_id) if service.on and service.on <= on]
    enrolments = facts.of(Enrolment, "person_id", wish.person_id)
    return [one for one in account(wish, services, facts.vacancies, birth, facts.courses, enrolments) if one.service.on <= on]


def _tell(case: Case, name: str, got: int, owed: int) -> None:
    if got >= owed:
        case.met(_("{name} {got} 次，应 {owed} 次").format(name=name, got=got, owed=owed))
    else:
        case.unmet(
            Outcome.PENDING, _("{name} {got} 次，应 {owed} 次，还差 {short} 次").format(name=name, got=got, owed=owed, short=owed - got)
        )
        case.lacks(_("{name} {n} 次").format(name=name, n=owed - got))


KIND: Final = RuleKind("services", PARAMS, find, judge, claimed=False)

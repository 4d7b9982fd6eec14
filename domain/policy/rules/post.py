"""Eligibility for public-welfare posts, and the order of precedence while places last (articles 二十五, 二十六). Carries no money."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.divisions import Region
from domain.grouping import by_key
from domain.identity import age_on
from domain.periods import first_day, last_day
from domain.policy.case import Case, RuleKind, Scope, belongs_on, in_time, known_person, left_post
from domain.policy.params import Param, Sort
from domain.policy.verdict import PRECEDENCE, Outcome
from domain.records import Appointment, Employment, Person, Post, PostCandidate
from domain.scopes import within
from domain.words import N_, _

PARAMS: Final = {
    "age_min": Param(Sort.INT, N_("最低年龄"), least=16, most=100),
    "age_remark": Param(Sort.INT, N_("提示核实的年龄"), optional=True, least=16, most=120),
}
_ELDERLY: Final = 50


def find(scope: Scope) -> Iterator[Case]:
    """One case per candidacy; afterwards one verdict a person. Rivals for the same post are judged too, for the quota."""
    candidates = scope.facts.all(PostCandidate)
    posts = {c.post_id for c in candidates if scope.people is None or c.person_id in scope.people}
    for candidate in candidates:
        if candidate.post_id in posts:
            case = scope.case(int(scope.on[:4]), scope.on, person_id=candidate.person_id)
            case.about = candidate
            yield case


def judge(case: Case) -> None:
    """Judge the person as of the day asked about: group, age, ability, other work, other posts."""
    candidate = _candidate(case)
    applied = candidate.applied_on or case.on
    # applicants under the previous document are still waiting
    if not in_time(case, applied, max(applied, case.on) if case.follows else applied):
        return
    if candidate.result == "refused":  # a refused applicant takes no place from others
        case.unmet(Outcome.NOT_ELIGIBLE, _("这个岗位的评议结果是未选"))
    if case.facts.get(Post, candidate.post_id) is None:
        case.unmet(Outcome.REVIEW, _("报名的岗位没有登记"))
    person = known_person(case)
    if person is None:
        return
    belongs_on(case, case.on, case.on)
    _age(case, person)
    if person.labour in ("lost", "none"):
        case.unmet(Outcome.NOT_ELIGIBLE, _("丧失劳动力或无劳动力，不能胜任岗位"))
    if person.died_on and person.died_on <= case.on:
        case.unmet(Outcome.NOT_ELIGIBLE, _("本人已去世"))
    _other_work(case, person)
    _other_posts(case, person, candidate.post_id)


def _candidate(case: Case) -> PostCandidate:
    assert isinstance(case.about, PostCandidate)
    return case.about


def _age(case: Case, person: Person) -> None:
    least, birth = case.param("age_min"), case.facts.birth(person)
    if least is None or birth is None or birth > case.on:
        return
    age, remark = age_on(birth, case.on), case.params.get("age_remark")
    if age < least:
        case.unmet(Outcome.NOT_ELIGIBLE, _("{day} {age} 周岁，不满 {least} 周岁").format(day=case.on, age=age, least=least))
    elif remark is not None and age >= remark - 1:
        case.met(_("提示：{age} 周岁，聘期内达到或超过 {remark} 周岁，请核实能否胜任").format(age=age, remark=remark))


def _holds(start: str | None, end: str | None, day: str) -> bool | None:
    """Whether a span of fdates contains the day; None if that depends on an unknown date."""
    if (start and first_day(start) > day) or (end and last_day(end) < day):
        return False
    sure = bool(start) and last_day(start or "") <= day and (end is None or first_day(end) >= day)
    return True if sure else None


def _other_work(case: Case, person: Person) -> None:
    """A job away cannot be held together with a post."""
    facts = case.facts
    for e in facts.theirs(Employment, person.id):
        now = _holds(e.start, e.end, case.on)
        region = facts.region(e.place, facts.home(person)) if e.place else None
        if e.channel == "public_post" or now is False or (region is Region.COUNTY and e.channel != "migrant"):
            continue
        if now is None:
            case.unmet(Outcome.NEED_MORE, _("外出务工的起止日不详，{day} 是不是还在外请补充").format(day=case.on))
        elif region is None and e.channel != "migrant":
            case.unmet(Outcome.NEED_MORE, _("务工地没有登记，是不是在外请补充"))
        else:
            text = _("{day} 正在外务工（{start} 起），不能同时在岗")
            case.unmet(Outcome.NOT_ELIGIBLE, text.format(day=case.on, start=e.start))


def _other_posts(case: Case, person: Person, post_id: str) -> None:
    facts = case.facts
    for id in facts.same(person.id):
        for held in facts.of(Appointment, "person_id", id):
            if held.post_id != post_id and _holds(held.start, held.exit_on, case.on):
                case.unmet(Outcome.NOT_ELIGIBLE, _("已在另一个公益性岗位（{start} 起），不能重复").format(start=held.start))
        for e in facts.of(Employment, "person_id", id):
            if e.channel == "public_post" and _holds(e.start, e.end, case.on) and not facts.of(Appointment, "person_id", id):
                case.unmet(Outcome.NOT_ELIGIBLE, _("已在另一个公益性岗位（{start} 起），不能重复").format(start=e.start))


# ---------------------------------------------------------------- places


def settle(cases: list[Case]) -> None:
    """Give the free places of each post to those who may have one, in order; then keep one case a person."""
    by_post = by_key((_candidate(case).post_id, case) for case in cases)
    for post_id in sorted(by_post):
        _fill(post_id, by_post[post_id])
    best: dict[str | None, Case] = {}
    for case in sorted(cases, key=lambda case: _candidate(case).id):
        known = best.get(case.person_id)
        if known is None or _rank(case) > _rank(known):
            best[case.person_id] = case
    cases[:] = list(best.values())


def _rank(case: Case) -> int:
    return len(PRECEDENCE) if case.outcome is Outcome.ELIGIBLE else PRECEDENCE.index(case.outcome)


def _fill(post_id: str, cases: list[Case]) -> None:
    facts, on = cases[0].facts, cases[0].on
    post = facts.get(Post, post_id)
    fit = [case for case in cases if case.outcome is Outcome.ELIGIBLE]
    if post is None:
        return
    if post.quota is None:
        for case in fit:
            case.unmet(Outcome.NEED_MORE, _("岗位数量没有登记"))
        return
    holding = {facts.number(a.person_id) for a in facts.of(Appointment, "post_id", post_id) if _holds(a.start, left_post(facts, a), on)}
    free = post.quota - len(holding)
    waiting = [] if free > 0 else [case for case in cases if case.outcome in (Outcome.NEED_MORE, Outcome.REVIEW)]
    for case in sorted([*fit, *waiting], key=_priority):
        if facts.number(str(case.person_id)) in holding:
            case.met(_("已聘用在这个岗位"))
        elif free > 0:
            free -= 1
            case.met(_("优先次序：{why}；岗位 {quota} 个，已聘 {held} 人").format(why=_why(case), quota=post.quota, held=len(holding)))
        else:
            text = _("岗位 {quota} 个，已聘 {held} 人，按优先次序（{why}）排在后面，列入候补")
            if post.quota <= len(holding):
                text = _("岗位 {quota} 个，已聘 {held} 人，没有空缺，列入候补")
            case.unmet(Outcome.NOT_ELIGIBLE, text.format(quota=post.quota, held=len(holding), why=_why(case)))


def _priority(case: Case) -> tuple[int, bool, str, str]:
    """Weak and half labour first, then households without work, then the disabled and elderly; the post's own village first, then the
    older request."""
    candidate, person = _candidate(case), case.facts.get(Person, case.person_id)
    post = case.facts.get(Post, candidate.post_id)
    away = bool(person and post and person.village and post.village and not within(person.village, post.village))
    return _class(case), away, candidate.applied_on or "~", candidate.id


def _class(case: Case) -> int:
    person = case.facts.get(Person, case.person_id)
    if person is None:
        return 3
    if person.labour == "weak":
        return 0
    if _household_idle(case, person):
        return 1
    birth = case.facts.birth(person)
    elderly = birth is not None and birth <= case.on and age_on(birth, case.on) >= _ELDERLY
    return 2 if elderly or (person.health and "残疾" in person.health) else 3


def _why(case: Case) -> str:
    return (_("弱劳动力或半劳动力"), _("零就业家庭"), _("残疾或大龄"), _("普通劳动力"))[_class(case)]


def _household_idle(case: Case, person: Person) -> bool:
    facts = case.facts
    members = [m.id for m in facts.of(Person, "household_id", person.household_id) if not (m.died_on and m.died_on <= case.on)]
    if len(members) < 2:
        return False
    working = (_holds(e.start, e.end, case.on) is not False for id in members for e in facts.of(Employment, "person_id", id))
    posted = (_holds(a.start, a.exit_on, case.on) for id in members for a in facts.of(Appointment, "person_id", id))
    return not any(working) and not any(posted)


KIND: Final = RuleKind("post", PARAMS, find, judge, settle, claimed=False, undated=True)

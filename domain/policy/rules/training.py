"""Allowance for each day of a course attended, and the appraisal fee once certified; every figure is the county's (article 三十二)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.grouping import by_key
from domain.money import yuan_text
from domain.periods import Spell, day_count
from domain.policy import cautions
from domain.policy.case import Case, RuleKind, Scope, already_paid, begun, belongs_on, in_time, known_person, of_age
from domain.policy.params import PER_MILLE, Param, Sort
from domain.policy.verdict import Outcome
from domain.records import Course, Enrolment, Person
from domain.words import N_, _

PARAMS: Final = {
    "per_day": Param(Sort.YUAN, N_("每天生活费（含交通费）补贴")),
    "min_attendance": Param(Sort.SHARE, N_("最低出勤率")),
    "appraisal": Param(Sort.YUAN, N_("职业技能鉴定补贴")),
    "per_year": Param(Sort.INT, N_("每人每年最多几次"), optional=True, least=1, most=12),
}


def find(scope: Scope) -> Iterator[Case]:
    """One case per enrolment."""
    for enrolment in scope.facts.all(Enrolment):
        course = scope.facts.get(Course, enrolment.course_id)
        day = course.start if course is not None and course.start else scope.on
        if scope.meant(enrolment.person_id):
            yield scope.case(int(day[:4]), day, person_id=enrolment.person_id, record_id=enrolment.id)


def judge(case: Case) -> None:
    """Judge the person on the first day, the days attended, and the certificate."""
    enrolment = case.facts.get(Enrolment, case.record_id)
    course = case.facts.get(Course, enrolment.course_id) if enrolment is not None else None
    if enrolment is None or course is None:
        case.unmet(Outcome.REVIEW, _("参训所属的培训班没有登记"))
        return
    if not (course.start and course.end) or course.end < course.start:
        case.unmet(Outcome.NEED_MORE, _("培训班的起止日没有登记全，或前后颠倒"))
        return
    if not in_time(case, course.start, course.end):
        return
    begun(case, course.start, _("开班日"))
    person = known_person(case)
    if person is not None:
        _person(case, person, course.start, course.end)
        cautions.away_all_days(case, person, Spell(course.start, course.end))
    if enrolment.outcome == "refused":
        case.unmet(Outcome.NOT_ELIGIBLE, _("没有参加培训（拒绝）"))
    _days(case, enrolment, course)
    same = case.facts.same(enrolment.person_id)
    twins = [one for one in case.facts.of(Enrolment, "course_id", enrolment.course_id) if one.person_id in same]
    if len({one.days_present for one in twins}) > 1:
        case.unmet(Outcome.REVIEW, _("同一个班登记了几份出勤天数不同的参训，按哪一份算请核定"))
    already_paid(case, person=True, record=True, any_year=True)
    case.key = (case.facts.number(enrolment.person_id), course.start[:4], course.trade or "", course.level or "")
    if not course.trade:
        case.key = None
    case.order = (course.start, case.facts.submitted(case.rule.id, enrolment, enrolment.person_id, case.year), enrolment.id)


def _person(case: Case, person: Person, start: str, end: str) -> None:
    """Judge who took part in a course from `start` to `end`."""
    belongs_on(case, start, _("开班日 {day}").format(day=start))
    of_age(case, person, start)
    if person.died_on and person.died_on < start:
        case.unmet(Outcome.NOT_ELIGIBLE, _("本人开班前已去世，请核实花名册"))
    elif person.died_on and person.died_on <= end:
        text = _("本人已于 {day} 在培训期间去世，出勤天数和能否由继承人领取请县里定")
        case.unmet(Outcome.REVIEW, text.format(day=person.died_on))
    if not person.bank_account:
        case.lacks(_("社保卡账号"))


def _days(case: Case, enrolment: Enrolment, course: Course) -> None:
    present, total = enrolment.days_present, enrolment.days_total
    per_day = case.param("per_day")
    if present is None:
        case.unmet(Outcome.NEED_MORE, _("出勤天数没有登记"))
        return
    if present < 0 or (total is not None and total <= 0):
        case.unmet(Outcome.REVIEW, _("出勤天数或总天数不对，请核实"))
        return
    if present > day_count(course.start, course.end) or (total is not None and present > total):
        case.unmet(Outcome.REVIEW, _("出勤 {present} 天，超过培训班天数，请核实").format(present=present))
        return
    _attended(case, enrolment, course)
    counted = _inside(case, enrolment, course)
    fee = _appraisal(case, enrolment)
    if per_day is None or counted is None or fee is None:
        return
    case.amount = per_day * counted + fee
    said = {"days": counted, "per_day": yuan_text(per_day), "fee": yuan_text(fee), "amount": yuan_text(case.amount)}
    if case.amount or present:
        case.met(_("出勤 {days} 天 × {per_day} 元，加鉴定补贴 {fee} 元，合计 {amount} 元").format(**said))
    else:
        case.unmet(Outcome.NOT_ELIGIBLE, _("没有出勤"))


def _attended(case: Case, enrolment: Enrolment, course: Course) -> None:
    """Check the share of days attended, unless all were and no required share could be too high."""
    present, total = enrolment.days_present or 0, enrolment.days_total
    if total is not None and total > 0 and present == total:
        case.met(_("出勤 {present} 天，应到 {total} 天").format(present=present, total=total))
        return
    least = case.param("min_attendance")
    if least is None or least == 0:
        return
    if total is None or total <= 0:
        case.unmet(Outcome.NEED_MORE, _("应到天数没有登记，出勤率算不出来"))
        return
    said = {"present": present, "total": total, "share": f"{present * 100 / total:.1f}%", "least": f"{least * 100 / PER_MILLE:g}%"}
    if present * PER_MILLE >= least * total:
        case.met(_("出勤 {present} 天，应到 {total} 天，出勤率 {share}，不低于 {least}").format(**said))
    else:
        running = enrolment.outcome in (None, "enrolled") and case.on <= course.end
        outcome = Outcome.PENDING if running else Outcome.NOT_ELIGIBLE
        case.unmet(outcome, _("出勤 {present} 天，应到 {total} 天，出勤率 {share}，低于 {least}").format(**said))


def _inside(case: Case, enrolment: Enrolment, course: Course) -> int | None:
    """Days present within the policy's time: a course that straddles an end counts only as far as its days can be told apart."""
    present = enrolment.days_present or 0
    first, last = max(course.start, case.gate), min(course.end, case.rule.end)
    inside, whole = day_count(first, last), day_count(course.start, course.end)
    if inside == whole:
        return present
    if present == whole:
        case.met(_("培训跨过政策起止日，只算 {first} 至 {last} 的 {n} 天").format(first=first, last=last, n=inside))
        return inside
    case.unmet(Outcome.NEED_MORE, _("培训跨过政策起止日，{first} 至 {last} 出勤几天请补充").format(first=first, last=last))
    return None


def _appraisal(case: Case, enrolment: Enrolment) -> int | None:
    if not (enrolment.certified_on or enrolment.certificate):
        case.lacks(_("职业资格或技能等级证书"))
        return 0
    fee = case.param("appraisal")
    return None if fee is None else int(fee)


def settle(cases: list[Case]) -> None:
    """Allow a person as many courses a year as the county has set, if it has."""
    rivals = by_key(
        ((case.facts.number(str(case.person_id)), case.year), case)
        for case in cases
        if case.outcome is Outcome.ELIGIBLE and case.params.get("per_year") is not None
    )
    for group in rivals.values():
        for place, case in enumerate(sorted(group, key=lambda case: case.order)):
            if place >= case.params["per_year"]:
                text = _("每人每年最多 {n} 次，今年已有在先的")
                case.unmet(Outcome.NOT_ELIGIBLE, text.format(n=case.params["per_year"]))


KIND: Final = RuleKind("training", PARAMS, find, judge, settle)

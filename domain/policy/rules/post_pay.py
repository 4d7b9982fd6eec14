"""Pay of a public-welfare post for one month: standard by days present, never more than the standard (articles 二十六, 二十八)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.money import yuan_text
from domain.periods import first_day, last_day
from domain.policy.case import Case, RuleKind, Scope, already_paid, begun, first_submitted, in_time, known_person
from domain.policy.params import Param, Sort
from domain.policy.verdict import Outcome
from domain.post_month import PostMonth, against, cautions, unsettled
from domain.records import Agreement, Appointment, Attendance, Employment, Insurance, Person, Post
from domain.words import N_, _

PARAMS: Final = {"required_days": Param(Sort.INT, N_("岗位没有写明时的规定出勤天数"), least=1, most=31)}


def find(scope: Scope) -> Iterator[Case]:
    """One case per attendance."""
    for attendance in scope.facts.all(Attendance):
        appointment = scope.facts.get(Appointment, attendance.appointment_id)
        person_id = appointment.person_id if appointment is not None else None
        month = attendance.month
        if month and scope.wanted(person_id, int(month[:4])):
            yield scope.case(int(month[:4]), last_day(month), person_id=person_id, record_id=attendance.id)


def judge(case: Case) -> None:
    """Judge the month and the days, and compute the pay."""
    attendance = case.facts.get(Attendance, case.record_id)
    if attendance is None or not in_time(case, first_day(attendance.month), last_day(attendance.month)):
        return
    appointment = case.facts.get(Appointment, attendance.appointment_id)
    if appointment is None:
        case.unmet(Outcome.REVIEW, _("考勤所属的聘用没有登记"))
        return
    person = known_person(case)
    begun(case, attendance.month, _("考勤月份"))
    month = _month(case, attendance, appointment, person)
    for reason in against(month):
        if reason.outcome is Outcome.NOT_CONFIGURED:
            case.unset("required_days")
        else:
            case.unmet(reason.outcome, reason.text)
    _pay(case, month)
    for text in cautions(month):
        case.met(_("注意：{month} {what}，请核实").format(month=attendance.month, what=text))
    for what in unsettled(month):
        case.lacks(what)
    if person is not None and not person.bank_account:
        case.lacks(_("社保卡账号"))
    already_paid(case, person=True, record=True, any_year=True)
    case.key = (attendance.appointment_id, attendance.month)
    case.order = first_submitted(case, attendance)


def _month(case: Case, attendance: Attendance, appointment: Appointment, person: Person | None) -> PostMonth:
    facts, id = case.facts, attendance.appointment_id
    post = facts.get(Post, appointment.post_id)
    required = post.required_days if post is not None else None
    held = facts.theirs(Appointment, case.person_id)
    before = [a for a in held if (a.start or "", a.id) < (appointment.start or "", appointment.id)]
    return PostMonth(
        attendance.month,
        appointment,
        attendance,
        post,
        required if required is not None else case.params.get("required_days"),
        person.died_on if person is not None else None,
        facts.birth(person) if person is not None else None,
        facts.of(Agreement, "appointment_id", id),
        facts.of(Insurance, "appointment_id", id),
        [sheet for sheet in facts.of(Attendance, "appointment_id", id) if sheet.month == attendance.month],
        [sheet for a in before for sheet in facts.of(Attendance, "appointment_id", a.id) if sheet.month == attendance.month],
        facts.theirs(Employment, case.person_id),
    )


def _pay(case: Case, month: PostMonth) -> None:
    if month.days is None or month.post is None or month.post.standard is None:
        return
    case.fund = month.post.fund
    if month.amount is None or month.required is None:
        return
    case.amount = month.amount
    if month.days:
        text = _("标准 {standard} 元 ÷ 规定 {required} 天 × 出勤 {days} 天，不超过标准，补贴 {amount} 元")
        figures = {"standard": yuan_text(month.post.standard), "required": month.required, "days": month.days}
        case.met(text.format(amount=yuan_text(case.amount), **figures))


KIND: Final = RuleKind("post_pay", PARAMS, find, judge, on_pay_sheet=True)

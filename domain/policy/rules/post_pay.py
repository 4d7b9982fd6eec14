"""Pay of a public-welfare post for one month: standard by days present, never more than the standard (articles 二十六, 二十八)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.attendance import days_of, pay_of, readable, same_days
from domain.money import yuan_text
from domain.periods import Spell, clip, day_count, first_day, last_day
from domain.policy.case import Case, RuleKind, Scope, already_paid, begun, first_submitted, in_time, known_person, left_post
from domain.policy.params import Param, Sort
from domain.policy.verdict import Outcome
from domain.records import Appointment, Attendance, Post
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
    month = Spell(first_day(attendance.month), last_day(attendance.month))
    begun(case, attendance.month, _("考勤月份"))
    died = person.died_on if person is not None else None
    if died and died < month.start:
        case.unmet(Outcome.NOT_ELIGIBLE, _("本人已于 {day} 去世，之后的月份不发").format(day=died))
    held = clip(month, appointment.start, left_post(case.facts, appointment))
    if held is None and not (died and died < month.start):
        text = _("{month} 不在聘期内（{start} 至 {end}）") if appointment.exit_on else _("{month} 不在聘期内（{start} 起）")
        said = {"month": attendance.month, "start": appointment.start or "", "end": appointment.exit_on}
        case.unmet(Outcome.NOT_ELIGIBLE, text.format(**said))
    days = _days(case, attendance)
    if days is not None:
        _twins(case, attendance, days)
        if held is not None and held != month:
            _fits(case, attendance, held, days)
        _elsewhere(case, appointment, attendance)
        _pay(case, appointment, days, month)
    if person is not None and not person.bank_account:
        case.lacks(_("社保卡账号"))
    already_paid(case, person=True, record=True, any_year=True)
    case.key = (attendance.appointment_id, attendance.month)
    case.order = first_submitted(case, attendance)


def _twins(case: Case, attendance: Attendance, days: int) -> None:
    """Refer to the county two differing attendance sheets for one month: a program cannot say which is right."""
    others = case.facts.of(Attendance, "appointment_id", attendance.appointment_id)
    if any(other.month == attendance.month and days_of(other) != days for other in others):
        case.unmet(Outcome.REVIEW, _("{month} 登记了几份天数不同的考勤，按哪一份算请核定").format(month=attendance.month))


def _fits(case: Case, attendance: Attendance, held: Spell, days: int) -> None:
    """Check that nobody was present on more days than they held the post in the month: they may have begun, left or died within it."""
    marks = attendance.marks
    outside = bool(marks) and any(
        mark in "pP" and not held.start <= f"{attendance.month}-{day:02d}" <= held.end for day, mark in enumerate(marks or "", 1)
    )
    if outside or days > day_count(*held):
        text = _("{month} 在岗只有 {start} 至 {end}，考勤记了 {days} 天，请核实")
        case.unmet(Outcome.REVIEW, text.format(month=attendance.month, start=held.start, end=held.end, days=days))


def _elsewhere(case: Case, appointment: Appointment, attendance: Attendance) -> None:
    """Nobody can be present at two posts on one day: the earlier post is paid, the other is referred to the county (`domain.md` §3.6,
    §3.7)."""
    facts = case.facts
    held = facts.theirs(Appointment, case.person_id)
    earlier = [a for a in held if (a.start or "", a.id) < (appointment.start or "", appointment.id)]
    sheets = [sheet for a in earlier for sheet in facts.of(Attendance, "appointment_id", a.id) if sheet.month == attendance.month]
    if any(same_days(sheet, attendance) for sheet in sheets):
        text = _("{month} 在另一个公益性岗位也记了出勤，同一天不能在两个岗位领补贴，请核定")
        case.unmet(Outcome.REVIEW, text.format(month=attendance.month))


def _days(case: Case, attendance: Attendance) -> int | None:
    """Days present: by the marks if there are any, otherwise the total; None if neither is there, or they are impossible."""
    if attendance.marks and not readable(attendance.marks, attendance.month):
        text = _("{month} 的考勤记录写法不对（每天一个字母，最多 {n} 天）")
        case.unmet(Outcome.REVIEW, text.format(month=attendance.month, n=int(last_day(attendance.month)[8:])))
        return None
    days = days_of(attendance)
    if attendance.marks:
        return days
    if days is None:
        case.unmet(Outcome.NEED_MORE, _("{month} 没有考勤，在岗领补，请补考勤").format(month=attendance.month))
        return None
    if not 0 <= days <= 31:
        case.unmet(Outcome.REVIEW, _("{month} 出勤 {days} 天，天数不对").format(month=attendance.month, days=days))
        return None
    return days


def _pay(case: Case, appointment: Appointment, days: int, month: Spell) -> None:
    post = case.facts.get(Post, appointment.post_id)
    if post is None or post.standard is None:
        case.unmet(Outcome.NEED_MORE, _("岗位的待遇标准没有登记"))
        return
    case.fund = post.fund
    required = post.required_days if post.required_days is not None else case.param("required_days")
    if required is None:
        return
    if post.standard == 0:
        case.unmet(Outcome.NEED_MORE, _("岗位的待遇标准登记为 0.00 元，没有可以发的，请补上标准"))
        return
    if required <= 0 or post.standard < 0:
        case.unmet(Outcome.REVIEW, _("岗位的规定出勤天数或待遇标准不对，请核实"))
        return
    case.amount = pay_of(post.standard, required, days)
    if case.amount > pay_of(post.standard, required, day_count(*month)):
        text = _("{month} 只有 {n} 天，考勤记了 {days} 天，请核实")
        case.unmet(Outcome.REVIEW, text.format(month=month.start[:7], n=day_count(*month), days=days))
    text = _("标准 {standard} 元 ÷ 规定 {required} 天 × 出勤 {days} 天，不超过标准，补贴 {amount} 元")
    said = text.format(standard=yuan_text(post.standard), required=required, days=days, amount=yuan_text(case.amount))
    if days:
        case.met(said)
    else:
        case.unmet(Outcome.NOT_ELIGIBLE, _("本月没有出勤，不出勤不领补贴"))


KIND: Final = RuleKind("post_pay", PARAMS, find, judge, on_pay_sheet=True)

"""Monthly attendance and pay of public-welfare posts (articles 二十六, 二十八; `domain.md` R28-pay, §6.6).

month(session, "2026-10")                               one line per holder
keep(session, "2026-10", {appointment id: "PPPRR…"})    save attendance, one letter per day
pay(session, "2026-10", paid_on)                        record payment of everything due
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Final

from db import changes
from db.among import among
from db.mapping import table
from db.session import Session
from domain import claims as path
from domain.attendance import PRESENT, days_of, pay_of, same_days
from domain.errors import DomainError, FieldError
from domain.grouping import by_key
from domain.periods import Spell, clip, day_count, first_day, last_day
from domain.policy.packs import InForce, in_force, required_days
from domain.records import Appointment, Attendance, Claim, PostPay
from domain.words import _
from services import policies, records
from services.claims import claims
from services.posts import posts
from services.posts.posts import Holder

OPEN: Final = "-"
MOST_DAYS: Final = 31
MARKS: Final = "PSLAR" + OPEN
"""Letters of an attendance record, one per day of the month; `OPEN` means not entered."""


@dataclass(frozen=True)
class Paid:
    """The total paid for a month (fen), including later payments and corrections, and the day of the last payment."""

    amount: int
    paid_on: str | None


@dataclass(frozen=True)
class MonthLine:
    """One holder's month. `amount` (fen) is None where it cannot be computed; `note`: why nothing may be paid, "" when it may."""

    holder: Holder
    marks: str
    """One letter per day of the month."""
    days: int | None
    held: Spell | None
    """The part of the month on the post; None for a holder who died before it."""
    required: int | None
    amount: int | None
    note: str
    paid: Paid | None

    @property
    def id(self) -> str:
        """The appointment's id."""
        return self.holder.appointment.id

    @property
    def on_post(self) -> range:
        """Days of the month on the post."""
        return range(0) if self.held is None else range(int(self.held.start[8:]), int(self.held.end[8:]) + 1)

    @property
    def due(self) -> int:
        """Fen that may be paid and have not been."""
        return self.amount or 0 if self.paid is None and not self.note else 0

    @property
    def differs(self) -> bool:
        """Whether the amount paid differs from the amount by attendance, after a correction or a partial payment."""
        return self.paid is not None and self.amount is not None and self.paid.amount != self.amount


def month(session: Session, month: str) -> list[MonthLine]:
    """A line for every appointment with a day in the month, by post and name."""
    first, last = first_day(month), last_day(month)
    t = table("appointment")
    there = session.select(Appointment, t.c.start <= last, t.c.exit_on.is_(None) | (t.c.exit_on >= first))
    kept = _attended(session, there, month)
    paid = _paid(session, there, month)
    rules = [each for each in in_force(policies.used_here(session)) if each.rule.kind.on_pay_sheet]
    overlapping, claimed = _overlapping(there, kept), _claimed(session, kept, rules)
    lines = []
    for holder in posts.described(session, there, last):
        a, post = holder.appointment, holder.post
        required = post.required_days if post is not None else None
        if required is None:
            required = required_days(rules, a.village, last)
        line = _line(holder, month, kept.get(a.id), required, paid.get(a.id))
        line = replace(line, note=line.note or _("在另一个公益性岗位也记了出勤，请核实")) if a.id in overlapping else line
        lines.append(replace(line, note=line.note or claimed.get(a.id, "")))
    return lines


def _claimed(session: Session, kept: Mapping[str, Attendance], rules: Sequence[InForce]) -> dict[str, str]:
    """Why months are not paid here whose pay was claimed and approved or paid in 补助, by appointment id."""
    t = table("claim")
    sheets = {record.id: id for id, record in kept.items()}
    made = session.select(Claim, among(t.c.record_id, sheets), t.c.rule.in_(sorted({each.rule.id for each in rules})))
    text = _("已在「补助」里申请，现在是「{state}」，不在这里再发")
    standing = [each for each in claims.standings(session, made) if each.state in path.GRANTED]
    return {sheets[str(each.claim.record_id)]: text.format(state=path.state_label(each.state)) for each in standing}


def _overlapping(there: Sequence[Appointment], kept: Mapping[str, Attendance]) -> set[str]:
    """Ids of appointments whose attendance includes a day of an earlier appointment of the person: no day is paid at two posts."""
    by_person = by_key((a.person_id, a) for a in sorted(there, key=lambda a: (a.start, a.id)) if a.id in kept)
    return {
        later.id for held in by_person.values() for earlier, later in combinations(held, 2) if same_days(kept[earlier.id], kept[later.id])
    }


def _attended(session: Session, there: list[Appointment], month: str) -> dict[str, Attendance]:
    t = table("attendance")
    of_month = among(t.c.appointment_id, (a.id for a in there)), t.c.month == month
    return {record.appointment_id: record for record in session.select(Attendance, *of_month)}


def _paid(session: Session, there: list[Appointment], month: str) -> dict[str, Paid]:
    """Payments of a month by appointment id. Corrections are records of their own, so amounts are added up; a sum of zero is not paid."""
    t, found = table("post_pay"), {}
    of_month = among(t.c.appointment_id, (a.id for a in there)), t.c.month == month
    for id, made in by_key((record.appointment_id, record) for record in session.select(PostPay, *of_month)).items():
        if amount := sum(record.amount for record in made):
            found[id] = Paid(amount, max((record.paid_on for record in made if record.paid_on), default=None))
    return found


def _line(holder: Holder, month: str, kept: Attendance | None, required: int | None, paid: Paid | None) -> MonthLine:
    person, a = holder.person, holder.appointment
    died = person.died_on if person is not None else None
    whole = Spell(first_day(month), last_day(month))
    held = clip(whole, a.start, min(filter(None, (a.exit_on, died)), default=None))
    length = day_count(*whole)
    marks = ((kept.marks or "") if kept is not None else "").upper()[:length].ljust(length, OPEN)
    days = days_of(kept) if kept is not None else None
    amount = pay_of(holder.post.standard, required, days) if holder.post is not None and required and days is not None else None
    note = _note(died, whole, held, kept, days, required) or _too_much(holder, whole, days, required)
    return MonthLine(holder, marks, days, held, required, amount, note, paid)


def _note(died: str | None, whole: Spell, held: Spell | None, kept: Attendance | None, days: int | None, required: int | None) -> str:
    """Why a month may not be paid, "" when it may; the same conditions as those of R28-pay while its pack is in force."""
    if held is None:
        return _("本人已于 {day} 去世，之后的月份不发").format(day=died)
    if kept is None or days is None:
        return _("没有考勤，不能发")
    marks = (kept.marks or "").upper()
    if set(marks) - set(MARKS) or len(marks) > day_count(*whole) or not 0 <= days <= MOST_DAYS:
        return _("考勤记录写法不对，请核实")
    outside = any(mark == PRESENT and not int(held.start[8:]) <= day <= int(held.end[8:]) for day, mark in enumerate(marks, 1))
    if held != whole and (outside or days > day_count(*held)):
        return _("在岗只有 {start} 至 {end}，考勤记了 {days} 天，请核实").format(start=held.start, end=held.end, days=days)
    if days == 0:
        return _("没有出勤，不发")
    return "" if required else _("岗位没有写明规定出勤天数")


def _too_much(holder: Holder, whole: Spell, days: int | None, required: int | None) -> str:
    """Why the days or the pay standard are implausible: a standard of zero, or more days than the month has where that raises the pay."""
    if holder.post is None or days is None or not required:
        return ""
    if holder.post.standard == 0:
        return _("岗位的待遇标准登记为 0.00 元，没有可以发的，请补上标准")
    if pay_of(holder.post.standard, required, days) > pay_of(holder.post.standard, required, day_count(*whole)):
        return _("{month} 只有 {n} 天，考勤记了 {days} 天，请核实").format(month=whole.start[:7], n=day_count(*whole), days=days)
    return ""


# -- writing -----------------------------------------------------------------------------------------------------------------


def keep(session: Session, month: str, marks: Mapping[str, str]) -> int:
    """Save the attendance of these appointments, one letter per day, and return their number; a line of `OPEN` letters deletes it."""
    length = day_count(first_day(month), last_day(month))
    known = _attended(session, [session.existing(Appointment, id) for id in marks], month)
    for id, line in marks.items():
        if len(line) != length or set(line) - set(MARKS):
            raise FieldError(_("{month} 的考勤应是每天一个字母，共 {n} 天").format(month=month, n=length), "marks")
        if set(line) == {OPEN}:
            if id in known:
                records.delete(session, "attendance", known[id].id)
            continue
        records.save(session, "attendance", {"appointment_id": id, "month": month, "marks": line, "days": None})
    return len(marks)


def pay(session: Session, month_: str, paid_on: str, ids: Collection[str] | None = None) -> tuple[int, int]:
    """Record payment of everything due for the month, for these appointments or all; returns the number of lines paid and the sum (fen)."""
    due = [line for line in month(session, month_) if line.due and (ids is None or line.id in ids)]
    if not due:
        raise DomainError(_("{month} 没有可发的：考勤没填、已发过，或有要核实的。").format(month=month_))
    if paid_on < first_day(month_):
        raise FieldError(_("发放日期早于这个月"), "paid_on")
    for line in due:
        _record(session, {"appointment_id": line.id, "month": month_, "amount": line.due, "paid_on": paid_on})
    return len(due), sum(line.due for line in due)


def _record(session: Session, values: Mapping[str, Any]) -> None:
    """Record a payment under a derived id, so that laptops recording the same payment create one record.

    The first payment of a month has the natural id. A payment after earlier ones (one that was taken back, say) has an id derived from
    theirs. A deleted payment recorded again with equal values is restored; one with another amount or day is a new record, because a
    recorded payment is never overwritten.
    """
    t = table("post_pay")
    before = session.select(PostPay, t.c.appointment_id == values["appointment_id"], t.c.month == values["month"], deleted=True)
    if not before:
        records.save(session, "post_pay", values)
        return
    village, gone = before[0].village, {record.id: record for record in before if record.deleted_at}
    follows = [record.id for record in before if record.id not in gone]
    id = session.joint_id("post_pay", village, *sorted(follows)) if follows else session.natural_id("post_pay", village, values)
    while id in gone:
        if all(getattr(gone[id], name) == value for name, value in values.items()):
            records.undelete(session, "post_pay", id)
            return
        follows.append(id)
        id = session.joint_id("post_pay", village, *sorted(follows))
    changes.insert(session, "post_pay", [{**values, "id": id, "village": village}])

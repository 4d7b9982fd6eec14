"""Monthly attendance and pay of public-welfare posts (articles 二十六, 二十八; `domain.md` R28-pay, §6.6).

month(session, "2026-10")                               one line per holder
keep(session, "2026-10", {appointment id: "PPPRR…"})    save attendance, one letter per day
pay(session, "2026-10", paid_on)                        record payment of everything due
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any, Final

from db import changes, conflicts
from db.among import among
from db.mapping import table
from db.merged import counted_for, roots
from db.session import Session
from domain import claims as path
from domain import identity
from domain.attendance import PRESENT, days_of
from domain.errors import DomainError, FieldError
from domain.grouping import by_key
from domain.money import yuan_grouped
from domain.periods import Spell, day_count, first_day, last_day
from domain.policy.packs import InForce, in_force, latest, required_days
from domain.post_month import PostMonth, against, cautions
from domain.records import Appointment, Attendance, Claim, Employment, Post, PostPay
from domain.words import _
from services import policies, records
from services.claims import claims
from services.posts import posts
from services.posts.posts import Holder

OPEN: Final = "-"
MARKS: Final = "PSLAR" + OPEN
"""Letters of an attendance record, one per day of the month; `OPEN` means not entered."""


@dataclass(frozen=True)
class Paid:
    """The total paid for a month (fen), including later payments and corrections, the day of the last payment, and when (UTC) the first
    was recorded."""

    amount: int
    paid_on: str | None
    recorded: str = field(default="", compare=False)


@dataclass(frozen=True)
class MonthLine:
    """One holder's month. `amount` (fen) is None where it cannot be computed; `note`: why nothing may be paid, "" when it may;
    `cautions`: what is to be verified first, without barring it."""

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
    cautions: Sequence[str] = ()

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

    @property
    def unfounded(self) -> bool:
        """Whether a month was paid that may not be paid, as one without attendance."""
        return self.paid is not None and bool(self.note)


def month(session: Session, month: str) -> list[MonthLine]:
    """A line for every appointment with a day in the month, by post and name."""
    first, last = first_day(month), last_day(month)
    t = table("appointment")
    there = session.select(Appointment, t.c.start <= last, t.c.exit_on.is_(None) | (t.c.exit_on >= first))
    kept, paid = _attended(session, there, month), _paid(session, there, month)
    rules = [each for each in in_force(policies.used_here(session)) if each.rule.kind.on_pay_sheet]
    spells = _spells(session, there)
    earlier, claimed, differing = _earlier(there, kept), _claimed(session, kept, rules), _differing(session, kept)
    standards = _standards(session, {a.post_id for a in there})
    lines = []
    for holder in posts.described(session, there, last):
        a = holder.appointment
        holder, restated = _as_it_was(holder, month, paid.get(a.id), standards.get(a.post_id, ()))
        post = holder.post
        required = post.required_days if post is not None else None
        if required is None:
            required = required_days(rules, a.village, last)
        line = _line(holder, month, kept.get(a.id), required, paid.get(a.id), earlier.get(a.id, ()), spells[a.id])
        restated = restated if line.due or line.paid else ""
        doubts = [*filter(None, (_outside_policy(rules, a.village, month), differing.get(a.id), restated)), *line.cautions]
        lines.append(replace(line, note=line.note or claimed.get(a.id, ""), cautions=doubts))
    return lines


def _standards(session: Session, ids: Collection[str]) -> dict[str, list[tuple[str, int]]]:
    """For each post when (UTC) its standard was changed, and what it was before, the earliest first."""
    number = Post.KIND.by_name["standard"].number
    steps = changes.steps_of(session, Post.KIND, ids)
    found = by_key((id, (step.at, step.fields[number][0])) for id, made in steps.items() for step in made if number in step.fields)
    return {id: sorted((at, before) for at, before in made if isinstance(before, int)) for id, made in found.items()}


def _as_it_was(holder: Holder, month: str, paid: Paid | None, standards: Sequence[tuple[str, int]]) -> tuple[Holder, str]:
    """The holder with the standard by which a paid month was paid, and a caution where that, or the standard at the end of a month that is
    not paid, is another than the present one: a standard has no date of its own, but the log knows what was on record (decision 032)."""
    post, at = holder.post, paid.recorded if paid is not None else f"{last_day(month)}T16:00:00Z"
    then = next((before for changed, before in standards if changed > at), None) if post is not None else None
    if post is None or then is None or then == post.standard:
        return holder, ""
    said = {"then": yuan_grouped(then), "now": yuan_grouped(post.standard)}
    if paid is not None:
        as_paid = Post(**{**vars(post), "standard": then})
        return replace(holder, post=as_paid), _("发的时候登记的标准是 {then} 元，现在是 {now} 元").format(**said)
    text = _("{month} 登记的标准是 {then} 元，后来改成 {now} 元，这个月按哪个发请先核实")
    return holder, text.format(month=month, **said)


def _differing(session: Session, kept: Mapping[str, Attendance]) -> dict[str, str]:
    """Cautions about attendance that two laptops recorded with different days while the later stands, by appointment id. Which days were
    worked decides the pay, and the merge only informs of them."""
    found, sheets = {}, {record.id: record for record in kept.values()}
    for id, name, taken, other in conflicts.overruled(session, Attendance.KIND, sheets):
        days, others = (value.upper().count(PRESENT) if isinstance(value, str) else value for value in (taken, other))
        if sheets[id].get(name) == taken and name in ("marks", "days") and days != others and others is not None:
            text = _("两台电脑记的出勤不一样，现在按 {days} 天，另一台是 {other} 天")
            found[sheets[id].appointment_id] = text.format(days=days or 0, other=others)
    return found


def _outside_policy(rules: Sequence[InForce], village: str, month: str) -> str:
    """The caution for a month after the document on this pay has ended, or before it began; "" within its time, or without a document."""
    each = latest(rules, village, last_day(month))
    if each is not None and each.rule.end < first_day(month):
        return _("政策执行到 {day}，新文件没有下来").format(day=each.rule.end)
    if each is not None and each.rule.start > last_day(month):
        return _("政策从 {day} 起执行，还管不到这个月").format(day=each.rule.start)
    return ""


def _claimed(session: Session, kept: Mapping[str, Attendance], rules: Sequence[InForce]) -> dict[str, str]:
    """Why months are not paid here whose pay was claimed and approved or paid in 补助, by appointment id."""
    sheets = {record.id: id for id, record in kept.items()}
    made = session.select(Claim, record_id=sheets, rule=sorted({each.rule.id for each in rules}))
    text = _("已在「补助」里申请，现在是「{state}」，不在这里再发")
    standing = [each for each in claims.standings(session, made) if each.state in path.GRANTED]
    return {sheets[str(each.claim.record_id)]: text.format(state=path.state_label(each.state)) for each in standing}


def _earlier(there: Sequence[Appointment], kept: Mapping[str, Attendance]) -> dict[str, list[Attendance]]:
    """The month's attendance of each person's earlier appointments, by appointment id: no day is paid at two posts."""
    found: dict[str, list[Attendance]] = {}
    by_person = by_key((a.person_id, a) for a in sorted(there, key=lambda a: (a.start, a.id)) if a.id in kept)
    for before, later in (pair for held in by_person.values() for pair in combinations(held, 2)):
        found.setdefault(later.id, []).append(kept[before.id])
    return found


def _spells(session: Session, there: Sequence[Appointment]) -> dict[str, Sequence[Employment]]:
    """Each holder's work, also under a record merged with theirs, by appointment id."""
    heads = roots(session, {a.person_id for a in there})
    whose = counted_for(session, set(heads.values()))
    worked = session.select(Employment, person_id=whose)
    found = by_key((whose[spell.person_id], spell) for spell in worked)
    return {a.id: found.get(heads[a.person_id], ()) for a in there}


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
            days, times = [record.paid_on for record in made if record.paid_on], [record.created_at for record in made if record.created_at]
            found[id] = Paid(amount, max(days, default=None), min(times, default=""))
    return found


def _line(
    holder: Holder,
    month: str,
    kept: Attendance | None,
    required: int | None,
    paid: Paid | None,
    earlier: Sequence[Attendance],
    spells: Sequence[Employment],
) -> MonthLine:
    person, birth = holder.person, None
    if person is not None:
        birth = person.birth or identity.birth_of(person.id_number)
    died = person.died_on if person is not None else None
    papers = holder.agreements, holder.insurances
    judged = PostMonth(month, holder.appointment, kept, holder.post, required, died, birth, *papers, earlier=earlier, spells=spells)
    length = day_count(*judged.whole)
    marks = ((kept.marks or "") if kept is not None else "").upper()[:length].ljust(length, OPEN)
    days = days_of(kept) if kept is not None else None
    note = next((reason.text for reason in against(judged)), "")
    return MonthLine(holder, marks, days, judged.held, required, judged.amount, note, paid, list(cautions(judged)))


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
    before = session.select(PostPay, appointment_id=values["appointment_id"], month=values["month"], deleted=True)
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

"""Data checks on public posts: holders, agreements, insurance, attendance, pay (`domain.md` §7)."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from domain import divisions
from domain.attendance import days_of, readable
from domain.grouping import by_key
from domain.insured import uncovered
from domain.money import yuan_text
from domain.periods import Spell, day_count, days_in, last_day
from domain.policy.verdict import Outcome
from domain.post_month import OLDEST_ON_POST, PostMonth, away, outside, too_long, unearned
from domain.quality_people import age
from domain.quality_rule import Found, rule
from domain.records import Agreement, Appointment, Attendance, Post, PostPay
from domain.register import Register, holds
from domain.words import _


@rule("W05", "公益岗人员年满 70 周岁", "按规定办理退岗")
def old_on_post(register: Register, on: str) -> Found:
    """On a public post at 70 or more."""
    for held in register.all(Appointment):
        person = register.people.get(held.person_id)
        years = age(person, on) if person is not None else None
        if years is not None and years >= OLDEST_ON_POST and holds(held.start, held.exit_on, on):
            yield held, _("{name} 已 {years} 岁，仍在公益岗").format(name=register.name(held.person_id), years=years)


@rule("I11", "岗位类型、开发主体或资金渠道填的是其他", "问清楚以后补填；确实是其他的，处置为已核实")
def unnamed_post(register: Register, on: str) -> Found:
    """A post recorded as 其他, as where the list that brought it did not say."""
    for post in register.all(Post):
        other = [name for name in ("type", "developer", "fund") if post[name] == "other"]
        if other:
            labels = _("、").join(_(Post.KIND.by_name[name].label) for name in other)
            yield post, _("{name}：{labels}填的是「其他」").format(name=post.name, labels=labels)


@rule("W23", "在岗没有协议或协议已过期", "签订协议并登记")
def without_agreement(register: Register, on: str) -> Found:
    """A post holder without an agreement that covers the day."""
    for held in register.all(Appointment):
        if holds(held.start, held.exit_on, on) and not any(holds(a.start, a.end, on) for a in register.agreements.get(held.id, ())):
            yield held, _("{name} 在岗，没有有效协议").format(name=register.name(held.person_id))


@rule("W24", "协议超过一年", "协议期限不超过一年，请重签")
def long_agreement(register: Register, on: str) -> Found:
    """A term of more than twelve months (article 二十八)."""
    for agreement in register.all(Agreement):
        if too_long(agreement):
            yield agreement, _("{name} 的协议超过一年").format(name=_holder(register, agreement.appointment_id))


@rule("W25", "意外险没有覆盖协议期", "补办意外险")
def uninsured_days(register: Register, on: str) -> Found:
    """An agreement with days that no insurance covers (article 二十八)."""
    for agreement in register.all(Agreement):
        term = Spell(agreement.start, agreement.end)
        if agreement.start <= agreement.end and uncovered(term, register.insurances.get(agreement.appointment_id, ()))[0]:
            yield agreement, _("{name} 的协议期没有被意外险完全覆盖").format(name=_holder(register, agreement.appointment_id))


def _holder(register: Register, appointment_id: str) -> str:
    held = register.appointments.get(appointment_id)
    return register.name(held.person_id) if held is not None else ""


@rule("W26", "一人同时在两个公益岗", "只保留一个岗位")
def two_posts(register: Register, on: str) -> Found:
    """Appointments of one person that overlap."""
    for person_id, held in register.holders.items():
        in_order = sorted(held, key=lambda appointment: (appointment.start, appointment.id))
        for before, appointment in pairwise(in_order):
            if before.exit_on is None or appointment.start < before.exit_on:
                yield appointment, _("{name} 同时在两个公益岗").format(name=register.name(person_id))


@rule("W27", "在岗人数超过岗位数量", "核对岗位数量，或办理退岗")
def over_quota(register: Register, on: str) -> Found:
    """More holders than the quota."""
    holders = Counter(held.post_id for held in register.all(Appointment) if holds(held.start, held.exit_on, on))
    for post in register.all(Post):
        if holders[post.id] > post.quota:
            yield post, _("{name}：在岗 {holders} 人，岗位数量 {quota}").format(name=post.name, holders=holders[post.id], quota=post.quota)


@rule("W28", "考勤的天数或记录不对", "核对考勤")
def too_many_days(register: Register, on: str) -> Found:
    """More days present than the month has, fewer than none, marks that cannot be read, or days present when not on the post."""
    for sheet in register.all(Attendance):
        days, most = max(sheet.days or 0, days_of(sheet) or 0), days_in(sheet.month)
        said = {"name": _holder(register, sheet.appointment_id), "month": sheet.month}
        if days > most or (sheet.days or 0) < 0:
            yield sheet, _("{name}：{month} 出勤 {days} 天").format(days=days if days > most else sheet.days, **said)
        elif sheet.marks and not readable(sheet.marks, sheet.month):
            yield sheet, _("{name}：{month} 的考勤记录写法不对（每天一个字母，最多 {n} 天）").format(n=most, **said)
        elif days_of(sheet) and (held := register.appointments.get(sheet.appointment_id)) is not None:
            there = _post_month(register, held, sheet.month).held
            if there is None:
                yield sheet, _("{name}：{month} 不在岗，考勤记了 {days} 天").format(days=days_of(sheet), **said)
            elif outside(sheet, there):
                text = _("{name}：{month} 在岗只有 {start} 至 {end}，考勤记了 {days} 天，有不在岗的日子")
                yield sheet, text.format(start=there.start, end=there.end, days=days_of(sheet), **said)


@rule("W38", "岗位补贴多发或不该发", "核实考勤和退岗日期，没有考勤的先补考勤；多发的用负数冲减")
def pay_not_due(register: Register, on: str) -> Found:
    """Pay for a month without a day on the post or without attendance, or above what the standard and the days there amount to (articles
    二十六, 二十七)."""
    months = by_key(((pay.appointment_id, pay.month), pay) for pay in register.all(PostPay))
    for (id, month), pays in months.items():
        held, total = register.appointments.get(id), sum(pay.amount for pay in pays)
        if held is None or total <= 0:
            continue
        said = {"name": _holder(register, id), "month": month, "amount": yuan_text(total)}
        last = max(pays, key=lambda pay: (pay.amount > 0, pay.id))
        judged = _post_month(register, held, month)
        if judged.held is None:
            yield last, _("{name}：{month} 不在岗，发了补贴 {amount} 元").format(**said)
        elif any(reason.outcome is Outcome.NEED_MORE for reason in unearned(judged)):
            yield last, _("{name}：{month} 没有考勤，发了补贴 {amount} 元").format(**said)
        elif (due := _most_due(judged)) is not None and total > due:
            text = _("{name}：{month} 发了补贴 {amount} 元，按登记的标准和出勤是 {due} 元")
            yield last, text.format(due=yuan_text(due), **said)


def _post_month(register: Register, held: Appointment, month: str) -> PostMonth:
    """The facts of a month on a post; of several attendance sheets the one with most days."""
    person, post = register.people.get(held.person_id), register.posts.get(held.post_id)
    sheets = [sheet for sheet in register.by(Attendance, "appointment_id").get(held.id, ()) if sheet.month == month]
    required = post.required_days if post is not None else None
    return PostMonth(
        month,
        held,
        max(sheets, key=lambda sheet: days_of(sheet) or 0, default=None),
        post,
        required if required is not None else register.required_days(held.village, last_day(month)),
        person.died_on if person is not None else None,
    )


def _most_due(month: PostMonth) -> int | None:
    """The most that is due for a month, with no more days than were held; None if the post does not say."""
    days = days_of(month.attendance) if month.attendance is not None else None
    if month.post is None or month.held is None or days is None:
        return None
    due = month.pay(min(days, day_count(*month.held)))
    return month.post.standard if due is None else due


@rule("W44", "在公益岗期间又在县外务工", "核实哪一样是真的：更正务工起止，或办理退岗、追回补贴")
def away_on_post(register: Register, on: str) -> Found:
    """Work outside the county on days that certainly lie within an appointment, also where both have ended; a single day is left
    for the journey."""
    for held in register.all(Appointment):
        person = register.people.get(held.person_id)
        left = min(filter(None, (held.exit_on, person.died_on if person is not None else None, on)))
        for spell, both in away(register.spells.get(held.person_id, ()), held.start, left, on):
            text = _("{name}：{start} 至 {end} 在公益岗，又登记在{place}务工")
            place = divisions.full_name(spell.place) or spell.place
            yield held, text.format(name=register.name(held.person_id), start=both.start, end=both.end, place=place)

"""The judgement of one month on a public post: its pay, why nothing may be paid, and what is to be verified (articles 二十六, 二十八).

Rule R28-pay, the pay sheet with its papers, and the data check on pay use the same functions, so that they agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from domain import divisions
from domain.attendance import PRESENT, days_of, pay_of, readable, same_days
from domain.divisions import Region
from domain.identity import age_on
from domain.insured import uncovered
from domain.periods import Spell, clip, day_count, exceeds, first_day, last_day, shortest
from domain.policy.verdict import Outcome
from domain.records import Agreement, Appointment, Attendance, Course, Employment, Insurance, Post
from domain.words import _

OLDEST_ON_POST: Final = 70
MOST_DAYS: Final = 31
TERM_MONTHS: Final = 12
"""The longest term of an agreement (article 二十八)."""


class Against(NamedTuple):
    """One reason why a month may not be paid, with the outcome of the verdict."""

    outcome: Outcome
    text: str


@dataclass(frozen=True)
class PostMonth:
    """The facts of a month. `required`: the days of attendance required, by the post or else by the policy; `twins`: other attendance
    sheets of the same appointment and month; `earlier`: the month's sheets of the person's earlier appointments; `spells`: the person's
    work."""

    month: str
    appointment: Appointment
    attendance: Attendance | None
    post: Post | None
    required: int | None
    died: str | None = None
    birth: str | None = None
    agreements: Sequence[Agreement] = ()
    insurances: Sequence[Insurance] = ()
    twins: Sequence[Attendance] = ()
    earlier: Sequence[Attendance] = ()
    spells: Sequence[Employment] = ()

    @property
    def whole(self) -> Spell:
        """The month's first and last day."""
        return Spell(first_day(self.month), last_day(self.month))

    @cached_property
    def held(self) -> Spell | None:
        """The part of the month on the post, until death at the latest; None if there is none."""
        return clip(self.whole, self.appointment.start, min(filter(None, (self.appointment.exit_on, self.died)), default=None))

    @cached_property
    def days(self) -> int | None:
        """Days present; None without attendance, or if the record is unreadable or impossible."""
        kept = self.attendance
        days = days_of(kept) if kept is not None else None
        if kept is None or days is None or not 0 <= days <= MOST_DAYS or not readable(kept.marks or "", self.month):
            return None
        return days

    def pay(self, days: int | None) -> int | None:
        """The pay (fen) for a number of days; None if it cannot be computed."""
        standard = self.post.standard if self.post is not None else None
        if days is None or not standard or standard < 0 or not self.required or self.required < 0:
            return None
        return pay_of(standard, self.required, days)

    @property
    def amount(self) -> int | None:
        """The pay (fen) by the attendance; None if it cannot be computed."""
        return self.pay(self.days)


def unearned(month: PostMonth) -> Iterator[Against]:
    """Why nothing was earned in the month: no day on the post, no attendance, or no day present."""
    m = month
    if m.died and m.died < m.whole.start:
        yield Against(Outcome.NOT_ELIGIBLE, _("本人已于 {day} 去世，之后的月份不发").format(day=m.died))
    elif m.held is None:
        text = _("{month} 不在聘期内（{start} 至 {end}）") if m.appointment.exit_on else _("{month} 不在聘期内（{start} 起）")
        said = {"month": m.month, "start": m.appointment.start or "", "end": m.appointment.exit_on}
        yield Against(Outcome.NOT_ELIGIBLE, text.format(**said))
    if m.attendance is None or days_of(m.attendance) is None:
        yield Against(Outcome.NEED_MORE, _("{month} 没有考勤，在岗领补，请补考勤").format(month=m.month))
    elif m.days == 0:
        yield Against(Outcome.NOT_ELIGIBLE, _("本月没有出勤，不出勤不领补贴"))


def against(month: PostMonth) -> Iterator[Against]:
    """Every reason why the month may not be paid, those of `unearned` first; none if it may be."""
    yield from unearned(month)
    if month.attendance is None or days_of(month.attendance) is None:
        return
    if month.days is None:
        yield Against(Outcome.REVIEW, _wrong(month, month.attendance))
        return
    yield from _unsure(month, month.attendance, month.days)
    yield from _incomplete(month, month.days)


def _wrong(month: PostMonth, attendance: Attendance) -> str:
    if attendance.marks and not readable(attendance.marks, month.month):
        text = _("{month} 的考勤记录写法不对（每天一个字母，最多 {n} 天）")
        return text.format(month=month.month, n=day_count(*month.whole))
    return _("{month} 出勤 {days} 天，天数不对").format(month=month.month, days=attendance.days)


def _unsure(month: PostMonth, attendance: Attendance, days: int) -> Iterator[Against]:
    """Days present that cannot be: a program cannot say which of two sheets is right, and nobody is present before beginning, after leaving
    or death, or at two posts on one day (the earlier post is paid; `domain.md` §3.6, §3.7)."""
    if any(days_of(other) != days for other in month.twins):
        yield Against(Outcome.REVIEW, _("{month} 登记了几份天数不同的考勤，按哪一份算请核定").format(month=month.month))
    if month.held is not None and outside(attendance, month.held):
        text = _("{month} 在岗只有 {start} 至 {end}，考勤记了 {days} 天，请核实")
        yield Against(Outcome.REVIEW, text.format(month=month.month, start=month.held.start, end=month.held.end, days=days))
    if any(same_days(sheet, attendance) for sheet in month.earlier):
        text = _("{month} 在另一个公益性岗位也记了出勤，同一天不能在两个岗位领补贴，请核定")
        yield Against(Outcome.REVIEW, text.format(month=month.month))


def outside(attendance: Attendance, held: Spell) -> bool:
    """Whether attendance counts days not on the post, in a month held only in part."""
    if held == Spell(first_day(attendance.month), last_day(attendance.month)):
        return False
    there = range(int(held.start[8:]), int(held.end[8:]) + 1)
    marked = any(mark == PRESENT and day not in there for day, mark in enumerate((attendance.marks or "").upper(), 1))
    return marked or (days_of(attendance) or 0) > len(there)


def _incomplete(month: PostMonth, days: int) -> Iterator[Against]:
    """What the post does not say or says wrongly, and more days than the month has where that raises the pay."""
    standard = month.post.standard if month.post is not None else None
    if standard is None:
        yield Against(Outcome.NEED_MORE, _("岗位的待遇标准没有登记"))
    elif month.required is None:
        yield Against(Outcome.NOT_CONFIGURED, _("岗位没有写明规定出勤天数"))
    elif standard == 0:
        yield Against(Outcome.NEED_MORE, _("岗位的待遇标准登记为 0.00 元，没有可以发的，请补上标准"))
    elif month.required <= 0 or standard < 0:
        yield Against(Outcome.REVIEW, _("岗位的规定出勤天数或待遇标准不对，请核实"))
    elif pay_of(standard, month.required, days) > pay_of(standard, month.required, day_count(*month.whole)):
        text = _("{month} 只有 {n} 天，考勤记了 {days} 天，请核实")
        yield Against(Outcome.REVIEW, text.format(month=month.month, n=day_count(*month.whole), days=days))


def cautions(month: PostMonth) -> Iterator[str]:
    """What is to be verified before the month is paid, without barring it: who draws the pay of the dead, work away from the post, days
    without agreement or insurance, too long an agreement, age, and a month with fewer days than are required, so that nobody can get the
    full pay."""
    held = month.held
    if held is None:
        return
    if month.died:
        yield _("本人已于 {day} 去世，由谁领取要先定").format(day=month.died)
    for spell, both in away(month.spells, *held, month.whole.end):
        text = _("{start} 至 {end} 又登记在{place}务工")
        yield text.format(start=both.start, end=both.end, place=divisions.full_name(spell.place) or spell.place)
    size = day_count(*month.whole)
    if month.required and month.days == size < month.required:
        text = _("全月出勤，但只有 {n} 天，少于规定的 {required} 天；县里按全月发的，请改岗位的规定天数")
        yield text.format(n=size, required=month.required)
    bare, first = uncovered(held, month.agreements)
    if bare == day_count(*held):
        yield _("没有有效协议")
    elif bare:
        yield _("从 {day} 起 {n} 天没有协议").format(day=first, n=bare)
    for paper in month.agreements:
        if too_long(paper) and clip(held, paper.start, paper.end):
            yield _("协议超过一年（{start} 至 {end}）").format(start=paper.start, end=paper.end)
    bare, first = uncovered(held, month.insurances)
    if bare == day_count(*held):
        yield _("没有意外险")
    elif bare:
        yield _("从 {day} 起 {n} 天没有意外险").format(day=first, n=bare)
    if month.birth and month.birth <= held.end and age_on(month.birth, held.end) >= OLDEST_ON_POST:
        yield _("满 {n} 周岁").format(n=OLDEST_ON_POST)


def unsettled(month: PostMonth) -> Iterator[str]:
    """What an application for the month's pay still lacks: somebody's word on the dead, and on work away from the post."""
    if month.died:
        yield _("由谁领取的核定")
    if month.held and any(away(month.spells, *month.held, month.whole.end)):
        yield _("公益岗和务工时间重叠的核实")


def away(spells: Iterable[Employment], start: str, end: str | None, on: str) -> Iterator[tuple[Employment, Spell]]:
    """Work outside the county on days that certainly lie within a time on a post, until `on` at the latest; a single day is left for the
    journey."""
    for spell in spells:
        if not spell.start or not spell.place or spell.channel == "public_post":
            continue
        worked = shortest(spell.start, spell.end, on)
        both = clip(worked, start, end) if worked is not None else None
        if both is not None and both.start < both.end and divisions.region(spell.place, spell.village) is not Region.COUNTY:
            yield spell, both


def away_from_class(course: Course, spells: Iterable[Employment], on: str) -> Iterator[Employment]:
    """Work outside the county on days of a course, counted as on a post; courses of those who work somewhere are held there."""
    if course.start and course.end and course.type not in ("pre_job", "upgrade"):
        yield from (spell for spell, _both in away(spells, course.start, min(course.end, on), on))


def too_long(agreement: Agreement) -> bool:
    """Whether an agreement runs for more than a year."""
    start, end = agreement.start, agreement.end
    return bool(start and end) and start <= end and exceeds(start, end, TERM_MONTHS)

"""Counting of months of work in a year: which spells certainly count, which may, and when enough months are complete."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from copy import copy
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final, NamedTuple

from domain.divisions import Region
from domain.periods import (
    Aggregation,
    Convention,
    Spell,
    Total,
    add_days,
    aggregate,
    clip,
    day_count,
    first_day,
    last_day,
    longest,
    merge,
    reached_on,
    shortest,
)
from domain.policy import cautions
from domain.policy.case import Case, Scope, belongs, came_of_age, cut_period, died_on, in_time, known_person, labels
from domain.policy.params import FACTS_FROM, Param, Sort
from domain.policy.standing import holds, membership
from domain.policy.verdict import Outcome
from domain.records import Employment, Person
from domain.records.people import WORKING_AGE
from domain.words import N_, _

PARAMS: Final = {
    "aggregation": Param(Sort.WORD, N_("几段务工怎么算"), tuple(Aggregation)),
    "gap": Param(Sort.INT, N_("允许中断的天数"), optional=True, most=366),
    "convention": Param(Sort.WORD, N_("满月的算法"), tuple(Convention)),
    **FACTS_FROM,
}
_SUMMANDS: Final = 6  # most spells added up in one sentence
_AHEAD: Final = 800  # days looked ahead for "how many more days"


class Stretch(NamedTuple):
    """One spell of work as recorded: fdates, and the place (None if nobody wrote it down)."""

    start: str
    end: str | None
    region: Region | None


@dataclass(frozen=True)
class Reached:
    """The sum of counted days: the total, the day on which it is enough, and whether the person was in a group that day."""

    total: Total
    on: str | None
    inside: bool
    spells: tuple[Spell, ...]
    touched: bool = True
    """Whether the person was in a group on any day that counts."""


@dataclass(frozen=True)
class Work:
    """The work that counts in one year, at least and at most given the recorded dates and places; and both again including work abroad,
    if required and present."""

    least: Reached
    most: Reached
    abroad: Work | None = None
    across: tuple[Spell, ...] = ()
    """The spells that begin before the year or end after it, as they were worked; only their days within the year count."""
    joined: bool = False
    """Whether the work of the year is enough only together with that before the rule took over from another in the course of the year."""

    @property
    def open(self) -> bool:
        """Whether enough months may have been reached while the person belonged: perhaps only at most, or only with work abroad."""
        return any(reached.on is not None and reached.touched for reached in ((self.abroad or self).most, self.most))


def stretches(case: Case) -> list[Stretch]:
    """The person's spells of work, without public posts and without spells whose start nobody wrote down."""
    kept: dict[str | None, list[Stretch]] = case.facts.once("stretches", dict)
    if case.person_id not in kept:
        kept[case.person_id] = _stretches(case)
    return kept[case.person_id]


def _stretches(case: Case) -> list[Stretch]:
    facts = case.facts
    home = facts.home(facts.get(Person, case.person_id))
    return [
        Stretch(e.start, e.end, facts.region(e.place, home) if e.place else None)
        for e in facts.theirs(Employment, case.person_id)
        if e.channel != "public_post" and e.start and (e.end is None or e.end[:4] >= e.start[:4])
    ]


def years_of_work(scope: Scope, extra: Callable[[str], Collection[int]] = lambda _id: ()) -> Iterator[tuple[str, int]]:
    """Person and year for everybody who worked, or the year asked for and everybody."""
    facts = scope.facts
    people = {person.id for person in facts.all(Person)} | {e.person_id for e in facts.all(Employment) if e.person_id}
    for id in sorted(people if scope.people is None else people & (scope.people | _rivals(scope))):
        years = set(extra(id))
        alive = died_on(facts, id) or scope.on
        for e in facts.of(Employment, "person_id", id):
            if e.start:
                until = min((e.end or scope.on)[:4], max(e.start, alive)[:4], scope.on[:4])
                years.update(range(int(e.start[:4]), int(until) + 1))
        if scope.year is None:
            yield from ((id, year) for year in sorted(years))
        elif scope.everyone or scope.year in years:
            yield id, scope.year


def _rivals(scope: Scope) -> set[str]:
    """The same people under their other records, which compete for the benefit."""
    return {other for id in scope.people or () for other in scope.facts.same(id)}


def bounds(case: Case, died_on: str | None) -> tuple[str, str]:
    """The first and the last day of the year that may count so far."""
    return max(f"{case.year}-01-01", case.gate), min(f"{case.year}-12-31", case.rule.end, case.on, died_on or case.on)


def year_open(case: Case, died_on: str | None) -> bool:
    """Whether the time that counts is still running; it ends with the year, the rule or the person's life."""
    return case.on <= min(f"{case.year}-12-31", case.rule.end) and not (died_on and died_on <= case.on)


def count(case: Case, regions: Collection[Region], months: int, died_on: str | None) -> Work:
    """Add up the work in `regions`. Days before the person came of age or belonged to the rule's groups do not count."""
    work = _count(case, regions, months, died_on)
    first = f"{case.year}-01-01"
    enough = (work.abroad or work).most.on is not None
    if enough or cut_period(case.rule, case.kin) != first:
        return work
    whole = copy(case)
    whole.params = {**case.params, "facts_from": first}
    return replace(work, joined=bool(work.most.spells) and _count(whole, regions, months, died_on).most.on is not None)


def _count(case: Case, regions: Collection[Region], months: int, died_on: str | None) -> Work:
    low, high = bounds(case, died_on)
    low = max(low, came_of_age(case, case.facts.get(Person, case.person_id)))
    recorded = stretches(case)
    member = membership(case.facts, str(case.person_id), case.rule.groups + case.rule.review_groups)
    sure = [s for s in recorded if s.region in regions]
    unknown = [s for s in recorded if s.region is None]
    away = [s for s in recorded if s.region is Region.ABROAD] if Region.OUTSIDE in regions else []

    def add(spells: list[Stretch], bound: Callable[[str, str | None, str], Spell | None], days: tuple[Spell, ...]) -> Reached:
        bounded = [spell for s in spells if (spell := bound(s.start, s.end, case.on))]
        return _reach(case, [spell for spell in (clip(spell, low, high) for spell in bounded) if spell], days, low, months)

    whole = (spell for s in sure + unknown if (spell := longest(s.start, s.end, case.on)))
    last = min(case.rule.end, case.on, died_on or case.on)
    across = tuple(one for spell in merge(list(whole)) if (one := clip(spell, case.gate, last)) and _crosses(one, case.year))
    least = add(sure, shortest, member.certain)
    if not (unknown or away) and member.certain == member.possible and all(_to_the_day(s) for s in sure):
        return Work(least, least, across=across)
    most = add(sure + unknown, longest, member.possible)
    if not away:
        return Work(least, most, across=across)
    with_abroad = Work(add(sure + away, shortest, member.certain), add(sure + unknown + away, longest, member.possible))
    return Work(least, most, with_abroad, across)


def _crosses(spell: Spell, year: int) -> bool:
    """Whether a spell has days in the year and in another one."""
    first, last = f"{year}-01-01", f"{year}-12-31"
    return spell.start <= last and spell.end >= first and (spell.start < first or spell.end > last)


def _to_the_day(stretch: Stretch) -> bool:
    return len(stretch.start) == 10 and (stretch.end is None or len(stretch.end) == 10)


def _reach(case: Case, spells: list[Spell], member: tuple[Spell, ...], low: str, months: int) -> Reached:
    begins = next((days.start for days in member if days.end >= low), None)
    counted = [spell for spell in (clip(spell, begins, None) for spell in spells) if spell] if begins else []
    how = _how(case)
    # whoever left the group and came back: the days between are not theirs, and decide nothing unless the county says so
    own = [days for spell in counted for span in member if (days := clip(spell, *span))] if len(member) > 1 else counted
    if aggregate(own, **how).months >= months or aggregate(counted, **how).months < months:
        counted = own
    total = aggregate(counted, **how)
    on = reached_on(counted, months, **how) if total.months >= months else None
    inside = on is not None and counted is own and holds(member, on)
    touched = any(days.start <= spell.end and days.end >= spell.start for days in member for spell in counted)
    return Reached(total, on, inside, tuple(merge(counted)), touched)


def _how(case: Case) -> dict[str, Any]:
    return {
        "aggregation": Aggregation(case.params["aggregation"]),
        "gap": case.params.get("gap") or 0,
        "convention": Convention(case.params["convention"]),
    }


def worker(case: Case, *params: str) -> Person | None:
    """The person whose months of the year are to be counted; None if something else has already settled the case."""
    if not _year_in_time(case):
        return None
    person = known_person(case)
    unset = [name for name in (*params, "aggregation", "convention") if case.param(name) is None]
    if person is None or unset:
        return None
    low, high = bounds(case, person.died_on)
    high = max(low, high)
    belongs(case, _("{year} 年").format(year=case.year), lambda m: m.within(low, high), low, high)
    return None if case.outcome is Outcome.NOT_ELIGIBLE else person


def days_short(case: Case, reached: Reached, months: int) -> int:
    """How many more days of work, from the day after `case.on` on, would be enough."""
    start = max(add_days(case.on, 1), came_of_age(case, case.facts.get(Person, case.person_id)))
    ahead = Spell(start, add_days(start, _AHEAD))
    on = reached_on([*reached.spells, ahead], months, **_how(case))
    return 0 if on is None else max(0, day_count(case.on, on) - 1)


def spells_text(reached: Reached) -> str:
    """The spells in words: ``2023-02-10 至 2023-11-20``; several are joined, many are shortened."""
    shown = [_("{start} 至 {end}").format(start=spell.start, end=spell.end) for spell in reached.spells[:_SUMMANDS]]
    more = _("等 {n} 段").format(n=len(reached.spells)) if len(reached.spells) > _SUMMANDS else ""
    return _("、").join(shown) + more


def sum_text(case: Case, reached: Reached) -> str:
    """The total in words; several spells are shown with the sum, so that it can be checked on paper."""
    total = reached.total
    how = _how(case)
    if len(reached.spells) < 2 or how["aggregation"] is not Aggregation.CUMULATIVE:
        return total.text()
    parts = [aggregate([spell], **how) for spell in reached.spells]
    added = " + ".join(part.text() for part in parts) if len(parts) <= _SUMMANDS else _("{n} 段整月和零天相加").format(n=len(parts))
    if not total.months_from_days:
        return f"{added} = {total.text()}"
    text = _("{added}，合起来 {total}（零散的 {days} 天，30 天算一个月）")
    return text.format(added=added, days=sum(part.days for part in parts), total=total.text())


def judge_months(case: Case, person: Person, work: Work, months: int, what: str) -> bool:
    """Whether enough months were worked; adds the reason. Also False if that depends on something open. `what`: 跨省就业 …"""
    least, most = work.least, work.most
    _from_when(case, person)
    _which_year(case, work, months)
    if least.on is not None and least.inside:
        case.met(_enough(case, what, least, months) + _at_least(case))
        _doubts(case, person, least)
        cautions.add(case, person, least.spells)
        return True
    abroad = work.abroad if most.on is None else None
    if abroad is not None and abroad.most.on is not None:
        least, most, what = abroad.least, abroad.most, _("{what}加上境外务工").format(what=what)
    if abroad is not None and least.on is not None and least.inside:
        case.unmet(Outcome.REVIEW, _("加上境外务工才满 {months} 个月，境外算不算跨省请县里定").format(months=months))
    elif most.spells and not most.touched and (most.on is not None or over(case, work)):
        text = _("{what} {spells}，那时已不属于{groups}")
        case.unmet(Outcome.NOT_ELIGIBLE, text.format(what=what, spells=spells_text(most), groups=labels(case.rule.groups)))
    elif most.on is not None:
        ended = least.on is not None and not most.inside
        if ended:
            text = _("{what}满 {months} 个月（{day}）以前身份已经终止，能否享受请县里定")
            if holds(membership(case.facts, str(case.person_id), case.rule.groups + case.rule.review_groups).certain, str(least.on)):
                text = _("{what}加上身份中断的天数才满 {months} 个月（{day}），能否享受请县里定")
            case.unmet(Outcome.REVIEW, text.format(what=what, months=months, day=least.on))
        else:
            text = _("{what}最多 {most}、最少 {least}，满不满 {months} 个月说不准，请补充：{vague}")
            said = {"what": what, "most": most.total.text(), "least": least.total.text(), "months": months}
            case.unmet(Outcome.NEED_MORE, text.format(vague=_vague(case, abroad=abroad is not None), **said))
    else:
        short(case, person, work, months, what)
    return False


def _from_when(case: Case, person: Person) -> None:
    """Explain, once, from which day a person's days count who worked in that year before coming of age or joining the group."""
    of_age = came_of_age(case, person)
    low, high = bounds(case, person.died_on)
    groups = case.rule.groups + case.rule.review_groups
    member = membership(case.facts, str(case.person_id), groups)
    taken_in = next((days.start for days in member.certain if days.end >= low), "") if member.certain == member.possible else ""
    remarks = [
        (low, of_age, _("{day} 才满 {age} 周岁，以前的天数不算").format(day=of_age, age=WORKING_AGE.start)),
        (low, taken_in, _("{day} 起才是{groups}，以前的天数不算").format(day=taken_in, groups=labels(groups))),
    ]
    for one, after in pairwise(member.certain if member.certain == member.possible else ()):
        gap = Spell(add_days(one.end, 1), add_days(after.start, -1))
        text = _("{start} 至 {end} 不是{groups}，这些天不算").format(start=gap.start, end=gap.end, groups=labels(groups))
        remarks.append((max(gap.start, low), after.start, text))
    for since, day, text in remarks:
        before = any(s.start < day and last_day(s.end or case.on) >= since and first_day(s.start) <= high for s in stretches(case))
        if before and day > since and not any(reason.text.endswith(text) for reason in case.reasons):
            case.met(text)


def _which_year(case: Case, work: Work, months: int) -> None:
    """Explain that only the days within the year count of a spell that goes beyond it (`domain.md` §3.4), and what the county may decide
    where the spell would be long enough only as a whole."""
    if not work.across:
        return
    text = _("跨年的务工按自然年算：只算 {year} 年里的天数，别的年度的天数算那一年的").format(year=case.year)
    if work.most.on is None and any(aggregate([spell], **_how(case)).months >= months for spell in work.across):
        text += _("；连起来满 {months} 个月，要不要连着算由县里定").format(months=months)
    if all(reason.text.removeprefix(case.rule.article) != text for reason in case.reasons):
        case.met(text)


def _enough(case: Case, what: str, reached: Reached, months: int) -> str:
    text = _("{what} {spells}，共 {total}，满 {months} 个月")
    return text.format(what=what, spells=spells_text(reached), total=sum_text(case, reached), months=months)


def _at_least(case: Case) -> str:
    """Explain the days shown if only months were recorded."""
    low, high = f"{case.year}-01-01", f"{case.year}-12-31"
    coarse = any(not _to_the_day(s) and s.start <= high and (s.end is None or last_day(s.end) >= low) for s in stretches(case))
    return _("（起止只登记到月份，按最少的天数算）") if coarse else ""


def _vague(case: Case, *, abroad: bool) -> str:
    """Name the facts recorded too coarsely to count the months, so that people know what to look for."""
    recorded = [s for s in stretches(case) if abroad or s.region is not Region.ABROAD]
    member = membership(case.facts, str(case.person_id), case.rule.groups + case.rule.review_groups)
    lacking = (
        (any(s.region is None for s in recorded), _("务工地点")),
        (any(not _to_the_day(s) for s in recorded), _("务工起止到日")),
        (member.certain != member.possible, _("身份认定和风险消除的日期")),
    )
    return _("、").join(label for vague, label in lacking if vague)


def _doubts(case: Case, person: Person, reached: Reached) -> None:
    day = str(reached.on)
    if reached.total.doubtful:
        case.unmet(Outcome.REVIEW, _("每段都不满一个月，按 30 天折月才够，算不算稳定就业请县里定"))
    if person.died_on and person.died_on >= day:
        case.unmet(Outcome.REVIEW, _("本人已于 {day} 去世，能否由继承人领取请县里定").format(day=person.died_on))


def over(case: Case, work: Work) -> bool:
    """Whether the person left the groups before today, and before all of this work: more days would not help."""
    member = membership(case.facts, str(case.person_id), case.rule.groups + case.rule.review_groups)
    touched = any(each.most.touched for each in (work, work.abroad) if each is not None)
    return not touched and all(days.end < case.on for days in member.possible)


def short(case: Case, person: Person, work: Work, months: int, what: str) -> None:
    """Record that the months are too few: pending while the period is running, not eligible once it is over. Dates known only to the
    month are then counted at their most, which is still not enough."""
    running = year_open(case, person.died_on) and not over(case, work)
    reached = work.least if running else work.most
    total = sum_text(case, reached) if reached.spells else _("0 天")
    if running:
        text = _("{what}共 {total}，不满 {months} 个月，还差 {days} 天")
        days = days_short(case, reached, months)
        sentence = text.format(what=what, total=total, months=months, days=days)
        left = day_count(case.on, min(f"{case.year}-12-31", case.rule.end)) - 1
        late = _("；{year} 年能计入的只剩 {left} 天").format(year=case.year, left=left) if left < days else ""
        case.within_reach = bool(reached.spells) and not late
        case.unmet(Outcome.PENDING, sentence + late)
    elif work.joined:
        text = _("{what} {spells}，共 {total}；和 {day} 以前按老文件的连起来满 {months} 个月，要不要连着算请县里定")
        said = {"what": what, "spells": spells_text(reached), "total": total, "day": case.rule.start, "months": months}
        case.joined = True
        case.unmet(Outcome.REVIEW, text.format(**said))
    else:
        text = (
            _("{what} {spells}，共 {total}，不满 {months} 个月") if reached.spells else _("{year} 年没有能计入的{what}，不满 {months} 个月")
        )
        said = {"year": case.year, "what": what, "spells": spells_text(reached), "total": total, "months": months}
        case.unmet(
            Outcome.NOT_ELIGIBLE, text.format(**said) + (_("（没有登记到日的，按最多的天数算）") if work.most is not work.least else "")
        )


def _year_in_time(case: Case) -> bool:
    """Whether the work of the year, or the year itself if there was none, lies in the rule's time."""
    first, last = f"{case.year}-01-01", f"{case.year}-12-31"
    if case.gate <= first and last <= case.rule.end:
        return True
    spells = [s for s in (longest(t.start, t.end, case.on) for t in stretches(case)) if s]
    inside = [spell for spell in (clip(spell, first, last) for spell in spells) if spell]
    if not inside:
        return in_time(case, first, last)
    usable = [spell for spell in inside if spell.end >= case.gate and spell.start <= case.rule.end]
    return True if usable else in_time(case, min(s.start for s in inside), max(s.end for s in inside))

"""Remarks on months of work that have to be verified before a claim, without deciding it: days on a public post as
well, months that a monthly check found without work, and work from an earlier year without an end that nothing shows to go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from domain.divisions import Region
from domain.periods import Spell, clip, shortest
from domain.policy.case import Case, left_post
from domain.records import Appointment, Employment, MonthlyCheck, Person, Travel, Wage
from domain.words import _

_AT_WORK: Final = frozenset({"away", "workshop", "flexible", "self"})
"""States of a monthly check that confirm work; a public post is other work."""
_MOST_NAMED: Final = 3


def add(case: Case, person: Person, spells: Sequence[Spell]) -> None:
    """Add the remarks on the days counted."""
    for held in case.facts.theirs(Appointment, person.id):
        both = [one for spell in spells if held.start and (one := clip(spell, held.start, left_post(case.facts, held)))]
        if any(one.start < one.end for one in both):
            days = _("、").join(_("{start} 至 {end}").format(start=one.start, end=one.end) for one in both[:_MOST_NAMED])
            case.met(_("注意：{days} 又登记在公益性岗位，两样不会都在，请核实").format(days=days))
            case.lacks(_("公益岗和务工时间重叠的核实"))
            break
    if denied := _denied(case, person, spells):
        months = _("、").join(denied[:_MOST_NAMED]) + (_("等 {n} 个月").format(n=len(denied)) if len(denied) > _MOST_NAMED else "")
        case.met(_("注意：{months} 的月监测填的是待业，与登记的务工对不上，请先核实").format(months=months))
        case.lacks(_("月监测填待业的核实"))
    since = _unseen(case, person)
    if since:
        text = _("注意：{start} 开始的务工没有登记结束，{year} 年以来没有月监测、工资或车票能说明还在那里，请先核实")
        case.met(text.format(start=since, year=case.year))
        case.lacks(_("{year} 年还在务工的核实").format(year=case.year))


def away_all_days(case: Case, person: Person, days: Spell) -> None:
    """Add the remark that the person worked outside the county on every one of some days, as on those of a course here."""
    home = case.facts.home(person)
    for e in case.facts.theirs(Employment, person.id):
        held = shortest(e.start, e.end, case.on) if e.start and e.place and case.facts.region(e.place, home) is not Region.COUNTY else None
        if held is not None and held.start <= days.start and days.end <= held.end:
            case.met(_("注意：培训的每一天都登记在县外务工（{start} 起），两样不会都在，请先核实").format(start=e.start))
            case.lacks(_("培训期间在县外务工的核实"))
            return


def _denied(case: Case, person: Person, spells: Sequence[Spell]) -> list[str]:
    """The months counted in which a monthly check says that the person was out of work, by their middle, as data check W32 takes it."""
    idle = {check.month for check in case.facts.theirs(MonthlyCheck, person.id) if check.month and check.status == "unemployed"}
    return sorted(month for month in idle if any(spell.start <= f"{month}-15" <= spell.end for spell in spells))


def _unseen(case: Case, person: Person) -> str:
    """The start of a spell of an earlier year without an end, if nothing on record shows the person at work in the case's year or later;
    "" if there is none."""
    facts, year = case.facts, str(case.year)
    open_ones = [e for e in facts.theirs(Employment, person.id) if e.start and e.end is None and e.channel != "public_post"]
    earlier = [e for e in open_ones if e.start[:4] < year and not e.open_ended and (e.contract_end or "")[:4] < year]
    if not earlier or len(earlier) < len(open_ones):
        return ""
    seen = any((check.month or "") >= year and check.status in _AT_WORK for check in facts.theirs(MonthlyCheck, person.id))
    seen = seen or any((wage.month or "") >= year for e in earlier for wage in facts.of(Wage, "employment_id", e.id))
    seen = seen or any((journey.year or 0) >= case.year for journey in facts.theirs(Travel, person.id))
    return "" if seen else min(e.start for e in earlier)

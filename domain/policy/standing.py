"""Group membership over time (`domain.md` §3.2): certain days, possible days, contradictory spans."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from domain.periods import Spell, add_days, first_day, last_day, merge
from domain.policy.facts import Facts
from domain.records import CategorySpan
from domain.records.people import CATEGORIES, LIFTED, MONITORED
from domain.words import N_, _

GROUPS: Final = {
    "lifted": LIFTED,
    "monitored": MONITORED,
    "low_income": frozenset({"low_income"}),
    "prevention_target": frozenset({"prevention_target"}),
}
"""The groups that rules name, each with its categories."""
GROUP_LABELS: Final = {
    "lifted": N_("脱贫人口"),
    "monitored": N_("监测对象"),
    "low_income": N_("农村低收入人口"),
    "prevention_target": N_("防止返贫致贫对象"),
}
EVER: Final = Spell("1000-01-01", "9000-01-01")
_LEAVES: Final = frozenset({"评估退出", "死亡", "整户消亡"})
"""Reasons for the end of a span after which a person is no longer 脱贫人口; 风险消除 alone does not end that (`domain.md` §4, R03
example 11)."""


@dataclass(frozen=True)
class Membership:
    """The days on which a person is certainly in a group, and those on which it is possible given the known dates."""

    certain: tuple[Spell, ...]
    possible: tuple[Spell, ...]

    def on(self, day: str) -> bool | None:
        """Whether the person is in the group on a day; None if that depends on unknown dates."""
        if holds(self.certain, day):
            return True
        return None if holds(self.possible, day) else False

    def within(self, low: str, high: str) -> bool | None:
        """Whether the person is in the group on any day of a period; None if that is unknown."""
        if any(spell.start <= high and spell.end >= low for spell in self.certain):
            return True
        return None if any(spell.start <= high and spell.end >= low for spell in self.possible) else False


def holds(spells: Iterable[Spell], day: str) -> bool:
    """Whether any of the spells contains the day."""
    return any(spell.start <= day <= spell.end for spell in spells)


def membership(facts: Facts, person_id: str, groups: Collection[str]) -> Membership:
    """The membership of a person in any of the groups; with no groups, never."""
    kept: dict[tuple[str, tuple[str, ...]], Membership] = facts.once("membership", dict)
    key = (person_id, tuple(groups))
    if key not in kept:
        kept[key] = _membership(facts, person_id, groups)
    return kept[key]


def _membership(facts: Facts, person_id: str, groups: Collection[str]) -> Membership:
    certain: list[Spell] = []
    possible: list[Spell] = []
    for group in groups:
        for span in facts.theirs(CategorySpan, person_id):
            if span.category in GROUPS[group]:
                sure, may = _days(facts, span, group)
                certain += sure
                possible += may
    return Membership(tuple(merge(certain)), tuple(merge(possible)))


def _days(facts: Facts, span: CategorySpan, group: str) -> tuple[list[Spell], list[Spell]]:
    last, latest = (first_day(span.end), last_day(span.end)) if span.end else (EVER.end, EVER.end)
    if group == "lifted" and span.category == "lifted_unstable" and span.end and span.exit_kind not in _LEAVES:
        sure, may = _until_ordinary(facts, span)
        last, latest = max(last, sure), max(latest, may)
    possible = Spell(first_day(span.start) if span.start else EVER.start, latest)
    if span.start is None:
        return ([Spell(EVER.start, last)] if span.category == "lifted" else []), [possible]
    return [Spell(last_day(span.start), last)], [possible]


def _until_ordinary(facts: Facts, span: CategorySpan) -> tuple[str, str]:
    """The last days on which a person certainly, and possibly, is 脱贫人口 after the risk was cleared: until assessed as ordinary, even
    in that same month. They differ if the date of that is unknown."""
    starts = [
        other.start
        for other in facts.theirs(CategorySpan, span.person_id)
        if other.category == "ordinary" and (other.end is None or last_day(other.end) > first_day(span.end or ""))
    ]
    latest = min((add_days(first_day(start), -1) for start in starts if start), default=EVER.end)
    return (EVER.start if None in starts else latest), latest


def clash(facts: Facts, person_id: str, low: str, high: str) -> str | None:
    """A message about two spans that contradict each other on some day of a period; None if there are none."""
    own = [span for span in facts.theirs(CategorySpan, person_id) if span.category]
    if len(own) < 2:
        return None
    covered = [(span.category, _widest(span)) for span in own]
    for (one, first), (two, second) in combinations(sorted(covered), 2):
        start, end = max(first.start, second.start, low), min(first.end, second.end, high)
        if start <= end and not _may_overlap(one, two):
            return _("身份记录重叠：{one}与{two}同时有效（{start}），请核定以哪个为准").format(
                one=_(CATEGORIES[one]), two=_(CATEGORIES[two]), start=max(first.start, second.start, low)
            )
    return None


def _widest(span: CategorySpan) -> Spell:
    """The days that a span certainly covers: dates known only to the month may still fit beside each other."""
    return Spell(last_day(span.start) if span.start else EVER.start, first_day(span.end) if span.end else EVER.end)


def _may_overlap(one: str, two: str) -> bool:
    """Whether a person may be in both categories at once: always, except that 一般农户 means being in no other."""
    return one == two or "ordinary" not in (one, two)

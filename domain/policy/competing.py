"""Resolves cases that compete for the same benefit, in the fixed order of `domain.md` §3.6: one wins and the others are duplicates or,
if it is paid by month, each month goes to one of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from domain import divisions
from domain.money import yuan_text
from domain.policy.case import Case
from domain.policy.verdict import Outcome
from domain.records import Employer, Person
from domain.words import _

_CERTAIN: Final = frozenset({Outcome.EXPIRED, Outcome.NOT_YET, Outcome.SUPERSEDED, Outcome.NOT_ELIGIBLE})
"""Outcomes of cases that get nothing in any event, and so take no month from others."""


def compete(cases: Iterable[Case]) -> None:
    """Resolve the cases of each key: the first in the fixed order wins and the others refer to it, or the months are divided."""
    rivals: dict[tuple[str, ...], list[Case]] = defaultdict(list)
    paid: dict[tuple[str, ...], Case] = {}
    for case in cases:
        if case.key is not None and case.paid:
            paid[case.key] = min(case, paid.get(case.key, case), key=lambda one: one.order)
        elif case.key is not None and (case.outcome is Outcome.ELIGIBLE or (case.share is not None and case.outcome not in _CERTAIN)):
            rivals[case.key].append(case)
    for key, group in rivals.items():
        group.sort(key=lambda case: (case.outcome is not Outcome.ELIGIBLE, case.order))
        if group[0].share is not None:
            _divide(group)
        elif key in paid:
            _duplicates([paid[key], *group])
        else:
            _duplicates(group)


def allot(asked: Sequence[Collection[str]], sure: Sequence[bool], most: int, taken: Collection[str] = ()) -> list[list[str]]:
    """The months allotted to each case, in order: every month once, the earliest first, at most `most` in all including those `taken`
    before. Cases that are not `sure` get what the sure ones leave."""
    given: list[list[str]] = [[] for _each in asked]
    gone = set(taken)
    for turn in (True, False):
        holders: dict[str, int] = {}
        for place, months in enumerate(asked):
            if sure[place] is turn:
                for month in set(months) - gone:
                    holders.setdefault(month, place)
        for month in sorted(holders)[: max(0, most - len(gone))]:
            given[holders[month]].append(month)
            gone.add(month)
    return given


def _divide(group: list[Case]) -> None:
    shares = [case.share for case in group if case.share is not None]
    most = min(share.most for share in shares)
    taken = {month for share in shares for month in share.taken}
    given = allot([share.months for share in shares], [case.outcome is Outcome.ELIGIBLE for case in group], most, taken)
    holders = {month: place for place, months in enumerate(given) for month in months}
    for place, (case, share, months) in enumerate(zip(group, shares, given, strict=True)):
        case.given, case.amount = tuple(months), share.each * len(months)
        for other in sorted({holders[month] for month in share.months if month in holders} - {place}):
            lost = _("、").join(month for month in share.months if holders.get(month) == other)
            text = _("{months} 已由在先的一笔享受（{first}），不重复计算")
            case.met(text.format(months=lost, first=_pointer(group[other], case)))
        over = [month for month in share.months if month not in holders and month not in taken]
        if over:
            case.met(_("同一人合计最长 {most} 个月，{months} 超出，不再计算").format(most=most, months=_("、").join(over)))
        if months:
            text = _("以工代训 {months} 共 {n} 个月（最长 {most} 个月），每月 {amount} 元，合计 {total} 元")
            said = {"n": len(months), "amount": yuan_text(share.each), "total": yuan_text(case.amount)}
            case.met(text.format(months=_("、").join(months), most=most, **said))
        else:
            case.unmet(Outcome.DUPLICATE, _("这些月份已由别的单位在先享受，或合计已满 {most} 个月").format(most=most))


def _duplicates(group: list[Case]) -> None:
    for loser in group[1:]:
        text = _("同一项补助已由在先的一笔享受（{first}），不能重复享受")
        if loser.record_id is None and loser.employer_id == group[0].employer_id and loser.person_id != group[0].person_id:
            text = _("同一证件号码登记了不止一条人员记录，同一项补助算在另一条上（{first}），不能重复享受；请合并人员记录")
        loser.unmet(Outcome.DUPLICATE, text.format(first=_pointer(group[0], loser)))


def _pointer(winner: Case, loser: Case) -> str:
    """What identifies the winner to the duplicate: the employer if it differs, otherwise the day of its record, otherwise where the
    person is registered."""
    employer = winner.facts.get(Employer, winner.employer_id)
    if employer is not None and winner.employer_id != loser.employer_id:
        return _("{year} 年，{what}").format(year=winner.year, what=employer.name)
    if winner.record_id is not None:
        return _("{day} 的一笔").format(day=winner.day)
    person = winner.facts.get(Person, winner.person_id)
    if person is None:
        return _("{year} 年").format(year=winner.year)
    return _("{year} 年，{village}登记的{name}").format(
        year=winner.year, village=divisions.called(winner.facts.home(person)), name=person.name
    )

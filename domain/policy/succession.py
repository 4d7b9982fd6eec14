"""Succession of documents: which of two documents applies to a fact, and that no benefit is given twice in a year.

A year or income period may be cut in two by a successor. Facts before the successor's first day still fall under the old rule, clipped as
at a policy's end. If the new rule gives, or may give, for the same year, nobody gets both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from domain.periods import add_days
from domain.policy.case import Case, Successor
from domain.policy.pack import Pack
from domain.policy.verdict import Outcome
from domain.words import _

Benefit = tuple[int, str]
_STANDS: Final = frozenset({Outcome.ELIGIBLE, Outcome.REVIEW, Outcome.NEED_MORE})
_GIVES: Final = frozenset({Outcome.ELIGIBLE, Outcome.DUPLICATE})
_MAY_GIVE: Final = frozenset({Outcome.PENDING, Outcome.NEED_MORE, Outcome.REVIEW, Outcome.NOT_CONFIGURED})


def replaced(case: Case, successor: Pack) -> None:
    """Before judging a case, end the rule on the day before its successor begins or, if a single day decides, mark it as superseded."""
    case.successor, case.until = Successor(successor.start, successor.title), case.rule.end
    if not case.rule.kind.by_period:
        case.over()
    elif successor.start > case.rule.start:
        case.rule = replace(case.rule, end=min(case.rule.end, add_days(successor.start, -1)))
    else:
        case.over()


def begun_under(case: Case, before: Pack) -> None:
    """Leave facts from before this rule took over to the document before."""
    text = _("{day} 起才改按本文件执行，以前的按《{title}》")
    case.unmet(Outcome.NOT_YET, text.format(day=case.rule.start, title=before.title))


def outlived(case: Case) -> bool:
    """Whether the old rule still applies to a case judged by facts before its successor; adds it as a reason."""
    if case.successor is None or not case.rule.kind.by_period:
        return False
    if case.outcome in _STANDS or (case.outcome is Outcome.PENDING and case.on < case.successor.start):
        text = _("自 {day} 起改按《{title}》执行，此前的事实仍按本文件")
        case.met(text.format(day=case.successor.start, title=case.successor.title))
        return case.outcome in _STANDS
    case.over()
    if case.key is None and case.person_id is not None:  # a claim paid under the old rule bars one under the new
        case.key = (case.facts.number(case.person_id), str(case.year))
    return False


def by_benefit(cases: Iterable[tuple[str, Case]]) -> Mapping[Benefit, Mapping[Outcome, str]]:
    """The outcomes under the successors' rules, with the document's title, by person or unit and year; if several documents give one,
    the last. The cases come with their documents' titles, document by document."""
    found: dict[Benefit, dict[Outcome, str]] = defaultdict(dict)
    for title, case in cases:
        found[_benefit(case)][case.outcome] = title
    return found


def once(case: Case, new: Mapping[Benefit, Mapping[Outcome, str]]) -> None:
    """Give nobody a year's benefit under both documents: the one in force at the end of the year takes precedence. Months are divided
    instead."""
    said = new.get(_benefit(case), {})
    if case.share is not None:
        return
    gives = [title for outcome, title in said.items() if outcome in _GIVES]
    if gives:
        case.unmet(Outcome.SUPERSEDED, _("同一年度按《{title}》享受，只享受一次").format(title=gives[-1]))
    elif said.keys() & _MAY_GIVE and case.outcome is Outcome.ELIGIBLE:
        case.unmet(Outcome.REVIEW, _("同一年度按新文件也可能符合，只能享受一次，按哪一份请县里定"))


def enough_before(case: Case, old: Mapping[Benefit, Mapping[Outcome, str]]) -> None:
    """Leave a year's benefit to the rule before if that gives it: then the facts before this rule took over need not be joined."""
    stands = [title for outcome, title in old.get(_benefit(case), {}).items() if outcome in _STANDS | _GIVES]
    if stands:
        case.unmet(Outcome.NOT_ELIGIBLE, _("同一年度按《{title}》已经够了，只享受一次").format(title=stands[-1]))


def _benefit(case: Case) -> Benefit:
    who = case.facts.number(case.person_id) if case.person_id is not None else case.facts.unit(case.employer_id)
    return case.year, str(who)

"""Evaluates rules: judges every case they find, resolves competition in the fixed order, and returns verdicts in canonical order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from domain.policy.case import Case, Scope, late
from domain.policy.competing import compete
from domain.policy.facts import Facts
from domain.policy.packs import InForce
from domain.policy.succession import Benefit, begun_under, by_benefit, enough_before, once, outlived, replaced
from domain.policy.verdict import Outcome, Verdict
from domain.progress import Progress, unwatched
from domain.records import Employer, Person
from domain.words import _

_STEP: Final = 500
_BY_PARAMETERS: Final = frozenset({Outcome.ELIGIBLE, Outcome.REVIEW, Outcome.NEED_MORE, Outcome.PENDING})
"""Outcomes with which a document that sets the parameters is named."""


@dataclass(frozen=True)
class Question:
    """A question to the engine: as of which day, about which year, rule and people (None: all with facts).

    `settled`: payments already made count as duplicates. `everyone`: with a year, people without facts get a verdict too. `provisional`:
    False only at the county, which sees every station.
    """

    on: str
    year: int | None = None
    rule: str | None = None
    people: frozenset[str] | None = None
    settled: bool = True
    everyone: bool = True
    provisional: bool = True


def evaluate(facts: Facts, rules: Sequence[InForce], question: Question, progress: Progress = unwatched) -> list[Verdict]:
    """The verdicts for a question, in order of rule, year and ids."""
    wanted = [each for each in rules if question.rule is None or each.rule.id == question.rule]
    verdicts: list[Verdict] = []
    settled: dict[tuple[str, str], list[Case]] = {}
    for done, each in enumerate(wanted):
        if _name(each) not in settled:
            for one in _family(each, rules):
                cases: list[Case] = []
                for case in _judged(facts, one, question, rules):
                    cases.append(case)
                    if len(cases) % _STEP == 0:
                        progress(done, len(wanted), each.rule.name)
                if one.rule.kind.settle is not None:
                    one.rule.kind.settle(cases)
                settled[_name(one)] = cases
            compete(case for one in _family(each, rules) for case in settled[_name(one)])
        verdicts += _verdicts(each, settled.pop(_name(each)), question)
        progress(done + 1, len(wanted), each.rule.name)
    return verdicts


def _name(each: InForce) -> tuple[str, str]:
    return each.pack.id, each.rule.id


def _family(each: InForce, rules: Sequence[InForce]) -> list[InForce]:
    """A rule with those of the documents before and after it, which give the same benefit."""
    found = [each]
    for known in found:
        ids = known.kin | {known.rule.id} if known.kin else ()
        found += [
            one for one in rules if one.rule.id in ids and one.rule.kind is each.rule.kind and all(one is not other for other in found)
        ]
    return found


def contenders(facts: Facts, rules: Sequence[InForce], question: Question, progress: Progress = unwatched) -> Iterator[Case]:
    """Judged cases that have a key, before competition is resolved: for finding the *claims* that share a key."""
    for done, each in enumerate(rules):
        cases = list(_judged(facts, each, question, rules))
        settle = each.rule.kind.settle
        if settle is not None:
            settle(cases)
        yield from (case for case in cases if case.key is not None)
        progress(done + 1, len(rules), each.rule.name)


def _judged(facts: Facts, each: InForce, question: Question, rules: Sequence[InForce]) -> Iterator[Case]:
    """The judged cases of a rule; those cut in two by a successor are compared with its outcome for them, and the other way round."""
    new: Mapping[Benefit, Mapping[Outcome, str]] | None = None
    old: Mapping[Benefit, Mapping[Outcome, str]] | None = None
    for case in _alone(facts, each, question, rules):
        if outlived(case):
            if new is None:
                packs = {pack.id: place for place, pack in enumerate(each.replaced_by)}
                followers = [one for one in rules if one.pack.id in packs and one.rule.kind is each.rule.kind]
                followers.sort(key=lambda one: packs[one.pack.id])
                new = by_benefit(
                    (one.pack.title, found) for one in followers for found in _alone(facts, one, question, rules) if not found.joined
                )
            once(case, new)
        if case.joined:
            if old is None:
                before = _before(each, rules)
                old = by_benefit((one.pack.title, found) for one in before for found in _alone(facts, one, question, rules))
            enough_before(case, old)
        yield case


def _alone(facts: Facts, each: InForce, question: Question, rules: Sequence[InForce]) -> Iterator[Case]:
    """The judged cases of a rule by itself. Those of a time when a rule before it applied are left to that."""
    before = _before(each, rules)
    rule = replace(each.rule, params=each.params(()))
    kind = rule.kind
    # once-in-a-lifetime duplicates may lie in other years, so years and people are filtered afterwards
    scope = Scope(rule, facts, question.on, question.year, question.people, question.settled, question.everyone)
    for case in kind.find(scope):
        area = _area(case)
        if not each.reaches(area):
            continue
        overlays = each.applied(area, case.day) if each.overlays else ()
        case.params = each.params(overlays) if overlays else rule.params
        case.version = each.version(overlays)
        case.kin = each.kin
        case.follows = bool(each.pack.supersedes)
        until = max(case.day, case.last or f"{case.year}-12-31") if kind.by_period else case.day
        successor = each.successor(area, until) if each.replaced_by else None
        if successor is not None:
            replaced(case, successor)
        held = (one for one in before if one.reaches(area) and one.rule.start <= until <= one.rule.end)
        earlier = next(held, None) if until < rule.start else None
        if earlier is not None:
            begun_under(case, earlier.pack)
        else:
            kind.judge(case)
        if overlays and case.outcome in _BY_PARAMETERS:
            documents = [_("《{title}》（{start} 起）").format(title=one.pack.title, start=one.pack.start) for one in overlays]
            case.met(_("标准按{documents}执行").format(documents=_("、").join(documents)))
        yield case


def _before(each: InForce, rules: Sequence[InForce]) -> list[InForce]:
    return [one for one in rules if each.pack in one.replaced_by and one.rule.kind is each.rule.kind]


def _area(case: Case) -> str:
    """The area whose parameters apply: the person's village, otherwise the employer's place."""
    if case.person_id is not None:
        return case.facts.home(case.facts.get(Person, case.person_id))
    employer = case.facts.get(Employer, case.employer_id)
    return (employer.village or employer.place or "") if employer is not None else ""


def _verdicts(each: InForce, cases: list[Case], question: Question) -> Iterable[Verdict]:
    kind = each.rule.kind
    verdicts = []
    for case in cases:
        if question.year in (None, case.year) and (question.people is None or case.person_id in question.people):
            if kind.claimed:
                late(case)
            verdicts.append(_verdict(each, case, question.provisional))
    return sorted(verdicts, key=lambda verdict: verdict.subject)


def _verdict(each: InForce, case: Case, provisional: bool) -> Verdict:
    outcome = case.outcome
    return Verdict(
        rule=each.rule.id,
        article=each.rule.article,
        year=case.year,
        person_id=case.person_id,
        employer_id=case.employer_id,
        record_id=case.record_id,
        outcome=outcome,
        amount=case.amount if outcome is Outcome.ELIGIBLE else 0,
        fund=case.fund_label(),
        provisional=provisional,
        reasons=tuple(case.reasons),
        missing=tuple(case.missing),
        pack=each.pack.id,
        version=case.version,
        months=case.given,
        within_reach=case.within_reach,
    )

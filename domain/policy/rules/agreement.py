"""Checks an agreement of a public-welfare post: its longest term, and insurance on every day of it (article 二十八). Carries no money."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.insured import uncovered
from domain.periods import Spell, day_count, exceeds, months_and_days
from domain.policy.case import Case, RuleKind, Scope, in_time, known_person, left_post
from domain.policy.params import Param, Sort
from domain.policy.verdict import Outcome
from domain.records import Agreement, Appointment, Insurance
from domain.words import N_, _

PARAMS: Final = {"max_months": Param(Sort.INT, N_("每次签订最长月数"), least=1, most=36)}


def find(scope: Scope) -> Iterator[Case]:
    """One case per agreement."""
    for agreement in scope.facts.all(Agreement):
        appointment = scope.facts.get(Appointment, agreement.appointment_id)
        person_id = appointment.person_id if appointment is not None else None
        start = agreement.start or agreement.end
        if start and scope.wanted(person_id, int(start[:4])):
            yield scope.case(int(start[:4]), start, person_id=person_id, record_id=agreement.id)


def judge(case: Case) -> None:
    """Judge the term, the insurance and overlaps with other agreements."""
    agreement = case.facts.get(Agreement, case.record_id)
    if agreement is None:
        return
    if not (agreement.start and agreement.end):
        case.unmet(Outcome.NEED_MORE, _("协议的起止日没有登记全"))
        return
    if not in_time(case, agreement.start, agreement.end):
        return
    if case.person_id is None:
        case.unmet(Outcome.REVIEW, _("协议所属的聘用没有登记"))
    else:
        known_person(case)
    if agreement.end < agreement.start:
        case.unmet(Outcome.REVIEW, _("协议结束（{end}）早于开始（{start}）").format(start=agreement.start, end=agreement.end))
        return
    _term(case, agreement)
    _insured(case, agreement, case.facts.get(Appointment, agreement.appointment_id))
    _overlaps(case, agreement)
    if agreement.end > case.rule.end:
        text = _("协议到 {end}，政策执行到 {last}，之后的部分请按新文件核定")
        case.unmet(Outcome.REVIEW, text.format(end=agreement.end, last=case.rule.end))


def _term(case: Case, agreement: Agreement) -> None:
    most = case.param("max_months")
    if most is None:
        return
    term = months_and_days(agreement.start, agreement.end).text()
    said = {"start": agreement.start, "end": agreement.end, "term": term, "most": most}
    if exceeds(agreement.start, agreement.end, most):
        case.unmet(Outcome.NOT_ELIGIBLE, _("协议 {start} 至 {end}，期限 {term}，超过 {most} 个月").format(**said))
    else:
        case.met(_("协议 {start} 至 {end}，期限 {term}，不超过 {most} 个月").format(**said))


def _insured(case: Case, agreement: Agreement, held: Appointment | None) -> None:
    """Require insurance on every day of the term, or of what was left of it when the post was given up."""
    left = left_post(case.facts, held) if held is not None else None
    term = Spell(agreement.start, min(agreement.end, left) if left and left >= agreement.start else agreement.end)
    bare, first = uncovered(term, case.facts.of(Insurance, "appointment_id", agreement.appointment_id))
    if bare == day_count(*term):
        case.unmet(Outcome.NEED_MORE, _("没有登记意外伤害保险"))
    elif bare:
        case.unmet(Outcome.NEED_MORE, _("协议期内有 {n} 天没有意外伤害保险（从 {day} 起）").format(n=bare, day=first))
    else:
        whole = _("意外伤害保险覆盖协议每一天")
        case.met(whole if term.end == agreement.end else _("意外伤害保险覆盖到 {day} 退岗的每一天").format(day=term.end))


def _overlaps(case: Case, agreement: Agreement) -> None:
    facts = case.facts
    held = facts.theirs(Appointment, case.person_id)
    ids = {a.id for a in held} | {agreement.appointment_id}
    others = [other for id in sorted(ids) for other in facts.of(Agreement, "appointment_id", id) if other.id != agreement.id]
    crossing = [o for o in others if o.start and o.end and o.start <= agreement.end and o.end >= agreement.start]
    for other in crossing[:3]:
        case.unmet(Outcome.REVIEW, _("与另一份协议（{start} 至 {end}）重叠，请核定").format(start=other.start, end=other.end))


KIND: Final = RuleKind("agreement", PARAMS, find, judge, claimed=False)

"""Verdict cards, and filing the claim that a card offers.

source = VerdictSource(station)
source.of_person(id) / source.of_employer(id) -> Verdicts      blocks on the database
source.file(shown) -> what to say of it                        one act that can be undone
"""

from __future__ import annotations

from collections.abc import Sequence

from db import wrong_clock
from db.session import Session
from desktop.station import Station
from desktop.widgets.reasons import Reason
from desktop.widgets.verdict_card import Verdicts, VerdictShown
from domain import claims as path
from domain.money import yuan_grouped
from domain.policy.verdict import Outcome, Verdict
from domain.records import Claim
from domain.words import _, lazy
from services import cards, policies, screening
from services.claims import claims
from services.screening import Screened

TONES = {
    Outcome.ELIGIBLE: "good",
    Outcome.PENDING: "warn",
    Outcome.NEED_MORE: "warn",
    Outcome.REVIEW: "warn",
    Outcome.NOT_CONFIGURED: "info",
    Outcome.DUPLICATE: "bad",
    Outcome.NOT_ELIGIBLE: "plain",
}
"""Tones of outcomes; all others are plain."""
OTHERS = 4
"""The most other years a card lists."""


class VerdictSource:
    """The verdicts of a station, under the packs known there."""

    def __init__(self, station: Station) -> None:
        self.of_person = station.reading(lambda session, id: _verdicts(session, person_id=id))
        self.of_employer = station.reading(lambda session, id: _verdicts(session, employer_id=id))
        self.file = station.writing(lambda shown: lazy("申请{name}", name=shown.name), _filed)


def _verdicts(session: Session, person_id: str | None = None, employer_id: str | None = None) -> Verdicts:
    """Cards and leads, from one set of facts."""
    packs, facts = policies.used_here(session), screening.about(session, person_id=person_id, employer_id=employer_id)
    found = cards.cards(session, person_id=person_id, employer_id=employer_id, packs=packs, facts=facts)
    leads = screening.leads(session, person_id=person_id, employer_id=employer_id, packs=packs, facts=facts)
    return Verdicts([shown_card(card, session.role) for card in found], leads, policies.over(packs, session.today))


def _filed(session: Session, shown: VerdictShown) -> str:
    warning = wrong_clock.warning(session)
    file_claim(session, shown)
    return _("已提出申请：{name}").format(name=shown.name) + (_("。{more}").format(more=warning) if warning else "")


def file_claim(session: Session, shown: VerdictShown) -> str:
    """File the claim a card offers, after judging again; returns its id. Raises `DomainError`."""
    about = {"person_id": shown.person_id, "employer_id": shown.employer_id, "record_id": shown.record_id}
    return claims.judge_and_file(session, shown.rule, shown.year, **{name: id or None for name, id in about.items()})


def shown_card(card: cards.MeasureCard, level: str) -> VerdictShown:
    """Return a card as text, as a station of this level shows it."""
    verdict = card.screened.verdict
    notes = [_others(card.others)] if card.others else []
    if card.refused is not None:
        text = _("拨付过，已追回：{why}") if card.refused.state == "recovered" else _("申请过，没有通过：{why}")
        notes.append(text.format(why=card.refused.returned_because))
    if card.screened.unclaimed and verdict.provisional:
        notes.append(_("本站判定，以县里审核为准。"))
    return VerdictShown(
        rule=verdict.rule,
        year=verdict.year,
        person_id=verdict.person_id or "",
        employer_id=verdict.employer_id or "",
        record_id=verdict.record_id or "",
        name=_(card.rule.name),
        article=card.rule.article,
        about=card.name,
        outcome=outcome_label(verdict.outcome),
        tone=TONES.get(verdict.outcome, "plain") if verdict.within_reach else "plain",
        amount=_("{amount} 元").format(amount=yuan_grouped(verdict.amount)) if verdict.amount else "",
        conditions=[Reason(reason.met, reason.text.removeprefix(card.rule.article)) for reason in verdict.reasons],
        missing=verdict.missing,
        fund=_(verdict.fund or ""),
        clause=card.rule.text,
        notes=notes,
        claim_id=card.claim.claim.id if card.claim else "",
        claim_state=path.state_label(card.claim.state) if card.claim else "",
        can_file=card.screened.can_file and path.may_file(level, personal=not verdict.employer_id),
    )


def outcome_label(outcome: Outcome) -> str:
    """Return the label of an outcome, as on the forms."""
    return Claim.KIND.by_name["outcome"].label_of(outcome.value)


def _others(others: Sequence[Screened]) -> str:
    years = [_other(each.verdict) for each in others[:OTHERS]]
    more = len(others) - OTHERS
    tail = _("等 {n} 个").format(n=len(others)) if more > 0 else ""
    return _("其他年度：{years}").format(years=_("，").join(years) + tail)


def _other(verdict: Verdict) -> str:
    amount = f" {yuan_grouped(verdict.amount)}" if verdict.amount else ""
    return f"{verdict.year} {outcome_label(verdict.outcome)}{amount}"

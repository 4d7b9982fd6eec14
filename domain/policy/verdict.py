"""The answer of a rule: an outcome, reasons that a cadre can read out, what is missing, and the amount."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from domain.money import yuan_text


class Outcome(StrEnum):
    """What a verdict says; the labels are `domain.records.money.OUTCOMES`."""

    ELIGIBLE = "eligible"
    NOT_ELIGIBLE = "not_eligible"
    PENDING = "pending"
    NEED_MORE = "need_more"
    REVIEW = "review"
    DUPLICATE = "duplicate"
    NOT_CONFIGURED = "not_configured"
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    SUPERSEDED = "superseded"


PRECEDENCE: Final = (
    Outcome.EXPIRED,
    Outcome.NOT_YET,
    Outcome.SUPERSEDED,
    Outcome.NOT_ELIGIBLE,
    Outcome.NOT_CONFIGURED,
    Outcome.NEED_MORE,
    Outcome.REVIEW,
    Outcome.PENDING,
    Outcome.DUPLICATE,
)
"""Which outcome holds if several apply; without any it is eligible."""


@dataclass(frozen=True)
class Reason:
    """One condition with the number used; `met` when it speaks for the claim."""

    met: bool
    text: str


@dataclass
class Judgement:
    """Reasons and outcomes collected while a rule judges; the gravest outcome becomes the verdict's. `amount` is in fen."""

    reasons: list[Reason] = field(default_factory=list)
    found: set[Outcome] = field(default_factory=set)
    missing: list[str] = field(default_factory=list)
    amount: int = 0

    def met(self, text: str) -> None:
        """A condition that holds, or a remark that changes nothing."""
        self.reasons.append(Reason(True, text))

    def unmet(self, outcome: Outcome, text: str) -> None:
        """A condition that does not hold, and the outcome that follows."""
        self.reasons.append(Reason(False, text))
        self.found.add(outcome)

    def lacks(self, document: str) -> None:
        """A document that is to be handed in; it never changes the outcome."""
        if document not in self.missing:
            self.missing.append(document)

    @property
    def outcome(self) -> Outcome:
        """The outcome that holds by now."""
        return next((outcome for outcome in PRECEDENCE if outcome in self.found), Outcome.ELIGIBLE)


@dataclass(frozen=True)
class Verdict:
    """The answer of one rule about one person, employer or record in one year. `amount` in fen, 0 unless eligible.

    `provisional`: a station's answer, which the county's may still settle differently (duplicates over stations). `months`: what is
    left to claim where it is paid month by month; a claim keeps them (`domain.claims.months`). `within_reach`: of what is pending, that
    something counts already and the days that are left are enough."""

    rule: str
    article: str
    year: int
    person_id: str | None
    employer_id: str | None
    record_id: str | None
    outcome: Outcome
    amount: int
    fund: str | None
    provisional: bool
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]
    pack: str
    version: str
    months: tuple[str, ...] = ()
    within_reach: bool = True

    @property
    def subject(self) -> tuple[str, int, str, str, str]:
        """What it is about: rule, year and ids, as claims name it."""
        return (self.rule, self.year, self.person_id or "", self.employer_id or "", self.record_id or "")

    def to_json(self) -> dict[str, Any]:
        """The contract's form."""
        return {
            "rule": self.rule,
            "article": self.article,
            "year": self.year,
            "person_id": self.person_id,
            "employer_id": self.employer_id,
            "record_id": self.record_id,
            "outcome": self.outcome.value,
            "amount": yuan_text(self.amount),
            "fund": self.fund,
            "provisional": self.provisional,
            "reasons": [{"met": reason.met, "text": reason.text} for reason in self.reasons],
            "missing": list(self.missing),
            "pack": self.pack,
            "version": self.version,
        }

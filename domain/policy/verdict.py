"""Verdicts: an outcome, reasons that a clerk can read out, missing documents, and the amount."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from domain.money import yuan_text


class Outcome(StrEnum):
    """The outcomes of a verdict; their labels are in `domain.records.money.OUTCOMES`."""

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
"""Precedence of outcomes if several apply; without any, the case is eligible."""


@dataclass(frozen=True)
class Reason:
    """One condition with the figure used; `met`: whether it supports the claim."""

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
        """Add a condition that is met, or a remark without effect."""
        self.reasons.append(Reason(True, text))

    def unmet(self, outcome: Outcome, text: str) -> None:
        """Add a condition that is not met, and the resulting outcome."""
        self.reasons.append(Reason(False, text))
        self.found.add(outcome)

    def lacks(self, document: str) -> None:
        """Add a document that is still to be handed in; it never changes the outcome."""
        if document not in self.missing:
            self.missing.append(document)

    @property
    def outcome(self) -> Outcome:
        """The outcome so far."""
        if not self.found:  # of most verdicts, which are asked several times
            return Outcome.ELIGIBLE
        return next((outcome for outcome in PRECEDENCE if outcome in self.found), Outcome.ELIGIBLE)


@dataclass(frozen=True)
class Verdict:
    """A rule's verdict on a person, employer or record in a year. `amount`: fen, 0 unless eligible.

    `provisional`: given by a station, and subject to the county's resolution of duplicates across stations. `months`: the months left to
    claim for monthly payments, which a claim records (`domain.claims.months`). `within_reach`: for a pending verdict, that something counts
    already and enough days are left.
    """

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
        """The subject as claims name it: rule, year and ids."""
        return (self.rule, self.year, self.person_id or "", self.employer_id or "", self.record_id or "")

    def to_json(self) -> dict[str, Any]:
        """The JSON form fixed by the contract."""
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

"""Supplementary payments (补发): a claim that was paid for less than is due is approved again with the higher amount; only the difference
is then paid (`services.payments`). What bars any approval bars this one; the amount never falls below what was paid (decision 059)."""

from __future__ import annotations

from collections.abc import Sequence

from db import changes
from db.mapping import table
from db.session import Session
from domain import claims as path
from domain.errors import DomainError
from domain.money import yuan_grouped
from domain.policy.verdict import Outcome, Verdict
from domain.records import Claim, Payment
from domain.words import _
from services import screening
from services.claims import posted


def raise_amount(session: Session, claim: Claim, found: Sequence[Verdict], opinion: str) -> str:
    """Set the amount of a paid claim to what is due by today's verdicts, and return the opinion with a sentence on the difference.

    Raises `DomainError` where nothing is lacking, or where payments are missing or not answered by the bank.
    """
    made = _payments(session, claim)
    if not any(payment.bank_result != "failed" for payment in made):
        raise DomainError(
            _("这笔没有拨付记录，只记了已拨付，不知道实际拨了多少，不能在这里补发。请财政在原来付款的地方补，再把凭证附到这笔申请。")
        )
    if any(payment.bank_result is None for payment in made):
        raise DomainError(_("这笔还有一次拨付没有银行结果。请先在「补助 → 拨付」登记结果，再补发。"))
    paid = claim.amount - path.outstanding(claim, made)
    verdict = max((one for one in found if one.outcome is Outcome.ELIGIBLE), key=lambda one: one.amount, default=None)
    due = 0 if verdict is None else screening.due_of(claim, verdict)
    if verdict is None or due <= paid:
        text = _("这笔已经拨了 {paid} 元，按现在的文件和登记的事实应为 {due} 元，没有少发，不用补发。")
        raise DomainError(text.format(paid=yuan_grouped(paid), due=yuan_grouped(due)))
    value = verdict.to_json()
    facts = posted.judged(session, claim, value["reasons"])
    values = {"amount": due, "outcome": value["outcome"], "pack": value["pack"], "pack_version": value["version"], "facts": facts}
    changes.update(session, "claim", claim.id, {name: each for name, each in values.items() if each != claim[name]})
    text = _("补发 {difference} 元（应为 {due} 元，已拨 {paid} 元）{opinion}")
    return text.format(difference=yuan_grouped(due - paid), due=yuan_grouped(due), paid=yuan_grouped(paid), opinion=opinion.strip())


def call_off(session: Session, claim: Claim) -> None:
    """Set the amount back to what was paid, where a supplementary payment was approved and is not made."""
    rest = path.outstanding(claim, _payments(session, claim))
    if rest > 0:
        changes.update(session, "claim", claim.id, {"amount": claim.amount - rest})


def _payments(session: Session, claim: Claim) -> list[Payment]:
    return session.select(Payment, table("payment").c.claim_id == claim.id)

"""The difference of a paid claim: paid for less than is due (补发), or for more (追回). It is approved again with the amount due; only the
difference is then paid, or paid back (`services.payments`). What bars any approval bars this one (decision 059)."""

from __future__ import annotations

from collections.abc import Sequence

from db import changes
from db.session import Session
from domain import claims as path
from domain.errors import DomainError
from domain.money import yuan_grouped
from domain.policy.verdict import Outcome, Verdict
from domain.records import Claim, Payment
from domain.words import _
from services import screening
from services.claims import posted
from services.claims.claims import unmet_words


def set_due(session: Session, claim: Claim, found: Sequence[Verdict], opinion: str) -> str:
    """Set the amount of a paid claim to what is due by today's verdicts, and return the opinion with a sentence on the difference.

    Raises `DomainError` where there is no difference, where nothing is due or what is due is open, where payments are missing or not
    answered by the bank, and without a reason for what is to be paid back.
    """
    paid = _paid(session, claim)
    verdict = _eligible(found, paid)
    due = screening.due_of(claim, verdict)
    sums = {"paid": yuan_grouped(paid), "due": yuan_grouped(due), "difference": yuan_grouped(abs(due - paid))}
    if due == paid:
        raise DomainError(
            _("这笔已经拨了 {paid} 元，按现在的文件和登记的事实应为 {due} 元，没有差额，不用补发，也不用追回。").format(**sums)
        )
    if due < paid and not opinion.strip():
        raise DomainError(_("追回要写明原因，本人和查账的人才知道为什么要退 {difference} 元。").format(**sums))
    value = verdict.to_json()
    facts = posted.judged(session, claim, value["reasons"])
    values = {"amount": due, "outcome": value["outcome"], "pack": value["pack"], "pack_version": value["version"], "facts": facts}
    changes.update(session, "claim", claim.id, {name: each for name, each in values.items() if each != claim[name]})
    text = (
        _("补发 {difference} 元（应为 {due} 元，已拨 {paid} 元）")
        if due > paid
        else _("追回 {difference} 元（应为 {due} 元，已拨 {paid} 元）")
    )
    return text.format(**sums) + opinion.strip()


def _paid(session: Session, claim: Claim) -> int:
    """What the bank paid for a claim (fen). Raises `DomainError` where that is not known."""
    made = _payments(session, claim)
    if not any(payment.bank_result != "failed" for payment in made):
        said = _(
            "这笔没有拨付记录，只记了已拨付，不知道实际拨了多少，不能在这里补发或追回差额。请财政在原来付款的地方办，再把凭证附到这笔申请。"
        )
        raise DomainError(said)
    if any(payment.bank_result is None for payment in made):
        raise DomainError(_("这笔还有一次拨付没有银行结果。请先在「补助 → 拨付」登记结果，再办差额。"))
    return claim.amount - path.outstanding(claim, made)


def _eligible(found: Sequence[Verdict], paid: int) -> Verdict:
    """The verdict that grants most. Raises `DomainError` where none does, for certain or because the county has to decide first."""
    granting = [one for one in found if one.outcome is Outcome.ELIGIBLE and one.amount > 0]
    if granting:
        return max(granting, key=lambda one: one.amount)
    text = _("这笔已经拨了 {paid} 元，按现在的文件和登记的事实一分也不该拨：全部退回来以后，请办「登记已追回」。")
    why = next((unmet_words(one.to_json()) for one in found if one.outcome not in screening.UNENTITLED), "")
    if why:
        text = _("这笔已经拨了 {paid} 元，按现在登记的事实还要核定：{why}。核定以后再办差额。")
    raise DomainError(text.format(paid=yuan_grouped(paid), why=why))


def call_off(session: Session, claim: Claim, opinion: str | None) -> None:
    """Set the amount back to what was paid, where a difference was approved and is neither paid nor paid back. Raises `DomainError` where
    public money is given up without a reason."""
    rest = path.outstanding(claim, _payments(session, claim))
    if rest < 0 and not (opinion or "").strip():
        raise DomainError(_("不再追回要写明原因；钱已经退回来的，请在「补助 → 拨付」登记退款。"))
    if rest:
        changes.update(session, "claim", claim.id, {"amount": claim.amount - rest})


def _payments(session: Session, claim: Claim) -> list[Payment]:
    return session.select(Payment, claim_id=claim.id)

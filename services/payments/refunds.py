"""Refunds (退款): a claim that was paid too much is approved again with what is due (`services.claims.differences`). When the money has
come back it is recorded as a payment of less than nothing, so that the payments add up to what was granted."""

from __future__ import annotations

from collections.abc import Sequence

from db.funds import separated
from db.session import Session
from domain import claims as path
from domain.errors import DomainError, Refused
from domain.records import Claim, ClaimStep, Payment
from domain.words import _
from services import records
from services.claims import claims, steps


def awaited(session: Session) -> list[tuple[claims.ClaimStatus, int]]:
    """The claims of which a part is to be paid back, and how much (fen), the earliest filed first."""
    again = [each for each in claims.listing(session, "approved") if path.was_paid(each.steps)]
    made = session.by_parent(Payment, "claim_id", [each.claim.id for each in again])
    owed = [(each, -path.outstanding(each.claim, made.get(each.claim.id, ()))) for each in reversed(again)]
    return [(each, amount) for each, amount in owed if amount > 0]


def record(session: Session, claim_id: str, receipt: str, on: str | None = None) -> int:
    """Record that all of what was to be paid back has come `on` a day (by default today), with its receipt; the claim is `paid` then.
    Returns the amount (fen).

    Raises `Refused` except at the county, and for whoever entered the claim or, where the county says so, approved the recovery. Raises
    `DomainError` for a claim of which nothing is to be paid back, without a receipt, and for a day before the payment or to come.
    """
    if session.role != "county":
        raise Refused(_("退款由县里登记，本站不能记。"))
    if not receipt.strip():
        raise DomainError(_("登记退款要写明退款凭证，查账的人才知道钱怎样退回来。"))
    now, amount = next(((each, amount) for each, amount in awaited(session) if each.claim.id == claim_id), (None, 0))
    if now is None:
        raise DomainError(_("这笔没有要退的差额，或者已经登记过退款。请刷新名单再看。"))
    _check_user(session, now.claim, now.steps)
    last = max(_arrived(session, claim_id), key=lambda one: (one.paid_on or "", one.id))
    day = on or session.today
    if not (last.paid_on or "") <= day <= session.today:
        raise DomainError(_("退款日期应在拨付日期（{paid}）以后，也不能晚于今天。").format(paid=last.paid_on))
    values = {"claim_id": claim_id, "amount": -amount, "fund": last.fund, "budget_number": last.budget_number}
    records.save(session, "payment", values | {"paid_on": day, "bank_result": "ok"})
    steps.step(session, claim_id, "paid", receipt)
    return amount


def _check_user(session: Session, claim: Claim, taken: Sequence[ClaimStep]) -> None:
    if claim.created_by == session.author:
        raise Refused(_("谁录入谁不能登记退款：这笔申请是您录入的，请换一位同事。"))
    if session.author in path.reviewed_by(taken) and separated(session.conn, session.scope, int(session.today[:4])):
        raise Refused(path.sentence("reviewed", "approved"))


def _arrived(session: Session, claim_id: str) -> list[Payment]:
    made = session.by_parent(Payment, "claim_id", [claim_id])
    return [one for one in made[claim_id] if one.bank_result == "ok" and one.amount > 0]

"""Payment of approved claims: batches with fund, budget number and control total, and the payment sheet for the bank.

A claim is `paid` only when the bank confirms it (`bank_answers` reads the bank's reply); after a failed payment it stays 待拨付 with the
reason and can be paid again. Of a claim that was paid before only the difference is paid (补发), or paid back
(`refunds`). The county prevents double payment when it ingests steps (`sync.county.receiving.claim_steps`); the same check runs here
first, so that the error shows before anything is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import select

from db import listed as listed_sheets
from db import unmasked
from db.among import among
from db.capture import UNACKNOWLEDGED, op
from db.funds import gone_out, separated, unpaid
from db.mapping import table
from db.session import Session
from domain import claims as path
from domain.errors import DomainError, Refused
from domain.money import yuan_grouped
from domain.records import Claim, Employer, Payment, Person
from domain.words import _
from services import records
from services.claims import cautions, claims, steps
from services.files import written
from services.payments import funds
from services.payments import payees as payees_of
from services.printed_lists import note
from services.sheets import Workbook, yuan

SUM: Final = "合计"
_HEADINGS = ("序号", "拨付编号", "户名", "开户行", "账号", "金额", "结果", "原因")


@dataclass(frozen=True)
class Batch:
    """Payments made together: their ids, and their sum in fen (the control total that the bank and the finance bureau compare)."""

    payments: tuple[str, ...]
    total: int


@dataclass(frozen=True)
class Due:
    """An approved claim to be paid. `amount`: what of it was not paid yet, in fen; `account`: whether a bank account is recorded; `failed`:
    the bank's last reason for a failure; `barred`: why it cannot be paid as it stands, "" when it can; `doubt`: what to check
    first about the account; `changed`: what has become otherwise since the approval (`cautions.since_approval`)."""

    standing: claims.ClaimStatus
    name: str
    amount: int
    account: bool
    failed: str = ""
    barred: str = ""
    doubt: str = ""
    changed: str = ""
    unmended: bool = False
    """Whether the bank refused it and the payee's record has not been changed since."""
    reviewed: bool = False
    """Whether this user reviewed or approved it, which the county does not bar; better somebody else pays it."""

    @property
    def supplement(self) -> bool:
        """Whether only the difference is paid (补发), since the claim was paid before."""
        return path.was_paid(self.standing.steps)


def due(session: Session) -> list[Due]:
    """Approved claims without a pending payment, the earliest filed first."""
    waiting = [each for each in claims.listing(session, "approved") if session.may_write(each.claim.village)]
    payments = _payments(session, [each.claim.id for each in waiting])
    payees = payees_of.by_claim(session, (each.claim for each in waiting))
    doubts = payees_of.doubts(session, {id: payee for id, payee in payees.items() if isinstance(payee, Person)})
    payee_set = payees_of.renamed(session, [each.claim.id for each in waiting])
    changed = cautions.since_approval(session, [each.claim for each in waiting], payee_set)
    separate = separated(session.conn, session.scope, int(session.today[:4]))
    found = []
    for each in reversed(waiting):
        made = payments.get(each.claim.id, [])
        owed = path.outstanding(each.claim, made)
        if owed > 0 or all(payment.bank_result == "failed" for payment in made):
            payee = payees.get(each.claim.id)
            name = each.claim.payee or (payee.name if payee else "")
            account = isinstance(payee, Person) and bool(payee.bank_account)
            own = _("谁录入谁不能拨付：这笔是您录入的，请换一位同事") if each.claim.created_by == session.author else ""
            reviewed = session.author in path.reviewed_by(each.steps)
            renamed = payee_set.get(each.claim.id)
            reviewed = reviewed or (renamed is not None and renamed.by == session.author)
            own = own or (_("审核与拨付不能是同一人：这笔是您审核或批准的，请换一位同事") if reviewed and separate else "")
            refused = bool(made) and made[-1].bank_result == "failed"
            failed, barred = made[-1].reason or "" if refused else "", own or payees_of.barred(each.claim, payee)
            told = doubts.get(each.claim.id, ""), changed.get(each.claim.id, "")
            unmended = refused and _unchanged_since(payee, made[-1])
            found.append(Due(each, name, owed, account, failed, barred, *told, unmended, reviewed and not separate))
    return found


def paid_before(session: Session, listed: Iterable[claims.ClaimStatus]) -> dict[str, int]:
    """What the bank paid (fen) of the claims that were approved again for the difference (补发、追回), by claim id."""
    again = [each.claim.id for each in listed if each.state == "approved" and path.was_paid(each.steps)]
    return gone_out(session.conn, again, arrived=True)


def at_bank(session: Session) -> set[str]:
    """Ids of the claims with a payment that the bank has not answered yet."""
    return {one.claim_id for one in session.select(Payment, bank_result=None)}


def only_marked(session: Session) -> list[claims.ClaimStatus]:
    """Claims marked as paid without a payment that went out: the money is in no payment record."""
    c, s = table("claim"), table("claim_step")
    marked = select(s.c.claim_id).where(s.c.to_state == "paid", s.c.deleted_at.is_(None))
    found = claims.standings(session, session.select(Claim, c.c.id.in_(marked), unpaid()))
    return [each for each in found if path.was_paid(each.steps)]


def bounced(session: Session) -> dict[str, str]:
    """The bank's last reason for failure of approved claims that could not be paid, by claim id: the village has to check the account.

    A claim is left out once the payee's record was changed after the failure.
    """
    tried = {one.claim_id for one in session.select(Payment, bank_result="failed")}
    kept = [claim for claim in records.by_id(session, Claim, tried).values() if claim.deleted_at is None]
    listed = [each for each in claims.standings(session, kept) if each.state == "approved"]
    payments = _payments(session, [each.claim.id for each in listed])
    payees = payees_of.by_claim(session, (each.claim for each in listed))
    found = {}
    for each in listed:
        made = payments[each.claim.id]
        if made[-1].bank_result == "failed" and _unchanged_since(payees.get(each.claim.id), made[-1]):
            found[each.claim.id] = made[-1].reason or _("银行没有写原因")
    return found


def _unchanged_since(payee: Person | Employer | None, refused: Payment) -> bool:
    """Whether the payee's record was not changed after the bank refused a payment."""
    return payee is None or (payee.updated_at or "") <= (refused.updated_at or "")


def pay(session: Session, claim_ids: Iterable[str], fund: str, *, budget_number: str | None = None, total: int | None = None) -> Batch:
    """Make the payments of one batch. `total` (fen) is a control total added up independently; nothing is paid if it differs.

    Raises `Refused` except at the county. Raises `DomainError` for a claim that is not approved, has a payment pending, cannot be paid
    as it stands or amounts to nothing, and for more than the fund has left (`services.payments.funds`).
    """
    if session.role != "county":
        raise Refused(_("拨付由县里办理，本站不能记。"))
    open_ones = {each.standing.claim.id: each for each in due(session)}
    chosen = list(dict.fromkeys(claim_ids))
    if not chosen or any(id not in open_ones for id in chosen):
        raise DomainError(_("有的申请不是「待拨付」，或已经在拨付中。请刷新名单后重选。"))
    barred = next((open_ones[id] for id in chosen if open_ones[id].barred), None)
    if barred is not None:
        raise DomainError(_("{name}：{why}。").format(name=barred.name or barred.standing.claim.id[:8], why=barred.barred))
    sums = sum(open_ones[id].amount for id in chosen)
    if any(open_ones[id].amount <= 0 for id in chosen):
        raise DomainError(_("有的申请金额是 0，不能拨付。"))
    for id in chosen:
        _check_still_due(session, open_ones[id])
    if total is not None and total != sums:
        raise DomainError(
            _("控制总额不符：名单合计 {sums} 元，填写的是 {total} 元。请核对后再拨。").format(
                sums=yuan_grouped(sums), total=yuan_grouped(total)
            )
        )
    funds.within(session, fund, sums)
    to = payees_of.accounts(session, [open_ones[id].standing.claim for id in chosen])
    made = []
    for id in chosen:
        values = {"claim_id": id, "amount": open_ones[id].amount, "fund": fund, "paid_on": session.today, **to[id]}
        values |= {"budget_number": budget_number} if budget_number else {}
        made.append(records.save(session, "payment", values))
    return Batch(tuple(made), sums)


def supplements(made: Iterable[Payment]) -> set[str]:
    """The payments, of these, that were made after another one of the same claim had arrived (补发), by id."""
    arrived: set[str] = set()
    found: set[str] = set()
    for one in sorted(made, key=lambda one: (one.created_at or "", one.id)):
        found |= {one.id} if one.claim_id in arrived and one.amount > 0 else set()
        arrived |= {one.claim_id} if one.bank_result == "ok" else set()
    return found


def _check_still_due(session: Session, each: Due) -> None:
    """Last check before payment: a wrong amount in a pack may have been corrected after the approval."""
    try:
        steps.still_due(session, each.standing.claim)
    except DomainError as error:
        hint = _("拨付过的不能退回：请在「办理」里办「不再补发」，还差的再核定。") if each.supplement else ""
        raise DomainError(_("{name}：{why}").format(name=each.name, why=error) + hint) from None


def _payments(session: Session, claim_ids: Sequence[str]) -> Mapping[str, list[Payment]]:
    return session.by_parent(Payment, "claim_id", claim_ids, order=("created_at", "id"))


# -- the bank --------------------------------------------------------------------------------------------------------------


def bank_sheet(session: Session, payments: Sequence[str], file: Path, *, reason: str) -> int:
    """Write the payment sheet for the bank and return its number of lines. It holds full account numbers, so `reason` is logged. The
    payments are noted (`db.listed`)."""
    found = {payment.id: payment for payment in session.select(Payment, id=payments)}
    listed = [found[id] for id in payments if id in found]
    accounts = payees_of.accounts(session, records.by_id(session, Claim, (payment.claim_id for payment in listed)).values())
    unmasked.log_view(session, f"payment sheet of {len(listed)}", reason)
    with written(file) as unfinished, Workbook(unfinished, note(session, plain=True)) as book:
        sheet = book.sheet("拨付清单")
        sheet.title("补助资金拨付清单", len(_HEADINGS))
        sheet.headings(_HEADINGS)
        for number, payment in enumerate(listed, 1):
            to = payees_of.paid_to(payment, accounts)
            sheet.row([number, payment.id, *(to[name] or "" for name in payees_of.TO), yuan(payment.amount), "", ""])
        sheet.row(["", SUM, "", "", "", yuan(sum(payment.amount for payment in listed)), "", ""])
    listed_sheets.note(session, (one.id for one in listed))
    return len(listed)


def unsent(session: Session, payments: Sequence[str]) -> int:
    """Number of these payments the county has not acknowledged; until it has, another desk may have paid the same claims."""
    return len(set(session.conn.execute(select(op.c.row_id).where(UNACKNOWLEDGED, among(op.c.row_id, payments))).scalars()))

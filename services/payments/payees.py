"""Who is paid for a claim, what bars the payment (`barred`), and warnings before it (`doubts`): the account was changed without
confirmation by another person, or after the approval; a merge changed it; or several people share it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import func, select

from db.among import among
from db.capture import op
from db.changes import touched
from db.mapping import table
from db.merged import counted_for, roots, stands
from db.session import Session
from domain import clock
from domain.authors import name_of
from domain.grouping import by_key
from domain.identity import unnumbered
from domain.key_changes import Event
from domain.records import Claim, Employer, Payment, Person
from domain.words import _
from services import facts, key_changes, records

_FIELD = Person.KIND.by_name["bank_account"]
_ACCOUNT = _FIELD.number
_PAYEE = Claim.KIND.by_name["payee"].number


def by_claim(session: Session, listed: Iterable[Claim]) -> Mapping[str, Person | Employer]:
    """The payee of each claim, by claim id: the employer of an employer's claim, else the person, or the record they were merged into."""
    claims = list(listed)
    people = records.by_id(session, Person, (claim.person_id for claim in claims))
    replaced = roots(session, [str(id) for id, person in people.items() if person.merged_into])
    into = records.by_id(session, Person, replaced.values())
    people |= {id: into[other] for id, other in replaced.items() if other in into}
    employers = records.by_id(session, Employer, (claim.employer_id for claim in claims))
    chosen = ((claim.id, employers.get(claim.employer_id or "") or people.get(claim.person_id or "")) for claim in claims)
    return {id: payee for id, payee in chosen if payee is not None}


TO: Final = ("payee", "bank_name", "account")
"""The fields of a payment that say where it went: the account holder, the bank and the account."""


def accounts(session: Session, listed: Iterable[Claim]) -> dict[str, dict[str, str | None]]:
    """Where a payment of each claim would go now (`TO`), by claim id."""
    claims = list(listed)
    payees, found = by_claim(session, claims), {}
    for claim in claims:
        payee = payees.get(claim.id)
        bank = (payee.bank_name, payee.bank_account) if isinstance(payee, Person) else (None, None)
        found[claim.id] = dict(zip(TO, (claim.payee or (payee.name if payee is not None else None), *bank), strict=True))
    return found


def paid_to(payment: Payment, now: Mapping[str, Mapping[str, str | None]]) -> Mapping[str, str | None]:
    """Where a payment went (`TO`); of payments of older programs, which do not say, where it would go `now` (`accounts`)."""
    kept = {name: payment[name] for name in TO}
    return kept if any(kept.values()) else now.get(payment.claim_id, kept)


def barred(claim: Claim, payee: Person | Employer | None) -> str:
    """Why a claim cannot be paid as it stands: its payee died or is no longer on record. "" if it can, and if the claim names a payee."""
    if claim.payee:
        return ""
    if payee is None or payee.deleted_at is not None:
        return _("收款人的记录不在了，请先核实，或在申请里写明收款人")
    if isinstance(payee, Person) and payee.died_on:
        return _("收款人已于 {day} 去世，请先核定由谁领取，在申请里写明收款人").format(day=payee.died_on)
    return ""


def doubts(session: Session, payees: Mapping[str, Person]) -> dict[str, str]:
    """Claim id → warning, for claims with a doubtful account; `payees` maps claim ids to payees. A warning does not prevent the payment."""
    approved = _approvals(session, payees)
    changed = _changes(session, {person.id for person in payees.values()})
    waiting = key_changes.sentences(session, {person.id for person in payees.values()})
    merged = redirected(session, payees)
    shared = _shared(session, {person.bank_account for person in payees.values() if person.bank_account})
    found = {}
    for claim, person in payees.items():
        seq, at = approved.get(claim, (None, ""))
        sentences = [waiting[person.id]] if person.id in waiting else []
        last = changed.get(person.id)
        if last is not None and _after(last, seq, at) and not key_changes.confirmed(session, _event(person.id, last)):
            sentences.append(_("账号在审批后由{who}于 {day} 改过，请先核实").format(who=name_of(last.by), day=clock.text(last.at)[:10]))
        if claim in merged:
            sentences.append(merged[claim])
        if unnumbered(person.id_number or ""):
            sentences.append(_("本人没有证件号码，银行核对不了，请先补上证件"))
        if (count := shared.get(person.bank_account or "", 1)) > 1:
            sentences.append(_("账号有 {n} 人在用").format(n=count))
        if sentences:
            found[claim] = _("；").join(sentences)
    return found


def facts_changed(session: Session, listed: Iterable[Claim]) -> list[Claim]:
    """The claims for people of whom facts were entered, edited or deleted after the approval, so that another verdict may be due."""
    claims = {claim.id: claim for claim in listed if claim.person_id is not None}
    approved = _approvals(session, claims)
    selves = counted_for(session, [str(claim.person_id) for claim in claims.values()])
    changes = by_key((selves[id], (entry, at)) for id, entry, at in facts.changed(session, selves))
    return [
        claim
        for claim in claims.values()
        if any(_is_later(entry, at, *approved.get(claim.id, (None, ""))) for entry, at in changes.get(str(claim.person_id), ()))
    ]


def renamed(session: Session, claims: Iterable[str]) -> dict[str, Any]:
    """Claim id → the latest change of its payee after the approval."""
    approved = _approvals(session, claims)
    theirs = among(op.c.row_id, approved), op.c.what.in_(("U", "R")), op.c.kind == Claim.KIND.number
    query = select(op.c.row_id, op.c.entry, op.c.at, op.c.by, op.c.mask).where(*theirs).order_by(op.c.seq)
    lines = (line for line in session.conn.execute(query) if _PAYEE in touched(line.mask))
    return {line.row_id: line for line in lines if _after(line, *approved[line.row_id])}


def redirected(session: Session, payees: Mapping[str, Person]) -> dict[str, str]:
    """Claim id → warning, for claims whose person was merged into one with another account. A merge redirects the money without a change of
    account that somebody would have to confirm."""
    c, p = table("claim"), table("person")
    text = _("并入{name}后账号由 {old} 变为 {new}，请先核实")
    found = {}
    known = among(c.c.id, payees), c.c.employer_id.is_(None), c.c.person_id == p.c.id, p.c.bank_account.is_not(None)
    for row in session.conn.execute(select(c.c.id, c.c.person_id, p.c.bank_account).where(*known)):
        payee = payees[row.id]
        if row.person_id != payee.id and row.bank_account != payee.bank_account:
            new = _FIELD.show(payee.bank_account) or _("（空）")
            found[row.id] = text.format(name=payee.name, old=_FIELD.show(row.bank_account), new=new)
    return found


def _event(person_id: str, line: Any) -> Event:
    return Event("K3", person_id, None, None, line.by, line.at, ("", line.entry))


def _after(change: Any, seq: int | None, at: str) -> bool:
    """Whether a change came after the approval: by the county's log if both are in it, otherwise by their times. A laptop's clock cannot be
    trusted, and a change made earlier but uploaded later was not visible at the approval."""
    return _is_later(change.entry, change.at, seq, at)


def _is_later(entry: int | None, changed_at: str, seq: int | None, at: str) -> bool:
    return entry > seq if entry is not None and seq is not None else changed_at > at


def _approvals(session: Session, claims: Iterable[str]) -> dict[str, tuple[int | None, str]]:
    t = table("claim_step")
    approved = among(t.c.claim_id, claims), t.c.to_state == "approved", t.c.deleted_at.is_(None)
    query = select(t.c.claim_id, t.c.seq, t.c.at).where(*approved).order_by(t.c.seq.is_(None), t.c.seq, t.c.at)
    return {claim: (seq, at) for claim, seq, at in session.conn.execute(query)}


def _changes(session: Session, people: Iterable[str]) -> dict[str, Any]:
    """Person id → the latest change of an existing account; filling in a missing one does not count."""
    found = {}
    theirs = among(op.c.row_id, people), op.c.what.in_(("U", "R")), op.c.kind == Person.KIND.number
    query = select(op.c.row_id, op.c.entry, op.c.at, op.c.by, op.c.mask, op.c.old).where(*theirs).order_by(op.c.seq)
    for row in session.conn.execute(query):
        if _ACCOUNT in touched(row.mask) and json.loads(row.old or "{}").get(str(_ACCOUNT)):
            found[row.row_id] = row
    return found


def _shared(session: Session, accounts: Iterable[str]) -> dict[str, int]:
    t = table("person")
    theirs = among(t.c.bank_account, accounts), t.c.deleted_at.is_(None), stands()
    return dict(session.conn.execute(select(t.c.bank_account, func.count()).where(*theirs).group_by(t.c.bank_account)).all())

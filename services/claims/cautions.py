"""Warnings before a step of a claim. They block nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from db.merged import roots
from db.session import Session
from domain import claims as path
from domain.records import Claim, Person
from domain.words import _
from services import key_changes, policies, records
from services.claims.claims import ClaimStatus, standings
from services.claims.materials import materials
from services.claims.steps import under_way
from services.payments import funds, payees


def before_approval(session: Session, ids: Sequence[str]) -> str:
    """Return the warnings before these claims are approved, one a line: insufficient funds, key changes that nobody else has confirmed,
    merges that send the money elsewhere. "" when there are none. They block nothing."""
    chosen = [claim for id in ids if (claim := session.get(Claim, id)) is not None]
    into = roots(session, [claim.person_id for claim in chosen if claim.person_id])
    whose = {claim.id: into[claim.person_id] for claim in chosen if claim.person_id}
    named = records.by_id(session, Person, whose.values())
    merged = payees.redirected(session, {id: named[person] for id, person in whose.items() if person in named})
    told = [*key_changes.sentences(session, whose.values()).items(), *((whose[id], why) for id, why in merged.items())]
    lines = (_("{name}：{why}").format(name=named[id].name, why=why) for id, why in told)
    return "\n".join(filter(None, (funds.short(session, chosen), _own_reviews(session, chosen), *lines)))


def _own_reviews(session: Session, chosen: Sequence[Claim]) -> str:
    """A warning that this user also made the county's review of claims to be approved; "" if of none."""
    mine = sum(session.author in path.reviewed_by(each.steps) for each in standings(session, chosen))
    return _("其中 {n} 笔的县审核也是您办的，最好换一位同事批准。").format(n=mine) if mine else ""


def of_payment(session: Session, now: ClaimStatus, *, paid: bool) -> Iterator[str]:
    """What is missing to show that a claim's money reached the right person. `paid`: the claim is marked as paid, or is to be."""
    claim = now.claim
    if paid and not under_way(session, claim.id):
        yield _("没有拨付记录，只记了「已拨付」：从哪项资金拨的、拨到哪个账号、银行收没收，这里都查不到")
    payee = payees.by_claim(session, [claim]).get(claim.id)
    if isinstance(payee, Person) and not payee.bank_account:
        yield _("没有登记社保卡账号")
    if now.state == "recovered" and not now.returned_because:
        yield _("登记了已追回，没有写原因和退款凭证")


def before_step(session: Session, now: ClaimStatus, to_state: str, *, paid: bool = False) -> list[str]:
    """The warnings before a claim is taken to a state by command or in a file. `paid`: its payment comes along in that file."""
    if to_state == "approved":
        return before_approval(session, [now.claim.id]).splitlines()
    found = before_payment(session, now, paid=paid) if to_state == "paid" else []
    return [_("注意：{what}。").format(what=one) for one in found]


def before_payment(session: Session, now: ClaimStatus, *, paid: bool = False) -> list[str]:
    """The warnings before a claim is marked as paid by hand. `paid`: its payment is about to be recorded too."""
    if path.was_paid(now.steps):
        return []  # the step calls off a supplementary payment
    rule = policies.rules(session).of(now.claim.pack, now.claim.rule)
    lacking = [one.document for one in materials(session, now.claim, rule.documents if rule else ()) if one.document and not one.files]
    said = list(of_payment(session, now, paid=not paid))
    return [*said, _("没有的材料：{missing}").format(missing=_("、").join(lacking))] if lacking else said

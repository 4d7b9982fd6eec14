"""Warnings before a step of a claim, and before it is paid. They block nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from db import same_benefit
from db.merged import roots
from db.same_benefit import Beneficiaries
from db.session import Session
from domain import claims as path
from domain import clock
from domain.authors import name_of
from domain.errors import DomainError
from domain.records import Claim, Person
from domain.words import _
from services import key_changes, policies, records
from services.claims import steps, twins, verdicts
from services.claims.claims import ClaimStatus, otherwise, standings
from services.claims.materials import materials
from services.lists.titles import titles
from services.payments import funds, payees


def before_approval(session: Session, ids: Sequence[str]) -> str:
    """Return the warnings before these claims are approved, one a line: insufficient funds, lacking documents, key changes that nobody
    else has confirmed, merges that send the money elsewhere. "" when there are none. They block nothing."""
    chosen = [claim for id in ids if (claim := session.get(Claim, id)) is not None]
    into = roots(session, [claim.person_id for claim in chosen if claim.person_id])
    whose = {claim.id: into[claim.person_id] for claim in chosen if claim.person_id}
    named = records.by_id(session, Person, whose.values())
    merged = payees.redirected(session, {id: named[person] for id, person in whose.items() if person in named})
    told = [*key_changes.sentences(session, whose.values()).items(), *((whose[id], why) for id, why in merged.items())]
    lines = (_("{name}：{why}").format(name=named[id].name, why=why) for id, why in told)
    return "\n".join(filter(None, (funds.short(session, chosen), _own_reviews(session, chosen), papers(session, chosen), *lines)))


def papers(session: Session, chosen: Sequence[Claim]) -> str:
    """A warning about claims to be approved or paid for which documents are lacking; "" if none are."""
    lacking = sum(bool(_missing(session, claim)) for claim in chosen)
    return _("其中 {n} 笔材料还没有附全（在「办理」里看缺哪样）。").format(n=lacking) if lacking else ""


def _missing(session: Session, claim: Claim) -> list[str]:
    """The documents that the rule of a claim asks for and that no file stands for."""
    rule = policies.rules(session).of(claim.pack, claim.rule)
    return [one.document for one in materials(session, claim, rule.documents if rule else ()) if one.document and not one.files]


def before_steps(session: Session, ids: Sequence[str], to_state: str) -> str:
    """The warnings before claims are taken to a state that somebody vouches for, one a line: whose verdict is another than at filing, and
    those of `before_approval`."""
    found = judged_otherwise(session, ids) if to_state in steps.REVIEWS else ()
    told = [_("{name}：{why}").format(name=name, why=why) for name, why in found]
    return "\n".join(filter(None, (before_approval(session, ids) if to_state == "approved" else "", *told)))


def judged_otherwise(session: Session, ids: Sequence[str]) -> list[tuple[str, str]]:
    """Those of the claims whose verdict is another than at filing: their names, and both verdicts."""
    found = verdicts.undecided(session, standings(session, records.by_id(session, Claim, ids).values()))
    named = titles(session, "claim", found)
    return [(named[id], why) for id, why in found.items()]


def _own_reviews(session: Session, chosen: Sequence[Claim]) -> str:
    """A warning that this user also made the county's review of claims to be approved; "" if of none."""
    mine = sum(session.author in path.reviewed_by(each.steps) for each in standings(session, chosen))
    return _("其中 {n} 笔的县审核也是您办的，最好换一位同事批准。").format(n=mine) if mine else ""


def of_payment(session: Session, now: ClaimStatus, *, paid: bool) -> Iterator[str]:
    """What is missing to show that a claim's money reached the right person. `paid`: the claim is marked as paid, or is to be."""
    claim = now.claim
    if paid and not steps.under_way(session, claim.id):
        yield _("没有拨付记录，只记了「已拨付」：从哪项资金拨的、拨到哪个账号、银行收没收，这里都查不到")
    payee = payees.by_claim(session, [claim]).get(claim.id)
    if isinstance(payee, Person) and not payee.bank_account:
        yield _("没有登记社保卡账号")
    if now.state == "recovered" and not now.returned_because:
        yield _("登记了已追回，没有写原因和退款凭证")


def before_step(session: Session, now: ClaimStatus, to_state: str, *, paid: bool = False) -> list[str]:
    """The warnings before a claim is taken to a state by command or in a file. `paid`: its payment comes along in that file."""
    if to_state in steps.REVIEWS:
        return before_steps(session, [now.claim.id], to_state).splitlines()
    found = before_payment(session, now, paid=paid) if to_state == "paid" else []
    return [_("注意：{what}。").format(what=one) for one in found]


def before_payment(session: Session, now: ClaimStatus, *, paid: bool = False) -> list[str]:
    """The warnings before a claim is marked as paid by hand. `paid`: its payment is about to be recorded too."""
    if path.was_paid(now.steps):
        return []  # the step calls off a supplementary payment
    lacking = _missing(session, now.claim)
    payee = payees.by_claim(session, [now.claim]).get(now.claim.id)
    account = payees.doubts(session, {now.claim.id: payee}) if isinstance(payee, Person) else {}
    said = [*of_payment(session, now, paid=not paid), *account.values(), *since_approval(session, [now.claim]).values()]
    return [*said, _("没有的材料：{missing}").format(missing=_("、").join(lacking))] if lacking else said


def since_approval(session: Session, listed: Sequence[Claim], payees_set: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Claim id → what has become otherwise since the approval, for claims that are to be paid: another claim was granted for the same
    benefit, the payee was set, or facts were added, changed or deleted so that the verdict is another (decision 063). `payees_set`:
    `payees.renamed` of the claims, where it is known."""
    renamed = payees.renamed(session, [claim.id for claim in listed]) if payees_set is None else payees_set
    known, doubtful = Beneficiaries(session), {claim.id for claim in same_benefit.changed(session, listed)}
    judged = {claim.id for claim in payees.facts_changed(session, listed)}
    found = {}
    for claim in listed:
        other = twins.granted(session, claim, known) if claim.id in doubtful else None
        told = [twins.enjoyed(other, claim.village)] if other is not None else []
        told += [_renamed(claim, renamed[claim.id])] if claim.id in renamed else []
        if claim.id in judged and (what := _("；").join(of_verdict(session, claim))):
            told.append(_("批准后加过、改过或删过所据的登记：{what}").format(what=what))
        if told:
            found[claim.id] = _("；").join(told)
    return found


def refuse_unexplained(session: Session, now: ClaimStatus) -> None:
    """Raise `DomainError` for a claim that is to be marked as paid by hand, without a reason, although something has become otherwise since
    its approval."""
    if path.was_paid(now.steps) or steps.under_way(session, now.claim.id):
        return  # the money is out
    if why := since_approval(session, [now.claim]).get(now.claim.id):
        name = titles(session, "claim", [now.claim.id]).get(now.claim.id, now.claim.id[:8])
        text = _("{name}：{why}。核实过、确实拨了的，请用 --opinion 写明原因再记；不该拨的，请退回。")
        raise DomainError(text.format(name=name, why=why))


def _renamed(claim: Claim, line: Any) -> str:
    """The warning that the payee was set after the approval."""
    text = _("收款人在审批后由{who}于 {day} 改为{payee}，请先核实")
    return text.format(who=name_of(line.by), day=clock.text(line.at)[:10], payee=claim.payee or _("本人"))


def of_verdict(session: Session, claim: Claim) -> Iterator[str]:
    """Whether today's verdict is another one than the claim was filed on."""
    return otherwise(claim, verdicts.judged(session, claim))

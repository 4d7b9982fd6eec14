"""Steps of a claim's workflow: who may take one, whether the facts still allow it, and whether a public notice or another claim bars it.

`domain.claims` defines the workflow; this module applies it to stored claims. At a station the result is provisional: the county checks
every step again on arrival, in its own order (`sync.county.receiving.claim_steps`).
"""

from __future__ import annotations

from collections.abc import Sequence

from db import changes, local, receipts
from db.funds import ceiling, separated
from db.mapping import table
from db.merged import root, selves
from db.session import Session
from domain import claims as path
from domain.errors import DomainError, Refused
from domain.funds import label
from domain.grouping import by_key
from domain.money import yuan_grouped
from domain.policy.verdict import Outcome, Verdict
from domain.progress import Progress, unwatched
from domain.records import Attendance, Claim, ClaimStep, Employer, Notice, Objection, Payment, Person
from domain.words import _
from services import policies, records, screening
from services.claims import arbitration, differences, posted, submitted, twins
from services.claims.claims import ClaimStatus, otherwise, standing, standings, unmet_words
from services.claims.verdicts import judged
from services.lists.titles import titles
from services.payments import payees

_MAX_NAMED = 6
"""Number of further failing claims that the error of `step_all` names."""
_DEFINITE_NO = screening.UNENTITLED - {Outcome.DUPLICATE}
_OPEN = frozenset(Outcome) - screening.UNENTITLED - {Outcome.ELIGIBLE}
REVIEWS = frozenset({"village_reviewed", "township_reviewed", "county_review", "approved"})
"""Steps in which somebody vouches for the content of a claim."""
_ONWARD = frozenset(path.PATH) - {"draft", "paid"}
"""Steps that only one of two claims for the same benefit may take; `paid` records what the bank did."""


def step(session: Session, id: str, to_state: str, opinion: str | None = None) -> ClaimStatus:
    """Take one step of a claim's workflow and return the claim's new state.

    Raises `Refused` (wrong level, wrong user, approval by whoever entered the claim) or `DomainError` (step not possible from the present
    state, public notice not over, no reason given for returning, refusing or recovering).
    """
    now = standing(session, id)
    check(session, now, to_state, opinion)
    if to_state in _ONWARD:
        _check_subject(session, now.claim)
        twins.refuse(session, now)
    if to_state == "paid" and path.was_paid(now.steps):
        differences.call_off(session, now.claim, opinion)
    if to_state in REVIEWS:
        opinion = _review(session, now, (opinion or "").strip(), to_state)
    if to_state == "approved":
        _check_amount(_claim(session, now))
        _check_priority(session, now.claim)
    if submitted.before_review(now.state, to_state):
        submitted.keep(session, id)
    write_step(session, now.claim, to_state, opinion)
    return standing(session, id)


def check(session: Session, now: ClaimStatus, to_state: str, opinion: str | None = None) -> None:
    """Raise the errors of `step` for a step that may not be taken wherever it comes from (form, command or file). What is judged anew when
    somebody vouches for a claim, its amount and its rivals, is not looked at here."""
    word = path.problem(now.claim, now.steps, to_state, session.role, session.author)
    if word in ("level", "duties"):
        raise Refused(path.sentence(word, now.state, to_state))
    if word is not None:
        raise DomainError(path.sentence(word, now.state, to_state))
    _check_user(session, to_state, now.state)
    if to_state in ("returned", "refused") and not (opinion or "").strip():
        raise DomainError(_("退回或不予通过要写明原因，对方才知道怎么改。"))
    if to_state == "recovered" and not (opinion or "").strip():
        raise DomainError(_("登记已追回要写明原因和退款凭证，查账的人才知道钱为什么、怎样退回来。"))
    _check_notices(session, now, to_state)
    if to_state in ("returned", "refused") and under_way(session, now.claim.id):
        raise DomainError(_("这笔钱已在拨付中，现在不能退回或不予通过。请等银行结果，失败了再办。"))
    if to_state == "paid":
        _check_paid(session, now)


def step_all(session: Session, ids: Sequence[str], to_state: str, opinion: str | None = None, progress: Progress = unwatched) -> list[str]:
    """Take the same step with several claims and return a sentence for each whose amount was brought up to date by it.

    Where one fails, raises the error of `step`, naming the claims that fail and the reason of the first; the caller must then write none.
    """
    barred: dict[str, DomainError | Refused] = {}
    before = {claim.id: claim.amount for claim in records.by_id(session, Claim, ids).values()}
    changed: dict[str, int] = {}
    for number, id in enumerate(ids):
        progress(number, len(ids), path.state_label(to_state))
        try:
            amount = step(session, id, to_state, opinion).claim.amount
            changed |= {id: amount} if amount != before.get(id) else {}
        except (DomainError, Refused) as error:
            if len(ids) == 1:
                raise
            barred[id] = error
    if barred:
        first, *others = barred
        named = {id: titles(session, "claim", [id]).get(id, id[:8]) for id in (first, *others[:_MAX_NAMED])}
        text = _("{name}：{why}这一批都没有办，请先把这一笔挑出来。")
        if others:
            text = _("{name}：{why}另有 {n} 笔也办不成（{names}）。这一批都没有办，请先把这几笔挑出来。")
        names = _("、").join(named[id] for id in others[:_MAX_NAMED]) + (_("……") if len(others) > _MAX_NAMED else "")
        raise type(barred[first])(text.format(name=named[first], why=barred[first], n=len(others), names=names))
    named = titles(session, "claim", changed)
    return [_("{name}：{why}").format(name=named[id], why=_amended(before[id], amount)) for id, amount in changed.items()]


def _amended(before: int, amount: int) -> str:
    text = _("按现在登记的事实，金额由 {before} 元改为 {amount} 元")
    return text.format(before=yuan_grouped(before), amount=yuan_grouped(amount))


def write_step(session: Session, claim: Claim, to_state: str, opinion: str | None = None) -> None:
    """Write a step that was checked already. It is stored in the claim's village, where higher levels write steps too."""
    values = {
        "claim_id": claim.id,
        "to_state": to_state,
        "by": session.author,
        "at": session.at,
        "opinion": (opinion or "").strip() or None,
    }
    changes.insert(session, "claim_step", [{"id": session.new_id(), "village": claim.village, **values}])


def _review(session: Session, now: ClaimStatus, opinion: str, to_state: str) -> str:
    """Check what the step vouches for, bring an unreviewed claim up to date, and return the opinion to be written. The county's says how
    it decided a claim that was due when it was filed and whose verdict is open today."""
    found = judged(session, now.claim)
    if not found:
        _check_rule_in_use(session, now.claim)
    if now.state in (path.DRAFT, "returned"):
        _update_amount(session, now.claim, found)
        amount = _claim(session, now).amount
        if amount != now.claim.amount:  # the levels above read it among the opinions
            opinion = _("；").join(filter(None, (_amended(now.claim.amount, amount), opinion)))
    if now.state == "paid":
        opinion = differences.set_due(session, now.claim, found, opinion)
    _still_due(_claim(session, now), found)
    _check_sheet(session, now.claim)
    if found and all(one.outcome in _OPEN for one in found):
        said = _("；").join(otherwise(now.claim, found))
        if said and not opinion and to_state in ("county_review", "approved"):
            raise DomainError(_("{what}。要往下办，请在意见里写明县里怎么定的；不该给的，请退回或不予通过。").format(what=said))
        opinion = _("；").join(filter(None, (said, opinion)))
    return opinion


def _claim(session: Session, now: ClaimStatus) -> Claim:
    """The claim as it is by now: its amount may have been brought up to date."""
    return session.get(Claim, now.claim.id) or now.claim


def _check_subject(session: Session, claim: Claim) -> None:
    """Raise `DomainError` where the person or employer was deleted, as another laptop may have done."""
    for kind, id in ((Person, claim.person_id), (Employer, claim.employer_id)):
        known = session.get(kind, id, deleted=True) if id else None
        if known is not None and known.deleted_at is not None:
            text = _("{name}的记录已经删除了，这笔申请不能往下办。删错的请到回收站恢复；确实不要的，请退回、不予通过或撤回。")
            raise DomainError(text.format(name=known.name))


def _check_user(session: Session, to_state: str, state: str) -> None:
    role = next((a.role for a in local.accounts(session) if a.name == session.user), "readonly")
    if role not in (path.ENTERED_BY if to_state in ("draft", "withdrawn") else path.DECIDED_BY):
        raise Refused(path.sentence("user", state, to_state))


def under_way(session: Session, id: str) -> bool:
    """Whether a claim has a payment that did not fail: pending or paid."""
    return any(payment.bank_result != "failed" for payment in session.select(Payment, claim_id=id))


def _check_paid(session: Session, now: ClaimStatus) -> None:
    """Raise `DomainError` where a claim may not be marked as paid."""
    if _unanswered(session, now.claim.id):
        raise DomainError(_("这笔申请的拨付还没有成功，不能记为已拨付。请先在「补助 → 拨付」登记银行结果，失败的重新发放。"))
    reviewed = not under_way(session, now.claim.id) and session.author in path.reviewed_by(now.steps)
    if reviewed and separated(session.conn, session.scope, int(session.today[:4])):  # the county has ruled that reviewers do not pay
        raise Refused(path.sentence("reviewed", now.state, "paid"))
    if not path.was_paid(now.steps):  # the money is out; the step calls off the rest
        _check_payment_counted(session, now.claim)
        _check_payee(session, now.claim)


def _check_payment_counted(session: Session, claim: Claim) -> None:
    """Raise `DomainError` where the fund has a ceiling and the claim has no payment that would count against it."""
    fund = policies.rules(session).fund(claim.pack, claim.rule)
    if fund is None or under_way(session, claim.id) or ceiling(session.conn, session.scope, fund, int(session.today[:4])) is None:
        return
    text = _("{fund}今年设了额度，不能只记已拨付：请在「补助 → 拨付」登记这笔拨付，才会从额度里扣除。")
    raise DomainError(text.format(fund=label(fund)))


def _check_payee(session: Session, claim: Claim) -> None:
    """Raise `DomainError` where a payment would be barred, for a claim that is marked paid without one. Once the bank has paid, the step
    only records it."""
    why = "" if under_way(session, claim.id) else payees.barred(claim, payees.by_claim(session, [claim]).get(claim.id))
    if why:
        raise DomainError(_("{why}。").format(why=why))


def _unanswered(session: Session, id: str) -> bool:
    """Whether a claim has payments on record and the bank confirmed none, or has not answered for one. A claim without payments may be
    marked paid: some counties pay through another system and only record the result."""
    results = [payment.bank_result for payment in session.select(Payment, claim_id=id)]
    return bool(results) and ("ok" not in results or None in results)


def _still_due(claim: Claim, found: Sequence[Verdict]) -> None:
    """Raise `DomainError` where the present verdicts are a definite no, or the claim exceeds the amount due.

    Open verdicts, and claims without facts on file, are left to the reviewer.
    """
    if not found or any(verdict.outcome not in (*_DEFINITE_NO, Outcome.ELIGIBLE) for verdict in found):
        return
    due = max((verdict for verdict in found if verdict.outcome is Outcome.ELIGIBLE), key=lambda verdict: verdict.amount, default=None)
    if due is None:
        raise DomainError(
            _("按现在登记的事实不能往下办：{why}。请退回或撤回，或把事实登记准确再办。").format(why=unmet_words(found[0].to_json()))
        )
    most = screening.due_of(claim, due)  # `_check_priority` decides between several claims
    if claim.amount > most:
        text = _("按现在登记的事实应为 {due} 元，申请的是 {amount} 元。请先改金额，或退回。")
        raise DomainError(text.format(due=yuan_grouped(most), amount=yuan_grouped(claim.amount)))


def _check_sheet(session: Session, claim: Claim) -> None:
    """Raise `DomainError` for the pay of a post's month that the pay sheet has paid meanwhile."""
    if claim.record_id is None or session.get(Attendance, claim.record_id) is None:
        return
    amount, said = screening.paid_by_sheet(screening.about(session, person_id=claim.person_id), claim.record_id)
    if amount:
        raise DomainError(_("不能往下办：{why}。请退回或撤回这笔申请。").format(why=said))


def still_due(session: Session, claim: Claim) -> None:
    """Raise `DomainError` where a pack that an approved claim was judged by has another version now, under which less or nothing is due."""
    versions = {pack.id: pack.version for pack in policies.here(session)}
    own, *overlays = (claim.pack_version or "").split("+")
    judged_by = {claim.pack: own} | dict(one.split("@", 1) for one in overlays if "@" in one)
    if any(versions.get(id, version) != version for id, version in judged_by.items()):
        _still_due(claim, judged(session, claim))


def _check_rule_in_use(session: Session, claim: Claim) -> None:
    """Raise `DomainError` where the claim's pack was deactivated, or its present version lacks the rule. No rule yields a verdict on such a
    claim, so it would pass every review."""
    pack = next((one for one in policies.here(session) if one.id == claim.pack), None)
    if pack is not None and pack.active and all(rule.id != claim.rule for rule in pack.rules):
        text = _("县里下发的《{title}》{version} 版里没有这一项了，不能往下办。请退回或撤回，并告诉本人。")
        raise DomainError(text.format(title=pack.title, version=pack.version))
    if pack is not None and not pack.active:
        text = _("所依据的《{title}》县里已经停用，不能往下办。请退回或撤回；要照旧办的，请县里先把这个文件重新启用。")
        raise DomainError(text.format(title=pack.title))


def _check_amount(claim: Claim) -> None:
    """Raise `DomainError` for a claim without an amount (the county sets it): once approved, it could be neither paid nor changed."""
    if claim.amount <= 0:
        raise DomainError(
            _("申请金额是 {amount} 元，批准了也不能拨付。请先改成核定的金额再批准，或不予通过。").format(amount=yuan_grouped(claim.amount))
        )


def _update_amount(session: Session, claim: Claim, found: Sequence[Verdict]) -> None:
    """Update an unreviewed or returned claim to today's verdict: amount, outcome, missing facts, and the pack and version it was judged by.

    The claim is left unchanged where the rule yields no single amount.
    """
    due = [one for one in found if one.outcome not in _DEFINITE_NO]
    if claim.months or len(due) != 1 or due[0].outcome is not Outcome.ELIGIBLE:
        return
    verdict = due[0].to_json()
    same = (due[0].amount, verdict["pack"]) == (claim.amount, claim.pack)
    if same and frozenset(verdict["missing"]) == (claim.missing or frozenset()):
        return
    values = {"amount": due[0].amount, "outcome": verdict["outcome"], "missing": frozenset(verdict["missing"]) or None}
    values |= {"pack": verdict["pack"], "pack_version": verdict["version"]}
    records.save(session, "claim", values | {"facts": posted.judged(session, claim, verdict["reasons"])}, claim.id)


def _check_priority(session: Session, claim: Claim) -> None:
    """Raise `DomainError` where another claim to the same benefit takes precedence.

    The fixed order of arbitration decides, not which approval reaches the county first. A claim approved under the preceding or following
    document stands.
    """
    other = _by_other_document(session, claim)
    if other is not None:
        text = _("同一年度这一项已按前后衔接的另一份文件办过（申请 {id}），只能享受一次，请退回或不予通过。")
        raise DomainError(text.format(id=other[:8]))
    ruling = arbitration.stands_behind(session, claim)
    if ruling is not None and ruling.winner is None:
        raise DomainError(_("同一项补助还有别的申请，哪一笔该享受还不能确定。请先核实，把不该享受的那一笔退回或不予通过。"))
    if ruling is not None:
        raise DomainError(_("同一项补助另有在先的申请。请先由县服务器裁定重复申报（arbitrate），同步后再办。"))
    granted = twins.granted(session, claim)
    if granted is not None:
        text = _(
            "{why}，只能享受一次。请先核实：是同一项的，退回或不予通过；确是登记错了才改的，请县里在那一条登记上重新改正（改的是证件号码、姓名的，由乡镇或县里确认那处变更），再批准。"
        )
        raise DomainError(text.format(why=twins.enjoyed(granted, claim.village)))


def _by_other_document(session: Session, claim: Claim) -> str | None:
    """Id of an approved or paid claim for the same year or record under a predecessor or successor rule; None where there is none."""
    kin, t = policies.kin(session, claim.rule), table("claim")
    if not kin:
        return None
    whose = t.c.person_id.in_(selves(session, root(session, claim.person_id))) if claim.person_id else t.c.employer_id == claim.employer_id
    same = [t.c.rule.in_(sorted(kin)), whose, t.c.record_id == claim.record_id if claim.record_id else t.c.year == claim.year]
    found = standings(session, session.select(Claim, *same))
    return next((each.claim.id for each in found if each.state in path.GRANTED and not _divided(claim, each.claim)), None)


def _divided(claim: Claim, other: Claim) -> bool:
    """Whether two claims are for disjoint months."""
    return bool(path.months(claim)) and path.months(claim).isdisjoint(path.months(other))


def _check_notices(session: Session, now: ClaimStatus, to_state: str) -> None:
    """Raise `DomainError` where a claim would move on before its public notice ended without an open objection."""
    level = next((level for level, state in path.NOTICES.items() if state == now.state), None)
    if level is None or to_state not in path.PATH:
        return
    notice = latest_notices(session, level, now.claim.id).get(now.claim.id)
    if notice is not None:
        if notice.result is None:
            raise DomainError(_("这笔申请的公示还没有结束。公示期满、登记结果后再办下一步。"))
        if notice.result == "objected" or open_objections(session, notice.id):
            raise DomainError(_("公示有异议。请先核实处理，重新公示无异议后再办，或退回。"))


def received_on(session: Session, taken: Sequence[ClaimStep]) -> list[str]:
    """For each step the day on which it arrived here, "" if that is unknown. `at` is the clock of the laptop on which it was taken."""
    days: dict[str, str] = {}
    for village, ids in by_key((step.village, step.id) for step in taken).items():
        seqs = {id: seq for id, seq in session.column("claim_step", "seq", ids).items() if seq is not None}
        found = receipts.days(session, village, seqs.values())
        days |= {id: found[seq] for id, seq in seqs.items() if seq in found}
    return [days.get(step.id, "") for step in taken]


def objections(session: Session, notice_id: str) -> list[Objection]:
    """Objections to a notice, including late ones."""
    return session.select(Objection, notice_id=notice_id, order=("on", "id"))


def open_objections(session: Session, notice_id: str) -> list[Objection]:
    """Those for which no handling or result is recorded."""
    return [each for each in objections(session, notice_id) if not (each.handled or each.result)]


def latest_notices(session: Session, level: str, claim_id: str | None = None) -> dict[str, Notice]:
    """The notice of a level that names each claim, by claim id; `claim_id`: read only those that name it. It is the last one, since a
    repeated notice replaces the one before it, whatever its first day. Within a log the county's order tells which is last, and clocks only
    between two logs."""
    named = () if claim_id is None else (table("notice").c.claims.contains(claim_id, autoescape=True),)
    found = session.select(Notice, *named, level=level, order=("seq", "created_at", "start", "id"))
    last = {(id, notice.village): notice for notice in found for id in notice.claims or ()}
    by_clock = sorted(last.items(), key=lambda one: (one[1].created_at or "", one[1].start, one[1].id))
    return {id: notice for (id, _village), notice in by_clock}

"""The rows and texts that the tabs of 补助 show, and how they are made from records."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from db import listed as listed_sheets
from db.pinyin import initials, syllables
from db.session import Session
from desktop.widgets.verdict_card import VerdictShown
from desktop.wiring.verdicts import shown_card
from domain import claims as path
from domain import clock, divisions
from domain.authors import station_of
from domain.claims import MOVES, NOTICES
from domain.clock import when
from domain.money import yuan_grouped
from domain.policy.case import Rule
from domain.policy.pack import Pack
from domain.policy.verdict import Outcome
from domain.records import Claim, Notice, Objection, Payment
from domain.words import _, chinese
from services import cards, records, signed_pages
from services.cards import MeasureCard
from services.claims import claims, notices
from services.claims.claims import ClaimStatus
from services.claims.notices import PostedNotice
from services.claims.steps import open_objections
from services.forms import Form, noticed
from services.payments import payments, refunds
from services.payments.payments import Due
from services.policies import Rules
from services.screening import Screened

UNCLAIMED, NEARLY, UNENTITLED, UNDECIDED, UNDERPAID = "unclaimed", "nearly", "unentitled", "undecided", "underpaid"
"""The lists: 应享未享, 快够条件, 不符合却已申请, 要核定, 少发."""
TONES = {"returned": "warn", "refused": "bad", "recovered": "bad", "paid": "good", "approved": "good", "withdrawn": "plain"}
"""Tones of states; others are "info"."""


@dataclass(frozen=True, kw_only=True)
class ScreeningLine:
    """A person or unit in one of the lists. `amount` in fen: what is due; in 少发, what it is short of that; `pinyin`: of the name;
    `why`: the most informative condition; `searched`: the text that is searched."""

    id: str
    name: str
    pinyin: str
    group: str
    why: str
    searched: str
    status: str
    amount: int
    shown: VerdictShown
    paid: bool
    """Whether its claim was paid, so that the difference can be paid (补发) or paid back."""
    over: int = 0
    """What of a paid claim was too much (fen), if a part of it is due."""
    at_bank: bool = False
    """Whether its claim was paid and the bank has not answered yet."""


@dataclass(frozen=True, kw_only=True)
class ClaimLine(ClaimStatus):
    """A claim. `amount` in fen; `signed`: whether its application form has come back signed; `next`: the states this station and user may
    move it to, those of the path first; `held`: why no further, or ""; `waits`: for this level; `at_bank`: for the bank's answer;
    `bounced`: why the bank could not pay; `died`: when the payee of an unsettled claim died, if nobody else is named as payee, or ""."""

    name: str
    group: str
    item: str
    article: str
    amount: int
    signed: str
    bounced: str
    died: str
    next: Sequence[str]
    held: str
    waits: bool
    at_bank: bool = False

    @property
    def id(self) -> str:
        """The id of the claim."""
        return self.claim.id

    @property
    def since(self) -> str:
        """When it came to its state."""
        return when(self.steps[-1].at) if self.steps else self.claim.filed_on or ""

    @property
    def missing(self) -> str:
        """The documents that are missing."""
        return _("、").join(sorted(self.claim.missing or ()))

    @property
    def state_word(self) -> str:
        """Its state in words."""
        return _("等退款") if self.amount < 0 else _("等银行") if self.at_bank else path.state_label(self.state)

    @property
    def stage(self) -> str:
        """The state (code) by which it is counted: `bank` if the bank has not answered."""
        return "bank" if self.at_bank else self.state

    @property
    def tone(self) -> str:
        """The tone of its state."""
        return TONES.get(self.state, "info")


@dataclass(frozen=True)
class NoticeLine:
    """A notice, its last day, and the number of objections to it. `mine`: whether this station made it and so records its result; `late`:
    that it starts before the review that it follows, "" if it does not."""

    notice: Notice
    last_day: str
    objections: int
    unsettled: Sequence[tuple[str, str]]
    """Id and content of each objection whose handling is not recorded."""
    mine: bool
    late: str

    @property
    def id(self) -> str:
        """The id of the notice."""
        return self.notice.id

    @property
    def open(self) -> bool:
        """Whether it has no result yet."""
        return self.notice.result is None

    def result(self) -> str:
        """Its result, or what it waits for."""
        waits = _("异议待处理") if self.unsettled else _("公示中") if self.last_day >= clock.today() else _("待登记")
        return self.notice.shown("result") or waits

    def left(self) -> str:
        """How long it is still posted, if it has no result."""
        days = (date.fromisoformat(self.last_day) - date.fromisoformat(clock.today())).days
        if not self.open:
            return ""
        return _("已过 {n} 天").format(n=-days) if days < 0 else _("还有 {n} 天").format(n=days) if days else _("今天")


@dataclass(frozen=True)
class SheetShown:
    """A notice as posted, the names on its rows and its last day; `holidays_known`: the holidays of its year are announced; `left_out`: the
    number of claims left out because they have no amount; `remarks`: what to point out to whoever makes it."""

    form: Form
    names: Sequence[str]
    last_day: str
    holidays_known: bool
    left_out: int
    remarks: Sequence[str] = ()


@dataclass(frozen=True)
class DueLine:
    """A claim due for payment, the name of its benefit, and the code of the fund that its rule names, or ""."""

    due: Due
    item: str
    fund: str

    @property
    def claim(self) -> Claim:
        """The claim."""
        return self.due.standing.claim


@dataclass(frozen=True, kw_only=True)
class PaidLine:
    """A payment of a claim, which it is called by, and the bank's answer; `open` while there is none. `instead`: there is no payment, and
    the word to be shown: the claim was only marked as paid, or a refund (less than nothing) is awaited."""

    id: str
    name: str
    village: str
    item: str
    payment: Payment
    instead: str = ""
    listed: bool = True
    """Whether it is, or may be, in a sheet for the bank: one that another laptop made may be in that laptop's."""

    @property
    def open(self) -> bool:
        """Whether the bank has not answered."""
        return self.payment.bank_result is None and not self.instead

    @property
    def awaited(self) -> bool:
        """Whether it stands for a refund that has not come yet."""
        return bool(self.instead) and self.payment.amount < 0


def whose(names: Sequence[str], amount: int) -> str:
    """Name the people of several claims and their sum in fen, as a sentence; of more than five, the first."""
    named = _("、").join(names[:5])
    if len(names) > 5:
        named = _("{names}等").format(names=named)
    return _("{names}，合计 {amount} 元。").format(names=named, amount=yuan_grouped(amount))


# -- screening -------------------------------------------------------------------------------------------------------------


def findings(session: Session, screened: Sequence[Screened], packs: Iterable[Pack]) -> list[ScreeningLine]:
    """Return the people of the lists, largest sums first."""
    open_ones = (each for each in screened if each.nearly and each.claimable and each.claim_id is None)
    wanted = [*(each for each in screened if each.unclaimed or each.unentitled or each.undecided or each.underpaid), *open_ones]
    at_bank = payments.at_bank(session)
    made = [_finding(card, session.role, at_bank) for card in cards.listed(session, wanted, packs)]
    return sorted(made, key=lambda one: (-one.amount, one.shown.rule, -one.shown.year, one.pinyin, one.name))


def _finding(card: MeasureCard, level: str, at_bank: Collection[str]) -> ScreeningLine:
    each, shown = card.screened, shown_card(card, level)
    lists = {UNCLAIMED: each.unclaimed, UNENTITLED: each.unentitled, UNDECIDED: each.undecided, UNDERPAID: each.underpaid, NEARLY: True}
    spelling, amount = syllables(card.name), each.too_little or each.verdict.amount
    pinyin = "".join(spelling)
    return ScreeningLine(
        id="|".join(map(str, each.verdict.subject)),
        name=card.name,
        pinyin=pinyin,
        group=card.group,
        why=_why(card),
        searched=f"{card.name}\n{pinyin}\n{initials(spelling)}\n{card.group}",
        status=next(name for name, listed in lists.items() if listed),
        amount=amount,
        shown=shown,
        paid=card.claim is not None and card.claim.state == "paid",
        over=each.too_much if each.verdict.outcome is Outcome.ELIGIBLE and card.claim is not None and card.claim.state == "paid" else 0,
        at_bank=card.claim is not None and card.claim.claim.id in at_bank,
    )


def _why(card: MeasureCard) -> str:
    """The most informative condition: the first unmet one, else the one with the most digits."""
    verdict, article = card.screened.verdict, card.rule.article
    unmet = next((reason.text for reason in verdict.reasons if not reason.met), None)
    counted = max((reason.text for reason in verdict.reasons), key=lambda text: sum(sign.isdigit() for sign in text), default="")
    return (unmet or counted).removeprefix(article)


# -- claims ----------------------------------------------------------------------------------------------------------------


def claim_lines(session: Session, rules: Rules) -> list[ClaimLine]:
    """Return all claims, the latest step first."""
    listed = claims.listing(session)
    names = cards.names_of(session, [(each.claim.person_id, each.claim.employer_id) for each in listed])
    bounced = payments.bounced(session)
    of = {each.claim.id: rules.of(each.claim.pack, each.claim.rule) for each in listed}
    unsigned = signed_pages.unsigned(session, {id: rule.documents for id, rule in of.items() if rule})
    going_on = {each.claim.id: each.claim.person_id for each in listed if each.state not in path.SETTLED and not each.claim.payee}
    died = session.column("person", "died_on", filter(None, going_on.values()))
    gone, at_bank = payments.paid_before(session, listed), payments.at_bank(session)
    made = []
    for each in listed:
        id, told = each.claim.id, {"bounced": bounced.get(each.claim.id, ""), "died": died.get(going_on.get(each.claim.id) or "") or ""}
        made.append(_claim_line(session, each, names, of[id], unsigned.get(id), gone.get(id, 0), **told))
    made = [replace(one, at_bank=True, waits=False) if one.state == "approved" and one.id in at_bank else one for one in made]
    return sorted(made, key=lambda one: one.since, reverse=True)


def _claim_line(
    session: Session,
    each: ClaimStatus,
    names: Mapping[str, tuple[str, str]],
    rule: Rule | None,
    unsigned: bool | None,
    gone: int,
    *,
    bounced: str,
    died: str,
) -> ClaimLine:
    """`unsigned`: whether its application form has not come back signed yet, None if it needs none; `gone`: what was paid of a claim that
    waits for the difference."""
    claim = each.claim
    subject = [names[id] for id in (claim.person_id, claim.employer_id) if id is not None and id in names]
    return ClaimLine(
        claim=claim,
        state=each.state,
        steps=each.steps,
        name="　".join(name for name, _group in subject),
        group=next((group for _name, group in subject if group), ""),
        item=(_(rule.name) if rule else claim.rule) + (_difference(claim.amount - gone) if gone else ""),
        article=rule.article if rule else "",
        amount=claim.amount - gone,
        signed="" if unsigned is None else _("未收回") if unsigned else _("已收回"),
        bounced=bounced,
        died=died,
        next=_next(session, each),
        held=_held(session, each),
        waits=claims.waits_here(each, session.role),
    )


def _next(session: Session, each: ClaimStatus) -> list[str]:
    """The steps this station and user may take; without those refused because of who entered the claim."""
    if not session.may_write(each.claim.village):
        return []
    again = path.was_paid(each.steps)  # paid again: 不再补发, 不再追回; the difference of a paid claim is found by screening
    steps = [to for to in path.next_steps(each.claim, each.state, session.role) if to != ("approved" if again else "paid")]
    return [to for to in steps if path.problem(each.claim, each.steps, to, session.role, session.author) is None]


def _held(session: Session, each: ClaimStatus) -> str:
    """Why this user may not take the next step of the path, or "": whoever entered a claim may not approve it."""
    onward = next((to for to in path.PATH if path.leads(each.claim, each.state, to)), None) if each.state != "paid" else None
    if onward == "paid" and session.role == "county":
        return _("批准了的，请到「拨付」里拨付。")
    why = path.problem(each.claim, each.steps, onward, session.role, session.author) if onward else None
    return path.sentence(why, each.state, onward) if why and onward else ""


# -- notices ---------------------------------------------------------------------------------------------------------------


def notice_lines(session: Session) -> list[NoticeLine]:
    """Return the notices: open ones first, by their last day."""
    found = session.select(Notice)
    objections = session.by_parent(Objection, "notice_id", (notice.id for notice in found))
    late = notices.backdated(session, found)
    made = [_notice_line(session, notice, len(objections.get(notice.id, ())), late.get(notice.id, "")) for notice in found]
    return sorted(made, key=lambda one: (not one.open, one.last_day if one.open else "", one.notice.start))


def _notice_line(session: Session, notice: Notice, objections: int, late: str) -> NoticeLine:
    mine = session.may_write(notice.village) and session.role in MOVES[NOTICES[notice.level]].levels
    waiting = open_objections(session, notice.id) if objections and notice.result is None else ()
    return NoticeLine(notice, notices.last_day(notice), objections, [(one.id, one.content) for one in waiting], mine, late)


def sheet_shown(sheet: PostedNotice) -> SheetShown:
    """Return a notice's sheet, in Chinese whatever the language of the window."""
    with chinese():
        names = [line.name for line in sheet.lines]
        return SheetShown(noticed.sheet_form(sheet), names, sheet.last_day, sheet.holidays_known, sheet.left_out)


# -- payments --------------------------------------------------------------------------------------------------------------


def due_lines(session: Session, rules: Rules) -> list[DueLine]:
    """Return the claims due for payment."""
    return [_due_line(one, rules.of(one.standing.claim.pack, one.standing.claim.rule)) for one in payments.due(session)]


def _due_line(one: payments.Due, rule: Rule | None) -> DueLine:
    item, fund = (_(rule.name), rule.fund or "") if rule else (one.standing.claim.rule, "")
    return DueLine(one, item + (_difference(one.amount) if one.supplement else ""), fund)


def _difference(amount: int) -> str:
    """What follows the name of a benefit of which only a difference (fen) is paid, or paid back."""
    return _("（补发）") if amount > 0 else _("（追回）")


def paid_lines(session: Session, rules: Rules) -> list[PaidLine]:
    """Return the payments, the claims only marked as paid, and the refunds awaited: what waits first, then the latest."""
    found: list[Payment] = session.select(Payment)
    marked, awaited = payments.only_marked(session), refunds.awaited(session)
    made = records.by_id(session, Claim, (one.claim_id for one in found)) | {each.claim.id: each.claim for each in marked}
    made |= {each.claim.id: each.claim for each, _amount in awaited}
    names = cards.names_of(session, [(claim.person_id, claim.employer_id) for claim in made.values()])
    more = payments.supplements(found)
    listed, here = listed_sheets.waiting(session), station_of(session.author)
    listed_ones = {one.id for one in found if one.id in listed or station_of(one.created_by or "") != here}
    lines = [_paid_line(one, made[one.claim_id], names, rules, more=one.id in more) for one in found if one.claim_id in made]
    lines = [replace(one, listed=one.id in listed_ones) for one in lines]
    days = {each.claim.id: max(clock.day_of(step.at) for step in each.steps if step.to_state == "paid") for each in marked}
    lines += [_line_instead(each, each.claim.amount, days[each.claim.id], _("只记已拨付"), names, rules) for each in marked]
    lines += [_line_instead(each, -amount, None, _("等退款"), names, rules) for each, amount in awaited]
    lines.sort(key=lambda one: one.payment.paid_on or "", reverse=True)
    return sorted(lines, key=lambda one: not (one.open or one.awaited))


def _line_instead(
    each: ClaimStatus, amount: int, day: str | None, word: str, names: Mapping[str, tuple[str, str]], rules: Rules
) -> PaidLine:
    """The line of a claim without a payment of this amount; `word`: what it stands for."""
    claim = each.claim
    told = Payment(id=claim.id, village=claim.village, claim_id=claim.id, amount=amount, fund="", paid_on=day)
    return replace(_paid_line(told, claim, names, rules, more=False), instead=word)


def _paid_line(one: Payment, claim: Claim, names: Mapping[str, tuple[str, str]], rules: Rules, *, more: bool) -> PaidLine:
    """The line of a payment; `more`: it is a supplementary one."""
    rule = rules.of(claim.pack, claim.rule)
    name = claim.payee or next((names[id][0] for id in (claim.employer_id, claim.person_id) if id is not None and id in names), "")
    item = (_(rule.name) if rule else claim.rule) + (_difference(one.amount) if more or one.amount < 0 else "")
    return PaidLine(id=one.id, name=name, village=divisions.called(claim.village), item=item, payment=one)

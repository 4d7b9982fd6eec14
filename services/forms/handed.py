"""Cards for one person: the benefits they can get (`domain.md` §9.4 no. 21), and the services they received (no. 19)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from db.merged import root
from db.session import Session
from domain import claims as path
from domain.policy.verdict import Outcome, Verdict
from domain.records import Claim, Household, Person, Service
from domain.words import _
from services import cards, employment_services, policies, records, screening
from services import person as people
from services.cards import MeasureCard
from services.forms.form import Cell, Form
from services.forms.subjects import Subjects, date_words, label, place_name
from services.person import Grant
from services.sheets import yuan

POLICY = ("序号", "补助项目", "条款", "年度", "能不能享受", "金额（元）", "说明")
PERSON = ("姓名", "性别", "出生日期", "身份证号码", "联系电话", "家庭住址", "人员类别")
SERVICES = ("序号", "日期", "服务内容", "岗位或培训班", "结果", "服务人")
_NOT_IN_FORCE = (Outcome.EXPIRED, Outcome.NOT_YET, Outcome.SUPERSEDED)
"""Outcomes of rules that do not apply today."""
_WORDS = {
    Outcome.ELIGIBLE: "可以申请",
    Outcome.PENDING: "条件未满",
    Outcome.NEED_MORE: "缺材料",
    Outcome.REVIEW: "由县里核定",
    Outcome.NOT_CONFIGURED: "标准待县里定",
    Outcome.DUPLICATE: "已在别处享受",
    Outcome.NOT_ELIGIBLE: "不符合",
}
_SAID = "以上由本站按现行政策和已登记的情况算出，以县里审核为准。务工、就学、家庭情况有变化，请告诉村里。"
_ENDED = "现有文件到 {day} 已经到期，之后的务工、就学等按新文件办，有没有新文件请问村里或县里。"
_ASK = "还可以咨询：{leads}。"


def policy_card(session: Session, id: str, *, plain: bool = False) -> Form:
    """No. 21: the benefits a person has had, can get, and lacks something for. Raises `NotFound`."""
    person, boxes = _about(session, id, plain=plain)
    packs, facts = policies.used_here(session), screening.about(session, person_id=person.id)
    found = cards.cards(session, person_id=person.id, packs=packs, facts=facts)
    names = cards.rule_names(packs)
    shown = [card for card in found if card.claim is not None or card.screened.verdict.outcome not in _NOT_IN_FORCE]
    listed = {card.claim.claim.id for card in shown if card.claim is not None}
    others = [grant for grant in people.grants(session, person.id) if grant.claim.id not in listed]
    rows = [_measure(card) for card in shown] + [_claimed(grant, names) for grant in others]
    leads = screening.leads(session, person_id=person.id, packs=packs, facts=facts)
    asked = [_ASK.format(leads="；".join(f"{lead.policy}{lead.article}，{lead.text.rstrip('。')}" for lead in leads))] if leads else []
    over = policies.over(packs, session.today)
    ended = [_ENDED.format(day=date_words(over))] if over else []
    nothing = [] if rows else ["现在没有可以判定的补助项目。"]
    return Form(
        "政策明白卡",
        boxes=boxes,
        columns=POLICY if rows else (),
        rows=_numbered(rows),
        text=[*nothing, _SAID, *ended, *asked],
        signatures=("本人或家属签收", "发放人"),
        closing=_closing(session),
        wide=True,
    )


def service_card(session: Session, id: str, *, plain: bool = False) -> Form:
    """No. 19: the services given to a job seeker (1-3-1). Raises `NotFound`."""
    person, boxes = _about(session, id, plain=plain)
    page = people.person_page(session, person.id, int(session.today[:4]), on=session.today)
    rows: list[Sequence[Cell]] = []
    text = ["没有登记就业需求。"]
    if page.wish is not None and page.promise is not None:
        wish, got = page.wish, page.promise
        about = Subjects(session, (), plain=plain)
        boxes += [
            (("登记日期", date_words(wish.opened_on)), ("意向工种", about.of(wish, "trades")), ("意向地", about.of(wish, "areas"))),
            (("期望月薪（元）", about.of(wish, "wage_min")), ("技能", about.of(wish, "skills"))),
        ]
        rows = [_given(one.service, named) for one, named in reversed(employment_services.account_of(session, wish.id, session.today))]
        text = [f"已提供：职业指导 {got.guidance} 次，合适的岗位 {got.jobs} 个，免费培训 {got.training} 次。"]
    return Form(
        "就业服务记录卡",
        boxes=boxes,
        columns=SERVICES if rows else (),
        rows=_numbered(rows),
        text=text,
        signatures=("本人签字", "服务人"),
        closing=_closing(session),
    )


def _about(session: Session, id: str, *, plain: bool) -> tuple[Person, list[Sequence[tuple[str, str]]]]:
    """The person, or the one they were merged into, and the boxes with their data."""
    person: Person = session.existing(Person, root(session, id), _("没有这个人。"))
    about = Subjects(session, (), plain=plain)
    about.households = records.by_id(session, Household, [person.household_id])
    return person, [
        (("姓名", person.name), ("性别", about.of(person, "sex")), ("出生日期", about.of(person, "birth"))),
        (("身份证号码", about.of(person, "id_number")), ("联系电话", about.of(person, "phone"))),
        (("家庭住址", about.home(person)), ("人员类别", about.category(person, session.today))),
    ]


def _given(one: Service, named: str) -> Sequence[Cell]:
    return (one.on, label("service", "type", one.type), named, label("service", "result", one.result), one.by or "")


def _measure(card: MeasureCard) -> Sequence[Cell]:
    verdict = card.screened.verdict
    claim = card.claim
    again = claim is not None and claim.state == "approved" and path.was_paid(claim.steps)
    state = _state(claim.state, again=again) if claim is not None else _WORDS.get(verdict.outcome, "")
    amount = claim.claim.amount if claim is not None else verdict.amount
    return (card.rule.name, card.rule.article, str(verdict.year), state, yuan(amount) if amount else "", _why(card, verdict))


def _why(card: MeasureCard, verdict: Verdict) -> str:
    """The explanation for the person: unmet conditions, otherwise what is missing, otherwise the last condition met. Of an entitled person
    both, since only the amount of the claim is wrong. Nothing if the county has not set a parameter yet; the state says so."""
    if verdict.outcome is Outcome.NOT_CONFIGURED:
        return ""
    unmet = [reason.text.removeprefix(card.rule.article) for reason in verdict.reasons if not reason.met]
    lacking = f"还缺：{'、'.join(verdict.missing)}" if verdict.missing and verdict.outcome is not Outcome.NOT_ELIGIBLE else ""
    met = [reason.text.removeprefix(card.rule.article) for reason in verdict.reasons if reason.met]
    more = [lacking] if lacking and (not unmet or verdict.outcome is Outcome.ELIGIBLE) else []
    return "；".join(part.rstrip("。") for part in ([*unmet[:2], *more] or met[-1:]) if part)


def _state(state: str, *, again: bool = False) -> str:
    """The state of a claim in words for the claimant. `again`: it was paid, and a difference (补发、追回) is still to be settled."""
    if state == "paid" or again:
        return "已享受，差额待办" if again else "已享受"
    return f"{'申请过' if state in path.ENDED else '已申请'}（{path.state_label(state)}）"


def _claimed(grant: Grant, names: Mapping[str, str]) -> Sequence[Cell]:
    """The line of a claim whose measure has no line for that year: how far it is, and when it was paid or filed."""
    claim: Claim = grant.claim
    day, what = (grant.paid_on, "发放") if grant.paid_on else (claim.filed_on, "提出申请")
    amount = grant.paid or claim.amount
    when = f"{date_words(day)}{what}" if day else ""
    state = _state(grant.state, again=grant.differs)
    return (names.get(claim.rule, claim.rule), "", str(claim.year), state, yuan(amount) if amount else "", when)


def _numbered(rows: Sequence[Sequence[Cell]]) -> list[Sequence[Cell]]:
    return [(n, *row) for n, row in enumerate(rows, 1)]


def _closing(session: Session) -> tuple[str, str]:
    return place_name(session), date_words(session.today)

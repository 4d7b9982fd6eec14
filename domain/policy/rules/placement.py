"""A subsidy to an agency or broker for each person placed with a long enough labour contract (article 二)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.money import yuan_text
from domain.periods import months_and_days, reaches
from domain.policy.case import Case, RuleKind, Scope, already_paid, begun, belongs_on, in_time, known_person, too_young
from domain.policy.params import Param, Sort
from domain.policy.verdict import Outcome
from domain.records import Employer, Employment, Placement, Recognition
from domain.records.choices import CONTRACTS
from domain.words import N_, _

PARAMS: Final = {
    "amount": Param(Sort.YUAN, N_("每介绍 1 人的补助"), least=1),
    "months": Param(Sort.INT, N_("劳动合同最短月数"), least=1, most=60),
    "contracts": Param(Sort.WORDS, N_("哪些合同算数"), tuple(CONTRACTS)),
}
LICENCES: Final = {"agency": "agency_licence", "broker": "broker_licence"}
"""Types of employer whose recognition has a different code; the others have the same code, or no recognition."""


def find(scope: Scope) -> Iterator[Case]:
    """One case per placement; all years, since one person and employer are paid for once in a life."""
    for placement in scope.facts.all(Placement):
        day = placement.contract_start or placement.on
        if day and scope.meant(placement.person_id):
            ids = {"person_id": placement.person_id, "employer_id": placement.agency_id, "record_id": placement.id}
            yield scope.case(int(day[:4]), day, **ids)


def judge(case: Case) -> None:
    """Judge the agency, the person and the contract."""
    placement = case.facts.get(Placement, case.record_id)
    if placement is None:
        return
    if not placement.contract_start:
        case.unmet(Outcome.NEED_MORE, _("合同开始日期没有登记"))
        return
    if not in_time(case, placement.contract_start, placement.contract_start):
        return
    begun(case, placement.contract_start, _("合同开始日"))
    _licensed(case, placement)
    person = known_person(case)
    if person is not None:
        belongs_on(case, placement.contract_start, _("合同开始日 {day}").format(day=placement.contract_start))
        if person.died_on and person.died_on < placement.contract_start:
            case.unmet(Outcome.NOT_ELIGIBLE, _("本人已于 {day} 去世，早于合同开始日，请核实").format(day=person.died_on))
        too_young(case, person, placement.contract_start)
    _contract(case, placement)
    if placement.organised:
        case.met(_("属于有组织劳务输出"))
    else:
        case.unmet(Outcome.REVIEW, _("没有登记为有组织劳务输出，是不是有组织输出请核定"))
    if placement.employer_id == placement.agency_id:
        case.unmet(Outcome.REVIEW, _("用人单位就是介绍机构本身（劳务派遣），能否享受请县里定"))
    amount = case.param("amount")
    if amount is not None:
        case.amount = amount
        case.met(_("每介绍 1 人补助 {amount} 元").format(amount=yuan_text(amount)))
    already_paid(case, record=True, any_year=True)
    _left_early(case, placement)
    case.key = (case.facts.number(placement.person_id), case.facts.unit(placement.employer_id))
    submitted = case.facts.submitted(case.rule.id, placement, placement.person_id, case.year)
    case.order = (placement.contract_start, submitted, placement.on or "~", placement.id)


def _licensed(case: Case, placement: Placement) -> None:
    agency = case.facts.get(Employer, placement.agency_id)
    if agency is None:
        case.unmet(Outcome.REVIEW, _("介绍机构没有登记"))
        return
    day = placement.on or placement.contract_start
    held = case.facts.of(Recognition, "employer_id", agency.id)
    valid = [r for r in held if r.type in LICENCES.values() and r.start and r.start <= day <= (r.end or day)]
    if valid:
        case.met(_("介绍机构 {day} 有有效的许可或认定").format(day=day))
    elif agency.type not in LICENCES:
        case.unmet(Outcome.NOT_ELIGIBLE, _("介绍方不是人力资源服务机构或劳务经纪人"))
    else:
        case.unmet(Outcome.NOT_ELIGIBLE, _("介绍机构 {day} 没有有效的人力资源服务许可或劳务经纪人认定").format(day=day))


def _contract(case: Case, placement: Placement) -> None:
    kinds = case.param("contracts")
    months = case.param("months")
    if kinds is None or months is None:
        return
    if placement.contract is None:
        case.unmet(Outcome.NEED_MORE, _("合同类型没有登记"))
    elif placement.contract not in kinds:
        text = _("签的是{kind}，文件要求{needed}")
        needed = _("或").join(_(CONTRACTS[kind]) for kind in sorted(kinds)) or _("（没有写明）")
        case.unmet(Outcome.NOT_ELIGIBLE, text.format(kind=_(CONTRACTS[placement.contract]), needed=needed))
    start, end = placement.contract_start, placement.contract_end
    if placement.open_ended:
        case.met(_("无固定期限合同，{start} 起").format(start=start))
    elif end is None:
        case.unmet(Outcome.NEED_MORE, _("合同结束日期没有登记"))
    elif end < start:
        case.unmet(Outcome.REVIEW, _("合同结束（{end}）早于开始（{start}）").format(start=start, end=end))
    else:
        term = months_and_days(start, end).text()
        said = {"start": start, "end": end, "term": term, "months": months}
        if reaches(start, end, months):
            case.met(_("合同 {start} 至 {end}，期限 {term}，满 {months} 个月").format(**said))
        else:
            case.unmet(Outcome.NOT_ELIGIBLE, _("合同 {start} 至 {end}，期限 {term}，不满 {months} 个月").format(**said))


def _left_early(case: Case, placement: Placement) -> None:
    """The text asks for signing; leaving early is only a remark."""
    spells = [e for e in case.facts.of(Employment, "person_id", placement.person_id) if e.employer_id == placement.employer_id and e.end]
    for spell in spells:
        if spell.end and placement.contract_start <= spell.end < (placement.contract_end or "9"):
            case.met(_("提示：{day} 已离开该单位，早于合同结束日，县里可能要求在岗证明").format(day=spell.end))
            return


KIND: Final = RuleKind("placement", PARAMS, find, judge, work="own")

"""A reward to those who work away while others of the household run a business of their own (article 九)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from domain.divisions import Region
from domain.money import yuan_text
from domain.periods import first_day, last_day
from domain.policy.case import Case, RuleKind, Scope, able, already_paid
from domain.policy.params import Param, Sort
from domain.policy.rules import months
from domain.policy.verdict import Outcome
from domain.records import HouseholdBusiness, Person
from domain.words import N_, _

PARAMS: Final = {
    **months.PARAMS,
    "out": Param(Sort.YUAN, N_("跨省就业每人每年奖补"), least=1),
    "in": Param(Sort.YUAN, N_("省内就业每人每年奖补"), least=1),
    "out_months": Param(Sort.INT, N_("跨省稳定就业月数"), least=1, most=12),
    "in_months": Param(Sort.INT, N_("省内稳定就业月数"), least=1, most=12),
}
_AT_HOME: Final = (Region.COUNTY, Region.CITY, Region.PROVINCE)
_LET_OUT: Final = ("流转", "出租", "租出", "入股分红")
"""Words of a business that is income from property rather than work of one's own: the county decides."""


def find(scope: Scope) -> Iterator[Case]:
    """One case per person and year."""
    for person_id, year in months.years_of_work(scope):
        yield scope.case(year, scope.last_day(year), person_id=person_id)


def judge(case: Case) -> None:
    """Judge the person, the months away or within the province, and the household's own business."""
    person = months.worker(case, "out_months", "in_months")
    if person is None:
        return
    reached, amount = _worked(case, person)
    _business(case, person, str(reached.on) if reached is not None else max(months.bounds(case, person.died_on)))
    if reached is not None:
        able(case, person)
        case.amount = case.param(amount) or 0
        if case.outcome is not Outcome.NOT_ELIGIBLE:
            case.met(_("奖补 {amount} 元").format(amount=yuan_text(case.amount)))
        case.key = (case.facts.number(person.id), str(case.year))
        case.by_amount = True
        case.order = (-case.amount, str(reached.on), case.facts.submitted(case.rule.id, person, person.id, case.year), person.id)
    if not person.bank_account and case.outcome is not Outcome.NOT_ELIGIBLE:
        case.lacks(_("社保卡账号"))
    already_paid(case, person=True)


def _worked(case: Case, person: Person) -> tuple[months.Reached | None, str]:
    """The better of the two results reached: work across the province border, otherwise within the province."""
    out_months, in_months = int(case.params["out_months"]), int(case.params["in_months"])
    out = months.count(case, (Region.OUTSIDE,), out_months, person.died_on)
    home = months.count(case, _AT_HOME, in_months, person.died_on)
    if out.least.on is not None and out.least.inside:
        return (out.least if months.judge_months(case, person, out, out_months, _("跨省就业")) else None), "out"
    if home.least.on is not None and home.least.inside and not out.open:
        case.met(_("跨省就业 {total}，不满 {months} 个月").format(total=out.least.total.text(), months=out_months))
        return (home.least if months.judge_months(case, person, home, in_months, _("省内就业")) else None), "in"
    if out.open:
        months.judge_months(case, person, out, out_months, _("跨省就业"))
        return None, "out"
    if out.joined:
        months.judge_months(case, person, out, out_months, _("跨省就业"))
        return None, "out"
    if not home.joined and home.most.on is None and (months.over(case, home) or not months.over(case, out)):
        months.judge_months(case, person, out, out_months, _("跨省就业"))
    months.judge_months(case, person, home, in_months, _("省内就业（公益岗不算）"))
    return None, "in"


def _runs(business: HouseholdBusiness, year: int) -> bool:
    """Whether it is run on some day of the year."""
    begun = business.start is None or first_day(business.start) <= f"{year}-12-31"
    return begun and (business.end is None or last_day(business.end) >= f"{year}-01-01")


def _business(case: Case, person: Person, day: str) -> None:
    """Require another member who runs a business in the year and was there to run it on the `day` the months were complete."""
    facts = case.facts
    if not person.household_id:
        case.unmet(Outcome.NEED_MORE, _("没有登记在哪一户，家庭其他成员有没有自主生产经营看不出来"))
        return
    own = set(facts.same(person.id))
    members = facts.of(Person, "household_id", person.household_id)
    others = {m.id: m for m in members if m.id not in own and not (m.died_on and m.died_on < f"{case.year}-01-01")}
    running = [b for b in facts.of(HouseholdBusiness, "household_id", person.household_id) if _runs(b, case.year)]
    theirs = [b for b in running if b.operator_id not in own and (b.operator_id in others or b.operator_id is None)]
    kept = [b for b in theirs if _somebody(b, others, day)]
    unknown = [b for b in running if b.operator_id and facts.get(Person, b.operator_id) is None]
    if not others and not unknown:
        case.unmet(Outcome.NOT_ELIGIBLE, _("家庭没有其他成员"))
    elif any(not _let_out(b) for b in kept):
        business = next((b for b in kept if not _let_out(b) and b.operator_id), None)
        if business is not None:
            case.met(_("家庭其他成员自主生产经营：{business}").format(business=business.business or _("已登记")))
            ends = [last_day(b.end) if b.end else "~" for b in kept if not _let_out(b)]
            if max(ends) < day and case.outcome is Outcome.ELIGIBLE:
                text = _("注意：登记的生产经营到 {end} 为止，务工满规定月数是 {day}，那时还在不在经营请先核实")
                case.met(text.format(end=max(ends), day=day))
                case.lacks(_("生产经营结束时间的核实"))
        else:
            case.unmet(Outcome.REVIEW, _("生产经营没有登记是谁经营的，请核实"))
    elif kept:
        case.unmet(Outcome.REVIEW, _("登记的经营是“{business}”，算不算自主生产经营请县里定").format(business=kept[0].business))
    elif unknown:
        case.unmet(Outcome.REVIEW, _("生产经营登记的经营人没有人员记录，请核实"))
    elif theirs:
        text = _("自主生产经营的家庭成员在务工满规定月数（{day}）以前已去世，之后由谁经营没有登记，请县里定")
        case.unmet(Outcome.REVIEW, text.format(day=day))
    else:
        case.unmet(Outcome.NOT_ELIGIBLE, _("{year} 年家庭其他成员没有登记自主生产经营").format(year=case.year))


def _somebody(business: HouseholdBusiness, others: Mapping[str, Person], day: str) -> bool:
    """Whether somebody who may run the business was alive on a day: its operator or, if none is named, any other member."""
    run_by = [others[business.operator_id]] if business.operator_id is not None else others.values()
    return any(not member.died_on or member.died_on >= day for member in run_by)


def _let_out(business: HouseholdBusiness) -> bool:
    return any(word in (business.business or "") for word in _LET_OUT)


KIND: Final = RuleKind("production", PARAMS, find, judge, by_period=True, work="own")

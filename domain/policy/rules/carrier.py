"""A reward to a carrier (workshop, community or satellite factory) for each person it paid at least the monitoring line in an
income period (article 十五)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from domain.income import counted_on, is_official, lines_at
from domain.money import yuan_text
from domain.periods import Spell, clip, first_day, income_period, income_year, last_day, merge
from domain.policy.case import (
    Case,
    RuleKind,
    Scope,
    already_paid,
    belongs,
    belongs_on,
    came_of_age,
    cut_period,
    in_time,
    known_person,
    labels,
    unregistered,
)
from domain.policy.params import FACTS_FROM, Param, Sort
from domain.policy.standing import EVER, membership
from domain.policy.verdict import Outcome
from domain.records import Appointment, Employer, Employment, MonitorLine, Person, Recognition, Wage, WorkTraining
from domain.records.people import WORKING_AGE
from domain.words import N_, _

CARRIERS: Final = ("workshop", "community_factory", "satellite_factory", "heritage_workshop", "base", "park")
PARAMS: Final = {
    "amount": Param(Sort.YUAN, N_("每吸纳 1 人的奖励"), least=1),
    "period_start": Param(Sort.DAY_OF_YEAR, N_("收入计算周期的第一天")),
    "recognitions": Param(Sort.WORDS, N_("哪些认定算就业载体"), CARRIERS),
    **FACTS_FROM,
    "piecework_counts": Param(Sort.FLAG, N_("居家来料加工的报酬算不算"), optional=True),
}


@dataclass(frozen=True)
class Pay:
    """One payment in the period: the days on which it may have been made, fen, when the person was hired, whether it is home piecework."""

    first: str
    last: str
    amount: int
    hired: str
    id: str
    home: bool


def find(scope: Scope) -> Iterator[Case]:
    """One case per employer, person and income period with wages; with a year asked for also those who worked there unpaid."""
    start = scope.rule.params.get("period_start") or "01-01"
    found: set[tuple[str, str, int]] = set()
    for spell in scope.facts.all(Employment):
        if not spell.employer_id or not scope.meant(spell.person_id):
            continue
        wages = scope.facts.of(Wage, "employment_id", spell.id)
        for paid_on in {counted_on(wage, wages) for wage in wages if wage.paid_on}:
            found |= {(spell.employer_id, spell.person_id, y) for y in _years(paid_on, start)}
        if scope.year is not None and spell.start and spell.channel in ("workshop", "piecework"):
            period = income_period(scope.year, start)
            if first_day(spell.start) <= period.end and (spell.end is None or last_day(spell.end) >= period.start):
                found.add((spell.employer_id, spell.person_id, scope.year))
    for employer_id, person_id, year in sorted(found):
        if scope.year in (None, year):
            period = income_period(year, start)
            day = min(period.end, max(scope.rule.end, period.start))
            yield scope.case(year, day, employer_id=employer_id, person_id=person_id, last=period.end)


def _years(paid_on: str, start: str) -> set[int]:
    return set(range(income_year(first_day(paid_on), start), income_year(last_day(paid_on), start) + 1))


def judge(case: Case) -> None:
    """Judge the carrier, the person, the monitoring line and the pay."""
    if case.params.get("period_start") is None:
        case.unset("period_start")
        return
    period = income_period(case.year, case.params["period_start"])
    pays = _pays(case)
    inside = [pay for pay in pays if pay.first <= period.end and pay.last >= period.start]
    days = (min(p.first for p in inside), max(p.last for p in inside)) if inside else period
    if not in_time(case, max(days[0], period.start), min(days[1], period.end)):
        return
    window = Spell(max(period.start, case.gate), min(period.end, case.rule.end))
    recognised = _recognised(case, window)
    person = known_person(case)
    if person is None:
        return
    line = _line(case, person)
    crossed = _pay(case, inside, window, _Counting(case, person, recognised or [window]), line)
    _lifted(case, person, crossed, window)
    case.amount = case.param("amount") or 0
    _owned(case, person)
    _stacked(case, person, window)
    already_paid(case, person=True)
    if crossed and person.died_on and person.died_on < crossed:
        text = _("本人已于 {day} 去世，达到监测线要靠去世以后支付的报酬，算不算请县里定")
        case.unmet(Outcome.REVIEW, text.format(day=person.died_on))
    if crossed:
        hired = min(pay.hired for pay in inside)
        first = min(inside, key=lambda pay: (pay.last, pay.id))
        wage = case.facts.get(Wage, first.id)
        case.key = (case.facts.number(person.id), str(case.year))
        case.order = (
            crossed,
            hired,
            case.facts.submitted(case.rule.id, wage or person, person.id, case.year, case.employer_id),
            case.employer_id or "",
            person.id,
        )


def _lifted(case: Case, person: Person, crossed: str | None, window: Spell) -> None:
    """The person's group on the day the line was reached; before that, on any day of the period."""
    member = membership(case.facts, person.id, case.rule.groups)
    if crossed is None:
        span = _("{start} 至 {end}").format(start=window.start, end=window.end)
        belongs(case, span, lambda m: m.within(*window), *window)
    elif member.on(crossed) is False and member.within(*window):
        text = _("达到监测线时（{day}）不在{groups}之列，周期内其他时间在，能否享受请县里定")
        case.unmet(Outcome.REVIEW, text.format(day=crossed, groups=labels(case.rule.groups)))
    else:
        belongs_on(case, crossed, _("达到监测线的 {day}").format(day=crossed))


def _pays(case: Case) -> list[Pay]:
    facts = case.facts
    return [
        Pay(first_day(day), last_day(day), w.amount, first_day(e.start) if e.start else "~", w.id, e.channel == "piecework")
        for e in facts.theirs(Employment, case.person_id)
        if e.employer_id == case.employer_id
        for wages in (facts.of(Wage, "employment_id", e.id),)
        for w in wages
        for day in (counted_on(w, wages),)
        if w.paid_on and w.amount is not None and first_day(w.paid_on) <= case.on
        if e.channel != "piecework" or case.params.get("piecework_counts") is not False
    ]


def _recognised(case: Case, window: Spell) -> list[Spell]:
    """The days of the window on which the carrier's recognition holds, with its reason."""
    kinds = case.params.get("recognitions") or frozenset()
    known = [r for r in case.facts.of(Recognition, "employer_id", case.employer_id) if r.type in kinds and r.start]
    held = merge(s for s in (clip(Spell(r.start, r.end or EVER.end), *window) for r in known) if s)
    if case.facts.get(Employer, case.employer_id) is None:
        unregistered(case)
    elif held:
        numbers = _("、").join(sorted(r.number for r in known if r.number)) or _("无文号")
        valid = _("、").join(_("{start} 至 {end}").format(start=spell.start, end=spell.end) for spell in held)
        case.met(_("就业载体已认定（{numbers}），周期内 {valid} 有效").format(numbers=numbers, valid=valid))
    else:
        text = _("{start} 至 {end} 没有有效的就业载体认定")
        case.unmet(Outcome.NOT_ELIGIBLE, text.format(start=window.start, end=window.end))
    return held


def _line(case: Case, person: Person) -> int | None:
    """The monitoring line of the year for the person's village."""
    lines = lines_at(case.facts.all(MonitorLine), case.year, case.facts.home(person))
    amounts = {line.amount for line in lines}
    if lines and not all(map(is_official, lines)):
        case.unmet(Outcome.REVIEW, _("{year} 年的防返贫监测线县里没有登记，用的是乡镇或村登记的，请县里核定").format(year=case.year))
    if len(amounts) == 1:
        return amounts.pop()
    if amounts:
        case.unmet(Outcome.REVIEW, _("{year} 年登记了几条不同的防返贫监测线，请核定").format(year=case.year))
    else:
        case.unmet(Outcome.NOT_CONFIGURED, _("{year} 年的防返贫监测线还没有配置").format(year=case.year))
    return None


def _pay(case: Case, pays: list[Pay], window: Spell, counting: _Counting, line: int | None) -> str | None:
    """Compare the pay in the window with the line; returns the day on which the line was certainly reached."""
    if line is None:
        return None
    low, high = window
    sure = [p for p in pays if p.first >= low and p.last <= high]
    maybe = [p for p in pays if p.first <= high and p.last >= low]
    unsure = [p for p in maybe if p not in sure]
    counted = [p for p in sure if not counting.why_not(p)]
    total = sum(p.amount for p in counted)
    least = sum(p.amount for p in sure) + sum(min(0, p.amount) for p in unsure)
    most = sum(p.amount for p in sure) + sum(max(0, p.amount) for p in unsure)
    said = {"start": low, "end": high, "line": yuan_text(line)}
    if total >= line and least >= line:
        left = counting.left_out(p for p in sure if p not in counted)
        text = _("{start} 至 {end} 支付劳动报酬 {n} 笔共 {paid} 元，不低于监测线 {line} 元")
        rest = _("（{others}没有计入）").format(others=left) if left else ""
        case.met(text.format(n=len(counted), paid=yuan_text(total), **said) + rest)
        _proofs(case, counted)
        return _crossing(counted, line)
    if least >= line:
        text = _("{start} 至 {end} 支付劳动报酬 {paid} 元，除去{others}，能计入的只有 {counted} 元，监测线 {line} 元，请县里定")
        case.unmet(Outcome.REVIEW, text.format(paid=yuan_text(least), counted=yuan_text(total), others=counting.left_out(sure), **said))
    elif most >= line:
        text = _("支付劳动报酬 {least} 元到 {most} 元之间，够不够监测线 {line} 元要看发放日期，请补充到日")
        case.unmet(Outcome.NEED_MORE, text.format(least=yuan_text(least), most=yuan_text(most), line=said["line"]))
    elif case.on <= high:
        text = _("{start} 至 {end} 已支付 {paid} 元，监测线 {line} 元，还差 {short} 元")
        case.unmet(Outcome.PENDING, text.format(paid=yuan_text(most), short=yuan_text(line - most), **said))
    else:
        text = _("{start} 至 {end} 支付 {paid} 元，低于监测线 {line} 元，差 {short} 元")
        sentence = text.format(paid=yuan_text(most), short=yuan_text(line - most), **said)
        _cut(case, sentence, sum(max(0, p.amount) for p in pays), line)
    return None


def _cut(case: Case, sentence: str, whole: int, line: int) -> None:
    """Judge pay below the line. If the rule covers only part of the income period, in the whole of which `whole` fen were paid, the
    county decides whether that counts."""
    period = income_period(case.year, case.params["period_start"])
    said = {"whole": yuan_text(whole), "start": case.rule.start, "end": case.rule.end, "last": period.end}
    if cut_period(case.rule, case.kin) == period.start and whole >= line:
        case.joined = True
        text = _("；和 {start} 以前按老文件的连起来 {whole} 元，不低于监测线，要不要连着算请县里定")
        case.unmet(Outcome.REVIEW, sentence + text.format(**said))
    elif case.rule.end >= period.end or case.successor is not None:
        case.unmet(Outcome.NOT_ELIGIBLE, sentence)
    elif whole >= line:
        text = _("；政策到 {end} 为止，连同以后支付的共 {whole} 元，不低于监测线，算不算请县里定")
        case.unmet(Outcome.REVIEW, sentence + text.format(**said))
    else:
        text = _("；政策到 {end} 为止，收入周期到 {last}，有没有接着执行的文件请问县里")
        case.unmet(Outcome.EXPIRED if case.on <= period.end else Outcome.NOT_ELIGIBLE, sentence + text.format(**said))


class _Counting:
    """Decides which payments certainly count. The rest is referred to the county if it decides whether the line is reached."""

    def __init__(self, case: Case, person: Person, recognised: list[Spell]) -> None:
        self._recognised = recognised
        self._piecework = bool(case.params.get("piecework_counts"))
        self._of_age = came_of_age(case, person)

    def why_not(self, pay: Pay) -> str:
        """Why a payment does not count, "" where it does. Under sixteen nobody may be taken on (劳动法 第十五条)."""
        if not any(s.start <= pay.first and pay.last <= s.end for s in self._recognised):
            return _("认定有效期以外的")
        if pay.home and not self._piecework:
            return _("居家来料加工的")
        return _("{day} 满 {age} 周岁以前的").format(day=self._of_age, age=WORKING_AGE.start) if pay.first < self._of_age else ""

    def left_out(self, pays: Iterable[Pay]) -> str:
        """The reasons for leaving payments out, each with its sum, in words."""
        sums: dict[str, int] = {}
        for pay in pays:
            if why := self.why_not(pay):
                sums[why] = sums.get(why, 0) + pay.amount
        return _("、").join(_("{why} {sum} 元").format(why=why, sum=yuan_text(sum)) for why, sum in sorted(sums.items()))


def _crossing(pays: list[Pay], line: int) -> str:
    """The day from which the sum stays at or above the line."""
    total, day = 0, ""
    for pay in sorted(pays, key=lambda pay: (pay.last, pay.id)):
        before, total = total, total + pay.amount
        if before < line <= total:
            day = pay.last
    return day or min(pay.last for pay in pays)


def _proofs(case: Case, pays: list[Pay]) -> None:
    wages = [wage for pay in pays if (wage := case.facts.get(Wage, pay.id)) is not None]
    if not all(wage.proof or wage.pay_way == "bank" for wage in wages):
        case.lacks(_("工资发放凭证"))


def _owned(case: Case, person: Person) -> None:
    """Refer to the county a person who runs the carrier or lives with its head, and may not have been hired at all (R15 example 16)."""
    facts = case.facts
    employer = facts.get(Employer, case.employer_id)
    head = "".join((employer.head or "").split()) if employer is not None else ""
    homes = {own.household_id for id in facts.same(person.id) if (own := facts.get(Person, id)) is not None and own.household_id}
    if head and head in {person.name, *(member.name for home in homes for member in facts.of(Person, "household_id", home))}:
        text = _("就业载体负责人 {head} 与本人或同户的人同名，是不是本人或家里人、算不算吸纳就业请县里定")
        case.unmet(Outcome.REVIEW, text.format(head=head))


def _stacked(case: Case, person: Person, window: Spell) -> None:
    """Refer to the county what the policy leaves open: on-the-job training at the same carrier, a public post held meanwhile."""
    facts = case.facts
    trained = [t for t in facts.theirs(WorkTraining, person.id) if t.employer_id == case.employer_id and t.month]
    if any(window.start <= last_day(t.month) and first_day(t.month) <= window.end for t in trained):
        case.unmet(Outcome.REVIEW, _("同一单位同一人还有以工代训（十七），能否同时享受文件没有写，请县里定"))
    spells = [e for e in facts.theirs(Employment, person.id) if e.employer_id == case.employer_id and e.start]
    worked = [Spell(last_day(e.start), first_day(e.end) if e.end else case.on) for e in spells]
    for post in _posts(case, person):
        held = clip(post, *window)
        if held and any(spell.start <= held.end and spell.end >= held.start for spell in worked):
            case.unmet(Outcome.REVIEW, _("同期还在公益性岗位（{start} 起），能否同时享受请县里定").format(start=post.start))
            return


def _posts(case: Case, person: Person) -> Iterator[Spell]:
    """The days on which the person held a public post for certain, by appointments and by work of that channel."""
    for id in case.facts.same(person.id):
        for held in case.facts.of(Appointment, "person_id", id):
            yield Spell(held.start or EVER.end, held.exit_on or EVER.end)
        for e in case.facts.of(Employment, "person_id", id):
            if e.channel == "public_post" and e.start:
                yield Spell(last_day(e.start), first_day(e.end) if e.end else EVER.end)


KIND: Final = RuleKind("carrier", PARAMS, find, judge, by_period=True, work="employed")

"""A case: a rule, the person or unit it is applied to, and the judgement in progress. Also the conditions shared by several kinds of
rule."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any, Literal

from domain.errors import FieldError
from domain.fields import Record
from domain.identity import age_on, unnumbered
from domain.periods import add_days, income_period, income_year, nth_end
from domain.policy.facts import Facts
from domain.policy.params import Param
from domain.policy.standing import GROUP_LABELS, Membership, clash, membership
from domain.policy.verdict import Judgement, Outcome
from domain.records import Appointment, Employment, Person
from domain.records.choices import FUNDS
from domain.records.people import WORKING_AGE
from domain.words import _


@dataclass(frozen=True)
class Share:
    """A case's request for monthly payments: `each` fen for each of `months`, at most `most` months per person in all; `taken`: months
    paid to others."""

    months: tuple[str, ...]
    each: int
    most: int
    taken: frozenset[str] = frozenset()


@dataclass(frozen=True)
class RuleKind:
    """A kind of rule: its parameters, how its cases are found, and how a case is judged."""

    name: str
    params: Mapping[str, Param]
    find: Callable[[Scope], Iterator[Case]]
    judge: Callable[[Case], None]
    settle: Callable[[list[Case]], None] | None = None
    """Resolves competition between cases if key and order are not enough: quotas."""
    claimed: bool = True
    """Whether such a rule can be claimed under; the others only check or serve."""
    work: Literal["", "own", "employed", "away"] = ""
    """The spells of work that a claim is based on: the person's but for public posts; `employed`: for an employer's claim, those with that
    employer; `away`: those outside the province. "" if it is not based on work."""
    on_pay_sheet: bool = False
    """Whether the pay sheet of posts (`services.posts.pay`) may pay it without a claim."""
    undated: bool = False
    """Whether its verdicts are about the present, so that they are shown whatever the years of the packs."""
    by_period: bool = False
    """Whether all facts of a year or income period count together; otherwise a single day decides."""

    def read(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Parse the parameters of a pack (by name) into the form that rules use. Raises `FieldError` for an unknown name or a value of
        the wrong type."""
        unknown = next((name for name in raw if name not in self.params), None)
        if unknown is not None:
            raise FieldError(_("没有参数 {name}，可用的有：{names}").format(name=unknown[:40], names=" ".join(sorted(self.params))))
        values = {}
        for name, value in raw.items():
            try:
                values[name] = self.params[name].read(value)
            except FieldError as error:
                raise FieldError(f"{name} {error}", error.code) from None
        return values


@dataclass(frozen=True)
class Rule:
    """One rule of a pack. `fund`: a code of `FUNDS`, None when the text names none. `suggested`: reference values, never used."""

    id: str
    kind: RuleKind
    article: str
    name: str
    fund: str | None
    departments: tuple[str, ...]
    groups: tuple[str, ...]
    review_groups: tuple[str, ...]
    start: str
    end: str
    params: Mapping[str, Any]
    suggested: Mapping[str, Any]
    may_change: frozenset[str]
    text: str = ""
    documents: tuple[str, ...] = ()
    """The documents required for a claim, by their names on the forms. Missing ones never change a verdict."""


@dataclass(frozen=True)
class Successor:
    """The document that replaces a rule: its title, and the day from which it applies."""

    start: str
    title: str


@dataclass
class Case(Judgement):
    """One application of a rule, with its judgement so far. `day`: the day whose parameters apply; `gate`: the first day of facts that
    count.

    Eligible cases with the same `key` compete: the smallest `order` wins, the others are duplicates (`domain.md` §3.6). If they have a
    `share`, they divide its months instead; `given` are the months a case gets.
    """

    rule: Rule = field(kw_only=True)
    facts: Facts = field(kw_only=True)
    on: str = field(kw_only=True)
    year: int = field(kw_only=True)
    day: str = field(kw_only=True)
    person_id: str | None = field(default=None, kw_only=True)
    employer_id: str | None = field(default=None, kw_only=True)
    record_id: str | None = field(default=None, kw_only=True)
    params: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    settled: bool = field(default=True, kw_only=True)
    """Whether payments already made count as duplicates. Screening says no: it asks also about people who were paid."""
    fund: str | None = field(default=None, kw_only=True)
    version: str = field(default="", kw_only=True)
    about: Record | None = field(default=None, kw_only=True)
    """The record from which the case was found, if none of its ids names it."""
    key: tuple[str, ...] | None = field(default=None, kw_only=True)
    order: tuple[Any, ...] = field(default=(), kw_only=True)
    by_amount: bool = field(default=False, kw_only=True)
    """Whether the fixed order compares the amount first, also among claims: the larger one wins."""
    paid: bool = field(default=False, kw_only=True)
    """Whether it was paid: then others of its key are duplicates whatever their order."""
    share: Share | None = field(default=None, kw_only=True)
    given: tuple[str, ...] = field(default=(), kw_only=True)
    last: str = field(default="", kw_only=True)
    """The last day of the income period that the case is about, even if the rule ends before it; "" if that is the last day of the year."""
    follows: bool = field(default=False, kw_only=True)
    """Whether the rule's document took over from another."""
    successor: Successor | None = field(default=None, kw_only=True)
    """The document that replaces the rule on or before `day`, or within the period. If the period counts, `rule.end` is the day before
    it."""
    within_reach: bool = field(default=True, kw_only=True)
    """If the time worked is still too short: whether some of it counts already and enough days are left."""
    joined: bool = field(default=False, kw_only=True)
    """Whether it is enough only together with facts before this rule took over, of which the rule before has to be asked as well."""
    until: str = field(default="", kw_only=True)
    """The last day of the rule by its document, "" if that is `rule.end`."""
    kin: frozenset[str] = field(default=frozenset(), kw_only=True)
    """Other ids of the same benefit: the rules that this one replaces or that replace it (`packs.InForce.kin`)."""

    def over(self) -> None:
        """Record the outcome that the successor applies and this rule no longer does."""
        if self.successor is not None and Outcome.SUPERSEDED not in self.found:
            text = _("自 {day} 起改按《{title}》执行")
            self.unmet(Outcome.SUPERSEDED, text.format(day=self.successor.start, title=self.successor.title))

    def met(self, text: str) -> None:
        """Add a condition that is met, prefixed by the clause."""
        super().met(self.rule.article + text)

    def unmet(self, outcome: Outcome, text: str) -> None:
        """Add a condition that is not met, prefixed by the clause."""
        super().unmet(outcome, self.rule.article + text)

    def param(self, name: str) -> Any:
        """A parameter that decides the answer: None if it is unset, and then the outcome says so."""
        value = self.params.get(name)
        if value is None:
            self.unset(name)
        return value

    def unset(self, name: str) -> None:
        """Record that a parameter on which the answer depends is not set."""
        label = _(self.rule.kind.params[name].label)
        offered = self.rule.suggested.get(name)
        text = _("文件没有写明{label}，县里还没有确定（参数 {rule}.{name}）").format(label=label, rule=self.rule.id, name=name)
        self.unmet(Outcome.NOT_CONFIGURED, text + (_("；参考值未启用") if offered is not None else ""))

    @property
    def gate(self) -> str:
        """The first day of facts that count: `facts_from` if the rule has one, otherwise the rule's first day."""
        return str(self.params.get("facts_from") or self.rule.start)

    def fund_label(self) -> str | None:
        """The fund's name, in Chinese in every language: it is a value, not a sentence."""
        code = self.fund or self.rule.fund
        return FUNDS.get(code) if code else None


@dataclass(frozen=True)
class Scope:
    """The scope of evaluating a rule: a year (None: every year with facts), people (None: everybody), and the day."""

    rule: Rule
    facts: Facts
    on: str
    year: int | None = None
    people: frozenset[str] | None = None
    settled: bool = True
    everyone: bool = True
    """With a given year: include a verdict for people without any facts."""

    def case(self, year: int, day: str, **ids: str | None) -> Case:
        """A case of this rule."""
        return Case(rule=self.rule, facts=self.facts, on=self.on, year=year, day=day, settled=self.settled, **ids)  # type: ignore[arg-type]  # ids by name

    def last_day(self, year: int) -> str:
        """The last day of a year on which the rule is in force; the first day of a year after its end."""
        return min(f"{year}-12-31", max(self.rule.end, f"{year}-01-01"))

    def wanted(self, person_id: str | None, year: int | None = None) -> bool:
        """Whether the scope includes a person and a year."""
        return (self.people is None or person_id in self.people) and (year is None or self.year is None or year == self.year)

    def meant(self, person_id: str) -> bool:
        """Whether the scope includes a person under any of their records: a once-in-a-lifetime benefit depends on all of them."""
        return self.people is None or any(id in self.people for id in self.facts.same(person_id))


# ---------------------------------------------------------------- conditions that rules share


def cut_period(rule: Rule, kin: Collection[str]) -> str | None:
    """The first day of the year or income period within which a rule takes over from another (`kin`) without saying from which day on
    facts count; None if it does not."""
    if not kin or "facts_from" not in rule.kind.params or rule.params.get("facts_from"):
        return None
    turn = rule.params.get("period_start") or "01-01"
    first = income_period(income_year(rule.start, turn), turn).start
    return first if first < rule.start else None


def in_time(case: Case, first: str, last: str) -> bool:
    """Whether facts from `first` to `last` lie at least partly within the rule's time. If not, the outcome is expired or not yet."""
    days = first if first == last else _("{start} 至 {end}").format(start=first, end=last)
    if last < case.gate:
        case.unmet(Outcome.NOT_YET, _("所据事实（{days}）早于 {gate}，文件还没有实施").format(days=days, gate=case.gate))
        return False
    if first > case.rule.end and case.successor is not None and first <= case.until:
        case.over()
        return False
    if first > case.rule.end:
        text = _("所据事实（{days}）晚于 {end}，政策已到期")
        if case.successor is None:
            text = _("所据事实（{days}）晚于 {end}，政策已到期。台账照常登记，有没有接着执行的文件请问县里，新文件下发后按新文件判定")
        case.unmet(Outcome.EXPIRED, text.format(days=days, end=case.rule.end))
        return False
    return True


def known_person(case: Case) -> Person | None:
    """The person of the case. An unknown person, or one ID number under two names, is left for people to clarify."""
    person = case.facts.get(Person, case.person_id)
    if person is None:
        case.unmet(Outcome.REVIEW, _("台账里没有这个人的人员记录，请先登记再核定"))
        return None
    names = {other.name for id in case.facts.same(person.id) if (other := case.facts.get(Person, id)) and other.name}
    if len(names) > 1:
        case.unmet(Outcome.REVIEW, _("同一证件号码登记了 {n} 个不同姓名，姓名不一致，请核实是不是同一个人").format(n=len(names)))
    if unnumbered(person.id_number or ""):
        case.lacks(_("证件号码"))
    died = died_on(case.facts, person.id)
    if died != person.died_on:
        person = copy(person)
        person.died_on = died
    return person


def unregistered(case: Case) -> None:
    """Refer to the offices above a unit whose record is not here: usually another village's, whose people moved in."""
    worked = case.facts.theirs(Employment, case.person_id) if case.person_id else ()
    name = next((e.employer_name for e in worked if e.employer_id == case.employer_id and e.employer_name), _("这个单位"))
    text = _("{name}没有在本村登记（可能是别的村的），它的认定这里看不到，请乡镇或县里核定")
    case.unmet(Outcome.REVIEW, text.format(name=name))


def died_on(facts: Facts, person_id: str) -> str | None:
    """The date of death, from any record of the person."""
    records = (facts.get(Person, id) for id in facts.same(person_id))
    return min((each.died_on for each in records if each is not None and each.died_on), default=None)


def labels(groups: tuple[str, ...]) -> str:
    """The names of groups, for messages."""
    return _("或").join(_(GROUP_LABELS[group]) for group in groups) or _("任何人")


def belongs_on(case: Case, day: str, what: str) -> None:
    """Judge the person's group on one day; `what` names the day in words."""
    belongs(case, what, lambda m: m.on(day), day, day)


def belongs(case: Case, what: str, test: Callable[[Membership], bool | None], low: str, high: str) -> bool | None:
    """Whether the person is in the rule's groups by `test`. Contradictory spans, and people who are only monitored, are referred to the
    county."""
    rule, facts, person_id = case.rule, case.facts, str(case.person_id)
    sentence = clash(facts, person_id, low, high)
    if sentence is not None:
        case.unmet(Outcome.REVIEW, sentence)
    said = test(membership(facts, person_id, rule.groups))
    if said:
        own = tuple(group for group in rule.groups if test(membership(facts, person_id, (group,))))
        case.met(_("身份：{what}，是{groups}").format(what=what, groups=labels(own or rule.groups)))
    elif said is None:
        case.unmet(
            Outcome.NEED_MORE, _("身份起止日不详，{what}，是不是{groups}说不准，请补充日期").format(what=what, groups=labels(rule.groups))
        )
    else:
        _outside(case, what, test)
    return said


def _outside(case: Case, what: str, test: Callable[[Membership], bool | None]) -> None:
    """Judge a person in none of the rule's groups, who may be in one that the policy leaves open."""
    rule = case.rule
    other = test(membership(case.facts, str(case.person_id), rule.review_groups)) if rule.review_groups else False
    if other is False:
        case.unmet(Outcome.NOT_ELIGIBLE, _("身份：{what}，不属于{groups}").format(what=what, groups=labels(rule.groups)))
    elif other is None:
        text = _("身份起止日不详，{what}，是不是{groups}说不准，请补充日期")
        case.unmet(Outcome.NEED_MORE, text.format(what=what, groups=labels(rule.review_groups)))
    else:
        text = _("身份：{what}，只是{others}，文件只写了{groups}，没有写含{others}，请县里定")
        case.unmet(Outcome.REVIEW, text.format(what=what, groups=labels(rule.groups), others=labels(rule.review_groups)))


def left_post(facts: Facts, held: Appointment) -> str | None:
    """The last day on the post, None if still held. Death ends it even if no exit was recorded."""
    return min(filter(None, (held.exit_on, died_on(facts, held.person_id))), default=None)


def of_age(case: Case, person: Person, day: str) -> None:
    """Require an age of at least sixteen on a day; an unknown birth date is ignored."""
    birth = case.facts.birth(person)
    if birth is not None and (birth > day or age_on(birth, day) < WORKING_AGE.start):
        case.unmet(Outcome.NOT_ELIGIBLE, _("{day} 未满 {age} 周岁").format(day=day, age=WORKING_AGE.start))


def came_of_age(case: Case, person: Person | None) -> str:
    """The day from which the person may work; "" if the birth date is unknown."""
    birth = case.facts.birth(person) if person is not None else None
    return add_days(nth_end(birth, 12 * WORKING_AGE.start), 1) if birth is not None else ""


def too_young(case: Case, person: Person, day: str) -> None:
    """Refer to the county a person hired before sixteen: the policy is silent, and labour law (劳动法 第十五条) forbids it."""
    if day < came_of_age(case, person):
        text = _("{day} 未满 {age} 周岁，依法不得招用，请核实年龄，能否享受请县里定")
        case.unmet(Outcome.REVIEW, text.format(day=day, age=WORKING_AGE.start))


def begun(case: Case, day: str, what: str) -> bool:
    """Whether a day (or a month) has come; before it nobody is entitled yet. `what` names the day in words."""
    if day <= case.on:
        return True
    case.unmet(Outcome.PENDING, _("{what} {day} 还没有到").format(what=what, day=day))
    return False


def able(case: Case, person: Person) -> None:
    """Refer to the county a person recorded as unable to work who worked: one of the two is wrong (R03 example 16)."""
    if person.labour in ("lost", "none"):
        case.unmet(Outcome.REVIEW, _("登记为丧失劳动力或无劳动力，与务工事实矛盾，请核实"))


def late(case: Case) -> None:
    """Add a remark if facts within the policy's term are judged after its end."""
    end = case.until or case.rule.end
    if case.on > end and case.outcome is Outcome.ELIGIBLE:
        text = _("政策执行到 {end}，所据事实在期内；现在申报属过期补报，需县级确认")
        case.met(text.format(end=end))


def already_paid(case: Case, *, person: bool = False, employer: bool = False, any_year: bool = False, record: bool = False) -> bool:
    """Whether a payment was made under the same rule for the same person, employer, record and year, as selected."""
    if not case.settled:
        return False
    same = set(case.facts.same(case.person_id)) if case.person_id else set()
    for claim in (claim for id in sorted({case.rule.id, *case.kin}) for claim in case.facts.paid(id)):
        fits = (
            (not person or claim.person_id in same)
            and (not employer or case.facts.unit(claim.employer_id) == case.facts.unit(case.employer_id))
            and (not record or claim.record_id == case.record_id)
            and (any_year or claim.year == case.year)
        )
        if fits:
            case.unmet(Outcome.DUPLICATE, _("{year} 年度已经拨付过（申请 {id}），不能重复享受").format(year=claim.year, id=claim.id[:8]))
            case.paid = True
            return True
    return False


def first_submitted(case: Case, record: Any) -> tuple[str, str]:
    """The final criteria of the fixed order: earliest submission, then lowest id."""
    return case.facts.submitted(case.rule.id, record, case.person_id, case.year), record.id

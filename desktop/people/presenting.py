"""Turns records and figures about a person into the text of the person's page. Secret fields are masked unless `plain`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

from desktop.people.view_model import category_tone
from desktop.widgets.record_form import all_fields
from domain import divisions
from domain.clock import when
from domain.divisions import Region
from domain.fields import KINDS
from domain.identity import age_on
from domain.income import Income as IncomeFigures
from domain.money import yuan_grouped
from domain.periods import add_months
from domain.records import CategorySpan, ClaimStep, Employment, Enrolment, HouseholdIncome, MonthlyCheck, Person
from domain.words import _
from services import person as found
from services.cards import rule_names
from services.history import Line
from services.key_changes import UnconfirmedChange, day
from services.person import PersonPage
from services.training import outcome_of

Chip = tuple[str, str]
"""A text and its tone."""

_PERSON = Person.KIND.by_name
_MONEY = HouseholdIncome.KIND.by_name["wages"]
_CHIP_TONES = {
    "workshop": "good",
    "post": "good",
    "county": "good",
    "city": "good",
    "province": "good",
    "outside": "info",
    "abroad": "info",
    "idle": "warn",
}
_STATE_TONES = {"paid": "good", "approved": "good", "returned": "warn", "refused": "bad", "recovered": "bad", "draft": "plain"}
_OUTCOME_TONES = {"completed": "good", "dropped": "warn", "refused": "warn", "enrolled": "info"}
_FACTS = ("nation", "education", "school_state", "health", "labour", "political")
_ELSEWHERE = (
    *("name", "sex", "birth", "relation", "document", "id_number", "original_number", "phone", "bank_name", "bank_account"),
    *("household_id", "merged_into"),
)
_LATER_FACTS = all_fields(Person.KIND, "payee_relation", "number", "residence", without=(*_FACTS, *_ELSEWHERE))


class Member(NamedTuple):
    """A member of the household. `role`: 与户主关系 and age; `here`: whether this is the person the page is about."""

    id: str
    name: str
    role: str
    chip: Chip
    here: bool


class Spell(NamedTuple):
    """A spell of work: months `first` to `last` (`2023-06`), its label and tone."""

    first: str
    last: str
    word: str
    tone: str


class Grant(NamedTuple):
    """A benefit, as a row of the table."""

    year: str
    item: str
    amount: str
    state: Chip
    paid_on: str


class Training(NamedTuple):
    """A course or a term at school."""

    title: str
    detail: str
    outcome: Chip


class Income(NamedTuple):
    """A household's income in a period. `parts`: labels and sums (yuan); `per_head` in yuan; `line`: distance from the monitoring line,
    with its tone."""

    year: int
    covered: str
    parts: Sequence[tuple[str, str]]
    per_head: str
    line: Chip


class Change(NamedTuple):
    """A line of the history."""

    at: str
    by: str
    text: str


@dataclass(frozen=True)
class PersonShown:
    """A person's page on the local day `today`, as text. `wage_year` is the income period of `paid` and `wage_period` its first and last
    day; `author`: the user who looks at the page."""

    page: PersonPage
    today: str
    plain: bool
    wage_year: int
    wage_period: tuple[str, str]
    author: str

    @property
    def id(self) -> str:
        """The person's id."""
        return self.page.person.id

    @property
    def name(self) -> str:
        """The person's name."""
        return self.page.person.name

    @property
    def household_id(self) -> str | None:
        """Their household."""
        return self.page.person.household_id

    @property
    def deleted(self) -> bool:
        """Whether the record is in the recycle bin."""
        return self.page.person.deleted_at is not None

    @property
    def month(self) -> str:
        """The present month."""
        return self.today[:7]

    def text(self, name: str) -> str:
        """A field of the person."""
        return _PERSON[name].show(self.page.person[name], plain=self.plain)

    @property
    def facts(self) -> str:
        """Sex, age, village and group, relation."""
        person, home = self.page.person, self.page.household
        age = _("{n} 岁").format(n=_age(person, self.today)) if _age(person, self.today) else ""
        where = " ".join(part for part in (divisions.name(person.village) or "", (home.group or "") if home else "") if part)
        return "　".join(filter(None, (self.text("sex"), age, where, self.text("relation"))))

    @cached_property
    def chips(self) -> list[Chip]:
        """Categories, warnings and the present work."""
        label = CategorySpan.KIND.by_name["category"].label_of
        chips = [(label(code), category_tone(code)) for code in sorted(set(self.page.standing.categories))]
        if self.page.person.labour == "weak":
            chips.append((_("弱劳动力"), "warn"))
        if self.page.unconfirmed:  # details are among the facts: a sentence here would push the number out of a narrow window
            against = any(one.pending.dispute for one in self.page.unconfirmed)
            chips.append((_("有异议"), "bad") if against else (_("待确认"), "warn"))
        word, sort = self.page.chip
        if self.page.person.deleted_at is not None:
            chips.append((_("已删除"), "bad"))
        return [*chips, (word, _CHIP_TONES.get(sort, "plain"))]

    @cached_property
    def fields(self) -> list[tuple[str, str]]:
        """基本情况: labels and values that are set."""
        return list(_fields(self.page, plain=self.plain))

    @cached_property
    def members(self) -> list[Member]:
        """The household."""
        return [_member(member, self.id, self.today) for member in self.page.members]

    @cached_property
    def spells(self) -> list[Spell]:
        """Work up to the present month."""
        return [spell for one in self.page.spells if (spell := _spell(one, self.month)) is not None]

    @cached_property
    def checks(self) -> dict[str, str]:
        """By month: "done", or a word for a month without work."""
        return {of: _mark(check) for of, check in self.page.checks.items()}

    @property
    def can_repeat_check(self) -> bool:
        """Whether last month has a monthly check and this month has none."""
        return self.month not in self.page.checks and add_months(self.month, -1) in self.page.checks

    @property
    def promises(self) -> list[tuple[str, int, int]]:
        """The 1-3-1 services: how many of how many were given."""
        given = self.page.promise
        return [(_("指导"), given.guidance, 1), (_("岗位"), given.jobs, 3), (_("培训"), given.training, 1)] if given else []

    @cached_property
    def grants(self) -> list[Grant]:
        """Claims and payments."""
        return [_grant(grant) for grant in self.page.grants]

    @cached_property
    def trainings(self) -> list[Training]:
        """Courses and terms at school."""
        return [*_trainings(self.page), *_terms(self.page)]

    @property
    def paid(self) -> list[found.EmployerWages]:
        """The employers that paid something in the income period."""
        return [one for one in self.page.wages if one.counted]

    @cached_property
    def wages(self) -> dict[str, int]:
        """Month → fen, for all months."""
        sums = Counter[str]()
        for employer in self.page.wages:
            sums.update(employer.months)
        return sums

    @cached_property
    def income(self) -> Income | None:
        """The latest income of the household."""
        if self.page.income is None or self.page.income.latest is None:
            return None
        latest, line = self.page.income.latest, self.page.income.line
        fields = HouseholdIncome.KIND.by_name
        values = {"first": latest.period.start[:7], "last": latest.period.end[:7], "n": latest.months}
        covered = _("{first} 至 {last}") if latest.whole else _("{first} 至 {last}，已记 {n} 个月")
        parts = [(_(fields[name].label), fields[name].show(amount)) for name, amount in latest.parts.items() if amount]
        return Income(latest.year, covered.format(**values), parts, _MONEY.show(latest.per_head), _to_line(latest, line))

    @cached_property
    def history(self) -> list[Change]:
        """The changes, latest first; what was set when the person was registered is one line."""
        whole = {
            "I": _("登记（{how}）").format(how=self.page.imported) if self.page.imported else _("登记"),
            "D": _("删除"),
            "R": _("恢复"),
        }
        lines = []
        for (at, by, op), group in groupby(self.page.history, key=lambda line: (line.at, line.by, line.op)):
            lines += [Change(when(at), by, text) for text in ([whole[op]] if op in whole else map(_words, group))]
        return lines[::-1]

    @property
    def to_explain(self) -> list[str]:
        """Ids of changes that wait for confirmation and were made by the user who looks."""
        return [one.id for one in self.page.unconfirmed if one.pending.event.by == self.author]


def _age(person: Person, today: str) -> str:
    """Age in full years; of a dead person, at death; "" if it is not known."""
    day = min(today, person.died_on or today)
    return str(age_on(person.birth, day)) if person.birth and person.birth <= day else ""


def _fields(page: PersonPage, *, plain: bool) -> Iterator[tuple[str, str]]:
    person, home = page.person, page.household
    values = person.__dict__

    def field(name: str) -> Iterator[tuple[str, str]]:
        text = _PERSON[name].show(values[name], plain=plain)
        if text:
            yield _(_PERSON[name].label), text

    for one in page.unconfirmed:
        yield _("待确认"), _unconfirmed(one, plain=plain)
    for name in _FACTS:
        yield from field(name)
    if page.spans:
        yield _("身份"), "\n".join(_span(span) for span in page.spans)
    if person.bank_account:
        account = _PERSON["bank_account"].show(person.bank_account, plain=plain)
        yield _("社保卡"), " ".join(part for part in (person.bank_name or "", account) if part)
    if home is not None:
        for name in ("number", "address"):
            if home[name]:
                yield _(KINDS["household"].by_name[name].label), str(home[name])
    for name in _LATER_FACTS:
        yield from field(name)


def _unconfirmed(one: UnconfirmedChange, *, plain: bool) -> str:
    """What was changed, and whose confirmation it waits for."""
    event, pending = one.pending.event, one.pending
    old, new = one.shown(plain=plain)
    text = _("{label}由 {old} 改为 {new}，{who} {day} 改的，已经在用。").format(
        label=one.label(), old=old or _("（空）"), new=new or _("（空）"), who=event.name, day=day(event.at)
    )
    if pending.reason:
        text += _("原因：{why}。").format(why=pending.reason)
    if pending.dispute:
        return text + _("{who}有异议：{why}。核实后改正，或者写明原因。").format(who=pending.disputed_by, why=pending.dispute)
    return text + _("等乡镇或县里另一个人核实；在那以前，批准和发钱的人会看到提醒。")


def _span(span: CategorySpan) -> str:
    word = span.shown("category")
    if span.start and span.end:
        return _("{word}（{start} 至 {end}）").format(word=word, start=span.start, end=span.end)
    if span.end:
        return _("{word}（至 {end}）").format(word=word, end=span.end)
    return _("{word}（{start} 起）").format(word=word, start=span.start) if span.start else word


def _member(member: found.Member, here: str, today: str) -> Member:
    person = member.person
    role = " ".join(part for part in (_PERSON["relation"].show(person.relation), _age(person, today)) if part)
    word, sort = member.chip
    return Member(person.id, person.name, role, (word, _CHIP_TONES.get(sort, "plain")), person.id == here)


def _spell(spell: found.Spell, month: str) -> Spell | None:
    within = spell.months(month)
    if within is None:
        return None
    tone = "info" if spell.region in (Region.OUTSIDE, Region.ABROAD) else "good"
    return Spell(*within, spell.where or Employment.KIND.by_name["channel"].show(spell.channel), tone)


def _mark(check: MonthlyCheck) -> str:
    """ "done" for a month of work, otherwise a short word for the reason."""
    idle = {"school": _("在校"), "no_wish": _("无意愿"), "unable": _("无劳力"), "unemployed": _("待业")}
    return idle.get(check.status, "done")


def _grant(grant: found.Grant) -> Grant:
    claim = grant.claim
    state = ClaimStep.KIND.by_name["to_state"].show(grant.state)
    amount = yuan_grouped(grant.paid or claim.amount)
    if grant.differs:
        state = _("差额待补发") if grant.paid < claim.amount else _("多发的待退回")
    return Grant(
        str(claim.year),
        _(rule_names().get(claim.rule, claim.rule)),
        amount,
        (state, _STATE_TONES.get(grant.state, "info")),
        grant.paid_on or "",
    )


def _trainings(page: PersonPage) -> Iterator[Training]:
    fields = Enrolment.KIND.by_name
    for enrolment, course in page.trainings:
        days = _("{n}/{all} 天").format(n=enrolment.days_present, all=enrolment.days_total) if enrolment.days_total else ""
        score = _("成绩 {score}").format(score=enrolment.score) if enrolment.score is not None else ""
        dates = f"{course.start} – {course.end[5:]}" if course else ""
        outcome = outcome_of(enrolment.outcome, enrolment.certificate) or "enrolled"
        yield Training(
            course.title if course else _("培训"),
            "　".join(part for part in (dates, days, score) if part),
            (fields["outcome"].label_of(outcome), _OUTCOME_TONES.get(outcome, "plain")),
        )


def _terms(page: PersonPage) -> Iterator[Training]:
    for term in page.schooling:
        fields = term.KIND.by_name
        yield Training(term.school, fields["term"].show(term.term), (fields["stage"].show(term.stage), "info"))


def _to_line(latest: IncomeFigures, line: int | None) -> tuple[str, str]:
    if line is None:
        return _("{year} 年监测线还没有填").format(year=latest.year), "plain"
    if latest.per_head >= line:
        return _("已过监测线"), "good"
    values, tone = (_("低于监测线 {gap} 元"), "bad") if latest.whole else (_("离监测线还差 {gap} 元"), "plain")
    return values.format(gap=_MONEY.show(line - latest.per_head)), tone


def _words(line: Line) -> str:
    if line.op != "U":
        return f"{line.what}　{line.new}"
    return _("{field}：{old} → {new}").format(field=line.what, old=line.old or _("（空）"), new=line.new or _("（空）"))

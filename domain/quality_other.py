"""Data checks on household income, education, claims, numbers, and records that contradict each other (`domain.md` §7)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Final

from domain.bounds import ANY, YEARS, outside
from domain.fields import KINDS, Field, Record, declaration
from domain.income import income
from domain.periods import income_year, term, term_start, term_words
from domain.quality_rule import Found, rule
from domain.records import Attendance, Employer, Employment, Enrolment, HouseholdIncome, Person, Schooling, Service
from domain.records.people import CATEGORIES
from domain.register import KINDS_READ, Register, holds
from domain.words import _

LEAST_A_HEAD: Final = 500_00
MOST_A_HEAD: Final = 30_000_00
"""Fen a year."""
_JUDGED_ELSEWHERE: Final = frozenset(
    declaration(name)
    for name in (HouseholdIncome.persons, Attendance.days, Enrolment.days_present, Employment.monthly_wage, Person.birth, Person.died_on)
)
"""What has a check of its own."""
ORDINARY: Final = "ordinary"


@rule("W36", "家庭收入的月份重复", "删除或更正其中一条，重复的月份只算一条")
def income_twice(register: Register, on: str) -> Found:
    """Two income records of one household that share a month."""
    for household_id, collected in register.incomes.items():
        ordered = sorted(collected, key=lambda one: (one.start, one.end, one.id))
        for n, one in enumerate(ordered[1:], start=1):
            if any(earlier.end >= one.start for earlier in ordered[:n]):
                yield one, _("{name} 户的家庭收入有月份记了两次").format(name=register.householder(household_id))


@rule("W37", "家庭收入的人口不合理", "核对家庭人口，人均按它计算")
def income_of_nobody(register: Register, on: str) -> Found:
    """An income record for nobody, or for more people than a village's largest family."""
    limits = declaration(HouseholdIncome.persons).bounds.limits(on)
    for one in register.all(HouseholdIncome):
        if outside(one.persons, limits):
            yield one, _("{name} 户的家庭收入按 {n} 口人计算").format(name=register.householder(one.household_id), n=one.persons)


@rule("I08", "人均纯收入过高或过低", "核对各项收入和家庭人口")
def odd_income(register: Register, on: str) -> Found:
    """Less than 500 or more than 30 000 yuan a person in a complete income period."""
    for household_id, collected in register.incomes.items():
        for year in sorted({income_year(f"{one.end}-01") for one in collected}):
            found = income(collected, year)
            if found.whole and not LEAST_A_HEAD <= found.per_head <= MOST_A_HEAD:
                amount = HouseholdIncome.KIND.by_name["wages"].show(found.per_head)
                last = max(collected, key=lambda one: (one.end, one.id))
                said = {"name": register.householder(household_id), "year": year, "amount": amount}
                yield last, _("{name} 户 {year} 年度人均纯收入 {amount} 元").format(**said)


@rule("E12", "文化程度和在校生状况都填了", "在校生只填在校生状况，其他人只填文化程度")
def schooling_and_education(register: Register, on: str) -> Found:
    """Both filled."""
    for person in register.all(Person):
        if person.education and person.school_state and not person.died_on:
            yield person, _("{name}：文化程度和在校生状况都填了").format(name=register.name(person.id))


@rule("I10", "还没填文化程度", "在上学的填在校生状况，其他人填文化程度")
def no_education(register: Register, on: str) -> Found:
    """Neither filled, as after a first roster."""
    for person in register.all(Person):
        if not person.education and not person.school_state and not person.died_on:
            yield person, _("{name}：还没填文化程度").format(name=register.name(person.id))


@rule("E19", "同一人同一项报了两笔", "核对后只留一笔，多报的撤回；上级办的，退回或不予通过")
def twice(register: Register, on: str) -> Found:
    """Two claims for the same benefit. Found by `services.quality.quality`: the steps of claims are not in a register."""
    yield from ()


@rule("W43", "金额、天数或年度不合理", "核对并更正")
def impossible_number(register: Register, on: str) -> Found:
    """Numbers and years outside the bounds of their field, and terms long ago or yet to come."""
    measured = ((name, f) for name in KINDS_READ for f in KINDS[name].fields if f.bounds is not ANY and f not in _JUDGED_ELSEWHERE)
    found = ((one, f) for name, f in measured for one in _outside(register, name, f, on))
    years, term = YEARS.limits(on), declaration(Schooling.term)
    terms = ((one, term) for one in register.all(Schooling) if one.term[:4].isdecimal() and outside(int(one.term[:4]), years))
    for record, f in chain(found, terms):
        whose = record.get("name") or register.whose(record)
        yield record, _("{name}：{what} {value}").format(name=whose, what=_(f.label), value=f.show(record[f.name]))


def _outside(register: Register, name: str, f: Field, on: str) -> Iterator[Record]:
    limits = f.bounds.limits(on)
    return (one for one in register.records(name) if outside(one[f.name], limits))


@rule("W45", "单位已关闭，还有人在那里务工", "核对单位状态，或结束务工记录")
def at_closed_employer(register: Register, on: str) -> Found:
    """Work without an end at an employer that has closed."""
    closed = {one.id: one.name for one in register.all(Employer) if one.state == "closed"}
    for spell in register.all(Employment):
        if spell.employer_id in closed and spell.end is None:
            said = {"name": register.name(spell.person_id), "employer": closed[spell.employer_id]}
            yield spell, _("{name}：{employer}已关闭，务工记录还没有结束").format(**said)


@rule("W46", "证书与培训对不上", "核对结果和发证日期")
def certificate_without_course(register: Register, on: str) -> Found:
    """A certificate of somebody who left or refused the course, or from before the course began."""
    for one in register.all(Enrolment):
        course, name = register.courses.get(one.course_id), register.name(one.person_id)
        if one.outcome in ("dropped", "refused") and (one.certificate or one.certified_on):
            yield one, _("{name}：没有学完，却有证书").format(name=name)
        elif course is not None and one.certified_on and one.certified_on < course.start:
            yield one, _("{name}：{day} 发证，{start} 才开班").format(name=name, day=one.certified_on, start=course.start)


@rule("W47", "推荐的岗位那时已过期", "核对服务日期和岗位的有效期")
def expired_vacancy(register: Register, on: str) -> Found:
    """A vacancy recommended after its last day."""
    for one in register.all(Service):
        vacancy = register.vacancies.get(one.vacancy_id or "")
        if vacancy is not None and vacancy.expires_on and vacancy.expires_on < one.on:
            said = {"name": register.name(one.person_id), "day": one.on, "title": vacancy.title, "last": vacancy.expires_on}
            yield one, _("{name}：{day} 推荐{title}，岗位 {last} 已过期").format(**said)


@rule("W48", "开学日期不在所写的学期", "核对学期和开学日期")
def term_of_another_season(register: Register, on: str) -> Found:
    """A first day in another half of a year than the term says; from July it is autumn, as the rule for the subsidy has it."""
    for one in register.all(Schooling):
        named, by_day = term(one.term), f"{one.term_start[:4]}-{'autumn' if one.term_start[5:7] >= '07' else 'spring'}"
        if term_start(named) is not None and named != by_day:
            said = {"name": register.name(one.person_id), "term": term_words(named), "day": one.term_start}
            yield one, _("{name}：学期是{term}，开学日期却是 {day}").format(**said)


@rule("W49", "又是一般农户又是别的类别", "给不是了的那一条填上结束时间：两条同时有效，判定都要县里核定")
def ordinary_and_more(register: Register, on: str) -> Found:
    """一般农户, which means being in no other category, and another category on one day."""
    for person_id, spans in register.spans.items():
        found = sorted((span for span in spans if holds(span.start, span.end, on)), key=lambda span: (span.category, span.id))
        other = next((span for span in found if span.category != ORDINARY), None)
        if other is not None and person_id in register.people and any(span.category == ORDINARY for span in found):
            text = _("{name} 同时是{one}和{two}")
            said = {"one": _(CATEGORIES[ORDINARY]), "two": _(CATEGORIES.get(other.category, other.category))}
            yield other, text.format(name=register.name(person_id), **said)

"""Data checks on household income, education and claims (`domain.md` §7)."""

from __future__ import annotations

from typing import Final

from domain.income import income
from domain.periods import income_year
from domain.quality_rule import Found, rule
from domain.records import HouseholdIncome, Person
from domain.register import Register
from domain.words import _

PEOPLE_AT_MOST: Final = 30
LEAST_A_HEAD: Final = 500_00
MOST_A_HEAD: Final = 30_000_00
"""Fen a year."""


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
    for one in register.all(HouseholdIncome):
        if not 1 <= one.persons <= PEOPLE_AT_MOST:
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

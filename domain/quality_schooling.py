"""Data checks on education."""

from __future__ import annotations

from domain.quality_rule import Catalogue, Found
from domain.records import Person
from domain.register import Register
from domain.words import _

schooling = Catalogue()
rule = schooling.rule


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

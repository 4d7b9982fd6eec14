"""One person's page as text and numbers, ready to be laid out. Secrets are masked unless the page was asked for plain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Chip = tuple[str, str]
"""A word and its tone."""


@dataclass(frozen=True)
class Member:
    """Somebody of the household."""

    id: str
    name: str
    role: str
    """与户主关系 and age."""
    chip: Chip
    here: bool
    """Whether it is the person the page is about."""


@dataclass(frozen=True)
class Spell:
    """A spell of work: months `first` to `last` (`2023-06`), what to call it, its tone."""

    first: str
    last: str
    word: str
    tone: str


@dataclass(frozen=True)
class Promise:
    """A part of 1-3-1: how many of how many."""

    word: str
    done: int
    needed: int


@dataclass(frozen=True)
class Visit:
    """A visit as a line."""

    on: str
    by: str
    content: str


@dataclass(frozen=True)
class Grant:
    """A benefit as a line of the table."""

    year: str
    item: str
    amount: str
    state: Chip
    paid_on: str


@dataclass(frozen=True)
class Training:
    """A course or a term at school."""

    title: str
    detail: str
    outcome: Chip


@dataclass(frozen=True)
class Paid:
    """What an employer paid within the income period, in fen; `line` is the line it is on its way to, None when there is none."""

    employer: str
    amount: int
    line: int | None


@dataclass(frozen=True)
class Income:
    """What is known of a household's income in a period. `parts`: labels and sums (yuan); `per_head` yuan; `line`: how far it is from the
    monitor line, with its tone."""

    year: int
    covered: str
    parts: Sequence[tuple[str, str]]
    per_head: str
    line: Chip


@dataclass(frozen=True)
class NextIncome:
    """What a form about the household's income begins with: values by field, and what the program knows its members to have earned."""

    values: Mapping[str, Any]
    earned: str


@dataclass(frozen=True)
class Change:
    """A line of the history."""

    at: str
    by: str
    text: str


@dataclass(frozen=True)
class PersonShown:
    """Everything on the page."""

    id: str
    name: str
    facts: str
    """Sex, age, group, relation."""
    chips: Sequence[Chip]
    document: str
    id_number: str
    phone: str
    plain: bool
    fields: Sequence[tuple[str, str]]
    """基本情况: labels and values that are set."""
    members: Sequence[Member] = ()
    living: int = 0
    """How many of the members are alive."""
    household_id: str | None = None
    spells: Sequence[Spell] = ()
    checks: Mapping[str, str] = field(default_factory=dict)
    """Month → "done" or a word."""
    month: str = ""
    """The present month."""
    wish: str = ""
    """What was wished for, and since when; "" without an open wish."""
    wish_id: str = ""
    promises: Sequence[Promise] = ()
    visits: Sequence[Visit] = ()
    visit_count: int = 0
    grants: Sequence[Grant] = ()
    trainings: Sequence[Training] = ()
    answers: Sequence[tuple[str, str, str]] = ()
    """What was answered to surveys: survey, question, answer."""
    wage_year: int = 0
    """Names the income period of `paid`."""
    wage_period: tuple[str, str] = ("", "")
    """Its first and last day."""
    wages: Mapping[str, int] = field(default_factory=dict)
    """Month → fen, of all time."""
    paid: Sequence[Paid] = ()
    income: Income | None = None
    next_income: NextIncome | None = None
    history: Sequence[Change] = ()
    can_repeat_check: bool = False
    """Whether last month was checked and this month was not."""
    to_explain: Sequence[str] = ()
    """Changes that wait to be confirmed and were made by who looks."""
    deleted: bool = False

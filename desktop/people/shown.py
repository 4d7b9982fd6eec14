"""A person's page as text and numbers, ready to be laid out. Secret fields are masked unless the user asked to see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from domain.records import Visit
from services.households.income import Next
from services.person import EmployerWages

Chip = tuple[str, str]
"""A text and its tone."""


@dataclass(frozen=True)
class Member:
    """A member of the household."""

    id: str
    name: str
    role: str
    """与户主关系 and age."""
    chip: Chip
    here: bool
    """Whether this is the person the page is about."""


@dataclass(frozen=True)
class Spell:
    """A spell of work: months `first` to `last` (`2023-06`), its label and tone."""

    first: str
    last: str
    word: str
    tone: str


@dataclass(frozen=True)
class Grant:
    """A benefit, as a row of the table."""

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
class Income:
    """A household's income in a period. `parts`: labels and sums (yuan); `per_head` in yuan; `line`: distance from the monitoring line,
    with its tone."""

    year: int
    covered: str
    parts: Sequence[tuple[str, str]]
    per_head: str
    line: Chip


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
    """The number of members who are alive."""
    household_id: str | None = None
    spells: Sequence[Spell] = ()
    checks: Mapping[str, str] = field(default_factory=dict)
    """By month: "done", or a word for a month without work."""
    month: str = ""
    """The present month."""
    wish: str = ""
    """Since when the person has an open wish for work; "" if there is none."""
    wish_id: str = ""
    promises: Sequence[tuple[str, int, int]] = ()
    """The 1-3-1 services: how many of how many were given."""
    visits: Sequence[Visit] = ()
    """The latest."""
    visit_count: int = 0
    grants: Sequence[Grant] = ()
    trainings: Sequence[Training] = ()
    answers: Sequence[tuple[str, str, str]] = ()
    """Answers to surveys: survey, question, answer."""
    wage_year: int = 0
    """The income period of `paid`."""
    wage_period: tuple[str, str] = ("", "")
    """Its first and last day."""
    wages: Mapping[str, int] = field(default_factory=dict)
    """Month → fen, for all months."""
    paid: Sequence[EmployerWages] = ()
    """The employers that paid something in it."""
    income: Income | None = None
    next_income: Next | None = None
    history: Sequence[Change] = ()
    can_repeat_check: bool = False
    """Whether last month has a monthly check and this month has none."""
    to_explain: Sequence[str] = ()
    """Ids of changes that wait for confirmation and were made by the present user."""
    deleted: bool = False

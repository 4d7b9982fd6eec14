"""Declaration of data checks: severity, title and remedy (`domain.md` §7)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

from domain.errors import FieldError
from domain.fields import Kind, Record
from domain.periods import first_day, last_day
from domain.register import Register
from domain.values import Type
from domain.words import _

Severity = Literal["error", "warning", "info"]
Found = Iterator[tuple[Record, str]]
"""Doubtful records, each with a message that may hold names but never a number."""
Finder = Callable[[Register, str], Found]
"""Finds doubtful records in a register as of a day."""

ORDER: Final = (
    ("start", "end"),
    ("contract_start", "contract_end"),
    ("start", "exit_on"),
    ("opened_on", "closed_on"),
    ("issued_on", "returned_on"),
    ("found_on", "closed_on"),
    ("on", "closed_on"),
    ("birth", "died_on"),
    ("wage_min", "wage_max"),
)
"""Pairs of fields of which the first may not be later than the second, in every kind that has both."""


@dataclass(frozen=True)
class Rule:
    """A data check. `id`: E, W or I and a number; `title`: what is wrong; `fix`: what to do. Both texts are in the source language."""

    id: str
    severity: Severity
    title: str
    fix: str
    find: Finder


@dataclass(frozen=True, slots=True)
class Doubt:
    """A record that a rule found doubtful."""

    rule: str
    severity: Severity
    kind: str
    id: str
    message: str
    fix: str


DECLARED: list[Rule] = []
"""Every check, in the order of declaration."""


def rule(id: str, title: str, fix: str) -> Callable[[Finder], Finder]:
    """Declare a check; its severity is the first letter of its id."""
    severities: dict[str, Severity] = {"E": "error", "W": "warning", "I": "info"}

    def declare(find: Finder) -> Finder:
        DECLARED.append(Rule(id, severities[id[0]], title, fix, find))
        return find

    return declare


@cache
def order_pairs(kind: Kind) -> tuple[tuple[str, str], ...]:
    """The pairs of `ORDER` that a kind has."""
    return tuple(pair for pair in ORDER if kind.by_name.keys() >= set(pair))


def order_problem(kind: Kind, values: Mapping[str, Any]) -> FieldError | None:
    """The error, at the second field, for the first pair of fields in the wrong order; None if there is none."""
    return next(order_problems(kind, values), None)


def order_problems(kind: Kind, values: Mapping[str, Any]) -> Iterator[FieldError]:
    """The errors, at the second field, for every pair of fields in the wrong order.

    Fuzzy dates are wrong only if every day they can mean is.
    """
    for first, second in order_pairs(kind):
        low, high = values.get(first), values.get(second)
        if low is None or high is None:
            continue
        if kind.by_name[first].type is Type.YUAN:
            wrong, words = low > high, _("{first}不能大于{second}")
        else:
            wrong, words = low[:4] > high[:4] or first_day(low) > last_day(high), _("{first}不能晚于{second}")
        if wrong:
            said = words.format(first=_(kind.by_name[first].label), second=_(kind.by_name[second].label))
            yield FieldError(said, "order", second)

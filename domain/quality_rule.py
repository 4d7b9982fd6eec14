"""What a data check is: declared with its severity, what it says and how to mend it (`domain.md` §7)."""

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
"""Doubtful records, each with a sentence that holds names but never a number."""
Finder = Callable[[Register, str], Found]
"""Finds them in a register as of a day."""

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
"""Pairs of fields of which the first may not lie after the second, in every kind that has both."""


@dataclass(frozen=True)
class Rule:
    """One check. `id`: E, W or I and a number; `title` what is wrong, `fix` what to do, both in the source language."""

    id: str
    severity: Severity
    title: str
    fix: str
    find: Finder


@dataclass(frozen=True, slots=True)
class Doubt:
    """One record one rule found."""

    rule: str
    severity: Severity
    kind: str
    id: str
    message: str
    fix: str


class Catalogue:
    """Rules in the order they are declared; `rules` is what the program runs."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def rule(self, id: str, title: str, fix: str) -> Callable[[Finder], Finder]:
        """Declare a check; its severity is the first letter of its id."""
        severities: dict[str, Severity] = {"E": "error", "W": "warning", "I": "info"}

        def declare(find: Finder) -> Finder:
            self.rules.append(Rule(id, severities[id[0]], title, fix, find))
            return find

        return declare


@cache
def _pairs(kind: Kind) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in ORDER if kind.by_name.keys() >= set(pair))


def order_problem(kind: Kind, values: Mapping[str, Any]) -> FieldError | None:
    """What is to be said, at the second field, about the first pair of fields that stand in the wrong order; None when all is well.

    Fuzzy dates are wrong only when every day they can mean is.
    """
    for first, second in _pairs(kind):
        low, high = values.get(first), values.get(second)
        if low is None or high is None:
            continue
        if kind.by_name[first].type is Type.YUAN:
            wrong, words = low > high, _("{first}不能大于{second}")
        else:
            wrong, words = low[:4] > high[:4] or first_day(low) > last_day(high), _("{first}不能晚于{second}")
        if wrong:
            said = words.format(first=_(kind.by_name[first].label), second=_(kind.by_name[second].label))
            return FieldError(said, "order", second)
    return None

"""Scopes: the county, township or village that a station, a log or a record belongs to. Their codes have 6, 9 and 12 digits, and begin with
the codes of the scopes above. The names of places are in `domain.divisions`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

DIGITS: Final[Mapping[str, int]] = {"county": 6, "township": 9, "village": 12}
"""The digits of a code by level, for slices in SQL; in Python use the functions below."""
_LEVELS: Final = {digits: level for level, digits in DIGITS.items()}


def valid(scope: str) -> bool:
    """Whether a typed text has the form of a code; it need not exist."""
    return len(scope) in _LEVELS and scope.isascii() and scope.isdigit()


def level_of(scope: str) -> str:
    """county, township or village; "" for what is no code."""
    return _LEVELS.get(len(scope), "")


def is_county(scope: str) -> bool:
    """Whether it is the code of a county."""
    return level_of(scope) == "county"


def is_township(scope: str) -> bool:
    """Whether it is the code of a township."""
    return level_of(scope) == "township"


def is_village(scope: str) -> bool:
    """Whether it is the code of a village."""
    return level_of(scope) == "village"


def county_of(scope: str) -> str:
    """The county of a village or township, or the county itself."""
    return scope[: DIGITS["county"]]


def township_of(scope: str) -> str:
    """The township of a village, or the township itself; a county has none, and its own code is returned."""
    return scope[: DIGITS["township"]]


def within(scope: str, area: str) -> bool:
    """Whether a scope is `area` or lies in it; every scope lies in ""."""
    return scope.startswith(area)

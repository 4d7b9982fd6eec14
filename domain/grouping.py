"""Grouping of (key, value) pairs by key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")


def by_key(pairs: Iterable[tuple[_K, _V]]) -> defaultdict[_K, list[_V]]:
    """The values of each key in the given order; missing keys give an empty list."""
    found: defaultdict[_K, list[_V]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found

"""Grouping by key, and splitting of long lists by number or by size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")


def by_key(pairs: Iterable[tuple[_K, _V]]) -> defaultdict[_K, list[_V]]:
    """The values of each key in the given order; missing keys give an empty list."""
    found: defaultdict[_K, list[_V]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found


def chunks(items: Iterable[_V], size: int) -> Iterator[list[_V]]:
    """Yield `items` in lists of at most `size`, reading them lazily, so that one statement, batch or request stays of bounded size."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part


def by_size(items: Iterable[_V], size: Callable[[_V], int], most: int) -> Iterator[list[_V]]:
    """Yield `items` in lists whose sizes add up to `most` at the most; one that is larger has a list to itself. Reads them lazily."""
    part: list[_V] = []
    total = 0
    for item in items:
        if part and total + size(item) > most:
            yield part
            part, total = [], 0
        part.append(item)
        total += size(item)
    if part:
        yield part

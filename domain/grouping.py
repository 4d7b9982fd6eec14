"""Grouping by key, and splitting of long lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
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

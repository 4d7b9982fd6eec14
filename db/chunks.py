"""Split long lists, so that one statement, batch or request stays of bounded size. For mere look-ups use `db.among`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

_T = TypeVar("_T")


def chunks(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Yield `items` in lists of at most `size`, reading them lazily."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part

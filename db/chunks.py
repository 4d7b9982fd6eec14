"""Long lists in parts, so that one statement, batch or request stays of bounded size. What is only looked up goes by `db.among`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

_T = TypeVar("_T")


def chunks(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """`items` in lists of at most `size`, read as they are asked for."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part

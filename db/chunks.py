"""Long lists in parts, because a database limits the number of parameters of one statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

_T = TypeVar("_T")


def chunks(items: Iterable[_T], size: int = 500) -> Iterator[list[_T]]:
    """`items` in lists of at most `size`, read as they are asked for."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part

"""Sequences of ids backed by one comma-separated text, as `group_concat` returns a long list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload


def split_ids(text: str) -> Sequence[str]:
    """Return the ids in a comma-separated text.

    Ids of equal length, as all ids made here are, are sliced lazily: a list of 100 000 shows its length and some forty lines, and making
    all its strings takes as long as the query.
    """
    width = text.find(",")
    if width < 1 or (len(text) + 1) % (width + 1) or text[width :: width + 1] != "," * text.count(","):
        return text.split(",") if text else []
    return _EvenIds(text, width)


class _EvenIds(Sequence[str]):
    """A lazy sequence of ids of equal length."""

    def __init__(self, text: str, width: int) -> None:
        self._text, self._step = text, width + 1

    def __len__(self) -> int:
        return (len(self._text) + 1) // self._step

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[n] for n in range(*index.indices(len(self)))]
        at = range(len(self))[index] * self._step  # raises IndexError, and counts from the end, as a list does
        return self._text[at : at + self._step - 1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._text.split(","))

    def __contains__(self, id: object) -> bool:
        return self._find(id) >= 0

    def index(self, id: str, start: int = 0, stop: int | None = None) -> int:
        """Return the position of an id, searching the text itself. Raises `ValueError` when it is absent."""
        place = self._find(id)
        if place < 0 or place not in range(*slice(start, stop).indices(len(self))):
            raise ValueError(id)
        return place

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # as of a list: equal to lists, which have no hash

    def _find(self, id: object) -> int:
        if not isinstance(id, str) or len(id) != self._step - 1 or "," in id:
            return -1
        at = self._text.find(id)
        return at // self._step if at >= 0 else -1

"""What the list of people shows and does. Knows neither session nor widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from desktop.jobs import Jobs
from desktop.widgets.ledger_table import Source


@dataclass(frozen=True)
class Counts:
    """How many people each chip would show, the village groups with their people, and everybody."""

    chips: Mapping[str, int]
    groups: Sequence[tuple[str, int]]
    everybody: int


@dataclass(frozen=True)
class ListUses:
    """What the list needs done; every call waits for the database."""

    source: Source
    counts: Callable[[], Counts]
    delete: Callable[[Sequence[str]], str]
    """Delete people in one act; answers a sentence about what stays behind, "" for nothing."""
    head_of: Callable[[str], str]
    """The person to show for a household: its head, else anybody of it, else ""."""


class PeopleModel(QObject):
    """The state behind the list."""

    counted = Signal(object)
    deleted = Signal(int, str)
    found_head = Signal(str)

    def __init__(self, jobs: Jobs, uses: ListUses) -> None:
        super().__init__()
        self._jobs, self._uses = jobs, uses

    @property
    def source(self) -> Source:
        """Where the table asks for people."""
        return self._uses.source

    def count(self) -> None:
        """Count the people behind each chip and group."""
        self._jobs.run(self._uses.counts, self.counted.emit, key="people-counts")

    def delete(self, ids: Sequence[str]) -> None:
        """Delete people; 撤销 brings them back."""
        self._jobs.run(lambda: self._uses.delete(ids), lambda said: self.deleted.emit(len(ids), said))

    def open_household(self, id: str) -> None:
        """Find whom to show for a household."""
        self._jobs.run(lambda: self._uses.head_of(id), self.found_head.emit)

"""What the list of people shows and does. Knows neither session nor widget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from desktop.jobs import Jobs
from desktop.widgets.ledger_table import Source


@dataclass(frozen=True)
class ListUses:
    """What the list needs done; every call waits for the database."""

    source: Source
    chips: Sequence[str]
    """Names of the quick filters."""
    count: Callable[[str], int]
    """How many people a quick filter would show; "" for everybody."""
    groups: Callable[[], Sequence[tuple[str, int]]]
    """Village groups with their households."""
    delete: Callable[[Sequence[str]], str]
    """Delete people in one act; answers a sentence about what stays behind, "" for nothing."""
    head_of: Callable[[str], str]
    """The person to show for a household: its head, else anybody of it, else ""."""
    gone_to: Callable[[], str]
    """The place this village was merged into, by name; "" for one that stands."""


class PeopleModel(QObject):
    """The state behind the list."""

    counted = Signal(str, int)
    """A quick filter ("" for everybody) and how many people it would show."""
    grouped = Signal(object)
    deleted = Signal(int, str)
    found_head = Signal(str)
    moved_away = Signal(str)
    """Nobody is here because the county merged this village into another, whose name it is."""

    def __init__(self, jobs: Jobs, uses: ListUses) -> None:
        super().__init__()
        self._jobs, self._uses = jobs, uses
        self._round = 0

    @property
    def source(self) -> Source:
        """Where the table asks for people."""
        return self._uses.source

    def count(self) -> None:
        """Count the people behind each chip, one after another: the list itself may be asked for in between."""
        self._round += 1
        self._jobs.run(self._uses.groups, self.grouped.emit, key="people-groups")
        self._count_next(["", *self._uses.chips], self._round)

    def _count_next(self, names: list[str], round: int) -> None:
        if names and round == self._round:
            name, *rest = names
            self._jobs.run(lambda: self._uses.count(name), lambda count: self._counted(name, count, rest, round))

    def _counted(self, name: str, count: int, rest: list[str], round: int) -> None:
        self.counted.emit(name, count)
        if not name and not count:
            self._jobs.run(self._uses.gone_to, lambda place: self.moved_away.emit(place) if place else None)
        self._count_next(rest, round)

    def delete(self, ids: Sequence[str]) -> None:
        """Delete people; 撤销 brings them back."""
        self._jobs.run(lambda: self._uses.delete(ids), lambda said: self.deleted.emit(len(ids), said))

    def open_household(self, id: str) -> None:
        """Find whom to show for a household."""
        self._jobs.run(lambda: self._uses.head_of(id), self.found_head.emit)

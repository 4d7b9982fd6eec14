"""What 务工 does with spells of work: list, save, end, delete. Knows neither session nor widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop.jobs import Jobs
from desktop.widgets.ledger_table import Source
from domain import divisions
from domain.fields import Record
from domain.words import _


@dataclass(frozen=True)
class Uses:
    """What the page needs done; every call waits for the database.

    Filters of the list's view: `when` (now, over), `region` (codes with blanks between), `channel`, `contract` (none).
    """

    source: Source
    counts: Callable[[], Mapping[str, int]]
    """How many spells: by `now`, `over`, `none` and the codes of regions."""
    get: Callable[[str], Record | None]
    save: Callable[[Mapping[str, Any], str | None, Mapping[str, Any] | None], str]
    end: Callable[[Sequence[str], str, str | None], int]
    delete: Callable[[Sequence[str]], str]
    home: str = ""
    """The station's scope: regions are told as seen from it."""


class WorkModel(QObject):
    """The state behind the list of spells."""

    counted = Signal(object)
    saved = Signal(str)
    """The id of the spell saved, "" for several."""
    said = Signal(str, bool)
    failed = Signal(object)
    record_found = Signal(object)

    def __init__(self, jobs: Jobs, uses: Uses) -> None:
        super().__init__()
        self._jobs, self.uses = jobs, uses

    def count(self) -> None:
        """Count for the chips."""
        self._jobs.run(self.uses.counts, self.counted.emit, key="work-counts")

    def edit(self, id: str) -> None:
        """Fetch a spell for its form."""
        self._jobs.run(lambda: self.uses.get(id), lambda record: self.record_found.emit(record) if record else None)

    def region(self, place: str | None) -> str:
        """What is told under the place: the region that is derived from it."""
        if not place:
            return _("务工区域由务工地算出，不用填。可输 大连 或 dlian。")
        where = divisions.region_label(divisions.region(place, self.uses.home)) if self.uses.home else ""
        return _("务工区域：{region}（由务工地算出）").format(region=where)

    def save(self, values: Mapping[str, Any], id: str | None = None, base: Mapping[str, Any] | None = None) -> None:
        """Save a new spell, or what was changed of one."""
        self._jobs.run(lambda: self.uses.save(values, id, base), lambda saved: self._done(_("已保存务工记录"), saved), self.failed.emit)

    def end(self, ids: Sequence[str], day: str, reason: str | None) -> None:
        """The people came home, or stopped working there."""
        said = _("已记返乡 {n} 人")
        self._jobs.run(lambda: self.uses.end(ids, day, reason), lambda n: self._done(said.format(n=n)), self.failed.emit)

    def delete(self, ids: Sequence[str]) -> None:
        """Delete spells entered by mistake; they go to the bin."""
        self._jobs.run(lambda: self.uses.delete(ids), lambda said: self._done(said or _("已删除")), self.failed.emit)

    def _done(self, said: str, id: str = "") -> None:
        self.said.emit(said, True)
        self.saved.emit(id)
        self.count()

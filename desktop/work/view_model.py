"""What 务工 does with spells of work: list, save, end, delete. Knows neither session nor widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal

from desktop.jobs import Jobs
from desktop.record_model import RecordModel, Records
from desktop.widgets.ledger_table import Source
from domain import divisions
from domain.words import _


@dataclass(frozen=True)
class Uses:
    """What the page needs done; every call waits for the database.

    Filters of the list's view: `when` (now, over), `region` (codes with blanks between), `channel`, `contract` (none).
    """

    source: Source
    counts: Callable[[], Mapping[str, int]]
    """How many spells: by `now`, `over`, `none` and the codes of regions."""
    records: Records
    end: Callable[[Sequence[str], str, str | None], int]
    home: str = ""
    """The station's scope: regions are told as seen from it."""


class WorkModel(RecordModel):
    """The state behind the list of spells."""

    counted = Signal(object)
    saved = Signal(str)
    """The id of the spell saved."""

    def __init__(self, jobs: Jobs, uses: Uses) -> None:
        super().__init__(jobs, uses.records)
        self.uses = uses

    def count(self) -> None:
        """Count for the chips."""
        self._jobs.run(self.uses.counts, self.counted.emit, key="work-counts")

    def region(self, place: str | None) -> str:
        """What is told under the place: the region that is derived from it."""
        if not place:
            return _("务工区域由务工地算出，不用填。可输 大连 或 dlian。")
        where = divisions.region_label(divisions.region(place, self.uses.home)) if self.uses.home else ""
        return _("务工区域：{region}（由务工地算出）").format(region=where)

    def said_of(self, kind: str) -> str:
        """What is said once a spell is saved."""
        return _("已保存务工记录")

    def stored(self, kind: str, id: str, *, new: bool) -> None:
        """Name the spell that was saved."""
        self.saved.emit(id)

    def end(self, ids: Sequence[str], day: str, reason: str | None) -> None:
        """The people came home, or stopped working there."""
        self.act(lambda: self.uses.end(ids, day, reason), lambda n: _("已记返乡 {n} 人").format(n=n))

"""台账: which kind is shown, the record in the form, what is done with it. Everything about a kind comes from its declaration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal

from desktop.jobs import Jobs, Progress
from desktop.record_model import RecordModel, Records
from desktop.widgets.ledger_model import Row, Source
from desktop.widgets.listed import Listed, source
from domain.fields import KINDS, Kind
from domain.words import N_, _

GROUPS = {
    "people": N_("户和人"),
    "work": N_("务工和车间"),
    "posts": N_("公益岗"),
    "training": N_("培训"),
    "services": N_("就业服务"),
    "money": N_("补助"),
    "catalogue": N_("名录和其他"),
}
"""Words for `Kind.group`, in the order they are shown."""


@dataclass(frozen=True)
class Step:
    """A line of a record's history as shown: when, who, what, before, after."""

    at: str
    by: str
    what: str
    old: str
    new: str


@dataclass(frozen=True)
class LedgerUses:
    """What the page needs done, off the GUI thread; kinds go by their names."""

    source: Callable[[str], Source]
    """The list of a kind."""
    records: Records
    undelete: Callable[[str, str], None]
    bin: Callable[[], Sequence[Row]]
    """Deleted records; rows carry `id` (kind and id with a space between), `kind`, `title`, `at`, `by`."""
    history: Callable[[str, str], Sequence[Step]]
    export: Callable[[str, Path, str | None, Progress], int]
    """`export(kind, file, reason, progress)`: unmasked only with a reason; answers the number of rows."""


def groups() -> dict[str, list[Kind]]:
    """Every kind under the word of its group, in order of declaration."""
    return {_(word): [kind for kind in KINDS.values() if kind.group == group] for group, word in GROUPS.items()}


class LedgerModel(RecordModel):
    """The kind shown."""

    kind_changed = Signal(object)
    saved = Signal(str)
    history_found = Signal(list)

    def __init__(self, jobs: Jobs, uses: LedgerUses) -> None:
        super().__init__(jobs, uses.records)
        self.uses = uses
        self.kind: Kind = next(kind for kinds in groups().values() for kind in kinds)  # the one at the top of the list

    def bin_source(self) -> Source:
        """The list of deleted records; short, so it is read whole."""
        return source(lambda _view: [Listed(row) for row in self.uses.bin()], "title")

    def show_kind(self, name: str) -> None:
        """Show another kind's list."""
        self.kind = KINDS[name]
        self.kind_changed.emit(self.kind)

    def stored(self, kind: str, id: str, *, new: bool) -> None:
        """Name the record that was saved."""
        self.saved.emit(id)

    def delete(self, kind: str, ids: Sequence[str]) -> None:
        """Delete records; they stay in the bin."""
        told = _("已删除 {n} 条，可在回收站找回").format(n=len(ids))
        self.act(lambda: self._records.delete(kind, ids), lambda sentence: sentence or told)

    def undelete(self, place: str) -> None:
        """Bring a record back from the bin; `place` is its kind and id with a space between."""
        kind, _space, id = place.partition(" ")
        self.act(lambda: self.uses.undelete(kind, id), lambda _none: _("已找回"))

    def ask_history(self, id: str) -> None:
        """Every change of a record."""
        name = self.kind.name
        self._jobs.run(lambda: list(self.uses.history(name, id)), self.history_found.emit)

"""台账: which kind is shown, the record in the form, what is done with it. Everything about a kind comes from its declaration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop.jobs import Jobs, Progress
from desktop.record_model import Drafts, Records, nothing_new
from desktop.widgets.ledger_table import Row, Source, View
from domain.errors import ChangedUnderneath
from domain.fields import KINDS, Kind, Record
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
    drafts: Drafts


def groups() -> dict[str, list[Kind]]:
    """Every kind under the word of its group, in order of declaration."""
    return {_(word): [kind for kind in KINDS.values() if kind.group == group] for group, word in GROUPS.items()}


class LedgerModel(QObject):
    """The kind shown and the record in the form (`record_id` is "" for a new one)."""

    kind_changed = Signal(object)
    form_opened = Signal(object, object)
    """The Kind and the Record (None for a new one), then the draft if there is one comes by `draft_found`."""
    draft_found = Signal(dict)
    form_closed = Signal()
    saved = Signal(str)
    said = Signal(str, bool)
    """A sentence, and whether 撤销 fits it."""
    history_found = Signal(list)
    clash = Signal(object)
    failed = Signal(object)

    def __init__(self, jobs: Jobs, uses: LedgerUses) -> None:
        super().__init__()
        self._jobs, self.uses = jobs, uses
        self.kind: Kind = next(kind for kinds in groups().values() for kind in kinds)  # the one at the top of the list
        self.record_id = ""

    def bin_source(self) -> Source:
        """The list of deleted records; short, so it is read whole."""
        found: dict[str, Row] = {}

        def ids(view: View) -> list[str]:
            found.clear()
            found.update({row["id"]: row for row in self.uses.bin() if view.search in row["title"]})
            return list(found)

        return Source(ids, lambda ids, _keys: [found[id] for id in ids if id in found])

    def show_kind(self, name: str) -> None:
        """Show another kind's list."""
        self.kind = KINDS[name]
        self.kind_changed.emit(self.kind)

    def open_record(self, id: str) -> None:
        """Put a record into the form."""
        kind = self.kind
        self._jobs.run(lambda: self.uses.records.get(kind.name, id), lambda record: self._opened(kind, id, record), self.failed.emit)

    def new_record(self) -> None:
        """An empty form, with what was typed the last time and not saved."""
        if not self.kind.by_hand:
            return
        self.record_id = ""
        self.form_opened.emit(self.kind, None)
        self._jobs.run(lambda: self.uses.drafts.load(self.draft_name), self._draft, self.failed.emit)

    @property
    def draft_name(self) -> str:
        """Under which name the form's draft is kept."""
        return f"ledger:{self.kind.name}:{self.record_id}"

    def keep_draft(self, values: dict[str, Any]) -> None:
        """Keep what is half typed; nothing typed, nothing kept."""
        name = self.draft_name
        self._jobs.run(lambda: self.uses.drafts.keep(name, values), lambda _none: None, self.failed.emit)

    def drop_draft(self) -> None:
        """Forget what was half typed."""
        self.keep_draft({})

    def save(self, values: Mapping[str, Any], base: Mapping[str, Any]) -> None:
        """Save the form: a new record, or what was changed of the one opened."""
        kind, id = self.kind, self.record_id or None
        if id is not None and not values:
            self._closed(id, nothing_new(), undo=False)
            return
        self._jobs.run(lambda: self.uses.records.save(kind.name, values, id, base if id else None), self._saved, self._not_saved)

    def delete(self, ids: Sequence[str]) -> None:
        """Delete records; they stay in the bin."""
        name, count = self.kind.name, len(ids)
        self._jobs.run(lambda: self.uses.records.delete(name, ids), lambda sentence: self._deleted(sentence, count), self.failed.emit)

    def undelete(self, place: str) -> None:
        """Bring a record back from the bin; `place` is its kind and id with a space between."""
        kind, _space, id = place.partition(" ")
        self._jobs.run(lambda: self.uses.undelete(kind, id), lambda _none: self.said.emit(_("已找回"), True), self.failed.emit)

    def ask_history(self, id: str) -> None:
        """Every change of a record."""
        name = self.kind.name
        self._jobs.run(lambda: list(self.uses.history(name, id)), self.history_found.emit, self.failed.emit)

    def _opened(self, kind: Kind, id: str, record: Record | None) -> None:
        if record is None or kind is not self.kind:
            return
        self.record_id = id
        self.form_opened.emit(kind, record)
        self._jobs.run(lambda: self.uses.drafts.load(self.draft_name), self._draft, self.failed.emit)

    def _draft(self, draft: dict[str, Any] | None) -> None:
        if draft:
            self.draft_found.emit(draft)

    def _saved(self, id: str) -> None:
        self._closed(id, _("已保存"), undo=True)

    def _closed(self, id: str, said: str, *, undo: bool) -> None:
        self.drop_draft()
        self.record_id = ""
        self.form_closed.emit()
        self.saved.emit(id)
        self.said.emit(said, undo)

    def _not_saved(self, error: Exception) -> None:
        if isinstance(error, ChangedUnderneath):
            self.clash.emit(error)
        else:
            self.failed.emit(error)

    def _deleted(self, sentence: str, count: int) -> None:
        self.said.emit(sentence or _("已删除 {n} 条，可在回收站找回").format(n=count), True)

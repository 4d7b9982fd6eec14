"""The view model of 台账: the kind shown, saving and deleting its records, their history, and the recycle bin."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal

from db import acts
from db.session import Session
from desktop.jobs import Progress
from desktop.page import Frame
from desktop.station import Station
from desktop.view_model import RecordModel
from desktop.widgets.ledger_model import Column, Source, in_memory
from desktop.wiring.lists import groups, list_source
from domain.authors import name_of
from domain.clock import when
from domain.errors import NotFound
from domain.fields import KINDS, Kind, kind_of
from domain.words import _, lazy
from services import exporting, history, records


class LedgerModel(RecordModel):
    """The kind shown, and what can be done with its records."""

    kind_changed = Signal(object)
    saved = Signal(str)
    history_found = Signal(list)
    undo_question_found = Signal(int, str)

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.kind: Kind = next(kind for kinds in groups().values() for kind in kinds)  # the first in the list

    def source(self, kind: str) -> Source:
        """Return the list of a kind."""
        return list_source(self._station, kind)

    def bin_source(self) -> Source:
        """Return the list of deleted records; it is short, so it is loaded as a whole. Ids are the kind and the id, separated by a
        space."""
        columns: list[Column[records.Deleted]] = [
            Column("kind", _("台账"), 120, lambda one: _(kind_of(one.kind).label), sortable=False),
            Column("title", _("记录"), 320, lambda one: one.title, style="strong", sortable=False),
            Column("at", _("删除时间"), 130, lambda one: when(one.at), sortable=False),
            Column("by", _("谁删的"), 120, lambda one: name_of(one.by), sortable=False),
        ]
        return in_memory(columns, lambda _view: self._station.read(records.bin), lambda one: f"{one.kind} {one.id}")

    def show_kind(self, name: str) -> None:
        """Show the list of another kind."""
        self.kind = KINDS[name]
        self.kind_changed.emit(self.kind)

    def stored(self, kind: str, id: str, *, new: bool) -> None:
        """Emit `saved` with the id of the record."""
        self.saved.emit(id)

    def delete(self, kind: str, ids: Sequence[str]) -> None:
        """Delete records; they go to the recycle bin."""
        message = _("已删除 {n} 条，可在回收站找回").format(n=len(ids))
        self.act(lambda: self._delete(kind, ids), lambda sentence: sentence or message)

    def undelete(self, bin_id: str) -> None:
        """Restore a record from the recycle bin; `bin_id` is its kind and id, separated by a space."""
        kind, _space, id = bin_id.partition(" ")
        self.act(lambda: self._station.write(lazy("找回记录"), records.undelete, kind, id), lambda _none: _("已找回"))

    def ask_history(self, id: str) -> None:
        """Load all changes of a record; emits `history_found`."""
        name = self.kind.name
        self._jobs.run(lambda: self._station.read(history.lines, name, id), self.history_found.emit)

    def ask_undo(self, act_id: int) -> None:
        """Load the question to ask before an act is undone; emits `undo_question_found` with its number and the question."""
        self._jobs.run(
            lambda: self._station.read(_question, act_id), lambda text: self.undo_question_found.emit(act_id, text), self.failed.emit
        )

    def take_back(self, act_id: int) -> None:
        """Undo an act that is not the latest. The message offers no 撤销, which would undo another one."""
        self._jobs.run(lambda: self._station.write(lazy("撤销"), records.take_back, act_id), self._act_undone, self.failed.emit)

    def _act_undone(self, done: tuple[str, acts.Undone]) -> None:
        label, what = done
        kept = _("（有 {n} 条后来又改过或要用到，没有动）").format(n=what.kept) if what.kept else ""
        self._frame.message(_("已撤销：{label}").format(label=label) + kept)
        self.changed.emit()

    def export(self, kind: str, file: Path, reason: str | None, progress: Progress) -> int:
        """Write the list of a kind, unmasked only with a reason; returns the number of rows. Blocks on the database."""
        if reason is not None:
            self._station.log_view(f"export {kind}", reason)
        return self._station.read(exporting.export, kind, file, plain=reason is not None, progress=progress).rows


def _question(session: Session, act_id: int) -> str:
    act, n = acts.find(session, act_id), len(acts.touched_by(session, act_id))
    if act is None:
        raise NotFound(_("没有第 {batch} 批。").format(batch=act_id))
    text = _("{when}　{label}，一共 {n} 条记录。\n都恢复成改动以前的样子；后来又改过的、别的记录要用到的不动。")
    return text.format(when=when(act.at), label=act.label, n=n)

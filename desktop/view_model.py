"""The base classes of view models, the state behind a page, with signals and plain methods and without widgets.

`RecordModel` edits records: fetches one for its form, saves, deletes.

class PostsModel(RecordModel): …                  the areas' own actions go through `act`
model.edit("post", id)                            `record_found` delivers the record
model.save("post", form.changes(), id, form.base) shows a message, emits `changed` and reloads; `failed` on a refusal

`SheetModel` is for grids saved as a whole, as one act: attendance, course results, wages. It knows no session.

class MonthModel(SheetModel): …                   implements `unsaved`, `_read`, `_restore` and `_forget`
self._write(work, message, kept)                  saves, shows the message and the number of unreadable cells, and reads again

`AttachmentModel` lists, adds, saves and removes the files attached to a record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

from db.session import Session
from desktop.draft import Draft, drafts
from desktop.page import Frame
from desktop.station import Station
from domain.errors import FieldError, NotFound
from domain.fields import Record, kind_of
from domain.words import N_, LazyText, _, lazy
from services import attachments, records
from services.attachments import Attached


class ViewModel(QObject):
    """A view model with access to the window (`_frame`), the store (`_station`) and background work (`_jobs`, or `_frame.run_long` with
    progress)."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__()
        self._frame, self._jobs, self._station = frame, frame.jobs, station


_T = TypeVar("_T")
Values = Mapping[str, Any]


class RecordModel(ViewModel):
    """A view model that edits records through the station."""

    changed = Signal()
    """Something was saved; lists reload."""
    failed = Signal(object)
    """The error of a refused act, which an open form may show. Errors of reading go to the window instead."""
    added = Signal(str)
    """A new record, by its id, before lists reload."""
    record_found = Signal(object)
    """The record to be edited."""

    def reload(self) -> None:
        """Read again the data shown beside the lists."""

    def edit(self, kind: str, id: str) -> None:
        """Fetch a record for its form; `record_found` delivers it."""
        self._jobs.run(lambda: self._get(kind, id), self._found)

    def _found(self, record: Record | None) -> None:
        if record is not None:
            self.record_found.emit(record)

    def save(self, kind: str, values: Values, id: str | None = None, base: Values | None = None) -> None:
        """Save a form: a new record, or the changed fields of an existing one."""
        if not self.unchanged(values, id):
            stored = partial(self.stored, kind, new=id is None)
            self.act(lambda: self._save(kind, values, id, base), lambda _id: self.saved_message(kind), stored, adds=id is None)

    def saved_message(self, kind: str) -> str:
        """The message after a record of a kind was saved."""
        return _("已保存")

    def stored(self, kind: str, id: str, *, new: bool) -> None:
        """Called after a record was saved; `new`: it did not exist before."""

    def unchanged(self, values: Values, id: str | None) -> bool:
        """Return whether a form has no changes, and say so. After 已保存, 撤销 would undo the change before this one."""
        if id is None or values:
            return False
        self._frame.message(_("没有改动"))
        self.changed.emit()
        return True

    def delete(self, kind: str, ids: Sequence[str]) -> None:
        """Delete records entered by mistake; they go to the bin."""
        self.act(lambda: self._delete(kind, ids), lambda message: message or _("已删除"))

    def act(
        self, work: Callable[[], _T], message: Callable[[_T], str], then: Callable[[_T], None] | None = None, *, adds: bool = False
    ) -> None:
        """Run a change off the GUI thread, then show its message, emit `changed` and reload. `adds`: its result is a new record's id."""

        def done(result: _T) -> None:
            self._frame.message(message(result), undo=True)
            if adds:
                self.added.emit(result)
            self.changed.emit()
            self.reload()
            if then is not None:
                then(result)

        self._jobs.run(work, done, self.failed.emit)

    def end_all(
        self,
        label: str,
        verb: Callable[[Session, Sequence[str], str, str | None], int],
        ids: Sequence[str],
        day: str,
        reason: str | None,
        message: str,
    ) -> None:
        """End records on a day by `verb`, which returns how many it ended; `label` and `message` contain `{n}`. The message adds how many
        had ended before."""

        def told(n: int) -> str:
            over = len(ids) - n
            return message.format(n=n) + (_("；{n} 条以前已经结束，没有动").format(n=over) if over else "")

        self.act(lambda: self._station.write(lazy(label, n=len(ids)), verb, ids, day, reason), told)

    # -- the store: all of these block on the database --------------------------------------------------

    def saving(self, kind: str, values: Values, id: str | None) -> LazyText:
        """The name under which 撤销 offers the saving of a record; without `id` a new one."""
        return lazy(N_("修改{kind}") if id else N_("新增{kind}"), kind=lazy(kind_of(kind).label))

    def deleting(self, kind: str, ids: Sequence[str]) -> LazyText:
        """The name under which 撤销 offers the deletion of records."""
        return lazy("删除{kind} {n} 条", kind=lazy(kind_of(kind).label), n=len(ids))

    def _get(self, kind: str, id: str) -> Record | None:
        found: Record | None = self._station.read(Session.get, kind, id)
        return found

    def _save(self, kind: str, values: Values, id: str | None, base: Values | None) -> str:
        if id is None and all(value is None for value in values.values()):  # of kinds none of whose fields is required
            raise FieldError(_("什么都没有填。请至少填一项再保存。"), "required")
        return self._station.write(self.saving(kind, values, id), records.save, kind, values, id, base=base)

    def _delete(self, kind: str, ids: Sequence[str]) -> str:
        """Returns a sentence about dependent records that stay behind, "" for none."""
        return self._station.write(self.deleting(kind, ids), records.delete_all, kind, ids)


class SheetModel(ViewModel):
    """A sheet of cells with unsaved input and a draft."""

    shown = Signal()
    """The cells changed by other means than typing."""
    pending_changed = Signal()
    """The set of unsaved cells changed."""
    discarded = Signal()
    """The unsaved input was discarded, including unreadable cells."""
    changed = Signal()
    """Something was saved."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.draft = Draft(self._jobs, drafts(station), self.unsaved, self)
        self.draft.found.connect(self._found)
        self.pending_changed.connect(self.draft.changed)
        self.loaded = self.saving = self.awaited = False
        """`awaited`: another sheet than the one shown is being loaded."""
        self.unreadable: list[Callable[[], int]] = []
        """Functions that count the unreadable cells of a grid."""

    def unsaved(self) -> dict[str, Any]:
        """The unsaved input in the form of a draft; {} for none."""
        raise NotImplementedError

    def _read(self) -> None:
        """Load the sheet again."""
        raise NotImplementedError

    def _restore(self, kept: dict[str, Any]) -> None:
        """Restore unsaved input from a draft made by `unsaved`, as far as its rows still exist."""
        raise NotImplementedError

    def _forget(self) -> None:
        """Replace the unsaved input by the stored values."""
        raise NotImplementedError

    def reload(self) -> None:
        """Load the sheet again, unless unsaved input would be lost."""
        if not self.unsaved() and not self.saving:
            self._read()

    def unread(self) -> int:
        """The number of cells with unreadable input."""
        return sum(count() for count in self.unreadable)

    @property
    def dirty(self) -> bool:
        """Whether there is unsaved input."""
        return bool(self.unsaved()) or self.unread() > 0

    def discard(self) -> None:
        """Discard the unsaved input."""
        self.draft.forget()
        self.discarded.emit()
        self._forget()
        self._emit_changes()

    def _emit_changes(self) -> None:
        self.shown.emit()
        self.pending_changed.emit()

    def _take(self, sheet: str, put: Callable[[], None]) -> None:
        """Show a loaded sheet by calling `put`. `sheet`: its name, also that of its draft. Input typed into the same sheet while it was
        loading stays."""
        typed = self.unsaved() if sheet == self.draft.name else {}
        put()
        self.loaded, self.awaited = True, False
        self._forget()
        if typed:
            self._restore(typed)
        self._emit_changes()
        self.draft.begin(sheet)

    def _not_read(self, error: Exception) -> None:
        """Loading failed: stay on the sheet shown."""
        self.awaited = False
        self._jobs.failed.emit(error)
        self.shown.emit()

    def _found(self, kept: dict[str, Any]) -> None:
        """Restore the draft that a power cut left."""
        self._restore(kept)
        if self.unsaved():
            self._emit_changes()
            self._frame.message(_("上次没保存的内容已放回来，请核对后保存。"))

    def _write(self, work: Callable[[], object], message: str, kept: Callable[[], None]) -> None:
        """Save off the GUI thread; `kept` then marks the saved values as stored. Input typed meanwhile stays unsaved."""
        if self.saving:
            return
        self.saving = True

        def done(_result: object) -> None:
            self.saving = False
            kept()
            self.draft.keep()
            left = self.unread()
            self._frame.message(message + (_("；红色的 {left} 格没有保存，请改正后再保存").format(left=left) if left else ""), undo=True)
            self.pending_changed.emit()
            self.changed.emit()
            self.reload()

        self._jobs.run(work, done, self._save_failed)

    def _save_failed(self, error: Exception) -> None:
        self.saving = False
        self._jobs.failed.emit(error)


class AttachmentModel(ViewModel):
    """The state of a card of files; subclasses define the kind of record."""

    changed = Signal(object)
    """The result of `_listed`."""
    file_read = Signal(str, object)
    """A file's name and content."""

    removing = N_("删除附件")
    """The label of removing a file, for 撤销."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.id = ""
        """The id of the record shown."""
        self.found: Sequence[Any] = ()

    def open(self, id: str) -> None:
        """Show the files of a record."""
        self.id = id
        self._jobs.run(lambda: self._listed(id), lambda found: self._show(id, found), key="attachments")

    def add(self, files: Sequence[Path], document: str = "") -> None:
        """Attach files, under the name of a document if given."""
        id = self.id
        self._act(lambda: self._add(id, document, files), lambda n: _("已附上 {n} 个文件").format(n=n), undo=True)

    def read(self, shown: Attached) -> None:
        """Load a file's content; emits `file_read`. If the file is not on this laptop yet, an error says so."""
        self._jobs.run(lambda: self._read(shown.id), lambda data: self.file_read.emit(shown.name, data))

    def save(self, data: bytes, file: Path) -> None:
        """Save the content to a file."""
        self._act(lambda: attachments.save_as(data, file), lambda made: _("已另存为 {file}").format(file=made.name), undo=False)

    def remove(self, shown: Attached) -> None:
        """Remove a file, as an act that can be undone."""
        message = _("已删除 {name}").format(name=shown.name)
        self._act(lambda: self._station.write(lazy(self.removing), attachments.remove, shown.id), lambda _none: message, undo=True)

    def _act(self, work: Callable[[], object], message_for: Callable[..., str], *, undo: bool) -> None:
        def finished(result: object) -> None:
            self._frame.message(message_for(result), undo=undo)
            if undo:
                self.open(self.id)

        self._jobs.run(work, finished)

    def _show(self, id: str, found: Sequence[Any]) -> None:
        if id == self.id:
            self.found = found
            self.changed.emit(found)

    # -- the store: all of these block on the database --------------------------------------------------

    def _listed(self, id: str) -> Sequence[Any]:
        """Return the files of a record, or its documents with their files."""
        raise NotImplementedError

    def _add(self, id: str, document: str, files: Sequence[Path]) -> int:
        """Attach all files or none, under the name of a document ("" for none); returns how many."""
        raise NotImplementedError

    def _read(self, id: str) -> bytes:
        """Return the content of a file. If it is not here, it is requested and arrives with the next exchange; raises `NotFound`."""
        try:
            with self._station.store.applying() as session:
                return attachments.to_be_saved(session, id)[1]
        except NotFound:
            with self._station.store.applying() as session:
                attachments.ask_for(session, id)
            raise

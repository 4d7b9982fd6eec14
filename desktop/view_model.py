"""The base classes of view models, the state behind a page, with signals and plain methods and without widgets: of any, and of those that
edit records: fetch one for its form, save, delete.

class PostsModel(RecordModel): …                  the areas' own actions go through `act`
model.edit("post", id)                            `record_found` delivers the record
model.save("post", form.changes(), id, form.base) shows a message, emits `changed` and reloads; `failed` on a refusal
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

from db.session import Session
from desktop.page import Frame
from desktop.station import Station
from domain.fields import Record, kind_of
from domain.words import N_, LazyText, _, lazy
from services import records


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
        return self._station.write(self.saving(kind, values, id), records.save, kind, values, id, base=base)

    def _delete(self, kind: str, ids: Sequence[str]) -> str:
        """Returns a sentence about dependent records that stay behind, "" for none."""
        return self._station.write(self.deleting(kind, ids), records.delete_all, kind, ids)

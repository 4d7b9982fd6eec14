"""Records as the view model of an area handles them: fetched for their form, saved, deleted. Knows no widget.

class PostsModel(RecordModel): …                  the areas' own verbs go through `act`
model.edit("post", id)                            `record_found` brings it
model.save("post", form.changes(), id, form.base) said, changed, reloaded; `failed` with what was refused
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import Signal

from db.session import Session
from desktop.view_model import ViewModel
from domain.fields import Record, kind_of
from domain.words import _
from services import records

_T = TypeVar("_T")
Values = Mapping[str, Any]


def nothing_new() -> str:
    """What is said of a form that was saved as it was opened."""
    return _("没有改动")


def ended(said: str, ended: int, marked: int) -> str:
    """`said` with how many; of some that are marked, those over before stayed as they were."""
    over = _("；{n} 条以前已经结束，没有动").format(n=marked - ended) if marked > ended else ""
    return said.format(n=ended) + over


class RecordModel(ViewModel):
    """What the view models of areas have in common."""

    changed = Signal()
    """Something was saved: lists look again."""
    failed = Signal(object)
    """What was refused of an act, perhaps of a form that is open; what cannot be read is the window's affair."""
    record_found = Signal(object)
    """A record that is to be edited."""

    def reload(self) -> None:
        """Look again at what is shown beside the lists."""

    def edit(self, kind: str, id: str) -> None:
        """Fetch a record for its form; `record_found` tells when it is there."""
        self._jobs.run(lambda: self._get(kind, id), self._found)

    def _found(self, record: Record | None) -> None:
        if record is not None:
            self.record_found.emit(record)

    def save(self, kind: str, values: Values, id: str | None = None, base: Values | None = None) -> None:
        """Save a form: a new record, or what was changed of one."""
        if not self.unchanged(values, id):
            stored = partial(self.stored, kind, new=id is None)
            self.act(lambda: self._save(kind, values, id, base), lambda _id: self.said_of(kind), stored)

    def said_of(self, kind: str) -> str:
        """What is said once a record of a kind is saved."""
        return _("已保存")

    def stored(self, kind: str, id: str, *, new: bool) -> None:
        """A record was saved, which may have been `new`."""

    def unchanged(self, values: Values, id: str | None) -> bool:
        """Whether nothing of a record was changed, which is said: 撤销 beside 已保存 would take back what was done before."""
        if id is None or values:
            return False
        self._frame.message(nothing_new())
        self.changed.emit()
        return True

    def delete(self, kind: str, ids: Sequence[str]) -> None:
        """Delete records entered by mistake; they go to the bin."""
        self.act(lambda: self._delete(kind, ids), lambda said: said or _("已删除"))

    def act(self, work: Callable[[], _T], said: Callable[[_T], str], then: Callable[[_T], None] | None = None) -> None:
        """Change something off the GUI thread, then say so and look again."""

        def done(result: _T) -> None:
            self._frame.message(said(result), undo=True)
            self.changed.emit()
            self.reload()
            if then is not None:
                then(result)

        self._jobs.run(work, done, self.failed.emit)

    # -- the store: all of these wait for the database --------------------------------------------------

    def saving(self, kind: str, values: Values, id: str | None) -> str:
        """What 撤销 calls the saving of a record, of a new one without `id`."""
        return (_("修改{kind}") if id else _("新增{kind}")).format(kind=_(kind_of(kind).label))

    def deleting(self, kind: str, ids: Sequence[str]) -> str:
        """What 撤销 calls the deleting of records."""
        return _("删除{kind} {n} 条").format(kind=_(kind_of(kind).label), n=len(ids))

    def _get(self, kind: str, id: str) -> Record | None:
        found: Record | None = self._station.read(Session.get, kind, id)
        return found

    def _save(self, kind: str, values: Values, id: str | None, base: Values | None) -> str:
        return self._station.write(self.saving(kind, values, id), records.save, kind, values, id, base=base)

    def _delete(self, kind: str, ids: Sequence[str]) -> str:
        """Answers a sentence about what stays behind, "" for nothing."""
        return self._station.write(self.deleting(kind, ids), records.delete_all, kind, ids)

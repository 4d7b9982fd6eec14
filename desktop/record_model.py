"""Records as the view model of an area handles them: fetched for their form, saved, deleted. Knows neither session nor widget.

class PostsModel(RecordModel): …                  the areas' own verbs go through `act`
model.edit("post", id)                            `record_found` brings it
model.save("post", form.changes(), id, form.base) said, changed, reloaded; `failed` with what was refused
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

from desktop.jobs import Jobs
from domain.fields import Record
from domain.words import _

_T = TypeVar("_T")
Values = Mapping[str, Any]


def nothing_new() -> str:
    """What is said of a form that was saved as it was opened."""
    return _("没有改动")


@dataclass(frozen=True)
class Records:
    """Records of any kind; every call waits for the database."""

    get: Callable[[str, str], Record | None]
    save: Callable[[str, Values, str | None, Values | None], str]
    """`save(kind, values, id, base)` -> id; without an id a new record"""
    delete: Callable[[str, Sequence[str]], str]
    """`delete(kind, ids)` -> a sentence about what stays behind, "" for nothing"""


@dataclass(frozen=True)
class Drafts:
    """Half-filled forms by name, against a power cut; both wait for the database."""

    load: Callable[[str], dict[str, Any] | None]
    keep: Callable[[str, Values], None]
    """`keep(form, values)`; without values it is forgotten."""


NO_DRAFTS = Drafts(lambda _form: None, lambda _form, _values: None)


class RecordModel(QObject):
    """What the view models of areas have in common."""

    changed = Signal()
    """Something was saved: lists look again."""
    said = Signal(str, bool)
    """A sentence for the foot of the window, and whether it can be undone."""
    failed = Signal(object)
    """What was refused of an act, perhaps of a form that is open; what cannot be read is the window's affair."""
    record_found = Signal(object)
    """A record that is to be edited."""

    def __init__(self, jobs: Jobs, records: Records) -> None:
        super().__init__()
        self._jobs, self._records = jobs, records

    def reload(self) -> None:
        """Look again at what is shown beside the lists."""

    def edit(self, kind: str, id: str) -> None:
        """Fetch a record for its form; `record_found` tells when it is there."""
        self._jobs.run(lambda: self._records.get(kind, id), self._found)

    def _found(self, record: Record | None) -> None:
        if record is not None:
            self.record_found.emit(record)

    def save(self, kind: str, values: Values, id: str | None = None, base: Values | None = None) -> None:
        """Save a form: a new record, or what was changed of one."""
        if not self.unchanged(values, id):
            stored = partial(self.stored, kind, new=id is None)
            self.act(lambda: self._records.save(kind, values, id, base), lambda _id: self.said_of(kind), stored)

    def said_of(self, kind: str) -> str:
        """What is said once a record of a kind is saved."""
        return _("已保存")

    def stored(self, kind: str, id: str, *, new: bool) -> None:
        """A record was saved, which may have been `new`."""

    def unchanged(self, values: Values, id: str | None) -> bool:
        """Whether nothing of a record was changed, which is said: 撤销 beside 已保存 would take back what was done before."""
        if id is None or values:
            return False
        self.said.emit(nothing_new(), False)
        self.changed.emit()
        return True

    def delete(self, kind: str, ids: Sequence[str]) -> None:
        """Delete records entered by mistake; they go to the bin."""
        self.act(lambda: self._records.delete(kind, ids), lambda said: said or _("已删除"))

    def act(self, work: Callable[[], _T], said: Callable[[_T], str], then: Callable[[_T], None] | None = None) -> None:
        """Change something off the GUI thread, then say so and look again."""

        def done(result: _T) -> None:
            self.said.emit(said(result), True)
            self.changed.emit()
            self.reload()
            if then is not None:
                then(result)

        self._jobs.run(work, done, self.failed.emit)

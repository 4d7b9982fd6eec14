"""The files of the record shown: listed, added, written out, removed. Knows neither session nor widget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop.jobs import Jobs
from domain.words import _
from services.attachments import Attached


@dataclass(frozen=True)
class AttachmentUses:
    """What is needed done; every call waits for the database."""

    listed: Callable[[str], Sequence[Any]]
    """What is shown of a record: its files, or the documents they are."""
    add: Callable[[str, str, Sequence[Path]], int]
    """`add(record id, document or "", files)` attaches all or none; answers how many."""
    read: Callable[[str], bytes]
    save: Callable[[bytes, Path], Path]
    remove: Callable[[str], None]


class AttachmentModel(QObject):
    """The state behind a card of files."""

    changed = Signal(object)
    """What `listed` found."""
    done = Signal(str, bool)
    """What was done, and whether 撤销 takes it back."""
    came = Signal(str, object)
    """A file's name and content."""

    def __init__(self, jobs: Jobs, uses: AttachmentUses) -> None:
        super().__init__()
        self._jobs, self._uses = jobs, uses
        self.id = ""
        """Of the record shown."""
        self.found: Sequence[Any] = ()

    def open(self, id: str) -> None:
        """Show the files of a record."""
        self.id = id
        self._jobs.run(lambda: self._uses.listed(id), lambda found: self._show(id, found), key="attachments")

    def add(self, files: Sequence[Path], document: str = "") -> None:
        """Attach files, as a document when it is named."""
        id = self.id
        self._act(lambda: self._uses.add(id, document, files), lambda n: _("已附上 {n} 个文件").format(n=n), undo=True)

    def read(self, shown: Attached) -> None:
        """Have a file's content come; where it is not here yet, that is said before anybody is asked where to write it."""
        self._jobs.run(lambda: self._uses.read(shown.id), lambda data: self.came.emit(shown.name, data))

    def save(self, data: bytes, file: Path) -> None:
        """Write a file out."""
        self._act(lambda: self._uses.save(data, file), lambda made: _("已另存为 {file}").format(file=made.name), undo=False)

    def remove(self, shown: Attached) -> None:
        """Remove a file; 撤销 brings it back."""
        self._act(lambda: self._uses.remove(shown.id), lambda _none: _("已删除 {name}").format(name=shown.name), undo=True)

    def _act(self, work: Callable[[], object], said: Callable[..., str], *, undo: bool) -> None:
        def finished(result: object) -> None:
            self.done.emit(said(result), undo)
            if undo:
                self.open(self.id)

        self._jobs.run(work, finished)

    def _show(self, id: str, found: Sequence[Any]) -> None:
        if id == self.id:
            self.found = found
            self.changed.emit(found)

"""The files of the person shown: listed, added, saved elsewhere, removed. Knows neither session nor widget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop.jobs import Jobs
from domain.words import _


@dataclass(frozen=True)
class AttachmentShown:
    """A file as a line."""

    id: str
    name: str
    size: str
    state: str


@dataclass(frozen=True)
class AttachmentUses:
    """What is needed done; every call waits for the database."""

    listed: Callable[[str], Sequence[AttachmentShown]]
    add: Callable[[str, Sequence[Path]], int]
    """Attach files to a person, all or none; answers how many."""
    save: Callable[[str, Path], Path]
    remove: Callable[[str], None]


class AttachmentModel(QObject):
    """The state behind the card."""

    changed = Signal(object)
    """Sequence of AttachmentShown."""
    done = Signal(str, bool)
    """What was done, and whether 撤销 takes it back."""
    failed = Signal(object)

    def __init__(self, jobs: Jobs, uses: AttachmentUses) -> None:
        super().__init__()
        self._jobs, self._uses = jobs, uses
        self._id = ""

    def open(self, id: str) -> None:
        """Show the files of a person."""
        self._id = id
        self._jobs.run(lambda: self._uses.listed(id), lambda found: self._show(id, found), key="attachments")

    def add(self, files: Sequence[Path]) -> None:
        """Attach files."""
        id = self._id

        def added(count: int) -> None:
            self.done.emit(_("已附上 {n} 个文件").format(n=count), True)
            self.open(id)

        self._jobs.run(lambda: self._uses.add(id, files), added, self.failed.emit)

    def save(self, shown: AttachmentShown, file: Path) -> None:
        """Write a file out."""
        done = lambda made: self.done.emit(_("已另存为 {file}").format(file=made.name), False)  # noqa: E731 — read in the next line only
        self._jobs.run(lambda: self._uses.save(shown.id, file), done, self.failed.emit)

    def remove(self, shown: AttachmentShown) -> None:
        """Remove a file; 撤销 brings it back."""
        id = self._id

        def removed(_none: None) -> None:
            self.done.emit(_("已删除附件 {name}").format(name=shown.name), True)
            self.open(id)

        self._jobs.run(lambda: self._uses.remove(shown.id), removed, self.failed.emit)

    def _show(self, id: str, found: Sequence[AttachmentShown]) -> None:
        if id == self._id:
            self.changed.emit(found)

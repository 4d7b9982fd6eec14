"""The documents of the claim shown and the files that are there for them. Knows neither session nor widget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop.jobs import Jobs
from domain.words import _


@dataclass(frozen=True)
class FileShown:
    """A file as a line. `own`: the claim's; the others are the person's."""

    id: str
    name: str
    size: str
    state: str
    own: bool


@dataclass(frozen=True)
class MaterialShown:
    """A document the rule asks for and its files; "" for other files of the claim."""

    document: str
    files: Sequence[FileShown]


@dataclass(frozen=True)
class MaterialUses:
    """What the card needs done; every call waits for the database."""

    listed: Callable[[str], Sequence[MaterialShown]]
    add: Callable[[str, str, Sequence[Path]], int]
    """`add(claim id, document, files)` attaches all or none; answers how many."""
    save: Callable[[str, Path], Path]
    remove: Callable[[str], None]


class MaterialModel(QObject):
    """The state behind the card."""

    changed = Signal(object)
    """Sequence of MaterialShown."""
    done = Signal(str, bool)
    """What was done, and whether 撤销 takes it back."""
    failed = Signal(object)

    def __init__(self, jobs: Jobs, uses: MaterialUses) -> None:
        super().__init__()
        self._jobs, self._uses = jobs, uses
        self._id = ""
        self.found: Sequence[MaterialShown] = ()

    def open(self, claim_id: str) -> None:
        """Show the documents of a claim."""
        self._id = claim_id
        self._jobs.run(lambda: self._uses.listed(claim_id), lambda found: self._show(claim_id, found), self.failed.emit, key="materials")

    def add(self, document: str, files: Sequence[Path]) -> None:
        """Attach files as a document."""
        id = self._id
        self._act(lambda: self._uses.add(id, document, files), lambda n: _("已附上 {n} 个文件").format(n=n), undo=True)

    def save(self, shown: FileShown, file: Path) -> None:
        """Write a file out."""
        self._act(lambda: self._uses.save(shown.id, file), lambda made: _("已另存为 {file}").format(file=made.name), undo=False)

    def remove(self, shown: FileShown) -> None:
        """Remove a file; 撤销 brings it back."""
        self._act(lambda: self._uses.remove(shown.id), lambda _none: _("已删除 {name}").format(name=shown.name), undo=True)

    def _act(self, work: Callable[[], object], said: Callable[..., str], *, undo: bool) -> None:
        def finished(result: object) -> None:
            self.done.emit(said(result), undo)
            if undo:
                self.open(self._id)

        self._jobs.run(work, finished, self.failed.emit)

    def _show(self, claim_id: str, found: Sequence[MaterialShown]) -> None:
        if claim_id == self._id:
            self.found = found
            self.changed.emit(found)

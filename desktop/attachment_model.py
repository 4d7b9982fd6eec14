"""The files of the record shown: listed, added, written out, removed. Knows no widget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal

from desktop.page import Frame
from desktop.station import Station
from desktop.view_model import ViewModel
from domain.errors import NotFound
from domain.words import N_, _
from services import attachments
from services.attachments import Attached


class AttachmentModel(ViewModel):
    """The state behind a card of files; classes derived from it say of which kind of record."""

    changed = Signal(object)
    """What `_listed` found."""
    came = Signal(str, object)
    """A file's name and content."""

    removing = N_("删除附件")
    """What 撤销 calls it."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.id = ""
        """Of the record shown."""
        self.found: Sequence[Any] = ()

    def open(self, id: str) -> None:
        """Show the files of a record."""
        self.id = id
        self._jobs.run(lambda: self._listed(id), lambda found: self._show(id, found), key="attachments")

    def add(self, files: Sequence[Path], document: str = "") -> None:
        """Attach files, as a document when it is named."""
        id = self.id
        self._act(lambda: self._add(id, document, files), lambda n: _("已附上 {n} 个文件").format(n=n), undo=True)

    def read(self, shown: Attached) -> None:
        """Have a file's content come; where it is not here yet, that is said before anybody is asked where to write it."""
        self._jobs.run(lambda: self._read(shown.id), lambda data: self.came.emit(shown.name, data))

    def save(self, data: bytes, file: Path) -> None:
        """Write a file out."""
        self._act(lambda: attachments.save_as(data, file), lambda made: _("已另存为 {file}").format(file=made.name), undo=False)

    def remove(self, shown: Attached) -> None:
        """Remove a file; 撤销 brings it back."""
        said = _("已删除 {name}").format(name=shown.name)
        self._act(lambda: self._station.write(_(self.removing), attachments.remove, shown.id), lambda _none: said, undo=True)

    def _act(self, work: Callable[[], object], said: Callable[..., str], *, undo: bool) -> None:
        def finished(result: object) -> None:
            self._frame.message(said(result), undo=undo)
            if undo:
                self.open(self.id)

        self._jobs.run(work, finished)

    def _show(self, id: str, found: Sequence[Any]) -> None:
        if id == self.id:
            self.found = found
            self.changed.emit(found)

    # -- the store: all of these wait for the database --------------------------------------------------

    def _listed(self, id: str) -> Sequence[Any]:
        """What is shown of a record: its files, or the documents they are."""
        raise NotImplementedError

    def _add(self, id: str, document: str, files: Sequence[Path]) -> int:
        """Attach all or none, as a document or as ""; answers how many."""
        raise NotImplementedError

    def _read(self, id: str) -> bytes:
        """The content of a file. If it is not here yet, it is asked for and comes with the next exchange."""
        try:
            with self._station.store.applying() as session:
                return attachments.to_be_saved(session, id)[1]
        except NotFound:
            with self._station.store.applying() as session:
                attachments.ask_for(session, id)
            raise

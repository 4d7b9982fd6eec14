"""The view model of the files attached to a record: lists, adds, saves and removes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal

from desktop.page import Frame
from desktop.station import Station
from desktop.view_model import ViewModel
from domain.errors import NotFound
from domain.words import N_, _, lazy
from services import attachments
from services.attachments import Attached


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

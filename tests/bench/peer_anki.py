"""Clients of Anki's sync server. Run by `tests.bench.peers` with the interpreter Anki is installed for; see there for what it is told."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from anki.collection import AddNoteRequest, Collection


class Clients:
    """Collections in a folder, and the rows they are filled with."""

    def __init__(self, folder: Path, rows: list[list[str]]) -> None:
        self._folder, self._rows = folder, rows
        self._open: dict[str, Any] = {}

    def _of(self, name: str) -> Any:
        if name not in self._open:
            self._open[name] = Collection(str(self._folder / f"{name}.anki2"))
        return self._open[name]

    def begin(self, name: str, url: str) -> None:
        """An empty collection with the fields of the rows, known to the server: from then on rows are merged one by one."""
        col = self._of(name)
        kind = col.models.new("row")
        for n in range(len(self._rows[0])):
            col.models.add_field(kind, col.models.new_field(f"f{n}"))
        template = col.models.new_template("card")
        template["qfmt"], template["afmt"] = "{{f0}}", "{{f1}}"
        col.models.add_template(kind, template)
        col.models.add(kind)
        self._whole(name, url, upload=True)

    def download(self, name: str, url: str) -> None:
        """The server's whole collection as a file."""
        self._whole(name, url, upload=False)

    def _whole(self, name: str, url: str, *, upload: bool) -> None:
        col, auth = self._of(name), self._auth(name, url)
        col.sync_collection(auth, sync_media=False)
        col.close_for_full_sync()
        col.full_upload_or_download(auth=auth, server_usn=None, upload=upload)
        col.reopen(after_full_sync=True)

    def fill(self, name: str, start: int, end: int) -> None:
        """Add rows from `start` to `end`."""
        col = self._of(name)
        kind = col.models.by_name("row")
        requests = []
        for row in self._rows[start:end]:
            note = col.new_note(kind)
            note.fields = row
            requests.append(AddNoteRequest(note=note, deck_id=1))
        col.add_notes(requests)

    def change(self, name: str, count: int, text: str) -> None:
        """Change one field of so many rows."""
        col = self._of(name)
        notes = [col.get_note(id) for id in col.find_notes("")[:count]]
        for note in notes:
            note.fields[-1] = text
        col.update_notes(notes)

    def sync(self, name: str, url: str) -> None:
        """Bring both sides to the same state."""
        self._of(name).sync_collection(self._auth(name, url), sync_media=False)

    def count(self, name: str) -> int:
        """Rows of a client."""
        return int(self._of(name).note_count())

    def _auth(self, name: str, url: str) -> Any:
        if not hasattr(self, "_token"):
            self._token = self._of(name).sync_login("a", "b", url)
        self._token.endpoint = url
        return self._token


def main(folder: str, rows: str) -> None:
    """Do what each line says, and answer with its result and the seconds it took."""
    clients = Clients(Path(folder), json.loads(Path(rows).read_text(encoding="utf-8")))
    for line in sys.stdin:
        name, *rest = json.loads(line)
        start = time.perf_counter()
        result = getattr(clients, name)(*rest)
        print(json.dumps([result, time.perf_counter() - start]), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

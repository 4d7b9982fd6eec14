"""Files a test attaches, what a store and the county have of them, and a line that counts their pieces."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from db import contents as held_contents
from db.county import County
from db.store import Store
from services import attachments as service
from sync.wire import messages as wire
from sync.wire.connection import HttpRequest, HttpResponse, NotConnected, Transport
from tests.sync.conftest import get

JPEG, END = b"\xff\xd8\xff\xda", b"\xff\xd9"


def photo(folder: Path, size: int = 300_000, name: str = "证明.jpg", seed: int = 1) -> Path:
    file = folder / name
    file.write_bytes(JPEG + random.Random(seed).randbytes(size - len(JPEG) - len(END)) + END)
    return file


def attach(store: Store, record_id: str, file: Path) -> str:
    with store.write("附件") as session:
        return service.add(session, "person", record_id, file)


def sha_of(store: Store, id: str) -> str:
    return str(get(store, id, "attachment").sha256)


def bytes_of(store: Store, id: str) -> bytes:
    with store.read() as session:
        return service.content(session, id)[1]


def state(store: Store, id: str) -> str:
    with store.read() as session:
        return next(a.state for a in service.attachments(session) if a.id == id)


def at_county(county: County, sha: str) -> bytes:
    with county.read() as session:
        return held_contents.read(session, sha)


class Counting(Transport):
    """Counts requests for contents and the bytes of pieces in them; `cut` may break one before or after it arrives."""

    def __init__(self, inner: Transport, cut: Callable[[int], str] = lambda _n: "") -> None:
        self.inner, self.cut = inner, cut
        self.asked = 0
        self.up = 0
        self.down = 0

    def ask(self, request: HttpRequest) -> HttpResponse:
        if request.path != "/content":
            return self.inner.ask(request)
        self.asked += 1
        how = self.cut(self.asked)
        if how == "before":
            raise NotConnected("cut")
        asked = wire.read(wire.Contents, request.body)
        self.up += sum(len(p.body) for p in asked.pieces)
        response = self.inner.ask(request)
        if how == "after":
            raise ConnectionError("cut")
        self.down += sum(len(p.body) for p in wire.read(wire.Contained, response.read()).pieces)
        return response

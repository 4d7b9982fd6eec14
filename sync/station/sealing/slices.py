"""Sealing in slices, so that other writers do not wait long, and an exchange sends one slice while the next is sealed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from db.gc_pause import gc_paused
from db.session import Session
from db.store import Store
from domain.progress import Progress
from domain.words import _
from sync.replica import identity
from sync.replica.identity import Identity
from sync.station.outstanding import outstanding
from sync.station.sealing.seal import seal, unsealed

T = TypeVar("T")


class Sealing:
    """The unsealed changes of a store. `left`: whether slices are left after the first one, including changes made meanwhile."""

    def __init__(self, store: Store, me: Identity) -> None:
        self._store = store
        self._me = me
        self.left = False

    @contextmanager
    def slice(self, *, flush: bool = True) -> Iterator[Session]:
        """Seal the next slice; the session it yields is in the same transaction. A slice without `flush` must not be sent before a later
        transaction has brought it to the disk."""
        with gc_paused(), self._store.applying(flush=flush) as session:
            me = identity.load(session) or self._me
            self.left = seal(session, me) > 0 and unsealed(session)  # asked here, since an empty slice would wait for the disk in vain
            yield session

    def go_on(self, *, flush: bool = True) -> None:
        """Seal the next slice."""
        with self.slice(flush=flush):
            pass

    def meanwhile(self, work: Callable[[], T], first: Callable[[], object] | None = None) -> T:
        """Run `work` on another thread, while this one runs `first`, if given, and then seals slices without `flush`. Returns the result
        of `work`."""
        if first is None and not self.left:
            return work()
        with ThreadPoolExecutor(1) as other:
            answer = other.submit(work)
            if first is not None:
                first()
            while self.left and not answer.done():
                self.go_on(flush=False)
            return answer.result()


def seal_waiting(store: Store, me: Identity, progress: Progress) -> Identity:
    """Seal all unsealed changes. Returns the identity of this station afterwards."""
    sealing = Sealing(store, me)
    with store.read() as session:
        total = outstanding(session).unsent
    sealing.go_on()
    while sealing.left:
        progress(0, total, _("正在整理要上传的改动"))
        sealing.go_on()
    with store.read() as session:
        return identity.load(session) or me

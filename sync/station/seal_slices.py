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
from sync.station.seal import seal, unsealed

T = TypeVar("T")


class Sealing:
    """The unsealed changes of a store. `left`: whether slices are left after the first one, including changes made meanwhile."""

    def __init__(self, store: Store, me: Identity) -> None:
        self._store = store
        self._me = me
        self.left = False

    @contextmanager
    def slice(self) -> Iterator[Session]:
        """Seal the next slice; the session it yields is in the same transaction."""
        with gc_paused(), self._store.applying() as session:
            me = identity.load(session) or self._me
            self.left = seal(session, me) > 0 and unsealed(session)  # asked here, since an empty slice would wait for the disk in vain
            yield session

    def go_on(self) -> None:
        """Seal the next slice."""
        with self.slice():
            pass

    def meanwhile(self, work: Callable[[], T]) -> T:
        """Run `work` on another thread while slices are sealed on this one. Returns its result."""
        if not self.left:
            return work()
        with ThreadPoolExecutor(1) as other:
            answer = other.submit(work)
            while self.left and not answer.done():
                self.go_on()
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

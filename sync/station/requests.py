"""The requests of one exchange, each built from what the store has and from what the county is known to have received."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from msgspec.structs import replace

from db.session import Session
from db.store import Store
from sync.replica import identity
from sync.replica.identity import Identity
from sync.station import asking
from sync.station.asking import counted, waiting, waits
from sync.station.outstanding import Outstanding, outstanding
from sync.station.receiving import snapshot_fetch
from sync.station.recovery import resuming
from sync.station.recovery.mending import Check
from sync.station.sealing.slices import Sealing
from sync.wire.messages import Answer, Request, only_acknowledges


@dataclass(frozen=True)
class Reached:
    """What the county has of the batches of an `incarnation`: all up to the number `received`, and `arrived` bytes of the next one."""

    incarnation: int
    received: int = 0
    arrived: int = 0


class Requests:
    """Builds the requests of one exchange. `me` and `there`: the identity and the unfinished work as they were read last; `budget`: bytes
    of batches in the next request, and of entries in its answer."""

    def __init__(self, store: Store, me: Identity, there: Outstanding, check: Check, budget: int) -> None:
        self.me, self.there, self.budget = me, there, budget
        self.reached = Reached(me.incarnation)
        self.sealing = Sealing(store, me)
        self.forked = False
        """Whether the store took a new incarnation."""
        self.all_cursors = False
        """Whether the county asked for the cursors, however many they are."""
        self._store, self._check = store, check

    def first(self) -> Request | None:
        """Seal a first slice of the changes, and return the request if that can be built at once: comparing all records would keep other
        writers waiting."""
        with self.sealing.slice() as session:
            self._load_identity(session)
            self.there = outstanding(session)
            return None if self._check.due(session) else self.build(session)

    def next(self) -> Request:
        """Return the next request. Seals slices until a batch can be sent or nothing is left to seal."""
        with self._store.read() as session:
            self._load_identity(session)
            ready = not self.sealing.left or waits(session, self.me, self.reached.received)
            self.there = outstanding(session) if ready else self.there
            request = self.build(session) if ready else None
        if request is not None:
            return self._on_disk(request)
        self.sealing.go_on(flush=False)
        return self.next()

    def ahead(self, request: Request, answer: Answer, budget: int) -> Request | None:
        """Return the request after `request`, if it can be sent before the answer is taken: that only acknowledges, and more batches are
        sealed. `budget`: that of the request.

            station   send 1..3 | send 4..6, take "1..3 received" | send 7..9, take "4..6 received" | …
            county              | take in 4..6                    | take in 7..9                    | …

        Until the answer is taken the store has the old token and cursors: a crash is like an answer lost on the network, and the county
        repeats the acknowledgements that it cannot know to be here.
        """
        asked = request.asks or request.state or request.cursors is None or self._check.mending
        if asked or answer.received <= self.reached.received or not only_acknowledges(answer):
            return None
        with self._store.read() as session:
            self._load_identity(session)
            if self.me.incarnation != request.incarnation or not waits(session, self.me, answer.received):
                return None
            self.reached = dataclasses.replace(self.reached, received=answer.received)
            self.me.token, self.budget = answer.token, budget
            there = outstanding(session)
            self.there = dataclasses.replace(there, unsent=max(0, there.unsent - counted(session, self.me, answer.received)))
            following = self.build(session)
        return self._on_disk(following)

    def build(self, session: Session) -> Request:
        """Return a request for the unfinished work that was read last."""
        there, reached = self.there, self.reached
        begun = resuming.begun(session) if there.parts else resuming.NOTHING
        batches = waiting(session, self.me, reached.received, self.budget) if there.batches and not begun.upload else []
        skip = reached.arrived if batches and reached.arrived < len(batches[0]) else 0
        batches[:1] = [body[skip:] for body in batches[:1]]
        asked = asking.request(session, self.me, batches, self.budget, vector=self.all_cursors, token=self.me.token, unsent=there.unsent)
        holding = snapshot_fetch.holding(session) if there.begun else None
        asked = replace(asked, holding=holding, asks=begun.upload, skip=skip, resume=begun.download)
        return self._check.add(session, asked)

    def answered(self, answer: Answer) -> None:
        """Note what the county has received, and whether it asks for the cursors."""
        self.all_cursors = self.all_cursors or answer.status == "cursors"
        self.reached = dataclasses.replace(self.reached, received=max(self.reached.received, answer.received), arrived=answer.arrived)

    def _load_identity(self, session: Session) -> None:
        """Read the store's identity again. If it took a new incarnation, the county has received nothing from that yet."""
        self.me = identity.load(session) or self.me
        if self.me.incarnation != self.reached.incarnation:
            self.reached, self.forked = Reached(self.me.incarnation), True

    def _on_disk(self, request: Request) -> Request:
        """Return `request` when the batches that it sends are on the disk."""
        if request.batches:
            with self._store.applying():
                pass
        return request

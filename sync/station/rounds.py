"""The rounds of one exchange: each sends a request and takes the county's answer, until neither side has anything for the other."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import NamedTuple

from msgspec.structs import replace

from db.exchange import cursors
from db.gc_pause import gc_paused
from db.session import Session
from db.store import Store
from domain.errors import Refused, Unreachable
from domain.progress import Progress
from domain.words import _
from sync.replica import identity
from sync.replica.identity import Identity
from sync.replica.repeated_requests import send_request
from sync.station import asking
from sync.station.asking import counted, proved, waiting, waits
from sync.station.outstanding import Outstanding, outstanding
from sync.station.receiving import snapshot_fetch
from sync.station.receiving.receive import Received, receive
from sync.station.recovery import resuming
from sync.station.recovery.mending import Check
from sync.station.recovery.rewind import RestoredCounty
from sync.station.result import ExchangeResult
from sync.station.revocation import AnswerFacts, outdate_files, record_status, refuse
from sync.station.sealing.fork import fork
from sync.station.sealing.slices import Sealing
from sync.wire.columns import WireError
from sync.wire.envelope import TooNew
from sync.wire.framing import begun_answer
from sync.wire.link import BrokenOff, Link, malformed_answer
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


FIRST_BUDGET = 64 * 1024
LAST_BUDGET = 2**20
"""Bytes of batches in one request and of entries in one answer: few at first, more while the link is fast, and never so many that applying
an answer keeps other writers waiting for long."""
_QUICK = 2.0
"""After a round this quick the next carries four times as much, sixteen times within a quarter: each answer rebuilds tables' indexes."""
_MAX_IDLE, _MAX_FORKS = 10, 3
"""How many rounds in a row may change nothing here (a correct county needs a few: to ask for cursors, or what arrived); how often in an
exchange the county may assign another incarnation."""


def _grown(budget: int, seconds: float) -> int:
    """The budget of the next round, in bytes, after one of `budget` bytes took this many seconds."""
    times = 16 if seconds < _QUICK / 4 else 4
    return min(budget * times, LAST_BUDGET) if seconds < _QUICK else FIRST_BUDGET


class Round(NamedTuple):
    """What was asked, and what came back."""

    request: Request
    answer: Answer

    @property
    def news(self) -> bool:
        """Whether the store has to note anything of the answer besides what the county has received."""
        asked, told = self
        return bool(asked.asks or asked.state or told.token or told.entries or told.more or told.status != "ok")

    def progressed(self, reached: Reached, *, cursors_sent: bool) -> bool:
        """Whether either side knows more than before it. No correct county asks for another round after one of which that is not so."""
        asked, told = self
        return (
            bool(told.entries or told.differing or (asked.state and told.compared))
            or asked.asks
            or asked.skip != told.arrived
            or told.offer is not None
            or told.received > reached.received
            or (told.status == "cursors" and not cursors_sent)
        )


class Rounds:
    """The rounds of one exchange. What they have in common is kept here; a round itself is passed along.

    `requests` knows what the county has received; `check` compares and mends records; `facts` and `result` are for the clerk.
    """

    def __init__(self, store: Store, me: Identity, there: Outstanding, progress: Progress) -> None:
        self.store, self.progress = store, progress
        self.result = ExchangeResult()
        self.facts, self.check = AnswerFacts(), Check()
        self.requests = Requests(store, me, there, self.check, FIRST_BUDGET)
        self.came = False
        """Whether any change of others was received."""
        self.unindexed = False
        """Whether indexes for lists may have been left out."""
        self._sealing = self.requests.sealing
        self._restored = RestoredCounty(store, progress, self.result)
        self._total = 0
        self._forks = self._idle = 0
        self._place: object = None

    def seal(self) -> Request | None:
        """Seal a first slice of the changes; further slices are sealed while the county works on this one. Returns the first request, or
        None if building it now would keep other writers waiting."""
        self._total = self.requests.there.unsent
        first = self.requests.first()
        self.progress(0, self._total, _("正在整理要上传的改动"))
        return first

    def run(self, link: Link, first: Request | None) -> None:
        """Run rounds until neither side has anything for the other, beginning with the request `first` if given."""
        untaken: Round | None = None  # a round that only acknowledged: its answer is taken while the county works on the next request
        more = True
        try:
            while more:
                began = monotonic()
                request = first or self.requests.next()
                taking, untaken = untaken, None
                this = Round(request, self._ask(link, request, taking))
                budget = self.requests.budget
                first = self.requests.ahead(*this, _grown(budget, monotonic() - began))
                if first is not None:
                    untaken = this
                else:
                    more = self._recover(link, this.answer) if this.answer.status == "gap" else self._take(this)
                    self.requests.budget = _grown(budget, monotonic() - began)
                self._tell(_("已上传，收到 {n} 条").format(n=self.result.pulled))
        finally:
            if untaken is not None:  # stopped between rounds
                self._take(untaken)

    def _tell(self, said: str) -> None:
        self.progress(self.result.pushed, max(self._total, self.result.pushed), said)

    def files(self) -> bool:
        """Whether there are attachments, or contents of attachments."""
        if self.came and not self.requests.there.files:
            with self.store.read() as session:
                return outstanding(session).files
        return self.requests.there.files

    def busy(self, seconds: float) -> None:
        """Report that the server is busy and the request will be repeated after these seconds."""
        self._tell(_("县服务器正忙，{n:.0f} 秒后接着传").format(n=seconds))

    # -- asking --------------------------------------------------------------------------------------------------------

    def _ask(self, link: Link, request: Request, untaken: Round | None = None) -> Answer:
        """Send a request and return the county's answer, which went on as usual or says what to do. `untaken` is taken meanwhile."""
        try:
            answer = self._post(link, request, untaken)
            for _try in (1, 2):  # the county's clock may jump between its question and the proof
                if answer.status == "prove":
                    request = proved(self.requests.me, request, answer.nonce)
                    answer = self._post(link, request)
            if answer.status == "sums" and request.state:
                answer = self._post(link, self.check.with_sums(request))
        except WireError as error:
            raise malformed_answer() from error
        if answer.status not in ("ok", "cursors", "fork", "gap"):
            with self.store.noting() as session:
                record_status(session, answer.status)
                if answer.status == "revoked":
                    outdate_files(session)
            refuse(answer.status)
        return answer

    def _post(self, link: Link, request: Request, untaken: Round | None = None) -> Answer:
        """Send a request and return the answer. If it breaks off, its complete entries are applied and the rest is kept, then the error is
        raised."""
        try:
            first = None if untaken is None else partial(self._take, untaken)
            return self._sealing.meanwhile(partial(send_request, self.store, link, request), first)
        except BrokenOff as error:
            came = begun_answer(error.content)
            if came is not None and came.answer.status == "ok":
                self._take(Round(request, came.answer), cut=True)
                with self.store.noting() as session:
                    resuming.keep_download(session, came)
            raise
        except Unreachable:
            if request.batches:
                with self.store.noting() as session:
                    resuming.mark_upload(session)
            raise

    # -- answers -------------------------------------------------------------------------------------------------------

    def _take(self, this: Round, *, cut: bool = False) -> bool:
        """Take the answer of a round, or the complete parts of one that was `cut`. Returns whether another round is needed."""
        request, answer = this
        if answer.status == "fork":
            return self._fork(this)
        self.facts.add(answer)
        if not this.news and answer.received >= request.number:
            return self._sealing.left
        self.came = self.came or answer.offer is not None or any(e.batch is not None for e in answer.entries)
        try:
            # losing an answer in a power cut is like losing it on the network: the county sends it again
            with gc_paused(), self.store.applying(flush=False) as session:
                me = identity.load(session) or self.requests.me
                if me.incarnation != request.incarnation:  # another exchange took a new incarnation meanwhile
                    return True
                got = self._apply(session, me, this, cut=cut)
                if answer.token:
                    identity.save_token(session, answer.token)
                unsent = waits(session, me, answer.received)
                self._look_for_an_end(session, me, answer)
        except TooNew as error:
            raise Refused(_("县里传来的数据是新版程序写的，请向县里要升级包，升级以后才能接收。数据都在本机，没有改动。")) from error
        except WireError as error:
            with self.store.noting() as session:
                resuming.forget_downloads(session)
            if request.resume is not None and not cut:  # the kept beginning is from before a restore of the county: fetch the whole entry
                return True
            raise malformed_answer() from error
        progressed = this.progressed(self.requests.reached, cursors_sent=self.requests.all_cursors)
        self.requests.answered(answer)
        self.result.add(got)
        again = answer.more or unsent or answer.status == "cursors" or self.check.mending
        if again and not progressed and not cut:
            raise malformed_answer()
        return again or self._sealing.left

    def _apply(self, session: Session, me: Identity, this: Round, *, cut: bool) -> Received:
        """Apply the content of an answer to the store."""
        request, answer = this
        self.unindexed = self.unindexed or answer.more
        got = receive(session, me, resuming.whole(session, answer), more=answer.more)
        if request.asks:
            resuming.forget_upload(session)
        if not cut:
            self.check.receive(session, me.station, request, answer)
        if answer.offer is not None and self.check.wants(answer.offer):
            self.check.take(session, me, answer.offer)
        elif answer.offer is not None:
            got.add(snapshot_fetch.take(session, me, answer.offer, more=answer.more))
        return got

    def _look_for_an_end(self, session: Session, me: Identity, answer: Answer) -> None:
        """Raise `WireError` if the rounds go on and nothing comes of them, whatever the answers say."""
        place = (min(answer.received, me.number), cursors(session), snapshot_fetch.holding(session), self.check.pieces, self.check.mended)
        self._idle = self._idle + 1 if place == self._place else 0
        self._place = place
        if self._idle > _MAX_IDLE:
            raise WireError("no end of it")

    def _fork(self, this: Round) -> bool:
        """Continue under the incarnation that the county assigned."""
        request, answer = this
        self._forks += 1
        if self._forks > _MAX_FORKS or not 1 < answer.incarnation < 2**31:
            refuse("fork")
        with self.store.applying() as session:
            me = identity.load(session) or self.requests.me
            if me.incarnation == request.incarnation:  # otherwise another exchange was quicker
                fork(session, me, answer.incarnation)
        return True

    def _recover(self, link: Link, answer: Answer) -> bool:
        """Return to what a county restored from a backup has. Another round is always needed."""
        incarnation = self._restored.recover(self.requests.me, answer, partial(self._ask, link), LAST_BUDGET)
        if incarnation is not None:
            self.requests.reached = Reached(incarnation)
        return True

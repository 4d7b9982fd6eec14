"""One exchange with the county over the network: seal changes, send unacknowledged batches, apply entries not read yet."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from time import monotonic, time

from msgspec.structs import replace

from db import backup, contents
from db.exchange import cursors, log_exchange
from db.gc_pause import gc_paused
from db.session import Session
from db.store import Store
from domain.errors import CunzhanError, Refused, Unreachable
from domain.progress import Progress, unwatched
from domain.words import _
from sync.replica import identity
from sync.replica.history import common
from sync.replica.identity import Identity
from sync.replica.repeated_requests import say
from sync.station import asking
from sync.station.asking import counted, one_at_a_time, proved, waiting, waits
from sync.station.attachments import Travel, Travelled
from sync.station.enrol import enrolled
from sync.station.outstanding import Outstanding, outstanding
from sync.station.receiving import snapshot_fetch
from sync.station.receiving.newer_program import learn, to_learn
from sync.station.receiving.receive import Received, receive
from sync.station.recovery import resuming
from sync.station.recovery.kept_copies import tend
from sync.station.recovery.mending import Check
from sync.station.recovery.rewind import advanced, covered, offering, rewind, to_offer
from sync.station.result import ExchangeResult
from sync.station.revocation import Told, heard, outdate_files, refuse
from sync.station.sealing.fork import fork
from sync.station.sealing.seal import restored
from sync.station.sealing.slices import Sealing
from sync.station.stick.courier import forward
from sync.wire.columns import WireError
from sync.wire.connection import Transport
from sync.wire.envelope import TooNew
from sync.wire.framing import begun_answer
from sync.wire.link import BrokenOff, Link, connect, malformed_answer
from sync.wire.messages import Answer, Request, only_acknowledges

FIRST_BUDGET = 64 * 1024
LAST_BUDGET = 2**20
"""Bytes of batches in one request and of entries in one answer: few at first, more while the link is fast, and never so many that applying
an answer keeps other writers waiting for long."""
_QUICK = 2.0
"""After a round this quick the next carries four times as much, sixteen times within a quarter: each answer rebuilds tables' indexes."""
_MAX_IDLE, _MAX_FORKS, _MAX_GAPS = 10, 3, 5
"""How many rounds in a row may change nothing here (a correct county needs a few: to ask for cursors, or what arrived); how often in an
exchange the county may assign another incarnation, and may have lost entries."""


@one_at_a_time
def exchange(store: Store, *, progress: Progress = unwatched, transport: Transport | None = None) -> ExchangeResult:
    """Exchange everything with the county. Raises `Unreachable` or `Refused` with a sentence; changes not exchanged stay in the outbox.
    `progress` may raise `Stopped` between rounds. Runs on any thread; other threads may read and write the store meanwhile.
    """
    started = monotonic()
    with store.read() as session:
        talk = _Talk(store, enrolled(session), progress)
        talk.there = outstanding(session)
        learns = to_learn(session)
        first = None if learns or talk.there.unsealed or talk.there.batches or restored(session) else talk.request(session)
    try:
        with connect(talk.me.server, talk.me.ca, transport, talk.waiting) as link:
            if learns:
                learn(store)
            talk.run(link, first or talk.seal())
            if talk.there.carried and forward(store, talk.me, link):
                talk.run(link, None)  # fetch the villages' changes at once; otherwise the result would say that nothing is new
            files = Travel(store, talk.me, link, talk.progress).run() if talk.files() else Travelled()
            result = talk.result(link, monotonic() - started, files)
    except CunzhanError as error:
        talk.note(str(error), ExchangeResult(pushed=talk.done.acknowledged, pulled=talk.done.pulled), ok=False)
        raise
    talk.note(result.sentence(), result)
    tend(store, int(time()) + (talk.me.clock if talk.told.clock is None else talk.told.clock))
    return result


def _grown(budget: int, seconds: float) -> int:
    """The budget of the next round, in bytes, after one of `budget` bytes took this many seconds."""
    times = 16 if seconds < _QUICK / 4 else 4
    return min(budget * times, LAST_BUDGET) if seconds < _QUICK else FIRST_BUDGET


class _Talk:
    """The rounds of one exchange."""

    def __init__(self, store: Store, me: Identity, progress: Progress) -> None:
        self.store = store
        self.me = me
        self.progress = progress
        self.done = Received()
        self._received = self._arrived = 0
        self._budget = FIRST_BUDGET
        self._vector = False
        self._total = 0
        self._sealing = Sealing(store, me)
        self._forks = 0
        self._incarnation = me.incarnation
        self.forked = False
        self.restored = 0
        self.kept = ""
        self._gaps = self._idle = 0
        self._place: object = None
        self._offered: dict[str, int] = {}
        self.told = Told()
        self.check = Check()
        self.there: Outstanding
        self.moved = False
        """Whether any change of others was received."""
        self._untaken: Callable[[], object] | None = None
        """Takes the previous answer, an acknowledgement, while the county works on the present request."""

    def seal(self) -> Request | None:
        """Seal a first slice of the changes; further slices are sealed while the county works on this one. Returns the first request, or
        None if building it now would keep other writers waiting."""
        self._total = self.there.unsent
        with self._sealing.slice() as session:
            self._meet(session)
            first = None if self.check.due(session) else self._as_things_stand(session)
        self.progress(0, self._total, _("正在整理要上传的改动"))
        return first

    def run(self, link: Link, first: Request | None) -> None:
        """Run rounds until neither side has anything for the other, beginning with the request `first` if given."""
        more = True
        try:
            while more:
                began = monotonic()
                request, first = first or self._request(), None
                answer = self._ask(link, request)
                first = self._ahead(request, answer, _grown(self._budget, monotonic() - began))
                if first is not None:
                    self._untaken = partial(self._take, request, answer)
                else:
                    more = self._recover(link, answer) if answer.status == "gap" else self._take(request, answer)
                    self._budget = _grown(self._budget, monotonic() - began)
                self._tell(_("已上传，收到 {n} 条").format(n=self.done.pulled))
        finally:
            if self._untaken is not None:  # stopped between rounds
                self._untaken()

    def _tell(self, said: str) -> None:
        self.progress(self.done.acknowledged, max(self._total, self.done.acknowledged), said)

    def files(self) -> bool:
        """Whether there are attachments, or contents of attachments."""
        if self.moved and not self.there.files:
            with self.store.read() as session:
                self.there = outstanding(session)
        return self.there.files

    def waiting(self, seconds: float) -> None:
        """Report that the server is busy and the request will be repeated after these seconds."""
        self._tell(_("县服务器正忙，{n:.0f} 秒后接着传").format(n=seconds))

    def result(self, link: Link, seconds: float, files: Travelled) -> ExchangeResult:
        """Return the figures of the exchange."""
        d = self.done
        figures = (d.acknowledged, d.pulled, d.conflicts, d.held, link.requests, link.sent, link.received)
        found = {"restored": self.restored, "different": self.check.found, "mended": self.check.mended}
        found |= {"files_sent": files.sent, "files_received": files.received, "files_left": files.left}
        return ExchangeResult(*figures, seconds=round(seconds, 3), forked=self.forked, kept=self.kept, **found)

    def note(self, message: str, result: ExchangeResult, *, ok: bool = True) -> None:
        """Store the result of the exchange for display. The records are on the disk already."""
        with self.store.noting() as session:
            self.told.keep(session, self.me)
            if ok and self.me.revoked:
                heard(session, "ok")
            log_exchange(session, ok=ok, message=message, figures=vars(result))

    # -- requests ------------------------------------------------------------------------------------------------------

    def _request(self) -> Request:
        with self.store.read() as session:
            self._meet(session)
            ready = not self._sealing.left or waits(session, self.me, self._received)
            request = self._as_things_stand(session) if ready else None
        if request is not None:
            return self._on_disk(request)
        self._sealing.go_on(flush=False)
        return self._request()

    def _on_disk(self, request: Request) -> Request:
        """Return `request` when the batches that it sends are on the disk."""
        if request.batches:
            with self.store.applying():
                pass
        return request

    def _ahead(self, request: Request, answer: Answer, budget: int) -> Request | None:
        """Return the next request, if it can be sent before `answer` is taken: this one only acknowledges, and more batches are sealed.

        The county takes in the next batches while this station takes the answer. Until then the store has the old token and cursors: a
        crash is like an answer lost on the network, and the county repeats the acknowledgements that it cannot know to be here.
        """
        asked = request.asks or request.state or request.cursors is None or self.check.mending
        if asked or answer.received <= self._received or not only_acknowledges(answer):
            return None
        with self.store.read() as session:
            self._meet(session)
            if self.me.incarnation != request.incarnation or not waits(session, self.me, answer.received):
                return None
            self._received, self._budget, self.me.token = answer.received, budget, answer.token
            following = self._as_things_stand(session, counted(session, self.me, answer.received))
        return self._on_disk(following)

    def _as_things_stand(self, session: Session, acknowledged: int = 0) -> Request:
        """Read again what is outstanding and return the next request. `acknowledged`: changes of which the store does not know it yet."""
        there = outstanding(session)
        self.there = dataclasses.replace(there, unsent=max(0, there.unsent - acknowledged))
        return self.request(session)

    def request(self, session: Session) -> Request:
        """Return the next request."""
        begun = resuming.begun(session) if self.there.parts else resuming.NOTHING
        batches = waiting(session, self.me, self._received, self._budget) if self.there.batches and not begun.upload else []
        skip = self._arrived if batches and self._arrived < len(batches[0]) else 0
        batches[:1] = [body[skip:] for body in batches[:1]]
        asked = asking.request(session, self.me, batches, self._budget, vector=self._vector, token=self.me.token, unsent=self.there.unsent)
        holding = snapshot_fetch.holding(session) if self.there.begun else None
        asked = replace(asked, holding=holding, asks=begun.upload, skip=skip, resume=begun.download)
        return self.check.add(session, asked)

    def _meet(self, session: Session) -> None:
        """Read the store's identity again. If it took a new incarnation, the county has received nothing from that yet."""
        self.me = identity.load(session) or self.me
        if self.me.incarnation != self._incarnation:
            self._received, self._arrived, self._incarnation, self.forked = 0, 0, self.me.incarnation, True

    def _ask(self, link: Link, request: Request) -> Answer:
        try:
            answer = self._post(link, request)
            for _try in (1, 2):  # the county's clock may jump between its question and the proof
                if answer.status == "prove":
                    request = proved(self.me, request, answer.nonce)
                    answer = self._post(link, request)
            if answer.status == "sums" and request.state:
                answer = self._post(link, self.check.with_sums(request))
        except WireError as error:
            raise malformed_answer() from error
        if answer.status not in ("ok", "cursors", "fork", "gap"):
            with self.store.noting() as session:
                heard(session, answer.status)
                if answer.status == "revoked":
                    outdate_files(session)
            refuse(answer.status)
        return answer

    def _post(self, link: Link, request: Request) -> Answer:
        """Send a request and return the answer. If it breaks off, its complete entries are applied and the rest is kept, then the error is
        raised."""
        try:
            taking, self._untaken = self._untaken, None
            return self._sealing.meanwhile(partial(say, self.store, link, request), taking)
        except BrokenOff as error:
            came = begun_answer(error.content)
            if came is not None and came.answer.status == "ok":
                self._take(request, came.answer, cut=True)
                with self.store.noting() as session:
                    resuming.keep_download(session, came)
            raise
        except Unreachable:
            if request.batches:
                with self.store.noting() as session:
                    resuming.mark_upload(session)
            raise

    # -- answers -------------------------------------------------------------------------------------------------------

    def _take(self, request: Request, answer: Answer, *, cut: bool = False) -> bool:
        """Apply an answer, or the complete parts of one that was `cut`. Returns whether another round is needed."""
        if answer.status == "fork":
            return self._fork(request, answer)
        self.told.hear(answer)
        news = request.asks or request.state or answer.token or answer.entries or answer.more
        if answer.status == "ok" and not news and answer.received >= request.number:
            return self._sealing.left
        self.moved = self.moved or answer.offer is not None or any(e.batch is not None for e in answer.entries)
        try:
            # losing an answer in a power cut is like losing it on the network: the county sends it again
            with gc_paused(), self.store.applying(flush=False) as session:
                me = identity.load(session) or self.me
                if me.incarnation != request.incarnation:  # another exchange took a new incarnation meanwhile
                    return True
                got = self._apply(session, me, request, answer, cut=cut)
                if answer.token:
                    identity.save_token(session, answer.token)
                waiting = waits(session, me, answer.received)
                self._look_for_an_end(session, me, answer)
        except TooNew as error:
            raise Refused(_("县里传来的数据是新版程序写的，请向县里要升级包，升级以后才能接收。数据都在本机，没有改动。")) from error
        except WireError as error:
            with self.store.noting() as session:
                resuming.forget_downloads(session)
            if request.resume is not None and not cut:  # the kept beginning is from before a restore of the county: fetch the whole entry
                return True
            raise malformed_answer() from error
        progressed = self._progressed(request, answer)
        self._vector = self._vector or answer.status == "cursors"
        self._received, self._arrived = max(self._received, answer.received), answer.arrived
        self.done.add(got)
        again = answer.more or waiting or answer.status == "cursors" or self.check.mending
        if again and not progressed and not cut:
            raise malformed_answer()
        return again or self._sealing.left

    def _look_for_an_end(self, session: Session, me: Identity, answer: Answer) -> None:
        """Raise `WireError` if the rounds go on and nothing comes of them, whatever the answers say."""
        place = (min(answer.received, me.number), cursors(session), snapshot_fetch.holding(session), self.check.pieces, self.check.mended)
        self._idle = self._idle + 1 if place == self._place else 0
        self._place = place
        if self._idle > _MAX_IDLE:
            raise WireError("no end of it")

    def _progressed(self, request: Request, answer: Answer) -> bool:
        """Whether a round made progress on either side. No correct county asks for another round after one that did not."""
        return (
            bool(answer.entries or answer.differing or (request.state and answer.compared))
            or request.asks
            or request.skip != answer.arrived
            or answer.offer is not None
            or answer.received > self._received
            or (answer.status == "cursors" and not self._vector)
        )

    def _recover(self, link: Link, answer: Answer) -> bool:
        """Handle a county restored from a backup: offer it the entries it lost. Where its log continued differently, rewind to there."""
        self._gaps += 1
        with self.store.read() as session:
            parted = common(session, answer.marks)
        if not parted or self._gaps > _MAX_GAPS:
            refuse("gap")
        with self.store.applying() as session:
            contents.forget_sent(session)
        if any(seq < self._offered.get(scope, seq + 1) for scope, seq in parted.items()):
            self._offer(link, parted)
        else:
            with self.store.read() as session:
                whole = covered(session, parted)
            if not whole and not self.kept:
                # work of others that is here only as a snapshot, which perhaps no station can offer: keep a copy of the whole store
                self.kept = backup.keep_beside(self.store)
            with self.store.applying() as session:
                me = identity.load(session) or self.me
                rewind(session, me, parted)
            self._received, self._arrived, self._incarnation = 0, 0, me.incarnation
        return True

    def _offer(self, link: Link, parted: dict[str, int]) -> None:
        after, left = parted, 1
        while left:
            with self.store.read() as session:
                self._meet(session)
                asked = asking.request(session, self.me, [], 0, vector=True, token=self.me.token)
                asked = offering(session, asked, parted, after, LAST_BUDGET)
                before, after = to_offer(session, after), advanced(after, asked.lost)
                left = to_offer(session, after)
            answer = self._ask(link, asked)
            if answer.status != "ok":
                raise Unreachable(_("与县服务器的连接中断了。数据都在本机，会再传。"))
            with self.store.applying() as session:
                identity.save_token(session, answer.token)
            self.restored += before - left
            self.progress(self.restored, self.restored + left, _("县里恢复过备份，正在补交"))
        self._offered = dict(parted)

    def _apply(self, session: Session, me: Identity, request: Request, answer: Answer, *, cut: bool) -> Received:
        """Apply the content of an answer to the store."""
        got = receive(session, me, resuming.whole(session, answer))
        if request.asks:
            resuming.forget_upload(session)
        if not cut:
            self.check.hear(session, me.station, request, answer)
        if answer.offer is not None and self.check.wants(answer.offer):
            self.check.take(session, me, answer.offer)
        elif answer.offer is not None:
            got.add(snapshot_fetch.take(session, me, answer.offer))
        return got

    def _fork(self, request: Request, answer: Answer) -> bool:
        """Continue under the incarnation that the county assigned."""
        self._forks += 1
        if self._forks > _MAX_FORKS or not 1 < answer.incarnation < 2**31:
            refuse("fork")
        with self.store.applying() as session:
            me = identity.load(session) or self.me
            if me.incarnation == request.incarnation:  # otherwise another exchange was quicker
                fork(session, me, answer.incarnation)
        return True

"""Transfers attachments at the end of an exchange: by hash, resuming at the byte where they broke off, for a bounded time.

A failure here does not fail the exchange: unfinished transfers are resumed by the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from msgspec.structs import replace

from db import contents
from db.store import Store
from domain.attachments import MAX_SIZE, is_sha256
from domain.errors import CunzhanError
from domain.grouping import chunks
from domain.progress import Progress
from domain.words import _
from sync.replica import identity
from sync.replica.identity import Identity
from sync.station.asking import proved, request
from sync.wire.link import Link, malformed_answer
from sync.wire.messages import Contained, Contents, Piece, pack

FIRST = 16 * 1024
LAST = 512 * 1024
"""Most bytes in one request or answer: few at first, more while the link is fast. At most this much is lost when it breaks."""
SECONDS = 30.0
"""Most seconds that one exchange spends on files."""
_QUICK = 2.0
_MANY = 32
"""Most contents named in one request."""
SOURCE = "county"
"""Where a station's contents come from, as `db.contents` names it."""
Content = tuple[str, int]
"""SHA-256 and size."""


@dataclass
class TransferResult:
    """The result of a transfer. `sent`, `received`: complete files; `left`: files here that the county does not have yet."""

    sent: int = 0
    received: int = 0
    left: int = 0


class Transfer:
    """The transfer of files in one exchange, both ways."""

    def __init__(self, store: Store, me: Identity, link: Link, progress: Progress) -> None:
        self._store, self._me, self._link, self._progress = store, me, link, progress
        self._until = monotonic() + SECONDS
        self._size = FIRST
        self._moved = 0
        self.done = TransferResult()

    def run(self) -> TransferResult:
        """Send, then fetch, as far as time and link allow. Makes no request if there is nothing to do."""
        with self._store.read() as session:
            offer, fetch, spare = contents.to_offer(session), contents.to_fetch(session), contents.spare(session)
            self.done.left = contents.unsent(session)
        with suppress(CunzhanError):  # the records are exchanged: after a cut line, a full disk or a stop the rest goes next time
            self._send(offer)
            self._fetch(fetch)
            if offer or fetch or spare:
                with self._store.applying() as session:
                    contents.sweep(session)
        if offer or fetch or spare:
            with self._store.read() as session:
                self.done.left = contents.unsent(session)
        return self.done

    def _ask(self, asked: Contents) -> Contained:
        """Send a request, with a signature if the token is not accepted. Raises `Unreachable`."""
        began = monotonic()
        answer = self._link.ask("/content", pack(asked), Contained)
        if answer.status == "prove":
            asked = replace(asked, asking=proved(self._me, asked.asking, answer.nonce))
            answer = self._link.ask("/content", pack(asked), Contained)
        if answer.status != "ok" or len(answer.held) != len(asked.offered):
            raise malformed_answer()
        self._size = min(self._size * 4, LAST) if monotonic() - began < _QUICK else FIRST
        return answer

    def _asking(self) -> Contents:
        with self._store.read() as session:
            self._me = identity.load(session) or self._me  # another exchange may have gone on meanwhile
            asked = request(session, self._me, [], 0, token=self._me.token)
        return Contents(asking=replace(asked, cursors=None, tips=[]))

    def _say(self, moved: int) -> None:
        self._moved += moved
        self._progress(self._moved // 1024, max(self._moved // 1024, 1), _("正在传附件，已传 {n} KB").format(n=self._moved // 1024))

    # -- sending -------------------------------------------------------------------------------------------------------

    def _send(self, offer: Sequence[Content]) -> None:
        for some in chunks(sendable(offer), _MANY):
            if monotonic() >= self._until:
                return
            held = self._offered(some, [])
            for n, (sha, size) in enumerate(some):
                self._send_one((sha, size), held[n])

    def _offered(self, some: Sequence[Content], pieces: Sequence[Piece]) -> list[int]:
        offered = [(bytes.fromhex(sha), size) for sha, size in some]
        answer = self._ask(replace(self._asking(), offered=offered, pieces=list(pieces)))
        whole = [sha for (sha, size), here in zip(some, answer.held, strict=True) if here == size]
        if whole:
            with self._store.applying() as session:
                for sha in whole:
                    contents.note_sent(session, sha)
        return answer.held

    def _send_one(self, one: Content, held: int) -> None:
        """Send a file from byte `held` on. Stops when the county has no more than before: it does not want the file or found it damaged."""
        sha, size = one
        while 0 <= held < size and monotonic() < self._until:
            with self._store.read() as session:
                body = contents.read(session, sha, held, self._size)
            before, held = held, self._offered([one], [Piece(bytes.fromhex(sha), held, body)])[0]
            if held <= before:
                return
            self._say(len(body))
            self.done.sent += held == size

    # -- fetching ------------------------------------------------------------------------------------------------------

    def _fetch(self, fetch: Sequence[Content]) -> None:
        for some in chunks(sendable(fetch), _MANY):
            waiting = dict(some)
            while waiting and monotonic() < self._until:
                with self._store.read() as session:
                    wanted = [(bytes.fromhex(sha), contents.held(session, SOURCE, sha)) for sha in waiting]
                answer = self._ask(replace(self._asking(), wanted=wanted, budget=self._size))
                if not answer.pieces:
                    break
                for sha in list(waiting):  # pieces come in the order asked for: the county does not have what it skipped
                    if sha == answer.pieces[0].sha256.hex():
                        break
                    del waiting[sha]
                self._take(answer.pieces, waiting)

    def _take(self, pieces: Sequence[Piece], waiting: dict[str, int]) -> None:
        """Store received pieces. A file whose piece does not continue what is here, or proves to be of another file, is not asked for again
        in this exchange."""
        with self._store.applying() as session:
            for piece in pieces:
                sha = piece.sha256.hex()
                size = waiting.get(sha, 0)
                before = contents.held(session, SOURCE, sha)
                now = contents.add(session, SOURCE, sha, size, (piece.start, piece.body)) if size else before
                if now <= before or now == size:
                    waiting.pop(sha, None)
                if now == size > before:
                    contents.note_sent(session, sha)
                    self.done.received += 1
        self._say(sum(len(piece.body) for piece in pieces))


def sendable(found: Sequence[Content]) -> list[Content]:
    """Those that the county may take: of a known hash and not too large."""
    return [one for one in found if is_sha256(one[0]) and 0 < one[1] <= MAX_SIZE]

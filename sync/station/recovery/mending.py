"""Integrity check of a station against the county, and repair: a difference is recorded, then the differing kinds are fetched again."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from db.exchange import cursors
from db.session import Session
from db.snapshots import differences
from domain.grouping import by_key
from sync.replica import integrity
from sync.replica.identity import Identity
from sync.replica.integrity import Sums
from sync.replica.manifest import Manifest
from sync.replica.pieces import open_piece
from sync.station.receiving.install import install
from sync.station.receiving.snapshot_fetch import check, read_manifest
from sync.station.recovery import checking
from sync.wire.columns import WireError
from sync.wire.messages import Answer, Holding, Offer, Request


class Check:
    """The check of one exchange. `found`, `mended`: how many record kinds differed, and how many of these are equal again."""

    def __init__(self) -> None:
        self.found = self.mended = 0
        self._made = self._again = self._owed = self._once = self._more = False
        self._due: bool | None = None
        self._cost = 0.0
        self._state: dict[str, Sums] = {}
        self._differing: list[tuple[str, list[int]]] = []
        self._manifest: Manifest | None = None
        self._pieces: list[bytes] = []

    def due(self, session: Session) -> bool:
        """Whether the first request includes this store's state, which means reading all of it. Decided once an exchange: otherwise a first
        upload of everything would have it read in the middle, as soon as few changes wait."""
        if self._due is None:
            self._due = checking.due(session)
        return self._due and not self._made

    def add(self, session: Session, request: Request) -> Request:
        """Return the request with this store's checksums if a check is due, or with the progress of a repair."""
        if self._differing:
            scope, kinds = self._differing[0]
            seq = self._manifest.seq if self._manifest else 0
            return replace(request, holding=Holding(scope, seq, len(self._pieces), kinds), cursors=cursors(session))
        now_owed = self._owed and not self._more
        if not self._again and not now_owed and not self.due(session):
            return request
        self._made, self._once = True, self._once or now_owed
        self._owed = self._owed and not now_owed
        self._state, self._cost = checking.state(session)
        return replace(request, state=integrity.digest(self._state))

    def with_sums(self, request: Request) -> Request:
        """Return the request with the checksums the county asked for."""
        return replace(request, sums=self._state)

    def hear(self, session: Session, station: str, request: Request, answer: Answer) -> None:
        """Process the county's answer to the checksums in `request`."""
        self._more = answer.more
        if not request.state:
            return
        checking.note(session, self._cost, compared=answer.compared)
        self._owed = not (answer.compared or self._once) and bool(answer.entries) and checking.owed(session)
        if answer.compared and not answer.differing:
            integrity.mended(session, station)
            self.mended = self.found
        if self._again:  # a difference that remains after the repair is left to people
            self._again = False
            return
        self._differing += _alarm(session, station, answer, self._state)
        self.found += sum(len(kinds) for _scope, kinds in self._differing)

    @property
    def mending(self) -> bool:
        """Whether something is still to be fetched or to be compared once more; once a day also for a station that is never level when it
        asks."""
        return bool(self._differing) or self._again or self._owed

    @property
    def pieces(self) -> int:
        """How many pieces of the repair in progress have come."""
        return len(self._pieces)

    def wants(self, offer: Offer) -> bool:
        """Whether an offer has pieces for the repair."""
        return bool(self._differing) and offer.scope == self._differing[0][0]

    def take(self, session: Session, me: Identity, offer: Offer) -> None:
        """Keep the pieces that came; the last one completes a scope. If others wrote meanwhile, it is put off to the next exchange."""
        scope, kinds = self._differing[0]
        if offer.manifest:
            self._manifest, self._pieces = read_manifest(me, offer), []
        if self._manifest is None or self._manifest.seq != cursors(session).get(scope, 0):
            self._next()
            return
        wanted = self._manifest.wanted(kinds)
        check(self._manifest, wanted[len(self._pieces) :], offer)
        self._pieces += offer.pieces
        if len(self._pieces) < len(wanted):
            return
        install(session, me, (scope, self._manifest.seq), map(open_piece, self._pieces), [], kinds)
        self._next()

    def _next(self) -> None:
        del self._differing[0]
        self._again = not self._differing
        self._manifest, self._pieces = None, []


def _alarm(session: Session, station: str, answer: Answer, mine: Mapping[str, Sums]) -> list[tuple[str, list[int]]]:
    """Note what differs from the county; answers the kinds, by scope."""
    found = [(scope, integrity.unequal(theirs, mine.get(scope, {}))) for scope, theirs in answer.differing.items()]
    for scope, kinds in found:
        integrity.keep_alarm(session, station, scope, cursors(session).get(scope, 0), kinds)
    return found


# -- by stick ----------------------------------------------------------------------------------------------------------


def hear(session: Session, answer: Answer) -> int:
    """Note the county's answer to the state that this station wrote to a file; answers how many kinds differ. They come with the next
    trip."""
    if not answer.compared:
        return 0
    if not answer.differing:
        integrity.mended(session, session.station)
        return 0
    mine, cost = checking.state(session)
    checking.note(session, cost, compared=True)
    return sum(len(kinds) for _scope, kinds in _alarm(session, session.station, answer, mine))


def holding(session: Session) -> Holding | None:
    """What to ask for in a file: what differs in one scope; None if nothing does."""
    scope, kinds = next(iter(sorted(_standing(session).items())), ("", []))
    return Holding(scope, 0, 0, kinds) if kinds else None


def _standing(session: Session) -> dict[str, list[int]]:
    found = by_key((one.scope, one.kind) for one in differences(session) if one.station == session.station)
    return {scope: sorted(set(kinds)) for scope, kinds in found.items()}


def asked_for(session: Session, me: Identity, offer: Offer) -> list[int]:
    """The differing kinds of which an offer in a file has all pieces; none if the offer is not for mending."""
    kinds = _standing(session).get(offer.scope, [])
    if not kinds or not offer.manifest or offer.first:
        return []
    try:
        manifest = read_manifest(me, offer)
        wanted = manifest.wanted(kinds)
        check(manifest, wanted, offer)
    except WireError:
        return []
    return kinds if len(wanted) == len(offer.pieces) else []


def take_by_file(session: Session, me: Identity, offer: Offer, kinds: list[int]) -> int:
    """Replace what differs; answers how many kinds that were. None are if this station has read on meanwhile: then it asks again."""
    manifest = read_manifest(me, offer)
    if manifest.seq != cursors(session).get(offer.scope, 0):
        return 0
    install(session, me, (offer.scope, manifest.seq), map(open_piece, offer.pieces), [], kinds)
    integrity.mended(session, session.station, offer.scope)
    checking.hurry(session)
    return len(kinds)

"""Integrity check of a station against the county, and repair: a difference is recorded, then the differing kinds are fetched again. When
to check, and the checksums of the state, come first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from time import monotonic, time

from msgspec.structs import replace
from sqlalchemy import func, select

from db.capture import UNACKNOWLEDGED, op
from db.exchange import cursors
from db.local import get_meta, set_meta
from db.session import Session
from db.snapshots import differences
from domain.grouping import by_key
from sync.replica import integrity
from sync.replica.identity import Identity
from sync.replica.integrity import Sums, sums
from sync.replica.pieces import Manifest, open_piece
from sync.station.receiving.concurrent_rows import pending
from sync.station.receiving.install import install
from sync.station.receiving.receive import wound_back
from sync.station.receiving.snapshot_fetch import check, read_manifest
from sync.station.recovery import evidence
from sync.wire.columns import WireError
from sync.wire.envelope import SCHEMA
from sync.wire.messages import Answer, Holding, Offer, Request

SHARE = 100
"""A check is due again after this many times the duration of the last one."""
MOST_WAITING = 2000
"""A check is postponed while there are more unacknowledged own changes than this."""
_DUE, _COST, _COMPARED = "checked_at", "check_seconds", "compared_at"
_DAY = 86400.0


def check_due(session: Session) -> bool:
    """Whether it is time for a check, and few enough own changes are unacknowledged."""
    last, cost = float(get_meta(session, _DUE) or 0), float(get_meta(session, _COST) or 0)
    if last <= time() < last + SHARE * cost:
        return False
    few = select(op.c.seq).where(UNACKNOWLEDGED).limit(MOST_WAITING + 1).subquery()
    return session.conn.execute(select(func.count()).select_from(few)).scalar_one() <= MOST_WAITING


def own_state(session: Session) -> tuple[dict[str, Sums], float]:
    """Return the checksums of every scope read here, at the cursors, and how many seconds they took."""
    began = monotonic()
    waiting = pending(session)
    rows = wound_back(session, waiting)
    without = {key: rows.get(*key) for key in waiting}
    found = {scope: sums(session.conn, scope, SCHEMA, without) for scope in cursors(session)}
    return found, monotonic() - began


def note_check(session: Session, cost: float, *, compared: bool) -> None:
    """Record the time of a check, its duration, and whether the county could compare."""
    if compared or get_meta(session, _COMPARED) is None:
        set_meta(session, _COMPARED, str(time()))
    set_meta(session, _DUE, str(time()))
    set_meta(session, _COST, str(cost))


def hurry_check(session: Session) -> None:
    """Make a check due, to compare data that were fetched again."""
    set_meta(session, _DUE, None)


def check_owed(session: Session) -> bool:
    """Whether the county has not been able to compare for a day, because this station always had something to read first."""
    last = float(get_meta(session, _COMPARED) or 0)
    return not last <= time() < last + _DAY


class Stage(Enum):
    """How far the check of one exchange is."""

    UNDECIDED = "the first request decides whether a check is due"
    DUE = "the checksums go with the next request"
    ASKED = "they have gone"
    OWED = "the county had entries to read first, and has compared nothing for a day: they go once more when nothing is left to read"
    ASKED_AGAIN = "they have gone once more"
    REPAIRING = "what differs is fetched"
    REPAIRED = "all of it has come, and is compared once more"
    OVER = "nothing is left to do"


@dataclass
class _Repair:
    """The differing kinds of a scope, the manifest by which they are fetched, once it came, and the pieces that came."""

    scope: str
    kinds: list[int]
    manifest: Manifest | None = None
    pieces: list[bytes] = field(default_factory=list)


class Check:
    """The check of one exchange. `found`, `mended`: how many record kinds differed, and how many of these are equal again; `disputed`: how
    many are not replaced, because the county's records contradict the log (`evidence`)."""

    def __init__(self) -> None:
        self.found = self.mended = self.disputed = 0
        self._stage = Stage.UNDECIDED
        self._more = False
        """Whether the county has entries that this station has not read."""
        self._cost = 0.0
        self._state: dict[str, Sums] = {}
        self._repairs: list[_Repair] = []
        """What is still to be fetched, in this order."""

    def due(self, session: Session) -> bool:
        """Whether the first request includes this store's state, which means reading all of it. Decided once an exchange: otherwise a first
        upload of everything would have it read in the middle, as soon as few changes wait."""
        if self._stage is Stage.UNDECIDED:
            self._stage = Stage.DUE if check_due(session) else Stage.OVER
        return self._stage is Stage.DUE

    def add(self, session: Session, request: Request) -> Request:
        """Return the request with this store's checksums if they are to be compared now, or with the progress of a repair."""
        if self._stage is Stage.REPAIRING:
            now = self._repairs[0]
            seq = now.manifest.seq if now.manifest else 0
            return replace(request, holding=Holding(now.scope, seq, len(now.pieces), now.kinds), cursors=cursors(session))
        if self.due(session):
            self._stage = Stage.ASKED
        elif self._stage is Stage.OWED and not self._more:
            self._stage = Stage.ASKED_AGAIN
        elif self._stage is not Stage.REPAIRED:
            return request
        self._state, self._cost = own_state(session)
        return replace(request, state=integrity.digest(self._state))

    def with_sums(self, request: Request) -> Request:
        """Return the request with the checksums the county asked for."""
        return replace(request, sums=self._state)

    def receive(self, session: Session, station: str, request: Request, answer: Answer) -> None:
        """Process the county's answer to the checksums in `request`."""
        self._more = answer.more
        if not request.state:
            return
        note_check(session, self._cost, compared=answer.compared)
        if answer.compared and not answer.differing:
            integrity.mended(session, station)
            self.mended = self.found
        if self._stage is Stage.REPAIRED:  # a difference that remains after the repair is left to people
            self._stage = Stage.OVER
            return
        unread = self._stage is Stage.ASKED and not answer.compared and bool(answer.entries)
        differing = _alarm(session, station, answer, self._state)
        wanted = [(scope, evidence.undisputed(session, scope, kinds)) for scope, kinds in differing]
        self._repairs = [_Repair(scope, kinds) for scope, kinds in wanted if kinds]
        found = sum(len(kinds) for _scope, kinds in differing)
        self.found += found
        self.disputed += found - sum(len(kinds) for _scope, kinds in wanted)
        self._stage = Stage.REPAIRING if self._repairs else Stage.OWED if unread and check_owed(session) else Stage.OVER

    @property
    def mending(self) -> bool:
        """Whether something is still to be fetched or to be compared once more; once a day also for a station that is never level when it
        asks."""
        return self._stage in (Stage.OWED, Stage.REPAIRING, Stage.REPAIRED)

    @property
    def pieces(self) -> int:
        """How many pieces of the repair in progress have come."""
        return len(self._repairs[0].pieces) if self._repairs else 0

    def wants(self, offer: Offer) -> bool:
        """Whether an offer has pieces for the repair."""
        return bool(self._repairs) and offer.scope == self._repairs[0].scope

    def take(self, session: Session, me: Identity, offer: Offer) -> None:
        """Keep the pieces that came; the last one completes a scope. If others wrote meanwhile, it is put off to the next exchange."""
        now = self._repairs[0]
        if offer.manifest:
            now.manifest, now.pieces = read_manifest(me, offer), []
        if now.manifest is None or now.manifest.seq != cursors(session).get(now.scope, 0):
            self._next()
            return
        wanted = now.manifest.wanted(now.kinds)
        check(now.manifest, wanted[len(now.pieces) :], offer)
        now.pieces += offer.pieces
        if len(now.pieces) < len(wanted):
            return
        self.disputed += _replace(session, me, now.manifest, now.pieces, now.kinds)
        self._next()

    def _next(self) -> None:
        del self._repairs[0]
        if not self._repairs:
            self._stage = Stage.REPAIRED


def _replace(session: Session, me: Identity, manifest: Manifest, bodies: Sequence[bytes], kinds: Sequence[int]) -> int:
    """Replace the records of these kinds; answers of how many kinds the county's contradict the log, which stay as they are."""
    pieces = [open_piece(body) for body in bodies]
    disputed = evidence.contradicted(session, me, manifest.scope, pieces, kinds)
    evidence.dispute(session, manifest.scope, disputed)
    wanted = [kind for kind in kinds if kind not in disputed]
    if wanted:
        install(session, me, (manifest.scope, manifest.seq), [piece for piece in pieces if piece.kind in wanted], [], wanted)
    return len(disputed)


def _alarm(session: Session, station: str, answer: Answer, mine: Mapping[str, Sums]) -> list[tuple[str, list[int]]]:
    """Note what differs from the county; answers the kinds, by scope."""
    found = [(scope, integrity.unequal(theirs, mine.get(scope, {}))) for scope, theirs in answer.differing.items()]
    for scope, kinds in found:
        integrity.keep_alarm(session, station, scope, cursors(session).get(scope, 0), kinds)
    return found


# -- by stick ----------------------------------------------------------------------------------------------------------


def record_answer(session: Session, answer: Answer) -> int:
    """Note the county's answer to the state that this station wrote to a file; answers how many kinds differ. They come with the next
    trip."""
    if not answer.compared:
        return 0
    if not answer.differing:
        integrity.mended(session, session.station)
        return 0
    mine, cost = own_state(session)
    note_check(session, cost, compared=True)
    return sum(len(kinds) for _scope, kinds in _alarm(session, session.station, answer, mine))


def holding(session: Session) -> Holding | None:
    """What to ask for in a file: what differs in one scope; None if nothing does."""
    for scope, kinds in sorted(_standing(session).items()):
        if wanted := evidence.undisputed(session, scope, kinds):
            return Holding(scope, 0, 0, wanted)
    return None


def _standing(session: Session) -> dict[str, list[int]]:
    found = by_key((one.scope, one.kind) for one in differences(session) if one.station == session.station)
    return {scope: sorted(set(kinds)) for scope, kinds in found.items()}


def asked_for(session: Session, me: Identity, offer: Offer) -> list[int]:
    """The differing kinds of which an offer in a file has all pieces; none if the offer is not for mending."""
    kinds = evidence.undisputed(session, offer.scope, _standing(session).get(offer.scope, []))
    if not kinds or not offer.manifest or offer.first:
        return []
    try:
        manifest = read_manifest(me, offer)
        wanted = manifest.wanted(kinds)
        check(manifest, wanted, offer)
    except WireError:
        return []
    return kinds if len(wanted) == len(offer.pieces) else []


def take_by_file(session: Session, me: Identity, offer: Offer, kinds: list[int]) -> tuple[int, int]:
    """Replace what differs; answers how many kinds were replaced, and of how many the county's records contradict the log. None are if this
    station has read on meanwhile: then it asks again."""
    manifest = read_manifest(me, offer)
    if manifest.seq != cursors(session).get(offer.scope, 0):
        return 0, 0
    disputed = _replace(session, me, manifest, offer.pieces, kinds)
    if not disputed:
        integrity.mended(session, session.station, offer.scope)
        hurry_check(session)
    return len(kinds) - disputed, disputed

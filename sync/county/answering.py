"""The county's side of an exchange: authenticate the station, ingest its batches, send the entries it has not read. Each batch has its own
transaction, except that a few small ones share one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from time import time
from typing import Any

from msgspec.structs import replace
from sqlalchemy import ColumnElement, Integer, Row, and_, bindparam, delete, func, select, update

from db import lease
from db.bundles import ahead
from db.county import County
from db.exchange import device, entry, lineage
from db.gc_pause import gc_paused
from db.prepared import Prepared
from db.session import Session
from domain.values import is_moment
from sync.county.acts import erasure
from sync.county.keys import CountyKeys
from sync.county.lineage import admit, last_batch, nonce, renew
from sync.county.programs import announced
from sync.county.receiving.ingest import ingest, sequenced
from sync.county.receiving.resuming import completed, forget, keep, resumed, still, together
from sync.county.recovery.taking_back import take_back
from sync.county.sending import comparing, snapshot
from sync.county.sending.outgoing import entries_after
from sync.replica.change_ids import repeated
from sync.replica.history import ends, parted
from sync.replica.identity import new_incarnation
from sync.wire.columns import WireError
from sync.wire.envelope import MAX_BATCH, SCHEMA, START, author, open_batch
from sync.wire.messages import PROTOCOL, Answer, Request

MAX_BUDGET = 8 * 2**20
"""Most bytes of entries in one answer, whatever the request's budget."""
MAX_AHEAD, MAX_AHEAD_BYTES = 2000, 64 * 2**20
"""Most batches of one station, and bytes of them, that are kept until those before them arrive."""
_AHEAD = Prepared(select(ahead.c.number).where(ahead.c.log > bindparam("first"), ahead.c.log < bindparam("end")).limit(1))
_UNDER = bindparam("under", type_=Integer)
_EARLIER = entry.alias("earlier")
_LAST = (
    select(_EARLIER.c.number)
    .where(_EARLIER.c.station == device.c.station, _EARLIER.c.incarnation == _UNDER)
    .order_by(_EARLIER.c.number.desc())
    .limit(1)
    .scalar_subquery()
)
_ASKING = Prepared(
    select(device, lineage.c.token, entry.c.number, entry.c.sha256)
    .outerjoin(lineage, and_(lineage.c.station == device.c.station, lineage.c.incarnation == _UNDER))
    .outerjoin(entry, and_(entry.c.station == device.c.station, entry.c.incarnation == _UNDER, entry.c.number == _LAST))
    .where(device.c.station == bindparam("of"))
)
"""A device, the hash of the last token given to one of its incarnations, and that incarnation's last batch here."""
_SEEN = Prepared(
    update(device)
    .where(device.c.station == bindparam("of"))
    .values(last_sync=bindparam("at"), version=bindparam("program"), unsent=bindparam("left"))
)
_MINUTE = len("2023-06-05T08:00")


def exchange(county: County, keys: CountyKeys, request: Request, releases: Path | None = None) -> Answer:
    """Answer one request: authenticate the station, ingest its batches in order, send the entries it has not read. `releases`: the folder
    of program releases to announce."""
    now = int(time())
    with county.read() as session:
        asking = _asking(session, request)
        told = [] if asking is None or releases is None else announced(releases, asking.scope, request.program)
        if asking is not None and not request.state and request.holding is None and _idle(session, asking, request):
            return Answer(status="ok", time=now, received=request.number, lease=lease.given(session), releases=told)
        status = admit(session, keys, asking, request, now)
        marks = parted(session, request, asking.scope) if status == "ok" else {}
        batches = completed(session, request) if asking is not None and status == "ok" and _level(session, asking, request) else []
    if asking is None or status != "ok" or marks:
        return _turned_away(keys, request, "gap" if marks else status, now, marks)
    if request.lost:
        take_back(county, keys, asking, request)
        with county.write() as session:
            return Answer(status="ok", time=now, token=renew(session, request), lease=lease.given(session), releases=told)
    differing = comparing.compare(county, asking, request) if request.state else None
    if differing and request.sums is None:
        return Answer(status="sums", time=now)
    answer = Answer(status="ok", time=now, compared=differing is not None, differing=differing or {}, releases=told)
    return _exchanged(county, keys, asking, request, batches, answer)


def turned_away(county: County, keys: CountyKeys, asker: Request) -> Answer | None:
    """Return the refusal for a sender who may not exchange, before the rest of the request is read; None if they may."""
    now = int(time())
    with county.read() as session:
        status = admit(session, keys, _asking(session, asker), asker, now)
    return None if status == "ok" else _turned_away(keys, asker, status, now, {})


def _turned_away(keys: CountyKeys, request: Request, status: str, now: int, marks: dict[str, list[tuple[int, bytes]]]) -> Answer:
    given = nonce(keys, request.station, now) if status == "prove" else b""
    return Answer(status=status, time=now, nonce=given, incarnation=_granted(status), marks=marks)


def _exchanged(county: County, keys: CountyKeys, asking: Row[Any], request: Request, batches: list[bytes], answer: Answer) -> Answer:
    """Ingest the batches and complete `answer` with the entries the station has not read."""
    *before, last = list(together(batches)) or [[]]
    status = _take_each(county, keys, asking, before)
    with county.write() as session:  # a few small batches wait for the disk once
        status = _take(session, keys, asking, last) if status == "ok" else status
        if batches and status == "ok":
            _take_kept(session, keys, asking, request.incarnation)
        if status == "broken" and request.skip:  # the kept beginning does not fit: the whole batch is sent again
            forget(session, request)
            status = "ok"
        received = _received(session, request)
        request = replace(request, unsent=_left(request, batches, received))
        if status != "ok":
            return Answer(status=status, time=answer.time, received=received, incarnation=_granted(status))
        answer = replace(answer, received=received, lease=lease.given(session))
        if received < request.number or not snapshot.due(session, asking, request):  # a station first sends what it has
            return _answered(session, asking, request, answer, None)
    rebase = snapshot.prepare(county, (keys.county, keys.signing), asking, request)
    with county.write() as session:
        return _answered(session, asking, request, answer, rebase)


def _answered(session: Session, asking: Row[Any], request: Request, answer: Answer, rebase: str | None) -> Answer:
    _note(session, asking, request, session.at)
    if answer.compared:
        comparing.record_result(session, asking.station, answer.differing, request)
    here, token = still(session, request), renew(session, request)
    return _hand_out(session, asking, request, replace(answer, token=token, arrived=here), MAX_BUDGET, rebase)


def keep_begun(county: County, keys: CountyKeys, request: Request, rest: bytes) -> None:
    """Ingest the complete batches of a request that broke off, and keep the beginning of the incomplete one."""
    with county.read() as session:
        asking = _asking(session, request)
        if asking is None or admit(session, keys, asking, request, int(time())) != "ok" or parted(session, request, asking.scope):
            return
        joined = completed(session, request, [*request.batches, rest]) if _level(session, asking, request) else []
    if joined and len(joined[-1]) <= MAX_BATCH and _take_each(county, keys, asking, together(joined[:-1])) == "ok":
        with county.write() as session:
            if joined[1:]:
                _take_kept(session, keys, asking, request.incarnation)
            keep(session, request, joined[-1])


def exchange_by_file(county: County, keys: CountyKeys, asking: Row[Any], request: Request, budget: int, *, written: str = "") -> Answer:
    """Answer a request from a bundle whose station's signature was verified. It may be old, and may come repeatedly.

    It has no token, and none is renewed. Batches after a gap are kept until the missing ones arrive (`gap`). `written`: when the station
    wrote it, by its clock; "" for a request that the county itself makes up on behalf of the station: it does not count as an exchange.
    """
    with county.read() as session:
        status, before = _standing(session, asking, request), _received(session, request)
        marks = parted(session, request, asking.scope)
    if request.lost and status == "ok":
        take_back(county, keys, asking, request)
    differing = comparing.compare(county, asking, request) if request.state and status == "ok" else None
    if status == "ok" or status == "gap":
        status = _take_or_keep(county, keys, asking, request, apart=status == "gap")
    with county.read() as session:
        sent = status == "ok" and _received(session, request) >= request.number
    rebase = snapshot.prepare(county, (keys.county, keys.signing), asking, request) if sent and not request.lost else None
    with county.write() as session:
        answer = Answer(status=status, time=int(time()), received=_received(session, request), incarnation=_granted(status))
        if status != "ok":
            return replace(answer, marks=marks)
        at, last = session.at if answer.received > before else min(written, session.at), asking.last_sync or ""
        if is_moment(written) and (at > last or last > session.at):  # a courier may bring last month's file again, and nobody came
            _note(session, asking, replace(request, unsent=_left(request, request.batches, answer.received)), at)
        if differing is not None:
            comparing.record_result(session, asking.station, differing, request)
        answer = replace(answer, compared=differing is not None, differing=differing or {}, lease=lease.given(session))
        return _hand_out(session, asking, request, answer, budget, rebase)


# -- authentication ----------------------------------------------------------------------------------------------------


def _standing(session: Session, asking: Row[Any], request: Request) -> str:
    """Like `lineage.admit`, for a request that may be old: a later batch here does not mean a fork, only a different one with the same
    number does."""
    if request.protocol > PROTOCOL or request.schema > SCHEMA:
        return "newer"
    if asking.revoked_at is not None:
        return "revoked"
    here = sequenced(session, request.station, request.incarnation, request.number)
    if here is not None and here != request.sha256:
        return "fork"
    return "gap" if parted(session, request, asking.scope) else "ok"


def _asking(session: Session, request: Request) -> Any:
    return _ASKING.first(session.conn, of=request.station, under=request.incarnation)


def _granted(status: str) -> int:
    return new_incarnation() if status == "fork" else 0


def _idle(session: Session, asking: Row[Any], request: Request) -> bool:
    """Whether neither side has anything for the other and the device was recorded within this minute, so that nothing need be written.

    The token is not renewed either: a station without changes cannot be distinguished from a copy of itself, and need not be.
    """
    noted = (asking.last_sync or "")[:_MINUTE] == session.at[:_MINUTE] and asking.unsent == request.unsent
    same = (request.protocol, request.schema, request.program[:40]) == (PROTOCOL, SCHEMA, asking.version)
    newest = asking.token is not None and sha256(request.token).digest() == bytes(asking.token)  # its answer arrived
    if request.batches or request.asks or not (noted and same and newest) or asking.revoked_at is not None:
        return False
    sent = (0, START) if asking.number is None else (asking.number, bytes(asking.sha256))
    return sent == (request.number, request.sha256) and ends(session, asking.scope)[1] == request.digest


def _received(session: Session, request: Request) -> int:
    last = last_batch(session, request.station, request.incarnation)
    return int(last.number) if last else 0


def _level(session: Session, asking: Row[Any], request: Request) -> bool:
    """Whether the station's cursors are known: it sent them, or has read everything."""
    return request.cursors is not None or ends(session, asking.scope)[1] == request.digest


# -- ingestion ---------------------------------------------------------------------------------------------------------


def _take(session: Session, keys: CountyKeys, asking: Row[Any], some: Sequence[bytes]) -> str:
    """Ingest batches in this transaction, up to the first that is refused or follows a gap. Returns a status."""
    for sealed in some:
        with gc_paused():
            status = ingest(session, keys, asking, sealed)
        if status != "ok":
            return status
    return "ok"


def _take_each(county: County, keys: CountyKeys, asking: Row[Any], groups: Iterable[Sequence[bytes]]) -> str:
    """The same for groups of batches, each in its own transaction."""
    for some in groups:
        with county.write() as session:
            status = _take(session, keys, asking, some)
        if status != "ok":
            return status
    return "ok"


def _take_or_keep(county: County, keys: CountyKeys, asking: Row[Any], request: Request, *, apart: bool) -> str:
    """Ingest the batches of a bundle in order, then kept ones that continue them; those after a gap are kept. Returns a status. `apart`:
    the logs have parted, so all are kept."""
    status = "gap" if apart else "ok"
    for some in together(request.batches):
        with county.write() as session:
            for sealed in some:
                with gc_paused():
                    now = "gap" if apart else ingest(session, keys, asking, sealed)
                if now == "gap":
                    now = _keep_ahead(session, keys, asking, sealed)
                if now not in ("ok", "gap"):
                    return now
                status = now if now == "gap" else status
    more = bool(request.batches) and status == "ok"
    while more:
        with county.write() as session, gc_paused():
            more = _take_kept(session, keys, asking, request.incarnation)
    return status


def _keep_ahead(session: Session, keys: CountyKeys, asking: Row[Any], sealed: bytes) -> str:
    """Keep a batch until those before it arrive. Returns `gap`, or `broken` for one that is not this station's."""
    try:
        batch = open_batch(sealed)
    except WireError:
        return "broken"
    head = batch.header
    mine = (head.county, head.station) == (keys.county, asking.station)
    if not mine or not batch.signed_by(asking.key):
        return "broken"
    place = {"log": batch.author, "number": head.number}
    known = session.conn.execute(select(ahead.c.number).filter_by(**place)).first() is not None
    waiting = select(func.count(), func.coalesce(func.sum(func.length(ahead.c.body)), 0)).where(_kept_of(asking.station))
    count, size = session.conn.execute(waiting).one()
    full = count >= MAX_AHEAD or size + len(sealed) > MAX_AHEAD_BYTES
    if not known and not full and not erasure.brings_back(session, batch):  # a batch not kept here stays in its station's outbox
        session.conn.execute(ahead.insert().values(**place, body=sealed, at=session.at))
    return "gap"


def _take_kept(session: Session, keys: CountyKeys, asking: Row[Any], incarnation: int) -> bool:
    """Ingest the kept batch that comes next; returns whether there was one. Its station holds it until it is acknowledged."""
    first, end = _logs(asking.station)
    if _AHEAD.first(session.conn, first=first, end=end) is None:
        return False
    log, last = author(asking.station, incarnation), last_batch(session, asking.station, incarnation)
    number = last.number if last else 0
    body = session.conn.execute(select(ahead.c.body).where(ahead.c.log == log, ahead.c.number == number + 1)).scalar()
    session.conn.execute(delete(ahead).where(ahead.c.log == log, ahead.c.number <= number + 1))
    if body is not None and ingest(session, keys, asking, bytes(body)) == "ok":
        return True
    _drop_repeated(session, asking.station)
    return False


def _logs(station: str) -> tuple[str, str]:
    """What the names of the station under any incarnation (`envelope.author`) lie between: an index finds such a range."""
    return f"{station}.", f"{station}/"  # the next character


def _kept_of(station: str) -> ColumnElement[bool]:
    first, end = _logs(station)
    return (ahead.c.log > first) & (ahead.c.log < end)


def _drop_repeated(session: Session, station: str) -> None:
    """Drop kept batches whose changes have all come since in others: their station sealed them again under another incarnation."""
    kept = select(ahead).where(_kept_of(station)).order_by(ahead.c.log, ahead.c.number)
    for log, number, body, _at in session.conn.execute(kept).all():
        batch = open_batch(bytes(body))
        if len(repeated(session.conn, station, batch.groups)) < batch.header.count:  # those after it have not come either
            return
        session.conn.execute(delete(ahead).where(ahead.c.log == log, ahead.c.number == number))


# -- handing out -------------------------------------------------------------------------------------------------------


def _hand_out(session: Session, asking: Row[Any], request: Request, answer: Answer, most: int, rebase: str | None = None) -> Answer:
    """`answer` with what the station has not read, about `most` bytes at most; for the scope `rebase` it gets a snapshot."""
    heads, digest = ends(session, asking.scope)
    if digest == request.digest and rebase is None:
        return answer
    if request.cursors is None:
        return replace(answer, status="cursors")
    unread = [(scope, read) for scope, end in heads.items() if end > (read := request.cursors.get(scope, 0))]
    behind = sorted(unread, key=lambda log: (len(log[0]), log))
    pieces = most if most > MAX_BUDGET else snapshot.BUDGET  # a file takes as much as it holds
    offer = snapshot.offer(session, request, rebase, pieces) if rebase else None
    again = request.holding is not None and bool(request.holding.kinds)  # a snapshot of some kinds only: what others wrote comes by the log
    behind = [(scope, seq) for scope, seq in behind if scope != rebase or again]
    left = min(max(request.budget, 1), most) - sum(map(len, offer.pieces if offer else ()))  # both come in one message
    entries, more = entries_after(session, asking.scope, request, behind, max(left, 1))
    return resumed(request, replace(answer, entries=entries, more=more or (offer is not None and not again), offer=offer))


def _left(request: Request, batches: Sequence[bytes], received: int) -> int:
    """How many changes wait at a station: the number it reported, less those that came with the report and are here now."""
    came = 0
    with suppress(WireError):  # a batch that cannot be opened did not come, nor does any after it
        for sealed in batches if request.unsent and received else ():
            head = open_batch(sealed).header
            came += head.count if head.number <= received else 0
    return max(0, request.unsent - came)


def _note(session: Session, asking: Row[Any], request: Request, at: str) -> None:
    """Record the time of the exchange, the station's program version, and the number of its unsent changes."""
    seen = {"at": at, "program": request.program[:40], "left": max(0, request.unsent)}
    _SEEN.run(session.conn, **{"of": asking.station, **seen})

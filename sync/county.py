"""The county's side of an exchange: who asks, what they bring, what they have not read yet. One transaction a batch."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import time
from types import MappingProxyType
from typing import Any

from msgspec.structs import replace
from nacl.public import PrivateKey
from nacl.signing import SigningKey
from sqlalchemy import ColumnElement, Row, bindparam, delete, select, text, update

from db.bundles import ahead
from db.county import STATION, County
from db.exchange import device, entry
from db.local import get_meta, set_meta
from db.session import Session
from db.upgrade import alone
from sync import integrity, runs, snapshot
from sync.apply import UNREADABLE, Application
from sync.arriving import completed, forget, keep, resumed, still, together
from sync.columns import WireError
from sync.envelope import MAX_BATCH, SCHEMA, START, Batch, TooNew, author, open_batch
from sync.history import chain_at, heads, link, parted
from sync.identity import new_incarnation
from sync.lineage import admit, last_batch, newest, nonce, renew
from sync.log import MOVED, TWICE
from sync.outgoing import entries_after
from sync.redaction import note_signed
from sync.rights import Writer, refusals, writer_of
from sync.wire import PROTOCOL, Answer, Lost, Request, entry_signed, heads_digest, reads, sign_entry, writes

MAX_BUDGET = 8 * 2**20
"""Bytes of entries in one answer, whatever is asked for."""
_NEXT = text(
    "INSERT INTO scope_head (scope, seq) VALUES (:scope, 1) ON CONFLICT (scope) DO UPDATE SET seq = scope_head.seq + 1 RETURNING seq"
)
_HEAD = text("INSERT INTO scope_head (scope, seq) VALUES (:scope, 0) ON CONFLICT (scope) DO UPDATE SET seq = scope_head.seq RETURNING seq")
Ruled = tuple[Mapping[int, str], int | None]
"""What was decided about a batch before: refused operations, and `Entry.known`."""
_UNRULED: Ruled = (MappingProxyType({}), None)
_DEVICE = select(device).where(device.c.station == bindparam("of"))
_MINUTE = len("2023-06-05T08:00")


@dataclass(frozen=True)
class CountyKeys:
    """The county's identity: its id, signing key, and the secrets it makes nonces and enrolment answers from."""

    county: str
    signing: SigningKey
    recovery: PrivateKey
    secret: bytes

    @property
    def public(self) -> bytes:
        """The key stations check entries with."""
        return bytes(self.signing.verify_key)


def county_keys(county: County) -> CountyKeys:
    """The county's keys, made at the first call and kept in its database."""
    with county.write() as session:
        alone(session.conn)  # servers started together have one identity
        for name, made in (("county_id", secrets.token_hex(8)), ("county_seed", None), ("county_recovery", None), ("county_secret", None)):
            if get_meta(session, name) is None:
                set_meta(session, name, made or secrets.token_hex(32))
        found = {name: get_meta(session, name) or "" for name in ("county_id", "county_seed", "county_recovery", "county_secret")}
    return CountyKeys(
        found["county_id"],
        SigningKey(bytes.fromhex(found["county_seed"])),
        PrivateKey(bytes.fromhex(found["county_recovery"])),
        bytes.fromhex(found["county_secret"]),
    )


def exchange(county: County, keys: CountyKeys, request: Request) -> Answer:
    """Answer one request: check who asks, take in the batches in their order, hand out what was not read yet."""
    now = int(time())
    with county.read() as session:
        asking = session.conn.execute(_DEVICE, {"of": request.station}).first()
        if asking is not None and not request.state and request.holding is None and _idle(session, asking, request):
            return Answer(status="ok", time=now, received=request.number)
        status = admit(session, keys, asking, request, now)
        marks = parted(session, request) if status == "ok" else {}
    if asking is None or status != "ok" or marks:
        given = nonce(keys, request.station, now) if status == "prove" else b""
        return Answer(status="gap" if marks else status, time=now, nonce=given, incarnation=_granted(status), marks=marks)
    if request.lost:
        for lost in request.lost:
            with county.write() as session:
                _take_back(session, keys, asking, request, lost)
        with county.write() as session:
            return Answer(status="ok", time=now, token=renew(session, request))
    differing = integrity.compare(county, asking, request) if request.state else None
    if differing and request.sums is None:
        return Answer(status="sums", time=now)
    level = request.cursors is not None or _level(county, asking, request)
    batches = completed(county, request) if level else []  # else cursors are asked for first
    status = _take_in(county, keys, asking, request, batches)
    if status == "broken" and request.skip:  # then the beginning kept here is no good: all of it is sent again
        forget(county, request)
        status = "ok"
    if status != "ok":
        return Answer(status=status, time=now, received=_received(county, request), incarnation=_granted(status))
    complete = _received(county, request) >= request.number  # what a station has not sent yet comes before any snapshot
    rebase = snapshot.prepare(county, (keys.county, keys.signing), asking, request) if complete else None
    with county.write() as session:
        _note(session, asking, request)
        if differing is not None:
            integrity.told(session, asking.station, differing, request)
        here, token = still(session, request), renew(session, request)
        compared = differing is not None
        answer = Answer(status=status, time=now, token=token, compared=compared, differing=differing or {}, arrived=here)
        return _hand_out(session, asking, request, answer, MAX_BUDGET, rebase)


def keep_begun(county: County, keys: CountyKeys, request: Request, rest: bytes) -> None:
    """Take in what came whole of a request that broke off, and keep the beginning of the batch that did not."""
    with county.read() as session:
        asking = session.conn.execute(_DEVICE, {"of": request.station}).first()
        if asking is None or admit(session, keys, asking, request, int(time())) != "ok" or parted(session, request):
            return
    if request.cursors is None and not _level(county, asking, request):
        return
    joined = completed(county, request, [*request.batches, rest])
    if joined and len(joined[-1]) <= MAX_BATCH and _take_in(county, keys, asking, request, joined[:-1]) == "ok":
        with county.write() as session:
            keep(session, request, joined[-1])


def exchange_by_file(county: County, keys: CountyKeys, asking: Row[Any], request: Request, budget: int) -> Answer:
    """Answer a request whose signature by its station was checked, however old it is and however often it comes.

    No token proves it and none is renewed. Batches before which others are missing are kept until these come (`gap`).
    """
    now = int(time())
    with county.read() as session:
        status = _standing(session, asking, request)
    differing = integrity.compare(county, asking, request) if request.state and status == "ok" else None
    if status == "ok" or status == "gap":
        status = _take_in(county, keys, asking, request, request.batches, waits=status == "gap")
    if status != "ok":
        return Answer(status=status, time=now, received=_received(county, request), incarnation=_granted(status))
    with county.write() as session:
        _note(session, asking, request)
        if differing is not None:
            integrity.told(session, asking.station, differing, request)
        answer = Answer(status=status, time=now, compared=differing is not None, differing=differing or {})
        return _hand_out(session, asking, request, answer, budget)


# -- who asks ----------------------------------------------------------------------------------------------------------


def _standing(session: Session, asking: Row[Any], request: Request) -> str:
    """As `lineage.admit`, for a request that may be old: a later batch here is no fork, only another one in the same place is."""
    if request.protocol > PROTOCOL or request.schema > SCHEMA:
        return "newer"
    if asking.revoked_at is not None:
        return "revoked"
    here = session.conn.execute(select(entry.c.sha256).where(_batch(request.station, request.incarnation, request.number))).scalar()
    if here is not None and bytes(here) != request.sha256:
        return "fork"
    return "gap" if parted(session, request) else "ok"


def _granted(status: str) -> int:
    return new_incarnation() if status == "fork" else 0


def _idle(session: Session, asking: Row[Any], request: Request) -> bool:
    """Whether neither side has anything for the other, and the device was noted lately: then nothing is written.

    The token stays too: who moved nothing cannot be told from a copy of itself, and need not be.
    """
    noted = (asking.last_sync or "")[:_MINUTE] == session.at[:_MINUTE] and asking.unsent == request.unsent
    same = (request.protocol, request.schema, request.program[:40]) == (PROTOCOL, SCHEMA, asking.version)
    if request.batches or request.asks or not (noted and same) or asking.revoked_at is not None or not newest(session, request):
        return False
    last = last_batch(session, request.station, request.incarnation)
    sent = (last.number, bytes(last.sha256)) if last else (0, START)
    return sent == (request.number, request.sha256) and _digest(session, asking)[1] == request.digest


def _received(county: County, request: Request) -> int:
    with county.read() as session:
        last = last_batch(session, request.station, request.incarnation)
        return int(last.number) if last else 0


def _level(county: County, asking: Row[Any], request: Request) -> bool:
    """Whether a station that sent no cursors has read exactly what there is."""
    with county.read() as session:
        return _digest(session, asking)[1] == request.digest


def _digest(session: Session, asking: Row[Any]) -> tuple[dict[str, int], bytes]:
    """The logs a station reads: how far they go, and the digest of one that has read it all."""
    found = {scope: place for scope, place in heads(session).items() if reads(asking.scope, scope)}
    ends = {scope: seq for scope, (seq, _tip) in found.items()}
    return ends, heads_digest(ends, {scope: tip for scope, (_seq, tip) in found.items()})


# -- taking in ---------------------------------------------------------------------------------------------------------


def _take_in(
    county: County, keys: CountyKeys, asking: Row[Any], request: Request, batches: Sequence[bytes], *, waits: bool | None = None
) -> str:
    """Take in batches in their order, then those kept before that continue them. `waits`: None refuses batches before which others are
    missing, False keeps them, True keeps all of them untried."""
    status = "gap" if waits else "ok"
    for some in together(batches):
        with county.write() as session:
            for sealed in some:
                now = "gap" if waits else ingest(session, keys, asking, sealed)
                if now == "gap" and waits is not None:
                    now = _keep_ahead(session, keys, asking, sealed)
                status = now if now != "ok" else status
                if status not in ("ok", "gap") or (status == "gap" and waits is None):
                    return status
    while batches and status == "ok" and _take_kept(county, keys, asking, request.incarnation):
        pass
    return status


def _keep_ahead(session: Session, keys: CountyKeys, asking: Row[Any], sealed: bytes) -> str:
    """Keep a batch until those before it come; answers `gap`, or `broken` for one that is not this station's."""
    try:
        batch = open_batch(sealed)
    except WireError:
        return "broken"
    head = batch.header
    mine = (head.county, head.station) == (keys.county, asking.station)
    if not mine or not batch.signed_by(asking.key):
        return "broken"
    place = {"log": batch.author, "number": head.number}
    if session.conn.execute(select(ahead.c.number).filter_by(**place)).first() is None:
        session.conn.execute(ahead.insert().values(**place, body=sealed, at=session.at))
    return "gap"


def _take_kept(county: County, keys: CountyKeys, asking: Row[Any], incarnation: int) -> bool:
    """Take in the kept batch that is next now; answers whether there was one. Its station holds it until it is acknowledged."""
    mine = ahead.c.log == author(asking.station, incarnation)
    with county.write() as session:
        last = last_batch(session, asking.station, incarnation)
        number = last.number if last else 0
        body = session.conn.execute(select(ahead.c.body).where(mine, ahead.c.number == number + 1)).scalar()
        session.conn.execute(delete(ahead).where(mine, ahead.c.number <= number + 1))
        return body is not None and ingest(session, keys, asking, bytes(body)) == "ok"


def _batch(station: str, incarnation: int, number: int) -> ColumnElement[bool]:
    return (entry.c.station == station) & (entry.c.incarnation == incarnation) & (entry.c.number == number)


def ingest(session: Session, keys: CountyKeys, asking: Writer, sealed: bytes) -> str:
    """Give a batch the next place in its scope's log and apply it, in this transaction; answers a status of `wire.STATUS`.

    A batch that is here already changes nothing. What cannot be applied of it is refused operation by operation and held.
    """
    try:
        batch = open_batch(sealed)
    except TooNew:
        return "newer"
    except WireError:
        return "broken"
    head = batch.header
    if (head.county, head.station) != (keys.county, asking.station) or head.incarnation >= 2**31:
        return "broken"
    if not batch.signed_by(asking.key) or batch.note is not None or (asking.station != STATION and head.by_county):
        return "broken"
    if head.schema > SCHEMA:
        return "newer"
    _lock(session, head.station)
    here = session.conn.execute(select(entry.c.sha256).where(_batch(head.station, head.incarnation, head.number))).scalar()
    if here is not None:
        return "ok" if bytes(here) == batch.sha256 else "fork"
    last = last_batch(session, head.station, head.incarnation)
    if head.number != (last.number if last else 0) + 1:
        return "gap"
    if head.previous != (bytes(last.sha256) if last else START):
        return "fork"
    _sequence(session, keys, asking, batch, head.scope if writes(asking.scope, head.scope) else asking.scope)
    return "ok"


def _lock(session: Session, station: str) -> None:
    """One at a time of the same station: it may ask again while its first request is still being worked on."""
    session.conn.execute(select(device.c.station).where(device.c.station == station).with_for_update())


def _take_back(session: Session, keys: CountyKeys, asking: Row[Any], request: Request, lost: Lost) -> None:
    """Put a lost entry back in its place, or in the next one where others wrote meanwhile; its author is then taken to have seen no more
    than what the station and this log have in common. What the county did not sign, or holds, is passed over."""
    e = lost.entry
    try:
        batch = open_batch(e.batch or b"")
    except WireError:
        return
    head = batch.header
    genuine = (head.county, head.station, head.incarnation, head.number) == (keys.county, e.station, e.incarnation, e.number)
    if not (genuine and reads(asking.scope, e.scope) and entry_signed(keys.public, e, batch.sha256) and note_signed(batch, keys.public)):
        return
    _lock(session, e.station)
    if session.conn.execute(select(entry.c.seq).where(_batch(e.station, e.incarnation, e.number))).first() is not None:
        return
    last = session.conn.execute(_HEAD, {"scope": e.scope}).scalar_one()
    free = last == e.seq - 1 and chain_at(session, e.scope, last) == lost.before
    seen = head.known if e.known is None else e.known
    common = (request.cursors or {}).get(e.scope, 0)
    refused = {place: why for place, why in e.refused if why != TWICE}
    _sequence(session, keys, writer_of(session, e.station, e.scope), batch, e.scope, (refused, e.known if free else min(seen, common)))


def _sequence(session: Session, keys: CountyKeys, asking: Writer, batch: Batch, scope: str, ruled: Ruled = _UNRULED) -> None:
    """Give a batch the next place in a log."""
    head = batch.header
    seq = session.conn.execute(_NEXT, {"scope": scope}).scalar_one()
    refused, away = _apply(session, asking, batch, (scope, seq), ruled)
    signature = sign_entry(keys.signing, scope, seq, batch.sha256, (refused, ruled[1]))
    session.conn.execute(
        entry.insert().values(
            scope=scope,
            seq=seq,
            station=head.station,
            incarnation=head.incarnation,
            number=head.number,
            sha256=batch.sha256,
            body=batch.sealed,
            refused=json.dumps(refused),
            signature=signature,
            at=session.at,
            known=ruled[1],
            chain=link(chain_at(session, scope, seq - 1), signature),
        )
    )
    if away or any(why == TWICE for _place, why in refused):
        from sync import erasure, moves  # they write through this door

        moves.pass_on(session, keys, batch, away)
        erasure.came_again(session, keys, batch, scope)


def _apply(
    session: Session, asking: Writer, batch: Batch, place: tuple[str, int], ruled: Ruled
) -> tuple[list[tuple[int, str]], dict[int, str]]:
    """Apply a batch at its place; answers what was refused of it, by place in the batch or as `[(-1, why)]` for all of it, and
    what of that goes on to another scope."""
    from sync import moves  # it writes through this door

    before, known = ruled
    application = Application(session.conn, batch, *place, known=known)
    try:
        groups = batch.groups
    except WireError:
        application.unreadable()
        return [(-1, UNREADABLE)], {}
    again = dict.fromkeys(runs.repeated(session.conn, batch.header.station, groups), TWICE)
    runs.note(session.conn, batch.header.station, groups, list(again))
    unlawful = {**before, **refusals(session, asking, batch)}
    if -1 in unlawful:
        application.groups(groups, dict.fromkeys(range(batch.header.count), unlawful[-1]))
        return [(-1, unlawful[-1])], {}
    skip = {**unlawful, **again}
    away = {} if asking.station == STATION else {n: to for n, to in moves.elsewhere(session, batch).items() if n not in skip}
    skip |= dict.fromkeys(away, MOVED)
    application.groups(groups, skip)
    return sorted({**skip, **application.refused}.items()), away


# -- handing out -------------------------------------------------------------------------------------------------------


def _hand_out(session: Session, asking: Row[Any], request: Request, answer: Answer, most: int, rebase: str | None = None) -> Answer:
    """`answer` with what the station has not read, at most about `most` bytes; of the scope `rebase` a snapshot."""
    ends, digest = _digest(session, asking)
    last = last_batch(session, request.station, request.incarnation)
    answer = replace(answer, received=last.number if last else 0)
    if digest == request.digest and rebase is None:
        return answer
    if request.cursors is None:
        return replace(answer, status="cursors")
    behind = [(s, request.cursors.get(s, 0)) for s in sorted(ends, key=lambda s: (len(s), s)) if ends[s] > request.cursors.get(s, 0)]
    offer = snapshot.offer(session, request, rebase) if rebase else None
    behind = [(scope, seq) for scope, seq in behind if scope != rebase]
    entries, more = entries_after(session, asking.scope, request, behind, min(max(request.budget, 1), most))
    return resumed(request, replace(answer, entries=entries, more=more or offer is not None, offer=offer))


def _note(session: Session, asking: Row[Any], request: Request) -> None:
    """Keep when the station was heard of, with which program, and what waits there."""
    seen = {"last_sync": session.at, "version": request.program[:40], "unsent": max(0, request.unsent)}
    session.conn.execute(update(device).where(device.c.station == asking.station).values(**seen))

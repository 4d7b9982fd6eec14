"""The township as a courier: it stores villages' bundles verbatim, reads only their index, and never merges or renumbers them.

They are forwarded unchanged, inside the township's own file or one by one over the network (`forward`). The county's answers come back the
same way and are kept for the village's stick. Receipts are made whenever a stick is written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import msgspec
from msgspec.structs import replace as with_fields
from sqlalchemy import ColumnElement, delete, func, select, update

from db.bundles import bundle
from db.exchange import outbox
from db.session import Session, utc_now
from db.store import Store
from domain.codes import receipt_code
from domain.scopes import within
from sync.replica import identity
from sync.replica.identity import Identity
from sync.wire import bundle as files
from sync.wire.bundle import Bundle, Index, decoded
from sync.wire.link import Link
from sync.wire.messages import Relayed, device_signed, pack
from sync.wire.words import BundleError

MAX_CARRIED, MAX_CARRIED_BYTES = 2000, 512 * 2**20
"""Most bundles, and bytes of them, carried at once without an answer of the county: they must not fill a laptop's disk."""
MAX_OF_STATION, MAX_OF_STATION_BYTES = 100, 128 * 2**20
MAX_OF_VILLAGE = 4 * MAX_OF_STATION
"""Most bundles of one station, which takes up what it has not sent into each, and of one village: who signed a bundle is known only at the
county, and nobody must take the places of all."""
_CARRIED: ColumnElement[bool] = bundle.c.body.is_not(None) & bundle.c.problem.is_(None)
"""Bundles of other stations that still have to reach the county."""


@dataclass(frozen=True)
class Carried:
    """A bundle for display: its station, number of changes, time and state. `mine`: it was written here."""

    code: str
    station: str
    scope: str
    kind: str
    records: int
    written_at: str
    noted_at: str
    relayed_by: str | None
    relayed_at: str | None
    answered_at: str | None
    problem: str | None

    @property
    def state(self) -> str:
        """written · township: 乡镇已收 · county: 县已收 · refused."""
        if self.answered_at:
            return "county"
        return "refused" if self.problem else "township" if self.relayed_at else "written"


def carry(session: Session, me: Identity, found: Bundle) -> Carried:
    """Accept a bundle to carry to the county. Accepting it again changes nothing. Raises `BundleError`."""
    head = found.index
    below = session.role != "village" and within(head.scope, session.scope)
    if not below:
        raise BundleError("station")
    if head.kind == "up" and head.county != me.county:
        raise BundleError("county")
    here = session.conn.execute(select(bundle).where(bundle.c.sha256 == found.sha256)).first()
    if here is None:
        _check_room(session, head, len(found.raw))
        note(session, found, body=found.raw, relayed_by=me.station, relayed_at=session.at)
        here = session.conn.execute(select(bundle).where(bundle.c.sha256 == found.sha256)).one()
    return shown(here)


def _check_room(session: Session, head: Index, length: int) -> None:
    """Raise `BundleError` if too much of the station, the village or all of them waits here."""
    waiting = select(func.count(), func.coalesce(func.sum(func.length(bundle.c.body)), 0)).where(_CARRIED)
    limits = (
        (waiting, MAX_CARRIED, MAX_CARRIED_BYTES),
        (waiting.where(bundle.c.station == head.station), MAX_OF_STATION, MAX_OF_STATION_BYTES),
        (waiting.where(bundle.c.scope == head.scope), MAX_OF_VILLAGE, MAX_CARRIED_BYTES),
    )
    for query, most, most_bytes in limits:
        count, size = session.conn.execute(query).one()
        if count >= most or size + length > most_bytes:
            raise BundleError("full")


def note(session: Session, found: Bundle, **more: object) -> None:
    """Store the index of an upward bundle."""
    head = found.index
    facts = {"sha256": found.sha256, "kind": head.kind, "station": head.station, "scope": head.scope, "incarnation": head.incarnation}
    facts |= {"last": head.last, "records": head.records, "written_at": head.at, "noted_at": session.at}
    session.conn.execute(bundle.insert().values(**facts, **more))


def shown(row: object) -> Carried:
    """Return a row of the table for display."""
    names = [name for name in Carried.__dataclass_fields__ if name != "code"]
    return Carried(receipt_code(bytes(row.sha256)), **{name: getattr(row, name) for name in names})  # type: ignore[attr-defined]  # a row


def listed(session: Session, limit: int = 100) -> list[Carried]:
    """Return bundles written or carried here, newest first. A bundle also counts as received if the county acknowledged its changes by
    another way, or if it has no changes and a later one was answered."""
    rows = session.conn.execute(select(bundle).order_by(bundle.c.id.desc()).limit(limit)).all()
    left = select(outbox.c.incarnation, func.min(outbox.c.number)).group_by(outbox.c.incarnation)
    first = {row[0]: row[1] for row in session.conn.execute(left)}
    own = (bundle.c.station == session.station) & bundle.c.answered_at.is_not(None)
    answered = session.conn.execute(select(func.max(bundle.c.id)).where(own)).scalar() or 0
    found = []
    for row in rows:
        one = shown(row)
        over = row.last < first.get(row.incarnation, row.last + 1) if row.last else row.id < answered
        acknowledged = row.station == session.station and over
        found.append(replace(one, answered_at=one.answered_at or session.at) if acknowledged else one)
    return found


def keep_answer(session: Session, me: Identity, found: Bundle) -> bool:
    """Store the county's answer to a carried bundle for its village; the bundle need not be carried any more. Returns whether the answer is
    new here. Raises `BundleError`."""
    carried = session.conn.execute(select(bundle).where(bundle.c.sha256 == found.index.of, bundle.c.relayed_by == me.station)).first()
    if carried is None or carried.station != found.index.station:
        raise BundleError("station")
    if found.index.county != me.county:
        raise BundleError("county")
    if not found.signed_by(me.county_key):
        raise BundleError("signature")
    if carried.answered_at is not None:  # read again from a stick: it must not replace the answer to a later bundle
        return False
    older = (bundle.c.station == carried.station) & (bundle.c.answer.is_not(None))
    session.conn.execute(update(bundle).where(older).values(answer=None))  # a later answer contains all that an earlier one contained
    session.conn.execute(
        update(bundle).where(bundle.c.id == carried.id).values(answer=found.raw, answered_at=session.at, body=None, problem=None)
    )
    return True


def keep_refusal(session: Session, me: Identity, found: Bundle) -> str:
    """Record that the county accepted nothing of a bundle written or carried here. Returns the code of the reason. Raises `BundleError`."""
    here = session.conn.execute(select(bundle).where(bundle.c.sha256 == found.index.of)).first()
    if here is None:
        raise BundleError("station")
    if found.index.county != me.county or not found.signed_by(me.county_key):
        raise BundleError("signature")
    word = files.decoded(Relayed, found.body).status[:40]
    _refused(session, here.sha256, word)
    return word


def _refused(session: Session, sha256: bytes, word: str) -> None:
    """Record why the county refused a bundle, and drop its body, which counts towards no limit any more: the county would refuse it again,
    and the changes in it are still at their station. Only the latest refusals are kept."""
    session.conn.execute(update(bundle).where(bundle.c.sha256 == sha256).values(problem=word))
    told = (bundle.c.relayed_by == session.station) & bundle.c.problem.is_not(None)
    session.conn.execute(update(bundle).where(told).values(body=None))  # also those of older programs
    older = select(bundle.c.id).where(told).order_by(bundle.c.id.desc()).offset(MAX_CARRIED)
    session.conn.execute(delete(bundle).where(told, bundle.c.id.in_(older)))


def upward(session: Session) -> Iterator[bytes]:
    """Yield carried bundles that the county has not answered, in the order of arrival, read one at a time."""
    for id in session.conn.execute(select(bundle.c.id).where(_CARRIED).order_by(bundle.c.id)).scalars().all():
        yield bytes(session.conn.execute(select(bundle.c.body).where(bundle.c.id == id)).scalar_one())


def downward(session: Session, me: Identity, stations: Collection[str] | None = None) -> Iterator[bytes]:
    """Yield the bundles for the villages' sticks, one at a time: receipts for carried bundles, and the county's answers. `stations`: only
    for these."""
    mine = (bundle.c.relayed_by == me.station) & (_CARRIED | bundle.c.answer.is_not(None))
    for line in session.conn.execute(select(bundle.c.id, bundle.c.station).where(mine).order_by(bundle.c.id)).all():
        if stations is None or line.station in stations:
            row = session.conn.execute(select(bundle).where(bundle.c.id == line.id)).one()
            yield bytes(row.answer) if row.answer is not None else _receipt(session, me, row)


def _receipt(session: Session, me: Identity, row: object) -> bytes:
    carried = files.opened(bytes(row.body))  # type: ignore[attr-defined]  # a row
    return make_receipt(me, identity.certificate(session), carried.index, carried.sha256).raw


def forward(store: Store, me: Identity, link: Link) -> int:
    """Send carried bundles to the county over the network, one per request. Returns the number answered. Raises `Unreachable`."""
    with store.read() as session:
        waiting = session.conn.execute(select(bundle.c.id).where(_CARRIED).order_by(bundle.c.id)).scalars().all()
    answered = 0
    for id in waiting:
        with store.read() as session:
            body = session.conn.execute(select(bundle.c.body).where(bundle.c.id == id, _CARRIED)).scalar()
        if body is None:  # answered meanwhile
            continue
        raw = bytes(body)
        found = files.opened(raw)
        told = link.ask("/bundle", raw, Relayed)
        with store.applying() as session:
            if told.answer:
                keep_answer(session, me, files.opened(told.answer))
                answered += 1
            else:
                _refused(session, found.sha256, told.status[:40])
    return answered


_MAX_NAME = 64


class Receipt(msgspec.Struct, array_like=True, frozen=True, kw_only=True):
    """The township that accepted a bundle for carriage. `certificate`: see `wire.messages.device_signed`."""

    station: str
    scope: str
    key: bytes
    certificate: bytes


def make_receipt(me: Identity, certificate: bytes, carried: Index, sha: bytes) -> Bundle:
    """Return a receipt for the bundle with this index and hash."""
    head = with_fields(carried, kind="receipt", county=me.county, at=utc_now(), of=sha)
    body = Receipt(station=me.station, scope=me.scope, key=bytes(me.signing.verify_key), certificate=certificate)
    return files.make(head, pack(body), me.signing)


def read_receipt(found: Bundle, county_key: bytes) -> Receipt:
    """Return the receipt in a bundle. Raises `BundleError` unless its key is certified for a station above the bundle's."""
    receipt = decoded(Receipt, found.body)
    known = device_signed(county_key, receipt.station, receipt.scope, receipt.key, receipt.certificate)
    if not known or not found.signed_by(receipt.key) or not within(found.index.scope, receipt.scope) or len(receipt.station) > _MAX_NAME:
        raise BundleError("signature")
    return receipt

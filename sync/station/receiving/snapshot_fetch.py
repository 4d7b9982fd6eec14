"""Fetches a snapshot piece by piece. Received pieces survive interruptions, and the complete snapshot is installed at once."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from msgspec.structs import replace
from sqlalchemy import ColumnElement, delete, func, select, update

from db.exchange import cursors, held_change
from db.session import Session
from db.snapshots import snapshot, snapshot_piece
from sync.replica.identity import Identity
from sync.replica.pieces import Manifest, Piece, has_unknown, manifest_signed, open_manifest, open_piece
from sync.station.receiving.install import install
from sync.station.receiving.receive import Received, open_entry
from sync.wire.columns import WireError
from sync.wire.messages import Holding, Offer, reads

_BEGUN = select(snapshot.c.scope, snapshot.c.seq).where(snapshot.c.installed == 0)


def holding(session: Session) -> Holding | None:
    """Return the snapshot being fetched and the number of its pieces here, None if there is none."""
    begun = session.conn.execute(_BEGUN).first()
    if begun is None or begun.seq <= cursors(session).get(begun.scope, 0):
        return None
    here = (snapshot_piece.c.scope == begun.scope) & (snapshot_piece.c.seq == begun.seq)
    return Holding(begun.scope, begun.seq, session.conn.execute(select(func.count()).select_from(snapshot_piece).where(here)).scalar_one())


def take(session: Session, me: Identity, offer: Offer, *, more: bool = False) -> Received:
    """Store received pieces; with the last one, install the snapshot. Pieces of a snapshot that another exchange of this store has
    installed meanwhile are ignored. `more`: as in `Tables`. Raises `WireError`: the caller must roll back."""
    if offer.manifest and read_manifest(me, offer).seq <= cursors(session).get(offer.scope, 0):
        return Received()
    if offer.manifest:
        begin(session, me, offer)
    held = holding(session)
    if held is None or (held.scope, held.pieces) != (offer.scope, offer.first):
        raise WireError("pieces of another snapshot")
    kept = session.conn.execute(select(snapshot.c.manifest).where(_is(held.scope, held.seq))).scalar_one()
    manifest = open_manifest(bytes(kept))
    check(manifest, list(range(offer.first, len(manifest.pieces))), offer)
    for n, body in enumerate(offer.pieces, offer.first):
        session.conn.execute(snapshot_piece.insert().values(scope=held.scope, seq=held.seq, number=n, body=body))
    if offer.first + len(offer.pieces) < len(manifest.pieces):
        return Received()
    own = [open_entry(session, me, e) for e in offer.own]
    unknown: list[int] = []
    done = install(session, me, (held.scope, held.seq), _pieces(session, manifest, unknown), own, more=more)
    _finish(session, manifest, unknown)
    return done


def going_on(session: Session, me: Identity, offer: Offer) -> Offer | None:
    """Return the part of an offer that continues the pieces here; None if no part does. Offers in files may arrive late or twice. Raises
    `WireError`."""
    held = holding(session)
    cursor = cursors(session).get(offer.scope, 0)
    own = [e for e in offer.own if e.seq > cursor]
    if offer.manifest:
        place = read_manifest(me, offer).seq
        if place <= cursor or (held is not None and held.scope == offer.scope and held.seq > place):
            return None
        if held is None or (held.scope, held.seq) != (offer.scope, place):
            return replace(offer, own=own)
    if held is None or held.scope != offer.scope or not offer.first <= held.pieces < offer.first + len(offer.pieces):
        return None
    kept = session.conn.execute(select(snapshot.c.manifest).where(_is(held.scope, held.seq))).scalar_one()
    pieces = offer.pieces[held.pieces - offer.first :]
    if open_manifest(bytes(kept)).pieces[held.pieces][1] != sha256(pieces[0]).digest():  # of another snapshot
        return None
    return replace(offer, manifest=b"", signature=b"", first=held.pieces, pieces=pieces, own=own)


def begin(session: Session, me: Identity, offer: Offer) -> Manifest:
    """Start to fetch a snapshot that the county signed; pieces of one begun before are deleted."""
    manifest = read_manifest(me, offer)
    forget_begun(session)
    place = {"scope": manifest.scope, "seq": manifest.seq}
    session.conn.execute(snapshot.insert().values(**place, manifest=offer.manifest, signature=offer.signature, installed=0))
    return manifest


def read_manifest(me: Identity, offer: Offer) -> Manifest:
    """Return the manifest of an offer. Raises `WireError` unless the county signed it, for a scope that this station reads."""
    if not manifest_signed(me.county_key, offer.manifest, offer.signature):
        raise WireError("snapshot not signed by the county")
    manifest = open_manifest(offer.manifest)
    if (manifest.county, manifest.scope) != (me.county, offer.scope) or not reads(me.scope, offer.scope):
        raise WireError("snapshot of another place")
    return manifest


def check(manifest: Manifest, numbers: list[int], offer: Offer) -> None:
    """Raise `WireError` unless the offer holds the next of these pieces, byte for byte."""
    expected = [manifest.pieces[n][1] for n in numbers[: len(offer.pieces)]]
    if [sha256(body).digest() for body in offer.pieces] != expected or (numbers and not offer.pieces):
        raise WireError("pieces that are not those of the snapshot")


def forget_begun(session: Session) -> None:
    """Delete a snapshot that was begun and not finished."""
    for scope, seq in session.conn.execute(_BEGUN).all():
        session.conn.execute(delete(snapshot_piece).where(snapshot_piece.c.scope == scope, snapshot_piece.c.seq == seq))
        session.conn.execute(delete(snapshot).where(_is(scope, seq)))


def _pieces(session: Session, manifest: Manifest, unknown: list[int]) -> Iterator[Piece]:
    """Yield the pieces; adds to `unknown` the numbers of those with kinds or fields this program does not know."""
    for number in range(len(manifest.pieces)):
        here = (snapshot_piece.c.scope == manifest.scope, snapshot_piece.c.seq == manifest.seq, snapshot_piece.c.number == number)
        piece = open_piece(bytes(session.conn.execute(select(snapshot_piece.c.body).where(*here)).scalar_one()))
        if has_unknown(piece):
            unknown.append(number)
        yield piece


def _finish(session: Session, manifest: Manifest, unknown: list[int]) -> None:
    """Record that the scope's log begins with this snapshot now. The pieces in `unknown` are kept for a newer program."""
    late = (held_change.c.scope == manifest.scope) & (held_change.c.seq <= manifest.seq) & held_change.c.reason.in_(("kind", "field"))
    session.conn.execute(update(held_change).where(late, held_change.c.released_at.is_(None)).values(released_at=session.at))
    older = (snapshot.c.scope == manifest.scope) & (snapshot.c.seq < manifest.seq)
    session.conn.execute(delete(snapshot).where(older))
    kept = (snapshot_piece.c.seq == manifest.seq) & snapshot_piece.c.number.in_(unknown)
    session.conn.execute(delete(snapshot_piece).where(snapshot_piece.c.scope == manifest.scope, ~kept))
    session.conn.execute(update(snapshot).where(_is(manifest.scope, manifest.seq)).values(installed=1))


def _is(scope: str, seq: int) -> ColumnElement[bool]:
    return (snapshot.c.scope == scope) & (snapshot.c.seq == seq)

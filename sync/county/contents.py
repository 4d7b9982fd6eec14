"""Exchange of attachment contents at the county. The right to send or read one follows from the records that refer to it.

A record states only a hash, which whoever once read another village's record knows. Content is therefore handed out only for records in a
scope from which it was sent: a station that states the hash of content that is here already has to send it as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import time
from typing import Any

from sqlalchemy import Row

from db import contents
from db.contents import Meaning
from db.county import County
from db.exchange import device_of
from db.session import Session
from domain.attachments import MAX_SIZE
from sync.county.keys import CountyKeys
from sync.county.lineage import admit, nonce
from sync.wire.messages import MOST_FILES, NOT_TAKEN, Contained, Contents, Files, Piece, reads, writes

SMALLEST = 4096
"""Fewest bytes of a piece, except a file's last one, so that nobody fills the table with single bytes."""
UNFINISHED = 4 * MAX_SIZE
"""Most bytes of unfinished content that are kept for one station."""
_BUDGET = 2**20


def answer(county: County, keys: CountyKeys, request: Contents) -> Contained:
    """Store received pieces, each in its own transaction, and return the pieces asked for."""
    asking, now = request.asking, int(time())
    with county.read() as session:
        station = device_of(session, asking.station)
        status = admit(session, keys, station, asking, now)
    if station is None or status != "ok":
        return Contained(status=status, nonce=nonce(keys, asking.station, now) if status == "prove" else b"")
    files = Files(offered=request.offered, pieces=request.pieces, wanted=request.wanted)
    held, pieces = carry(county, station, files, min(request.budget, _BUDGET))
    return Contained(status="ok", held=held, pieces=pieces)


def carry(county: County, station: Row[Any], files: Files, budget: int) -> tuple[list[int], list[Piece]]:
    """Take the pieces of a station that has proved itself; answers what is here of what it offered, and what it wanted."""
    offered, wanted = files.offered[:MOST_FILES], files.wanted[:MOST_FILES]
    with county.read() as session:
        found = contents.meanings(session, station.station, {sha.hex() for sha, _n in (*offered, *wanted)})
        may_send = {sha: [one for one in some if _sends(station, one)] for sha, some in found.items()}
        may_read = {
            sha: {one.size for one in some if one.living and one.shown and reads(station.scope, one.village)} for sha, some in found.items()
        }
        lacking = {sha: _lacking(session, station, sha, some) for sha, some in may_send.items()}
    taken = {sha.hex(): size for sha, size in offered if any(one.size == size for one in may_send[sha.hex()])}
    for piece in files.pieces[:MOST_FILES]:
        if piece.sha256.hex() in taken and _take(county, station, piece, taken[piece.sha256.hex()], lacking[piece.sha256.hex()]):
            lacking[piece.sha256.hex()] = set()
    with county.read() as session:
        held = [_held(session, station, sha.hex(), size, lacking[sha.hex()]) if sha.hex() in taken else NOT_TAKEN for sha, size in offered]
        return held, _hand_out(session, wanted, may_read, budget)


def _sends(station: Row[Any], one: Meaning) -> bool:
    """Whether a station may send what a record refers to. If the person it made the record of has moved, nobody else has the content."""
    return one.own or (one.living and writes(station.scope, one.village))


def _lacking(session: Session, station: Row[Any], sha: str, records: Sequence[Meaning]) -> set[str]:
    """The scopes for which a station still has to send this content: of its own records, and if it is not here, of all it may send."""
    missing = contents.size(session, sha) is None
    return {one.village for one in records if not one.shown and (missing or one.own or one.village == station.scope)}


def _held(session: Session, station: Row[Any], sha: str, size: int, lacking: set[str]) -> int:
    if contents.size(session, sha) not in (None, size):
        return NOT_TAKEN
    return contents.sent_by(session, station.station, sha) if lacking else contents.held(session, station.station, sha)


def _take(county: County, station: Row[Any], piece: Piece, size: int, lacking: set[str]) -> bool:
    """Store a piece. Returns whether the content is complete now and was sent for the scopes that were `lacking`."""
    last = piece.start + len(piece.body) == size
    if len(piece.body) < SMALLEST and not last:
        return False
    with county.write() as session:
        if contents.unfinished(session, station.station) + len(piece.body) > UNFINISHED:
            contents.drop_unfinished(session, station.station)  # unfinished contents: the station will send them again
        sha = piece.sha256.hex()
        here = contents.add(session, station.station, sha, size, (piece.start, piece.body), anew=bool(lacking))
        if here == size:
            contents.note_from(session, sha, lacking)
        return here == size


def _hand_out(session: Session, wanted: Sequence[tuple[bytes, int]], may_read: dict[str, set[int]], budget: int) -> list[Piece]:
    """The next bytes of each content, in the order asked for, as far as the budget goes."""
    left = max(budget, SMALLEST)
    pieces = []
    for sha, start in wanted:
        size = contents.size(session, sha.hex())
        if left <= 0 or size is None or size not in may_read[sha.hex()] or not 0 <= start < size:
            continue
        body = contents.read(session, sha.hex(), start, left)
        pieces.append(Piece(sha, start, body))
        left -= len(body)
    return pieces

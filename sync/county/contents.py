"""Exchange of attachment contents at the county. The right to send or read one follows from the records that refer to it."""

from __future__ import annotations

from collections.abc import Sequence
from time import time
from typing import Any

from sqlalchemy import Row

from db import contents
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
        sizes = contents.sizes(session, {sha.hex() for sha, _n in (*offered, *wanted)})
        made = contents.made(session, station.station, {sha.hex() for sha, _n in offered})  # if its person moved, nobody else has it
        own = {sha: {size for village, size in found if writes(station.scope, village)} for sha, found in sizes.items()}
        may_send = {sha: found | made.get(sha, set()) for sha, found in own.items()}
        may_read = {sha: {size for village, size in found if reads(station.scope, village)} for sha, found in sizes.items()}
    taken = {sha.hex(): size for sha, size in offered if size in may_send[sha.hex()]}
    for piece in files.pieces[:MOST_FILES]:
        if piece.sha256.hex() in taken:
            _take(county, station, piece, taken[piece.sha256.hex()])
    with county.read() as session:
        held = [_held(session, station, sha.hex(), size) if sha.hex() in taken else NOT_TAKEN for sha, size in offered]
        return held, _hand_out(session, wanted, may_read, budget)


def _held(session: Session, station: Row[Any], sha: str, size: int) -> int:
    return contents.held(session, station.station, sha) if contents.size(session, sha) in (None, size) else NOT_TAKEN


def _take(county: County, station: Row[Any], piece: Piece, size: int) -> None:
    last = piece.start + len(piece.body) == size
    if len(piece.body) < SMALLEST and not last:
        return
    with county.write() as session:
        if contents.unfinished(session, station.station) + len(piece.body) > UNFINISHED:
            contents.drop_unfinished(session, station.station)  # unfinished contents: the station will send them again
        contents.add(session, station.station, piece.sha256.hex(), size, (piece.start, piece.body))


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

"""A station without a network, and a county that was put back from a backup (`sync.rewind` by stick).

One trip tells that the logs part. The file of the next carries what was read here after the last common place; the answer brings what the
county has there now. If that is the same nothing else happens; otherwise this station goes back to the common place and reads on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from msgspec.structs import replace
from sqlalchemy import select

from db import backup, contents
from db.exchange import cursors, entry
from db.local import get_meta, set_meta
from db.session import Session
from db.store import Store
from sync.bundle_words import BundleError
from sync.history import common, tips
from sync.identity import Identity
from sync.rewind import OFFERED, PARTED, covered, offers, rewind
from sync.wire import Answer, Entry, Request

_FILES = 20
MOST = 16 * 2**20
"""Bytes of entries a file offers: more than that takes a network."""


def heard(session: Session, answer: Answer) -> bool:
    """Note where the logs part; whether they do and a file holds what is to be offered."""
    places = common(session, answer.marks)
    if not places or len(list(offers(session, places, MOST))) > 1:
        return False
    contents.forget_sent(session)
    set_meta(session, PARTED, json.dumps(places))
    return True


def offering(session: Session, asked: Request) -> Request:
    """The request with what the county may have lost, where the last answer said that it has: then it brings no batches."""
    kept = get_meta(session, PARTED)
    if kept is None:
        return asked
    places: dict[str, int] = json.loads(kept)
    heads = (asked.cursors or {}) | places
    read = tips(session, heads)
    lost = next(offers(session, places, MOST), [])
    parted = {"cursors": heads, "tips": [read[scope] for scope in sorted(heads)], "digest": b"", "lost": lost}
    return replace(asked, **parted, batches=[], state=b"", sums=None, holding=None)


def note(session: Session, sha256: bytes, asked: Request) -> None:
    """Keep what a file that was written offers: its answer is to be judged by that."""
    kept = get_meta(session, PARTED)
    if kept is None:
        return
    places: dict[str, int] = json.loads(kept)
    offered = {lost.entry.scope: lost.entry.seq for lost in asked.lost}  # in the order of each log
    until = {scope: offered.get(scope, cursors(session).get(scope, 0)) for scope in places}
    before = list(_offered(session).items())[1 - _FILES :]
    set_meta(session, OFFERED, json.dumps(dict([*before, (sha256.hex(), (places, until))])))


def _offered(session: Session) -> dict[str, tuple[dict[str, int], dict[str, int]]]:
    """By hash of a file: the common places it named, and how far these logs were read then."""
    found: dict[str, tuple[dict[str, int], dict[str, int]]] = json.loads(get_meta(session, OFFERED) or "{}")
    return found


def settle(store: Store, me: Identity, of: bytes, answer: Answer) -> tuple[int, str] | None:
    """Take the county's word about what was offered: go back where its log is another one. `of`: hash of the file it answers.

    Answers None when that offered nothing; else how many entries were offered, and the name of a copy of this store if one had to be kept.
    Raises `BundleError` when this station has read on meanwhile: what the answer brings may be of another log.
    """
    with store.read() as session:
        offered = _offered(session).get(of.hex())
        if offered is None:
            return None
        places, until = offered
        read = cursors(session)
        overtaken = any(read.get(scope, 0) != seq for scope, seq in until.items())
        back = not overtaken and not _same(session, places, answer.entries)
        whole = covered(session, places)
    kept = backup.keep_beside(store) if back and not whole else ""
    with store.applying() as session:
        set_meta(session, OFFERED, None)
        set_meta(session, PARTED, None)
        if back:
            rewind(session, me, places)
    if overtaken:
        raise BundleError("old")
    return sum(seq - places[scope] for scope, seq in until.items()), kept


def _same(session: Session, places: Mapping[str, int], entries: Sequence[Entry]) -> bool:
    """Whether the county has after these places what is here."""
    theirs = {(e.scope, e.seq): e.signature for e in entries}
    for scope, seq in places.items():
        later = select(entry.c.seq, entry.c.signature).where(entry.c.scope == scope, entry.c.seq > seq)
        mine = {row.seq: bytes(row.signature) for row in session.conn.execute(later)}
        if len(mine) != cursors(session).get(scope, 0) - seq or any(theirs.get((scope, n)) != s for n, s in mine.items()):
            return False
    return True

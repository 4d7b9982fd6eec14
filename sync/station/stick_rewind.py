"""Handles by stick a county that was put back from a backup (`sync.station.rewind` for a station without a network).

One trip tells that the logs part. The next files carry what was read here after the last common place, each as much as it can hold; their
answers bring what the county has there now. If that is the same, nothing else happens. Otherwise, once everything was offered, this station
goes back to the common place and reads on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from msgspec import structs
from sqlalchemy import select, union_all

from db import backup, contents
from db.county import STATION
from db.exchange import cursors, entry, outbox
from db.local import get_meta, set_meta
from db.session import Session
from db.store import Store
from sync.replica.history import common
from sync.replica.identity import Identity
from sync.station import rewind
from sync.station.rewind import BROUGHT, OFFERED, PARTED, Places, advanced, covered, to_offer
from sync.wire.bundle_words import BundleError
from sync.wire.messages import OFFER, Answer, Entry, Request

_FILES = 20
MOST = OFFER
"""Bytes of entries that a file offers: its answer, which brings them back, has to fit into a file too."""


class _File(NamedTuple):
    """What a file offers: after the common places `common`, up to `until`; `read` is how far these logs were read when it was written."""

    common: dict[str, int]
    until: dict[str, int]
    read: dict[str, int]


@dataclass(frozen=True)
class Settled:
    """The result of an answer. `offered`: entries that the file offered; `left`: entries still to be offered, before which nothing is read;
    `kept`: the copy of this store, if one had to be kept; `entries`: those in the answer that can be read now."""

    offered: int
    left: int = 0
    kept: str = ""
    entries: Sequence[Entry] = ()


def heard(session: Session, answer: Answer) -> bool:
    """Note where the logs part, if they do; answers whether they do."""
    places = common(session, answer.marks)
    if not places:
        return False
    contents.forget_sent(session)
    set_meta(session, PARTED, json.dumps(places))
    set_meta(session, BROUGHT, None)
    return True


def offering(session: Session, asked: Request) -> Request:
    """The request with what the county may have lost, if the last answer said that the logs part; then it brings no batches."""
    places = _places(session, PARTED)
    if places is None:
        return asked
    brought = _places(session, BROUGHT) or places
    return structs.replace(rewind.offering(session, asked, places, brought, MOST), state=b"", sums=None, holding=None)


def note(session: Session, sha256: bytes, asked: Request) -> None:
    """Keep what a written file offers: its answer is judged by that."""
    places = _places(session, PARTED)
    if places is None:
        return
    read = cursors(session)
    file = _File(places, advanced(_places(session, BROUGHT) or places, asked.lost), {scope: read.get(scope, 0) for scope in places})
    before = list(_offered(session).items())[1 - _FILES :]
    set_meta(session, OFFERED, json.dumps(dict([*before, (sha256.hex(), file)])))


def _places(session: Session, name: str) -> dict[str, int] | None:
    kept = get_meta(session, name)
    places: dict[str, int] | None = None if kept is None else json.loads(kept)
    return places


def _offered(session: Session) -> dict[str, _File]:
    """What each file offers, by the file's hash."""
    return {of: _File(*file) for of, file in json.loads(get_meta(session, OFFERED) or "{}").items()}


def settle(store: Store, me: Identity, of: bytes, answer: Answer) -> Settled | None:
    """Take the county's word about what was offered: go back where its log is another one. `of`: hash of the file it answers.

    Answers None when that offered nothing. Raises `BundleError` when this station has read on meanwhile, or has another common place
    by now: what the answer brings may be of another log.
    """
    with store.read() as session:
        file = _offered(session).get(of.hex())
        if file is None:
            return None
        common, brought = _places(session, PARTED), _places(session, BROUGHT) or file.common
        overtaken = any(cursors(session).get(scope, 0) != seq for scope, seq in file.read.items())
        count, left = _between(session, brought, file.until), to_offer(session, file.until)
        same = _same(session, file.common, file.until if left else file.read, answer.entries)
        whole = covered(session, file.common) and not answer.more and _all_there(session, file.common, answer.entries)
    if overtaken or common != file.common:
        if overtaken:
            with store.applying() as session:
                _forget(session)
        raise BundleError("old")
    if left:
        with store.applying() as session:
            set_meta(session, BROUGHT, json.dumps({scope: max(seq, brought[scope]) for scope, seq in file.until.items()}))
            if same:
                set_meta(session, PARTED, json.dumps(file.until))
        return Settled(count, left)
    kept = "" if same or whole else backup.keep_beside(store)
    with store.applying() as session:
        _forget(session)
        entries = answer.entries if same else _with_own(session, me, answer.entries)
        if not same:
            rewind.rewind(session, me, file.common)
    return Settled(count, kept=kept, entries=entries)


def _forget(session: Session) -> None:
    for name in (PARTED, BROUGHT, OFFERED):
        set_meta(session, name, None)


def _with_own(session: Session, me: Identity, entries: Sequence[Entry]) -> list[Entry]:
    """Entries with the bytes of own batches, which do not travel: under its next incarnation this station does not know them as its own."""

    def body(number: int) -> bytes | None:
        acknowledged = (entry.c.station == me.station) & (entry.c.incarnation == me.incarnation) & (entry.c.number == number)
        waiting = (outbox.c.incarnation == me.incarnation) & (outbox.c.number == number)
        found = session.conn.execute(union_all(select(entry.c.body).where(acknowledged), select(outbox.c.body).where(waiting))).scalar()
        return None if found is None else bytes(found)

    own = (me.station, me.incarnation)
    return [structs.replace(e, batch=body(e.number)) if e.batch is None and (e.station, e.incarnation) == own else e for e in entries]


def _between(session: Session, after: Places, until: Places) -> int:
    """How many entries stand after the places `after` up to the places `until`."""
    return max(0, to_offer(session, after) - to_offer(session, until))


def _same(session: Session, common: Mapping[str, int], until: Places, entries: Sequence[Entry]) -> bool:
    """Whether the county's entries after the `common` places, up to `until`, are those here."""
    theirs = {(e.scope, e.seq): e.signature for e in entries}
    for scope, seq in common.items():
        later = select(entry.c.seq, entry.c.signature).where(entry.c.scope == scope, entry.c.seq > seq, entry.c.seq <= until[scope])
        mine = {row.seq: bytes(row.signature) for row in session.conn.execute(later)}
        if len(mine) != until[scope] - seq or any(theirs.get((scope, n)) != s for n, s in mine.items()):
            return False
    return True


def _all_there(session: Session, common: Mapping[str, int], entries: Sequence[Entry]) -> bool:
    """Whether the county has somewhere after these places every batch of a station that is here after them; its own it may have made anew.
    It may not where it was put back once more between two files."""
    theirs = {(e.station, e.incarnation, e.number) for e in entries}
    for scope, seq in common.items():
        later = select(entry.c.station, entry.c.incarnation, entry.c.number).where(entry.c.scope == scope, entry.c.seq > seq)
        if any(tuple(row) not in theirs for row in session.conn.execute(later.where(entry.c.station != STATION))):
            return False
    return True

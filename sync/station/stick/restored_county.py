"""Handles by stick a county that was restored from a backup (`sync.station.recovery.rewind` for a station without a network).

The first answer says from which position the logs differ. The next files offer the entries read after the last common position, each file
as many as fit; the answers bring the county's present entries from there on. If they are the same, nothing else happens. Otherwise, once
everything was offered, this station rewinds to the common position and reads on.
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
from sync.station.recovery import rewind
from sync.station.recovery.rewind import BROUGHT, OFFERED, PARTED, Places, advanced, covered, to_offer
from sync.wire.messages import OFFER, Answer, Entry, Request
from sync.wire.words import BundleError

_FILES = 20
"""How many files that are still under way are remembered."""
MOST = OFFER
"""Bytes of entries that a file offers: the answer, which returns them, has to fit into a file too."""


class _File(NamedTuple):
    """What a file offers: the entries after the positions `common` up to `until`. `read`: how far these logs were read when it was
    written."""

    common: dict[str, int]
    until: dict[str, int]
    read: dict[str, int]


@dataclass(frozen=True)
class Settled:
    """The result of an answer. `offered`: number of entries that the file offered; `left`: number still to be offered, before which nothing
    is read; `kept`: name of the copy of this store, if one had to be kept; `entries`: the entries of the answer that can be applied now."""

    offered: int
    left: int = 0
    kept: str = ""
    entries: Sequence[Entry] = ()


def record_divergence(session: Session, answer: Answer) -> bool:
    """Record the last common positions if the county's logs differ from those here; returns whether they do."""
    places = common(session, answer.marks)
    if not places:
        return False
    contents.forget_sent(session)
    set_meta(session, PARTED, json.dumps(places))
    set_meta(session, BROUGHT, None)
    return True


def offering(session: Session, asked: Request) -> Request:
    """Return the request with the entries the county may have lost if its last answer showed that the logs differ; such a request carries
    no batches."""
    places = _places(session, PARTED)
    if places is None:
        return asked
    brought = _places(session, BROUGHT) or places
    return structs.replace(rewind.offering(session, asked, places, brought, MOST), state=b"", sums=None, holding=None)


def note(session: Session, sha256: bytes, asked: Request) -> None:
    """Record what a written file offers, for judging the answer to it."""
    places = _places(session, PARTED)
    if places is None:
        return
    read = cursors(session)
    file = _File(places, advanced(_places(session, BROUGHT) or places, asked.lost), {scope: read.get(scope, 0) for scope in places})
    before = list(_offered(session).items())[1 - _FILES :]
    set_meta(session, OFFERED, json.dumps(dict([*before, (sha256.hex(), file)])))


def _places(session: Session, name: str) -> dict[str, int] | None:
    """The positions stored under a setting, by scope; None if it is not set."""
    kept = get_meta(session, name)
    places: dict[str, int] | None = None if kept is None else json.loads(kept)
    return places


def _offered(session: Session) -> dict[str, _File]:
    """What each file offers, by the file's hash in hex."""
    return {of: _File(*file) for of, file in json.loads(get_meta(session, OFFERED) or "{}").items()}


def settle(store: Store, me: Identity, of: bytes, answer: Answer) -> Settled | None:
    """Process the county's answer to what a file offered, rewinding where its log differs. `of`: the hash of the file it answers.

    Returns None if that file offered nothing. Raises `BundleError` if this station has read on meanwhile, or has another common position by
    now: the answer may be about another log.
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
    """The entries, with own batches filled in, which are not sent back: after the rewind, under another incarnation, this station would not
    recognise them as its own."""

    def body(number: int) -> bytes | None:
        acknowledged = (entry.c.station == me.station) & (entry.c.incarnation == me.incarnation) & (entry.c.number == number)
        waiting = (outbox.c.incarnation == me.incarnation) & (outbox.c.number == number)
        found = session.conn.execute(union_all(select(entry.c.body).where(acknowledged), select(outbox.c.body).where(waiting))).scalar()
        return None if found is None else bytes(found)

    own = (me.station, me.incarnation)
    return [structs.replace(e, batch=body(e.number)) if e.batch is None and (e.station, e.incarnation) == own else e for e in entries]


def _between(session: Session, after: Places, until: Places) -> int:
    """The number of entries after the positions `after` up to `until`."""
    return max(0, to_offer(session, after) - to_offer(session, until))


def _same(session: Session, common: Mapping[str, int], until: Places, entries: Sequence[Entry]) -> bool:
    """Whether the county's entries after the `common` positions up to `until` are the ones here."""
    theirs = {(e.scope, e.seq): e.signature for e in entries}
    for scope, seq in common.items():
        later = select(entry.c.seq, entry.c.signature).where(entry.c.scope == scope, entry.c.seq > seq, entry.c.seq <= until[scope])
        mine = {row.seq: bytes(row.signature) for row in session.conn.execute(later)}
        if len(mine) != until[scope] - seq or any(theirs.get((scope, n)) != s for n, s in mine.items()):
            return False
    return True


def _all_there(session: Session, common: Mapping[str, int], entries: Sequence[Entry]) -> bool:
    """Whether every batch of a station that is here after these positions is among the county's entries. Batches of the county itself do
    not count: it may have written them anew. False if the county was restored once more between two files."""
    theirs = {(e.station, e.incarnation, e.number) for e in entries}
    for scope, seq in common.items():
        later = select(entry.c.station, entry.c.incarnation, entry.c.number).where(entry.c.scope == scope, entry.c.seq > seq)
        if any(tuple(row) not in theirs for row in session.conn.execute(later.where(entry.c.station != STATION))):
            return False
    return True

"""Takes back entries that a county lost when it was restored from a backup, from the stations that still hold them.

A move consists of entries in two logs, and a station that offers one half may not have read the other. Person p moved from village A to
village B; the backup is older than that, and has p in A:

    log of A   … 6 | 7: D p, moves to B            the leaving half
    log of B   … 3 | 4: I p, left A at 7           the entering half, with the history of p

    arrives         what the county does
    A7 and B4       gives both their positions back, A7 first
    A7              gives it back its position, and writes an entering half in B itself, from the row that it has (`_leave`)
    B4 after that   p is in B already: writes there only what the history of p lacks (`_pass_on`)
    B4              writes both halves itself, from its row or, if it has none, from B4 (`_enter`)
    A7 after that   puts it back for its other rows; p, which has left, is skipped as a repetition

So no row ends up outside all logs, and the entering of rows, which overwrites everything, never meets newer changes.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, select, text

from db.among import among
from db.changes import row_steps
from db.county import STATION, County
from db.exchange import closed_into, conflict, entry, kind_by_number, moved
from db.mapping import table
from db.session import Session
from domain.fields import kind_of
from domain.grouping import by_key
from sync.county.acts import erasure, moves
from sync.county.acts.authoring import author, deletion, lock
from sync.county.keys import CountyKeys
from sync.county.receiving.ingest import continues, lock_station, sequenced, take_in
from sync.county.receiving.rights import writer_of
from sync.county.receiving.sequencing import Decision
from sync.county.receiving.whereabouts import elsewhere
from sync.county.recovery.following import LostEntry, OldPositions, as_a_copy
from sync.replica import change_ids, erased_rows
from sync.replica.conflicts import released_in
from sync.replica.history import chain_at
from sync.replica.log import MOVED, TWICE
from sync.replica.moved_rows import in_order
from sync.replica.redaction import note_signed
from sync.replica.rows import Key
from sync.wire.columns import Change, WireError
from sync.wire.envelope import Batch, Move, Quote, open_batch
from sync.wire.messages import MOST_NAMED, MOST_OFFERED, OFFER, Entry, Lost, Request, entry_signed, reads

_HEAD = text("INSERT INTO scope_head (scope, seq) VALUES (:scope, 0) ON CONFLICT (scope) DO UPDATE SET seq = scope_head.seq RETURNING seq")
_BODY = select(entry.c.body).where(entry.c.scope == bindparam("of"), entry.c.seq == bindparam("at"), entry.c.station == STATION)


class _Offer(NamedTuple):
    """A lost entry that a station offers, with the hash of the chain before it and its opened batch."""

    entry: Entry
    before: bytes
    batch: Batch

    @property
    def lost(self) -> LostEntry:
        """The log, the position there and the batch."""
        return LostEntry(self.entry.scope, self.entry.seq, self.batch)

    @property
    def leaves(self) -> bool:
        """Whether it is the half of a move by which rows leave a scope."""
        move = self.batch.header.move
        return move is not None and move.left == self.entry.scope

    def keys(self, what: str) -> list[Key]:
        """The rows that it changes by operation `what` (I, D, …), as far as this program knows their kind."""
        groups = [group for group in self.batch.groups if group.what == what and kind_by_number(group.kind)]
        return [(group.kind, row_id) for group in groups for row_id in group.row_ids]


def take_back(county: County, keys: CountyKeys, asking: Row[Any], request: Request) -> None:
    """Put lost entries back at their positions, or at the next free ones where others have written meanwhile; their authors then count as
    having seen only what the station's logs and these have in common. Entries that the county did not sign, or still has, are skipped.

    One transaction per entry; where rows move, one for all entries, so that no power cut leaves rows between two logs.
    """
    offers = _in_turn([offer for lost in _brought(request) if (offer := _opened(keys, asking, lost))])
    positions = OldPositions((offer.lost for offer in offers), named_before(county, keys, asking, request))
    moving = [o.batch.header.move for o in offers if o.batch.header.move]
    for part in [offers] if moving else [[offer] for offer in offers]:
        with county.write() as session:
            lock(session, sorted({o.entry.scope for o in part} | {scope for m in moving for scope in (m.left, m.entered)}))
            for offer in part:
                _put_back(session, keys, request, offer, offers, positions)


def named_before(county: County, keys: CountyKeys, asking: Row[Any], request: Request) -> dict[tuple[str, bytes], int]:
    """Return the old positions of what the station offered in earlier requests, by log and batch hash."""
    named = {(lost.entry.scope, lost.entry.seq): lost.entry for lost in request.lost if lost.entry.batch is None}
    found = {}
    with county.read() as session:
        for e in islice(named.values(), MOST_NAMED):
            sha = sequenced(session, e.station, e.incarnation, e.number) if reads(asking.scope, e.scope) else None
            if sha is not None and entry_signed(keys.public, e, sha):
                found[e.scope, sha] = e.seq
    return found


def _brought(request: Request) -> Iterator[Lost]:
    """Yield the lost entries of a request that will be examined, up to a limit, as each is opened and two signatures are checked."""
    size = 0
    for lost in islice((lost for lost in request.lost if lost.entry.batch), MOST_OFFERED):
        if size >= OFFER:
            return
        size += len(lost.entry.batch or b"")
        yield lost


def _opened(keys: CountyKeys, asking: Row[Any], lost: Lost) -> _Offer | None:
    """The opened offer, or None if it is malformed, not signed by the county, or of a log that this station does not read."""
    e = lost.entry
    try:
        batch = open_batch(e.batch or b"")
        head = batch.header
        named = (head.county, head.station, head.incarnation, head.number) == (keys.county, e.station, e.incarnation, e.number)
        genuine = named and entry_signed(keys.public, e, batch.sha256) and note_signed(batch, keys.public)
        if not (genuine and reads(asking.scope, e.scope)):
            return None
        if head.move is not None:
            list(batch.groups)
    except WireError:
        return None
    return _Offer(e, lost.before, batch)


def _in_turn(offers: Sequence[_Offer]) -> list[_Offer]:
    """The offers in order, except that rows leave one log before they enter another."""
    by_place = {(o.entry.scope, o.entry.seq): o for o in offers}
    first, rest = in_order([o.entry for o in by_place.values()], {}, "")
    return [by_place[e.scope, e.seq] for e in (*first, *rest)]


def _put_back(
    session: Session, keys: CountyKeys, request: Request, offer: _Offer, offers: Sequence[_Offer], positions: OldPositions
) -> None:
    """Put one lost entry back, in the way its kind and the state of the log require."""
    e, head = offer.entry, offer.batch.header
    lock_station(session, e.station)
    if sequenced(session, e.station, e.incarnation, e.number) == offer.batch.sha256:
        return
    last = session.conn.execute(_HEAD, {"scope": e.scope}).scalar_one()
    free = last == e.seq - 1 and chain_at(session, e.scope, last) == offer.before
    seen = head.known if e.known is None else e.known
    common = min(seen, (request.cursors or {}).get(e.scope, 0))
    known = e.known if free else common
    again = _not_passed_on(session, offer, offers)
    refused = {place: why for place, why in e.refused if why != TWICE and place not in again}
    if not continues(session, offer.batch):
        follow = positions.seen_up_to(session, offer.lost, seen, common)
        _write_as_copy(session, keys, offer, refused, defaultdict(lambda: common, follow))
    elif head.move is None or (free and not offer.leaves and _has_left(session, offer, head.move)):
        follow = {} if free or e.station == STATION else positions.seen_up_to(session, offer.lost, seen, common)
        follow = {place: until for place, until in follow.items() if place not in refused}
        decided = Decision({**refused, **dict.fromkeys(follow, MOVED)}, known)
        take_in(session, keys, writer_of(session, e.station, e.scope), offer.batch, e.scope, decided)
        erasure.sign_again(session, keys, offer.batch, e.scope)
        _follow(session, keys, offer, follow)
    elif offer.leaves:
        _leave(session, keys, offer, head.move, Decision(refused, known), offers if free else ())
    else:
        _enter(session, keys, offer, head.move)


def _write_as_copy(session: Session, keys: CountyKeys, offer: _Offer, refused: Mapping[int, str], until: Mapping[int, int]) -> None:
    """Write the changes of a batch whose position in its author's chain is taken by a batch from a copy of that laptop. The two copies
    count as two authors, neither of whom had seen the other's changes."""
    batch = offer.batch
    here = {*refused, *change_ids.repeated(session.conn, offer.entry.station, batch.groups), *erased_rows.late(session.conn, batch.groups)}
    places = [place for place, change in enumerate(batch.changes()) if place not in here and (change.what != "C" or released_in(change))]
    away = {place: to for place, to in elsewhere(session, batch).items() if place in places}
    moves.pass_on(session, keys, batch, away)
    _follow(session, keys, offer, {place: until[place] for place in places if place not in away}, incarnation=as_a_copy(batch))
    change_ids.note(session.conn, offer.entry.station, batch.groups, [n for n in range(batch.header.count) if n not in places])


def _follow(session: Session, keys: CountyKeys, offer: _Offer, places: Mapping[int, int], *, incarnation: int | None = None) -> None:
    """Write changes of an entry whose authors had seen more than the rest of the entry: by index in the batch, up to which position.
    `incarnation`: under which they are quoted, if not the entry's."""
    changes = dict(enumerate(offer.batch.changes()))
    e = offer.entry
    quote = {"quote": Quote(e.scope, e.station, incarnation or e.incarnation, e.number)}
    for until in sorted(set(places.values())):
        some = [changes[place] for place in sorted(places) if places[place] == until]
        author(session, keys, e.scope, some, known=until, more=quote, strict=False)


def _not_passed_on(session: Session, offer: _Offer, offers: Iterable[_Offer]) -> set[int]:
    """The changes of an entry that were forwarded to another log, but are neither there nor among the offers: they must be forwarded
    again."""
    moved_on = {place for place, why in offer.entry.refused if why == MOVED}
    if not moved_on:
        return moved_on
    offered = {(c.salt, c.seq) for o in offers if o.batch.header.quote for c in o.batch.changes()}
    passed_on = set(change_ids.repeated(session.conn, STATION, offer.batch.groups))  # changes that were passed on keep their ids
    return {n for n, c in enumerate(offer.batch.changes()) if n in moved_on - passed_on and (c.salt, c.seq) not in offered}


def _has_left(session: Session, offer: _Offer, move: Move) -> bool:
    """Whether the rows of an entering half are in no log: they left the other scope at the position it names, and no table has them."""
    body = session.conn.execute(_BODY, {"of": move.left, "at": move.seq}).scalar()
    left = None if body is None else open_batch(bytes(body)).header.move
    return left is not None and (left.left, left.entered) == (move.left, move.entered) and not _villages(session, offer.keys("I"))


def _leave(session: Session, keys: CountyKeys, offer: _Offer, move: Move, decided: Decision, offers: Iterable[_Offer]) -> None:
    """Let rows leave, and write their entering half unless it is among the `offers`. Rows that left before are not moved again."""
    scope, leaving = offer.entry.scope, set(offer.keys("D"))
    villages = _villages(session, leaving)
    left_before = {key for key in _stubs(session, scope, leaving) if villages.get(key) != scope}
    duplicates = {place: TWICE for place, change in enumerate(offer.batch.changes()) if (change.kind, change.row_id) in left_before}
    both = [o for o in offers if o.batch.header.move and not o.leaves and o.batch.header.move.left == scope]
    coming = {key for o in both for key in o.keys("I")}
    alone = [key for key, village in villages.items() if village == scope and key not in coming]
    rows = moves.belonging(session, scope, _named(alone))
    bring = moves.entering(session, scope, rows)
    decided = decided._replace(refused={**decided.refused, **duplicates})
    last = take_in(session, keys, writer_of(session, STATION, scope), offer.batch, scope, decided)
    last = _send(session, keys, move, [key for key in _keys(rows) if key not in leaving]) or last
    moves.enter(session, keys, Move(scope, last, _still_open(session, move)), bring)


def _enter(session: Session, keys: CountyKeys, offer: _Offer, move: Move) -> None:
    """Write a move again whose entering half came without the leaving one, or too late. The entry itself is not put back, as it no longer
    has a position in the order of the two logs."""
    inserted = offer.keys("I")
    villages = _villages(session, inserted)
    new = dict.fromkeys(key for key in inserted if key not in villages)
    stubs = _stubs(session, move.left, new)
    rows = moves.belonging(session, move.left, _named(key for key in inserted if villages.get(key) == move.left))
    bring = moves.entering(session, move.left, rows)
    last = _send(session, keys, move, [*_keys(rows), *(key for key in new if key not in stubs)])
    here = Move(move.left, max([last, *stubs.values()]), _still_open(session, move))
    erased = set(erased_rows.late(session.conn, offer.batch.groups))
    changes = [c for place, c in enumerate(offer.batch.changes()) if place not in erased and kind_by_number(c.kind)]
    moves.enter(session, keys, here, bring, [c for c in changes if (c.kind, c.row_id) in new])
    _pass_on(session, keys, offer.entry, [c for c in changes if (c.kind, c.row_id) not in new])


def _still_open(session: Session, move: Move) -> str:
    """The scope that a rebuilt move enters: its target may have been merged into another village since the restore."""
    into = closed_into(session, move.entered)
    return into if into and into != move.left else move.entered


def _send(session: Session, keys: CountyKeys, move: Move, leaving: Sequence[Key]) -> int:
    """Let more rows leave; returns the last position written, or 0 if there are none."""
    changes = [deletion(session, kind.name, id) for number, id in leaving if (kind := kind_by_number(number))]
    return max(author(session, keys, move.left, changes, more={"move": Move(move.left, 0, move.entered)}), default=0)


def _pass_on(session: Session, keys: CountyKeys, e: Entry, changes: Sequence[Change]) -> None:
    """Write what an entering half says about rows that live in some scope and whose history lacks it, as concurrent with all of that
    history."""
    quote = Quote(e.scope, e.station, e.incarnation, e.number)
    villages = _villages(session, dict.fromkeys((c.kind, c.row_id) for c in changes))
    news: dict[str, list[Change]] = defaultdict(list)
    histories: dict[Key, _History] = {}
    for change in changes:
        key = change.kind, change.row_id
        if key in villages:
            histories[key] = histories.get(key) or _History(session, *key)
            left = histories[key].news(change)
            news[villages[key]] += [left] if left else []
    for village, some in news.items():
        author(session, keys, village, some, known=0, more={"quote": quote}, strict=False)


class _History:
    """The values and deletions in a row's history and in the conflicts about it."""

    def __init__(self, session: Session, number: int, id: str) -> None:
        kind = kind_by_number(number)
        steps = row_steps(session, kind, id) if kind else []
        self._flips = {(step.what, step.by, step.at) for step in steps}
        self._values = {(n, value) for step in steps for n, values in step.fields.items() for value in values}
        mine = (conflict.c.kind == number) & (conflict.c.row_id == id)
        for c in session.conn.execute(select(conflict.c.field, conflict.c.earlier, conflict.c.later).where(mine)):
            self._values |= {(c.field, json.loads(c.earlier)), (c.field, json.loads(c.later))}

    def news(self, change: Change) -> Change | None:
        """Return the part of a change that is not in them, or None."""
        if change.what in "DR":
            return None if (change.what, change.by, change.at) in self._flips else change
        values = {number: value for number, value in change.values.items() if (number, value) not in self._values}
        return replace(change, what="U", values=values) if values else None


# -- rows --------------------------------------------------------------------------------------------------------------


def _named(keys: Iterable[Key]) -> moves.Keys:
    return {table(number).name: ids for number, ids in by_key(keys).items()}


def _keys(rows: moves.Keys) -> list[Key]:
    return [(kind_of(name).number, id) for name, ids in rows.items() for id in ids]


def _villages(session: Session, keys: Iterable[Key]) -> dict[Key, str]:
    """The villages in which these rows live; rows in no table are left out."""
    found: dict[Key, str] = {}
    for number, ids in by_key(keys).items():
        found |= {(number, id): village for id, village in session.column(number, "village", ids).items()}
    return found


def _stubs(session: Session, scope: str, keys: Iterable[Key]) -> dict[Key, int]:
    """The positions at which these rows left a scope; rows that never left it are left out."""
    found: dict[Key, int] = {}
    for number, ids in by_key(keys).items():
        mine = (moved.c.scope == scope) & (moved.c.kind == number) & among(moved.c.row_id, ids)
        found |= {(number, id): seq for id, seq in session.conn.execute(select(moved.c.row_id, moved.c.seq).where(mine))}
    return found

"""Applies sequenced entries at a station, and moves the cursor in the same transaction.

The store shows the state of the log with own unacknowledged changes on top. Entries are inserted beneath those, as in a rebase: if others
touched a row that has such changes, these are undone (`take_off`), the entries are applied in county order by the county's rule, and the
changes still unacknowledged are made again (`put_on`). Rows that nobody else touched stay as they are.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row as Found
from sqlalchemy import bindparam, delete, select, update

from db.among import among, among_bound
from db.capture import UNACKNOWLEDGED, op
from db.changes import touched
from db.exchange import DELETED, cursors, entry, kind_by_number, move_cursor, outbox
from db.mapping import table
from db.prepared import Prepared
from db.session import Session
from domain.errors import DomainError
from domain.fields import Kind
from domain.values import Stored
from domain.words import _
from sync.replica.apply import Application
from sync.replica.change_ids import take_over
from sync.replica.conflicts import take_back_releases
from sync.replica.history import chain_at, link
from sync.replica.identity import Identity
from sync.replica.known_fields import known_part
from sync.replica.log import SETTLED, hold
from sync.replica.moved_rows import in_order
from sync.replica.redaction import note_signed
from sync.replica.rows import Key, Row, Rows, new_row
from sync.station.receiving.bulk_tables import Tables
from sync.station.receiving.concurrent_rows import Arrival, concurrent_rows
from sync.station.sealing.seal import seal_all
from sync.wire.columns import Change, WireError
from sync.wire.envelope import open_batch
from sync.wire.messages import Entry, entry_signed

_OF_BATCH = UNACKNOWLEDGED & (op.c.batch == bindparam("number"))
_WAITING = Prepared(select(outbox.c.body).where(outbox.c.incarnation == bindparam("under"), outbox.c.number == bindparam("at")))
_SENT = Prepared(delete(outbox).where(outbox.c.incarnation == bindparam("under"), outbox.c.number == bindparam("at")))
_ACKNOWLEDGED = Prepared(update(op).where(_OF_BATCH).values(entry=bindparam("place")))
_MADE = (
    update(op)
    .where(UNACKNOWLEDGED, op.c.what == "I", op.c.seq == bindparam("change"), op.c.salt == bindparam("run"))
    .values(entry=bindparam("place"))
)
_PENDING_OPS = Prepared(select(op).where(UNACKNOWLEDGED, among_bound(op.c.row_id, "ids")).order_by(op.c.seq))
_ENTERED = Prepared(entry.insert())


class Forged(DomainError):
    """A batch in this station's name that this station did not sign: somebody wrote it with the county's key."""


@dataclass
class Received:
    """The result of applying entries, counted in changes."""

    pulled: int = 0
    acknowledged: int = 0
    conflicts: int = 0
    held: int = 0

    def add(self, other: Received) -> None:
        """Add the counts of another round."""
        for name, more in vars(other).items():
            setattr(self, name, getattr(self, name) + more)


def receive(session: Session, me: Identity, entries: Sequence[Entry], *, more: bool = False) -> Received:
    """Apply entries that continue the logs read so far; skip those applied before. `more`: as in `Tables`. Raises `WireError`: the caller
    must roll back."""
    read = cursors(session)
    fresh, _early = in_order(_continuing(read, entries), read, me.scope)  # entries that must wait are fetched again
    done = Received()
    if not fresh:
        return done
    arrivals = [open_entry(session, me, e) for e in fresh]
    merged = concurrent_rows(session, me, arrivals, read)
    if not all(arrival.alone for arrival in arrivals):
        seal_all(session, me)  # with the old cursor, unless the new one only moves over this station's own entries
    take_off(session, merged)
    with Tables(session, more=more) as tables:
        for kind, rows in _insertions(arrivals).items():
            tables.expect(kind, rows)
        for arrival in arrivals:
            if arrival.own:
                _acknowledge(session, me, arrival, merged, done)
            else:
                _apply(session, me, arrival, done)
            record(session, arrival)
            move_cursor(session, arrival.entry.scope, arrival.entry.seq)
    put_on(session, me, merged)
    return done


def _insertions(arrivals: Sequence[Arrival]) -> Counter[Kind]:
    """The number of rows others inserted, by kind. Empty if anything is deleted, because references to it are looked up in the indexes."""
    groups = [group for arrival in arrivals if not arrival.own for group in arrival.groups]
    found: Counter[Kind] = Counter()
    if any(group.what == "D" for group in groups):
        return found
    for group in groups:
        kind = kind_by_number(group.kind)
        if kind is not None and group.what == "I":
            found[kind] += len(group.places)
    return found


def _continuing(read: Mapping[str, int], entries: Sequence[Entry]) -> list[Entry]:
    heads = dict(read)
    fresh = []
    for e in entries:
        head = heads.get(e.scope, 0)
        if e.seq <= head:
            continue
        if e.seq != head + 1:
            raise WireError(f"entry {e.seq} of {e.scope} after {head}")
        heads[e.scope] = e.seq
        fresh.append(e)
    return fresh


def open_entry(session: Session, me: Identity, e: Entry, *, checked: bool = False) -> Arrival:
    """Open the batch of an entry. The county's signature is verified unless it was `checked` before. Raises `WireError`, and
    `Forged` for one in this station's name that another key signed."""
    mine = e.station == me.station and e.incarnation == me.incarnation
    kept = _WAITING.value(session.conn, under=e.incarnation, at=e.number) if mine else None
    sealed = e.batch if kept is None else kept
    if sealed is None:
        raise WireError("own batch that is not here")
    batch = open_batch(sealed)
    head = batch.header
    if (head.county, head.station, head.incarnation, head.number) != (me.county, e.station, e.incarnation, e.number):
        raise WireError("batch of another place")
    if (
        not checked
        and kept is None
        and e.station == me.station
        and batch.note is None
        and not batch.signed_by(bytes(me.signing.verify_key))
    ):
        raise Forged(_("县里传来一批署着本机名字的改动，却不是本机签的，没有收入，这次同步停下了。数据都在本机。请马上告诉县管理员。"))
    if not checked and not (entry_signed(me.county_key, e, batch.sha256) and note_signed(batch, me.county_key)):
        raise WireError("entry not signed by the county")
    refused = dict(e.refused)
    if -1 in refused:
        refused = dict.fromkeys(range(head.count), refused[-1])
    return Arrival(e, batch, kept is not None, refused)


# -- rebase of own changes ---------------------------------------------------------------------------------------------


def _pending_ops(session: Session, keys: set[Key]) -> list[Found[Any]]:
    """Unacknowledged ops of rows, in the order in which they were made."""
    found = _PENDING_OPS.all(session.conn, ids=list({row_id for _kind, row_id in keys}))
    return [line for line in found if (line.kind, line.row_id) in keys]


def take_off(session: Session, keys: set[Key]) -> None:
    """Restore rows to their sequenced state, without own unacknowledged changes."""
    wound_back(session, keys).write()


def wound_back(session: Session, keys: set[Key]) -> Rows:
    """Return rows in their sequenced state, not written yet. Those whose insertion is not in the county's log are `gone`."""
    rows = Rows(session.conn)
    rows.load_keys(keys)
    ops = _pending_ops(session, keys)
    for n in range(len(ops) - 1, -1, -1):
        line = ops[n]
        row = rows.get(line.kind, line.row_id)
        if row is None:
            continue
        if line.what == "I":
            row.gone = True
        elif line.what == "U":
            old = json.loads(line.old) if line.old else {}
            for number in touched(line.mask):
                row.put(row.kind.by_number[number].name, old.get(str(number)))
        elif line.what in "DR":
            row.put("deleted_at", _deleted_before(row, line, ops[:n]))
        row.stamp(*row.last_stamp())
    return rows


def _deleted_before(row: Row, line: Found[Any], earlier: Sequence[Found[Any]]) -> str | None:
    """The time of deletion of a row before this op deleted or restored it; None if it was not deleted. When the op was made again in a
    rebase, others may have deleted or restored the row already."""
    if line.old:
        before: str | None = json.loads(line.old)[str(DELETED)]
        return before
    if line.what == "D":
        return None
    own = [line.at for line in earlier if line.row_id == row.id and line.kind == row.kind.number and line.what == "D"]
    sequenced = row.states.get(DELETED)
    return own[-1] if own else sequenced.at if sequenced else None


def put_on(session: Session, me: Identity, keys: set[Key]) -> None:
    """Make the changes that are still unacknowledged again, on top of the applied entries. The change log then has the values they replace
    now."""
    if not keys:
        return
    ops = _pending_ops(session, keys)
    written = _sealed_changes(session, me, {line.batch for line in ops})
    rows = Rows(session.conn)
    rows.load_keys(keys)
    for line in ops:
        kind = kind_by_number(line.kind)
        if kind is None or line.seq not in written:
            continue
        scope, change = written[line.seq]
        row = rows.get(line.kind, line.row_id)
        if row is None and change.what == "I":
            row = rows.add(new_row(kind, change.row_id, scope, change.by, change.at))
            for number, value in change.values.items():
                row.put(kind.by_number[number].name, value)
            if line.what != "I":  # the row of others it was merged with has moved away since
                session.conn.execute(update(op).where(op.c.seq == line.seq).values(what="I", mask=0, old=None))
        elif row is not None:
            _redo(session, row, line, change)
    rows.write()


def _redo(session: Session, row: Row, line: Found[Any], change: Change) -> None:
    if change.what == "C":
        return
    if change.what in "DR":
        old_one = json.dumps({str(DELETED): row.columns["deleted_at"]})
        session.conn.execute(update(op).where(op.c.seq == line.seq).values(old=old_one))
        row.put("deleted_at", change.at if change.what == "D" else None)
    else:
        old: dict[int, Stored] = {}
        for number, value in change.values.items():
            f = row.kind.by_number[number]
            old[number] = row.value(f)
            row.put(f.name, value)
        kept = json.dumps({str(n): v for n, v in old.items() if v is not None}, ensure_ascii=False)
        mask = sum(1 << (number - 1) for number in old)
        session.conn.execute(update(op).where(op.c.seq == line.seq).values(what="U", mask=mask, old=kept))
    row.stamp(change.by, change.at)


def _sealed_changes(session: Session, me: Identity, numbers: set[int]) -> dict[int, tuple[str, Change]]:
    """The changes of own batches in the outbox by the number of their op, with the scope of the batch."""
    waiting = select(outbox.c.body).where(outbox.c.incarnation == me.incarnation, outbox.c.number.in_(sorted(numbers)))
    batches = [open_batch(body) for body in session.conn.execute(waiting).scalars()]
    return {change.seq: (batch.header.scope, change) for batch in batches for change in batch.changes()}


# -- entries -----------------------------------------------------------------------------------------------------------


def _apply(session: Session, me: Identity, arrival: Arrival, done: Received) -> None:
    """Apply an entry that is not in the outbox. If this station made it under an earlier incarnation, its acts can still be undone here."""
    e, own = arrival.entry, arrival.entry.station == me.station
    application = Application(session.conn, arrival.batch, e.scope, e.seq, own=own, known=e.known)
    if arrival.unreadable:
        application.unreadable()
    else:
        known, kept = known_part(arrival.batch.groups, arrival.refused.keys())
        application.groups(known, arrival.refused, kept)
        done.held += len(kept)
    skipped = {**arrival.refused, **application.refused}
    if own:
        _acknowledge_made(session, arrival, skipped)
    done.pulled += arrival.batch.header.count - len(skipped)
    done.conflicts += application.conflicts
    done.held += _held(skipped)


def apply_again(session: Session, me: Identity, e: Entry) -> None:
    """Apply an entry of the log, own or not, whose effects were undone, as if it had just arrived. If values were erased from its batch,
    the county's signature of the rest may not have arrived yet."""
    _apply(session, me, open_entry(session, me, e, checked=True), Received())


def _acknowledge_made(session: Session, arrival: Arrival, skipped: Container[int]) -> None:
    """Acknowledge the insertions made here that an entry repeats."""
    if arrival.unreadable:
        return
    made = [
        (group.seqs[n], group.salts[n])
        for group in arrival.batch.groups
        if group.what == "I"
        for n, place in enumerate(group.places)
        if place not in skipped
    ]
    if made:
        place = arrival.entry.seq
        session.conn.execute(_MADE, [{"change": seq, "run": salt, "place": place} for seq, salt in made])


def _held(refused: Mapping[int, str]) -> int:
    return sum(why not in SETTLED for why in refused.values())


def _acknowledge(session: Session, me: Identity, arrival: Arrival, merged: set[Key], done: Received) -> None:
    """Acknowledge an own batch: merge rows that others touched, advance the field states of the rest, hold refused changes."""
    e, head = arrival.entry, arrival.batch.header
    application = Application(session.conn, arrival.batch, e.scope, e.seq, own=True, known=e.known, others=arrival.company)
    if merged:
        placed = [pair for group in arrival.batch.groups for pair in group.changes() if (group.kind, pair[1].row_id) in merged]
        refused = [(place, change, arrival.refused[place]) for place, change in placed if place in arrival.refused]
        take_over(Rows(session.conn), e.scope, me.author, refused)
        hold(session.conn, (e.scope, e.seq, me.author), refused)
        session.conn.execute(delete(op).where(among(op.c.seq, (change.seq for _place, change, _why in refused)), UNACKNOWLEDGED))
        application.changes([pair for pair in placed if pair[0] not in arrival.refused])
    if not arrival.alone:
        take_back_releases(session.conn, arrival.rejected())
        application.follow(arrival.batch.groups, merged)
    mine = UNACKNOWLEDGED & (op.c.batch == head.number)
    for number in arrival.made:
        t = table(number)
        inserted = select(op.c.row_id).where(mine, op.c.what == "I", op.c.kind == number)
        session.conn.execute(update(t).where(t.c.id.in_(inserted), t.c.seq.is_(None)).values(seq=e.seq, author=me.author))
    _ACKNOWLEDGED.run(session.conn, number=head.number, place=e.seq)
    _SENT.run(session.conn, under=me.incarnation, at=head.number)
    done.acknowledged += head.count
    done.conflicts += application.conflicts
    done.held += _held(arrival.refused)


def record(session: Session, arrival: Arrival) -> None:
    """Add an entry to the log."""
    e = arrival.entry
    line = {"scope": e.scope, "seq": e.seq, "station": e.station, "incarnation": e.incarnation, "number": e.number}
    line |= {"sha256": arrival.batch.sha256, "body": arrival.batch.sealed, "refused": json.dumps(e.refused), "signature": e.signature}
    line |= {"at": session.at, "known": e.known, "chain": link(chain_at(session, e.scope, e.seq - 1), e.signature)}
    _ENTERED.run(session.conn, **line)

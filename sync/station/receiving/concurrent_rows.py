"""Finds the rows that must be merged when entries arrive at a station: rows with own unacknowledged changes that others changed too.

All other rows stay as they are, however much arrives. The merge also reads rows that it does not change (a deleted parent, the children of
a deleted row) and must see them in their sequenced state. Rows whose own changes would mislead it are therefore included.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from sqlalchemy import bindparam, func, select

from db.capture import UNACKNOWLEDGED, op
from db.exchange import DELETED, entry, field_state, kind_by_number
from db.mapping import table
from db.prepared import Prepared
from db.session import Session
from sync.replica.apply import UNREADABLE
from sync.replica.conflicts import referrers
from sync.replica.identity import Identity
from sync.replica.rows import Key
from sync.wire.columns import Change, Group
from sync.wire.envelope import Batch
from sync.wire.messages import Entry

_SORTS = Prepared(select(op.c.kind, op.c.what).where(UNACKNOWLEDGED, op.c.batch == bindparam("number")).distinct())
_PENDING = Prepared(select(op.c.kind, op.c.row_id).where(UNACKNOWLEDGED).distinct(), tuple)
_OWN_ENTRIES = Prepared(
    select(func.count())
    .select_from(entry)
    .where(entry.c.scope == bindparam("of"), entry.c.seq > bindparam("after"))
    .where(entry.c.station == bindparam("by"), entry.c.incarnation == bindparam("under"))
)


@dataclass
class Arrival:
    """One entry with its batch. `own`: it waits in the outbox. `refused`: why, by place; all places if the whole batch was refused. Of an
    own batch: `inserts`, whether it has only insertions, `made`, of what kinds, and `company`, whether others wrote to its scope after the
    place its author had read up to."""

    entry: Entry
    batch: Batch
    own: bool
    refused: Mapping[int, str] = field(default_factory=dict)
    inserts: bool = False
    made: AbstractSet[int] = frozenset()
    company: bool = False

    @property
    def known(self) -> int:
        """The position up to which its author had read the log."""
        return self.batch.header.known if self.entry.known is None else self.entry.known

    @property
    def unreadable(self) -> bool:
        """Whether the whole batch is refused as unreadable."""
        return not self.own and UNREADABLE in self.refused.values()

    @property
    def alone(self) -> bool:
        """Whether it is this store's and only inserts rows that nobody else touched, so that it need not be read."""
        return self.own and self.inserts and not self.company and not self.refused

    @property
    def groups(self) -> Sequence[Group]:
        """Its changes as far as this store can read them."""
        return () if self.unreadable else self.batch.groups

    def rejected(self) -> Iterator[Change]:
        """The changes that the county refused, as far as this store can read them."""
        return (change for group in self.groups for place, change in group.changes() if place in self.refused)


def concurrent_rows(session: Session, me: Identity, arrivals: Sequence[Arrival], heads: Mapping[str, int]) -> set[Key]:
    """Rows with unacknowledged changes that others also touched or relied on, or of which something was refused or decided. `heads`: how
    far each log was read before these arrivals."""
    shared = _shared(session, me, arrivals, heads)
    waiting = pending(session) if shared else set()
    read = [arrival for arrival in arrivals if not arrival.alone]
    met: set[Key] = set()
    for arrival in read:
        met |= _met(arrival, waiting, company=arrival.entry.scope in shared)
        if arrival.own and arrival.company:
            met |= _met_before(session, me, arrival)
    deleted = {group.kind for arrival in read if arrival.entry.scope in shared for group in arrival.groups if group.what == "D"}
    return met | _looked_at(session, deleted) if waiting else met


def _shared(session: Session, me: Identity, arrivals: Sequence[Arrival], heads: Mapping[str, int]) -> set[str]:
    """The scopes to which others wrote, in these arrivals or after their authors had read; notes in own arrivals what they are."""
    others = {a.entry.scope for a in arrivals if not a.own}
    own = [a for a in arrivals if a.own]
    for arrival in own:
        scope, known = arrival.entry.scope, arrival.known
        arrival.company = scope in others or _own_entries(session, me, scope, known) < heads.get(scope, 0) - known
        sorts = _SORTS.all(session.conn, number=arrival.batch.header.number)
        arrival.made = {kind for kind, what in sorts if what == "I"}
        arrival.inserts = all(what == "I" for _kind, what in sorts)
    return others | {a.entry.scope for a in own if a.company}


def _met(arrival: Arrival, waiting: set[Key], *, company: bool) -> set[Key]:
    """The rows of an arrival that must be merged; of one's own those that were decided or refused. It has `company` if others wrote to its
    scope."""
    met: set[Key] = set()
    for group in arrival.groups:
        keys = [(group.kind, row_id) for row_id in group.row_ids]
        if not arrival.own or (group.what == "D" and company):
            met |= waiting.intersection(keys)
        if arrival.own:  # it was acknowledged before, as another copy's, and waits no longer
            met.update(key for key, n in zip(keys, group.places, strict=True) if group.what == "C" or n in arrival.refused)
    return met


def _own_entries(session: Session, me: Identity, scope: str, known: int) -> int:
    """How many of the entries applied after `known` are this station's."""
    place = {"of": scope, "after": known, "by": me.station, "under": me.incarnation}
    return int(_OWN_ENTRIES.value(session.conn, **place))


def pending(session: Session) -> set[Key]:
    """Rows with own changes that the county has not acknowledged."""
    return set(_PENDING.all(session.conn))


def _met_before(session: Session, me: Identity, arrival: Arrival) -> set[Key]:
    """Rows of an own batch that others changed in entries applied since it was sealed."""
    head = arrival.batch.header
    mine = UNACKNOWLEDGED & (op.c.batch == head.number)
    same = (field_state.c.row_id == op.c.row_id) & (field_state.c.kind == op.c.kind)
    unseen = (field_state.c.seq > arrival.known) & (field_state.c.author != me.author)
    query = select(op.c.kind, op.c.row_id).join(field_state, same).where(mine, unseen).distinct()
    met: set[Key] = {(kind, row_id) for kind, row_id in session.conn.execute(query)}
    for number in session.conn.execute(select(op.c.kind).where(mine).distinct()).scalars().all():
        kind = kind_by_number(number)
        if kind is not None:
            t = table(kind)
            twins = (
                select(t.c.id)
                .join(op, op.c.row_id == t.c.id)
                .where(mine, op.c.kind == number, t.c.seq > arrival.known, t.c.author != me.author)
            )
            met |= {(number, row_id) for row_id in session.conn.execute(twins).scalars()}
    return met


def _looked_at(session: Session, deleted: set[int]) -> set[Key]:
    """Rows that the merge will look at: those deleted before which somebody here deletes or brings back again, and edited rows of kinds
    that refer to the kind of a deleted row."""
    parents = [parent.name for number in deleted if (parent := kind_by_number(number))]
    children = {kind.number for name in parents for kind, _f in referrers(name)}
    flips = (field_state.c.row_id == op.c.row_id) & (field_state.c.kind == op.c.kind) & (field_state.c.field == DELETED)
    flipped = select(op.c.kind, op.c.row_id).join(field_state, flips).where(UNACKNOWLEDGED, op.c.what.in_(("D", "R")))
    edited = select(op.c.kind, op.c.row_id).where(UNACKNOWLEDGED, op.c.what != "I", op.c.kind.in_(children))
    return {(kind, row_id) for query in (flipped, edited) for kind, row_id in session.conn.execute(query)}

"""Preserves the causal order of lost entries that return at other positions of their log (`sync.county.recovery.taking_back`).

`known` of a batch is a position in the lost log. It stays valid up to the last position that the old and the new log have in common, but
the author may have seen more: entries that return now or returned earlier, or a row's entry from another scope, which the county had to
write again with the same values. The county writes a change made in view of those itself, quoting the batch, with `known` moved to their
new positions. Otherwise the change would be listed as a conflict that nobody caused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import bindparam, select

from db.county import STATION
from db.exchange import DELETED, entry
from db.session import Session
from domain.fields import Field
from domain.values import Stored
from sync.county.receiving.ingest import sequenced
from sync.replica.merge import State
from sync.replica.rows import Key, Row, Rows
from sync.wire.columns import Change
from sync.wire.envelope import Batch, author, open_batch

_AT = select(entry).where(entry.c.scope == bindparam("of"), entry.c.seq == bindparam("at"))


class LostEntry(NamedTuple):
    """An entry that the restored county lost: its log, its old position there, and its batch."""

    scope: str
    seq: int
    batch: Batch


class OldPositions:
    """The old and new positions of lost entries. `named`: old positions of entries that returned in earlier requests, by log and batch
    hash."""

    def __init__(self, lost: Iterable[LostEntry], named: Mapping[tuple[str, bytes], int]) -> None:
        offered = list(lost)
        self._were = dict(named) | {(one.scope, one.batch.sha256): one.seq for one in offered}
        """Old positions of lost entries, by log and batch hash."""
        self._copies = {(b.header.station, as_a_copy(b), b.header.number): b.sha256 for b in (one.batch for one in offered)}
        self._entered: dict[tuple[str, Key], tuple[int, dict[int, Stored]]] = {}
        """By log and row that entered from another scope: the old position and the values."""
        for scope, seq, batch in sorted((one for one in offered if one.batch.header.move), key=lambda one: one.seq):
            move = batch.header.move
            for change in batch.changes() if move is not None and move.entered == scope else ():
                if change.what in "IU":
                    key = scope, (change.kind, change.row_id)
                    before = self._entered[key][1] if key in self._entered and change.what == "U" else {}
                    self._entered[key] = seq, {**before, **change.values}

    def seen_up_to(self, session: Session, lost: LostEntry, known: int, common: int) -> dict[int, int]:
        """Return the edits of a lost entry whose author had seen more than the `common` position: by index in the batch, the position of
        the present log up to which they had seen it. `known`: how far the author had read the lost log."""
        scope, _seq, batch = lost
        edits = [(place, change) for place, change in enumerate(batch.changes()) if change.what == "U"]
        rows = Rows(session.conn)
        rows.load_keys((change.kind, change.row_id) for _place, change in edits)
        found = {}
        for place, change in edits:
            row = rows.get(change.kind, change.row_id)
            if row is None or row.village != scope or not change.values.keys() <= row.kind.by_number.keys():
                continue
            until = self._until(session, scope, row, change, (known, common, batch.author))
            if until > common:
                found[place] = until
        return found

    def _until(self, session: Session, scope: str, row: Row, change: Change, by: tuple[int, int, str]) -> int:
        """The position up to which the author had seen the changes of the row; the common position unless they had seen all of them."""
        _known, common, author_of_change = by
        fields = [row.kind.by_number[number] for number in change.values]
        states = [(None, row.states.get(DELETED)), *((f, row.state(f)) for f in fields)]
        new = [(f, s) for f, s in states if s is not None and s.seq > common and s.author != author_of_change]
        if not all(self._seen(session, scope, row, f, s, by[0]) for f, s in new):
            return common
        return max((s.seq for _f, s in new), default=common)

    def _seen(self, session: Session, scope: str, row: Row, field: Field | None, state: State, known: int) -> bool:
        """Whether the author had seen what is now stored as the state of a field, or of the deletion mark if `field` is None."""
        was = self._was(session, scope, state.seq)
        if was is not None:
            return was <= known
        seq, values = self._entered.get((scope, (row.kind.number, row.id)), (known + 1, {}))
        anew = state.author.startswith(author(STATION, 0)[:-1])
        return anew and field is not None and seq <= known and values.get(field.number) == row.value(field)

    def _was(self, session: Session, scope: str, seq: int) -> int | None:
        """The old position of the entry that is now at `seq`, or of the entry the county quotes there; None if it was not lost."""
        row = session.conn.execute(_AT, {"of": scope, "at": seq}).one()
        was = self._were.get((scope, bytes(row.sha256)))
        quote = open_batch(bytes(row.body)).header.quote if was is None and row.station == STATION else None
        if quote is None or quote.scope != scope:
            return was
        name = quote.station, quote.incarnation, quote.number
        return self._were.get((scope, self._copies.get(name) or sequenced(session, *name) or b""))


def as_a_copy(batch: Batch) -> int:
    """The incarnation under which a batch is written again when a copy of its laptop has sent another batch with the same number."""
    return 1 + int.from_bytes(batch.sha256[:8]) % (2**31 - 1)

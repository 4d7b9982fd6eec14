"""The fast path: edits that cannot be in conflict are applied column by column instead of being merged row by row.

The merge rule asks for each value whether its author had seen the value it replaces. If nobody else has written to the scope since the
position up to which the batch's author had read, the answer is always yes. An edit is *plain* if that holds for its batch (the caller
checks this), the batch neither moves rows nor is forwarded from another scope, the kind is not append-only, the row exists, and the batch
changes it once. Its values are written, the replaced ones go to the change log, and the states of the fields and of the row advance.
Everything else is merged row by row (`sync.replica.apply`); for plain edits both paths have the same result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter

from sqlalchemy import Connection

from db.exchange import LAST, field_state, kind_by_number
from db.mapping import table, update_many, upsert_many
from db.search import search_lists
from domain.fields import Kind
from domain.values import Stored
from sync.replica.log import Edited, Placed, log_edits
from sync.replica.rows import Key, fields_of, written
from sync.wire.columns import Group


def sorted_out(groups: Sequence[Group], others: Iterable[Placed]) -> tuple[list[Group], list[Group]]:
    """Split the changes of a batch into those that may be plain and the rest. `others`: further changes of the same batch."""
    times = Counter[Key]((change.kind, change.row_id) for _place, change in others)
    for group in groups:
        times.update((group.kind, row_id) for row_id in group.row_ids)
    plain, rest = [], []
    for group in groups:
        once, again = group.parted([_settable(group) and times[group.kind, row_id] == 1 for row_id in group.row_ids])
        plain += once
        rest += again
    return plain, rest


def _settable(group: Group) -> bool:
    kind = kind_by_number(group.kind)
    return group.what == "U" and kind is not None and not kind.append_only and len(group.fields) > 0


def edit(conn: Connection, place: tuple[str, int], author: str, groups: Sequence[Group]) -> list[Group]:
    """Make the edits whose rows are in the scope. Returns those whose rows are not. `place`: scope and entry."""
    scope, seq = place
    done: list[Edited] = []
    away: list[Group] = []
    by_kind = attrgetter("kind")
    for number, some in groupby(sorted(groups, key=by_kind), key=by_kind):
        kind, mine = kind_by_number(number), list(some)
        assert kind is not None
        rows = _Rows(conn, kind, scope, mine)
        for group in mine:
            here, not_here = group.parted([row_id in rows.found for row_id in group.row_ids])
            done += [(part, rows.before(part)) for part in here]
            away += not_here
    for group, _before in done:
        _put(conn, group)
    moved = [line for group, _before in done for line in written(group, (*group.fields, LAST), seq, author)]
    upsert_many(conn, field_state, moved)
    log_edits(conn, author, seq, done)
    return away


class _Rows:
    """Rows of a kind in a scope, with the fields that edits need."""

    def __init__(self, conn: Connection, kind: Kind, scope: str, groups: Sequence[Group]) -> None:
        fields = tuple(sorted({number for group in groups for number in group.fields}))
        ids = [row_id for group in groups for row_id in group.row_ids]
        self._at: Mapping[int, int] = {number: n for n, number in enumerate(fields, 2)}
        self.found = {row[0]: row for row in fields_of(kind, fields).all(conn, ids=sorted(ids)) if row[1] == scope}

    def before(self, group: Group) -> list[list[Stored]]:
        """The values of a group's fields before it is applied, as columns."""
        rows = [self.found[row_id] for row_id in group.row_ids]
        return [[row[at] for row in rows] for at in map(self._at.__getitem__, group.fields)]


def _put(conn: Connection, group: Group) -> None:
    kind = kind_by_number(group.kind)
    assert kind is not None
    values = {kind.by_number[number].name: column for number, column in zip(group.fields, group.values, strict=True)}
    columns: dict[str, Sequence[Stored]] = {**values, "updated_by": group.by, "updated_at": group.at, **search_lists(kind, values)}
    update_many(conn, table(kind), list(columns), list(zip(*columns.values(), group.row_ids, strict=True)))

"""The fast paths: changes that cannot be in conflict are applied column by column instead of being merged row by row.

- Insertions of rows that nobody has.
- Plain edits. The merge rule asks for each value whether its author had seen the value it replaces. If nobody else has written to the scope
  since the position up to which the batch's author had read, the answer is always yes. An edit is *plain* if that holds for its batch (the
  caller checks this), the batch neither moves rows nor is forwarded from another scope, the kind is not append-only, the row exists, and
  the batch changes it once.
- Own changes that the county acknowledges, of rows that nobody else touched: the values are here, only the states of the fields advance.

Everything else is merged row by row (`sync.replica.apply`); for insertions and plain edits both ways have the same result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter, itemgetter

from sqlalchemy import Connection, select

from db.among import among
from db.exchange import DELETED, LAST, field_state, kind_by_number
from db.mapping import insert_columns, table, update_many, upsert_many
from db.search import search_lists
from domain.fields import Kind
from domain.values import Stored
from sync.replica.log import Edited, Placed, log_edits
from sync.replica.rows import Key, fields_of, written
from sync.wire.columns import Group

Place = tuple[str, int]
"""A scope and an entry of its log."""


def parted(conn: Connection, kind: Kind, group: Group, skip: Mapping[int, str], seen: set[str]) -> tuple[list[Group], list[Placed]]:
    """Split insertions into those of rows that nobody has (one group or none) and the rest. Places in `skip` are left out. `seen`: the rows
    that the same batch inserted before, to which these are added."""
    t, ids = table(kind), group.row_ids
    # the ids of one program run ascend, so one range query replaces thousands of look-ups
    between = select(t.c.id).where(t.c.id >= min(ids), t.c.id <= max(ids)).limit(1)
    if not skip and not seen and len(set(ids)) == len(ids) and conn.execute(between).first() is None:
        seen.update(ids)
        return [group], []
    present = set(conn.execute(select(t.c.id).where(among(t.c.id, ids))).scalars())
    fresh, rest = list[int](), list[int]()
    for n, row_id in enumerate(ids):
        if group.places[n] not in skip:
            (rest if row_id in present or row_id in seen else fresh).append(n)
            seen.add(row_id)
    return [group.only(fresh)] if fresh else [], list(group.only(rest).changes()) if rest else []


def insert(conn: Connection, place: Place, author: str, kind: Kind, group: Group) -> None:
    """Insert rows that nobody has."""
    (scope, seq), n = place, len(group.places)
    values = {kind.by_number[f].name: column for f, column in zip(group.fields, group.values, strict=True)}
    columns: dict[str, Sequence[Stored]] = {
        "id": group.row_ids,
        "village": [scope] * n,
        "seq": [seq] * n,
        "author": [author] * n,
        "created_by": group.by,
        "created_at": group.at,
        "updated_by": group.by,
        "updated_at": group.at,
    }
    insert_columns(conn, table(kind), columns | values | search_lists(kind, values))


def follow(conn: Connection, seq: int, author: str, groups: Sequence[Group]) -> None:
    """Advance the states of the fields that own changes wrote, now at entry `seq`."""
    lines: list[tuple[int, tuple[Stored, ...]]] = []
    for group in groups:
        numbers = (*group.fields, LAST) if group.what == "U" else (DELETED, LAST)
        places = (place for place in group.places for _number in numbers)
        lines += zip(places, written(group, numbers, seq, author), strict=True)
    lines.sort(key=itemgetter(0))  # of several states of a field the last one counts
    upsert_many(conn, field_state, [line for _place, line in lines])


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


def edit(conn: Connection, place: Place, author: str, groups: Sequence[Group]) -> list[Group]:
    """Make the edits whose rows are in the scope. Returns those whose rows are not."""
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

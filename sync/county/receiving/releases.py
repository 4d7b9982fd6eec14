"""Checks that a held change counts as released only if it was really made again (`sync.station.releasing`): otherwise whoever made a
forbidden change could remove it from the county's list."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Sequence
from typing import Any

from sqlalchemy import RowMapping, select

from db.exchange import held_change, kind_by_number
from db.mapping import table
from db.session import Session
from domain.authors import scope_of
from domain.records import ClaimStep, Payment
from sync.replica.conflicts import held_place, released_in
from sync.wire.columns import Change, Group

_DECISIONS = frozenset({ClaimStep.KIND.number, Payment.KIND.number})
"""Kinds whose held rows are decided anew instead."""


def not_made_again(session: Session, station: str, scope: str, groups: Sequence[Group], refused: Container[int]) -> dict[int, str]:
    """Return the releases in a batch for the log `scope` that release nothing, by place. `refused`: changes of the batch that do not
    count."""
    releases = [placed for g in groups if g.what == "C" for placed in g.changes() if released_in(placed[1]) is not None]
    if not releases:
        return {}
    rows = {change.row_id for _place, change in releases}
    made = [change for g in groups if g.what != "C" and not rows.isdisjoint(g.row_ids) for n, change in g.changes() if n not in refused]
    return {place: "rights" for place, change in releases if not _is_real(session, station, scope, change, made)}


def _is_real(session: Session, station: str, scope: str, release: Change, made: Iterable[Change]) -> bool:
    key = held_place(release)
    h = held_change
    query = select(h).where(h.c.scope == key[0], h.c.seq == key[1], h.c.place == key[2], h.c.row_id == release.row_id) if key else None
    held = session.conn.execute(query).first() if query is not None else None
    if held is None or held.scope != scope:
        return True  # it releases nothing
    if held.kind in _DECISIONS:
        return False
    again = [change for change in made if change.row_id == held.row_id and change.kind == held.kind]
    row = _row(session, held)
    if held.what in "DR":
        return any(change.what == held.what for change in again) or (row is not None and (row["deleted_at"] is None) == (held.what == "R"))
    wanted = json.loads(held.values).items()
    written = {str(number): value for change in again for number, value in change.values.items()}
    if all((number in written and written[number] == value) or _holds(held.kind, row, number, value) for number, value in wanted):
        return True
    return (row is None or row["village"] != scope) and _is_above(station, held.author)


def _is_above(station: str, author: str) -> bool:
    """Whether a station is of a level above that of the author of a held change. What it makes again in another log may come later."""
    return len(scope_of(station)) < len(scope_of(author))


def _row(session: Session, held: Any) -> RowMapping | None:
    kind = kind_by_number(held.kind)
    if kind is None:
        return None
    t = table(kind)
    return session.conn.execute(select(t).where(t.c.id == held.row_id)).mappings().first()


def _holds(number: int, row: RowMapping | None, field: str, value: object) -> bool:
    """Whether a row has that value of a held change."""
    kind = kind_by_number(number)
    f = kind.by_number.get(int(field)) if kind is not None else None
    return f is not None and row is not None and row[f.name] == value

"""The changes of key information that nobody has confirmed, read from the change log (`domain.key_changes`, decision 045).

A record that is entered again in place of a deleted one goes on from what that one said: a person with a number that a deleted person had,
a category span after a deleted one, and after an ended one of the same category.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select

from db.among import among
from db.capture import op
from db.changes import ORDER, former, tail_of, touched
from db.county import STATION
from db.mapping import table
from db.session import Session
from domain.grouping import by_key
from domain.key_changes import CATEGORY, FIELDS, PEOPLE, SPAN_START, SPANS, Event, Pending, pending, was_confirmed
from domain.records import CategorySpan, Finding, Person
from domain.values import Stored

EDITS = op.c.what.in_(("U", "R"))
"""An edit may also have restored a record that somebody else deleted meanwhile."""
_NUMBERED = 15
"""The fewest characters of a number by which a person is known again."""
_NOT_SENT = 2**62
Chain = tuple[Event, list[Event]]
"""What first set a field, and the changes after it."""


@dataclass(frozen=True)
class _Told:
    """An event with its order. `row`: the record it is in, `made`: whether it made that record."""

    order: tuple[Any, ...]
    row: Any
    made: bool
    event: Event


def unconfirmed(session: Session, people: Collection[str], codes: Collection[str] = tuple(FIELDS)) -> list[Pending]:
    """The unconfirmed changes of people, with the codes of the fields asked for."""
    said = findings(session, people)
    earlier = predecessors(session, people)
    chains = [*_of_people(session, people, earlier, codes)]
    if not SPANS.keys().isdisjoint(codes):
        chains += _of_spans(session, people, earlier, said)
    found = (pending(first, events, said.get(first.person_id, ())) for first, events in chains if first.code in codes)
    return [known for known in found if known is not None]


def predecessors(session: Session, people: Collection[str] | None = None) -> dict[str, list[str]]:
    """The deleted people who were registered before these under a number that these have now, by id; of everybody without `people`."""
    p, gone = table("person"), table("person").alias("gone")
    deleted = gone.c.deleted_at.is_not(None), gone.c.merged_into.is_(None)
    renumbered = former(session, "person", op.c.row_id.in_(select(gone.c.id).where(*deleted)), ("id_number",))
    once = by_key((tail_of(one.values["id_number"]) or "", one.row_id) for one in renumbered)
    columns = p.c.id, p.c.id_tail, p.c.village, p.c.seq, p.c.created_at
    alive = [p.c.deleted_at.is_(None), func.length(p.c.id_tail) >= _NUMBERED]
    alive += [among(p.c.id, people)] if people is not None else []
    same = select(*columns, gone.c.id.label("of")).join(gone, (gone.c.id_tail == p.c.id_tail) & (gone.c.id != p.c.id))
    pairs: list[tuple[Any, str]] = [(row, str(row.of)) for row in session.conn.execute(same.where(*alive, *deleted)).all()]
    again = session.conn.execute(select(*columns).where(*alive, among(p.c.id_tail, once))).all() if once else ()
    pairs += [(row, id) for row in again for id in once[row.id_tail]]
    ids = {id for _row, id in pairs}
    known = {row.id: row for row in session.conn.execute(select(*columns).where(among(p.c.id, ids)))} if ids else {}
    found = by_key((row.id, id) for row, id in pairs if _is_before(known[id], row))
    return {id: sorted(set(before), key=lambda one: _made_order(known[one])) for id, before in found.items()}


def _is_before(one: Any, other: Any) -> bool:
    if one.village == other.village and one.seq is not None and other.seq is not None and one.seq != other.seq:
        return bool(one.seq < other.seq)
    return bool(_made_order(one) < _made_order(other)) or (one.seq is not None and other.seq is None)


def _made_order(row: Any) -> tuple[str, str]:
    return row.created_at or "", row.id


# -- people ------------------------------------------------------------------------------------------------------------------


def _of_people(session: Session, people: Collection[str], earlier: dict[str, list[str]], codes: Collection[str]) -> Iterator[Chain]:
    """Changes of the fields of people, after those of the deleted records that they replace."""
    t, everybody = table("person"), {*people, *(one for id in people for one in earlier.get(id, ()))}
    lines = _ops(session, Person.KIND.number, everybody)
    if not lines and not earlier:
        return
    wanted = {id for id in everybody if id in lines} | {one for id, before in earlier.items() for one in (id, *before)}
    rows = {row.id: row for row in session.conn.execute(select(t).where(among(t.c.id, wanted)))}
    for id in people:
        mine = [rows[one] for one in (*earlier.get(id, ()), id) if one in rows]
        for code in PEOPLE.keys() & codes if mine and mine[-1].id == id else ():
            events = _linked([told for row in mine for told in _of_row(code, id, row, lines.get(row.id, ()))])
            if len(events) > 1:
                yield events[0], events[1:]


def _of_row(code: str, person_id: str, row: Any, lines: Sequence[Any]) -> Iterator[_Told]:
    """What made a record and changed one of its fields, in the county's order."""
    f = FIELDS[code]
    mine = [line for line in lines if line.what in "UR" and f.number in touched(line.mask)]
    olds = [json.loads(line.old or "{}").get(str(f.number)) for line in mine]
    values: list[Stored] = [*olds, row._mapping[f.name]]
    made = next((_parcel(line) for line in lines if line.what == "I"), (row.created_by, row.seq))
    place = _NOT_SENT if row.seq is None or made[1] is None else made[1]
    first = Event(code, person_id, None, values[0], row.created_by, row.created_at, made)
    yield _Told((place, row.created_at, row.id), row, True, first)
    for line, old, new in zip(mine, olds, values[1:], strict=True):
        place = line.entry if line.entry is not None else _NOT_SENT
        yield _Told((place, line.at, row.id), row, False, Event(code, person_id, old, new, line.by, line.at, _parcel(line)))


def _linked(listed: Iterable[_Told]) -> list[Event]:
    """The events, where a record that replaces another goes on from the value before it."""
    events: list[Event] = []
    for told in listed:
        events.append(replace(told.event, old=events[-1].new) if told.made and events else told.event)
    return events


# -- categories --------------------------------------------------------------------------------------------------------------


def _of_spans(
    session: Session, people: Collection[str], earlier: Mapping[str, list[str]], said: Mapping[str, Sequence[Finding]]
) -> Iterator[Chain]:
    """Changes of the category spans of people. Deleted spans entitle nobody to money, but others may have been entered in their place."""
    t = table("category_span")
    whose = {one: id for id in people for one in (*earlier.get(id, ()), id)}
    rows = session.conn.execute(select(t).where(among(t.c.person_id, whose))).all()
    lines = _ops(session, CategorySpan.KIND.number, [row.id for row in rows])
    for id, spans in by_key((whose[row.person_id], row) for row in rows).items():
        for code in SPANS:
            told = sorted((one for row in spans for one in _of_row(code, id, row, lines.get(row.id, ()))), key=lambda one: one.order)
            for row in spans:
                events = _of_span(code, told, row, said.get(id, ())) if row.deleted_at is None and row.person_id == id else ()
                if len(events) > 1:
                    yield events[0], list(events[1:])


def _of_span(code: str, told: Sequence[_Told], row: Any, said: Sequence[Finding]) -> list[Event]:
    """The events of a span, after those before it of which it may take the place: of any span for its category, of those of the same
    category for its end, and of deleted ones of the same category for its start. Whoever confirms one of them confirms those before."""
    alike = [one for one in told if code == CATEGORY or one.row.category == row.category]
    made = next(one.order for one in told if one.made and one.row.id == row.id)
    before = [one for one in alike if one.order < made and (code != SPAN_START or one.row.deleted_at is not None)]
    listed = sorted([*before, *(one for one in alike if one.row.id == row.id and one not in before)], key=lambda one: one.order)
    first_of = {one.event.finding: one for one in reversed(alike)}  # one dated like an earlier change borrows no finding
    done = max((one.order for one in first_of.values() if was_confirmed(one.event, said)), default=None)
    events = _linked(listed)
    past = sum(done is not None and one.order <= done for one in listed)
    return events[max(past - 1, 0) :]


# -- the log and what was said about it ----------------------------------------------------------------------------------------


def _ops(session: Session, kind: int, ids: Iterable[str]) -> dict[str, list[Any]]:
    query = select(op).where(among(op.c.row_id, ids), op.c.kind == kind, op.c.what.in_(("U", "R", "I"))).order_by(*ORDER)
    return by_key((line.row_id, line) for line in session.conn.execute(query))


def _parcel(line: Any) -> tuple[str, int | None]:
    """The unit in which a change was uploaded: its entry in the county's log; before that its sealed batch, or none. After a move all
    changes of a person arrive in one entry, so there each change counts separately."""
    if line.entry is None:
        return f"{line.by} {line.batch}", None
    return (f"{line.by} {line.seq}" if (line.author or "").partition(".")[0] == STATION else line.by), line.entry


def findings(session: Session, people: Iterable[str]) -> dict[str, list[Finding]]:
    """What was said about changes of these people, by their ids, in the county's order."""
    of_changes = table("finding").c.code.like("K%@%")
    return session.by_parent(Finding, "record_id", people, of_changes, order=("seq", "created_at", "id"))

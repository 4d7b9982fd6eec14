"""待确认的变更: changes of name, ID number, account and category that nobody else has confirmed yet, and the statements about them.

Who may confirm: see `domain.key_changes`. A statement is a `finding` about the person: `verified` confirms; `open` disputes, or gives the
author's own reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from sqlalchemy import func, select

from db import receipts
from db.among import among
from db.capture import op
from db.changes import ORDER, touched
from db.county import STATION
from db.exchange import entry
from db.mapping import table
from db.merged import stands
from db.session import Session
from domain import clock
from domain.errors import DomainError, NotFound, Refused
from domain.grouping import by_key
from domain.key_changes import CATEGORY, FIELDS, LISTED_DAYS, MOST_REASON, Event, Pending, counts, pending, was_confirmed
from domain.periods import add_days
from domain.records import CategorySpan, Finding, Person
from domain.words import _
from services import records

_PERSON = {f.number: code for code, f in FIELDS.items() if code != CATEGORY}
_MASK = reduce(lambda mask, number: mask | 1 << number - 1, _PERSON, 0)
_CATEGORY = FIELDS[CATEGORY].number
_EDITS = op.c.what.in_(("U", "R"))
"""An edit may also have restored a record that somebody else deleted meanwhile."""


@dataclass(frozen=True)
class UnconfirmedChange:
    """A change that waits for confirmation by a second person."""

    pending: Pending
    name: str
    village: str

    @property
    def id(self) -> str:
        """The id for commands: the person's id and the code of the findings about the change."""
        return f"{self.pending.event.person_id}:{self.pending.event.finding}"

    def label(self) -> str:
        """The label of the changed field."""
        return _(FIELDS[self.pending.event.code].label)

    def sentence(self) -> str:
        """A warning for whoever approves or pays."""
        event, against = self.pending.event, self.pending.dispute
        text = _("{label}由{who}于 {day} 改过，{state}，请先核实")
        state = _("有异议：{why}").format(why=against) if against else _("还没有人确认")
        return text.format(label=self.label(), who=event.name, day=day(event.at), state=state)

    def shown(self, *, plain: bool = False) -> tuple[str, str]:
        """The value before and after, masked unless `plain`."""
        f, event = FIELDS[self.pending.event.code], self.pending.event
        return f.show(f.from_stored(event.old), plain=plain), f.show(f.from_stored(event.new), plain=plain)


def waiting(session: Session, people: Iterable[str] | None = None) -> list[UnconfirmedChange]:
    """The unconfirmed changes of `people`, the oldest first. Without `people`, those of everybody that were made, or arrived, within the
    last `LISTED_DAYS`."""
    since = f"{add_days(session.today, -LISTED_DAYS)}T00:00:00Z"
    late = _backdated(session, since) if people is None else set()
    wanted = sorted(set(people)) if people is not None else sorted({*_changed_since(session, since), *(id for id, _entry in late)})
    named = {row.id: row for row in _judged_here(session, session.select(Person, among(table("person").c.id, wanted), stands()))}
    listed = _of_people(session, named, session.column("person", "seq", wanted)) | _of_categories(session, named)
    said, found = _findings(session, wanted), []
    for (id, _code), (first, events) in listed.items():
        known = pending(first, events, said.get(id, ()))
        if known is not None and (people is not None or known.event.at >= since or (id, known.event.parcel[1]) in late):
            found.append(UnconfirmedChange(known, named[id].name, named[id].village))
    return sorted(found, key=lambda one: (one.pending.event.at, one.id))


def _judged_here(session: Session, rows: Sequence[Any]) -> list[Any]:
    """The people whose changes are judged at this station. A person merged into one of another village, whose record is not here, is judged
    there."""
    t = table("person")
    into = {row.merged_into for row in rows if row.merged_into}
    known = set(session.conn.execute(select(t.c.id).where(among(t.c.id, into))).scalars())
    return [row for row in rows if not row.merged_into or row.merged_into in known]


_Listed = dict[tuple[str, str], tuple[Event, list[Event]]]


def _changed_since(session: Session, since: str) -> list[str]:
    """Ids of the people of whom a watched field may have changed."""
    s = table("category_span")
    bits = op.c.mask.bitwise_and(_MASK) != 0
    edited = select(op.c.row_id).where(op.c.kind == Person.KIND.number, _EDITS, op.c.at >= since, bits)
    spans = select(op.c.row_id).where(op.c.kind == CategorySpan.KIND.number, _EDITS, op.c.at >= since)
    several = select(s.c.person_id).group_by(s.c.person_id).having(func.count() > 1, func.max(s.c.created_at) >= since)
    renamed = select(s.c.person_id).where(s.c.id.in_(spans))
    found = (session.conn.execute(query).scalars() for query in (edited, several, renamed))
    return sorted({id for part in found for id in part if id})


def _backdated(session: Session, since: str) -> set[tuple[str, int]]:
    """Person and entry of changes dated before `since` that arrived later. What came with a move was known elsewhere before."""
    p, e = table("person"), entry
    joined = op.join(p, p.c.id == op.c.row_id).join(e, (e.c.scope == p.c.village) & (e.c.seq == op.c.entry))
    mine = op.c.kind == Person.KIND.number, _EDITS, op.c.at < since, op.c.mask.bitwise_and(_MASK) != 0
    arrived = receipts.in_time(session) & (e.c.at >= since), func.coalesce(op.c.author, "").not_like(f"{STATION}.%")
    return {
        (row.row_id, row.entry) for row in session.conn.execute(select(op.c.row_id, op.c.entry).select_from(joined).where(*mine, *arrived))
    }


def _of_people(session: Session, people: dict[str, Any], seq: dict[str, int | None]) -> _Listed:
    found: _Listed = {}
    for id, lines in _ops(session, Person.KIND.number, people).items():
        person = people[id]
        for number, code in _PERSON.items():
            f = FIELDS[code]
            mine = [line for line in lines if line.what in "UR" and number in touched(line.mask)]
            olds = [json.loads(line.old or "{}").get(str(number)) for line in mine]
            news = [*olds[1:], getattr(person, f.name)]
            made = next((_parcel(line) for line in lines if line.what == "I"), (person.created_by, seq.get(id)))
            first = Event(code, id, None, olds[0] if olds else None, person.created_by, person.created_at, made)
            if mine:
                events = [Event(code, id, a, b, x.by, x.at, _parcel(x)) for x, a, b in zip(mine, olds, news, strict=True)]
                found[id, code] = (first, events)
    return found


def _of_span(row: Any, lines: Sequence[Any]) -> Iterator[tuple[Any, Any, Any]]:
    """What made a span and changed its category: order, overwritten value (None: a new span), parts of the event."""
    mine = [line for line in lines if line.what in "UR" and _CATEGORY in touched(line.mask)]
    olds = [json.loads(line.old or "{}").get(str(_CATEGORY)) for line in mine]
    values = [*olds, row.category]
    made = next((_parcel(line) for line in lines if line.what == "I"), (row.created_by, row.seq))
    place = made[1] if row.seq is not None else 2**62
    yield (place, row.created_at, row.id), None, (values[0], row.created_by, row.created_at, made)
    for line, old, new in zip(mine, olds, values[1:], strict=True):
        order = (line.entry if line.entry is not None else 2**62, line.at, row.id)
        yield order, old, (new, line.by, line.at, _parcel(line))


def _of_categories(session: Session, people: Iterable[str]) -> _Listed:
    """The changes of category: each span added after the first, and each change of a span's category. Deleted spans are left out, because
    they entitle nobody to money."""
    t = table("category_span")
    rows = session.conn.execute(select(t).where(among(t.c.person_id, people), t.c.deleted_at.is_(None))).all()
    lines = _ops(session, CategorySpan.KIND.number, [row.id for row in rows])
    told = by_key((row.person_id, part) for row in rows for part in _of_span(row, lines.get(row.id, ())))
    found: _Listed = {}
    for id, parts in told.items():
        events: list[Event] = []
        for _order, old, (new, by, at, parcel) in sorted(parts, key=lambda part: part[0]):
            before = old if old is not None or not events else events[-1].new
            events.append(Event(CATEGORY, id, before, new, by, at, parcel))
        if len(events) > 1:
            found[id, CATEGORY] = (events[0], events[1:])
    return found


def _ops(session: Session, kind: int, ids: Iterable[str]) -> dict[str, list[Any]]:
    query = select(op).where(among(op.c.row_id, ids), op.c.kind == kind, op.c.what.in_(("U", "R", "I"))).order_by(*ORDER)
    return by_key((line.row_id, line) for line in session.conn.execute(query))


def _parcel(line: Any) -> tuple[str, int | None]:
    """The unit in which a change was uploaded: its entry in the county's log; before that its sealed batch, or none. After a move all
    changes of a person arrive in one entry, so there each change counts separately."""
    if line.entry is None:
        return f"{line.by} {line.batch}", None
    return (f"{line.by} {line.seq}" if (line.author or "").partition(".")[0] == STATION else line.by), line.entry


def _findings(session: Session, people: Sequence[str]) -> dict[str, list[Finding]]:
    t = table("finding")
    order = (t.c.seq.is_(None), t.c.seq, t.c.created_at, t.c.id)
    found = session.select(Finding, among(t.c.record_id, people), t.c.code.like("K%@%"), order=order)
    return by_key((one.record_id, one) for one in found)


def confirmed(session: Session, event: Event) -> bool:
    """Whether another person confirmed a change. False if several changes have the same time, because it is unknown which was meant."""
    number = FIELDS[event.code].number
    same = select(op.c.mask).where(op.c.row_id == event.person_id, op.c.kind == Person.KIND.number, _EDITS, op.c.at == event.at)
    if sum(number in touched(mask) for mask in session.conn.execute(same).scalars()) > 1:
        return False
    return was_confirmed(event, _findings(session, [event.person_id]).get(event.person_id, ()))


def sentences(session: Session, people: Iterable[str]) -> dict[str, str]:
    """Person id → warnings about unconfirmed changes, for whoever approves or pays."""
    found = by_key((one.pending.event.person_id, one.sentence()) for one in waiting(session, people))
    return {id: _("；").join(told) for id, told in found.items()}


# -- statements about a change ---------------------------------------------------------------------------------------------


def known(session: Session, id: str) -> UnconfirmedChange:
    """The unconfirmed change with that id, in any letter case. Raises `NotFound` if it was confirmed, reverted or changed again."""
    given = id.lower()  # ids on a command line may be in capitals
    found = next((one for one in waiting(session, [given.partition(":")[0]]) if one.id.lower() == given), None)
    if found is None:
        raise NotFound(_("没有这处待确认的变更：可能已经确认，或者又改过。请刷新名单。"))
    return found


def confirm(session: Session, id: str, reason: str | None = None) -> str:
    """Confirm a change; returns the finding's id. Raises `NotFound`, and `Refused` at a village or for the author of the change."""
    return _say(session, _others(session, id), "verified", reason)


def dispute(session: Session, id: str, reason: str) -> str:
    """Dispute a change: it stays in force and unconfirmed, and its author sees the reason. Raises like `confirm`, and `DomainError` without
    a reason."""
    if not (reason or "").strip():
        raise DomainError(_("请写明哪里有疑问，对方才知道怎么核实。"))
    return _say(session, _others(session, id), "open", reason)


def explain(session: Session, id: str, reason: str) -> str:
    """Record the author's reason for a change, for whoever is to confirm it. Raises `NotFound`, or `Refused` for anybody else."""
    one = known(session, id)
    if one.pending.event.by != session.author:
        raise Refused(_("原因由改动的人写。"))
    return _say(session, one, "open", reason)


def _others(session: Session, id: str) -> UnconfirmedChange:
    one = known(session, id)
    if session.role == "village":
        raise Refused(_("关键信息的变更由乡镇或县里确认，本站不能确认。"))
    if not counts(session.author, one.pending.event):
        raise Refused(_("谁改的谁不能确认：请换一位同事，或请县里确认。"))
    return one


def _say(session: Session, one: UnconfirmedChange, state: str, reason: str | None) -> str:
    said = (reason or "").strip()
    if len(said) > MOST_REASON:
        raise DomainError(_("说明不超过 {most} 个字。").format(most=MOST_REASON))
    values = {"code": one.pending.event.finding, "record_id": one.pending.event.person_id, "state": state, "reason": said or None}
    closed = session.today if state == "verified" else None
    return records.save(session, "finding", {**values, "by": session.user, "closed_on": closed})


def day(at: str) -> str:
    """The day of a change for display."""
    return clock.text(at)[:10]

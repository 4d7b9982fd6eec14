"""待确认的变更: changes of key information (`domain.key_changes`) that nobody else has confirmed yet, and the statements about them.

Who may confirm: see `domain.key_changes`. A statement is a `finding` about the person: `verified` confirms; `open` disputes, or gives the
author's own reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from sqlalchemy import func, select

from db import receipts
from db.among import among
from db.capture import op
from db.changes import touched
from db.county import STATION
from db.exchange import entry
from db.key_changes import EDITS, findings, predecessors, unconfirmed
from db.mapping import table
from db.merged import stands
from db.session import Session
from domain import clock
from domain.errors import DomainError, NotFound, Refused
from domain.grouping import by_key
from domain.key_changes import CATEGORY, FIELDS, LISTED_DAYS, MOST_REASON, PEOPLE, SPANS, Event, Pending, counts, was_confirmed
from domain.periods import add_days
from domain.records import CategorySpan, Person
from domain.words import _
from services import records

_MASK = reduce(lambda mask, f: mask | 1 << f.number - 1, PEOPLE.values(), 0)


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
        code = self.pending.event.code
        label = _(FIELDS[code].label)
        return _("人员类别的{label}").format(label=label) if code in SPANS and code != CATEGORY else label

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
    named = {row.id: row for row in _judged_here(session, session.select(Person, stands(), id=wanted))}
    found = []
    for known in unconfirmed(session, named):
        id = known.event.person_id
        if people is not None or known.event.at >= since or (id, known.event.parcel[1]) in late:
            found.append(UnconfirmedChange(known, named[id].name, named[id].village))
    return sorted(found, key=lambda one: (one.pending.event.at, one.id))


def _judged_here(session: Session, rows: Sequence[Any]) -> list[Any]:
    """The people whose changes are judged at this station. A person merged into one of another village, whose record is not here, is judged
    there."""
    t = table("person")
    into = {row.merged_into for row in rows if row.merged_into}
    known = set(session.conn.execute(select(t.c.id).where(among(t.c.id, into))).scalars())
    return [row for row in rows if not row.merged_into or row.merged_into in known]


def _changed_since(session: Session, since: str) -> list[str]:
    """Ids of the people of whom a watched field may have changed."""
    s = table("category_span")
    bits = op.c.mask.bitwise_and(_MASK) != 0
    edited = select(op.c.row_id).where(op.c.kind == Person.KIND.number, EDITS, op.c.at >= since, bits)
    spans = select(op.c.row_id).where(op.c.kind == CategorySpan.KIND.number, EDITS, op.c.at >= since)
    several = select(s.c.person_id).group_by(s.c.person_id).having(func.count() > 1, func.max(s.c.created_at) >= since)
    renamed = select(s.c.person_id).where(s.c.id.in_(spans))
    found = {id for query in (edited, several, renamed) for id in session.conn.execute(query).scalars() if id}
    return sorted(found | predecessors(session).keys())


def _backdated(session: Session, since: str) -> set[tuple[str, int]]:
    """Person and entry of changes dated before `since` that arrived later. What came with a move was known elsewhere before."""
    p, e = table("person"), entry
    joined = op.join(p, p.c.id == op.c.row_id).join(e, (e.c.scope == p.c.village) & (e.c.seq == op.c.entry))
    mine = op.c.kind == Person.KIND.number, EDITS, op.c.at < since, op.c.mask.bitwise_and(_MASK) != 0
    arrived = receipts.in_time(session) & (e.c.at >= since), func.coalesce(op.c.author, "").not_like(f"{STATION}.%")
    return {
        (row.row_id, row.entry) for row in session.conn.execute(select(op.c.row_id, op.c.entry).select_from(joined).where(*mine, *arrived))
    }


def confirmed(session: Session, event: Event) -> bool:
    """Whether another person confirmed a change. False if several changes have the same time, because it is unknown which was meant."""
    number = FIELDS[event.code].number
    same = select(op.c.mask).where(op.c.row_id == event.person_id, op.c.kind == Person.KIND.number, EDITS, op.c.at == event.at)
    if sum(number in touched(mask) for mask in session.conn.execute(same).scalars()) > 1:
        return False
    return was_confirmed(event, findings(session, [event.person_id]).get(event.person_id, ()))


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

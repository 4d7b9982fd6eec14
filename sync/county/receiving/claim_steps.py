"""Decides at the county which operations on claims, claim steps and payments a station may make.

A step needs the right level and user, a payment must match what was approved, each benefit is paid once, and the notice of a claim that is
under way stays. A batch is judged before it is
applied, in county order: of two stations that process the same claim, the second to arrive is refused. Every replica skips exactly the
refused operations, and their author is informed. The rules are in `domain.claim_rules`; this module reads what they are applied to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select, text

from db import funds
from db.among import among
from db.exchange import conflict
from db.mapping import table
from db.same_benefit import Beneficiaries
from db.session import Session
from domain import claims as path
from domain.claim_rules import Judge, Operation
from domain.fields import Kind
from domain.grouping import by_key
from domain.records import Claim, ClaimStep, Notice, Payment, Person
from domain.scopes import level_of
from domain.values import from_stored
from sync.replica.known_fields import fits
from sync.wire.columns import Change, Group

_LOCK = text("UPDATE meta SET value = value WHERE key = 'county_id'")
"""Lets only one batch with claims be judged at a time, in any scope, until its transaction ends: on PostgreSQL, claims of one person from
two villages that are judged concurrently would both count as the first."""
_JUDGED = {kind.KIND.number: kind.KIND for kind in (Claim, ClaimStep, Payment)}

Seen = tuple[str, int, str]
"""The log of a batch, the position up to which its author had read that log, and the author."""


def unlawful(session: Session, scope: str, groups: Sequence[Group], seen: Seen | None) -> dict[int, str]:
    """Return the operations on claims that a station of `scope` may not make: the reason (a word of `sync.wire.words.REASONS`) by index in
    the batch. `seen` is None if the batch was judged before."""
    placed = sorted((pair for g in groups if g.kind in _JUDGED for pair in g.changes()), key=lambda pair: pair[0])
    posted = _taken_down(session, groups) if seen is not None and level_of(scope) is not None else {}
    if not placed and not posted:
        return {}
    session.conn.execute(_LOCK)
    people = [change for g in groups if g.kind == Person.KIND.number for _place, change in g.changes()]
    level = level_of(scope) or "county"  # the county's own changes have no scope
    records = _Records(session, Beneficiaries(session, _coming(people), formerly=seen is not None), seen)
    named = {id for notice in posted.values() for id in notice.claims or ()}
    judge = records.judge(level, [change for _place, change in placed], named, again=seen is None)
    words = [(place, judge.judge(_operation(change))) for place, change in placed]
    words += [(place, "level" if judge.rests_on(notice) else None) for place, notice in posted.items()]
    return {place: word for place, word in words if word is not None}


def _taken_down(session: Session, groups: Sequence[Group]) -> dict[int, Notice]:
    """The notices on record that changes delete, by place."""
    told = [placed for g in groups if g.kind == Notice.KIND.number and g.what == "D" for placed in g.changes()]
    known = {one.id: one for one in session.select(Notice, id=[change.row_id for _place, change in told], deleted=True)} if told else {}
    return {place: known[change.row_id] for place, change in told if change.row_id in known}


class _Records:
    """The tables that the rules ask (`claim_rules.Records`)."""

    def __init__(self, session: Session, people: Beneficiaries, seen: Seen | None) -> None:
        self._session, self._conn = session, session.conn
        self._people = people
        self._seen = seen or ("", 0, "")  # not asked for in a batch that was judged before

    def judge(self, level: str, changes: Sequence[Change], posted: Iterable[str], *, again: bool) -> Judge:
        """The judge of these changes, who has read the records that they are about, and the claims `posted`."""
        changed = {number: self._changed(kind, changes) for number, kind in _JUDGED.items()}
        steps, payments = changed[ClaimStep.KIND.number], changed[Payment.KIND.number]
        claims = {*posted, *(c.row_id for c in changes if c.kind == Claim.KIND.number)}
        claims |= {str(c.values[1]) for c in changes if c.kind != Claim.KIND.number and c.values.get(1)}  # 1: claim_id of both kinds
        claims |= {row.claim_id for row in (*steps.values(), *payments.values())}
        named = among(table("claim").c.id, claims)
        return Judge(
            level=level,
            again=again,
            records=self,
            claims={c.id: c for c in self._read(Claim.KIND, named)},
            deleted={c.id: c for c in self._read(Claim.KIND, named, deleted=True)},
            steps=self._of_claims(ClaimStep.KIND, claims),
            payments=self._of_claims(Payment.KIND, claims),
            changed_steps=steps,
            changed_payments=payments,
            on_record={id for kind in (ClaimStep.KIND, Payment.KIND) for id in self._ids(kind, changes)},
        )

    def is_listed(self, operation: Operation) -> bool:
        c = conflict.c
        mine = (c.id == operation.conflict, c.row_id == operation.id, c.kind == operation.kind.number)
        return self._conn.execute(select(c.id).where(*mine)).first() is not None

    def is_separate(self, year: int) -> bool:
        return funds.separated(self._conn, self._seen[0], year)

    def left(self, fund: str, year: int) -> int | None:
        most = funds.ceiling(self._conn, self._seen[0], fund, year)
        return None if most is None else most - funds.spent(self._conn, self._seen[0], fund, year)

    def same_benefit(self, claim: Claim, batch: Iterable[Claim]) -> list[tuple[Claim, list[ClaimStep]]]:
        c = table("claim")
        whose, selves = self._people.theirs(claim)
        found = {other.id: other for other in self._read(Claim.KIND, c.c.rule == claim.rule, c.c[whose].in_(sorted(selves)))}
        found |= {other.id: other for other in batch if other.rule == claim.rule and other.__dict__[whose] in selves}
        alike = (other for id, other in found.items() if id != claim.id)
        others = [other for other in alike if self._people.same_benefit(other, claim, selves[other.__dict__[whose]])]
        steps = self._of_claims(ClaimStep.KIND, [other.id for other in others])
        return [(other, steps[other.id]) for other in others]

    def is_unseen(self, claim: Claim) -> bool:
        """How many months a person may get is in policy packs, which ingestion does not read; so the approver has to decide again."""
        if claim.person_id is None or not path.months(claim):
            return False
        (scope, known, author), c, s = self._seen, table("claim"), table("claim_step")
        late = (s.c.to_state == "approved") & s.c.deleted_at.is_(None) & (s.c.village == scope) & (s.c.seq > known) & (s.c.author != author)
        theirs = (
            (c.c.rule == claim.rule) & c.c.person_id.in_(sorted(self._people.selves(claim.person_id, claim.rule))) & (c.c.id != claim.id)
        )
        return self._conn.execute(select(s.c.id).join(c, c.c.id == s.c.claim_id).where(late, theirs).limit(1)).first() is not None

    def deleted_payment(self, id: str) -> Payment | None:
        return next(iter(self._read(Payment.KIND, table("payment").c.id == id, deleted=True)), None)

    def _changed(self, kind: Kind, changes: Sequence[Change]) -> dict[str, Any]:
        ids = sorted({c.row_id for c in changes if c.kind == kind.number and c.what != "I"})
        return {row.id: row for row in self._read(kind, among(table(kind).c.id, ids))} if ids else {}

    def _ids(self, kind: Kind, changes: Sequence[Change]) -> set[str]:
        """Those of the rows that `changes` name that exist, deleted or not."""
        t, ids = table(kind), {c.row_id for c in changes if c.kind == kind.number}
        return set(self._conn.execute(select(t.c.id).where(among(t.c.id, ids))).scalars()) if ids else set()

    def _read(self, kind: Kind, *where: ColumnElement[bool], deleted: bool = False) -> list[Any]:
        gone = (table(kind).c.deleted_at.is_not(None),) if deleted else ()
        order = ("seq", "at", "id") if kind is ClaimStep.KIND else ()  # steps in county order; that of other records does not matter
        return self._session.select(kind, *where, *gone, order=order, deleted=deleted)

    def _of_claims(self, kind: Kind, ids: Iterable[str]) -> dict[str, list[Any]]:
        return by_key((row.claim_id, row) for row in self._read(kind, among(table(kind).c.claim_id, ids)))


def _coming(people: Iterable[Change]) -> dict[str, dict[str, Any]]:
    """The values that changes give to people, by id and field name."""
    found: dict[str, dict[str, Any]] = {}
    for change in people:
        found.setdefault(change.row_id, {}).update(_values(Person.KIND, change))
    return found


def _operation(change: Change) -> Operation:
    kind = _JUDGED[change.kind]
    return Operation(kind, change.what, change.row_id, change.by, change.at, _values(kind, change), change.conflict)


def _values(kind: Kind, change: Change) -> dict[str, Any]:
    """The values that a change sets, by field name. Malformed values count as unset; applying the change refuses them."""
    found = {}
    for number, value in change.values.items():
        if (f := kind.by_number.get(number)) is not None and fits(f, [value]):
            found[f.name] = from_stored(f.type, value)
    return found

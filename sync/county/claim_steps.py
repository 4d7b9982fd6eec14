"""Judges what stations write about claims: each step by the level and the user behind it, payments by what was approved, money once.

Judged before a batch is applied and in county order, so of two stations that take a claim on, the second to arrive is refused; every
replica skips exactly that, and whoever took the step is told. The path itself is `domain.claims`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select, text

from db import funds
from db.among import among
from db.mapping import record_columns, table, to_records
from db.search import search_columns
from db.session import Session
from domain import claims as path
from domain.fields import Kind
from domain.grouping import by_key
from domain.records import Claim, ClaimStep, Payment, Person
from domain.values import from_stored
from sync.replica.known_fields import fits
from sync.wire.columns import Change, Group

_ALONE = text("UPDATE meta SET value = value WHERE key = 'county_id'")
"""One batch with claims at a time until its transaction ends, whatever its scope: else two villages' claims of one person, judged at the
same moment on PostgreSQL, would both be found the first."""
_LEVELS = {12: "village", 9: "township"}
_JUDGED = {kind.KIND.number: kind.KIND for kind in (Claim, ClaimStep, Payment)}
_MONEY_OUT = ("approved", "paid")
_ONCE = {"schooling": ("term",), "placement": ("employer_id",)}
"""Records on which a claim may rest, and the fields by which two of them are for the same benefit (`domain.md` §3.6)."""


Seen = tuple[str, int, str]
"""The log a batch is in, how far its author had read it, and the author."""


def unlawful(session: Session, scope: str, groups: Sequence[Group], seen: Seen | None) -> dict[int, str]:
    """The operations on claims that the station of `scope` may not make: why, by place (a word of `sync.wire.words.REASONS`). `seen`: None
    if the batch was judged before."""
    placed = sorted((pair for g in groups if g.kind in _JUDGED for pair in g.changes()), key=lambda pair: pair[0])
    if not placed:
        return {}
    session.conn.execute(_ALONE)
    people = [change for g in groups if g.kind == Person.KIND.number for _place, change in g.changes()]
    bench = _Bench(session, (_LEVELS.get(len(scope), "county"), seen), [change for _place, change in placed], people)
    words = ((place, bench.judge(change)) for place, change in placed)
    return {place: word for place, word in words if word is not None}


class _Bench:
    """The claims a batch is about as they stand, moved on with every operation that is allowed."""

    def __init__(self, session: Session, by: tuple[str, Seen | None], changes: Sequence[Change], people: Sequence[Change]) -> None:
        self._session = session
        self._level, self._seen = by
        self._people = people
        self._known = {number: self._named(kind, changes) for number, kind in _JUDGED.items()}
        claims = {c.row_id for c in changes if c.kind == Claim.KIND.number}
        claims |= {str(c.values[1]) for c in changes if c.kind != Claim.KIND.number and c.values.get(1)}  # 1: claim_id of both kinds
        claims |= {row.claim_id for number in (ClaimStep.KIND.number, Payment.KIND.number) for row in self._known[number].values()}
        named = among(table("claim").c.id, claims)
        self._claims: dict[str, Claim] = {c.id: c for c in self._read(Claim.KIND, named)}
        self._deleted: dict[str, Claim] = {c.id: c for c in self._read(Claim.KIND, named, deleted=True)}
        self._steps = self._of_claims(ClaimStep.KIND, claims)
        self._payments = self._of_claims(Payment.KIND, claims)
        self._stored = {payment.id for made in self._payments.values() for payment in made}
        self._sent_back: list[Payment] = []
        """Payments known here that the bank sent back according to this batch."""

    def judge(self, change: Change) -> str | None:
        """Why an operation may not be made; None when it may, and then it counts for those that follow."""
        if change.kind == Claim.KIND.number:
            return self._claim(change)
        return self._step(change) if change.kind == ClaimStep.KIND.number else self._payment(change)

    def _claim(self, change: Change) -> str | None:
        """A claim is changed where it is written: as a draft or when it was sent back. Afterwards only the county corrects it, and nobody
        changes what was approved: it goes back first, so that somebody approves it anew. A deleted claim is where
        its steps left it."""
        claim = self._claims.get(change.row_id) or self._deleted.get(change.row_id)
        if claim is None:
            if change.what == "I":
                self._claims[change.row_id] = _made(Claim.KIND, change)
            return None
        values, state = _values(Claim.KIND, change), self._state(claim)
        fixed = not path.APPROVED_AS.isdisjoint(values)
        if self._level != "county" and state not in ("draft", "returned", "withdrawn") and (fixed or change.what != "C"):
            return "path"
        if change.what != "C" and state in path.FIXED and (fixed or change.what == "D"):
            return "fixed"
        if change.what == "U":
            claim.__dict__.update(values)
        if change.what == "R":
            self._claims[claim.id] = claim
        return None

    def _step(self, change: Change) -> str | None:
        if change.what != "I":
            return self._withdrawn(change)
        step = _made(ClaimStep.KIND, change)
        claim = self._claims.get(step.claim_id)
        if claim is None:
            return "row"
        if step.by != change.by:
            return "signed"
        word = path.problem(claim, self._steps[claim.id], step.to_state, self._level, change.by)
        if word is None and step.to_state == "approved" and self._enjoyed(claim):
            word = "enjoyed"
        if word is None and step.to_state == "approved" and self._unseen(claim):
            word = "unseen"
        if word is None and step.to_state in ("returned", "refused") and self._under_way(claim.id):
            word = "path"
        if word is None:
            self._steps[claim.id].append(step)
            self._known[ClaimStep.KIND.number][step.id] = step  # it may be taken back in the same batch, and then the one before it
        return word

    def _withdrawn(self, change: Change) -> str | None:
        """Only the last step may be taken back, by a level that may take it: otherwise a village could delete what the county decided. No
        step is edited: otherwise a village could give the county's step an opinion."""
        if change.what == "U":
            return "append"
        step = self._known[ClaimStep.KIND.number].get(change.row_id)
        if change.what not in "DR" or step is None:
            return None
        claim = self._claims.get(step.claim_id)
        taken = path.counted(claim, self._steps[step.claim_id]) if claim else []
        if self._level not in path.MOVES[step.to_state].levels:
            return "level"
        if change.what == "R" or not taken or taken[-1].id != step.id or step.to_state in ("paid", "recovered"):
            return "path"
        if step.to_state == "approved" and self._under_way(step.claim_id):
            return "path"
        self._steps[step.claim_id].remove(taken[-1])
        return None

    def _payment(self, change: Change) -> str | None:
        """Only the county pays: what is approved, as much as was approved, once, and not who entered the claim. A payment that may have
        gone out is not deleted."""
        if self._level != "county":
            return "level"
        if change.what != "I":
            known = self._known[Payment.KIND.number].get(change.row_id)
            if change.what == "D" and known is None:  # made in this batch: nobody was told to pay
                for made in self._payments.values():
                    made[:] = [one for one in made if one.id != change.row_id]
            if change.what == "U":
                self._answered(change)
            return "append" if change.what == "D" and known is not None and known.bank_result != "failed" else None
        payment = _made(Payment.KIND, change)
        claim = self._claims.get(payment.claim_id)
        if claim is None:
            return "row"
        if self._state(claim) != "approved":
            return "path"
        if self._under_way(claim.id):
            return "enjoyed"
        if payment.amount != claim.amount:
            return "amount"
        if self._seen is not None and change.by == claim.created_by:
            return "duties"  # not of what was in the log before: earlier programs let it pass, and the money is out
        if self._over(payment, change.at):
            return "ceiling"
        self._payments[claim.id].append(payment)
        return None

    def _answered(self, change: Change) -> None:
        """The bank's result, so that what came back may be paid again in the same batch. It is filled in once: another than the one known
        here frees no money."""
        result = _values(Payment.KIND, change).get("bank_result")
        for one in (one for made in self._payments.values() for one in made if one.id == change.row_id and one.bank_result is None):
            one.bank_result = result
            if result == "failed" and one.id in self._stored:
                self._sent_back.append(one)

    def _over(self, payment: Payment, at: str) -> bool:
        """Whether a payment takes its fund over the county's ceiling of the year. Two laptops that paid at once both thought there was
        enough: who arrives second is told. What was in the log before is not asked again."""
        if self._seen is None:
            return False
        scope, year = self._seen[0], int((payment.paid_on or at)[:4])
        most = funds.ceiling(self._session.conn, scope, payment.fund, year)
        if most is None:
            return False
        coming = (one for made in self._payments.values() for one in made if self._comes(one))

        def amounts(listed: Iterable[Payment]) -> int:
            of_year = (one for one in listed if one.fund == payment.fund and (one.paid_on or one.created_at or at)[:4] == f"{year:04d}")
            return sum(one.amount for one in of_year)

        spent = funds.spent(self._session.conn, scope, payment.fund, year) - amounts(self._sent_back)
        return spent + amounts(coming) + payment.amount > most

    def _comes(self, payment: Payment) -> bool:
        """Whether a payment came in this batch and so is in no table yet."""
        return payment.bank_result != "failed" and payment.id not in self._stored

    def _under_way(self, claim_id: str) -> bool:
        """Whether money is on its way or went out."""
        return any(payment.bank_result != "failed" for payment in self._payments[claim_id])

    def _enjoyed(self, claim: Claim) -> bool:
        """Whether the same person or unit already has the benefit: another claim under that rule to the same, approved or paid."""
        c = table("claim")
        whose = "employer_id" if claim.person_id is None else "person_id"  # a unit's own reward comes once in its life
        selves = self._unit(str(claim.employer_id)) if claim.person_id is None else self._selves(claim.person_id)
        mine = [c.c.rule == claim.rule, c.c[whose].in_(sorted(selves))]
        found = {other.id: other for other in self._read(Claim.KIND, *mine)}
        found |= {id: other for id, other in self._claims.items() if other.rule == claim.rule and other.__dict__[whose] in selves}
        others = [other for id, other in found.items() if id != claim.id and self._same_benefit(other, claim)]
        steps = self._of_claims(ClaimStep.KIND, [other.id for other in others])
        return any(path.state_of(other, self._steps.get(other.id, steps[other.id])) in _MONEY_OUT for other in others)

    def _unseen(self, claim: Claim) -> bool:
        """Whether the same person was given other months under that rule of which the approver could not know yet. How many one gets in
        all is in packs, which stations read and the county's ingest does not: there it is to be asked again."""
        if self._seen is None or claim.person_id is None or not path.months(claim):
            return False
        (scope, known, author), c, s = self._seen, table("claim"), table("claim_step")
        late = (s.c.to_state == "approved") & s.c.deleted_at.is_(None) & (s.c.village == scope) & (s.c.seq > known) & (s.c.author != author)
        theirs = (c.c.rule == claim.rule) & c.c.person_id.in_(sorted(self._selves(claim.person_id))) & (c.c.id != claim.id)
        return self._session.conn.execute(select(s.c.id).join(c, c.c.id == s.c.claim_id).where(late, theirs).limit(1)).first() is not None

    def _same_benefit(self, one: Claim, other: Claim) -> bool:
        """Whether two claims of one person or unit under a rule are for the same benefit, by what they name or what their records say."""
        if one.person_id is None or other.person_id is None:
            return one.person_id is other.person_id
        if not path.apart(one, other):
            return True
        if path.months(one) or one.record_id is None or other.record_id is None or one.record_id == other.record_id:
            return False
        fact = self._fact(one.record_id)
        return fact is not None and fact == self._fact(other.record_id)

    def _fact(self, record_id: str) -> tuple[Any, ...] | None:
        """What a record stands for that is paid to a person once: a term, a placement with an employer. None for other records."""
        for kind, names in _ONCE.items():
            t = table(kind)
            row = self._session.conn.execute(select(*(t.c[name] for name in names)).where(t.c.id == record_id)).first()
            if row is not None:
                return (kind, *row)
        return None

    def _unit(self, employer_id: str) -> set[str]:
        """A unit's ids: it may be on file in several places under one credit code."""
        e = table("employer")
        code = self._session.conn.execute(select(e.c.uscc).where(e.c.id == employer_id)).scalar()
        rows = self._session.conn.execute(select(e.c.id).where(e.c.uscc == code)).scalars() if code else ()
        return {employer_id, *rows}

    def _selves(self, person_id: str) -> set[str]:
        """A person's ids: rows with the same number and rows merged into one, deleted ones too, because what was paid to them was paid."""
        p = table("person")
        found: set[str] = set()
        reached = {person_id}
        while new := reached - found:
            found |= new
            rows = self._session.conn.execute(select(p.c.id_tail, p.c.merged_into).where(among(p.c.id, new))).all()
            coming = {change.row_id: tail for change in self._people if (tail := _tail(change))}
            tails = sorted({row.id_tail for row in rows if row.id_tail} | {coming[id] for id in new if id in coming})
            into = sorted(row.merged_into for row in rows if row.merged_into)
            same = p.c.id_tail.in_(tails) | among(p.c.merged_into, new) | p.c.id.in_(into)
            reached = found | set(self._session.conn.execute(select(p.c.id).where(same)).scalars())
            reached |= {id for id, tail in coming.items() if tail in tails}
        return found

    def _state(self, claim: Claim) -> str:
        return path.state_of(claim, self._steps[claim.id])

    def _named(self, kind: Kind, changes: Sequence[Change]) -> dict[str, Any]:
        ids = sorted({c.row_id for c in changes if c.kind == kind.number and c.what != "I"})
        return {row.id: row for row in self._read(kind, among(table(kind).c.id, ids))} if ids else {}

    def _read(self, kind: Kind, *where: ColumnElement[bool], deleted: bool = False) -> list[Any]:
        t = table(kind)
        query = select(*record_columns(kind)).where(*where, t.c.deleted_at.is_not(None) if deleted else t.c.deleted_at.is_(None))
        return to_records(kind, self._session.conn.execute(query.order_by(*_order(kind))))

    def _of_claims(self, kind: Kind, ids: Iterable[str]) -> dict[str, list[Any]]:
        return by_key((row.claim_id, row) for row in self._read(kind, among(table(kind).c.claim_id, ids)))


def _order(kind: Kind) -> tuple[ColumnElement[Any], ...]:
    """Sort key: steps in county order; the order of other records does not matter."""
    t = table(kind)
    return (t.c.seq, t.c.at, t.c.id) if kind is ClaimStep.KIND else (t.c.id,)


def _tail(change: Change) -> str | None:
    """The number that a batch gives a person, in the form in which it is looked up."""
    values = _values(Person.KIND, change)
    return search_columns(Person.KIND, values).get("id_tail") if isinstance(values.get("id_number"), str) else None


def _made(kind: Kind, change: Change) -> Any:
    """The record that an insertion would make. Hostile ones may lack anything, so every field is there, unset ones as None."""
    row = object.__new__(kind.cls)
    row.__dict__.update({**dict.fromkeys(kind.by_name), **_values(kind, change), "id": change.row_id, "created_by": change.by})
    return row


def _values(kind: Kind, change: Change) -> dict[str, Any]:
    """The values that a change sets, by name. A value nobody could read counts as unset, and is refused when the change is applied."""
    found = {}
    for number, value in change.values.items():
        if (f := kind.by_number.get(number)) is not None and fits(f, [value]):
            found[f.name] = from_stored(f.type, value)
    return found

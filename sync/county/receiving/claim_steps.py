"""Decides at the county which operations on claims, claim steps and payments a station may make.

A step needs the right level and user, a payment must match what was approved, and each benefit is paid once. A batch is judged before it is
applied, in county order: of two stations that process the same claim, the second to arrive is refused. Every replica skips exactly the
refused operations, and their author is informed. The states and transitions of a claim are in `domain.claims`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select, text

from db import funds
from db.among import among
from db.exchange import conflict
from db.mapping import record_columns, table, to_records
from db.session import Session
from domain import claims as path
from domain.fields import Kind
from domain.grouping import by_key
from domain.records import Claim, ClaimStep, Payment, Person
from domain.scopes import level_of
from domain.values import from_stored
from sync.county.receiving.same_benefit import Beneficiaries
from sync.replica.known_fields import fits
from sync.wire.columns import Change, Group

_LOCK = text("UPDATE meta SET value = value WHERE key = 'county_id'")
"""Lets only one batch with claims be judged at a time, in any scope, until its transaction ends: on PostgreSQL, claims of one person from
two villages that are judged concurrently would both count as the first."""
_JUDGED = {kind.KIND.number: kind.KIND for kind in (Claim, ClaimStep, Payment)}
_MONEY_OUT = ("approved", "paid")

Seen = tuple[str, int, str]
"""The log of a batch, the position up to which its author had read that log, and the author."""


def unlawful(session: Session, scope: str, groups: Sequence[Group], seen: Seen | None) -> dict[int, str]:
    """Return the operations on claims that a station of `scope` may not make: the reason (a word of `sync.wire.words.REASONS`) by index in
    the batch. `seen` is None if the batch was judged before."""
    placed = sorted((pair for g in groups if g.kind in _JUDGED for pair in g.changes()), key=lambda pair: pair[0])
    if not placed:
        return {}
    session.conn.execute(_LOCK)
    people = [change for g in groups if g.kind == Person.KIND.number for _place, change in g.changes()]
    by = level_of(scope) or "county"  # the county's own changes have no scope
    bench = _Bench(session, (by, seen), [change for _place, change in placed], people)
    words = ((place, bench.judge(change)) for place, change in placed)
    return {place: word for place, word in words if word is not None}


class _Bench:
    """The claims that a batch affects, in their current state; each allowed operation updates them."""

    def __init__(self, session: Session, by: tuple[str, Seen | None], changes: Sequence[Change], people: Sequence[Change]) -> None:
        self._session = session
        self._level, self._seen = by
        self._of = Beneficiaries(session, people)
        self._stored_rows = {number: self._named(kind, changes) for number, kind in _JUDGED.items()}
        self._on_record = {id for kind in (ClaimStep.KIND, Payment.KIND) for id in self._ids(kind, changes)}
        """Steps and payments of the batch that exist already, deleted or not, and those it has made so far."""
        claims = {c.row_id for c in changes if c.kind == Claim.KIND.number}
        claims |= {str(c.values[1]) for c in changes if c.kind != Claim.KIND.number and c.values.get(1)}  # 1: claim_id of both kinds
        claims |= {row.claim_id for number in (ClaimStep.KIND.number, Payment.KIND.number) for row in self._stored_rows[number].values()}
        named = among(table("claim").c.id, claims)
        self._claims: dict[str, Claim] = {c.id: c for c in self._read(Claim.KIND, named)}
        self._deleted: dict[str, Claim] = {c.id: c for c in self._read(Claim.KIND, named, deleted=True)}
        self._steps = self._of_claims(ClaimStep.KIND, claims)
        self._payments = self._of_claims(Payment.KIND, claims)
        self._stored_payments = {payment.id for made in self._payments.values() for payment in made}
        self._sent_back: list[Payment] = []
        """Stored payments that the bank returned according to this batch."""
        self._undone: dict[str, Payment] = {}
        """Payments that this batch made and deleted again."""

    def judge(self, change: Change) -> str | None:
        """Return why an operation is refused, or None if it is allowed; an allowed one counts for the operations after it."""
        if change.kind == Claim.KIND.number:
            return self._claim(change)
        if change.what == "I" and self._seen is not None and change.row_id in self._on_record:
            return "append"  # steps and payments never change the claim they belong to
        if change.what == "C" and self._seen is not None and not self._is_listed(change):
            return "path"
        word = self._step(change) if change.kind == ClaimStep.KIND.number else self._payment(change)
        if change.what == "I" and word is None:
            self._on_record.add(change.row_id)
        return word

    def _is_listed(self, change: Change) -> bool:
        """Whether a decision is about a conflict that is listed. Steps and payments that were held are never released, but made again."""
        c = conflict.c
        mine = (c.id == change.conflict, c.row_id == change.row_id, c.kind == change.kind)
        return self._session.conn.execute(select(c.id).where(*mine)).first() is not None

    def _claim(self, change: Change) -> str | None:
        """See `path.edit_problem`. A deleted claim keeps the state its steps gave it."""
        claim = self._claims.get(change.row_id) or self._deleted.get(change.row_id)
        if claim is None:
            if change.what == "I":
                self._claims[change.row_id] = _made(Claim.KIND, change)
            return None
        values = _values(Claim.KIND, change)
        word = path.edit_problem(self._state(claim), self._level, values, deletes=change.what == "D")
        settles = change.what == "C"  # a conflict; it changes nothing of what was approved unless it chooses such a value
        if word == "review" and not (settles and path.APPROVED_AS.isdisjoint(values)):
            return "path"
        if word == "fixed" and not settles and not self._supplements(claim, values, change.what):
            return "fixed"
        if change.what in "IU":
            claim.__dict__.update(values)
        if change.what == "R":
            self._claims[claim.id] = claim
        return None

    def _supplements(self, claim: Claim, values: dict[str, Any], what: str) -> bool:
        """Whether the county changes only the amount of a claim that was paid, for a supplementary payment or when it is called off: never
        below what was paid, and once approved again only downwards."""
        steps = self._taken(claim)
        amount, made = values.get("amount"), self._payments[claim.id]
        if what != "U" or self._level != "county" or path.APPROVED_AS.intersection(values) != {"amount"} or amount is None:
            return False
        if not path.was_paid(steps) or steps[-1].to_state not in _MONEY_OUT or not self._paid_or_ordered(claim.id):
            return False
        return claim.amount - path.outstanding(claim, made) <= amount and (steps[-1].to_state == "paid" or amount <= claim.amount)

    def _step(self, change: Change) -> str | None:
        if change.what != "I":
            return self._change_step(change)
        step = _made(ClaimStep.KIND, change)
        claim = self._claims.get(step.claim_id)
        if claim is None:
            return "row"
        if step.by != change.by:
            return "signed"
        word = path.problem(claim, self._steps[claim.id], step.to_state, self._level, change.by)
        if word is None and step.to_state == "approved" and self._has_benefit(claim):
            word = "enjoyed"
        if word is None and step.to_state == "approved" and self._unseen(claim):
            word = "unseen"
        if word is None and step.to_state in ("returned", "refused") and self._paid_or_ordered(claim.id):
            word = "path"
        marks = step.to_state == "paid" and not self._paid_or_ordered(claim.id)  # as paid elsewhere, without a payment
        if word is None and marks and self._separate(step.at) and change.by in path.reviewed_by(self._taken(claim)):
            word = "reviewed"
        if word == "was_paid" or (word is None and not self._may_supplement(claim, step.to_state)):
            word = "path"
        if word is None:
            self._steps[claim.id].append(step)
            self._stored_rows[ClaimStep.KIND.number][step.id] = step  # the same batch may withdraw it, and then the step before it
        return word

    def _may_supplement(self, claim: Claim, to_state: str) -> bool:
        """Whether a step may be taken as regards a supplementary payment: a paid claim is approved again only if more was granted than its
        payments amount to, all of which have arrived."""
        if to_state != "approved" or self._state(claim) != "paid":
            return True
        made = self._payments[claim.id]
        return self._paid_or_ordered(claim.id) and not _unanswered(made) and path.outstanding(claim, made) > 0

    def _change_step(self, change: Change) -> str | None:
        """Only the last step may be withdrawn, by a level that may take that step: otherwise a village could delete a decision of the
        county. Steps are never edited: otherwise a village could put an opinion into the county's step."""
        if change.what == "U":
            return "append"
        step = self._stored_rows[ClaimStep.KIND.number].get(change.row_id)
        if change.what not in "DR" or step is None:
            return None
        claim = self._claims.get(step.claim_id)
        counted = path.counted(claim, self._steps[step.claim_id]) if claim else []
        if self._level not in path.MOVES[step.to_state].levels:
            return "level"
        if change.what == "R" or not counted or counted[-1].id != step.id or step.to_state in ("paid", "recovered"):
            return "path"
        made, again = self._payments[step.claim_id], path.was_paid(counted)
        if step.to_state == "approved" and (_unanswered(made) if again else self._paid_or_ordered(step.claim_id)):
            return "path"
        self._steps[step.claim_id].remove(counted[-1])
        return None

    def _payment(self, change: Change) -> str | None:
        """Only the county pays: what of an approved claim was not paid yet, once, and never by the user who entered the claim. A payment
        that may have left the bank is not deleted."""
        if self._level != "county":
            return "level"
        if change.what == "I":
            return self._order(_made(Payment.KIND, change), change)
        return self._answer(change) if change.what == "U" else self._delete_payment(change)

    def _order(self, payment: Payment, change: Change) -> str | None:
        claim = self._claims.get(payment.claim_id)
        if claim is None:
            return "row"
        if self._state(claim) != "approved":
            return "path"
        owed, made = path.outstanding(claim, self._payments[claim.id]), self._payments[claim.id]
        if _unanswered(made) or (self._paid_or_ordered(claim.id) and owed <= 0):
            return "enjoyed"
        if payment.amount != owed:
            return "amount"
        if self._seen is not None and change.by == claim.created_by:
            return "duties"  # not asked of a batch judged before: earlier programs allowed it, and the money is paid
        if self._separate(payment.paid_on or change.at) and change.by in path.reviewed_by(self._taken(claim)):
            return "reviewed"
        if self._over_ceiling(payment, change.at):
            return "ceiling"
        made.append(payment)
        return None

    def _delete_payment(self, change: Change) -> str | None:
        """A stored payment is deleted, and brought back, only if the bank returned it; one made in this batch is not with the bank yet."""
        stored = self._stored_rows[Payment.KIND.number].get(change.row_id)
        if change.what == "D" and stored is not None:
            return None if stored.bank_result == "failed" else "append"
        if change.what == "D":
            for made in self._payments.values():
                self._undone |= {one.id: one for one in made if one.id == change.row_id}
                made[:] = [one for one in made if one.id != change.row_id]
        if change.what == "R" and change.row_id in self._undone:
            return self._order(self._undone.pop(change.row_id), change)
        gone = self._read(Payment.KIND, table("payment").c.id == change.row_id, deleted=True) if change.what == "R" else ()
        return "append" if self._seen is not None and any(one.bank_result != "failed" for one in gone) else None

    def _answer(self, change: Change) -> str | None:
        """Judge an edit of a payment. What a stored one says stays, the bank's result included; a batch may take back only the result that
        it set itself, unless it has paid again meanwhile."""
        values = _values(Payment.KIND, change)
        stored = self._stored_rows[Payment.KIND.number].get(change.row_id)
        here = next((one for made in self._payments.values() for one in made if one.id == change.row_id), None)
        if self._seen is not None and stored is None and change.row_id in self._on_record and here is None:
            return "append"  # it was deleted
        if self._seen is not None and any(self._is_set(stored, here, name, value) for name, value in values.items()):
            return "append"
        if here is not None and "bank_result" in values:
            return self._set_bank_result(here, values["bank_result"])
        return None

    def _is_set(self, stored: Payment | None, here: Payment | None, name: str, value: Any) -> bool:
        """Whether a field of a payment has another value already."""
        row = stored or (here if name not in ("bank_result", "reason") else None)
        return row is not None and row[name] not in (None, value)

    def _set_bank_result(self, payment: Payment, result: str | None) -> str | None:
        """Apply the bank's result, so that a returned payment may be paid again in the same batch. With `seen` None, the batch was judged
        before: the result is set once, and a second, different one releases no money."""
        before = payment.bank_result
        if before is not None and self._seen is None:
            return None
        payment.bank_result = result
        claim = self._claims.get(payment.claim_id)
        if before == "failed" and claim is not None and path.outstanding(claim, self._payments[claim.id]) < 0:
            payment.bank_result = before
            return "append"
        self._sent_back = [one for one in self._sent_back if one.id != payment.id]
        if result == "failed" and payment.id in self._stored_payments:
            self._sent_back.append(payment)
        return None

    def _separate(self, at: str) -> bool:
        """Whether the county bars whoever reviewed a claim from paying it. A batch judged before is not checked again."""
        return self._seen is not None and funds.separated(self._session.conn, self._seen[0], int(at[:4]))

    def _over_ceiling(self, payment: Payment, at: str) -> bool:
        """Whether a payment exceeds the county's ceiling of its fund for the year. Two laptops that pay at once may each believe there is
        enough: the second to arrive is refused. A batch judged before is not checked again."""
        if self._seen is None:
            return False
        scope, year = self._seen[0], int((payment.paid_on or at)[:4])
        most = funds.ceiling(self._session.conn, scope, payment.fund, year)
        if most is None:
            return False
        coming = (one for made in self._payments.values() for one in made if self._unstored(one))

        def amounts(listed: Iterable[Payment]) -> int:
            of_year = (one for one in listed if one.fund == payment.fund and (one.paid_on or one.created_at or at)[:4] == f"{year:04d}")
            return sum(one.amount for one in of_year)

        spent = funds.spent(self._session.conn, scope, payment.fund, year) - amounts(self._sent_back)
        return spent + amounts(coming) + payment.amount > most

    def _unstored(self, payment: Payment) -> bool:
        """Whether a payment came with this batch, so that no table has it yet, and was not returned by the bank."""
        return payment.bank_result != "failed" and payment.id not in self._stored_payments

    def _paid_or_ordered(self, claim_id: str) -> bool:
        """Whether a payment of the claim has been ordered or made and was not returned."""
        return any(payment.bank_result != "failed" for payment in self._payments[claim_id])

    def _has_benefit(self, claim: Claim) -> bool:
        """Whether the same person or unit already has the benefit: another claim of theirs under the same rule, approved or paid."""
        c = table("claim")
        whose = "employer_id" if claim.person_id is None else "person_id"  # a unit gets its own reward once ever
        selves = self._of.unit(str(claim.employer_id)) if claim.person_id is None else self._of.selves(claim.person_id, claim.rule)
        mine = [c.c.rule == claim.rule, c.c[whose].in_(sorted(selves))]
        found = {other.id: other for other in self._read(Claim.KIND, *mine)}
        found |= {id: other for id, other in self._claims.items() if other.rule == claim.rule and other.__dict__[whose] in selves}
        others = [other for id, other in found.items() if id != claim.id and self._of.same_benefit(other, claim)]
        steps = self._of_claims(ClaimStep.KIND, [other.id for other in others])
        return any(path.state_of(other, self._steps.get(other.id, steps[other.id])) in _MONEY_OUT for other in others)

    def _unseen(self, claim: Claim) -> bool:
        """Whether the person was granted other months under the rule in entries that the approver had not read. How many months a person
        may get is in policy packs, which ingestion does not read; so the approver has to decide again."""
        if self._seen is None or claim.person_id is None or not path.months(claim):
            return False
        (scope, known, author), c, s = self._seen, table("claim"), table("claim_step")
        late = (s.c.to_state == "approved") & s.c.deleted_at.is_(None) & (s.c.village == scope) & (s.c.seq > known) & (s.c.author != author)
        theirs = (c.c.rule == claim.rule) & c.c.person_id.in_(sorted(self._of.selves(claim.person_id, claim.rule))) & (c.c.id != claim.id)
        return self._session.conn.execute(select(s.c.id).join(c, c.c.id == s.c.claim_id).where(late, theirs).limit(1)).first() is not None

    def _taken(self, claim: Claim) -> list[ClaimStep]:
        return path.counted(claim, self._steps[claim.id])

    def _state(self, claim: Claim) -> str:
        return path.state_of(claim, self._steps[claim.id])

    def _named(self, kind: Kind, changes: Sequence[Change]) -> dict[str, Any]:
        ids = sorted({c.row_id for c in changes if c.kind == kind.number and c.what != "I"})
        return {row.id: row for row in self._read(kind, among(table(kind).c.id, ids))} if ids else {}

    def _ids(self, kind: Kind, changes: Sequence[Change]) -> set[str]:
        """Those of the rows that `changes` name that exist, deleted or not."""
        t, ids = table(kind), {c.row_id for c in changes if c.kind == kind.number}
        return set(self._session.conn.execute(select(t.c.id).where(among(t.c.id, ids))).scalars()) if ids else set()

    def _read(self, kind: Kind, *where: ColumnElement[bool], deleted: bool = False) -> list[Any]:
        t = table(kind)
        query = select(*record_columns(kind)).where(*where, t.c.deleted_at.is_not(None) if deleted else t.c.deleted_at.is_(None))
        return to_records(kind, self._session.conn.execute(query.order_by(*_order(kind))))

    def _of_claims(self, kind: Kind, ids: Iterable[str]) -> dict[str, list[Any]]:
        return by_key((row.claim_id, row) for row in self._read(kind, among(table(kind).c.claim_id, ids)))


def _unanswered(made: Iterable[Payment]) -> bool:
    """Whether the bank has not answered for one of the payments."""
    return any(payment.bank_result is None for payment in made)


def _order(kind: Kind) -> tuple[ColumnElement[Any], ...]:
    """Sort key: steps in county order; the order of other records does not matter."""
    t = table(kind)
    return (t.c.seq, t.c.at, t.c.id) if kind is ClaimStep.KIND else (t.c.id,)


def _made(kind: Kind, change: Change) -> Any:
    """The record that an insertion would make. A hostile one may lack any field, so fields without a value are None."""
    row = object.__new__(kind.cls)
    row.__dict__.update({**dict.fromkeys(kind.by_name), **_values(kind, change), "id": change.row_id, "created_by": change.by})
    return row


def _values(kind: Kind, change: Change) -> dict[str, Any]:
    """The values that a change sets, by field name. Malformed values count as unset; applying the change refuses them."""
    found = {}
    for number, value in change.values.items():
        if (f := kind.by_number.get(number)) is not None and fits(f, [value]):
            found[f.name] = from_stored(f.type, value)
    return found

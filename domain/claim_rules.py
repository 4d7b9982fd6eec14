"""Which operations on claims, claim steps and payments the county accepts, in the order in which they arrive. Pure: what only the tables
know is asked of `Records`. The states and transitions of a claim are in `domain.claims`.

Example: a village withdraws its review while the township takes the claim further, and the village's batch arrives second.

    steps so far                                  arriving                          judged
    draft → village_reviewed → township_reviewed  D village_reviewed, by a village  path: it is not the last step any more
    draft → village_reviewed                      D village_reviewed, by a village  allowed, and the claim is a draft for what follows

The reasons are words of `sync.wire.words.REASONS`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from domain import claims as path
from domain.fields import Kind
from domain.records import Claim, ClaimStep, Notice, Payment


@dataclass(frozen=True)
class Operation:
    """An operation on one record. `what`: I inserts, U edits, D deletes, R restores, C decides a conflict; `values` by field name."""

    kind: Kind
    what: str
    id: str
    by: str
    at: str
    values: Mapping[str, Any]
    conflict: str | None = None

    def record(self) -> Any:
        """The record that an insertion would make. A hostile one may lack any field, so fields without a value are None."""
        row = object.__new__(self.kind.cls)
        row.__dict__.update({**dict.fromkeys(self.kind.by_name), **self.values, "id": self.id, "created_by": self.by})
        return row


class Records(Protocol):
    """What only the tables know."""

    def is_listed(self, operation: Operation) -> bool:
        """Whether a decision is about a conflict that is listed."""

    def is_separate(self, year: int) -> bool:
        """Whether the county bars whoever reviewed a claim from paying it."""

    def left(self, fund: str, year: int) -> int | None:
        """What the stored payments leave of the ceiling of a fund for a year (fen); None without a ceiling."""

    def same_benefit(self, claim: Claim, batch: Iterable[Claim]) -> list[tuple[Claim, list[ClaimStep]]]:
        """Other claims for the same benefit, with their stored steps. `batch`: claims that replace the stored ones or come with them."""

    def is_unseen(self, claim: Claim) -> bool:
        """Whether the person was granted other months under the rule in entries that the approver had not read."""

    def deleted_payment(self, id: str) -> Payment | None:
        """A deleted payment."""


@dataclass
class Judge:
    """Judges the operations of one batch, by a station of a `level`. `again`: the batch was judged before, by the rules of that time.

    The rest are the records that the batch affects, as stored; each allowed operation updates them.
    """

    level: str
    again: bool
    records: Records
    claims: dict[str, Claim]
    deleted: dict[str, Claim]
    """Deleted claims, which keep the state their steps gave them."""
    steps: dict[str, list[ClaimStep]]
    """By claim, in county order; an empty list for other claims."""
    payments: dict[str, list[Payment]]
    """By claim, with those that the batch makes; an empty list for other claims."""
    changed_steps: dict[str, ClaimStep]
    """Stored steps that the batch changes, and steps that it makes."""
    changed_payments: Mapping[str, Payment]
    """Stored payments that the batch changes, as they were before it."""
    on_record: set[str]
    """Steps and payments of the batch that exist already, deleted or not, and those it has made so far."""
    sent_back: dict[str, Payment] = field(default_factory=dict)
    """Stored payments that the bank returned according to this batch."""
    recovered: set[str] = field(default_factory=set)
    """Payments of claims that this batch recovered in the year they were made."""
    undone: dict[str, Payment] = field(default_factory=dict)
    """Payments that this batch made and deleted again."""

    def __post_init__(self) -> None:
        self._stored = {payment.id for made in self.payments.values() for payment in made}

    def judge(self, op: Operation) -> str | None:
        """Return why an operation is refused, or None if it is allowed; an allowed one counts for the operations after it."""
        if op.kind is Claim.KIND:
            return self._claim(op)
        if op.what == "I" and not self.again and op.id in self.on_record:
            return "append"  # steps and payments never change the claim they belong to
        if op.what == "C" and not self.again and not self.records.is_listed(op):
            return "path"  # steps and payments that were held are never released, but made again
        word = self._step(op) if op.kind is ClaimStep.KIND else self._payment(op)
        if op.what == "I" and word is None:
            self.on_record.add(op.id)
        return word

    def rests_on(self, notice: Notice) -> bool:
        """Whether a claim of a notice is in its state or further, after what was judged so far."""
        state = path.NOTICES.get(notice.level)
        reached = path.PATH[path.PATH.index(state) :] if state is not None else ()
        return any(self._state(self.claims[id]) in reached for id in notice.claims or () if id in self.claims)

    # -- claims --------------------------------------------------------------------------------------------------------

    def _claim(self, op: Operation) -> str | None:
        """See `path.edit_problem`."""
        claim = self.claims.get(op.id) or self.deleted.get(op.id)
        if claim is None:
            if op.what == "I":
                self.claims[op.id] = op.record()
            return None
        word = path.edit_problem(self._state(claim), self.level, op.values, deletes=op.what == "D")
        settles = op.what == "C"  # a conflict; it changes nothing of what was approved unless it chooses such a value
        if word == "review" and not (settles and path.APPROVED_AS.isdisjoint(op.values)):
            return "path"
        if word == "fixed" and not settles and not self._supplements(claim, op):
            return "fixed"
        if op.what in "IU":
            claim.__dict__.update(op.values)
        if op.what == "R":
            self.claims[claim.id] = claim
        return None

    def _supplements(self, claim: Claim, op: Operation) -> bool:
        """Whether the county changes only the amount of a claim that was paid, for a difference to be paid or paid back; once that is
        approved, only to call it off, back towards what was paid."""
        steps = self._taken(claim)
        amount = op.values.get("amount")
        if op.what != "U" or self.level != "county" or path.APPROVED_AS.intersection(op.values) != {"amount"} or amount is None:
            return False
        if not path.was_paid(steps) or steps[-1].to_state not in path.GRANTED or not self._paid_or_ordered(claim):
            return False
        paid = claim.amount - self._owed(claim)
        return bool(amount > 0 if steps[-1].to_state == "paid" else min(paid, claim.amount) <= amount <= max(paid, claim.amount))

    # -- steps ---------------------------------------------------------------------------------------------------------

    def _step(self, op: Operation) -> str | None:
        if op.what != "I":
            return self._change_step(op)
        step = op.record()
        claim = self.claims.get(step.claim_id)
        if claim is None:
            return "row"
        word = "signed" if step.by != op.by else self._step_problem(claim, step)
        if word is None:
            self.steps[claim.id].append(step)
            self._get_back(claim, step)
            self.changed_steps[step.id] = step  # the same batch may withdraw it, and then the step before it
        return word

    def _get_back(self, claim: Claim, step: ClaimStep) -> None:
        """Money that is recovered in the year it was paid is back in the fund (`db.funds.spent`)."""
        made = _went_out(self.payments[claim.id]) if step.to_state == "recovered" else ()
        self.recovered |= {one.id for one in made if (one.paid_on or one.created_at or step.at)[:4] == step.at[:4]}

    def _step_problem(self, claim: Claim, step: ClaimStep) -> str | None:
        word = path.problem(claim, self.steps[claim.id], step.to_state, self.level, step.by)
        if word is not None:
            return "path" if word == "was_paid" else word
        if step.to_state == "approved":
            return self._approval_problem(claim)
        ordered = self._paid_or_ordered(claim)
        if (step.to_state in ("returned", "refused") and ordered) or (step.to_state == "paid" and self._owed(claim) < 0):
            return "path"  # the money is under way, or has not come back
        if step.to_state == "paid" and not ordered and self._reviewed(claim, step.by, step.at):
            return "reviewed"  # marked as paid elsewhere, without a payment
        return None

    def _approval_problem(self, claim: Claim) -> str | None:
        """A benefit is granted once. A paid claim is approved again, for the difference, only if its amount is not what its payments, all
        of which have arrived, add up to."""
        others = self.records.same_benefit(claim, self.claims.values())
        if any(path.state_of(other, self.steps.get(other.id, steps)) in path.GRANTED for other, steps in others):
            return "enjoyed"
        if not self.again and self.records.is_unseen(claim):
            return "unseen"
        differs = self._paid_or_ordered(claim) and not self._unanswered(claim) and self._owed(claim) != 0
        return "path" if self._state(claim) == "paid" and not differs else None

    def _change_step(self, op: Operation) -> str | None:
        """Only the last step may be withdrawn, by a level that may take that step: otherwise a village could delete a decision of the
        county. Steps are never edited: otherwise a village could put an opinion into the county's step."""
        if op.what == "U":
            return "append"
        step = self.changed_steps.get(op.id)
        if op.what not in "DR" or step is None:
            return None
        claim = self.claims.get(step.claim_id)
        taken = self._taken(claim) if claim else []
        if self.level not in path.MOVES[step.to_state].levels:
            return "level"
        if op.what == "R" or claim is None or not taken or taken[-1].id != step.id or step.to_state in ("paid", "recovered"):
            return "path"
        pays = self._unanswered if path.was_paid(taken) else self._paid_or_ordered
        if step.to_state == "approved" and pays(claim):
            return "path"
        self.steps[claim.id].remove(taken[-1])
        return None

    # -- payments ------------------------------------------------------------------------------------------------------

    def _payment(self, op: Operation) -> str | None:
        """Only the county pays: what of an approved claim was not paid yet, once, and never by the user who entered the claim. What is to
        be paid back is a payment of less than nothing. A payment that may have left the bank is not deleted."""
        if self.level != "county":
            return "level"
        if op.what == "I":
            return self._order(op.record(), op)
        return self._answer(op) if op.what == "U" else self._delete_payment(op)

    def _order(self, payment: Payment, op: Operation) -> str | None:
        claim = self.claims.get(payment.claim_id)
        if claim is None:
            return "row"
        if self._state(claim) != "approved":
            return "path"
        owed = self._owed(claim)
        if self._unanswered(claim) or (self._paid_or_ordered(claim) and owed == 0):
            return "enjoyed"
        if payment.amount != owed:
            return "amount"
        if not self.again and op.by == claim.created_by:
            return "duties"  # not asked of a batch judged before: earlier programs allowed it, and the money is paid
        if self._reviewed(claim, op.by, payment.paid_on or op.at):
            return "reviewed"
        if not self.again and owed > 0 and self._over_ceiling(payment, op.at):
            return "ceiling"
        self.payments[claim.id].append(payment)
        return None

    def _delete_payment(self, op: Operation) -> str | None:
        """A stored payment is deleted, and brought back, only if the bank returned it; one made in this batch is not with the bank yet."""
        stored = self.changed_payments.get(op.id)
        if op.what == "D" and stored is not None:
            return None if stored.bank_result == "failed" else "append"
        if op.what == "D":
            for made in self.payments.values():
                self.undone |= {one.id: one for one in made if one.id == op.id}
                made[:] = [one for one in made if one.id != op.id]
        if op.what == "R" and op.id in self.undone:
            return self._order(self.undone.pop(op.id), op)
        gone = self.records.deleted_payment(op.id) if op.what == "R" and not self.again else None
        return "append" if gone is not None and gone.bank_result != "failed" else None

    def _answer(self, op: Operation) -> str | None:
        """Judge an edit of a payment. What a stored one says stays, the bank's result included; a batch may take back only the result that
        it set itself, unless it has paid again meanwhile."""
        stored = self.changed_payments.get(op.id)
        here = next((one for made in self.payments.values() for one in made if one.id == op.id), None)
        if not self.again and stored is None and op.id in self.on_record and here is None:
            return "append"  # it was deleted
        if not self.again and any(_is_set(stored, here, name, value) for name, value in op.values.items()):
            return "append"
        if here is not None and "bank_result" in op.values:
            return self._set_bank_result(here, op.values["bank_result"])
        return None

    def _set_bank_result(self, payment: Payment, result: str | None) -> str | None:
        """Apply the bank's result, so that a returned payment may be paid again in the same batch. In a batch judged before the result is
        set once, and a second, different one releases no money."""
        before = payment.bank_result
        if before is not None and self.again:
            return None
        payment.bank_result = result
        claim = self.claims.get(payment.claim_id)
        if before == "failed" and claim is not None and self._owed(claim) < 0:
            payment.bank_result = before
            return "append"
        self.sent_back.pop(payment.id, None)
        if result == "failed" and payment.id in self._stored:
            self.sent_back[payment.id] = payment
        return None

    def _over_ceiling(self, payment: Payment, at: str) -> bool:
        """Whether a payment exceeds the county's ceiling of its fund for the year. Two laptops that pay at once may each believe there is
        enough: the second to arrive is refused."""
        year = int((payment.paid_on or at)[:4])
        left = self.records.left(payment.fund, year)
        if left is None:
            return False

        def amounts(listed: Iterable[Payment]) -> int:
            return sum(one.amount for one in listed if one.fund == payment.fund and self._counts(one, f"{year:04d}", at))

        known = [one for payments in self.payments.values() for one in payments]
        made = [one for one in _went_out(known) if one.id not in self._stored | self.recovered]
        back = [one for one in known if one.id in self.sent_back.keys() | (self.recovered & self._stored)]
        return amounts(made) + payment.amount > left + amounts(back)

    def _counts(self, payment: Payment, year: str, at: str) -> bool:
        """Whether a payment counts in a year; money that was paid back does if it was paid in that year too (`db.funds`)."""

        def of_year(one: Payment) -> bool:
            return (one.paid_on or one.created_at or at)[:4] == year

        paid = (one for one in _went_out(self.payments[payment.claim_id]) if one.amount > 0)
        return of_year(payment) and (payment.amount > 0 or any(map(of_year, paid)))

    # -- of one claim --------------------------------------------------------------------------------------------------

    def _taken(self, claim: Claim) -> list[ClaimStep]:
        return path.counted(claim, self.steps[claim.id])

    def _state(self, claim: Claim) -> str:
        return path.state_of(claim, self.steps[claim.id])

    def _owed(self, claim: Claim) -> int:
        """What was granted and neither paid nor ordered yet (fen)."""
        return path.outstanding(claim, self.payments[claim.id])

    def _paid_or_ordered(self, claim: Claim) -> bool:
        """Whether a payment has been ordered or made and was not returned."""
        return bool(_went_out(self.payments[claim.id]))

    def _unanswered(self, claim: Claim) -> bool:
        """Whether the bank has not answered for one of the payments."""
        return any(payment.bank_result is None for payment in self.payments[claim.id])

    def _reviewed(self, claim: Claim, by: str, at: str) -> bool:
        """Whether the payer reviewed the claim, where the county bars that. A batch judged before is not checked again."""
        return not self.again and self.records.is_separate(int(at[:4])) and by in path.reviewed_by(self._taken(claim))


def _went_out(payments: Sequence[Payment]) -> list[Payment]:
    return [payment for payment in payments if payment.bank_result != "failed"]


def _is_set(stored: Payment | None, here: Payment | None, name: str, value: Any) -> bool:
    """Whether a field of a payment has another value already."""
    row = stored or (here if name not in ("bank_result", "reason") else None)
    return row is not None and row[name] not in (None, value)

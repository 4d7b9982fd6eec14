"""The merge rule for concurrent changes: pure functions, the same at the county and on every station, without a clock."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from hashlib import sha256
from typing import NamedTuple

from domain.fields import Field, Kind, Merge
from domain.values import Stored, canonical_json


class Rule(Enum):
    """How a field merges: its merge class, or that of its kind when rows are only ever added."""

    AUTO = "auto"
    REVIEW = "review"
    APPEND = "append"


class Verdict(Enum):
    """The outcome of merging one written value."""

    WRITE = "write"
    """It becomes the value: its author had seen the value it replaces, or the field was never written."""
    SAME = "same"
    """Two people concurrently wrote the same value: nothing to do, nothing to list."""
    WINS = "wins"
    """It becomes the value; the earlier one is listed for information."""
    WAITS = "waits"
    """The earlier value stays; this one is listed until someone decides."""
    REFUSED = "refused"
    """It would change a field of an append-only kind whose value its author had seen."""


class State(NamedTuple):
    """The origin of a field's present value: the entry in its scope's log and the author, and for display who wrote it and when."""

    seq: int
    author: str
    by: str
    at: str


class Write(NamedTuple):
    """A change to be merged: its entry (`seq`), its place in the batch, and `known`, the entry up to which its author had read the log."""

    seq: int
    place: int
    known: int
    author: str
    by: str
    at: str

    def state(self) -> State:
        """The state of a field that this change has written."""
        return State(self.seq, self.author, self.by, self.at)

    def follows(self, state: State | None) -> bool:
        """Whether the author of this change had seen what `state` describes."""
        return state is None or self.known >= state.seq or self.author == state.author


def latest(states: Iterable[State]) -> State | None:
    """The latest state in county order, within one entry the one made last. Independent of the order of `states`; None without any."""
    return max(states, key=lambda state: (state.seq, state.at, state.by), default=None)


def rule_of(kind: Kind, field: Field) -> Rule:
    """The merge rule of a field."""
    if kind.append_only:
        return Rule.APPEND
    return Rule.REVIEW if field.merge is Merge.REVIEW else Rule.AUTO


def decide(rule: Rule, now: Stored, state: State | None, value: Stored, write: Write, *, contested: bool = False) -> Verdict:
    """Return the verdict on `value`, written to a field that holds `now`. `state` is None if the field was never written.

    `contested`: the field has an open conflict, so that even a field of an append-only kind may be set again to decide it.
    """
    if state is None:
        return Verdict.WRITE
    follows = write.follows(state)
    if value == now:
        return Verdict.WRITE if follows else Verdict.SAME
    if rule is Rule.APPEND and follows:
        fresh = now is None or state.seq == write.seq  # nobody else has seen it: the same entry set it
        return Verdict.WRITE if fresh or contested else Verdict.REFUSED
    if follows:
        return Verdict.WRITE
    return Verdict.WINS if rule is Rule.AUTO else Verdict.WAITS


def conflict_id(scope: str, row_id: str, field: int, write: Write) -> str:
    """The id of a conflict, equal on every replica: a hash of the field and the place of the later change."""
    return sha256(canonical_json([scope, row_id, field, write.seq, write.place]).encode()).hexdigest()[:24]

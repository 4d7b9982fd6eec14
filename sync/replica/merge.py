"""The one rule by which concurrent changes meet: pure, the same at the county and on every station. No clock takes part."""

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
    """What becomes of one written value."""

    WRITE = "write"
    """It is the value now; its author had seen what it replaces, or nothing was there."""
    SAME = "same"
    """Two people wrote the same without knowing of each other: nothing to do, nothing to list."""
    WINS = "wins"
    """It is the value now; the earlier one is listed as information."""
    WAITS = "waits"
    """The earlier value stays; this one is listed until someone decides."""
    REFUSED = "refused"
    """A set field of an append-only kind was changed knowingly."""


class State(NamedTuple):
    """Where a field's present value came from: entry of its scope's log, author, and who and when for people."""

    seq: int
    author: str
    by: str
    at: str


class Write(NamedTuple):
    """A change as it meets a field: its own place in the log, and `known`, the place up to which its author had seen the log."""

    seq: int
    place: int
    known: int
    author: str
    by: str
    at: str

    def state(self) -> State:
        """The state of a field this change has written."""
        return State(self.seq, self.author, self.by, self.at)

    def follows(self, state: State | None) -> bool:
        """Whether the author of this change had seen what `state` describes."""
        return state is None or self.known >= state.seq or self.author == state.author


def latest(states: Iterable[State]) -> State | None:
    """The latest of some states in county order, of those from one entry the one made last: the same in whatever order they are read."""
    return max(states, key=lambda state: (state.seq, state.at, state.by), default=None)


def rule_of(kind: Kind, field: Field) -> Rule:
    """The merge rule of a field."""
    if kind.append_only:
        return Rule.APPEND
    return Rule.REVIEW if field.merge is Merge.REVIEW else Rule.AUTO


def decide(rule: Rule, now: Stored, state: State | None, value: Stored, write: Write, *, contested: bool = False) -> Verdict:
    """What becomes of `value`, written where `now` stands; `state` is None when nobody has ever written the field.

    `contested`: the field has an open conflict, so that a set field of an append-only kind may be decided.
    """
    if state is None:
        return Verdict.WRITE
    follows = write.follows(state)
    if value == now:
        return Verdict.WRITE if follows else Verdict.SAME
    if rule is Rule.APPEND and follows:
        fresh = now is None or state.seq == write.seq  # not yet seen by anybody: its maker is still writing it
        return Verdict.WRITE if fresh or contested else Verdict.REFUSED
    if follows:
        return Verdict.WRITE
    return Verdict.WINS if rule is Rule.AUTO else Verdict.WAITS


def conflict_id(scope: str, row_id: str, field: int, write: Write) -> str:
    """The id of a conflict, equal on every replica: it names the place of the later change."""
    return sha256(canonical_json([scope, row_id, field, write.seq, write.place]).encode()).hexdigest()[:24]

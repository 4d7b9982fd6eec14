"""The state of sync as the page shows it. Plain data, made from the store by `desktop.sync.reading`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from db.exchange import Arrived, Departed, Exchanged
from db.lease import Lease
from services.merging import Match, Merged
from services.waiting import UnsentChanges

CLOCK_TOLERANCE = 300
"""By how many seconds this computer's clock may differ from the county's without a warning."""


@dataclass(frozen=True)
class Side:
    """One of two conflicting values."""

    who: str
    """本机 · 李文书."""
    value: str
    """As text; secret fields are masked."""
    at: str
    """UTC."""
    device: str
    now: bool
    """Whether it is the value in force."""
    use: str
    """The text of the button that takes it."""


@dataclass(frozen=True)
class ConflictShown:
    """A conflict: two values of one field, or an edit against a deletion."""

    id: str
    kind: str
    record_id: str
    field: str
    """The field's name; empty if the conflict is about deletion."""
    subject: str
    """The person or record it is about."""
    what: str
    """The field's label."""
    note: str
    """The text in the list."""
    explained: str
    mine: Side
    theirs: Side
    before: str
    """The value before both changes."""
    open: bool
    """Whether it waits for a decision; otherwise it is shown for information only."""
    secret: bool = False
    gone: bool = False
    """Whether its record moved away, so that nothing can be decided here."""

    @property
    def title(self) -> str:
        """周桂英 · 社保卡号."""
        return f"{self.subject} · {self.what}" if self.what else self.subject


@dataclass(frozen=True)
class Plain:
    """The values of a conflict, unmasked."""

    mine: str
    theirs: str
    before: str


@dataclass(frozen=True)
class HeldShown:
    """A held change."""

    title: str
    what: str
    reason: str
    by: str
    at: str
    key: str = ""
    """Identifies it when it is released."""
    obstacle: str = ""
    """Why it cannot be released now; empty if it can."""
    over: bool = False
    """Whether it needs nobody any more: the claim has gone on since."""


@dataclass(frozen=True)
class SyncStatus:
    """Everything the page shows. `device`: the name of this laptop."""

    enrolled: bool = False
    revoked: bool = False
    """Whether the county disabled this laptop; it needs a new code to continue."""
    practice: bool = False
    """Whether this is a practice village, which never exchanges."""
    server: str = ""
    """Empty before enrolment, and on a laptop that enrolled by stick."""
    device: str = ""
    unsent: int = 0
    clock: int = 0
    """By how many seconds the county's clock is ahead of this one."""
    behind: int = 0
    """By how many seconds this clock is behind the latest time recorded in the store."""
    lease: Lease | None = None
    """The term within which it has to hear from its county."""
    aside: str = ""
    """What to do about data that a restore moved aside with unsent changes."""
    copies: str = ""
    """What to do about copies of the store that cannot be read."""
    exchanges: Sequence[Exchanged] = ()
    waiting: Sequence[UnsentChanges] = ()
    conflicts: Sequence[ConflictShown] = ()
    more_to_settle: int = 0
    more_for_information: int = 0
    """Number of conflicts of each sort beyond the `conflicts` shown; of those that need no decision, the latest are shown."""
    held_shown: Sequence[HeldShown] = ()
    """The oldest of the held changes."""
    held: int = 0
    """How many held changes need somebody, as the first page and the status line count them; `held_all`: how many there are."""
    held_all: int = 0
    matches: Sequence[Match] = ()
    suspects: Sequence[Match] | None = ()
    """People who are alike but have different numbers; None if there are so many people that a search needs a request."""
    merged: Sequence[Merged] = ()
    writable: str = ""
    """The scope that this station may write, including scopes below it."""
    closed: str = ""
    """The name of the village this one was merged into; empty if it was not."""
    departed: Sequence[Departed] = ()
    """People the county recently moved to other villages."""
    arrived: Sequence[Arrived] = ()
    """People the county recently moved here."""

    @property
    def joining(self) -> bool:
        """Whether it needs a code from the county before it can exchange."""
        return not self.enrolled or self.revoked

    @property
    def alike(self) -> list[Match]:
        """The `suspects` that wait for a decision."""
        return [one for one in self.suspects or () if not one.apart]

    @property
    def to_settle(self) -> list[ConflictShown]:
        """The conflicts that wait for a decision here."""
        return [one for one in self.conflicts if one.open]

    @property
    def for_information(self) -> list[ConflictShown]:
        """The conflicts that need no decision: they are settled by rule."""
        return [one for one in self.conflicts if not one.open]

    @property
    def clock_wrong(self) -> bool:
        """Whether this computer's clock has to be set."""
        return abs(self.clock) > CLOCK_TOLERANCE or self.behind > 0


@dataclass(frozen=True)
class BundleLine:
    """A bundle in the list. `state`: written, township, county or refused; `whose`: the village's name, empty for own bundles."""

    code: str
    whose: str
    records: int
    at: str
    state: str
    request: bool
    """Whether it is a request to enrol."""
    note: str = ""
    """Why the county refused it, or which laptop received it to carry it on, and when."""


@dataclass(frozen=True)
class StickStanding:
    """The state of exchange by stick. `carries`: this is a township's or county's laptop."""

    joining: bool = True
    """Whether a code is needed: before enrolment, and after the county disabled this laptop."""
    revoked: bool = False
    carries: bool = False
    unsent: int = 0
    lines: Sequence[BundleLine] = ()
    early: int = 0
    """The number of batches that were read before the ones they follow."""

    @property
    def waiting(self) -> int:
        """The number of carried bundles the county has not answered."""
        return sum(1 for line in self.lines if line.whose and line.state == "township")

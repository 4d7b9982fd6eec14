"""How things stand with the county, as the page shows it. Plain data; `desktop.sync.reading` makes it from the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from db.exchange import Departed, Exchanged
from db.lease import Lease
from services.merging import Match, Merged
from services.waiting import Waiting

CLOCK_TOLERANCE = 300
"""Seconds this computer's clock may differ from the county's without a word."""


@dataclass(frozen=True)
class Side:
    """One of two values that do not agree."""

    who: str
    """本机 · 李文书."""
    value: str
    """As shown: secrets masked."""
    at: str
    """UTC."""
    device: str
    now: bool
    """Whether it is the value in force."""
    use: str
    """Word of the button that takes it."""


@dataclass(frozen=True)
class Dispute:
    """A conflict: two values for one field, or an edit against a deletion."""

    id: str
    kind: str
    record_id: str
    field: str
    """The field's name; empty where existence is disputed."""
    subject: str
    """Whom or what it is about."""
    what: str
    """The field's label."""
    note: str
    """For the list."""
    explained: str
    mine: Side
    theirs: Side
    before: str
    """The value before both."""
    open: bool
    """Waits for a decision; otherwise only told."""
    pending: bool = False
    """Decided here, not yet at the county."""
    secret: bool = False
    gone: bool = False
    """Its record moved away: nothing is decided here any more."""

    @property
    def title(self) -> str:
        """周桂英 · 社保卡号."""
        return f"{self.subject} · {self.what}" if self.what else self.subject


@dataclass(frozen=True)
class Plain:
    """The values of a dispute unmasked."""

    mine: str
    theirs: str
    before: str


@dataclass(frozen=True)
class Parked:
    """A change that could not be applied."""

    title: str
    what: str
    reason: str
    by: str
    at: str
    key: str = ""
    """Its name, for releasing it."""
    obstacle: str = ""
    """Why it cannot be released now; empty when it can."""


@dataclass(frozen=True)
class Standing:
    """Everything the page shows. `device`: what this laptop is called."""

    enrolled: bool = False
    revoked: bool = False
    """The county took its right away: it goes on with a new code."""
    practice: bool = False
    """A practice village, which exchanges with nobody."""
    server: str = ""
    """Empty before enrolment, and for a laptop that enrolled by stick."""
    device: str = ""
    unsent: int = 0
    clock: int = 0
    """Seconds the county's clock is ahead of this one."""
    behind: int = 0
    """Seconds this one is behind what the store knows to be past."""
    lease: Lease | None = None
    """The term within which it has to hear of its county."""
    exchanges: Sequence[Exchanged] = ()
    waiting: Sequence[Waiting] = ()
    disputes: Sequence[Dispute] = ()
    more_to_settle: int = 0
    more_told: int = 0
    """Number of conflicts of each sort beyond the `disputes` shown; of those that need no decision the latest are shown."""
    parked: Sequence[Parked] = ()
    """The oldest of the `held` changes that could not be applied."""
    held: int = 0
    matches: Sequence[Match] = ()
    suspects: Sequence[Match] | None = ()
    """People who are alike without having one number; None where there are so many people that they are only looked for when asked."""
    merged: Sequence[Merged] = ()
    writable: str = ""
    """The scope this station writes, and those below it."""
    closed: str = ""
    """The place this village was merged into, by name; empty for one that stands."""
    departed: Sequence[Departed] = ()
    """People the county moved to other villages lately."""

    @property
    def joining(self) -> bool:
        """Whether it can exchange only after the county gave it a code."""
        return not self.enrolled or self.revoked

    @property
    def alike(self) -> list[Match]:
        """Those of `suspects` that wait for a decision."""
        return [one for one in self.suspects or () if not one.apart]

    @property
    def to_settle(self) -> list[Dispute]:
        """What waits for a decision here."""
        return [one for one in self.disputes if one.open and not one.pending]

    @property
    def told(self) -> list[Dispute]:
        """What was settled by rule, or here and not yet sent, and is only told."""
        return [one for one in self.disputes if not one.open or one.pending]

    @property
    def clock_wrong(self) -> bool:
        """Whether this computer's clock needs setting."""
        return abs(self.clock) > CLOCK_TOLERANCE or self.behind > 0


@dataclass(frozen=True)
class Line:
    """A bundle as the tab shows it. `state`: written, township, county or refused; `whose` is empty for own ones."""

    code: str
    whose: str
    records: int
    at: str
    state: str
    request: bool
    """A request to enrol."""
    note: str = ""
    """Why the county refused it, or which laptop took it to carry it on, and when."""


@dataclass(frozen=True)
class StickStanding:
    """How things stand. `carries`: this is a township or county laptop."""

    joining: bool = True
    """Before enrolment, and after the county took the right away: a code is needed."""
    revoked: bool = False
    carries: bool = False
    unsent: int = 0
    lines: Sequence[Line] = ()
    early: int = 0
    """What was read that waits for something before it."""

    @property
    def waiting(self) -> int:
        """Carried bundles the county has not answered."""
        return sum(1 for line in self.lines if line.whose and line.state == "township")

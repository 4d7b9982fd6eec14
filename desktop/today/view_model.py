"""What 今日 shows: sections of things to be done, each line with a way to do it, and three small charts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QObject, Signal

from desktop.jobs import Jobs

SAME_AS_LAST_MONTH = "same_as_last_month"
DATA = "data"
"""The sort of matters that are doubts about the data."""


@dataclass(frozen=True)
class Action:
    """A button: its word, and the page it leads to with what it needs; or `act`, something done at once; or `sort`, a list of matters."""

    word: str
    page: str = ""
    args: Mapping[str, object] = field(default_factory=dict)
    act: str = ""
    sort: str = ""


@dataclass(frozen=True)
class Line:
    """Something to be done. `tone` says how bad it is to leave it: bad, warn or good."""

    title: str
    text: str
    when: str = ""
    tone: str = "warn"
    actions: Sequence[Action] = ()


@dataclass(frozen=True)
class Section:
    """Lines under one heading."""

    title: str
    note: str
    lines: Sequence[Line]


@dataclass(frozen=True)
class Matter:
    """One warning or doubt of the whole list. `code`, `about` and `due` are what its being dealt with is kept under."""

    key: str
    sort: str
    what: str
    text: str
    when: str
    tone: str
    action: Action
    code: str
    about: str
    due: str | None
    can_settle: bool = True


@dataclass(frozen=True)
class Charts:
    """Figures of the charts: words with numbers, in the order they are drawn."""

    regions: Sequence[tuple[str, int]] = ()
    labour: int = 0
    months: Sequence[tuple[str, int]] = ()
    services: Sequence[tuple[str, int, int]] = ()
    wishes: int = 0


@dataclass(frozen=True)
class Day:
    """All of it. `people` is 0 on a fresh station."""

    today: str
    people: int
    sections: Sequence[Section] = ()
    charts: Charts = field(default_factory=Charts)
    checks_left: int = 0
    entitled: Section | None = None
    """应享未享, once everybody was screened."""
    matters: Sequence[Matter] = ()
    """Every warning, the gravest first."""

    @property
    def urgent(self) -> int:
        """How many lines cannot wait."""
        return sum(line.tone == "bad" for section in self.sections for line in section.lines)

    @property
    def shown(self) -> Sequence[Section]:
        """The sections: who is entitled before all others, who only nearly is after them."""
        own = [self.entitled] if self.entitled and self.entitled.lines else []
        return [*own, *self.sections] if any(line.tone == "good" for one in own for line in one.lines) else [*self.sections, *own]


@dataclass(frozen=True)
class Uses:
    """What the page needs done; every call waits for the database."""

    day: Callable[[], Day]
    entitled: Callable[[], Section | None]
    """Who is entitled and has not claimed, who is nearly there; None where there are too many people to judge while the page opens."""
    doubts: Callable[[], Sequence[Matter]]
    same_as_last_month: Callable[[], int]
    """Fill in this month's checks left from last month's; answers how many."""
    settle: Callable[[Matter, str, str | None], None]
    """Keep that a matter was dealt with: verified, false_alarm or passed_on, and why."""


class TodayModel(QObject):
    """The state behind the page."""

    changed = Signal(object)
    filled = Signal(int)
    matters_changed = Signal(object)
    settled = Signal(object)

    def __init__(self, jobs: Jobs, uses: Uses) -> None:
        super().__init__()
        self._jobs, self._uses = jobs, uses
        self.day: Day | None = None
        self.matters: Sequence[Matter] = ()
        """Those of the list that is shown."""
        self.doubting = False

    def load(self) -> None:
        """Look at everything again."""
        self._jobs.run(self._uses.day, self._show, key="today")
        self._jobs.run(self._uses.entitled, self._show_entitled, key="today-entitled", later=True)
        if self.doubting:
            self.list_doubts()

    def list_warnings(self) -> None:
        """Show every warning in the list."""
        self.doubting = False
        self._list(self.day.matters if self.day else ())

    def list_doubts(self) -> None:
        """Run the checks over the data and show what they find."""
        self.doubting = True
        self._jobs.run(self._uses.doubts, self._list, key="today-doubts")

    def same_as_last_month(self) -> None:
        """Fill in the monthly checks left that can be: one act, which 撤销 takes back."""
        self._jobs.run(self._uses.same_as_last_month, self.filled.emit)

    def settle(self, matters: Sequence[Matter], state: str, reason: str | None) -> None:
        """Keep that matters were dealt with; they leave the list."""
        wanted = [matter for matter in matters if matter.can_settle]

        def work() -> int:
            for matter in wanted:
                self._uses.settle(matter, state, reason)
            return len(wanted)

        self._jobs.run(work, self.settled.emit)

    def _show(self, day: Day) -> None:
        self.day = replace(day, entitled=self.day.entitled if self.day else None)
        self.changed.emit(self.day)
        if not self.doubting:
            self._list(day.matters)

    def _show_entitled(self, section: Section | None) -> None:
        if self.day is not None and section != self.day.entitled:
            self.day = replace(self.day, entitled=section)
            self.changed.emit(self.day)

    def _list(self, matters: Sequence[Matter]) -> None:
        self.matters = matters
        self.matters_changed.emit(matters)

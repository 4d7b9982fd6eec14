"""What an import would do, row by row, before anything is written: the preview, and what `apply` then carries out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from domain.fields import Kind
from domain.words import _


class Action(StrEnum):
    """What becomes of a record or a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    QUESTION = "question"
    SKIPPED = "skipped"


class Level(StrEnum):
    """How grave an issue is: refused and question keep a row out, warning and repair only tell."""

    REFUSED = "refused"
    QUESTION = "question"
    WARNING = "warning"
    REPAIR = "repair"


@dataclass(frozen=True, slots=True)
class Issue:
    """Something about a row: its number as the sheet counts, the column's heading, the value as it may be shown, a sentence."""

    row: int
    column: str
    value: str
    """Secrets are masked: the sheet's own row says the rest."""
    message: str
    code: str
    """checksum digits_lost no_name choice date place person village required sex birth duplicate …"""
    level: Level = Level.REFUSED
    sheet: str = ""

    def to_json(self) -> dict[str, Any]:
        """As the command line answers: row, column, value, message; the sheet too where there are several."""
        said: dict[str, Any] = {"row": self.row, "column": self.column, "value": self.value, "message": self.message}
        return said | ({"sheet": self.sheet} if self.sheet else {})


@dataclass(eq=False, slots=True)
class Draft:
    """One record a row makes, changes or finds unchanged."""

    kind: Kind
    id: str
    village: str
    action: Action
    values: dict[str, Any]
    """Record values: of a new record all, of a changed one those that change."""
    before: Mapping[str, Any] | None = None
    """Of a changed record, the present values of the fields that change."""
    restore: bool = False
    """A record made by its natural key that lies deleted: it is brought back rather than inserted."""
    base: Draft | None = None
    """The draft of an earlier row for the same record, which this one only changes."""
    proposed: tuple[str, ...] = ()
    """Fields the roster has no column for, filled with what is usual."""

    def fill(self, name: str, value: Any, *, wanted: bool) -> None:
        """Set a field that a row knows about a shared record, or take it back when that row stays out."""
        if wanted:
            self.values[name] = value
        elif self.values.get(name) == value:
            del self.values[name]
        if self.action is not Action.NEW:
            self.action = Action.CHANGED if self.values else Action.UNCHANGED

    def amended(self, values: Mapping[str, Any]) -> Draft:
        """What a further row about the record of this one would change of it, if it were let in; None says nothing."""
        known = {**(self.before or {}), **self.values}
        changed = {name: value for name, value in values.items() if value is not None and known.get(name) != value}
        action = Action.CHANGED if changed else Action.UNCHANGED
        return Draft(self.kind, self.id, self.village, action, changed, {name: known.get(name) for name in changed}, base=self)

    def orphaned(self, chosen: Mapping[int, Draft]) -> bool:
        """Whether this draft only changes what an earlier row makes, and that row stays out: then it makes the record itself."""
        return self.base is not None and self.base.action is Action.NEW and id(self.base) not in chosen


@dataclass(eq=False, slots=True)
class PlanRow:
    """One row of a table: what it makes, what is wrong with it."""

    number: int
    title: str = ""
    """Who or what the row is about, for the preview."""
    drafts: list[Draft] = field(default_factory=list)
    uses: list[Draft] = field(default_factory=list)
    """Records several rows share (household, employer, course, post): made when any of these rows goes in."""
    fills: list[tuple[Draft, str, Any]] = field(default_factory=list)
    """Fields of shared new records that this row knows: the household's head."""
    issues: list[Issue] = field(default_factory=list)
    skipped: bool = False
    kept: bool = False
    """A questioned row that the clerk said is right."""

    def add(self, issue: Issue) -> None:
        """Give the row one more issue, without touching the list other rows may share."""
        self.issues = [*self.issues, issue]

    def of(self, level: Level) -> list[Issue]:
        """The issues of one level."""
        return [issue for issue in self.issues if issue.level is level]

    @property
    def refused(self) -> bool:
        """Whether the row cannot go in."""
        return bool(self.issues) and any(issue.level is Level.REFUSED for issue in self.issues)

    @property
    def questioned(self) -> bool:
        """Whether the row waits for an answer."""
        return bool(self.issues) and not self.kept and any(issue.level is Level.QUESTION for issue in self.issues)

    @property
    def goes_in(self) -> bool:
        """Whether applying the plan writes this row."""
        return not self.skipped and not self.refused and not self.questioned

    @property
    def action(self) -> Action:
        """The row as the preview colours it."""
        if self.skipped:
            return Action.SKIPPED
        if self.refused:
            return Action.REFUSED
        if self.questioned:
            return Action.QUESTION
        done = {draft.action for draft in self.drafts}
        return next((action for action in (Action.NEW, Action.CHANGED) if action in done), Action.UNCHANGED)


@dataclass(frozen=True, slots=True)
class PlannedColumn:
    """A column of the sheet and what it was taken for; `label` is empty when it is not imported."""

    index: int
    heading: str
    target: str
    label: str
    key: str = ""
    """The heading as it is remembered when the column is assigned by hand."""
    assigned: bool = False
    """Whether a person assigned it, now or for an earlier file."""
    examples: tuple[str, ...] = ()
    """Some of its cells, numbers masked."""


@dataclass(eq=False)
class PlannedTable:
    """One table of the file."""

    sheet: str
    label: str
    """The kind of roster it was taken for."""
    roster: str
    heading_row: int
    """Row number of the first heading row, as the sheet counts."""
    titles: list[str]
    columns: list[PlannedColumn]
    rows: list[PlanRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What is true of the whole table: columns not imported, names read in another way, proposals."""
    proposals: list[str] = field(default_factory=list)
    assignable: Mapping[str, str] = field(default_factory=dict)
    """The targets to which its columns can be assigned, with the words to show for them."""


@dataclass(frozen=True)
class Absent:
    """Somebody the roster does not name. `number` is masked when shown, `group` and `category` are "" where not recorded."""

    name: str
    number: str
    group: str
    category: str


@dataclass(eq=False)
class Plan:
    """What importing a file would do. Answer its questions, then `apply` it."""

    file: str
    tables: list[PlannedTable]
    notes: list[str] = field(default_factory=list)
    absent: Sequence[Absent] = ()
    """Who is in the store and not in its roster of people."""
    state: str = ""
    """Where the store stood when the plan was made."""
    again: Any = None
    """Makes the same plan anew from the same bytes, for a store that has changed since."""

    def rows(self) -> Iterator[PlanRow]:
        """Every row of every table in order."""
        for table in self.tables:
            yield from table.rows

    def answer(self, row: PlanRow, *, keep: bool) -> None:
        """Let a questioned row in (`keep`), or keep it out again."""
        row.kept = keep

    def issues(self, level: Level) -> list[Issue]:
        """All issues of one level, in order of tables and rows."""
        return [issue for row in self.rows() if not row.skipped for issue in row.issues if issue.level is level]

    @property
    def rejected(self) -> list[Issue]:
        """One issue for each row that cannot go in: the first thing wrong with it, the others said with it."""
        return [_said_once(row.of(Level.REFUSED)) for row in self.rows() if row.refused and not row.skipped]

    @property
    def questions(self) -> list[Issue]:
        """One issue for each row that waits for an answer."""
        return [_said_once(row.of(Level.QUESTION)) for row in self.rows() if row.questioned and not row.refused and not row.skipped]

    @property
    def warnings(self) -> list[Issue]:
        """What is doubtful and goes in all the same."""
        return self.issues(Level.WARNING)

    @property
    def repaired(self) -> list[Issue]:
        """What was put right in reading."""
        return self.issues(Level.REPAIR)

    def chosen(self) -> dict[int, Draft]:
        """Every draft that would be written or found unchanged, each once, by identity; parents before children within a row."""
        drafts: dict[int, Draft] = {}
        for row in self.rows():
            for draft, name, value in row.fills:
                draft.fill(name, value, wanted=row.goes_in)
            if row.goes_in:
                for draft in (*row.uses, *row.drafts):
                    drafts[id(draft)] = draft
        return drafts

    def counts(self) -> dict[Action, int]:
        """Records added, changed and unchanged if the plan were applied now."""
        found = dict.fromkeys((Action.NEW, Action.CHANGED, Action.UNCHANGED), 0)
        chosen = self.chosen()
        for draft in chosen.values():
            found[Action.NEW if draft.orphaned(chosen) else draft.action] += 1
        return found


def _said_once(issues: list[Issue]) -> Issue:
    first = issues[0]
    if len(issues) == 1:
        return first
    said = _("；").join(dict.fromkeys(i.message for i in issues))
    return Issue(first.row, first.column, first.value, said, first.code, first.level, first.sheet)


@dataclass(frozen=True)
class ImportResult:
    """What an import did: the number of its act (None when nothing was written) and counts of records."""

    batch: int | None
    added: int
    changed: int
    unchanged: int
    rejected: list[Issue]
    questions: list[Issue]
    warnings: list[Issue] = field(default_factory=list)
    """What is doubtful and went in all the same."""

    def to_json(self) -> dict[str, Any]:
        """As the command line answers."""
        return {
            "batch": self.batch,
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "rejected": [issue.to_json() for issue in self.rejected],
            "questions": [issue.to_json() for issue in self.questions],
        } | ({"warnings": [issue.to_json() for issue in self.warnings]} if self.warnings else {})

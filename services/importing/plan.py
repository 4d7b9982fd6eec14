"""The plan of an import: what it would do, row by row. It is shown as a preview and carried out by `apply`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from domain.fields import Kind
from domain.words import _


class Action(StrEnum):
    """What happens to a record or a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    QUESTION = "question"
    SKIPPED = "skipped"


class Level(StrEnum):
    """Severity of an issue: refused and question keep a row out; warning and repair are only shown."""

    REFUSED = "refused"
    QUESTION = "question"
    WARNING = "warning"
    REPAIR = "repair"


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue about a row: the row number in the sheet, the column's heading, the value for display, and a message."""

    row: int
    column: str
    value: str
    """Secrets are masked; the full value can be found in the sheet."""
    message: str
    code: str
    """checksum digits_lost no_name choice date place person village required sex birth duplicate …"""
    level: Level = Level.REFUSED
    sheet: str = ""

    def to_json(self) -> dict[str, Any]:
        """The JSON object of the command line: row, column, value, message; and the sheet if there are several."""
        members: dict[str, Any] = {"row": self.row, "column": self.column, "value": self.value, "message": self.message}
        return members | ({"sheet": self.sheet} if self.sheet else {})


@dataclass(eq=False, slots=True)
class Draft:
    """A record that a row creates, changes or leaves unchanged."""

    kind: Kind
    id: str
    village: str
    action: Action
    values: dict[str, Any]
    """All values of a new record; of a changed one, only those that change."""
    before: Mapping[str, Any] | None = None
    """The current values of the changed fields."""
    restore: bool = False
    """Whether a deleted record with the same natural id is restored instead of inserting a new one."""
    base: Draft | None = None
    """The draft of an earlier row for the same record, which this one amends."""
    proposed: tuple[str, ...] = ()
    """Fields without a column in the roster that were filled with the usual value."""

    def fill(self, name: str, value: Any, *, wanted: bool) -> None:
        """Set a field of a shared record that a row provides, or remove it again if that row is not imported."""
        if wanted:
            self.values[name] = value
        elif self.values.get(name) == value:
            del self.values[name]
        if self.action is not Action.NEW:
            self.action = Action.CHANGED if self.values else Action.UNCHANGED

    def amended(self, values: Mapping[str, Any]) -> Draft:
        """A draft of what another row about the same record would change; None leaves a field unchanged."""
        known = {**(self.before or {}), **self.values}
        changed = {name: value for name, value in values.items() if value is not None and known.get(name) != value}
        action = Action.CHANGED if changed else Action.UNCHANGED
        return Draft(self.kind, self.id, self.village, action, changed, {name: known.get(name) for name in changed}, base=self)

    def orphaned(self, chosen: Mapping[int, Draft]) -> bool:
        """Whether this draft amends a new record of an earlier row that is not imported; then this one creates the record."""
        return self.base is not None and self.base.action is Action.NEW and id(self.base) not in chosen


@dataclass(eq=False, slots=True)
class PlanRow:
    """One row of a table: its drafts and its issues."""

    number: int
    title: str = ""
    """The name of the person or thing that the row is about, for the preview."""
    drafts: list[Draft] = field(default_factory=list)
    uses: list[Draft] = field(default_factory=list)
    """Records shared by several rows (household, employer, course, post); written if any of these rows is imported."""
    fills: list[tuple[Draft, str, Any]] = field(default_factory=list)
    """Fields of shared new records that this row provides, such as the household's head."""
    issues: list[Issue] = field(default_factory=list)
    skipped: bool = False
    kept: bool = False
    """Whether the clerk confirmed the row in spite of its question."""

    def add(self, issue: Issue) -> None:
        """Add an issue, without changing the list, which other rows may share."""
        self.issues = [*self.issues, issue]

    def of(self, level: Level) -> list[Issue]:
        """The issues of one level."""
        return [issue for issue in self.issues if issue.level is level]

    @property
    def refused(self) -> bool:
        """Whether the row cannot be imported."""
        return bool(self.issues) and any(issue.level is Level.REFUSED for issue in self.issues)

    @property
    def questioned(self) -> bool:
        """Whether the row has a question that is not answered."""
        return bool(self.issues) and not self.kept and any(issue.level is Level.QUESTION for issue in self.issues)

    @property
    def goes_in(self) -> bool:
        """Whether applying the plan writes this row."""
        return not self.skipped and not self.refused and not self.questioned

    @property
    def action(self) -> Action:
        """The action that the preview shows for the row."""
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
    """A column of the sheet and the target it was matched to; `label` is empty if it is not imported."""

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


@dataclass(frozen=True)
class Besides:
    """What a table holds besides what is read of it: the `kind` to read it again as, the headings of its columns, and, for work, whether
    it says since when."""

    kind: str
    columns: Sequence[str]
    dated: bool = True


@dataclass(eq=False)
class PlannedTable:
    """One table of the file."""

    sheet: str
    label: str
    """The label of the kind of roster."""
    roster: str
    heading_row: int
    """The row number in the sheet of the first heading row."""
    titles: list[str]
    columns: list[PlannedColumn]
    rows: list[PlanRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """Notes about the whole table: columns not imported, names read differently, proposals."""
    proposals: list[str] = field(default_factory=list)
    assignable: Mapping[str, str] = field(default_factory=dict)
    """The targets to which its columns can be assigned, with the words to show for them."""
    besides: Besides | None = None
    """What else it holds, for which the file has to be read again."""
    lacks: str = ""
    """What it lacks and can be supplied for all rows (`services.importing.columns.supplied`)."""


@dataclass(frozen=True)
class Absent:
    """A person who is not in the roster. `number` is masked when shown; `group` and `category` are "" if not recorded."""

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
    """The people who are in the store but not in the file's register."""
    state: str = ""
    """The store's state when the plan was made (see `store_state`)."""
    again: Any = None
    """Makes the same plan again from the same bytes, after the store has changed."""

    def rows(self) -> Iterator[PlanRow]:
        """All rows of all tables, in order."""
        for table in self.tables:
            yield from table.rows

    def answer(self, row: PlanRow, *, keep: bool) -> None:
        """Import a row with a question (`keep`), or leave it out."""
        row.kept = keep

    def take_answers(self, before: Plan) -> None:
        """Let in the questioned rows that were let in before the plan was made again, unless a row raises a question that it did not raise
        then."""
        kept = {place: set(row.of(Level.QUESTION)) for place, row in before._places() if row.kept}
        for place, row in self._places():
            row.kept = place in kept and kept[place].issuperset(row.of(Level.QUESTION))

    def _places(self) -> Iterator[tuple[tuple[str, int, int], PlanRow]]:
        return (((table.sheet, table.heading_row, at), row) for table in self.tables for at, row in enumerate(table.rows))

    def issues(self, level: Level) -> list[Issue]:
        """All issues of one level in rows that are not skipped, in order."""
        return [issue for row in self.rows() if not row.skipped for issue in row.issues if issue.level is level]

    @property
    def rejected(self) -> list[Issue]:
        """One issue for each refused row: the first one, with the messages of all."""
        return [_merged(row.of(Level.REFUSED)) for row in self.rows() if row.refused and not row.skipped]

    @property
    def questions(self) -> list[Issue]:
        """One issue for each row with an unanswered question."""
        return [_merged(row.of(Level.QUESTION)) for row in self.rows() if row.questioned and not row.refused and not row.skipped]

    @property
    def warnings(self) -> list[Issue]:
        """The warnings; they do not prevent the import."""
        return self.issues(Level.WARNING)

    @property
    def repaired(self) -> list[Issue]:
        """The repairs made while reading."""
        return self.issues(Level.REPAIR)

    def chosen(self) -> dict[int, Draft]:
        """All drafts that would be written or are unchanged, each once, by object identity; within a row, parents before children."""
        drafts: dict[int, Draft] = {}
        for row in self.rows():
            for draft, name, value in row.fills:
                draft.fill(name, value, wanted=row.goes_in)
            if row.goes_in:
                for draft in (*row.uses, *row.drafts):
                    drafts[id(draft)] = draft
        return drafts

    def counts(self) -> dict[Action, int]:
        """The number of records added, changed and unchanged if the plan were applied now."""
        found = dict.fromkeys((Action.NEW, Action.CHANGED, Action.UNCHANGED), 0)
        chosen = self.chosen()
        for draft in chosen.values():
            found[Action.NEW if draft.orphaned(chosen) else draft.action] += 1
        return found


def _merged(issues: list[Issue]) -> Issue:
    """The first issue with the messages of all, without repetition."""
    first = issues[0]
    if len(issues) == 1:
        return first
    messages = _("；").join(dict.fromkeys(i.message for i in issues))
    return Issue(first.row, first.column, first.value, messages, first.code, first.level, first.sheet)


@dataclass(frozen=True)
class ImportResult:
    """The result of an import: the number of its act (None if nothing was written) and counts of records."""

    batch: int | None
    added: int
    changed: int
    unchanged: int
    rejected: list[Issue]
    questions: list[Issue]
    warnings: list[Issue] = field(default_factory=list)
    """The warnings; they did not prevent the import."""

    def to_json(self) -> dict[str, Any]:
        """The JSON object of the command line."""
        return {
            "batch": self.batch,
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "rejected": [issue.to_json() for issue in self.rejected],
            "questions": [issue.to_json() for issue in self.questions],
        } | ({"warnings": [issue.to_json() for issue in self.warnings]} if self.warnings else {})

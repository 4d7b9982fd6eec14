"""Makes drafts of values: a new record, or what differs from the existing one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from db.mapping import stored
from db.session import Session
from domain import clock, identity
from domain.errors import FieldError
from domain.fields import Field, Kind, kind_of
from domain.identity import age_on
from domain.progress import Progress, unwatched
from domain.values import Type
from domain.words import _
from services.importing.cells import Masked, Notice
from services.importing.home import Home
from services.importing.known import Known, Row
from services.importing.lines import Lines, cell_reader
from services.importing.plan import Action, Draft, Level, PlanRow
from services.sheets import sheet_value

TICK = 500
"""Rows between two reports of progress."""
BLOCK = 2_000
"""Rows that are looked up together."""


@dataclass
class Context:
    """What the makers of one file's tables share."""

    session: Session
    known: Known
    home: Home
    tick: Progress = unwatched
    """Told how far the planning is."""
    shared: dict[tuple[str, ...], Draft] = field(default_factory=dict)
    """Records that several rows or tables make together, by the key that finds them."""
    sheet: str = ""
    """The name of the sheet being planned."""
    claimed: dict[tuple[str, ...], tuple[str, int]] = field(default_factory=dict)
    """Sheets and numbers of the first rows by what a row's own record is found by: the second such row is a question."""
    proposals: dict[str, None] = field(default_factory=dict)
    """Sentences about what was filled in without a column, each once, for the table being planned. A dictionary keeps their order."""
    notes: dict[str, None] = field(default_factory=dict)

    def propose(self, sentence: str) -> None:
        """Note that something was filled in which the roster does not say."""
        self.proposals[sentence] = None

    def claim(self, row: PlanRow, *key: str) -> str | None:
        """Note that a row is about the record found by `key`; answers where an earlier row about it is."""
        first = self.claimed_by(*key)
        self.claimed.setdefault(key, (self.sheet, row.number))
        return first

    def claimed_by(self, *key: str) -> str | None:
        """Where the first row about the record found by `key` is, with its sheet where that is another one; None when there is none."""
        if key not in self.claimed:
            return None
        sheet, number = self.claimed[key]
        said = _("第 {row} 行") if sheet == self.sheet else _("工作表「{sheet}」第 {row} 行")
        return said.format(sheet=sheet, row=number)

    def new(self, kind: str, village: str, values: Mapping[str, Any], *, proposed: tuple[str, ...] = ()) -> Draft:
        """A draft of a new record; its id is the natural one where the kind has a key."""
        declared = kind_of(kind)
        said = {name: value for name, value in values.items() if value is not None}
        id = self.session.natural_id(declared, village, said) if declared.key else self.session.new_id()
        return Draft(declared, id, village, Action.NEW, said, proposed=proposed)

    def shared_draft(self, key: tuple[str, ...], make: Callable[[], Draft]) -> Draft:
        """The draft of a record found by `key`, made once."""
        if key not in self.shared:
            self.shared[key] = make()
        return self.shared[key]

    def found_again(self, made: Draft, there: Row | None, values: Mapping[str, Any]) -> Draft:
        """As :func:`found_again`; for a further row about the same record, what it changes of what the first one says."""
        first = self.shared.get((made.kind.name, made.id))
        if first is not None and first.action is not Action.UNCHANGED:
            return first.amended(values)
        draft = found_again(made, there, values)
        return self.shared.setdefault((made.kind.name, made.id), draft) if first is None else draft


_OF_AGE = 16


def labour_for(birth: str | None) -> str:
    """The labour of a new person if no column says it: ordinary, for a child none (data check W03)."""
    return "none" if birth and age_on(birth, clock.today()) < _OF_AGE else "ordinary"


def labour_proposed() -> str:
    """The sentence that says so."""
    return _("名册没有“劳动技能”一列，新登记的人先记为“普通劳动力”，不满 16 周岁的记为“无劳动力”，请事后核对")


def missing(kind: Kind, values: Mapping[str, Any]) -> list[Field]:
    """The required fields that a new record lacks."""
    return [f for f in kind.fields if f.required and values.get(f.name) is None]


def found_again(made: Draft, there: Row | None, values: Mapping[str, Any]) -> Draft:
    """The draft for a row whose record has a natural id: a new record, a deleted one brought back, or what changes."""
    if there is None or there["deleted_at"] is not None:
        made.restore = there is not None
        return made
    return against(made.kind, there, values)


def refuse_missing(lines: Lines, i: int, row: PlanRow, kind: Kind, values: Mapping[str, Any]) -> bool:
    """Refuse a row whose new record lacks a required field; answers whether it does."""
    lacking = missing(kind, values)
    for f in lacking:
        lines.tell(row, i, f"{kind.name}.{f.name}", _("缺少{label}").format(label=_(f.label)), "required")
    return bool(lacking)


def require(lines: Lines, i: int, row: PlanRow, draft: Draft) -> None:
    """Refuse a row whose draft is a new record that lacks a required field."""
    if draft.action is Action.NEW:
        for f in missing(draft.kind, draft.values):
            target = f"{draft.kind.name}.{f.name}"
            said = _("缺少{label}").format(label=_(f.label))
            if not any(issue.column == lines.heading(target) and issue.level is Level.REFUSED for issue in row.issues):
                lines.tell(row, i, target, said, "required")


def against(kind: str | Kind, current: Row, values: Mapping[str, Any], *, strict: bool = False) -> Draft:
    """What `values` change about a record in the store. None says nothing; a masked value must mask the stored one.

    Unless `strict`, a value that a sheet could not have told from the stored one is no change.

    Raises FieldError for a masked value of something else, and for a change of what may only be written once.
    """
    declared = kind_of(kind)
    columns = stored(declared, {name: value for name, value in values.items() if value is not None})
    changed: dict[str, Any] = {}
    for name, column in columns.items():
        if column != current[name]:
            f = declared.by_name[name]
            before = f.from_stored(current[name])
            if isinstance(values[name], Masked):
                unmask(f, values[name], before)
            elif strict or not _same_on_paper(declared, f, before, values[name]):
                changed[name] = values[name]
    before_all = {name: declared.by_name[name].from_stored(current[name]) for name in changed}
    if declared.append_only and any(value is not None for value in before_all.values()):
        raise FieldError(_("发放和办理记录登记后不能改写，请另记一笔更正"), "append_only")
    action = Action.CHANGED if changed else Action.UNCHANGED
    return Draft(declared, current["id"], current["village"], action, changed, before_all or None)


def unmask(f: Field, value: str, before: Any) -> None:
    """Raise FieldError unless a masked value hides exactly the stored one."""
    if before is None or not identity.masks(value, str(before)):
        raise FieldError(_("{label}是打了星号的，与台账对不上，不能导入").format(label=_(f.label)), "masked", f.name)


def _same_on_paper(kind: Kind, f: Field, before: Any, value: Any) -> bool:
    """Whether a sheet could not have told the two apart: blanks at the ends, items of a set holding separators."""
    if before is None or f.type not in (Type.TEXT, Type.SECRET, Type.SET, Type.JSON):
        return False
    notices: list[Notice] = []
    try:
        return bool(cell_reader(f"{kind.name}.{f.name}", f, "")(sheet_value(f, before, plain=True), notices) == value)
    except FieldError:
        return False


def refuse_masked(values: Mapping[str, Any], kind: Kind) -> None:
    """Raise FieldError when a new record would be given a masked value."""
    for name, value in values.items():
        if isinstance(value, Masked):
            unmask(kind.by_name[name], value, None)

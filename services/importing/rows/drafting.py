"""Makes drafts from values: a new record, or the changes to an existing one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from db.mapping import stored
from db.session import Session
from domain import clock, identity
from domain.errors import FieldError
from domain.fields import Field, Kind, kind_of
from domain.identity import age_on
from domain.periods import months_apart
from domain.progress import Progress, unwatched
from domain.records.people import WORKING_AGE
from domain.values import Type
from domain.words import _
from services.importing.columns.headlines import core, is_bare
from services.importing.plan import Action, Draft, Level, PlanRow
from services.importing.rows.home import Home
from services.importing.rows.known import Known, Row
from services.importing.rows.lines import Lines, cell_reader
from services.importing.tables.heading_words import plain
from services.importing.tables.titles import ENTERPRISE, carrier_type
from services.importing.values.cells import Masked, Notice
from services.importing.values.id_cells import Doubtful
from services.importing.values.terms import coarse_start, known_start
from services.sheets import sheet_value

TICK = 500
"""Number of rows between two progress reports."""
BLOCK = 2_000
"""Number of rows looked up together."""


@dataclass
class Context:
    """State shared by the makers of one file's tables."""

    session: Session
    known: Known
    home: Home
    tick: Progress = unwatched
    """Receives the progress of the planning."""
    shared: dict[tuple[str, ...], Draft] = field(default_factory=dict)
    """Drafts of records that several rows or tables share, by identifying key."""
    sheet: str = ""
    """The name of the sheet being planned."""
    claimed: dict[tuple[str, ...], tuple[str, int]] = field(default_factory=dict)
    """Identifying key of a row's own record → sheet and number of the first such row. A second row with the key becomes a question."""
    proposals: dict[str, None] = field(default_factory=dict)
    """Sentences about values that were filled in without a column, for the table being planned; a dictionary, to keep each once and in
    order."""
    notes: dict[str, None] = field(default_factory=dict)

    def village(self, current: Row | None, stated: str | None, *others: str | None) -> str:
        """The scope of a record: as stored, as stated, the first of the `others`, or the default. Raises `FieldError` if another one than
        the stored one is stated."""
        if current is None:
            return next(filter(None, (stated, *others)), self.home.default)
        if stated and stated != current["village"]:
            raise FieldError(_("记录属于 {village}，不能改到别处").format(village=current["village"]), "village")
        return str(current["village"])

    def refuse_foreign(self, village: str) -> None:
        """Raise `FieldError` for a record that is not this station's to write."""
        if not self.session.may_write(village):
            raise FieldError(_("属于 {village}，不归本站填写").format(village=village), "village")

    def propose(self, sentence: str) -> None:
        """Record a sentence about a value that was filled in without a column."""
        self.proposals[sentence] = None

    def claim(self, row: PlanRow, *key: str) -> str | None:
        """Record that a row is about the record identified by `key`; returns where an earlier row about it is, or None."""
        first = self.claimed_by(*key)
        self.claimed.setdefault(key, (self.sheet, row.number))
        return first

    def claimed_by(self, *key: str) -> str | None:
        """The place of the first row about the record identified by `key`, with its sheet if that is another one; None if there is none."""
        if key not in self.claimed:
            return None
        sheet, number = self.claimed[key]
        place = _("第 {row} 行") if sheet == self.sheet else _("工作表「{sheet}」第 {row} 行")
        return place.format(sheet=sheet, row=number)

    def new(self, kind: str, village: str, values: Mapping[str, Any], *, proposed: tuple[str, ...] = ()) -> Draft:
        """A draft of a new record. Its id is the natural id if the kind has a natural key."""
        declared = kind_of(kind)
        given = {name: value for name, value in values.items() if value is not None}
        id = self.session.natural_id(declared, village, given) if declared.key else self.session.new_id()
        return Draft(declared, id, village, Action.NEW, given, proposed=proposed)

    def shared_draft(self, key: tuple[str, ...], make: Callable[[], Draft]) -> Draft:
        """The draft of the record identified by `key`; made on the first call."""
        if key not in self.shared:
            self.shared[key] = make()
        return self.shared[key]

    def found_again(self, made: Draft, current: Row | None, values: Mapping[str, Any]) -> Draft:
        """Like the function `found_again`; for another row about the same record, a draft of what it changes compared with the first."""
        first = self.shared.get((made.kind.name, made.id))
        if first is not None and first.action is not Action.UNCHANGED:
            return first.amended(values)
        draft = found_again(made, current, values)
        return self.shared.setdefault((made.kind.name, made.id), draft) if first is None else draft


_PAID_WITHIN = 3
"""A list of pay is usually paid out within this many months after the one it is for."""


def month_of_pay(lines: Lines, row: PlanRow, i: int, targets: Sequence[str]) -> str | None:
    """The month of a row's pay or attendance: that of its own column, otherwise that of the title; None if neither tells it.

    发放月份 may also be when the pay of the title's month was paid out, if it is a little later; if it is much later, the row is a
    question.
    """
    titled = lines.binding.headlines.titled
    target = next((target for target in targets if lines.values(target)[i]), None)
    if target is None or (target not in lines.binding.columns and titled.several):
        return titled.one
    month = str(lines.values(target)[i])
    if titled.one is None or month <= titled.one or "发放" not in lines.heading(target):
        return month
    if months_apart(titled.one, month) <= _PAID_WITHIN:
        message = _("标题写的是 {titled}，「{heading}」写的是 {month}，按标题的月份记，请核对")
        level = Level.WARNING
    else:
        message = _("标题写的是 {titled}，「{heading}」写的是 {month}，请核对年份；收下就按 {month} 记")
        level = Level.QUESTION
    lines.add_issue(row, i, target, message.format(titled=titled.one, heading=lines.heading(target), month=month), "month", level)
    return titled.one if level is Level.WARNING else month


def fill_new_person(context: Context, lines: Lines, values: dict[str, Any], number: object) -> tuple[str, ...]:
    """Fill the document and the labour type of a new person for which there is no column; returns their names. `number` is that of the row:
    a doubtful one says nothing of the document. The labour type is ordinary, or none for a child (data check W03)."""
    filled: list[str] = []
    if "document" not in values and not isinstance(number, Doubtful):
        values["document"] = "disability" if len(values.get("original_number") or "") > 18 else "resident_id"
        filled.append("document")
    if not lines.has("person.labour"):
        birth = values.get("birth")
        values["labour"] = "none" if birth and age_on(birth, clock.today()) < WORKING_AGE.start else "ordinary"
        filled.append("labour")
        context.propose(_("名册没有“劳动技能”一列，新登记的人先记为“普通劳动力”，不满 16 周岁的记为“无劳动力”，请事后核对"))
    return tuple(filled)


def missing(kind: Kind, values: Mapping[str, Any]) -> list[Field]:
    """The required fields that a new record lacks."""
    return [f for f in kind.fields if f.required and values.get(f.name) is None]


def found_again(made: Draft, current: Row | None, values: Mapping[str, Any]) -> Draft:
    """The draft for a row whose record has a natural id: a new record, a deleted one restored, or the changes to the `current` one."""
    if current is None or current["deleted_at"] is not None:
        made.restore = current is not None
        return made
    return against(made.kind, current, values)


def require(lines: Lines, i: int, row: PlanRow, draft: Draft) -> bool:
    """Refuse a row whose draft is a new record that lacks a required field, unless that column is refused already; returns whether it is
    complete."""
    lacking = missing(draft.kind, draft.values) if draft.action is Action.NEW else []
    for target, label in ((f"{draft.kind.name}.{f.name}", _(f.label)) for f in lacking):
        if not any(issue.column == lines.heading(target) and issue.level is Level.REFUSED for issue in row.issues):
            lines.add_issue(row, i, target, _("缺少{label}").format(label=label), "required")
    return not lacking


def complete_start(lines: Lines, i: int, row: PlanRow, target: str, values: dict[str, Any], recorded: Iterable[str]) -> None:
    """Complete a start of which only the month or year is known: the recorded start within it, otherwise its first day, which the clerk is
    asked to confirm."""
    start = values.get("start")
    if start is not None and len(start) < 10:
        values["start"] = known_start(start, recorded)
        if values["start"] is None:
            values["start"], question = coarse_start(start, lines.written(target)[i])
            lines.add_issue(row, i, target, question, "date_coarse", Level.QUESTION)


def against(kind: str | Kind, current: Row, values: Mapping[str, Any], *, strict: bool = False) -> Draft:
    """A draft of what `values` change in a stored record. None leaves a field unchanged; a masked value must match the stored one. Unless
    `strict`, a value that a sheet could not distinguish from the stored one is no change.

    Raises `FieldError` for a masked value that does not match, and for a change of an append-only record.
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


def unmask(f: Field, value: str, before: Any, *, usual: bool = False) -> None:
    """Raise `FieldError` unless the masked value is the stored one masked; `usual` as in `identity.masks`."""
    if before is None or not identity.masks(value, str(before), usual=usual):
        raise FieldError(_("{label}是打了星号的，与台账对不上，不能导入").format(label=_(f.label)), "masked", f.name)


def _same_on_paper(kind: Kind, f: Field, before: Any, value: Any) -> bool:
    """Whether both values look the same in a sheet, which loses spaces at the ends and separators inside the items of a set."""
    if before is None or f.type not in (Type.TEXT, Type.SECRET, Type.SET, Type.JSON):
        return False
    notices: list[Notice] = []
    try:
        return bool(cell_reader(f"{kind.name}.{f.name}", f, "")(sheet_value(f, before, plain=True), notices) == value)
    except FieldError:
        return False


def refuse_masked(values: Mapping[str, Any], kind: Kind) -> None:
    """Raise `FieldError` if a new record would get a masked value."""
    for name, value in values.items():
        if isinstance(value, Masked):
            unmask(kind.by_name[name], value, None)


def find_employer(context: Context, name: str, titled: str | None, *, type: str | None = None) -> Draft:
    """The stored employer with that name; otherwise the only one of the village with the same `core`, or, for a bare name (帮扶车间), whose
    name ends so; otherwise a proposed new one, of the `type` that its name indicates if none is given."""

    def make() -> Draft:
        village, known = titled or context.home.default, context.known.all("employer")
        same = [row for row in known if plain(row["name"]) == plain(name)]
        same.sort(key=lambda row: row["village"] != village)
        names = [(row, plain(row["name"])) for row in known if row["village"] == village]
        alike = [row for row, own in names if (own.endswith(plain(name)) if is_bare(name) else core(own) == core(plain(name)))]
        if not same and len(alike) == 1:
            message = _("「{name}」按台账里的「{known}」导入，请核对")
            context.notes[message.format(name=name, known=alike[0]["name"])] = None
        if same or len(alike) == 1:
            return against("employer", (same or alike)[0], {})
        context.propose(_("新建用人单位「{name}」").format(name=name))
        sort = type or carrier_type(name)
        values = {"name": name, "type": sort, "place": None if sort in (ENTERPRISE, "agency") else village}  # a workshop is in the village
        return context.new("employer", village, values, proposed=("type", "place"))

    return context.shared_draft(("employer", plain(name)), make)

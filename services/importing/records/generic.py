"""Plans a list of records of any kind: this program's export, its blank roster filled in, or a sheet with the field labels as headings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from db.mapping import stored
from domain.errors import FieldError
from domain.fields import Field, Kind, kind_of
from domain.grouping import by_key
from domain.han_amounts import upper
from domain.identity import explain
from domain.money import yuan_text
from domain.values import Type, uuid_text
from domain.words import _
from services.importing.columns.matching import CONTRACT, SPAN, TITLED
from services.importing.plan import Action, Draft, Issue, Level, PlanRow
from services.importing.records.attendance import possible_days
from services.importing.records.resolving import Resolver
from services.importing.rows.drafting import BLOCK, TICK, Context, against, fill_new_person, refuse_masked, require
from services.importing.rows.known import PersonRef, Row
from services.importing.rows.lines import Lines
from services.importing.rows.people import ID, find_people, question_contradictions
from services.importing.tables.rosters import supposed
from services.importing.values.cells import Masked
from services.importing.values.id_cells import Doubtful, Number, read_id
from services.importing.values.terms import Reach

_PAID_FOR = {"wage": "employment_id", "post_pay": "appointment_id"}
"""Kinds of pay → the reference to what it is paid for."""


_MAY_BE_UNKNOWN = frozenset({"vacancy", "course"})
"""What a service was about, which need not be on record."""


class GenericMaker:
    """Makes the rows of one list of one kind."""

    def __init__(self, context: Context, lines: Lines, titled: str | None) -> None:
        self.context, self.lines, self.titled = context, lines, titled
        self.kind: Kind = kind_of(lines.binding.roster.makes[0])
        self.reads: tuple[str, ...] = (f"{self.kind.name}.", "person.", "record.")
        if lines.binding.span:
            self.reads += (lines.binding.span,)
        self.names = [f.name for f in self.kind.fields if lines.has(f"{self.kind.name}.{f.name}")]
        month = lines.binding.headlines.titled.one if TITLED in self.kind.by_name and TITLED not in self.names else None
        self.of_title = {TITLED: month} if month and not lines.has("record.id") else {}
        """Values from the title that apply to every row."""
        self.resolver = Resolver(context, lines, self.kind)
        self.people: dict[int, PersonRef] = {}
        self.found: dict[tuple[Any, ...], list[Row]] = {}
        self.by_id: dict[str, Row] = {}

    def make(self) -> list[PlanRow]:
        """The plan's rows in order."""
        lines = self.lines
        lines.read(self.reads)
        rows = self._rows()
        ready = [(i, row) for i, row in rows if not row.skipped]
        if self.kind.name != "person" and (lines.has(ID) or lines.has("person.name")) and not lines.has(f"{self.kind.name}.person_id#id"):
            self.people = find_people(self.context, lines, ready, self.titled)
        self.resolver.prepare(self.people)
        for start in range(0, len(ready), BLOCK):
            self._block(ready[start : start + BLOCK], start, len(ready))
        return [row for _i, row in rows]

    def _rows(self) -> list[tuple[int, PlanRow]]:
        lines, found = self.lines, []
        titles = lines.values(f"{self.kind.name}.{self.kind.title[0]}") if self.kind.title[0] in self.names else [None] * len(lines)
        for i in range(len(lines)):
            words = lines.skipped(i)
            if words is None:
                f = self.kind.by_name[self.kind.title[0]]
                found.append((i, lines.start_row(i, f.show(titles[i]) if titles[i] is not None and not f.ref else "")))
            elif words:
                found.append((i, PlanRow(lines.number(i), words[:30], skipped=True)))
        return found

    def _block(self, rows: Sequence[tuple[int, PlanRow]], done: int, total: int) -> None:
        self.context.tick(done, total, _("核对{label}").format(label=_(self.kind.label)))
        values = {i: self._values(i, row) for i, row in rows}
        ids = {i: self.lines.values("record.id")[i] or self._natural(i, values[i]) for i, _row in rows}
        self.by_id = self.context.known.rows(self.kind.name, filter(None, ids.values()), deleted=True)
        self._ask([values[i] for i, row in rows if ids[i] not in self.by_id and self._has_no_id(i) and not row.refused])
        for step, (i, row) in enumerate(rows):
            if (done + step) % TICK == 0:
                self.context.tick(done + step, total, _("核对{label}").format(label=_(self.kind.label)))
            if row.refused:
                continue
            try:
                self._row(i, row, values[i], ids[i])
            except FieldError as error:
                self.lines.add_issue(row, i, f"{self.kind.name}.{error.field}", str(error), error.code)

    # -- the values of a row -----------------------------------------------------------------------------------------------

    def _values(self, i: int, row: PlanRow) -> dict[str, Any]:
        values: dict[str, Any] = dict(self.of_title)
        for name in self.names:
            f, value = self.kind.by_name[name], self.lines.values(f"{self.kind.name}.{name}")[i]
            if value is None or (f.type is Type.ID and f.ref):
                continue
            try:
                values[name] = _ids(f, value) if f.type in (Type.ID, Type.IDS) else value
            except FieldError as error:
                self.lines.add_issue(row, i, f"{self.kind.name}.{name}", str(error), "id")
        if self.kind.name == "course" and values.get("trade"):
            values.setdefault("title", f"{values['trade']}培训班")
        self._span(i, row, values)
        self._up_to(i, values)
        for name, id, problem in self.resolver.references(i, self.people.get(i), values):
            if problem and self.kind.by_name[name].ref in _MAY_BE_UNKNOWN and not self.kind.by_name[name].required:
                message = _("{problem}；该格留空").format(problem=problem)
                self.lines.add_issue(row, i, f"{self.kind.name}.{name}", message, "reference", Level.WARNING)
            elif problem:
                self.lines.add_issue(row, i, f"{self.kind.name}.{name}", problem, "reference")
            elif id is not None:
                values[name] = id
        for name, warning in self.resolver.misnamed(i):
            self.lines.add_issue(row, i, f"{self.kind.name}.{name}", warning, "misnamed", Level.WARNING)
        return values

    def _span(self, i: int, row: PlanRow, values: dict[str, Any]) -> None:
        """Read start and end from the column that holds both, unless they have their own columns."""
        target = self.lines.binding.span
        names = CONTRACT if target == "contract.range" else SPAN
        if target is None or not {*names} <= set(self.kind.by_name):
            return
        both = self.lines.values(target)[i] or ()
        for name, day in zip(names, both.begun(values.get(names[0])) if isinstance(both, Reach) else both, strict=False):
            f = self.kind.by_name[name]
            try:
                values.setdefault(name, None if day is None else f.read(day))
            except FieldError as error:
                self.lines.add_issue(row, i, target, str(error), error.code)

    def _up_to(self, i: int, values: dict[str, Any]) -> None:
        """Read the upper end of a pay range (4000-6000) from the column of the lower end, unless it has its own column."""
        high = (
            upper(self.lines.written(f"{self.kind.name}.wage_min")[i]) if "wage_max" in self.kind.by_name and "wage_min" in values else None
        )
        if high is not None and "wage_max" not in self.names:
            values["wage_max"] = self.kind.by_name["wage_max"].read(high)

    def _ask(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Look up the records to which rows without an id may refer, by the fields that identify them."""
        self.match = self.kind.match
        comparable = [{name: _number(value) if name == "id_number" else value for name, value in row.items()} for row in rows]
        self.found = self.context.known.alike(self.kind.name, (stored(self.kind, row) for row in comparable))
        owner = _PAID_FOR.get(self.kind.name)
        payments = self.context.known.where(self.kind.name, owner, filter(None, (row.get(owner) for row in rows))) if owner else ()
        self.paid = by_key(((pay[owner], pay["month"]), pay["amount"]) for pay in payments)

    def _has_no_id(self, i: int) -> bool:
        """Whether row `i` has no record id."""
        return self.lines.values("record.id")[i] is None

    def _row(self, i: int, row: PlanRow, values: dict[str, Any], id: str | None) -> None:
        current = self.by_id.get(id) if id else None
        if self.kind.name == "person":
            self._identify(i, row, values, current)
            if row.refused:
                return
        if current is None and self._has_no_id(i):
            current = self._same(values)
        village = self._village(i, values, current)
        if current is not None and current["deleted_at"] is None:
            draft = against(self.kind, current, values)
        else:
            draft = self._new(i, row, values, village, id)
            draft.restore = current is not None
            self._paid_already(i, row, values)
        if draft.action is not Action.UNCHANGED:
            self.context.refuse_foreign(village)
        if not row.refused:
            row.drafts = [draft]
            row.uses = [employer for employer in map(self.resolver.proposed.get, map(str, values.values())) if employer is not None]
            self._once(i, row, draft)

    def _new(self, i: int, row: PlanRow, values: dict[str, Any], village: str, id: str | None) -> Draft:
        refuse_masked(values, self.kind)
        if self.kind.name == "person":
            fill_new_person(self.context, self.lines, values, self.lines.values(ID)[i])
        for f in self.kind.fields:
            code = supposed().get(f"{self.kind.name}.{f.name}")
            if code and f.name not in self.names:
                values[f.name] = code
                message = _("名册没有“{label}”一列，新登记的都记为“{value}”，请事后核对")
                self.context.propose(message.format(label=_(f.label), value=f.show(code)))
        require(self.lines, i, row, Draft(self.kind, id or "", village, Action.NEW, values))
        if self.kind.name == "attendance":
            self._refuse_unread(i, row, values)
            possible_days(values)
        if row.refused:
            return Draft(self.kind, id or "", village, Action.NEW, values)
        return Draft(
            self.kind, id or self.context.session.new_id(), village, Action.NEW, {n: v for n, v in values.items() if v is not None}
        )

    def _refuse_unread(self, i: int, row: PlanRow, values: Mapping[str, Any]) -> None:
        """Refuse an attendance of which no own column could be read: a record with only person and month would state what nobody wrote. In
        other kinds an unreadable word in a column of numbers (缺考) leaves the field empty."""
        own = {name for name in self.names if not self.kind.by_name[name].required and not self.kind.by_name[name].ref}
        headings = {self.lines.heading(f"{self.kind.name}.{name}") for name in own}
        unread = [issue for issue in self.lines.noticed.get(i, ()) if issue.level is Level.WARNING and issue.column in headings]
        if unread and not any(values.get(name) is not None for name in own):
            first = unread[0]
            message = _("「{value}」读不出来，这一行又没有别的可记，没有导入").format(value=first.value)
            row.add(Issue(row.number, first.column, first.value, message, "unread", sheet=self.lines.sheet))

    def _once(self, i: int, row: PlanRow, draft: Draft) -> None:
        """Make the second row about the same record a question."""
        match = tuple(str(draft.values.get(name)) for name in self.match) if draft.action is Action.NEW and self._has_no_id(i) else ()
        key = (self.kind.name, draft.village, *match) if match else (self.kind.name, draft.id)
        first = self.context.claim(row, *key)
        if first is not None:
            message = _("与{place}是同一条记录").format(place=first)
            row.add(Issue(row.number, "", "", message, "duplicate", Level.QUESTION, self.lines.sheet))
            if draft.action is Action.NEW and (self.kind.key or not self._has_no_id(i)):
                row.drafts = []

    def _paid_already(self, i: int, row: PlanRow, values: Mapping[str, Any]) -> None:
        """Make a further amount, without a record id, for a month that already has one a question."""
        paid = (
            self.paid.get((str(values.get(_PAID_FOR.get(self.kind.name, ""))), str(values.get("month"))), []) if self._has_no_id(i) else []
        )
        if paid:
            message = _("台账里这个月已登记 {paid} 元；收下则再记一笔").format(paid=yuan_text(sum(paid)))
            self.lines.add_issue(row, i, f"{self.kind.name}.amount", message, "paid", Level.QUESTION)

    def _natural(self, i: int, values: Mapping[str, Any]) -> str | None:
        """The natural id of a row, equal on every laptop; None if the kind has no natural key or the row lacks part of it."""
        if not self.kind.key or any(values.get(name) is None for name in self.kind.key):
            return None
        return self.context.session.natural_id(self.kind, self._village(i, values, None), values)

    def _same(self, values: Mapping[str, Any]) -> Row | None:
        wanted = stored(self.kind, values)
        return next(iter(self.context.known.same(self.kind.name, self.found, wanted)), None)

    def _village(self, i: int, values: Mapping[str, Any], current: Row | None) -> str:
        """The scope of the row's record: as stored, as the row states, or that of its person, of its other references, of the title, or the
        default. Raises `FieldError` if the row states another one than is stored."""
        stated, person = self.lines.values("record.village")[i], self.people.get(i)
        return self.context.village(current, stated, person.village if person else None, self.resolver.village(values), self.titled)

    def _identify(self, i: int, row: PlanRow, values: dict[str, Any], current: Row | None) -> None:
        """Derive a person's fields from the ID number. A text that is not an ID number is kept only if it is already stored or belongs to
        another type of document."""
        number = values.pop("id_number", None)
        recorded = current["id_number"] if current is not None else None
        if isinstance(number, Masked):
            values["id_number"] = number
        elif isinstance(number, Doubtful):
            if number.text != recorded and values.get("document") != "other":
                self.lines.add_issue(row, i, ID, explain(number.problem, number=number.text), number.problem)
            values["id_number"] = number.text
        elif isinstance(number, Number):
            values["id_number"] = number.id18
            if number.original is not None:
                values["original_number"] = number.original
        parsed = read_id(recorded, []) if number is None or isinstance(number, Masked) else number
        if isinstance(parsed, Number):
            values.update({name: value for name, value in parsed.told.items() if current is None and name not in values})
            question_contradictions(self.lines, i, row, values, parsed, current)


def _number(value: Any) -> str:
    return value.id18 if isinstance(value, Number) else value.text if isinstance(value, Doubtful) else str(value)


def _ids(f: Field, value: Any) -> Any:
    """The ids written in a cell."""
    if f.type is Type.ID:
        return uuid_text(str(value))
    return tuple(uuid_text(part) for part in str(value).replace(",", "、").split("、") if part)

"""Plans JSON Lines, one record on each line, as `export` writes them. A line with a known id changes only the fields it contains; see the
contract."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from db.lease import refusal
from db.mapping import stored
from domain import divisions, identity
from domain.errors import DomainError, FieldError, InputUnusable
from domain.fields import Field, Kind, kind_of
from domain.json_lines import is_masked, read_line, read_values
from domain.quality_people import NUMBERED
from domain.values import uuid_text
from domain.words import _
from services import merging
from services.importing.checks import check_records, refuse_dangling
from services.importing.plan import Action, Draft, Issue, Level, Plan, PlannedTable, PlanRow
from services.importing.rows.drafting import BLOCK, TICK, Context, against, missing, unmask
from services.importing.rows.known import PersonRef, Row
from services.importing.values.other_names import renamed, tidied, unlike
from services.office_files.limits import MAX_ROWS
from services.office_files.reading import decoded

MAX_LINES = 10 * MAX_ROWS


def looks_like_json_lines(data: bytes, name: str) -> bool:
    """Whether a file is JSON Lines, by its name or its first character."""
    return name.lower().endswith((".jsonl", ".ndjson", ".json")) or re.match(rb"[\xef\xbb\xbf \t\r\n]*\{[^\\]", data) is not None


class _Line:
    """One line: its JSON object (`content`) and the record values read from it."""

    def __init__(self, row: PlanRow, kind: Kind, content: Mapping[str, Any], id: str | None, values: dict[str, Any]) -> None:
        self.row, self.kind, self.content, self.id, self.values = row, kind, content, id, values
        self.written: object = None
        """The person's name as it is written."""
        self.found = False
        """Whether it has no id and the record was found by its values."""


def plan_jsonl(context: Context, data: bytes, *, kind: str | None) -> Plan:
    """The plan for importing JSON Lines. A bad line is refused with its number; the others are imported."""
    text = decoded(data)
    return plan_lines(context, text.split("\n"), kind=kind)


def plan_lines(context: Context, lines: Iterable[str], *, kind: str | None) -> Plan:
    """As `plan_jsonl`, for lines of text."""
    default = kind_of(kind) if kind is not None else None
    table = PlannedTable("JSON", _("JSON Lines"), "@jsonl", 0, [], [])
    waiting: list[_Line] = []
    planner = _Planner(context)
    for number, line in enumerate(lines, 1):
        if number > MAX_LINES:
            raise InputUnusable(_("超过 {limit} 行。请分成几个文件后再导入。").format(limit=MAX_LINES))
        if not line.strip():
            continue
        row = PlanRow(number)
        table.rows.append(row)
        one = _read(row, line, default)
        if one is not None:
            waiting.append(one)
        if len(waiting) >= BLOCK:
            planner.block(waiting)
            waiting = []
        if number % TICK == 0:
            context.tick(number, 0, _("核对 JSON 行"))
    planner.block(waiting)
    refuse_dangling(context.session, table.rows, table.rows, _dangling)
    check_records(context, table.rows)
    return Plan("", [table])


def _dangling(row: PlanRow, f: Field, id: str, sentence: str) -> Issue:
    return Issue(row.number, f.name, id, sentence, "reference")


def _refuse(row: PlanRow, column: str, value: object, message: str, code: str) -> None:
    row.add(Issue(row.number, column, str(value)[:60], message, code))


# ---------------------------------------------------------------- one line


def _read(row: PlanRow, text: str, default: Kind | None) -> _Line | None:
    line = read_line(text, default)
    written = line.content.get("name") if line.kind is not None and line.kind.name == "person" else None
    if isinstance(written, str):
        line.content = {**line.content, "name": tidied(written)}
    if line.kind is not None:
        read_values(line)
    for fault in line.faults:
        _refuse(row, fault.column, fault.value, fault.message, fault.code)
    if line.kind is None:
        return None
    one = _Line(row, line.kind, line.content, _line_id(row, line.content), line.values)
    one.written = written
    return one


def _line_id(row: PlanRow, said: Mapping[str, Any]) -> str | None:
    id = said.get("id")
    if id is None:
        return None
    try:
        return uuid_text(id)
    except FieldError as error:
        _refuse(row, "id", id, str(error), "id")
        return None


class _Planner:
    """Plans lines in blocks; the records to which a block may refer are fetched together."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._usual = refusal(context.session) is not None
        """Whether numbers are compared only as this program masks them, because nobody may see them in full here."""
        self.claimed: dict[tuple[str, str], int] = {}
        self.homes: dict[str, str] = {}
        """Scopes of the people to whom lines without a village refer."""
        self.added: dict[str, str] = {}
        """Scopes of the people that earlier lines add."""
        self.merged: dict[str, str] = {}
        """People whom earlier lines merge, and into whom."""

    def block(self, lines: Sequence[_Line]) -> None:
        """Plan a block of lines."""
        lines = [line for line in lines if not line.row.refused]
        people = {line.values["person_id"] for line in lines if "village" not in line.content and line.values.get("person_id")}
        self.homes = self.added | {id: row["village"] for id, row in self.context.known.rows("person", people).items()}
        for line in lines:
            line.id = line.id or self._natural(line)
        self._find([line for line in lines if line.id is None])
        self.context.known.ask_people(number for line in lines if (number := _number(line)) is not None)
        current = {
            kind: self.context.known.rows(kind, [line.id for line in lines if line.kind.name == kind and line.id], deleted=True)
            for kind in {line.kind.name for line in lines}
        }
        for line in sorted(lines, key=lambda line: line.kind.name != "person"):  # people first, because other records go to their scopes
            try:
                self._draft(line, current[line.kind.name].get(line.id or ""))
            except FieldError as error:
                about = error.code if error.code == "village" else ""
                _refuse(line.row, about, line.content.get("village", "") if about else "", str(error), error.code)

    def _natural(self, line: _Line) -> str | None:
        """The natural id of a line without an id; None if the kind has no natural key or the line lacks part of it."""
        if not line.kind.key or any(line.values.get(name) is None for name in line.kind.key):
            return None
        try:
            return self.context.session.natural_id(line.kind, self._village(line, None), line.values)
        except FieldError:  # about the village; reported when the line is drafted
            return None

    def _find(self, lines: Sequence[_Line]) -> None:
        """Give each line without an id the id of the stored record that its values identify, so that importing the same lines again changes
        nothing. Each record is used once."""
        for kind in {line.kind.name: line.kind for line in lines}.values():
            comparable = [(line, stored(kind, _comparable(line.values))) for line in lines if line.kind is kind]
            found, used = self.context.known.alike(kind.name, (values for _line, values in comparable)), set[str]()
            for line, values in comparable:
                one = next((row for row in self.context.known.same(kind.name, found, values) if row["id"] not in used), None)
                if one is not None:
                    line.id, line.found = one["id"], True
                    used.add(line.id)

    def _village(self, line: _Line, current: Row | None) -> str:
        """The scope of a line's record: as stored, as the line states, that of its person, or the default. Raises `FieldError` if the line
        states another one than is stored."""
        stated = line.content.get("village")
        if stated is not None and not (isinstance(stated, str) and divisions.level(stated)):
            raise FieldError(_("village 应为 6、9 或 12 位区划代码"), "village")
        return self.context.village(current, stated, self.homes.get(str(line.values.get("person_id"))))

    def _draft(self, line: _Line, current: Row | None) -> None:
        village = self._village(line, current)
        key = (line.kind.name, line.id or "")
        if line.id and key in self.claimed:
            raise FieldError(_("与{place}是同一条记录").format(place=_("第 {row} 行").format(row=self.claimed[key])), "duplicate")
        living = current if current is not None and current["deleted_at"] is None else None
        if line.kind.name == "person":
            self._person(line, living)
        if current is not None and living is None and missing(line.kind, {name: v for name, v in line.values.items() if v is not None}):
            raise FieldError(_("这条记录已删除，请先恢复（undelete）再改"), "deleted")
        draft = _changed(line, living, usual=self._usual) if living is not None else self._new(line, village)
        draft.restore = current is not None and living is None
        if draft.action is not Action.UNCHANGED:
            self.context.refuse_foreign(village)
        if not line.row.refused:
            self.claimed[line.kind.name, draft.id] = line.row.number
            if line.kind.name == "person" and draft.action is Action.NEW and (number := _number(line)) is not None:
                named = str(line.values.get("name")), number, str(line.values.get("document"))
                self.context.known.add_person(PersonRef(draft.id, village, *named))
            if line.kind.name == "person":
                self.added[draft.id] = self.homes[draft.id] = village
            line.row.drafts = [draft]

    def _person(self, line: _Line, current: Row | None) -> None:
        """Derive what an ID number says. A placeholder is no number: only a record with an id keeps one. A person found by the number
        who has a wholly different name is a question."""
        number, name = line.values.get("id_number"), line.values.get("name")
        if isinstance(line.written, str) and isinstance(name, str) and name != line.written:
            if current is not None and current["name"] == line.written:
                line.values["name"] = name = line.written  # as this store already has it
            else:
                repair = _("姓名里的换行或控制字符改成了空格")
                line.row.add(Issue(line.row.number, "name", name[:60], repair, "control", Level.REPAIR))
        kept = current is not None and current["id_number"] == number
        if isinstance(number, str) and not kept and (line.id is None or current is not None) and identity.placeholder(number):
            _refuse(line.row, "id_number", number, identity.explain(identity.Problem.PLACEHOLDER), "placeholder")
        if current is not None and line.found and isinstance(name, str) and unlike(current["name"], name):
            line.row.add(Issue(line.row.number, "name", name[:60], renamed(current["name"], name), "name", Level.QUESTION))
        self._check_merge(line, current)
        _identify(line.values, current)
        if current is None and (number := _number(line)) is not None:
            self._warn_of_twin(line, number)

    def _check_merge(self, line: _Line, current: Row | None) -> None:
        """Refuse to merge people whom `merging.merge` would not merge, counting the lines before this one.

        A person that the line adds is not refused for it but added unmerged, where the lines merge people in a circle, as two stations
        can: the first of them stays merged, and nothing that points at the people is lost.
        """
        into, id = line.values.get("merged_into"), line.id
        if not into or id is None or (current is not None and into == current["merged_into"]):
            return
        end = merging.end_of_chain(self.context.session, into, self.merged)
        try:
            if end == id:
                raise DomainError(_("这两条已经是同一个人了。"))
            if current is not None:
                merging.check_merge(self.context.session, id, end)
        except DomainError as error:
            if current is not None:
                _refuse(line.row, "merged_into", into, str(error), "merge")
                return
            line.values["merged_into"] = None
            line.row.add(Issue(line.row.number, "merged_into", into, str(error), "merge", Level.WARNING))
        else:
            self.merged[id] = into

    def _warn_of_twin(self, line: _Line, number: str) -> None:
        """Warn of a new person whose number somebody else has: an unknown id creates a record, as the contract says."""
        twins = self.context.known.people(number, line.values.get("document"))
        if twins and not line.row.refused:
            text = _("这个证件号码已经登记给「{name}」（{village}），照文件另记成一个人；是同一个人的，导入后在人员页合并")
            message = text.format(name=twins[0].name, village=divisions.called(twins[0].village))
            hidden = line.kind.by_name["id_number"].show(number)
            line.row.add(Issue(line.row.number, "id_number", hidden, message, "twin", Level.WARNING))

    def _new(self, line: _Line, village: str) -> Draft:
        for name, value in line.values.items():
            if is_masked(line.kind.by_name[name], value):
                _refuse(line.row, name, value, _("打了星号的号码不能导入"), "masked")
        given = {name: value for name, value in line.values.items() if value is not None}
        for f in missing(line.kind, given):
            _refuse(line.row, f.name, "", _("缺少{label}").format(label=_(f.label)), "required")
        return Draft(line.kind, line.id or self.context.session.new_id(), village, Action.NEW, given)


def _changed(line: _Line, current: Row, *, usual: bool) -> Draft:
    """A draft of what a line changes in a stored record: only the fields it contains. Null clears a field unless it is required. `usual` as
    in `identity.masks`."""
    values, fields = line.values, line.kind.by_name
    for name in [name for name, value in values.items() if is_masked(fields[name], value)]:
        try:
            unmask(fields[name], values.pop(name), fields[name].from_stored(current[name]), usual=usual)
        except FieldError as error:
            _refuse(line.row, name, line.content[name], str(error), error.code)
    draft = against(line.kind, current, values, strict=True)
    for name in [name for name, value in values.items() if value is None and current[name] is not None]:
        if line.kind.by_name[name].required:
            _refuse(line.row, name, "", _("{label}不能清空").format(label=_(line.kind.by_name[name].label)), "required")
        if line.kind.append_only:
            raise FieldError(_("发放和办理记录登记后不能改写，请另记一笔更正"), "append_only")
        draft.values[name] = None
        draft.before = {**(draft.before or {}), name: line.kind.by_name[name].from_stored(current[name])}
        draft.action = Action.CHANGED
    keys = [name for name in line.kind.key if name in draft.values]
    if keys:
        raise FieldError(_("{label}不能改。请删除这一条，再另记一条。").format(label=_(line.kind.by_name[keys[0]].label)), "key")
    return draft


def _number(line: _Line) -> str | None:
    """The 18-character form of the number a line gives a person; None if it gives none that identifies anybody."""
    number = line.values.get("id_number") if line.kind.name == "person" else None
    if not isinstance(number, str) or identity.is_masked(number) or identity.placeholder(number):
        return None
    return identity.id18(number)


def _comparable(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values for finding a record: of an ID number only the 18-character form."""
    return {name: identity.id18(str(value)) if name == "id_number" and value else value for name, value in values.items()}


def _identify(values: dict[str, Any], current: Row | None) -> None:
    """Convert a valid ID number of 15, 20 or 22 characters to 18, keeping the original; for a new person derive sex and birth from it. An
    invalid number is kept as it is: another store may hold it, and the data check reports it."""
    number = values.get("id_number")
    document = values.get("document", current["document"] if current is not None else None)
    if not isinstance(number, str) or identity.is_masked(number) or document not in NUMBERED or identity.id_problem(number) is not None:
        return
    if current is not None and number == current["id_number"]:
        return
    parsed = identity.normalise_id(number)
    values["id_number"] = parsed.id18
    if parsed.original is not None:
        values.setdefault("original_number", parsed.original)
    if current is None:
        for name, derived in (("sex", parsed.sex), ("birth", parsed.birth)):
            if values.get(name) is None:
                values[name] = derived

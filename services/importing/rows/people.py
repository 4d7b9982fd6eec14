"""Rosters about people in the store: finds the person of each row, by ID number or by a unique name, plans the rows, and fills in the
telephone and bank that other lists give.

Such a list has another purpose than the register, so it never replaces data of the register, and a difference does not keep a row out."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from domain import identity
from domain.errors import FieldError
from domain.fields import Field, kind_of
from domain.identity import half_width
from domain.lunar import birthday_of
from domain.words import _
from services.importing.columns.matching import PERSON_PARTICULARS
from services.importing.plan import Action, Draft, Level, PlanRow
from services.importing.rows.drafting import TICK, Context
from services.importing.rows.known import PersonRef
from services.importing.rows.lines import Lines
from services.importing.values.cells import Masked
from services.importing.values.id_cells import Doubtful, IdCell, Number
from services.importing.values.other_names import unlike

ID, NAME = "person.id_number", "person.name"
_NO_NAMES = frozenset({"", "同意", "属实", "情况属实", "通过", "审核通过", "√"})
"""Cells below 村委会（盖章） when it is a column for the committee's approval and not its name."""


def data_rows(lines: Lines) -> list[tuple[int, PlanRow]]:
    """The rows that are data, with the notices about their cells. Blank rows are left out; totals and signatures are kept as skipped
    rows."""
    names, numbers = lines.values(NAME), lines.values(ID)
    found = []
    for i in range(len(lines)):
        # the columns may be numbered in the row below the headings
        if i < 2 or names[i] is None or not isinstance(numbers[i], Number | Masked):
            words = lines.skipped(i)
            if words is not None:
                if words:
                    found.append((i, PlanRow(lines.number(i), words[:30], skipped=True)))
                continue
        found.append((i, lines.start_row(i, names[i] or "")))
    return found


def villages(context: Context, lines: Lines, rows: Sequence[tuple[int, PlanRow]], titled: str | None) -> list[str | None]:
    """The scope of each data row, from the names in it; None if it must be refused (see `refuse_village`)."""
    if not lines.has("area.village"):
        return [titled or context.home.default] * len(lines)
    answers: dict[tuple[str, str, str], str | None] = {}
    found: list[str | None] = [None] * len(lines)
    keys = list(zip(lines.text("area.county"), lines.text("area.town"), lines.text("area.village"), strict=True))
    for i, row in rows:
        key = keys[i]
        if not row.skipped and key not in answers:
            try:
                answers[key] = titled or context.home.default if key[2] in _NO_NAMES else context.home.village_of(*key)
            except FieldError:
                answers[key] = None
        found[i] = answers.get(key)
    return found


def number_key(value: IdCell) -> str:
    """The key for looking up a person: the 18-character number, or the text of another document's number."""
    return value.id18 if isinstance(value, Number) else value.text if isinstance(value, Doubtful) else ""


def question_contradictions(
    lines: Lines, i: int, row: PlanRow, values: Mapping[str, Any], number: Number, current: Mapping[Any, Any] | None
) -> None:
    """Question the sex and the birth of a row that contradict its ID number; a value that is already stored was confirmed before."""
    for name, derived in number.told.items():
        stated = values.get(name)
        if stated is None or derived.startswith(stated) or (current is not None and current[name] == stated):
            continue
        message = _("{label}与证件号码对不上").format(label=_(kind_of("person").by_name[name].label))
        if name == "birth" and len(stated) == 10 and birthday_of(stated, derived):
            message = _("出生日期与证件号码对不上，像是农历生日")
        lines.add_issue(row, i, f"person.{name}", message, name, Level.QUESTION)


def drop_coarse_birth(values: dict[str, Any]) -> None:
    """Leave out a birth known only to the month or year; the number, with which it was compared, has the day."""
    if values.get("birth") and len(values["birth"]) < 10:
        del values["birth"]


def refuse_village(lines: Lines, i: int, row: PlanRow) -> None:
    """Refuse a row whose village is unknown at this station."""
    lines.add_issue(row, i, "area.village", _("认不出这个村，或它不归本站"), "village")


def find_people(context: Context, lines: Lines, rows: Sequence[tuple[int, PlanRow]], titled: str | None) -> dict[int, PersonRef]:
    """The person of each row, by row index; a row whose person is not in the store is refused."""
    numbers, names = lines.values(ID), lines.values(NAME)
    context.known.ask_people(key for key in map(number_key, numbers) if key)
    scopes = villages(context, lines, rows, titled) if lines.has("area.village") else None
    finder = _Finder(context, lines)
    found: dict[int, PersonRef] = {}
    for i, row in rows:
        if row.skipped:
            continue
        if scopes is not None and scopes[i] is None:
            refuse_village(lines, i, row)
        person = finder.person(i, row, numbers[i], names[i], (scopes[i] if scopes else titled) or "")
        if person is not None and not context.session.may_write(person.village):
            lines.add_issue(row, i, NAME, _("{name}不归本站管理").format(name=person.name), "village")
        elif person is not None:
            row.title = person.name
            found[i] = person
    return found


class _Finder:
    """Finds the person of one row."""

    def __init__(self, context: Context, lines: Lines) -> None:
        self.known, self.lines = context.known, lines

    def person(self, i: int, row: PlanRow, number: IdCell, name: str | None, village: str) -> PersonRef | None:
        """The person with the number, otherwise with the name; None if the row is refused."""
        if isinstance(number, Number | Doubtful):
            people = _nearest(self.known.people(number_key(number)), village)
            if not name and self.lines.has(NAME):
                self.lines.add_issue(row, i, NAME, _("没有姓名"), "no_name")
                return None
            if len(people) == 1:
                return self._same_name(i, row, people[0], name)
            if isinstance(number, Doubtful):
                self.lines.add_issue(row, i, ID, identity.explain(number.problem, number=number.text), number.problem)
                return None
            message = self._absent(number_key(number)) if not people else _("{name}的证件号码登记了不止一次，请先合并")
            self.lines.add_issue(row, i, ID, message.format(name=name or _("这个人")), "person")
            return None
        if not name:
            self.lines.add_issue(row, i, NAME, _("没有姓名"), "no_name")
            return None
        return self._by_name(i, row, number, name, village)

    def _same_name(self, i: int, row: PlanRow, person: PersonRef, name: str | None) -> PersonRef:
        """The person found by number. Another name gets a warning; a wholly different one, or that of somebody else on record, makes the
        row a question."""
        if name and name != person.name:
            others = self.known.named(name)
            message = _("台账里这个号码是「{known}」，表里写的是「{name}」，按号码导入")
            if others:
                message = _("台账里这个号码是「{known}」，「{name}」另有其人：多半是号码或姓名串了行，请先核对；收下则记在「{known}」名下")
            elif unlike(person.name, name):
                message = _("台账里这个号码是「{known}」，表里写的是「{name}」，不像同一个人，请先核对；收下则记在「{known}」名下")
            level = Level.QUESTION if others or unlike(person.name, name) else Level.WARNING
            self.lines.add_issue(row, i, NAME, message.format(known=person.name, name=name), "name", level)
        return person

    def _by_name(self, i: int, row: PlanRow, number: Masked | None, name: str, village: str) -> PersonRef | None:
        """The only person of that name whose number matches a masked number, if there is one; None if the row is refused."""
        people = [p for p in _nearest(self.known.named(name), village) if number is None or identity.masks(number, p.number)]
        if len(people) == 1:
            if number is None:
                self.lines.add_issue(row, i, NAME, _("没有证件号码，按姓名找到"), "by_name", Level.WARNING)
            return people[0]
        if people:
            message = _("有 {count} 个人叫「{name}」，请补上证件号码").format(count=len(people), name=name)
        elif number is not None and self.known.named(name):
            message = _("打了星号的号码与台账里{name}的对不上，请写全号码").format(name=name)
        else:
            message = self._absent(name).format(name=name)
        self.lines.add_issue(row, i, NAME, message, "person")
        return None

    def _absent(self, sought: str) -> str:
        """The message for a number or name (`sought`) that is not in the store."""
        if sought in self.known.waiting:
            return _("{name}在这个文件里的登记有疑点，还没有收下。请先对那一行选「收下」，导入后再把这个文件导入一次，这一行就能进去")
        return _("{name}不在人员台账里，请先导入人员信息表或登记")


def _nearest(people: Sequence[PersonRef], village: str) -> Sequence[PersonRef]:
    """Of several people, those of the village that the row names; all if there are none."""
    here = [person for person in people if person.village == village]
    return here or people


_CERTAIN, _QUESTIONED = "particulars", "particulars asked"
"""Prefixes of the keys of shared drafts: for rows that are imported, and for rows that wait for an answer, on which no other row may
rely."""

_OF_ACCOUNT = ("person.bank_account", "person.bank_name")


def other_holder(lines: Lines, i: int, name: str) -> str:
    """The holder of the account in row `i` if it is another person; empty if it is not, or is not stated."""
    holder = re.sub(r"\s", "", half_width(lines.text("payee")[i])) if lines.has("payee") else ""
    return "" if holder.removesuffix("(本人)") in ("", name, "本人", "同上") else holder


def fill_particulars(context: Context, lines: Lines, rows: Sequence[tuple[int, PlanRow]], people: Mapping[int, PersonRef]) -> None:
    """Let each row that makes something also fill the person's empty fields; warn if the store has another value."""
    if not any(map(lines.has, PERSON_PARTICULARS)):
        return
    ready = [(i, row, people[i]) for i, row in rows if i in people and not row.skipped and not row.refused]
    known = _known(context, {person.id for _i, _row, person in ready})
    for i, row, person in ready:
        if fills := _fills(lines, i, row, person, known[person.id]):
            row.drafts = [*row.drafts, _filled(context, person, fills, _QUESTIONED if row.questioned else _CERTAIN)]
            if not row.questioned:
                known[person.id].update(fills)


def _fills(lines: Lines, i: int, row: PlanRow, person: PersonRef, current: Mapping[str, Any]) -> dict[str, Any]:
    """The empty fields that a row fills; warns of values that differ, and of an account of somebody else."""
    holder = other_holder(lines, i, person.name)
    fills: dict[str, Any] = {}
    for target in PERSON_PARTICULARS:
        f, value = kind_of("person").by_name[target.partition(".")[2]], lines.values(target)[i]
        known = current.get(f.name)
        if value is None or (holder and target == _OF_ACCOUNT[1]):
            continue
        if holder and target == _OF_ACCOUNT[0]:
            message = _("账号的户名是「{holder}」，不是本人，没有填入；确实打到这个账号的，请到人员页登记")
            lines.add_issue(row, i, target, message.format(holder=holder), "holder", Level.WARNING)
        elif known is None and not isinstance(value, Masked):
            fills[f.name] = value
        elif not _same(value, known):
            lines.add_issue(row, i, target, _differs(f, known), "particulars", Level.WARNING)
    return fills


def _known(context: Context, ids: set[str]) -> dict[str, dict[str, Any]]:
    """What is known about these people: the stored values, updated with what this import is going to change."""
    names = [target.partition(".")[2] for target in PERSON_PARTICULARS]
    known: dict[str, dict[str, Any]] = {id: {} for id in ids}
    for id, stored in context.known.rows("person", ids).items():
        known[id] = {name: stored[name] for name in names}
    for key, draft in context.shared.items():
        if key[0] in ("person", _CERTAIN) and draft.id in known:
            known[draft.id] |= {name: draft.values[name] for name in names if draft.values.get(name) is not None}
    return known


def _filled(context: Context, person: PersonRef, fills: Mapping[str, Any], standing: str) -> Draft:
    """One draft for all rows with the same `standing` that fill the same values of a person."""
    key = (standing, person.id, *(f"{name}={value}" for name, value in fills.items()))

    def make() -> Draft:
        return Draft(kind_of("person"), person.id, person.village, Action.CHANGED, dict(fills), dict.fromkeys(fills))

    return context.shared_draft(key, make)


def _same(value: Any, current: Any) -> bool:
    return bool(value == current or (isinstance(value, Masked) and current is not None and identity.masks(value, str(current))))


def _differs(f: Field, current: Any) -> str:
    if current is None:
        return _("{label}打了星号，没有导入").format(label=_(f.label))
    return _("台账里的{label}是 {known}，与表里不同，没有改；要改请到人员页").format(label=_(f.label), known=f.show(current))


_RETURNED = re.compile(
    "失败|(?<!无)错误|不符(?!合)|退回|退票|退汇|[未没不](?:成功|到账|发(?!现)放?|打?卡|入账)|(?<!无)(?<!没有)(?<!未见)(?<!未发现)异常|拒绝"
)
Ready = Sequence[tuple[int, PlanRow, PersonRef]]
"""Rows without errors so far: index in the table, plan row, person."""


class PeopleMaker(ABC):
    """Makes the rows of one table. Subclasses define the bulk look-up (`_ask`) and what a row becomes (`_row`)."""

    reads: tuple[str, ...]

    def __init__(self, context: Context, lines: Lines, titled: str | None) -> None:
        self.context, self.lines, self.titled = context, lines, titled

    def make(self) -> list[PlanRow]:
        """The plan's rows in order."""
        lines = self.lines
        lines.read(self.reads)
        rows = self._rows()
        people = find_people(self.context, lines, rows, self.titled)
        self._failed(rows)
        ready = [(i, row, people[i]) for i, row in rows if i in people and not row.refused]
        label = self._ask(ready)
        for step, (i, row, person) in enumerate(ready):
            if step % TICK == 0:
                self.context.tick(step, len(ready), label)
            if row.refused:
                continue  # refused by `_ask`
            try:
                self._row(i, row, person)
            except FieldError as error:
                row.add(lines.of_row(i, str(error), error.code))
        fill_particulars(self.context, lines, rows, people)
        return [row for _i, row in rows]

    def _failed(self, rows: Sequence[tuple[int, PlanRow]]) -> None:
        """Make each payment that the bank returned a question, because the person did not get the money."""
        for i, row in rows if self.lines.has("paid.outcome") else ():
            if not row.skipped and _RETURNED.search(self.lines.written("paid.outcome")[i]):
                message = _("银行没有发放成功；确实已经发到本人手里的再收下")
                self.lines.add_issue(row, i, "paid.outcome", message, "sent_back", Level.QUESTION)

    def _claim(self, i: int, row: PlanRow, message: str, *key: str) -> str | None:
        """As `Context.claim`; a second row about the record becomes a question."""
        first = self.context.claim(row, *key)
        if first is not None:
            self.lines.add_issue(row, i, NAME, message.format(place=first), "duplicate", Level.QUESTION)
        return first

    def _rows(self) -> list[tuple[int, PlanRow]]:
        """The rows that are data."""
        return data_rows(self.lines)

    @abstractmethod
    def _ask(self, ready: Ready) -> str:
        """Look up in bulk the stored records to which the rows may refer; returns the label for the progress display."""

    @abstractmethod
    def _row(self, i: int, row: PlanRow, person: PersonRef) -> None:
        """Add the drafts of one row. A `FieldError` refuses the row."""

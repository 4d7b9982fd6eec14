"""Finds the person in the store for each row of a roster: by ID number, otherwise by a unique name."""

from __future__ import annotations

from collections.abc import Sequence

from domain import identity
from domain.errors import FieldError
from domain.words import _
from services.importing.cells import Masked
from services.importing.drafting import Context
from services.importing.id_cells import Doubtful, Number
from services.importing.known import PersonRef
from services.importing.lines import Lines
from services.importing.plan import Level, PlanRow

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


def number_key(value: Number | Doubtful | Masked | None) -> str:
    """The key for looking up a person: the 18-character number, or the text of another document's number."""
    return value.id18 if isinstance(value, Number) else value.text if isinstance(value, Doubtful) else ""


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

    def person(self, i: int, row: PlanRow, number: Number | Doubtful | Masked | None, name: str | None, village: str) -> PersonRef | None:
        """The person with the number, otherwise with the name; None if the row is refused."""
        if isinstance(number, Number | Doubtful):
            people = _nearest(self.known.people(number_key(number)), village)
            if not name and self.lines.has(NAME):
                self.lines.add_issue(row, i, NAME, _("没有姓名"), "no_name")
                return None
            if len(people) == 1:
                return self._same_name(i, row, people[0], name)
            if isinstance(number, Doubtful):
                self.lines.add_issue(row, i, ID, identity.explain(number.problem), number.problem)
                return None
            message = self._absent(number_key(number)) if not people else _("{name}的证件号码登记了不止一次，请先合并")
            self.lines.add_issue(row, i, ID, message.format(name=name or _("这个人")), "person")
            return None
        if not name:
            self.lines.add_issue(row, i, NAME, _("没有姓名"), "no_name")
            return None
        return self._by_name(i, row, number, name, village)

    def _same_name(self, i: int, row: PlanRow, person: PersonRef, name: str | None) -> PersonRef:
        """The person found by number. Another name gets a warning; the name of somebody else on record makes the row a question."""
        if name and name != person.name:
            others = self.known.named(name)
            message = _("台账里这个号码是「{known}」，表里写的是「{name}」，按号码导入")
            if others:
                message = _("台账里这个号码是「{known}」，「{name}」另有其人：多半是号码或姓名串了行，请先核对；收下则记在「{known}」名下")
            level = Level.QUESTION if others else Level.WARNING
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

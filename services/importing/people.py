"""Who the rows of a roster are about: the person in the store by ID number, failing that by a name that only one bears."""

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
"""What stands under 村委会（盖章） where that is a column for the committee's word and not its name."""


def data_rows(lines: Lines) -> list[tuple[int, PlanRow]]:
    """The rows that are data, with what their cells gave cause to say; blank rows vanish, subtotals and signatures are kept as skipped."""
    names, numbers = lines.values(NAME), lines.values(ID)
    found = []
    for i in range(len(lines)):
        if i < 2 or names[i] is None or not isinstance(numbers[i], Number | Masked):  # under the headings columns may be numbered
            words = lines.skipped(i)
            if words is not None:
                if words:
                    found.append((i, PlanRow(lines.number(i), words[:30], skipped=True)))
                continue
        found.append((i, lines.start_row(i, names[i] or "")))
    return found


def villages(context: Context, lines: Lines, rows: Sequence[tuple[int, PlanRow]], titled: str | None) -> list[str | None]:
    """The scope each data row goes to by the names in it; None where it is refused (`refuse_village` tells)."""
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
    """By what a person is looked up: the eighteen characters, or the text of another document's number."""
    return value.id18 if isinstance(value, Number) else value.text if isinstance(value, Doubtful) else ""


def refuse_village(lines: Lines, i: int, row: PlanRow) -> None:
    """Refuse a row whose village nobody knows here."""
    lines.tell(row, i, "area.village", _("认不出这个村，或它不归本站"), "village")


def find_people(context: Context, lines: Lines, rows: Sequence[tuple[int, PlanRow]], titled: str | None) -> dict[int, PersonRef]:
    """The person of each row; a row whose person is not in the store is refused with the name."""
    numbers, names = lines.values(ID), lines.values(NAME)
    context.known.ask_people(key for key in map(number_key, numbers) if key)
    named = villages(context, lines, rows, titled) if lines.has("area.village") else None
    finder = _Finder(context, lines)
    found: dict[int, PersonRef] = {}
    for i, row in rows:
        if row.skipped:
            continue
        if named is not None and named[i] is None:
            refuse_village(lines, i, row)
        person = finder.person(i, row, numbers[i], names[i], (named[i] if named else titled) or "")
        if person is not None and not context.session.may_write(person.village):
            lines.tell(row, i, NAME, _("{name}不归本站管理").format(name=person.name), "village")
        elif person is not None:
            row.title = person.name
            found[i] = person
    return found


class _Finder:
    """Finds the person of one row after another."""

    def __init__(self, context: Context, lines: Lines) -> None:
        self.known, self.lines = context.known, lines

    def person(self, i: int, row: PlanRow, number: Number | Doubtful | Masked | None, name: str | None, village: str) -> PersonRef | None:
        """The person meant by a number, else by a name; None when the row is refused."""
        if isinstance(number, Number | Doubtful):
            people = _nearest(self.known.people(number_key(number)), village)
            if not name and self.lines.has(NAME):
                self.lines.tell(row, i, NAME, _("没有姓名"), "no_name")
                return None
            if len(people) == 1:
                return self._same_name(i, row, people[0], name)
            if isinstance(number, Doubtful):
                self.lines.tell(row, i, ID, identity.explain(number.problem), number.problem)
                return None
            said = self._absent(number_key(number)) if not people else _("{name}的证件号码登记了不止一次，请先合并")
            self.lines.tell(row, i, ID, said.format(name=name or _("这个人")), "person")
            return None
        if not name:
            self.lines.tell(row, i, NAME, _("没有姓名"), "no_name")
            return None
        return self._by_name(i, row, number, name, village)

    def _same_name(self, i: int, row: PlanRow, person: PersonRef, name: str | None) -> PersonRef:
        if name and name != person.name:
            said = _("台账里这个号码是「{known}」，表里写的是「{name}」，按号码导入").format(known=person.name, name=name)
            if self.known.named(name):
                said = _("台账里这个号码是「{known}」，「{name}」另有其人：多半是号码或姓名串了行，请先核对；要导入的话按号码导入").format(
                    known=person.name, name=name
                )
            self.lines.tell(row, i, NAME, said, "name", Level.WARNING)
        return person

    def _by_name(self, i: int, row: PlanRow, number: Masked | None, name: str, village: str) -> PersonRef | None:
        people = [p for p in _nearest(self.known.named(name), village) if number is None or identity.masks(number, p.number)]
        if len(people) == 1:
            if number is None:
                self.lines.tell(row, i, NAME, _("没有证件号码，按姓名找到"), "by_name", Level.WARNING)
            return people[0]
        if people:
            said = _("有 {count} 个人叫「{name}」，请补上证件号码").format(count=len(people), name=name)
        else:
            said = self._absent(name).format(name=name)
        self.lines.tell(row, i, NAME, said, "person")
        return None

    def _absent(self, sought: str) -> str:
        """What to say of somebody who is not in the store, sought by number or name."""
        if sought in self.known.waiting:
            return _("{name}在这个文件里的登记有疑点，还没有收下。请先对那一行选「收下」，导入后再把这个文件导入一次，这一行就能进去")
        return _("{name}不在人员台账里，请先导入人员信息表或登记")


def _nearest(people: Sequence[PersonRef], village: str) -> Sequence[PersonRef]:
    """Of several with one number, the one of the village the row names."""
    here = [person for person in people if person.village == village]
    return here or people

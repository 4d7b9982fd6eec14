"""The households of a 人员信息表: those that its rows name, found in the store or new, and the head of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain.errors import FieldError
from domain.fields import kind_of
from domain.kinship import HEAD
from domain.words import _
from services.importing.columns.carried import OF_A_HOUSEHOLD, members
from services.importing.plan import Draft, Level, PlanRow
from services.importing.records.families import HEADS, Families, Family
from services.importing.rows.drafting import Context, against, refuse_masked
from services.importing.rows.known import Row
from services.importing.rows.lines import Lines
from services.importing.tables.rosters import field_of
from services.importing.values.cells import REPAIR, Notice, is_empty

_NUMBER, _RELATION = "household.number", "person.relation"


def fill_down(lines: Lines) -> None:
    """Copy household columns that are filled only in the first row of a household to its other members."""
    columns = lines.binding.columns
    if _NUMBER not in columns or not lines.has(_RELATION):
        return
    number = columns[_NUMBER]
    shared = [h.index for t, h in columns.items() if t.startswith(OF_A_HOUSEHOLD)]
    why = Notice(REPAIR, "household", _("户编号空着，按上一行的户导入"))
    numbers = [row[number.index] for row in lines.cells]
    for i, above in members(numbers, lines.values(_RELATION), HEAD):
        lines.carry(i, above, [at for at in shared if is_empty(lines.cells[i][at])], why, number)


def beside_family(context: Context, numbers: Sequence[Any], where: Sequence[str | None]) -> list[str | None]:
    """The villages of the rows, with new people without a village assigned to the village of their household, so that the household is not
    created again at the level above. `numbers`: of the households."""
    above = context.home.default
    homes: dict[str, set[str]] = {number: set() for number, village in zip(numbers, where, strict=True) if number and village == above}
    for number, village in zip(numbers, where, strict=True):
        if number in homes and village is not None and village != above:
            homes[number].add(village)
    for home in context.known.where("household", "number", homes) if homes else ():
        if home["village"] != above and context.session.may_write(home["village"]):
            homes[home["number"]].add(home["village"])
    only = {number: min(villages) for number, villages in homes.items() if len(villages) == 1}
    return [only.get(number, village) if village == above else village for number, village in zip(numbers, where, strict=True)]


class Households:
    """The households of the rows. A row names its household by number, or by the head's name (`Families`); without either, what it says of
    a household is about the one in which its person lives already."""

    def __init__(
        self, context: Context, lines: Lines, rows: Sequence[tuple[int, PlanRow]], where: Sequence[str | None], *, registers: bool
    ) -> None:
        self._context, self._lines = context, lines
        told = (*lines.binding.columns, *lines.binding.title_values)
        self._fields = [t.partition(".")[2] for t in told if t.startswith("household.") and field_of(t)]
        self._cells = list(zip(*(lines.values(f"household.{name}") for name in self._fields), strict=True))
        self.numbers: Sequence[str | None] | None = lines.values(_NUMBER) if "number" in self._fields else None
        """None if the roster has no column of them."""
        self._families: Families | None = None
        if registers and self.numbers is None and lines.has(HEADS):
            self._families = Families(context, lines, rows, where)
        elif registers and self.numbers is None and lines.has(_RELATION):
            context.notes[_("名册没有「户编号」，人先不归户；补上这一列（或「户主姓名」）再导入一次就会归户")] = None
        found = self._stored({village for village in where if village})
        self._by_number: dict[tuple[str, str], Row] = {}
        for row in found if self.numbers is not None else ():
            if row["number"] is not None:
                self._by_number.setdefault((row["village"], row["number"]), row)
        self._by_id = {row["id"]: row for row in found if row["number"] is None or self.numbers is None}
        """Stored households without a number, by id; each gets the number of the first of its members in the roster."""
        self._first_rows: dict[tuple[str, str, str], int] = {}
        """The first row of each household of this roster."""
        self._heads: dict[str, str | None] = {}
        """The stored head of each household of this roster; a household is removed once a row has set its head."""

    def _stored(self, villages: set[str]) -> list[Row]:
        """The stored households of these villages, if the list says something of households."""
        asked = self._fields and self._context.session.count("household")
        return list(self._context.known.where("household", "village", villages)) if asked else []

    def of(self, i: int, row: PlanRow, village: str, person: Row | None) -> Draft | None:
        """The household of row `i`; None if it names none. `person`: as stored."""
        family = self._family(i)
        number = self.numbers[i] if self.numbers is not None else None
        lives_in = person["household_id"] if person is not None and self.numbers is None and self._families is None else None
        if family is None and number is None and (lives_in is None or not self._fields):
            return None
        at = number or lives_in
        key = ("family", self._lines.sheet, str(self._lines.number(family.head))) if family is not None else ("household", village, str(at))
        if key not in self._context.shared:
            current = self._known(village, number, family, person)
            self._context.shared[key] = draft = self._draft(
                current, village, self._cells[i if family is None else family.head] if self._cells else ()
            )
            if lives_in is None:
                self._heads[draft.id] = current["head_id"] if current is not None else None
            self._first_rows[key] = i
        elif family is None and number is not None and key in self._first_rows:
            self._warn_differs(i, row, self._first_rows[key])
        return self._context.shared[key]

    def set_head(self, i: int, row: PlanRow, household: Draft, person: Draft, relation: str | None) -> None:
        """Let the first row with 户主 set the head of its household."""
        family = self._family(i)
        if household.id in self._heads and (i == family.head if family is not None else relation == HEAD):
            if self._heads[household.id] != person.id:
                household.before = {**(household.before or {}), "head_id": self._heads[household.id]}
                row.fills = [(household, "head_id", person.id)]
            if not row.questioned:
                del self._heads[household.id]

    def _family(self, i: int) -> Family | None:
        return self._families[i] if self._families is not None else None

    def _known(self, village: str, number: str | None, family: Family | None, person: Row | None) -> Row | None:
        """The stored household: that of the family, that with the number, or one without a number where this person lives."""
        if family is not None:
            return self._families.home[family.head] if self._families is not None else None
        lives_in = person["household_id"] if person is not None else None
        return self._by_number.get((village, str(number))) or (self._by_id.pop(lives_in, None) if lives_in else None)

    def _draft(self, current: Row | None, village: str, cells: Sequence[Any]) -> Draft:
        values = {name: value for name, value in zip(self._fields, cells, strict=True) if value is not None}
        try:
            return self._changed(current, village, values)
        except FieldError:  # a masked telephone differs from the stored one; the household itself is certain
            return self._changed(current, village, values | {"phone": None})

    def _changed(self, current: Row | None, village: str, values: Mapping[str, Any]) -> Draft:
        if current is not None:
            return against("household", current, values)
        refuse_masked(values, kind_of("household"))
        return self._context.new("household", village, values)

    def _warn_differs(self, i: int, row: PlanRow, first: int) -> None:
        """Warn if a row gives its household another address or telephone than the household's first row, which counts."""
        for name, known, value in zip(self._fields, self._cells[first], self._cells[i], strict=True):
            if value is not None and known is not None and value != known:
                message = _("同一户前面第 {row} 行写的是「{known}」，这一户按那一行导入，请核对")
                shown = kind_of("household").by_name[name].masked(str(known)) if name == "phone" else str(known)[:30]
                message = message.format(row=self._lines.number(first), known=shown)
                self._lines.add_issue(row, i, f"household.{name}", message, "household", Level.WARNING)

"""What is put into the cells of a form, and the period that a form is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from domain import divisions
from domain.fields import Field
from domain.periods import days_in
from domain.records.people import MONITORED
from domain.values import Type
from services.importing.tables.headings import quarter_of
from services.importing.tables.rosters import field_of
from services.importing.tables.title_months import read_months, year_of
from services.sheets import list_value
from services.standing import PersonStatus

Cell = str | int | float
CATEGORY: Final = ("category_span.category", "category_span.monitored")
"""The columns for a person's categories: all of them, or only those by which people are monitored."""
_UNDATED: Final = re.compile(r"(?:19|20)\d\d\s*年[\s_]+月.*")


@dataclass(frozen=True)
class Span:
    """The period of a sheet: the one its title names, otherwise today. Of several jobs the last one within it counts."""

    first: str
    last: str

    def holds(self, start: str | None, end: str | None) -> bool:
        """Whether `start` to `end` (fuzzy dates, taken at their longest) overlaps with the period."""
        return (start or "") <= self.last and (end is None or end >= self.first[: len(end)])


def span_of(titles: Sequence[str], today: str, months: Sequence[str] = ()) -> Span:
    """The period of a sheet: the months or the year that its titles name (otherwise the `months` of its columns), up to today; otherwise
    today. A date still to be filled in (2026年　月　日) names no year."""
    titles = [_UNDATED.sub("", title) for title in titles]
    year, quarters = year_of(titles), {quarter for title in titles if (quarter := quarter_of(title))}
    months = read_months(titles).months or months
    if not months and year and len(quarters) == 1:
        months = tuple(f"{year}-{3 * max(quarters) - n:02d}" for n in (2, 1, 0))
    first, last = (min(months), max(months)) if months else (f"{year}-01", f"{year}-12") if year else ("", "")
    if not first or f"{first}-01" > today:
        return Span(today, today)
    return Span(f"{first}-01", min(f"{last}-{days_in(last):02d}", today))


class CellContent(NamedTuple):
    """The content for a cell. If it is a field's value: that value as `code`, and the function that reads the field's words. `masked` is
    the masked form of a secret; `also` are other words for it in lists to choose from, the most precise first."""

    cell: Cell
    code: Any = None
    read: Callable[[Any], Any] | None = None
    masked: str | None = None
    also: Sequence[str] = ()


def of_field(f: Field, stored: Any) -> CellContent | None:
    """A field's stored value as an answer, None if not set. Places are given by name."""
    value = f.from_stored(stored)
    if value is None:
        return None
    if f.type in (Type.PLACE, Type.AREA):
        return CellContent(divisions.full_name(value) or str(value), value, f.read)
    return CellContent(list_value(f, value, plain=True), value, f.read, f.masked(str(value)) if f.secret else None)


def categories(standing: PersonStatus, target: str) -> CellContent | None:
    """A person's categories, for one of the columns in `CATEGORY`."""
    codes = sorted(set(standing.categories) & MONITORED) if target == CATEGORY[1] else sorted(set(standing.categories))
    f = field_of(target)
    if not codes or f is None:
        return None
    text = "、".join((f.choices or {}).get(code, code) for code in codes)
    return CellContent(text, codes[0], f.read) if len(codes) == 1 else CellContent(text)


def category_of_household(standing: PersonStatus) -> CellContent | None:
    """A person's categories as those of the household, whose people are 脱贫人口 but which is a 脱贫户."""
    found = categories(standing, CATEGORY[0])
    return found._replace(cell="脱贫户") if found is not None and found.code == "lifted" else found

"""The error for a file in which no roster is recognised: the most similar roster, and the columns it lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from domain.errors import InputUnusable
from domain.fields import KINDS, Field
from domain.words import _
from services.importing.cells import is_empty, text_of
from services.importing.columns import PERSON_KEYS, TITLED, Binding, bind
from services.importing.headings import quarter_of
from services.importing.limits import SEARCHED_ROWS
from services.importing.recognising import generic_roster, lacking, lacks_year
from services.importing.rosters import common_columns, field_of, in_titles, rosters
from services.importing.tables import Found
from services.importing.title_months import read_months

_UNSPECIFIC = (".start", ".end")
"""Columns that too many lists have to be specific."""
_SUMS = re.compile("工资|报酬|补贴|发放")
_ID_NUMBER = re.compile(r"\d{17}[\dXx]")
_MOST_MISSING = 2
"""Most missing columns for a list to count as similar."""


def unknown(found: list[Found], sheets: list[list[list[object]]], hidden: str) -> InputUnusable:
    """The error that fits the tables found, the cells of all sheets and the names of the hidden sheets with rosters."""
    if hidden:
        return InputUnusable(
            _("看得见的工作表里没有名册，名册在隐藏的工作表里：{sheets}。请在 Excel 或 WPS 里取消隐藏再导入。").format(sheets=hidden)
        )
    if not any(cell not in ("", None) for rows in sheets for row in rows for cell in row):
        return InputUnusable(_("表格是空的，没有可以导入的内容。"))
    if any(map(lacks_year, found)):
        return InputUnusable(_("工资表的月份没有写明是哪一年。请在标题或表头写上年份再导入，例如 2023年1月。"))
    if any(_of_several_months(table) for table in found):
        return InputUnusable(_("标题写的是几个月，合在一起的金额不知道是哪个月的。请每个月写一列，或每个月一张表再导入。"))
    if (similar := _most_similar(found)) is not None:
        return InputUnusable(
            _(
                "认不出这是哪种名册。最像「{roster}」，还缺：{lacks}。请补上后再导入；表里有、只是叫法不同的，选定按哪种表读，再选那一列是什么。"
            ).format(roster=similar[0], lacks=similar[1])
        )
    if any(_SUMS.search(" ".join([*table.titles, table.sheet.name])) and _by_quarters(table) for table in found):
        return InputUnusable(_("表里只有几个月合在一起的数，没有各月的数。请每个月写一列再导入。"))
    if found:
        return InputUnusable(_("认不出这是哪种名册：表头里要有姓名、证件号码和相应的列。也可以选定按哪种表读，再选各列是什么。"))
    top = [[text_of(cell) for cell in row if not is_empty(cell)] for rows in sheets for row in rows[:SEARCHED_ROWS]]
    if any(len(row) > 2 and "号" in row[0] and all(map(_ID_NUMBER.search, row[1:3])) for row in top):
        return InputUnusable(
            _("这张表是横着排的：一人一列，表头在左边。请在 Excel 或 WPS 里复制整张表，用「选择性粘贴」里的「转置」贴到新表，存好再导入。")
        )
    return InputUnusable(_("前 {rows} 行里没有找到表头。请确认表头一行写着姓名、证件号码等列名。").format(rows=SEARCHED_ROWS))


def _of_several_months(table: Found) -> bool:
    """Whether a pay table has a single amount for the several months in its title."""
    lines = [*table.titles, table.sheet.name]
    months = read_months(lines)
    across = next(bind(table, roster).months for roster in rosters() if roster.name == "wages")
    return months.several and _SUMS.search(" ".join(lines)) is not None and not across


def _by_quarters(table: Found) -> bool:
    return any(quarter_of(heading.words[-1]) or read_months(heading.words[-1:]).several for heading in table.headings)


def _most_similar(found: Sequence[Found]) -> tuple[str, str] | None:
    """The roster or list with the most matching and the fewest missing columns: its name and what is missing; None if there is none."""
    known = [
        (own, -len(lacks), -place, name, lacks)
        for place, (own, name, lacks) in enumerate(_candidates(found))
        if 0 < len(lacks) <= _MOST_MISSING
    ]
    if not known:
        return None
    _specific_columns, _few, _place, name, lacks = max(known)
    return name, _("、").join(lacks)


def _candidates(found: Sequence[Found]) -> Iterator[tuple[int, str, list[str]]]:
    """For each possible list: the number of its specific columns, its name, and what is missing."""
    for table in found:
        for kind in KINDS.values():
            binding = bind(table, generic_roster(kind.name))
            if any(map(binding.has, PERSON_KEYS)) and (own := _specific_columns(binding)):
                yield own, _(kind.label), [_asked(f) for f in lacking(binding)]
        for roster in rosters():
            binding = bind(table, roster)
            unmet = [[target for target in group if target[0] != "!"] for group in roster.needs if not any(map(binding.has, group))]
            if all(unmet) and (own := _specific_columns(binding)):
                yield own, _(roster.label), [_column_names(group) for group in unmet]


def _specific_columns(binding: Binding) -> int:
    """The number of columns of the records that the list makes; 0 if there are more unknown columns."""
    makes = tuple(f"{kind}." for kind in binding.roster.makes if kind not in ("person", "household", "category_span"))
    own = sum(target.startswith(makes) and not target.endswith(_UNSPECIFIC) for target in binding.columns) if makes else 0
    return own if own >= len(binding.unmatched) else 0


def _column_names(group: Sequence[str]) -> str:
    """The names of the columns of which one is required, as a clerk calls them."""
    return _("或").join(dict.fromkeys(_word(target) for target in group[:_MOST_MISSING]))


def _word(target: str) -> str:
    f = field_of(target)
    if f is not None:
        return _asked(f)
    return _(in_titles()[target]) if target in in_titles() else next(iter(common_columns().get(target, ())), target)


def _asked(f: Field) -> str:
    return _(in_titles()["@month_title"]) if f.name == TITLED else _(f.label)

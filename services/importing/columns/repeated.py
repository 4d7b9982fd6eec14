"""Tables with the same columns several times for each row: 第一次务工 | 第二次务工, or 务工人员1 | 务工人员2, each with a place and days.
Also bank lists whose lines say what each is for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from domain.fields import declaration
from domain.records import Person
from domain.words import _
from services.importing.columns.binding import Binding
from services.importing.tables.finding import FoundTable
from services.importing.tables.heading_words import known_by, plain
from services.importing.tables.headings import TURN, Heading, month_of_heading
from services.importing.tables.rosters import common_columns
from services.importing.tables.title_months import read_months
from services.importing.tables.titles import is_about
from services.importing.values.cells import is_empty, text_of

Recognise = Callable[[FoundTable], Binding | None]
_DIGITS = str.maketrans("一二三四五六上下", "12345612")
_DATED = re.compile("时间|日期|起止|开始")
_MONTHS = re.compile(r"(?:(?:20)?\d\d年)?\d{1,2}月份?|20\d\d年|20\d{4}", re.ASCII)
_REGISTERS = frozenset({"person", "household", "category_span"})
_PAY = frozenset({"post_pay", "wage"})
_DEATH = re.compile("死|去世|亡故|病故|过世")
_BARE_MONTH = re.compile(r"(?<![\d年./-])(1[0-2]|0?[1-9])月(?!\d)", re.ASCII)
_PAID = re.compile(r"(20\d\d)[-./年]?(1[0-2]|0?[1-9])[-./月]?[0-3]?\d日?(?: [\d:]+)?", re.ASCII)
"""A day of payment, as banks write it."""
_PAID_FOR = (("post_title", "补贴月份", "公益性岗位补贴"), ("wage_purpose", "月份", "工资"))
"""What a bank list's lines may be for: a subject, the heading of its month, and what the table is called then."""


def cell_of(row: Sequence[Any], heading: Heading) -> Any:
    """The cell of a row below a heading."""
    return row[heading.index] if heading.index < len(row) else ""


# ---------------------------------------------------------------- the same columns several times


def turns_split(found: FoundTable, recognised: Recognise) -> FoundTable:
    """The table with one row for each turn; unchanged without turns, and for registers, whose members are unfolded elsewhere."""
    turns, dated = _turns(found.headings), ""
    if not turns and (turns := _months(found.headings)):
        dated = "月份"
    names = [[heading.words[-1] for heading in turn] for turn in turns.values()]
    if len(names) < 2 or any(one != names[0] for one in names) or len(names[0]) < 2 or not (dated or any(map(_DATED.search, names[0]))):
        return found
    first, taken = next(iter(turns.values())), {heading.index for turn in turns.values() for heading in turn}
    headings = sorted([*(one for one in found.headings if one.index not in taken), *first], key=lambda one: one.index)
    made = [(i, cells, [turn] * bool(dated)) for i, row in enumerate(found.rows()) for turn, cells in _rows_of_turns(row, turns, taken)]
    note = _("一行里分几次写的（{columns}），按一次一行读入").format(columns=_("、").join(turn[0].text for turn in turns.values()))
    split = replace(found, headings=headings).with_columns([(dated, dated)] if dated else [], made, note)
    binding = recognised(split)
    read = {heading.index for heading in binding.columns.values()} if binding is not None else set()
    fits = binding is not None and _REGISTERS.isdisjoint(binding.roster.makes) and (not dated or binding.roster.makes == ("monthly_check",))
    return split if fits and sum(heading.index in read for heading in first) > 1 else found


def _turns(headings: Sequence[Heading]) -> dict[str, list[Heading]]:
    """Turn → its headings, without the words for the turn."""
    turns: dict[str, list[Heading]] = {}
    for heading in headings:
        hit = TURN.search(heading.words[0].removesuffix(heading.words[-1]) or heading.words[0])
        if hit is not None:
            words = tuple(dict.fromkeys(TURN.sub("", word, count=1) for word in heading.words))
            turns.setdefault((hit[1] or hit[2] or hit[3]).translate(_DIGITS), []).append(Heading(heading.index, heading.text, words))
    return turns


def _months(headings: Sequence[Heading]) -> dict[str, list[Heading]]:
    """Month → the headings below it."""
    months: dict[str, list[Heading]] = {}
    for heading in headings:
        above = heading.words[0].removesuffix(heading.words[-1])
        if above and month_of_heading(above):
            months.setdefault(above, []).append(Heading(heading.index, heading.text, heading.words[1:]))
    return months


def _rows_of_turns(row: Sequence[Any], turns: Mapping[str, Sequence[Heading]], taken: set[int]) -> list[tuple[str, list[Any]]]:
    """Each turn that has cells with its row, its cells in the columns of the first; at least one row."""
    shared = [("" if at in taken else cell) for at, cell in enumerate(row)]
    shared += [""] * (1 + max(taken) - len(shared))
    made, (first, *_others) = list[tuple[str, list[Any]]](), turns.values()
    for name, turn in turns.items():
        cells = [cell_of(row, heading) for heading in turn]
        if not all(map(is_empty, cells)):
            made.append((name, [*shared]))
            for heading, cell in zip(first, cells, strict=True):
                made[-1][1][heading.index] = cell
    return made or [("", shared)]


# ---------------------------------------------------------------- what each line is paid for


def by_purpose(found: FoundTable, recognised: Recognise) -> FoundTable:
    """The table with the purpose of its lines as a title. If it has several, only the lines for posts, otherwise those for wages, are kept,
    each with its month; unchanged without such a column, or if the table is not read as pay then."""
    column = _common(found, "purpose")
    if column is None:
        return found
    purposes = {i: _of_the_year(text_of(cell), row) for i, row in enumerate(found.rows()) if not is_empty(cell := cell_of(row, column))}
    said = dict.fromkeys(purposes.values())
    if len(said) == 1:
        purpose = next(iter(said))
        return replace(found, titles=[*found.titles, _MONTHS.sub("", purpose) if read_months(found.titles) else purpose])
    for subject, month, title in _PAID_FOR:
        if kept := [i for i, purpose in purposes.items() if is_about(subject, purpose)]:
            binding = recognised(pay := _only_for(found, purposes, kept, month, title))
            return pay if binding is not None and not _PAY.isdisjoint(binding.roster.makes) else found
    return found


def deaths_kept(found: FoundTable, recognised: Recognise) -> FoundTable:
    """A list of people whom a village has lost (减少原因, 减少时间), reduced to those who died, each with the day; unchanged if it is read
    as another list."""
    why, when = (_common(found, f"lost.{name}") for name in ("reason", "on"))
    if why is None or when is None or recognised(found) is not None:
        return found
    rows = [(i, row, text_of(cell_of(row, why))) for i, row in enumerate(found.rows())]
    others = dict.fromkeys(reason for _i, _row, reason in rows if reason and not _DEATH.search(reason))
    made = ((i, row, [cell_of(row, when)]) for i, row, reason in rows if reason not in others)
    note = _("减少原因是别的没有读入：{others}").format(others=_("、").join(others)[:80]) if others else found.note
    dead = found.with_columns([("死亡时间", declaration(Person.died_on).label)], made, note, [why, when])
    return dead if recognised(dead) is not None else found


def _common(found: FoundTable, target: str) -> Heading | None:
    """The column of a table that is called like one of the common columns."""
    words = set(map(plain, common_columns()[target]))
    return next((heading for heading in found.headings if known_by(heading.words, words)), None)


def _of_the_year(purpose: str, row: Sequence[Any]) -> str:
    """A purpose with the year of its month (公益岗9月补贴), which is the last such month up to the day of payment in the row."""
    month, paid = _BARE_MONTH.search(purpose), next(filter(None, map(_PAID.fullmatch, map(text_of, row))), None)
    if month is None or paid is None:
        return purpose
    year = int(paid[1]) - (int(month[1]) > int(paid[2]))
    return f"{purpose[: month.start()]}{year}年{purpose[month.start() :]}"


def _only_for(found: FoundTable, purposes: Mapping[int, str], kept: Sequence[int], month: str, title: str) -> FoundTable:
    """The table with only the lines `kept`, and with a column of their months if they say them."""
    rows, months = found.rows(), {i: read_months([purposes[i]]).one or "" for i in kept}
    dated = any(months.values())
    others = dict.fromkeys(purpose for i, purpose in purposes.items() if i not in months)
    note = _("用途是别的没有读入：{others}").format(others=_("、").join(others)[:80]) if others else found.note
    titles = [*found.titles, title] if not any(is_about(_PAID_FOR[0][0], one) for one in found.titles) else found.titles
    made = ((i, rows[i], [months[i]] if dated else []) for i in kept)
    return replace(found.with_columns([(month, month)] if dated else [], made, note), titles=titles)

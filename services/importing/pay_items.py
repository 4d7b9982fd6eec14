"""Converts pay sheets with one row for each pay item (基本工资, 加班费, 全勤奖) to one row for each person and month."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation

from domain.identity import half_width
from domain.words import _
from services.importing.cells import is_empty, text_of
from services.importing.heading_words import plain
from services.importing.headings import month_of_heading
from services.importing.lines import Lines
from services.importing.plan import Issue, Level

_PAID = re.compile("实发|实领|到手")
_SUM = re.compile("小计|合计|总计|应发")
_DEDUCTION = re.compile("扣|罚|税|保险|社保|养老|医疗|公积金|借支|预支|预借|水电")
_OF_ALL = re.compile("总计|本页|共计")
"""A total of all people, in a row without a person."""
_SIGN = re.compile("[¥￥,元\\s]")
_KEY = ("person.name", "person.id_number", "wage.month", "employer.name")


def join_items(lines: Lines) -> None:
    """Put the total of each person's rows into the first of them, with a note, and blank the others. If the total is uncertain, the first
    row is refused or becomes a question."""
    if not lines.has("item"):
        return
    amounts = [heading.index for heading, _month in lines.binding.months] or [lines.binding.columns["wage.amount"].index]
    for rows in _groups(lines):
        if len(rows) > 1:
            _join(lines, rows, amounts)


def _groups(lines: Lines) -> Iterable[list[int]]:
    """The rows of each person and month; a row without a person belongs to the one above."""
    columns = lines.binding.columns
    key_columns, item = [columns[target].index for target in _KEY if target in columns], columns["item"].index
    found: dict[tuple[str, ...], list[int]] = {}
    above: list[int] | None = None
    for i, row in enumerate(lines.cells):
        item_text, key = plain(text_of(row[item])), tuple(plain(text_of(row[at])) for at in key_columns)
        if not item_text or month_of_heading(item_text) or (any(key) and lines.skipped(i) is not None):
            continue
        if any(key):
            above = found.setdefault(key, [])
        if above is not None and (any(key) or not _OF_ALL.search(item_text)):
            above.append(i)
    return found.values()


def _join(lines: Lines, rows: Sequence[int], amounts: Sequence[int]) -> None:
    heading = lines.binding.columns["item"]
    items = [text_of(lines.cells[i][heading.index]) for i in rows]
    sums, doubt = [], None
    for at in amounts:
        total, level = _total(items, [_amount(lines, i, at) for i in rows])
        sums.append(total)
        doubt = min(filter(None, (doubt, level)), key=[Level.REFUSED, Level.QUESTION].index, default=None)
    first = list(lines.cells[rows[0]])
    for i in rows[1:]:
        first = [value if not is_empty(value) else cell for value, cell in zip(first, lines.cells[i], strict=True)]
        lines.cells[i] = [""] * len(first)
    for at, total in zip(amounts, sums, strict=True):
        first[at] = "" if total is None else str(total)
    lines.cells[rows[0]] = first
    message = {
        Level.REFUSED: _("{items}：有扣款或看不懂的数，算不出到手多少，没有导入；请加一行「实发」，或一人只写一行"),
        Level.QUESTION: _("{items}：合计与各项之和不符，或同一项写了不止一次；收下则按 {amount} 元登记"),
        None: _("{items}：几行是一个人一个月的工资，按 {amount} 元登记"),
    }[doubt]
    filled = message.format(
        items=_("、").join(dict.fromkeys(items)), amount=_("、").join(str(total) for total in sums if total is not None)
    )
    issue = Issue(lines.number(rows[0]), heading.text, "", filled, "items", doubt or Level.REPAIR, lines.sheet)
    lines.noticed.setdefault(rows[0], []).append(issue)


def _total(items: Sequence[str], amounts: Sequence[Decimal | None]) -> tuple[Decimal | None, Level | None]:
    """The total of the items, None if there is none or it is unknown; and the level of doubt, None if it is certain. An amount is NaN if it
    could not be read."""
    given = [(item, amount) for item, amount in zip(items, amounts, strict=True) if amount is not None]
    paid = [amount for item, amount in given if _PAID.search(item)]
    sums = [amount for item, amount in given if _SUM.search(item)]
    parts = [(item, amount) for item, amount in given if not _PAID.search(item) and not _SUM.search(item)]
    if len(paid) == 1 and not paid[0].is_nan() and paid[0] >= 0:
        return paid[0], None
    unknown = any(amount.is_nan() or amount < 0 for _item, amount in given)
    if paid or unknown or any(amount and _DEDUCTION.search(item) for item, amount in parts):
        return None, Level.REFUSED
    if not given:
        return None, None
    total = sum((amount for _item, amount in parts), Decimal(0)) if parts else sums[0]
    certain = len({item for item, _amount in parts}) == len(parts) and all(one == total for one in sums)
    return (sums[0] if sums else total), None if certain else Level.QUESTION


def _amount(lines: Lines, i: int, at: int) -> Decimal | None:
    """The amount in a cell, None if it is empty, NaN if it cannot be read."""
    if (i, at) in lines.uncomputed:
        return Decimal("NaN")
    text = _SIGN.sub("", half_width(text_of(lines.cells[i][at])))
    try:
        return Decimal(text) if not is_empty(text) else None
    except InvalidOperation:
        return Decimal("NaN")

"""Pay sheets with a line for each thing that pay is made up of (基本工资, 加班费, 全勤奖) as sheets of a line a person and month."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation

from domain.identity import half_width
from domain.words import _
from services.importing.cells import is_empty, text_of
from services.importing.heading_words import plain
from services.importing.lines import Lines
from services.importing.plan import Issue, Level
from services.importing.tables import month_of_heading

_PAID = re.compile("实发|实领|到手")
_SUM = re.compile("小计|合计|总计|应发")
_TAKEN_OFF = re.compile("扣|罚|税|保险|社保|养老|医疗|公积金|借支|预支|预借|水电")
_OF_ALL = re.compile("总计|本页|共计")
"""What sums up everybody where it names nobody."""
_SIGN = re.compile("[¥￥,元\\s]")
_WHOSE = ("person.name", "person.id_number", "wage.month", "employer.name")


def join_items(lines: Lines) -> None:
    """Put what each person's lines come to into the first of them, which is told, and blank the others. Where that is not certain the first
    is refused, or asked about."""
    if not lines.has("item"):
        return
    amounts = [heading.index for heading, _month in lines.binding.months] or [lines.binding.columns["wage.amount"].index]
    for rows in _groups(lines):
        if len(rows) > 1:
            _join(lines, rows, amounts)


def _groups(lines: Lines) -> Iterable[list[int]]:
    """Rows of one person and month; a row that names nobody is of the one above."""
    columns = lines.binding.columns
    who, item = [columns[target].index for target in _WHOSE if target in columns], columns["item"].index
    found: dict[tuple[str, ...], list[int]] = {}
    above: list[int] | None = None
    for i, row in enumerate(lines.cells):
        said, key = plain(text_of(row[item])), tuple(plain(text_of(row[at])) for at in who)
        if not said or month_of_heading(said) or (any(key) and lines.skipped(i) is not None):
            continue
        if any(key):
            above = found.setdefault(key, [])
        if above is not None and (any(key) or not _OF_ALL.search(said)):
            above.append(i)
    return found.values()


def _join(lines: Lines, rows: Sequence[int], amounts: Sequence[int]) -> None:
    heading = lines.binding.columns["item"]
    items = [text_of(lines.cells[i][heading.index]) for i in rows]
    sums, doubt = [], None
    for at in amounts:
        came, level = _came_to(items, [_amount(lines, i, at) for i in rows])
        sums.append(came)
        doubt = min(filter(None, (doubt, level)), key=[Level.REFUSED, Level.QUESTION].index, default=None)
    first = list(lines.cells[rows[0]])
    for i in rows[1:]:
        first = [there if not is_empty(there) else cell for there, cell in zip(first, lines.cells[i], strict=True)]
        lines.cells[i] = [""] * len(first)
    for at, came in zip(amounts, sums, strict=True):
        first[at] = "" if came is None else str(came)
    lines.cells[rows[0]] = first
    said = {
        Level.REFUSED: _("{items}：有扣款或看不懂的数，算不出到手多少，没有导入；请加一行「实发」，或一人只写一行"),
        Level.QUESTION: _("{items}：合计与各项之和不符，或同一项写了不止一次；收下则按 {amount} 元登记"),
        None: _("{items}：几行是一个人一个月的工资，按 {amount} 元登记"),
    }[doubt]
    told = said.format(items=_("、").join(dict.fromkeys(items)), amount=_("、").join(str(came) for came in sums if came is not None))
    issue = Issue(lines.number(rows[0]), heading.text, "", told, "items", doubt or Level.REPAIR, lines.sheet)
    lines.noticed.setdefault(rows[0], []).append(issue)


def _came_to(items: Sequence[str], amounts: Sequence[Decimal | None]) -> tuple[Decimal | None, Level | None]:
    """What the lines come to, and how doubtful that is; None of it where they say nothing or it cannot be known. An amount is NaN that
    nobody understands."""
    there = [(item, amount) for item, amount in zip(items, amounts, strict=True) if amount is not None]
    paid = [amount for item, amount in there if _PAID.search(item)]
    sums = [amount for item, amount in there if _SUM.search(item)]
    parts = [(item, amount) for item, amount in there if not _PAID.search(item) and not _SUM.search(item)]
    if len(paid) == 1 and not paid[0].is_nan() and paid[0] >= 0:
        return paid[0], None
    unknown = any(amount.is_nan() or amount < 0 for _item, amount in there)
    if paid or unknown or any(amount and _TAKEN_OFF.search(item) for item, amount in parts):
        return None, Level.REFUSED
    if not there:
        return None, None
    came = sum((amount for _item, amount in parts), Decimal(0)) if parts else sums[0]
    certain = len({item for item, _amount in parts}) == len(parts) and all(one == came for one in sums)
    return (sums[0] if sums else came), None if certain else Level.QUESTION


def _amount(lines: Lines, i: int, at: int) -> Decimal | None:
    if (i, at) in lines.uncomputed:
        return Decimal("NaN")
    text = _SIGN.sub("", half_width(text_of(lines.cells[i][at])))
    try:
        return Decimal(text) if not is_empty(text) else None
    except InvalidOperation:
        return Decimal("NaN")

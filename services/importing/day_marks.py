"""Converts a month's attendance sheet with one mark for each day to the letters of `Attendance.marks`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from domain.errors import FieldError
from domain.periods import days_in
from domain.words import _
from services.importing.cells import is_empty, text_of
from services.importing.half_days import MIXED, half_of
from services.importing.heading_words import plain
from services.importing.lines import Lines

SIGNS: Final = {
    sign: letter
    for letter, signs in {
        "P": "√ ✓ ✔ ☑ ∨ v 1 p 出 勤 出勤 到 到岗 在岗 上班 全勤 全天 正常 外勤 出差",
        "S": "s 病 病假",
        "L": "l 事 事假 请假 假",
        "A": "a 旷 旷工",
        "R": "r 休 休息 公休 轮休 例休 休假 未排班",
        "-": "- × x ✗ ✘ 0 无 缺 缺勤 未出勤 未到",
    }.items()
    for sign in signs.split()
}
"""The marks of a day's cell → letters. × means absent, not absent without leave."""
_WORDS: Final = "出勤|到岗|上班|病假|事假|请假|旷工|缺勤|公休|轮休|休息|休假"
_TOKEN: Final = re.compile(f"({_WORDS})|([√✓✔×✗✘xX○〇●△▲◇◆☆★□■◎⊙/＋+∨])")


def legend(texts: Iterable[str]) -> dict[str, str]:
    """The meaning of signs that a legend states, in either order: 出勤√ 病假△ 事假○, or √出勤 △病假."""
    found: dict[str, str] = {}
    for text in texts:
        tokens = [(hit[1], hit[2]) for hit in _TOKEN.finditer(text)]
        words = sum(1 for word, _sign in tokens if word)
        if words < 2:
            continue
        if 2 * words != len(tokens):  # 出勤/缺勤, 出勤√/病假△: the slashes are separators
            tokens = [token for token in tokens if token[1] != "/"]
        for (word, sign), (word2, sign2) in zip(tokens[::2], tokens[1::2], strict=False):
            if (word and sign2) or (sign and word2):
                found[plain(sign or sign2)] = SIGNS[word or word2]
    return found


class DayMarks:
    """Reads the day columns of one table."""

    def __init__(self, lines: Lines) -> None:
        self.days = [(heading.index, heading.day or 0) for heading in lines.binding.days]
        self.cells = lines.cells
        foot = (cell for row in lines.cells for cell in row if isinstance(cell, str) and len(cell) > 4)
        self.legend = legend([*lines.titles, *foot])
        self.letters: Mapping[str, str] = SIGNS | self.legend
        self.unexplained_slashes = "/" not in self.legend and any(
            plain(row[index]) == "/" for row in self.cells for index, _day in self.days
        )
        """Whether slashes are used as marks without a legend that explains them."""

    def __bool__(self) -> bool:
        return bool(self.days)

    def _half_day(self, i: int) -> bool:
        """Whether the row covers only mornings or only afternoons and has not been joined with its other half."""
        return half_of(self.cells[i], [index for index, _day in self.days]) is not None

    def of_row(self, i: int, month: str) -> str | None:
        """The letters for row `i`'s month, or None if no day has a mark. Raises `FieldError` for an unknown sign or a day that the month
        does not have."""
        if self._half_day(i):
            raise FieldError(_("上午、下午各一行的考勤，请先合成一人一行、一天一格"), "half_day")
        size = days_in(month)
        marks = ["-"] * size
        for index, day in self.days:
            cell = self.cells[i][index]
            if self._blank(cell):
                continue
            if day > size:
                raise FieldError(_("{month} 没有 {day} 日").format(month=month, day=day), "day")
            letter = self.letters.get(plain(text_of(cell)))
            if letter is None and text_of(cell).startswith(MIXED):
                message = _("{day} 日是「{sign}」，一天只能记一格：请按制度合成一格再导入")
                raise FieldError(message.format(day=day, sign=text_of(cell)[:20]), "half_day")
            if letter is None:
                message = _("{day} 日的「{sign}」看不懂，请写 √、病、事、旷或休")
                raise FieldError(message.format(day=day, sign=text_of(cell)[:10]), "mark")
            marks[day - 1] = letter
        return "".join(marks) if set(marks) != {"-"} or self._has_marks(i) else None

    def _blank(self, cell: Any) -> bool:
        """Whether a day's cell has no mark. A slash is a mark if the legend explains it."""
        return is_empty(cell) and plain(text_of(cell)) not in self.legend

    def _has_marks(self, i: int) -> bool:
        return any(not self._blank(self.cells[i][index]) for index, _day in self.days)


def possible_days(values: Mapping[str, Any]) -> None:
    """Raise `FieldError` if `days` exceeds the days of the month."""
    days, month = values.get("days"), values.get("month")
    if days is not None and month:
        size = days_in(month)
        if not 0 <= days <= size:
            message = _("{month} 只有 {size} 天，出勤天数写的是 {days}")
            raise FieldError(message.format(month=month, size=size, days=days), "days")

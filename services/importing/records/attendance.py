"""Reads attendance: a month's sheet with one mark for each day, as the letters of `Attendance.marks`, and the sign-in sheet of a course."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from domain.errors import FieldError
from domain.periods import days_in
from domain.words import _
from services.importing.columns.carried import MIXED, half_of
from services.importing.plan import Level, PlanRow
from services.importing.rows.column_readers import FULL
from services.importing.rows.lines import Lines
from services.importing.tables.heading_words import plain
from services.importing.tables.headings import Day
from services.importing.tables.title_months import only_year
from services.importing.values.cells import is_empty, text_of

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
_OF_LEGENDS: Final = {"缺勤": "A"}
"""What words mean when a legend gives them a sign, other than in a cell: that sign means absent without leave."""
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
                found[plain(sign or sign2)] = _OF_LEGENDS.get(word or word2) or SIGNS[word or word2]
    return found


class DayMarks:
    """Reads the day columns of one table."""

    def __init__(self, lines: Lines) -> None:
        self.days = [(heading.index, heading.day or 0) for heading in lines.binding.days]
        self.cells = lines.cells
        foot = (cell for row in lines.cells for cell in row if isinstance(cell, str) and len(cell) > 4)
        texts = [*lines.titles, *foot]
        self.legend = legend(texts)
        self.absences = any("缺勤" in text for text in texts) and "A" in self.legend.values()
        """Whether the legend has a sign for 缺勤, which is read as 旷工."""
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

    def full(self, i: int) -> bool:
        """Whether the only entry across the days of row `i` is one word for the whole month, such as 全勤."""
        written = [text for index, _day in self.days if not self._blank(text := self.cells[i][index])]
        return len(written) == 1 < len(self.days) and plain(written[0]) in FULL

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


class SignedDays:
    """The columns of one table for the days of a course."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.columns: dict[Day, list[int]] = {}
        for heading in lines.binding.signed:
            if heading.on is not None:
                self.columns.setdefault(heading.on, []).append(heading.index)
        at = [index for indices in self.columns.values() for index in indices]
        self.used = any(not is_empty(row[index]) for row in lines.cells for index in at)
        """Whether anybody signed; an unsigned sheet says nothing about attendance."""

    def span(self) -> tuple[str, str] | None:
        """The first and the last day; None if the year is unknown."""
        year = only_year([*self.lines.titles, self.lines.found_in])
        days = sorted((stated or year or 0, month, day) for stated, month, day in self.columns)
        if not days or not days[0][0]:
            return None
        first, last = (date(*day).isoformat() for day in (days[0], days[-1]))
        return first, last

    def present(self, i: int, row: PlanRow, name: str) -> int | None:
        """The number of days on which a person attended. None if nobody signed, or, with a warning, if a mark is unclear."""
        if not self.used or not self.columns:
            return None
        count = 0
        for (_year, month, day), indices in self.columns.items():
            texts = [text_of(self.lines.cells[i][index]) for index in indices]
            attended = {self._attended(text, name) for text in texts}
            if len(attended) > 1 or None in attended:
                message = _("{month}月{day}日写的是「{text}」，看不出到没到，出勤天数没有记")
                filled = message.format(month=month, day=day, text="、".join(text or _("空") for text in texts)[:20])
                row.add(self.lines.of_row(i, filled, "signed", Level.WARNING))
                return None
            count += attended == {True}
        return count

    def _attended(self, text: str, name: str) -> bool | None:
        """Whether a cell says that the person attended; None if it is unclear."""
        sign = plain(text)
        if is_empty(text):
            return False
        return True if sign == plain(name) else SIGNS[sign] == "P" if sign in SIGNS else None

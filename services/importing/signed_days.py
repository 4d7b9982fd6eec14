"""Reads a sign-in sheet: the number of days each person attended, and the dates of the course."""

from __future__ import annotations

from datetime import date

from domain.words import _
from services.importing.cells import is_empty, text_of
from services.importing.dates_across import Day
from services.importing.day_marks import SIGNS
from services.importing.heading_words import plain
from services.importing.lines import Lines
from services.importing.plan import Level, PlanRow
from services.importing.title_months import only_year


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

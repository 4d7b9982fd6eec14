"""Reads a sign-in sheet: on how many days each person was there, and from when to when the course was held."""

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
    """The days of one table, which are those of a course."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.columns: dict[Day, list[int]] = {}
        for heading in lines.binding.signed:
            if heading.on is not None:
                self.columns.setdefault(heading.on, []).append(heading.index)
        at = [index for indices in self.columns.values() for index in indices]
        self.used = any(not is_empty(row[index]) for row in lines.cells for index in at)
        """Whether anybody signed: an unsigned sheet says nothing about days."""

    def span(self) -> tuple[str, str] | None:
        """The first and the last day; None where nothing says the year."""
        year = only_year([*self.lines.titles, self.lines.found_in])
        days = sorted((said or year or 0, month, day) for said, month, day in self.columns)
        if not days or not days[0][0]:
            return None
        first, last = (date(*day).isoformat() for day in (days[0], days[-1]))
        return first, last

    def present(self, i: int, row: PlanRow, name: str) -> int | None:
        """On how many days somebody was there; None if nobody signed, or if it is not certain, which is noted."""
        if not self.used or not self.columns:
            return None
        count = 0
        for (_year, month, day), indices in self.columns.items():
            texts = [text_of(self.lines.cells[i][index]) for index in indices]
            there = {self._there(text, name) for text in texts}
            if len(there) > 1 or None in there:
                said = _("{month}月{day}日写的是「{text}」，看不出到没到，出勤天数没有记")
                told = said.format(month=month, day=day, text="、".join(text or _("空") for text in texts)[:20])
                row.add(self.lines.of_row(i, told, "signed", Level.WARNING))
                return None
            count += there == {True}
        return count

    def _there(self, text: str, name: str) -> bool | None:
        sign = plain(text)
        if is_empty(text):
            return False
        return True if sign == plain(name) else SIGNS[sign] == "P" if sign in SIGNS else None

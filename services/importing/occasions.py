"""Lists of kinds that require a date which lists often leave out: school terms, wishes for work."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from domain import clock, periods
from domain.errors import FieldError
from domain.fields import kind_of
from domain.words import _
from services.importing.drafting import Context
from services.importing.generic import GenericMaker
from services.importing.known import Row
from services.importing.lines import Lines
from services.importing.particulars import fill_particulars
from services.importing.plan import PlanRow

_DAY = re.compile(r"20\d\d(?:[-/.]\d{1,2}[-/.]\d{1,2}|年\d{1,2}月\d{1,2}日|\d{4})(?!\d)")


class OccasionMaker(GenericMaker):
    """Makes the rows of a plain list, and fills in what it has about its people besides."""

    def make(self) -> list[PlanRow]:
        """The plan's rows in order."""
        rows = super().make()
        by_number = {row.number: row for row in rows}
        ready = [(i, by_number[self.lines.number(i)]) for i in self.people if self.lines.number(i) in by_number]
        fill_particulars(self.context, self.lines, ready, self.people)
        return rows


class SchoolingMaker(OccasionMaker):
    """Makes the rows of one list of students. A term without a start date gets the usual one."""

    def _values(self, i: int, row: PlanRow) -> dict[str, Any]:
        values = super()._values(i, row)
        if "schooling.term" not in self.lines.binding.columns:
            values["term"] = self.kind.by_name["term"].read(self.lines.binding.headlines.term_title)
        start = periods.term_start(str(values.get("term") or ""))
        if "term_start" not in values and start is None and values.get("term"):
            message = _("「{text}」看不出是哪一学期，请写成 2026年春季学期 或 2025-2026学年第二学期").format(text=str(values["term"])[:20])
            self.lines.add_issue(row, i, "schooling.term", message, "term")
        if "term_start" not in values and start is not None:
            values["term_start"] = start
            message = _("名册没有开学日期，{term}记为 {day} 开学，请事后核对")
            self.context.propose(message.format(term=values["term"], day=start))
        return values


class WishMaker(OccasionMaker):
    """Makes the rows of one list of people who want to work away. A wish without a date gets the list's date, otherwise today."""

    def __init__(self, context: Context, lines: Lines, titled: str | None) -> None:
        super().__init__(context, lines, titled)
        self.day = _day_of(lines.titles) or clock.today()
        self.open: dict[str, list[Row]] = {}

    def _rows(self) -> list[tuple[int, PlanRow]]:
        """As in any list, but a row with 否 is skipped."""
        planned = self.lines.text("wish.planned")
        for i, row in (rows := super()._rows()):
            row.skipped = row.skipped or planned[i] in ("否", "未", "无", "没有", "无意愿", "不愿意", "不想", "不", "×", "0")
        return rows

    def _ask(self, rows: Sequence[Mapping[str, Any]]) -> None:
        super()._ask(rows)
        ids = {row["person_id"] for row in rows if row.get("person_id")}
        wishes = self.context.known.children("job_wish", "person_id", ids)
        self.open = {id: [wish for wish in wishes_of_person if wish["closed_on"] is None] for id, wishes_of_person in wishes.items()}

    def _same(self, values: Mapping[str, Any]) -> Row | None:
        """The wish opened on the stated date; if the list states none, the person's open wish."""
        return super()._same(values) or (
            None if values.get("opened_on") else next(iter(self.open.get(values.get("person_id", ""), ())), None)
        )

    def _new(self, i: int, row: PlanRow, values: dict[str, Any], village: str, id: str | None) -> Any:
        if values.get("opened_on") is None:
            values["opened_on"] = self.day
            self.context.propose(_("名册没有登记日期，就业需求记为 {day} 提出，请事后核对").format(day=self.day))
        return super()._new(i, row, values, village, id)


def _day_of(titles: Sequence[str]) -> str | None:
    """The first full date in the lines above a list."""
    opened = kind_of("job_wish").by_name["opened_on"]
    for title in titles:
        for hit in _DAY.finditer(title):
            try:
                return str(opened.read(hit[0]))
            except FieldError:
                continue
    return None

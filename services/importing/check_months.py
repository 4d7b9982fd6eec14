"""务工月监测: one column for each month, or one month's list that says only whether people work → each person's status in a month."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from domain.divisions import Region, region
from domain.errors import FieldError
from domain.fields import declaration
from domain.records import MonthlyCheck
from domain.words import _
from services.importing.cells import Notice, place_code, reader, text_of
from services.importing.drafting import Context
from services.importing.headings import Heading
from services.importing.known import PersonRef
from services.importing.lines import Lines
from services.importing.occasions import OccasionMaker
from services.importing.people import NAME
from services.importing.people_maker import PeopleMaker, Ready
from services.importing.plan import Level, PlanRow

_KIND = "monthly_check"
_WORKS = re.compile("[是√1]|(?:仍|还)?在[岗外]|已?(?:外出)?务工")
_SAYS_WHETHER = ("work.already", "work.still")


class CheckMonthMaker(PeopleMaker):
    """Makes the rows of one list of people with a status for each month."""

    reads: tuple[str, ...] = ("person.", "area.")

    def _rows(self) -> list[tuple[int, PlanRow]]:
        read = status_or_place(self.lines.home)
        self.months: list[tuple[str, Heading, list[Any]]] = self.lines.month_counts(declaration(MonthlyCheck.status), read)
        return super()._rows()

    def _ask(self, ready: Ready) -> str:
        ids = {person.id for _i, _row, person in ready}
        self.stored = {row["id"]: row for row in self.context.known.where(_KIND, "person_id", ids, deleted=True)}
        return _("核对务工月监测")

    def _row(self, i: int, row: PlanRow, person: PersonRef) -> None:
        for month, _heading, values in self.months:
            if values[i] is None:
                continue
            values_of_month = {"person_id": person.id, "month": month, **values[i]}
            made = self.context.new(_KIND, person.village, values_of_month)
            first = self.context.claim(row, _KIND, made.id)
            if first is not None and not any(issue.code == "duplicate" for issue in row.issues):
                self.lines.add_issue(row, i, NAME, _("与{place}是同一个人").format(place=first), "duplicate", Level.QUESTION)
            row.drafts = [*row.drafts, self.context.found_again(made, self.stored.get(made.id), values_of_month)]


def status_or_place(home: str) -> Callable[[Any, list[Notice]], dict[str, str] | None]:
    """A reader for a month's cell: a status, or the place outside the county where the person is away."""
    status = reader(replace(declaration(MonthlyCheck.status), required=False), home=home)

    def read(cell: Any, notices: list[Notice]) -> dict[str, str] | None:
        try:
            said = status(cell, notices)
        except FieldError:
            place = place_code(text_of(cell), home, notices)
            if place is None or region(place, home) is Region.COUNTY:
                raise
            return {"status": "away", "place": place}
        return None if said is None else {"status": str(said)}

    return read


class CheckMaker(OccasionMaker):
    """Makes the rows of one month's list. If it says only whether a person works, those working outside the county are away."""

    def __init__(self, context: Context, lines: Lines, titled: str | None) -> None:
        super().__init__(context, lines, titled)
        self.reads += _SAYS_WHETHER

    def _values(self, i: int, row: PlanRow) -> dict[str, Any]:
        values = super()._values(i, row)
        target = next((target for target in _SAYS_WHETHER if self.lines.has(target)), None)
        if target is not None and "status" not in self.names and not row.refused:
            place = values.get("place")
            if _WORKS.fullmatch(self.lines.text(target)[i]) and place and region(str(place), self.lines.home) is not Region.COUNTY:
                values["status"] = "away"
            else:
                message = _("只写了「{text}」，看不出这个月在做什么；请写在县内做什么，或为什么没有务工，例如：公益岗、灵活就业、待业")
                self.lines.add_issue(row, i, target, message.format(text=self.lines.written(target)[i][:20]), "status")
        return values

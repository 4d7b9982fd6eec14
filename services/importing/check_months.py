"""务工月监测 with one column for each month → each person's status in each month."""

from __future__ import annotations

from typing import Any

from domain.fields import declaration
from domain.records import MonthlyCheck
from domain.words import _
from services.importing.headings import Heading
from services.importing.known import PersonRef
from services.importing.people import NAME
from services.importing.people_maker import PeopleMaker, Ready
from services.importing.plan import Level, PlanRow

_KIND = "monthly_check"


class CheckMonthMaker(PeopleMaker):
    """Makes the rows of one list of people with a status for each month."""

    reads: tuple[str, ...] = ("person.", "area.")

    def _rows(self) -> list[tuple[int, PlanRow]]:
        self.months: list[tuple[str, Heading, list[Any]]] = self.lines.month_counts(declaration(MonthlyCheck.status))
        return super()._rows()

    def _ask(self, ready: Ready) -> str:
        ids = {person.id for _i, _row, person in ready}
        self.stored = {row["id"]: row for row in self.context.known.where(_KIND, "person_id", ids, deleted=True)}
        return _("核对务工月监测")

    def _row(self, i: int, row: PlanRow, person: PersonRef) -> None:
        for month, _heading, values in self.months:
            if values[i] is None:
                continue
            values_of_month = {"person_id": person.id, "month": month, "status": values[i]}
            made = self.context.new(_KIND, person.village, values_of_month)
            first = self.context.claim(row, _KIND, made.id)
            if first is not None and not any(issue.code == "duplicate" for issue in row.issues):
                self.lines.add_issue(row, i, NAME, _("与{place}是同一个人").format(place=first), "duplicate", Level.QUESTION)
            row.drafts = [*row.drafts, self.context.found_again(made, self.stored.get(made.id), values_of_month)]

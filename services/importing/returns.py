"""返乡人员台账 → the end of the work that each person was doing, without a start of its own."""

from __future__ import annotations

from typing import Any

from domain import periods
from domain.words import _
from services.importing.drafting import against
from services.importing.heading_words import plain
from services.importing.known import PersonRef, Row
from services.importing.people_maker import PeopleMaker, Ready
from services.importing.plan import Level, PlanRow


class ReturnMaker(PeopleMaker):
    """Makes the rows of one list of people who have come back."""

    reads: tuple[str, ...] = ("person.", "employment.end", "employment.employer_name", "area.")

    def _ask(self, ready: Ready) -> str:
        self.spells = self.context.known.children("employment", "person_id", {person.id for _i, _row, person in ready})
        return _("核对务工名单")

    def _row(self, i: int, row: PlanRow, person: PersonRef) -> None:
        lines = self.lines
        end, reason = lines.values("employment.end")[i], lines.values("employment.end_reason")[i]
        if end is None:
            lines.add_issue(row, i, "employment.end", _("没有写明哪天返乡"), "required")
            return
        open_ones = self._ended_by(person, end, str(lines.values("employment.employer_name")[i] or ""))
        if len(open_ones) != 1:
            message = (
                _("台账里{name}没有在外的务工记录，请先导入务工名单") if not open_ones else _("{name}有不止一段在外的务工，请写明单位")
            )
            lines.add_issue(row, i, "employment.end", message.format(name=person.name), "reference")
            return
        values: dict[str, Any] = {"end": end} | ({"end_reason": reason} if reason else {})
        if (first := self.context.claim(row, "employment", open_ones[0]["id"])) is not None:
            row.add(lines.of_row(i, _("与{place}是同一段务工").format(place=first), "duplicate", Level.QUESTION))
        row.drafts = [against("employment", open_ones[0], values)]

    def _ended_by(self, person: PersonRef, end: str, employer: str) -> list[Row]:
        """The person's employments that began by then and are open or have this end; those with the employer if the list names one that is
        known."""
        begun = [
            spell
            for spell in self.spells.get(person.id, ())
            if periods.first_day(spell["start"]) <= periods.last_day(end) and spell["end"] in (None, end)
        ]
        named = [spell for spell in begun if employer and plain(spell["employer_name"] or "") == plain(employer)]
        return named or begun

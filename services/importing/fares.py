"""Makes travel records from the fares in a list of work away: one for each person and year (article 三)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.errors import FieldError
from domain.words import _
from services.importing.drafting import Context, found_again
from services.importing.known import PersonRef
from services.importing.lines import Lines
from services.importing.plan import Draft, Level, PlanRow

_FARES = ("outward", "homeward", "way", "promise")


class Fares:
    """Makes the travel records of one list."""

    def __init__(self, context: Context, lines: Lines, people: Mapping[int, PersonRef]) -> None:
        self.context = context
        self.lines = lines
        self.has_fares = any(lines.has(f"travel.{name}") for name in ("outward", "homeward"))
        ids = {person.id for person in people.values()} if self.has_fares else set()
        self.stored = {row["id"]: row for row in context.known.where("travel", "person_id", ids, deleted=True)}

    def drafts(self, i: int, row: PlanRow, person: PersonRef, spell: Mapping[str, Any]) -> list[Draft]:
        """The travel record of row `i`: for the year it states, otherwise for the year in which the work ended. Only the first row of a
        person and year counts; later ones get a warning."""
        values = {name: value for name in _FARES if (value := self.lines.values(f"travel.{name}")[i]) is not None} if self.has_fares else {}
        year = self.lines.values("travel.year")[i] or str(spell.get("end") or spell.get("start") or "")[:4]
        if not values or not year:
            return []
        made = self.context.new("travel", person.village, {"person_id": person.id, "year": int(year), **values})
        first = self.context.claim(row, "travel", made.id)
        if first is not None:
            message = _("{year} 年的路费已按{place}登记，这一行的没有计入；一趟分几段的，请合计写在一行").format(year=year, place=first)
            self.lines.add_issue(row, i, "travel.outward", message, "fare", Level.WARNING)
            return []
        try:
            return [found_again(made, self.stored.get(made.id), values)]
        except FieldError as error:
            self.lines.add_issue(row, i, "travel.outward", str(error), error.code, Level.WARNING)
            return []

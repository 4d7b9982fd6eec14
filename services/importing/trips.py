"""Makes the trip, and its members, from a list of people taken to work together (点对点输送): one trip for each day and destination."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.words import _
from services.importing.drafting import Context, against, found_again
from services.importing.known import PersonRef
from services.importing.lines import Lines
from services.importing.plan import Draft, PlanRow

_TOGETHER = "employment.point_to_point"


class Trips:
    """The trips of one list of work."""

    def __init__(self, context: Context, lines: Lines, people: Mapping[int, PersonRef]) -> None:
        self.context, self.lines = context, lines
        self.titled = _TOGETHER in lines.binding.title_values
        """Whether the title says that all people of the list travelled together."""
        self.known = context.known.all("labour_trip") if self.titled else []
        ids = {person.id for person in people.values()} if self.titled else set()
        self.stored = {row["id"]: row for row in context.known.where("trip_member", "person_id", ids, deleted=True)}

    def drafts(self, row: PlanRow, person: PersonRef, spell: Mapping[str, Any]) -> list[Draft]:
        """The membership of a row's person in the trip on the day that the work starts; empty if the day is not known."""
        day = str(spell.get("start") or "")
        if not self.titled or len(day) != 10:
            return []
        trip = self._trip(person.village, day, str(spell.get("place") or ""))
        values = {"trip_id": trip.id, "person_id": person.id}
        made = self.context.new("trip_member", person.village, values)
        if self.context.claim(row, "trip_member", made.id) is not None:
            return []
        row.uses.append(trip)
        return [found_again(made, self.stored.get(made.id), values)]

    def _trip(self, village: str, day: str, place: str) -> Draft:
        def make() -> Draft:
            given = {name: value for name in ("number", "way", "organiser") if (value := self.lines.values(f"labour_trip.{name}")[0])}
            values = {**given, "on": day, **({"to": place} if place else {})}
            same = [trip for trip in self.known if (trip["village"], trip["on"], trip["to"] or "") == (village, day, place)]
            if same:
                return against("labour_trip", same[0], values)
            self.context.propose(_("新建输出批次：{day} 出发").format(day=day))
            return self.context.new("labour_trip", village, values)

        return self.context.shared_draft(("labour_trip", village, day, place), make)

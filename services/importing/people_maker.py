"""What all rosters about people in the store have in common: whose each row is, one row after another, and particulars of theirs."""

from __future__ import annotations

from collections.abc import Sequence

from domain.errors import FieldError
from services.importing.drafting import TICK, Context, add
from services.importing.known import PersonRef
from services.importing.lines import Lines
from services.importing.particulars import fill_particulars
from services.importing.people import data_rows, find_people
from services.importing.plan import PlanRow

Ready = Sequence[tuple[int, PlanRow, PersonRef]]
"""Rows that are in order so far, with their number in the table and the person each is of."""


class PeopleMaker:
    """Makes the rows of one table; each sort of roster says what it asks of the store beforehand, and what a row comes to."""

    reads: tuple[str, ...]

    def __init__(self, context: Context, lines: Lines, titled: str | None) -> None:
        self.context, self.lines, self.titled = context, lines, titled

    def make(self) -> list[PlanRow]:
        """The plan's rows in order."""
        lines = self.lines
        lines.read(self.reads)
        rows = self._rows()
        people = find_people(self.context, lines, rows, self.titled)
        ready = [(i, row, people[i]) for i, row in rows if i in people and not row.refused]
        told = self._ask(ready)
        for step, (i, row, person) in enumerate(ready):
            if step % TICK == 0:
                self.context.tick(step, len(ready), told)
            if row.refused:
                continue  # for what came out when the store was asked
            try:
                self._row(i, row, person)
            except FieldError as error:
                add(row, lines.of_row(i, str(error), error.code))
        fill_particulars(self.context, lines, rows, people)
        return [row for _i, row in rows]

    def _rows(self) -> list[tuple[int, PlanRow]]:
        """The rows that are data."""
        return data_rows(self.lines)

    def _ask(self, ready: Ready) -> str:
        """Ask the store for what these rows may mean; answers what the progress calls it."""
        raise NotImplementedError

    def _row(self, i: int, row: PlanRow, person: PersonRef) -> None:
        """Fill one row's drafts. A FieldError refuses the row."""
        raise NotImplementedError

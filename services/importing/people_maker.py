"""The common part of all rosters about people in the store: find the person of each row, plan the rows, and fill in particulars."""

from __future__ import annotations

import re
from collections.abc import Sequence

from domain.errors import FieldError
from domain.words import _
from services.importing.drafting import TICK, Context
from services.importing.known import PersonRef
from services.importing.lines import Lines
from services.importing.particulars import fill_particulars
from services.importing.people import data_rows, find_people
from services.importing.plan import Level, PlanRow

_RETURNED = re.compile(
    "失败|(?<!无)错误|不符(?!合)|退回|退票|退汇|[未没不](?:成功|到账|发(?!现)放?|打?卡|入账)|(?<!无)(?<!没有)(?<!未见)(?<!未发现)异常|拒绝"
)
Ready = Sequence[tuple[int, PlanRow, PersonRef]]
"""Rows without errors so far: index in the table, plan row, person."""


class PeopleMaker:
    """Makes the rows of one table. Subclasses define the bulk look-up (`_ask`) and what a row becomes (`_row`)."""

    reads: tuple[str, ...]

    def __init__(self, context: Context, lines: Lines, titled: str | None) -> None:
        self.context, self.lines, self.titled = context, lines, titled

    def make(self) -> list[PlanRow]:
        """The plan's rows in order."""
        lines = self.lines
        lines.read(self.reads)
        rows = self._rows()
        people = find_people(self.context, lines, rows, self.titled)
        self._failed(rows)
        ready = [(i, row, people[i]) for i, row in rows if i in people and not row.refused]
        label = self._ask(ready)
        for step, (i, row, person) in enumerate(ready):
            if step % TICK == 0:
                self.context.tick(step, len(ready), label)
            if row.refused:
                continue  # refused by `_ask`
            try:
                self._row(i, row, person)
            except FieldError as error:
                row.add(lines.of_row(i, str(error), error.code))
        fill_particulars(self.context, lines, rows, people)
        return [row for _i, row in rows]

    def _failed(self, rows: Sequence[tuple[int, PlanRow]]) -> None:
        """Make each payment that the bank returned a question, because the person did not get the money."""
        for i, row in rows if self.lines.has("paid.outcome") else ():
            if not row.skipped and _RETURNED.search(self.lines.written("paid.outcome")[i]):
                message = _("银行没有发放成功；确实已经发到本人手里的再收下")
                self.lines.add_issue(row, i, "paid.outcome", message, "sent_back", Level.QUESTION)

    def _rows(self) -> list[tuple[int, PlanRow]]:
        """The rows that are data."""
        return data_rows(self.lines)

    def _ask(self, ready: Ready) -> str:
        """Look up in bulk the stored records to which the rows may refer; returns the label for the progress display."""
        raise NotImplementedError

    def _row(self, i: int, row: PlanRow, person: PersonRef) -> None:
        """Add the drafts of one row. A `FieldError` refuses the row."""
        raise NotImplementedError

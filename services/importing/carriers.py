"""就业帮扶车间台账 → employers, and their recognitions as given by 认定文号 and 认定日期 (`domain.md` §6.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain.fields import kind_of
from domain.words import _
from services.importing.carrier_names import carrier_type
from services.importing.drafting import Context, against
from services.importing.generic import GenericMaker
from services.importing.known import Row
from services.importing.lines import Lines
from services.importing.plan import Action, Draft, Level, PlanRow
from services.importing.terms import coarse_start, known_start

_DOCUMENT = ("type", "number", "start", "end")
_OTHER_WORDS = {"agency": "agency_licence", "broker": "broker_licence"}
"""Types of employer whose recognition has a different code; the others have the same code, or no recognition."""


class CarrierMaker(GenericMaker):
    """Makes the rows of one ledger of workshops and other carriers: an employer and its recognition."""

    def __init__(self, context: Context, lines: Lines, titled: str | None) -> None:
        super().__init__(context, lines, titled)
        self.reads = (*self.reads, "recognition.")
        lines.coarse = frozenset({"recognition.start"})
        self.documents: dict[str, list[Row]] = {}

    def _ask(self, rows: Sequence[Mapping[str, Any]]) -> None:
        super()._ask(rows)
        ids = [row["id"] for rows in self.found.values() for row in rows]
        self.documents = self.context.known.children("recognition", "employer_id", ids)

    def _values(self, i: int, row: PlanRow) -> dict[str, Any]:
        """As in any list; if there is no column for the type, it is read from the name."""
        values = super()._values(i, row)
        if values.get("name") and not self.lines.has("employer.type"):
            values["type"] = carrier_type(values["name"])
        return values

    def _row(self, i: int, row: PlanRow, values: dict[str, Any], id: str | None) -> None:
        proposed = () if self.lines.has("employer.type") else ("type",)
        if proposed and (current := self._same(values)) is not None:
            values["type"] = current["type"]
        super()._row(i, row, values, id)
        if not row.refused and row.drafts:
            row.drafts[0].proposed = proposed if row.drafts[0].action is Action.NEW else ()
            row.drafts += self._recognition(i, row, row.drafts[0], str(values.get("type")))

    def _recognition(self, i: int, row: PlanRow, employer: Draft, employer_type: str) -> list[Draft]:
        """The recognition that a row describes: an existing one with the same type and number or start, otherwise a new one. None without a
        start, or for a type of employer that has no recognition."""
        lines = self.lines
        given = {name: value for name in _DOCUMENT if (value := lines.values(f"recognition.{name}")[i]) is not None}
        if not given.keys() & {"number", "start"}:
            return []
        type = given.setdefault("type", _OTHER_WORDS.get(employer_type, employer_type))
        if type not in (kind_of("recognition").by_name["type"].choices or {}):
            message = _("这类单位没有相应的认定类别，认定没有导入")
            lines.add_issue(row, i, "recognition.number", message, "recognition", Level.WARNING)
            return []
        self._complete_start(i, row, self.documents.get(employer.id, ()), given)
        current = _same_document(self.documents.get(employer.id, ()), given)
        if current is not None:
            return [against("recognition", current, given)]
        if "start" not in given:
            message = _("有认定文号没有认定日期，认定没有导入，请补上日期")
            lines.add_issue(row, i, "recognition.number", message, "recognition", Level.WARNING)
            return []
        return [self.context.new("recognition", employer.village, {"employer_id": employer.id, **given})]

    def _complete_start(self, i: int, row: PlanRow, documents: Sequence[Row], given: dict[str, Any]) -> None:
        """Complete a start of which only the month or year is known: the start of a recorded document within it, otherwise its first day,
        which the clerk is asked to confirm."""
        start, number = given.get("start"), given.get("number")
        if start is None or len(start) == 10:
            return
        alike = (d["start"] for d in documents if d["type"] == given["type"] and (not number or d["number"] in (None, "", number)))
        given["start"] = known_start(start, alike)
        if given["start"] is None:
            given["start"], question = coarse_start(start, self.lines.written("recognition.start")[i])
            self.lines.add_issue(row, i, "recognition.start", question, "date_coarse", Level.QUESTION)


def _same_document(documents: Sequence[Row], given: Mapping[str, Any]) -> Row | None:
    """The document of that type with the same number; otherwise the one with the same start, if it or the row has no number."""
    alike = [document for document in documents if document["type"] == given["type"]]
    by_number = next((d for d in alike if given.get("number") and d["number"] == given["number"]), None)
    by_day = (d for d in alike if d["start"] == given.get("start") and (not d["number"] or not given.get("number")))
    return by_number or next(by_day, None)

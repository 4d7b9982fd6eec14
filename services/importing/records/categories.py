"""Makes the category spans of the people in a registry: 户类型 without dates, 监测对象类别 with dates and risks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from domain.fields import kind_of
from domain.records.people import MONITORED
from domain.words import _
from services.importing.plan import Action, Draft, Level, PlanRow
from services.importing.rows.drafting import Context, against
from services.importing.rows.known import Row
from services.importing.rows.lines import Lines

_SPAN = ("start", "end", "risks", "exit_kind")
COLUMNS = tuple(f"category_span.{name}" for name in ("category", "monitored", *_SPAN))
"""The columns that are read. 来源 is not: in the export of a form it is where the form was filled in."""
_UNDATED = frozenset({"lifted", "ordinary"})
"""Categories without dates in a registry; its dates are those of the monitored category."""


class Categories:
    """The category spans of one registry."""

    def __init__(self, context: Context, lines: Lines) -> None:
        self.context, self.lines = context, lines
        self.kind = kind_of("category_span")
        self.category = lines.values("category_span.category")
        self.monitored = lines.values("category_span.monitored")
        self.spells = [(name, lines.values(f"category_span.{name}")) for name in _SPAN if lines.has(f"category_span.{name}")]
        self.spans: dict[str, list[Row]] = {}
        """The stored spans of a block's people."""

    def ask(self, people: Iterable[str]) -> None:
        """Look up the stored spans of a block's people."""
        self.spans = self.context.known.children("category_span", "person_id", people) if people else {}

    def drafts(self, i: int, row: PlanRow, person: Draft, village: str) -> list[Draft]:
        """The category spans of a person: 户类型 without dates, 监测对象类别 with dates and risks."""
        category, monitored = self.category[i], self.monitored[i]
        facts = {name: column[i] for name, column in self.spells if column[i] is not None} if self.spells else {}
        drafts = []
        for target, code in (("category", category), ("monitored", monitored)):
            if code is not None and (target == "category" or code != category):
                self._contradicted(i, row, person, f"category_span.{target}", code)
        if category is not None and category != monitored:
            drafts.append(self._span(person, village, category, {} if monitored or category in _UNDATED else facts))
        if monitored is not None:
            drafts.append(self._span(person, village, monitored, facts))
        return drafts

    def _contradicted(self, i: int, row: PlanRow, person: Draft, target: str, category: str) -> None:
        """Warn if the store has another category that excludes the new one; both are kept."""
        exclusive = next((one for one in (_UNDATED, MONITORED) if category in one), frozenset[str]())
        recorded = {span["category"] for span in self.spans.get(person.id, ()) if span["end"] is None} & exclusive
        if recorded and category not in recorded:
            show = self.kind.by_name["category"].show
            message = _("台账里是「{known}」，名册写的是「{said}」；导入后两条都在，请核对").format(
                known=show(recorded.pop()), said=show(category)
            )
            self.lines.add_issue(row, i, target, message, "category", Level.WARNING)

    def _span(self, person: Draft, village: str, category: str, facts: Mapping[str, Any]) -> Draft:
        """The stored span of that category with the same start, or with one of the two starts unknown; otherwise a new one."""
        values = {"person_id": person.id, "category": category, **facts}
        spans = [span for span in self.spans.get(person.id, ()) if span["category"] == category]
        start = facts.get("start")
        same = next((s for s in spans if s["start"] == start), None) or next(
            (s for s in spans if s["start"] is None or start is None), None
        )
        if same is not None:
            return against(self.kind, same, values)
        values["source"] = "import"
        key = ("category_span", person.id, category, str(start))
        earlier = self.context.shared.get(key)  # from another row about the same person
        if earlier is not None:
            return earlier.amended(values)
        self.context.shared[key] = draft = Draft(self.kind, self.context.session.new_id(), village, Action.NEW, values)
        return draft

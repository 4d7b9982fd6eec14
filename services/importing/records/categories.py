"""Makes the category spans of the people in a registry: 户类型 without dates, 监测对象类别 with dates and risks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
ORDINARY = "ordinary"
_LAST = ("end", "exit_kind")
_YES = frozenset({"是", "已消除", "√", "✓", "1", "已解除", "消除"})
_UNDATED = frozenset({"lifted", ORDINARY})
"""Categories without dates in a registry; its dates are those of the monitored category."""


class Categories:
    """The category spans of one registry."""

    def __init__(self, context: Context, lines: Lines) -> None:
        self.context, self.lines = context, lines
        self.kind = kind_of("category_span")
        self.category = lines.values("category_span.category")
        self.monitored = lines.values("category_span.monitored")
        self.cleared = lines.text("cleared")
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
        drafts: list[Draft] = []
        if category == ORDINARY and monitored is None and (last := {n: v for n, v in facts.items() if n in _LAST}).get("end"):
            drafts += self._ended(person, last)
        if category is not None and category != monitored and not (category == ORDINARY and monitored):
            since = {"start": facts["end"]} if drafts else {}  # of 一般农户: since the end of what the person was before
            drafts.append(self._span(person, village, category, since if monitored or category in _UNDATED else facts))
        if monitored is not None:
            drafts.append(self._span(person, village, monitored, facts))
        for target, code in (("category", category), ("monitored", monitored)):
            if (
                code is not None
                and (target == "category" or code != category)
                and not (code == ORDINARY and monitored)
                and not (target == "monitored" and facts.get("end"))
            ):
                self._contradicted(i, row, person, f"category_span.{target}", code, drafts)
        self._asked_when(i, row, person, drafts)
        return drafts

    def _open(self, person: Draft, ended: Iterable[Draft] = ()) -> list[Row]:
        """The stored spans without an end that no draft ends."""
        over = {draft.id for draft in ended if draft.values.get("end")}
        return [span for span in self.spans.get(person.id, ()) if span["end"] is None and span["id"] not in over]

    def _ended(self, person: Draft, last: Mapping[str, Any]) -> list[Draft]:
        """The ends of the monitored spans of somebody who is no longer monitored."""
        return [against(self.kind, span, last) for span in self._open(person) if span["category"] in MONITORED]

    def _asked_when(self, i: int, row: PlanRow, person: Draft, drafts: Sequence[Draft]) -> None:
        """Ask where the risk is said to be cleared, without a day: without an end the person goes on being monitored."""
        if self.cleared[i] not in _YES:
            return
        new = any(one.action is Action.NEW and one.values["category"] in MONITORED and not one.values.get("end") for one in drafts)
        if new or any(span["category"] in MONITORED for span in self._open(person, drafts)):
            message = _("写着风险已消除，没有写哪天消除的。请在「消除监测时间」里填上日期再导入（不知道几号的写到月）；收下则仍算在监测")
            self.lines.add_issue(row, i, "cleared", message, "cleared", Level.QUESTION)

    def _contradicted(self, i: int, row: PlanRow, person: Draft, target: str, category: str, drafts: Sequence[Draft]) -> None:
        """Warn if the store has another category that excludes the new one, and ask where one of the two is 一般农户: both would be kept,
        and every verdict be left to the county. `drafts`: the spans that the row ends."""
        exclusive = next((one for one in (_UNDATED, MONITORED) if category in one), frozenset[str]())
        known = {span["category"] for span in self._open(person, drafts)}
        show = self.kind.by_name["category"].show
        if category not in known and (ORDINARY in known or (category == ORDINARY and known)):
            message = _(
                "台账里是「{known}」，没有结束时间，名册写的是「{said}」。请先在台账里给「{known}」填上结束时间（从哪天起不是了）再导入；"
                "收下则两条都在，判定都要县里核定"
            )
            other = ORDINARY if ORDINARY in known else min(known)
            self.lines.add_issue(row, i, target, message.format(known=show(other), said=show(category)), "category", Level.QUESTION)
        elif category not in known and known & exclusive:
            message = _("台账里是「{known}」，名册写的是「{said}」；导入后两条都在，请核对")
            text = message.format(known=show(min(known & exclusive)), said=show(category))
            self.lines.add_issue(row, i, target, text, "category", Level.WARNING)

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

"""The progress of the villages with a survey, and the answers to its questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain import divisions, surveys
from domain.grouping import by_key
from domain.records import SurveyItem
from domain.words import _
from services.surveys.surveys import SurveySheet


@dataclass(frozen=True)
class Reach:
    """The progress of a village: people asked, and people whose answers are complete."""

    area: str
    name: str
    people: int
    done: int


@dataclass(frozen=True)
class Tally:
    """The answers to a question: their number, the number for each choice, and for numbers the sum and the mean to two decimals."""

    item: SurveyItem
    answered: int
    parts: Sequence[tuple[str, int]] = ()
    total: Decimal | None = None
    mean: Decimal | None = None
    invalid: int = 0
    """The number of answers that no longer fit the question, because it was changed."""

    def summary(self) -> str:
        """The answers in one line; "" for free text."""
        parts = [f"{word} {n}" for word, n in self.parts]
        if self.mean is not None:
            parts.append(_("合计 {total}，平均 {mean}").format(total=self.total, mean=self.mean))
        if self.invalid:
            parts.append(_("对不上的 {n}").format(n=self.invalid))
        return "　".join(parts)


def reach(sheet: SurveySheet) -> list[Reach]:
    """The progress of each village, in the order of their codes."""
    found = sorted(by_key((one.village, one) for one in sheet.people).items())
    return [Reach(area, divisions.called(area), len(people), sum(sheet.complete(one.answers) for one in people)) for area, people in found]


def tally(sheet: SurveySheet) -> list[Tally]:
    """The answers to each question, of the people who are asked it."""
    given: dict[str, list[str]] = {item.id: [] for item in sheet.items}
    for one in sheet.people:
        for item in sheet.asked(one.answers):
            if item.id in one.answers:
                given[item.id].append(one.answers[item.id])
    return [_tally(item, given[item.id]) for item in sheet.items]


def _tally(item: SurveyItem, given: Sequence[str]) -> Tally:
    known: Counter[str] = Counter()
    for value, n in Counter(given).items():
        known[surveys.reread(item, value) or ""] += n
    invalid = known.pop("", 0)
    if item.type == "number":
        total = sum((Decimal(value) * n for value, n in known.items()), Decimal())
        return Tally(item, len(given), (), total, round(total / known.total(), 2) if known else None, invalid)
    chosen: Counter[str] = Counter()
    for value, n in known.items():
        chosen.update(dict.fromkeys(surveys.words(value) if item.type == "choices" else [value], n))
    return Tally(item, len(given), [(word, chosen[word]) for word in surveys.choices_of(item)], invalid=invalid)

"""The progress of the villages with a survey, the answers to its questions, and who gave them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from db.session import Session
from domain import divisions, surveys
from domain.grouping import by_key
from domain.records import Survey, SurveyItem
from domain.words import _
from services.surveys.surveys import Respondent, SurveySheet, open_sheet


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


@dataclass(frozen=True)
class Line:
    """A line of the results: everybody who answered a question (`word` is empty), or those whose answer is or holds `word`."""

    item: SurveyItem
    word: str
    people: int
    told: str
    """What the line says after the question: the answer, or sum and mean of numbers."""

    @property
    def key(self) -> str:
        """Names these people to `among_answers`."""
        return f"{self.item.id}={self.word}"


def reach(sheet: SurveySheet) -> list[Reach]:
    """The progress of each village, in the order of their codes."""
    found = sorted(by_key((one.village, one) for one in sheet.people).items())
    return [Reach(area, divisions.called(area), len(people), sum(sheet.complete(one.answers) for one in people)) for area, people in found]


def tally(sheet: SurveySheet) -> list[Tally]:
    """The answers to each question, of the people who are asked it."""
    return [_tally(item, [one.answers[item.id] for one in people]) for item, people in _answered(sheet)]


def lines(sheet: SurveySheet) -> list[Line]:
    """The results line by line: each question, and below it each of its choices."""
    found = []
    for one in tally(sheet):
        found.append(Line(one.item, "", one.answered, _("已答") if one.parts else one.summary() or _("已答")))
        found += [Line(one.item, word, n, word) for word, n in one.parts]
    return found


def who(sheet: SurveySheet, item_id: str, word: str) -> list[str]:
    """Ids of the people whom a line of the results counts."""
    return [
        one.id
        for item, people in _answered(sheet)
        if item.id == item_id
        for one in people
        if not word or word in _chosen(item, surveys.reread(item, one.answers[item_id]) or "")
    ]


def among_answers(session: Session, key: str) -> tuple[str, Sequence[str]]:
    """What the key of a `Line` means in words, and the ids of its people. Of a question that is gone: nobody."""
    item_id, _sign, word = key.partition("=")
    item = session.get(SurveyItem.KIND, item_id)
    if item is None or session.get(Survey.KIND, item.survey_id) is None:
        return _("这个问题已经删除"), ()
    told = _("「{label}」答{word}").format(label=item.label, word=word) if word else _("答了「{label}」").format(label=item.label)
    return told, who(open_sheet(session, item.survey_id), item_id, word)


def _answered(sheet: SurveySheet) -> Iterator[tuple[SurveyItem, list[Respondent]]]:
    """Each question with the people who are asked it and answered."""
    given = by_key((item.id, one) for one in sheet.people for item in sheet.asked(one.answers) if item.id in one.answers)
    return ((item, given.get(item.id, [])) for item in sheet.items)


def _chosen(item: SurveyItem, value: str) -> Sequence[str]:
    return surveys.words(value) if item.type == "choices" else (value,)


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
        chosen.update(dict.fromkeys(_chosen(item, value), n))
    return Tally(item, len(given), [(word, chosen[word]) for word in surveys.choices_of(item)], invalid=invalid)

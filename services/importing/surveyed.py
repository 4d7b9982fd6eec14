"""Makes answers of a filled survey sheet, which is recognised by its columns: the survey's own questions."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

from db.session import Session
from domain import surveys
from domain.errors import FieldError, InputUnusable
from domain.records import Survey, SurveyItem
from domain.words import _
from services.importing.columns import PERSON_KEYS, Binding, bind
from services.importing.heading_words import plain
from services.importing.known import PersonRef, Row
from services.importing.people import NAME
from services.importing.people_maker import PeopleMaker, Ready
from services.importing.plan import Level, PlanRow
from services.importing.rosters import Roster
from services.importing.tables import Found, Heading
from services.surveys import items

NAME_OF_ROSTER = "survey"
_KIND = "survey_answer"


class Surveys:
    """The surveys here, as rosters with a column for each question."""

    def __init__(self, session: Session) -> None:
        self.known: dict[str, Survey] = {survey.id: survey for survey in session.select(Survey)}
        asked = {id: items(session, id) for id in self.known}
        self.rosters = [_roster(survey, asked[survey.id]) for survey in self.known.values()]
        self.words: dict[str, list[SurveyItem]] = {}
        """The questions, by their words as headings are compared: two surveys may ask the same."""
        for item in chain.from_iterable(asked.values()):
            if item.type in surveys.TYPES:
                self.words.setdefault(plain(item.label), []).append(item)

    def recognise(self, found: Found, *, titled: bool, other: Binding | None = None) -> Binding | None:
        """What a table of people is a sheet of: `titled`, the one whose title stands above it; else the one half of whose questions are its
        headings. None for neither, and for what the `other` roster it was taken for knows better. Raises `InputUnusable` for a sheet that
        is closed."""
        said = plain("".join([*found.titles, found.sheet.name, found.sheet.file]))
        wanted = [roster for roster in self.rosters if bool(roster.label and plain(roster.label) in said) == titled]
        rather = _said_by_title if titled else _said_by_questions
        bound = [binding for roster in wanted if _asks(binding := bind(found, roster)) and rather(binding, other)]
        if not bound:
            return None
        best = max(bound, key=lambda one: (titled and len(one.roster.label), len(_questions(one)), self._of(one).closed_on is None))
        survey = self._of(best)
        if survey.closed_on is not None:
            raise InputUnusable(_("「{title}」已于 {day} 结束，不再填写。").format(title=survey.title, day=survey.closed_on))
        return best

    def _of(self, binding: Binding) -> Survey:
        return self.known[binding.roster.needs[0][0]]


def _roster(survey: Survey, questions: list[SurveyItem]) -> Roster:
    columns = {f"{_KIND}.{item.id}": (item.label,) for item in questions if item.type in surveys.TYPES}
    return Roster(NAME_OF_ROSTER, survey.title, ("person",), (_KIND,), needs=((survey.id,),), columns=columns)


def _questions(binding: Binding) -> list[Heading]:
    return [heading for target, heading in binding.columns.items() if target.startswith(_KIND)]


def _asks(binding: Binding) -> bool:
    return any(map(binding.has, PERSON_KEYS)) and bool(_questions(binding))


def _said_by_title(binding: Binding, other: Binding | None) -> bool:
    """Whether a list under the title of a sheet is that sheet: that of a list of wishes may say 就业意愿 too."""
    strange = {heading.index for heading in binding.unmatched}
    known = [heading.index for heading in other.columns.values()] + [heading.index for heading, _month in other.months] if other else []
    return len(_questions(binding)) >= len(strange.intersection(known))


def _said_by_questions(binding: Binding, other: Binding | None) -> bool:
    """Whether a list is the sheet without its title: half of the questions are there, and they mean nothing in the list of people that it
    looks like, as any does that names them. What looks like no roster needs but two."""
    asked = _questions(binding)
    if other is not None:
        strange = {heading.index for heading in other.unmatched}
        asked = [heading for heading in asked if heading.index in strange]
    half = 2 * len(asked) >= len(binding.roster.columns)
    return half and other.roster.name == "registry" if other is not None else half or len(asked) > 1


class SurveyMaker(PeopleMaker):
    """Makes the rows of one sheet."""

    reads: tuple[str, ...] = ("person.", "area.", f"{_KIND}.")

    def _ask(self, ready: Ready) -> str:
        targets = [target for target in self.lines.binding.columns if target.startswith(_KIND)]
        self.items = {target: self.context.session.get(SurveyItem, target.partition(".")[2]) for target in targets}
        of_people = self.context.known.where(_KIND, "person_id", {person.id for _i, _row, person in ready}, deleted=True)
        self.there: Mapping[tuple[str, str], Row] = {(row["item_id"], row["person_id"]): row for row in of_people}
        return _("核对摸排答案")

    def _row(self, i: int, row: PlanRow, person: PersonRef) -> None:
        first = self.context.claim(row, _KIND, self.lines.binding.roster.label, person.id)
        if first is not None:
            self.lines.tell(row, i, NAME, _("与{place}是同一个人").format(place=first), "duplicate", Level.QUESTION)
        for target, item in self.items.items():
            try:
                value = surveys.read(item, self.lines.written(target)[i])
            except FieldError as error:
                self.lines.tell(row, i, target, str(error), error.code)
                continue
            if value is not None:
                said = {"item_id": item.id, "person_id": person.id, "value": value}
                made = self.context.new(_KIND, person.village, said)
                row.drafts = [*row.drafts, self.context.found_again(made, self.there.get((item.id, person.id)), said)]

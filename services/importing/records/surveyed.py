"""Makes answers from a filled survey sheet, which is recognised by the survey's questions as its columns."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

from db.session import Session
from domain import surveys
from domain.errors import FieldError, InputUnusable
from domain.records import Survey, SurveyItem
from domain.words import _
from services.importing.columns.binding import Binding
from services.importing.columns.matching import PERSON_KEYS, bind
from services.importing.plan import PlanRow
from services.importing.rows.known import PersonRef, Row
from services.importing.rows.people import PeopleMaker, Ready
from services.importing.tables.finding import FoundTable
from services.importing.tables.heading_words import plain
from services.importing.tables.headings import Heading
from services.importing.tables.rosters import Roster
from services.surveys.surveys import items

NAME_OF_ROSTER = "survey"
_KIND = "survey_answer"


class Surveys:
    """The surveys of the store, as rosters with a column for each question."""

    def __init__(self, session: Session) -> None:
        self.known: dict[str, Survey] = {survey.id: survey for survey in session.select(Survey)}
        asked = {id: items(session, id) for id in self.known}
        self.rosters = [_roster(survey, asked[survey.id]) for survey in self.known.values()]
        self.words: dict[str, list[SurveyItem]] = {}
        """The questions by their `plain` text; two surveys may have the same question."""
        for item in chain.from_iterable(asked.values()):
            if item.type in surveys.TYPES:
                self.words.setdefault(plain(item.label), []).append(item)

    def recognise(self, found: FoundTable, *, titled: bool, other: Binding | None = None) -> Binding | None:
        """The survey of which a table is a filled sheet: with `titled` the one whose title is above the table, otherwise one of which half
        the questions are headings. None if there is none, or if `other`, the roster that the table matches, fits better. Raises
        `InputUnusable` for a closed survey."""
        text = plain("".join([*found.titles, found.sheet.name, found.sheet.file]))
        wanted = [roster for roster in self.rosters if bool(roster.label and plain(roster.label) in text) == titled]
        fits = _fits_by_title if titled else _fits_by_questions
        bound = [binding for roster in wanted if _asks(binding := bind(found, roster)) and fits(binding, other)]
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


def _fits_by_title(binding: Binding, other: Binding | None) -> bool:
    """Whether a list with a survey's title is that survey's sheet; the title of a list of wishes may also contain 就业意愿."""
    strange = {heading.index for heading in binding.unmatched}
    known = [heading.index for heading in other.columns.values()] + [heading.index for heading, _month in other.months] if other else []
    return len(_questions(binding)) >= len(strange.intersection(known))


def _fits_by_questions(binding: Binding, other: Binding | None) -> bool:
    """Whether a list without a survey's title is its sheet: half of the questions are headings that the register it resembles does not
    know. Two are enough if it matches no roster."""
    asked = _questions(binding)
    if other is not None:
        strange = {heading.index for heading in other.unmatched}
        asked = [heading for heading in asked if heading.index in strange]
    half = 2 * len(asked) >= len(binding.roster.columns)
    return half and other.roster.name == "registry" if other is not None else half or len(asked) > 1


class SurveyMaker(PeopleMaker):
    """Makes the rows of one survey sheet."""

    reads: tuple[str, ...] = ("person.", "area.", f"{_KIND}.")

    def _ask(self, ready: Ready) -> str:
        targets = [target for target in self.lines.binding.columns if target.startswith(_KIND)]
        self.items = {target: self.context.session.existing(SurveyItem, target.partition(".")[2]) for target in targets}
        of_people = self.context.known.where(_KIND, "person_id", {person.id for _i, _row, person in ready}, deleted=True)
        self.stored: Mapping[tuple[str, str], Row] = {(row["item_id"], row["person_id"]): row for row in of_people}
        return _("核对摸排答案")

    def _row(self, i: int, row: PlanRow, person: PersonRef) -> None:
        self._claim(i, row, _("与{place}是同一个人"), _KIND, self.lines.binding.roster.label, person.id)
        for target, item in self.items.items():
            try:
                value = surveys.read(item, self.lines.written(target)[i])
            except FieldError as error:
                self.lines.add_issue(row, i, target, str(error), error.code)
                continue
            if value is not None:
                answer = {"item_id": item.id, "person_id": person.id, "value": value}
                made = self.context.new(_KIND, person.village, answer)
                row.drafts = [*row.drafts, self.context.found_again(made, self.stored.get((item.id, person.id)), answer)]

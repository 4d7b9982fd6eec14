"""A filled sheet of a survey → answers. Its columns are the survey's own questions, by which it is known."""

from __future__ import annotations

from collections.abc import Mapping

from db.session import Session
from domain import surveys
from domain.errors import FieldError, InputUnusable
from domain.records import Survey, SurveyItem
from domain.words import _
from services.importing.columns import PERSON_KEYS, Binding, bind
from services.importing.drafting import found_again
from services.importing.known import PersonRef, Row
from services.importing.people import NAME
from services.importing.people_maker import PeopleMaker, Ready
from services.importing.plan import Level, PlanRow
from services.importing.rosters import Roster
from services.importing.tables import Found, plain
from services.surveys import items

NAME_OF_ROSTER = "survey"
_KIND = "survey_answer"


class Surveys:
    """The sheets there are here, as rosters with a column for each question."""

    def __init__(self, session: Session) -> None:
        self.known = {survey.id: survey for survey in session.select(Survey)}
        self.rosters = [_roster(survey, items(session, survey.id)) for survey in self.known.values()]

    def recognise(self, found: Found, *, titled: bool) -> Binding | None:
        """What a table of people is a sheet of: `titled`, the one whose title stands above it; else the one most of whose questions are its
        headings. None for neither. Raises `InputUnusable` for a sheet that is closed."""
        said = plain("".join([*found.titles, found.sheet.name, found.sheet.file]))
        bound = [binding for roster in self.rosters if (plain(roster.label) in said) == titled and _asks(binding := bind(found, roster))]
        if not bound:
            return None
        best = max(bound, key=lambda binding: sum(target.startswith(_KIND) for target in binding.columns))
        survey = self.known[best.roster.needs[0][0]]
        if survey.closed_on is not None:
            raise InputUnusable(_("「{title}」已于 {day} 结束，不再填写。").format(title=survey.title, day=survey.closed_on))
        return best


def _roster(survey: Survey, questions: list[SurveyItem]) -> Roster:
    columns = {f"{_KIND}.{item.id}": (item.label,) for item in questions if item.type in surveys.TYPES}
    return Roster(NAME_OF_ROSTER, survey.title, ("person",), (_KIND,), needs=((survey.id,),), columns=columns)


def _asks(binding: Binding) -> bool:
    return any(map(binding.has, PERSON_KEYS)) and any(target.startswith(_KIND) for target in binding.columns)


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
            return
        for target, item in self.items.items():
            try:
                value = surveys.read(item, self.lines.written(target)[i])
            except FieldError as error:
                self.lines.tell(row, i, target, str(error), error.code)
                continue
            if value is not None:
                said = {"item_id": item.id, "person_id": person.id, "value": value}
                made = self.context.new(_KIND, person.village, said)
                row.drafts = [*row.drafts, found_again(made, self.there.get((item.id, person.id)), said)]

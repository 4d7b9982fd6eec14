"""Surveys (摸排): questions that a county, a township or a village asks about its people beyond the ledgers.

    sheet = open_sheet(session, id)               # the people surveyed and their answers
    answer(session, id, {person: {item: "是"}})

`services.surveys.design` makes and changes sheets, `services.surveys.figures` counts answers.

Survey sheets and questions are shared records: every station below the level that asks receives them with its next exchange. An answer
belongs to its person. People who answered stay in the sheet, so that its figures do not shrink when somebody comes home.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, func, select

from db import changes, erased
from db.among import among
from db.mapping import table
from db.merged import any_merged, counted_for, owned, with_owners
from db.session import Session
from domain import divisions, identity, surveys
from domain.divisions import Region
from domain.errors import NotFound, Refused
from domain.fields import kind_of
from domain.grouping import by_key
from domain.kinship import HEAD
from domain.records import Survey, SurveyAnswer, SurveyItem
from domain.records.people import LIFTED, MONITORED
from domain.words import _
from services import records
from services.standing import able_to_work, at_work, living, places, with_category


@dataclass(frozen=True)
class SurveyProgress:
    """A sheet in the list. `people`: surveyed here; `done`: of those, who answered every required question; `own`: may be changed here."""

    survey: Survey
    items: int
    people: int
    done: int
    own: bool

    @property
    def left(self) -> int:
        """Number of people who have not finished."""
        return self.people - self.done


@dataclass(frozen=True)
class Respondent:
    """A person of a sheet. `search_text`: what the search of the sheet matches; `phone` is masked; `answers` by question id."""

    id: str
    name: str
    search_text: str
    village: str
    group: str
    phone: str
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SurveySheet:
    """A sheet with its questions in order and its people sorted by pinyin."""

    survey: Survey
    items: Sequence[SurveyItem]
    people: Sequence[Respondent]
    own: bool

    @cached_property
    def conditions(self) -> surveys.Conditions:
        """The questions with the answers on which they depend."""
        return surveys.conditions(self.items)

    def asked(self, answers: Mapping[str, str]) -> list[SurveyItem]:
        """The questions asked of a person with these answers."""
        return surveys.asked(self.conditions, answers)

    def lacking(self, answers: Mapping[str, str]) -> int:
        """How many answers are still missing: of the required questions that are asked or, where none is required and none is answered, of
        all."""
        return _lacking(self.asked(answers), answers)

    def complete(self, answers: Mapping[str, str]) -> bool:
        """Whether no answer is missing."""
        return not self.lacking(answers)


def chat_text(sheet: SurveySheet) -> str:
    """The message that starts a 接龙 (sign-up chain) in a chat group. The import recognizes the answers by its wording."""
    asked = [_in_chat(item) for item in sheet.items]
    return f"#接龙\n{sheet.survey.title}\n请写：姓名、{'、'.join(asked)}\n（每人一行，各项用空格隔开）\n\n1. "


def _in_chat(item: SurveyItem) -> str:
    offered = "/".join(surveys.choices_of(item))
    several = "，几样用+连起来" if item.type == "choices" else ""
    return surveys.in_chat(item.label) + (f"（{offered}{several}）" if offered else "")


# -- sheets ---------------------------------------------------------------------------------------------------------------------------


def items(session: Session, survey_id: str) -> list[SurveyItem]:
    """The questions of a sheet in order, at most `MOST_ITEMS`."""
    return list(session.select(SurveyItem, survey_id=survey_id, order=("position", "id"), limit=surveys.MOST_ITEMS))


def lines(session: Session, *, open_only: bool = False) -> list[SurveyProgress]:
    """Every sheet, or the open ones: open before closed, then by due date."""
    asked = by_key((one.survey_id, one) for one in session.select(SurveyItem, order=("survey_id", "position", "id")))
    found = []
    for survey in session.select(Survey, closed_on=None) if open_only else session.select(Survey):
        questions = asked.get(survey.id, [])[: surveys.MOST_ITEMS]
        people, done = _figures(session, survey, questions)
        found.append(SurveyProgress(survey, len(questions), people, done, session.may_write(survey.village)))
    return sorted(found, key=lambda one: (one.survey.closed_on is not None, one.survey.due or "9", one.survey.title, one.survey.id))


def waiting(session: Session) -> list[SurveyProgress]:
    """The open sheets that somebody has not finished; a sheet whose questions have not arrived yet is left out."""
    return [one for one in lines(session, open_only=True) if one.left and one.items]


# -- whom it asks, and what they said --------------------------------------------------------------------------------------------


def _about(session: Session, survey: Survey) -> Select[Any]:
    p = table("person")
    day = survey.closed_on or session.today
    everyone = select(p.c.id)
    if survey.about == "heads":
        return everyone.where(p.c.relation == HEAD)
    if survey.about == "labour":
        return everyone.where(*able_to_work(day))
    if survey.about == "away":
        far = at_work(places(session), day).subquery()
        return select(far.c.id).where(far.c.far > list(Region).index(Region.COUNTY))
    codes = {"poor": LIFTED | MONITORED, "lifted": LIFTED, "monitored": MONITORED}.get(survey.about)
    return everyone if codes is None else with_owners(with_category(codes, day))


def _here(session: Session) -> tuple[ColumnElement[bool], ...]:
    """Conditions on people: they may be surveyed."""
    return *living(session.today), erased.kept()


def _answered(session: Session, questions: Sequence[SurveyItem]) -> Subquery:
    """The answers: `by` is the person who answered, `id` that person and, in further rows, the records they were merged into."""
    a = table("survey_answer")
    given = select(a.c.person_id.label("id"), a.c.person_id.label("by"), a.c.item_id, a.c.value).where(
        a.c.deleted_at.is_(None), a.c.value > "", among(a.c.item_id, [one.id for one in questions])
    )
    return (owned(given) if any_merged(session) else given).subquery()


def _people(session: Session, survey: Survey, questions: Sequence[SurveyItem]) -> Select[Any]:
    """Ids of the living people whom a sheet surveys or who have answered it."""
    p, given = table("person"), _answered(session, questions)
    whom = p.c.id.in_(_about(session, survey)) | p.c.id.in_(select(given.c.id))
    return select(p.c.id).where(*_here(session), whom)


def _figures(session: Session, survey: Survey, questions: Sequence[SurveyItem]) -> tuple[int, int]:
    """How many people a sheet surveys, and how many of them have answered every required question that they are asked."""
    people = session.conn.execute(select(func.count()).select_from(_people(session, survey, questions).subquery())).scalar_one()
    return people, (_done_one_by_one if any(one.asked_if for one in questions) else _done)(session, questions)


def _done_one_by_one(session: Session, questions: Sequence[SurveyItem]) -> int:
    """How many have finished a sheet with conditions, which are looked at person by person."""
    p, known = table("person"), surveys.conditions(questions)
    here = set(session.conn.execute(select(p.c.id).where(*_here(session))).scalars())
    given = _given(session, questions)
    return sum(not _lacking(surveys.asked(known, answers), answers) for id, answers in given.items() if id in here)


def _done(session: Session, questions: Sequence[SurveyItem]) -> int:
    p, must = table("person"), [one for one in questions if not one.optional]
    given = _answered(session, must or questions)
    whole = select(given.c.id).group_by(given.c.id).having(func.count(given.c.item_id.distinct()) >= max(len(must), 1))
    done = select(func.count()).select_from(p).where(*_here(session), p.c.id.in_(whole))
    return int(session.conn.execute(done).scalar_one())


def _given(session: Session, questions: Sequence[SurveyItem]) -> dict[str, dict[str, str]]:
    """Answers by person and question; a person's own answer takes precedence over that of a record merged into theirs."""
    given = _answered(session, questions)
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in session.conn.execute(select(given).order_by(given.c.id == given.c.by, given.c.by)):
        found[row.id][row.item_id] = identity.mask_inside(row.value)
    return found


def _lacking(asked: Sequence[SurveyItem], answers: Mapping[str, str]) -> int:
    must = [one.id for one in asked if not one.optional]
    if not must and not answers:
        return len(asked)
    return sum(id not in answers for id in must)


def open_sheet(session: Session, id: str) -> SurveySheet:
    """A sheet with its questions, its people and their answers. Raises `NotFound`."""
    survey = session.existing(Survey.KIND, id)
    questions = items(session, id)
    given = _given(session, questions)
    p, h = table("person"), table("household")
    masked = kind_of("person").by_name["phone"].show
    query = (
        select(p.c.id, p.c.name, p.c.pinyin, p.c.initials, p.c.village, p.c.phone, h.c.group.label("of_group"), h.c.phone.label("of_home"))
        .outerjoin(h, h.c.id == p.c.household_id)
        .where(p.c.id.in_(_people(session, survey, questions)))
        .order_by(p.c.pinyin, p.c.id)
    )
    people = [
        Respondent(
            row.id,
            row.name,
            _search_text(row),
            row.village,
            row.of_group or "",
            masked(row.phone or row.of_home),
            given.get(row.id, {}),
        )
        for row in session.conn.execute(query)
    ]
    return SurveySheet(survey, questions, people, session.may_write(survey.village))


def _search_text(row: Any) -> str:
    words = row.name, (row.pinyin or "").replace(" ", ""), row.initials or "", row.of_group or "", divisions.name(row.village) or ""
    return "\n".join(words).lower()


def answer(session: Session, survey_id: str, given: Mapping[str, Mapping[str, str | None]]) -> int:
    """Record answers by person and question, normalized by `domain.surveys.read`; None or "" deletes one. Returns the number of people.

    Raises `Refused` where the sheet is closed or a person is not this station's, `NotFound` for a person or question that is gone.
    """
    survey = session.existing(Survey.KIND, survey_id)
    if survey.closed_on is not None:
        raise Refused(_("「{title}」已于 {day} 结束，不再填写。").format(title=survey.title, day=survey.closed_on))
    questions = {one.id: one for one in items(session, survey_id)}
    homes = session.column("person", "village", given)
    for person, answers in given.items():
        if person not in homes:
            raise NotFound(_("这个人不在台账里，或已被删除。"))
        records.refuse_foreign(session, homes[person])
        if answers.keys() - questions.keys():
            raise NotFound(_("要填的问题已经不在了，请重新打开这张表。"))
    wanted = {
        (person, item): surveys.read(questions[item], text or "") for person, answers in given.items() for item, text in answers.items()
    }
    _write(session, wanted, homes)
    return len(given)


def _write(session: Session, wanted: Mapping[tuple[str, str], str | None], homes: Mapping[str, str]) -> None:
    a = table("survey_answer")
    whose = counted_for(session, {person for person, _item in wanted})
    query = (
        select(a.c.id, a.c.village, a.c.person_id, a.c.item_id, a.c.value, a.c.deleted_at)
        .where(among(a.c.person_id, whose))
        .order_by(a.c.deleted_at.is_(None), a.c.id)
    )
    known, made, rows = {}, [], session.conn.execute(query).all()
    gone = erased.found(session.conn, ((SurveyAnswer.KIND.number, row.id) for row in rows))
    for row in rows:
        known[row.person_id, row.item_id] = row
        place, kept = (whose[row.person_id], row.item_id), (SurveyAnswer.KIND.number, row.id) not in gone
        if place in wanted and wanted[place] is None and kept and session.may_write(row.village):
            changes.delete(session, SurveyAnswer.KIND, row.id)
    for (person, item), value in wanted.items():
        there = known.get((person, item))
        if value is None:
            continue
        if there is None:
            values = {"village": homes[person], "item_id": item, "person_id": person}
            made.append({**values, "value": value, "id": session.natural_id(SurveyAnswer.KIND, homes[person], values)})
            continue
        if there.deleted_at is not None:
            changes.undelete(session, SurveyAnswer.KIND, there.id)
        changes.update(session, SurveyAnswer.KIND, there.id, {"value": value})
    changes.insert(session, SurveyAnswer.KIND, made)

"""培训 with the store behind it."""

from __future__ import annotations

from collections.abc import Sequence

from db.session import Session
from desktop.page import Frame, Page
from desktop.station import Station
from desktop.training import roster_model
from desktop.training.page import TrainingPage
from desktop.training.roster_model import RosterModel
from desktop.training.schooling_tab import term_words
from desktop.training.view_model import Totals, TrainingModel, Uses
from desktop.widgets.ledger_table import Row, Source, View
from desktop.wiring.forms import form_tools
from desktop.wiring.lists import query_of
from desktop.wiring.records import drafts, records
from domain.words import _
from services import listing, sign_in, training


def build(frame: Frame, station: Station) -> Page:
    """The page and its view models."""
    uses = Uses(
        courses=Source(station.reading(_courses), station.reading(_course_rows)),
        totals=station.reading(_totals),
        course=station.reading(lambda session, id: training.course(session, id).course),
        schooling=Source(station.reading(_terms), station.reading(_term_rows)),
        term_names=station.reading(_term_names),
        records=records(station),
        enrol=station.writing(lambda course_id, people: _("添加学员 {n} 人").format(n=len(people)), _enrol),
        next_terms=station.writing(lambda ids: _("记下一学期 {n} 人").format(n=len(ids)), _next_terms),
    )
    roster_uses = roster_model.Uses(
        roster=station.reading(_roster),
        enter=station.writing(lambda results: _("成绩和结果 {n} 人").format(n=len(results)), training.enter_results),
        sign_in=station.writing(lambda course_id, marks, off: _("签到 {n} 人").format(n=len(marks)), sign_in.keep),
    )
    model, roster = TrainingModel(frame.jobs, uses), RosterModel(frame.jobs, roster_uses, drafts(station))
    return TrainingPage(frame, model, roster, form_tools(frame, station)).keeping(model, roster)


# -- courses ----------------------------------------------------------------------------------------------------------


def _courses(session: Session, view: View) -> Sequence[str]:
    return listing.ids(session, query_of("course", view))


def _course_rows(session: Session, ids: Sequence[str], keys: Sequence[str]) -> list[Row]:
    lines = {line.course.id: line for line in training.courses(session)}
    return [_course_row(lines[id]) for id in ids if id in lines]


def _course_row(line: training.CourseLine) -> Row:
    shown = {name: line.course.shown(name) for name in ("title", "type", "trade", "start", "end", "hours", "seats", "place")}
    completed = str(line.outcomes.get("completed", 0))
    return {"id": line.course.id, **shown, "enrolled": str(line.enrolled), "completed": completed, "certified": str(line.certified)}


def _totals(session: Session) -> Totals:
    lines = training.courses(session)
    return Totals(
        len(lines),
        sum(line.enrolled for line in lines),
        sum(line.outcomes.get("completed", 0) for line in lines),
        sum(line.certified for line in lines),
    )


def _roster(session: Session, course_id: str) -> tuple[Sequence[training.RosterLine], sign_in.SignIn]:
    return training.roster(session, course_id), sign_in.load(session, course_id)


def _enrol(session: Session, course_id: str, people: Sequence[str]) -> int:
    before = training.course(session, course_id).enrolled
    training.enrol(session, course_id, people)
    return training.course(session, course_id).enrolled - before


# -- school -----------------------------------------------------------------------------------------------------------


def _terms(session: Session, view: View) -> Sequence[str]:
    if view.search or view.order:
        return listing.ids(session, query_of("schooling", view))
    return [line.schooling.id for line in training.terms(session, view.filters.get("term"))]


def _term_rows(session: Session, ids: Sequence[str], keys: Sequence[str]) -> list[Row]:
    lines = {line.schooling.id: line for line in training.terms(session)}
    return [_term_row(lines[id]) for id in ids if id in lines]


def _term_row(line: training.TermLine) -> Row:
    shown = {name: line.schooling.shown(name) for name in ("school", "stage", "grade", "term_start", "state")}
    return {"id": line.schooling.id, "name": line.name, "category": line.category, "term": term_words(line.schooling.term), **shown}


def _term_names(session: Session) -> list[str]:
    return list(dict.fromkeys(line.schooling.term for line in training.terms(session)))


def _next_terms(session: Session, ids: Sequence[str]) -> int:
    return len({training.next_term(session, id) for id in ids})

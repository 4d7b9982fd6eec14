"""摸排 with the store behind it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from db.session import Session
from desktop.page import Frame, Page
from desktop.record_model import Values
from desktop.station import Station
from desktop.survey.page import SurveyPage
from desktop.survey.view_model import SurveyModel, Uses
from desktop.widgets.listed import Listed, source
from desktop.wiring.forms import form_tools
from desktop.wiring.records import records
from domain import divisions
from domain.words import _
from services import surveys
from services.surveys import Line, Question, Sheet


def build(frame: Frame, station: Station) -> Page:
    """The page and its view model."""

    def paper(parent: QWidget, id: str) -> None:
        from desktop.paper.forms import FormPrinter  # with it comes printing, which the list need not wait for

        FormPrinter(frame, station).show(parent, "survey", id)

    listed = station.reading(_listed)
    uses = Uses(
        surveys=source(lambda _view: listed(), "title"),
        sheet=station.reading(surveys.open_sheet),
        waiting=station.reading(lambda session: len(surveys.waiting(session))),
        answer=station.writing(lambda _id, given: _("摸排 {n} 人").format(n=len(given)), surveys.answer),
        save=station.writing(lambda _values, _questions, sheet, _base: _("修改摸排表") if sheet else _("新建摸排表"), _save),
        close=station.writing(lambda _id, again: _("重新开始摸排") if again else _("结束摸排"), _close),
        delete=station.writing(lambda ids: _("删除摸排表 {n} 张").format(n=len(ids)), _delete),
        records=records(station),
    )
    model = SurveyModel(frame.jobs, uses)
    return SurveyPage(frame, model, form_tools(frame, station), paper, of_village=len(station.store.scope) > 9).keeping(model)


def _listed(session: Session) -> list[Listed]:
    return [_line(session, one) for one in surveys.lines(session)]


def _line(session: Session, one: Line) -> Listed:
    figures = {"items": one.items, "people": one.people, "done": one.done, "left": one.left}
    where = _("本站") if one.survey.village == session.scope else divisions.name(one.survey.village) or one.survey.village
    shown = {name: one.survey.shown(name) for name in ("title", "about", "due", "closed_on")}
    return Listed({"id": one.survey.id, "from": where, **shown, **{name: str(n) for name, n in figures.items()}}, figures)


def _save(session: Session, values: Values, questions: Sequence[Question], opened: Sheet | None, base: Values) -> str:
    if opened is None:
        return surveys.save(session, values, questions)
    return surveys.save(session, values, questions, opened.survey.id, base=base, opened=opened.items)


def _close(session: Session, id: str, again: bool) -> None:
    surveys.close(session, id, again=again)


def _delete(session: Session, ids: Sequence[str]) -> None:
    for id in ids:
        surveys.delete(session, id)

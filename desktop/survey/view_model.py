"""The view model of 摸排: lists surveys, opens one, and saves answers as they are typed.

Cells are (person id, question id). What is typed or pasted in one go is saved as one act.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import attrgetter

from PySide6.QtCore import QTimer, Signal

from db.session import Session
from desktop.page import Frame
from desktop.station import Station
from desktop.view_model import RecordModel, Values
from desktop.widgets.ledger_model import Column, Source, in_memory
from domain import divisions
from domain.errors import NotFound
from domain.surveys import read as read_answer
from domain.words import _, lazy
from services.reports import workload
from services.surveys import design, surveys
from services.surveys.design import Question
from services.surveys.surveys import Respondent, SurveyProgress, SurveySheet

ALL, OPEN, DONE = "all", "open", "done"
Answers = Mapping[str, Mapping[str, str | None]]


class SurveyModel(RecordModel):
    """The state of the page."""

    opened = Signal(str)
    shown = Signal()
    """The rows changed: the survey was loaded, or a filter changed."""
    filled = Signal()
    """Answers changed."""
    gone = Signal()
    """The survey shown no longer exists: its author deleted it."""
    to_change = Signal(object)
    """A `SurveySheet` whose questions are to be edited."""
    counted = Signal(int)

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.surveys = _list(station)
        self.survey_id = ""
        self.sheet: SurveySheet | None = None
        self.only, self.search = ALL, ""
        self._people: dict[str, Respondent] = {}
        self._done: set[str] = set()
        """People who answered all required questions."""
        self._filled_since: set[str] = set()
        """People filled since the filters were set: they stay visible, to be checked and completed."""
        self._typed: dict[str, dict[str, str | None]] = defaultdict(dict)
        self._saving = 0
        self._stale = False
        """The survey was loaded while answers were being saved, and has to be loaded again."""
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._save_typed)

    # -- which sheet, which lines -----------------------------------------------------------------

    def open(self, survey_id: str) -> None:
        """Show a survey."""
        self._save_typed()
        self.survey_id, self.sheet, self._people, self._done = survey_id, None, {}, set()
        self.only, self.search = ALL, ""
        self._filled_since.clear()
        self.opened.emit(survey_id)
        self.reload()

    def close(self) -> None:
        """Return to the list."""
        self._save_typed()
        self.survey_id, self.sheet = "", None

    def reload(self) -> None:
        """Load the survey again. While answers are being saved, the cells shown are newer: then it is loaded again afterwards."""
        self._count()
        wanted = self.survey_id
        if wanted:
            self._jobs.run(
                lambda: self._station.read(surveys.open_sheet, wanted), self._show, lambda error: self._lost(wanted, error), key="survey"
            )

    def _count(self) -> None:
        self._jobs.run(lambda: len(self._station.read(surveys.waiting)), self.counted.emit, key="surveys")

    def _show(self, sheet: SurveySheet) -> None:
        self._stale = bool(self._saving or self._typed)
        if sheet.survey.id == self.survey_id and not self._stale:
            self.sheet, self._people = sheet, {one.id: one for one in sheet.people}
            self._done = {one.id for one in sheet.people if sheet.complete(one.answers)}
            self.shown.emit()

    def _lost(self, wanted: str, error: Exception) -> None:
        if isinstance(error, NotFound) and wanted == self.survey_id:
            self.survey_id, self.sheet, self._typed = "", None, defaultdict(dict)
            self.gone.emit()
        self.failed.emit(error)

    def narrow(self, *, only: str | None = None, search: str | None = None) -> None:
        """Filter the rows by `only` (`ALL`, `OPEN` or `DONE`) and by a search text."""
        self._filled_since.clear()
        self.only = self.only if only is None else only
        self.search = self.search if search is None else search.strip().lower()
        self.shown.emit()

    def people(self) -> list[Respondent]:
        """Return the rows that pass the filters."""
        return [one for one in self._people.values() if self._fits(one)]

    def counts(self) -> dict[str, int]:
        """Return the number of rows by filter."""
        done = len(self._done)
        return {ALL: len(self._people), OPEN: len(self._people) - done, DONE: done}

    def complete(self, one: Respondent) -> bool:
        """Whether all required questions are answered."""
        return self.sheet is not None and self.sheet.complete(one.answers)

    def person(self, id: str) -> Respondent | None:
        """Return one row, or None."""
        return self._people.get(id)

    def not_asked(self, person: str) -> frozenset[str]:
        """Return the ids of the questions that a person is not asked, because of earlier answers."""
        one, sheet = self._people.get(person), self.sheet
        if one is None or sheet is None or not any(item.asked_if for item in sheet.items):
            return frozenset()
        return frozenset(item.id for item in sheet.items) - {item.id for item in sheet.asked(one.answers)}

    def now(self) -> SurveySheet | None:
        """Return the survey with the answers given since it was loaded, for its figures."""
        return None if self.sheet is None else replace(self.sheet, people=list(self._people.values()))

    def _fits(self, one: Respondent) -> bool:
        chosen = self.only == ALL or (one.id in self._done) == (self.only == DONE) or one.id in self._filled_since
        return chosen and self.search in one.search_text

    # -- entering ---------------------------------------------------------------------------------

    def read(self, _person: str, item_id: str, text: str) -> str:
        """Return the cell's text for typed input; a digit selects the choice of that number. Raises `FieldError`."""
        item = next((one for one in self.sheet.items if one.id == item_id), None) if self.sheet else None
        return (read_answer(item, text, keys=True) or "") if item is not None else text

    def typed(self, person: str, item_id: str, text: str) -> None:
        """Record the changed text of a cell; it is saved together with other input of the same moment."""
        known = self._people.get(person)
        if known is None:
            return
        answers = {**known.answers, item_id: text}
        self._people[person] = now = replace(known, answers={item: answer for item, answer in answers.items() if answer})
        (self._done.add if self.complete(now) else self._done.discard)(person)
        self._filled_since.add(person)
        self._typed[person][item_id] = text or None
        self._soon.start()
        self.filled.emit()

    def _save_typed(self) -> None:
        given, self._typed = dict(self._typed), defaultdict(dict)
        if not given:
            return
        self._saving += 1
        survey, label = self.survey_id, lazy("摸排 {n} 人", n=len(given))
        self._jobs.run(lambda: self._station.write(label, surveys.answer, survey, given), lambda _n: self._saved(), self._save_failed)

    def _saved(self) -> None:
        self._saving -= 1
        if self._stale:
            self.reload()
        else:
            self._count()

    def _save_failed(self, error: Exception) -> None:
        """Load again, so that refused answers are not shown as saved."""
        self._saving -= 1
        self.failed.emit(error)
        self.reload()

    # -- sheets -----------------------------------------------------------------------------------

    def change(self, survey_id: str) -> None:
        """Load a survey whose questions are to be edited; emits `to_change`."""
        self._save_typed()
        self._jobs.run(lambda: self._station.read(surveys.open_sheet, survey_id), self.to_change.emit)

    def save_sheet(self, values: Values, questions: Sequence[Question], sheet: SurveySheet | None, base: Values) -> None:
        """Save the form of a survey, which was opened with the values `base`; a new survey is opened. A message names new questions that
        the ledgers already answer."""
        label, new_questions = lazy("修改摸排表") if sheet else lazy("新建摸排表"), [one.label for one in questions if one.id is None]

        def saved(id: str) -> None:
            if sheet is None:
                self.open(id)
            self._jobs.run(lambda: sorted(workload.on_record(new_questions)), self._show_on_record)

        self.act(lambda: self._station.write(label, _save_sheet, values, questions, sheet, base), lambda _id: _("已保存"), saved)

    def _show_on_record(self, labels: Sequence[str]) -> None:
        if labels:
            text = _("「{labels}」台账里已经有，可以不问：「报表 → 填上级表格」直接能填，也省得村里再录一遍。")
            self._frame.message(text.format(labels="」「".join(labels)))

    def end(self, *, again: bool = False) -> None:
        """End the survey shown, or reopen it with `again`."""
        survey = self.survey_id
        label, message = lazy("结束摸排"), _("已结束，不再填写；数字还在")
        if again:
            label, message = lazy("重新开始摸排"), _("已重新开始，可以接着填")
        self.act(lambda: self._station.write(label, design.close, survey, again=again), lambda _none: message)

    def delete_sheets(self, _kind: str, ids: Sequence[str]) -> None:
        """Delete surveys with their answers."""
        label = lazy("删除摸排表 {n} 张", n=len(ids))
        self.act(lambda: self._station.write(label, _delete, ids), lambda _none: _("已删除"))


def _list(station: Station) -> Source:
    survey = attrgetter("survey")

    def sender(one: SurveyProgress) -> str:
        return _("本站") if one.survey.village == station.store.scope else divisions.called(one.survey.village)

    columns: list[Column[SurveyProgress]] = [
        Column("title", _("摸排名称"), 230, survey, style="strong"),
        Column("about", _("问哪些人"), 160, survey),
        Column("due", _("截止日期"), 104, survey),
        Column("left", _("还差"), 66, lambda one: one.left, right=True),
        Column("people", _("应填"), 66, lambda one: one.people, right=True),
        Column("done", _("已填"), 66, lambda one: one.done, right=True),
        Column("from", _("谁发的"), 100, sender),
        Column("items", _("题数"), 60, lambda one: one.items, right=True),
        Column("closed_on", _("结束日期"), 104, survey),
    ]
    return in_memory(columns, lambda _view: station.read(surveys.lines), attrgetter("survey.id"), attrgetter("survey.title"))


def _save_sheet(session: Session, values: Values, questions: Sequence[Question], opened: SurveySheet | None, base: Values) -> str:
    if opened is None:
        return design.save(session, values, questions)
    return design.save(session, values, questions, opened.survey.id, base=base, opened=opened.items)


def _delete(session: Session, ids: Sequence[str]) -> None:
    for id in ids:
        design.delete(session, id)

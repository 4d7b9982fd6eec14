"""The view model of the monthly check: whom to ask, last month's answers and this month's. Every cell is saved as soon as it is entered.

Cells are (person id, column); columns are `status place income method by`. Values are record values, income is in fen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

from PySide6.QtCore import Signal

from db.session import Session
from desktop.page import Frame
from desktop.station import Station
from desktop.view_model import ViewModel
from desktop.work.view_model import place_of
from domain.errors import FieldError
from domain.money import fen, yuan_typed
from domain.periods import add_months
from domain.records import MonthlyCheck
from domain.words import _, lazy
from services import work
from services.work import CheckRow

STATUSES: Mapping[str, str] = MonthlyCheck.KIND.by_name["status"].choices or {}
METHODS: Mapping[str, str] = MonthlyCheck.KIND.by_name["method"].choices or {}
STATUS_KEYS = {str(n): code for n, code in enumerate(STATUSES, 1)}
"""Keys that enter a status: 1 外出务工 … 9 待业."""
METHOD_KEYS = {str(n): code for n, code in enumerate(METHODS, 1)}
_FIELDS = MonthlyCheck.KIND.by_name


@dataclass(frozen=True)
class CheckValues:
    """What was found out about a person in a month."""

    status: str | None = None
    place: str | None = None
    income: int | None = None
    method: str | None = None
    by: str | None = None

    def values(self) -> dict[str, Any]:
        """Return the values by field name."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    def same_fact(self, other: CheckValues) -> bool:
        """Whether both state the same fact, whoever asked and how."""
        return (self.status, self.place) == (other.status, other.place)


@dataclass(frozen=True)
class CheckLine:
    """A person with their answers of last month and this month."""

    row: CheckRow
    last: CheckValues | None
    now: CheckValues | None
    suggested: CheckValues | None
    """What spells on record say, for people who were not asked last month."""


class CheckModel(ViewModel):
    """The state of the grid."""

    shown = Signal()
    """The lines changed: a month was loaded, or a filter changed."""
    line_changed = Signal(str)
    """The id of a person whose answer changed."""
    progress = Signal(int, int)
    """The number of people with an answer, and of all people."""
    phones_found = Signal(object)
    wanted_found = Signal(object)
    """The work records that the answers saved since the month was opened call for (`work.Wanted`), the latest first."""

    def __init__(self, frame: Frame, station: Station, month: str) -> None:
        super().__init__(frame, station)
        self.month = self._asked = month
        """The month shown, and the month asked for."""
        self.loaded = self.awaited = False
        """`awaited`: another month than the one shown is being loaded."""
        self.only, self.channel, self.search = "all", "", ""
        self.method: str | None = "phone"
        self.by: str = station.store.user
        self._all: dict[str, CheckLine] = {}
        self._saving, self._unsaved = 0, False
        self._filled_since: set[str] = set()
        """People filled since the filters were set: they stay visible, to be checked and completed."""
        self._answered: list[str] = []
        """People whose answers were saved since the month was opened, the latest first."""

    # -- which month, which lines -------------------------------------------------------------------

    def open(self, month: str = "") -> None:
        """Load a month."""
        self._filled_since.clear()
        self._answered.clear()
        self._read(month or self._asked)

    def _read(self, month: str) -> None:
        self._asked, self.awaited = month, not self.loaded or month != self.month
        reading = partial(self._station.read, _month, month)
        self._jobs.run(reading, lambda lines: self._show(month, lines), self._not_read, key="checks")

    def step(self, months: int) -> None:
        """Load the month this many months later, or earlier if negative."""
        self.open(add_months(self._asked, months))

    def reload(self) -> None:
        """Load the month again, unless an entry is being saved: then the cells shown are newer."""
        if not self._saving:
            self._read(self._asked)

    def count(self) -> None:
        """Count the answers of the month without loading its lines."""
        counting = partial(self._station.read, work.counts, self._asked)
        self._jobs.run(counting, lambda found: self.progress.emit(found.done, found.people), key="checks left")

    def narrow(self, *, only: str | None = None, channel: str | None = None, search: str | None = None) -> None:
        """Filter the lines: `only` is all, `open` (not filled) or `changed` since last month; `channel`; `search` in names, groups and
        work."""
        self._filled_since.clear()
        self.only = self.only if only is None else only
        self.channel = self.channel if channel is None else channel
        self.search = self.search if search is None else search.strip()
        self.shown.emit()

    def lines(self) -> list[CheckLine]:
        """Return the lines that pass the filters."""
        return [line for line in self._all.values() if self._fits(line)]

    def line(self, person_id: str) -> CheckLine | None:
        """Return one person's line, or None."""
        return self._all.get(person_id)

    def counts(self) -> dict[str, int]:
        """Return the number of lines by filter."""
        return {only: sum(_is(only, line) for line in self._all.values()) for only in ("all", "open", "changed")}

    def _fits(self, line: CheckLine) -> bool:
        word = self.search.lower()
        found = not word or any(word in text.lower() for text in (line.row.name, line.row.spelt, line.row.group, line.row.work))
        chosen = _is(self.only, line) or line.row.person_id in self._filled_since
        return chosen and (not self.channel or line.row.channel == self.channel) and found

    def _show(self, month: str, lines: Sequence[CheckLine]) -> None:
        self.month, self.loaded, self.awaited = month, True, False
        self._all = {line.row.person_id: line for line in lines}
        self.shown.emit()
        self._emit_progress()
        self._look_for_records()

    def _not_read(self, error: Exception) -> None:
        self.awaited = False
        self._jobs.failed.emit(error)
        self.shown.emit()

    def _emit_progress(self) -> None:
        self.progress.emit(sum(line.now is not None for line in self._all.values()), len(self._all))

    # -- entering -----------------------------------------------------------------------------------

    def read(self, person_id: str, column: str, text: str) -> str:
        """Return the cell's text for typed input. Raises `FieldError`."""
        return show(column, self._value(column, text))

    def typed(self, person_id: str, column: str, text: str) -> None:
        """Save a person's answer after a cell was changed."""
        line = self._all.get(person_id)
        if line is None:  # removed from the month while it was typed
            return
        if column == "status" and not text.strip():
            self._save({person_id: None}, "")
            return
        answer = replace(line.now or CheckValues(method=self.method, by=self.by or None), **{column: self._value(column, text)})
        if column == "status" and answer.method is None:  # a status taken from the records is now answered by the person
            answer = replace(answer, method=self.method, by=self.by or None)
        if answer.status is None and column != "status":
            known = line.last or line.suggested
            answer = replace(answer, status=known.status if known else None)
        if answer.status is None:
            self.line_changed.emit(person_id)
            self._frame.message(_("请先填{name}本月的状态（按 1 到 9）").format(name=line.row.name))
            return
        self._save({person_id: answer}, "")

    def same(self, person_ids: Sequence[str]) -> int:
        """Fill 与上月相同 for these people; those without an answer last month get what their spells say. Returns the number filled."""
        return self._copy({id: answer for id in person_ids if id in self._all and (answer := self._same(self._all[id]))})

    def _copy(self, answers: Mapping[str, CheckValues]) -> int:
        if not answers:
            self._frame.message(_("没有可照抄的：上月没有记录，也没有在做的工作。"))
        else:
            self._save(answers, self._message(answers))
        return len(answers)

    def same_for_all(self) -> int:
        """Fill 与上月相同 for everybody shown who is not filled yet and was asked last month."""
        waiting, unasked = self.waiting(), self.unasked()
        if unasked and not waiting:
            self._frame.message(_("这些人上月都没有问过，没有可照抄的；{n} 人有务工记录，按 F7 照记录填。").format(n=len(unasked)))
            return 0
        return self.same(waiting)

    def by_spells(self) -> int:
        """Fill what spells say for everybody shown who was not asked last month. The method stays empty, as nobody was asked."""
        answers = {id: replace(answer, method=None) for id in self.unasked() if (answer := self._same(self._all[id]))}
        return self._copy(answers)

    def waiting(self) -> list[str]:
        """Return the people whom `same_for_all` would fill."""
        return [line.row.person_id for line in self.lines() if line.now is None and line.last is not None]

    def unasked(self) -> list[str]:
        """Return the people whom `by_spells` would fill."""
        return [line.row.person_id for line in self.lines() if line.now is None and line.last is None and line.suggested is not None]

    def reveal(self, person_ids: Sequence[str]) -> None:
        """Load phone numbers; emits `phones_found`."""
        self._jobs.run(lambda: self._phones(person_ids), self.phones_found.emit)

    def _phones(self, person_ids: Sequence[str]) -> dict[str, str]:
        found = self._station.read(work.phones, person_ids)
        self._station.log_view(f"phones of {len(found)}", _("月监测"))
        return found

    def _message(self, answers: Mapping[str, CheckValues]) -> str:
        if len(answers) == 1:
            id, answer = next(iter(answers.items()))
            return _("{name}：{status}").format(name=self._all[id].row.name, status=show("status", answer.status))
        copied = all(self._all[id].last is not None for id in answers)
        return (_("{n} 人已填：与上月相同") if copied else _("{n} 人已按务工记录填好，请抽查")).format(n=len(answers))

    def _same(self, line: CheckLine) -> CheckValues | None:
        known = line.last or line.suggested
        if known is None or known.status is None:
            return None
        return replace(known, method=self.method, by=self.by or None)

    def _value(self, column: str, text: str) -> Any:
        typed = text.strip()
        if not typed:
            return None
        if column == "status":
            return _FIELDS["status"].read(STATUS_KEYS.get(typed, typed))
        if column == "method":
            return _FIELDS["method"].read(METHOD_KEYS.get(typed, typed))
        if column == "place":
            return place_of(typed)
        if column == "income":
            return self._income(typed)
        return _FIELDS[column].read(typed)

    def _income(self, typed: str) -> int:
        amount = fen(typed)
        if amount < 0:
            raise FieldError(_("月收入不能是负数"), "money")
        return amount

    def _save(self, answers: Mapping[str, CheckValues | None], message: str) -> None:
        self._filled_since.update(answers)
        for id, answer in answers.items():
            self._all[id] = replace(self._all[id], now=answer)
            self.line_changed.emit(id)
        self._emit_progress()
        self._saving += 1
        month = self.month
        label = lazy("月监测 {month}　{n} 人", month=month, n=len(answers))
        self._jobs.run(
            lambda: self._station.write(label, _save, month, answers),
            lambda _n: self._saved(message, month, list(answers)),
            self._save_failed,
        )

    def _saved(self, message: str, month: str, ids: Sequence[str]) -> None:
        self._ended()
        if month == self._asked:
            self._answered = [*ids, *(id for id in self._answered if id not in set(ids))]
            self._look_for_records()
        if message:
            self._frame.message(message, undo=True)

    def decline(self, person_id: str) -> None:
        """Stop offering the record that a person's answer calls for, until they are answered for again or the month is opened anew."""
        self._answered.remove(person_id)
        self._look_for_records()

    def _look_for_records(self) -> None:
        if not self._answered:
            self.wanted_found.emit([])
            return
        looking = partial(self._station.read, work.records_wanted, self.month, tuple(self._answered))
        self._jobs.run(looking, self.wanted_found.emit, key="check records")

    def _save_failed(self, error: Exception) -> None:
        self._unsaved = True
        self._ended()
        self._jobs.failed.emit(error)

    def _ended(self) -> None:
        """An entry was saved or failed. After a failure the month is loaded again, once no entry is being saved any more."""
        self._saving -= 1
        if self._unsaved and not self._saving:
            self._unsaved = False
            self._read(self._asked)


def show(column: str, value: Any) -> str:
    """Return the cell text of a value."""
    if value is None:
        return ""
    return yuan_typed(value) if column == "income" else _FIELDS[column].show(value)


def texts(answer: CheckValues | None) -> dict[str, str]:
    """Return the cell texts of an answer, by column."""
    return {} if answer is None else {name: text for name, value in answer.values().items() if (text := show(name, value))}


def _is(only: str, line: CheckLine) -> bool:
    if only == "open":
        return line.now is None
    if only == "changed":
        return line.now is not None and (line.last is None or not line.now.same_fact(line.last))
    return True


def _month(session: Session, month: str) -> list[CheckLine]:
    return [_line(row) for row in work.month_grid(session, month)]


def _line(row: CheckRow) -> CheckLine:
    suggested = CheckValues(row.suggested, row.place if row.now is None else None) if row.suggested else None
    return CheckLine(row, _answer_of(row.last), _answer_of(row.now), suggested)


def _answer_of(check: MonthlyCheck | None) -> CheckValues | None:
    return None if check is None else CheckValues(check.status, check.place, check.income, check.method, check.by)


def _save(session: Session, month: str, answers: Mapping[str, CheckValues | None]) -> int:
    return work.save_checks(session, month, {id: (answer or CheckValues()).values() for id, answer in answers.items()})

"""A month of 公益岗: attendance by day, stored and unsaved, and the pay sheet. Saving is one act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from desktop.page import Frame
from desktop.sheet_model import SheetModel
from desktop.station import Station
from domain import clock, workdays
from domain.money import yuan_grouped
from domain.periods import add_months, last_day
from domain.words import N_, _, lazy
from services.posts import pay as post_pay
from services.posts.pay import MonthLine

PRESENT, REST, OPEN = "P", "R", "-"
MARKS = {PRESENT: "✓", "S": N_("病"), "L": N_("事"), "A": N_("旷"), REST: N_("休"), OPEN: ""}
"""Letters of the record and the cell texts."""
TYPED = {"✓": "P", "√": "P", "1": "P", "到": "P", "病": "S", "事": "L", "旷": "A", "0": "A", "×": "A", "x": "A", "休": "R", "": OPEN}
"""Input accepted besides the record's letters."""


class MonthModel(SheetModel):
    """The state of the tabs of attendance and pay."""

    def __init__(self, frame: Frame, station: Station, month: str) -> None:
        super().__init__(frame, station)
        self.month = self._asked = month
        """The month shown, and the month asked for."""
        self.lines: Sequence[MonthLine] = ()
        self.marks: dict[str, str] = {}
        """One letter per day by appointment id, including unsaved input."""

    # -- reading ------------------------------------------------------------------------------------

    @property
    def days(self) -> list[int]:
        """The days of the month, from 1."""
        return list(range(1, int(last_day(self.month)[8:]) + 1))

    def open(self, month: str = "") -> None:
        """Show a month, discarding unsaved input (the page asks first)."""
        asked = self._asked = month or self._asked
        self.awaited = not self.loaded or asked != self.month
        reading = partial(self._station.read, post_pay.month, asked)
        self._jobs.run(reading, lambda lines: self._show(asked, lines), self._not_read, key="post-month")

    def step(self, months: int) -> None:
        """Show the month this many months later, or earlier if negative, unless there is unsaved input."""
        if self.dirty:
            self._frame.message(_("这个月的考勤还没有保存。请先按 Ctrl＋S 保存，再看别的月。"))
        else:
            self.open(add_months(self._asked, months))

    def _read(self) -> None:
        self.open()

    def _show(self, month: str, lines: Sequence[MonthLine]) -> None:
        def put() -> None:
            self.month, self.lines = month, lines

        self._take(f"attendance:{month}", put)

    def _restore(self, kept: dict[str, Any]) -> None:
        self.marks |= {id: line for id, line in kept.get("marks", {}).items() if len(line) == len(self.marks.get(id, ""))}

    # -- attendance ---------------------------------------------------------------------------------

    def mark(self, id: str, day: int, text: str) -> None:
        """Record the changed text of a day's cell."""
        if id in self.marks:  # else removed from the month while it was typed
            line = self.marks[id]
            self.marks[id] = line[: day - 1] + letter(text) + line[day:]
            self.pending_changed.emit()

    def all_present(self, ids: Sequence[str] = ()) -> None:
        """Mark 全勤 for these people, or for all: every day of the appointment up to today that has no mark yet.

        If the required number of days fits into the working days of the month, weekends and holidays stay empty: that reduces nobody's pay.
        """
        today = clock.today()
        dates = {day: f"{self.month}-{day:02d}" for day in self.days}
        worked = {day for day, date in dates.items() if workdays.is_workday(date)}
        for one in self.lines:
            if not ids or one.id in ids:
                asked = worked if one.required and one.required <= len(worked) else dates.keys()
                self._put(one, [day for day in one.on_post if day in asked and dates[day] <= today], PRESENT, over=OPEN)
        self._emit_changes()

    def rest(self, day: int) -> None:
        """Mark a day as 休 for everybody who is not ill or absent; if all are marked so already, remove those marks."""
        on_post = [one for one in self.lines if day in one.on_post]
        back = all(self.marks[one.id][day - 1] == REST for one in on_post)
        for one in on_post:
            self._put(one, (day,), OPEN if back else REST, over=REST if back else OPEN + PRESENT)
        self._emit_changes()

    def _put(self, one: MonthLine, days: Sequence[int], mark: str, *, over: str) -> None:
        """Set a mark on these days where the present mark is one of `over`."""
        line = self.marks[one.id]
        self.marks[one.id] = "".join(mark if now in over and n in days else now for n, now in enumerate(line, 1))

    def present(self, id: str) -> str:
        """Return the days present as text: by the marks, or as recorded if there are no marks."""
        line = next((one for one in self.lines if one.id == id), None)
        if line is None:
            return ""
        if set(self.marks[id]) <= {OPEN} and self.marks[id] == line.marks:
            return "" if line.days is None else str(line.days)
        return str(self.marks[id].count(PRESENT))

    def pending(self) -> dict[str, str]:
        """Return the rows to be saved."""
        return {one.id: self.marks[one.id] for one in self.lines if self.marks[one.id] != one.marks}

    def unsaved(self) -> dict[str, Any]:
        """Return those rows for a draft."""
        return {"marks": waiting} if (waiting := self.pending()) else {}

    def _forget(self) -> None:
        self.marks = {line.id: line.marks for line in self.lines}

    # -- saving -------------------------------------------------------------------------------------

    def save(self) -> None:
        """Save the attendance."""
        marks, month = self.pending(), self.month
        if marks:
            label, message = lazy("{month} 考勤 {n} 人", month=month, n=len(marks)), _("已保存 {n} 人的考勤").format(n=len(marks))
            self._write(lambda: self._station.write(label, post_pay.keep, month, marks), message, lambda: self._kept(marks))

    def _kept(self, marks: Mapping[str, str]) -> None:
        self.lines = [replace(one, marks=marks.get(one.id, one.marks)) for one in self.lines]

    def due(self, ids: Sequence[str] = ()) -> list[MonthLine]:
        """Return those of these people (default: all) who can be paid."""
        return [one for one in self.lines if one.due and (not ids or one.id in ids)]

    def pay(self, paid_on: str, ids: Sequence[str]) -> None:
        """Record people as paid."""
        month = self.month
        label = lazy("{month} 公益岗补贴 {n} 人", month=month, n=len(ids))
        self._jobs.run(lambda: self._station.write(label, post_pay.pay, month, paid_on, ids), self._paid)

    def _paid(self, done: tuple[int, int]) -> None:
        people, fen = done
        self._frame.message(_("已记发放 {n} 人，{amount} 元").format(n=people, amount=yuan_grouped(fen)), undo=True)
        self.changed.emit()
        self.reload()


def letter(text: str) -> str:
    """Return the record's letter for a cell text or typed input. Raises `KeyError` for anything else."""
    typed = text.strip().lower()
    back = {_(word): mark for mark, word in MARKS.items()}
    return typed.upper() if typed and typed.upper() in MARKS else TYPED[typed] if typed in TYPED else back[text.strip()]

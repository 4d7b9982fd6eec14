"""A month of 公益岗: attendance by day as it stands and as it is typed, and the pay sheet. Saving is one act."""

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
from domain.words import N_, _
from services import post_pay
from services.post_pay import MonthLine

PRESENT, REST, OPEN = "P", "R", "-"
MARKS = {PRESENT: "✓", "S": N_("病"), "L": N_("事"), "A": N_("旷"), REST: N_("休"), OPEN: ""}
"""Letters of the record and what stands in the cell."""
TYPED = {"✓": "P", "√": "P", "1": "P", "到": "P", "病": "S", "事": "L", "旷": "A", "0": "A", "×": "A", "x": "A", "休": "R", "": OPEN}
"""What may be typed or pasted; the record's letters as well."""


class MonthModel(SheetModel):
    """The state behind attendance and pay."""

    def __init__(self, frame: Frame, station: Station, month: str) -> None:
        super().__init__(frame, station)
        self.month = self._asked = month
        """The month that is shown, and the one that is asked for."""
        self.lines: Sequence[MonthLine] = ()
        self.marks: dict[str, str] = {}
        """The sheet as it stands, typed marks included."""

    # -- reading ------------------------------------------------------------------------------------

    @property
    def days(self) -> list[int]:
        """The days of the month."""
        return list(range(1, int(last_day(self.month)[8:]) + 1))

    def open(self, month: str = "") -> None:
        """Show a month; what was typed and not saved is gone (the page asks first)."""
        asked = self._asked = month or self._asked
        self.awaited = not self.loaded or asked != self.month
        reading = partial(self._station.read, post_pay.month, asked)
        self._jobs.run(reading, lambda lines: self._show(asked, lines), self._not_read, key="post-month")

    def step(self, months: int) -> None:
        """Another month, unless something typed waits to be saved."""
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
        """A day's cell holds another text now."""
        if id in self.marks:  # else gone from the month while it was typed
            line = self.marks[id]
            self.marks[id] = line[: day - 1] + letter(text) + line[day:]
            self.pending_changed.emit()

    def all_present(self, ids: Sequence[str] = ()) -> None:
        """全勤 for these people, or for all: every day on the post that has come and that nothing else is said about.

        Where the days asked for fit into the working days of the month, those of rest stay empty: nobody is paid less for it.
        """
        today = clock.today()
        dates = {day: f"{self.month}-{day:02d}" for day in self.days}
        worked = {day for day, date in dates.items() if workdays.is_workday(date)}
        for one in self.lines:
            if not ids or one.id in ids:
                asked = worked if one.required and one.required <= len(worked) else dates.keys()
                self._put(one, [day for day in one.on_post if day in asked and dates[day] <= today], PRESENT, over=OPEN)
        self._tell()

    def rest(self, day: int) -> None:
        """Nobody works on that day, whoever is ill or away stays so; taken back when everybody rests already."""
        there = [one for one in self.lines if day in one.on_post]
        back = all(self.marks[one.id][day - 1] == REST for one in there)
        for one in there:
            self._put(one, (day,), OPEN if back else REST, over=REST if back else OPEN + PRESENT)
        self._tell()

    def _put(self, one: MonthLine, days: Sequence[int], mark: str, *, over: str) -> None:
        """Put a mark on these days where one of `over` stands."""
        line = self.marks[one.id]
        self.marks[one.id] = "".join(mark if now in over and n in days else now for n, now in enumerate(line, 1))

    def present(self, id: str) -> str:
        """Days present: by the marks, or by the record where no mark says anything."""
        line = next((one for one in self.lines if one.id == id), None)
        if line is None:
            return ""
        if set(self.marks[id]) <= {OPEN} and self.marks[id] == line.marks:
            return "" if line.days is None else str(line.days)
        return str(self.marks[id].count(PRESENT))

    def pending(self) -> dict[str, str]:
        """Lines that are to be saved."""
        return {one.id: self.marks[one.id] for one in self.lines if self.marks[one.id] != one.marks}

    def unsaved(self) -> dict[str, Any]:
        """Those lines as a draft keeps them."""
        return {"marks": waiting} if (waiting := self.pending()) else {}

    def _forget(self) -> None:
        self.marks = {line.id: line.marks for line in self.lines}

    # -- saving -------------------------------------------------------------------------------------

    def save(self) -> None:
        """Write the attendance."""
        marks, month = self.pending(), self.month
        if marks:
            label, said = _("{month} 考勤 {n} 人").format(month=month, n=len(marks)), _("已保存 {n} 人的考勤").format(n=len(marks))
            self._write(lambda: self._station.write(label, post_pay.keep, month, marks), said, lambda: self._kept(marks))

    def _kept(self, marks: Mapping[str, str]) -> None:
        self.lines = [replace(one, marks=marks.get(one.id, one.marks)) for one in self.lines]

    def due(self, ids: Sequence[str] = ()) -> list[MonthLine]:
        """Who may be paid, of these or of all."""
        return [one for one in self.lines if one.due and (not ids or one.id in ids)]

    def pay(self, paid_on: str, ids: Sequence[str]) -> None:
        """Record as paid."""
        month = self.month
        label = _("{month} 公益岗补贴 {n} 人").format(month=month, n=len(ids))
        self._jobs.run(lambda: self._station.write(label, post_pay.pay, month, paid_on, ids), self._paid)

    def _paid(self, done: tuple[int, int]) -> None:
        people, fen = done
        self._frame.message(_("已记发放 {n} 人，{amount} 元").format(n=people, amount=yuan_grouped(fen)), undo=True)
        self.changed.emit()
        self.reload()


def letter(text: str) -> str:
    """The record's letter for what stands in a cell or was typed; raises KeyError for anything else."""
    typed = text.strip().lower()
    back = {_(word): mark for mark, word in MARKS.items()}
    return typed.upper() if typed and typed.upper() in MARKS else TYPED[typed] if typed in TYPED else back[text.strip()]

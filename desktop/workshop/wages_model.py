"""The wage sheet of a workshop for one income period: wages paid, unsaved input, and each person's distance from the monitoring line.

Amounts are in fen; cells are (employment id, month). A payment is never altered: saving adds the difference as a record of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from desktop.page import Frame
from desktop.station import Station
from desktop.view_model import SheetModel
from domain import clock
from domain.errors import ChangedUnderneath, FieldError
from domain.grouping import by_key
from domain.money import fen, yuan_read, yuan_typed
from domain.quality_work import unlikely_pay
from domain.scopes import county_of
from domain.words import _, lazy
from services.workshop import wages
from services.workshop.wages import Cell, WageSheet

Key = tuple[str, str]
"""A cell: employment id and month (`2023-06`)."""


class WagesModel(SheetModel):
    """The state of the grid."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.employer_id = ""
        self.county = county_of(station.store.scope)
        self.sheet: WageSheet | None = None
        self.pending: dict[Key, int] = {}
        self._paid: dict[Key, int] = {}
        self._counted: dict[str, int] = {}
        self._spells: dict[str, list[str]] = {}
        """By spell, all spells of the same person."""

    # -- which sheet --------------------------------------------------------------------------------

    def open(self, employer_id: str, year: int | None = None) -> None:
        """Show a workshop's sheet, discarding unsaved input (the page asks first)."""
        self.awaited = self.sheet is None or (employer_id, year) != (self.employer_id, self.sheet.year)
        if employer_id != self.employer_id:
            self.sheet = None
        self.employer_id = employer_id
        self.pending.clear()
        reading = partial(self._station.read, wages.wage_sheet, employer_id, year, on=clock.today())
        self._jobs.run(reading, self._show, self._not_read, key="wages")

    def step(self, years: int) -> None:
        """Show the income period this many years later, or earlier if negative."""
        if self.sheet is not None:
            self.open(self.employer_id, self.sheet.year + years)

    def _read(self) -> None:
        if self.employer_id:
            self.open(self.employer_id, self.sheet.year if self.sheet else None)

    def _show(self, sheet: WageSheet) -> None:
        self._take(f"wages:{self.employer_id}:{sheet.year}", lambda: self._put(sheet))

    def _put(self, sheet: WageSheet) -> None:
        self.sheet = sheet
        self._paid = {(line.employment_id, month): amount for line in sheet.lines for month, amount in line.amounts.items()}
        self._counted = {line.employment_id: line.counted for line in sheet.lines}
        by_person = by_key((line.person_id, line.employment_id) for line in sheet.lines)
        self._spells = {id: ids for ids in by_person.values() for id in ids}

    def unsaved(self) -> dict[str, Any]:
        """Return the unsaved cells."""
        return {"cells": [[*cell, amount] for cell, amount in self.pending.items()]} if self.pending else {}

    def _restore(self, kept: dict[str, Any]) -> None:
        """Restore cells that are still in the sheet and differ from what is paid; newer input wins."""
        months = self.sheet.months if self.sheet else ()
        cells = {(id, month): amount for id, month, amount in kept.get("cells", ()) if id in self._counted and month in months}
        self.pending = {cell: amount for cell, amount in cells.items() if amount != self._paid.get(cell, 0)} | self.pending

    # -- figures ------------------------------------------------------------------------------------

    def amount(self, cell: Key) -> int:
        """The amount of a cell, unsaved or paid; 0 if empty."""
        return self.pending.get(cell, self._paid.get(cell, 0))

    def texts(self) -> dict[Key, str]:
        """Return the cell texts; a month without payment is empty, one corrected to nothing shows 0."""
        return {cell: yuan_typed(amount) for cell, amount in {**self._paid, **self.pending}.items()}

    def total(self, employment_id: str) -> int:
        """The sum of a person's row."""
        return sum(self.amount((employment_id, month)) for month in self.sheet.months) if self.sheet else 0

    def counted(self, employment_id: str) -> int:
        """The amount that counts towards the line, including unsaved input; both spells of somebody who left and came back."""
        spells = self._spells.get(employment_id, [employment_id])
        typed = sum(amount - self._paid.get(cell, 0) for cell, amount in self.pending.items() if cell[0] in spells)
        return sum(self._counted.get(id, 0) for id in spells) + typed

    def reached(self) -> int:
        """The number of people who reach the monitoring line."""
        line = self.sheet.line if self.sheet else None
        return 0 if line is None else sum(self.counted(id) >= line for id, ids in self._spells.items() if id == ids[0])

    def to_line(self, employment_id: str) -> tuple[float, str]:
        """The share of the line that is paid (0…1), and the text beside the bar."""
        line = self.sheet.line if self.sheet else None
        if line is None or line <= 0:
            return 0.0, ""
        missing = line - self.counted(employment_id)
        words = _("已达标") if missing <= 0 else _("差 {amount}").format(amount=yuan_read(missing))
        return min((line - missing) / line, 0.999 if missing > 0 else 1.0), words

    # -- typing and saving --------------------------------------------------------------------------

    def month_to_fill(self) -> str:
        """The month after the last one with wages, but none that has not begun; "" without a sheet."""
        if self.sheet is None:
            return ""
        begun = [month for month in self.sheet.months if month <= clock.this_month()] or list(self.sheet.months[:1])
        paid = [n for n, month in enumerate(begun) if any(line.amounts.get(month) for line in self.sheet.lines)]
        return begun[min(max(paid, default=-1) + 1, len(begun) - 1)]

    def read(self, employment_id: str, month: str, text: str) -> str:
        """Return the cell's text for typed input: an amount replaces, -20 deducts from what was paid. Raises `FieldError`, also for a month
        that has not begun, unless the amount is reduced."""
        typed = text.strip().replace("－", "-").replace("−", "-")
        amount = fen(typed)
        if typed.startswith("-"):
            paid = self.amount((employment_id, month))
            if paid + amount < 0:
                raise FieldError(_("更正后会成负数：这个月已付 {paid}").format(paid=yuan_read(paid)), "money")
            amount += paid
        if month > clock.this_month() and amount > self._paid.get((employment_id, month), 0):
            told = _("{month} 还没有到，不能记工资。请看是不是填错了月份；电脑日期不对的，先调准。")
            raise FieldError(told.format(month=month), "month")
        return yuan_typed(amount)

    def typed(self, cell: Key, text: str) -> None:
        """Record the changed text of a cell, as `read` returned it; "" is 0."""
        amount = fen(text) if text else 0
        if amount == self._paid.get(cell, 0):
            self.pending.pop(cell, None)
        else:
            self.pending[cell] = amount
        self.pending_changed.emit()

    def _forget(self) -> None:
        self.pending.clear()

    def save(self) -> None:
        """Save all input as one act."""
        amounts = [Cell(*cell, amount, self._paid.get(cell, 0)) for cell, amount in self.pending.items()]
        label, message = lazy("录入工资 {n} 格", n=len(amounts)), _("已保存 {n} 格工资").format(n=len(amounts))
        message += self._doubtful(amounts)
        employer_id = self.employer_id
        if amounts:
            self._write(lambda: self._station.write(label, wages.enter_wages, employer_id, amounts), message, lambda: self._kept(amounts))

    def _doubtful(self, amounts: Sequence[Cell]) -> str:
        """A note about implausible amounts: a zero too many would otherwise go unnoticed in the sheet."""
        named = {row.employment_id: row.name for row in self.sheet.lines} if self.sheet else {}
        doubtful = [
            _("{name} {month} 月 {paid} 元").format(
                name=named.get(one.employment_id, ""), month=int(one.month[5:]), paid=yuan_read(one.amount)
            )
            for one in amounts
            if unlikely_pay(one.amount)
        ]
        return _("；请核对：{doubtful}").format(doubtful=_("、").join(doubtful[:3])) if doubtful else ""

    def _kept(self, amounts: Sequence[Cell]) -> None:
        for one in amounts:
            cell = (one.employment_id, one.month)
            self._counted[cell[0]] = self._counted.get(cell[0], 0) + one.amount - (one.before or 0)
            self._paid[cell] = one.amount
            if self.pending.get(cell) == one.amount:  # unless changed again while it was being saved
                del self.pending[cell]

    def _save_failed(self, error: Exception) -> None:
        """If others entered something meanwhile, show it; the input stays and can now be saved over it."""
        super()._save_failed(error)
        if isinstance(error, ChangedUnderneath) and self.sheet is not None:
            employer_id, year = self.employer_id, self.sheet.year
            self._jobs.run(lambda: self._station.read(wages.wage_sheet, employer_id, year, on=clock.today()), self._show, key="wages")

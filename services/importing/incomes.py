"""家庭收入表 → household incomes, one row for each household, for the months named in the title or the columns."""

from __future__ import annotations

import re
from typing import Any

from domain.income import PARTS, net
from domain.money import yuan_text
from domain.periods import income_period
from domain.words import _
from services import policies
from services.importing.drafting import Context
from services.importing.generic import GenericMaker
from services.importing.headings import quarter_of
from services.importing.lines import Lines
from services.importing.plan import Level, PlanRow
from services.importing.title_months import year_of

_FROM_TO = re.compile(r"((?:19|20)\d\d)年(\d{1,2})月?(?:份)?[-—－~～至到]+(?:((?:19|20)\d\d)年)?(\d{1,2})月")
_HALVES = {"上": ("1", "6"), "下": ("7", "12")}
_HALF = re.compile("([上下])半年")
_MADE_ON = re.compile(r"截[至止][^)）]*|(?:19|20)\d\d年\d{1,2}月\d{1,2}日")
"""The date on which a list was made; not a part of a year."""
_PART = re.compile("月|季|半年")
_ROUNDED = 100
"""Tolerance in fen for a sheet's own totals, because many are in whole yuan."""


class IncomeMaker(GenericMaker):
    """Makes the rows of one list of household incomes."""

    def __init__(self, context: Context, lines: Lines, titled: str | None) -> None:
        super().__init__(context, lines, titled)
        self.reads = (*self.reads, "income.")
        self.months = {} if lines.has("household_income.start") else self._titled_months([*lines.titles, lines.found_in])

    def _titled_months(self, titles: list[str]) -> dict[str, Any]:
        """The first and last month that the titles name. If they name only a year, the months of its income period, as a proposal."""
        text = re.sub(r"\s+", "", " ".join(titles))
        if hit := _FROM_TO.search(text):
            return {"start": _month(hit[1], hit[2]), "end": _month(hit[3] or hit[1], hit[4])}
        year = year_of(titles)
        if year is not None and (half := _HALF.findall(text)) and len(set(half)) == 1:
            return dict(zip(("start", "end"), (_month(str(year), month) for month in _HALVES[half[0]]), strict=True))
        quarters = {quarter for title in titles if (quarter := quarter_of(title)) is not None}
        if year is not None and len(quarters) == 1:
            last = quarters.pop() * 3
            return {"start": _month(str(year), str(last - 2)), "end": _month(str(year), str(last))}
        if year is None or _PART.search(_MADE_ON.sub("", text)):
            return {}
        period = income_period(year, policies.income_start(self.context.session, self.context.session.today))
        months = {"start": period.start[:7], "end": period.end[:7]}
        self.context.propose(_("没有写明起止月份，{year} 年度按 {start} 至 {end} 记，请事后核对").format(year=year, **months))
        return months

    def _values(self, i: int, row: PlanRow) -> dict[str, Any]:
        values = self.months | super()._values(i, row)
        if "start" not in values or "end" not in values:
            message = _("没有写明是哪几个月的收入，请在标题写上，例如 2022年10月至2023年9月")
            self.lines.add_issue(row, i, "household_income.start", message, "required")
        elif values["end"] < values["start"]:
            self.lines.add_issue(row, i, "household_income.end", _("截止月份早于起始月份"), "order")
        self._compare(i, row, values)
        return values

    def _compare(self, i: int, row: PlanRow, values: dict[str, Any]) -> None:
        """Warn if the sheet's own totals differ from the sum of its parts: a column was not understood, or an amount is wrong."""
        computed = net({part: values.get(part) for part in PARTS})
        persons = values.get("persons") or 1
        for target, amount in (("income.net", computed), ("income.per_head", computed // persons)):
            stated = self.lines.money(target, i)
            if stated is not None and abs(stated - amount) > _ROUNDED:
                message = _("按各项收入算出来是 {amount} 元，与表里不同，请核对").format(amount=yuan_text(amount))
                self.lines.add_issue(row, i, target, message, "income", Level.WARNING)


def _month(year: str, month: str) -> str:
    return f"{year}-{int(month):02d}"

"""Plain lists of a kind that need something more: 就业帮扶车间台账 → employers and their recognitions (`domain.md` §6.5), 家庭收入表 → one
income for each household, school terms and wishes for work, whose date lists often leave out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from domain import clock, periods
from domain.errors import FieldError
from domain.fields import kind_of
from domain.income import PARTS, net
from domain.money import yuan_text
from domain.periods import income_period
from domain.policy.rules.placement import LICENCES
from domain.words import _
from services import policies
from services.importing.columns.headlines import choices_in
from services.importing.plan import Action, Draft, Level, PlanRow
from services.importing.records.generic import GenericMaker
from services.importing.rows.drafting import Context, against, complete_start
from services.importing.rows.known import Row
from services.importing.rows.lines import Lines
from services.importing.rows.people import fill_particulars
from services.importing.tables.headings import quarter_of
from services.importing.tables.title_months import year_of
from services.importing.tables.titles import carrier_type

_NO_WISH = re.compile(
    "(?:[否未无没不×0]|没有|暂[无不没时].*)$|(?:否|无|没有?)[，,；;。（(]|[无没]有?(?:就业|务工|外出|求职|工作|培训)?(?:意[愿向]|打算|想法|需求)"
    "|不(?:愿|想|打算|需|考虑|外出|就业|求职|务工|去)"
)
"""What is answered to whether somebody wants work."""
_DAY = re.compile(r"20\d\d(?:[-/.]\d{1,2}[-/.]\d{1,2}|年\d{1,2}月\d{1,2}日|\d{4})(?!\d)")


class OccasionMaker(GenericMaker):
    """Makes the rows of a plain list, and fills in what it has about its people besides."""

    def make(self) -> list[PlanRow]:
        """The plan's rows in order."""
        rows = super().make()
        by_number = {row.number: row for row in rows}
        ready = [(i, by_number[self.lines.number(i)]) for i in self.people if self.lines.number(i) in by_number]
        fill_particulars(self.context, self.lines, ready, self.people)
        return rows


class SchoolingMaker(OccasionMaker):
    """Makes the rows of one list of students. A term without a start date gets the usual one; without a column for the stage, it is that
    which the year names (高职二年级)."""

    def _values(self, i: int, row: PlanRow) -> dict[str, Any]:
        values = super()._values(i, row)
        if not self.lines.has("schooling.stage"):
            stages = choices_in("schooling.stage", self.lines.written("schooling.grade")[i])
            values |= {"stage": self.kind.by_name["stage"].read(stages.pop())} if len(stages) == 1 else {}
        if "schooling.term" not in self.lines.binding.columns:
            values["term"] = self.kind.by_name["term"].read(self.lines.binding.headlines.term_title)
        start = periods.term_start(str(values.get("term") or ""))
        if "term_start" not in values and start is None and values.get("term"):
            message = _("「{text}」看不出是哪一学期，请写成 2026年春季学期 或 2025-2026学年第二学期").format(text=str(values["term"])[:20])
            self.lines.add_issue(row, i, "schooling.term", message, "term")
        if "term_start" not in values and start is not None:
            values["term_start"] = start
            message = _("{term}学期没有写开学日期，先按 {day} 开学记，请事后核对")
            self.context.propose(message.format(term=periods.term_words(values["term"]), day=start))
        return values


class WishMaker(OccasionMaker):
    """Makes the rows of one list of people who want to work away. A wish without a date gets the list's date, otherwise today."""

    def __init__(self, context: Context, lines: Lines, titled: str | None) -> None:
        super().__init__(context, lines, titled)
        self.day = _day_of(lines.titles) or clock.today()
        self.open: dict[str, list[Row]] = {}

    def _rows(self) -> list[tuple[int, PlanRow]]:
        """As in any list, but a row with 否 is skipped."""
        planned = self.lines.text("wish.planned")
        for i, row in (rows := super()._rows()):
            row.skipped = row.skipped or _NO_WISH.match(planned[i]) is not None
        return rows

    def _ask(self, rows: Sequence[Mapping[str, Any]]) -> None:
        super()._ask(rows)
        ids = {row["person_id"] for row in rows if row.get("person_id")}
        wishes = self.context.known.children("job_wish", "person_id", ids)
        self.open = {id: [wish for wish in wishes_of_person if wish["closed_on"] is None] for id, wishes_of_person in wishes.items()}

    def _same(self, values: Mapping[str, Any]) -> Row | None:
        """The wish opened on the stated date; if the list states none, the person's open wish."""
        return super()._same(values) or (
            None if values.get("opened_on") else next(iter(self.open.get(values.get("person_id", ""), ())), None)
        )

    def _new(self, i: int, row: PlanRow, values: dict[str, Any], village: str, id: str | None) -> Any:
        if values.get("opened_on") is None:
            values["opened_on"] = self.day
            self.context.propose(_("名册没有登记日期，就业需求记为 {day} 提出，请事后核对").format(day=self.day))
        return super()._new(i, row, values, village, id)


def _day_of(titles: Sequence[str]) -> str | None:
    """The first full date in the lines above a list."""
    opened = kind_of("job_wish").by_name["opened_on"]
    for title in titles:
        for hit in _DAY.finditer(title):
            try:
                return str(opened.read(hit[0]))
            except FieldError:
                continue
    return None


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


_DOCUMENT = ("type", "number", "start", "end")


class CarrierMaker(GenericMaker):
    """Makes the rows of one ledger of workshops and other carriers: an employer and its recognition."""

    def __init__(self, context: Context, lines: Lines, titled: str | None) -> None:
        super().__init__(context, lines, titled)
        self.reads = (*self.reads, "recognition.")
        lines.coarse = frozenset({"recognition.start"})
        self.documents: dict[str, list[Row]] = {}

    def _ask(self, rows: Sequence[Mapping[str, Any]]) -> None:
        super()._ask(rows)
        ids = [row["id"] for rows in self.found.values() for row in rows]
        self.documents = self.context.known.children("recognition", "employer_id", ids)

    def _values(self, i: int, row: PlanRow) -> dict[str, Any]:
        """As in any list; if there is no column for the type, it is read from the name."""
        values = super()._values(i, row)
        if values.get("name") and not self.lines.has("employer.type"):
            values["type"] = carrier_type(values["name"])
        return values

    def _row(self, i: int, row: PlanRow, values: dict[str, Any], id: str | None) -> None:
        proposed = () if self.lines.has("employer.type") else ("type",)
        if proposed and (current := self._same(values)) is not None:
            values["type"] = current["type"]
        super()._row(i, row, values, id)
        if not row.refused and row.drafts:
            row.drafts[0].proposed = proposed if row.drafts[0].action is Action.NEW else ()
            row.drafts += self._recognition(i, row, row.drafts[0], str(values.get("type")))

    def _recognition(self, i: int, row: PlanRow, employer: Draft, employer_type: str) -> list[Draft]:
        """The recognition that a row describes: an existing one with the same type and number or start, otherwise a new one. None without a
        start, or for a type of employer that has no recognition."""
        lines = self.lines
        given = lines.given("recognition", _DOCUMENT, i)
        if not given.keys() & {"number", "start"}:
            return []
        type = given.setdefault("type", LICENCES.get(employer_type, employer_type))
        if type not in (kind_of("recognition").by_name["type"].choices or {}):
            message = _("这类单位没有相应的认定类别，认定没有导入")
            lines.add_issue(row, i, "recognition.number", message, "recognition", Level.WARNING)
            return []
        documents, number = self.documents.get(employer.id, ()), given.get("number")
        alike = (d["start"] for d in documents if d["type"] == type and (not number or d["number"] in (None, "", number)))
        complete_start(lines, i, row, "recognition.start", given, alike)
        current = _same_document(documents, given)
        if current is not None:
            return [against("recognition", current, given)]
        if "start" not in given:
            message = _("有认定文号没有认定日期，认定没有导入，请补上日期")
            lines.add_issue(row, i, "recognition.number", message, "recognition", Level.WARNING)
            return []
        return [self.context.new("recognition", employer.village, {"employer_id": employer.id, **given})]


def _same_document(documents: Sequence[Row], given: Mapping[str, Any]) -> Row | None:
    """The document of that type with the same number; otherwise the one with the same start, if it or the row has no number."""
    alike = [document for document in documents if document["type"] == given["type"]]
    by_number = next((d for d in alike if given.get("number") and d["number"] == given["number"]), None)
    by_day = (d for d in alike if d["start"] == given.get("start") and (not d["number"] or not given.get("number")))
    return by_number or next(by_day, None)

"""What a list of work says besides the work: the fares of each person and year (article 三), the trip of people taken to work together
(点对点输送), and the remarks that somebody has come back, or did not go at all."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from contextlib import suppress
from typing import Any

from domain import clock, periods
from domain.errors import FieldError
from domain.fields import declaration
from domain.identity import half_width
from domain.money import yuan_text
from domain.records import Employment
from domain.scopes import county_of
from domain.words import _
from services.importing.columns.matching import WORK_PLACES, WORK_STARTS
from services.importing.plan import Draft, Issue, Level, PlanRow
from services.importing.rows.drafting import Context, against, found_again
from services.importing.rows.known import PersonRef
from services.importing.rows.lines import LEVELS, Lines
from services.importing.tables.title_months import in_figures, only_year, year_of
from services.importing.values.cells import Notice, place_code, reader, written_out


def undated(lines: Lines) -> bool:
    """Whether no column and no line above a list of people at work says when the work began."""
    return not lines.binding.headlines.tell("not_at_work") and not any(map(lines.has, WORK_STARTS))


def ask_start(lines: Lines, i: int, row: PlanRow, values: dict[str, Any]) -> None:
    """Ask about a new employment without a start: it would begin in the year that the list is about, of which no day is stated."""
    year = year_of([*lines.titles, lines.found_in]) or clock.today()[:4]
    values["start"] = str(year)
    message = _("表里没有这一列；收下则只记为 {year} 年，请事后补准").format(year=year)
    if _nowhere(lines):
        message += _("；也没有写在哪里，务工地记为本县")
    row.add(Issue(row.number, _(declaration(Employment.start).label), "", message, "undated", Level.QUESTION, lines.sheet))


def doubts(lines: Lines, i: int, row: PlanRow, values: Mapping[str, Any]) -> None:
    """Point out implausible combinations: an end before the start, a start in the future. Work that ends before it starts is a question."""
    for first, last, level in (("start", "end", Level.QUESTION), ("contract_start", "contract_end", Level.WARNING)):
        start, end = values.get(first), values.get(last)
        if start and end and periods.last_day(end) < periods.first_day(start):
            lines.add_issue(row, i, f"employment.{last}", _("结束时间早于开始时间"), "order", level)
    start = values.get("start")
    if start and periods.first_day(start) > clock.today():
        lines.add_issue(row, i, "employment.start", _("开始时间还没有到，请核对年份"), "ahead", Level.WARNING)


def _nowhere(lines: Lines) -> bool:
    """Whether a list of work for which nobody goes away states no place."""
    return lines.binding.headlines.at_home and not any(map(lines.has, WORK_PLACES))


def fill_places(lines: Lines, home: str, rows: Sequence[dict[str, Any]]) -> None:
    """Fill the work places of rows without one from the columns of their parts; the own county if none is stated and nobody goes away."""
    without = {i for i, values in enumerate(rows) if "place" not in values}
    county = declaration(Employment.place).read(county_of(home))
    found = dict.fromkeys(without, county) if _nowhere(lines) else places_in_parts(lines, home, without)
    for i, code in found.items():
        rows[i]["place"] = code


def places_in_parts(lines: Lines, home: str, rows: Container[int]) -> dict[int, str]:
    """The work places of these rows from the columns of province, city and county, each distinct combination read once."""
    parts = [lines.text(f"work.{level}") for level in ("province", "city", "county")]
    codes: dict[tuple[str, ...], tuple[str | None, list[Notice]]] = {}
    found: dict[int, str] = {}
    for i, key in enumerate(zip(*parts, strict=True)):
        if not any(key) or i not in rows:
            continue
        if key not in codes:
            notices: list[Notice] = []
            codes[key] = (place_code("".join(key), home, notices), notices)
        code, notices = codes[key]
        if code is not None:
            found[i] = code
        else:
            message = _("认不出地名「{text}」").format(text="".join(key)[:30])
            lines.noticed.setdefault(i, []).append(lines.about(i, "work.county", message, "place"))
        for notice in notices:
            lines.noticed.setdefault(i, []).append(lines.about(i, "work.county", notice.message, notice.code, LEVELS[notice.level]))
    return found


_FARES = ("outward", "homeward", "way", "promise")


class Fares:
    """Makes the travel records of one list."""

    def __init__(self, context: Context, lines: Lines, people: Mapping[int, PersonRef]) -> None:
        self.context = context
        self.lines = lines
        self.has_fares = any(lines.has(f"travel.{name}") for name in ("outward", "homeward"))
        ids = {person.id for person in people.values()} if self.has_fares else set()
        self.stored = {row["id"]: row for row in context.known.where("travel", "person_id", ids, deleted=True)}

    def drafts(self, i: int, row: PlanRow, person: PersonRef, spell: Mapping[str, Any]) -> list[Draft]:
        """The travel record of row `i`: for the year it states, otherwise for the year in which the work ended. Only the first row of a
        person and year counts; later ones get a warning."""
        values = self.lines.given("travel", _FARES, i) if self.has_fares else {}
        year = self.lines.values("travel.year")[i] or str(spell.get("end") or spell.get("start") or "")[:4]
        if not values or not year:
            return []
        made = self.context.new("travel", person.village, {"person_id": person.id, "year": int(year), **values})
        first = self.context.claim(row, "travel", made.id)
        if first is not None:
            message = _("{year} 年的路费已按{place}登记，这一行的没有计入；一趟分几段的，请合计写在一行").format(year=year, place=first)
            self.lines.add_issue(row, i, "travel.outward", message, "fare", Level.WARNING)
            return []
        try:
            return [found_again(made, self.stored.get(made.id), values)]
        except FieldError as error:
            self.lines.add_issue(row, i, "travel.outward", str(error), error.code, Level.WARNING)
            return []

    def alone(self, i: int, row: PlanRow, person: PersonRef) -> list[Draft]:
        """The travel record of a row that does not say since when the person works, if its year is stated: the work is not recorded."""
        year = only_year(self.lines.titles)
        drafts = self.drafts(i, row, person, {"start": year} if year else {})
        if drafts:
            message = _("没有写从什么时候起务工，只登记了路费；务工记录请按务工名单导入")
            row.add(self.lines.of_row(i, message, "undated", Level.WARNING))
        return drafts


_TOGETHER = "employment.point_to_point"


class Trips:
    """The trips of one list of work."""

    def __init__(self, context: Context, lines: Lines, people: Mapping[int, PersonRef]) -> None:
        self.context, self.lines = context, lines
        self.titled = _TOGETHER in lines.binding.title_values
        """Whether the title says that all people of the list travelled together."""
        self.known = context.known.all("labour_trip") if self.titled else []
        ids = {person.id for person in people.values()} if self.titled else set()
        self.stored = {row["id"]: row for row in context.known.where("trip_member", "person_id", ids, deleted=True)}

    def drafts(self, row: PlanRow, person: PersonRef, spell: Mapping[str, Any]) -> list[Draft]:
        """The membership of a row's person in the trip on the day that the work starts; empty if the day is not known."""
        day = str(spell.get("start") or "")
        if not self.titled or len(day) != 10:
            return []
        trip = self._trip(person.village, day, str(spell.get("place") or ""))
        values = {"trip_id": trip.id, "person_id": person.id}
        made = self.context.new("trip_member", person.village, values)
        if self.context.claim(row, "trip_member", made.id) is not None:
            return []
        row.uses.append(trip)
        return [found_again(made, self.stored.get(made.id), values)]

    def _trip(self, village: str, day: str, place: str) -> Draft:
        def make() -> Draft:
            given = {name: value for name in ("number", "way", "organiser") if (value := self.lines.values(f"labour_trip.{name}")[0])}
            values = {**given, "on": day, **({"to": place} if place else {})}
            same = [trip for trip in self.known if (trip["village"], trip["on"], trip["to"] or "") == (village, day, place)]
            if same:
                return against("labour_trip", same[0], values)
            self.context.propose(_("新建输出批次：{day} 出发").format(day=day))
            return self.context.new("labour_trip", village, values)

        return self.context.shared_draft(("labour_trip", village, day, place), make)


_REMARK = "work.remark"
_NOT_GONE = re.compile(
    "[未没](?:能)?(?:外出|出去|去成?|走成?|务工|打工)|(?:取消|放弃|不)(?:外出|去了)|^(?:一直)?在家(?:务农|带孩子|照顾.*)?$"
)
_DEAD = re.compile("死亡|去世|病故|已故|亡故")
_DIED = re.compile(rf"(?:{_DEAD.pattern})(?!保|险|赔|的?(?:丈夫|妻子|父|母|儿|女))")
_OF_ANOTHER = re.compile("夫|妻|父|母|爸|妈|爷|奶|公公|婆|儿|女|子|孙|兄|弟|哥|姐|妹|配偶|爱人|老伴|家人|亲属|双亲|意外")
"""Who died instead of the person: 其夫已故."""
_CLAUSE = re.compile(r"[，。；、,;\s]+")
_BACK = re.compile(r"返乡|回乡|回村|回家|回来|返回(?=[村乡家本]|[^\w]|$)|已回|返家|离职|辞职|不干了")
_NOT_YET = re.compile("计划|打算|准备|预计|拟|将|想|可能|[未没不](?:返|回|离|辞)|再|又去|后[又再]|过年|过节|探亲|探望|请假|休假")
"""The return is planned, has not happened, was followed by another departure, or was a visit."""
_DAY = re.compile(
    r"(?:(?:20)?\d\d年)?(?:1[0-2]|0?[1-9])月(?:\d{1,2}[日号])?|20\d\d[-./](?:1[0-2]|0?[1-9])(?:[-./]\d{1,2})?(?!\d)", re.ASCII
)


def says_dead(remark: object) -> bool:
    """Whether a remark says that the person has died, and not another one of the family."""
    clauses = _CLAUSE.split(remark) if isinstance(remark, str) else []
    return any(hit is not None and not _OF_ANOTHER.search(clause[: hit.start()]) for clause in clauses for hit in [_DIED.search(clause)])


_PAY = re.compile(
    r"(?:月(?:工资|薪|收入|均)|每个?月|一个月)(?:收入|工资|挣|大概|大约|能|约|[:：])*(\d{3,5}(?:\.\d+)?|\d(?:\.\d)?[千万])(?:元|块|左右|$|(?![-—~至到\d.])\D)",
    re.ASCII,
)
"""The monthly pay in a remark: 月工资6500元, 每月挣5千."""
_PAY_OF_OTHERS = re.compile(
    "丈夫|妻|父|母|爸|妈|儿子|儿媳|女儿|女婿|弟|兄|哥|姐|妹|配偶|爱人|老伴|家人|对象|期望|希望|要求|想|意向|原|以前|之前|曾|去年|前年"
)
"""Whose pay or which pay it is instead: 妻子月收入3500元, 期望月薪8000元."""
_GONE = re.compile(
    rf"({_DAY.pattern})(?:就|起|开始|又)?(?:外出|出去|出门|走(?![访失])|离家|去(?!世|过|医|看|年)|开始(?=务工|打工|外出|上班|工作|干)|入职|上班|进厂)",
    re.ASCII,
)
"""The day of leaving in a remark: 2024年3月1日外出."""


class Remarks:
    """The remarks of one list of work."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.texts = [in_figures(re.sub(r"\s", "", half_width(text))) for text in lines.written(_REMARK)]

    def apply(self, i: int, row: PlanRow, values: dict[str, Any]) -> None:
        """Complete the end of row `i`'s work from its remark; ask about a row whose remark says that the person did not go or has died."""
        text = self.texts[i]
        if not text:
            return
        self._pay(i, row, values, text)
        if _DEAD.search(text) or _NOT_GONE.search(text):
            message = _("备注写着「{remark}」：没有外出的不要收下，确实在外务工的再收下")
            self._ask(i, row, message, text, Level.QUESTION)
        elif not values.get("end") and _BACK.search(text) and not _NOT_YET.search(text):
            end = self._end(text, str(values.get("start") or ""))
            if end is not None:
                values["end"] = end
            message = (
                _("备注写着「{remark}」，结束时间记为 {end}")
                if end
                else _("备注写着「{remark}」，看不出是哪天，先按仍在务工登记；请补上结束时间")
            )
            self._ask(i, row, message, text, Level.REPAIR if end else Level.WARNING, end or "")

    def _pay(self, i: int, row: PlanRow, values: dict[str, Any], text: str) -> None:
        """Complete the monthly pay, and the start if there is no column for it, from the remark."""
        pay = {hit[1] for hit in _PAY.finditer(text) if not _PAY_OF_OTHERS.search(_CLAUSE.split(text[: hit.start()])[-1])}
        if "monthly_wage" not in values and len(pay) == 1:
            read = reader(declaration(Employment.monthly_wage), home="")
            notices: list[Notice] = []
            values["monthly_wage"] = read(pay.pop(), notices)
            message = _("备注写着「{remark}」，月工资记为 {end} 元")
            self._ask(i, row, message, text, Level.WARNING if notices else Level.REPAIR, yuan_text(values["monthly_wage"]))
        gone = _GONE.findall(text)
        if undated(self.lines) and "start" not in values and len(gone) == 1 and re.match(r"(?:20)?\d\d[年./-]", gone[0]):
            with suppress(FieldError):
                values["start"] = periods.parse_fdate(written_out(gone[0], []))
                self._ask(i, row, _("备注写着「{remark}」，开始时间记为 {end}"), text, Level.REPAIR, values["start"])

    def _ask(self, i: int, row: PlanRow, message: str, text: str, level: Level, end: str = "") -> None:
        self.lines.add_issue(row, i, _REMARK, message.format(remark=text[:20], end=end), "remark", level)

    @staticmethod
    def _end(text: str, start: str) -> str | None:
        """The only day or month in the remark, in the year of the start if it states none; None if it is before the start."""
        days = _DAY.findall(text)
        if len(days) != 1 or not start:
            return None
        dated = days[0] if re.match(r"\d{2,4}[年./-]", days[0]) else f"{start[:4]}年{days[0]}"
        with suppress(FieldError):
            end = periods.parse_fdate(written_out(dated, []))
            if periods.last_day(end) >= periods.first_day(start):
                return end
        return None

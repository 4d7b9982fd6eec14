"""Makes courses and enrolments from a 培训花名册: the course from the title above the table or from columns, and one enrolment for each
row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from domain import periods
from domain.errors import FieldError
from domain.fields import kind_of
from domain.identity import half_width
from domain.words import _
from services.importing.plan import Action, Draft, Level, PlanRow
from services.importing.records.attendance import SignedDays
from services.importing.rows.drafting import Context, against, missing, require
from services.importing.rows.known import PersonRef
from services.importing.rows.lines import Lines
from services.importing.rows.people import PeopleMaker, Ready
from services.importing.tables.heading_words import plain
from services.importing.tables.rosters import supposed
from services.importing.tables.title_months import only_year

_TITLE = re.compile(r"[^，。：:；;\s]*?(?:培训班|培训(?!学校|学院|中心|机构|基地|部|有限|公司)|课程|学习班|讲座|班)")
_SCHOOL = re.compile("^.*(?:学校|学院|中心|机构|基地|公司)(?=.*(?:培训|班))")
"""The school before the trade: 金桥职业培训学校电焊工培训班."""
_PLACE = r"(?:(?![年月期])[一-龥]{2,4}?(?<![农乡返城贫困])[县乡镇村](?!村))"
"""The place that holds a course: 桦川县, but not the 新农村 or 返乡 in a trade."""
_LEVEL = r"(?:[(（](?:初级|中级|高级|[一二三四五]级|初级工|中级工|高级工|专项)[)）])"
_TRADE = re.compile(
    rf"(?:(?:第\S{{1,3}}期|期|年|月|\d){_PLACE}{{0,3}}|^{_PLACE}{{1,3}})((?!第\S{{1,3}}期|[年月期]|培训|{_PLACE}{{1,3}}(?:技能)?(?:培训|班))[一-龥]{{2,10}}?){_LEVEL}?(?:补贴性|技能|职业)*(?:培训|班)"
)
_TRADE_AND_LEVEL = re.compile(rf"([一-龥]{{2,10}}){_LEVEL}(?:补贴性|技能|职业)*培训")
"""A title that begins with a trade: 家政服务员（初级）培训班."""
_REGION = re.compile("^(?:[一-龥]{2,3}省(?:[一-龥]{2,4}[市县])?|乡村振兴(?=[一-龥]{1,8}[员师工]$))")
"""What precedes a trade: 黑龙江省养老护理员, 乡村振兴育婴员."""
_SERIAL = re.compile(r"(?:\d{4}年)?第?[一二三四五六七八九十\d]{1,3}(?:期|班|批|期班|班次)?")
"""The number of a course in a series; not a course title."""
_TRADE_LINE = re.compile(r"(?:培训|鉴定)?(?:工种|职业|专业|项目)(?:\(工种\))?:\s*([一-龥]{2,12})(?![一-龥])")
_CONTENT_LINE = re.compile(r"培训(?:内容|课程|科目):\s*([一-龥]{2,12})(?:[\s。]|$)")
_NO_CONTENT = re.compile("安全|法[律规]|政策|理论|防火|消防|健康|道德|素质")
"""What is also taught on courses of other trades."""
_TITLE_LINE = re.compile(r"(?:培训)?(?:班次|班名|班级|期次)(?:名称)?:\s*([^，。；;\s]*[一-龥]班)")
_NO_TRADE = re.compile(
    "(?:农村|职业|就业|创业|岗前|岗位|技能|实用|技术|提升|补贴性?|劳动预备制?|劳动力|转移|免费|综合|素质|脱贫|监测|人口|人员|农民工?|村民|妇女|残疾人|退役军人|两后生|新型|高素质)+"
)
"""Words of a course's title that name no trade: 就业技能, 农村实用技术."""
_BARE_TRADE = re.compile(r"^([一-龥]{2,10}?)(?:补贴性|技能|职业)*(?:培训班|培训)")
_TRADE_IN_BRACKETS = re.compile(
    r"[(（]([一-龥]{1,8}(?:(?<![学人党团会社成职])员|师|(?<![民职员打务用农])工|技术|栽培|养殖|种植|制作))[)）](?:补贴性|技能|职业)*培训"
)
_TRADE_AFTER = re.compile("(?:培训班?|班)[(（]([一-龥]{2,12})[)）]")
_NOT_TAUGHT = re.compile("[初中高]级|[第一二三四五六七八九十]+期|班|学员|人员|名[单册]|[县乡镇村]$|年|月|批|组")
_LIST = "[^（()）]{0,10}"
_DATES_LINE = re.compile(
    r"(?:(?:培训|开班|办班|起止|上课)(?:起止)?(?:时间|日期|期间)|培训起止|(?:^|\s)(?:时间|日期)(?=:)):?\s*(\d[\d年月日号./\-—~至到 ]*)"
    rf"|(?:培训班?|期){_LIST}[(（]((?:20\d\d[年./-])?\d{{1,2}}[月./-]\d{{1,2}}日?\s*[-—~至到]+[\d年月日./\- ]+)[)）]"
)
_YEARLESS = re.compile(r"\d{1,2}月\d")
_COURSE = ("title", "trade", "level", "type", "hours", "start", "end", "place", "seats", "free")
_ENROLMENT = ("days_present", "days_total", "outcome", "score", "certificate", "certified_on")


class TrainingMaker(PeopleMaker):
    """Makes the rows of one training roster."""

    reads: tuple[str, ...] = ("person.", "course.", "enrolment.", "area.")

    def __init__(self, context: Context, lines: Lines, titled: str | None) -> None:
        super().__init__(context, lines, titled)
        self.title = course_title(lines.titles)
        self.type = course_type(lines.titles)
        self.signed = SignedDays(lines)
        self.span = course_span(lines.titles)
        if self.span is not None and (held := self.signed.span()) is not None and not (held[0] <= self.span[0] and self.span[1] == held[1]):
            self.signed.used = False  # another sheet has the other days
            self.context.propose(_("签到表的日期不是培训的全部日期，出勤天数没有按它记"))
        trades = {plain(trade) for trade in lines.values("course.trade") if trade} if lines.has("course.trade") else set()
        self.several = len(trades) > 1 and course_trade(self.title) is None
        """Whether the table lists several courses, so that its title is not the title of one of them."""
        self.trade = next(filter(None, map(_trade_named, lines.titles)), "")
        self.trade_after = next(filter(None, map(_trade_after, lines.titles)), None)

    def _ask(self, ready: Ready) -> str:
        self.known_courses = {(plain(row["title"]), row["start"]): row for row in self.context.known.all("course")}
        self.known_by_id = {row["id"]: row for row in self.known_courses.values()}
        spans = self.lines.values("course.range")
        self.courses = {i: course for i, row, _person in ready if (course := self._course(i, row, spans[i])) is not None}
        self._ask_enrolments()
        return _("核对培训花名册")

    def _course(self, i: int, row: PlanRow, span: tuple[str, str | None] | None) -> Draft | None:
        """The course of a row, found by title and start, otherwise a new one; None if the row is refused."""
        values = self._course_values(i, span)
        lacking = [
            (name, message)
            for name, message in (
                ("title", _("没有写明班名")),
                ("start", _("没有开班日期：请在表里加「开班日期」一列，或在表的上方写明培训时间")),
            )
            if not values.get(name)
        ]
        for name, message in lacking:
            self.lines.add_issue(row, i, f"course.{name}", message, "required")
        if lacking:
            return None
        key = (plain(values["title"]), values["start"])
        try:
            return self.context.shared_draft(("course", *key), lambda: self._course_draft(key, values))
        except FieldError as error:
            row.add(self.lines.of_row(i, str(error), error.code))
            return None

    def _course_values(self, i: int, span: tuple[str, str | None] | None) -> dict[str, Any]:
        """What a row, otherwise the lines above or the sign-in columns, say of its course."""
        values = self.lines.given("course", _COURSE, i)
        if self.title and _SERIAL.fullmatch(plain(values.get("title", ""))):
            del values["title"]
        span = span or (self.span if "start" not in values else None)
        values.setdefault("trade", self.trade or course_trade(self.title) or self.trade_after)
        by_trade = f"{values['trade']}培训班" if values["trade"] else None
        values.setdefault("title", (by_trade if self.several else None) or self.title or by_trade)
        if span is None and "start" not in values:
            span = self._signed_span(plain(values["title"] or ""))
        if span is not None:
            values.setdefault("start", span[0] if len(span[0]) == 10 else None)
            values.setdefault("end", span[1] if span[1] and len(span[1]) == 10 else None)
        return values

    def _signed_span(self, title: str) -> tuple[str, str | None] | None:
        """The dates of the course according to the sign-in columns. If a known course lasted longer, they are only a part of its days: they
        neither shorten it nor create another course, and are not counted as attendance."""
        held = self.signed.span()
        if held is None:
            return None
        alike = ((start, row["end"] or start) for (named, start), row in self.known_courses.items() if named == title)
        whole = next(((start, end) for start, end in alike if start <= held[0] and held[1] <= end), held)
        if whole == held:
            self.context.propose(_("没有写明培训时间，按签到的日期记为 {start} 至 {end}").format(start=held[0], end=held[1]))
            return held
        self.signed.used = False
        self.context.propose(_("签到表的日期不是培训的全部日期，出勤天数没有按它记"))
        return whole[0], None

    def _course_draft(self, key: tuple[str, str], values: dict[str, Any]) -> Draft:
        current = self.known_courses.get(key)
        if current is not None:
            return against("course", current, {name: value for name, value in values.items() if name != "title"})
        proposed = tuple(name for name in ("type", "end", "trade") if not values.get(name))
        if not values.get("trade"):
            values["trade"] = values["title"]
            self.context.propose(_("没有写明工种，「{title}」的工种先按班名记，请事后改").format(title=values["title"]))
        values.setdefault("type", self.type or supposed()["course.type"])
        if values.get("end") is None:
            values["end"] = values["start"]
        sort = kind_of("course").by_name["type"].show(values["type"])
        self.context.propose(_("新建培训班「{title}」，培训类型记为“{sort}”").format(title=values["title"], sort=sort))
        draft = self.context.new("course", self.titled or self.context.home.default, values, proposed=proposed)
        for f in missing(draft.kind, draft.values):
            raise FieldError(_("没有写明{label}").format(label=_(f.label)), "required")
        return draft

    def _ask_enrolments(self) -> None:
        """Look up the enrolments of these courses: living ones by course and person, deleted ones by id."""
        courses = {course.id for course in self.courses.values() if course.action is not Action.NEW}
        known = self.context.known
        self.stored = {(r["course_id"], r["person_id"]): r for r in known.where("enrolment", "course_id", courses)} if courses else {}
        self.deleted = (
            {r["id"]: r for r in known.where("enrolment", "course_id", courses, deleted=True) if r["deleted_at"]} if courses else {}
        )

    def _warn_too_many_days(self, i: int, row: PlanRow, course: Draft, values: Mapping[str, Any]) -> None:
        """Warn if a person attended more days than the course had, as when hours are entered instead of days."""
        length = _length(course.values if course.action is Action.NEW else self.known_by_id.get(course.id, {}))
        present, held = values.get("days_present"), min(filter(None, (values.get("days_total"), length)), default=None)
        if present is not None and held is not None and present > held:
            message = _("出勤 {present} 天，多于培训的 {held} 天，请核对").format(present=present, held=held)
            self.lines.add_issue(row, i, "enrolment.days_present", message, "days", Level.WARNING)

    def _row(self, i: int, row: PlanRow, person: PersonRef) -> None:
        lines, course = self.lines, self.courses[i]
        values: dict[str, Any] = {"course_id": course.id, "person_id": person.id}
        current = self.stored.get((course.id, person.id))
        values |= {name: lines.values(f"enrolment.{name}")[i] for name in _ENROLMENT}
        if values["days_present"] is None:
            values["days_present"] = self.signed.present(i, row, person.name)
            if values["days_present"] is not None and values["days_total"] is None and not (current and current["days_total"]):
                values["days_total"] = len(self.signed.columns)
        draft = against("enrolment", current, values) if current is not None else self.context.new("enrolment", person.village, values)
        if draft.action is Action.NEW and draft.id in self.deleted:
            draft.restore = True
        require(lines, i, row, draft)
        self._warn_too_many_days(i, row, course, values)
        key = ("enrolment", course.id, person.id)
        if self._claim(i, row, _("与{place}是同一个人"), *key) is not None:
            draft = self.context.shared[key].amended(draft.values)
        else:
            self.context.shared[key] = draft
        row.uses, row.drafts = [course], [draft]


def _length(course: Mapping[str, Any]) -> int | None:
    """The length of a course in days, both ends included; None if unknown. A course without an end is stored with its start as the end."""
    start, end = course.get("start"), course.get("end")
    return periods.day_count(start, end) if start and end and start != end else None


def course_span(titles: Sequence[str]) -> tuple[str, str | None] | None:
    """The dates of the course, if a line above the table states them: 培训时间：2023年3月6日至3月15日."""
    year = only_year(titles)
    for title in titles:
        hit = _DATES_LINE.search(half_width(title))
        if hit:
            with suppress(FieldError):
                days = hit[1] or hit[2]
                return periods.parse_range(f"{year}年{days}" if year and _YEARLESS.match(days) else days)
    return None


def _trade_named(line: str) -> str:
    """The trade of 培训工种：缝纫工 or 培训内容：黑木耳栽培; "" if a line names none."""
    hit = _TRADE_LINE.search(half_width(line)) or _CONTENT_LINE.search(half_width(line))
    return "" if hit is None or (hit.re is _CONTENT_LINE and _NO_CONTENT.search(hit[1])) else hit[1]


def _trade_after(line: str) -> str:
    """The trade in brackets after the course: 实用技术培训班（黑木耳栽培）; "" if the brackets hold something else."""
    hit = _TRADE_AFTER.search(line)
    return "" if hit is None or _NO_TRADE.fullmatch(hit[1]) or _NOT_TAUGHT.search(hit[1]) else hit[1]


def course_trade(title: str) -> str | None:
    """The trade in a course title, without the place: 缝纫工 for 桦川县2023年第1期缝纫工培训班."""
    title = _SCHOOL.sub("", title)
    hit = _TRADE.search(title) or _TRADE_AND_LEVEL.match(title) or _BARE_TRADE.match(title) or _TRADE_IN_BRACKETS.search(title)
    trade = "" if hit is None else _REGION.sub("", hit[1])
    return None if not trade or _NO_TRADE.fullmatch(trade) else trade


def course_type(titles: Sequence[str]) -> str | None:
    """The type of the course that the lines above name (实用技术培训); None if they name none or several."""
    sort, text = kind_of("course").by_name["type"], half_width("".join(titles))
    named = {code for code, label in (sort.choices or {}).items() if re.search(f"{label}(?:技能|类)?培训", text)}
    return named.pop() if len(named) == 1 else None


def course_title(titles: Sequence[str]) -> str:
    """The course title in the lines above, without 花名册, 签到表 and the like: 2023年第1期缝纫工培训班."""
    named = next((hit[1] for title in titles if (hit := _TITLE_LINE.search(half_width(title)))), "")
    if named:
        return named
    for title in titles:
        text = re.sub(r"(学员)?(花名册|名单|名册|签到表|考勤表|人员信息表|汇总表|登记表)", "", title)
        match = _TITLE.search(text)
        if match and match[0] not in ("培训", "班"):
            return re.sub(r"^附[件表]\d*[:：.、]?", "", match[0])
    return ""

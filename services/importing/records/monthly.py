"""Lists with a value for each person and month, or for several months in columns: 岗位补贴月报 and 公示表 → attendance and pay of
existing appointments, 务工月监测 → the status of work."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from domain import clock
from domain.divisions import only_place
from domain.divisions import outside as outside_area
from domain.errors import FieldError
from domain.fields import declaration
from domain.grouping import by_key
from domain.money import yuan_text
from domain.periods import Spell, clip, day_count, first_day, last_day
from domain.post_month import outside
from domain.records import Attendance, MonthlyCheck
from domain.words import _
from services.importing.plan import Action, Draft, Issue, Level, PlanRow
from services.importing.records.attendance import DayMarks, possible_days
from services.importing.records.special_lists import OccasionMaker
from services.importing.records.work_besides import places_in_parts
from services.importing.rows.column_readers import FULL, days_reader
from services.importing.rows.drafting import Context, found_again, month_of_pay
from services.importing.rows.known import PersonRef, Row
from services.importing.rows.lines import Lines
from services.importing.rows.people import NAME, PeopleMaker, Ready
from services.importing.tables.heading_words import plain
from services.importing.tables.headings import Heading
from services.importing.values.cells import Notice, place_code, reader, text_of

_ATTENDANCE = ("marks", "days", "confirmed_by")
_PAY = ("amount", "paid_on")


class PostMonthMaker(PeopleMaker):
    """Makes the rows of one list of post holders."""

    reads: tuple[str, ...] = ("person.", "attendance.", "post_pay.", "post.name", "area.")

    def _ask(self, ready: Ready) -> str:
        known = self.context.known
        self.appointments = known.children("appointment", "person_id", {person.id for _i, _row, person in ready})
        held = [a["id"] for rows in self.appointments.values() for a in rows]
        posts = {row["id"]: row for row in known.all("post")}
        self.posts = {id: plain(post["name"]) for id, post in posts.items()}
        self.post_of = {a["id"]: posts[a["post_id"]] for rows in self.appointments.values() for a in rows if a["post_id"] in posts}
        self.stored = {
            row["id"]: row for kind in ("attendance", "post_pay") for row in known.where(kind, "appointment_id", held, deleted=True)
        }
        self.paid = by_key(
            ((row["appointment_id"], row["month"]), row["amount"]) for row in known.where("post_pay", "appointment_id", held)
        )
        return _("核对岗位补贴名单")

    def _rows(self) -> list[tuple[int, PlanRow]]:
        self.marks = DayMarks(self.lines)
        self.months: list[tuple[str, Heading, list[Any]]] = []
        if self.lines.binding.months and (sort := self._sort()) is not None:
            self.sort = sort
            self.months = self.lines.month_values() if sort == "post_pay" else self._month_days()
        return super()._rows()

    def _sort(self) -> str | None:
        """The kind of the month columns, attendance or pay: from their own headings, otherwise from the title; None if neither tells it."""
        if self.lines.binding.months_of:
            return self.lines.binding.months_of
        text = "".join((*self.lines.titles, self.lines.found_in))
        days, pay = re.search("出勤|考勤|单位[:：]天", text), re.search("补贴|补助|工资|待遇|发放|单位[:：]元", text)
        return "attendance" if days and not pay else "post_pay" if pay and not days else None

    def _month_days(self) -> list[tuple[str, Heading, list[Any]]]:
        field = declaration(Attendance.days)
        return self.lines.month_counts(field, days_reader(reader(field, home=self.lines.home)))

    def _plan_months(self, i: int, row: PlanRow, person: PersonRef) -> None:
        """Plan the row's value in each month column."""
        if not self.months:
            message = _("看不出各月的数是出勤天数还是补贴金额，请在标题写明“出勤”或“补贴”其中一样")
            row.add(self.lines.of_row(i, message, "required"))
            return
        for month, heading, values in self.months:
            if not values[i]:
                continue
            if (appointment := self._appointment(i, row, person, month, heading.text)) is None:
                return
            value = {"days": values[i]}
            if self.sort == "post_pay":
                value = {**self.lines.given("post_pay", ("paid_on",), i), "amount": values[i]}
            else:
                value = self._full(i, row, appointment, month, value)
            if value:
                self._draft(i, row, self.sort, person, {"appointment_id": appointment["id"], "month": month, **value})

    def _row(self, i: int, row: PlanRow, person: PersonRef) -> None:
        lines = self.lines
        if lines.binding.months and not self.marks:
            self._plan_months(i, row, person)
            return
        month = month_of_pay(lines, row, i, ("attendance.month", "post_pay.month"))
        if month is None:
            lines.add_issue(row, i, "attendance.month", _("没有写明是哪个月"), "required")
            return
        if (appointment := self._appointment(i, row, person, month, lines.heading(NAME))) is None:
            return
        for kind, names in (("attendance", _ATTENDANCE), ("post_pay", _PAY)):
            values = lines.given(kind, names, i)
            if kind == "attendance":
                values = self._marked(i, row, month, values) if self.marks else values
                values = self._full(i, row, appointment, month, values)
                self._warn_outside(i, row, appointment, month, values)
            if values and (kind != "post_pay" or values.get("amount")):
                self._draft(i, row, kind, person, {"appointment_id": appointment["id"], "month": month, **values})

    def _marked(self, i: int, row: PlanRow, month: str, values: dict[str, Any]) -> dict[str, Any]:
        """The attendance values with the marks of the day columns; a total beside them is only compared."""
        if self.marks.unexplained_slashes:
            self.context.notes[_("格里的「/」按没有出勤算；如果表示出勤，请在表下写一行，例如：出勤/ 病假△ 事假○")] = None
        if self.marks.full(i):
            return {"days": next(iter(FULL)), **values}
        marks = self.marks.of_row(i, month)
        if marks is None:
            return values
        if self.marks.absences and "A" in marks:
            self.context.notes[_("表下写了缺勤的记号，按旷工记；其实是病假、事假或休息的，导入后请改")] = None
        days = values.pop("days", None)
        if isinstance(days, int) and days != marks.count("P"):
            message = _("打勾的是 {marked} 天，出勤天数写的是 {days}，收下就按打勾的算").format(marked=marks.count("P"), days=days)
            self.lines.add_issue(row, i, "attendance.days", message, "days", Level.QUESTION)
        return {**values, "marks": marks}

    def _full(self, i: int, row: PlanRow, appointment: Row, month: str, values: dict[str, Any]) -> dict[str, Any]:
        """The values with 全勤 as days: those that the post requires, as far as the month has them, otherwise those of the month. Who held
        the post for part of the month gets none, with a warning."""
        if values.get("days") not in FULL:
            return values
        whole = Spell(first_day(month), last_day(month))
        held = clip(whole, appointment["start"], appointment["exit_on"])
        if held != whole:
            said = _("写的是「全勤」，但这个月只有一部分在岗，天数没有记，请写出勤天数")
            self.lines.add_issue(row, i, "attendance.days", said, "full", Level.WARNING)
            return {name: value for name, value in values.items() if name != "days"}
        size = day_count(*whole)
        days = min(self.post_of.get(appointment["id"], {}).get("required_days") or size, size)
        self.lines.add_issue(row, i, "attendance.days", _("写的是「全勤」，按 {n} 天记").format(n=days), "full", Level.REPAIR)
        return {**values, "days": days}

    def _warn_outside(self, i: int, row: PlanRow, appointment: Row, month: str, values: Mapping[str, Any]) -> None:
        """Warn of attendance on days before the post was taken up or after it was left."""
        held = clip(Spell(first_day(month), last_day(month)), appointment["start"], appointment["exit_on"])
        said = {"appointment_id": appointment["id"], "month": month, "marks": values.get("marks"), "days": values.get("days")}
        kept = Attendance(id="", village="", **said)
        if held is not None and outside(kept, held):
            message = _("{month} 在岗只有 {start} 至 {end}，考勤里有不在岗的日子，请核对").format(
                month=month, start=held.start, end=held.end
            )
            self.lines.add_issue(row, i, "attendance.days", message, "outside", Level.WARNING)

    def _appointment(self, i: int, row: PlanRow, person: PersonRef, month: str, column: str) -> Row | None:
        """The person's appointment in that month, on the post that the row names if it does; of several, the one that began last. Without
        one the row is refused."""
        post = plain(self.lines.values("post.name")[i] or "")
        current = [
            a
            for a in self.appointments.get(person.id, ())
            if a["start"][:7] <= month <= (a["exit_on"] or month)[:7] and (not post or self.posts.get(a["post_id"]) == post)
        ]
        if not current:
            message = _("{name}在 {month} 没有聘用记录，请先导入公益性岗位台账").format(name=person.name, month=month)
            row.add(Issue(row.number, column, "", message, "reference", sheet=self.lines.sheet))
        return max(current, key=lambda a: str(a["start"]), default=None)

    def _draft(self, i: int, row: PlanRow, kind: str, person: PersonRef, values: Mapping[str, Any]) -> None:
        if kind == "attendance":
            possible_days(values)
        if str(values["month"]) > clock.today()[:7]:
            self.lines.add_issue(
                row, i, f"{kind}.month", _("{month} 还没有到，请核对年份").format(month=values["month"]), "ahead", Level.WARNING
            )
        made = self.context.new(kind, person.village, values)
        first = self.context.claim(row, kind, made.id)
        try:
            if first is not None:
                raise FieldError(_("与{place}是同一条记录").format(place=first), "duplicate")
            row.drafts = [*row.drafts, self._against(made, values)]
            if kind == "post_pay" and row.drafts[-1].action is Action.NEW:
                self._warn_above_standard(i, row, values)
        except FieldError as error:
            self.lines.add_issue(row, i, f"{kind}.{'amount' if kind == 'post_pay' else 'days'}", str(error), error.code)

    def _warn_above_standard(self, i: int, row: PlanRow, values: Mapping[str, Any]) -> None:
        """Warn if a month's pay exceeds the post's standard, as when several months are paid in one amount."""
        standard = self.post_of.get(str(values["appointment_id"]), {}).get("standard")
        if standard is not None and values["amount"] > standard:
            message = _("高于岗位的待遇标准 {standard} 元/月；几个月合在一起的，请一个月一行").format(standard=yuan_text(standard))
            self.lines.add_issue(row, i, "post_pay.amount", message, "standard", Level.WARNING)

    def _against(self, made: Draft, values: Mapping[str, Any]) -> Draft:
        """The draft for a natural id that the store may have. A month with several payments is unchanged if their sum is the amount, and
        gets a new payment if they cancel out."""
        stored = self.stored.get(made.id)
        paid = self.paid.get((str(values["appointment_id"]), str(values["month"])), []) if made.kind.name == "post_pay" else []
        if len(paid) > 1 and values["amount"] == sum(paid):  # a payment and its correction
            return Draft(made.kind, "", made.village, Action.UNCHANGED, {})
        if len(paid) > 1 and not sum(paid):  # reversed, and paid again
            return replace(made, id=self.context.session.new_id())
        draft = found_again(made, stored, values)
        if stored is None or draft is made or not values.get("marks") or stored["days"] is None:
            return draft
        # clear the stored total, which would otherwise contradict the marks
        before = {**(draft.before or {}), "days": stored["days"]}
        return replace(draft, action=Action.CHANGED, values={**draft.values, "days": None}, before=before)


_KIND = "monthly_check"
_WORKS = re.compile("[是√1]|(?:仍|还)?在[岗外]|已?(?:外出)?务工")
_AT_WORK = re.compile("^(?:[去在到往赴]|前往)|(?:务工|打工|上班|干活|工作|就业)$")
"""Words around the place in a month's cell: 去大连打工."""
_SAYS_WHETHER = ("work.already", "work.still")


class CheckMonthMaker(PeopleMaker):
    """Makes the rows of one list of people with a status for each month."""

    reads: tuple[str, ...] = ("person.", "area.")

    def _rows(self) -> list[tuple[int, PlanRow]]:
        read = status_or_place(self.lines.home)
        self.months: list[tuple[str, Heading, list[Any]]] = self.lines.month_counts(declaration(MonthlyCheck.status), read)
        return super()._rows()

    def _ask(self, ready: Ready) -> str:
        ids = {person.id for _i, _row, person in ready}
        self.stored = {row["id"]: row for row in self.context.known.where(_KIND, "person_id", ids, deleted=True)}
        return _("核对务工月监测")

    def _row(self, i: int, row: PlanRow, person: PersonRef) -> None:
        for month, _heading, values in self.months:
            if values[i] is None:
                continue
            values_of_month = {"person_id": person.id, "month": month, **values[i]}
            made = self.context.new(_KIND, person.village, values_of_month)
            first = self.context.claim(row, _KIND, made.id)
            if first is not None and not any(issue.code == "duplicate" for issue in row.issues):
                self.lines.add_issue(row, i, NAME, _("与{place}是同一个人").format(place=first), "duplicate", Level.QUESTION)
            row.drafts = [*row.drafts, self.context.found_again(made, self.stored.get(made.id), values_of_month)]


def status_or_place(home: str) -> Callable[[Any, list[Notice]], dict[str, str] | None]:
    """A reader for a month's cell: a status, or the place outside the county where the person is away."""
    status = reader(replace(declaration(MonthlyCheck.status), required=False), home=home)

    def read(cell: Any, notices: list[Notice]) -> dict[str, str] | None:
        try:
            said = status(cell, notices)
        except FieldError:
            named = _AT_WORK.sub("", text_of(cell))
            place = place_code(named, home, notices) if only_place(named, home=home) else None
            if place is None or not outside_area(place, home):
                raise
            return {"status": "away", "place": place}
        return None if said is None else {"status": str(said)}

    return read


class CheckMaker(OccasionMaker):
    """Makes the rows of one month's list. If it says only whether a person works, those working outside the county are away."""

    def __init__(self, context: Context, lines: Lines, titled: str | None) -> None:
        super().__init__(context, lines, titled)
        whole = lines.has("monthly_check.place")
        self.places = {} if whole else places_in_parts(lines, context.home.scope, range(len(lines)))
        self.reads += (*_SAYS_WHETHER, "work.province", "work.city", "work.county")

    def _values(self, i: int, row: PlanRow) -> dict[str, Any]:
        values = super()._values(i, row)
        if i in self.places:
            values.setdefault("place", self.places[i])
        target = next((target for target in _SAYS_WHETHER if self.lines.has(target)), None)
        if target is not None and "status" not in self.names and not row.refused:
            place = values.get("place")
            if _WORKS.fullmatch(self.lines.text(target)[i]) and place and outside_area(str(place), self.lines.home):
                values["status"] = "away"
            else:
                message = _("只写了「{text}」，看不出这个月在做什么；请写在县内做什么，或为什么没有务工，例如：公益岗、灵活就业、待业")
                self.lines.add_issue(row, i, target, message.format(text=self.lines.written(target)[i][:20]), "status")
        return values

"""The view models of 公益岗: lists posts and their holders, and saves their forms; a month's attendance by day, stored and unsaved, and its
pay sheet. Saving a month is one act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter
from typing import Any

from PySide6.QtCore import Signal

from db.session import Session
from desktop.page import Frame
from desktop.station import Station
from desktop.view_model import RecordModel, SheetModel, Values
from desktop.widgets.ledger_model import Column, Source, View, in_memory, whose
from domain import clock, workdays
from domain.fields import KINDS, Record
from domain.money import yuan_grouped
from domain.periods import add_months, last_day
from domain.records import Appointment
from domain.words import N_, _, lazy
from services.posts import pay as post_pay
from services.posts import posts
from services.posts.pay import MonthLine
from services.posts.posts import Holder, PostLine


@dataclass(frozen=True)
class Term:
    """The dates of the next agreement or insurance of an appointment."""

    appointment_id: str
    name: str
    start: str
    end: str


class PostsModel(RecordModel):
    """The state of the lists."""

    counted = Signal(str, int)
    """The figures below the list, and the number of holders who need attention."""
    located = Signal(str)
    """The id of the appointment that a record belongs to."""
    terms_found = Signal(str, object)
    """The kind (agreement or insurance) and the `Term`s."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.posts, self.holders = _posts(station), _holders(station)
        """Filters: `post` and `state`."""
        self.only_post: str | None = None
        """The post to propose for an appointment: the only one with a place left."""

    def reload(self) -> None:
        """Count again."""
        self._jobs.run(self._station.reading(_totals), self._counted, key="posts")

    def _counted(self, found: tuple[str, int, str | None]) -> None:
        text, matters, self.only_post = found
        self.counted.emit(text, matters)

    def locate(self, kind: str, id: str) -> None:
        """Find the appointment that an agreement or insurance belongs to (an appointment: itself); emits `located`."""

        def found(record: Record | None) -> None:
            if record is not None:
                self.located.emit(record.get("appointment_id", record.id))

        self._jobs.run(lambda: self._get(kind, id), found)

    def appoint(self, values: Values, agreement: Values, insurance: Values) -> None:
        """Appoint a person to a post, with agreement and insurance if filled in."""
        label = lazy("公益岗上岗")
        self.act(lambda: self._station.write(label, posts.appoint, values, agreement, insurance), lambda _id: _("已办上岗"), adds=True)

    def leave(self, ids: Sequence[str], day: str, reason: str | None) -> None:
        """End appointments on a day (退岗)."""
        self.end_all(N_("公益岗退岗 {n} 人"), posts.leave, ids, day, reason, _("已办退岗 {n} 人"))

    def next_terms(self, kind: str, ids: Sequence[str]) -> None:
        """Find the dates of the next agreement or insurance of each appointment; emits `terms_found`."""
        self._jobs.run(lambda: self._station.read(_terms, ids, kind), lambda terms: self.terms_found.emit(kind, terms))

    def renew(self, kind: str, values: Values, ids: Sequence[str]) -> None:
        """Save the same agreement or insurance for each appointment, as one act."""
        label = lazy("{what} {n} 人", what=lazy(KINDS[kind].label), n=len(ids))
        message = _("已保存 {n} 人").format(n=len(ids)) if len(ids) > 1 else _("已保存")
        self.act(lambda: self._station.write(label, posts.renew, kind, values, ids), lambda _n: message)


def _posts(station: Station) -> Source:
    post = attrgetter("post")

    def free(line: PostLine) -> str:
        return _("缺 {n} 人").format(n=line.free) if line.free > 0 else _("已满") if line.free == 0 else _("超额")

    columns: list[Column[PostLine]] = [
        Column("name", _("岗位名称"), 140, post, style="strong", sortable=False),
        *whose(station.store.scope, post),
        Column("type", _("类型"), 76, post, sortable=False),
        Column("quota", _("定额数"), 66, post, right=True, sortable=False),
        Column("holders", _("在岗"), 60, lambda line: line.holders, right=True, sortable=False),
        Column("free", _("空缺"), 80, free, style="chip", tones={_("超额"): "bad", _("已满"): "plain"}, sortable=False),
        Column("standard", _("标准（元/月）"), 104, post, right=True, sortable=False),
        Column("required_days", _("规定天数"), 80, post, right=True, sortable=False),
        Column("developer", _("开发主体"), 96, post, sortable=False),
        Column("fund", _("资金渠道"), 200, post, sortable=False),
        Column("user_unit", _("用人单位"), 160, post, sortable=False),
    ]
    return in_memory(columns, lambda _view: station.read(_lines), attrgetter("post.id"), attrgetter("post.name"))


def _lines(session: Session) -> list[PostLine]:
    return posts.posts(session, session.today)


def _totals(session: Session) -> tuple[str, int, str | None]:
    lines = posts.posts(session, session.today)
    held = posts.holders(session, session.today)
    words = _("共 {posts} 个岗位，定额 {quota} 人，在岗 {holders} 人")
    text = words.format(posts=len(lines), quota=sum(line.post.quota for line in lines), holders=sum(each.current for each in held))
    free = [line.post.id for line in lines if line.free > 0]
    return text if lines else "", sum(bool(each.matters) for each in held), free[0] if len(free) == 1 else None


def _holders(station: Station) -> Source:
    held = attrgetter("appointment")

    def agreement(one: Holder) -> str:
        return _("{start} 至 {end}").format(start=one.agreement.start, end=one.agreement.end) if one.agreement else ""

    columns: list[Column[Holder]] = [
        Column("name", _("姓名"), 84, lambda one: one.name, style="strong", sortable=False),
        *whose(station.store.scope, held),
        Column("post", _("岗位"), 96, lambda one: one.post_name, sortable=False),
        Column("matters", _("要处理"), 230, lambda one: _("；").join(one.matters), sortable=False),
        Column("start", _("上岗"), 96, held, sortable=False),
        Column("agreement", _("协议"), 186, agreement, sortable=False),
        Column("insurance", _("意外险到"), 96, lambda one: one.insurance and one.insurance.end, sortable=False),
        Column("category", _("身份"), 120, lambda one: one.category, sortable=False),
        Column("id_number", _("证件号码"), 170, lambda one: one.id_number, sortable=False),
        Column("exit_on", _("退岗"), 96, held, sortable=False, shown=False),
        Column("exit_reason", _("退岗原因"), 120, held, sortable=False, shown=False),
    ]

    def searched(one: Holder) -> str:
        return f"{one.name}\n{one.post_name}"

    return in_memory(columns, lambda view: station.read(_held, view), attrgetter("appointment.id"), searched)


def _held(session: Session, view: View) -> list[Holder]:
    found = posts.holders(session, session.today, view.filters.get("post"))
    return [one for one in found if _is(view.filters.get("state"), one)]


def _is(state: str | None, one: Holder) -> bool:
    return state is None or {"now": one.current, "matters": bool(one.matters), "left": not one.current}[state]


def _terms(session: Session, ids: Sequence[str], kind: str) -> list[Term]:
    found = [posts.described(session, [session.existing(Appointment, id)], session.today)[0] for id in ids]
    return [Term(each.appointment.id, each.name, *posts.next_term(each, kind, session.today)) for each in found]


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

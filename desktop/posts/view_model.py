"""The view model of 公益岗: lists posts and their holders, and saves their forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from PySide6.QtCore import Signal

from db.session import Session
from desktop.page import Frame
from desktop.station import Station
from desktop.view_model import RecordModel, Values
from desktop.widgets.ledger_model import Column, Source, View, in_memory, whose
from domain.fields import KINDS, Record
from domain.records import Appointment
from domain.words import N_, _, lazy
from services.posts import posts
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

"""The view model of 公益岗: lists posts and their holders, and saves their forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal

from db.session import Session
from desktop.page import Frame
from desktop.record_model import RecordModel, Values
from desktop.station import Station
from desktop.widgets.ledger_table import Row, View
from desktop.widgets.listed import Listed, source
from domain import divisions
from domain.fields import KINDS, Record
from domain.records import Appointment
from domain.words import N_, _, lazy
from services.posts import posts
from services.posts.posts import Holder


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
        self.home = station.store.scope
        self.posts = source(lambda _view: station.read(_posts))
        self.holders = source(lambda view: station.read(_holders, view), "sought")
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


def _posts(session: Session) -> list[Listed]:
    return [Listed(_post_row(line)) for line in posts.posts(session, session.today)]


def _post_row(line: posts.PostLine) -> Row:
    names = ("name", "type", "quota", "standard", "required_days", "developer", "fund", "user_unit")
    shown = {name: line.post.shown(name) for name in names}
    free = _("缺 {n} 人").format(n=line.free) if line.free > 0 else _("已满") if line.free == 0 else _("超额")
    village = divisions.called(line.post.village)
    return {"id": line.post.id, "village": village, **shown, "holders": str(line.holders), "free": free}


def _totals(session: Session) -> tuple[str, int, str | None]:
    lines = posts.posts(session, session.today)
    held = posts.holders(session, session.today)
    words = _("共 {posts} 个岗位，定额 {quota} 人，在岗 {holders} 人")
    text = words.format(posts=len(lines), quota=sum(line.post.quota for line in lines), holders=sum(each.current for each in held))
    free = [line.post.id for line in lines if line.free > 0]
    return text if lines else "", sum(bool(each.matters) for each in held), free[0] if len(free) == 1 else None


def _holders(session: Session, view: View) -> list[Listed]:
    found = posts.holders(session, session.today, view.filters.get("post"))
    return [Listed(_holder_row(each)) for each in found if _is(view.filters.get("state"), each)]


def _is(state: str | None, each: Holder) -> bool:
    return state is None or {"now": each.current, "matters": bool(each.matters), "left": not each.current}[state]


def _holder_row(each: Holder) -> Row:
    a, agreement = each.appointment, each.agreement
    return {
        "id": a.id,
        "name": each.name,
        "sought": f"{each.name}\n{each.post_name}",
        "village": divisions.called(a.village),
        "id_number": each.id_number,
        "category": each.category,
        "post": each.post_name,
        "start": a.start,
        "agreement": _("{start} 至 {end}").format(start=agreement.start, end=agreement.end) if agreement else "",
        "insurance": each.insurance.end if each.insurance else "",
        "matters": _("；").join(each.matters),
        "exit_on": a.exit_on or "",
        "exit_reason": a.exit_reason or "",
    }


def _terms(session: Session, ids: Sequence[str], kind: str) -> list[Term]:
    found = [posts.described(session, [session.existing(Appointment, id)], session.today)[0] for id in ids]
    return [Term(each.appointment.id, each.name, *posts.next_term(each, kind, session.today)) for each in found]

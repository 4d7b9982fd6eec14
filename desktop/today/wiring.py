"""今日 with the store behind it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from db.session import Session
from desktop.page import Frame
from desktop.station import Station
from desktop.today.page import TodayPage
from desktop.today.presenting import doubt_matter, present
from desktop.today.view_model import Day, Matter, TodayModel, Uses
from domain.words import _
from services import quality, registry, work
from services import today as today_service


def build(frame: Frame, station: Station) -> TodayPage:
    """The page and its view model."""
    uses = Uses(
        day=station.reading(_day),
        doubts=station.reading(_doubts),
        same_as_last_month=station.writing(_("月监测：与上月相同"), lambda session: work.same_as_last_month(session, _today()[:7])),
        settle=station.writing(lambda matter, state, reason: _("处置：{what}").format(what=matter.what), _settle),
    )
    return TodayPage(frame, TodayModel(frame.jobs, uses))


def _today() -> str:
    return date.today().isoformat()  # noqa: DTZ011 — a local calendar day


def _day(session: Session) -> Day:
    return present(today_service.today(session, _today()))


def _doubts(session: Session) -> Sequence[Matter]:
    return [doubt_matter(doubt) for doubt in quality.check(session, _today())]


def _settle(session: Session, matter: Matter, state: str, reason: str | None) -> None:
    values = {"code": matter.code, "record_id": matter.about, "due": matter.due, "state": state, "reason": reason}
    registry.save(session, "finding", {**values, "by": session.user, "closed_on": _today()})

"""今日 with the store behind it."""

from __future__ import annotations

from collections.abc import Sequence

from db.session import Session
from desktop.page import Frame
from desktop.station import Station
from desktop.today.page import TodayPage
from desktop.today.presenting import doubt_matter, entitled, present
from desktop.today.view_model import Day, Matter, Section, TodayModel, Uses
from domain import clock
from domain.words import _
from services import cards, policies, quality, registry, screening, work
from services import today as today_service

JUDGED_PEOPLE = 1500
"""With more people than this 今日 does not screen: 补助 does, when it is asked to."""


def build(frame: Frame, station: Station) -> TodayPage:
    """The page and its view model."""
    uses = Uses(
        day=station.reading(_day),
        entitled=station.reading(_entitled),
        doubts=station.reading(_doubts),
        same_as_last_month=station.writing(_("月监测：与上月相同"), lambda session: work.same_as_last_month(session, clock.today()[:7])),
        settle=station.writing(lambda matter, state, reason: _("处置：{what}").format(what=matter.what), _settle),
    )
    model = TodayModel(frame.jobs, uses)
    return TodayPage(frame, model, station.store.role != "village").keeping(model)


def _day(session: Session) -> Day:
    return present(today_service.today(session, clock.today()))


def _entitled(session: Session) -> Section | None:
    if session.count("person") > JUDGED_PEOPLE:
        return None
    packs = policies.used_here(session)
    screened = screening.screen(session, packs=packs)
    wanted = [each for each in screened if each.unclaimed or (each.nearly and each.claimable and each.claim_id is None)]
    return entitled(cards.listed(session, wanted, packs), above=session.role != "village")


def _doubts(session: Session) -> Sequence[Matter]:
    return [doubt_matter(doubt) for doubt in quality.check(session, clock.today())]


def _settle(session: Session, matter: Matter, state: str, reason: str | None) -> None:
    values = {"code": matter.code, "record_id": matter.about, "due": matter.due, "state": state, "reason": reason}
    registry.save(session, "finding", {**values, "by": session.user, "closed_on": clock.today()})

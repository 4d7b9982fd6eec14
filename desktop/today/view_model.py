"""The view model of 今日. Loads its sections, charts and lists off the GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Signal

from db.session import Session
from desktop.jobs import Progress
from desktop.page import Frame
from desktop.station import Station
from desktop.today.presenting import SINGLY, Day, Matter, Section, awaited, doubt_matter, entitled, present
from desktop.view_model import ViewModel
from domain import clock, divisions
from domain.progress import unwatched
from domain.words import _, lazy
from services import cards, policies, records, screening, work
from services import today as today_service
from services.quality import overview, repeats

JUDGED_PEOPLE = 1500
"""With more people than this, 今日 does not screen everybody; 补助 does so on request."""
_ROOM = "entitled_lines"
"""The preference with the number of lines that 应享未享 had last time."""


class TodayModel(ViewModel):
    """The state of the page 今日."""

    changed = Signal(object)
    filled = Signal(int)
    matters_changed = Signal(object)
    settled = Signal(object)
    deleted = Signal(object)

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.day: Day | None = None
        self.matters: Sequence[Matter] = ()
        """The matters in the full list."""
        self.doubting = False
        self._room = int(frame.preferences.number(_ROOM, SINGLY + 1))

    def load(self) -> None:
        """Load everything again. Loading the day and the screening give way to other work, the day for the first time only where there are
        many people: the page opened next used to stay empty until both were finished."""
        known, patient = self.day is not None, self._jobs.check_preempted
        look, judge = partial(_day, progress=patient, at_once=not known), partial(_entitled, progress=patient)
        self._jobs.run(self._station.reading(look), self._show, key="today", later=known)
        self._jobs.run(self._station.reading(judge), self._show_entitled, key="today-entitled", later=True)
        if self.doubting:
            self._jobs.run(self._station.reading(_doubts), self._show_doubts, key="today-doubts")

    def give_up_room(self) -> None:
        """The page is opened anew: 应享未享 takes no more room than it has lines."""
        self._room = 0 if self.day is not None and self.day.entitled is not None else self._room

    def list_warnings(self) -> None:
        """Show all warnings in the full list."""
        self.doubting = False
        self._list(self.day.matters if self.day else ())

    def list_doubts(self) -> None:
        """Run the data checks and show their results; for a whole township that takes a while."""
        if self.doubting:
            return
        self.doubting = True
        self._frame.run_long(_("数据体检"), self._station.reading(_doubts), self._show_doubts, self._not_checked)

    def same_as_last_month(self) -> None:
        """Fill in the missing monthly checks that can be copied from last month, as one act that can be undone."""
        label, month = lazy("月监测：与上月相同"), clock.this_month()
        self._jobs.run(lambda: self._station.write(label, work.same_as_last_month, month), self.filled.emit)

    def settle(self, matters: Sequence[Matter], state: str, reason: str | None) -> None:
        """Record, as one act, that matters were settled; they leave the list."""
        wanted = [matter for matter in matters if matter.can_settle]
        label = lazy("处置：{what}", what=wanted[0].what) if len(wanted) == 1 else lazy("处置 {n} 件", n=len(wanted))

        def settle(progress: Progress) -> int:
            return self._station.write(label, _settle, wanted, state, reason, progress)

        self._frame.run_long(_("处置"), settle, self.settled.emit)

    def delete_repeats(self) -> None:
        """Delete, as one act, the records that were entered twice."""

        def delete(progress: Progress) -> repeats.Deleted:
            return self._station.write(lazy("删去多记的记录"), repeats.delete_repeats, progress)

        self._frame.run_long(_("删去多记的"), delete, self.deleted.emit)

    def _show(self, day: Day) -> None:
        known = self.day
        entitled = known.entitled if known else awaited(self._room) if day.people <= JUDGED_PEOPLE else None
        self.day = replace(day, entitled=self._roomy(entitled), nearly=known.nearly if known else None)
        self.changed.emit(self.day)
        if not self.doubting:
            self._list(day.matters)

    def _show_entitled(self, found: tuple[Section, Section] | None) -> None:
        entitled, nearly = found or (None, None)
        if entitled is not None and self._frame.preferences.number(_ROOM, SINGLY + 1) != len(entitled.lines):
            self._frame.preferences.keep(_ROOM, len(entitled.lines))
        entitled = self._roomy(entitled)
        if self.day is not None and (entitled, nearly) != (self.day.entitled, self.day.nearly):
            self.day = replace(self.day, entitled=entitled, nearly=nearly)
            self.changed.emit(self.day)

    def _roomy(self, section: Section | None) -> Section | None:
        return replace(section, room=self._room) if section is not None else None

    def _show_doubts(self, matters: Sequence[Matter]) -> None:
        if self.doubting:
            self._list(matters)

    def _not_checked(self, error: Exception) -> None:
        self.doubting = False
        self._frame.show_error(error)

    def _list(self, matters: Sequence[Matter]) -> None:
        self.matters = matters
        self.matters_changed.emit(matters)


def _day(session: Session, progress: Progress, *, at_once: bool) -> Day:
    if at_once and session.count("person") <= JUDGED_PEOPLE:
        progress = unwatched
    return present(today_service.today(session, clock.today(), progress))


def _entitled(session: Session, progress: Progress) -> tuple[Section, Section] | None:
    """Who is entitled and has not claimed, and who nearly is; None if there are too many people to screen while the page opens."""
    if session.count("person") > JUDGED_PEOPLE:
        return None
    packs = policies.used_here(session)
    screened = screening.screen(session, packs=packs, progress=progress)
    wanted = [each for each in screened if each.unclaimed or (each.nearly and each.claimable and each.claim_id is None)]
    return entitled(cards.listed(session, wanted, packs), level=session.role)


def _doubts(session: Session, progress: Progress = unwatched) -> Sequence[Matter]:
    above = session.role != "village"
    return [doubt_matter(doubt, divisions.called(village) if above else "") for village, doubt in overview.placed(session, progress)]


def _settle(session: Session, matters: Sequence[Matter], state: str, reason: str | None, progress: Progress) -> int:
    for done, matter in enumerate(matters):
        progress(done, len(matters), matter.what)
        values = {"code": matter.code, "record_id": matter.about, "due": matter.due, "state": state, "reason": reason}
        records.save(session, "finding", {**values, "by": session.user, "closed_on": clock.today()})
    return len(matters)

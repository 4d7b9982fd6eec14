"""The view model of 乡镇: a row for each village with its figures, when it last sent changes, and remarks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal

from db.session import Session
from desktop.page import Frame
from desktop.station import Station
from desktop.view_model import ViewModel
from desktop.widgets.ledger_model import Source
from desktop.wiring.lists import chosen_source
from domain.clock import when
from domain.periods import add_months
from domain.scopes import is_village, within
from domain.words import N_, _, lazy
from services import key_changes, villages
from services.key_changes import UnconfirmedChange
from services.reports import completeness, targets
from services.villages import Village
from sync.station.stick import courier

CLAIMS, DISPUTED, CHANGES = "due", "disputed", "changes"
"""Figures with special lists: claims, conflicts in 同步, and changes to confirm; the others list people."""


@dataclass(frozen=True)
class VillageLine:
    """A village, or the sum of a township: figures as text by column, when it last sent changes, and remarks. `tone`: warn for a village
    that has stopped sending."""

    area: str
    name: str
    cells: Mapping[str, str]
    sent: str
    note: str
    tone: str = ""
    sum: bool = False


@dataclass(frozen=True)
class Overview:
    """All rows, and the sentence above them."""

    lines: Sequence[VillageLine]
    summary: str


class TownshipModel(ViewModel):
    """The state of the page."""

    shown = Signal(object)
    recorded = Signal(int)

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.overview: Overview | None = None

    def load(self) -> None:
        """Load the villages again."""
        self._jobs.run(self._station.reading(_overview), self._show, key="township")

    def say(self, ids: Sequence[str], what: str, reason: str) -> None:
        """Confirm changes, or object to them: all or none."""
        label = lazy({"confirm": N_("确认变更 {n} 处"), "dispute": N_("对变更有异议 {n} 处")}[what], n=len(ids))
        self._jobs.run(lambda: self._station.write(label, _say, ids, what, reason), self.recorded.emit)

    def changes(self, area: str) -> list[UnconfirmedChange]:
        """Return the changes that wait in an area; blocks on the database."""
        return [one for one in self._station.read(key_changes.waiting) if within(one.village, area)]

    def behind(self, area: str, figure: str) -> Source:
        """Return the list behind a figure."""
        kind = "claim" if figure == CLAIMS else "person"
        return chosen_source(self._station, kind, lambda session: villages.ids(session, _month(session), area, figure))

    def line(self, area: str) -> VillageLine | None:
        """Return a row by its area, or None."""
        return next((one for one in self.overview.lines if one.area == area), None) if self.overview else None

    def _show(self, overview: Overview) -> None:
        self.overview = overview
        self.shown.emit(overview)


def _say(session: Session, ids: Sequence[str], what: str, reason: str) -> int:
    for id in ids:
        (key_changes.confirm if what == "confirm" else key_changes.dispute)(session, id, reason)
    return len(ids)


def _overview(session: Session) -> Overview:
    found = villages.overview(session, _month(session))
    carried = Counter(one.scope for one in courier.listed(session) if one.state == "township" and one.station != session.station)
    silent = sum(one.silent for one in found if is_village(one.area))
    summary = _("{n} 个村，{silent} 个村 {days} 天内没有报来。").format(
        n=sum(is_village(one.area) for one in found), silent=silent, days=villages.SILENT_DAYS
    )
    last = add_months(_month(session), -1)
    missing = {one.scope for one in completeness.of_villages(session, last) if one.last is None}
    summary += completeness.sentence(session, last) + targets.summary(targets.progress(session), session.scope)
    return Overview([_line(one, carried, missing) for one in found], summary)


def _month(session: Session) -> str:
    return session.today[:7]


def _line(one: Village, carried: Counter[str], missing: Container[str]) -> VillageLine:
    cells = {name: f"{count:,}" for name, count in one.figures.items()} | {"disputed": f"{one.disputed:,}"}
    town = not is_village(one.area)
    notes = []
    if town:
        notes += [_("{n} 个村没有报来").format(n=one.silent)] if one.silent else []
    elif one.silent:
        notes.append(_("很久没有报来") if one.sent else _("没有收到过"))
    if one.area in missing:
        notes.append(_("没报月报"))
    if waiting := carried[one.area]:
        notes.append(_("U 盘 {n} 份待转").format(n=waiting))
    tone = "" if town or not one.silent else "warn" if one.sent else "plain"
    return VillageLine(one.area, one.name, cells, when(one.sent) if one.sent else "—", _("，").join(notes), tone, town)

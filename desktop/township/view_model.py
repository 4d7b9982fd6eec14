"""What 乡镇 shows: one line per village with what came from it, how far its month is and what is due here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal

from db.session import Session
from desktop.page import Frame
from desktop.station import Station
from desktop.view_model import ViewModel
from desktop.widgets.ledger_table import Column, Source
from desktop.wiring.lists import chosen_source, list_columns
from domain import divisions
from domain.authors import laptop
from domain.clock import when
from domain.words import _
from services import key_changes, targets, villages
from services.villages import Village
from sync.station import courier

CLAIMS, DISPUTED, CHANGES = "due", "disputed", "changes"
"""Figures behind which there are claims, what 同步 shows, and changes to confirm; behind the others there are people."""


@dataclass(frozen=True)
class Line:
    """A village, or the sum of a township: figures as they are shown by column, when it sent last, and what is to be said of it. `tone`:
    warn for a village that used to send."""

    area: str
    name: str
    cells: Mapping[str, str]
    sent: str
    note: str
    tone: str = ""
    sum: bool = False


@dataclass(frozen=True)
class ChangeLine:
    """A change that waits for a second pair of eyes; `row` are its texts by column, secrets masked."""

    id: str
    person_id: str
    row: Mapping[str, str]


@dataclass(frozen=True)
class Overview:
    """All lines, and the sentence over them."""

    lines: Sequence[Line]
    said: str


class TownshipModel(ViewModel):
    """The state behind the page."""

    shown = Signal(object)
    said = Signal(int)

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.overview: Overview | None = None

    def load(self) -> None:
        """Look at the villages again."""
        self._jobs.run(self._station.reading(_overview), self._show, key="township")

    def say(self, ids: Sequence[str], what: str, reason: str) -> None:
        """Confirm changes, or object to them: all of them, or none."""
        label = {"confirm": _("确认变更 {n} 处"), "dispute": _("对变更有异议 {n} 处")}[what].format(n=len(ids))
        self._jobs.run(lambda: self._station.write(label, _say, ids, what, reason), self.said.emit)

    def changes(self, area: str) -> list[ChangeLine]:
        """What waits in an area; waits for the database."""
        return [_change(one) for one in self._station.read(key_changes.waiting) if one.village.startswith(area)]

    def behind(self, area: str, figure: str) -> tuple[Sequence[Column], Source]:
        """The list behind a figure."""
        kind = "claim" if figure == CLAIMS else "person"
        listed = chosen_source(self._station, kind, lambda session: villages.ids(session, _month(session), area, figure))
        return list_columns(kind, self._station.store.scope), listed

    def line(self, area: str) -> Line | None:
        """A line by its area."""
        return next((one for one in self.overview.lines if one.area == area), None) if self.overview else None

    def _show(self, overview: Overview) -> None:
        self.overview = overview
        self.shown.emit(overview)


def _say(session: Session, ids: Sequence[str], what: str, reason: str) -> int:
    for id in ids:
        (key_changes.confirm if what == "confirm" else key_changes.dispute)(session, id, reason)
    return len(ids)


def _change(one: key_changes.Waiting) -> ChangeLine:
    event, told = one.pending.event, one.pending
    old, new = one.shown()
    against = _("{who}：{why}").format(who=told.disputed_by, why=told.dispute) if told.dispute else ""
    row = {"name": one.name, "village": divisions.called(one.village), "field": one.label(), "old": old, "new": new}
    row |= {"who": event.name, "day": key_changes.day(event.at), "device": laptop(event.station)}
    return ChangeLine(one.id, event.person_id, row | {"note": _("；").join(filter(None, (told.reason, against)))})


def _overview(session: Session) -> Overview:
    found = villages.overview(session, _month(session))
    carried = Counter(one.scope for one in courier.listed(session) if one.state == "township" and one.station != session.station)
    silent = sum(one.silent for one in found if len(one.area) == 12)
    said = _("{n} 个村，{silent} 个村 {days} 天内没有报来。").format(
        n=sum(len(one.area) == 12 for one in found), silent=silent, days=villages.SILENT_DAYS
    )
    return Overview([_line(one, carried) for one in found], said + targets.summary(targets.progress(session), session.scope))


def _month(session: Session) -> str:
    return session.today[:7]


def _line(one: Village, carried: Counter[str]) -> Line:
    cells = {name: f"{count:,}" for name, count in one.figures.items()} | {"disputed": f"{one.disputed:,}"}
    town = len(one.area) < 12
    notes = []
    if town:
        notes += [_("{n} 个村没有报来").format(n=one.silent)] if one.silent else []
    elif one.silent:
        notes.append(_("很久没有报来") if one.sent else _("没有收到过"))
    if waiting := carried[one.area]:
        notes.append(_("U 盘 {n} 份待转").format(n=waiting))
    tone = "" if town or not one.silent else "warn" if one.sent else "plain"
    return Line(one.area, one.name, cells, when(one.sent) if one.sent else "—", _("，").join(notes), tone, town)

"""乡镇 with the store behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from db.session import Session
from desktop.page import Frame, Page
from desktop.station import Station
from desktop.status_line import when
from desktop.township.page import TownshipPage
from desktop.township.view_model import CLAIMS, ChangeLine, Line, Overview, TownshipModel, Uses
from desktop.widgets.ledger_table import Column, Source
from desktop.wiring.lists import chosen_source, list_columns
from domain import divisions
from domain.authors import laptop
from domain.words import _
from services import key_changes, targets, villages
from services.villages import Village
from sync.station import courier


def build(frame: Frame, station: Station) -> Page:
    """The page and its view model."""
    uses = Uses(overview=station.reading(_overview), behind=lambda area, figure: _behind(station, area, figure), **_changes(station))
    model = TownshipModel(frame.jobs, uses)
    return TownshipPage(frame, model, divisions.name(station.store.scope) or station.store.scope).keeping(model)


def _changes(station: Station) -> dict[str, Any]:
    def waiting(session: Session, area: str) -> list[ChangeLine]:
        return [_change(one) for one in key_changes.waiting(session) if one.village.startswith(area)]

    def say(session: Session, ids: Sequence[str], what: str, reason: str) -> int:
        for id in ids:
            (key_changes.confirm if what == "confirm" else key_changes.dispute)(session, id, reason)
        return len(ids)

    words = {"confirm": _("确认变更 {n} 处"), "dispute": _("对变更有异议 {n} 处")}
    saying = station.writing(lambda ids, what, reason: words[what].format(n=len(ids)), say)
    return {"changes": station.reading(waiting), "say": saying}


def _change(one: key_changes.Waiting) -> ChangeLine:
    event, told = one.pending.event, one.pending
    old, new = one.shown()
    against = _("{who}：{why}").format(who=told.disputed_by, why=told.dispute) if told.dispute else ""
    row = {"name": one.name, "village": divisions.name(one.village) or one.village, "field": one.label(), "old": old, "new": new}
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


def _behind(station: Station, area: str, figure: str) -> tuple[Sequence[Column], Source]:
    """The list behind a figure."""
    kind = "claim" if figure == CLAIMS else "person"
    listed = chosen_source(station, kind, lambda session: villages.ids(session, _month(session), area, figure))
    return list_columns(kind, station.store.scope), listed

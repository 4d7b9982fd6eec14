"""台账 with the store behind it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from db import changes
from db.session import Session
from desktop.jobs import Progress
from desktop.ledgers.page import LedgersPage
from desktop.ledgers.view_model import LedgerModel, LedgerUses, Step
from desktop.page import Frame, Page
from desktop.station import Station
from desktop.status_line import when
from desktop.widgets.ledger_table import Row
from desktop.wiring.forms import form_tools
from desktop.wiring.lists import list_columns, list_source
from desktop.wiring.records import records
from domain.authors import name_of
from domain.fields import kind_of
from domain.words import N_, _
from services import exporting, registry


def build(frame: Frame, station: Station) -> Page:
    """The page and its view model."""
    store = station.store

    def export(kind: str, file: Path, reason: str | None, progress: Progress) -> int:
        if reason is not None:
            station.log_view(f"export {kind}", reason)
        with store.read() as session:
            return exporting.export(session, kind, file, plain=reason is not None, progress=progress).rows

    uses = LedgerUses(
        source=partial(list_source, station),
        records=records(station),
        undelete=station.writing(_("找回记录"), registry.undelete),
        bin=station.reading(_bin),
        history=station.reading(_history),
        export=export,
    )
    model = LedgerModel(frame.jobs, uses)
    return LedgersPage(frame, model, form_tools(frame, station), lambda kind: list_columns(kind.name, store.scope)).keeping(model)


def _bin(session: Session) -> list[Row]:
    return [
        {
            "id": f"{one.kind} {one.id}",
            "kind": _(kind_of(one.kind).label),
            "title": one.title,
            "at": when(one.at),
            "by": name_of(one.by),
        }
        for one in registry.bin(session)
    ]


_WHAT = {"I": N_("新建"), "D": N_("删除"), "R": N_("找回")}


def _history(session: Session, kind: str, id: str) -> list[Step]:
    declared = kind_of(kind)
    steps = []
    for change in changes.history(session, declared, id):
        field = declared.by_name.get(change.field)
        what = _(field.label) if field else _(_WHAT.get(change.what, ""))
        old, new = (field.show(change.old), field.show(change.new)) if field else ("", "")
        steps.append(Step(when(change.at), f"{change.by}　{change.device}", what, old, new))
    return steps

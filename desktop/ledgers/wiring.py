"""台账 with the store behind it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from db import changes
from db.session import Session
from desktop.jobs import Progress
from desktop.ledgers.page import LedgersPage
from desktop.ledgers.view_model import LedgerModel, LedgerUses, Step
from desktop.page import Frame, Page
from desktop.station import Station
from desktop.status_line import when
from desktop.widgets.ledger_table import Row, View
from desktop.wiring.forms import form_tools
from desktop.wiring.lists import list_columns, query_of
from desktop.wiring.records import save_form
from domain.fields import kind_of
from domain.words import N_, _
from services import exporting, listing, registry


def build(frame: Frame, station: Station) -> Page:
    """The page and its view model."""
    store = station.store

    def save_draft(name: str, values: dict[str, Any]) -> None:
        with store.applying() as session:  # a draft is nobody's change: no act, no news to other pages
            registry.save_draft(session, name, values)

    def clear_draft(name: str) -> None:
        with store.applying() as session:
            registry.clear_draft(session, name)

    def export(kind: str, file: Path, reason: str | None, progress: Progress) -> int:
        with store.read() as session:
            rows = exporting.export(session, kind, file, plain=reason is not None, progress=progress).rows
        if reason is not None:
            with store.applying() as session:
                changes.log_view(session, _("导出 {kind}").format(kind=kind), reason)
        return rows

    uses = LedgerUses(
        ids=station.reading(lambda session, kind, view: listing.ids(session, query_of(kind, view))),
        rows=station.reading(_rows),
        get=station.reading(lambda session, kind, id: session.get(kind, id)),
        save=station.writing(lambda kind, values, id, base: _save_label(kind, id), save_form),
        delete=station.writing(lambda kind, ids: _("删除 {kind}").format(kind=_(kind_of(kind).label)), registry.delete_all),
        undelete=station.writing(_("找回记录"), registry.undelete),
        bin=station.reading(_bin),
        history=station.reading(_history),
        export=export,
        load_draft=station.reading(registry.load_draft),
        save_draft=save_draft,
        clear_draft=clear_draft,
    )
    model = LedgerModel(frame.jobs, uses)
    page = LedgersPage(frame, model, form_tools(frame, station), lambda kind: list_columns(kind.name, store.scope))
    model.setParent(page)
    return page


def _rows(session: Session, kind: str, ids: Sequence[str], keys: Sequence[str]) -> list[Row]:
    found = listing.rows(session, query_of(kind, View()), ids, shown=keys)
    return [{"id": row.id, **dict(zip(keys, row.cells, strict=True))} for row in found]


def _save_label(kind: str, id: str | None) -> str:
    label = _(kind_of(kind).label)
    return _("修改 {kind}").format(kind=label) if id else _("新增 {kind}").format(kind=label)


def _bin(session: Session) -> list[Row]:
    return [
        {
            "id": f"{one.kind} {one.id}",
            "kind": _(kind_of(one.kind).label),
            "title": one.title,
            "at": when(one.at),
            "by": one.by.partition("@")[0],
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

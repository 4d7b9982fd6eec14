"""填来表 with the store behind it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.jobs import Progress
from desktop.reports.fill_tab import Filled, FillUses, Looks
from desktop.station import Station
from desktop.widgets.ledger_table import Row
from domain.words import _
from services.listing import quick_filters

if TYPE_CHECKING:
    from services.filling.filling import Filling

_EVERYBODY = "all"


def uses(station: Station) -> FillUses:
    """What the tab needs done."""

    def fill(file: Path, who: str, progress: Progress) -> Filled:
        from services.filling.filling import save
        from services.filling.looking import look  # with what reads and writes workbooks: no start waits for it

        with station.store.read() as session:
            filling = look(session, file, who=who, progress=progress)
        return Filled(
            filling.sentence(),
            filling.notes,
            [Looks(one.sheet, one.headings, one.rows) for one in filling.tables],
            _columns(filling),
            _remarks(filling),
            lists=filling.blank or bool(filling.listed),
            secret=bool(filling.secret),
            write=lambda file, full: save(filling, file, plain=full),
        )

    return FillUses(
        fill=fill,
        log=lambda name, reason: station.log_view(f"fill {name}", reason),
        lists={_EVERYBODY: _("全部"), **dict(quick_filters("person"))},
    )


def _columns(filling: Filling) -> Sequence[Row]:
    several = len({one.sheet for one in filling.columns}) > 1
    return [
        {
            "id": str(n),
            "name": f"{one.sheet}　{one.heading}" if several else one.heading,
            "what": one.what or _("不认识，没有填"),
            **{name: str(getattr(one, name) or "") for name in ("filled", "there", "differing", "missing")},
        }
        for n, one in enumerate(filling.columns)
    ]


def _remarks(filling: Filling) -> Sequence[Row]:
    return [
        {"id": f"{n} {one.person}", "row": str(one.row), "name": one.who, "column": one.column, "message": one.message}
        for n, one in enumerate(filling.remarks)
    ]

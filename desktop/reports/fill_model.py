"""The model of 填上级表格: fills in a sheet from the records."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.jobs import Progress
from desktop.station import Station
from desktop.widgets.ledger_table import Column, Row, Source
from desktop.wiring.lists import list_columns, list_source
from domain.words import _
from services.lists.listing import quick_filters

if TYPE_CHECKING:
    from services.filling.filling import Filling

_EVERYBODY = "all"


class FillModel:
    """Fills in sheets; all methods block on the database."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self.lists = {_EVERYBODY: _("全部"), **dict(quick_filters("person"))}
        """Lists of people that can be put into a table without names: labels by key."""

    def people(self) -> tuple[Sequence[Column], Source]:
        """Return the list of people, to choose whom a form is about."""
        return list_columns("person", self._station.store.scope), list_source(self._station, "person")

    def fill(self, file: Path, who: str, person: str, progress: Progress) -> Filling:
        """Fill in a sheet. A table without names gets the people of the list `who`; a form about one person gets the person of the id
        `person`."""
        from services.filling.looking import look  # imports openpyxl, which would slow down the start

        return self._station.read(look, file, who=who, person=person, progress=progress)

    def save(self, filling: Filling, file: Path, name: str, reason: str | None) -> None:
        """Write the filled sheet. With a `reason`, which is logged with the `name` of the sheet, secret fields are not masked."""
        from services.filling.filling import save

        if reason is not None:
            self._station.log_view(f"fill {name}", reason)
        save(filling, file, plain=reason is not None)


def column_rows(filling: Filling) -> Sequence[Row]:
    """Rows that say how each column was understood."""
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


def remark_rows(filling: Filling) -> Sequence[Row]:
    """Rows for the user to check."""
    return [
        {"id": f"{n} {one.person}", "row": str(one.row), "name": one.who, "column": one.column, "message": one.message}
        for n, one in enumerate(filling.remarks)
    ]

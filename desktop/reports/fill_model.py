"""The model of 填上级表格: fills in a sheet from the records."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from desktop.jobs import Progress
from desktop.station import Station
from desktop.widgets.ledger_model import Source
from desktop.wiring.lists import list_source
from domain import clock
from domain.periods import add_months
from domain.words import _
from services.lists.listing import quick_filters

if TYPE_CHECKING:
    from services.filling.filling import Filling

_EVERYBODY = "all"
_MONTHS = 36


class FillModel:
    """Fills in sheets; all methods block on the database."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self.lists = {_EVERYBODY: _("全部"), **dict(quick_filters("person"))}
        """Lists of people that can be put into a table without names: labels by key."""

    def people(self) -> Source:
        """Return the list of people, to choose whom a form is about."""
        return list_source(self._station, "person")

    def months(self, shown: str) -> list[str]:
        """Return the months of which a table of figures can be filled in, the latest first; the one `shown` is among them."""
        last = clock.today()[:7]
        return sorted({add_months(last, -n) for n in range(_MONTHS)} | ({shown} if shown else set()), reverse=True)

    def fill(self, file: Path, who: str, person: str, month: str, progress: Progress) -> Filling:
        """Fill in a sheet. A table without names gets the people of the list `who`; a form about one person gets the person of the id
        `person`; a table of figures is of the `month`, "" for the one it names."""
        from services.filling.looking import look  # imports openpyxl, which would slow down the start

        return self._station.read(look, file, who=who, person=person, month=month, progress=progress)

    def save(self, filling: Filling, file: Path, name: str, reason: str | None) -> None:
        """Write the filled sheet. With a `reason`, which is logged with the `name` of the sheet, secret fields are not masked."""
        from services.filling.filling import save

        if reason is not None:
            self._station.log_view(f"fill {name}", reason)
        save(filling, file, plain=reason is not None)

"""What 填来表 does: fills in a sheet from the records. Knows no widget."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.jobs import Progress
from desktop.station import Station
from desktop.widgets.ledger_table import Column, Row, Source
from desktop.wiring.lists import list_columns, list_source
from domain.words import _
from services.listing import quick_filters

if TYPE_CHECKING:
    from services.filling.filling import Filling

_EVERYBODY = "all"


@dataclass(frozen=True)
class Looks:
    """A table as it looks when filled in: its sheet, its headings, and for each row the number, the texts and the columns that are new."""

    sheet: str
    headings: Sequence[str]
    rows: Sequence[tuple[int, Sequence[str], Collection[int]]]


@dataclass(frozen=True)
class Filled:
    """A filled-in sheet: what is said of it, how it looks, its columns and remarks as rows of tables; `lists`: a table has no names;
    `form`: it is a form about one person; `secret`: it holds secrets; `write(file, full)` saves it, with
    secrets in full or masked, as a file with that `ending`."""

    said: str
    notes: Sequence[str]
    tables: Sequence[Looks]
    columns: Sequence[Row]
    remarks: Sequence[Row]
    lists: bool
    form: bool
    secret: bool
    write: Callable[[Path, bool], None]
    ending: str = ".xlsx"


class FillModel:
    """What the tab does; all of it waits for the database."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self.lists = {_EVERYBODY: _("全部"), **dict(quick_filters("person"))}
        """The lists of people that can be put into a table without names, in words."""

    def people(self) -> tuple[Sequence[Column], Source]:
        """The list of people, to choose whom a form is about."""
        return list_columns("person", self._station.store.scope), list_source(self._station, "person")

    def fill(self, file: Path, who: str, person: str, progress: Progress) -> Filled:
        """Fill in a sheet; a table without names with the people of the list `who`, a form about one person for the person of that id."""
        from services.filling.filling import save
        from services.filling.looking import look  # imports openpyxl, which the start need not wait for

        filling = self._station.read(look, file, who=who, person=person, progress=progress)
        return Filled(
            filling.sentence(),
            filling.notes,
            [Looks(one.sheet, one.headings, one.rows) for one in filling.tables],
            _columns(filling),
            _remarks(filling),
            lists=filling.blank or bool(filling.listed),
            form=filling.form,
            secret=bool(filling.secret),
            write=lambda file, full: save(filling, file, plain=full),
            ending=filling.ending,
        )

    def log(self, name: str, reason: str) -> None:
        """Record that secrets were written into a sheet in full, and why."""
        self._station.log_view(f"fill {name}", reason)


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

"""Prints any list as shown in the window, or saves it as a workbook: with the same columns, order, filters and masking.

    listing = Listing(_("人员"), columns, ids, rows)
    lists.show(frame, parent, listing)             the preview, which prints and saves
    lists.save(frame, parent, listing)             asks for a file and writes `.xlsx`
    lists.of_grid(title, grid.model())             the listing of a grid

Reading runs off the GUI thread. For unmasked numbers use an export (台账, 报表), which asks for a reason and logs it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from desktop.jobs import Progress
from desktop.page import Frame
from desktop.paper.document import to_pdf
from desktop.paper.list_paper import ListPaper
from desktop.paper.printing import write_out
from desktop.widgets import dialogs
from desktop.widgets.form_preview import FormPreview, Write
from desktop.widgets.grid_model import GridModel
from desktop.widgets.ledger_model import Column, Row
from domain import clock
from domain.words import _
from services.files import written
from services.printed_lists import PrintedList
from services.sheets import Workbook

CHUNK = 500
"""Rows read at once."""
_FIGURE = re.compile(r"-?\d{1,3}(,?\d{3})*(\.\d+)?")


@dataclass(frozen=True)
class Listing:
    """A list: its title, its filters in words, its columns, and functions that load its records (called off the GUI thread)."""

    title: str
    narrowed: str
    columns: Sequence[Column[Any]]
    ids: Callable[[], Sequence[str]]
    rows: Callable[[Sequence[str], Sequence[str]], Sequence[Row]]
    by_hand: bool = False
    """Whether its empty cells are for writing in on paper."""

    @property
    def heading(self) -> str:
        """The heading on paper."""
        return _("{title}（{narrowed}）").format(title=self.title, narrowed=self.narrowed) if self.narrowed else self.title

    def file_name(self, place: str) -> str:
        """Return a proposed file name. It leaves out the filters, which may contain a search text."""
        return dialogs.file_name(f"{self.title} {place} {clock.today()}")

    def read(self, progress: Progress) -> Iterator[list[str]]:
        """Yield its rows as shown."""
        ids, keys = self.ids(), [made.key for made in self.columns]
        for start in range(0, len(ids), CHUNK):
            progress(start, len(ids), _("读取{title}").format(title=self.title))
            part = ids[start : start + CHUNK]
            found = {row["id"]: row for row in self.rows(part, keys)}
            for id in part:
                yield [_shown(made, found.get(id, {}).get(made.key, "")) for made in self.columns]


def of_grid(title: str, grid: GridModel) -> Listing:
    """A grid as it is shown now, which may be empty: a sheet to be signed or filled in by hand."""
    columns = [Column[Any](one.key, one.title, one.width, right=one.right and not one.sign, style=one.style) for one in grid.columns]
    rows = {
        line.id: {"id": line.id} | {one.key: str(grid.index(n, m).data() or "") for m, one in enumerate(grid.columns)}
        for n, line in enumerate(grid.rows)
    }
    return Listing(title, "", columns, lambda: list(rows), lambda ids, _keys: [rows[id] for id in ids], by_hand=True)


def show(frame: Frame, parent: QWidget | None, listing: Listing) -> None:
    """Read a list and preview it."""

    def read(progress: Progress) -> ListPaper:
        page = PrintedList(listing.heading, by_hand=listing.by_hand)
        page.headings([made.title for made in listing.columns])
        for cells in listing.read(progress):
            page.row(cells)
        note = _("{place}　{day} 印　共 {n} 条").format(place=frame.place, day=clock.today(), n=f"{len(page.rows):,}")
        return ListPaper([page], note)

    def shown(paper: ListPaper) -> None:
        writes: dict[str, Write] = {".pdf": to_pdf, ".xlsx": lambda _paper, file, progress: _write(listing, file, progress)}
        FormPreview(frame, parent, paper, writes, name=listing.file_name(frame.place)).run()

    frame.run_long(_("排版"), read, shown)


def save(frame: Frame, parent: QWidget | None, listing: Listing) -> None:
    """Ask for a file and write the list as a workbook."""
    file = dialogs.save_as(parent, _("保存到"), f"{listing.file_name(frame.place)}.xlsx")
    if file is not None:
        write_out(frame, file, partial(_write, listing, file))


def _write(listing: Listing, file: Path, progress: Progress) -> None:
    with written(file) as unfinished, Workbook(unfinished) as book:
        sheet = book.sheet(listing.title)
        sheet.headings([made.title for made in listing.columns])
        for cells in listing.read(progress):
            sheet.row([_cell(made, text) for made, text in zip(listing.columns, cells, strict=True)])


def _shown(column: Column[Any], text: str) -> str:
    return text.partition("|")[2] if column.style == "bar" else text


def _cell(column: Column[Any], text: str) -> str | int | float:
    """A figure as a number, so that it can be summed; any other text unchanged."""
    if not column.right or not _FIGURE.fullmatch(text):
        return text
    plain = text.replace(",", "")
    return float(plain) if "." in plain else int(plain)

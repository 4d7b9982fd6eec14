"""Pages that come back signed: read, told apart by their codes, kept with the claims, notices, employers and people they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal

from desktop.jobs import Progress
from desktop.paper import scans
from desktop.paper.scans import Scanned
from desktop.view_model import ViewModel
from domain.words import _
from services import signed_pages
from services.signed_pages import Sheet, Told


@dataclass(frozen=True)
class Line:
    """One page for one record: a photograph of two sheets is two of them. `told` says what it is, or why it is not taken."""

    page: Scanned
    sheet: Sheet | None
    told: str


class SignedModel(ViewModel):
    """The state behind the dialog."""

    read = Signal(list, list)
    """Lines, what has to be photographed again first and back sides last, and what is still to come."""
    kept = Signal(int)

    def open(self, files: Sequence[Path]) -> None:
        """Read files; `read` tells what they are."""

        def work(progress: Progress) -> tuple[list[Line], list[str]]:
            pages = scans.pages(files, progress)
            told = self._station.read(signed_pages.known, [code for page in pages for code in page.codes])
            found = [line for page in pages for line in lines(page, told)]
            return sorted(found, key=lambda line: (line.page.blank, line.sheet is not None)), list(told.lacking)

        # a second a photograph, and pages are looked at meanwhile: not in the lane of the database
        self._frame.run_long(_("认签好的表"), work, lambda found: self.read.emit(*found), lane="net")

    def keep(self, found: Sequence[Line]) -> None:
        """Keep those that are known."""
        pages = [(line.sheet, "jpg", line.page.data) for line in found if line.sheet is not None]
        label = _("收回签好的表 {n} 页").format(n=len(pages))
        self._frame.run_long(_("归档"), lambda _progress: self._station.write(label, signed_pages.keep, pages), self.kept.emit)


def lines(page: Scanned, told: Told) -> list[Line]:
    """What a page is: a line for each of its codes."""
    sheets, why_not = told.of(page.codes)
    return [Line(page, sheet, sheet.sentence()) for sheet in sheets] or [Line(page, None, page.trouble or why_not)]

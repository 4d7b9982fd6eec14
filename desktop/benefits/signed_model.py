"""Signed pages from photos and scans: recognised by their codes and filed with the claims, notices, employers and people they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal

from desktop.jobs import Progress
from desktop.paper import scans
from desktop.paper.scans import Scanned
from desktop.view_model import ViewModel
from domain.words import _, lazy
from services import signed_pages
from services.signed_pages import Codes, FormPage


@dataclass(frozen=True)
class SignedLine:
    """One page of one record; a photo of two sheets gives two lines. `sentence`: what it is, or why it is not accepted."""

    page: Scanned
    sheet: FormPage | None
    sentence: str


class SignedModel(ViewModel):
    """The state of the dialog."""

    read = Signal(list, list)
    """The lines, with pages to be photographed again first and blank pages last, and the pages still missing."""
    kept = Signal(int)

    def open(self, files: Sequence[Path]) -> None:
        """Read files; emits `read`."""

        def work(progress: Progress) -> tuple[list[SignedLine], list[str]]:
            pages = scans.pages(files, progress)
            known = self._station.read(signed_pages.known, [code for page in pages for code in page.codes])
            found = [line for page in pages for line in lines(page, known)]
            return sorted(found, key=lambda line: (line.page.blank, line.sheet is not None)), list(known.lacking)

        # a second per photo, during which other pages must load: not in the database's lane
        self._frame.run_long(_("认签好的表"), work, lambda found: self.read.emit(*found), lane="device")

    def keep(self, found: Sequence[SignedLine]) -> None:
        """File the recognised pages."""
        pages = [(line.sheet, "jpg", line.page.data) for line in found if line.sheet is not None]
        label = lazy("收回签好的表 {n} 页", n=len(pages))
        self._frame.run_long(_("归档"), lambda _progress: self._station.write(label, signed_pages.keep, pages), self.kept.emit)


def lines(page: Scanned, known: Codes) -> list[SignedLine]:
    """Return a line for each code of a page."""
    sheets, why_not = known.of(page.codes)
    return [SignedLine(page, sheet, sheet.sentence()) for sheet in sheets] or [SignedLine(page, None, page.trouble or why_not)]

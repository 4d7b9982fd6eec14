"""Printing and saving ledgers, for all pages: reads a ledger, previews it, saves it as PDF or workbook.

    printer = LedgerPrinter(frame, station)
    printer.show(self, Ledger("wage", template="wage_sheet", month="2026-10"))

Everything runs off the GUI thread. Secret fields are masked unless a reason is given, which is logged.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtWidgets import QWidget

from desktop.jobs import Progress
from desktop.page import Frame
from desktop.paper.document import to_pdf
from desktop.paper.lists import ListPaper
from desktop.paper.printing import write_out
from desktop.station import Station
from desktop.widgets.form_preview import FormPreview, Write
from domain.words import _
from services import exporting, printed_lists


@dataclass(frozen=True)
class Ledger:
    """The records to print: a kind, in a layout of `resources/rosters` or as declared, of one month or all; `reason` unmasks secret
    fields."""

    kind: str
    template: str | None = None
    month: str = ""
    reason: str | None = None

    @property
    def where(self) -> list[str]:
        """The filter of the export."""
        return [f"month={self.month}"] if self.month else []


class LedgerPrinter:
    """The ledgers of one station."""

    def __init__(self, frame: Frame, station: Station) -> None:
        self._frame, self._station = frame, station

    def show(self, parent: QWidget, ledger: Ledger) -> None:
        """Read a ledger and preview it."""
        now = [ledger]  # as shown now: masked, later perhaps unmasked

        def plain(reason: str, progress: Progress) -> ListPaper:
            now[0] = replace(ledger, reason=reason)
            return self._read(now[0], progress)

        def shown(paper: ListPaper) -> None:
            writes: dict[str, Write] = {".pdf": to_pdf, ".xlsx": lambda _paper, file, progress: self._write(now[0], file, progress)}
            FormPreview(self._frame, parent, paper, writes, plain=plain).run()

        self._frame.run_long(_("排版"), lambda progress: self._read(ledger, progress), shown)

    def save(self, ledger: Ledger, file: Path) -> None:
        """Write a ledger as a workbook."""
        write_out(self._frame, file, lambda progress: self._write(ledger, file, progress))

    def _write(self, ledger: Ledger, file: Path, progress: Progress) -> None:
        self._log(ledger)
        with self._station.store.read() as session:
            full = ledger.reason is not None
            exporting.export(session, ledger.kind, file, where=ledger.where, template=ledger.template, plain=full, progress=progress)

    def _read(self, ledger: Ledger, progress: Progress) -> ListPaper:
        self._log(ledger)
        with self._station.store.read() as session:
            full = ledger.reason is not None
            pages = exporting.ledger(session, ledger.kind, where=ledger.where, template=ledger.template, plain=full, progress=progress)
            return ListPaper(pages, printed_lists.note(session, plain=full))

    def _log(self, ledger: Ledger) -> None:
        if ledger.reason is not None:
            self._station.log_view(f"export {ledger.kind}", ledger.reason)

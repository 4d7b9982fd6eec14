"""Ledgers on paper for any page: reads one, shows it as it will be printed, saves it as PDF or workbook.

    printer = LedgerPrinter(frame, station)
    printer.show(self, Ledger("wage", template="wage_sheet", month="2026-10"))

All of it is long work off the GUI thread. Secrets are masked until a reason is given, which is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtWidgets import QWidget

from desktop.jobs import Progress
from desktop.page import Frame
from desktop.paper.document import Printed, write_pdf
from desktop.paper.ledger import LedgerPaper
from desktop.paper.printing import write_out
from desktop.station import Station
from desktop.widgets.form_preview import FormPreview
from domain.words import _
from services import exporting, ledgers


@dataclass(frozen=True)
class Ledger:
    """Which records: a kind, in a layout of `resources/rosters` or as it is declared, of one month or all; why in full, if they are."""

    kind: str
    template: str | None = None
    month: str = ""
    reason: str | None = None

    @property
    def where(self) -> list[str]:
        """The conditions of an export."""
        return [f"month={self.month}"] if self.month else []


class LedgerPrinter:
    """The ledgers of one station."""

    def __init__(self, frame: Frame, station: Station) -> None:
        self._frame, self._station = frame, station

    def show(self, parent: QWidget, ledger: Ledger) -> None:
        """Read a ledger and show it."""
        self._read(ledger, lambda paper: self._open(parent, ledger, paper))

    def save(self, ledger: Ledger, file: Path) -> None:
        """Write a ledger, by the file's ending as `.pdf` or `.xlsx`."""
        if file.suffix == ".pdf":
            self._read(ledger, lambda paper: self._written(paper, file))
            return

        def write(progress: Progress) -> None:
            self._log(ledger)
            with self._station.store.read() as session:
                full = ledger.reason is not None
                exporting.export(session, ledger.kind, file, where=ledger.where, template=ledger.template, plain=full, progress=progress)

        write_out(self._frame, file, write)

    def _read(self, ledger: Ledger, done: Callable[[LedgerPaper], None]) -> None:
        def read(progress: Progress) -> LedgerPaper:
            self._log(ledger)
            with self._station.store.read() as session:
                full = ledger.reason is not None
                pages = exporting.ledger(session, ledger.kind, where=ledger.where, template=ledger.template, plain=full, progress=progress)
                note = ledgers.note(session, plain=full)
            return LedgerPaper(pages, note)

        self._frame.run_long(_("排版"), read, done)

    def _log(self, ledger: Ledger) -> None:
        if ledger.reason is not None:
            self._station.log_view(f"export {ledger.kind}", ledger.reason)

    def _open(self, parent: QWidget, ledger: Ledger, paper: Printed) -> None:
        now = [ledger]  # as it is shown: masked, later in full

        def reveal(show: Callable[[Printed], None]) -> None:
            reason = self._frame.reason()
            if reason:
                now[0] = replace(ledger, reason=reason)
                self._read(now[0], show)

        def save(shown: Printed, file: Path) -> None:
            if file.suffix == ".pdf":
                self._written(shown, file)
            else:
                self.save(now[0], file)

        endings = {".pdf": _("存为 PDF"), ".xlsx": _("存为 Excel")}
        FormPreview(self._frame, parent, paper, save, endings=endings, plain=None if ledger.reason else reveal).run()

    def _written(self, paper: Printed, file: Path) -> None:
        write_out(self._frame, file, lambda progress: write_pdf(paper, file, progress))

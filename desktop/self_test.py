"""What the self-test asks of the desktop: open every page of a store, and print. No screen is needed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication

from desktop.app import App
from desktop.jobs import InlineJobs
from desktop.paper.document import Paper, write_pdf
from desktop.paper.scans import pages
from desktop.registry import entries
from desktop.settings.about import licences
from desktop.widgets.slip import draw_slip, recovery_words
from domain import page_codes
from services.forms import Form

_RECORD = "0193b3a0-0000-7000-8000-000000000001"


def open_pages(home: Path, user: str, password: str) -> Iterator[str]:
    """Open the window and every page of it, one after another; yields the key of each once it stands. Errors are raised,
    also for a licence that 关于 could not show."""
    _application()
    failed: list[Exception] = []
    jobs = InlineJobs()
    jobs.failed.connect(failed.append)
    program = App(home, jobs=jobs)
    try:
        program.start(user, password)
        window = program.window
        assert window is not None
        jobs.failed.disconnect(window.show_error)  # nobody is there to read it
        for entry in entries("village"):
            window.open(entry.key)
            loop = QEventLoop()
            QTimer.singleShot(0, loop.quit)
            loop.exec()
            window.grab()
            if failed:
                raise failed[0]
            yield entry.key
        for file in licences():
            file.read_bytes()
    finally:
        program.close()


def print_pdf(file: Path) -> int:
    """Print a page as PDF; answers its size in bytes."""
    _application()
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(file))
    draw_slip(printer, *recovery_words("00000-11111-22222", ""))
    return file.stat().st_size


def scan_again(file: Path) -> str:
    """Print a form of a record as PDF, read it as if it had been scanned, and answer the code on it."""
    _application()
    write_pdf(Paper(Form("self-test", record=_RECORD, mark="A")), file)
    [page] = pages([file], lambda *_told: None)
    if list(page.codes) != [page_codes.text(_RECORD, "A", page=1, pages=1)]:
        raise RuntimeError(page.trouble or "no code")
    return page.codes[0]


def _application() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if QApplication.instance() is None:
        QApplication(["cunzhan"])

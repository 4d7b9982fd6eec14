"""The desktop's part of the self-test: opens every page of a store, and prints. Needs no screen."""

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
from desktop.widgets.printers import draw_slip, recovery_words
from domain import page_codes
from services.forms import Form

_RECORD = "0193b3a0-0000-7000-8000-000000000001"


def open_pages(home: Path, user: str, password: str) -> Iterator[str]:
    """Open the window and each of its pages; yields the key of each page once it is shown. Errors are raised, also for a missing licence
    file of 关于."""
    _application()
    failed: list[Exception] = []
    jobs = InlineJobs()
    jobs.failed.connect(failed.append)
    program = App(home, jobs=jobs)
    try:
        program.start(user, password)
        window = program.window
        assert window is not None
        jobs.failed.disconnect(window.show_error)  # nobody could answer the dialog
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
    """Print a page as PDF; returns its size in bytes."""
    _application()
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(file))
    draw_slip(printer, *recovery_words("00000-11111-22222", ""))
    return file.stat().st_size


def scan_again(file: Path) -> str:
    """Print a form about a record as PDF, read it as if it were a scan, and return its code."""
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

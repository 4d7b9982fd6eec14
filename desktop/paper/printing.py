"""Sends pages to a printer or a file. The printer is chosen first; the rest is a job that can be stopped.

printer = printing.chosen(parent, paper.title, wide=paper.wide)
if printer is not None:
    printing.send(frame, printer, paper.title, paper.afresh)
printing.write_out(frame, file, lambda progress: write_pdf(paper, file, progress))
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QWidget

from desktop.jobs import Progress
from desktop.page import Frame
from desktop.paper.document import Printed, layout
from desktop.widgets import printers
from domain.words import _


def chosen(parent: QWidget, title: str, *, wide: bool) -> QPrinter | None:
    """Ask for a printer and return it, set to A4 without margins; None if cancelled."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setDocName(title)
    printer.setPageLayout(layout(wide=wide))
    if not printers.chosen(printer, parent):
        return None
    printer.setPageLayout(layout(wide=wide))  # another printer than the proposed one comes with its own layout
    return printer


def send(frame: Frame, printer: QPrinter, title: str, made: Callable[[], Printed]) -> None:
    """Lay out with `made` and print, both off the GUI thread, which must not use the printer from now on."""

    def draw(progress: Progress) -> int:
        return made().print_to(printer, printer.resolution(), progress)

    frame.run_long(
        _("打印{title}").format(title=title), draw, lambda pages: frame.message(_("已送到打印机，{n} 页").format(n=pages)), lane="device"
    )


def write_out(frame: Frame, file: Path, write: Callable[[Progress], object]) -> None:
    """Write a file off the GUI thread, and show where it is."""
    message = _("已保存到 {file}").format(file=file.name)
    frame.run_long(_("导出 {file}").format(file=file.name), write, lambda _done: frame.message(message))

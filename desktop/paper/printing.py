"""Pages on their way to a printer or into a file: which printer is asked at once, the rest is long work that can be stopped.

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
    """The printer somebody chose for A4, whole pages without margins of its own; None when they changed their mind."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setDocName(title)
    printer.setPageLayout(layout(wide=wide))
    if not printers.chosen(printer, parent):
        return None
    printer.setPageLayout(layout(wide=wide))  # whoever chose another printer than the one proposed got its own way of laying a sheet
    return printer


def send(frame: Frame, printer: QPrinter, title: str, made: Callable[[], Printed]) -> None:
    """Draw on the printer what `made` lays out, both off the GUI thread, which leaves the printer alone from now on."""

    def draw(progress: Progress) -> int:
        return made().print_to(printer, printer.resolution(), progress)

    frame.run_long(
        _("打印{title}").format(title=title), draw, lambda pages: frame.message(_("已送到打印机，{n} 页").format(n=pages)), lane="net"
    )


def write_out(frame: Frame, file: Path, write: Callable[[Progress], object]) -> None:
    """Write a file off the GUI thread, and say where it is."""
    told = _("已保存到 {file}").format(file=file.name)
    frame.run_long(_("导出 {file}").format(file=file.name), write, lambda _done: frame.message(told))

"""Pages on their way to a printer: which one is asked at once, drawing is long work off the GUI thread, which can be stopped.

printer = printing.chosen(parent, paper.title, wide=paper.wide)
if printer is not None:
    printing.send(frame, printer, paper.title, paper.afresh)
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QWidget

from desktop.jobs import Progress
from desktop.page import Frame
from desktop.paper.document import Printed, layout
from domain.words import _


def chosen(parent: QWidget, title: str, *, wide: bool) -> QPrinter | None:
    """The printer somebody chose for A4, whole pages without margins of its own; None when they changed their mind."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setDocName(title)
    printer.setFullPage(True)
    printer.setPageLayout(layout(wide=wide))
    return printer if QPrintDialog(printer, parent).exec() else None


def send(frame: Frame, printer: QPrinter, title: str, made: Callable[[], Printed]) -> None:
    """Draw on the printer what `made` lays out, both off the GUI thread, which leaves the printer alone from now on."""

    def draw(progress: Progress) -> int:
        return made().print_to(printer, printer.resolution(), progress)

    frame.run_long(
        _("打印{title}").format(title=title), draw, lambda pages: frame.message(_("已送到打印机，{n} 页").format(n=pages)), lane="net"
    )

"""Printing: off the GUI thread, stopped between two pages, and a printer that takes nothing is told of."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPageLayout, QPainter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QWidget

from desktop.jobs import Jobs
from desktop.paper import printing
from desktop.paper.document import Paper, Printed
from desktop.paper.lists import ListPaper
from desktop.widgets import dialogs, printers
from desktop.widgets.form_preview import FormPreview
from desktop.widgets.printers import draw_slip
from domain.errors import DomainError, Stopped
from services.forms import Form
from services.printed_lists import PrintedList
from tests.pdf_text import page_count, texts


@pytest.fixture
def chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Whoever is asked for a printer chooses this file."""

    def choose(dialog: QPrintDialog) -> int:
        dialog.printer().setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        dialog.printer().setOutputFileName(str(tmp_path / "paper.pdf"))
        return 1

    monkeypatch.setattr(QPrintDialog, "exec", choose)
    return tmp_path / "paper.pdf"


def ledger() -> ListPaper:
    page = PrintedList("名册")
    page.headings(["姓名"])
    for n in range(200):
        page.row([f"王{n}号"])
    return ListPaper([page], "解放村")


@pytest.mark.parametrize(
    "made", [ledger, lambda: Paper(Form("名册", columns=("姓名",), rows=[(f"王{n}号",) for n in range(200)], wide=True))]
)
def test_pages_are_drawn_by_another_thread_than_the_windows(qtbot, frame, chosen, monkeypatch, made: Callable[[], Printed]) -> None:
    paper, threads = made(), set[int]()
    draw = type(paper).draw

    def seen(self: Printed, painter: QPainter, number: int, area: QRectF) -> None:
        threads.add(threading.get_ident())
        draw(self, painter, number, area)

    frame.jobs = Jobs()
    preview = FormPreview(frame, None, paper, {})
    qtbot.addWidget(preview)
    monkeypatch.setattr(type(paper), "draw", seen)
    preview._undrawn = []
    preview.print.click()
    qtbot.waitUntil(lambda: bool(frame.messages or frame.errors))
    frame.jobs.close()
    assert not frame.errors and frame.messages == [f"已送到打印机，{paper.pages} 页"]
    assert threads and threading.get_ident() not in threads
    data = chosen.read_bytes()
    assert page_count(data) == paper.pages > 2 and "王199号" in "".join(texts(data)).replace(" ", "")


def test_it_stops_between_pages_and_a_printer_that_takes_nothing_is_told_of(frame, qtbot, chosen, tmp_path) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    printer = printing.chosen(parent, "名册", wide=True)
    assert printer is not None

    def stopped(done: int, total: int, what: str) -> None:
        if done == 2:
            raise Stopped("已停止")

    with pytest.raises(Stopped):
        ledger().print_to(printer, printer.resolution(), stopped)
    assert page_count(chosen.read_bytes()) == 2  # a printer under Windows drops these as well
    printer.setOutputFileName(str(tmp_path / "gone" / "paper.pdf"))
    printing.send(frame, printer, "名册", ledger)
    assert isinstance(frame.errors[0], DomainError) and "打印机没有接收" in str(frame.errors[0])


def test_only_the_pages_asked_for_are_printed(qtbot, chosen: Path) -> None:
    """One page that was jammed or smudged is printed again alone."""
    parent, paper = QWidget(), ledger()
    qtbot.addWidget(parent)
    printer = printing.chosen(parent, "名册", wide=True)
    assert printer is not None and paper.pages > 3
    printer.setFromTo(2, 3)
    assert paper.print_to(printer, printer.resolution()) == 2
    first, second = (text.replace(" ", "") for text in texts(chosen.read_bytes()))
    assert f"第2页，共{paper.pages}页" in first and f"第3页，共{paper.pages}页" in second
    printer.setFromTo(98, 99)
    with pytest.raises(DomainError, match="一共只有"):
        paper.print_to(printer, printer.resolution())


def test_wide_pages_are_wide_on_whatever_printer(qtbot, monkeypatch) -> None:
    """One that cannot print to the edge refuses a layout without margins unless it is of full pages; another than the one proposed has a
    way of its own. The right half of every wide sheet was missing."""

    def choose(dialog: QPrintDialog) -> int:
        assert dialog.printer().fullPage()
        return int(dialog.printer().setPageOrientation(QPageLayout.Orientation.Portrait))

    monkeypatch.setattr(QPrintDialog, "exec", choose)
    parent = QWidget()
    qtbot.addWidget(parent)
    printer = printing.chosen(parent, "名册", wide=True)
    assert printer is not None and printer.fullPage()
    assert printer.pageLayout().orientation() is QPageLayout.Orientation.Landscape


def test_a_computer_without_a_printer_is_told_of(qapp, monkeypatch) -> None:
    """Qt opens no window for one under Windows, and says nothing."""
    told: list[str] = []
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(dialogs, "show_message", lambda _parent, _title, text: told.append(text))
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)  # what Qt makes of it there
    assert not printers.chosen(printer, QWidget())
    assert "Print Spooler" in told[0]


def test_a_slip_breaks_what_is_wider_than_it(qapp, tmp_path) -> None:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "slip.pdf"))
    place = "内蒙古自治区呼伦贝尔市莫力达瓦达斡尔族自治旗阿尔拉镇拉力浅村"
    draw_slip(printer, f"村站通　恢复码　{place}", "ABCDE-FGHIJ", "说明" * 90)
    (said,) = texts((tmp_path / "slip.pdf").read_bytes())
    assert place in said.replace(" ", "") and said.count("说明") == 90


def test_pages_drawn_narrower_leave_none_of_the_wide_ones_in_sight(qtbot, frame, monkeypatch) -> None:
    """What is thrown away before a dialog runs stays until it is closed."""
    preview = FormPreview(frame, None, Paper(Form("月报", columns=("a", "b"), rows=[(1, 2)])), {})
    qtbot.addWidget(preview)
    preview.show()
    before = list(preview.pages)
    monkeypatch.setattr(preview, "exec", lambda: None)
    preview.resize(preview.screen().availableGeometry().width() + 200, 600)
    preview.run()
    assert preview.pages[0] is not before[0]
    assert not any(page.isVisibleTo(preview) for page in before)


def test_the_pages_are_gone_through_by_keys(qtbot, frame) -> None:
    """The cursor stands on a button: what was below the edge could not be read without a mouse."""
    paper = Paper(Form("月报", columns=("a", "b"), rows=[(n, n) for n in range(200)]))
    preview = FormPreview(frame, None, paper, {})
    qtbot.addWidget(preview)
    preview.resize(900, 500)
    preview.show()
    bar = preview.view.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    for key, rises in ((Qt.Key.Key_PageDown, True), (Qt.Key.Key_Home, False), (Qt.Key.Key_End, True), (Qt.Key.Key_PageUp, False)):
        before = bar.value()
        qtbot.keyClick(preview.print, key)
        assert bar.value() != before and (bar.value() > before) is rises

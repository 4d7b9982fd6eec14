"""What is printed on A4: drawn by Qt as PDF, on a printer, and as the pictures of a preview; one layout for all three.

write_pdf(Paper(form), file)   answers how many pages; no screen is needed
Paper(form).picture(0, 900)    a page as it will be printed

`Paper` is a form; ledgers are in `desktop.paper.ledger`.
"""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QBuffer, QCoreApplication, QIODevice, QMarginsF, QPointF, QRectF, QSize, QSizeF, Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QImageReader,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextDocument,
)
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication

from desktop import theme
from desktop.paper import page_marks
from desktop.paper.page_breaks import pages
from domain import page_codes
from domain.errors import DomainError, Stopped
from domain.progress import Progress, unwatched
from domain.words import _
from services.files import written
from services.forms import Form
from services.forms.form import CODE_WORDS, page_number
from services.forms.markup import TEXT, pieces, style

DOTS = 96
"""A document is laid out at so many dots to the inch and magnified, so that lines are as thick on paper as text is large."""
_MARGIN = 15  # mm
_WIDE_MARGIN = 10  # mm
_SHARP = 1400
"""Dots of the longer side of a photograph: sharp on half a page, and no larger in memory."""
_FOOT = 18.0  # dots
_NOTE = 11  # dots
_ROWS = 60
"""Rows that are laid out together: Qt keeps the window waiting meanwhile, even in another thread."""
_LINE = 0.5
"""Dots of half a line around a cell, which belongs to both rows beside it."""
_A4 = QSizeF(210, 297)


class Printed:
    """Pages of A4, upright or across (`wide`), with margins in millimetres; what stands on them is said by `pages` and `draw`."""

    title = ""
    wide = False
    margin = _MARGIN

    @property
    def pages(self) -> int:
        """How many pages it takes."""
        raise NotImplementedError

    def draw(self, painter: QPainter, number: int, area: QRectF) -> None:
        """Draw a page (from 0) into an area inside the margins."""
        raise NotImplementedError

    @property
    def size(self) -> QSizeF:
        """What is inside the margins, in dots of `DOTS` to the inch."""
        paper = self._paper()
        return QSizeF(_dots(paper.width() - 2 * self.margin), _dots(paper.height() - 2 * self.margin))

    def height_of(self, width: int) -> int:
        """How high the picture of a page is that is so wide."""
        return round(width * self._paper().height() / self._paper().width())

    def picture(self, number: int, width: int) -> QImage:
        """A page as a picture so many pixels wide, margins included."""
        image = QImage(width, self.height_of(width), QImage.Format.Format_RGB32)
        image.fill(QColor("white"))
        margin = width * self.margin / self._paper().width()
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.draw(painter, number, QRectF(margin, margin, image.width() - 2 * margin, image.height() - 2 * margin))
        painter.end()
        return image

    def print_to(self, device: QPagedPaintDevice, dots: int, progress: Progress = unwatched) -> int:
        """Draw the chosen pages, or all if none were chosen, on a printer or PDF without margins of `dots` per inch; answers how many.
        When stopped, a printer gets no further page and drops those it holds if it can."""
        asked = device.pageRanges()
        numbers = [number for number in range(self.pages) if asked.isEmpty() or asked.contains(number + 1)]
        if not numbers:
            raise DomainError(_("一共只有 {n} 页，选的页码不在里面，没有打印。").format(n=self.pages))
        painter = QPainter()
        if not painter.begin(device):
            raise DomainError(_("打印机没有接收。请看它是否开着、连着，再打印一次。"))
        try:
            area = QRectF(QPointF(_dots(self.margin, dots), _dots(self.margin, dots)), self.size * (dots / DOTS))
            for done, number in enumerate(numbers):
                progress(done, len(numbers), _("第 {page} 页，共 {pages} 页").format(page=number + 1, pages=self.pages))
                if done:
                    device.newPage()
                self.draw(painter, number, area)
        except Stopped:
            if isinstance(device, QPrinter):
                device.abort()
            raise
        finally:
            painter.end()
        return len(numbers)

    def afresh(self) -> Printed:
        """The same pages for another thread than that of the window."""
        return self

    def layout(self) -> QPageLayout:
        """A4 upright or across, without margins of its own."""
        return layout(wide=self.wide)

    def _paper(self) -> QSizeF:
        return _A4.transposed() if self.wide else _A4


def layout(*, wide: bool) -> QPageLayout:
    """A4 upright or across, without margins of its own. A printer that cannot print to the edge takes such a layout, its orientation and
    size included, only as one of full pages."""
    way = QPageLayout.Orientation.Landscape if wide else QPageLayout.Orientation.Portrait
    made = QPageLayout(QPageSize(QPageSize.PageSizeId.A4), way, QMarginsF(0, 0, 0, 0), QPageLayout.Unit.Millimeter)
    made.setMode(QPageLayout.Mode.FullPageMode)
    return made


class Paper(Printed):
    """A form laid out for A4."""

    def __init__(self, form: Form) -> None:
        with_fonts()
        self.form, self.title, self.wide = form, form.title, form.wide
        self.margin = _WIDE_MARGIN if form.wide else _MARGIN
        above = page_marks.EDGE + page_marks.SIDE - self.margin
        self._foot = max(_FOOT, _dots(above)) if form.mark else _FOOT
        look = style(form)
        self.documents = [self._laid_out(text, look) for text in pieces(form, _ROWS)]
        self.bands = pages(self.documents, self.size.height() - self._foot)

    def afresh(self) -> Paper:
        """Itself laid out anew: the document that is shown belongs to the window."""
        return Paper(self.form)

    def for_window(self) -> Paper:
        """Itself, handed over by the thread that laid it out to the one of the window, which alone may draw it and let it go."""
        if (app := QCoreApplication.instance()) is not None:
            for document in self.documents:
                document.moveToThread(app.thread())
        return self

    @property
    def pages(self) -> int:
        """How many pages it takes."""
        return len(self.bands)

    def draw(self, painter: QPainter, number: int, area: QRectF) -> None:
        """Draw a page (from 0) into an area inside the margins."""
        painter.save()
        painter.translate(area.topLeft())
        painter.scale(area.width() / self.size.width(), area.width() / self.size.width())
        self._draw_foot(painter, number)
        y = 0.0
        for band in self.bands[number]:
            height = band.bottom - band.top
            painter.save()
            painter.translate(0, y - band.top)
            self.documents[band.document].drawContents(painter, QRectF(0, band.top - _LINE, self.size.width(), height + 2 * _LINE))
            painter.restore()
            y += height
        painter.restore()

    def _draw_foot(self, painter: QPainter, number: int) -> None:
        """The note, the number of the page, and at the right the code by which it is known when it comes back, with what it is for."""
        form, side = self.form, _dots(page_marks.SIDE)
        foot = QRectF(0, self.size.height() - self._foot, self.size.width(), self._foot)
        code = page_codes.text(form.record, form.mark, page=number + 1, pages=self.pages) if form.mark else ""
        if code:
            below = _dots(self.margin - page_marks.EDGE)
            page_marks.draw(painter, code, QRectF(foot.right() - side, foot.bottom() + below - side, side, side))
            foot.setRight(foot.right() - 1.2 * side)
        painter.setFont(self.documents[0].defaultFont())
        if self.pages > 1:
            place = Qt.AlignmentFlag.AlignRight if form.note else Qt.AlignmentFlag.AlignHCenter
            painter.drawText(foot, place | Qt.AlignmentFlag.AlignVCenter, page_number(number + 1, self.pages))
        font = QFont(painter.font())
        font.setPixelSize(_NOTE)
        painter.setFont(font)
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, form.note)
        if code and not form.note:
            painter.drawText(foot, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, CODE_WORDS)

    def _laid_out(self, text: str, look: str) -> QTextDocument:
        document = QTextDocument()
        document.setDocumentMargin(0)
        document.setUseDesignMetrics(True)  # a small digit rounded to whole dots is wider than its column reckons
        font = QFont(theme.family())
        font.setPixelSize(round(TEXT * DOTS / 72))
        document.setDefaultFont(font)
        document.setDefaultStyleSheet(look)
        for n, data in enumerate(self.form.pictures):
            document.addResource(QTextDocument.ResourceType.ImageResource, QUrl(f"picture:{n}"), _picture(data, self.size))
        document.setHtml(f"<body>{text}</body>")
        document.setTextWidth(self.size.width())
        return document


def pdf(paper: Printed, progress: Progress = unwatched) -> tuple[bytes, int]:
    """The pages as PDF, and how many they are; nothing but they is in it."""
    buffer, dots = QBuffer(), 300
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(dots)
    writer.setPageLayout(paper.layout())
    writer.setTitle(paper.title)
    writer.setCreator("")
    count = paper.print_to(writer, dots, progress)
    return bytes(buffer.data().data()), count


def write_pdf(paper: Printed, file: Path, progress: Progress = unwatched) -> int:
    """Write the pages as PDF; answers how many pages. Raises `InputUnusable`."""
    data, count = pdf(paper, progress)
    del paper  # an error that is told by another thread takes no document along
    with written(file) as unfinished:
        unfinished.write_bytes(data)
    return count


def to_pdf(paper: Printed, file: Path, progress: Progress) -> None:
    """Write what a window shows as PDF, laid out anew by another thread."""
    write_pdf(paper.afresh(), file, progress)


def _picture(data: bytes, room: QSizeF) -> QImage:
    """A photograph, the right way up and small enough for two to a page; an empty picture where it cannot be read."""
    buffer = QBuffer()
    buffer.setData(data)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid():
        reader.setScaledSize(size.scaled(QSize(_SHARP, _SHARP), Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        return QImage(1, 1, QImage.Format.Format_RGB32)
    most = QSizeF(room.width() * 0.9, room.height() * 0.42)
    shown = QSizeF(image.size()).scaled(most, Qt.AspectRatioMode.KeepAspectRatio)
    image.setDevicePixelRatio(image.width() / shown.width())
    return image


def _dots(millimetres: float, dots: int = DOTS) -> float:
    return millimetres / 25.4 * dots


def with_fonts() -> None:
    """Text needs an application even where nobody looks."""
    if QApplication.instance() is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        QApplication(["cunzhan"])

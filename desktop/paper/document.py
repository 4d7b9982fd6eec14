"""Pages of A4, drawn by Qt as PDF, on a printer, and as pictures for a preview, all with the same layout.

write_pdf(Paper(form), file)   returns the number of pages; needs no screen
Paper(form).picture(0, 900)    a page as it will be printed

`Paper` is a form; lists are in `desktop.paper.lists`.
"""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QBuffer, QCoreApplication, QIODevice, QMarginsF, QPointF, QRectF, QSize, QSizeF, Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextDocument,
)
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication

from desktop import pictures, theme
from desktop.paper import page_marks
from desktop.paper.page_breaks import Band, pages
from domain import page_codes
from domain.errors import DomainError, Stopped
from domain.progress import Progress, unwatched
from domain.words import _
from services.files import written
from services.forms import Form
from services.forms.form import CODE_WORDS, page_number
from services.forms.markup import TEXT, pieces, style

DOTS = 96
"""Resolution of the layout in dots per inch. Drawing scales it, so that line widths keep their ratio to the text."""
_MARGIN = 15  # mm
_WIDE_MARGIN = 10  # mm
_SHARP = 1400
"""Largest side of a photo in dots: sharp enough for half a page, without using more memory."""
_FOOT = 18.0  # dots
_NOTE = 11  # dots
_ROWS = 60
"""Rows per text document. Qt blocks the GUI thread while it lays out a document, even in another thread."""
_SPILL = 0.4
"""If less than this part of a second page is used, lower rows may save that page."""
_LINE = 0.5
"""Half the width of a cell's border in dots; a border belongs to both rows next to it."""
_A4 = QSizeF(210, 297)


class Printed:
    """Pages of A4, portrait or landscape (`wide`), with margins in millimetres. Subclasses define `pages` and `draw`."""

    title = ""
    wide = False
    margin = _MARGIN

    @property
    def pages(self) -> int:
        """The number of pages."""
        raise NotImplementedError

    def draw(self, painter: QPainter, number: int, area: QRectF) -> None:
        """Draw a page (from 0) into the area inside the margins."""
        raise NotImplementedError

    @property
    def size(self) -> QSizeF:
        """The size inside the margins, in dots of `DOTS` per inch."""
        paper = self._paper()
        return QSizeF(_dots(paper.width() - 2 * self.margin), _dots(paper.height() - 2 * self.margin))

    def height_of(self, width: int) -> int:
        """Return the height of a page's picture of this width."""
        return round(width * self._paper().height() / self._paper().width())

    def picture(self, number: int, width: int) -> QImage:
        """Return a page, including margins, as a picture of this width in px."""
        image = QImage(width, self.height_of(width), QImage.Format.Format_RGB32)
        image.fill(QColor("white"))
        margin = width * self.margin / self._paper().width()
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.draw(painter, number, QRectF(margin, margin, image.width() - 2 * margin, image.height() - 2 * margin))
        painter.end()
        return image

    def print_to(self, device: QPagedPaintDevice, dots: int, progress: Progress = unwatched) -> int:
        """Draw the chosen pages, or all if none were chosen, on a printer or PDF without margins of its own, with `dots` per inch. Returns
        the number of pages. When stopped, a printer gets no further pages and drops those it holds if it can."""
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
        """The same pages for use in a thread other than the GUI thread."""
        return self

    def layout(self) -> QPageLayout:
        """Return A4, portrait or landscape, without margins."""
        return layout(wide=self.wide)

    def _paper(self) -> QSizeF:
        return _A4.transposed() if self.wide else _A4


def layout(*, wide: bool) -> QPageLayout:
    """Return A4, portrait or landscape, without margins. A printer that cannot print to the edge accepts such a layout only in full-page
    mode."""
    way = QPageLayout.Orientation.Landscape if wide else QPageLayout.Orientation.Portrait
    made = QPageLayout(QPageSize(QPageSize.PageSizeId.A4), way, QMarginsF(0, 0, 0, 0), QPageLayout.Unit.Millimeter)
    made.setMode(QPageLayout.Mode.FullPageMode)
    return made


class Paper(Printed):
    """A form laid out for A4."""

    def __init__(self, form: Form, progress: Progress = unwatched) -> None:
        with_fonts()
        self.form, self.title, self.wide = form, form.title, form.wide
        self.margin = _WIDE_MARGIN if form.wide else _MARGIN
        above = page_marks.EDGE + page_marks.SIDE - self.margin
        self._foot = max(_FOOT, _dots(above)) if form.mark else _FOOT
        self.documents: list[QTextDocument] = []
        self.bands: list[list[Band]] = [[]]
        self._lay_out(progress)
        if self.pages == 2 and self._spills():
            documents, bands = self.documents, self.bands
            self._lay_out(progress, tight=True)
            if self.pages == len(bands):
                self.documents, self.bands = documents, bands

    def _lay_out(self, progress: Progress, *, tight: bool = False) -> None:
        look, texts = style(self.form, tight=tight), pieces(self.form, _ROWS)
        self.documents = []
        for done, text in enumerate(texts):
            progress(done, len(texts), _("排版"))
            self.documents.append(self._laid_out(text, look))
        self.bands = pages(self.documents, self._room)

    @property
    def _room(self) -> float:
        return self.size.height() - self._foot

    def _spills(self) -> bool:
        """Whether little of the last page is used."""
        return sum(band.bottom - band.top for band in self.bands[-1]) < _SPILL * self._room

    def afresh(self) -> Paper:
        """Lay it out again: the documents being shown belong to the GUI thread."""
        return Paper(self.form)

    def for_window(self) -> Paper:
        """Move the documents from the thread that laid them out to the GUI thread, which alone may draw and delete them."""
        if (app := QCoreApplication.instance()) is not None:
            for document in self.documents:
                document.moveToThread(app.thread())
        return self

    @property
    def pages(self) -> int:
        """The number of pages."""
        return len(self.bands)

    def draw(self, painter: QPainter, number: int, area: QRectF) -> None:
        """Draw a page (from 0) into the area inside the margins."""
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
        """Draw the note, the page number, and at the right the code that identifies the page when it comes back, with its explanation."""
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
        document.setUseDesignMetrics(True)  # at this size, advances rounded to whole dots make digits wider than their column
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
    """Return the pages as PDF, and their number. The file contains no other data, such as the creator."""
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
    """Write the pages as PDF; returns their number. Raises `InputUnusable`."""
    data, count = pdf(paper, progress)
    del paper  # so that a traceback kept by another thread holds no document
    with written(file) as unfinished:
        unfinished.write_bytes(data)
    return count


def to_pdf(paper: Printed, file: Path, progress: Progress) -> None:
    """Lay out again what a window shows, in this thread, and write it as PDF."""
    write_pdf(paper.afresh(), file, progress)


def _picture(data: bytes, room: QSizeF) -> QImage:
    """A photo, upright and small enough for two per page; an empty picture if it cannot be read."""
    image = pictures.read(data, QSize(_SHARP, _SHARP))
    if image.isNull():
        return QImage(1, 1, QImage.Format.Format_RGB32)
    most = QSizeF(room.width() * 0.9, room.height() * 0.42)
    shown = QSizeF(image.size()).scaled(most, Qt.AspectRatioMode.KeepAspectRatio)
    image.setDevicePixelRatio(image.width() / shown.width())
    return image


def _dots(millimetres: float, dots: int = DOTS) -> float:
    return millimetres / 25.4 * dots


def with_fonts() -> None:
    """Create an application if there is none, since Qt needs one for text; without a screen it is offscreen."""
    if QApplication.instance() is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        QApplication(["cunzhan"])

"""Photographed and scanned pages: splits pictures and PDF files into upright pages, small enough to send, with the codes found on them.

for page in pages(files, progress):  page.codes, page.data (JPEG); `page.trouble`: why a file or a page cannot be read
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Final

from PySide6.QtCore import QBuffer, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageIOHandler, QImageReader, QImageWriter

from db.files import regular
from desktop.jobs import Progress
from desktop.paper import page_marks
from domain.attachments import JPEG, MAX_SIZE, clean_name, is_whole
from domain.errors import InputUnusable, os_reason
from domain.words import _

PICTURES: Final = ("jpg", "jpeg", "png", "bmp")
ENDINGS: Final = (*PICTURES, "pdf")
_READ: Final = frozenset({b"jpeg", b"jpg", b"png", b"bmp"})
OTHERS: Final = ("heic", "heif", "webp", "tif", "tiff")
"""Picture formats that cannot be read. They can be chosen nevertheless, so that a message can say so."""
MOST: Final = 300
"""The most pages at once: more than a village submits per day, and few enough for memory."""
_MOST_BYTES: Final = 200 * 2**20
"""The largest PDF file."""
_SIDE: Final = 2200
"""Largest side of a stored page in dots: 190 dpi for A4, half a megabyte."""
_SMALL: Final = 2**20
"""Photos up to this number of bytes are stored unchanged."""
_QUALITY: Final = 80
_FAR, _GRAIN = 240, 16
"""Side of the thumbnail by which a blank page is detected (a multiple of four), and the largest difference of its grey levels (of 256)."""
_one_at_once: Final = Lock()  # PDFium works in one thread only


@dataclass(frozen=True)
class Scanned:
    """A page: its file, its number there (0 for a picture), the page as JPEG, and the codes found on it."""

    file: str
    number: int
    data: bytes = b""
    codes: Sequence[str] = ()
    trouble: str = ""
    blank: bool = False
    """Whether the page is blank, such as a back side."""

    @property
    def where(self) -> str:
        """The file, and the page in it."""
        return _("{file} 第 {page} 页").format(file=self.file, page=self.number) if self.number else self.file


def pages(files: Sequence[Path], progress: Progress) -> list[Scanned]:
    """Return all pages of the files, in order. Raises `InputUnusable` if there are too many."""
    found: list[Scanned] = []
    for n, file in enumerate(files):
        progress(n, len(files), file.name)
        for page in _pages_of(file):
            if len(found) == MOST:
                raise InputUnusable(_("一次最多收 {n} 页。这次一页也没有收，请分几次选。").format(n=MOST))
            found.append(page)
            progress(n, len(files), page.where)  # a file may have a hundred pages: allow stopping between them
    return found


def _pages_of(file: Path) -> Iterator[Scanned]:
    name, ending = clean_name(file.name), file.suffix.lower().removeprefix(".")
    try:
        regular(file).close()
    except (OSError, InputUnusable) as error:
        yield Scanned(name, 0, trouble=os_reason(error) if isinstance(error, OSError) else str(error))
        return
    if ending == "pdf":
        yield from _of_pdf(file, name)
    elif ending in PICTURES:
        yield _of_picture(file, name)
    elif ending in OTHERS:
        text = _("{ending} 格式的照片读不了：用微信发给自己再保存，或在手机上另存为 JPG")
        yield Scanned(name, 0, trouble=text.format(ending=ending.upper()))
    else:
        yield Scanned(name, 0, trouble=_("只收照片和扫描件（{endings}）").format(endings=" ".join(ENDINGS)))


def _of_picture(file: Path, name: str) -> Scanned:
    try:
        with file.open("rb") as stream:
            data = stream.read(_MOST_BYTES)
    except OSError as error:
        return Scanned(name, 0, trouble=os_reason(error))
    buffer = QBuffer()
    buffer.setData(data)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)  # phones store their orientation as metadata
    reader.setDecideFormatFromContent(True)
    image = reader.read() if reader.format().data() in _READ else QImage()  # not of drawings, which can ask for any amount of work
    if image.isNull() or not is_whole(data):
        return Scanned(name, 0, trouble=_("读不了，可能没有拷完整或已损坏"))
    turned = reader.transformation() != QImageIOHandler.Transformation.TransformationNone  # not every viewer rotates it by the metadata
    codes, upright = page_marks.find(image)
    as_it_is = codes and upright is image and not turned and len(data) <= _SMALL and data.startswith(JPEG)
    return _page(name, 0, upright, codes, data if as_it_is else b"")


def _page(name: str, number: int, upright: QImage, codes: Sequence[str], kept: bytes = b"") -> Scanned:
    blank = not codes and _is_blank(upright)
    return Scanned(name, number, kept or _jpeg(upright), codes, _("空白页，不用收") if blank else "", blank)


def _is_blank(image: QImage) -> bool:
    """Whether a page has a single colour, at a size so small that the grain of the paper disappears."""
    small = image.scaled(_FAR, _FAR, mode=Qt.TransformationMode.SmoothTransformation).convertToFormat(QImage.Format.Format_Grayscale8)
    shades = bytes(small.constBits())
    return max(shades) - min(shades) < _GRAIN


def _of_pdf(file: Path, name: str) -> Iterator[Scanned]:
    import pypdfium2  # a large library, loaded when the first PDF comes

    try:
        if file.stat().st_size > _MOST_BYTES:
            raise ValueError
        with _one_at_once:
            document = pypdfium2.PdfDocument(file)
    except OSError as error:
        yield Scanned(name, 0, trouble=os_reason(error))
        return
    except (ValueError, pypdfium2.PdfiumError):
        yield Scanned(name, 0, trouble=_("读不了，可能设了密码、没有拷完整或已损坏"))
        return
    with closing(document):
        for number in range(min(len(document), MOST + 1)):
            with _one_at_once:
                image = _drawn(document, number)
            if image is None:
                yield Scanned(name, number + 1, trouble=_("这一页读不了"))
                continue
            codes, upright = page_marks.find(image)
            yield _page(name, number + 1, upright, codes)


def _drawn(document: Any, number: int) -> QImage | None:
    """A page of a PDF as a picture; None if it cannot be rendered."""
    from pypdfium2 import PdfiumError

    try:
        page = document[number]
        longer = max(page.get_size())
        made = page.render(scale=_SIDE / longer, rev_byteorder=True, may_draw_forms=False)
        image = QImage(made.buffer, made.width, made.height, made.stride, _FORMATS[made.mode]).copy()
    except (PdfiumError, KeyError, ZeroDivisionError):
        return None
    page.close()
    return image


_FORMATS: Final = {"RGB": QImage.Format.Format_RGB888, "RGBX": QImage.Format.Format_RGBX8888, "L": QImage.Format.Format_Grayscale8}


def _jpeg(image: QImage) -> bytes:
    """A picture as JPEG, no larger than needed for reading."""
    size = image.size()
    if max(size.width(), size.height()) > _SIDE:
        image = image.scaled(QSize(_SIDE, _SIDE), Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, b"jpg")
    writer.setQuality(_QUALITY)
    writer.write(image.convertToFormat(QImage.Format.Format_RGB32) if image.hasAlphaChannel() else image)
    data = bytes(buffer.data().data())
    assert len(data) <= MAX_SIZE, "a page of that size and quality is smaller"
    return data

"""Writes a form as a new Word document (`.docx`): plain paragraphs and tables for A4, no external resources, and no fields except page
numbers.

    write(form, file)         returns the number of table rows
    packed(parts)             a zip of its parts by name

The XML is written directly: it has only a few dozen kinds of elements (ECMA-376, part 1, 17), and no library would make it shorter.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from domain import page_codes
from services.files import written
from services.forms.fitting import SIGNED, UPRIGHT, WIDE, fit
from services.forms.form import Cell, Form, Opinion, alignment, shown
from services.forms.markup import SPANS, TEXT, WIDTHS, to_whom
from services.forms.template_fields import clean
from services.qr import dots
from services.word_xml import WORD

RELATION: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_RELATIONS: Final = f"{PACKAGE}/relationships"
_DRAWING: Final = "http://schemas.openxmlformats.org/drawingml/2006"
_FILE, _ID = "cunzhan-code.png", "cunzhanCode"
_SIDE: Final = 14 * 36_000
"""Side length as on paper (`desktop.paper.page_marks`), in EMU: 36 000 per millimetre."""
_SCALE = 12
"""Pixels for each module of the code, so that scaling does not blur it."""
PICTURE: Final = (
    f'<wp:inline xmlns:wp="{_DRAWING}/wordprocessingDrawing" distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{_SIDE}" cy="{_SIDE}"/>'
    f'<wp:docPr id="99001" name="{_FILE}"/><a:graphic xmlns:a="{_DRAWING}/main"><a:graphicData uri="{_DRAWING}/picture">'
    f'<pic:pic xmlns:pic="{_DRAWING}/picture"><pic:nvPicPr><pic:cNvPr id="99001" name="{_FILE}"/><pic:cNvPicPr/></pic:nvPicPr>'
    f'<pic:blipFill><a:blip xmlns:r="{RELATION}" r:embed="{_ID}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
    f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{_SIDE}" cy="{_SIDE}"/></a:xfrm>'
    '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline>'
)
"""The content of a `w:drawing`."""


def with_code(parts: Mapping[str, bytes], names: Sequence[str], code: str) -> dict[str, bytes]:
    """The parts of a document, extended so that the parts in `names` can show the code."""
    made = {**parts, f"word/{_FILE}": _png(code)}
    types = "[Content_Types].xml"
    made[types] = _with(made[types], f'<Override xmlns="{PACKAGE}/content-types" PartName="/word/{_FILE}" ContentType="image/png"/>')
    for name in names:
        folder, _slash, own = name.rpartition("/")
        relations = f"{folder}/_rels/{own}.rels"
        before = made.get(relations, f'<Relationships xmlns="{_RELATIONS}"></Relationships>'.encode())
        one = f'<Relationship xmlns="{_RELATIONS}" Id="{_ID}" Type="{RELATION}/image" Target="/word/{_FILE}"/>'
        made[relations] = _with(before, one)
    return made


def _with(xml: bytes, element: str) -> bytes:
    """XML with an element added at the end of its root element."""
    start = xml.rindex(b"<")
    if not xml.startswith(b"</", start):  # an empty root element
        return _with(xml[: xml.rindex(b"/>")] + b"></" + xml[start + 1 :].split()[0].rstrip(b"/>") + b">", element)
    return xml[:start] + element.encode() + xml[start:]


def _png(code: str) -> bytes:
    found = dots(code, _SCALE)
    height, width = found.shape
    whole = found.tobytes()
    lines = b"".join(b"\0" + whole[n * width : (n + 1) * width] for n in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(lines, 9)) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


_OFFICE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
CORE: Final = "application/vnd.openxmlformats-package.core-properties+xml"
_CORE_RELATION: Final = f"{PACKAGE}/relationships/metadata/core-properties"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPES: Final = (
    f'{_HEAD}<Types xmlns="{PACKAGE}/content-types">'
    f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_OFFICE}.document.main+xml"/>'
    f'<Override PartName="/word/styles.xml" ContentType="{_OFFICE}.styles+xml"/>'
    f'<Override PartName="/word/footer1.xml" ContentType="{_OFFICE}.footer+xml"/>'
    f'<Override PartName="/docProps/core.xml" ContentType="{CORE}"/></Types>'
)
_STYLES: Final = (
    f'{_HEAD}<w:styles xmlns:w="{WORD}"><w:docDefaults><w:rPrDefault><w:rPr>'
    f'<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="宋体" w:cs="Times New Roman"/>'
    f'<w:sz w:val="{TEXT * 2:.0f}"/><w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault></w:docDefaults>'
    f'<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/></w:style></w:styles>'
)
_TITLE = 18.0
_TWIPS: Final = 20
"""Word's unit (twips) in a point."""
_LABEL: Final = 5.5
"""Width of a column of labels in ems."""
_EMPTY_LINES: Final = 3
"""Empty lines to write in."""
_SIGNATURE: Final = 500
"""Height in twips of a row to sign in."""


def write(form: Form, file: Path) -> int:
    """Write a form; returns the number of table rows. Raises `InputUnusable`."""
    data = drawn(form)
    with written(file) as unfinished:
        unfinished.write_bytes(data)
    return len(form.rows)


def drawn(form: Form) -> bytes:
    """A form as the bytes of a document."""
    code = page_codes.text(form.record, form.mark, page=1, pages=1) if form.mark else ""
    parts = _parts(form, f"<w:r><w:drawing>{PICTURE}</w:drawing></w:r>" if code else "")
    return packed(with_code(parts, ["word/footer1.xml"], code) if code else parts)


def packed(parts: Mapping[str, bytes]) -> bytes:
    """The bytes of a zip with these parts. Dates are fixed, so that equal parts give equal bytes."""
    made = BytesIO()  # in memory first: an unfinished ZipFile on a full disk prints a traceback when it is collected
    with ZipFile(made, "w") as archive:
        for name, content in parts.items():
            archive.writestr(ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, ZIP_DEFLATED)
    return made.getvalue()


def properties(note: str) -> str:
    """The document properties: a note, without an author."""
    description = f"<dc:description>{escape(clean(note))}</dc:description>"
    spaces = f'xmlns:cp="{PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return f"{_HEAD}<cp:coreProperties {spaces}>{description}</cp:coreProperties>"


def _parts(form: Form, code: str) -> dict[str, bytes]:
    texts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _relations((f"{RELATION}/officeDocument", "word/document.xml"), (_CORE_RELATION, "docProps/core.xml")),
        "docProps/core.xml": properties(form.note),
        "word/document.xml": _document(form),
        "word/styles.xml": _STYLES,
        "word/_rels/document.xml.rels": _relations((f"{RELATION}/styles", "styles.xml"), (f"{RELATION}/footer", "footer1.xml")),
        "word/footer1.xml": f'{_HEAD}<w:ftr xmlns:w="{WORD}" xmlns:r="{RELATION}">{_foot(form, code)}</w:ftr>',
    }
    return {name: text.encode() for name, text in texts.items()}


def _relations(*targets: tuple[str, str]) -> str:
    lines = (f'<Relationship Id="rId{n}" Type="{sort}" Target="{file}"/>' for n, (sort, file) in enumerate(targets, 1))
    return f'{_HEAD}<Relationships xmlns="{PACKAGE}/relationships">{"".join(lines)}</Relationships>'


def _document(form: Form) -> str:
    return f'{_HEAD}<w:document xmlns:w="{WORD}" xmlns:r="{RELATION}"><w:body>{"".join(_body(form))}{_paper(form)}</w:body></w:document>'


def _body(form: Form) -> list[str]:
    room = (WIDE if form.wide else UPRIGHT) * _TWIPS
    parts = [_paragraph(form.title, side="center", size=_TITLE, bold=True, after=120)]
    parts += [_side_by_side([f"{label}：{value}" for label, value in form.heads.items()], room)] if form.heads else []
    parts += [_paragraph(text, indent=not to_whom(text)) for text in form.opening]
    parts += [_boxes(form.boxes, room)] if form.boxes else []
    parts += [_list(form)] if form.columns else []
    parts += [_paragraph(text, indent=True) for text in form.text]
    parts += [_opinions(form.opinions, room)] if form.opinions else []
    parts += [_paragraph(""), _side_by_side([f"{name}：" for name in form.signatures], room)] if form.signatures else []
    parts += [_paragraph(text, side="right") for text in form.closing]
    return parts + ([_paragraph(f"（照片 {len(form.pictures)} 张，在打印的和 PDF 里）")] if form.pictures else [])


# -- text --------------------------------------------------------------------------------------------------------------------


def _run(text: str, look: str = "") -> str:
    return f'<w:r>{look}<w:t xml:space="preserve">{escape(clean(text))}</w:t></w:r>'


def _paragraph(text: str, *, side: str = "", size: float = 0, bold: bool = False, indent: bool = False, after: int = 40) -> str:
    """A paragraph for each line of a text."""
    look = ("<w:b/>" if bold else "") + (f'<w:sz w:val="{size * 2:.0f}"/>' if size else "")
    look = f"<w:rPr>{look}</w:rPr>" if look else ""
    place = f'<w:spacing w:before="40" w:after="{after}"/>' + ('<w:ind w:firstLineChars="200" w:firstLine="440"/>' if indent else "")
    place += f'<w:jc w:val="{side}"/>' if side else ""
    return "".join(f"<w:p><w:pPr>{place}{look}</w:pPr>{_run(line, look) if line else ''}</w:p>" for line in text.split("\n"))


_TAB: Final = "<w:r><w:tab/></w:r>"
_SMALL: Final = '<w:rPr><w:sz w:val="16"/></w:rPr>'
_GAP: Final = _paragraph("", size=2, after=0)
"""A small paragraph between tables, without which Word joins them."""


# -- tables ------------------------------------------------------------------------------------------------------------------


def _table(widths: Sequence[float], rows: Sequence[str], *, lines: bool = True, beside: float = 4.5) -> str:
    edges = "".join(
        f'<w:{edge} w:val="single" w:sz="4" w:color="000000"/>' for edge in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    gap = "".join(f'<w:{edge} w:w="{beside * _TWIPS:.0f}" w:type="dxa"/>' for edge in ("left", "right"))
    look = (f"<w:tblBorders>{edges}</w:tblBorders>" if lines else "") + f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{gap}</w:tblCellMar>'
    grid = "".join(f'<w:gridCol w:w="{width:.0f}"/>' for width in widths)
    head = f'<w:tblPr><w:tblW w:w="{sum(widths):.0f}" w:type="dxa"/><w:jc w:val="center"/>{look}</w:tblPr>'
    return f"<w:tbl>{head}<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>{_GAP}"


def _row(cells: Sequence[str], *, head: bool = False, height: int = 0) -> str:
    look = "<w:cantSplit/>" + (f'<w:trHeight w:val="{height}"/>' if height else "") + ("<w:tblHeader/>" if head else "")
    return f"<w:tr><w:trPr>{look}</w:trPr>{''.join(cells)}</w:tr>"


def _cell(width: float, inside: str, *, span: int = 1) -> str:
    over = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    return f'<w:tc><w:tcPr><w:tcW w:w="{width:.0f}" w:type="dxa"/>{over}<w:vAlign w:val="center"/></w:tcPr>{inside}</w:tc>'


def _side_by_side(texts: Sequence[str], room: float) -> str:
    """Texts in one line across the page: the first on the left, the last on the right."""
    sides = ["left", *["center"] * (len(texts) - 2), "right"][: len(texts)]
    width = room / len(texts)
    cells = [_cell(width, _paragraph(text, side=side)) for text, side in zip(texts, sides, strict=True)]
    return _table([width] * len(texts), [_row(cells)], lines=False)


def _boxes(boxes: Sequence[Sequence[tuple[str, str]]], room: float) -> str:
    """Rows of labels and values in common columns, wide enough for numbers of twenty digits."""
    columns = [width * room / 100 for width in WIDTHS]
    rows = []
    for row in boxes:
        cells, at = [], 0
        for (name, text), span in zip(row, SPANS[len(row)], strict=True):
            cells.append(_cell(columns[at], _paragraph(name, side="center")))
            cells.append(_cell(sum(columns[at + 1 : at + 1 + span]), _paragraph(text), span=span))
            at += 1 + span
        rows.append(_row(cells))
    return _table(columns, rows)


def _list(form: Form) -> str:
    """The form's table, with its headings repeated on every page."""
    table = fit(form)
    widths = [width * _TWIPS for width in table.widths]
    height = _SIGNATURE if SIGNED in form.columns else 0

    def line(cells: Sequence[Cell], *, head: bool = False) -> str:
        made = (
            _cell(width, _paragraph(shown(cell), side="center" if head else alignment(cell), size=table.points, bold=head))
            for width, cell in zip(widths, cells, strict=False)
        )
        return _row(list(made), head=head, height=0 if head else height)

    rows = [line(row) for row in form.rows or [[""] * len(form.columns)]]
    rows += [line(form.total)] if form.total else []
    return _table(widths, [line(form.columns, head=True), *rows], beside=table.padding)


def _opinions(opinions: Sequence[Opinion], room: float) -> str:
    label = _LABEL * TEXT * _TWIPS + 200
    rows = []
    for one in opinions:
        content = _paragraph(one.text, indent=True) if one.text else _paragraph("") * _EMPTY_LINES
        signed = _paragraph(one.signs, side="right")
        rows.append(_row([_cell(label, _paragraph(one.label, side="center")), _cell(room - label, content + signed)]))
    return _table([label, room - label], rows)


# -- paper -------------------------------------------------------------------------------------------------------------------


def _foot(form: Form, code: str) -> str:
    """The footer: page number, note, and the page code on the right."""
    number = f"{_run('第 ')}{_field('PAGE')}{_run(' 页，共 ')}{_field('NUMPAGES')}{_run(' 页')}"
    room = (WIDE if form.wide else UPRIGHT) * _TWIPS
    if form.note:  # the note and the page number share one line
        tabs, content = "", f"{_run(f'{form.note}　', _SMALL)}{number}"
    else:
        tabs, content = f'<w:tab w:val="center" w:pos="{room / 2:.0f}"/>', f"{_TAB}{number}"
    tabs += f'<w:tab w:val="right" w:pos="{room:.0f}"/>'
    return f"<w:p><w:pPr><w:tabs>{tabs}</w:tabs></w:pPr>{content}{_TAB}{code}</w:p>"


def _field(name: str) -> str:
    return f'<w:fldSimple w:instr=" {name} ">{_run("1")}</w:fldSimple>'


def _paper(form: Form) -> str:
    """The page setup: A4, portrait or landscape."""
    width, height, turned = (16838, 11906, ' w:orient="landscape"') if form.wide else (11906, 16838, "")
    beside = (width - (WIDE if form.wide else UPRIGHT) * _TWIPS) / 2
    edges = f'w:top="1000" w:right="{beside:.0f}" w:bottom="900" w:left="{beside:.0f}" w:header="600" w:footer="450" w:gutter="0"'
    foot = '<w:footerReference w:type="default" r:id="rId2"/>'
    return f'<w:sectPr>{foot}<w:pgSz w:w="{width}" w:h="{height}"{turned}/><w:pgMar {edges}/></w:sectPr>'

"""A county's own workbook in the place of a form's layout: `{{字段}}` in its cells are filled in, everything else stays as it looks.

    keep(home, "application", file)     take a workbook for a form, after looking through it; `drop` goes back to the usual layout
    blank("application", file)          a workbook to start from, with every field there is
    fill(form, "application", data, file)   draw a form into one

`{{行.姓名}}` in a row repeats that row for every line of the form's table. Beside a form's own fields there are 标题, 正文, 合计 and 落款.
A template comes from outside: formulas, macros, links, hidden sheets and whatever unfolds too large are refused with a sentence,
when it is taken and again when it is used; what is filled in is text and numbers, never a formula.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import copy
from io import BytesIO
from pathlib import Path
from typing import Final
from zipfile import ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, MergedCell
from openpyxl.cell.cell import Cell as Box
from openpyxl.worksheet.worksheet import Worksheet

from domain.errors import InputUnusable, NotFound
from domain.words import _
from services.files import written
from services.forms.catalogue import CATALOGUE, Entry
from services.forms.form import TOTAL, Cell, Form, shown
from services.importing.limits import check_workbook, column_number
from services.importing.reading import load

FOLDER: Final = "forms"
"""Where templates lie under the data folder, each under the name of its form."""
COMMON: Final = ("标题", "正文", TOTAL, "落款")
ROW: Final = "行."
_UPRIGHT: Final = 8
"""Columns that fit on a sheet upright."""
MAX_BYTES: Final = 2 * 2**20
_MAX_UNFOLDED: Final = 24 * 2**20
_MAX_ROWS, _MAX_COLUMNS, _MAX_MERGED = 300, 60, 1000
_FIELD: Final = re.compile(r"\{\{\s*([^{}]{1,40}?)\s*\}\}")
_MERGES: Final = re.compile(rb"<(?:[\w.-]+:)?mergeCell[\s/>]")
_MERGED: Final = re.compile(rb'<(?:[\w.-]+:)?mergeCell\s[^>]*?ref\s*=\s*["\']([A-Z]{1,3})(\d{1,7})(?::([A-Z]{1,3})(\d{1,7}))?["\']')
_XML = (".xml", ".rels", ".vml")
_WIDE = (b"\xff\xfe", b"\xfe\xff")
"""Marks of UTF-16."""
_ENCODING: Final = re.compile(rb"encoding\s*=\s*[\"']([^\"']*)")
_PLAIN: Final = (b"utf-8", b"us-ascii")
_FOREIGN: Final = (
    "externallinks/",
    "vbaproject",
    "activex",
    "embeddings/",
    "macrosheets/",
    "querytables/",
    "connections.xml",
    "ctrlprops/",
)
"""Parts of a workbook that fetch or run something."""


def of(home: Path, name: str) -> Path | None:
    """The template that stands in the place of a form here, if there is one."""
    file = home / FOLDER / f"{name}.xlsx"
    return file if name in CATALOGUE and file.is_file() else None


def keep(home: Path, name: str, source: Path) -> None:
    """Take a workbook as the template of a form. Raises `InputUnusable` or `NotFound`; then the one before stays."""
    data = load(source)
    check(name, data)
    (home / FOLDER).mkdir(parents=True, exist_ok=True)
    with written(home / FOLDER / f"{name}.xlsx") as unfinished:
        unfinished.write_bytes(data)


def check(name: str, data: bytes) -> None:
    """Look through a workbook that is to be the template of a form. Raises `InputUnusable` or `NotFound`."""
    _opened(data, known(name))


def drop(home: Path, name: str) -> bool:
    """Go back to the usual layout; False when nothing stood in its place. Raises `NotFound` for a name that no form has."""
    known(name)
    file = of(home, name)
    if file is not None:
        file.unlink()
    return file is not None


def blank(name: str, file: Path) -> None:
    """Write a workbook to start from, with every field of a form in the usual layout. Raises `NotFound` or `InputUnusable`."""
    from services.forms.workbook import write

    entry = known(name)
    marks = [(field, f"{{{{{field}}}}}") for field in entry.fields]
    boxes = [tuple(marks[n : n + 2]) for n in range(0, len(marks), 2)]
    rows = [[f"{{{{{ROW}{column}}}}}" for column in entry.columns]] if entry.columns else ()
    total = ["", TOTAL, *[""] * (len(entry.columns) - 3), f"{{{{{TOTAL}}}}}"] if len(entry.columns) > 2 else ()
    wide, text, closing = len(entry.columns) > _UPRIGHT, ["{{正文}}"], ["{{落款}}"]
    form = Form("{{标题}}", boxes=boxes, columns=entry.columns, rows=rows, total=total, text=text, closing=closing, wide=wide)
    write(form, file)


def fill(form: Form, name: str, template: bytes, file: Path) -> int:
    """Draw a form into a workbook; answers how many lines its table has. Raises `InputUnusable`."""
    entry = known(name)
    book = _opened(template, entry)
    values = {**dict.fromkeys((*COMMON, *entry.fields), ""), **form.values()}
    for sheet in book.worksheets:
        _repeat(sheet, form, values)
        for cell in _cells(sheet):
            _put(cell, values)
    with written(file) as unfinished:
        made = BytesIO()  # a zip on a full disk would leave a traceback on standard error when it is thrown away
        book.save(made)
        unfinished.write_bytes(made.getbuffer())
    return len(form.rows)


def known(name: str) -> Entry:
    """What is declared of a form; raises `NotFound`."""
    if name not in CATALOGUE:
        raise NotFound(_("没有「{name}」这种表。").format(name=name[:40]))
    return CATALOGUE[name]


# -- looking through ---------------------------------------------------------------------------------------------------------


def _opened(data: bytes, entry: Entry) -> Workbook:
    """The template, once everything in it is harmless and every field known."""
    if len(data) > MAX_BYTES:
        raise InputUnusable(_("样表超过 {n} MB。请去掉图片和用不到的内容。").format(n=MAX_BYTES // 2**20))
    _harmless(data)
    try:
        book = load_workbook(BytesIO(data))
    except Exception as error:  # whatever a stranger's XML makes the reader raise
        raise InputUnusable(_("样表打不开。请用 Excel 或 WPS 另存为 .xlsx 再试。")) from error
    _bare(book)
    _check_cells(book, entry)
    return book


def _harmless(data: bytes) -> None:
    """What is in the package, before any library opens it."""
    if not data.startswith(b"PK"):
        raise InputUnusable(_("样表应是 .xlsx 文件。请用 Excel 或 WPS 另存为 .xlsx 再试。"))
    check_workbook(data, most=_MAX_UNFOLDED)
    with ZipFile(BytesIO(data)) as archive:
        for part in archive.namelist():
            if any(word in part.lower() for word in _FOREIGN):
                raise InputUnusable(_("样表里有宏、外部链接或嵌入的对象，不能用。请去掉后另存为 .xlsx。"))
            xml = archive.read(part)
            if not part.endswith(_XML):
                if xml.lstrip(b" \t\r\n\xef\xbb\xbf")[:2].strip(b"\0")[:1] == b"<" or xml[:2] in _WIDE:
                    raise InputUnusable(_("样表打不开。请用 Excel 或 WPS 另存为 .xlsx 再试。"))  # XML under a name nobody looks into
                continue
            encoding = _ENCODING.search(xml[:200])
            # what is written in another encoding would pass the looks below unseen
            if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml or b"\0" in xml or (encoding and encoding[1].lower() not in _PLAIN):
                raise InputUnusable(_("样表打不开。请用 Excel 或 WPS 另存为 .xlsx 再试。"))
            _check_merged(xml)


def _check_merged(xml: bytes) -> None:
    """Merged blocks are laid out cell by cell when a workbook is opened: none may be larger than a sheet of paper needs."""
    found = _MERGED.findall(xml)
    if len(found) > _MAX_MERGED or len(_MERGES.findall(xml)) > len(found):
        raise _too_large()
    for first, top, last, bottom in found:
        if int(bottom or top) - int(top) > _MAX_ROWS or column_number((last or first).decode()) > _MAX_COLUMNS:
            raise _too_large()


def _too_large() -> InputUnusable:
    return InputUnusable(_("样表太大，最多 {rows} 行 {columns} 列。请删去用不到的行和列。").format(rows=_MAX_ROWS, columns=_MAX_COLUMNS))


def _bare(book: Workbook) -> None:
    """Take away what could reach outside or hold something nobody sees."""
    book.defined_names.clear()
    book.properties.creator = book.properties.lastModifiedBy = ""
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            raise InputUnusable(_("样表里有隐藏的工作表「{name}」，不能用。请显示出来检查，或删去。").format(name=sheet.title[:31]))
        sheet.data_validations.dataValidation = []
        sheet.conditional_formatting = type(sheet.conditional_formatting)()


def _check_cells(book: Workbook, entry: Entry) -> None:
    fields = {*COMMON, *entry.fields, *(f"{ROW}{column}" for column in entry.columns)}
    unknown: dict[str, str] = {}
    for sheet in book.worksheets:
        if sheet.max_row > _MAX_ROWS or sheet.max_column > _MAX_COLUMNS:
            raise _too_large()
        repeated = set()
        for cell in _cells(sheet):
            if cell.data_type == "f":
                raise InputUnusable(_("样表的 {cell} 里有公式，不能用。请换成文字或字段。").format(cell=cell.coordinate))
            cell.hyperlink, cell.comment = None, None
            unknown |= {field: cell.coordinate for field in _fields(cell) if field not in fields}
            repeated |= {cell.row} if _of_row(cell) else set()
        if len(repeated) > 1:
            raise InputUnusable(_("样表「{name}」里有几行写了「行.」的字段，只能有一行。").format(name=sheet.title[:31]))
    if unknown:
        said = "、".join(f"{{{{{field}}}}}（{place}）" for field, place in list(unknown.items())[:5])
        offered = "、".join(sorted(fields))
        raise InputUnusable(_("样表里有不认识的字段：{fields}。可用的字段：{known}。").format(fields=said, known=offered))


def _cells(sheet: Worksheet) -> Iterator[Box]:
    """Cells that hold anything, from the top; those covered by a merged block are left out."""
    for row in sheet.iter_rows():
        for cell in row:
            if not isinstance(cell, MergedCell) and cell.value is not None:
                yield cell


def _fields(cell: Box) -> list[str]:
    return _FIELD.findall(cell.value) if isinstance(cell.value, str) else []


def _of_row(cell: Box) -> bool:
    return any(field.startswith(ROW) for field in _fields(cell))


# -- filling ---------------------------------------------------------------------------------------------------------------


def _put(cell: Box, values: Mapping[str, Cell], row: Mapping[str, Cell] | None = None) -> None:
    """Fill the fields of a cell. One that is a field and nothing else takes a number as a number."""
    fields = _fields(cell)
    if not fields or (row is None and _of_row(cell)):
        return
    text = str(cell.value)
    known = {**values, **{f"{ROW}{name}": value for name, value in (row or {}).items()}}
    alone = _FIELD.fullmatch(text.strip())
    value = known.get(alone[1], "") if alone else ""
    if alone and isinstance(value, (int, float)):
        cell.value = value
        if cell.number_format in ("General", "@"):
            cell.number_format = "#,##0.00" if isinstance(value, float) else "0"
        return
    said = _FIELD.sub(lambda hit: shown(known.get(hit[1], "")), text)
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", said)[:32_000]
    cell.data_type = "s"  # never a formula, whatever it begins with
    cell.quotePrefix = True  # nor when somebody edits it later


def _repeat(sheet: Worksheet, form: Form, values: Mapping[str, Cell]) -> None:
    """Repeat the row of fields of the table for every line; without lines it is left empty."""
    at = next((cell.row for cell in _cells(sheet) if _of_row(cell)), None)
    if at is None:
        return
    rows = [dict(zip(form.columns, row, strict=False)) for row in form.rows] or [{}]
    _make_room(sheet, at, len(rows) - 1)
    pattern = [(cell.column, cell.value, cell) for cell in sheet[at] if not isinstance(cell, MergedCell)]
    for place, row in enumerate(rows[1:], at + 1):
        for column, value, like in pattern:
            made = sheet.cell(place, column)
            if isinstance(made, MergedCell):
                continue
            made._style = copy(like._style)  # type: ignore[attr-defined]  # the way to share a style, unknown to the stubs
            made.value = value
            _put(made, values, row)
    for place in range(at, at + len(rows)):
        sheet.row_dimensions[place].height = None  # as high as what is filled in wants
    for cell in sheet[at]:
        if not isinstance(cell, MergedCell):
            _put(cell, values, rows[0])


def _make_room(sheet: Worksheet, at: int, more: int) -> None:
    """Move everything below a row down, merged blocks and heights of rows with it; the row's own blocks are repeated."""
    if not more:
        return
    blocks = [block.bounds for block in sheet.merged_cells.ranges]
    below = [bounds for bounds in blocks if bounds[1] > at]
    beside = [bounds for bounds in blocks if bounds[1] == bounds[3] == at]
    for left, top, right, bottom in below:
        sheet.unmerge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
    heights = {n: sheet.row_dimensions[n].height for n in range(at + 1, sheet.max_row + 1)}
    if sheet.max_row > at:
        sheet.move_range(f"A{at + 1}:{sheet.cell(sheet.max_row, sheet.max_column).coordinate}", rows=more)
    for n, height in sorted(heights.items(), reverse=True):
        sheet.row_dimensions[n + more].height = height
    for left, top, right, bottom in below:
        sheet.merge_cells(start_row=top + more, start_column=left, end_row=bottom + more, end_column=right)
    for left, _top, right, _bottom in beside:
        for n in range(1, more + 1):
            sheet.merge_cells(start_row=at + n, start_column=left, end_row=at + n, end_column=right)

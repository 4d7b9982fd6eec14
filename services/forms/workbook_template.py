"""A county's own workbook as the template of a form: checked, then filled in with openpyxl, which keeps its format.

    check(data, entry)                       raises `InputUnusable` for a file that runs, loads or hides something or is too large
    filled(form, entry, data, values)        the bytes of the workbook with its fields filled in and its row repeated

Formulas are refused; values are filled in as text and numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import copy
from io import BytesIO
from typing import Any, Final
from zipfile import ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell as Box
from openpyxl.cell.cell import MergedCell
from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token
from openpyxl.worksheet.worksheet import Worksheet

from domain.errors import InputUnusable
from domain.words import _
from services.forms.catalogue import FormType
from services.forms.form import Cell, Form, lines, shown
from services.forms.template_fields import (
    FIELD,
    MAX_FIELDS,
    MAX_MADE,
    MAX_UNFOLDED,
    check_known,
    fields,
    in_row,
    of_row,
    put,
    unfolded,
    unopened,
)
from services.office_files.limits import check_workbook, column_number

_MAX_ROWS, _MAX_COLUMNS, _MAX_MERGED = 300, 60, 1000
_SHEETS: Final = re.compile(rb"<(?:[\w.-]+:)?sheet[\s/>]")
_MOST_READ: Final = 2 * MAX_UNFOLDED
"""Most bytes of all listed sheets; openpyxl reads a sheet once for each listing."""
_MERGES: Final = re.compile(rb"<(?:[\w.-]+:)?mergeCell[\s/>]")
_MERGED: Final = re.compile(rb'<(?:[\w.-]+:)?mergeCell\s[^>]*?ref\s*=\s*["\']([A-Z]{1,3})(\d{1,7})(?::([A-Z]{1,3})(\d{1,7}))?["\']')

_LINE: Final = 1.35
"""Line height relative to the text size."""
_UNIT, _BESIDE = 5.25, 6.0
"""Points per unit of column width, and the padding of a cell in points."""
_TALLEST: Final = 409.0
_DRAWN: Final = ("xl/media/", "xl/drawings/drawing", "xl/charts/")
"""Parts that openpyxl does not keep."""
_REFERENCE: Final = re.compile(r"(?P<column>\$?[A-Z]{1,3}\$?)(?P<row>\d{1,7})")
_PLACE: Final = re.compile(r"\$([A-Z]{1,3})\$(\d{1,7})(:?)")


def check(data: bytes, entry: FormType) -> None:
    """Check a workbook that is to be the template of a form. Raises `InputUnusable`."""
    _opened(data, entry)
    with ZipFile(BytesIO(data)) as archive:
        if any(name.startswith(_DRAWN) for name in archive.namelist()):
            raise InputUnusable(_("样表里有图片、文本框或图表，填好的 .xlsx 里留不住。请删去，或改用 .docx 样表。"))


def filled(form: Form, entry: FormType, template: bytes, values: Mapping[str, Cell]) -> bytes:
    """The bytes of a workbook with its fields replaced by the values. Raises `InputUnusable`."""
    book = _opened(template, entry)
    spelled = {name: shown(value)[:80].replace("&", "&&") for name, value in values.items()}  # `&P` in a name is not a page number
    for sheet in book.worksheets:
        _repeat(sheet, form, values)
        for cell in _cells(sheet):
            _put(cell, values)
        _heighten(sheet)
        for part in _margins(sheet):
            part.text = put(part.text, spelled)
    book.properties.description = form.note
    made = BytesIO()  # in memory first: an unfinished ZipFile on a full disk prints a traceback when it is collected
    book.save(made)
    return made.getvalue()


# -- checks ----------------------------------------------------------------------------------------------------------------


def _opened(data: bytes, entry: FormType) -> Workbook:
    """The template, after all safety checks and with all fields known."""
    parts = unfolded(data, check_workbook)
    written = [part for name, part in parts.items() if name.endswith(".xml")] or [b""]
    if max(len(_SHEETS.findall(part)) for part in written) * max(map(len, written)) > _MOST_READ:
        raise InputUnusable(_("样表里的工作表太多。请只留下要填的，另存一份再试。"))
    for part in parts.values():
        _check_merged(part)
    try:
        book = load_workbook(BytesIO(data))
    except Exception as error:  # a hostile file may raise anything
        raise unopened() from error
    _strip(book)
    _check_cells(book, entry)
    return book


def _check_merged(xml: bytes) -> None:
    """Refuse too large merged blocks, because openpyxl creates each of their cells."""
    found = blocks(xml)
    if len(found) > _MAX_MERGED or any(tall > _MAX_ROWS or wide > _MAX_COLUMNS for tall, wide in found):
        raise _too_large()


def blocks(xml: bytes) -> list[tuple[int, int]]:
    """The merged blocks in a sheet's XML, as (number of rows, last column from 1). Raises `InputUnusable` if one cannot be read."""
    found = _MERGED.findall(xml)
    if len(_MERGES.findall(xml)) > len(found):
        raise unopened()
    return [(int(bottom or top) - int(top) + 1, column_number((last or first).decode()) + 1) for first, top, last, bottom in found]


def _too_large() -> InputUnusable:
    return InputUnusable(_("样表太大，最多 {rows} 行 {columns} 列。请删去用不到的行和列。").format(rows=_MAX_ROWS, columns=_MAX_COLUMNS))


def _strip(book: Workbook) -> None:
    """Remove what could refer to other files or hide data. Raises `InputUnusable` for a hidden sheet."""
    book.defined_names.clear()
    book.properties.creator = book.properties.lastModifiedBy = ""
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            raise InputUnusable(_("样表里有隐藏的工作表「{name}」，不能用。请显示出来检查，或删去。").format(name=sheet.title[:31]))
        sheet.data_validations.dataValidation = []
        sheet.conditional_formatting = type(sheet.conditional_formatting)()


def _check_cells(book: Workbook, entry: FormType) -> None:
    places, count = dict[str, str](), 0
    for sheet in book.worksheets:
        places |= {name: _("页眉页脚") for part in _margins(sheet) for name in fields(part.text)}
        if sheet.max_row > _MAX_ROWS or sheet.max_column > _MAX_COLUMNS:
            raise _too_large()
        repeated = set()
        for cell in _cells(sheet):
            if cell.data_type == "f":
                raise InputUnusable(_("样表的 {cell} 里有公式，不能用。请换成文字或字段。").format(cell=cell.coordinate))
            cell.hyperlink, cell.comment = None, None
            places |= dict.fromkeys(_fields(cell), cell.coordinate)
            count += len(_fields(cell))
            repeated |= {cell.row} if of_row(_fields(cell)) else set()
        if len(repeated) > 1:
            raise InputUnusable(_("样表「{name}」里有几行写了「行.」的字段，只能有一行。").format(name=sheet.title[:31]))
    if count > MAX_FIELDS:
        raise _too_large()
    check_known(places, entry)


def _cells(sheet: Worksheet) -> Iterator[Box]:
    """The cells with content, from the top, without those covered by a merged block."""
    for row in sheet.iter_rows():
        for cell in row:
            if not isinstance(cell, MergedCell) and cell.value is not None:
                yield cell


def _margins(sheet: Worksheet) -> Iterator[Any]:
    """The parts of page headers and footers that have text."""
    for name in ("oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter"):
        whole = getattr(sheet.HeaderFooter, name)
        yield from (part for part in (whole.left, whole.center, whole.right) if part.text)


def _fields(cell: Box) -> list[str]:
    return fields(cell.value) if isinstance(cell.value, str) else []


# -- filling ---------------------------------------------------------------------------------------------------------------


def _put(cell: Box, values: Mapping[str, Cell], row: Mapping[str, Cell] | None = None) -> None:
    """Fill in the fields of a cell. A cell with only a field gets a number as a number."""
    if not _fields(cell) or (row is None and of_row(_fields(cell))):
        return
    text = str(cell.value)
    known = in_row(values, row or {})
    alone = FIELD.fullmatch(text.strip())
    value = known.get(alone[1].strip(), "") if alone else ""
    if alone and isinstance(value, (int, float)):
        cell.value = value
        if cell.number_format in ("General", "@"):
            cell.number_format = "#,##0.00" if isinstance(value, float) else "0"
        return
    cell.value = put(text, known)
    cell.data_type = "s"  # never a formula, whatever it begins with
    cell.quotePrefix = True  # nor after it is edited later


def _repeat(sheet: Worksheet, form: Form, values: Mapping[str, Cell]) -> None:
    """Repeat the row with row fields for every line of the table; without lines it becomes empty."""
    at = next((cell.row for cell in _cells(sheet) if of_row(_fields(cell))), None)
    if at is None:
        return
    rows = [dict(zip(form.columns, row, strict=False)) for row in form.rows] or [{}]
    make_room(sheet, at, len(rows) - 1)
    filled = 0
    pattern = [(cell.column, cell.value, cell) for cell in sheet[at] if not isinstance(cell, MergedCell)]
    for place, row in enumerate(rows[1:], at + 1):
        for column, value, like in pattern:
            made = sheet.cell(place, column)
            if isinstance(made, MergedCell):
                continue
            made._style = copy(like._style)  # type: ignore[attr-defined]  # the way to share a style, unknown to the stubs
            made.value = value
            _put(made, values, row)
            filled += len(str(made.value))
        if filled > MAX_MADE:
            raise _too_large()
    for place in range(at + 1, at + len(rows)):
        sheet.row_dimensions[place].height = sheet.row_dimensions[at].height  # a row to sign in is higher than its text
    for cell in sheet[at]:
        if not isinstance(cell, MergedCell):
            _put(cell, values, rows[0])


def make_room(sheet: Worksheet, at: int, more: int) -> None:
    """Move everything below row `at` down by `more` rows, with merged blocks and row properties; the row's own merged blocks are
    repeated."""
    if not more:
        return
    blocks = [block.bounds for block in sheet.merged_cells.ranges]
    below = [bounds for bounds in blocks if bounds[1] > at]
    beside = [bounds for bounds in blocks if bounds[1] == bounds[3] == at]
    for left, top, right, bottom in below:
        sheet.unmerge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
    if sheet.max_row > at:
        sheet.move_range(f"A{at + 1}:{sheet.cell(sheet.max_row, sheet.max_column).coordinate}", rows=more)
    for n in sorted((n for n in sheet.row_dimensions if n > at), reverse=True):
        moved = sheet.row_dimensions.pop(n)  # keeps its height and whether it is hidden
        moved.index = n + more
        sheet.row_dimensions[n + more] = moved
    _extend_print_setup(sheet, at, more)
    _extend_formulas(sheet, at, more)
    for left, top, right, bottom in below:
        sheet.merge_cells(start_row=top + more, start_column=left, end_row=bottom + more, end_column=right)
    for left, _top, right, _bottom in beside:
        for n in range(1, more + 1):
            sheet.merge_cells(start_row=at + n, start_column=left, end_row=at + n, end_column=right)


def _extend_formulas(sheet: Worksheet, at: int, more: int) -> None:
    """Adjust the formulas that refer to rows of a sheet to rows inserted below row `at`: sums down to that row include them."""

    def row(place: re.Match[str], last: bool) -> str:
        number = int(place["row"])
        return f"{place['column']}{number + more if number >= at + (not last) else number}"

    for page in sheet.parent.worksheets if sheet.parent is not None else ():
        for cell in (cell for cells in page.iter_rows() for cell in cells if cell.data_type == "f" and isinstance(cell.value, str)):
            formula = Tokenizer(cell.value)
            for token in formula.items:
                name, _mark, places = token.value.rpartition("!")
                ends = [end for place in places.split(":") if (end := _REFERENCE.fullmatch(place))]
                if token.subtype != Token.RANGE or not ends or (name.strip("'") if name else page.title) != sheet.title:
                    continue
                down = len(ends) == 2 and (cell.row > at or page is not sheet or ends[0]["row"] != ends[1]["row"])
                moved = ":".join(row(one, down and n == 1) for n, one in enumerate(ends))
                token.value = f"{name}!{moved}" if name else moved
            cell.value = "=" + "".join(token.value for token in formula.items)


def _extend_print_setup(sheet: Worksheet, at: int, more: int) -> None:
    """Extend the print area and move page breaks for the inserted rows, repeat the headings on every page, and print on as many pages as
    needed instead of one."""

    def moved(place: re.Match[str]) -> str:
        row, top = int(place[2]), bool(place[3])
        return f"${place[1]}${row + more if row >= at + top else row}{place[3]}"

    if area := sheet.print_area:
        sheet.print_area = _PLACE.sub(moved, area)
    for one in sheet.row_breaks.brk:
        one.id += more if one.id >= at else 0
    sheet.page_setup.fitToHeight = 0
    if at > 1 and not (sheet.print_title_rows or sheet.print_title_cols):  # headings may be merged over several rows
        top = min((block.min_row for block in sheet.merged_cells.ranges if block.max_row == at - 1), default=at - 1)
        sheet.print_title_rows = f"{top}:{at - 1}"


def _heighten(sheet: Worksheet) -> None:
    """Increase the height of rows that are too low for wrapped filled-in text. No program does so for merged cells, and a fixed height that
    fitted the field's name would cut off an address."""
    blocks = {(block.min_row, block.min_col): block.bounds for block in sheet.merged_cells.ranges}
    usual, heights = sheet.sheet_format.defaultRowHeight or 15.0, sheet.row_dimensions
    widths = dict.fromkeys(range(1, sheet.max_column + 1), sheet.sheet_format.defaultColWidth or 9.0)
    for one in sheet.column_dimensions.values():
        widths |= dict.fromkeys(range(one.min or 1, min(one.max or 0, sheet.max_column) + 1), 0.0 if one.hidden else one.width)
    for cell in _cells(sheet):
        if not (cell.quotePrefix and cell.alignment.wrap_text):  # only filled-in cells have the quote prefix
            continue
        left, top, right, bottom = blocks.get((cell.row, cell.column), (cell.column, cell.row, cell.column, cell.row))
        size = cell.font.sz or 11.0
        room = sum(widths[n] for n in range(left, right + 1)) * _UNIT - _BESIDE
        wanted = lines(str(cell.value), room / size) * size * _LINE + 3
        lacking = wanted - sum(heights[n].height or usual for n in range(top, bottom + 1))
        if lacking > 0:
            heights[top].height = min(_TALLEST, (heights[top].height or usual) + lacking)

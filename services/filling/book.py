"""The workbook being filled in: opens it, sets cells without changing their format, and writes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import copy
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.formula.translate import Translator
from openpyxl.styles import Border, Side
from openpyxl.worksheet.worksheet import Worksheet

from domain.errors import InputUnusable
from domain.values import FORMULA
from domain.words import _
from services.files import written
from services.filling import printed
from services.forms.template_fields import clean
from services.forms.workbook_template import blocks, make_room
from services.importing.rows.lines import shown
from services.office_files import word_tables
from services.office_files.limits import check_workbook
from services.office_files.reading import Sheet

MOST_BYTES: Final = 8 * 2**20
MOST_UNFOLDED: Final = 96 * 2**20
MOST_CELLS: Final = 600_000
"""Most cells of all sheets together (rows × columns); openpyxl keeps an object for each."""
_MOST_MERGED: Final = 200_000
"""Most cells in merged blocks; openpyxl creates each of them."""
_SHEETS: Final = re.compile(rb"<(?:[\w.-]+:)?sheet[\s/>]")
_LOST: Final = ("xl/media/", "xl/drawings/", "xl/charts/", "xl/ctrlprops/", "xl/embeddings/", "xl/vbaproject")
"""Parts of a workbook that openpyxl does not keep."""
_NEW_LISTS: Final = b"x14:dataValidation "
"""Drop-down lists that openpyxl does not keep: references to another sheet in the newer notation."""


def opened(data: bytes, sheets: Sequence[Sheet]) -> tuple[Workbook, list[str]]:
    """The workbook, and notes about what will be lost when it is written. A file other than `.xlsx` is rebuilt from its cells. Raises
    `InputUnusable` for a file that is too large or damaged."""
    document = word_tables.is_document(data)  # its pictures are kept and need no memory
    cells = sum(len(sheet.rows) * max(map(len, sheet.rows), default=0) for sheet in sheets)
    if cells > MOST_CELLS or (len(data) > MOST_BYTES and not document):
        raise InputUnusable(_("这份表太大，填不了。请只留下要填的行和列，另存一份再试。"))
    if document:
        return _rebuilt(sheets), []
    if not data.startswith(b"PK"):
        return _rebuilt(sheets), [_("原表不是 .xlsx，填好的存成新的 .xlsx：字都在，字体、颜色和列宽没有带过来")]
    lost = _check(data)
    try:
        book = load_workbook(BytesIO(data), rich_text=True)
    except Exception as error:  # a damaged or hostile file may raise anything
        raise _open_error() from error
    book.calculation.fullCalcOnLoad = True  # openpyxl does not keep formula results
    return book, lost


def _check(data: bytes) -> list[str]:
    check_workbook(data, most=MOST_UNFOLDED)
    with ZipFile(BytesIO(data)) as archive:
        names = archive.namelist()
        lost = any(name.lower().startswith(_LOST) for name in names)
        merged = sheets = largest = 0
        for name in names:
            if not name.endswith((".xml", ".rels")):
                continue
            part = archive.read(name)
            if b"<!DOCTYPE" in part or b"<!ENTITY" in part or b"\0" in part:
                raise _open_error()
            lost = lost or _NEW_LISTS in part
            merged += sum(tall * wide for tall, wide in blocks(part))
            sheets, largest = max(sheets, len(_SHEETS.findall(part))), max(largest, len(part))
    if merged > _MOST_MERGED or sheets * largest > 2 * MOST_UNFOLDED:
        raise InputUnusable(_("这份表太大，填不了。请只留下要填的行和列，另存一份再试。"))
    return [_("图片、图表、控件和一部分下拉选项，填好的文件里留不住；要留着，请把填好的格子复制回原表")] if lost else []


def _open_error() -> InputUnusable:
    return InputUnusable(_("这份表打不开。请用 Excel 或 WPS 另存为 .xlsx 再试。"))


def _rebuilt(sheets: Sequence[Sheet]) -> Workbook:
    """A new workbook with the same cells, with thin borders."""
    book = Workbook()
    book.remove(book.worksheets[0])
    line = Side(style="thin")
    for one in sheets:
        sheet = book.create_sheet(clean(one.name)[:31] or "Sheet")
        for n, row in enumerate(one.rows, 1):
            for m, value in enumerate(row, 1):
                cell = sheet.cell(n, m)
                cell.border = Border(left=line, right=line, top=line, bottom=line)
                if value not in (None, ""):
                    put(cell, value)
        for (top, left), (bottom, right) in one.merged:
            sheet.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
    return book


def put(cell: Cell, value: Any) -> None:
    """Set a cell. Text remains text even if it looks like a formula, and long numbers keep their digits."""
    cell.value = clean(value) if isinstance(value, str) else value
    if isinstance(value, str):
        cell.data_type = "s"  # never a formula
        if FORMULA.match(value):
            cell.quotePrefix = True  # nor after it is edited later
        if value.isdigit() and len(value) > 11 and cell.number_format == "General":
            cell.number_format = "@"


def blank(sheet: Worksheet, row: int, column: int) -> Cell | None:
    """The cell to fill in at a row and column (from 1), empty or with boxes or units printed in it; None if it has other content or is
    covered by a merged block."""
    cell = sheet.cell(row, column)
    return cell if not isinstance(cell, MergedCell) and (cell.value in (None, "") or printed.fillable(cell.value)) else None


def seen(cell: Cell | MergedCell) -> str:
    """The text of a cell for display; a formula has no result before the file is opened in Excel."""
    return _("（公式）") if cell.data_type == "f" else shown(None, cell.value)


def extend(sheet: Worksheet, at: int, more: int) -> None:
    """Insert `more` rows below row `at` with its format and formulas, moving down the rows below."""
    make_room(sheet, at, more)
    alike(sheet, at, range(at + 1, at + more + 1))
    for like in sheet[at]:
        if like.data_type == "f" and isinstance(like.value, str):
            for row in range(at + 1, at + more + 1):
                made = sheet.cell(row, like.column)
                made.value = Translator(like.value, like.coordinate).translate_formula(made.coordinate)


def alike(sheet: Worksheet, pattern: int, rows: Sequence[int]) -> None:
    """Give rows the format of row `pattern`."""
    for row in rows:
        for like in sheet[pattern]:
            if not isinstance(like, MergedCell) and not isinstance(made := sheet.cell(row, like.column), MergedCell):
                made._style = copy(like._style)  # type: ignore[attr-defined]  # the way to share a style, unknown to the stubs
        sheet.row_dimensions[row].height = sheet.row_dimensions[pattern].height


def write(book: Workbook, file: Path) -> None:
    """Write a workbook; the file gets its name only when complete. Raises `InputUnusable`."""
    made = BytesIO()  # in memory first: an unfinished ZipFile on a full disk prints a traceback when it is collected
    book.save(made)
    with written(file) as unfinished:
        unfinished.write_bytes(made.getvalue())

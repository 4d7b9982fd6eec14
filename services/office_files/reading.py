"""Reads files as sheets of cells: `.xlsx`, `.xls` and WPS `.et` with calamine, `.csv` in its own encoding, tables in `.docx`, and web pages
named `.xls`. The type is recognised by content, not by name."""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from db.files import regular
from domain.errors import InputUnusable, os_reason
from domain.words import _
from services.office_files import other_files, word_tables
from services.office_files.chats import items_of
from services.office_files.limits import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_FILE_BYTES,
    MAX_ROWS,
    SEARCHED_ROWS,
    SheetFacts,
    check_cells,
    check_grid,
    check_sheets,
    check_size,
    check_workbook,
)
from services.office_files.web_tables import Merged, is_web, web_tables

Cell = str | int | float | bool | date | datetime | time | timedelta | None

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_FORMULA_ERRORS = frozenset({"#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"})
"""What a spreadsheet writes into a `.csv` for a formula with an error."""
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_MONTH_SHOWN = re.compile(rf"({'|'.join(_MONTHS)})-(\d\d)", re.ASCII)
"""What a spreadsheet writes into a `.csv` for a typed 2023-2: Feb-23."""
_MAX_FIELD = 100_000
_RULE = re.compile(r"[-:=\s]{3,}")
"""A line drawn below the headings."""
_GAP = re.compile("[ \u3000]{2,}")
"""The gap between columns in a text laid out for printing."""


@dataclass
class Sheet:
    """The cells of one sheet from A1 on; row number = index + 1."""

    name: str
    rows: list[list[Any]]
    merged: list[Merged]
    uncomputed: set[tuple[int, int]]
    """Cells whose formula has no stored result or an error, as (row, column) from 0; they are read as empty."""
    hidden: bool = False
    unseen: set[int] = field(default_factory=set)
    """Numbers of the hidden rows, which are read like the others."""
    unseen_columns: set[int] = field(default_factory=set)
    """Hidden columns, from 0; read unless a visible column has the same meaning."""
    struck: set[int] = field(default_factory=set)
    """Numbers of the rows that are struck through."""
    chain: bool = False
    """Whether it is a 接龙 with one line in each row, which :mod:`services.importing.tables.chain` splits."""
    file: str = ""
    """The file's name without its suffix; it may state the month."""


def load(source: Path | str | bytes) -> bytes:
    """The content of a file to import. Raises `InputUnusable` if it cannot be read or is too large."""
    if isinstance(source, bytes):
        check_size(len(source))
        return source
    path = Path(source)
    try:
        with regular(path) as file:
            check_size(os.fstat(file.fileno()).st_size)
            return file.read(MAX_FILE_BYTES + 1)
    except IsADirectoryError:
        raise InputUnusable(_("这是一个文件夹，请选择其中的文件。")) from None
    except OSError as error:
        raise InputUnusable(_open_error(path, error)) from None


def _open_error(path: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return _("{file} 打不开：找不到它，可能移走了、改了名，或者 U 盘已拔下。").format(file=path.name)
    if isinstance(error, PermissionError):
        return _("{file} 打不开：可能正开在 Excel 或 WPS 里，请关掉再试。").format(file=path.name)
    return _("{file} 打不开：{reason}。").format(file=path.name, reason=os_reason(error))


_YEAR_AND_TENTH = re.compile(r"(?:19|20)\d\d\.1", re.ASCII)


def read_workbook(data: bytes) -> list[Sheet]:
    """The sheets of a workbook, document, web page or CSV, the hidden ones last. Raises `InputUnusable`."""
    if not data:
        raise InputUnusable(_("文件是空的。请确认导出或复制完整后再导入。"))
    if data.startswith(_ZIP):
        if word_tables.is_document(data):
            return of_document(word_tables.document(data))
        members = check_workbook(data)
        return _spreadsheet(data, _facts_by_sheet(data, members), members.values())
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise _password_error()
        return _spreadsheet(data, {})
    if (other := other_files.beginning(data)) is not None:
        raise other
    text = decoded(data)
    return _web(text) if is_web(text) else [_chat(text.splitlines()) or separated(text)]


def of_document(document: word_tables.Document) -> list[Sheet]:
    """The tables of a Word document as sheets."""
    return [Sheet(_("表格 {n}").format(n=n), one.texts(), one.merged(), set()) for n, one in enumerate(document.tables, 1)]


def _password_error() -> InputUnusable:
    return InputUnusable(_("文件设了打开密码。请在 Excel 里去掉密码另存一份后再导入。"))


def _spreadsheet(data: bytes, facts: dict[str, SheetFacts], members: Collection[SheetFacts] = ()) -> list[Sheet]:
    try:
        with CalamineWorkbook.from_filelike(BytesIO(data)) as book:
            sheets = [m for m in book.sheets_metadata if m.typ == SheetTypeEnum.WorkSheet]
            if members:
                check_sheets(len(sheets), members)
            hidden = [m.name for m in sheets if m.visible != SheetVisibleEnum.Visible]
            shown = [m.name for m in sheets if m.name not in hidden]
            read, cells = [], 0
            for name in shown:
                sheet = book.get_sheet_by_name(name)
                cells += (sheet.total_height + 1) * (sheet.total_width + 1)
                check_cells(cells)
                read.append(_sheet(sheet, facts.get(name, SheetFacts())))
            return read + [_hidden_sheet(book.get_sheet_by_name(name)) for name in hidden]
    except PasswordError:
        raise _password_error() from None
    except (CalamineError, OSError, ValueError) as error:
        raise other_files.compound(data) from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # a Rust panic is a BaseException in Python
            raise other_files.compound(data) from error
        raise


def _sheet(sheet: CalamineSheet, facts: SheetFacts) -> Sheet:
    check_grid(sheet.total_height + 1, sheet.total_width + 1)
    rows = sheet.to_python(skip_empty_area=False)
    for (row, column), text in facts.texts.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = text
    for column, numbers in facts.months.items():
        _show_months(rows, column, numbers)
    for column, numbers in facts.two_places.items():
        _show_tenths(rows, column, numbers)
    return Sheet(
        sheet.name,
        rows,
        list(sheet.merged_cell_ranges or ()),
        facts.uncomputed,
        unseen=facts.hidden_rows,
        unseen_columns=facts.hidden_columns,
        struck=facts.struck,
    )


def _show_months(rows: list[list[Any]], column: int, numbers: set[int]) -> None:
    """Replace dates of a column that are shown as a month by that month, unless one of them is not the first day; then only the display
    omits the day."""
    shown = [rows[at - 1] for at in numbers if at <= len(rows) and column < len(rows[at - 1]) and isinstance(rows[at - 1][column], date)]
    if all(row[column].day == 1 for row in shown):
        for row in shown:
            row[column] = f"{row[column].year}年{row[column].month}月"


def _show_tenths(rows: list[list[Any]], column: int, numbers: set[int]) -> None:
    """Replace numbers like 2022.1 by what the sheet shows, 2022.10, which may be a month."""
    for row in (rows[at - 1] for at in numbers if at <= len(rows) and column < len(rows[at - 1])):
        if isinstance(row[column], float) and _YEAR_AND_TENTH.fullmatch(repr(row[column])):
            row[column] = f"{row[column]:.2f}"


def _hidden_sheet(sheet: CalamineSheet) -> Sheet:
    """The top rows of a hidden sheet, only used to report it; empty if the sheet is too large."""
    small = sheet.total_height < MAX_ROWS and sheet.total_width < MAX_COLUMNS
    return Sheet(sheet.name, sheet.to_python(nrows=SEARCHED_ROWS + 1) if small else [], [], set(), hidden=True)


def _facts_by_sheet(data: bytes, members: dict[str, SheetFacts]) -> dict[str, SheetFacts]:
    """The findings of the safety check, by sheet name. Empty if the names cannot be read, which only loses warnings."""
    if not any(
        facts.two_places or facts.uncomputed or facts.texts or facts.hidden_rows or facts.hidden_columns or facts.struck or facts.months
        for facts in members.values()
    ):
        return {}
    try:
        with ZipFile(BytesIO(data)) as archive:
            book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
            links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, ElementTree.ParseError):
        return {}
    targets = {link.get("Id"): "xl/" + (link.get("Target") or "").removeprefix("/xl/").removeprefix("xl/") for link in links}
    found = {sheet.get("name") or "": targets.get(sheet.get(_REL)) for sheet in book.iter() if sheet.tag.endswith("}sheet")}
    return {name: members[target] for name, target in found.items() if target in members}


# ---------------------------------------------------------------- CSV


def _web(text: str) -> list[Sheet]:
    """The tables of a web page that is named like a workbook."""
    tables = web_tables(text)
    if not tables:
        raise InputUnusable(
            _("这是网页，里面没有表格，多半是没有登录或登录超时了。请重新导出；打开看得到表的，请用 Excel 另存为 .xlsx 再导入。")
        )
    check_cells(sum(len(table.rows) * len(table.rows[0]) for table in tables))
    return [Sheet("HTML" if at == 1 else f"HTML {at}", table.rows, table.merged, set()) for at, table in enumerate(tables, 1)]


def separated(text: str) -> Sheet:
    """A text with columns separated by a delimiter or by spaces, as a sheet. Raises `InputUnusable` if the columns are ambiguous."""
    csv.field_size_limit(_MAX_FIELD)
    delimiter = delimiter_of(text)
    head = text.splitlines()[:SEARCHED_ROWS]
    if sum(len(_GAP.findall(line.strip())) > 1 for line in head) > sum(line.count(delimiter) > 1 for line in head):
        text, delimiter = _aligned(text), "\t"
    try:
        rows = list(_bounded(csv.reader(StringIO(text, newline=""), delimiter=delimiter)))
    except csv.Error:
        raise other_files.unusable() from None
    _refuse_unpaired(rows, text, delimiter)
    if _MONTH_SHOWN.search(text):
        rows = [[_month(hit) if (hit := _MONTH_SHOWN.fullmatch(cell)) else cell for cell in row] for row in rows]
    rows = [[""] * len(row) if _RULE.fullmatch("".join(row)) else row for row in rows]
    width = max(map(len, rows), default=0)
    check_grid(len(rows), width)  # before rows are padded to the longest
    failed = (
        {(at, column) for at, row in enumerate(rows) for column, cell in enumerate(row) if cell in _FORMULA_ERRORS}
        if "#" in text
        else set()
    )
    for at, column in failed:
        rows[at][column] = ""
    return Sheet("CSV", [row + [""] * (width - len(row)) for row in rows], [], failed)


def _chat(lines: list[str]) -> Sheet | None:
    """The text as a 接龙, one line in each row; None if it is none."""
    if (chain := items_of(lines)) is None:
        return None
    check_grid(len(chain), 1)
    return Sheet("接龙", [[line] for line in chain], [], set(), chain=True)


def _month(hit: re.Match[str]) -> str:
    """The month in Chinese; two-digit years are in the century that spreadsheets assume."""
    return f"{'19' if hit[2] >= '30' else '20'}{hit[2]}年{_MONTHS.index(hit[1]) + 1}月"


def _aligned(text: str) -> str:
    """Replace the gaps between columns by tabs in a text laid out for printing, as from banks. Raises `InputUnusable` if a row has an
    unusual number of columns, because an empty column leaves no trace."""
    lines = [_GAP.sub("\t", line.strip()) for line in text.splitlines()]
    counts = Counter(count for count in (line.count("\t") for line in lines) if count > 1)
    usual = counts.most_common(1)[0][0] if counts else 0
    for number, line in enumerate(lines, 1):
        if line.count("\t") not in (0, 1, usual):
            message = _("各列只用空格隔开，第 {row} 行的列数和别的行不一样，分不清哪一列空着。请用 Excel 的「数据 → 分列」分好再导入。")
            raise InputUnusable(message.format(row=number))
    return "\n".join(lines)


def _refuse_unpaired(rows: list[list[Any]], text: str, delimiter: str) -> None:
    """Raise `InputUnusable` if an unpaired quote joined several rows into one cell."""
    if '"' not in text:
        return
    usual = max(map(len, rows[:SEARCHED_ROWS]), default=0)
    unclosed = rows[-1] if not text.rstrip().endswith('"') else None
    at = 1
    for row in rows:
        for cell in row if len(row) < usual else ():
            swallowed = cell.split("\n")[0 if row is unclosed and cell is row[-1] else 1 :]
            if any(line.count(delimiter) >= max(usual - 2, 2) for line in swallowed):
                message = _("第 {row} 行有一个引号没有配对，后面的内容都连成了一格，所以没有导入。请删去那个引号再导入。")
                raise InputUnusable(message.format(row=at))
        at += 1 + sum(cell.count("\n") for cell in row)


def _bounded(reader: Iterator[list[str]]) -> Iterator[list[Any]]:
    cells = 0
    for number, row in enumerate(reader, 1):
        cells += len(row)
        if number > MAX_ROWS or cells > MAX_CELLS:
            check_grid(number, cells // number + 1)
        yield list(row)


def decoded(data: bytes) -> str:
    """Decode text of unknown encoding: by its byte order mark, otherwise as UTF-8 if valid, otherwise as GB18030 (which Excel and WPS
    write). UTF-16 without a byte order mark is recognised by the position of its zero bytes. Raises `InputUnusable`."""
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = data.decode("utf-16")
        elif b"\0" in data[:_SAMPLE]:
            text = _utf16(data)
        else:
            text = _utf8_or_gb(data)
    except UnicodeDecodeError:
        raise other_files.unusable() from None
    if "\0" in text:
        raise other_files.unusable()
    return text.removeprefix("\ufeff")


_SAMPLE = 4096
_PLAUSIBLE = re.compile(
    "[\t\r\n -~\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\u00b7\u00d7\u2010-\u203b\u221a\u2160-\u216b\u2460-\u249b]"
)
"""Characters that occur in lists; binary data decodes to characters from all over Unicode."""


def _utf16(data: bytes) -> str:
    high_zeros, low_zeros = data[:_SAMPLE:2].count(0), data[1:_SAMPLE:2].count(0)
    text = data.decode("utf-16-le" if low_zeros > high_zeros else "utf-16-be") if low_zeros != high_zeros else "\0"
    head = text[:_SAMPLE]
    return text if len(_PLAUSIBLE.findall(head)) > 0.95 * len(head) else "\0"


def _utf8_or_gb(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def delimiter_of(text: str) -> str:
    """The most frequent separator in the first 20 lines; a full-width comma if there is no other, and a comma if there is none."""
    head = "\n".join(text.splitlines()[:20])
    found = max(",\t;|", key=lambda sign: (head.count(sign), sign == ","))
    return found if found in head or "，" not in head else "，"

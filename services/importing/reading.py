"""Files to sheets of cells: `.xlsx`, `.xls` and WPS' `.et` by calamine, `.csv` by its own encoding, the tables of `.docx` and of web pages
called `.xls`; told apart by content, not by name."""

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
from services.importing import other_files, word_tables
from services.importing.limits import (
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
from services.importing.web_tables import is_web, web_tables

Cell = str | int | float | bool | date | datetime | time | timedelta | None
Merged = tuple[tuple[int, int], tuple[int, int]]
"""A merged block: its first and last cell as (row, column) from 0."""

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_FAILED = frozenset({"#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"})
"""What a spreadsheet writes into a `.csv` for a formula that failed."""
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_MONTH_SHOWN = re.compile(rf"({'|'.join(_MONTHS)})-(\d\d)", re.ASCII)
"""What a spreadsheet writes into a `.csv` for 2023-2 that somebody typed: Feb-23."""
CHAIN_ITEM = re.compile(r"\s*\d{1,3}\s*[.、．)）]\s*(?=[㐀-䶿一-龥])(.*)")
"""A line of a 接龙: 1. 王芳 大连."""
_LONGEST_ITEM = 500
_MAX_FIELD = 100_000
_GAP = re.compile("[ \u3000]{2,}")
"""What keeps columns apart in a text that is laid out for a printer."""


@dataclass
class Sheet:
    """The cells of one sheet from A1 on, so that row number = index + 1 as the sheet itself counts."""

    name: str
    rows: list[list[Any]]
    merged: list[Merged]
    uncomputed: set[tuple[int, int]]
    """Cells whose formula has no stored result or failed, as (row, column) from 0; they read as empty."""
    hidden: bool = False
    unseen: set[int] = field(default_factory=set)
    """Numbers of its hidden rows, which are read like the others."""
    unseen_columns: set[int] = field(default_factory=set)
    """Its hidden columns, from 0: read where none that is seen says the same."""
    struck: set[int] = field(default_factory=set)
    """Numbers of its rows that are struck through."""
    chain: bool = False
    """Whether it is a 接龙: a line a row, which :mod:`services.importing.chain` divides."""
    file: str = ""
    """The file's name without its suffix, which may say what no cell does: the month."""


def load(source: Path | str | bytes) -> bytes:
    """The bytes of a file to import; raises `InputUnusable` when it is not there or too big."""
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
        raise InputUnusable(_unopened(path, error)) from None


def _unopened(path: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return _("{file} 打不开：找不到它，可能移走了、改了名，或者 U 盘已拔下。").format(file=path.name)
    if isinstance(error, PermissionError):
        return _("{file} 打不开：可能正开在 Excel 或 WPS 里，请关掉再试。").format(file=path.name)
    return _("{file} 打不开：{reason}。").format(file=path.name, reason=os_reason(error))


def read_workbook(data: bytes) -> list[Sheet]:
    """Every sheet of a workbook or CSV given as bytes, the hidden ones last. Raises `InputUnusable` with a sentence for the clerk."""
    if not data:
        raise InputUnusable(_("文件是空的。请确认导出或复制完整后再导入。"))
    if data.startswith(_ZIP):
        if word_tables.is_document(data):
            return of_document(word_tables.document(data))
        members = check_workbook(data)
        return _spreadsheet(data, _facts_by_sheet(data, members), members.values())
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise _locked()
        return _spreadsheet(data, {})
    if (other := other_files.beginning(data)) is not None:
        raise other
    text = decoded(data)
    return _web(text) if is_web(text) else [_chain(text.splitlines()) or separated(text)]


def of_document(document: word_tables.Document) -> list[Sheet]:
    """The tables of a Word document as sheets."""
    return [Sheet(_("表格 {n}").format(n=n), one.texts(), one.merged(), set()) for n, one in enumerate(document.tables, 1)]


def _locked() -> InputUnusable:
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
            return read + [_hidden(book.get_sheet_by_name(name)) for name in hidden]
    except PasswordError:
        raise _locked() from None
    except (CalamineError, OSError, ValueError) as error:
        raise other_files.compound(data) from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # a Rust panic is no Exception in Python
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
    """Dates of a column that show a month and no day as that month, unless one of them is another day than the first: then only the look
    leaves out what is known."""
    there = [rows[at - 1] for at in numbers if at <= len(rows) and column < len(rows[at - 1]) and isinstance(rows[at - 1][column], date)]
    if all(row[column].day == 1 for row in there):
        for row in there:
            row[column] = f"{row[column].year}年{row[column].month}月"


def _hidden(sheet: CalamineSheet) -> Sheet:
    """A hidden sheet, to say that it is there; one too large to look at tells nothing."""
    small = sheet.total_height < MAX_ROWS and sheet.total_width < MAX_COLUMNS
    return Sheet(sheet.name, sheet.to_python(nrows=SEARCHED_ROWS + 1) if small else [], [], set(), hidden=True)


def _facts_by_sheet(data: bytes, members: dict[str, SheetFacts]) -> dict[str, SheetFacts]:
    """What the safety check saw, by sheet name; a workbook that hides its names loses only the warning on formulas."""
    if not any(
        facts.uncomputed or facts.texts or facts.hidden_rows or facts.hidden_columns or facts.struck or facts.months
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
    """The tables of a web page that is called a workbook."""
    tables = web_tables(text)
    if not tables:
        raise InputUnusable(
            _("这是网页，里面没有表格，多半是没有登录或登录超时了。请重新导出；打开看得到表的，请用 Excel 另存为 .xlsx 再导入。")
        )
    check_cells(sum(len(table.rows) * len(table.rows[0]) for table in tables))
    return [Sheet("HTML" if at == 1 else f"HTML {at}", table.rows, table.merged, set()) for at, table in enumerate(tables, 1)]


def separated(text: str) -> Sheet:
    """A text whose separators or blanks keep columns apart, as a sheet. Raises `InputUnusable` where they cannot be told apart."""
    csv.field_size_limit(_MAX_FIELD)
    delimiter = delimiter_of(text)
    head = text.splitlines()[:SEARCHED_ROWS]
    if sum(len(_GAP.findall(line.strip())) > 1 for line in head) > sum(line.count(delimiter) > 1 for line in head):
        text, delimiter = _aligned(text), "\t"
    try:
        rows = list(_bounded(csv.reader(StringIO(text, newline=""), delimiter=delimiter)))
    except csv.Error:
        raise other_files.unusable() from None
    _unpaired(rows, text, delimiter)
    if _MONTH_SHOWN.search(text):
        rows = [[_month(hit) if (hit := _MONTH_SHOWN.fullmatch(cell)) else cell for cell in row] for row in rows]
    width = max(map(len, rows), default=0)
    check_grid(len(rows), width)  # before every row is filled up to the longest
    failed = {(at, column) for at, row in enumerate(rows) for column, cell in enumerate(row) if cell in _FAILED} if "#" in text else set()
    for at, column in failed:
        rows[at][column] = ""
    return Sheet("CSV", [row + [""] * (width - len(row)) for row in rows], [], failed)


def _month(hit: re.Match[str]) -> str:
    """A month as it is written here; years of two digits are of the century that spreadsheets take them for."""
    return f"{'19' if hit[2] >= '30' else '20'}{hit[2]}年{_MONTHS.index(hit[1]) + 1}月"


def _chain(lines: list[str]) -> Sheet | None:
    """A message in which at least half of the lines are somebody's, or that calls itself so; None for any other text."""
    said = [line for line in lines if line.strip()]
    if max(map(len, said), default=0) > _LONGEST_ITEM:
        return None
    items = [line for line in said if CHAIN_ITEM.match(line)]
    enough = bool(items) if "接龙" in "".join(said[:1]) else len(items) >= 2 and 2 * len(items) >= len(said)
    if not enough or "\t" in "".join(items):
        return None
    check_grid(len(lines), 1)
    return Sheet("接龙", [[line] for line in lines], [], set(), chain=True)


def _aligned(text: str) -> str:
    """Text whose columns only blanks keep apart, as banks print it, with tabs between them. Raises `InputUnusable` where a row has another
    number of them than most: an empty one leaves no trace."""
    lines = [_GAP.sub("\t", line.strip()) for line in text.splitlines()]
    counts = Counter(count for count in (line.count("\t") for line in lines) if count > 1)
    usual = counts.most_common(1)[0][0] if counts else 0
    for number, line in enumerate(lines, 1):
        if line.count("\t") not in (0, 1, usual):
            said = _("各列只用空格隔开，第 {row} 行的列数和别的行不一样，分不清哪一列空着。请用 Excel 的「数据 → 分列」分好再导入。")
            raise InputUnusable(said.format(row=number))
    return "\n".join(lines)


def _unpaired(rows: list[list[Any]], text: str, delimiter: str) -> None:
    """Raise where a quote that is never closed, or closed rows further down, made one cell of what are rows."""
    if '"' not in text:
        return
    usual = max(map(len, rows[:SEARCHED_ROWS]), default=0)
    unclosed = rows[-1] if not text.rstrip().endswith('"') else None
    at = 1
    for row in rows:
        for cell in row if len(row) < usual else ():
            swallowed = cell.split("\n")[0 if row is unclosed and cell is row[-1] else 1 :]
            if any(line.count(delimiter) >= max(usual - 2, 2) for line in swallowed):
                said = _("第 {row} 行有一个引号没有配对，后面的内容都连成了一格，所以没有导入。请删去那个引号再导入。")
                raise InputUnusable(said.format(row=at))
        at += 1 + sum(cell.count("\n") for cell in row)


def _bounded(reader: Iterator[list[str]]) -> Iterator[list[Any]]:
    cells = 0
    for number, row in enumerate(reader, 1):
        cells += len(row)
        if number > MAX_ROWS or cells > MAX_CELLS:
            check_grid(number, cells // number + 1)
        yield list(row)


def decoded(data: bytes) -> str:
    """Text of unknown encoding: a byte order mark decides, else UTF-8 when it is that, else GB18030 (what Excel and WPS write). Where
    characters are two bytes each without such a mark, on which side the zeros of figures and separators stand says which comes first."""
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = data.decode("utf-16")
        elif b"\0" in data[:_LOOKED_AT]:
            text = _two_bytes_each(data)
        else:
            text = _utf8_or_gb(data)
    except UnicodeDecodeError:
        raise other_files.unusable() from None
    if "\0" in text:
        raise other_files.unusable()
    return text.removeprefix("\ufeff")


_LOOKED_AT = 4096
_WRITTEN = re.compile(
    "[\t\r\n -~\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\u00b7\u00d7\u2010-\u203b\u221a\u2160-\u216b\u2460-\u249b]"
)
"""What lists are written in: bytes that are no text at all come out as characters of everywhere."""


def _two_bytes_each(data: bytes) -> str:
    last, first = data[:_LOOKED_AT:2].count(0), data[1:_LOOKED_AT:2].count(0)
    text = data.decode("utf-16-le" if first > last else "utf-16-be") if first != last else "\0"
    head = text[:_LOOKED_AT]
    return text if len(_WRITTEN.findall(head)) > 0.95 * len(head) else "\0"


def _utf8_or_gb(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def delimiter_of(text: str) -> str:
    """The separator most frequent in the first lines, a wide comma where no other is; a comma when there is none."""
    head = "\n".join(text.splitlines()[:20])
    found = max(",\t;|", key=lambda sign: (head.count(sign), sign == ","))
    return found if found in head or "，" not in head else "，"

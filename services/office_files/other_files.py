"""Error messages for files that are not spreadsheets, recognised by their first bytes or their content."""

from __future__ import annotations

from collections.abc import Iterable

from domain.errors import InputUnusable
from domain.words import _

_PHOTO, _PDF, _TEXT, _ARCHIVE = range(4)
_SIGNATURES = (
    (b"%PDF-", 0, _PDF),
    (b"\x89PNG", 0, _PHOTO),
    (b"\xff\xd8\xff", 0, _PHOTO),
    (b"GIF8", 0, _PHOTO),
    (b"II*\0", 0, _PHOTO),
    (b"MM\0*", 0, _PHOTO),
    (b"WEBP", 8, _PHOTO),
    (b"ftyp", 4, _PHOTO),
    (b"{\\rtf", 0, _TEXT),
    (b"Rar!", 0, _ARCHIVE),
    (b"7z\xbc\xaf", 0, _ARCHIVE),
    (b"\x1f\x8b\x08", 0, _ARCHIVE),
)
"""Signature bytes, their offset, and the type of file they indicate."""
_WORD = "WordDocument".encode("utf-16-le")
"""The stream of an old compound file that holds the text of a `.doc` or `.wps`."""


def beginning(data: bytes) -> InputUnusable | None:
    """The error for a file whose first bytes are not those of a spreadsheet; None if it may be one."""
    found = next((what for sign, at, what in _SIGNATURES if data.startswith(sign, at)), None)
    bitmap = data[:2] == b"BM" and int.from_bytes(data[2:6], "little") == len(data)
    return _error(_PHOTO if bitmap else found) if bitmap or found is not None else None


def compound(data: bytes) -> InputUnusable:
    """The error for an old Office file without sheets."""
    return _error(_TEXT) if _WORD in data else unusable()


def archive(names: Iterable[str]) -> InputUnusable:
    """The error for a zip with these members that is not an `.xlsx`."""
    if any(name == "content.xml" or name.endswith("workbook.bin") for name in names):
        return InputUnusable(_("这是另一种格式的表格（.ods、.xlsb 等）。请用 WPS 或 Excel 打开，另存为 .xlsx 再导入。"))
    return InputUnusable(_("这不是 Excel 工作簿，是另一种格式的文件。压缩包请先解压；别的请用 WPS 或 Excel 打开，另存为 .xlsx 再导入。"))


def unusable() -> InputUnusable:
    """The error for a file of unknown type."""
    return InputUnusable(_("这不是可以读取的表格文件。请选择 .xlsx、.xls、.et、.csv 或 .docx，或用 WPS、Excel 打开后另存为 .xlsx。"))


def _error(what: int | None) -> InputUnusable:
    if what == _ARCHIVE:
        return InputUnusable(_("这是压缩包。请先解压，再导入里面的表格。"))
    if what == _TEXT:
        return InputUnusable(_("这是旧格式的文字文档（.doc、.wps 或 .rtf），读不出来。请用 Word 或 WPS 打开，另存为 .docx 再试。"))
    if what == _PDF:
        return InputUnusable(_("这是 PDF，里面的表读不出来。请向发来的人要 Excel 表；实在没有的，照着填进空白表再导入。"))
    return InputUnusable(_("这是照片，里面的表读不出来。请向发来的人要 Excel 表；实在没有的，照着填进空白表再导入。"))

"""What a county's own workbooks and Word documents have in common: `{{字段}}`, what stands for them, and what no package may hold.

fields("姓名：{{姓名}}")              ->  ["姓名"]
put("{{行.序号}} {{姓名}}", values)   ->  "1 张三"
check_known({"手机": "B3"}, entry)        names the fields nobody knows and where they stand
unfolded(data)                            the parts of a package, once none of them is what hurts
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from typing import Final
from zipfile import BadZipFile, ZipFile

from domain.errors import InputUnusable
from domain.words import _
from services.forms.catalogue import Entry
from services.forms.form import TOTAL, Cell, shown

COMMON: Final = ("标题", "正文", TOTAL, "落款")
ROW: Final = "行."
CODE: Final = "二维码"
"""Of a Word document only: the picture by which a signed page finds its claim again."""
MAX_BYTES: Final = 2 * 2**20
MAX_UNFOLDED: Final = 24 * 2**20
MAX_FIELDS: Final = 2_000
MAX_MADE: Final = 64 * 2**20
"""Bytes of a part of a document, characters of the repeated row of a sheet, that is filled in: many fields in a row that is repeated often
unfold to any size."""
FIELD: Final = re.compile("[{｛]{2}([^{}｛｝]{1,60})[}｝]{2}")
"""Wide braces, too: a Chinese keyboard types them."""
_LONGEST: Final = 32_000
"""Characters of what stands for a field: as many as a cell of a workbook takes."""
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML cannot hold."""
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
"""Parts that fetch or run something."""


def fields(text: str) -> list[str]:
    """The names between the braces of a text."""
    return [name.strip() for name in FIELD.findall(text)]


def put(text: str, values: Mapping[str, Cell]) -> str:
    """A text with its fields filled in; one that has no value is left empty."""
    return clean(FIELD.sub(lambda hit: shown(values.get(hit[1].strip(), "")), text))


def clean(text: str) -> str:
    """Text as a file of an office program may hold it."""
    return _CONTROL.sub("", text)[:_LONGEST]


def of_row(names: Iterable[str]) -> bool:
    """Whether any of the fields is one of the row that repeats."""
    return any(name.startswith(ROW) for name in names)


def in_row(values: Mapping[str, Cell], row: Mapping[str, Cell]) -> dict[str, Cell]:
    """The values in one line of the table: those of the form, and its own."""
    return {**values, **{f"{ROW}{name}": value for name, value in row.items()}}


def check_known(places: Mapping[str, str], entry: Entry, *more: str) -> None:
    """Raise `InputUnusable` for fields, by name with the place where they stand, that a form does not have."""
    known = {*COMMON, *entry.fields, *(f"{ROW}{column}" for column in entry.columns), *more}
    unknown = [f"{{{{{name}}}}}（{place}）" for name, place in places.items() if name not in known]
    if unknown:
        text = _("样表里有不认识的字段：{fields}。可用的字段：{known}。")
        raise InputUnusable(text.format(fields="、".join(unknown[:5]), known="、".join(sorted(known))))


def unfolded(data: bytes, look: Callable[..., object]) -> dict[str, bytes]:
    """The parts of a package by name, once what is in it is harmless; `look` unfolds and counts it first. Raises `InputUnusable`."""
    if len(data) > MAX_BYTES:
        raise InputUnusable(_("样表超过 {n} MB。请去掉图片和用不到的内容。").format(n=MAX_BYTES // 2**20))
    if not data.startswith(b"PK"):
        raise InputUnusable(_("样表应是 .xlsx 或 .docx 文件。请用 Excel、Word 或 WPS 另存为这两种再试。"))
    look(data, most=MAX_UNFOLDED)
    try:
        with ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()
            parts = {name: archive.read(name) for name in names}
    except (BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, zlib.error) as error:  # such as a byte that was damaged
        raise unopened() from error
    if len({name.lower() for name in names}) < len(names):
        raise unopened()  # which of two an office program takes nobody knows
    for name, content in parts.items():
        if any(word in name.lower() for word in _FOREIGN):
            raise foreign(name)
        if not name.endswith(_XML):
            if content.lstrip(b" \t\r\n\xef\xbb\xbf")[:2].strip(b"\0")[:1] == b"<" or content[:2] in _WIDE:
                raise unopened()  # XML under a name nobody looks into
            continue
        encoding = _ENCODING.search(content[:200])
        # what is written in another encoding would pass the looks below unseen
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"\0" in content or (encoding and encoding[1].lower() not in _PLAIN):
            raise unopened()
    return parts


def foreign(what: str) -> InputUnusable:
    """The sentence for a template that fetches or runs something, with the name that has in the file."""
    return InputUnusable(_("样表里有宏、外部链接或嵌入的对象（{what}），不能用。请去掉后另存一份。").format(what=what[:60]))


def unopened() -> InputUnusable:
    """The sentence for a template whose XML no office program wrote."""
    return InputUnusable(_("样表打不开。请用 Excel、Word 或 WPS 另存为 .xlsx 或 .docx 再试。"))

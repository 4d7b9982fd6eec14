"""The common part of workbook and Word templates: `{{字段}}`, their values, and the safety checks of a file.

fields("姓名：{{姓名}}")                  ->  ["姓名"]
put("{{行.序号}} {{姓名}}", values)       ->  "1 张三"
check_known({"手机": "B3"}, entry)        refuses unknown fields, with their places
unfolded(data, check_package)             the parts of the zip, after the safety checks
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
from services.forms.catalogue import FormType
from services.forms.form import TOTAL, Cell, shown

COMMON: Final = ("标题", "正文", TOTAL, "落款")
ROW: Final = "行."
CODE: Final = "二维码"
"""Only in Word documents: the code by which a signed page is matched to its claim."""
MAX_BYTES: Final = 2 * 2**20
MAX_UNFOLDED: Final = 24 * 2**20
MAX_FIELDS: Final = 2_000
MAX_MADE: Final = 64 * 2**20
"""Most bytes of a filled-in document part, and most characters of a sheet's repeated rows: a row with many fields, repeated often, could
grow to any size."""
FIELD: Final = re.compile("[{｛]{2}([^{}｛｝]{1,60})[}｝]{2}")
"""Full-width braces too, which a Chinese input method produces."""
_LONGEST: Final = 32_000
"""Most characters of a value, as in a workbook cell."""
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML does not allow."""
_XML = (".xml", ".rels", ".vml")
_WIDE = (b"\xff\xfe", b"\xfe\xff")
"""Byte order marks of UTF-16."""
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
"""Names of parts that load or run something."""


def fields(text: str) -> list[str]:
    """The field names in a text."""
    return [name.strip() for name in FIELD.findall(text)]


def put(text: str, values: Mapping[str, Cell]) -> str:
    """A text with its fields replaced by their values; a field without a value becomes empty."""
    return clean(FIELD.sub(lambda hit: shown(values.get(hit[1].strip(), "")), text))


def clean(text: str) -> str:
    """Text without characters that XML does not allow, cut to `_LONGEST` characters."""
    return _CONTROL.sub("", text)[:_LONGEST]


def of_row(names: Iterable[str]) -> bool:
    """Whether any of the fields belongs to the repeated row."""
    return any(name.startswith(ROW) for name in names)


def in_row(values: Mapping[str, Cell], row: Mapping[str, Cell]) -> dict[str, Cell]:
    """The values for one line of the table: those of the form and of the row."""
    return {**values, **{f"{ROW}{name}": value for name, value in row.items()}}


def check_known(places: Mapping[str, str], entry: FormType, *more: str) -> None:
    """Raise `InputUnusable` for fields that a form does not have; `places` maps field names to their places."""
    known = {*COMMON, *entry.fields, *(f"{ROW}{column}" for column in entry.columns), *more}
    unknown = [f"{{{{{name}}}}}（{place}）" for name, place in places.items() if name not in known]
    if unknown:
        text = _("样表里有不认识的字段：{fields}。可用的字段：{known}。")
        raise InputUnusable(text.format(fields="、".join(unknown[:5]), known="、".join(sorted(known))))


def unfolded(data: bytes, look: Callable[..., object]) -> dict[str, bytes]:
    """The parts of a zip by name, after the safety checks; `look` checks its decompressed size first. Raises `InputUnusable`."""
    if len(data) > MAX_BYTES:
        raise InputUnusable(_("样表超过 {n} MB。请去掉图片和用不到的内容。").format(n=MAX_BYTES // 2**20))
    if not data.startswith(b"PK"):
        raise InputUnusable(_("样表应是 .xlsx 或 .docx 文件。请用 Excel、Word 或 WPS 另存为这两种再试。"))
    look(data, most=MAX_UNFOLDED)
    try:
        with ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()
            parts = {name: archive.read(name) for name in names}
    except (BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, zlib.error) as error:  # for example a damaged byte
        raise unopened() from error
    if len({name.lower() for name in names}) < len(names):
        raise unopened()  # it is undefined which of two parts an office program uses
    for name, content in parts.items():
        if any(word in name.lower() for word in _FOREIGN):
            raise foreign(name)
        if not name.endswith(_XML):
            if content.lstrip(b" \t\r\n\xef\xbb\xbf")[:2].strip(b"\0")[:1] == b"<" or content[:2] in _WIDE:
                raise unopened()  # XML under a different suffix, which the checks below would miss
            continue
        encoding = _ENCODING.search(content[:200])
        # in another encoding the checks below would not find anything
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"\0" in content or (encoding and encoding[1].lower() not in _PLAIN):
            raise unopened()
    return parts


def foreign(what: str) -> InputUnusable:
    """The error for a template that loads or runs something, `what`."""
    return InputUnusable(_("样表里有宏、外部链接或嵌入的对象（{what}），不能用。请去掉后另存一份。").format(what=what[:60]))


def unopened() -> InputUnusable:
    """The error for a template with invalid XML."""
    return InputUnusable(_("样表打不开。请用 Excel、Word 或 WPS 另存为 .xlsx 或 .docx 再试。"))

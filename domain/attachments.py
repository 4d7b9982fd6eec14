"""Attached files: the accepted types (detected from the first bytes), sizes and names."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import PurePosixPath, PureWindowsPath

from domain.errors import InputUnusable
from domain.words import _

MAX_SIZE = 10 * 2**20
"""Largest file, in bytes."""
REPORT = "务工监测月报 "
"""How the names of monthly reports begin that were handed in (报出). Townships and counties fetch these files unasked."""
HEAD = 16
"""Number of leading bytes needed to detect a file's type."""
_NAME = 100
JPEG = b"\xff\xd8\xff"
"""The first bytes of a JPEG file."""
_ZIP, _OLE = (b"PK\x03\x04",), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)
_OFFICE = "application/vnd.openxmlformats-officedocument."
_TYPES: Mapping[str, tuple[str, tuple[bytes, ...]]] = {
    "jpg": ("image/jpeg", (JPEG,)),
    "jpeg": ("image/jpeg", (JPEG,)),
    "png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "gif": ("image/gif", (b"GIF87a", b"GIF89a")),
    "bmp": ("image/bmp", (b"BM",)),
    "webp": ("image/webp", (b"RIFF",)),
    "pdf": ("application/pdf", (b"%PDF-",)),
    "docx": (_OFFICE + "wordprocessingml.document", _ZIP),
    "xlsx": (_OFFICE + "spreadsheetml.sheet", _ZIP),
    "pptx": (_OFFICE + "presentationml.presentation", _ZIP),
    "doc": ("application/msword", _OLE),
    "xls": ("application/vnd.ms-excel", _OLE),
    "ppt": ("application/vnd.ms-powerpoint", _OLE),
    "wps": ("application/kswps", _OLE),
    "et": ("application/kset", _OLE),
}
"""By file extension: media type, and the possible first bytes."""
ENDINGS = tuple(_TYPES)
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_ACTIVE = re.compile(rb"/(?:JavaScript|JS|Launch|SubmitForm|ImportData|RichMedia)(?![A-Za-z0-9])")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def clean_name(name: str) -> str:
    """`name` made valid on any file system: the last part of the path, without forbidden characters or ones that reverse text. At most
    100 characters, including the extension."""
    last = PurePosixPath(PureWindowsPath(name).name).name
    text = " ".join(_FORBIDDEN.sub("", last).split()).strip(". ")
    stem, dot, ending = text.rpartition(".")
    if not dot:
        stem, ending = text, ""
    stem = stem[: _NAME - len(ending) - 1].strip(". ")
    if not stem or _RESERVED.fullmatch(stem):
        stem = f"_{stem}"
    return f"{stem}.{ending}" if ending else stem


def media_type(name: str, head: bytes) -> str:
    """The media type by the file's extension, if `head` (its first bytes) agrees; raises `InputUnusable` otherwise."""
    known = _TYPES.get(name.rpartition(".")[2].lower())
    if known is None:
        raise InputUnusable(_("附件只收图片、PDF 和办公文档（{endings}）。").format(endings=" ".join(ENDINGS)))
    if not head.startswith(known[1]):
        raise InputUnusable(_("「{name}」的内容与扩展名不符，没有收下。").format(name=name))
    return known[0]


def is_whole(data: bytes) -> bool:
    """Whether a JPEG is complete: a half-copied one opens too, with the rest grey. True for every other file.

    Segments are skipped up to the image data, because an embedded thumbnail has an end marker of its own.
    """
    at = 2
    while data[at : at + 1] == b"\xff" and (marker := data[at + 1 : at + 2]) not in (b"", b"\xda"):
        at += 1 if marker == b"\xff" else 2 + int.from_bytes(data[at + 2 : at + 4])  # a marker may be padded with further \xff bytes
    return not data.startswith(JPEG) or b"\xff\xd9" in data[at:]


def acts_by_itself(data: bytes) -> bool:
    """Whether a PDF holds a script or a film, starts a program, or sends what is filled in (ISO 32000-1 §12.6). False for every other
    file. Of compressed parts only those are read that hold objects (§7.5.7), never pictures. Embedded files are let in: invoices have
    their data in one."""
    plain = (_ESCAPED.sub(lambda escape: bytes([int(escape[1], 16)]), part) for part in _objects(data))
    return data.startswith(b"%PDF-") and any(map(_ACTIVE.search, plain))


def _objects(data: bytes) -> Iterator[bytes]:
    yield _STREAM.sub(b" ", data)
    for found in _STREAM.finditer(data):
        if b"/ObjStm" in data[data.rfind(b"obj", 0, found.start()) : found.start()]:
            with suppress(zlib.error):
                yield zlib.decompressobj().decompress(found[1], MAX_SIZE)


def is_sha256(text: str | None) -> bool:
    """Whether a text is a SHA-256 in hexadecimal, as attachments store it."""
    return bool(text) and _SHA256.fullmatch(text or "") is not None

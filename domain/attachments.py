"""Files that belong to records: which are taken, how large, and under what name. What a file is is read from its first bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath, PureWindowsPath

from domain.errors import InputUnusable
from domain.words import _

MAX_SIZE = 10 * 2**20
"""Bytes of one file."""
HEAD = 16
"""So many first bytes tell what a file is."""
_NAME = 100
JPEG = b"\xff\xd8\xff"
"""What a photograph begins with."""
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
"""By ending: media type, and what such a file begins with."""
ENDINGS = tuple(_TYPES)
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_SHA256 = re.compile(r"[0-9a-f]{64}")


def clean_name(name: str) -> str:
    """`name` as it may stand in any folder of any system: the last part of a path, without signs that are forbidden or turn text around.
    At most 100 characters, the ending kept."""
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
    """The media type of a file by its ending, if `head` (its first bytes) agrees; raises `InputUnusable` for any other."""
    known = _TYPES.get(name.rpartition(".")[2].lower())
    if known is None:
        raise InputUnusable(_("附件只收图片、PDF 和办公文档（{endings}）。").format(endings=" ".join(ENDINGS)))
    if not head.startswith(known[1]):
        raise InputUnusable(_("「{name}」的内容与扩展名不符，没有收下。").format(name=name))
    return known[0]


def is_whole(data: bytes) -> bool:
    """Whether a photograph (JPEG) goes on to its end: one half copied opens as well, grey below. True for every other file.

    Its parts are gone through up to the picture itself, for the small picture within has an end of its own."""
    at = 2
    while data[at : at + 1] == b"\xff" and (marker := data[at + 1 : at + 2]) not in (b"", b"\xda"):
        at += 1 if marker == b"\xff" else 2 + int.from_bytes(data[at + 2 : at + 4])  # a marker may be filled up with more of \xff
    return not data.startswith(JPEG) or b"\xff\xd9" in data[at:]


def is_sha256(text: str | None) -> bool:
    """Whether a text is a SHA-256 in hexadecimal, as attachments keep it."""
    return bool(text) and _SHA256.fullmatch(text or "") is not None

"""Adds the code that identifies a signed page (`domain.page_codes`) to a Word document as a picture.

with_code(parts, ["word/footer1.xml"], code)     the parts, with a picture that those named may show by `PICTURE`
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Final

from services.qr import dots

RELATION: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_RELATIONS: Final = f"{PACKAGE}/relationships"
_DRAWING: Final = "http://schemas.openxmlformats.org/drawingml/2006"
_FILE, _ID = "cunzhan-code.png", "cunzhanCode"
_SIDE: Final = 14 * 36_000
"""Side length as on paper (`desktop.paper.page_marks`), in EMU: 36 000 per millimetre."""
_SCALE = 12
"""Pixels for each module of the code, so that scaling does not blur it."""
PICTURE: Final = (
    f'<wp:inline xmlns:wp="{_DRAWING}/wordprocessingDrawing" distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{_SIDE}" cy="{_SIDE}"/>'
    f'<wp:docPr id="99001" name="{_FILE}"/><a:graphic xmlns:a="{_DRAWING}/main"><a:graphicData uri="{_DRAWING}/picture">'
    f'<pic:pic xmlns:pic="{_DRAWING}/picture"><pic:nvPicPr><pic:cNvPr id="99001" name="{_FILE}"/><pic:cNvPicPr/></pic:nvPicPr>'
    f'<pic:blipFill><a:blip xmlns:r="{RELATION}" r:embed="{_ID}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
    f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{_SIDE}" cy="{_SIDE}"/></a:xfrm>'
    '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline>'
)
"""The content of a `w:drawing`."""


def with_code(parts: Mapping[str, bytes], names: Sequence[str], code: str) -> dict[str, bytes]:
    """The parts of a document, extended so that the parts in `names` can show the code."""
    made = {**parts, f"word/{_FILE}": _png(code)}
    types = "[Content_Types].xml"
    made[types] = _with(made[types], f'<Override xmlns="{PACKAGE}/content-types" PartName="/word/{_FILE}" ContentType="image/png"/>')
    for name in names:
        folder, _slash, own = name.rpartition("/")
        relations = f"{folder}/_rels/{own}.rels"
        before = made.get(relations, f'<Relationships xmlns="{_RELATIONS}"></Relationships>'.encode())
        one = f'<Relationship xmlns="{_RELATIONS}" Id="{_ID}" Type="{RELATION}/image" Target="/word/{_FILE}"/>'
        made[relations] = _with(before, one)
    return made


def _with(xml: bytes, element: str) -> bytes:
    """XML with an element added at the end of its root element."""
    start = xml.rindex(b"<")
    if not xml.startswith(b"</", start):  # an empty root element
        return _with(xml[: xml.rindex(b"/>")] + b"></" + xml[start + 1 :].split()[0].rstrip(b"/>") + b">", element)
    return xml[:start] + element.encode() + xml[start:]


def _png(code: str) -> bytes:
    found = dots(code, _SCALE)
    height, width = found.shape
    whole = found.tobytes()
    lines = b"".join(b"\0" + whole[n * width : (n + 1) * width] for n in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(lines, 9)) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

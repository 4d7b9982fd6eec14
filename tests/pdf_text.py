"""What stands on the pages of a PDF that Qt wrote: its text by the fonts' own tables, without any PDF library."""

from __future__ import annotations

import re
import zlib

_OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*)\r?\nendstream", re.DOTALL)
_SHOWN = re.compile(rb"/(F\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)> Tj")


def page_count(data: bytes) -> int:
    """How many pages there are."""
    return len(re.findall(rb"/Type /Page\b(?!s)", data))


def texts(data: bytes) -> list[str]:
    """The text of each page, run together."""
    objects = {int(hit[1]): hit[2] for hit in _OBJECT.finditer(data)}
    fonts = {f"F{number}": _letters(objects, body) for number, body in objects.items() if b"/ToUnicode" in body}
    pages = [body for body in objects.values() if re.search(rb"/Type /Page\b(?!s)", body)]
    return [_text(_stream(objects, page, rb"/Contents"), fonts) for page in pages]


def _stream(objects: dict[int, bytes], owner: bytes, key: bytes) -> bytes:
    found = re.search(key + rb" (\d+) 0 R", owner)
    assert found is not None
    body = _STREAM.search(objects[int(found[1])])
    assert body is not None
    return body[1] if b"FlateDecode" not in objects[int(found[1])] else zlib.decompress(body[1])


def _letters(objects: dict[int, bytes], font: bytes) -> dict[int, str]:
    """Glyph number → letter, from the font's /ToUnicode."""
    letters: dict[int, str] = {}
    for first, last, rest in re.findall(rb"<(\w{4})> <(\w{4})> (<\w+>|\[[^\]]*\])", _stream(objects, font, rb"/ToUnicode")):
        codes = re.findall(rb"<(\w+)>", rest)
        for n in range(int(first, 16), int(last, 16) + 1):
            at = n - int(first, 16)
            letters[n] = chr(int(codes[at], 16)) if len(codes) > 1 or at == 0 else chr(int(codes[0], 16) + at)
    return letters


def _text(content: bytes, fonts: dict[str, dict[int, str]]) -> str:
    said, font = [], ""
    for name, shown in _SHOWN.findall(content):
        if name:
            font = name.decode()
        else:
            said += [fonts[font][int(shown[n : n + 4], 16)] for n in range(0, len(shown), 4)]
    return "".join(said).replace("\t", " ").replace("\u2003", "\u3000")  # shapes of one look, told by the lowest code that has them

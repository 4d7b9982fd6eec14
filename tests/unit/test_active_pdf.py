"""PDF files that would run something when they are opened."""

from __future__ import annotations

import random
import zlib

import pytest

from domain.attachments import acts_by_itself

HEAD = b"%PDF-1.7\n"


def stream(body: bytes, *, kind: bytes = b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode") -> bytes:
    packed = zlib.compress(body)
    return b"7 0 obj\n<< " + kind + b" /Length %d >>\nstream\r\n" % len(packed) + packed + b"\nendstream\nendobj\n"


@pytest.mark.parametrize(
    "body",
    [
        b"1 0 obj << /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >> endobj",
        b"1 0 obj << /AA << /O << /S /J#61vaScript >> >> >> endobj",
        b"1 0 obj << /S/Launch/F(cmd.exe) >> endobj",
        b"1 0 obj << /S /SubmitForm /F (http://example.org) >> endobj",
        b"1 0 obj << /Subtype /RichMedia >> endobj",
        stream(b"1 0 << /S /JavaScript /JS 5 0 R >>"),
    ],
)
def test_what_acts_by_itself_is_known(body: bytes) -> None:
    assert acts_by_itself(HEAD + body + b"\n%%EOF")
    assert not acts_by_itself(b"\xff\xd8\xff" + body)


@pytest.mark.parametrize(
    "body",
    [
        b"1 0 obj << /OpenAction [3 0 R /Fit] >> endobj",
        b"1 0 obj << /S /URI /URI (https://example.org) >> endobj",
        b"1 0 obj << /Names << /EmbeddedFiles 5 0 R >> >> endobj",  # an invoice with its data
        b"1 0 obj << /JSON (x) /Launcher 1 >> endobj",
        stream(b"BT (/JavaScript) Tj ET", kind=b"/Filter /FlateDecode"),  # the text of a page
        stream(b"1 0 << /Type /Page >>"),
        b"7 0 obj << /Type /ObjStm >>\nstream\nno zlib\nendstream\nendobj",
        b"7 0 obj << /Subtype /Image >>\nstream\n" + b"/JS /Launch " + random.Random(1).randbytes(10_000) + b"\nendstream\nendobj",
    ],
)
def test_any_other_file_is_taken(body: bytes) -> None:
    assert not acts_by_itself(HEAD + body + b"\n%%EOF")

"""Word documents made for tests, as Word and WPS write them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
LOOK = '<w:rPr><w:rFonts w:eastAsia="仿宋"/><w:sz w:val="24"/></w:rPr>'


def line(text: str = "") -> str:
    """A paragraph; what is typed into an empty one would be in 仿宋."""
    run = f"<w:r>{LOOK}<w:t>{escape(text)}</w:t></w:r>" if text else ""
    return f'<w:p w:rsidR="00A1" w14:paraId="1A2B3C4D"><w:pPr><w:jc w:val="center"/>{LOOK}</w:pPr>{run}</w:p>'


def cell(text: str = "", *, wide: int = 1, merge: str = "", inside: str = "") -> str:
    """A cell of a table; `merge`: `restart` where a block begins, `continue` below."""
    look = (f'<w:gridSpan w:val="{wide}"/>' if wide > 1 else "") + (f'<w:vMerge w:val="{merge}"/>' if merge else "")
    return f"<w:tc><w:tcPr>{look}</w:tcPr>{inside or line(text)}</w:tc>"


def row(*cells: str, head: bool = False) -> str:
    """A row of cells made above, or of plain texts."""
    look = "<w:trPr><w:tblHeader/></w:trPr>" if head else ""
    return f"<w:tr>{look}{''.join(one if one.startswith('<') else cell(one) for one in cells)}</w:tr>"


def table(*rows: str) -> str:
    """A table of rows made above."""
    return f"<w:tbl><w:tblPr/>{''.join(rows)}</w:tbl>"


def document(*parts: str, more: dict[str, bytes] | None = None) -> bytes:
    """A document of paragraphs and tables, and what else is to lie in the file."""
    spaces = f'xmlns:w="{_W}" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
    spaces += ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="w14"'
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<w:document {spaces}><w:body>{"".join(parts)}<w:sectPr/></w:body></w:document>'
    made = BytesIO()
    types = f'<Types xmlns="x"><Override PartName="/word/document.xml" ContentType="{_MAIN}"/></Types>'
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for name, content in {"[Content_Types].xml": types.encode(), "word/document.xml": body.encode(), **(more or {})}.items():
            archive.writestr(name, content)
    return made.getvalue()


def lists(title: str, *rows: Sequence[str]) -> bytes:
    """A document with a title and one table of texts."""
    return document(line(title), table(*(row(*one) for one in rows)))


def text(data: bytes) -> str:
    """The XML of a document's text."""
    with ZipFile(BytesIO(data)) as archive:
        return archive.read("word/document.xml").decode()

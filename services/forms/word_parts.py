"""Parses a Word document without loading external resources: its paragraphs with their byte positions, refusing anything dangerous.

    read(parts) -> Package        raises `InputUnusable` for macros, objects, external links, fields that load data, and XML too deep

Relationship types, Word fields and content types are checked against lists of those that a form needs; a list of dangerous ones would never
be complete (ECMA-376, part 1, 17.16 and 11.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.parsers.expat import ExpatError, ParserCreate

from domain.errors import InputUnusable
from domain.words import _
from services.forms.template_fields import foreign, unopened
from services.forms.word import CORE
from services.word_xml import WORD, Parser, Span, prefix

_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_MAIN: Final = f"{_TYPE}document.main+xml"
_HEADER, _FOOTER = f"{_TYPE}header+xml", f"{_TYPE}footer+xml"
_STORIES: Final = {_MAIN, _HEADER, _FOOTER, f"{_TYPE}footnotes+xml", f"{_TYPE}endnotes+xml"}
_RELATIONS: Final = frozenset(
    {"officeDocument", "core-properties", "extended-properties", "custom-properties", "thumbnail", "styles", "stylesWithEffects"}
    | {"numbering", "settings", "webSettings", "fontTable", "theme", "font", "header", "footer", "footnotes", "endnotes", "comments"}
    | {"commentsExtended", "commentsIds", "commentsExtensible", "people", "image", "hyperlink", "customXml", "customXmlProps"}
    | {"glossaryDocument", "printerSettings", "intelligence", "classificationlabels"}
)
_FIELDS: Final = frozenset(
    {"PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "DATE", "TIME", "SYMBOL", "EQ", "SEQ", "STYLEREF", "PAGEREF", "REF", "TOC"}
)
_LINK: Final = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
_HYPERLINK: Final = re.compile(
    r'\s*HYPERLINK\s+(?:"(?:https?://|mailto:)[^"\\]*"|\\l\s+"[^"]*")(?:\s+\\[lotn]\s*(?:"[^"]*")?)*\s*', re.IGNORECASE
)
_EXTERNAL: Final = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:|[\\/]{2})", re.IGNORECASE)
"""An address with a scheme, or a network path."""
_REFUSED: Final = frozenset(
    {"altChunk", "object", "control", "OLEObject", "attachedTemplate", "subDoc", "mailMerge", "frameset", "movie", "saveThroughXslt"}
    | {"entryMacro", "exitMacro"}
)
_REMOVED: Final = frozenset({"dataBinding"})
"""Elements that are removed: a control bound to other data in the document would show that instead of the filled-in value."""
_EXTENDED: Final = "application/vnd.openxmlformats-officedocument.extended-properties+xml"
_EMPTY_PROPERTIES: Final = b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>'
"""Replaces the properties that name the template's author and company."""


@dataclass(frozen=True)
class Piece:
    """A text element and the namespace prefix of its name."""

    start: int
    end: int
    text: str
    prefix: str


@dataclass
class Paragraph:
    """A paragraph. `row` is the innermost table row it is in; `simple` tells whether it may be repeated, `hidden` whether some of its text
    is hidden; `place` is its position in words."""

    start: int
    place: str
    end: int = 0
    row: Span | None = None
    pieces: list[Piece] = field(default_factory=list)
    simple: bool = True
    hidden: bool = False

    @property
    def text(self) -> str:
        """The paragraph's text, without drawings."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True)
class Story:
    """A readable part: the main text, a header, a footer or notes. `removed` are ranges of bytes to leave out."""

    name: str
    data: bytes
    paragraphs: list[Paragraph]
    removed: list[tuple[int, int]]


@dataclass(frozen=True)
class Package:
    """A document that passed the checks."""

    parts: Mapping[str, bytes]
    stories: Mapping[str, Story]
    core: Sequence[str]
    """The names of the core property parts."""


def read(parts: Mapping[str, bytes]) -> Package:
    """Check and parse the parts of a document. Raises `InputUnusable`."""
    types = dict(_types(parts))
    if any("macroEnabled" in sort for sort in types.values()):
        raise foreign("macroEnabled")
    if list(types.values()).count(_MAIN) != 1 or any(name.startswith("/") or ".." in name or "\\" in name for name in parts):
        raise unopened()
    stories = {}
    for name, data in parts.items():
        if name.endswith((".xml", ".rels")):
            part = _Part(data, types.get(name, ""))
            if types.get(name) in _STORIES:
                stories[name] = Story(name, data, part.paragraphs, part.removed)
    if {name for name, sort in types.items() if sort in _STORIES} != stories.keys():
        raise unopened()
    nameless = {name: _EMPTY_PROPERTIES if types.get(name) == _EXTENDED else data for name, data in parts.items()}
    return Package(nameless, stories, [name for name, sort in types.items() if sort == CORE])


def _types(parts: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """The name and content type of each part."""
    declared = _elements(parts.get("[Content_Types].xml", b""))
    by_ending = {one.get("Extension", "").lower(): one.get("ContentType", "") for one in declared}
    by_name = {one.get("PartName", "").lstrip("/").lower(): one.get("ContentType", "") for one in declared}
    for name in parts:
        yield name, by_name.get(name.lower()) or by_ending.get(name.rpartition(".")[2].lower(), "")


def _elements(data: bytes) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    parser = ParserCreate()
    parser.StartElementHandler = lambda _name, attributes: found.append(attributes)
    try:
        parser.Parse(data, True)
    except ExpatError as error:
        raise unopened() from error
    return found


def too_large() -> InputUnusable:
    """The refusal of a template that is too large."""
    return InputUnusable(_("样表太大。请删去用不到的内容。"))


class _Part(Parser):
    """Checks one part and collects its paragraphs."""

    max_elements, max_depth = 200_000, 200

    def __init__(self, data: bytes, sort: str) -> None:
        super().__init__(data)
        self._sort, self._story = sort, sort in _STORIES
        self.paragraphs: list[Paragraph] = []
        self.removed: list[tuple[int, int]] = []
        self._unseen = False
        self._inside: list[Paragraph] = []
        self._rows: list[list[Paragraph]] = []
        self._tables: list[int] = []
        """The number of rows so far of each open table."""
        self._table = self._paragraph = 0
        """The numbers of the current table and of the current paragraph outside tables."""
        self._codes: list[str | None] = [None]
        """The instructions of Word fields being read, innermost last; None after a field's instruction has ended and its text follows."""
        try:
            self._parse()
        except ExpatError as error:
            raise unopened() from error
        for code in self._codes:
            self._check_code(code or "")

    # -- parser events -----------------------------------------------------------------------------

    def _too_large(self) -> InputUnusable:
        return too_large()

    def _enter(self, space: str, local: str, attributes: dict[str, str], here: int) -> None:
        if self._story and len(self._open) == 1 and space != WORD:
            raise unopened()  # the strict format uses other names
        plain = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        self._check(local, plain)
        if self._story and space == WORD:
            self._enter_text(local, here)
            if local == "r" or (local == "vanish" and [name for name, _start in self._open[-3:-1]] == ["r", "rPr"]):
                self._unseen = local == "vanish" and plain.get("val", "1") not in ("0", "false", "off")

    def _enter_text(self, local: str, here: int) -> None:
        if local == "tbl":
            self._table += not self._tables
            self._tables.append(0)
        elif local == "tr" and self._tables:
            self._tables[-1] += 1
            self._rows.append([])
        elif local == "p":
            self._paragraph += not self._tables
            if self._inside:
                self._inside[-1].simple = False
            self._inside.append(Paragraph(here, self._place()))
        elif local in ("sectPr", "drawing", "pict", "sdt") and self._inside:
            self._inside[-1].simple = False
        elif local == "t":
            self._text = []

    def _characters(self, text: str) -> None:
        super()._characters(text)
        if self._text is None and self._open and self._open[-1][0] in ("instrText", "delInstrText"):
            self._codes[-1] = (self._codes[-1] or "") + text

    def _leave(self, space: str, local: str, start: int) -> None:
        if self._story and local in _REMOVED:
            self.removed.append((start, self._end(start)))
        elif self._story and space == WORD:
            self._leave_text(local, start)

    def _leave_text(self, local: str, start: int) -> None:
        if local == "t":
            self._add_piece(start)
        elif local == "p" and self._inside:
            one = self._inside.pop()
            one.end = self._end(start)
            self.paragraphs.append(one)
            if self._rows:
                self._rows[-1].append(one)
        elif local == "tr" and self._rows:
            row = Span(start, self._end(start))
            for one in self._rows.pop():
                one.row = row
        elif local == "tbl":
            self._tables.pop()

    # -- text and positions ---------------------------------------------------------------------------------

    def _add_piece(self, start: int) -> None:
        text, self._text = "".join(self._text or ()), None
        if text and self._codes[-1] is not None:
            self._refuse_code(text)  # no program writes text there, and filled-in text must never become a field instruction
        if text and self._inside:
            self._inside[-1].hidden |= self._unseen
            self._inside[-1].pieces.append(Piece(start, self._end(start), text, prefix(self.xml, start)))

    def _place(self) -> str:
        """The position of the current paragraph in words."""
        part = {_HEADER: _("页眉"), _FOOTER: _("页脚"), _MAIN: ""}.get(self._sort, _("注"))
        if self._tables:
            place = _("表格 {n} 第 {row} 行").format(n=self._table, row=self._tables[0])
            return f"{part} {place}".strip()
        return part or _("第 {n} 段").format(n=self._paragraph)

    # -- refusals ----------------------------------------------------------------------------------

    def _check(self, local: str, attributes: Mapping[str, str]) -> None:
        if local in _REFUSED or (self._story and any(_EXTERNAL.match(attributes.get(key, "")) for key in ("src", "href"))):
            raise foreign(local)
        if local == "Relationship":
            self._check_relation(attributes)
        elif local in ("fldSimple", "fldChar") and self._codes[-1] is not None and attributes.get("fldCharType", "begin") == "begin":
            self._refuse_code(self._codes[-1])  # the result of the inner field would become part of the outer instruction
        elif local == "fldSimple":
            self._check_code(attributes.get("instr", ""))
        elif local == "fldChar":
            self._field_mark(attributes.get("fldCharType", ""))

    def _check_relation(self, attributes: Mapping[str, str]) -> None:
        sort, target = attributes.get("Type", "").rpartition("/")[2], attributes.get("Target", "")
        link = sort == "hyperlink" and _LINK.match(target)
        if sort not in _RELATIONS or (not link and (attributes.get("TargetMode") == "External" or _EXTERNAL.match(target))):
            raise foreign(f"{sort} {target}")

    def _field_mark(self, mark: str) -> None:
        """Handle a mark of a Word field. Its instruction is the text between `begin` and `separate`, possibly in pieces."""
        if mark == "begin":
            self._codes.append("")
        elif mark in ("separate", "end"):
            self._check_code(self._codes[-1] or "")
            self._codes[-1] = None
            if mark == "end" and len(self._codes) > 1:
                self._codes.pop()

    def _check_code(self, code: str) -> None:
        name = code.split()[0].upper() if code.strip() else ""
        if name and name not in _FIELDS and not _HYPERLINK.fullmatch(code):
            self._refuse_code(code)

    def _refuse_code(self, code: str) -> None:
        place, name = self._inside[-1].place if self._inside else self._place(), (code.split() or [""])[0]
        raise InputUnusable(_("样表的{place}里有域「{name}」，不能用。请换成文字或字段。").format(place=place, name=name[:20]))

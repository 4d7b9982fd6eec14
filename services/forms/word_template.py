"""A county's own Word document as the template of a form: checked, then filled in without changing anything else.

    check(data, entry)                       raises `InputUnusable` for a file that runs or loads something or is too large
    filled(form, entry, data, values)        the bytes of the document with its fields filled in and its row repeated

Only text elements that contain a field are rewritten; all other bytes stay as they are. A field may be split over several runs, as Word
does while editing; its value gets the format of the run it begins in. A paragraph with only a field is repeated for each line of its value.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import zip_longest
from typing import Final

from domain.errors import InputUnusable
from domain.page_codes import text as code_text
from domain.words import _
from services.forms.catalogue import FormType
from services.forms.form import Cell, Form
from services.forms.template_fields import CODE, FIELD, MAX_FIELDS, MAX_MADE, ROW, check_known, fields, in_row, of_row, put, unfolded
from services.forms.word import PICTURE, packed, properties, with_code
from services.forms.word_parts import Package, Paragraph, Piece, Story, read, too_large
from services.office_files.limits import check_package
from services.word_xml import Edit, Span, edited

_MAX_UNIT: Final = 64_000
"""Most bytes of a row or paragraph that is repeated."""
_MARK: Final = "\0"
"""Placeholder for the code in filled-in text; no value can contain it."""
_BESIDE: Final = re.compile("[\n\0]")
_ROW_START: Final = re.compile(rb"<([\w.-]*:|)tr\b[^>]*>\s*(?:<\1tblPrEx\b.*?</\1tblPrEx>\s*)?(<\1trPr\b[^>]*>)?", re.DOTALL)
"""A row's start tag and the tag of its properties."""


def check(data: bytes, entry: FormType) -> None:
    """Check a document that is to be the template of a form. Raises `InputUnusable`."""
    _opened(data, entry)


def filled(form: Form, entry: FormType, template: bytes, values: Mapping[str, Cell]) -> bytes:
    """The bytes of a document with its fields replaced by the values. Raises `InputUnusable`."""
    package = _opened(template, entry)
    rows = [dict(zip(form.columns, row, strict=False)) for row in form.rows] or [{}]
    code = code_text(form.record, entry.mark, page=1, pages=1) if entry.mark else ""
    made = {name: _filled(story, {**values, CODE: _MARK if code else ""}, rows) for name, story in package.stories.items()}
    parts = {**package.parts, **made, **{name: properties(form.note).encode() for name in package.core}}
    showing = [name for name, story in package.stories.items() if any(CODE in fields(one.text) for one in story.paragraphs)]
    return packed(with_code(parts, showing, code) if code and showing else parts)


def _opened(data: bytes, entry: FormType) -> Package:
    """The parsed template, after all safety checks and with all fields known."""
    package = read(unfolded(data, check_package))
    paragraphs = [one for story in package.stories.values() for one in story.paragraphs]
    found = [(name, one) for one in paragraphs for name in fields(one.text)]
    if len(found) > MAX_FIELDS:
        raise too_large()
    check_known({name: one.place for name, one in found}, entry, *([CODE] if entry.mark else []))
    for _name, one in found:
        if one.hidden:
            raise InputUnusable(_("样表的{place}里有隐藏的文字，不能用。请显示出来检查，或删去。").format(place=one.place))
    rows = {(story.name, row) for story in package.stories.values() for row in _repeated(story)}
    if len(rows) > 1:
        raise InputUnusable(_("样表里有几行写了「行.」的字段，只能有一行。"))
    if any(row.end - row.start > _MAX_UNIT for _name, row in rows):
        raise too_large()
    for name, one in found:
        if name.startswith(ROW) and one.row is None:
            raise InputUnusable(
                _("「{{{{{name}}}}}」（{place}）要写在表格的一行里，那一行会按人数重复。").format(name=name, place=one.place)
            )
    return package


def _repeated(story: Story) -> set[Span]:
    """The table rows that contain row fields."""
    return {one.row for one in story.paragraphs if one.row is not None and of_row(fields(one.text))}


# -- filling -----------------------------------------------------------------------------------------------------------------


def _filled(story: Story, values: Mapping[str, Cell], rows: Sequence[Mapping[str, Cell]]) -> bytes:
    """A part with its fields filled in; the row is repeated for every line."""
    row = next(iter(_repeated(story)), None)
    edits: list[Edit] = [(start, end, b"") for start, end in story.removed]
    beside: list[Paragraph] = story.paragraphs
    if row is not None:
        if (row.end - row.start) * len(rows) > MAX_MADE:
            raise too_large()
        within = [one for one in beside if row.start <= one.start < row.end]
        inside = [*_keep_together(story.data, row), *(edit for edit in edits if row.start <= edit[0] < row.end)]
        lines = (_edited(story.data, [*inside, *_edits(story, within, in_row(values, line))], row.start, row.end) for line in rows)
        edits = [edit for edit in edits if not row.start <= edit[0] < row.end] + [(row.start, row.end, _joined(lines))]
        beside = [one for one in beside if not row.start <= one.start < row.end]
    return _edited(story.data, [*edits, *_edits(story, beside, values)])


def _keep_together(data: bytes, row: Span) -> Sequence[Edit]:
    """The edit that keeps a row on one page; none if the row already states whether it may be split."""
    begun = _ROW_START.match(data, row.start, row.end)
    if begun is None or b"cantSplit" in data[row.start : row.end]:
        return ()
    name, look = begun[1], begun[2]
    whole = b"<%bcantSplit/>" % name
    if look and not look.endswith(b"/>"):
        return [(begun.end(), begun.end(), whole)]
    return [(begun.end() - len(look or b""), begun.end(), b"<%btrPr>%b</%btrPr>" % (name, whole, name))]


def _edited(data: bytes, edits: Iterable[Edit], start: int = 0, end: int | None = None) -> bytes:
    return _joined(edited(data, edits, start, end))


def _joined(parts: Iterable[bytes]) -> bytes:
    """The parts joined; raises `InputUnusable` beyond `MAX_MADE` bytes."""
    made = bytearray()
    for part in parts:
        made += part
        if len(made) > MAX_MADE:
            raise too_large()
    return bytes(made)


def _edits(story: Story, paragraphs: Iterable[Paragraph], values: Mapping[str, Cell]) -> list[Edit]:
    edits: list[Edit] = []
    for one in paragraphs:
        changes = [(hit.start(), hit.end(), _replacement(hit[0], values)) for hit in FIELD.finditer(one.text)]
        lines = changes[0][2].split("\n") if changes else []
        alone = len(changes) == 1 and FIELD.fullmatch(one.text.strip()) and one.simple and one.end - one.start < _MAX_UNIT
        if len(lines) > 1 and alone:
            repeated = (_edited(story.data, _written(one, [(*changes[0][:2], line)]), one.start, one.end) for line in lines)
            edits.append((one.start, one.end, b"".join(repeated)))
        else:
            edits += _written(one, changes)
    return edits


def _replacement(mark: str, values: Mapping[str, Cell]) -> str:
    """The replacement of a field."""
    return put(mark, values) if fields(mark) != [CODE] else str(values[CODE])


def _written(one: Paragraph, changes: Sequence[tuple[int, int, str]]) -> list[Edit]:
    """The edits of a paragraph's text elements; new text is put into the element in which the replaced text began."""
    edits: list[Edit] = []
    at, begins, ends = 0, [change[0] for change in changes], [change[1] for change in changes]
    for piece in one.pieces:
        start, at = at, at + len(piece.text)
        if touched := changes[bisect_right(ends, start) : bisect_left(begins, at)]:
            text, done = "", start
            for first, after, new in touched:
                text += piece.text[done - start : max(first, start) - start] + (new if first >= start else "")
                done = min(after, at)
            edits.append((piece.start, piece.end, _element(piece, text + piece.text[done - start :])))
    return edits


def _element(piece: Piece, text: str) -> bytes:
    """A text element; line breaks and the code become separate elements."""
    name = piece.prefix
    texts = (f'<{name}t xml:space="preserve">{escape(part)}</{name}t>' if part else "" for part in _BESIDE.split(text))
    beside = (f"<{name}br/>" if mark == "\n" else f"<{name}drawing>{PICTURE}</{name}drawing>" for mark in _BESIDE.findall(text))
    return "".join(one for pair in zip_longest(texts, beside, fillvalue="") for one in pair).encode()

"""Export of records: JSON Lines in canonical order, `.xlsx` and `.csv` with labels as headings. Secret fields are masked by default.

Deleted records, derived fields, logs and import batches are left out. Importing an export again changes nothing. The caller logs unmasked
exports (`db.unmasked.log_view`).
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import ColumnElement, RowMapping, and_, literal_column, select

from db.lease import refusal
from db.mapping import table
from db.session import Session
from domain.errors import FieldError, InputUnusable
from domain.fields import KINDS, SYSTEM_FIELDS, Field, Kind, kind_of
from domain.progress import Progress, unwatched
from domain.values import FORMULA, Type
from domain.words import _
from services import layouts
from services.files import written
from services.importing.columns.recognising import ref_label
from services.importing.tables.rosters import templates
from services.lists.titles import measures, titles
from services.printed_lists import PrintedList, PrintedLists, note, printed_value
from services.sheets import Book, Workbook, list_value

ALL = "all"
STANDARD = "-"
TICK = 500

_REWRITTEN = re.compile(r"\d{12,}[Xx]?|0\d+|\d+[Ee]\d+")
"""Text of digits that a spreadsheet program takes for a number and rewrites: 0454622 loses its zero, 3E5 becomes 300000."""


@dataclass(frozen=True)
class ExportResult:
    """Number of records written, and the file (`-` for standard output)."""

    rows: int
    file: str


@dataclass(frozen=True)
class Request:
    """The kinds to export, the conditions on their records, and whether secrets are written in full (`plain`)."""

    session: Session
    kinds: tuple[Kind, ...]
    conditions: tuple[ColumnElement[bool], ...] = ()
    plain: bool = False
    progress: Progress = unwatched


def export(
    session: Session,
    kind: str,
    out: Path | str | TextIO,
    *,
    where: Sequence[str | tuple[str, str]] = (),
    template: str | None = None,
    plain: bool = False,
    progress: Progress = unwatched,
) -> ExportResult:
    """Write the records of a kind, or of `all` kinds, to a file or stream.

    The file's extension selects the format; `-` and text streams get JSON Lines. `where`: FIELD=VALUE terms that must all hold (values
    as in rosters; an empty one means not set). `template`: a layout of `resources/rosters`, `.xlsx` only. Raises `FieldError` for an
    unknown kind, field or value, `InputUnusable` for a file that cannot be written.
    """
    request = _request(session, kind, where, plain=plain, progress=progress)
    path = Path(out) if isinstance(out, Path | str) else Path(STANDARD)
    if template is None and str(path) == STANDARD:
        stream = sys.stdout if isinstance(out, Path | str) else out
        return ExportResult(_json_lines(request, stream), STANDARD)
    return ExportResult(_to_file(request, path, template), str(path))


def _to_file(request: Request, path: Path, template: str | None) -> int:
    suffix = path.suffix.lower()
    if template is not None:
        return _by_template(request, path, template)
    if suffix in (".jsonl", ".ndjson", ".json"):
        with written(path) as unfinished, unfinished.open("w", encoding="utf-8", newline="\n") as stream:
            return _json_lines(request, stream)
    if suffix == ".xlsx":
        with written(path) as unfinished, Workbook(unfinished, _note(request)) as book:
            return _sheets(request, book)
    if suffix == ".csv":
        if len(request.kinds) > 1:
            raise InputUnusable(_("一个 .csv 只能放一种记录。请改用 .xlsx 或 .jsonl。"))
        with written(path) as unfinished, unfinished.open("w", encoding="utf-8-sig", newline="") as stream:
            return _csv(request, stream)
    raise InputUnusable(_("请用 .xlsx、.csv 或 .jsonl 作文件名的结尾。"))


# ---------------------------------------------------------------- selection


def _request(session: Session, kind: str, where: Sequence[str | tuple[str, str]], *, plain: bool, progress: Progress) -> Request:
    kinds = tuple(sorted(KINDS.values(), key=lambda k: k.name)) if kind == ALL else (kind_of(kind),)
    return Request(session, kinds, tuple(_condition(session, kinds, *_pair(term)) for term in where), plain, progress)


def _pair(term: str | tuple[str, str]) -> tuple[str, str]:
    if not isinstance(term, str):
        return term
    name, equals, value = term.partition("=")
    if not equals:
        raise FieldError(_("条件应写成 字段=值：{term}").format(term=term[:40]), "where")
    return name.strip(), value.strip()


def _condition(session: Session, kinds: Sequence[Kind], name: str, value: str) -> ColumnElement[bool]:
    """SQL condition for one FIELD=VALUE term; an export of all kinds may only name fields that every record has."""
    t = table(kinds[0])
    if name in ("id", "village", *SYSTEM_FIELDS):
        column: ColumnElement[Any] = t.c[name] if len(kinds) == 1 else literal_column(f'"{name}"')
        return column == value
    if len(kinds) > 1 or name not in kinds[0].by_name:
        label = _("所有记录") if len(kinds) > 1 else _(kinds[0].label)
        raise FieldError(_("{kind}没有「{name}」这个字段").format(kind=label, name=name[:40]), "field")
    f = kinds[0].by_name[name]
    if value == "":
        return t.c[name].is_(None)
    if f.secret and (refused := refusal(session)) is not None:  # whether a number is right would tell it
        raise refused
    read = f.read(value)
    if f.type is Type.SET:
        return and_(*(t.c[name].contains(json.dumps(item, ensure_ascii=False), autoescape=True) for item in sorted(read)))
    return t.c[name] == f.to_stored(read)


def _rows(request: Request, kind: Kind) -> Iterator[RowMapping]:
    """The rows of a kind that are not deleted, ordered by id; reports progress."""
    t = table(kind)
    query = select(t).where(t.c.deleted_at.is_(None), *request.conditions).order_by(t.c.id).execution_options(yield_per=TICK)
    total = request.session.count(kind, *request.conditions)
    for done, row in enumerate(request.session.conn.execute(query).mappings()):
        if done % TICK == 0:
            request.progress(done, total, _("导出{label}").format(label=_(kind.label)))
        yield row


# ---------------------------------------------------------------- JSON Lines


def _json_lines(request: Request, stream: TextIO) -> int:
    count = 0
    for kind in request.kinds:
        for row in _rows(request, kind):
            stream.write(json.dumps(json_record(kind, row, plain=request.plain), ensure_ascii=False) + "\n")
            count += 1
    return count


def json_record(kind: Kind, row: RowMapping, *, plain: bool) -> dict[str, Any]:
    """The JSON Lines object of a stored row: every field that is set, in order of declaration."""
    record: dict[str, Any] = {"kind": kind.name, "id": row["id"], "village": row["village"]}
    for f in kind.fields:
        stored = row[f.name]
        if stored is not None:
            record[f.name] = f.masked(str(stored)) if f.secret and not plain else f.to_json(f.from_stored(stored))
    record.update({name: row[name] for name in SYSTEM_FIELDS if row[name] is not None})
    return record


# ---------------------------------------------------------------- sheets


@dataclass(frozen=True)
class Column:
    """A column of an exported sheet: its heading, and the cell of a row given the titles of referenced records by id."""

    heading: str
    cell: Callable[[RowMapping, dict[str, str]], str | int | float]


def columns(kind: Kind, *, plain: bool, paper: bool = False) -> list[Column]:
    """The columns of a kind: its fields, with references shown by name, then the ids that a later import matches records by.

    On `paper` there are no ids, and places are shown by name.
    """
    shown = [_field_column(f, plain, printed_value if paper else list_value) for f in kind.fields]
    if paper:
        return shown
    codes = [Column(ref_label(f.label), _code_cell(f)) for f in kind.references() if f.type is Type.ID]
    return [
        *shown,
        *codes,
        Column("记录编号", lambda row, _titles: row["id"]),
        Column("区划代码", lambda row, _titles: row["village"]),
    ]


def _field_column(f: Field, plain: bool, value: Callable[..., str | int | float]) -> Column:
    if f.type is Type.ID and f.ref:
        return Column(f.label, lambda row, titles: titles.get(row[f.name] or "", ""))
    if f.measure:
        return Column(f.label, lambda row, titles: " ".join(filter(None, (row[f.name], titles.get(row[f.name])))))

    def shown(stored: Any) -> str | int | float:
        return value(f, f.from_stored(stored), plain=plain)

    made = shown if f.secret else lru_cache(maxsize=4096)(shown)  # most values repeat; numbers of people do not
    return Column(f.label, lambda row, _titles: made(row[f.name]))


def _code_cell(f: Field) -> Callable[[RowMapping, dict[str, str]], str]:
    return lambda row, _titles: row[f.name] or ""


def _cells(request: Request, kind: Kind, cols: Sequence[Column]) -> Iterator[list[str | int | float]]:
    """The cells of a kind's rows. Titles of referenced records are looked up for `TICK` rows at once, each record's once."""
    refs = [f for f in kind.references() if f.type is Type.ID]
    named, asked = dict(measures(request.session, kind)), set[str]()
    waiting: list[RowMapping] = []

    def flush() -> Iterator[list[str | int | float]]:
        for f in refs:
            new = {row[f.name] for row in waiting if row[f.name]} - asked
            named.update(titles(request.session, str(f.ref), new) if new else {})
            asked.update(new)
        for row in waiting:
            yield [column.cell(row, named) for column in cols]

    for row in _rows(request, kind):
        waiting.append(row)
        if len(waiting) >= TICK:
            yield from flush()
            waiting = []
    yield from flush()


def _note(request: Request) -> str:
    """The sheet's note on who exported unmasked data and when; "" for a masked export."""
    return note(request.session, plain=True) if request.plain else ""


def _sheets(request: Request, book: Book, *, paper: bool = False) -> int:
    count = 0
    kinds = [kind for kind in request.kinds if len(request.kinds) == 1 or request.session.count(kind, *request.conditions)]
    for kind in kinds:
        sheet = book.sheet(kind.label)
        cols = columns(kind, plain=request.plain, paper=paper)
        sheet.headings([column.heading for column in cols])
        for cells in _cells(request, kind, cols):
            sheet.row(cells)
            count += 1
    if not kinds:
        book.sheet("没有记录")
    return count


def ledger(
    session: Session,
    kind: str,
    *,
    where: Sequence[str | tuple[str, str]] = (),
    template: str | None = None,
    plain: bool = False,
    progress: Progress = unwatched,
) -> list[PrintedList]:
    """The records of a kind, or of `all` kinds, as pages to print; parameters as in `export`. Raises `InputUnusable` for too many rows."""
    request = _request(session, kind, where, plain=plain, progress=progress)
    book = PrintedLists()
    if template is not None:
        layouts.write(session, templates()[template], book, list(_rows(request, request.kinds[0])), plain=plain)
    else:
        _sheets(request, book, paper=True)
    return book.sheets


def _csv(request: Request, stream: TextIO) -> int:
    kind, writer, count = request.kinds[0], csv.writer(stream), 0
    cols = columns(kind, plain=request.plain)
    writer.writerow([column.heading for column in cols])
    for cells in _cells(request, kind, cols):
        writer.writerow([csv_text(cell) for cell in cells])
        count += 1
    return count


def csv_text(cell: str | int | float) -> str:
    """Text of a `.csv` cell, guarded so that a spreadsheet program neither runs it as a formula nor rewrites its digits."""
    if isinstance(cell, float):
        return f"{cell:.2f}"
    text = str(cell)
    if isinstance(cell, str) and FORMULA.match(text):
        return "'" + text
    return "\t" + text if _REWRITTEN.fullmatch(text) else text


def _by_template(request: Request, path: Path, name: str) -> int:
    found = templates().get(name)
    if found is None or (found.kind,) != tuple(kind.name for kind in request.kinds):
        known = _("、").join(f"{t.name} ({t.kind})" for t in templates().values())
        raise FieldError(_("这种记录没有「{name}」版式。可用的版式：{known}").format(name=name[:40], known=known), "template")
    if path.suffix.lower() != ".xlsx":
        raise InputUnusable(_("版式只能导出为 .xlsx。"))
    rows = (row for row in _rows(request, request.kinds[0]))
    with written(path) as unfinished, Workbook(unfinished, _note(request)) as book:
        return layouts.write(request.session, found, book, list(rows), plain=request.plain)

"""Fills in a form from a higher office, in memory, with the data on record about the people in it.

The sheets of a workbook and the tables of a Word document are read alike (`book`, `word`). Each is either a form about one person
(`one_person`), with the family table that may follow it, or has tables with a row for each person (`one_table`), or otherwise may have a
table of figures with a row for each village (`figures`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Container
from pathlib import Path

from db.gc_pause import gc_paused
from db.session import Session
from domain.errors import InputUnusable
from domain.progress import Progress, unwatched
from domain.words import _
from services.filling import asked, book, figures, one_person
from services.filling.filling import Filling
from services.filling.one_table import Table
from services.importing.records.surveyed import Surveys
from services.importing.rows.drafting import Context
from services.importing.rows.home import Home
from services.importing.rows.known import Known
from services.importing.tables.finding import find_tables
from services.office_files import word_tables
from services.office_files.reading import Sheet, load, of_document, read_workbook


def look(
    session: Session,
    source: Path | str | bytes,
    *,
    who: str = "",
    person: str = "",
    month: str = "",
    progress: Progress = unwatched,
    name: str = "",
) -> Filling:
    """Fill in a form in memory. `who`: the people for a table without names, `all` or a quick filter of the people list (`lifted` …);
    `person`: the id of the person for a form about one person; `month`: the month of a table of figures instead of the one it names.

    Raises `InputUnusable` if there is no table about people or of figures, `DomainError` if there is no such list or month, and `Stopped`
    from `progress`.
    """
    data = load(source)
    progress(0, 0, _("读取文件"))
    with gc_paused():
        made, sheets = _opened(data, name or ("" if isinstance(source, bytes) else Path(source).name))
        context = Context(session, Known(session), Home(session, None), progress)
        questions = Surveys(session).words
        headings = {*questions, *asked.heading_words()}
        while sheets:
            sheet = sheets.popleft()
            sheet.file = Path(made.file).stem
            page = made.workbook[sheet.name]
            form = None if sheet.hidden else one_person.form(sheet, page, questions)
            if form is not None:
                form = form if made.document is None else _with_families(form, sheets, made, questions)
                one_person.fill(made, context.known, page, form, person, questions)
            elif not sheet.hidden:
                before, told = len(made.columns), len(made.notes)
                last: Table | None = None
                for table in reversed(find_tables(sheet, headings)):  # from the bottom up, so that inserted rows move only finished tables
                    last = Table(context, made, table, page, questions, last)
                    last.fill(who)
                unread = made.notes[told:]
                if len(made.columns) == before and figures.fill(made, session, sheet, page, month):
                    made.notes = list(dict.fromkeys(note for note in made.notes if note not in unread))
    if not made.columns:
        raise InputUnusable(
            _(
                "没有找到能填的表：名单要有一行表头，里面有「姓名」或「证件号码」；按村填数的表要有「村」一栏，"
                "后面是「劳动力人数」「务工人数」这样的栏。表头要在前 30 行。请看看表头怎么写，或者是不是选错了文件。"
            )
        )
    return made


def _opened(data: bytes, name: str) -> tuple[Filling, deque[Sheet]]:
    """The form, not filled in yet, and its sheets."""
    document = word_tables.document(data) if word_tables.is_document(data) else None
    sheets = read_workbook(data) if document is None else of_document(document)
    if sheets[0].chain:
        raise InputUnusable(_("这是接龙，不是要填的表。要记下接龙里写的，请到「导入名册」。"))
    workbook, lost = book.opened(data, sheets)
    return Filling(name, workbook, lost, document=None if document is None else (data, document)), deque(sheets)


def _with_families(form: one_person.Form, sheets: deque[Sheet], made: Filling, questions: Container[str]) -> one_person.Form:
    """The form with the family tables that follow it in the document, which are taken from `sheets`."""
    while sheets and (more := one_person.with_family(form, sheets[0], made.workbook[sheets[0].name], questions)):
        form = more
        sheets.popleft()
    return form

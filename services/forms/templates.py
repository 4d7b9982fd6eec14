"""A county's own workbook or Word document in the place of a form's layout: `{{字段}}` in it are filled in, all else stays as it looks.

    keep(home, "application", file)     take a file for a form, after looking through it; `drop` goes back to the usual layout
    blank("application", file)          one to start from, with every field there is, by its ending
    fill(form, "application", data, file)   draw a form into one

`{{行.姓名}}` in a row repeats that row for every line of the form's table. Beside a form's own fields there are 标题, 正文, 合计 and 落款.
A template comes from outside: what runs, fetches or unfolds too large is refused with a sentence, when it is taken and again when it is
used (`workbook_template`, `word_template`); what is filled in is text and numbers, never a formula or a field.
"""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Final
from zipfile import BadZipFile, ZipFile

from services.files import written
from services.forms.catalogue import CATALOGUE, known
from services.forms.form import TOTAL, Form
from services.forms.template_fields import CODE, COMMON, ROW

# what reads and writes the files is loaded with the first: a preview only asks which sort is in force

FOLDER: Final = "forms"
"""Where templates lie under the data folder, each under the name of its form."""
EXCEL, WORD = ".xlsx", ".docx"
_UPRIGHT: Final = 8
"""Columns that fit on a sheet upright."""


def of(home: Path, name: str) -> Path | None:
    """The template that stands in the place of a form here, if there is one."""
    if name not in CATALOGUE:
        return None
    files = [file for ending in (EXCEL, WORD) if (file := _place(home, name, ending)).is_file()]
    return max(files, key=lambda file: file.stat().st_mtime_ns, default=None)


def keep(home: Path, name: str, source: Path) -> None:
    """Take a file as the template of a form. Raises `InputUnusable` or `NotFound`; then the one before stays."""
    from services.importing.reading import load

    data = load(source)
    check(name, data)
    (home / FOLDER).mkdir(parents=True, exist_ok=True)
    place = _place(home, name, ending(data))
    with written(place) as unfinished:
        unfinished.write_bytes(data)
    for other in {EXCEL, WORD} - {place.suffix}:
        _place(home, name, other).unlink(missing_ok=True)


def check(name: str, data: bytes) -> None:
    """Look through a file that is to be the template of a form. Raises `InputUnusable` or `NotFound`."""
    from services.forms import word_template, workbook_template

    entry = known(name)
    if ending(data) == WORD:
        word_template.check(data, entry)
    else:
        workbook_template.check(data, entry)


def ending(data: bytes) -> str:
    """`.docx` for a Word document, `.xlsx` for a workbook and for what is neither."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            return WORD if any(name.lower().startswith("word/") for name in archive.namelist()) else EXCEL
    except (BadZipFile, NotImplementedError, ValueError):
        return EXCEL


def drop(home: Path, name: str) -> bool:
    """Go back to the usual layout; False when nothing stood in its place. Raises `NotFound` for a name that no form has."""
    known(name)
    found = of(home, name) is not None
    for each in (EXCEL, WORD):
        _place(home, name, each).unlink(missing_ok=True)
    return found


def blank(name: str, file: Path) -> None:
    """Write a file to start from, with every field of a form in the usual layout. Raises `NotFound` or `InputUnusable`."""
    from services.forms import word, workbook

    entry = known(name)
    marks = [(field, f"{{{{{field}}}}}") for field in entry.fields]
    boxes = [tuple(marks[n : n + 2]) for n in range(0, len(marks), 2)]
    rows = [[f"{{{{{ROW}{column}}}}}" for column in entry.columns]] if entry.columns else ()
    total = ["", TOTAL, *[""] * (len(entry.columns) - 3), f"{{{{{TOTAL}}}}}"] if len(entry.columns) > 2 else ()
    wide, text, closing = len(entry.columns) > _UPRIGHT, ["{{正文}}"], ["{{落款}}"]
    form = Form("{{标题}}", boxes=boxes, columns=entry.columns, rows=rows, total=total, text=text, closing=closing, wide=wide)
    if file.suffix.lower() == WORD:
        word.write(replace(form, note=f"{{{{{CODE}}}}}" if entry.mark else ""), file)
    else:
        workbook.write(form, file)


def fill(form: Form, name: str, template: bytes, file: Path) -> int:
    """Draw a form into a template; answers how many lines its table has. Raises `InputUnusable`."""
    with written(file) as unfinished:
        unfinished.write_bytes(filled(form, name, template))  # inside: openpyxl has files of its own meanwhile, and the disk may be full
    return len(form.rows)


def filled(form: Form, name: str, template: bytes) -> bytes:
    """The bytes of a form drawn into a template. Raises `InputUnusable`."""
    from services.forms import word_template, workbook_template

    entry = known(name)
    values = {**dict.fromkeys((*COMMON, *entry.fields), ""), **form.values()}
    return (word_template.filled if ending(template) == WORD else workbook_template.filled)(form, entry, template, values)


def _place(home: Path, name: str, ending: str) -> Path:
    return home / FOLDER / f"{name}{ending}"

"""A county's own workbook or Word document as the template of a form: `{{字段}}` are filled in, everything else is kept.

    keep(home, "application", file)         check a file and use it for a form; `drop` returns to the standard layout
    blank("application", file)              write a template with all fields to start from, by suffix
    fill(form, "application", data, file)   write a form into a template

`{{行.姓名}}` in a row repeats that row for every line of the form's table. Besides a form's own fields there are 标题, 正文, 合计 and 落款.
A template comes from outside: one that runs or loads something or is too large is refused, when it is accepted and again when it is used
(`workbook_template`, `word_template`). Values are filled in as text and numbers, never as formulas or fields.
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

# the modules that read and write files are imported when used: a preview only asks which template is in force

FOLDER: Final = "forms"
"""The folder of templates in the data folder; each file is named after its form."""
EXCEL, WORD = ".xlsx", ".docx"
_UPRIGHT: Final = 8
"""Most columns that fit on a page in portrait."""


def of(home: Path, name: str) -> Path | None:
    """This station's own template of a form, or None."""
    if name not in CATALOGUE:
        return None
    files = [file for ending in (EXCEL, WORD) if (file := _place(home, name, ending)).is_file()]
    return max(files, key=lambda file: file.stat().st_mtime_ns, default=None)


def keep(home: Path, name: str, source: Path) -> None:
    """Use a file as the template of a form. Raises `InputUnusable` or `NotFound`; the earlier template is then kept."""
    from services.office_files.reading import load

    data = load(source)
    check(name, data)
    (home / FOLDER).mkdir(parents=True, exist_ok=True)
    place = _place(home, name, ending(data))
    with written(place) as unfinished:
        unfinished.write_bytes(data)
    for other in {EXCEL, WORD} - {place.suffix}:
        _place(home, name, other).unlink(missing_ok=True)


def check(name: str, data: bytes) -> None:
    """Check a file that is to be the template of a form. Raises `InputUnusable` or `NotFound`."""
    from services.forms import word_template, workbook_template

    entry = known(name)
    if ending(data) == WORD:
        word_template.check(data, entry)
    else:
        workbook_template.check(data, entry)


def ending(data: bytes) -> str:
    """`.docx` for a Word document, `.xlsx` for anything else."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            return WORD if any(name.lower().startswith("word/") for name in archive.namelist()) else EXCEL
    except (BadZipFile, NotImplementedError, ValueError):
        return EXCEL


def drop(home: Path, name: str) -> bool:
    """Return to the standard layout; False if there was no template. Raises `NotFound` for an unknown form."""
    known(name)
    found = of(home, name) is not None
    for each in (EXCEL, WORD):
        _place(home, name, each).unlink(missing_ok=True)
    return found


def blank(name: str, file: Path) -> None:
    """Write a template to start from, with all fields of a form in the standard layout. Raises `NotFound` or `InputUnusable`."""
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
    """Write a form into a template; returns the number of table rows. Raises `InputUnusable`."""
    with written(file) as unfinished:
        # inside `written`, because openpyxl also writes temporary files and the disk may be full
        unfinished.write_bytes(filled(form, name, template))
    return len(form.rows)


def filled(form: Form, name: str, template: bytes) -> bytes:
    """The bytes of a template filled in with a form. Raises `InputUnusable`."""
    from services.forms import word_template, workbook_template

    entry = known(name)
    values = {**dict.fromkeys((*COMMON, *entry.fields), ""), **form.values()}
    return (word_template.filled if ending(template) == WORD else workbook_template.filled)(form, entry, template, values)


def _place(home: Path, name: str, ending: str) -> Path:
    return home / FOLDER / f"{name}{ending}"

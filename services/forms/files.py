"""Writes a form as a file according to its suffix; the desktop adds PDF."""

from __future__ import annotations

from pathlib import Path

from db.session import Session
from domain.errors import InputUnusable
from domain.words import _
from services.forms.form import Form


def write(form: Form, file: Path, *, name: str = "", own: bytes | None = None) -> int:
    """Write `.xlsx`, `.docx` or `.html`; returns the number of table rows. `own` is a template (see `own_template`) for the form `name`,
    used for files of its own type. Raises `InputUnusable`."""
    # imported here because loading the workbook writers is slow
    suffix = file.suffix.lower()
    if suffix == ".html":
        from services.forms.markup import write_page

        return write_page(form, file)
    if suffix not in (".xlsx", ".docx"):
        raise InputUnusable(_("请用 .xlsx 或 .docx 作文件名的结尾。"))
    from services.forms import templates, word, workbook

    if own is not None and templates.ending(own) == suffix:
        return templates.fill(form, name, own, file)
    return workbook.write(form, file) if suffix == ".xlsx" else word.write(form, file)


def document(form: Form, name: str, own: bytes | None) -> bytes:
    """A form as the bytes of a Word document, using the template `own` if that is a Word document. Raises `InputUnusable`."""
    from services.forms import templates, word

    return templates.filled(form, name, own) if own is not None and templates.ending(own) == templates.WORD else word.drawn(form)


def own_ending(session: Session, home: Path, name: str) -> str:
    """The suffix of the template that replaces a form's layout at this station; "" if there is none."""
    from services.forms import issued_templates, templates

    file = templates.of(home, name)
    data = None if file is not None else issued_templates.of(session, name)
    return file.suffix if file is not None else templates.ending(data) if data is not None else ""


def own_template(session: Session, home: Path, name: str) -> bytes | None:
    """The template that replaces a form's layout at this station: its own, otherwise the county's; None if there is none."""
    from services.forms import issued_templates, templates
    from services.office_files.reading import load

    file = templates.of(home, name)
    return load(file) if file is not None else issued_templates.of(session, name)

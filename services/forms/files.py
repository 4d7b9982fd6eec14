"""Writing a form as a file by its ending; the desktop adds PDF."""

from __future__ import annotations

from pathlib import Path

from domain.errors import InputUnusable
from domain.words import _
from services.forms.form import Form


def write(form: Form, file: Path, *, name: str = "", home: Path | None = None) -> int:
    """Write `.xlsx` or `.html`; answers how many lines the table has. Where the county put its own workbook in the place of the form `name`
    under the data folder `home`, that is filled. Raises `InputUnusable`."""
    # the writers of workbooks are loaded when one is asked for: no page waits for them
    if file.suffix.lower() == ".html":
        from services.forms.markup import write_page

        return write_page(form, file)
    if file.suffix.lower() != ".xlsx":
        raise InputUnusable(_("请用 .xlsx 作文件名的结尾。"))
    from services.forms import templates, workbook

    own = templates.of(home, name) if home is not None else None
    return templates.fill(form, name, own, file) if own is not None else workbook.write(form, file)

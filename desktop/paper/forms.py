"""Printed forms for all pages: makes a form from a record, previews and saves it.

    forms = FormPrinter(frame, station)
    forms.show(self, "application", claim_id)
    forms.offered("claim")  ->  {"application": "补助申请表（含承诺书）", …}

An administrator may replace a form's layout by the county's own workbook or Word document. It is used for files of that type, and the
preview says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain, count
from pathlib import Path
from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from db.local import accounts
from db.session import Session
from desktop.jobs import Progress
from desktop.page import Frame
from desktop.paper.document import Paper, Printed, to_pdf
from desktop.station import Station
from desktop.widgets import dialogs
from desktop.widgets.form_preview import FormPreview, Write
from domain.errors import CunzhanError
from domain.words import _
from services import forms
from services.files import written
from services.forms import CATALOGUE, Form
from services.lists.titles import titles

PDF, EXCEL, WORD = ".pdf", ".xlsx", ".docx"
_KINDS: Final = {EXCEL: "Excel", WORD: "Word"}


class Several(Printed):
    """At least one form of the same sort, one after another; pages are numbered within each."""

    def __init__(self, papers: Sequence[Paper]) -> None:
        self.papers, first = papers, papers[0]
        self.title, self.wide, self.margin = _("{title} {n} 份").format(title=first.title, n=len(papers)), first.wide, first.margin

    @property
    def pages(self) -> int:
        """The number of pages of all forms."""
        return sum(paper.pages for paper in self.papers)

    def draw(self, painter: QPainter, number: int, area: QRectF) -> None:
        """Draw a page of the form it belongs to."""
        paper, page = [(paper, page) for paper in self.papers for page in range(paper.pages)][number]
        paper.draw(painter, page, area)

    def afresh(self) -> Several:
        """Lay all of them out again."""
        return Several([paper.afresh() for paper in self.papers])


class FormPrinter:
    """The forms of one station."""

    def __init__(self, frame: Frame, station: Station) -> None:
        self._frame, self._station = frame, station

    def offered(self, about: str) -> dict[str, str]:
        """Return the forms about a record of one kind: titles by name."""
        return {name: _(entry.title) for name, entry in forms.of_kind(about).items()}

    def show(self, parent: QWidget, name: str, id: str = "", *, month: str | None = None, year: int | None = None) -> None:
        """Make a form, about a record, a month or an income period where it takes one, and preview it."""
        begin = partial(forms.make, name=name, id=id, month=month, year=year)

        def make(session: Session, progress: Progress) -> tuple[Paper, bool, str]:
            is_admin = any(a.name == session.user and a.role == "admin" for a in accounts(session))
            return Paper(begin(session, progress=progress), progress).for_window(), is_admin, self._ending(session, name)

        def made(found: tuple[Paper, bool, str]) -> None:
            self._open(parent, name, begin, *found)

        self._frame.run_long(_("排版"), self._station.reading(make), made)

    def show_several(self, parent: QWidget, name: str, ids: Sequence[str]) -> None:
        """Make a form about each of several records and preview them as one paper."""

        def make(progress: Progress, session: Session, reason: str = "") -> Several:
            papers = []
            for done, id in enumerate(ids):
                progress(done, len(ids), _("排版"))
                papers.append(Paper(forms.make(session, name, id, reason=reason or None)).for_window())
            return Several(papers)

        def plain(reason: str, progress: Progress) -> Several:
            with self._station.store.applying() as session:  # it logs who looked and why
                return make(progress, session, reason)

        def begin(progress: Progress, session: Session) -> tuple[Several, str]:
            return make(progress, session), self._ending(session, name)

        def shown(found: tuple[Several, str]) -> None:
            paper, ending = found
            writes: dict[str, Write] = {PDF: to_pdf}
            if ending == WORD:
                writes[WORD] = partial(self._write_each, name)
            preview = FormPreview(self._frame, parent, paper, writes, plain=plain if CATALOGUE[name].plain else None)
            preview.each = WORD
            preview.show_note(_note(ending) if ending == WORD else "", ending)
            preview.run()

        self._frame.run_long(_("排版"), lambda progress: self._station.reading(lambda session: begin(progress, session))(), shown)

    def _write_each(self, name: str, paper: Printed, folder: Path, progress: Progress) -> None:
        """Write a Word document of each form, named after its record; existing files in the folder stay."""
        assert isinstance(paper, Several)
        made = [one.form for one in paper.papers]
        documents = self._station.reading(lambda session: self._documents(session, progress, name, made))()
        written_files: list[Path] = []
        try:  # all or none, if the user stops it or the disk is full
            for stem, data in documents:
                free = (folder / f"{stem}{more}{WORD}" for more in chain([""], (f" ({n})" for n in count(2))))
                file = next(file for file in free if not file.exists())
                with written(file) as unfinished:
                    unfinished.write_bytes(data)
                written_files.append(file)
        except CunzhanError:
            for file in written_files:
                with suppress(OSError):
                    file.unlink()
            raise

    def _documents(self, session: Session, progress: Progress, name: str, made: Sequence[Form]) -> list[tuple[str, bytes]]:
        """File name and content of each document."""
        own, called = forms.own_template(session, self._home, name), titles(session, CATALOGUE[name].about, [one.record for one in made])
        documents = []
        for n, form in enumerate(made, 1):
            progress(n - 1, len(made), _("排版"))
            stem = dialogs.file_name(f"{n:02} {form.title} {called.get(form.record, '')}")
            documents.append((stem, forms.document(form, name, own)))
        return documents

    def _open(self, parent: QWidget, name: str, begin: Callable[..., Form], paper: Paper, is_admin: bool, ending: str) -> None:
        write = partial(self._write, name)
        writes: dict[str, Write] = {PDF: to_pdf, EXCEL: write, WORD: write}
        if name == "notice_form":
            writes[".html"] = write
        plain = partial(self._plain, begin) if CATALOGUE[name].plain else None
        own = self._own(name, lambda ending: preview.show_note(_note(ending), ending)) if is_admin else {}
        preview = FormPreview(self._frame, parent, paper, writes, plain=plain, own=own)
        preview.show_note(_note(ending), ending)
        preview.run()

    def _plain(self, begin: Callable[..., Form], reason: str, progress: Progress) -> Paper:
        """The form with numbers unmasked, after logging the reason."""
        with self._station.store.applying() as session:  # it logs who looked and why
            return Paper(begin(session, reason=reason, progress=progress), progress).for_window()

    def _write(self, name: str, paper: Printed, file: Path, _progress: Progress) -> None:
        assert isinstance(paper, Paper)
        own = self._station.read(forms.own_template, self._home, name)
        forms.write(paper.form, file, name=name, own=own)

    @property
    def _home(self) -> Path:
        return self._station.store.home

    def _ending(self, session: Session, name: str) -> str:
        return forms.own_ending(session, self._home, name)

    def _own(self, name: str, done: Callable[[str], None]) -> dict[str, Callable[[], None]]:
        """Actions on the county's own layout, by label; afterwards `show_note` gets the ending of its files."""

        def changed(message: str) -> None:
            self._frame.message(message)
            self._frame.jobs.run(self._station.reading(lambda session: self._ending(session, name)), done)

        return {
            _("取空白 Excel 样表…"): lambda: self._blank(name, EXCEL),
            _("取空白 Word 样表…"): lambda: self._blank(name, WORD),
            _("换上本县样表…"): lambda: self._keep(name, changed),
            _("恢复原样"): lambda: self._drop(name, changed),
        }

    def _blank(self, name: str, ending: str) -> None:
        from services.forms import templates

        called = _("{form}样表").format(form=_(CATALOGUE[name].title)) + ending
        file = dialogs.save_as(None, _("保存到"), called, f"(*{ending})")
        if file is not None and self._tried(lambda: templates.blank(name, file)):
            self._frame.message(_("已保存到 {file}").format(file=file.name))

    def _keep(self, name: str, changed: Callable[[str], None]) -> None:
        from services.forms import templates

        file = dialogs.open_file(None, _("本县样表"), f"Excel, Word (*{EXCEL} *{WORD})")
        if file is not None and self._tried(lambda: templates.keep(self._home, name, file)):
            own = templates.of(self._home, name)
            kind = _KINDS[own.suffix] if own is not None else ""
            changed(_("已换上，以后存为 {kind} 就用这个样表").format(kind=kind))

    def _drop(self, name: str, changed: Callable[[str], None]) -> None:
        from services.forms import templates

        templates.drop(self._home, name)
        changed(_("已恢复原样"))

    def _tried(self, act: Callable[[], object]) -> bool:
        try:
            act()
        except CunzhanError as error:
            self._frame.show_error(error)
            return False
        return True


def _note(ending: str) -> str:
    """The note for a user who sees the program's own layout although the county has another."""
    if not ending:
        return ""
    text = _("有本县样表：存为 {kind} 就是那个样子，再用 {kind} 或 WPS 打开来打印。这里看到的、打印的和 PDF 是程序自己的版式。")
    return text.format(kind=_KINDS[ending])

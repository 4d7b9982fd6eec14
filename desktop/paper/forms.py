"""Forms on paper for any page: makes one from a record, shows it as it will be printed, saves it.

    forms = FormPrinter(frame, station)
    forms.show(self, "application", claim_id)
    forms.offered("claim")  ->  {"application": "补助申请表（含承诺书）", …}

Whoever administers the station may put the county's own workbook or Word document in the place of a form's layout; it is for files of its
sort, and the preview says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain, count
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QWidget

from db.local import accounts
from db.session import Session
from desktop.jobs import Progress
from desktop.page import Frame
from desktop.paper.document import Paper, Printed, to_pdf
from desktop.paper.several import Several
from desktop.station import Station
from desktop.widgets import dialogs
from desktop.widgets.form_preview import FormPreview, Write
from domain.errors import CunzhanError
from domain.words import _
from services import forms
from services.files import written
from services.forms import CATALOGUE, Form
from services.titles import titles

PDF, EXCEL, WORD = ".pdf", ".xlsx", ".docx"
_KINDS: Final = {EXCEL: "Excel", WORD: "Word"}


class FormPrinter:
    """The forms of one station."""

    def __init__(self, frame: Frame, station: Station) -> None:
        self._frame, self._station = frame, station

    def offered(self, about: str) -> dict[str, str]:
        """The forms made of a record of one kind, by name, with their titles."""
        return {name: _(entry.title) for name, entry in forms.of_kind(about).items()}

    def show(self, parent: QWidget, name: str, id: str = "", *, month: str | None = None) -> None:
        """Make a form, of a month where it takes one, and show it."""

        def make(session: Session) -> tuple[Paper, bool, str]:
            mine = any(a.name == session.user and a.role == "admin" for a in accounts(session))
            return Paper(forms.make(session, name, id, month=month)).for_window(), mine, self._ending(session, name)

        def made(found: tuple[Paper, bool, str]) -> None:
            self._open(parent, name, id, month, *found)

        self._frame.run_long(_("排版"), lambda _progress: self._station.reading(make)(), made)

    def show_several(self, parent: QWidget, name: str, ids: Sequence[str]) -> None:
        """Make a form of each of several records and show them as one paper."""

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
            preview.tell(_note(ending) if ending == WORD else "", ending)
            preview.run()

        self._frame.run_long(_("排版"), lambda progress: self._station.reading(lambda session: begin(progress, session))(), shown)

    def _write_each(self, name: str, paper: Printed, folder: Path, progress: Progress) -> None:
        """A Word document of each form, called by its record; what is in the folder already stays."""
        assert isinstance(paper, Several)
        made = [one.form for one in paper.papers]
        documents = self._station.reading(lambda session: self._documents(session, progress, name, made))()
        there: list[Path] = []
        try:  # all of them or none, where somebody stops it or the stick is full
            for stem, data in documents:
                free = (folder / f"{stem}{more}{WORD}" for more in chain([""], (f" ({n})" for n in count(2))))
                file = next(file for file in free if not file.exists())
                with written(file) as unfinished:
                    unfinished.write_bytes(data)
                there.append(file)
        except CunzhanError:
            for file in there:
                with suppress(OSError):
                    file.unlink()
            raise

    def _documents(self, session: Session, progress: Progress, name: str, made: Sequence[Form]) -> list[tuple[str, bytes]]:
        """What each is called, and its bytes."""
        own, called = forms.own_template(session, self._home, name), titles(session, CATALOGUE[name].about, [one.record for one in made])
        documents = []
        for n, form in enumerate(made, 1):
            progress(n - 1, len(made), _("排版"))
            stem = dialogs.file_name(f"{n:02} {form.title} {called.get(form.record, '')}")
            documents.append((stem, forms.document(form, name, own)))
        return documents

    def _open(self, parent: QWidget, name: str, id: str, month: str | None, paper: Paper, mine: bool, ending: str) -> None:
        write = partial(self._write, name)
        writes: dict[str, Write] = {PDF: to_pdf, EXCEL: write, WORD: write}
        if name == "notice_form":
            writes[".html"] = write
        plain = partial(self._plain, name, id, month) if CATALOGUE[name].plain else None
        own = self._own(name, lambda ending: preview.tell(_note(ending), ending)) if mine else {}
        preview = FormPreview(self._frame, parent, paper, writes, plain=plain, own=own)
        preview.tell(_note(ending), ending)
        preview.run()

    def _plain(self, name: str, id: str, month: str | None, reason: str, _progress: Progress) -> Paper:
        """The form with numbers in full, for a reason that is kept."""
        with self._station.store.applying() as session:  # it logs who looked and why
            return Paper(forms.make(session, name, id, month=month, reason=reason)).for_window()

    def _write(self, name: str, paper: Printed, file: Path, _progress: Progress) -> None:
        assert isinstance(paper, Paper)
        own = self._station.read(forms.own_template, self._home, name)
        forms.write(paper.form, file, name=name, own=own)

    @property
    def _home(self) -> Path:
        return self._station.store.home

    def _ending(self, session: Session, name: str) -> str:
        return forms.own_ending(session, self._home, name)

    def _own(self, name: str, tell: Callable[[str], None]) -> dict[str, Callable[[], None]]:
        """What is done with the county's own layout; `tell` is told of which sort it is afterwards."""

        def changed(message: str) -> None:
            self._frame.message(message)
            self._frame.jobs.run(self._station.reading(lambda session: self._ending(session, name)), tell)

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
    """What somebody has to know who sees the program's own layout where the county has another."""
    if not ending:
        return ""
    told = _("有本县样表：存为 {kind} 就是那个样子，再用 {kind} 或 WPS 打开来打印。这里看到的、打印的和 PDF 是程序自己的版式。")
    return told.format(kind=_KINDS[ending])

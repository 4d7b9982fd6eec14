"""Forms on paper for any page's wiring: makes one from a record, shows it as it will be printed, saves it.

    forms = FormPrinter(frame, station)
    forms.show(self, "application", claim_id)
    forms.offered("claim")  ->  {"application": "补助申请表（含承诺书）", …}

Whoever administers the station may put the county's own workbook in the place of a form's layout.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QWidget

from db.local import accounts
from db.session import Session
from desktop.jobs import Progress
from desktop.page import Frame
from desktop.paper.document import Paper, Printed, write_pdf
from desktop.paper.several import Several
from desktop.station import Station
from desktop.widgets import dialogs
from desktop.widgets.form_preview import FormPreview
from domain.errors import CunzhanError
from domain.words import _
from services import forms
from services.forms import CATALOGUE


class FormPrinter:
    """The forms of one station."""

    def __init__(self, frame: Frame, station: Station) -> None:
        self._frame, self._station = frame, station

    def offered(self, about: str) -> dict[str, str]:
        """The forms made of a record of one kind, by name, with their titles."""
        return {name: _(entry.title) for name, entry in forms.of_kind(about).items()}

    def show(self, parent: QWidget, name: str, id: str = "", *, month: str | None = None) -> None:
        """Make a form, of a month where it takes one, and show it."""

        def make(session: Session) -> tuple[Paper, bool]:
            mine = any(a.name == session.user and a.role == "admin" for a in accounts(session))
            return Paper(forms.make(session, name, id, month=month)).for_window(), mine

        def made(found: tuple[Paper, bool]) -> None:
            self._open(parent, name, id, found[0], month, own=self._own(name) if found[1] else {})

        self._frame.run_long(_("排版"), lambda _progress: self._station.reading(make)(), made)

    def show_several(self, parent: QWidget, name: str, ids: Sequence[str]) -> None:
        """Make a form of each of several records and show them as one paper."""

        def make(progress: Progress, session: Session, reason: str = "") -> Several:
            papers = []
            for done, id in enumerate(ids):
                progress(done, len(ids), _("排版"))
                papers.append(Paper(forms.make(session, name, id, reason=reason or None)).for_window())
            return Several(papers)

        def plain(show: Callable[[Printed], None]) -> None:
            reason = self._frame.reason()
            if reason:
                self._frame.run_long(_("排版"), lambda progress: revealed(progress, reason), show)

        def revealed(progress: Progress, reason: str) -> Several:
            with self._station.store.applying() as session:  # it logs who looked and why
                return make(progress, session, reason)

        def shown(paper: Several) -> None:
            reveal = plain if CATALOGUE[name].plain else None
            FormPreview(self._frame, parent, paper, self._save_pdf, endings={".pdf": _("存为 PDF")}, plain=reveal).run()

        self._frame.run_long(_("排版"), lambda progress: self._station.reading(lambda session: make(progress, session))(), shown)

    # -- inside -----------------------------------------------------------------------------------

    def _save_pdf(self, paper: Printed, file: Path) -> None:
        done = _("导出 {file}").format(file=file.name)
        self._frame.run_long(done, lambda _progress: write_pdf(paper.afresh(), file), lambda _pages: self._saved(file))

    def _open(self, parent: QWidget, name: str, id: str, paper: Paper, month: str | None, *, own: Mapping[str, Callable[[], None]]) -> None:
        endings = {".pdf": _("存为 PDF"), ".xlsx": _("存为 Excel")}
        if name == "notice_form":
            endings[".html"] = _("存为网页")
        plain = partial(self._plain, name, id, month) if CATALOGUE[name].plain else None
        FormPreview(self._frame, parent, paper, partial(self._save, name), endings=endings, plain=plain, own=own).run()

    def _plain(self, name: str, id: str, month: str | None, show: Callable[[Printed], None]) -> None:
        """Show the form with numbers in full, once a reason is given and kept."""
        reason = self._frame.reason()
        if not reason:
            return

        def make() -> Paper:
            with self._station.store.applying() as session:  # it logs who looked and why
                return Paper(forms.make(session, name, id, month=month, reason=reason)).for_window()

        self._frame.run_long(_("排版"), lambda _progress: make(), show)

    def _save(self, name: str, paper: Printed, file: Path) -> None:
        assert isinstance(paper, Paper)
        form, home = paper.form, self._station.store.home

        def write(session: Session) -> None:
            if file.suffix == ".pdf":
                write_pdf(paper.afresh(), file)
            else:
                forms.write(form, file, name=name, own=forms.own_template(session, home, name))

        self._frame.run_long(
            _("导出 {file}").format(file=file.name), lambda _progress: self._station.reading(write)(), lambda _none: self._saved(file)
        )

    def _saved(self, file: Path) -> None:
        self._frame.message(_("已保存到 {file}").format(file=file.name))

    def _own(self, name: str) -> dict[str, Callable[[], None]]:
        return {
            _("取空白样表…"): lambda: self._blank(name),
            _("换上本县样表…"): lambda: self._keep(name),
            _("恢复原样"): lambda: self._drop(name),
        }

    def _blank(self, name: str) -> None:
        from services.forms import templates

        file = dialogs.save_as(None, _("保存到"), _("{form}样表.xlsx").format(form=_(CATALOGUE[name].title)), "(*.xlsx)")
        if file is not None and self._tried(lambda: templates.blank(name, file)):
            self._frame.message(_("已保存到 {file}").format(file=file.name))

    def _keep(self, name: str) -> None:
        from services.forms import templates

        file = dialogs.open_file(None, _("本县样表"), dialogs.EXCEL)
        if file is not None and self._tried(lambda: templates.keep(self._station.store.home, name, file)):
            self._frame.message(_("已换上，以后存为 Excel 就用这个样表"))

    def _drop(self, name: str) -> None:
        from services.forms import templates

        templates.drop(self._station.store.home, name)
        self._frame.message(_("已恢复原样"))

    def _tried(self, act: Callable[[], object]) -> bool:
        try:
            act()
        except CunzhanError as error:
            self._frame.show_error(error)
            return False
        return True

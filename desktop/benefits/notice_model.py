"""The view model of 公示: lists notices, previews and publishes a new one, records results and objections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Signal

from db.session import Session
from desktop.benefits import presenting
from desktop.benefits.presenting import NoticeLine, SheetShown
from desktop.draft import drafts
from desktop.page import Frame
from desktop.paper.forms import FormPrinter
from desktop.station import Station
from desktop.view_model import ViewModel
from domain.words import _, lazy
from services import attachments, records
from services.claims import notices

_T = TypeVar("_T")


@dataclass(frozen=True)
class Draft:
    """A notice to be published. `claims`: None for all claims that wait for one."""

    start: str
    days: int
    day_kind: str
    place: str
    phone: str
    claims: tuple[str, ...] | None = None


class NoticeModel(ViewModel):
    """The state of the tab."""

    changed = Signal()
    shown = Signal(object)
    """The `SheetShown` of the selected notice, or of the one being written."""
    made = Signal(str)
    done = Signal(str)
    """Something was saved; the message about it."""
    failed = Signal(object)

    def __init__(self, frame: Frame, station: Station, printer: FormPrinter) -> None:
        super().__init__(frame, station)
        self.print, self.drafts = printer.show, drafts(station)
        self.notices: Sequence[NoticeLine] = ()
        self.sheet: SheetShown | None = None

    def load(self) -> None:
        """Load again."""
        self._jobs.run(self._station.reading(_listed), self._listed, self.failed.emit, key="benefits-notices")

    def show(self, id: str) -> None:
        """Load the sheet of a notice."""
        self._jobs.run(lambda: self._station.read(_sheet, id), self._show, self.failed.emit, key="benefits-sheet")

    def preview(self, draft: Draft) -> None:
        """Load the sheet that a notice would have; nothing is saved."""
        self._jobs.run(lambda: self._station.read(_preview, draft), self._show, self.failed.emit, key="benefits-sheet")

    def make(self, draft: Draft) -> None:
        """Publish a notice."""
        self._jobs.run(lambda: self._station.write(lazy("发公示"), _make, draft), self.made.emit, self.failed.emit)

    def close(self, id: str, result: str) -> None:
        """Record the result of a notice."""
        self._keep(lambda: self._station.write(lazy("登记公示结果"), notices.close, id, result), lambda _none: _("公示结果已登记"))

    def object_to(self, id: str, day: str, content: str, *, about: str) -> None:
        """Record an objection; `about`: the name on the notice that it is about, "" if it is about the whole notice."""
        said = _("对{name}：{content}").format(name=about, content=content) if about else content
        values = {"notice_id": id, "on": day, "content": said}
        self._keep(lambda: self._station.write(lazy("登记异议"), records.save, "objection", values), lambda _id: _("异议已登记"))

    def settle(self, objection: str, handled: str) -> None:
        """Record how an objection was handled."""
        values = {"handled": handled}
        done = _("处理情况已登记")
        self._keep(lambda: self._station.write(lazy("处理异议"), records.save, "objection", values, objection), lambda _id: done)

    def attach(self, id: str, files: Sequence[Path]) -> None:
        """Attach photos of the posted notice."""
        label = lazy("添加公示照片")
        self._keep(lambda: self._station.write(label, _attach, id, files), lambda n: _("已有 {n} 张公示照片，会印在结果报告里").format(n=n))

    def _keep(self, work: Callable[[], _T], message: Callable[[_T], str]) -> None:
        self._jobs.run(work, lambda kept: self.done.emit(message(kept)), self.failed.emit)

    def usual(self, level: str) -> tuple[str, str]:
        """Return place and telephone of the latest notice of this level (its label) that this station made; "" if there is none. Notices of
        a township's villages do not count, as objections to them go elsewhere."""
        own = (one.notice for one in self.notices if one.mine and one.notice.shown("level") == level)
        last = max(own, key=lambda notice: notice.start, default=None)
        return (last.place or "", last.phone or "") if last is not None else ("", "")

    def get(self, id: str) -> NoticeLine | None:
        """Return a notice, or None."""
        return next((one for one in self.notices if one.id == id), None)

    def _listed(self, notices: Sequence[NoticeLine]) -> None:
        self.notices = notices
        self.changed.emit()

    def _show(self, sheet: SheetShown) -> None:
        self.sheet = sheet
        self.shown.emit(sheet)


def _listed(session: Session) -> list[NoticeLine]:
    return presenting.notice_lines(session)


def _sheet(session: Session, id: str) -> SheetShown:
    return presenting.sheet_shown(notices.sheet(session, id))


def _preview(session: Session, draft: Draft) -> SheetShown:
    sheet = notices.preview(session, session.role, draft.start, draft.days, **_options(draft))
    return replace(presenting.sheet_shown(sheet), remarks=notices.remarks(session, sheet.notice))


def _make(session: Session, draft: Draft) -> str:
    return notices.make(session, session.role, draft.start, draft.days, **_options(draft))


def _attach(session: Session, id: str, files: Sequence[Path]) -> int:
    attachments.add_all(files, lambda file: attachments.add(session, "notice", id, file))
    return len(attachments.attachments(session, [id]))


def _options(draft: Draft) -> notices.How:
    return {"claim_ids": draft.claims, "day_kind": draft.day_kind, "place": draft.place or None, "phone": draft.phone or None}

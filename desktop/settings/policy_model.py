"""The view model of 设置 → 政策: packs, unset parameters, differences, and comparing two packs person by person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Signal

from db.session import Session
from desktop.jobs import Progress
from desktop.page import Frame
from desktop.settings.policies import ChangeShown, Policies, changes_shown, shown
from desktop.station import Station
from desktop.view_model import ViewModel
from domain import clock
from domain.words import _
from services import policies as packs_here
from services import screening


class PolicyModel(ViewModel):
    """The state of the tab."""

    found = Signal(object)
    compared = Signal()

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.drafts = station.store.role == "county" and station.store.account().role == "admin"
        """Whether the user may export an overlay with the unset parameters."""
        self.changes: Sequence[ChangeShown] = ()
        self.done = False
        """Whether two packs have been compared."""

    def load(self) -> None:
        """Load again."""
        self._jobs.run(self._station.reading(_policies), self.found.emit, key="policies")

    def draft(self, file: Path) -> None:
        """Write an overlay with the unset parameters, to be filled in."""
        message = _("已保存到 {file}，填好以后由县服务器签名下发").format(file=file.name)
        self._jobs.run(lambda: _write(file, self._station.read(_draft)), lambda _n: self._frame.message(message))

    def compare(self, before: str, after: str) -> None:
        """Judge everybody under both packs ("": those in use), with progress and a stop button."""
        self._frame.run_long(_("正在按两个版本比对"), lambda progress: self._station.read(_compare, before, after, progress), self._show)

    def _show(self, changes: Sequence[ChangeShown]) -> None:
        self.changes, self.done = changes, True
        self.compared.emit()


def _write(file: Path, text: str) -> None:
    from services.files import written

    with written(file) as unfinished:
        unfinished.write_text(text, "utf-8")


def _policies(session: Session) -> Policies:
    found = shown(packs_here.here(session), packs_here.used_here(session), clock.today())
    return replace(found, unusable=[one.sentence() for one in packs_here.unusable(session)])


def _compare(session: Session, before: str, after: str, progress: Progress) -> Sequence[ChangeShown]:
    known = packs_here.here(session)
    chosen = [
        packs_here.used_here(session) if not id else packs_here.in_use([one for one in known if one.id == id], known)
        for id in (before, after)
    ]
    changes = screening.compare(session, *chosen, progress=lambda done, total, what: progress(done, total, _(what)))
    return changes_shown(session, changes, known)


def _draft(session: Session) -> str:
    return packs_here.draft(packs_here.used_here(session), session.scope, clock.today())

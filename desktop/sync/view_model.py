"""The view model of 同步."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal

from db import aside, conflicts
from db.session import Session
from desktop.page import Frame
from desktop.station import Station
from desktop.sync import reading
from desktop.sync.exchange_models import ExchangeModel
from desktop.sync.standing import ConflictShown, HeldShown, Plain, SyncStatus
from domain.clock import when
from domain.errors import NotFound, Stopped
from domain.progress import Progress
from domain.records import Person
from domain.words import _, lazy
from services import merging, merging_sure, sheets, suspects
from services.households import households
from services.merging import Match, Merged
from services.sheets import sheet_value
from sync.station import releasing
from sync.station.enrol import enrol
from sync.station.exchange import exchange as exchange_now
from sync.station.result import ExchangeResult

_COSTS = frozenset({"requests", "bytes_sent", "bytes_received", "seconds"})
"""Figures that state the cost of an exchange, not its results."""


class SyncModel(ExchangeModel):
    """The state of sync, and the actions of its tabs."""

    revealed = Signal(object, object)
    """A `ConflictShown` and its values unmasked (`Plain`)."""
    sure = Signal(list)
    """The records that are surely of one person (`Sure`), as asked for."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.standing = SyncStatus()
        self._known = self._asked = self._looked = False
        self.trouble = ""
        """Why the last action failed, as a sentence; empty if it succeeded."""
        self.enrol_trouble = ""

    def load(self) -> None:
        """Load the state."""
        self._jobs.run(self._station.reading(reading.standing), self._read, key="sync-standing")

    def sync_now(self) -> None:
        """Run an exchange on the network's lane, so that the database is not blocked. Before enrolment, show what is missing."""
        if self.busy:
            return
        if not self._known:
            self._asked = True
            return
        if self.standing.practice:
            self._frame.message(_("这里是练习村，不和县里交换。"))
            return
        if not self.standing.enrolled:
            self.enrol_trouble = _("还没有加入县服务器，先填地址和注册码。")
            self.changed.emit()
            return
        self._begin()
        store = self._station.store
        self._frame.run_long(
            _("同步"), lambda progress: exchange_now(store, progress=progress), self._exchanged, self._exchange_failed, lane="net"
        )

    def enrol(self, server: str, code: str) -> None:
        """Join the county with a code; without one, switch to a new address of the same county."""
        if self.busy:
            return
        if not server.strip() or not (code.strip() or (self.standing.server and not self.standing.joining)):
            self.enrol_trouble = _("请填写县里给的服务器地址和注册码。")
            self.changed.emit()
            return
        self._begin()
        self._jobs.run(lambda: enrol(self._station.store, server, code), self._joined, self._not_joined, lane="net")

    def settle(self, conflict: ConflictShown, keep: str | None, value: Any = None) -> None:
        """Decide a conflict: keep `mine` or `theirs`, or use `value` if `keep` is None."""
        sentences = {"mine": _("已定：{use}。"), "theirs": _("已定：{use}。"), None: _("已定：用重新填的值。")}
        use = {"mine": conflict.mine.use, "theirs": conflict.theirs.use}.get(keep or "", "")
        message = sentences[keep].format(use=use) + _("下次同步告诉对方。")
        label = lazy("核对 {title}", title=conflict.title)
        self._do(lambda: self._station.write(label, _settle, conflict, keep, value), message)

    def reveal(self, conflict: ConflictShown, reason: str) -> None:
        """Show the values of a conflict unmasked, after logging the reason."""

        def work() -> Plain:
            self._station.log_view(f"conflict {conflict.kind} {conflict.record_id}", reason)
            return self._station.read(_plain, conflict.id)

        self._jobs.run(work, partial(self.revealed.emit, conflict))

    def save_held(self, path: Path) -> None:
        """Write the held changes as a list."""
        message = _("已写好 {n} 条，放在 {path}")
        self._jobs.run(lambda: self._station.read(_write_held, path), lambda n: self._frame.message(message.format(n=n, path=path)))

    def release(self, one: HeldShown) -> None:
        """Release a held change: make it again."""
        label = lazy("放行 {title}", title=one.title)
        self._do(lambda: self._station.write(label, _release, one), _("已放行，下次同步告诉大家。"))

    def merge(self, match: Match, into: str) -> None:
        """Merge the records of a match into one of them."""
        message = _("已合并。要取消，在本页「疑似同一人」里点「取消合并」。")
        label = lazy("合并 {title}", title=match.records[0].title)
        self._jobs.run(lambda: self._station.write(label, _merge, match, into), lambda left: self._done(message + left))

    def find_sure(self) -> None:
        """Search for the records that are surely of one person."""
        self._jobs.run(self._station.reading(merging_sure.sure), self.sure.emit, key="sync-sure")

    def merge_sure(self) -> None:
        """Merge, as one act, all that are surely of one person."""

        def merge(progress: Progress) -> merging_sure.Done:
            return self._station.write(lazy("合并号码和姓名都相同的"), merging_sure.merge_sure, progress)

        further = _("多出来的户和名下的记录，接着到「今日 → 数据体检」按「删去多记的」。")
        self._frame.run_long(_("合并"), merge, lambda done: self._done(done.text + (further if done.merged else "")))

    def tell_apart(self, match: Match, *, apart: bool) -> None:
        """Record that the records of a match are different people, or list them again."""
        label, message = lazy("核对 {title}", title=match.records[0].title), _("已记为不是同一人。") if apart else _("已重新列为疑似。")
        self._do(lambda: self._station.write(label, _apart, match, apart), message)

    def look(self) -> None:
        """Search for similar people, even among very many."""
        self._looked = True
        self._jobs.run(self._station.reading(suspects.suspects), self._found, key="sync-suspects")

    def _found(self, found: Sequence[Match]) -> None:
        self.standing = replace(self.standing, suspects=found)
        self.changed.emit()

    def unmerge(self, one: Merged) -> None:
        """Undo a merge."""
        label = lazy("取消合并 {title}", title=one.title)
        self._do(lambda: self._station.write(label, merging.unmerge, one.id), _("已取消合并。"))

    def _do(self, work: Callable[[], object], message: str) -> None:
        self._jobs.run(work, lambda _none: self._done(message))

    def _done(self, message: str) -> None:
        self._frame.message(message, undo=True)
        self._frame.records_changed()
        self.load()

    def _read(self, standing: SyncStatus) -> None:
        again = standing.suspects is None and self._looked
        self.standing, self._known = replace(standing, suspects=self.standing.suspects) if again else standing, True
        self.standing = replace(self.standing, aside="\n".join(one.sentence() for one in aside.waiting(self._station.store.home)))
        self.changed.emit()
        if again:
            self.look()
        if self._asked:
            self._asked = False
            self.sync_now()

    def _begin(self) -> None:
        self.trouble = self.enrol_trouble = ""
        super()._begin()

    def _exchanged(self, result: ExchangeResult) -> None:
        nothing = not any(value for name, value in result.figures().items() if name not in _COSTS)
        message = _("同步好了，两边一样，没有新的改动。") if nothing else _("同步好了：{result}").format(result=result.sentence())
        self._frame.message(message)
        self._ended()

    def _exchange_failed(self, error: Exception) -> None:
        if isinstance(error, Stopped):
            self._frame.message(_("已停下。传过去的不会重传，其余都在本机，下次接着传。"))
        else:
            self.trouble = self._fault(error)
        self._ended()

    def _joined(self, device: str) -> None:
        self._frame.message(_("已加入县服务器，接着同步一次。"))
        self._asked = True  # until the exchange, the status line shows 离线, and 同步记录 that the laptop was disabled
        self._ended()

    def _not_joined(self, error: Exception) -> None:
        self.busy, self.enrol_trouble = False, self._fault(error)
        self.changed.emit()


def _settle(session: Session, one: ConflictShown, keep: str | None, value: Any) -> None:
    """Decide a conflict; a third value is set in the form in which a user would type it."""
    if keep is None:
        field = next(c.declaration for c in conflicts.conflicts(session) if c.id == one.id)
        keep = str(sheet_value(field, value, plain=True)) if field is not None else "mine"
    conflicts.resolve(session, one.id, keep)


def _release(session: Session, one: HeldShown) -> None:
    releasing.release(session, releasing.find(session, one.key))


def _merge(session: Session, match: Match, into: str) -> str:
    """Merge them; returns what remains to be done: a household whose head was merged away has no head."""
    gone = [twin.id for twin in match.records if twin.id != into]
    for id in gone:
        merging.merge(session, id, into, compared=match.score > 0)
    left = {session.existing(Person, id).household_id for id in gone}
    headless = [
        home.title for home in (households.home(session, id) for id in sorted(filter(None, left))) if home.head is None and home.members
    ]
    return _("{homes}没有户主了，请在那一户的人页上按 Ctrl+H 换户主。").format(homes=_("、").join(headless)) if headless else ""


def _apart(session: Session, match: Match, apart: bool) -> None:
    (suspects.tell_apart if apart else suspects.list_again)(session, match.records[0].id, match.records[1].id)


def _plain(session: Session, id: str) -> Plain:
    found = next((c for c in conflicts.conflicts(session) if c.id == id), None)
    if found is None:
        raise NotFound(_("这处不一致已经处理过了。"))
    return Plain(found.show(found.mine, plain=True), found.show(found.theirs, plain=True), found.show(found.base, plain=True))


def _write_held(session: Session, path: Path) -> int:
    lines = [(one.title, one.what, one.reason, one.by, when(one.at)) for one in reading.held_shown(session)]
    headings = [_("记录"), _("要做的改动"), _("为什么搁置"), _("谁"), _("时间")]
    return sheets.write_list(path, _("搁置的改动"), headings, lines)

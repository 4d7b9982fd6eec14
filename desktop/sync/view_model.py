"""What the sync page knows and does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop.jobs import Jobs, Progress, RunLong
from desktop.sync.standing import Dispute, Parked, Plain, Standing
from domain.errors import CunzhanError, Stopped
from domain.words import _
from services.merging import Match, Merged
from sync.station.result import ExchangeResult

_COSTS = frozenset({"requests", "bytes_sent", "bytes_received", "seconds"})
"""Figures of an exchange that say what it took, not what it brought."""


@dataclass(frozen=True)
class Uses:
    """What the page needs done."""

    read: Callable[[], Standing]
    exchange: Callable[[Progress], ExchangeResult]
    enrol: Callable[[str, str], str]
    """Server and code; answers this laptop's name at the county."""
    settle: Callable[[Dispute, str | None, Any], None]
    """Keep `mine`, `theirs`, or with None a value of the field that is neither."""
    reveal: Callable[[Dispute, str], Plain]
    """The values unmasked, for a reason that is logged."""
    write_parked: Callable[[Path], int]
    release: Callable[[Parked], None]
    merge: Callable[[Match, str], str]
    """Point the other people of a match at the one with that id."""
    suspects: Callable[[], Sequence[Match]]
    """People who are alike without having one number."""
    apart: Callable[[Match, bool], None]
    """Keep whether the records of a match are of two people."""
    unmerge: Callable[[Merged], None]


class SyncModel(QObject):
    """How things stand with the county, and the ways to go on."""

    changed = Signal()
    """`standing`, `busy` or `trouble` is another."""
    said = Signal(str)
    """A sentence about something done."""
    moved = Signal()
    """Records or decisions were written."""
    revealed = Signal(object, object)
    """A dispute and its values unmasked."""

    def __init__(self, jobs: Jobs, run_long: RunLong, uses: Uses) -> None:
        super().__init__()
        self._jobs, self._run_long, self._uses = jobs, run_long, uses
        self.standing = Standing()
        self.busy = False
        self._known = self._asked = self._looked = False
        self.trouble = ""
        """Why the last thing asked for did not work, as a sentence; empty when it did."""
        self.enrol_trouble = ""

    def load(self) -> None:
        """Look how things stand."""
        self._jobs.run(self._uses.read, self._read, key="sync-standing")

    def sync_now(self) -> None:
        """One whole exchange, off the database's lane, so that nobody waits for the network. Before enrolment: say what is missing."""
        if self.busy:
            return
        if not self._known:
            self._asked = True
            return
        if self.standing.practice:
            self.said.emit(_("这里是练习村，不和县里交换。"))
            return
        if not self.standing.enrolled:
            self.enrol_trouble = _("还没有加入县服务器，先填地址和注册码。")
            self.changed.emit()
            return
        self._begin()
        self._run_long(_("同步"), self._uses.exchange, self._exchanged, self._broke, lane="net")

    def enrol(self, server: str, code: str) -> None:
        """Join the county with a code."""
        if self.busy:
            return
        if not server.strip() or not code.strip():
            self.enrol_trouble = _("请填写县里给的服务器地址和注册码。")
            self.changed.emit()
            return
        self._begin()
        self._jobs.run(lambda: self._uses.enrol(server, code), self._joined, self._not_joined, lane="net")

    def settle(self, dispute: Dispute, keep: str | None, value: Any = None) -> None:
        """Decide a conflict: keep `mine` or `theirs`, or (None) `value`."""
        sentences = {"mine": _("已定：{use}。"), "theirs": _("已定：{use}。"), None: _("已定：用重新填的值。")}
        use = {"mine": dispute.mine.use, "theirs": dispute.theirs.use}.get(keep or "", "")
        told = sentences[keep].format(use=use) + _("下次同步告诉对方。")

        self._do(lambda: self._uses.settle(dispute, keep, value), told)

    def reveal(self, dispute: Dispute, reason: str) -> None:
        """Show the values of a dispute unmasked."""
        self._jobs.run(lambda: self._uses.reveal(dispute, reason), partial(self.revealed.emit, dispute))

    def save_parked(self, path: Path) -> None:
        """Write the held changes as a list."""
        told = _("已写好 {n} 条，放在 {path}")
        self._jobs.run(lambda: self._uses.write_parked(path), lambda n: self.said.emit(told.format(n=n, path=path)))

    def release(self, one: Parked) -> None:
        """Make a held change again."""
        self._do(lambda: self._uses.release(one), _("已放行，下次同步告诉大家。"))

    def merge(self, match: Match, into: str) -> None:
        """Join the records of a match into one of them."""
        told = _("已合并。要取消，在本页「疑似同一人」里点「取消合并」。")
        self._jobs.run(lambda: self._uses.merge(match, into), lambda left: self._done(told + left))

    def tell_apart(self, match: Match, apart: bool) -> None:
        """Keep that the records of a match are of two people, or list them again."""
        self._do(lambda: self._uses.apart(match, apart), _("已记为不是同一人。") if apart else _("已重新列为疑似。"))

    def look(self) -> None:
        """Look for people who are alike, also among very many."""
        self._looked = True
        self._jobs.run(self._uses.suspects, self._found, key="sync-suspects")

    def _found(self, suspects: Sequence[Match]) -> None:
        self.standing = replace(self.standing, suspects=suspects)
        self.changed.emit()

    def unmerge(self, one: Merged) -> None:
        """Take a merging back."""
        self._do(lambda: self._uses.unmerge(one), _("已取消合并。"))

    def _do(self, work: Callable[[], None], told: str) -> None:
        self._jobs.run(work, lambda _none: self._done(told))

    def _done(self, told: str) -> None:
        self.said.emit(told)
        self.moved.emit()
        self.load()

    # -- inside -----------------------------------------------------------------------------------

    def _read(self, standing: Standing) -> None:
        again = standing.suspects is None and self._looked
        self.standing, self._known = replace(standing, suspects=self.standing.suspects) if again else standing, True
        self.changed.emit()
        if again:
            self.look()
        if self._asked:
            self._asked = False
            self.sync_now()

    def _begin(self) -> None:
        self.busy, self.trouble, self.enrol_trouble = True, "", ""
        self.changed.emit()

    def _exchanged(self, result: ExchangeResult) -> None:
        self.busy = False
        nothing = not any(value for name, value in result.figures().items() if name not in _COSTS)
        self.said.emit(_("同步好了，两边一样，没有新的改动。") if nothing else _("同步好了：{result}").format(result=result.sentence()))
        self.moved.emit()
        self.load()

    def _broke(self, error: Exception) -> None:
        self.busy = False
        if isinstance(error, Stopped):
            self.said.emit(_("已停下。传过去的不会重传，其余都在本机，下次接着传。"))
        elif isinstance(error, CunzhanError):
            self.trouble = str(error)
        else:
            self._jobs.failed.emit(error)
        self.moved.emit()
        self.changed.emit()
        self.load()

    def _joined(self, device: str) -> None:
        self.busy = False
        self.said.emit(_("已在县里注册，可以同步了。"))
        self.moved.emit()
        self.load()

    def _not_joined(self, error: Exception) -> None:
        self.busy = False
        if isinstance(error, CunzhanError):
            self.enrol_trouble = str(error)
        else:
            self._jobs.failed.emit(error)
        self.changed.emit()

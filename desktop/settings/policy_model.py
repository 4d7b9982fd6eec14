"""What 设置 → 政策 shows and does: packs, what they leave open, where they differ, and two of them compared person by person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop.jobs import Progress
from desktop.page import Frame
from desktop.widgets.ledger_table import Source
from desktop.widgets.listed import Listed, source
from domain.words import _


@dataclass(frozen=True)
class PackShown:
    """A policy pack. `state` with its tone: in use, not switched on, over, not yet."""

    id: str
    version: str
    title: str
    where: str
    dates: str
    source: str
    origin: str
    state: str
    tone: str


@dataclass(frozen=True)
class Unset:
    """A parameter nobody has set; answers that hang on it say 参数未配置."""

    rule: str
    label: str
    suggested: str


@dataclass(frozen=True)
class Departure:
    """A parameter in which an overlay departs from what it is built on."""

    pack: str
    rule: str
    label: str
    base: str
    own: str


@dataclass(frozen=True)
class Policies:
    """Everything the tab shows at first."""

    packs: Sequence[PackShown]
    unset: Sequence[Unset]
    departures: Sequence[Departure]
    unusable: Sequence[str] = ()
    """Sentences about packs the county signed and this program cannot use."""


@dataclass(frozen=True)
class ChangeShown:
    """What another pack makes of one person; `difference` in fen."""

    id: str
    person_id: str
    row: Mapping[str, str]
    difference: int


@dataclass(frozen=True)
class PolicyUses:
    """What the tab needs done; both wait for the database."""

    policies: Callable[[], Policies]
    compare: Callable[[str, str, Progress], Sequence[ChangeShown]]
    draft: Callable[[], str] | None = None
    """An overlay to be filled in with what is unset, as text; None where it is not for this station to set anything."""
    """`compare(before, after)`: ids of packs, "" for those in use."""


class PolicyModel(QObject):
    """The state behind the tab."""

    found = Signal(object)
    compared = Signal()

    def __init__(self, frame: Frame, uses: PolicyUses) -> None:
        super().__init__()
        self._frame, self._uses = frame, uses
        self.changes: Sequence[ChangeShown] = ()
        self.done = False
        """Whether two packs have been compared."""

    def load(self) -> None:
        """Look again."""
        self._frame.jobs.run(self._uses.policies, self.found.emit, key="policies")

    def draft(self, file: Path) -> None:
        """Write an overlay to be filled in."""
        work = self._uses.draft
        if work is not None:
            told = _("已保存到 {file}，填好以后由县服务器签名下发").format(file=file.name)
            self._frame.jobs.run(lambda: _write(file, work()), lambda _n: self._frame.message(told))

    @property
    def drafts(self) -> bool:
        """Whether parameters are set from here."""
        return self._uses.draft is not None

    def compare(self, before: str, after: str) -> None:
        """Judge everybody under both, with progress and a stop button."""
        work = self._uses.compare
        self._frame.run_long(_("正在按两个版本比对"), lambda progress: work(before, after, progress), self._show)

    def source(self) -> Source:
        """The list of what changes."""
        return source(lambda _view: [Listed({"id": one.id, **one.row}, {"difference": one.difference}) for one in self.changes])

    def _show(self, changes: Sequence[ChangeShown]) -> None:
        self.changes, self.done = changes, True
        self.compared.emit()


def _write(file: Path, text: str) -> None:
    from services.files import written

    with written(file) as unfinished:
        unfinished.write_text(text, "utf-8")

"""What one person's page shows and does. Knows neither session nor widget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal

from desktop.jobs import Jobs
from desktop.people.shown import PersonShown
from desktop.record_model import RecordModel, Records
from desktop.widgets.verdict_card import Verdicts, VerdictShown
from domain.fields import KINDS
from domain.words import _


@dataclass(frozen=True)
class PersonUses:
    """What the page needs done; every call waits for the database."""

    show: Callable[[str, bool, int], PersonShown | None]
    """The page of a person, plain or masked, with the wages of an income period (0: the latest); None when there is no such person."""
    records: Records
    undelete: Callable[[str], None]
    repeat_check: Callable[[str], str]
    """与上月相同 for this month; answers what was filled in, "" when there is nothing to repeat."""
    log_view: Callable[[str, str], None]
    """Remember that a person was seen plain, and why."""
    verdicts: Callable[[str], Verdicts]
    file: Callable[[VerdictShown], str]
    """File the claim a card offers; answers its id."""
    explain: Callable[[Sequence[str], str], None] = lambda _changes, _reason: None
    """Write why these changes were made, for who confirms them."""


class PersonModel(RecordModel):
    """The state behind the page."""

    found = Signal(object)
    """PersonShown."""
    gone = Signal()
    """The person is not there any more."""
    deleted = Signal()
    """The person shown, by this window."""
    judged = Signal(object)
    """Verdicts of the person shown."""

    def __init__(self, jobs: Jobs, uses: PersonUses) -> None:
        super().__init__(jobs, uses.records)
        self._uses = uses
        self.id = ""
        self.plain = False
        self.year = 0
        self.shown: PersonShown | None = None

    def open(self, id: str) -> None:
        """Show another person, masked."""
        self.id, self.plain, self.year, self.shown = id, False, 0, None
        self.reload()

    def reload(self) -> None:
        """Look at the person again."""
        id, plain, year = self.id, self.plain, self.year
        self._jobs.run(lambda: self._uses.show(id, plain, year), lambda shown: self._show(id, shown), key="person")
        self._jobs.run(lambda: self._uses.verdicts(id), lambda found: self._judge(id, found), key="person-verdicts")

    def file(self, shown: VerdictShown) -> None:
        """File the claim a card offers."""
        self.act(lambda: self._uses.file(shown), lambda _id: _("已提出申请：{name}").format(name=shown.name))

    def explain(self, reason: str) -> None:
        """Write why the user changed what waits to be confirmed."""
        changes = self.shown.to_explain if self.shown is not None else ()
        self.act(lambda: self._uses.explain(changes, reason), lambda _none: _("原因已记下，同步后乡镇看得到"))

    def close(self) -> None:
        """Nobody is looked at any more; what is still on its way is not shown."""
        self.id, self.shown = "", None

    def show_wages_of(self, year: int) -> None:
        """Show the wages of another income period."""
        self.year = year
        self.reload()

    def reveal(self, reason: str) -> None:
        """Show numbers plain; who, whom and why is kept first."""
        id = self.id

        def kept(_none: None) -> None:
            if self.id == id:
                self.plain = True
                self.reload()

        self._jobs.run(lambda: self._uses.log_view(id, reason), kept)

    def mask(self) -> None:
        """Mask them again."""
        self.plain = False
        self.reload()

    def said_of(self, kind: str) -> str:
        """What is said once the person, or something of theirs, is saved."""
        return _("修改已保存") if kind == "person" else _("{what}已保存").format(what=_(KINDS[kind].label))

    def delete_shown(self) -> None:
        """Delete the person; 撤销 brings them back."""
        id, name = self.id, self.shown.name if self.shown else ""

        def done(said: str) -> None:
            self.deleted.emit()
            self.said.emit(said or _("已删除 {name}").format(name=name), True)

        self._jobs.run(lambda: self._records.delete("person", [id]), done)

    def undelete(self) -> None:
        """Bring a deleted person back."""
        id = self.id
        self._jobs.run(lambda: self._uses.undelete(id), lambda _none: self.reload())

    def repeat_check(self) -> None:
        """This month as last month."""
        id = self.id
        self._jobs.run(lambda: self._uses.repeat_check(id), self._checked)

    def _checked(self, told: str) -> None:
        self.reload()
        self.said.emit(told or _("没有可以照填的：本月已填，或上月没有填"), bool(told))

    def _show(self, id: str, shown: PersonShown | None) -> None:
        if id != self.id:
            return
        if shown is None:
            self.gone.emit()
            return
        self.shown = shown
        self.found.emit(shown)

    def _judge(self, id: str, found: Verdicts) -> None:
        if id == self.id:
            self.judged.emit(found)

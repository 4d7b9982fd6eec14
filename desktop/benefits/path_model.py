"""What 办理 shows and does: where claims stand, and the steps this station may take. Knows neither session nor widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.attachment_model import AttachmentModel, AttachmentUses
from desktop.jobs import Progress
from desktop.page import Frame
from desktop.widgets.ledger_table import View
from desktop.widgets.listed import Listed
from domain.money import yuan_grouped
from domain.words import N_, _


@dataclass(frozen=True)
class Group:
    """A column of the path: its word, and the states that stand in it."""

    key: str
    word: str
    states: tuple[str, ...]


GROUPS = (
    Group("returned", N_("退回补正"), ("returned",)),
    Group("draft", N_("草稿"), ("draft",)),
    Group("village", N_("村级"), ("village_reviewed", "village_notice")),
    Group("township", N_("乡镇"), ("township_reviewed", "township_notice")),
    Group("county", N_("县级"), ("county_review", "county_notice")),
    Group("approved", N_("待拨付"), ("approved",)),
    Group("paid", N_("已拨付"), ("paid",)),
    Group("ended", N_("已结束"), ("refused", "withdrawn", "recovered")),
)
"""What came back stands first: it waits for somebody here."""


UNIT_FORMS = frozenset({"employer_application"})
STATES_OF = {"refusal_note": ("returned", "refused"), "recovery_note": ("paid", "recovered")}
"""Forms for claims in some states only."""
PERSONAL_FORMS = frozenset({"application", "delegation", "work_proof", "work_statement"})


@dataclass(frozen=True)
class Taken:
    """A step as it was taken, in words."""

    state: str
    by: str
    at: str
    opinion: str


@dataclass(frozen=True)
class ClaimLine:
    """A claim. `amount` in fen; `next` are the states this station and user may take it to, those of the path first; `waits`: for
    somebody of this level; `bounced`: what the bank said when it could not pay."""

    id: str
    name: str
    group: str
    item: str
    article: str
    year: int
    amount: int
    state: str
    state_label: str
    tone: str
    since: str
    reason: str
    bounced: str
    missing: Sequence[str]
    person_id: str
    employer_id: str
    next: Sequence[str]
    waits: bool
    taken: Sequence[Taken]
    unsigned: bool | None = None
    """Whether its application form has still to come back signed; None where it needs none."""
    died: str = ""
    """The day on which whoever is to be paid died, while nobody else is named and nothing is settled."""

    @property
    def listed(self) -> Listed:
        """The line of the list."""
        row = {
            "id": self.id,
            "reason": self.reason,
            "name": self.name,
            "group": self.group,
            "item": self.item,
            "year": str(self.year),
            "amount": yuan_grouped(self.amount),
            "state": self.state_label,
            "since": self.since,
            "signed": "" if self.unsigned is None else _("未收回") if self.unsigned else _("已收回"),
            "missing": _("、").join(self.missing),
        }
        return Listed(row, {"amount": self.amount})


@dataclass(frozen=True)
class PathUses:
    """What the tab needs done; both wait for the database."""

    claims: Callable[[], Sequence[ClaimLine]]
    step: Callable[[Sequence[str], str, str, Progress], int]
    """`step(claim ids, state, opinion)` takes all of them there as one act, or none; answers how many."""
    short: Callable[[Sequence[str]], str]
    """What to tell who approves these claims about the funds they are paid from; "" when they suffice."""
    forms: Mapping[str, str]
    """Forms of a claim by name, with their titles; `workshop_forms` those of the unit that claims."""
    workshop_forms: Mapping[str, str]
    print: Callable[[QWidget, str, str], None]
    """`print(parent, form, id)` shows a form as it will be printed; "" for those of the whole station."""
    print_several: Callable[[QWidget, str, Sequence[str]], None]
    """`print_several(parent, form, ids)` shows those of several claims as one paper."""
    materials: AttachmentUses
    dossier: Callable[[str, Path, str], str]
    """`dossier(claim id, file, reason)` writes everything about a claim; answers a sentence."""


class PathModel(QObject):
    """The state behind the tab."""

    changed = Signal()
    stepped = Signal(str, int)
    """State and how many claims were taken there."""

    def __init__(self, frame: Frame, uses: PathUses) -> None:
        super().__init__()
        self._frame, self._uses = frame, uses
        self.materials = AttachmentModel(frame.jobs, uses.materials)
        self.materials.setParent(self)
        self.claims: Sequence[ClaimLine] = ()
        self._by_id: Mapping[str, ClaimLine] = {}

    def load(self) -> None:
        """Look again."""
        self._frame.jobs.run(self._uses.claims, self._show, key="benefits-claims")

    def short(self, ids: Sequence[str], then: Callable[[str], None]) -> None:
        """Ask whether the funds suffice for claims; `then` gets what is to be told."""
        self._frame.jobs.run(lambda: self._uses.short(ids), then)

    def step(self, ids: Sequence[str], state: str, opinion: str) -> None:
        """Take claims to a state."""
        work = self._uses.step

        def refused(error: Exception) -> None:
            self.load()  # somebody else may have taken one of them there
            self._frame.show_error(error)

        taking = _("正在办理")
        self._frame.run_long(taking, lambda progress: work(ids, state, opinion, progress), lambda n: self.stepped.emit(state, n), refused)

    def forms_of(self, claim: ClaimLine) -> dict[str, tuple[str, str]]:
        """The forms there are for a claim, by their titles: name and the id it is made of."""
        left_out = UNIT_FORMS if not claim.employer_id else PERSONAL_FORMS
        left_out |= {name for name, states in STATES_OF.items() if claim.state not in states}
        found = {title: (name, claim.id) for name, title in self._uses.forms.items() if name not in left_out}
        if claim.employer_id:
            found |= {title: (name, claim.employer_id) for name, title in self._uses.workshop_forms.items()}
        return found

    def print(self, parent: QWidget, form: str, id: str = "") -> None:
        """Show a form as it will be printed."""
        self._uses.print(parent, form, id)

    def print_each(self, parent: QWidget, form: str, claim: ClaimLine, marked: Sequence[str]) -> None:
        """Show a form of a claim, or where several are marked one of each it is made for."""
        chosen = [one for id in marked if (one := self.get(id)) is not None and (form, id) in self.forms_of(one).values()]
        if len(chosen) > 1 and claim in chosen:
            self._uses.print_several(parent, form, [one.id for one in chosen])
        else:
            self.print(parent, form, dict(self.forms_of(claim).values())[form])

    def dossier(self, claim: ClaimLine, file: Path) -> None:
        """Write everything about a claim into one file, once a reason is given: numbers stand in it in full."""
        reason, write = self._frame.reason(), self._uses.dossier
        if reason:
            self._frame.run_long(_("审计包"), lambda _progress: write(claim.id, file, reason), self._frame.message)

    def lines(self, view: View) -> list[Listed]:
        """The lines of a view: the filter `column`."""
        return [one.listed for one in self.of(view.filters.get("column", ""))]

    def of(self, key: str) -> list[ClaimLine]:
        """The claims of a column; "" means all."""
        states = next((group.states for group in GROUPS if group.key == key), None)
        return [one for one in self.claims if states is None or one.state in states]

    def first(self) -> str:
        """The column to begin with: the first with something that waits here, else the first with anything, else the drafts."""
        waiting = (group.key for group in GROUPS if any(one.waits for one in self.of(group.key)))
        return next(waiting, "") or next((group.key for group in GROUPS if self.of(group.key)), "draft")

    def get(self, id: str) -> ClaimLine | None:
        """A claim."""
        return self._by_id.get(id)

    def counts(self) -> Mapping[str, tuple[int, int]]:
        """How many claims stand in each column, and their sum in fen."""
        return {group.key: (len(found := self.of(group.key)), sum(one.amount for one in found)) for group in GROUPS}

    def steps_of(self, ids: Sequence[str]) -> list[str]:
        """The states all of these may be taken to, those of the path first."""
        chosen = [found for id in ids if (found := self.get(id)) is not None]
        return [state for state in chosen[0].next if all(state in one.next for one in chosen)] if chosen else []

    def _show(self, claims: Sequence[ClaimLine]) -> None:
        self.claims, self._by_id = claims, {one.id: one for one in claims}
        self.changed.emit()

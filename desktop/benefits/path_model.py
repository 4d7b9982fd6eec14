"""The view model of 办理: the state of all claims, and the steps this station may take."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal

from db import wrong_clock
from db.session import Session
from desktop.attachment_model import AttachmentModel
from desktop.benefits import presenting
from desktop.benefits.presenting import ClaimLine, whose
from desktop.jobs import Progress
from desktop.page import Frame
from desktop.paper.forms import FormPrinter
from desktop.station import Station
from desktop.view_model import ViewModel
from desktop.widgets import dialogs
from desktop.widgets.ledger_table import View
from domain.claims import state_label
from domain.records import Claim
from domain.words import N_, _, lazy
from services import attachments, policies
from services.claims import cautions, materials, steps
from services.claims.materials import Material


@dataclass(frozen=True)
class Group:
    """A stage of the path: its label and the states it covers."""

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
"""Returned claims come first: they wait for somebody here."""


UNIT_FORMS = frozenset({"employer_application"})
STATES_OF = {"refusal_note": ("returned", "refused"), "recovery_note": ("paid", "recovered")}
"""Forms that exist only for claims in some states."""
PERSONAL_FORMS = frozenset({"application", "delegation", "work_proof", "work_statement"})


class PathModel(ViewModel):
    """The state of the tab."""

    changed = Signal()
    stepped = Signal(str, int, list)
    """A state, how many claims were moved to it, and sentences on those whose amount changed."""

    def __init__(self, frame: Frame, station: Station, printer: FormPrinter) -> None:
        super().__init__(frame, station)
        self._printer, self.print, self.print_several = printer, printer.show, printer.show_several
        self.materials = MaterialsModel(frame, station)
        self.materials.setParent(self)
        self.claims: Sequence[ClaimLine] = ()
        self.clock = ""
        """What to say of the computer's clock before a step; "" if nothing is wrong."""
        self._by_id: Mapping[str, ClaimLine] = {}

    def load(self) -> None:
        """Load again."""
        self._jobs.run(self._station.reading(_claims), self._show, key="benefits-claims")

    def check_funds(self, ids: Sequence[str], then: Callable[[str], None]) -> None:
        """Find what to warn about before these claims are approved, such as short funds; `then` gets the text."""
        self._jobs.run(lambda: self._station.read(cautions.before_approval, ids), then)

    def step(self, ids: Sequence[str], state: str, opinion: str) -> None:
        """Move claims to a state: all as one act, or none."""
        label = lazy("{n} 笔申请到「{state}」", n=len(ids), state=state_label(state))

        def work(progress: Progress) -> list[str]:
            return self._station.write(label, steps.step_all, ids, state, opinion or None, progress)

        def refused(error: Exception) -> None:
            self.load()  # somebody else may have moved one of them meanwhile
            self._frame.show_error(error)

        self._frame.run_long(_("正在办理"), work, lambda changed: self.stepped.emit(state, len(ids), changed), refused)

    def forms_of(self, claim: ClaimLine) -> dict[str, tuple[str, str]]:
        """Return the forms available for a claim: by title, the form's name and the id of the record it is about."""
        employer = claim.claim.employer_id
        left_out = UNIT_FORMS if not employer else PERSONAL_FORMS
        left_out |= {name for name, states in STATES_OF.items() if claim.state not in states}
        left_out -= {"recovery_note"} if claim.amount < 0 else set()  # a part is to be paid back
        found = {title: (name, claim.id) for name, title in self._printer.offered("claim").items() if name not in left_out}
        if employer:
            found |= {title: (name, employer) for name, title in self._printer.offered("employer").items()}
        return found

    def records_of(self, form: str, claim: ClaimLine, marked: Sequence[str]) -> list[str]:
        """The ids of the records of which a form is printed for a claim: of all claims `marked` that have the form, if it is among them."""
        chosen = [id for id in marked if (one := self.get(id)) is not None and (form, id) in self.forms_of(one).values()]
        return chosen if claim.id in chosen else [dict(self.forms_of(claim).values())[form]]

    def dossier(self, claim: ClaimLine, file: Path) -> None:
        """Write everything about a claim into one file, after asking for a reason, as numbers are not masked in it."""
        reason = self._frame.reason(dialogs.INSPECTION)
        if reason:
            self._frame.run_long(_("审计包"), lambda _progress: _dossier(self._station, claim.id, file, reason), self._frame.message)

    def lines(self, view: View) -> list[ClaimLine]:
        """The rows of a view; its filter is `column`."""
        return self.of(view.filters.get("column", ""))

    def of(self, key: str) -> list[ClaimLine]:
        """The claims of a stage; "" means all."""
        states = next((group.states for group in GROUPS if group.key == key), None)
        return [one for one in self.claims if states is None or one.state in states]

    def first(self) -> str:
        """The stage to show first: the first with claims waiting here, else the first with claims, else the drafts."""
        waiting = (group.key for group in GROUPS if any(one.waits for one in self.of(group.key)))
        return next(waiting, "") or next((group.key for group in GROUPS if self.of(group.key)), "draft")

    def get(self, id: str) -> ClaimLine | None:
        """Return a claim, or None."""
        return self._by_id.get(id)

    def counts(self) -> Mapping[str, tuple[int, int]]:
        """Return the number of claims in each stage, and their sum in fen."""
        return {group.key: (len(found := self.of(group.key)), sum(one.amount for one in found)) for group in GROUPS}

    def whose(self, ids: Sequence[str]) -> str:
        """Name whose claims these are."""
        chosen = [found for id in ids if (found := self.get(id)) is not None]
        return whose([one.name for one in chosen], sum(one.amount for one in chosen))

    def steps_of(self, ids: Sequence[str]) -> list[str]:
        """Return the states all of these claims may be moved to, those of the path first."""
        chosen = [found for id in ids if (found := self.get(id)) is not None]
        return [state for state in chosen[0].next if all(state in one.next for one in chosen)] if chosen else []

    def _show(self, loaded: tuple[Sequence[ClaimLine], str]) -> None:
        self.claims, self.clock = loaded
        self._by_id = {one.id: one for one in self.claims}
        self.changed.emit()


def _claims(session: Session) -> tuple[Sequence[ClaimLine], str]:
    return presenting.claim_lines(session, policies.rules(session)), wrong_clock.warning(session)


def _dossier(station: Station, id: str, file: Path, reason: str) -> str:
    from services.dossier import dossier
    from services.reports.sealed import Signer
    from sync.replica.audit import verify
    from sync.station.report_keys import signing

    checked = station.reading(verify)().sentence()
    with station.store.applying() as session:  # records who looked and why
        found = signing(session)
        signer = None if found is None else Signer(*found)
        made = dossier.write(session, id, file, home=station.store.home, reason=reason, verified=checked, signer=signer)
    return made.sentence(file)


class MaterialsModel(AttachmentModel):
    """The documents of a claim."""

    removing = N_("删除材料")

    def _listed(self, id: str) -> list[Material]:
        return self._station.read(_materials, id)

    def _add(self, id: str, document: str, files: Sequence[Path]) -> int:
        def add(session: Session) -> int:
            return attachments.add_all(files, lambda file: attachments.add(session, "claim", id, file, called=document))

        return self._station.write(lazy("附材料 {what}", what=document or files[0].name), add)


def _materials(session: Session, claim_id: str) -> list[Material]:
    claim = session.get(Claim, claim_id)
    rule = policies.rules(session).of(claim.pack, claim.rule) if claim is not None else None
    return materials.materials(session, claim, rule.documents if rule else ()) if claim is not None else []

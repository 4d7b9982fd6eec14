"""The view models of 应享未享, which screens everybody and files claims, and of 办理: the state of all claims, and the steps this station
may take."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal

from db import wrong_clock
from db.session import Session
from desktop.benefits import presenting
from desktop.benefits.presenting import UNCLAIMED, ClaimLine, ScreeningLine, whose
from desktop.jobs import Progress
from desktop.page import Frame
from desktop.paper.forms import FormPrinter
from desktop.station import Station
from desktop.view_model import AttachmentModel, ViewModel
from desktop.widgets import dialogs
from desktop.widgets.ledger_table import View
from desktop.wiring.verdicts import file_claim
from domain.claims import state_label
from domain.errors import DomainError
from domain.records import Claim
from domain.words import N_, _, lazy
from services import attachments, policies, screening
from services.claims import cautions, claims, materials, steps, verdicts
from services.claims.materials import Material


@dataclass(frozen=True)
class Filed:
    """The result of filing a batch: the number of claims filed, why others were not, and what to say of the computer's clock, or ""."""

    count: int
    refused: Sequence[str]
    clock: str = ""


class ScreeningModel(ViewModel):
    """The state of the tab."""

    changed = Signal()
    filed = Signal(object)
    approved = Signal(int, bool)
    """The number of claims whose difference was approved, and whether it is to be paid back."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.found: Sequence[ScreeningLine] = ()
        self._by_id: Mapping[str, ScreeningLine] = {}
        self.pays = station.store.role == "county"
        """Whether this station pays, and so may settle the difference of paid claims."""
        self.over = ""
        self.done = False
        """Whether everybody has been screened since records last changed."""
        self.stopped = False
        self._busy = self._outdated = self._again = False

    def outdate(self) -> None:
        """Records changed: neither what is shown nor what is being screened is current."""
        self.done, self._outdated = False, True

    def screen(self) -> None:
        """Screen everybody, with progress and a stop button; once more if records changed while it is under way."""
        if self._busy:
            self._again = self._outdated
            return
        self._busy, self.stopped, self._outdated, self._again = True, False, False, False
        self._frame.run_long(
            _("正在筛查应享未享"), lambda progress: self._station.read(_screen, progress), self._screened, self._screening_failed
        )

    def file(self, chosen: Sequence[ScreeningLine]) -> None:
        """File the chosen claims, as one act; if stopped, none is filed."""
        label = lazy("提出补助申请 {n} 笔", n=len(chosen))
        self._frame.run_long(_("正在提出申请"), lambda progress: self._station.write(label, _file, chosen, progress), self.filed.emit)

    def approve(self, chosen: Sequence[ScreeningLine], opinion: str | None = None) -> None:
        """Approve that the chosen paid claims get the difference, or with an `opinion` that it is paid back: all as one act, or none."""
        label = lazy("核定追回 {n} 笔", n=len(chosen)) if opinion else lazy("核定补发 {n} 笔", n=len(chosen))
        ids = [one.shown.claim_id for one in chosen]

        def work(progress: Progress) -> int:
            self._station.write(label, steps.step_all, ids, "approved", opinion, progress)
            return len(ids)

        self._frame.run_long(_("正在办理"), work, lambda count: self.approved.emit(count, bool(opinion)))

    def of(self, status: str) -> list[ScreeningLine]:
        """Return the findings of one list."""
        return [one for one in self.found if one.status == status]

    def lines(self, view: View) -> list[ScreeningLine]:
        """The rows of a view; its filters are `status`, `rule` and `year`, "" for any."""
        status, rule, year = (view.filters.get(name, "") for name in ("status", "rule", "year"))
        found = self.of(status or UNCLAIMED)
        return [one for one in found if rule in ("", one.shown.rule) and year in ("", str(one.shown.year))]

    def get(self, id: str) -> ScreeningLine | None:
        """Return a finding, or None."""
        return self._by_id.get(id)

    def _screened(self, found: tuple[Sequence[ScreeningLine], str]) -> None:
        (self.found, self.over), self.done, self._busy = found, not self._outdated, False
        self._by_id = {one.id: one for one in reversed(self.found)}  # of two findings with one id, keep the larger sum, which comes first
        self.changed.emit()
        if self._again:
            self.screen()

    def _screening_failed(self, error: Exception) -> None:
        self._busy, self.stopped = False, True
        self._frame.show_error(error)


def _screen(session: Session, progress: Progress) -> tuple[Sequence[ScreeningLine], str]:
    """The findings of the lists, and the day since which no policy pack is in force; "" if one is."""
    packs = policies.used_here(session)
    found = screening.screen(session, packs=packs, progress=lambda done, total, what: progress(done, total, _(what)))
    return presenting.findings(session, found, packs), policies.over(packs, session.today)


def _file(session: Session, chosen: Sequence[ScreeningLine], progress: Progress) -> Filed:
    refused, clock = [], wrong_clock.warning(session)
    for number, one in enumerate(chosen):
        progress(number, len(chosen), one.name)
        try:
            file_claim(session, one.shown)
        except DomainError as error:
            refused.append(f"{one.name}：{error}")
    return Filed(len(chosen) - len(refused), refused, clock)


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
    Group("bank", N_("等银行"), ("bank",)),
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

    def warn(self, ids: Sequence[str], state: str, then: Callable[[tuple[str, Sequence[tuple[str, str]]]], None]) -> None:
        """Find what to warn about before claims are moved to a state: `then` gets a text, on short funds and such, and the names of those
        whose verdict is another than at filing, with both verdicts."""
        if state in steps.REVIEWS:
            self._jobs.run(lambda: self._station.read(_warnings, ids, state), then)
        else:
            then(("", ()))

    def look_at(self, id: str, then: Callable[[str], None]) -> None:
        """Find whether today's verdict on a claim is another than at filing; `then` gets the text, or ""."""
        self._jobs.run(lambda: self._station.read(_undecided, id), then, key="benefits-verdict")

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
        return [one for one in self.claims if states is None or one.stage in states]

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


def _warnings(session: Session, ids: Sequence[str], state: str) -> tuple[str, Sequence[tuple[str, str]]]:
    return cautions.before_approval(session, ids) if state == "approved" else "", cautions.judged_otherwise(session, ids)


def _undecided(session: Session, id: str) -> str:
    return verdicts.undecided(session, [claims.standing(session, id)]).get(id, "")


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

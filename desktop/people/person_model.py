"""The view model of a person's page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Signal

from db.session import Session
from desktop.page import Frame
from desktop.people.presenting import PersonShown
from desktop.people.view_model import deleting
from desktop.station import Station
from desktop.view_model import AttachmentModel, RecordModel, Values
from desktop.widgets.verdict_card import Verdicts, VerdictShown
from desktop.wiring.verdicts import VerdictSource
from domain import clock
from domain.errors import NotFound
from domain.fields import KINDS
from domain.periods import income_period, income_year
from domain.records import MonthlyCheck, Person
from domain.words import N_, LazyText, _, lazy
from services import attachments, key_changes, lookup, policies, records, work
from services import person as person_service
from services.attachments import Attached
from services.households import households, words
from services.households.households import Home, Plan
from services.households.words import Preview

_T = TypeVar("_T")


class PersonModel(RecordModel):
    """The state of a person's page."""

    found = Signal(object)
    """A `PersonShown`."""
    gone = Signal()
    """The person no longer exists here."""
    deleted = Signal()
    """The person shown was deleted from this window."""
    judged = Signal(object)
    """The `Verdicts` of the person shown."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self._verdicts = VerdictSource(station)
        self.id = ""
        self.plain = False
        self.year = 0
        self.shown: PersonShown | None = None

    def open(self, id: str) -> None:
        """Show another person, with numbers masked."""
        self.id, self.plain, self.year, self.shown = id, False, 0, None
        self.reload()

    def reload(self) -> None:
        """Load the person again."""
        id, plain, year = self.id, self.plain, self.year
        self._jobs.run(lambda: self._station.read(_shown, id, plain, year), lambda shown: self._show(id, shown), key="person")
        self._jobs.run(lambda: self._verdicts.of_person(id), lambda found: self._judge(id, found), key="person-verdicts")

    def file(self, shown: VerdictShown) -> None:
        """File the claim that a card offers."""
        self.act(lambda: self._verdicts.file(shown), str)

    def explain(self, reason: str) -> None:
        """Record the reason for the user's changes that wait for confirmation."""
        changes = self.shown.to_explain if self.shown is not None else ()
        label = lazy("写明改动的原因")
        self.act(lambda: self._station.write(label, _explain, changes, reason), lambda _none: _("原因已记下，同步后乡镇看得到"))

    def close(self) -> None:
        """Show nobody; results still being loaded are ignored."""
        self.id, self.shown = "", None

    def show_wages_of(self, year: int) -> None:
        """Show the wages of the income period of this year."""
        self.year = year
        self.reload()

    def reveal(self, reason: str) -> None:
        """Show numbers unmasked, after recording who looks at whom and why."""
        id = self.id

        def kept(_none: None) -> None:
            if self.id == id:
                self.plain = True
                self.reload()

        self._jobs.run(lambda: self._station.log_view(f"person {id}", reason), kept)

    def mask(self) -> None:
        """Mask the numbers again."""
        self.plain = False
        self.reload()

    def saving(self, kind: str, values: Values, id: str | None) -> LazyText:
        """The label names the person, or the head of the household."""
        about = {"person": id if kind == "person" else values.get("person_id"), "household": values.get("household_id")}
        name = next((self._station.read(lookup.title_of, whose, str(one)) for whose, one in about.items() if one), "")
        return lazy("修改 {name}", name=name) if kind == "person" else lazy("{name}：{what}", name=name, what=lazy(KINDS[kind].label))

    def deleting(self, kind: str, ids: Sequence[str]) -> LazyText:
        """The label names the first record."""
        return self._station.read(deleting, kind, ids)

    def saved_message(self, kind: str) -> str:
        """The message shown after saving the person or a record of theirs."""
        return _("修改已保存") if kind == "person" else _("{what}已保存").format(what=_(KINDS[kind].label))

    def delete_shown(self) -> None:
        """Delete the person shown, as an act that can be undone."""
        id, name = self.id, self.shown.name if self.shown else ""

        def done(said: str) -> None:
            self.deleted.emit()
            self._frame.message(said or _("已删除 {name}").format(name=name), undo=True)

        self._jobs.run(lambda: self._delete("person", [id]), done)

    def undelete(self) -> None:
        """Restore a deleted person."""
        id = self.id
        work = partial(self._write, N_("找回 {name}"), lambda session, id: records.undelete(session, "person", id), id)
        self._jobs.run(work, lambda _none: self.reload())

    def repeat_check(self) -> None:
        """Record this month's check with last month's values."""
        id = self.id
        self._jobs.run(lambda: self._write(N_("{name}：月监测与上月相同"), _repeat_check, id), self._checked)

    def _write(self, label: str, verb: Callable[[Session, str], _T], id: str) -> _T:
        """Run a write whose label contains the person's name."""
        return self._station.write(lazy(label, name=self._station.read(lookup.title_of, "person", id)), verb, id)

    def _checked(self, text: str) -> None:
        self.reload()
        self._frame.message(text or _("没有可以照填的：本月已填，或上月没有填"), undo=bool(text))

    # -- households: the three methods block on the database, so call them through jobs ---------------

    def household(self, id: str) -> Home:
        """Return a household in its present state."""
        return self._station.read(households.home, id)

    def preview(self, plan: Plan) -> Preview:
        """Return what a change of households would do, in words."""
        return self._station.read(words.preview, plan)

    def carry_out(self, plan: Plan) -> str:
        """Change households, as one act; returns the id of the household that was made or joined."""
        return self._station.write(self._station.read(words.label, plan), households.carry_out, plan)

    # -- results --------------------------------------------------------------------------------------

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


def _shown(session: Session, id: str, plain: bool, year: int) -> PersonShown | None:
    """The page of a person with the wages of the income period `year` (0: the latest); None if there is no such person."""
    today = clock.today()
    try:
        start = policies.income_start(session, today)
        page = person_service.person_page(session, id, year or income_year(today, start), on=today, plain=plain)
    except NotFound:
        return None
    months = [month for employer in page.wages for month in employer.months]
    if year == 0:
        year = max((income_year(f"{month}-01", start) for month in months), default=income_year(today, start))
        page = replace(page, wages=person_service.wages(session, id, year, start))
    return PersonShown(page, today, plain, year, income_period(year, start), session.author)


def _explain(session: Session, changed: Sequence[str], reason: str) -> None:
    for id in changed:
        key_changes.explain(session, id, reason)


def _repeat_check(session: Session, id: str) -> str:
    """Return the message about what was filled in; "" if there was nothing to copy."""
    month = clock.today()[:7]
    if not work.same_as_last_month(session, month, [id]):
        return ""
    village = session.existing(Person, id).village
    check = session.existing(MonthlyCheck, session.natural_id("monthly_check", village, {"person_id": id, "month": month}))
    status = MonthlyCheck.KIND.by_name["status"].show(check.status)
    return _("{month} 月监测：{status}，与上月相同").format(month=int(month[5:]), status=status)


class PersonFiles(AttachmentModel):
    """The files attached to a person."""

    def _listed(self, id: str) -> list[Attached]:
        return self._station.read(lambda session: attachments.attachments(session, attachments.holders(session, "person", id)))

    def _add(self, id: str, document: str, files: Sequence[Path]) -> int:
        def add(session: Session) -> int:
            return attachments.add_all(files, lambda file: attachments.add(session, "person", id, file))

        name = self._station.read(lookup.title_of, "person", id)
        return self._station.write(lazy("{name}：附件 {n} 个", name=name, n=len(files)), add)

"""The view model of 登记: interprets the number, searches for the same person, and saves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal

from db.session import Session
from desktop.page import Frame
from desktop.register.id_help import IdHelp, State, read_id
from desktop.station import Station
from desktop.view_model import ViewModel
from domain import divisions
from domain.identity import clean_id
from domain.scopes import county_of
from domain.words import lazy
from services import lookup, registration, suspects, unnumbered
from services.merging import UNTOLD
from services.merging import Twin as Alike
from services.registration import NewPerson, Registered

DRAFT = "register"
COMPLETE = 15
"""Length of a number from which a search for its owner is worth its cost."""


@dataclass(frozen=True)
class Twin:
    """An existing person with the same ID number, or who may be the person being typed."""

    id: str
    name: str
    detail: str
    reasons: str = ""
    """Why they may be the same; empty if the number is the same."""


class RegisterModel(ViewModel):
    """The state of the form."""

    help_changed = Signal(object)
    """The `IdHelp` of the number."""
    twins_changed = Signal(object)
    saved = Signal(object, bool)
    """The `Registered` person, and whether the next person follows."""
    failed = Signal(object)
    number_proposed = Signal(str)
    homes_found = Signal(bool)
    """Whether any household is on record."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self._region = county_of(station.store.scope)
        self.help, self._number = IdHelp(State.EMPTY), ""
        self.twins: Sequence[Twin] = ()
        """People with the same number."""
        self.alike: Sequence[Twin] = ()
        """People who may be the same."""
        self.saving = False

    def number_typed(self, text: str, *, left: bool = False, document: str = "resident_id") -> None:
        """Judge the number of such a document, and search for its owner."""
        help, number = read_id(text, region=self._region, left=left, document=document), clean_id(text)
        if (help, number) == (self.help, self._number):  # twin siblings may differ in nothing but the number
            return
        self.help, self._number = help, number
        self.help_changed.emit(help)
        if self.help.state is State.WRONG or len(number) < COMPLETE:
            self._found(())
            return
        self._jobs.run(lambda: self._station.read(_twins, number), self._found, key="register-twins")

    def look_for_homes(self) -> None:
        """Find out whether any household is on record."""
        self._jobs.run(self._station.reading(_any_home), self.homes_found.emit, key="register-homes")

    def propose_number(self, village: str | None) -> None:
        """Propose a number for somebody who has no document."""
        self._jobs.run(lambda: self._station.read(unnumbered.propose, village), self.number_proposed.emit, key="register-number")

    def person_typed(self, values: Mapping[str, Any]) -> None:
        """Search for people who may be the person typed so far."""
        if values.get("name"):
            self._jobs.run(lambda: self._station.read(_alike, values), self._found_alike, key="register-alike")
        elif self.alike:
            self._found_alike(())

    def save(self, entry: NewPerson, *, then_next: bool) -> None:
        """Save person, household and category span as one act."""
        if self.saving:
            return
        self.saving = True
        self._jobs.run(lambda: self._save(entry), lambda done: self._saved(done, then_next), self._save_failed)

    def _save(self, entry: NewPerson) -> Registered:
        label = lazy("登记 {name}", name=entry.person["name"])
        return self._station.write(label, registration.register, entry)

    def _saved(self, registered: Registered, then_next: bool) -> None:
        self.saving = False
        self.saved.emit(registered, then_next)

    def _save_failed(self, error: Exception) -> None:
        self.saving = False
        self.failed.emit(error)

    def _found(self, twins: Sequence[Twin]) -> None:
        self.twins = twins
        self.twins_changed.emit([*self.twins, *self.alike])

    def _found_alike(self, alike: Sequence[Twin]) -> None:
        self.alike = alike
        self.twins_changed.emit([*self.twins, *self.alike])


def _twins(session: Session, number: str) -> list[Twin]:
    return [Twin(one.id, one.title, one.detail) for one in lookup.same_number(session, number)]


def _alike(session: Session, values: Mapping[str, Any]) -> list[Twin]:
    found = suspects.like(session, {**values, "village": values.get("village") or session.scope})
    return [Twin(one.id, one.title, _detail(session, one), " · ".join(likeness.reasons)) for one, likeness in found]


def _detail(session: Session, one: Alike) -> str:
    place = "" if one.village == session.scope else divisions.called(one.village)
    return " · ".join(part for part in (place, *(value for _label, value in one.details[:3])) if part and part != UNTOLD)


def _any_home(session: Session) -> bool:
    return session.count("household") > 0

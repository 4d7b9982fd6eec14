"""What 登记 does: help with the number, look for the same person, save, keep the draft. Knows no widget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal

from db.session import Session
from desktop.draft import drafts
from desktop.page import Frame
from desktop.register.id_help import IdHelp, State, read_id
from desktop.station import Station
from desktop.view_model import ViewModel
from domain import divisions
from domain.identity import clean_id
from domain.words import _
from services import lookup, registration, suspects
from services.merging import UNTOLD
from services.merging import Twin as Alike
from services.registration import Entry, Registered

DRAFT = "register"
COMPLETE = 15
"""Digits from which it is worth asking whether somebody has the number already."""


@dataclass(frozen=True)
class Twin:
    """Somebody who has the same ID number, or seems to be the one being typed."""

    id: str
    name: str
    detail: str
    reasons: str = ""
    """Why it seems so; empty for the same number."""


class RegisterModel(ViewModel):
    """The state behind the form."""

    help_changed = Signal(object)
    """IdHelp of the number as it stands."""
    twins_changed = Signal(object)
    saved = Signal(object, bool)
    """Registered, and whether the next person is to follow."""
    failed = Signal(object)

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self._region = station.store.scope[:6]
        self._drafts = drafts(station)
        self.help, self._number = IdHelp(State.EMPTY), ""
        self.twins: Sequence[Twin] = ()
        """Those with the same number."""
        self.alike: Sequence[Twin] = ()
        self.saving = False

    def number_typed(self, text: str, *, left: bool = False) -> None:
        """Judge the number, and look for somebody who has it."""
        help, number = read_id(text, region=self._region, left=left), clean_id(text)
        if (help, number) == (self.help, self._number):  # of twins all is the same but the number
            return
        self.help, self._number = help, number
        self.help_changed.emit(help)
        if self.help.state is State.WRONG or len(number) < COMPLETE:
            self._found(())
            return
        self._jobs.run(lambda: self._station.read(_twins, number), self._found, key="register-twins")

    def person_typed(self, values: Mapping[str, Any]) -> None:
        """Look for somebody who seems to be the person typed so far."""
        if values.get("name"):
            self._jobs.run(lambda: self._station.read(_alike, values), self._found_alike, key="register-alike")
        elif self.alike:
            self._found_alike(())

    def save(self, entry: Entry, *, then_next: bool) -> None:
        """Save person, household and span in one act."""
        if self.saving:
            return
        self.saving = True
        self._jobs.run(lambda: self._save(entry), lambda done: self._ended(done, then_next), self._broke)

    def _save(self, entry: Entry) -> Registered:
        label = _("登记 {name}").format(name=entry.person["name"])
        registered = self._station.write(label, registration.register, entry)
        self._drafts.keep(DRAFT, {})
        return registered

    def _ended(self, registered: Registered, then_next: bool) -> None:
        self.saving = False
        self.saved.emit(registered, then_next)

    def _broke(self, error: Exception) -> None:
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

"""The view model of 登记: interprets the ID number while it is typed (sex, birth and age, or what is wrong with it and which number was
probably meant), searches for the same person, and saves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from PySide6.QtCore import Signal

from db.session import Session
from desktop.page import Frame
from desktop.station import Station
from desktop.view_model import ViewModel
from domain import clock, divisions, identity
from domain.identity import clean_id
from domain.scopes import county_of
from domain.words import _, lazy
from services import lookup, registration, suspects, unnumbered
from services.merging import UNTOLD
from services.merging import Twin as Alike
from services.registration import NewPerson, Registered

_WHOLE = (15, 18, 20, 22)


class State(Enum):
    """How complete the typed number is."""

    EMPTY = "empty"
    TYPING = "typing"
    VALID = "valid"
    WRONG = "wrong"


@dataclass(frozen=True)
class Suggestion:
    """A number that was probably meant, with sex, birth and age of its owner."""

    number: str
    note: str


@dataclass(frozen=True)
class IdHelp:
    """What the text typed so far says. `birth` is an ISO date."""

    state: State
    sentence: str = ""
    sex: identity.Sex | None = None
    birth: str | None = None
    disability: bool = False
    suggestions: tuple[Suggestion, ...] = ()


def read_id(text: str, *, region: str = "", left: bool = False, today: str = "", document: str = "resident_id") -> IdHelp:
    """Judge the typed text. A number that is too short is wrong only once the field was `left`; that of a `document` which is no citizen's
    may be any but a placeholder.

    `region`: the six digits with which most local numbers begin; suggestions that match it come first.
    """
    number = identity.clean_id(text)
    if not number:
        return IdHelp(State.EMPTY)
    today = today or clock.today()
    problem = identity.id_problem(text)
    if problem is None:
        return _valid(number, today)
    if document not in identity.CITIZENS and identity.unnumbered(number):
        return IdHelp(State.TYPING, _("没有证件的，程序编了这个号，不和别人重；办了证件再改成真的。申请补助要有真的号码。"))
    if document not in identity.CITIZENS:
        return IdHelp(State.WRONG, identity.explain(identity.Problem.PLACEHOLDER)) if identity.placeholder(text) else IdHelp(State.EMPTY)
    if problem is identity.Problem.LENGTH and not left and len(number) < 18:
        return IdHelp(State.TYPING, _("{n} 位").format(n=len(number)))
    offered = identity.suggestions(text, region) if len(number) in _WHOLE else []
    said = identity.explain(problem, number=number)
    return IdHelp(State.WRONG, said, suggestions=tuple(_suggestion(one, today) for one in offered))


def _valid(number: str, today: str) -> IdHelp:
    known = identity.normalise_id(number)
    sentence = _("{sex}　{birth} 出生　{age} 岁").format(sex=_sex(known.sex), birth=known.birth, age=identity.age_on(known.birth, today))
    return IdHelp(State.VALID, sentence, known.sex, known.birth, known.disability_category is not None)


def _suggestion(number: str, today: str) -> Suggestion:
    birth = identity.birth_of(number) or ""
    note = _("{sex}　{birth}　{age} 岁").format(sex=_sex(identity.sex_of(number)), birth=birth, age=identity.age_on(birth, today))
    return Suggestion(number, note)


def _sex(sex: str | None) -> str:
    return {"male": _("男"), "female": _("女")}.get(sex or "", "")


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
        self._jobs.run(
            lambda: self._station.read(lambda session: session.count("household") > 0), self.homes_found.emit, key="register-homes"
        )

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

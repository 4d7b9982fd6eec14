"""Interprets an ID number while it is typed: sex, birth and age, or what is wrong with it and which number was probably meant."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from domain import clock, identity
from domain.words import _

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

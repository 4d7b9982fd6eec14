"""Survey questions and answers: parsing, checking and storing. Answers are stored as words, so that lists, exports and histories are
readable."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

from domain import identity, values
from domain.errors import FieldError
from domain.records import SurveyItem
from domain.values import Type
from domain.words import _

_T = TypeVar("_T")
MAX_ITEMS, MAX_CHOICES = 30, 20
MAX_LABEL, MAX_CHOICE, MAX_TEXT = 40, 20, 300
"""Longest question, choice and text answer, in characters."""
MOST_ITEMS = 2 * MAX_ITEMS
"""Most questions of a survey to which two laptops added at the same time; further ones are ignored."""
YES, NO = "是", "否"
_NUMBER = re.compile(r"(-?\d{1,9}(?:\.\d{1,2})?)[元块人口个亩岁次]?")
"""An optional unit that adds nothing may follow the number: 4000元."""
_BETWEEN = re.compile(r"[、，,;；/+\n]+")
CHAT_SEPARATORS = r"\s,，、;；|:："
"""Characters that separate the parts of a line in a chat."""


def words(text: str | None) -> tuple[str, ...]:
    """Split typed choices or answers at any usual separator; each is returned once."""
    parts = (" ".join(part.split()) for part in _BETWEEN.split(unicodedata.normalize("NFKC", text or "")))
    return tuple(dict.fromkeys(part for part in parts if part))


def in_chat(label: str) -> str:
    """A question's label for a chat, in which blanks and commas separate questions: 想学什么、去哪 becomes 想学什么去哪."""
    return re.sub(rf"[{CHAT_SEPARATORS}()（）/—-]+", "", label)


def choices_of(item: SurveyItem) -> tuple[str, ...]:
    """The choices of a question; empty if any answer is allowed."""
    return (YES, NO) if item.type == "yes_no" else words(item.choices) if item.type in ("choice", "choices") else ()


def read(item: SurveyItem, text: str, *, keys: bool = False) -> str | None:
    """The stored form of a typed answer, None for none. `keys`: a digit means the choice with that number. Raises `FieldError`."""
    typed = " ".join(values.seen(text).split())
    if not typed:
        return None
    if item.type not in TYPES:
        raise FieldError(_("本机的程序还不认识「{label}」这种问题，更新以后再填").format(label=item.label[:MAX_LABEL]), "type")
    return _READERS[item.type](item, typed, keys) or None  # of several, none


def reread(item: SurveyItem, value: str) -> str | None:
    """A stored answer, if still valid for the present question; otherwise None."""
    try:
        return read(item, value)
    except FieldError:
        return None


def question(type: str, label: str, choices: str = "") -> str:
    """Check a new question and return its choices in stored form. Raises `FieldError`."""
    if not label.strip() or len(label) > MAX_LABEL:
        raise FieldError(_("问题要写，最多 {n} 个字").format(n=MAX_LABEL), "required")
    if type not in ("choice", "choices"):
        return ""
    found = words(choices)
    if not 2 <= len(found) <= MAX_CHOICES or any(len(word) > MAX_CHOICE for word in found):
        said = _("「{label}」要写 2 到 {n} 个可选的答案，用顿号隔开，每个最多 {signs} 个字")
        raise FieldError(said.format(label=label.strip(), n=MAX_CHOICES, signs=MAX_CHOICE), "choice")
    return "、".join(found)


# -- questions that depend on earlier answers -------------------------------------------------------------------------------------


def condition(typed: str, number: int, items: Sequence[SurveyItem]) -> str:
    """The stored form of the condition of question `number` (from 1) of these questions: `2=是` or `明年还出去吗=是`; "" for none. Raises
    `FieldError` unless it names an earlier question with choices, and some of these."""
    text = unicodedata.normalize("NFKC", typed).strip()
    if not text:
        return ""
    asked, sign, given = text.rpartition("=")
    asked, earlier = asked.strip(), items[: number - 1]
    parent = _at(earlier, asked) or next((item for item in earlier if unicodedata.normalize("NFKC", item.label).strip() == asked), None)
    if not sign or parent is None:
        said = _("「{label}」的「什么人才问」写了「{typed}」，不是前面哪一题的答案。要写成 1=是 这样，就是第 1 题答「是」的才问")
        raise FieldError(said.format(label=items[number - 1].label, typed=text[:MAX_LABEL]), "choice")
    offered = choices_of(parent)
    if not offered:
        raise FieldError(_("「{label}」不是选择题，后面的题接不上它").format(label=parent.label), "choice")
    found = {_chosen(offered, word, keys=True) for word in words(given)}
    if not found:
        raise FieldError(
            _("「{label}」答了什么才问，要写出来：{words}").format(label=parent.label, words="、".join(offered)), "choice", "asked_if"
        )
    return f"{parent.label}={'、'.join(word for word in offered if word in found)}"


def _at(things: Sequence[_T], number: str) -> _T | None:
    """The thing with this number, from 1; None for anything else that was typed."""
    at = int(number) if number.isascii() and number.isdigit() and len(number) <= 3 else 0
    return things[at - 1] if 1 <= at <= len(things) else None


def renamed(stored: str | None, labels: Mapping[str, str]) -> str:
    """A condition after the questions were renamed: old labels and their new ones."""
    label, sign, given = (stored or "").rpartition("=")
    return f"{labels.get(label, label)}{sign}{given}"


Conditions = Sequence[tuple[SurveyItem, str | None, frozenset[str]]]
"""Questions in order, each with the id of the earlier question on which it depends (None for none) and the answers that it takes."""


def conditions(items: Sequence[SurveyItem]) -> Conditions:
    """The conditions of a sheet's questions. One that names no earlier question (it was deleted or renamed at another place) is void."""
    earlier: dict[str, str] = {}
    found: list[tuple[SurveyItem, str | None, frozenset[str]]] = []
    for item in items:
        label, _sign, given = (item.asked_if or "").rpartition("=")
        found.append((item, earlier.get(label), frozenset(words(given))))
        earlier.setdefault(item.label, item.id)
    return found


def asked(known: Conditions, answers: Mapping[str, str]) -> list[SurveyItem]:
    """The questions asked of a person with these answers by question. An answer to a question that is not asked meets no condition."""
    found: dict[str, SurveyItem] = {}
    for item, parent, taken in known:
        if parent is None or (parent in found and not taken.isdisjoint(words(answers.get(parent)))):
            found[item.id] = item
    return list(found.values())


def _several(item: SurveyItem, typed: str, keys: bool) -> str:
    offered = choices_of(item)
    digits = keys and typed.isascii() and typed.isdigit() and typed not in offered
    found = {_chosen(offered, part, keys) for part in (typed if digits and len(offered) < 10 else words(typed))}
    return "、".join(word for word in offered if word in found)


def _chosen(offered: Sequence[str], typed: str, keys: bool) -> str:
    word = " ".join(unicodedata.normalize("NFKC", typed).split())
    if word in offered:
        return word
    if keys and (chosen := _at(offered, word)) is not None:
        return chosen
    raise FieldError(_("「{value}」不在可选范围，可以写：{words}").format(value=typed[:MAX_CHOICE], words="、".join(offered)), "choice")


def _yes_no(item: SurveyItem, typed: str, keys: bool) -> str:
    if keys and typed in ("1", "2"):
        return (YES, NO)[int(typed) - 1]
    return YES if values.read_text(Type.BOOL, typed) else NO


def _number(item: SurveyItem, typed: str, keys: bool) -> str:
    plain = unicodedata.normalize("NFKC", typed).replace(",", "").replace(" ", "")
    found = _NUMBER.fullmatch(plain)
    if found is None:
        raise FieldError(_("「{text}」不是数字，最多两位小数").format(text=typed[:MAX_CHOICE]), "number")
    value = Decimal(found[1]).normalize()
    return f"{value:f}" if value else "0"


def _text(item: SurveyItem, typed: str, keys: bool) -> str:
    if len(typed) > MAX_TEXT:
        raise FieldError(_("最多 {n} 个字").format(n=MAX_TEXT), "length")
    if (problem := identity.inside_problem(typed)) is not None:  # answers are never masked, and go wherever the sheet goes
        raise FieldError(identity.explain(problem, _("答案")), problem)
    return str(values.read_text(Type.TEXT, typed))


_READERS: Mapping[str, Callable[[SurveyItem, str, bool], str]] = {
    "yes_no": _yes_no,
    "choice": lambda item, typed, keys: _chosen(choices_of(item), typed, keys),
    "choices": _several,
    "number": _number,
    "date": lambda _item, typed, _keys: str(values.read_text(Type.FDATE, typed)),
    "text": _text,
}
TYPES = frozenset(_READERS)
"""Question types that this program supports; a newer one may have others."""

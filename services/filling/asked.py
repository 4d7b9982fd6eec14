"""What the headings of a sheet ask about people. Headings are recognised by the words of the rosters."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import replace
from functools import cache

from domain.fields import KINDS
from domain.words import _
from services.importing.columns import PERSON_KEYS, Binding, bind, recognise, word_of, words_of
from services.importing.rosters import SAME_FIELD, Roster, asked_columns, common_columns, field_of, rosters
from services.importing.tables import Found, Heading

KINDS_ASKED = (
    *("person", "household", "employment", "category_span", "employer", "appointment", "post", "agreement", "insurance"),
    *("attendance", "post_pay", "wage", "job_wish", "schooling", "enrolment", "course", "monthly_check"),
)
"""Kinds whose records belong to one person, in the order in which they take a heading that several know."""
HEAD = "household.head"
NAME, NUMBER = PERSON_KEYS
_NEVER = frozenset({"sign", "total", "item", "record.id", "record.village"})
"""Columns for signatures, for sums and for this program's own marks: never filled in."""
_VAGUE = frozenset({"状态", "类型", "结果", "等级"})
"""Headings too vague to fill in unless a group heading above them says more."""


@cache
def _roster(known_as: str) -> Roster:
    """The columns that a sheet like the roster of that name can ask for; the roster's own words come first."""
    own = next((one for one in rosters() if one.name == known_as), None)
    kinds = tuple(kind for kind in dict.fromkeys((*(own.kinds if own else ()), *KINDS_ASKED)) if kind in KINDS_ASKED)
    return Roster("asked", "", kinds, ("person",), columns={**(own.columns if own else {}), **asked_columns()})


def of_one_person() -> Roster:
    """The columns that a form about one person can ask for."""
    return _roster("")


def vague(heading: Heading) -> bool:
    """Whether a heading is too vague to be filled in."""
    return heading.words[0] in _VAGUE


@cache
def _one_kind(kind: str) -> Roster:
    """The same for a sheet that has the columns of one kind's own list."""
    made = _roster("")
    return replace(made, kinds=tuple(dict.fromkeys((kind, *made.kinds)))) if kind in KINDS_ASKED else made


def asked(found: Found) -> Binding:
    """What each column of a table asks for. In a table that names only the head of each household, a row is about the head."""
    read = recognise(found, None, found.sheet.name)
    name = read.roster.name if read is not None else ""
    binding = bind(found, _one_kind(name[1:]) if name.startswith("@") else _roster(name))
    for target in [target for target, heading in binding.columns.items() if vague(heading)]:
        binding.unmatched.append(binding.columns.pop(target))
    if HEAD in binding.columns and not {NAME, NUMBER} & set(binding.columns):
        binding.columns[NAME] = binding.columns.pop(HEAD)
    return binding


def of_heads(binding: Binding, found: Found) -> bool:
    """Whether a table has one row per household."""
    heading = binding.columns.get(NAME)
    return heading is not None and HEAD not in binding.columns and any(word in common_columns()[HEAD] for word in heading.words)


def targets(binding: Binding, questions: Container[str] = ()) -> Iterator[tuple[str, Heading]]:
    """What to fill in and under which heading, from left to right; several may ask for the same (出生日期, 出生年月). A month is
    `@2026-03`, a question of a survey `?` and its words."""
    words = words_of(binding.roster)
    found = list(binding.columns.items())
    for heading in binding.unmatched:
        question = next((word for word in heading.words if word in questions), None)
        word = word_of(heading, words)
        if question is not None:
            found.append((f"?{question}", heading))
        elif word is not None and word not in _VAGUE:
            found.append((words[word], heading))
    found = [(target, heading) for target, heading in found if target not in _NEVER]
    found = [one for one in found if one[0] not in PERSON_KEYS or binding.columns.get(one[0]) is one[1]]  # a second number is another's
    found += [(f"@{month}", heading) for heading, month in binding.months]
    yield from sorted(found, key=lambda one: one[1].index)


def called(target: str) -> str:
    """What a column is filled in with, in words for the user: 务工就业：开始时间."""
    f = field_of(target)
    if f is None:
        words = asked_columns().get(target) or common_columns().get(target)
        return words[0] if words else _("摸排：{question}").format(question=target[1:]) if target[:1] == "?" else target[1:]
    kind = KINDS[SAME_FIELD.get(target, target).partition(".")[0]]
    return _(f.label) if kind.name in ("person", "household") else _("{kind}：{field}").format(kind=_(kind.label), field=_(f.label))

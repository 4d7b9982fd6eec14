"""Converts registers with one household in each row and its members in columns (户主, 配偶, 子女1, 成员1, each with a name and a number) to
one row for each person. The other columns belong to the household or to its head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from domain.fields import declaration
from domain.identity import sex_of
from domain.records import Person
from domain.words import _
from services.importing.carried import OF_A_HOUSEHOLD
from services.importing.cells import is_empty, text_of
from services.importing.columns import PERSON_KEYS, words_of
from services.importing.heading_words import loosely, plain, without_brackets
from services.importing.headings import Heading
from services.importing.kin_columns import CHILD, HEAD, MEMBER, kin_column
from services.importing.limits import check_cells
from services.importing.rosters import rosters
from services.importing.tables import Found

_OWN = ("与户主关系", "姓名", "证件号码")
_Member = tuple[str, int, int, int | None]
"""A member's relation to the head, and the columns of the name, the number and, if it exists, the relation."""


def unfolded(found: Found) -> Found:
    """The table with one row for each person, if at least the head and one other member have columns for name and number; otherwise
    unchanged."""
    members = _members(found.headings)
    if len(members) < 2 or members[0][0] != HEAD or any(found.start <= row < found.end for row, _column in found.sheet.uncomputed):
        return found
    taken = {at for _who, *columns in members for at in columns}
    shared = [heading for heading in found.headings if heading.index not in taken]
    known_targets = _known_targets(shared)
    if 2 * len(known_targets) < len(shared) or any(map(_identifies, shared)):
        return found  # about something else, or each row is about one person with relatives beside
    width = max(len(found.sheet.rows[found.heading_row]), 1 + max(heading.index for heading in found.headings))
    check_cells(len(found.rows()) * len(members) * (width + len(_OWN) + 1))
    headings = [*shared, *(Heading(width + at, word, (plain(word),)) for at, word in enumerate((*_OWN, "户主姓名")))]
    of_all = {index for index, target in known_targets.items() if target.startswith((*OF_A_HOUSEHOLD, "household."))}
    rows: list[list[Any]] = []
    numbers: list[int] = []
    for i, row in enumerate(found.rows()):
        cells = [*row, *[""] * (width - len(row))]
        head = cells[members[0][1]]
        for who, name, number, related in members:
            identity = [cells[name], cells[number]]
            if who != HEAD and all(map(is_empty, identity)):
                continue
            own = cells if who == HEAD else [cell if at in of_all else "" for at, cell in enumerate(cells)]
            known = not is_empty(head) and not all(map(is_empty, identity))
            relation = _relation(who, identity[1]) if related is None else cells[related]
            rows.append([*("" if at in taken else cell for at, cell in enumerate(own)), relation if known else "", *identity, head])
            numbers.append(found.start + i + 1)
    return replace(found, headings=headings, unfolded=rows, numbers=numbers, note=_("表里一户一行、成员横着排，按一人一行读入"))


def _members(headings: Sequence[Heading]) -> list[_Member]:
    """The members who have columns for name and number, the head first. A number column without an owner belongs to the name before it."""
    names: dict[str, tuple[str, int]] = {}
    numbers: dict[str, int] = {}
    relations: dict[str, int] = {}
    last = ""
    for heading in headings:
        column = next(filter(None, map(kin_column, (*heading.words, *map(without_brackets, heading.words)))), None)
        if column is None:
            if last and heading.words[-1] in _number_words():
                numbers.setdefault(last, heading.index)
            last = ""
            continue
        called = column.who + column.turn
        if column.relations:
            relations.setdefault(called, heading.index)
        elif column.numbers:
            numbers.setdefault(called, heading.index)
            last = ""
        else:
            names.setdefault(called, (column.who, heading.index))
            last = called
    if relations and "person.relation" not in _known_targets(headings).values():  # 姓名 beside the relations of others is the head's name
        own = {_register_words().get(loosely(heading.words[-1])): heading.index for heading in reversed(headings)}
        if PERSON_KEYS[0] in own:
            names.setdefault(HEAD, (HEAD, own[PERSON_KEYS[0]]))
        if PERSON_KEYS[1] in own:
            numbers.setdefault(HEAD, own[PERSON_KEYS[1]])
    found = [
        (who, name, numbers[called], relations.get(called))
        for called, (who, name) in names.items()
        if called in numbers and (called in relations or who != MEMBER)
    ]
    return sorted(found, key=lambda member: member[0] != HEAD)


def _number_words() -> frozenset[str]:
    field = declaration(Person.id_number)
    return frozenset(map(plain, (field.label, *field.aliases)))


def _relation(who: str, number: Any) -> str:
    """A member's relation; for a child, son or daughter according to the ID number."""
    if who != CHILD:
        return who
    return {"male": "之子", "female": "之女"}.get(sex_of(text_of(number)) or "", "")


def _identifies(heading: Heading) -> bool:
    """Whether a column other than the members' also holds a name or number: 姓名, 学生姓名."""
    return _register_words().get(loosely(heading.words[-1])) in PERSON_KEYS


def _known_targets(headings: Sequence[Heading]) -> dict[int, str]:
    """The headings that a register knows: column index → target."""
    words = _register_words()
    return {heading.index: words[word] for heading in headings for word in heading.words[-1:] if word in words}


def _register_words() -> Mapping[str, str]:
    return words_of(next(roster for roster in rosters() if roster.name == "registry"))

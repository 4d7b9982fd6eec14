"""Converts tables to one row for each person: registers with the members in columns (户主, 配偶, 子女1, each with a name and a number),
registers with the head in columns of its own and the members in the lines below, lists of work that name several people in one cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from domain.identity import sex_of
from domain.words import _
from services.importing.columns.binding import Binding
from services.importing.columns.carried import OF_A_HOUSEHOLD, unmerged
from services.importing.columns.matching import PERSON_KEYS, words_of
from services.importing.tables.finding import FoundTable
from services.importing.tables.heading_words import loosely, without_brackets
from services.importing.tables.headings import CHILD, HEAD, MEMBER, Heading, identity_words, kin_column
from services.importing.tables.rosters import rosters
from services.importing.values.cells import is_empty, text_of
from services.office_files.limits import check_cells

_IN_MEMBERS, _IN_HEADS = (
    [(word, word) for word in words]
    for words in (("与户主关系", "姓名", "证件号码", "户主姓名"), ("姓名", "证件号码", "与户主关系", "户主姓名"))
)
"""The columns of the person that are put behind the others."""
_OF_MEMBER = (f"家庭{MEMBER}", MEMBER)
_SEPARATOR = re.compile(r"[、，,;；/\n]+")
_NAME = re.compile("[一-龥·]{2,6}")
_SPACES = re.compile(r"[、，,;；/\s]+")


class _Member(NamedTuple):
    """A member's relation to the head, and the columns of the name, the number and, if it exists, the relation."""

    who: str
    name: int
    number: int
    related: int | None


def _only(cells: Sequence[Any], columns: Container[int]) -> list[Any]:
    """The cells with all but these columns blank."""
    return [cell if at in columns else "" for at, cell in enumerate(cells)]


# ---------------------------------------------------------------- members in columns


def members_unfolded(found: FoundTable) -> FoundTable:
    """The table with one row for each person, if at least the head and one other member have columns for name and number; otherwise
    unchanged. The other columns belong to the household or to its head."""
    members = _members(found.headings)
    if len(members) < 2 or members[0].who != HEAD or found.uncomputed:
        return found
    taken = {at for _who, *columns in members for at in columns}
    shared = [heading for heading in found.headings if heading.index not in taken]
    known = _known_targets(shared)
    if 2 * len(known) < len(shared) or any(map(_identifies, shared)):
        return found  # about something else, or each row is about one person with relatives beside
    rows = found.padded()
    check_cells(len(rows) * len(members) * (found.width + len(_IN_MEMBERS)))
    of_head = set(range(found.width)) - taken
    of_all = {index for index, target in known.items() if target.startswith((*OF_A_HOUSEHOLD, "household."))}
    made = [
        (i, _only(cells, of_head if member.who == HEAD else of_all), person)
        for i, cells in enumerate(rows)
        for member in members
        if (person := _person(member, cells, cells[members[0].name])) is not None
    ]
    others = [one for one in found.headings if one not in shared]
    return found.with_columns(_IN_MEMBERS, made, _("表里一户一行、成员横着排，按一人一行读入"), others)


def _person(member: _Member, cells: Sequence[Any], head: Any) -> list[Any] | None:
    """The cells of a member's own columns; None for a member other than the head who is not there."""
    name, number = cells[member.name], cells[member.number]
    nobody = is_empty(name) and is_empty(number)
    if nobody and member.who != HEAD:
        return None
    relation = _relation(member.who, number) if member.related is None else cells[member.related]
    return ["" if nobody or is_empty(head) else relation, name, number, head]


def _members(headings: Sequence[Heading]) -> list[_Member]:
    """The members who have columns for name and number, the head first. A number column without an owner belongs to the name before it."""
    names: dict[str, tuple[str, int]] = {}
    numbers: dict[str, int] = {}
    relations: dict[str, int] = {}
    last = ""
    for heading in headings:
        column = next(filter(None, map(kin_column, (*heading.words, *map(without_brackets, heading.words)))), None)
        called, before, last = column.who + column.turn if column else "", last, ""
        if column is None:
            if before and heading.words[-1] in identity_words()[1]:
                numbers.setdefault(before, heading.index)
        elif column.relations:
            relations.setdefault(called, heading.index)
            last = before
        elif column.numbers:
            numbers.setdefault(called, heading.index)
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
        _Member(who, name, numbers[called], relations.get(called))
        for called, (who, name) in names.items()
        if called in numbers and (called in relations or who != MEMBER)
    ]
    return sorted(found, key=lambda member: member.who != HEAD)


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


# ---------------------------------------------------------------- the head in columns of its own


def heads_joined(found: FoundTable) -> FoundTable:
    """The table with one row for each person, if a head has a line without a member; otherwise unchanged."""
    columns = [_column(found.headings, whose, at) for whose in ((HEAD,), _OF_MEMBER) for at in (0, 1)]
    places = [heading.index for heading in columns if heading is not None]
    if len(places) < len(columns) or found.uncomputed:
        return found
    rows = found.padded()
    listed = {text_of(cells[places[3]]) for cells in rows if not is_empty(cells[places[3]])}
    if not listed or not any(list(map(is_empty, map(cells.__getitem__, places[:3]))) == [False, False, True] for cells in rows):
        return found
    relation = next((heading for heading in found.headings if heading.index not in places and "关系" in heading.text), None)
    made = _people_below(rows, places, relation, listed)
    others = [one for one in found.headings if one.index in places or one is relation]
    return found.with_columns(_IN_HEADS, made, _("户主单写一列、成员写在下面的，按一人一行读入"), others)


def _people_below(
    rows: Sequence[Sequence[Any]], places: Sequence[int], relation: Heading | None, listed: set[str]
) -> Iterator[tuple[int, list[Any], list[Any]]]:
    """A row for each head who is not `listed` as a member, and for each member, with the index of the line."""
    head, head_number, member, number = places
    of: Any = ""
    for i, cells in enumerate(rows):
        of = of if is_empty(cells[head]) else cells[head]
        beside = _only(cells, set(range(len(cells))) - set(places))
        own = not is_empty(cells[head_number]) and text_of(cells[head_number]) not in listed
        if own:
            listed.add(text_of(cells[head_number]))
            yield i, beside, [cells[head], cells[head_number], HEAD, of]
            beside = [""] * len(cells)
        if not own or not is_empty(cells[member]):
            related = "" if relation is None else cells[relation.index]
            yield i, beside, [cells[member], cells[number], related, "" if is_empty(cells[member]) else of]


def _column(headings: Sequence[Heading], whose: Sequence[str], at: int) -> Heading | None:
    """The heading of the name (`at` 0) or the ID number (1) of the head or of the members."""
    for heading in headings:
        word = heading.words[-1]
        for who in whose:
            rest = loosely(word.removeprefix(who)) if word.startswith(who) else None
            if rest is not None and (rest in identity_words()[at] or (at == 0 and not rest)):
                return heading
    return None


# ---------------------------------------------------------------- several names in one cell


def names_split(found: FoundTable, binding: Binding, named: Callable[[str], object]) -> FoundTable:
    """The table with one row for each person; unchanged if no cell names several, or if a cell's formula has no result. `named` tells
    whether somebody here has a name: 欧阳 雪梅 is one person, 王芳 李强 are two."""
    name, number = (getattr(binding.columns.get(target), "index", None) for target in PERSON_KEYS)
    if name is None or found.uncomputed:
        return found
    made = [(i, cells) for i, row in enumerate(unmerged(found, binding)) for cells in _one_each(row, name, number, named)]
    return found if len(made) == len(found.rows()) else found.split(found.headings, made, _("一格里写了几个人的，按一人一行读入，请核对"))


def _one_each(row: Sequence[Any], name: int, number: int | None, named: Callable[[str], object]) -> Iterator[list[Any]]:
    """A row for each name in it, with its own number, and its own line of cells with a line for each; the row itself if it has one name,
    or not one number for each."""
    names, written = _names(text_of(row[name]), named), "" if number is None else text_of(row[number])
    ids = _SPACES.split(written) if written else []
    if len(names) < 2 or len(ids) not in (0, len(names)):
        yield [*row]
        return
    lines = [[one.strip() for one in text_of(cell).split("\n")] if isinstance(cell, str) else [] for cell in row]
    for at, one in enumerate(names):
        cells = [lines[column][at] if len(lines[column]) == len(names) else cell for column, cell in enumerate(row)]
        cells[name] = one
        if ids and number is not None:
            cells[number] = ids[at]
        yield cells


def _names(text: str, named: Callable[[str], object]) -> list[str]:
    """The names in a cell. Spaces separate names only if each part is the name of somebody here."""
    found: list[str] = []
    for part in filter(None, (re.sub(r"^[ \u3000]+|[ \u3000]+$", "", part) for part in _SEPARATOR.split(text))):
        words = part.split()
        several = len(words) > 1 and all(map(named, words))
        found += words if several else ["".join(words)]
    return found if all(map(_NAME.fullmatch, found)) else []

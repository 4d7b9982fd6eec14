"""Converts registers that give the head of a household in columns of its own (户主姓名、户主身份证号) and the members in the lines below
(家庭成员、家庭成员身份证号) to one row for each person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from domain.words import _
from services.importing.cells import is_empty, text_of
from services.importing.heading_words import loosely, plain
from services.importing.headings import Heading, identity_words
from services.importing.kin_columns import HEAD, MEMBER
from services.importing.tables import Found

_OF_MEMBER = (f"家庭{MEMBER}", MEMBER)
_OWN = ("姓名", "证件号码", "与户主关系", "户主姓名")


def heads_joined(found: Found) -> Found:
    """The table with one row for each person, if a head has a line without a member; otherwise unchanged."""
    columns = [_column(found.headings, (HEAD,), at) for at in (0, 1)] + [_column(found.headings, _OF_MEMBER, at) for at in (0, 1)]
    if None in columns or any(found.start <= row < found.end for row, _column in found.sheet.uncomputed):
        return found
    head, head_number, member, member_number = (heading.index for heading in columns if heading is not None)
    rows = found.rows()
    alone = [i for i, row in enumerate(rows) if not is_empty(row[head]) and is_empty(row[member]) and not is_empty(row[head_number])]
    listed = {text_of(row[member_number]) for row in rows if not is_empty(row[member_number])}
    if not alone or not listed:
        return found
    taken = {head, head_number, member, member_number}
    relation = next((heading for heading in found.headings if heading.index not in taken and "关系" in heading.text), None)
    shared = [heading for heading in found.headings if heading.index not in taken and heading is not relation]
    width = max(heading.index for heading in found.headings) + 1
    made: list[list[Any]] = []
    numbers: list[int] = []
    of = ""
    for i, row in enumerate(rows):
        cells = [*row, *[""] * (width - len(row))][:width]
        kept = ["" if at in taken else cell for at, cell in enumerate(cells)]
        of = of if is_empty(cells[head]) else cells[head]
        own = not is_empty(cells[head_number]) and text_of(cells[head_number]) not in listed
        if own:
            listed.add(text_of(cells[head_number]))
            made.append([*kept, cells[head], cells[head_number], HEAD, of])
            numbers.append(found.start + i + 1)
        if not is_empty(cells[member]) or not own:
            related = "" if relation is None else cells[relation.index]
            rest = [""] * width if own else kept
            made.append([*rest, cells[member], cells[member_number], related, of if not is_empty(cells[member]) else ""])
            numbers.append(found.start + i + 1)
    headings = [*shared, *(Heading(width + at, word, (plain(word),)) for at, word in enumerate(_OWN))]
    return replace(found, headings=headings, unfolded=made, numbers=numbers, note=_("户主单写一列、成员写在下面的，按一人一行读入"))


def _column(headings: Sequence[Heading], whose: Sequence[str], at: int) -> Heading | None:
    """The heading of the name (`at` 0) or the ID number (1) of the head or of the members."""
    for heading in headings:
        word = heading.words[-1]
        for who in whose:
            rest = loosely(word.removeprefix(who)) if word.startswith(who) else None
            if rest is not None and (rest in identity_words()[at] or (at == 0 and not rest)):
                return heading
    return None

"""Splits a batch into the fields this program knows and can apply and those of a newer program (`sync.station.receiving.newer_program`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from db.exchange import DELETED, kind_by_number
from domain.fields import Field
from domain.values import INTEGERS, SHAPED, Stored, all_readable
from sync.wire.columns import Change, Group

INT_LIMIT = 2**63
"""Integers are within ± this."""


def known_part(groups: Sequence[Group], skip: AbstractSet[int]) -> tuple[list[Group], list[tuple[int, Change, str]]]:
    """Return the groups without the fields that this program does not know, and those fields as changes of their own, with the reason.

    Changes at the places to `skip` stay whole: they are held rather than applied, with all their fields.
    """
    known, kept = [], []
    for group in groups:
        kind = kind_by_number(group.kind)
        unknown = [n for n, f in enumerate(group.fields) if kind is not None and f not in kind.by_number]
        if not unknown or group.what not in "IU":
            known.append(group)
            continue
        whole, taken = group.parted([place in skip for place in group.places])
        known += whole
        for part in taken:
            known.append(_fields(part, [n for n in range(len(part.fields)) if n not in unknown]))
            kept += [(p, change, "field") for p, change in _fields(part, unknown).changes() if change.values]
    return known, kept


def _fields(group: Group, numbers: Sequence[int]) -> Group:
    """The group with only these of its fields (by position)."""
    same = (group.places, group.row_ids, group.by, group.at, group.salts, group.seqs)
    return Group(group.kind, group.what, tuple(group.fields[n] for n in numbers), *same, [group.values[n] for n in numbers])


def problems(group: Group) -> Iterator[tuple[int, str]]:
    """Yield place and reason of each change of a group that this program cannot apply."""
    kind = kind_by_number(group.kind)
    if kind is None:
        yield from ((place, "kind") for place in group.places)
        return
    known = {*kind.by_number, DELETED} if group.what == "C" else kind.by_number.keys()
    if any(number not in known for number in group.fields) or (group.what == "C" and len(group.fields) != 1):
        yield from ((place, "field") for place in group.places)
        return
    for number, column in zip(group.fields, group.values, strict=True):
        if number != DELETED and not fits(kind.by_number[number], column):
            yield from ((place, "value") for place, v in zip(group.places, column, strict=True) if not fits(kind.by_number[number], [v]))


def fits(f: Field, column: Sequence[Stored]) -> bool:
    """Whether every value has the stored form of the field. A malformed value would raise for everybody who opens its row."""
    types = set(map(type, column)) - {type(None)}
    if f.type in INTEGERS:
        return types <= {int} and all(v is None or -INT_LIMIT <= int(v) < INT_LIMIT for v in column)
    if not types <= {str} or "\0" in "".join(filter(None, column)):  # type: ignore[arg-type]  # texts, just checked
        return False
    return f.type not in SHAPED or all_readable(f.type, column)

"""What of a batch this program knows, and what a newer one brought (`sync.station.unknown`)."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from db.exchange import kind_by_number
from sync.wire.columns import Change, Group


def known_part(groups: Sequence[Group], skip: AbstractSet[int]) -> tuple[list[Group], list[tuple[int, Change, str]]]:
    """The groups without fields this program does not know, and these as changes of their own, with their reason."""
    known, kept = [], []
    for group in groups:
        kind = kind_by_number(group.kind)
        strange = [n for n, f in enumerate(group.fields) if kind is not None and f not in kind.by_number]
        if not strange or group.what not in "IU":
            known.append(group)
            continue
        known.append(_fields(group, [n for n in range(len(group.fields)) if n not in strange]))
        kept += [(p, change, "field") for p, change in _fields(group, strange).changes() if change.values and p not in skip]
    return known, kept


def _fields(group: Group, numbers: Sequence[int]) -> Group:
    """The group with only those of its fields (by position)."""
    same = (group.places, group.row_ids, group.by, group.at, group.salts, group.seqs)
    return Group(group.kind, group.what, tuple(group.fields[n] for n in numbers), *same, [group.values[n] for n in numbers])

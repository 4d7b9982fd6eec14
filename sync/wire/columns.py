"""Columnar encoding of the changes of a batch: values of one field lie together, compress well and decode without a loop over rows.

The body is MessagePack: tables of run salts and id prefixes, then groups of changes of one kind, one sort (insert I, update U, delete D,
restore R, decision about a conflict C) and the same fields, each column packed by `sync.wire.packing`. The shape of received data is
checked here; whether a kind, field or value is known is checked by `sync.replica.apply`.
"""

from __future__ import annotations

from bisect import bisect_left
from calendar import timegm
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import repeat
from time import gmtime, strftime, strptime
from typing import Annotated, Literal

import msgspec

from domain.fields import KINDS, MAX_FIELDS
from domain.values import Stored, Type
from sync.wire import packing
from sync.wire.packing import Column, Hashes, Ids, Names, Numbers

MAX_CHANGES = 20_000
"""Most changes of one batch: columns can encode equal values of many rows in a few bytes."""
MAX_SPREAD = 64 * 2**20
"""Most characters of all its texts, each counted once per row: a hundred bytes of a batch could otherwise expand to any size."""
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_YEAR_1000, _YEAR_10000 = -30_610_224_000, 253_402_300_800
Sort = Literal["I", "U", "D", "R", "C"]


class TooLarge(ValueError):
    """The changes exceed the limits of a batch: seal them in parts."""


class WireError(ValueError):
    """Malformed bytes. The text is for logs; the caller shows a sentence to people."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one row. `values`: the stored values it set, by field number (for C the chosen one); its id is (`salt`, `seq`)."""

    seq: int
    kind: int
    row_id: str
    what: str
    by: str
    at: str
    salt: str
    values: Mapping[int, Stored] = field(default_factory=dict)
    conflict: str | None = None


@dataclass(slots=True)
class Group:
    """Changes of one kind and sort with the same fields. `places` are their positions in the batch."""

    kind: int
    what: str
    fields: tuple[int, ...]
    places: Sequence[int]
    row_ids: list[str]
    by: list[str]
    at: list[str]
    salts: list[str]
    seqs: Sequence[int]
    values: list[list[Stored]]
    """One column per field."""
    conflicts: list[str] | None = None

    def only(self, rows: Sequence[int]) -> Group:
        """The group with only those of its changes (by position in the group)."""
        if len(rows) == len(self.places):
            return self
        lists = (self.places, self.row_ids, self.by, self.at, self.salts, self.seqs)
        places, row_ids, by, at, salts, seqs = ([column[n] for n in rows] for column in lists)
        values = [[column[n] for n in rows] for column in self.values]
        conflicts = self.conflicts and [self.conflicts[n] for n in rows]
        return Group(self.kind, self.what, self.fields, places, row_ids, by, at, salts, seqs, values, conflicts)  # type: ignore[arg-type]

    def parted(self, chosen: Sequence[bool]) -> tuple[list[Group], list[Group]]:
        """Split into the chosen changes and the others, each as a list of one group or none."""
        if all(chosen):
            return [self], []
        sides = ([n for n, yes in enumerate(chosen) if yes is side] for side in (True, False))
        some, others = ([self.only(rows)] if rows else [] for rows in sides)
        return some, others

    def between(self, start: int, end: int) -> Group | None:
        """The changes whose places (which must ascend) lie in a range, renumbered from its start; None when there are none."""
        rows = range(bisect_left(self.places, start), bisect_left(self.places, end))
        return replace(self.only(rows), places=[self.places[n] - start for n in rows]) if rows else None

    def changes(self) -> Iterator[tuple[int, Change]]:
        """The changes one by one, each with its place in the batch."""
        rows: Iterator[tuple[Stored, ...]] = zip(*self.values, strict=True) if self.values else repeat(())
        inserted = self.what == "I"
        for n, row in zip(range(len(self.places)), rows, strict=False):
            values = {f: v for f, v in zip(self.fields, row, strict=True) if not inserted or v is not None}
            conflict = self.conflicts[n] if self.conflicts else None
            yield (
                self.places[n],
                Change(self.seqs[n], self.kind, self.row_ids[n], self.what, self.by[n], self.at[n], self.salts[n], values, conflict),
            )


_Number = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class _Packed(msgspec.Struct, array_like=True, frozen=True):
    """A group on the wire."""

    kind: _Number
    what: Sort
    fields: list[_Number]
    count: int
    places: Numbers
    row_ids: Ids | Hashes
    by: Numbers
    at: Numbers
    salts: Numbers
    seqs: Numbers
    values: list[Column]
    conflicts: list[str]


class _Body(msgspec.Struct, array_like=True, frozen=True):
    salts: list[str]
    prefixes: list[str]
    groups: list[_Packed]


_BODY = msgspec.msgpack.Decoder(_Body)


def grouped(changes: Sequence[Change]) -> list[Group]:
    """Group changes by kind, sort and fields. Their places are their positions in `changes`."""
    members: dict[tuple[int, str, tuple[int, ...]], list[int]] = {}
    for place, change in enumerate(changes):
        fields = () if change.what == "I" else tuple(sorted(change.values))
        members.setdefault((change.kind, change.what, fields), []).append(place)
    return [_group(changes, key, places) for key, places in members.items()]


def _group(changes: Sequence[Change], key: tuple[int, str, tuple[int, ...]], places: list[int]) -> Group:
    kind, what, fields = key
    members = [changes[place] for place in places]
    if what == "I":
        fields = tuple(sorted(set().union(*(change.values for change in members))))
    return Group(
        kind=kind,
        what=what,
        fields=fields,
        places=places,
        row_ids=[c.row_id for c in members],
        by=[c.by for c in members],
        at=[c.at for c in members],
        salts=[c.salt for c in members],
        seqs=[c.seq for c in members],
        values=[[c.values.get(f) for c in members] for f in fields],
        conflicts=[c.conflict or "" for c in members] if what == "C" else None,
    )


def between(groups: Sequence[Group], start: int, end: int) -> list[Group]:
    """Return the changes of a range of places as groups of their own."""
    return [part for group in groups if (part := group.between(start, end))]


# -- writing ---------------------------------------------------------------------------------------------------------


def encode(groups: Sequence[Group]) -> tuple[list[str], bytes]:
    """Return the user table (for the header) and the body of a batch. Raises `TooLarge` for several changes that exceed `MAX_SPREAD`."""
    users, salts, prefixes = Names(), Names(), Names()
    packed = [_pack(group, users, salts, prefixes) for group in groups]
    if sum(group.count for group in packed) > 1 and _spread(packed, (*users, *salts)) > MAX_SPREAD:
        raise TooLarge
    return list(users), msgspec.msgpack.encode(_Body(list(salts), list(prefixes), packed))


def _pack(group: Group, users: Names, salts: Names, prefixes: Names) -> _Packed:
    references = _id_fields(group.kind)
    return _Packed(
        kind=group.kind,
        what=group.what,  # type: ignore[arg-type]  # one of the sorts
        fields=list(group.fields),
        count=len(group.places),
        places=packing.numbers(group.places),
        row_ids=packing.ids(group.row_ids, prefixes),
        by=_numbered(group.by, users),
        at=packing.numbers(_each(group.at, _seconds)),
        salts=_numbered(group.salts, salts),
        seqs=packing.numbers(group.seqs),
        values=[
            packing.any_column(column, prefixes) if f in references else packing.column(column)
            for f, column in zip(group.fields, group.values, strict=True)
        ],
        conflicts=group.conflicts or [],
    )


def _numbered(texts: Sequence[str], names: Names) -> Numbers:
    return packing.numbers(_each(texts, names.__getitem__))


def _each(texts: Sequence[str], number: Callable[[str], int]) -> Sequence[int]:
    """The number of each text, computed once if they are all the same."""
    return [number(texts[0])] * len(texts) if texts.count(texts[0]) == len(texts) else list(map(number, texts))


@lru_cache(maxsize=256)
def _id_fields(kind: int) -> frozenset[int]:
    declared = next((k for k in KINDS.values() if k.number == kind), None)
    return frozenset(f.number for f in declared.fields if f.type is Type.ID) if declared else frozenset()


@lru_cache(maxsize=4096)
def _seconds(at: str) -> int:
    return timegm(strptime(at, _TIME))


@lru_cache(maxsize=4096)
def stamp(seconds: int) -> str:
    """Format a time (Unix seconds) as records store it."""
    return strftime(_TIME, gmtime(seconds))


def _spread(groups: Sequence[_Packed], names: Sequence[str]) -> int:
    """Upper bound of the characters of all texts when every row has its own copy. `names`: user names and salts, of which every change has
    two."""
    each = max(map(len, names), default=0)
    return sum(2 * each * group.count + sum(packing.spread(column, group.count) for column in group.values) for group in groups)


# -- reading ---------------------------------------------------------------------------------------------------------


def decode(users: Sequence[str], body: bytes, count: int) -> list[Group]:
    """Decode the groups of a body. Raises `WireError` unless it is well-formed and has exactly `count` changes."""
    try:
        raw = _BODY.decode(body)
        if count > MAX_CHANGES or sum(group.count for group in raw.groups) != count:  # before columns are spread out
            raise ValueError("count")
        if count > 1 and _spread(raw.groups, (*users, *raw.salts)) > MAX_SPREAD:
            raise ValueError("spread")
        packing.check_prefixes(raw.prefixes)
        if any("\0" in name for name in (*users, *raw.salts)):
            raise ValueError("names")
        groups = [_unpack(group, users, raw) for group in raw.groups]
        whole = _whole([group.places for group in groups], count)
    except (msgspec.DecodeError, TypeError, ValueError, LookupError, OverflowError, OSError, RecursionError) as error:
        raise WireError(f"unreadable body: {type(error).__name__}") from None
    if not whole:
        raise WireError("places of changes are not those of the header")
    return groups


def _whole(places: list[Sequence[int]], count: int) -> bool:
    if len(places) == 1:
        return places[0] == range(count) or list(places[0]) == list(range(count))
    return sorted(place for some in places for place in some) == list(range(count))


def _unpack(packed: _Packed, users: Sequence[str], body: _Body) -> Group:
    n, fields = packed.count, packed.fields
    if n < 1 or len(packed.values) != len(fields) or len(set(fields)) != len(fields) or len(fields) > MAX_FIELDS:
        raise ValueError("fields")
    row_ids = packing.read_ids(packed.row_ids, n, body.prefixes)
    if None in row_ids:
        raise ValueError("row id")
    if len(packed.conflicts) != (n if packed.what == "C" else 0) or "\0" in "".join(packed.conflicts):
        raise ValueError("conflicts")
    return Group(
        kind=packed.kind,
        what=packed.what,
        fields=tuple(fields),
        places=packing.read_numbers(packed.places, n),
        row_ids=row_ids,  # type: ignore[arg-type]  # no None among them, checked above
        by=packing.read_names(packed.by, n, users),
        at=_times(packing.read_numbers(packed.at, n)),
        salts=packing.read_names(packed.salts, n, body.salts),
        seqs=packing.read_numbers(packed.seqs, n),
        values=[packing.read_column(column, n, body.prefixes) for column in packed.values],
        conflicts=packed.conflicts if packed.what == "C" else None,
    )


def _times(seconds: Sequence[int]) -> list[str]:
    if min(seconds) < _YEAR_1000 or max(seconds) >= _YEAR_10000:
        raise ValueError("times")
    return [stamp(seconds[0])] * len(seconds) if seconds[0] == seconds[-1] and len(set(seconds)) == 1 else [stamp(s) for s in seconds]

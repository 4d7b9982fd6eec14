"""Changes of a batch as columns: values of one field lie together, where they compress well and decode without a loop a row.

The body is JSON: tables of run salts and id prefixes, then groups of changes of one kind, one sort (I U D R C) and the
same fields. A column is a list, or one scalar when all its values are equal. Numbers that grow are kept as differences.
Whatever comes from outside is checked for shape here; whether a kind, field or value is known is `sync.apply`'s affair.
"""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, pairwise, repeat
from time import gmtime, strftime, strptime
from typing import Any

import msgspec

from domain.fields import KINDS
from domain.values import Stored, Type

MAX_CHANGES = 200_000
_PREFIX = 28  # of a UUID's 36 characters: what ids of one program run share
_ID_LENGTH = 36
_HEAD = re.compile(r"[0-9a-f-]{28}")
_SORTS = frozenset("IUDRC")
_TIME = "%Y-%m-%dT%H:%M:%SZ"


class WireError(ValueError):
    """Bytes that are not what they should be. Says what, for logs; people are told by whoever catches it."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one row. `values`: field numbers and stored values it set (for C the chosen one); `id` = (`salt`, `seq`)."""

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
    places: list[int]
    row_ids: list[str]
    by: list[str]
    at: list[str]
    salts: list[str]
    seqs: list[int]
    values: list[list[Stored]]
    """One column a field."""
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


# -- writing ---------------------------------------------------------------------------------------------------------


class _Names(dict[str, int]):
    """Numbers names in the order they are met."""

    def __missing__(self, name: str) -> int:
        self[name] = len(self)
        return self[name]


def encode(changes: Sequence[Change]) -> tuple[list[str], bytes]:
    """The user table (for the header) and the body of a batch."""
    users, salts, prefixes = _Names(), _Names(), _Names()
    grouped: dict[tuple[int, str, tuple[int, ...]], list[tuple[int, Change]]] = {}
    for place, change in enumerate(changes):
        fields = () if change.what == "I" else tuple(sorted(change.values))
        grouped.setdefault((change.kind, change.what, fields), []).append((place, change))
    groups = []
    for (kind, what, fields), members in grouped.items():
        if what == "I":
            fields = tuple(sorted(set().union(*(change.values for _place, change in members))))
        groups.append([kind, what, list(fields), len(members), *_columns(kind, fields, members, users, salts, prefixes)])
    body = {"s": list(salts), "p": list(prefixes), "g": groups}
    return list(users), msgspec.json.encode(body)


def _columns(
    kind: int, fields: tuple[int, ...], members: list[tuple[int, Change]], users: _Names, salts: _Names, prefixes: _Names
) -> list[Any]:
    changes = [change for _place, change in members]
    references = _id_fields(kind)
    return [
        _pack(_steps([place for place, _change in members])),
        _ids([c.row_id for c in changes], prefixes),
        _pack([users[c.by] for c in changes]),
        _pack(_steps([_seconds(c.at) for c in changes])),
        _pack([salts[c.salt] for c in changes]),
        _pack(_steps([c.seq for c in changes])),
        [
            _ids(column, prefixes) if f in references and _all_ids(column) else _pack(column)
            for f in fields
            for column in ([c.values.get(f) for c in changes],)
        ],
        [c.conflict for c in changes] if changes[0].what == "C" else None,
    ]


def _pack(column: list[Any]) -> Any:
    first = column[0]
    return first if column.count(first) == len(column) else column


def _steps(numbers: list[int]) -> list[int]:
    return [numbers[0], *(b - a for a, b in pairwise(numbers))]


def _ids(column: list[Any], prefixes: _Names) -> dict[str, Any]:
    heads = [-1 if v is None else prefixes[v[:_PREFIX]] for v in column]
    tails = [0 if v is None else int(v[_PREFIX:], 16) for v in column]
    return {"p": _pack(heads), "n": _pack(_steps(tails))}


def _all_ids(column: list[Stored]) -> bool:
    return all(v is None or (type(v) is str and len(v) == _ID_LENGTH) for v in column)


@lru_cache(maxsize=256)
def _id_fields(kind: int) -> frozenset[int]:
    declared = next((k for k in KINDS.values() if k.number == kind), None)
    return frozenset(f.number for f in declared.fields if f.type is Type.ID) if declared else frozenset()


@lru_cache(maxsize=4096)
def _seconds(at: str) -> int:
    return timegm(strptime(at, _TIME))


@lru_cache(maxsize=4096)
def _time(seconds: int) -> str:
    return strftime(_TIME, gmtime(seconds))


# -- reading ---------------------------------------------------------------------------------------------------------


def decode(users: Sequence[str], body: bytes, count: int) -> list[Group]:
    """The groups of a body; raises `WireError` unless it is whole, well-formed and holds exactly `count` changes."""
    try:
        raw = msgspec.json.decode(body)
        if not all(_HEAD.fullmatch(prefix) for prefix in raw["p"]) or any("\0" in name for name in (*users, *raw["s"])):
            raise ValueError("names")
        groups = [_group(item, users, raw["s"], raw["p"]) for item in raw["g"]]
        places = sorted(place for group in groups for place in group.places)
    except (msgspec.DecodeError, TypeError, ValueError, LookupError, OverflowError, OSError, RecursionError) as error:
        raise WireError(f"unreadable body: {type(error).__name__}") from None
    if places != list(range(count)):
        raise WireError("places of changes are not those of the header")
    return groups


def _group(item: list[Any], users: Sequence[str], salts: list[str], prefixes: list[str]) -> Group:
    kind, what, fields, n, places, ids, by, at, salt, seq, columns, conflicts = item
    if type(kind) is not int or what not in _SORTS or type(n) is not int or not 0 < n <= MAX_CHANGES:
        raise ValueError(what)
    if len(columns) != len(fields) or any(type(f) is not int for f in fields) or len(set(fields)) != len(fields):
        raise ValueError("fields")
    row_ids = _read_ids(ids, n, prefixes)
    if any(row_id is None for row_id in row_ids):
        raise ValueError("row id")
    if (what == "C") != (conflicts is not None) or (conflicts is not None and not _texts(conflicts, n)):
        raise ValueError("conflicts")
    return Group(
        kind=kind,
        what=what,
        fields=tuple(fields),
        places=_sums(places, n),
        row_ids=row_ids,  # type: ignore[arg-type]  # no None among them, checked above
        by=_named(by, n, users),
        at=[_time(s) for s in _sums(at, n)],
        salts=_named(salt, n, salts),
        seqs=_sums(seq, n),
        values=[_read_ids(c, n, prefixes) if isinstance(c, dict) else _values(c, n) for c in columns],  # type: ignore[misc]
        conflicts=conflicts,
    )


def _unpack(column: Any, n: int) -> list[Any]:
    if not isinstance(column, list):
        return [column] * n
    if len(column) != n:
        raise ValueError("column length")
    return column


def _integers(column: Any, n: int) -> list[int]:
    numbers = _unpack(column, n)
    if set(map(type, numbers)) - {int}:
        raise ValueError("not integers")
    return numbers


def _sums(column: Any, n: int) -> list[int]:
    return list(accumulate(_integers(column, n)))


def _named(column: Any, n: int, names: Sequence[str]) -> list[str]:
    numbers = _integers(column, n)
    if min(numbers) < 0 or set(map(type, names)) - {str}:
        raise ValueError("names")
    return [names[number] for number in numbers]


def _texts(column: Any, n: int) -> bool:
    return isinstance(column, list) and len(column) == n and set(map(type, column)) == {str} and "\0" not in "".join(column)


def _values(column: Any, n: int) -> list[Stored]:
    values = _unpack(column, n)
    if set(map(type, values)) - {str, int, type(None)}:
        raise ValueError("value types")
    return values


def _read_ids(column: dict[str, Any], n: int, prefixes: list[str]) -> list[str | None]:
    heads, tails = _integers(column["p"], n), _sums(column["n"], n)
    if min(heads) < -1 or not all(0 <= tail < 2**32 for tail in tails):
        raise ValueError("ids")
    return [None if head < 0 else f"{prefixes[head]}{tail:08x}" for head, tail in zip(heads, tails, strict=True)]

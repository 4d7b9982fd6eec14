"""The data check on records entered twice, as when two laptops import the same roster before they hear of each other."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Any, Final

from domain.fields import KINDS, Kind, Record
from domain.grouping import by_key
from domain.quality_rule import Found, rule
from domain.register import KINDS_READ, Register
from domain.values import Type
from domain.words import _

_JUDGED_ELSEWHERE: Final = frozenset({"person", "claim", "notice", "objection", "payment", "survey", "target"})
"""Kinds with checks of their own, or where equal records are a matter of course."""
_UNNUMBERED: Final = {"household": ("head_id",)}
"""What records are known by whose `Kind.match` fields are empty: a village need not number its households."""


def repeated(register: Register) -> Mapping[str, Record]:
    """The records that repeat another one, by id, with that one.

    Two records of a village are the same if an import would take them for one (`Kind.match`) and no field has two different values; what
    they refer to may in turn be the same records entered twice, or one person under two merged records. Of households the one with more
    members stays, then the fuller one, of equals the one with the lower id, so that two laptops keep the same one.
    """
    return register.once("repeated", lambda: _Repeats(register).found)


class _Repeats:
    def __init__(self, register: Register) -> None:
        self.register = register
        self.found: dict[str, Record] = {}
        self._done: set[str] = set()
        for name in KINDS_READ:
            self._find(KINDS[name])

    def _find(self, kind: Kind) -> None:
        """Find the repeated records of a kind, after those it refers to."""
        if kind.name in self._done:
            return
        self._done.add(kind.name)
        for f in kind.references():
            self._find(KINDS[str(f.ref)])
        if kind.by_hand and kind.name not in _JUDGED_ELSEWHERE:
            alike = by_key((self._match(row), row) for row in self.register.records(kind.name))
            for key, rows in alike.items():
                if len(rows) > 1 and any(key[1:]):
                    self._compare(sorted(rows, key=lambda row: (-len(self.register.members.get(row.id, ())), -_filled(row), row.id)))

    def _match(self, row: Record) -> tuple[Any, ...]:
        known = row.KIND.match if any(row.get(name) for name in row.KIND.match) else _UNNUMBERED.get(row.KIND.name, ())
        return (row.village, *(self._meant(row, name) for name in known))

    def _meant(self, row: Record, name: str) -> Any:
        """A field's value; of a reference to a repeated or merged record, the one it stands for."""
        value = row.get(name)
        if value and row.KIND.by_name[name].type is Type.ID:
            known = self.found.get(value)
            return known.id if known is not None else self.register.replaced.get(value) or value
        return value

    def _compare(self, rows: list[Record]) -> None:
        kept: list[Record] = []
        for row in rows:
            same = next((one for one in kept if self._agree(one, row)), None)
            if same is None:
                kept.append(row)
            elif not row.KIND.key or attrgetter(*row.KIND.key)(row) != attrgetter(*row.KIND.key)(same):  # else W39
                self.found[row.id] = same

    def _agree(self, one: Record, other: Record) -> bool:
        pairs = ((self._meant(one, f.name), self._meant(other, f.name)) for f in one.KIND.fields if not f.multiline)
        return all(a == b or a in _EMPTY or b in _EMPTY for a, b in pairs)


_EMPTY: Final[tuple[Any, ...]] = (None, "", frozenset(), ())


def _filled(row: Record) -> int:
    return sum(row.get(f.name) not in _EMPTY for f in row.KIND.fields)


@rule("E20", "同一件事登记了两次", "按「删去多记的」，每样只留一条；确实是两件事的，按「处置」")
def entered_twice(register: Register, on: str) -> Found:
    """A record that repeats another one, so that figures count it twice."""
    ids = repeated(register)
    for name in KINDS_READ if ids else ():
        for row in (row for row in register.records(name) if row.id in ids):
            whose = row.get("name") or row.get("title") or register.whose(row)
            yield row, _("{name}：{what}登记了两次，内容一样").format(name=whose, what=_what(row))


def _what(row: Record) -> str:
    when = next((row.shown(name) for name in ("month", "year", "term", "on", "opened_on", "start", "end") if row.get(name)), None)
    return " ".join(filter(None, (when, _(row.KIND.label))))

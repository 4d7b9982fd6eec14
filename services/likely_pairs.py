"""Chooses which people to compare with one another, among more than memory would hold with all their fields.

Not all pairs are compared. People are grouped by something they share (birth date and surname; the sound of the name and the village; a
household, phone or account), and each invalid number is compared with the numbers one typing error away. Of each person only what decides
whether a pair is hopeless is kept, and of what they may share only hashes.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import Any, Final

from sqlalchemy import select

from db.mapping import table
from db.merged import stands
from db.pinyin import syllables
from db.prepared import Prepared
from db.session import Session
from domain.grouping import by_key
from domain.likeness import Outline, calls, hopeless, outlined, slips
from domain.name_likeness import heard

_AROUND: Final = 20
"""In a large group, each person is compared with this many neighbours in the order of names."""
_SHARED: Final = ("household", "phone", "account")
_CROWD: Final = 40
"""Something shared by more people than this is no reason to compare them."""
_UNSURE: Final = 2_000
"""Most invalid numbers of which the typing errors are tried."""
_AT_ONCE: Final = 2_000
"""Rows read at once."""
_COLUMNS: Final = ("id", "village", "name", "pinyin", "id_number", "birth", "household_id", "phone", "bank_account")
_PEOPLE: Final = Prepared(
    select(*(table("person").c[name] for name in _COLUMNS)).where(table("person").c.deleted_at.is_(None), stands()), tuple
)

_Keys = dict[str, "array[int]"]
"""For each thing that people may share, its hash for every person; 0 where it is not known."""


def likely_pairs(session: Session, within: str = "") -> Iterator[tuple[str, str]]:
    """The ids of each two people who may be one and have no equal numbers, each pair once. `within`: a scope code; at least one of the two
    must be in it."""
    people, keys = _read(session)
    seen = set[tuple[str, str]]()
    for one, other in _laid_together(people, keys):
        if not (one.village.startswith(within) or other.village.startswith(within)):
            continue
        if (one.number18 == other.number18 and len(one.number18) > 14) or hopeless(one, other):
            continue
        pair = (one.id, other.id) if one.id < other.id else (other.id, one.id)
        if pair not in seen:
            seen.add(pair)
            yield pair


def _read(session: Session) -> tuple[list[Outline], _Keys]:
    people, keys = list[Outline](), {name: array("q") for name in ("born", "name", *_SHARED)}
    once = dict[Any, Any]()  # days and the sounds of names, kept once for all who have them
    for rows in _PEOPLE.parts(session.conn, _AT_ONCE):
        for id, village, name, pinyin, number, birth, *shared in rows:
            sounds = tuple(pinyin.split(" ")) if pinyin else syllables(name or "")
            one = outlined(id, village, name or "", once.setdefault(sounds, sounds), number or "", once.setdefault(birth, birth) or "")
            people.append(one)
            for at, key in zip(keys.values(), _keys(one, *shared), strict=True):
                at.append(hash(key) if key else 0)
    return people, keys


def _keys(one: Outline, household: str | None, phone: str | None, account: str | None) -> tuple[Any, ...]:
    """What a person may share with others, in the order of `_Keys`; empty where it is not known."""
    heads = [heard(part) for part in one.sounds]
    born, name = (one.born and (one.born, heads[0]), (one.village, *heads)) if heads else (None, None)
    phone, account = calls(phone or "", account or "")
    return born, name, household, len(phone) > 6 and phone, len(account) > 7 and account


def _laid_together(people: Sequence[Outline], keys: _Keys) -> Iterator[tuple[Outline, Outline]]:
    for name, hashes in keys.items():
        for group in _groups(hashes):
            if name in _SHARED and len(group) > _CROWD:
                continue  # for example the village office's phone
            some = [people[n] for n in group]
            ordered = sorted(some, key=lambda known: (known.sounds, known.id)) if len(some) > 2 else some
            for n, one in enumerate(ordered):
                yield from ((one, other) for other in islice(ordered, n + 1, n + 1 + _AROUND))
    yield from _by_slips(people)


def _groups(hashes: Sequence[int]) -> Iterator[list[int]]:
    """The numbers of those who share something, of at least two each."""
    order = sorted((n for n, key in enumerate(hashes) if key), key=hashes.__getitem__)
    for _key, group in groupby(order, key=hashes.__getitem__):
        first, *others = group
        if others:
            yield [first, *others]


def _by_slips(people: Iterable[Outline]) -> Iterator[tuple[Outline, Outline]]:
    """Pairs whose numbers are one typing error apart. One of the two must be invalid, so only invalid numbers are varied."""
    unsure = list(islice((known for known in people if not known.certain and len(known.number18) > 16), _UNSURE))
    by_number = by_key((known.number18, known) for known in people) if unsure else {}
    for known in unsure:
        for number in slips(known.number18):
            yield from ((known, other) for other in by_number.get(number, ())[:_AROUND])

"""Search while typing: the best matches among all kinds of record, people first, each described in a few words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice, product
from typing import Any, Final

from sqlalchemy import CompoundSelect, RowMapping, func, literal, or_, select, union_all

from db.mapping import table
from db.merged import stands
from db.pinyin import alike, syllables
from db.search import MIN_DIGITS, conditions, naming_field, normalised, ordered, starts
from db.session import Session
from domain import divisions
from domain.fields import KINDS, Kind, kind_of
from domain.identity import age_on
from domain.name_likeness import heard
from domain.scopes import is_village
from domain.values import Type
from domain.words import _

_OTHER_PLACES: Final = 6
"""Places in a list full of people that are kept for employers, courses and the like."""
_TELLING: Final = frozenset({Type.ENUM, Type.DATE, Type.FDATE, Type.AREA, Type.PLACE})


@dataclass(frozen=True)
class Hit:
    """A search result: `title` is its name, `detail` says in a few words (secrets masked) which one it is."""

    kind: str
    id: str
    title: str
    detail: str


def search(session: Session, text: str, limit: int = 20) -> list[Hit]:
    """The best matches, people first: those that begin with `text`, then those that contain it; if there is no such person, those whose
    names sound like it."""
    if not normalised(text) or limit < 1:
        return []
    others = [*_homes(session, normalised(text), limit), *islice(_other_hits(session, text, limit), limit)][:limit]
    people = _people(session, text, max(limit - len(others), limit - _OTHER_PLACES))
    return [*people, *others][:limit]


def _people(session: Session, text: str, limit: int) -> list[Hit]:
    kind = kind_of("person")
    t = table(kind)
    ids: dict[str, None] = {}
    for order, condition in ordered(kind, text):
        if len(ids) >= limit:
            break
        # equal rows in index order: ordering by id as well would not use the indexes of `mapping.LOOKED_UP`
        query = select(t.c.id).where(condition, t.c.deleted_at.is_(None)).order_by(order).limit(limit)
        ids |= dict.fromkeys(session.conn.execute(query).scalars())
    return _described(session, list(ids)[:limit] or _sounding(session, normalised(text), limit))


def _sounding(session: Session, words: str, limit: int) -> list[str]:
    """People whose names sound as if they began with the Chinese `words`: 汪晓梅 is found by 王小妹. Exact homophones come first."""
    parts = syllables(words)
    if words.isascii() or len(parts) < 2 or not all(part.isalpha() for part in parts):
        return []
    t = table("person")
    # a prefix look-up of `lin` also finds `ling`
    given_names = [one for one in alike(parts[1]) if not (one.endswith("g") and one[:-1] in alike(parts[1]))]
    rows: list[tuple[str, str]] = []
    for first, second in product(alike(parts[0]), given_names):  # one look-up each: a single OR would scan every name
        begins = starts(t.c.pinyin, f"{first} {second}")
        query = select(t.c.pinyin, t.c.id).where(begins, t.c.deleted_at.is_(None), stands())
        rows += [(pinyin, id) for pinyin, id in session.conn.execute(query)]
    sounds = [heard(part) for part in parts]
    written = [(id, tuple(pinyin.split(" ")[: len(parts)])) for pinyin, id in sorted(rows)]
    found = [(spelt != parts, id) for id, spelt in written if [heard(part) for part in spelt] == sounds]
    return [id for _unlike, id in sorted(found, key=lambda one: one[0])][:limit]


def _described(session: Session, ids: Sequence[str]) -> list[Hit]:
    """Search results for people, in the order of `ids`."""
    p, h = table("person"), table("household")
    query = select(p, h.c.group.label("of_group"), h.c.address.label("of_address")).outerjoin(h, h.c.id == p.c.household_id)
    rows = {row["id"]: row for row in session.conn.execute(query.where(p.c.id.in_(ids), stands())).mappings()}
    return [Hit("person", id, rows[id]["name"], _person_detail(session, rows[id])) for id in ids if id in rows]


def _person_detail(session: Session, row: RowMapping) -> str:
    fields = kind_of("person").by_name
    age = _("{n} 岁").format(n=age_on(row["birth"], session.today)) if row["birth"] else ""
    parts = (
        fields["sex"].show(row["sex"]),
        _("已故") if row["died_on"] else age,
        "" if is_village(session.scope) else divisions.called(row["village"]),
        row["of_group"] or row["of_address"] or "",
        fields["id_number"].show(row["id_number"]),
    )
    return _joined(*parts)


def _joined(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)


def _homes(session: Session, words: str, limit: int) -> list[Hit]:
    """Households whose number ends with `words`. Numbers of the national system all begin with the village's code, so only their end is
    telling; a village's own may be H003."""
    if not (words.isascii() and words[-1:].isdecimal()) or len(words) < MIN_DIGITS:
        return []
    h, p = table("household"), table("person")
    ends = h.c.number.endswith(words, autoescape=True) & h.c.deleted_at.is_(None)
    query = select(h.c.id, h.c.number, h.c.group, h.c.address, p.c.name).outerjoin(p, p.c.id == h.c.head_id).where(ends)
    rows = session.conn.execute(query.order_by(func.length(h.c.number), h.c.number).limit(limit))
    return [
        Hit(
            "household",
            row.id,
            _("{name} 户").format(name=row.name) if row.name else _("户"),
            _joined(_("户编号 {number}").format(number=row.number), row.group or row.address),
        )
        for row in rows
    ]


def _other_hits(session: Session, text: str, limit: int) -> Iterator[Hit]:
    """Matches among employers, courses, posts and all other kinds with a name."""
    there = set(session.conn.execute(_kinds_there()).scalars())  # most stations have no records of most kinds: skip their queries
    for kind in (kind for kind in _other_kinds() if kind.name in there):
        found = conditions(kind, text)
        if found:
            t = table(kind)
            query = select(t).where(or_(*found), t.c.deleted_at.is_(None)).order_by(t.c.pinyin, t.c.id).limit(limit)
            for row in session.conn.execute(query).mappings():
                yield Hit(kind.name, row["id"], str(row[str(naming_field(kind))]), _joined(_(kind.label), *distinguishing(kind, row)))


@cache
def _other_kinds() -> tuple[Kind, ...]:
    return tuple(kind for kind in KINDS.values() if naming_field(kind) and kind.name != "person" and "record_id" not in kind.by_name)


@cache
def _kinds_there() -> CompoundSelect[Any]:
    """Names of the other kinds that have any record."""
    return union_all(*(select(literal(kind.name)).where(select(table(kind).c.id).exists()) for kind in _other_kinds()))


def distinguishing(kind: Kind, row: RowMapping) -> list[str]:
    """At most two values of a record, shown as texts, that tell it from others of the same name."""
    shown = (f.show(f.from_stored(row[f.name])) for f in kind.fields if f.type in _TELLING)
    return list(islice((text for text in shown if text), 2))

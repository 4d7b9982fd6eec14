"""Search while typing by name, pinyin, initials, last digits and village group, and the local columns that make it fast.

The columns `pinyin`, `initials`, `id_tail` and `phone_tail` are derived here from a record's own fields whenever it is written. They never
travel: every store derives its own. Each look-up uses an index and reads only the rows shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice, product, repeat
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, CompoundSelect, RowMapping, and_, func, literal, or_, select, union_all

from db.mapping import table
from db.merged import stands
from db.pinyin import alike, beginnings, initials, names, splits, syllables
from domain import divisions
from domain.division_tables import local
from domain.fields import KINDS, Kind, kind_of
from domain.identity import age_on, clean_phone, half_width, id18
from domain.name_likeness import heard
from domain.values import Type, seen
from domain.words import _

if TYPE_CHECKING:
    from db.session import Session

MIN_DIGITS = 3
"""Fewest last digits of an ID number or phone to search for; fewer are a group number."""
_OTHER_PLACES = 6  # places in a list full of people that are kept for employers, courses and the like
_MAX_SPLITS = 6
_LAST_CHARACTER = "\U0010ffff"  # follows every other character
_GROUP = re.compile(r"第?([0-9]{1,2}|[一二三四五六七八九十]{1,3})(?:(?:村民)?小?[组队社])?")
_DIGITS = re.compile(r"[0-9]+[Xx]?")
_PLACE_ENDINGS = "村镇乡区会场道"
"""The characters with which names of villages and townships end."""
_LETTERS = re.compile(r"(?=.*[a-zA-ZüÜ])[a-zA-ZüÜ' ]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SOURCES = ("name", "title", "id_number", "phone")
_NUMERALS = "零一二三四五六七八九"


@dataclass(frozen=True)
class Hit:
    """A search result: `title` is its name, `detail` says in a few words (secrets masked) which one it is."""

    kind: str
    id: str
    title: str
    detail: str


# -- the derived columns -------------------------------------------------------------------------------------------


def search_columns(kind: Kind, values: Mapping[str, Any]) -> dict[str, str | None]:
    """Search columns of the given record values; only those whose source field is among them."""
    found = search_lists(kind, {name: [value] for name, value in values.items() if name in _SOURCES})
    return {column: derived[0] for column, derived in found.items()}


def search_lists(kind: Kind, columns: Mapping[str, Sequence[Any]]) -> dict[str, list[str | None]]:
    """Search columns of many records given as columns."""
    found: dict[str, list[str | None]] = {}
    named = _name(kind)
    if named is not None and named in columns:
        values = [name or "" for name in columns[named]]
        person = kind.name == "person"
        letters = list(names(values) if person and len(values) > 1 else map(_title_letters, values, repeat(person)))
        found["pinyin"] = [spelt or None for spelt, _initials in letters]
        found["initials"] = [initials or None for _spelt, initials in letters]
    if "id_number" in columns and _secret(kind, "id_number"):
        numbers = (number or "" for number in columns["id_number"])
        found["id_tail"] = [(n if len(n) == 18 else id18(n))[::-1] or None for n in numbers]
    if "phone" in columns and _secret(kind, "phone"):
        phones = (phone or "" for phone in columns["phone"])
        found["phone_tail"] = [(p if p.isdecimal() else _digits(clean_phone(p)))[::-1] or None for p in phones]
    return found


@lru_cache(maxsize=4096)
def _title_letters(title: str, surname: bool) -> tuple[str, str]:
    """Syllables and initials of a title or a name (cached: they recur)."""
    parts = syllables(title, surname=surname)
    return " ".join(parts), initials(parts)


@cache
def _name(kind: Kind) -> str | None:
    return next((name for name in ("name", "title") if name in kind.by_name and kind.by_name[name].type is Type.TEXT), None)


@cache
def _secret(kind: Kind, name: str) -> bool:
    return name in kind.by_name and kind.by_name[name].secret


def _words(text: str) -> str:
    return half_width(seen(_CONTROL.sub("", text))).strip()  # a NUL would end the pattern early, so that it matched everything


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


# -- conditions ------------------------------------------------------------------------------------------------------


def conditions(kind: Kind, text: str) -> list[ColumnElement[bool]]:
    """Conditions on the table of `kind`, any of which makes a record match. Each is quick by itself, but not all of them in one OR. The
    likeliest come first: those of `look_ups`, then those that scan every name. Empty if the kind cannot be searched for such text."""
    return [*look_ups(kind, text), *_containing(kind, text), *_of_place(kind, text)]


def look_ups(kind: Kind, text: str) -> list[ColumnElement[bool]]:
    """Those of `conditions` that are a single index look-up, however many records there are."""
    return [condition for _order, condition in _beginning(kind, text)]


def _beginning(kind: Kind, text: str) -> Iterator[tuple[ColumnElement[Any], ColumnElement[bool]]]:
    """Conditions that are a single look-up in the index on the column beside them; the likeliest first."""
    t = table(kind)
    words = _words(text)
    group = _GROUP.fullmatch(words)
    if group and kind.name in ("person", "household"):
        yield t.c.pinyin if kind.name == "person" else t.c.group, _in_group(kind, _group_names(group[1]))
    if _DIGITS.fullmatch(words) and len(words) >= MIN_DIGITS:
        tail = (id18(words) if len(words) == 15 else words.upper())[::-1]
        yield from ((t.c[name], _starts(t.c[name], tail)) for name in ("id_tail", "phone_tail") if name in t.c)
    if "pinyin" not in t.c:
        return
    if _LETTERS.fullmatch(words):
        yield t.c.initials, _starts(t.c.initials, _letters(words))
        yield from ((t.c.pinyin, _spelt(t.c.pinyin, way)) for way in splits(words)[:_MAX_SPLITS] if any(len(part) > 1 for part in way))
    elif words and not _DIGITS.fullmatch(words):
        yield from ((t.c.pinyin, condition) for condition in _named(kind, words))


def _containing(kind: Kind, text: str) -> Iterator[ColumnElement[bool]]:
    """Conditions that scan an index or, for kinds with few records, the table."""
    t = table(kind)
    words = _words(text)
    if "pinyin" not in t.c or not words or _DIGITS.fullmatch(words):
        return
    if _LETTERS.fullmatch(words):
        yield from (t.c.pinyin.like(f"% {' '.join(way)}%") for way in splits(words)[:1] if len(words) > 1)
        if kind.name != "person":
            yield t.c.initials.like(f"%{_letters(words)}%")
        return
    yield _has(t.c[str(_name(kind))], words)
    if kind.name == "person" and not _GROUP.fullmatch(words):
        yield _in_group(kind, (), begins=words)


def _of_place(kind: Kind, text: str) -> list[ColumnElement[bool]]:
    """Records of a village or township with that name, to narrow a list above village level."""
    t, words = table(kind), _words(text)
    if len(words) < 2 or words[-1] not in _PLACE_ENDINGS:
        return []
    codes = [one.code for one in local().values() if one.name == words]
    return [or_(*(_starts(t.c.village, code) for code in codes))] if codes else []


def _named(kind: Kind, words: str) -> Iterator[ColumnElement[bool]]:
    t = table(kind)
    column = t.c[str(_name(kind))]
    if kind.name == "person":
        yield from (and_(_starts(t.c.pinyin, spelt), column.startswith(words, autoescape=True)) for spelt in beginnings(words))
    else:
        yield column.startswith(words, autoescape=True)


def _has(column: ColumnElement[str], words: str) -> ColumnElement[bool]:
    pattern = re.sub(r"([%_\\])", r"\\\1", words)
    return column.like(f"%{pattern}%", escape="\\")  # bound as a whole: concatenating it for each row is slow


def _starts(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    return and_(column >= text, column < text + _LAST_CHARACTER)


def _spelt(column: ColumnElement[str], way: Sequence[str]) -> ColumnElement[bool]:
    """Names whose syllables begin with the parts of `way`, in order."""
    return and_(_starts(column, way[0]), column.like("% ".join(way) + "%")) if len(way) > 1 else _starts(column, way[0])


def _letters(words: str) -> str:
    return re.sub("[^a-z]", "", words.lower().replace("ü", "v"))


def _in_group(kind: Kind, names: Iterable[str], begins: str = "") -> ColumnElement[bool]:
    """People or households of a village group."""
    h = table("household")
    named = _starts(h.c.group, begins) if begins else h.c.group.in_(list(names))
    if kind.name == "household":
        return named
    houses = select(h.c.id).where(named, h.c.deleted_at.is_(None))
    # not the bare column: the list is to be walked in its order, not put together house by house; and not walked in vain
    return and_(houses.exists(), func.coalesce(table("person").c.household_id, "").in_(houses))


def _group_names(number: str) -> list[str]:
    """The usual spellings of a village group: 3组, 三组, 第三村民小组, 3."""
    value = int(number) if number.isdigit() else _value(number)
    tens, ones = divmod(value, 10)
    chinese = ("" if tens < 2 else _NUMERALS[tens]) + ("十" if tens else "") + (_NUMERALS[ones] if ones or not tens else "")
    endings = ("", "组", "小组", "村民组", "村民小组", "队", "社")
    return [f"{front}{n}{end}" for front in ("", "第") for n in (str(value), f"{value:02d}", chinese) for end in endings]


def _value(chinese: str) -> int:
    tens, ten, ones = chinese.rpartition("十")
    if not ten:
        return int("".join(str(_NUMERALS.index(sign)) for sign in chinese) or 0)
    return (_NUMERALS.index(tens[-1]) if tens and tens[-1] in _NUMERALS else 1) * 10 + (_NUMERALS.index(ones[-1]) if ones else 0)


# -- searching -------------------------------------------------------------------------------------------------------


def search(session: Session, text: str, limit: int = 20) -> list[Hit]:
    """The best matches, people first: those that begin with `text`, then those that contain it; if there is no such person, those whose
    names sound like it."""
    if not _words(text) or limit < 1:
        return []
    others = [*_homes(session, _words(text), limit), *islice(_other_hits(session, text, limit), limit)][:limit]
    people = _people(session, text, max(limit - len(others), limit - _OTHER_PLACES))
    return [*people, *others][:limit]


def _people(session: Session, text: str, limit: int) -> list[Hit]:
    kind = kind_of("person")
    t = table(kind)
    ids: dict[str, None] = {}
    for order, condition in (*_beginning(kind, text), *((t.c.pinyin, condition) for condition in _containing(kind, text))):
        if len(ids) >= limit:
            break
        # equal rows in index order: ordering by id as well would not use the indexes of `mapping.LOOKED_UP`
        query = select(t.c.id).where(condition, t.c.deleted_at.is_(None)).order_by(order).limit(limit)
        ids |= dict.fromkeys(session.conn.execute(query).scalars())
    return _described(session, list(ids)[:limit] or _sounding(session, _words(text), limit))


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
        begins = _starts(t.c.pinyin, f"{first} {second}")
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
        "" if len(session.scope) == 12 else divisions.called(row["village"]),
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
        Hit("household", row.id, _home_title(row.name), _joined(_("户编号 {number}").format(number=row.number), row.group or row.address))
        for row in rows
    ]


def _home_title(head: str | None) -> str:
    return _("{name} 户").format(name=head) if head else _("户")


def _other_hits(session: Session, text: str, limit: int) -> Iterator[Hit]:
    """Matches among employers, courses, posts and all other kinds with a name."""
    there = set(session.conn.execute(_kinds_there()).scalars())  # most stations have no records of most kinds: skip their queries
    for kind in (kind for kind in _other_kinds() if kind.name in there):
        found = conditions(kind, text)
        if found:
            t = table(kind)
            query = select(t).where(or_(*found), t.c.deleted_at.is_(None)).order_by(t.c.pinyin, t.c.id).limit(limit)
            for row in session.conn.execute(query).mappings():
                yield Hit(kind.name, row["id"], str(row[str(_name(kind))]), _detail(kind, row))


@cache
def _other_kinds() -> tuple[Kind, ...]:
    return tuple(kind for kind in KINDS.values() if _name(kind) and kind.name != "person" and "record_id" not in kind.by_name)


@cache
def _kinds_there() -> CompoundSelect[Any]:
    """Names of the other kinds that have any record."""
    return union_all(*(select(literal(kind.name)).where(select(table(kind).c.id).exists()) for kind in _other_kinds()))


def _detail(kind: Kind, row: RowMapping) -> str:
    shown = (f.show(f.from_stored(row[f.name])) for f in kind.fields if f.type in (Type.ENUM, Type.DATE, Type.AREA, Type.PLACE))
    return " · ".join([_(kind.label), *islice((text for text in shown if text), 2)])

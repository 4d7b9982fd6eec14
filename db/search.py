"""Conditions that find records by name, pinyin, initials, last digits and village group, and the local columns that make them fast.

The columns `pinyin`, `initials`, `id_tail` and `phone_tail` are derived here from a record's own fields whenever it is written. They never
travel: every store derives its own. Each look-up uses an index and reads only the rows shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import repeat
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, func, or_, select

from db.mapping import table
from db.pinyin import beginnings, initials, misread, misread_initials, names, splits, syllables
from domain.division_tables import local
from domain.fields import Kind
from domain.identity import clean_phone, half_width, id18
from domain.values import Type, seen

MIN_DIGITS = 3
"""Fewest last digits of an ID number or phone to search for; fewer are a group number."""
_TAILS = {"id_tail": (3, 4, 6), "phone_tail": (3, 4)}
"""How many last digits are searched for: those that are shown anyway, and the day of birth."""
_WHOLE = 7
"""Fewest digits that may be a whole number. Between the two nothing is found: trying one digit after the other would show what is
masked."""
_MAX_SPLITS = 6
_LAST_CHARACTER = "\U0010ffff"  # follows every other character
_GROUP = re.compile(r"第?([0-9]{1,2}|[一二三四五六七八九十]{1,3})(?:(?:村民)?小?[组队社])?")
_DIGITS = re.compile(r"[0-9]+[Xx]?")
_PLACE_ENDINGS = "村镇乡区会场道"
"""The characters with which names of villages and townships end."""
_LETTERS = re.compile(r"(?=.*[a-zA-ZüÜ])[a-zA-ZüÜ' ]+")
_CASELESS = re.compile(r"[\x00-\x7f\u2e80-\U0003ffff]*")
"""Text without letters that SQLite does not find in another case."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SOURCES = ("name", "title", "id_number", "phone")
_NUMERALS = "零一二三四五六七八九"


# -- the derived columns -------------------------------------------------------------------------------------------


def search_columns(kind: Kind, values: Mapping[str, Any]) -> dict[str, str | None]:
    """Search columns of the given record values; only those whose source field is among them."""
    found = search_lists(kind, {name: [value] for name, value in values.items() if name in _SOURCES})
    return {column: derived[0] for column, derived in found.items()}


def search_lists(kind: Kind, columns: Mapping[str, Sequence[Any]]) -> dict[str, list[str | None]]:
    """Search columns of many records given as columns."""
    found: dict[str, list[str | None]] = {}
    named = naming_field(kind)
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
        found["phone_tail"] = [(p if p.isdecimal() else "".join(filter(str.isdigit, clean_phone(p))))[::-1] or None for p in phones]
    return found


@lru_cache(maxsize=4096)
def _title_letters(title: str, surname: bool) -> tuple[str, str]:
    """Syllables and initials of a title or a name (cached: they recur)."""
    parts = syllables(title, surname=surname)
    return " ".join(parts), initials(parts)


@cache
def naming_field(kind: Kind) -> str | None:
    """The field that names a record of the kind, by which it is found; None for a kind without a name."""
    return next((name for name in ("name", "title") if name in kind.by_name and kind.by_name[name].type is Type.TEXT), None)


@cache
def _secret(kind: Kind, name: str) -> bool:
    return name in kind.by_name and kind.by_name[name].secret


def normalised(text: str) -> str:
    """What is searched for: the typed text without control characters, full-width forms and spaces at its ends."""
    return half_width(seen(_CONTROL.sub("", text))).strip()  # a NUL would end the pattern early, so that it matched everything


# -- conditions ------------------------------------------------------------------------------------------------------


def conditions(kind: Kind, text: str) -> list[ColumnElement[bool]]:
    """Conditions on the table of `kind`, any of which makes a record match. Each is quick by itself, but not all of them in one OR. The
    likeliest come first: those of `look_ups`, then those that scan every name. Empty if the kind cannot be searched for such text."""
    return [*look_ups(kind, text), *_containing(kind, text), *_of_place(kind, text)]


def look_ups(kind: Kind, text: str) -> list[ColumnElement[bool]]:
    """Those of `conditions` that are a single index look-up, however many records there are."""
    return [condition for _order, condition in _beginning(kind, text)]


def ordered(kind: Kind, text: str) -> Iterator[tuple[ColumnElement[Any], ColumnElement[bool]]]:
    """The conditions that find a record by itself, each with the column by which its index is read; the likeliest first."""
    yield from _beginning(kind, text)
    yield from ((table(kind).c.pinyin, condition) for condition in _containing(kind, text))


def _beginning(kind: Kind, text: str) -> Iterator[tuple[ColumnElement[Any], ColumnElement[bool]]]:
    """Conditions that are a single look-up in the index on the column beside them; the likeliest first."""
    t = table(kind)
    words = normalised(text)
    group = _GROUP.fullmatch(words)
    if group and kind.name in ("person", "household"):
        yield t.c.pinyin if kind.name == "person" else t.c.group, _in_group(kind, _group_names(group[1]))
    if _DIGITS.fullmatch(words) and len(words) >= MIN_DIGITS:
        tail = (id18(words) if len(words) == 15 else words.upper())[::-1]
        for column in (t.c[name] for name in _TAILS if name in t.c):
            if len(words) in _TAILS[column.name]:
                yield column, starts(column, tail)
            elif len(words) >= _WHOLE:
                yield column, column == tail
    if "pinyin" not in t.c:
        return
    if _LETTERS.fullmatch(words):
        yield t.c.initials, starts(t.c.initials, _letters(words))
        ways = splits(words)[:_MAX_SPLITS]
        yield from ((t.c.pinyin, _spelt(t.c.pinyin, way)) for way in ways if any(len(part) > 1 for part in way))
        if (written := _words(words)) not in ways and len(words) > 1:
            yield t.c.pinyin, starts(t.c.pinyin, " ".join(written))
        if kind.name == "person":
            yield from _misread(t, _letters(words), ways)
    elif words and not _DIGITS.fullmatch(words):
        yield from ((t.c.pinyin, condition) for condition in _named(kind, words))


def _misread(t: Table, letters: str, ways: Iterable[Sequence[str]]) -> Iterator[tuple[ColumnElement[Any], ColumnElement[bool]]]:
    """People whose surname is typed by another reading of its character: 单小明 as dan or dxm."""
    for surname, heads in misread_initials(letters):
        yield t.c.initials, and_(starts(t.c.initials, heads), t.c.name.startswith(surname))
    for surname, spelt in dict.fromkeys(one for way in ways if any(len(part) > 1 for part in way) for one in misread(way)):
        yield t.c.pinyin, and_(_spelt(t.c.pinyin, spelt), t.c.name.startswith(surname))


def _containing(kind: Kind, text: str) -> Iterator[ColumnElement[bool]]:
    """Conditions that scan an index or, for kinds with few records, the table."""
    t = table(kind)
    words = normalised(text)
    if "pinyin" not in t.c or not words or _DIGITS.fullmatch(words):
        return
    if _LETTERS.fullmatch(words):
        if len(words) > 1:
            yield _with_words(t.c.pinyin, words)  # one condition, so that the index is read once
        if kind.name != "person":
            yield t.c.initials.like(f"%{_letters(words)}%")
        return
    cases = {words} if _CASELESS.fullmatch(words) else {words, words.lower(), words.upper(), words.title()}  # SQLite folds only ASCII
    yield or_(*(_has(t.c[str(naming_field(kind))], one) for one in sorted(cases)))
    if kind.name == "person" and not _GROUP.fullmatch(words):
        yield _in_group(kind, (), begins=words)


def _of_place(kind: Kind, text: str) -> list[ColumnElement[bool]]:
    """Records of a village or township with that name, to narrow a list above village level."""
    t, words = table(kind), normalised(text)
    if len(words) < 2 or words[-1] not in _PLACE_ENDINGS:
        return []
    codes = [one.code for one in local().values() if one.name == words]
    return [or_(*(starts(t.c.village, code) for code in codes))] if codes else []


def _named(kind: Kind, words: str) -> Iterator[ColumnElement[bool]]:
    t = table(kind)
    column = t.c[str(naming_field(kind))]
    if kind.name == "person":
        yield from (and_(starts(t.c.pinyin, spelt), column.startswith(words, autoescape=True)) for spelt in beginnings(words))
    else:
        yield column.startswith(words, autoescape=True)


def _has(column: ColumnElement[str], words: str) -> ColumnElement[bool]:
    pattern = re.sub(r"([%_\\])", r"\\\1", words)
    return column.like(f"%{pattern}%", escape="\\")  # bound as a whole: concatenating it for each row is slow


def starts(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Whether a column starts with the text, as a range that an index serves."""
    return and_(column >= text, column < text + _LAST_CHARACTER)


def _spelt(column: ColumnElement[str], way: Sequence[str]) -> ColumnElement[bool]:
    """Names whose syllables begin with the parts of `way`, in order."""
    return and_(starts(column, way[0]), column.like("% ".join(way) + "%")) if len(way) > 1 else starts(column, way[0])


def _words(letters: str) -> tuple[str, ...]:
    """The words of a text of letters as names have them in the column `pinyin`: John Smith → john smith."""
    return tuple(re.findall("[a-z]+", letters.lower().replace("ü", "v")))


def _with_words(column: ColumnElement[str], letters: str) -> ColumnElement[bool]:
    """Names that contain the syllables, or a word beginning with each of the words typed, in any order: Latin names."""
    found: list[ColumnElement[bool]] = [column.like(f"% {' '.join(way)}%") for way in splits(letters)[:1]]
    written = _words(letters)
    if written not in splits(letters)[:1] or len(written) > 1:
        found.append(and_(*(or_(column.like(f"{word}%"), column.like(f"% {word}%")) for word in written)))
    return or_(*found)


def _letters(words: str) -> str:
    return re.sub("[^a-z]", "", words.lower().replace("ü", "v"))


def _in_group(kind: Kind, names: Iterable[str], begins: str = "") -> ColumnElement[bool]:
    """People or households of a village group."""
    h = table("household")
    named = starts(h.c.group, begins) if begins else h.c.group.in_(list(names))
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

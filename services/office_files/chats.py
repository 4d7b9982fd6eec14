"""Recognises the messages of a chat in which people say something about themselves, one line each: a 接龙 (`1. 王芳 大连`), or lines
without numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

CHAIN_ITEM = re.compile(r"\s*\d{1,3}\s*[.、．)）]\s*(?=[㐀-䶿一-龥])(.*)")
"""An item of a 接龙: 1. 王芳 大连."""
_LONGEST_ITEM = 500
_KEYCAP = re.compile(r"^\s*(?:((?:[0-9]\ufe0f?\u20e3)+)|([\u2460-\u2487\U0001f51f]))[\s.、．]*")
_ID_NUMBER = re.compile(r"\d{17}[\dXx]", re.ASCII)
_CLOCK = re.compile(r"\d{1,2}:\d\d", re.ASCII)
_PERSON_LINE = re.compile(r"\s*[一-龥·]{2,6}[\s，、:：].*?\d{17}[\dXx]", re.ASCII)
_SAID_LINE = re.compile(
    r"\s*[一-龥·]{2,4}[\s，、:：]+(?=.*(?:20\d\d[年./-]|1[3-9]\d{9}|\d{4,5}元?(?!\d)))\S+(?:[\s，、:：]+\S+)+", re.ASCII
)
"""A line of a chat about a person without an ID number: 王芳 大连 新港电子 2025年3月 4500元."""
_PARTS = re.compile("[、， \u3000]")
_COLUMNS = re.compile("[,;\t|]")
"""Signs that separate the columns of a list rather than the words of a chat."""


def items_of(lines: list[str]) -> list[str] | None:
    """The lines of a 接龙, its items numbered: at least half of them are items, or it says so itself; None of other text."""
    lines = [_KEYCAP.sub(_keycap, line) for line in lines]
    filled = [line for line in lines if line.strip()]
    if max(map(len, filled), default=0) > _LONGEST_ITEM:
        return None
    items = [line for line in filled if CHAIN_ITEM.match(line)]
    if not items and (numbered := _numbered(lines) or _numbered_below(lines)):
        lines, items = numbered, filled
    enough = bool(items) if "接龙" in "".join(filled[:1]) else len(items) >= 2 and 2 * len(items) >= len(filled)
    if not enough or "\t" in "".join(items):
        return None
    return lines


def _keycap(sign: re.Match[str]) -> str:
    """The number of an item written as a sign of its own: 1️⃣, ①, ⑴."""
    return f"{re.sub('[^0-9]', '', sign[1])}. " if sign[1] else f"{int(unicodedata.numeric(sign[2]))}. "


def _numbered_below(lines: Sequence[str]) -> list[str]:
    """The messages of a chat below one that names at least three columns (务工摸底：姓名、在哪、月收入), numbered like a 接龙; empty unless
    each has as many parts."""
    at = next((at for at, line in enumerate(lines) if "姓名" in line), len(lines))
    columns = _PARTS.split(lines[at][lines[at].index("姓名") :].strip()) if at < len(lines) else []
    if len(columns) < 3 or not all(columns) or _COLUMNS.search("".join(lines)):  # wider gaps are those of a printed table
        return []
    below = [line.strip() for line in lines[at + 1 :]]
    if sum(map(bool, below)) < 2 or any(line and len(_PARTS.split(line)) != len(columns) for line in below):
        return []
    return [*lines[: at + 1], *(f"{turn}. {line}" if line else line for turn, line in enumerate(below, 1))]


def _numbered(lines: Sequence[str]) -> list[str]:
    """The messages of a chat in which each person is one line and no columns are named, numbered like a 接龙; empty for
    any other text."""
    of_people = [bool(_PERSON_LINE.match(line)) for line in lines]
    if not any(map(_ID_NUMBER.search, lines)):
        of_people = [bool(_SAID_LINE.fullmatch(line.strip())) and not _CLOCK.search(line) for line in lines]
    if sum(of_people) < 2 or any("姓名" in line or len(_ID_NUMBER.findall(line)) > 1 for line in lines) or _COLUMNS.search("".join(lines)):
        return []
    if any(_ID_NUMBER.search(line) for line, of_person in zip(lines, of_people, strict=True) if not of_person):
        return []
    return [f"{at}. {line.strip()}" if of_person else line for at, (line, of_person) in enumerate(zip(lines, of_people, strict=True), 1)]

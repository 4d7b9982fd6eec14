"""What titles tell about a table, by the words that `resources/rosters/titles.toml` lists."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).resolve().parents[3] / "resources" / "rosters" / "titles.toml"
CARRIER = "@carrier"
"""The text of a value that is the employer named by the title."""
ENTERPRISE = "enterprise"
"""The type of an employer whose name has none of the words listed."""


@dataclass(frozen=True)
class _Rule:
    """One way to tell a subject: `words` in a line, `unless` other words are there."""

    words: re.Pattern[str]
    unless: re.Pattern[str] | None
    each: bool
    lines: str
    also: str

    def holds(self, titles: Sequence[str], sheet: str, file: str) -> bool:
        lines = titles if self.lines == "titles" else [*titles, sheet]
        told = [line for line in ([*lines, file] if self.lines == "file" else lines) if self.words.search(line)]
        return any(not self._bars(line) for line in told) if self.each else bool(told) and not any(map(self._bars, lines))

    def _bars(self, line: str) -> bool:
        return self.unless is not None and self.unless.search(line) is not None


@dataclass(frozen=True)
class TitleRule:
    """How a title gives a value for the column `target` of a roster."""

    roster: str
    target: str
    subject: str = ""
    unless: str = ""
    words: tuple[re.Pattern[str], ...] = ()
    text: str = ""
    choices: bool = False
    mentioned: str = ""

    def concerns(self, roster: str, line: str, titles: Sequence[str]) -> bool:
        """Whether it applies to a roster, and to a line of the `titles` above its table."""
        named = roster.startswith(self.roster[:-1]) if self.roster.endswith("*") else roster == self.roster
        if not named or not any(self.mentioned in title for title in titles):
            return False
        return (not self.subject or is_about(self.subject, line)) and not (self.unless and is_about(self.unless, line))


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


@cache
def subjects() -> Mapping[str, Sequence[_Rule]]:
    """The subjects that titles may have, in the order of the file."""
    return {name: list(map(_rule, entries)) for name, entries in _data()["subject"].items()}


def _rule(entry: Mapping[str, Any]) -> _Rule:
    unless = re.compile("|".join(entry["unless"])) if "unless" in entry else None
    return _Rule(re.compile("|".join(entry["words"])), unless, entry.get("each", False), entry.get("lines", ""), entry.get("with", ""))


def subjects_of(titles: Sequence[str], sheet: str = "", file: str = "") -> frozenset[str]:
    """The subjects of a table by the lines above it and the names of its sheet and file."""
    found: set[str] = set()
    for name, rules in subjects().items():
        if any((not rule.also or rule.also in found) and rule.holds(titles, sheet, file) for rule in rules):
            found.add(name)
    return frozenset(found)


def is_about(subject: str, line: str) -> bool:
    """Whether a single line is about a subject."""
    return subject in subjects_of([line])


@cache
def title_rules() -> Sequence[TitleRule]:
    """The values that titles give."""
    return [TitleRule(**(entry | {"words": tuple(map(re.compile, entry.get("words", ())))})) for entry in _data()["value"]]


@cache
def given_above() -> Mapping[str, tuple[str, ...]]:
    """Roster → beginnings of the targets that a line above may give."""
    return {roster: tuple(targets) for roster, targets in _data()["given"].items()}


@cache
def _channels() -> Mapping[str, re.Pattern[str]]:
    return {code: re.compile("|".join(words)) for code, words in _data()["channel"].items()}


def channel_of(titles: Sequence[str]) -> str | None:
    """The way of working that the titles are about, if it is one other than going away."""
    text = "".join(titles)
    named = [code for code, words in _channels().items() if words.search(text)]
    return named[0] if len(named) == 1 and named[0] else None


def carrier_type(name: str) -> str:
    """The type of employer that a carrier's name indicates: 解放村就业帮扶车间 → `workshop`."""
    return next((code for word, code in _data()["employer"].items() if word in name), ENTERPRISE)

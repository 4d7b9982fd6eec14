"""The kinds of roster and their columns. The heading words are data, in the field declarations and in `resources/rosters`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from domain.fields import KINDS, Field

_FILE = Path(__file__).resolve().parents[3] / "resources" / "rosters" / "rosters.toml"


@dataclass(frozen=True, eq=False)
class Roster:
    """One kind of roster as `rosters.toml` describes it."""

    name: str
    label: str
    kinds: tuple[str, ...]
    """Kinds whose fields are its columns; the first that knows a heading wins."""
    makes: tuple[str, ...]
    needs: tuple[tuple[str, ...], ...] = ()
    """Groups of targets (`kind.field`, `work.range`, `@months` …); at least one of each group is required."""
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Additional headings for targets in this roster; they take precedence over the declarations, and the first over the others."""
    last: bool = False
    """Whether it is taken only for a table that no other roster or list fits."""
    assigned: Mapping[str, str] = field(default_factory=dict)
    """Headings (the first of a `Heading`'s words) that a person assigned to a target, or to "" for none (`services.importing.assigned`)."""


@dataclass(frozen=True, eq=False)
class Template:
    """A layout for exports: targets in column order."""

    name: str
    label: str
    kind: str
    title: str
    columns: tuple[str, ...]
    headings: Mapping[str, str]
    """Headings that differ from the label of their field."""
    values: Mapping[str, str]
    """Words of the other office in place of ours."""


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def _words(table: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {target: tuple(words) for target, words in table.items()}


def _with_declared(table: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    """Names of columns, with those in the declaration of the field in place of `*`."""
    named = {target: {"*": (f.label, *f.aliases)} if (f := field_of(target)) is not None else {} for target in table}
    return {target: tuple(chain.from_iterable(named[target].get(word, (word,)) for word in words)) for target, words in table.items()}


@cache
def common_columns() -> Mapping[str, tuple[str, ...]]:
    """Columns that are not a single field: `area.village` → 村, 行政村 …"""
    return _words(_data()["columns"])


@cache
def asked_columns() -> Mapping[str, tuple[str, ...]]:
    """Columns that occur only in forms to be filled in (`services.filling`), with their other names."""
    return _words(_data()["asked"])


@cache
def vague_columns() -> Mapping[str, tuple[str, ...]]:
    """Headings too vague for a column, unless its cells are choices of the field (`services.importing.columns.matching`)."""
    return _words(_data()["vague"])


@cache
def ticked_fields() -> tuple[str, ...]:
    """The fields whose choices may each have a column to tick (`services.importing.columns.unfolding`)."""
    return tuple(_data()["ticked"]["fields"])


@cache
def spelled() -> Mapping[str, str]:
    """Headings of databases in pinyin initials or English (`sfzh`, `startdate`) → the heading they stand for."""
    return {word: heading for heading, words in _data()["spelled"].items() for word in words}


@cache
def in_titles() -> Mapping[str, str]:
    """Values that headings or titles may give, in the words for asking a clerk."""
    return dict(_data()["in_titles"])


@cache
def supposed() -> Mapping[str, str]:
    """Default codes of required fields without a column: `agreement.type` → service."""
    return dict(_data()["supposed"])


@cache
def rosters() -> tuple[Roster, ...]:
    """All kinds of roster, the most specific first."""
    entries: dict[str, dict[str, Any]] = {}
    for entry in _data()["roster"]:
        like = entries.get(entry.get("like", ""), {})
        entries[entry["name"]] = like | entry | {"columns": like.get("columns", {}) | entry.get("columns", {})}
    return tuple(
        Roster(
            name=entry["name"],
            label=entry["label"],
            kinds=tuple(entry["kinds"]),
            makes=tuple(entry["makes"]),
            needs=tuple(tuple(group) for group in entry["needs"]),
            columns=_with_declared(entry["columns"]),
            last=entry.get("last", False),
        )
        for entry in entries.values()
    )


@cache
def templates() -> Mapping[str, Template]:
    """Export layouts by name."""
    return {entry["name"]: _template(entry) for entry in _data()["template"]}


def _template(entry: dict[str, Any]) -> Template:
    columns = [column.partition("|") for column in entry["columns"]]
    targets = tuple(target for target, _bar, _heading in columns)
    headings = {target: heading for target, _bar, heading in columns if heading}
    return Template(entry["name"], entry["label"], entry["kind"], entry["title"], targets, headings, entry.get("values", {}))


SAME_FIELD = {"category_span.monitored": "category_span.category"}
"""Columns with a second value for a field that already has a column."""


def field_of(target: str) -> Field | None:
    """The field declaration of a target `kind.field`; None for a column that is not a field."""
    kind, _dot, name = SAME_FIELD.get(target, target).partition(".")
    return KINDS[kind].by_name.get(name) if kind in KINDS else None

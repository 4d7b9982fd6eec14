"""Packs for tests: what a county adds to the shipped document, and documents of the province that take its place."""

from __future__ import annotations

import json
from collections.abc import Sequence

SHIPPED = "HLJ-2021-16"


def head(
    id: str = "O",
    *,
    base: str = SHIPPED,
    title: str = "试",
    version: str = "1.0.0",
    level: str = "county",
    area: str = "230826",
    start: str = "2021-09-09",
    end: str = "2025-12-31",
) -> str:
    """How a pack begins; without `base` it is no overlay."""
    words = {"id": id, "version": version, "title": title, "level": level, "area": area} | ({"base": base} if base else {})
    return "format = 1\n" + "".join(f'{name} = "{word}"\n' for name, word in words.items()) + f"from = {start}\nto = {end}\n"


def successor(id: str, start: str, *, title: str = "新文件", replaces: str = SHIPPED, rules: Sequence[str] = ()) -> str:
    """How a document of the province begins that replaces another, or these rules of it."""
    said = f"rules = {json.dumps(list(rules))}\n" if rules else ""
    return head(id, base="", title=title, level="province", area="230000", start=start, end="2026-12-31") + (
        f'[[supersedes]]\npack = "{replaces}"\n{said}'
    )

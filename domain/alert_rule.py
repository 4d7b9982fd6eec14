"""The types of early warnings, and the declaration of an alert rule (`domain.md` §9.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from domain.fields import Record
from domain.register import Register

Tone = Literal["bad", "warn", "good"]
Found = Iterator[tuple[Record | str, str, str]]
"""A record (or a village code), the due date, and the message."""
Find = Callable[[Register, str], Found]


@dataclass(frozen=True)
class Alert:
    """One warning. `kind` and `id` name the record it is about (`village` for a whole village). `due`: the day by which, or since which,
    action is needed. `tone`: bad if money or protection is lost, warn if it may be, good for an opportunity."""

    alert: str
    kind: str
    id: str
    due: str
    message: str
    tone: Tone
    person_id: str | None


@dataclass(frozen=True)
class Watch:
    """A declared alert rule. Rules are declared in order of severity."""

    code: str
    title: str
    tone: Tone
    find: Find

    def alert(self, about: Record | str, due: str, message: str) -> Alert:
        """A warning of this rule."""
        if isinstance(about, str):
            return Alert(self.code, "village", about, due, message, self.tone, None)
        kind = about.KIND.name
        person_id = about.id if kind == "person" else about.get("person_id")
        return Alert(self.code, kind, about.id, due, message, self.tone, person_id)

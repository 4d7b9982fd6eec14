"""What an early warning is, and what a sort of warning is declared with (`domain.md` §9.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from domain.fields import Record
from domain.register import Register

Tone = Literal["bad", "warn", "good"]
Found = Iterator[tuple[Record | str, str, str]]
"""A record (or a village code), the day it is due, and the sentence."""
Find = Callable[[Register, str], Found]


@dataclass(frozen=True)
class Alert:
    """One warning. `kind` and `id` name the record it is about (`village` for a whole village); `due`: the day by which, or since
    which, something is to be done; `tone`: bad when money or protection is lost, warn when it may be, good for something to gain."""

    alert: str
    kind: str
    id: str
    due: str
    message: str
    tone: Tone
    person_id: str | None


@dataclass(frozen=True)
class Watch:
    """One sort of warning, as declared; they are declared in order of consequence."""

    code: str
    title: str
    tone: Tone
    find: Find

    def alert(self, about: Record | str, due: str, message: str) -> Alert:
        """A warning of this sort."""
        if isinstance(about, str):
            return Alert(self.code, "village", about, due, message, self.tone, None)
        kind = about.KIND.name
        person_id = about.id if kind == "person" else about.get("person_id")
        return Alert(self.code, kind, about.id, due, message, self.tone, person_id)

"""How far a long piece of work is, told to whoever waits for it."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int, str], None]
"""Told what is done, of how much in all (0: nobody knows), and what it is. May raise `Stopped`."""


def unwatched(_done: int, _total: int, _what: str) -> None:
    """The progress of work that nobody waits for."""

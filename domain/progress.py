"""Progress reports of long operations."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int, str], None]
"""Receives the amount done, the total (0: unknown), and a description. May raise `Stopped`."""


def unwatched(_done: int, _total: int, _what: str) -> None:
    """A progress callback that ignores its reports."""

"""Whether the present user may save. Buttons made with `writes=True` are off for who may only look, and their keys say why.

writing.forbid(station.why_not, window.message)     # before the pages of a window are built; "" lets everybody save
"""

from __future__ import annotations

from collections.abc import Callable

_why = ""
_tell: Callable[[str], object] = str


def forbid(why: str, tell: Callable[[str], object] = str) -> None:
    """From now on nobody saves, because of `why`, which `tell` says when a key is pressed; with "" everybody does."""
    global _why, _tell
    _why, _tell = why, tell


def why_not() -> str:
    """Why the present user saves nothing; "" for whom may."""
    return _why


def refused() -> None:
    """Say why not."""
    _tell(_why)

"""Whether the present user may save. Buttons made with `writes=True` are disabled for users who may only read, and their keys say why.

writing.forbid(station.why_not, window.message)     # before the pages of a window are built; "" allows saving
"""

from __future__ import annotations

from collections.abc import Callable

_why = ""
_tell: Callable[[str], object] = str


def forbid(why: str, tell: Callable[[str], object] = str) -> None:
    """From now on forbid saving because of `why`, which `tell` shows when a key is pressed; "" allows it."""
    global _why, _tell
    _why, _tell = why, tell


def why_not() -> str:
    """Return why the present user may not save; "" if they may."""
    return _why


def refused() -> None:
    """Show why the user may not save."""
    _tell(_why)

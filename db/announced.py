"""The newer release of the program that this station's county said it hands out (`sync.wire.messages.Answer.releases`)."""

from __future__ import annotations

from collections.abc import Sequence

from db.local import get_meta, set_meta
from db.session import Session
from domain.release import PACKAGE, VERSION, number, system

KEPT = "announced_release"
"""Setting of a station: its version, while the county hands it out."""


def heard(session: Session, releases: Sequence[tuple[str, str]]) -> None:
    """The county's latest answer named these (system, version): one is kept, or forgotten once the county says nothing of it."""
    mine = [version for of, version in releases if of == system() and PACKAGE.fullmatch(f"cunzhan-{version}-{of}.zip")]
    newest = max(mine, key=number, default=None)
    if newest != get_meta(session, KEPT):
        set_meta(session, KEPT, newest)


def announced(session: Session) -> str:
    """The version, "" where there is none that is newer than this program."""
    kept = get_meta(session, KEPT) or ""
    return kept if number(kept) > number(VERSION) else ""

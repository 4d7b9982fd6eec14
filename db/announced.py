"""The newer program release that this station's county offers (`sync.wire.messages.Answer.releases`)."""

from __future__ import annotations

from collections.abc import Sequence

from db.local import get_meta, set_meta
from db.session import Session
from domain.release import PACKAGE, VERSION, number, system

SETTING = "announced_release"
"""Setting of a station: the version of the release, for as long as the county offers it."""


def record_releases(session: Session, releases: Sequence[tuple[str, str]]) -> None:
    """Take in the releases, as (system, version), that the county's latest answer offered: the newest for this system is kept, or the
    setting removed if there is none."""
    mine = [version for of, version in releases if of == system() and PACKAGE.fullmatch(f"cunzhan-{version}-{of}.zip")]
    newest = max(mine, key=number, default=None)
    if newest != get_meta(session, SETTING):
        set_meta(session, SETTING, newest)


def announced(session: Session) -> str:
    """The version offered, or "" if none is newer than this program."""
    kept = get_meta(session, SETTING) or ""
    return kept if number(kept) > number(VERSION) else ""

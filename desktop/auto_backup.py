"""Automatic backups: when one is due, its file, and how many are kept."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from db import backup as backups
from db.store import Store
from domain.clock import CHINA

EVERY_DAYS = "backup_every_days"
FOLDER = "backup_folder"
DAYS = 1
KEPT = 7


def due(store: Store, now: datetime | None = None) -> bool:
    """Whether the last backup is older than the set number of days, or dated in the future (after a wrong clock); 0 days means never."""
    days = int(store.get_meta(EVERY_DAYS) or DAYS)
    last = store.get_meta(backups.LAST_BACKUP)
    if days == 0:
        return False
    if last is None:
        return True
    made = datetime.strptime(last, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return not timedelta(0) <= (now or datetime.now(UTC)) - made < timedelta(days=days)


def make(store: Store, now: datetime | None = None) -> Path | None:
    """Make a backup if one is due, and delete the oldest beyond `KEPT`; returns its file, or None."""
    if not due(store, now):
        return None
    folder = Path(store.get_meta(FOLDER) or store.home / "backups")
    file = folder / f"auto-{(now or datetime.now(UTC)).astimezone(CHINA):%Y%m%dT%H%M%S}.zip"  # the local time that the status line shows
    backups.backup(store, file)
    # those dated in the future are deleted first
    for old in sorted(folder.glob("auto-*.zip"), key=lambda each: (each.name <= file.name, each.name))[:-KEPT]:
        with suppress(OSError):  # it may be open on Windows, or its stick unplugged; the new backup is written in any case
            old.unlink()
    return file

"""Backups that make themselves: when one is due, into which file, and how many are kept."""

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
    """Whether the last backup is older than the days agreed on, or of a day to come (a clock was wrong); 0 days means never."""
    days = int(store.get_meta(EVERY_DAYS) or DAYS)
    last = store.get_meta(backups.LAST_BACKUP)
    if days == 0:
        return False
    if last is None:
        return True
    made = datetime.strptime(last, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return not timedelta(0) <= (now or datetime.now(UTC)) - made < timedelta(days=days)


def make(store: Store, now: datetime | None = None) -> Path | None:
    """Make a backup if one is due, and forget the oldest beyond `KEPT`; answers its file."""
    if not due(store, now):
        return None
    folder = Path(store.get_meta(FOLDER) or store.home / "backups")
    file = folder / f"auto-{(now or datetime.now(UTC)).astimezone(CHINA):%Y%m%dT%H%M%S}.zip"  # the hour the foot of the window tells
    backups.backup(store, file)
    for old in sorted(folder.glob("auto-*.zip"), key=lambda each: (each.name <= file.name, each.name))[:-KEPT]:  # days to come go first
        with suppress(OSError):  # open elsewhere on Windows, or on a stick that was pulled out: the new one is there
            old.unlink()
    return file

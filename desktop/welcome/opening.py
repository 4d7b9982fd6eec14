"""Opening the store of the data folder, or restoring a backup, before there is a main window."""

from __future__ import annotations

from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from db.opening import open_store
from desktop.jobs import Jobs
from desktop.preferences import Preferences
from domain import clock
from domain.errors import CunzhanError
from domain.words import _

if TYPE_CHECKING:  # loading the database waits until the password is asked for
    from db.store import Store


class Program(Protocol):
    """What the views before the main window need from the program."""

    home: Path
    preferences: Preferences
    jobs: Jobs

    def start(self) -> None:
        """Start again: with the wizard, or with the page that asks for the password."""

    def opened(self, store: object, then: str = "today", said: str = "") -> None:
        """Show the main window for an open store, on a page or one of its tabs, with a message."""

    def practise(self) -> None:
        """Open the practice village."""


def ready(store: Store) -> Store:
    """Return the store; after an upgrade, apply what newer programs had sent to its predecessor."""
    if store.upgraded:
        from sync.station.receiving.newer_program import learn

        learn(store)
    return store


def open_ready(home: Path, user: str | None, password: str) -> Store:
    """Open the store in `home` and make it `ready`."""
    return ready(open_store(home, user=user, password=password))


def users(file: Path) -> list[str]:
    """The users of a backup; empty if it cannot be read."""
    from db import backup

    return backup.users(file)


def restore(home: Path, file: Path, user: str, password: str) -> tuple[int, str]:
    """Restore a backup. Returns the number of its records, and the name of the backup made of the previous data ("" if there was none)."""
    from db import backup

    before = _present(home, user, password)
    try:
        return backup.restore(home, file, user=user or None, password=password).records, before.name if before else ""
    except CunzhanError:
        if before is not None:
            with suppress(OSError):
                before.unlink()
        raise


def _present(home: Path, user: str, password: str) -> Path | None:
    """A backup of the present data, so that a backup restored by mistake can be replaced again. None if there is no data or it cannot be
    opened; it is moved aside in any case."""
    from db.backup import backup
    from db.store import Store

    if not Store.exists(home):
        return None
    name = f"{_('恢复前的数据')}-{clock.now():%Y%m%dT%H%M%S}"
    names = (home / "backups" / (f"{name}-{n}.zip" if n else f"{name}.zip") for n in count())
    try:
        store = Store.open(home, user=user or None, password=password)
        try:
            return backup(store, next(file for file in names if not file.exists())).file
        finally:
            store.close()
    except CunzhanError:
        return None

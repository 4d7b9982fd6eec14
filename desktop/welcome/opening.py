"""The data folder before there is a window: its store opened, or a backup put in its place."""

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
    """What comes before the window needs of the program it is part of."""

    home: Path
    preferences: Preferences
    jobs: Jobs

    def start(self) -> None:
        """Begin again: with the wizard, or by asking who it is."""

    def opened(self, store: object, then: str = "today") -> None:
        """Show the window of an open store, on a page or one of its tabs."""

    def practise(self) -> None:
        """Go to the practice village."""


def ready(store: Store) -> Store:
    """The store; after an upgrade with what a newer program had sent before it in its place."""
    if store.upgraded:
        from sync.station.newer_program import learn

        learn(store)
    return store


def open_ready(home: Path, user: str | None, password: str) -> Store:
    """The store of `home`, opened and `ready`."""
    return ready(open_store(home, user=user, password=password))


def restore(home: Path, file: Path, user: str, password: str) -> tuple[int, str]:
    """Put a backup in place; answers how many records it holds, and the name of the backup that was made of what had been there ("" of
    nothing)."""
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
    """A backup of what is here, so that an older one restored by mistake can be taken back where it was chosen. None where there is
    nothing, or it does not open: it is moved aside all the same."""
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

"""Puts first use and unlocking together."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from db import keys
from db.opening import open_store
from desktop.jobs import Jobs
from desktop.preferences import UNNOTED, Preferences
from desktop.welcome.county import enrol
from desktop.welcome.first_use import FirstUseView
from desktop.welcome.first_use_model import FirstUseModel, FirstUses
from desktop.welcome.restoring import ask_restore
from desktop.welcome.unlock import UnlockModel, UnlockUses, UnlockView
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


def first_use(program: Program) -> FirstUseView:
    """The wizard; the store it makes is opened in the window when it is finished."""
    made: list[Store] = []

    def create(scope: str, role: str, user: str, password: str) -> str:
        from db.store import Store

        store, code = Store.create(program.home, scope=scope, role=role, user=user, password=password)
        program.preferences.keep(UNNOTED, 1)
        made.append(store)
        return code

    noted = partial(program.preferences.keep, UNNOTED, None)
    model = FirstUseModel(program.jobs, FirstUses(create, noted, lambda server, code: enrol(made[-1], server, code)))
    view = FirstUseView(model, program.jobs)
    view.finished.connect(lambda then: program.opened(made[-1], then))
    view.practice.connect(program.practise)
    view.restore.connect(lambda: ask_restore(view, program.jobs, partial(_restore, program.home), program.start))
    model.setParent(view)
    return view


def ready(store: Store) -> Store:
    """The store; after an upgrade with what a newer program had sent before it in its place."""
    if store.upgraded:
        from sync.station.newer_program import learn

        learn(store)
    return store


def open_ready(home: Path, user: str | None, password: str) -> Store:
    """The store of `home`, opened and `ready`."""
    return ready(open_store(home, user=user, password=password))


def unlock(program: Program) -> UnlockView:
    """The password page; the store it opens is shown in the window."""

    def recover(code: str, user: str, password: str, answer: Path | None) -> Store:
        from db.store import Store

        return ready(Store.recover(program.home, code=code, user=user, password=password, answer=answer))

    def ask(file: Path) -> None:
        from db.store import Store

        Store.ask_county(program.home, file)

    try:
        users = keys.read(program.home / keys.KEY_FILE).names()
    except CunzhanError:  # a damaged key file: opening says so in a sentence
        users = []
    model = UnlockModel(program.jobs, UnlockUses(users, partial(open_ready, program.home), recover, ask))
    view = UnlockView(model, place=program.preferences.text("place"))
    model.opened.connect(program.opened)
    model.setParent(view)
    view.practice.connect(program.practise)
    restore, instead = partial(_restore, program.home), program.home / "backups"
    view.restore.connect(
        lambda: ask_restore(view, program.jobs, restore, program.start, instead=instead, name=view.user.currentText()),
    )
    return view


def _restore(home: Path, file: Path, user: str, password: str) -> tuple[int, str]:
    from db.backup import restore

    before = _present(home, user, password)
    try:
        return restore(home, file, user=user or None, password=password).records, before.name if before else ""
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

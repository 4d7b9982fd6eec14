"""Opening the store of the data folder, or restoring a backup, before there is a main window."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtWidgets import QWidget

from db import keys
from desktop.jobs import Jobs
from desktop.preferences import Preferences
from desktop.widgets import dialogs
from desktop.widgets.basics import label
from desktop.widgets.inputs import Choices, captioned, hidden_line
from desktop.widgets.layout import fill
from domain import clock
from domain.errors import CunzhanError
from domain.words import _

if TYPE_CHECKING:  # loading the database waits until the password is asked for
    from db.store import Store


def open_store(home: Path, *, user: str | None, password: str) -> Store:
    """As `Store.open`, but loads the database library while the password is stretched: that takes 0.2 s in C on one core, loading
    SQLAlchemy and the tables twice that in Python on another."""
    with ThreadPoolExecutor(1) as beside:
        unlocked = beside.submit(keys.unlock, home / keys.KEY_FILE, user, password)
        from db.store import Store

        return Store.opened(home, unlocked.result(), password)


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


def ask_restore(parent: QWidget, program: Program, *, instead: Path | None = None, name: str = "") -> None:
    """Ask for the file, the user (by default `name`) and the password, restore, and show the result. `instead`: there is present data,
    whose own backups are in this folder."""
    chosen = dialogs.open_file(parent, _("选备份文件"), "*.zip", start=str(instead or ""))
    if chosen is None:
        return
    names = users(chosen)
    text = _("请用做这份备份时的用户和密码打开它；忘了密码，在密码一栏填当时的恢复码。恢复后这里会当作另一台电脑，联网前请告诉县里。")
    text += _("现在的数据会移到旁边，不会删掉；做这份备份以后录入的，恢复后看不到。") if instead else ""

    def restored(made: tuple[int, str]) -> None:
        parent.setEnabled(True)
        records, before = made
        summary = _("备份里的 {n} 条记录都回来了。请用原来的密码打开；忘了密码，用恢复码打开并换一个新密码。").format(n=f"{records:,}")
        if before:
            summary += _("如果恢复错了，请再从备份恢复一次，选「{file}」，里面是恢复以前的数据。").format(file=before)
        dialogs.show_message(parent, _("已恢复"), summary)
        program.start()

    def ask(name: str, wrong: str = "") -> None:
        answer = _asked(parent, text, names, name, wrong)
        if answer is not None:
            parent.setEnabled(False)  # nobody may open the data while it is being replaced
            program.jobs.run(lambda: restore(program.home, chosen, *answer), restored, lambda error: failed(error, answer[0]))

    def failed(error: Exception, name: str) -> None:
        parent.setEnabled(True)
        if not isinstance(error, CunzhanError):
            raise error
        ask(name, str(error))  # mostly a wrong password: file and name are kept

    ask(name)


def _asked(parent: QWidget, text: str, names: Sequence[str], name: str, wrong: str) -> tuple[str, str] | None:
    """One of the users of the backup, by default `name` or the first, and the password, or None if cancelled; `wrong`: what was wrong with
    those entered before."""
    dialog = dialogs.Dialog(parent, _("从备份恢复"), text)
    user, password = Choices(), hidden_line()
    user.addItems(list(names))
    user.setCurrentIndex(max(0, user.findText(name)))
    fill(dialog.body, [*captioned(_("用户"), user), *captioned(_("密码，或恢复码"), password)])
    if wrong:
        dialog.body.addWidget(label(wrong, "bad", wrap=True))
    dialog.add_answers(_("恢复"))
    password.setFocus()
    return (user.currentText(), password.text()) if dialog.run() else None

"""Shared by the county's commands: opening its database, and logging who did what with it."""

from __future__ import annotations

import getpass
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from cli.program import Call
from db import acts, unmasked
from db.county import STATION, County
from db.session import Session
from db.store import Store
from domain.errors import CannotWrite, CunzhanError, InputUnusable
from domain.words import LazyText, _

T = TypeVar("T")
Keep = Callable[[LazyText], None]
"""Adds a line with these words to the list of acts."""

DATABASE = "county.db"
WITH_PASSWORD = re.compile(r"postgres(?:ql)?://(?:[^@/]*:[^@/]+@|.*[?&]password=)")


@contextmanager
def opened(call: Call, *, founding: bool = False) -> Iterator[County]:
    """The county's database: `--database`, otherwise an SQLite file in the data folder, created if missing. Unless the command is for
    creating one (`founding`), the user is told: a mistyped address would create an empty county, and back it up as such."""
    if not call.args.database:
        if Store.exists(call.home) and not (call.home / DATABASE).exists():
            text = _(
                "{home} 是一台站的电脑的数据文件夹，不是县服务器的。没有改动任何内容。请核对 --home；新建县级数据，另用一个空的文件夹。"
            )
            raise InputUnusable(text.format(home=call.home))
        call.home.mkdir(mode=0o700, parents=True, exist_ok=True)  # the database holds the county's keys and everyone's data
    county = County(call.args.database or f"sqlite:///{call.home / DATABASE}")
    if call.args.database and WITH_PASSWORD.match(call.args.database):
        call.console.say(_("数据库密码写在命令里，同一台电脑上谁都看得到（ps）。请改放 PGPASSWORD 或 ~/.pgpass。"))
    try:
        if county.made:
            from sync.county.keys import county_keys

            county_keys(county)  # whatever the first command is: without its keys a backup would be nobody's
            if not founding:
                call.console.say(_("这里原来没有县级数据，新建了一个空的。如果县里已经在用，请核对 --home 和 --database 写对没有。"))
        yield county
    except CunzhanError:
        raise
    except Exception as error:
        raise county.problem(error) or error from None
    finally:
        county.close()


@contextmanager
def acting(county: County) -> Iterator[tuple[Session, Keep]]:
    """One transaction of the administrator; also yields the function that logs it in the county's list of acts. Both are saved or
    neither."""
    with county.write() as session:
        yield session, lambda label: acts.keep(session, label, operator())


def acted(county: County, act: Callable[[Session, Keep], T]) -> T:
    """The result of `act` in such a transaction, for acts that lock more than one row: if PostgreSQL aborts it because of a deadlock, it
    is run again."""

    def once() -> T:
        with acting(county) as (session, keep):
            return act(session, keep)

    return county.patiently(once)


def viewing(county: County, what: str, reason: str | None) -> None:
    """Log who saw unmasked data here; without a reason nothing unmasked was asked for."""
    if reason is not None:
        with county.write() as session:
            unmasked.log_view(session, what, reason, by=operator())


def operator() -> str:
    """The user logged in to this machine, as `name@county`: the county's program has no users of its own. Behind `runuser` or `sudo` it
    is still the person at the terminal."""
    try:
        name = os.getlogin()
    except OSError:  # no terminal: a timer, a container
        try:
            name = getpass.getuser()
        except (OSError, KeyError, ImportError):  # nor a name for the process owner
            name = STATION
    return f"{name}@{STATION}"


def unwritable(county: County) -> str:
    """A message if the database accepts no more data; empty if it does."""
    try:
        county.try_writing()
    except CannotWrite as error:
        return str(error)
    return ""

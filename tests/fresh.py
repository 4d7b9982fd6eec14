"""New stores and counties at a tenth of their cost: a blank one is laid out once a process and copied."""

from __future__ import annotations

import atexit
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import pytest

from db import keys, local
from db.county import County
from db.session import Session
from db.store import KEY_FILE, Store
from domain.scopes import level_of

PASSWORD = "correct horse"
VILLAGE = "230826101202"


def _kept_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="cunzhan-blank-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def blank_home() -> Path:
    """The blank store's folder."""
    folder = _kept_folder()
    with pytest.MonkeyPatch.context() as cheap:  # the slots keep what they cost, so copies open as cheaply
        cheap.setattr(keys, "_OPS", 1)
        cheap.setattr(keys, "_MEMORY", 8 * 1024)
        Store.create(folder / "home", scope=VILLAGE, role="village", user="样板", password=PASSWORD)[0].close()
    return folder / "home"


def copied(template: Path, home: Path) -> Store:
    """A store in `home` with the records and the identity of a closed one; the caller closes it."""
    shutil.copytree(template, home)
    return Store.open(home, user=None, password=PASSWORD)


def new_store(home: Path, scope: str = VILLAGE, user: str = "李文书") -> Store:
    """A store in `home` as `Store.create` makes it, but for its data key, which all copies share; the caller closes it."""
    shutil.copytree(blank_home(), home)
    blank = Store.open(home, user=None, password=PASSWORD)
    with blank.applying() as session:
        facts = {"scope": scope, "role": level_of(scope), "station": f"{scope}-{secrets.token_hex(4)}"}
        for key, value in (facts | {name: secrets.token_hex(32) for name in (local.SEED, local.SEAL_SEED)}).items():
            local.set_meta(session, key, value)
        session.conn.execute(local.account.update().values(name=user))
    file = keys.read(home / KEY_FILE)
    with pytest.MonkeyPatch.context() as cheap:
        cheap.setattr(keys, "_OPS", 1)
        cheap.setattr(keys, "_MEMORY", 8 * 1024)
        own = keys.wrap("user", user, PASSWORD, blank.data_key)
    keys.write(home / KEY_FILE, keys.KeyFile(1, [own, *(slot for slot in file.slots if slot.type != "user")]))
    return Store(home, blank.engine, blank.data_key, user)


@cache
def blank_county() -> Path:
    """The folder of a blank county's database."""
    folder = _kept_folder()
    County(f"sqlite:///{folder}/county.db").close()
    return folder


def new_county(folder: Path) -> County:
    """A county whose database is `county.db` in `folder`, with its key beside it; the caller closes it."""
    for name in ("county.db", "county.db.key"):
        shutil.copy(blank_county() / name, folder / name)
    return County(f"sqlite:///{folder}/county.db")


def fresh_store(folder: Path, scope: str = VILLAGE) -> Store:
    """A blank store in a new folder below `folder`; the caller closes it."""
    return new_store(Path(tempfile.mkdtemp(dir=folder)) / "home", scope)


class _TakenBack(Exception):
    pass


@contextmanager
def taken_back(store: Store) -> Iterator[Session]:
    """A writing session of which nothing is kept."""
    with suppress(_TakenBack), store.write("试") as session:
        yield session
        raise _TakenBack

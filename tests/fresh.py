"""New stores and counties at a tenth of their cost: a blank one is laid out once a process and copied. And open ones at a fortieth: when a
test is done with a store, the next one gets it, emptied. To open one takes ten milliseconds for its schema alone, and to close it two."""

from __future__ import annotations

import atexit
import secrets
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from db import keys, local
from db.county import County
from db.files import STORE_FILE
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


def copied(template: Path, home: Path, password: str = PASSWORD) -> Store:
    """A store in `home` with the records and the identity of a closed one; the caller closes it."""
    shutil.copytree(template, home)
    return Store.open(home, user=None, password=password)


def new_store(home: Path, scope: str = VILLAGE, user: str = "李文书") -> Store:
    """A store in `home` as `Store.create` makes it, but for its data key, which all copies share; the caller closes it."""
    made = copied(blank_home(), home)
    _make_its_own(made, scope, user)
    return Store(home, made.engine, made.data_key, user)


def _make_its_own(blank: Store, scope: str, user: str) -> None:
    """Give a blank store a place, a user and an identity."""
    with blank.applying() as session:
        facts = {"scope": scope, "role": level_of(scope), "station": f"{scope}-{secrets.token_hex(4)}"}
        for key, value in (facts | {name: secrets.token_hex(32) for name in (local.SEED, local.SEAL_SEED)}).items():
            local.set_meta(session, key, value)
        session.conn.execute(local.account.update().values(name=user))
    file = keys.read(blank.home / KEY_FILE)
    with pytest.MonkeyPatch.context() as cheap:
        cheap.setattr(keys, "_OPS", 1)
        cheap.setattr(keys, "_MEMORY", 8 * 1024)
        own = keys.wrap("user", user, PASSWORD, blank.data_key)
    keys.write(blank.home / KEY_FILE, keys.KeyFile(1, [own, *(slot for slot in file.slots if slot.type != "user")]))


# -- open stores that are used again --------------------------------------------------------------------------------------


class Lent(Store):
    """A store from `lend`. A test that closes it, replaces its file or changes its schema has it to itself: the next one gets another."""

    def __init__(self, kept: _Kept, home: Path, user: str) -> None:
        super().__init__(home, kept.store.engine, kept.store.data_key, user)
        self.kept = kept

    def close(self) -> None:
        self.kept.used_up = True
        super().close()


class _Kept:
    """An open store, with all it held when it was made."""

    def __init__(self, made: Store, idle: list[_Kept]) -> None:
        self.store, self.home, self.idle, self.used_up = made, made.home, idle, False
        self.key_file = (made.home / KEY_FILE).read_bytes()
        self.inode = (made.home / STORE_FILE).stat().st_ino
        with made.engine.connect() as conn:
            driver: Any = conn.connection.driver_connection
            self.state = _state_of(driver)
            tables = [name for (name,) in driver.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            self.filled = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in tables)
            held = [name for (name,) in driver.execute(self.filled)]
            self.rows = {name: driver.execute(f'SELECT * FROM "{name}"').fetchall() for name in held}

    def emptied(self) -> bool:
        """Take away whatever a test left, records and files; False if the store is not to be used again."""
        try:
            pool: Any = self.store.engine.pool
            if self.used_up or pool.checkedout() or (self.home / STORE_FILE).stat().st_ino != self.inode:
                return False
            with ExitStack() as stack:
                conns = [stack.enter_context(self.store.engine.connect()) for _n in range(max(pool.checkedin(), 1))]
                drivers: list[Any] = [conn.connection.driver_connection for conn in conns]
                if any(_state_of(driver) != self.state for driver in drivers):
                    return False
                self._put_back(drivers[0])
        except (OSError, sqlcipher.Error):
            return False
        for path in self.home.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif not path.name.startswith(STORE_FILE):
                path.unlink()
        (self.home / KEY_FILE).write_bytes(self.key_file)
        return True

    def _put_back(self, driver: Any) -> None:
        driver.execute("PRAGMA foreign_keys = OFF")
        driver.execute("BEGIN IMMEDIATE")
        driver.execute("UPDATE control SET quiet = 1")  # the triggers do nothing then
        filled = [name for (name,) in driver.execute(self.filled).fetchall()]
        for group in (lambda name: name not in _LAST, lambda name: name in _LAST):
            for name in filter(group, filled):
                driver.execute(f'DELETE FROM "{name}"')
            for name in filter(group, self.rows):
                rows = self.rows[name]
                driver.executemany(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(rows[0]))})', rows)
        driver.execute("COMMIT")
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        driver.execute("PRAGMA foreign_keys = ON")


def _state_of(driver: Any) -> tuple[object, ...]:
    """What a connection is set to, and the version of the schema."""
    return driver.begins, *(driver.execute(asked).fetchone()[0] for asked in _ABOUT_CONNECTION)


_LAST = ("sqlite_sequence", "control")
"""Tables that other tables' inserts write or read."""
_ABOUT_CONNECTION = (
    *(f"PRAGMA {name}" for name in ("schema_version", "user_version", "foreign_keys", "query_only", "synchronous")),
    "SELECT count(*) FROM sqlite_temp_master",
)
_idle: defaultdict[Path, list[_Kept]] = defaultdict(list)


def lend(template: Path, password: str = PASSWORD) -> Lent:
    """A store with what the closed one in `template` holds, to be given back; not a copy, but for the first time."""
    kept = _taken_from(_idle[template]) or _Kept(copied(template, _kept_folder() / "home", password), _idle[template])
    return Lent(kept, kept.home, kept.store.user)


def _taken_from(idle: list[_Kept]) -> _Kept | None:
    """One of these stores, emptied, if any can be used again."""
    while idle:
        kept = idle.pop()
        if kept.emptied():
            return kept
        kept.store.close()
    return None


def lend_new(home: Path, scope: str = VILLAGE, user: str = "李文书") -> Store:
    """As `new_store`, to be given back. `home` is a link to its folder."""
    blank = lend(blank_home())
    _make_its_own(blank, scope, user)
    home.parent.mkdir(parents=True, exist_ok=True)
    home.symlink_to(blank.home, target_is_directory=True)
    return Lent(blank.kept, home, user)


def give_back(store: Store) -> None:
    """Close a store, or keep it open for the next test if it was lent. It is emptied then: what is left of this test may look at it yet."""
    if isinstance(store, Lent) and not store.kept.used_up and store.engine is store.kept.store.engine:
        store.kept.idle.append(store.kept)
    else:
        store.close()


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


def begun_county(folder: Path) -> str:
    """The address of such a county in a new folder as the first command leaves it: closed, with its keys."""
    from sync.county.keys import county_keys

    folder.mkdir()
    with closing(new_county(folder)) as made:
        county_keys(made)
        return made.url


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


@contextmanager
def lent(template: Path, password: str = PASSWORD) -> Iterator[Store]:
    """A store with what the closed one in `template` holds, for one test."""
    made = lend(template, password)
    try:
        yield made
    finally:
        give_back(made)

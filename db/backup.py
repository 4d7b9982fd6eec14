"""Online backup, verification and restore. A backup is one zip file: the store, still encrypted, and its key slots.

The copy is made with SQLite's online backup while the program stays in use, then opened and checked; only a checked copy takes the name the
user gave. Restoring never overwrites: the present data, which may hold unsent changes, is moved aside first. The restored store begins a
new incarnation, so that the county can tell it from the laptop it was copied from.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import msgspec
from sqlalchemy import func, inspect, select

from db import aside, keys, local, upgrade
from db.engine import copy_file, problem, readable, sqlite_engine
from db.files import PATIENT, STORE_FILE, beside, for_a_copy, regular, sync_folder, waited, write_whole
from db.key_swap import ASIDE, finish, put_restored
from db.mapping import TABLES
from db.session import Session, utc_now
from db.store import KEY_FILE, Store
from domain.errors import CannotWrite, DomainError, InputUnusable, StoreDamaged, os_reason
from domain.words import _

MAX_BYTES = 8 * 2**30
_ENCRYPTED = 1
"""Flag of an archive's entry that needs a password to be read."""
LAST_BACKUP = "last_backup"


@dataclass(frozen=True)
class Backup:
    """A checked backup: its file, size and number of records."""

    file: Path
    bytes: int
    records: int


def backup(store: Store, file: Path) -> Backup:
    """Write a checked, encrypted backup of the open store to `file`. The folder must exist, except inside the store's own folder: a
    stick that is not plugged in must not become a folder on the same disk."""
    if store.home in file.parents:
        file.parent.mkdir(parents=True, exist_ok=True)
    _check_folder(file)
    made = utc_now()
    try:
        with for_a_copy(_roomy(store.home, file)) as folder:
            copy, slots, key = Path(folder) / STORE_FILE, Path(folder) / KEY_FILE, store.data_key
            with store.connect() as conn:
                keys.write(slots, keys.read(store.home / KEY_FILE))
                store.check_in_place(conn)  # so that these slots open this data key, whatever another window does meanwhile
                copy_file(conn.engine, key, copy)
            _keep(copy, key, LAST_BACKUP, made)
            records = check_copy(copy, key)
            pack(copy, slots, file)
    except Exception as error:
        reason = why_unwritten(error)
        if not reason:
            raise
        raise DomainError(_("备份没有做成：{reason}。本机数据没有变化，请检查磁盘或 U 盘后再试。").format(reason=reason)) from error
    with suppress(CannotWrite):  # the store's own disk is full, but the backup is on another
        store.set_meta(LAST_BACKUP, made)
    return Backup(file, file.stat().st_size, records)


def rescue(home: Path, file: Path, *, user: str | None, password: str) -> Backup:
    """Back up a store that cannot be opened in place: SQLite cannot read it on a read-only or full disk, which has no room for the log's
    index. The files are copied beside `file` and opened there. Raises `CannotWrite` while another program still writes to the store."""
    _check_folder(file)
    with for_a_copy(file.absolute().parent) as folder:
        present = [path for path in (home / STORE_FILE, home / f"{STORE_FILE}-wal", home / KEY_FILE) if path.exists()]
        before = [_state(path) for path in present]
        try:
            for path in present:
                shutil.copyfile(path, Path(folder) / path.name)
        except OSError as error:
            raise DomainError(
                _("备份没有做成：{reason}。本机数据没有变化，请检查磁盘或 U 盘后再试。").format(reason=os_reason(error))
            ) from error
        if before != [_state(path) for path in present]:
            raise CannotWrite(_("村站通还在别处开着、正在写，备份没有做成。请关掉它再试一次。"))
        store = Store.open(Path(folder), user=user, password=password)
        try:
            return backup(store, file)
        finally:
            store.close()


def _state(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _check_folder(file: Path) -> None:
    if file.is_dir():
        example = file / _("村站通备份.zip")
        raise InputUnusable(_("「{name}」是文件夹，备份没有做成。请在后面写上文件名，如 {example}").format(name=file, example=example))
    if not file.absolute().parent.is_dir():
        raise InputUnusable(_("找不到文件夹「{name}」，备份没有做成。请看 U 盘是否插好、路径是否写对。").format(name=file.parent))


def pack(copy: Path, key_file: Path, file: Path) -> None:
    """Pack a database and its key file into one archive, `file`; a failure leaves no partial file."""
    with beside(file) as unfinished, zipfile.ZipFile(unfinished, "w", zipfile.ZIP_STORED) as archive:  # encrypted pages do not compress
        archive.write(copy, STORE_FILE)
        archive.write(key_file, KEY_FILE)


def _roomy(home: Path, file: Path) -> Path:
    """The folder for the copy: beside the store, whose disk is fast, or on the backup's own disk if the store's has no room."""
    return home if shutil.disk_usage(home).free > 2 * (home / STORE_FILE).stat().st_size else file.absolute().parent


def why_unwritten(error: BaseException) -> str:
    """Why a backup could not be written, in a few words; empty if the error is not a disk error."""
    if isinstance(error, OSError):
        return os_reason(error)
    return _("磁盘满了") if isinstance(problem(error), CannotWrite) else ""


def keep_beside(store: Store) -> str:
    """Copy the store into its own folder before a rewind removes others' changes from it; returns the name of the copy, which opens with
    the same key. Holds the write lock, because a change of the data key would miss a copy that is still being made."""
    name, folder = f"before-rewind-{utc_now().replace(':', '')}", store.home / "backups"
    names = (f"{name}-{n}.db" if n else f"{name}.db" for n in count())
    copy = next(file for file in map(folder.joinpath, names) if not file.exists())  # keep both of two copies made in the same second
    try:
        with store.connect(begin="IMMEDIATE") as conn, conn.begin():
            store.check_in_place(conn)
            copy_file(conn.engine, store.data_key, copy)
    except Exception as error:
        copy.unlink(missing_ok=True)
        raise problem(error) from error
    return copy.name


def sound(session: Session) -> bool:
    """Whether every page of an SQLite database, or every value of a PostgreSQL one, can be read without error."""
    if session.conn.dialect.name == "postgresql":
        from db import postgres  # loading the driver takes 0.1 s, which stations should not pay

        return postgres.sound(session.conn)
    return bool(session.conn.exec_driver_sql("PRAGMA quick_check(1)").scalar_one() == "ok")


def check_copy(copy: Path, key: bytes) -> int:
    """Open a copy, let SQLite check every page, and count its records. Raises `StoreDamaged`, also if a newer program wrote it."""
    engine = sqlite_engine(copy, key)
    try:
        readable(engine)
        with engine.connect() as conn:
            upgrade.refuse_newer(upgrade.version(conn) or "")
            if conn.exec_driver_sql("PRAGMA quick_check(1)").scalar_one() != "ok":
                raise StoreDamaged(_("备份没有通过检查：文件已损坏。"))
            there = set(inspect(conn).get_table_names())  # an older store lacks some kinds until it is opened and upgraded
            kinds = [t for name, t in TABLES.items() if name in there]
            return sum(conn.execute(select(func.count()).select_from(t).where(t.c.deleted_at.is_(None))).scalar_one() for t in kinds)
    finally:
        engine.dispose()


def verify(file: Path, *, user: str | None, password: str) -> Backup:
    """Unpack a backup to a temporary folder, open it with a user's password or recovery code and check it (a restore drill). Changes
    nothing here."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        key = unpack(file, Path(folder), user, password)
        return Backup(file, file.stat().st_size, check_copy(Path(folder) / STORE_FILE, key))


def restore(home: Path, file: Path, *, user: str | None, password: str) -> Backup:
    """Replace the data in `home` with a backup; the present data is kept beside it under `before-restore-…`.

    `password` is a user's password or the recovery code, as of when the backup was made: the code may be all that is left of a broken
    laptop.
    """
    home.mkdir(parents=True, exist_ok=True)
    finish(home)
    with for_a_copy(home) as folder:
        fresh = Path(folder) / keys.RESTORING
        fresh.mkdir()
        key = unpack(file, fresh, user, password)
        records = check_copy(fresh / STORE_FILE, key)
        _keep(fresh / STORE_FILE, key, local.RESTORED, utc_now())
        try:
            with aside.held(home, key, user, password) if (home / STORE_FILE).exists() else nullcontext(0) as left:
                _decide(fresh, home, left)
            put_restored(home)
        except OSError as error:
            message = _("没有恢复，什么都没有改变：原来的数据移不开（{reason}）。请关掉村站通的其他窗口，再恢复一次。")
            raise DomainError(message.format(reason=os_reason(error))) from error
    return Backup(file, file.stat().st_size, records)


def _decide(fresh: Path, home: Path, left: int | None) -> None:
    """Let a complete restored store replace the present one, of which `left` changes are unsent: from here on nothing is written to that
    one. Raises `OSError`."""
    folder = fresh / f"{ASIDE}{utc_now().replace(':', '')}"
    folder.mkdir()
    aside.mark(folder, left)
    write_whole(fresh / KEY_FILE, (fresh / KEY_FILE).read_bytes())  # flushed to disk, as the store is
    sync_folder(fresh)
    waited(lambda: os.replace(fresh, home / keys.RESTORING), PATIENT)
    sync_folder(home)


def unpack(file: Path, folder: Path, user: str | None, password: str, most: int | None = None) -> bytes:
    """Unpack a backup of at most `most` bytes (`MAX_BYTES` by default); returns the data key, given a password or the recovery code.
    Raises `CunzhanError`."""
    try:
        with regular(file) as stream, zipfile.ZipFile(stream) as archive:
            infos = {info.filename: info for info in archive.infolist()}
            if not _ours(infos) or sum(i.file_size for i in infos.values()) > (most or MAX_BYTES):
                raise InputUnusable(_("这不是村站通的备份文件。没有改动任何内容。"))
            for name in (KEY_FILE, STORE_FILE):
                with archive.open(name) as source, open(folder / name, "wb") as target:
                    shutil.copyfileobj(source, target)
    except FileNotFoundError:
        raise InputUnusable(_("找不到备份文件 {file}。没有改动任何内容。").format(file=file.name)) from None
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        if (translated := problem(error)) is not error:  # the disk is full, which says nothing about the backup
            raise translated from error
        raise InputUnusable(_("备份文件打不开或不完整。没有改动任何内容，请换一份备份。")) from error
    return keys.unlock_with_either(keys.read(folder / KEY_FILE), user, password)


def users(file: Path) -> list[str]:
    """The users whose password opens a backup; empty if it cannot be read, which `restore` explains."""
    with (
        suppress(InputUnusable, OSError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile),
        regular(file) as stream,
        zipfile.ZipFile(stream) as archive,
    ):
        if _ours({info.filename: info for info in archive.infolist()}):
            return msgspec.json.decode(archive.read(KEY_FILE), type=keys.KeyFile).names()
    return []


def _ours(infos: dict[str, zipfile.ZipInfo]) -> bool:
    """Whether an archive has the shape that `pack` gives it. A compressed one may be a bomb."""
    plain = all(info.compress_type == zipfile.ZIP_STORED and not info.flag_bits & _ENCRYPTED for info in infos.values())
    return plain and infos.keys() == {STORE_FILE, KEY_FILE} and infos[KEY_FILE].file_size <= keys.MAX_FILE_BYTES


def _keep(copy: Path, key: bytes, name: str, value: str) -> None:
    """Write a setting into a copy: when it was made, so that a restored store knows of this backup; or that it was restored, which makes
    it a new incarnation, not to be confused with the laptop it was copied from. Raises `InputUnusable` for a county's database."""
    engine = sqlite_engine(copy, key)
    try:
        with engine.connect().execution_options(begin="IMMEDIATE") as conn, conn.begin():
            if conn.execute(select(local.meta.c.key).where(local.meta.c.key == local.COUNTY_SEED)).first() is not None:
                raise InputUnusable(_("这是县级数据库的备份，要在县服务器上用 cunzhan-server restore 恢复。没有改动任何内容。"))
            conn.execute(local.meta.delete().where(local.meta.c.key == name))
            conn.execute(local.meta.insert().values(key=name, value=value))
        with engine.connect() as conn:
            conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    except Exception as error:
        raise problem(error) from error
    finally:
        engine.dispose()

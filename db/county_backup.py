"""Backup and restore of a county's database, on SQLite or PostgreSQL: every table as of one moment.

The file is like a station's (`db.backup`): a zip of an encrypted SQLite database and the key slot that opens it with a password. Both
databases use the same kind of file, so a backup also moves a county from one to the other; an older backup is upgraded like any database.
Only a checked copy takes the given name. A restore first backs up what it replaces.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Table, func, select

from db import keys
from db.backup import LAST_BACKUP, check_copy, pack, unpack, why_unwritten
from db.county import County
from db.exchange import device, enrolment_code, entry
from db.files import STORE_FILE, for_a_copy
from db.local import COUNTY_SEED, RESTORED, get_meta, set_meta
from db.mapping import TABLES, insert_columns, metadata
from db.session import Session, utc_now
from db.store import KEY_FILE
from db.upgrade import alone
from domain.errors import CannotWrite, DomainError, InputUnusable, Refused
from domain.words import _

_USER = "county"
_IDENTITY = "county_id"
_ROWS, _LONG_ROWS = 1000, 10
_LONG = frozenset({"body", "answer", "manifest"})
"""Columns of up to some megabytes: their rows are copied few at a time."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CountyBackup:
    """A backup and its figures. `kept`: the backup of the data that a restore replaced, None if there were none."""

    file: Path
    bytes: int
    records: int
    entries: int
    devices: int
    kept: Path | None = None


def backup(county: County, file: Path, password: str) -> CountyBackup:
    """Write a checked, encrypted backup to `file` while stations continue to exchange. Raises `CunzhanError`, and then leaves no file."""
    keys.check_password(password)
    if not file.absolute().parent.is_dir():
        raise InputUnusable(_("找不到文件夹「{name}」，备份没有做成。").format(name=file.parent))
    try:
        with for_a_copy(file.absolute().parent) as folder:
            key = keys.new_data_key()
            copy = Path(folder) / STORE_FILE
            with closing(County(_url(copy), key)) as target, county.read() as source, target.write() as into:
                _copy(source.conn, into.conn)
                set_meta(into, LAST_BACKUP, into.at)
                found = _counted(into)
            check_copy(copy, key)
            keys.write(Path(folder) / KEY_FILE, keys.KeyFile(1, [keys.wrap("user", _USER, password, key)]))
            pack(copy, Path(folder) / KEY_FILE, file)
    except Exception as error:  # an error of the copy being written: the county is only read
        reason = why_unwritten(error)
        if not reason:
            raise
        raise DomainError(_("备份没有做成：{reason}。县级数据没有变化，请检查磁盘后再试。").format(reason=reason)) from error
    _note_backup(county)
    return CountyBackup(file, file.stat().st_size, *found)


def _note_backup(county: County) -> None:
    """Record when the last backup was made, if possible: a county whose disk is full can still be backed up to another disk."""
    try:
        with county.write() as session:
            set_meta(session, LAST_BACKUP, utc_now())
    except Exception as error:
        if not isinstance(county.problem(error), CannotWrite):
            raise


def restore(
    county: County,
    file: Path,
    password: str,
    check: Callable[[County], None],
    *,
    force: bool = False,
    note: Callable[[Session, Path], None] = lambda _session, _file: None,
) -> CountyBackup:
    """Replace the contents of `county` with a backup, completely or not at all. `check` receives the unpacked county and raises if it is
    not sound. A county that has been in use, or has issued codes, is replaced only with `force`, after a backup of it beside `file`; and
    by another county's backup only while no station has joined it. `note` writes further facts about the restore in the same
    transaction."""
    with tempfile.TemporaryDirectory(prefix="cunzhan-restore-") as folder, _unpacked(file, Path(folder), password) as copy:
        check(copy)
        with copy.read() as source:
            found = _counted(source)
            kept = _make_room(county, get_meta(source, _IDENTITY), file, password, force=force)
            with county.write() as into:
                _lock(into.conn)
                _empty(into.conn)
                _copy(source.conn, into.conn)
                set_meta(into, RESTORED, utc_now())
                note(into, file)
    return CountyBackup(file, file.stat().st_size, *found, kept)


@contextmanager
def _unpacked(file: Path, folder: Path, password: str) -> Iterator[County]:
    try:
        key = unpack(file, folder, _USER, password, shutil.disk_usage(folder).free)  # a county may be larger than any station
    except Refused:
        if _USER in keys.read(folder / KEY_FILE).names():  # a county has no recovery code
            message = _("备份的密码不对。没有改动任何内容，请再输入一次；写这份备份时的密码忘了，就换一份备份。")
            raise Refused(message) from None
        raise InputUnusable(_("这不是县级数据库的备份。没有改动任何内容。")) from None
    check_copy(folder / STORE_FILE, key)
    with closing(County(_url(folder / STORE_FILE), key)) as copy:
        with copy.read() as session:
            if get_meta(session, COUNTY_SEED) is None:
                raise InputUnusable(_("这不是县级数据库的备份。没有改动任何内容。"))
        yield copy


def _make_room(county: County, identity: str | None, file: Path, password: str, *, force: bool) -> Path | None:
    """Refuse to replace a county that is in use, or back it up first; returns the file of that backup. Enrolment codes on paper are lost
    with the county that issued them."""
    with county.read() as session:
        present = get_meta(session, _IDENTITY)
        joined, begun = (any(_some(session, t) for t in tables) for tables in ((entry, device), (enrolment_code,)))
    if not joined and not begun:
        return None
    if joined and present != identity:
        raise InputUnusable(_("这份备份是另一个县的，不能恢复到这个数据库里。没有改动任何内容。"))
    if not force:
        raise InputUnusable(_("这个数据库里已有县级数据，没有恢复。确实要用备份代替它，请加 --force：现有数据会先另存一份。"))
    return backup(county, file.with_name(f"before-restore-{utc_now().replace(':', '')}.zip"), password).file


def _some(session: Session, t: Table) -> bool:
    return session.conn.execute(select(t).limit(1)).first() is not None


def _url(path: Path) -> str:
    return f"sqlite:///{path}"


def _counted(session: Session) -> tuple[int, int, int]:
    """The numbers of records, log entries and devices."""
    records = sum(session.count(name) for name in TABLES)
    entries, devices = (session.conn.execute(select(func.count()).select_from(t)).scalar_one() for t in (entry, device))
    return records, entries, devices


def notice(county: County, station: str) -> None:
    """Record that a station has read entries that are missing here: the logs were put back by whatever means. Recorded once per restore:
    a station that has exchanged since the last one recorded shows that there was another."""
    with county.write() as session:
        noted = get_meta(session, RESTORED)
        came = session.conn.execute(select(device.c.last_sync).where(device.c.station == station)).scalar()
        if noted is None or (came or "") >= noted:
            set_meta(session, RESTORED, session.at)
            log.warning("%s", _("县级数据从备份恢复过：各站同步时自动补交县里缺的。还有谁没来，见 cunzhan-server status。"))


# -- tables ------------------------------------------------------------------------------------------------------------


def _copy(source: Connection, target: Connection) -> None:
    for t in metadata.sorted_tables:
        names = [column.name for column in t.columns]
        few = _LONG_ROWS if _LONG.intersection(names) else _ROWS
        for part in source.execute(select(t).execution_options(yield_per=few)).partitions():
            insert_columns(target, t, dict(zip(names, zip(*part, strict=True), strict=True)))
    if target.dialect.name == "postgresql":
        from db import postgres

        postgres.count_on(target, metadata.sorted_tables)


def _empty(conn: Connection) -> None:
    for t in reversed(metadata.sorted_tables):
        conn.execute(t.delete())


def _lock(conn: Connection) -> None:
    """Lock all tables, so that nobody reads or writes a half-restored county."""
    alone(conn)
    if conn.dialect.name == "postgresql":
        from db import postgres

        postgres.lock(conn, metadata.sorted_tables)

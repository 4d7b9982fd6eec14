"""Engines: SQLCipher for a station, plain SQLite (the same library) or PostgreSQL for a county."""

import logging
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import Connection, Dialect, Engine, create_engine, dialects
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.pool import QueuePool
from sqlalchemy.util import LRUCache

from domain.errors import CannotWrite, DomainError, StoreDamaged
from domain.words import _

logging.getLogger("sqlalchemy").addHandler(logging.NullHandler())  # else a Ctrl-C while a connection is closed shows a traceback

sqlcipher.register_adapter(type(None), {}.get)  # of None as a key, an empty dictionary gives None, without a line of Python
sqlcipher.register_adapter(bytes, bytes)
"""Both are bound as they are. Without an adapter the driver asks each None and each bytes for two attributes they have not, raising and
dropping two errors: 2 µs a value, more than half of what inserting a person took."""

BUSY_MILLISECONDS = 30_000
CACHE_KIB = 32_000
LOG_PAGES = 8000
"""32 MB of the write-ahead log: what is copied into the file by the save that passes it. With SQLite's own 1000 a first exchange copied its
pages, and waited twice more for the disk, at nearly every commit: a tenth of its time."""
TRIAL = 4 * 2**20
"""Bytes for which there must be room, or hardly anything can be taken in any more."""

_STATEMENTS: LRUCache[Any, Any] = LRUCache(1000)
"""Compiled statements, shared by all engines: a store opened again, a backup being checked or a second store runs the same ones, and
SQLAlchemy would compile them anew for each engine (the dialect is part of the key of its cache)."""


def sqlite_engine(path: Path, key: bytes | None = None) -> Engine:
    """An engine on one file, encrypted with the raw `key` when given. WAL and FULL: a saved change survives a power cut."""

    def connect() -> Any:
        connection = sqlcipher.connect(
            str(path), check_same_thread=False, isolation_level=None, timeout=BUSY_MILLISECONDS / 1000, factory=_Connection
        )
        try:
            _prepare(connection, key)
        except BaseException:
            connection.close()  # else the error holds it, and Windows lets nobody move or replace a file that is open
            raise
        return connection

    engine = create_engine(
        _URL,
        creator=connect,
        module=sqlcipher,
        poolclass=QueuePool,
        pool_size=4,
        pool_use_lifo=True,
        hide_parameters=True,
        execution_options={"compiled_cache": _STATEMENTS},
    )
    engine.dialect = _dialect()
    return engine


def _prepare(connection: sqlcipher.Connection, key: bytes | None) -> None:
    connection.execute("PRAGMA cipher_log_level = NONE")  # a damaged file is told in a sentence, not in lines on standard error
    if key is not None:
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    connection.execute("PRAGMA trusted_schema = OFF")


class _Connection(sqlcipher.Connection):  # type: ignore[misc]  # the driver has no types
    begins = "DEFERRED"
    """How its next transaction begins."""


class _Dialect(SQLiteDialect_pysqlite):
    """Begins transactions itself: the driver is in autocommit mode and would not for DDL. A listener for that would be looked for at every
    statement, which costs a quarter of each. With the execution option `begin` a connection's next transaction begins so."""

    supports_statement_cache = True

    def set_connection_execution_options(self, connection: Connection, opts: Mapping[str, Any]) -> None:
        super().set_connection_execution_options(connection, opts)
        driver = connection.connection.driver_connection
        if "begin" in opts and driver is not None:
            driver.begins = opts["begin"]

    def do_begin(self, dbapi_connection: Any) -> None:
        driver = dbapi_connection.driver_connection
        begins, driver.begins = driver.begins, _Connection.begins
        driver.execute(f"BEGIN {begins}")


@cache
def _dialect() -> Dialect:
    engine = create_engine(_URL, module=sqlcipher)
    engine.connect().close()  # it asks the library for its version
    engine.dispose()
    return engine.dialect


dialects.registry.register("sqlite.sqlcipher3", __name__, _Dialect.__name__)
_URL = "sqlite+sqlcipher3://"


@contextmanager
def reading(conn: Connection) -> Iterator[None]:
    """Whatever would write through a SQLite connection fails meanwhile."""
    driver = conn.connection.driver_connection  # asked directly: it costs a tenth
    assert driver is not None
    driver.execute("PRAGMA query_only = ON")
    try:
        yield
    finally:
        driver.execute("PRAGMA query_only = OFF")


@contextmanager
def unhurried(conn: Connection) -> Iterator[None]:
    """Transactions of a SQLite connection meanwhile reach the disk with the next one that waits for it."""
    driver = conn.connection.driver_connection
    assert driver is not None
    before = driver.execute("PRAGMA synchronous").fetchone()[0]
    driver.execute(f"PRAGMA synchronous = {min(before, 1)}")
    try:
        yield
    finally:
        if driver.in_transaction:  # its commit failed: nothing of it stays
            driver.execute("ROLLBACK")
        driver.execute(f"PRAGMA synchronous = {before}")


def copy_file(engine: Engine, key: bytes, target: Path) -> None:
    """Copy the encrypted database behind `engine` into `target` page by page, under the same key, while people go on working."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    destination = sqlcipher.connect(str(target), isolation_level=None)
    source = engine.raw_connection()
    try:
        destination.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        source.driver_connection.backup(destination)  # type: ignore[union-attr]  # there is one until it is closed
    finally:
        source.close()
        destination.close()


def try_writing(path: Path) -> None:
    """Raise `OSError` unless a database file may be written and some megabytes more fit beside it. Keeps nothing, waits for nobody."""
    with open(path, "r+b"), tempfile.TemporaryFile(dir=path.parent) as file:
        file.write(os.urandom(TRIAL))
        file.flush()
        os.fsync(file.fileno())


def readable(engine: Engine) -> None:
    """Raise `StoreDamaged` unless the file opens as a database with its key, `CannotWrite` where only the disk is in its way."""
    try:
        with engine.connect() as conn:
            conn.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()
    except Exception as error:
        if isinstance(told := problem(error), CannotWrite):  # its log and the log's index want some room even to be read
            raise told from error
        raise StoreDamaged(_("村站数据打不开：文件已损坏或不完整。没有改动任何内容，请用最近的备份恢复。")) from error


def problem(error: BaseException) -> BaseException:
    """The sentence for a database or disk error, or the error itself when it is a bug."""
    text = str(getattr(error, "orig", error)).lower()
    if "disk is full" in text or "no space" in text or "disk i/o error" in text:
        return CannotWrite(_("磁盘已满或写不进去：这一步没有保存，已保存的内容都在。请清理磁盘空间后再试一次。"))
    if "unable to open database" in text or "readonly database" in text or "read-only" in text:
        return CannotWrite(_("数据文件打不开或写不进去：可能没有权限，或磁盘是只读的。没有改动任何内容。"))
    if "malformed" in text or "not a database" in text:
        return StoreDamaged(_("村站数据已损坏。已停止写入，请用最近的备份恢复。"))
    if "database is locked" in text:
        return DomainError(_("村站数据正被另一个程序占用，这一步没有保存。请稍等片刻再试。"))
    return error

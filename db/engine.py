"""Engines: SQLCipher for a station, plain SQLite (the same library) or PostgreSQL for a county."""

import errno
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

logging.getLogger("sqlalchemy").addHandler(logging.NullHandler())  # otherwise Ctrl-C while a connection is being closed prints a traceback

sqlcipher.register_adapter(type(None), {}.get)  # `{}.get` returns None for None, without a Python function call
sqlcipher.register_adapter(bytes, bytes)
"""Bind both types unchanged. Without an adapter the driver looks up two missing attributes on each None and each bytes object, which
raises and discards two errors: 2 µs a value, more than half the cost of inserting a person."""

BUSY_MILLISECONDS = 30_000
CACHE_KIB = 32_000
LOG_PAGES = 16_000
"""Pages of the write-ahead log (64 MB) after which a commit checkpoints it. With SQLite's default of 1000, nearly every commit of a
first exchange copied its pages and waited twice more for the disk: a tenth of its time. With 8000 one of them still did."""
TRIAL = 4 * 2**20
"""Bytes that must be writable; with less free space hardly anything can be saved."""

_STATEMENTS: LRUCache[Any, Any] = LRUCache(1000)
"""Compiled statements, shared by all engines. A reopened store, a backup being checked and a second store run the same statements, which
SQLAlchemy would otherwise compile anew for each engine, because the dialect is part of the cache key."""


def sqlite_engine(path: Path, key: bytes | None = None) -> Engine:
    """An engine on one file, encrypted with the raw `key` when given. WAL and FULL: a saved change survives a power cut."""

    def connect() -> Any:
        connection = sqlcipher.connect(
            str(path), check_same_thread=False, isolation_level=None, timeout=BUSY_MILLISECONDS / 1000, factory=_Connection
        )
        try:
            _prepare(connection, key)
        except BaseException:
            connection.close()  # otherwise the traceback holds it, and Windows cannot move or replace an open file
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
    connection.execute("PRAGMA cipher_log_level = NONE")  # a damaged file is reported by our own error, not by lines on standard error
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
    """How the next transaction begins (DEFERRED, IMMEDIATE)."""


class _Dialect(SQLiteDialect_pysqlite):
    """A dialect that begins transactions itself: the driver is in autocommit mode, because otherwise it would begin none for DDL. An
    event listener would do the same, but costs a quarter of each statement. The execution option `begin` says how a connection's next
    transaction begins."""

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
    engine.connect().close()  # makes the dialect ask the library for its version
    engine.dispose()
    return engine.dialect


dialects.registry.register("sqlite.sqlcipher3", __name__, _Dialect.__name__)
_URL = "sqlite+sqlcipher3://"


@contextmanager
def reading(conn: Connection) -> Iterator[None]:
    """Make the SQLite connection read-only inside the block."""
    driver = conn.connection.driver_connection  # the driver directly: a tenth of the cost
    assert driver is not None
    driver.execute("PRAGMA query_only = ON")
    try:
        yield
    finally:
        driver.execute("PRAGMA query_only = OFF")


@contextmanager
def unhurried(conn: Connection) -> Iterator[None]:
    """Do not wait for the disk at commits of a SQLite connection inside the block; they reach it with the next transaction that does."""
    driver = conn.connection.driver_connection
    assert driver is not None
    before = driver.execute("PRAGMA synchronous").fetchone()[0]
    driver.execute(f"PRAGMA synchronous = {min(before, 1)}")
    try:
        yield
    finally:
        if driver.in_transaction:  # its commit failed: roll everything back
            driver.execute("ROLLBACK")
        driver.execute(f"PRAGMA synchronous = {before}")


def copy_file(engine: Engine, key: bytes, target: Path) -> None:
    """Copy the encrypted database behind `engine` to `target`, page by page and encrypted under `key`, which need not be its own, while
    it stays in use."""
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
    """Raise `OSError` unless the database file is writable and some megabytes are free beside it. Leaves no trace and waits for no lock."""
    with open(path, "r+b"), tempfile.TemporaryFile(dir=path.parent) as file:
        file.write(os.urandom(TRIAL))
        file.flush()
        os.fsync(file.fileno())


def readable(engine: Engine) -> None:
    """Raise `StoreDamaged` unless the file opens as a database with its key, or `CannotWrite` if only the disk is at fault."""
    try:
        with engine.connect() as conn:
            conn.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()
    except Exception as error:
        if isinstance(translated := problem(error), CannotWrite):  # even reading needs some room, for the log and its index
            raise translated from error
        raise StoreDamaged(_("村站数据打不开：文件已损坏或不完整。没有改动任何内容，请用最近的备份恢复。")) from error


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""A full disk, a full quota, and a file too large for a stick's file system."""


def busy(error: BaseException) -> bool:
    """Whether another program is writing to the database at the moment."""
    return "database is locked" in str(getattr(error, "orig", error)).lower()


def problem(error: BaseException) -> BaseException:
    """Translate a database or disk error into a user-facing error; returns any other error (a bug) unchanged."""
    text = str(getattr(error, "orig", error)).lower()
    full = isinstance(error, OSError) and error.errno in _FULL
    if full or any(words in text for words in ("disk is full", "no space", "disk i/o error")):
        return CannotWrite(_("磁盘已满或写不进去：这一步没有保存，已保存的内容都在。请清理磁盘空间后再试一次。"))
    if "unable to open database" in text or "readonly database" in text or "read-only" in text:
        return CannotWrite(_("数据文件打不开或写不进去：可能没有权限，或磁盘是只读的。没有改动任何内容。"))
    if "malformed" in text or "not a database" in text:
        return StoreDamaged(_("村站数据已损坏。已停止写入，请用最近的备份恢复。"))
    if busy(error):
        return DomainError(_("村站数据正被另一个程序占用，这一步没有保存。请稍等片刻再试。"))
    return error

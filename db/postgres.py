"""PostgreSQL as the county's database: the engine, translation of its errors, bulk rows by COPY, and an integrity check."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, event, func, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from domain.errors import CannotWrite, CunzhanError, InputUnusable, Refused, Unreachable
from domain.words import _

CONNECTIONS = 8
"""Most connections of one process; a server with N workers needs N times as many of the database's `max_connections`."""
_CONNECT_TIMEOUT = 10
_SETTINGS = "SET lock_timeout = '30s'; SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = 'error'; SET jit = off"
"""Nobody waits for a lock longer than on SQLite, and a process that dies in the middle of a transaction does not hold its locks for ever.
Compiling a query to machine code (`jit`) takes longer than running it: the figures of a month took ten seconds instead of one."""
_RETRYABLE = frozenset({"40001", "40P01", "23505"})
_UNWRITABLE = frozenset({"25006", "53100", "58030"})
"""SQLSTATEs of a read-only database, a full disk and a failing disk."""
_TRIAL = "CREATE TEMPORARY TABLE trial ON COMMIT DROP AS SELECT repeat(md5(random()::text), 60) FROM generate_series(1, 2048)"  # 4 MB
_UNREACHABLE = (
    "connection refused",
    "no such file",
    "could not translate",
    "timeout",
    "unreachable",
    "no route",
    "server closed",
    "starting up",
)


def postgres_engine(url: str) -> Engine:
    """An engine for a `postgresql://` address. Raises `InputUnusable`, whose message never repeats the address, since it may hold a
    password."""
    try:
        address = make_url(url).set(drivername="postgresql+psycopg")
        engine = create_engine(
            address,
            connect_args={} if "connect_timeout" in address.query else {"connect_timeout": _CONNECT_TIMEOUT},
            pool_size=CONNECTIONS // 2,
            max_overflow=CONNECTIONS - CONNECTIONS // 2,
            pool_pre_ping=True,
            hide_parameters=True,
        )
    except (ArgumentError, ValueError, TypeError):
        raise InputUnusable(_("数据库地址不对，应形如 postgresql://用户@主机/数据库（密码写在 PGPASSWORD 或 .pgpass 里）。")) from None
    event.listen(engine, "connect", _set_up, insert=True)  # before SQLAlchemy's own queries, which not every encoding can answer
    return engine


def partial_indexes(metadata: MetaData) -> None:
    """Make the indexes that are declared partial on SQLite partial here too. Done here, not at the declaration, because SQLAlchemy would
    load its PostgreSQL dialect: a tenth of a station's start-up time."""
    for index in (index for table in metadata.tables.values() for index in table.indexes):
        if index.dialect_options["sqlite"]["where"] is not None:
            index.dialect_options["postgresql"]["where"] = index.dialect_options["sqlite"]["where"]


def _set_up(connection: Any, _record: Any) -> None:
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":  # LATIN1 has no Chinese, SQL_ASCII returns bytes, national encodings lack rare characters of names
        connection.close()
        message = _("PostgreSQL 库的编码是 {encoding}，存不全汉字。请另建一个：createdb -E UTF8 -T template0 库名。没有改动任何内容。")
        raise InputUnusable(message.format(encoding=encoding))
    connection.execute(_SETTINGS)
    connection.commit()


# -- failures ----------------------------------------------------------------------------------------------------------


def driver_error(error: BaseException) -> psycopg.Error | None:
    """The driver's own error behind `error`, whatever wraps it."""
    found = getattr(error, "orig", error)
    return found if isinstance(found, psycopg.Error) else None


def again(error: BaseException) -> bool:
    """Whether retrying the transaction may succeed: a deadlock, or another transaction inserted the same row first."""
    found = driver_error(error)
    return found is not None and found.sqlstate in _RETRYABLE


def problem(error: BaseException) -> CunzhanError | None:
    """A user-facing error for a database that cannot be reached or refuses the login; None for any other error."""
    found = driver_error(error)
    if found is not None and found.sqlstate in _UNWRITABLE:
        return CannotWrite(_("磁盘已满或写不进去：这一步没有保存，已保存的内容都在。请清理磁盘空间后再试一次。"))
    if found is None or (found.sqlstate or "08000")[:2] not in ("08", "28", "3D", "40", "42", "53", "55", "57"):
        return None
    state, said = found.sqlstate, str(found).lower()
    if state is not None and state[:2] == "42":
        return Refused(_("数据库不让这个用户建表或读写，请数据库管理员授权。没有改动任何内容。")) if state == "42501" else None
    if isinstance(found, psycopg.ProgrammingError) and state is None:
        return InputUnusable(_("数据库地址里有不认识的参数，请核对。"))
    if any(word in said for word in _UNREACHABLE) or (state and state[:2] in ("08", "40", "53", "55", "57")):
        return Unreachable(_("连不上数据库，或它正忙。请检查数据库是否在运行、地址和端口是否正确，稍后再试。没有改动任何内容。"))
    if "password" in said or getattr(found.pgconn, "needs_password", False):
        return Refused(_("数据库的用户名或密码不对。没有改动任何内容。"))
    return Refused(_("数据库没有让这个用户进来，请核对数据库名、用户名和权限。没有改动任何内容。"))


def try_writing(engine: Engine) -> None:
    """Raise unless the database is writable and some megabytes are free on its disk. Leaves no trace and waits for no lock."""
    with engine.connect() as conn, conn.begin() as transaction:
        conn.exec_driver_sql(_TRIAL)
        transaction.rollback()


# -- bulk --------------------------------------------------------------------------------------------------------------


def copy(conn: Connection, table: str, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Append rows to a table by COPY, several times as fast as INSERT."""
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), columns)
    driver: Any = conn.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as into:
        for row in rows:
            into.write_row(row)


_temporary = count(1)


def copy_aside(conn: Connection, like: str, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Copy rows into a temporary table with the columns of `like`, dropped at the end of the transaction; returns its name."""
    name = f"aside_{next(_temporary)}"
    conn.exec_driver_sql(f'CREATE TEMPORARY TABLE {name} (LIKE "{like}") ON COMMIT DROP')
    copy(conn, name, names, rows)
    return name


def lock(conn: Connection, tables: Sequence[Table]) -> None:
    """Lock these tables exclusively until the transaction ends."""
    names = sql.SQL(", ").join(sql.Identifier(t.name) for t in tables)
    driver: Any = conn.connection.driver_connection
    driver.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(names))


def count_on(conn: Connection, tables: Sequence[Table]) -> None:
    """Advance the sequences of tables that were filled with explicit numbers."""
    for t in tables:
        column = t.autoincrement_column
        if column is not None:
            last = conn.execute(select(func.max(column))).scalar()
            counter = func.pg_get_serial_sequence(f'"{t.name}"', column.name)
            conn.execute(select(func.setval(counter, last or 1, last is not None)))


# -- integrity ---------------------------------------------------------------------------------------------------------


def sound(conn: Connection) -> bool:
    """Whether every value of every table can be read, as SQLite's integrity check reads every page. Damage shows as an error, a failed
    page checksum or an invalid index. Indexes are compared with their tables if the extension `amcheck` is installed."""
    try:
        for table in inspect(conn).get_table_names():
            conn.exec_driver_sql(f'SELECT sum(length(CAST(t AS text))) FROM "{table}" AS t').scalar()
        invalid = conn.execute(text("SELECT count(*) FROM pg_index WHERE NOT indisvalid")).scalar_one()
        failures = text("SELECT coalesce(checksum_failures, 0) FROM pg_stat_database WHERE datname = current_database()")
        if conn.execute(text("SELECT 1 FROM pg_extension WHERE extname = 'amcheck'")).scalar():
            conn.execute(text(_INDEXES)).all()
        return not invalid and not conn.execute(failures).scalar_one()
    except SQLAlchemyError as error:
        found = driver_error(error)
        if found is not None and (found.sqlstate or "")[:2] in ("XX", "58"):
            return False
        raise


_INDEXES = (
    "SELECT bt_index_check(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam "
    "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE a.amname = 'btree' AND n.nspname = current_schema() AND i.indisvalid"
)

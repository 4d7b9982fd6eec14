"""The county's database: the same record tables, without capture triggers. Every write goes through the exchange's ingest."""

from __future__ import annotations

import math
import random
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import SQLAlchemyError

from db.engine import problem, sqlite_engine, try_writing
from db.ids import IdSource
from db.keys import county_key
from db.local import meta
from db.mapping import list_indexes
from db.session import Session, utc_now
from domain.errors import CannotWrite, CunzhanError, Misused, StoreDamaged
from domain.words import _

T = TypeVar("T")

STATION = "county"
_FILE = "sqlite:///"
_LOOK = 10.0
"""Seconds between two looks whether another program changed the schema."""
_TRIES = 8
_PAUSE = 0.005
_READING: dict[str, dict[str, Any]] = {"postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}}
_WRITING: dict[str, dict[str, Any]] = {"sqlite": {"begin": "IMMEDIATE"}, "postgresql": {"isolation_level": "READ COMMITTED"}}
"""A writer on PostgreSQL first locks the rows it depends on (its device, its scope's counter) and then reads: at READ COMMITTED each
statement sees everything committed before it. A snapshot taken before the wait for the lock would only fail to serialise (decision 016)."""


class OtherSchema(StoreDamaged):
    """Another version of the program changed the schema of a database in use."""


class County:
    """An open county database: `sqlite:///path` (embedded) or `postgresql://…`. Creates or upgrades its schema when opened.

    An SQLite file is encrypted with the key that `keys.county_key` finds; `key` is given for the copy in a backup.
    """

    def __init__(self, url: str, key: bytes | None = None) -> None:
        self.url = url
        self.made = False
        """Whether the database was empty and its tables were created by this opening."""
        self.engine = _engine(url, key)
        self._looked = math.inf
        """When the schema was last looked at (monotonic seconds)."""
        self.id_source = IdSource(STATION)
        try:
            self._prepare()
        except CunzhanError:
            self.close()
            raise
        except Exception as error:
            self.close()
            if "not a database" in str(error):
                raise StoreDamaged(_("县级数据库打不开：密钥文件和它不是一对，或文件已损坏。没有改动任何内容。")) from error
            raise self.problem(error) or StoreDamaged(_("县级数据库打不开：{reason}").format(reason=type(error).__name__)) from error

    def _prepare(self) -> None:
        from db import upgrade

        schema = upgrade.whole_schema()
        if self.engine.dialect.name == "postgresql":
            from db.postgres import partial_indexes

            partial_indexes(schema)
        with self.engine.connect() as conn:
            found = upgrade.version(conn)
        if found is None:
            with self.write() as session:
                upgrade.alone(session.conn)
                schema.create_all(session.conn)
                for index in list_indexes():
                    index.drop(session.conn, checkfirst=True)
                upgrade.stamp(session.conn)
            self.made = True
        elif found != upgrade.HEAD:
            upgrade.refuse_newer(found)
            upgrade.run(self.engine, county=True)
        self._looked = time.monotonic()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent view."""
        with self._connection(_READING) as conn, conn.begin():
            yield self._session(conn)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction."""
        with self._connection(_WRITING) as conn, conn.begin():
            if time.monotonic() > self._looked + _LOOK:
                self._refuse_other_schema(conn)
            yield self._session(conn)

    def _refuse_other_schema(self, conn: Connection) -> None:
        """Raise `OtherSchema` if a newer program upgraded the database while this one had it open (any command of it does), or a backup of
        an older one was put in its place: a running server no longer knows the tables."""
        from db import upgrade

        if upgrade.version(conn) != upgrade.HEAD:
            raise OtherSchema(
                _("县级数据库已由另一版程序升级或恢复，这个服务不再写入。什么也没丢，各站没交的都在各站。请把程序换成新版，再重启服务。")
            )
        self._looked = time.monotonic()

    def patiently(self, work: Callable[[], T]) -> T:
        """The result of `work`, which is run again from the start if its transaction collided with another (a deadlock, or both inserted
        the same row). `work` must be idempotent, as every request of a station is."""
        for attempt in range(_TRIES):
            try:
                return work()
            except Exception as error:
                if attempt == _TRIES - 1 or not self._retryable(error):
                    raise
                time.sleep(random.uniform(0, _PAUSE * 2**attempt))
        raise AssertionError("the last try raises")

    def _retryable(self, error: Exception) -> bool:
        if self.engine.dialect.name != "postgresql":
            return False
        from db import postgres

        return postgres.again(error)

    def problem(self, error: BaseException) -> CunzhanError | None:
        """A user-facing error for a database that is unreachable, refuses the login or is full (`CannotWrite`); None for any other
        error."""
        if self.engine.dialect.name == "postgresql":
            from db import postgres

            translated = postgres.problem(error)
        else:
            found = problem(error)
            translated = found if isinstance(found, CunzhanError) else None
        return _cannot_write() if isinstance(translated, CannotWrite) else translated

    def space(self) -> tuple[int, int | None]:
        """Bytes the database takes, and bytes free on its disk: None on PostgreSQL, whose disk may be on another machine."""
        if self.engine.dialect.name == "postgresql":
            with self.read() as session:
                return int(session.conn.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one()), None
        path = Path(self.url.removeprefix(_FILE))
        files = (path, path.with_name(f"{path.name}-wal"))
        return sum(file.stat().st_size for file in files if file.exists()), shutil.disk_usage(path.parent).free

    def answers(self) -> None:
        """Raise unless the database can be read now (health check)."""
        with self.read() as session:
            session.conn.execute(select(meta.c.key).limit(1)).first()

    def try_writing(self) -> None:
        """Raise `CannotWrite` if little or nothing more can be written. Leaves no trace and waits for no lock."""
        try:
            if self.engine.dialect.name == "postgresql":
                from db import postgres

                postgres.try_writing(self.engine)
            else:
                try_writing(Path(self.url.removeprefix(_FILE)))
        except OSError as error:
            raise _cannot_write() from error
        except SQLAlchemyError as error:
            raise self.problem(error) or error from None

    def _connection(self, options: dict[str, dict[str, Any]]) -> Connection:
        return self.engine.connect().execution_options(**options.get(self.engine.dialect.name, {}))

    def _session(self, conn: Connection) -> Session:
        return Session(conn, "", "county", STATION, STATION, utc_now(), self.id_source)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _cannot_write() -> CannotWrite:
    return CannotWrite(
        _(
            "县级数据库写不进去：磁盘满了、是只读的，或者没有权限。这一步没有保存，已保存的都在；各站没交上来的都留在各站，一条不丢。"
            "请清理磁盘空间或改好权限，之后各站会自动再传。"
        )
    )


def _engine(url: str, key: bytes | None) -> Engine:
    if url.startswith(_FILE):
        name = url.removeprefix(_FILE)
        if name in ("", ":memory:"):
            raise Misused(_("县级数据要存在文件里，不能只放在内存里：请写 sqlite:///文件夹/county.db。没有改动任何内容。"))
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        return sqlite_engine(path, key or county_key(path))
    if url.startswith(("postgresql://", "postgres://")):
        from db.postgres import postgres_engine  # load the driver only where it is used

        return postgres_engine(url)
    raise Misused(_("数据库地址应以 sqlite:/// 或 postgresql:// 开头。"))

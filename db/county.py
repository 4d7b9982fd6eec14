"""The county's database: the same record tables, no capture. Whatever it writes goes through the exchange's ingest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import make_url

from db.engine import sqlite_engine
from db.ids import IdSource
from db.mapping import metadata
from db.session import Session, utc_now
from domain.errors import CunzhanError, InputUnusable, StoreDamaged
from domain.words import _

STATION = "county"


class County:
    """An open county database: `sqlite:///path` (embedded) or `postgresql://…`. Makes or upgrades its schema on opening."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        self.id_source = IdSource(STATION)
        try:
            self._prepare()
        except CunzhanError:
            raise
        except Exception as error:
            raise StoreDamaged(_("县级数据库打不开：{reason}").format(reason=type(error).__name__)) from error

    def _prepare(self) -> None:
        from db import bundles, exchange, local, snapshots, upgrade  # noqa: F401  (they declare tables; upgrade is only needed here)

        with self.engine.connect() as conn:
            found = upgrade.version(conn)
        if found is None:
            with self.write() as session:
                metadata.create_all(session.conn)
                upgrade.stamp(session.conn)
        elif found != upgrade.HEAD:
            upgrade.refuse_newer(found)
            upgrade.run(self.engine)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent view."""
        with self.engine.connect() as conn, conn.begin():
            yield self._session(conn)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: all of it or nothing."""
        with self.engine.connect().execution_options(begin="IMMEDIATE") as conn, conn.begin():
            yield self._session(conn)

    def _session(self, conn: Connection) -> Session:
        return Session(conn, "", "county", STATION, STATION, utc_now(), self.id_source)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    if url.startswith("sqlite:///"):
        path = Path(url.removeprefix("sqlite:///"))
        path.parent.mkdir(parents=True, exist_ok=True)
        return sqlite_engine(path)
    if url.startswith(("postgresql://", "postgres://")):
        return create_engine(make_url(url).set(drivername="postgresql+psycopg"), hide_parameters=True)
    raise InputUnusable(_("数据库地址应以 sqlite:/// 或 postgresql:// 开头。"))

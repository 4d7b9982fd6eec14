"""The schema's version: refuse a newer store, back up, upgrade an older one in one transaction.

Steps (`research/prototype.md` §3): foreign keys off, drop capture triggers, migrate, make triggers, compare with a
fresh store, commit. Alembic is loaded only when the version differs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, inspect

from domain.errors import StoreDamaged
from domain.words import _

HEAD = "0001"
"""Version of the newest migration in `db/migrations/versions`; a test holds them together."""


def stamp(conn: Connection) -> None:
    """Note that the schema is the newest (a fresh store or county database)."""
    if not inspect(conn).has_table("alembic_version"):
        conn.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    if conn.exec_driver_sql("SELECT count(*) FROM alembic_version").scalar_one() == 0:
        conn.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{HEAD}')")


def version(conn: Connection) -> str | None:
    """The schema's version, or None when there is none."""
    try:
        return str(conn.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())
    except Exception:
        return None


def check(engine: Engine, home: Path, key: bytes) -> None:
    """Upgrade a store of an older program after a backup; raise `StoreDamaged` for one of a newer program, untouched."""
    with engine.connect() as conn:
        found = version(conn)
    if found == HEAD:
        return
    if found is None:
        raise StoreDamaged(_("村站数据不完整。没有改动任何内容，请用最近的备份恢复。"))
    if found > HEAD:
        raise StoreDamaged(_("这份数据来自更新的程序，请先升级村站通。没有改动任何内容。"))
    from db import backup

    backup.copy_file(engine, key, home / "backups" / f"before-upgrade-{found}.db")
    run(engine, "sqlite")


def run(engine: Engine, dialect: str) -> None:
    """Bring a database to the newest version."""
    from alembic import command
    from alembic.config import Config

    from db import capture
    from db.mapping import metadata

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.connect() as conn:
        if dialect == "sqlite":
            conn.exec_driver_sql("PRAGMA foreign_keys = OFF")
            conn.commit()
        station = dialect == "sqlite" and inspect(conn).has_table("control")
        conn.rollback()
        options: dict[str, Any] = config.attributes
        options |= {"connection": conn, "metadata": metadata}
        with conn.begin():
            if station:
                capture.remove(conn)
            command.upgrade(config, "head")
            if station:
                capture.install(conn)

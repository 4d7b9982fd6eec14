"""Schema versions and upgrades. A newer store is refused; an older one is backed up and upgraded in one transaction.

Steps: foreign keys off, drop the capture triggers, migrate, create the triggers, compare with a fresh store, commit. Alembic is loaded only
if the version differs.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData, inspect

from db.engine import copy_file
from db.files import STORE_FILE, for_a_copy
from domain.errors import DomainError, StoreDamaged
from domain.words import _

HEAD = "0019"
"""Version of the newest migration in `db/migrations/versions`; a test compares the two."""

_LOCK = 0x63756E7A68616E
"""The key of PostgreSQL's advisory lock ("cunzhan")."""


def alone(conn: Connection) -> None:
    """Wait until no other process creates or upgrades the schema, and keep others out until the transaction ends. On SQLite a writer is
    alone anyway."""
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


def stamp(conn: Connection) -> None:
    """Record that the schema is the newest (a fresh store or county database)."""
    if not inspect(conn).has_table("alembic_version"):
        conn.exec_driver_sql(
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
    if conn.exec_driver_sql("SELECT count(*) FROM alembic_version").scalar_one() == 0:
        conn.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{HEAD}')")


def version(conn: Connection) -> str | None:
    """The schema's version, or None if there is none."""
    if not inspect(conn).has_table("alembic_version"):
        return None
    found = conn.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if found is None else str(found)


def check(engine: Engine, home: Path, key: bytes) -> bool:
    """Upgrade an older program's store, after a backup. Returns whether it did; raises `StoreDamaged`, changing nothing, for a newer
    program's."""
    with engine.connect() as conn:
        found = version(conn)
    if found == HEAD:
        return False
    if found is None:
        raise StoreDamaged(_("村站数据不完整。没有改动任何内容，请用最近的备份恢复。"))
    refuse_newer(found)
    with for_a_copy(home) as folder:
        copy = Path(folder) / STORE_FILE
        copy_file(engine, key, copy)
        with engine.connect() as conn:
            upgraded = version(conn) != found
        if not upgraded:  # upgraded meanwhile by another window, opened by a second click: the copy may be of its result
            (home / "backups").mkdir(exist_ok=True)
            copy.replace(home / "backups" / f"before-upgrade-{found}.db")
    if upgraded:
        return check(engine, home, key)
    run(engine)
    return True


def refuse_newer(found: str) -> None:
    """Raise `StoreDamaged` if a newer program made the schema."""
    if found > HEAD:
        raise StoreDamaged(_("这份数据是新版程序写的，请先升级村站通。没有改动任何内容。"))


def refuse_old_window(conn: Connection) -> None:
    """Raise `DomainError` if a newer program upgraded the store while this one had it open: this program no longer knows its tables."""
    if conn.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() != HEAD:
        raise DomainError(
            _("本机数据已由新版村站通升级，这个旧窗口存不进去，这一步没有保存。填了一半的留作草稿。请关掉这个窗口，在新版的窗口里接着填。")
        )


def whole_schema() -> MetaData:
    """Every table of the program. Loads the modules that declare tables, for creating or comparing a complete database."""
    from db import bundles, contents, erased, exchange, local, snapshots  # noqa: F401  (they declare tables)
    from db.mapping import metadata

    return metadata


def run(engine: Engine, *, county: bool = False) -> None:
    """Upgrade a database to the newest version, completely or not at all. A `county` has no capture triggers and no
    `mapping.list_indexes`."""
    from alembic import command  # takes 0.2 s to load, so only if there is something to do
    from alembic.config import Config

    from db import capture

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect().execution_options(begin="IMMEDIATE") as conn:
        driver = conn.connection.driver_connection
        assert driver is not None
        if sqlite:  # recreating a table must not delete rows that refer to it; inside a transaction SQLite ignores this
            driver.execute("PRAGMA foreign_keys = OFF")
        with conn.begin():
            alone(conn)
            captures = sqlite and inspect(conn).has_table("control")
            if captures:
                capture.remove(conn)
            config.attributes.update(connection=conn, metadata=whole_schema(), county=county)
            command.upgrade(config, "head")
            if captures and not county:
                capture.install(conn)
        if sqlite:
            driver.execute("PRAGMA foreign_keys = ON")

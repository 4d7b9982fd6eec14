"""A migrated store and a fresh one have the same schema; an older store is backed up, upgraded whole, or left alone."""

import json
import re
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Column, Connection, Engine, Index, MetaData, Table, Text
from sqlalchemy.exc import OperationalError

from db import backup, capture, engine, local, upgrade
from db.county import County
from db.engine import sqlite_engine
from db.files import STORE_FILE
from db.mapping import metadata
from db.migrations import draft
from db.store import Store
from db.unlocking import check_pin, set_pin
from domain.errors import DomainError
from domain.fields import KINDS
from tests.db.test_capture import new_person
from tests.fresh import PASSWORD

VERSIONS = Path(upgrade.__file__).parent / "migrations" / "versions"


def schema(engine) -> dict[str, str]:
    with engine.connect() as conn:
        rows = conn.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'").all()
    # SQLite quotes the name of a table that was written anew under another one
    return {row.name: re.sub(r"\s*([(),])\s*|\s+", r"\1 ", row.sql.replace('"', "")).strip() for row in rows}


def upgraded_to(revision: str, engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database as the migrations up to one of them make it."""
    with monkeypatch.context() as older:
        migrate = command.upgrade
        older.setattr("alembic.command.upgrade", lambda config, _head: migrate(config, revision))
        upgrade.run(engine)


def test_head_is_the_newest_migration() -> None:
    newest = sorted(path.name[:4] for path in VERSIONS.glob("[0-9]*.py"))[-1]
    assert newest == upgrade.HEAD, "HEAD in db/upgrade.py is the number of the newest migration"


def test_a_migrated_database_equals_a_fresh_one(store: Store, tmp_path: Path) -> None:
    migrated = sqlite_engine(tmp_path / "migrated.db")
    upgrade.run(migrated)
    with migrated.connect() as conn, conn.begin():
        capture.install(conn)
    assert schema(migrated) == schema(store.engine), 'a migration is missing: make migration NAME="what it does"'
    migrated.dispose()


def test_a_draft_has_what_is_new_and_nothing_else_for_both_databases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index that leaves rows out did so on SQLite only: the upgraded county on PostgreSQL was not as a fresh one."""
    declared = MetaData(naming_convention=metadata.naming_convention)
    for known in upgrade.whole_schema().tables.values():
        known.to_metadata(declared)
    stove = Table("stove", declared, Column("id", Text, primary_key=True), Column("person_id", Text))
    Index("ix_stove_person_id", stove.c.person_id, sqlite_where=stove.c.person_id.is_not(None))
    shutil.copytree(draft.HERE, tmp_path / "migrations")
    monkeypatch.setattr(draft, "HERE", tmp_path / "migrations")
    monkeypatch.setattr(upgrade, "whole_schema", lambda: declared)
    draft.draft("stoves")
    (written,) = (tmp_path / "migrations" / "versions").glob("*_stoves.py")
    text = written.read_text(encoding="utf-8")
    assert re.findall(r"op\.(\w{2,})\('?(\w+)", text) == [("create_table", "stove"), ("create_index", "ix_stove_person_id")]
    assert re.findall(r"(\w+)_where=sa\.text\('person_id IS NOT NULL'\)", text) == ["sqlite", "postgresql"]


def test_a_county_is_left_without_triggers_and_without_the_indexes_of_lists(tmp_path: Path, monkeypatch) -> None:
    with closing(County(f"sqlite:///{tmp_path}/fresh.db")) as county:
        fresh = schema(county.engine)
    engine = sqlite_engine(tmp_path / "county.db")
    upgraded_to("0011", engine, monkeypatch)
    with engine.connect() as conn, conn.begin():  # as the programs before upgraded it
        for statement in capture.triggers(KINDS["park_figure"]):
            conn.exec_driver_sql(statement)
    engine.dispose()
    with closing(County(f"sqlite:///{tmp_path}/county.db")) as county:
        assert schema(county.engine) == fresh
    assert not [name for name in fresh if name.startswith("capture") or name.endswith(("pinyin", "initials", "tail", "birth"))]


def test_migrations_import_nothing_of_ours() -> None:
    for path in [*VERSIONS.glob("*.py"), VERSIONS.parent / "env.py"]:
        assert not re.search(r"^(from|import) (domain|db|services|sync)\b", path.read_text(encoding="utf-8"), re.M), path.name


def test_every_table_is_declared_before_the_store_is_laid_out(store: Store) -> None:
    assert set(metadata.tables) <= set(schema(store.engine))


def test_an_upgrade_keeps_data_backs_up_first_and_logs_nothing(store: Store, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new_person(store)
    with store.engine.connect() as conn, conn.begin():  # an older store: one version back, one column less, its triggers without it
        capture.remove(conn)
        conn.exec_driver_sql("ALTER TABLE person DROP COLUMN note")
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    key = store.data_key
    store.close()

    def migrate(config, _head) -> None:
        conn = config.attributes["connection"]
        conn.exec_driver_sql("ALTER TABLE person ADD COLUMN note TEXT")
        conn.exec_driver_sql("UPDATE person SET note = 'moved'")
        conn.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{upgrade.HEAD}'")

    monkeypatch.setattr("alembic.command.upgrade", migrate)
    opened = Store.open(home, user=None, password=PASSWORD)
    with opened.read() as session:
        assert [p.note for p in session.select("person")] == ["moved"]
        assert session.conn.exec_driver_sql("SELECT count(*) FROM op").scalar_one() == 1
    with opened.write("改") as session:
        session.conn.exec_driver_sql("UPDATE person SET note = 'logged again'")
        assert session.conn.exec_driver_sql("SELECT count(*) FROM op").scalar_one() == 2
    opened.close()
    assert backup.check_copy(home / "backups" / "before-upgrade-0000.db", key) == 1


def test_what_was_half_typed_in_a_form_of_the_ledgers_is_found_under_its_new_name(tmp_path: Path, monkeypatch) -> None:
    engine = sqlite_engine(tmp_path / "store.db")
    upgraded_to("0015", engine, monkeypatch)
    kept = [("ledger:visit:", '{"content": "腰疼减活"}'), ("form:person:1", '{"0": {"note": "新"}}')]
    with engine.connect() as conn, conn.begin():
        for form, values in kept:
            conn.exec_driver_sql("INSERT INTO draft VALUES (?, '李文书', '2026-01-01', ?)", (form, values))
    upgrade.run(engine)
    with engine.connect() as conn:
        rows = conn.exec_driver_sql('SELECT form, "values" FROM draft').all()
    engine.dispose()
    assert {form: json.loads(values) for form, values in rows} == {
        "form:ledger:visit:": {"0": {"content": "腰疼减活"}},
        "form:person:1": {"0": {"note": "新"}},
    }


def test_a_window_of_the_older_program_saves_nothing_into_what_a_newer_one_upgraded(store: Store) -> None:
    """What is half typed in it stays as a draft, for the newer one to go on with, and its lock opens."""
    set_pin(store, "1234")
    with store.engine.connect() as newer, newer.begin():
        newer.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DomainError, match="旧窗口"), store.write("登记"):
        pass
    with pytest.raises(DomainError, match="旧窗口"), store.applying():
        pass
    with store.applying(own=True) as session:
        local.save_draft(session, "person", {"name": "王秀兰"})
        assert local.load_draft(session, "person") == {"name": "王秀兰"}
    assert check_pin(store, "1234")


def test_an_upgrade_writes_alone_and_minds_no_foreign_keys_meanwhile(store: Store, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever begins to write after it has begun to look would be told that the database is locked."""
    seen: list[object] = []
    monkeypatch.setattr(engine, "BUSY_MILLISECONDS", 50)

    def look(conn: Connection) -> None:
        seen.append(conn.exec_driver_sql("PRAGMA foreign_keys").scalar())
        with closing(sqlite_engine(home / STORE_FILE, store.data_key).connect()) as other, pytest.raises(OperationalError, match="locked"):
            other.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
        other.engine.dispose()

    monkeypatch.setattr(upgrade, "alone", look)
    upgrade.run(store.engine)
    with store.engine.connect() as conn:
        assert seen == [0] and conn.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_second_click_neither_copies_over_the_first_ones_backup_nor_tells_of_a_full_disk(store: Store, home: Path, monkeypatch) -> None:
    """Two windows open at once after an upgrade of the program; the other one is quicker while this one copies."""
    with store.engine.connect() as older, older.begin():
        older.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    kept = home / "backups" / "before-upgrade-0001.db"
    kept.parent.mkdir(exist_ok=True)
    kept.write_bytes(b"of the first")
    monkeypatch.setattr(upgrade, "run", lambda _engine: pytest.fail("the other one does it"))

    def copy(source: Engine, key: bytes, target: Path) -> None:
        engine.copy_file(source, key, target)
        with store.engine.connect() as other, other.begin():
            other.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{upgrade.HEAD}'")

    monkeypatch.setattr(upgrade, "copy_file", copy)
    with closing(Store.open(home, user=None, password=PASSWORD)) as opened:
        assert not opened.upgraded and kept.read_bytes() == b"of the first"


def test_an_upgrade_that_another_window_keeps_waiting_is_told_in_words(store: Store, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It imports a roster say; nothing is upgraded, and the next try finds the store as it was."""
    with store.engine.connect() as older, older.begin():
        older.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    monkeypatch.setattr(engine, "BUSY_MILLISECONDS", 50)
    with store.applying(own=True), pytest.raises(DomainError, match="另一个程序占用"):
        Store.open(home, user=None, password=PASSWORD)


def test_a_failing_upgrade_leaves_the_store_as_it_was(store: Store, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new_person(store)
    with store.engine.connect() as conn, conn.begin():
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    before = schema(store.engine)
    store.close()

    def fail(config, _head) -> None:
        config.attributes["connection"].exec_driver_sql("DROP TABLE person")
        raise RuntimeError("power cut")

    monkeypatch.setattr("alembic.command.upgrade", fail)
    with pytest.raises(RuntimeError):
        Store.open(home, user=None, password=PASSWORD)
    engine = sqlite_engine(home / STORE_FILE, store.data_key)
    assert schema(engine) == before
    engine.dispose()

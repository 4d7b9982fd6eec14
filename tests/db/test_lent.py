"""Stores that tests lend each other: whatever one leaves, the next gets what the first one got."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from db.files import STORE_FILE
from db.store import Store
from services import records
from tests.fresh import PASSWORD, Lent, copied, give_back, lend, lend_new, new_store

WANG = {"name": "王秀兰", "document": "other", "id_number": "X1", "labour": "ordinary"}


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """The folder of a village with one person."""
    store = new_store(tmp_path / "template")
    with store.write("登记") as session:
        records.save(session, "person", WANG)
    store.close()
    return store.home


def everything(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    with store.engine.connect() as conn:
        tables = conn.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
        return {name: [tuple(row) for row in conn.exec_driver_sql(f'SELECT * FROM "{name}"')] for name in tables}


def soil(store: Store) -> None:
    """Put a row into every table, or change the one that is there: users, settings, the lease, the log, what is held and pinned."""
    with store.engine.connect() as conn:
        driver: Any = conn.connection.driver_connection
        driver.execute("PRAGMA foreign_keys = OFF")
        driver.execute("UPDATE control SET quiet = 1")
        for name in set(everything(store)) - {"sqlite_sequence"}:
            types = [column[2] for column in driver.execute(f'PRAGMA table_info("{name}")')]
            row = [{"INTEGER": 77, "BLOB": b"x"}.get(type, "x") for type in types]
            driver.execute(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(row))})', row)
        driver.execute("PRAGMA foreign_keys = ON")


def test_the_next_one_gets_what_the_first_one_got(template: Path, tmp_path: Path) -> None:
    first = lend(template)
    before, key_file = everything(first), (first.home / "keys.json").read_bytes()
    with first.write("登记") as session:
        for name in ("赵福生", "孙玉梅"):
            records.save(session, "person", {**WANG, "name": name, "id_number": f"X{name}"})
    first.add_user("王主任", "clerk", PASSWORD)
    first.set_meta("remark", "left behind")
    (first.home / "backups").mkdir()
    (first.home / "note.txt").touch()
    soil(first)
    assert [name for name, rows in everything(first).items() if rows == before[name]] == []
    give_back(first)
    second = lend(template)
    assert second.engine is first.engine and second.home == first.home
    with closing(copied(template, tmp_path / "new")) as new:
        assert everything(second) == everything(new) == before
    assert (second.home / "keys.json").read_bytes() == key_file
    assert {path.name for path in second.home.iterdir()} <= {"store.db", "store.db-wal", "store.db-shm", "keys.json"}
    with second.engine.connect() as conn:
        assert conn.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    second.close()


def test_an_empty_one_begins_to_count_anew(tmp_path: Path) -> None:
    new_store(tmp_path / "home").close()
    for last in (False, True):
        store = lend(tmp_path / "home")
        with store.write("登记") as session:
            records.save(session, "person", WANG)
        assert dict(everything(store)["sqlite_sequence"]) == {"act": 1, "op": 1}
        if last:
            store.close()
        else:
            give_back(store)


def closed(store: Store) -> None:
    store.close()


def of_another_schema(store: Store) -> None:
    with store.applying() as session:
        session.conn.exec_driver_sql("DROP INDEX ix_op_row")


def replaced(store: Store) -> None:
    file = store.home / STORE_FILE
    (store.home / "other").write_bytes(file.read_bytes())
    (store.home / "other").replace(file)


def set_otherwise(store: Store) -> None:
    with store.engine.connect() as one, store.engine.connect() as two:
        for conn in (one, two):
            conn.exec_driver_sql("PRAGMA query_only = ON" if conn is two else "SELECT 1")


def under_another_key(store: Store) -> None:
    with store.replacing(store.data_key):
        pass


def in_use(store: Store) -> None:
    store.in_use = store.engine.connect()  # type: ignore[attr-defined]  # kept open


@pytest.mark.parametrize("spoil", [closed, of_another_schema, replaced, set_otherwise, under_another_key, in_use])
def test_what_a_test_spoils_nobody_gets(template: Path, spoil: Any) -> None:
    first = lend(template)
    spoil(first)
    give_back(first)
    second = lend(template)
    assert second.home != first.home
    assert len(everything(second)["person"]) == 1
    second.close()
    if spoil is in_use:
        first.in_use.close()  # type: ignore[attr-defined]


def test_each_new_one_is_a_station_of_its_own(tmp_path: Path) -> None:
    one, two = lend_new(tmp_path / "甲", user="甲"), lend_new(tmp_path / "乙", "230826101", "乙")
    assert one.station != two.station and (two.scope, two.role, two.user) == ("230826101", "township", "乙")
    assert Store.open(tmp_path / "乙", user="乙", password=PASSWORD).station == two.station
    assert isinstance(one, Lent) and one.home == tmp_path / "甲"
    for store in (one, two):
        store.close()

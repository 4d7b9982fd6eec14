"""A county whose disk is full or read-only takes nothing in and says just that: to the clerk, to its administrator, in its log."""

from __future__ import annotations

import errno
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from cli import county as program
from db import changes, county_backup, postgres
from db.county import County
from db.exchange import exchanges
from db.local import set_meta
from db.session import Session
from domain.errors import CannotWrite, CunzhanError, DomainError, Unreachable
from sync.county import bundle_intake
from sync.county.keys import county_keys
from sync.station.enrol import enrol
from sync.station.stick import writing
from sync.wire import bundle, link
from tests.sync.conftest import PASSWORD, SERVER, VILLAGE, World, assert_equal, both, person_values, unsent


@contextmanager
def full(county: County) -> Iterator[None]:
    """A county with no page to spare; on PostgreSQL one that is read-only."""
    with county.engine.connect() as conn:
        sqlite = conn.dialect.name == "sqlite"
        pages = conn.exec_driver_sql("PRAGMA page_count").scalar_one() if sqlite else 0

    def narrow(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    def only_read(conn: Connection) -> None:
        conn.exec_driver_sql("SET TRANSACTION READ ONLY")

    told: tuple[str, Any] = ("connect", narrow) if sqlite else ("begin", only_read)
    event.listen(county.engine, *told)
    county.engine.dispose()
    try:
        yield
    finally:
        event.remove(county.engine, *told)
        county.engine.dispose()


@both
def test_the_clerk_is_told_that_the_countys_disk_is_full_and_nothing_is_lost(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(link, "sleep", lambda _s: pytest.fail("waited for what does not pass by itself"))
    a, b = world.station("甲"), world.store("乙")
    code = world.code(VILLAGE)
    with a.write("导入") as session:
        people = [{"id": session.new_id(), "village": VILLAGE, **person_values(name="周桂英")} for _n in range(400)]
        changes.insert(session, "person", people)
    writing.write(a, tmp_path / "up.czb")
    keys = county_keys(world.county)
    with full(world.county), caplog.at_level(logging.INFO):
        with pytest.raises(Unreachable, match=r"磁盘满了.*一条没丢.*县管理员") as told:
            world.sync(a)
        assert "正忙" not in str(told.value)
        with pytest.raises(CannotWrite, match=r"县级数据库写不进去.*没交上来的都留在各站"):
            _taken(world.county, lambda: list(bundle_intake.take_all(world.county, keys, bundle.read_file(tmp_path / "up.czb"))))
        if world.county.engine.dialect.name == "postgresql":
            with pytest.raises(Unreachable, match="磁盘满了"):
                enrol(b, SERVER, code, transport=world.line)
            with pytest.raises(CannotWrite):
                world.county.try_writing()
    assert unsent(a) == 400
    with a.read() as session:
        assert exchanges(session)[0].message == str(told.value)
    said = [record.getMessage() for record in caplog.records if record.name == "server.app"]
    assert said
    assert all("县级数据库写不进去" in line for line in said)
    assert not any(word in caplog.text for word in ("周桂英", str(people[0]["id_number"]), a.station))
    world.county.try_writing()
    assert world.sync(a).pushed == 400
    world.sync(a)
    enrol(b, SERVER, code, transport=world.line)
    world.sync(b)
    assert_equal(world)


def _taken(county: County, work: Any) -> None:
    """As the county's commands do it (`cli.county_access.opened`)."""
    try:
        work()
    except CunzhanError:
        raise
    except Exception as error:
        raise county.problem(error) or error from None


def test_the_administrator_is_told_by_status_and_check(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def call(*arguments: str) -> tuple[int, str]:
        code = program.PROGRAM.main([*arguments, "--database", world.county.url])
        return code, capsys.readouterr().out

    county_keys(world.county)
    for command in ("status", "check"):
        code, out = call(command, "--json")
        assert (code, json.loads(out)["writable"]) == (0, True)

    def no_room(_path: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("db.county.try_writing", no_room)
    for command in ("status", "check"):
        code, out = call(command)
        assert (code, "县级数据库写不进去" in out, "一条不丢" in out) == (3, True, True)
        code, out = call(command, "--json")
        assert (code, json.loads(out)["writable"]) == (3, False)


def test_a_full_county_is_backed_up_to_another_disk_and_a_full_backup_disk_is_told(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    county_keys(world.county)

    def written(session: Session, name: str, value: str) -> None:
        (_no_room if session.conn.engine is world.county.engine else set_meta)(session, name, value)

    with monkeypatch.context() as patch:
        patch.setattr(county_backup, "set_meta", written)
        assert county_backup.backup(world.county, tmp_path / "there.zip", PASSWORD).file.exists()
    monkeypatch.setattr(county_backup, "_copy", _no_room)
    with pytest.raises(DomainError, match="备份没有做成：磁盘满了"):
        county_backup.backup(world.county, tmp_path / "full.zip", PASSWORD)
    assert [path.name for path in tmp_path.glob("*.zip*")] == ["there.zip"]


def _no_room(*_any: object) -> None:
    raise OperationalError("x", None, Exception("database or disk is full"))


@pytest.mark.parametrize("error", [psycopg.errors.DiskFull, psycopg.errors.ReadOnlySqlTransaction, psycopg.errors.IoError])
def test_what_postgresql_says_of_a_full_disk(error: type[psycopg.Error]) -> None:
    assert isinstance(postgres.problem(error("x")), CannotWrite)

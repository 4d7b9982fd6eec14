"""A server that goes on after another version of the program changed its database writes nothing into tables it does not know."""

from __future__ import annotations

import logging

import pytest

from db import county as database
from db.exchange import unsent
from domain.errors import Unreachable
from tests.sync.conftest import World, add, assert_equal, both


def stamp(world: World, version: str) -> None:
    with world.county.engine.begin() as conn:
        conn.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{version}'")


@both
def test_a_server_of_an_older_program_stops_writing_and_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A command of the newer program upgrades the database at once, whether the service was stopped or not."""
    a = world.station("甲")
    monkeypatch.setattr(database, "_LOOK", 0.0)
    add(a)
    world.sync(a)
    with world.county.read() as session:
        now = str(session.conn.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())
    stamp(world, "9999")
    try:
        add(a)
        with caplog.at_level(logging.ERROR), pytest.raises(Unreachable, match="正在维护"):
            world.sync(a)
        assert "另一版程序" in caplog.text and "重启" in caplog.text
        with a.read() as session:
            assert unsent(session) == 1
    finally:
        stamp(world, now)
    assert world.sync(a).pushed == 1
    world.settle()
    assert_equal(world)

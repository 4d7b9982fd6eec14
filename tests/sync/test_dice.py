"""A random run is the same run whenever it is played again."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from sqlalchemy import select

from db.exchange import entry
from tests.sync.accidents import ACCIDENTS, Accidents
from tests.sync.conftest import World
from tests.sync.days import clocks

WORK = ("insert", "edit", "edit_together", "move", "sync", "write_stick", "arrive", "again", *ACCIDENTS)


def played(folder: Path, seed: int) -> list[tuple[object, ...]]:
    """The county's log after a short run."""
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        clocks(seed, patch)
        world = World(folder)
        day, chance = Accidents(world, patch), random.Random(seed)
        for _n in range(24):
            day.act(chance.choice(WORK), chance.randrange(12), chance.randrange(100))
        day.programs.put_back()
        with world.county.read() as session:
            log = [tuple(row) for row in session.conn.execute(select(entry).order_by(entry.c.scope, entry.c.seq))]
        world.close()
    return log


def test_the_same_seed_writes_the_same_log(tmp_path: Path) -> None:
    """Byte for byte, signatures and all."""
    first = played(tmp_path / "1", 5)
    assert played(tmp_path / "2", 5) == first
    assert len(first) == 54

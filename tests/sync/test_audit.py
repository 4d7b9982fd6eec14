"""Whoever alters the log, how it is filed, or a file is found out by `check` at the county and `audit verify` at a laptop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from db.contents import content_piece, spoilt
from db.exchange import entry, scope_head
from domain.errors import InputUnusable
from sync.county.keys import county_keys
from sync.replica.audit import verify
from tests.sync.conftest import VILLAGE, World, add, both, put
from tests.sync.photos import attach, bytes_of, photo

SECOND = update(entry).where(entry.c.seq == 2)


@both
@pytest.mark.parametrize(
    ("altered", "bad"),
    [
        (SECOND.values(station="230826101202-aaaaaaaa"), 2),
        (SECOND.values(number=77), 2),
        (SECOND.values(chain=b"0" * 16), 2),
        (SECOND.values(refused='[[0, "rights"]]'), 2),
        (delete(entry).where(entry.c.seq == 2), 3),
        (delete(entry).where(entry.c.seq == 3), 3),
        (delete(scope_head), 4),
    ],
)
def test_an_altered_log_is_found_at_the_county(world: World, altered: Any, bad: int) -> None:
    a = world.station("甲")
    id = add(a)
    world.sync(a)
    for note in "xy":
        put(a, id, note=note)
        world.sync(a)
    key = county_keys(world.county).public
    with world.county.write() as session:
        assert verify(session, key).ok
        session.conn.execute(altered)
        assert verify(session, key).first_bad == f"{VILLAGE}/{bad}"


@both
def test_an_altered_file_is_found_and_not_handed_out(world: World, tmp_path: Path) -> None:
    a = world.station("甲")
    id = attach(a, add(a), photo(tmp_path))
    world.sync(a)
    for store in (a, world.county):
        with store.read() as session:
            assert spoilt(session) == []
        with a.applying() if store is a else world.county.write() as session:
            session.conn.execute(update(content_piece).where(content_piece.c.start == 0).values(body=b"\xff\xd8\xff\xda"))
            assert spoilt(session) == [(VILLAGE, id)]
    with pytest.raises(InputUnusable, match="备份"):
        bytes_of(a, id)

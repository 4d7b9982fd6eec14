"""What own ops wrote, read by columns and by winding rows back: the same batches."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from sqlalchemy import select

from db import changes
from db.capture import op
from db.store import Store
from sync.station.sealing import seal
from tests.fresh import new_store
from tests.sync.conftest import OTHER_VILLAGE, TOWNSHIP, VILLAGE, add

FIELDS = ("name", "phone", "note", "id_number")


def ops(store: Store, after: int) -> list[Any]:
    with store.read() as session:
        return list(session.conn.execute(select(op).where(op.c.seq > after).order_by(op.c.seq)).all())


def edited(store: Store, ids: list[str], dice: random.Random) -> None:
    for id in ids:
        with store.write("修改") as session:
            values = {name: dice.choice([None, "甲", f"乙{dice.random()}"]) for name in dice.sample(FIELDS, dice.randint(1, 3))}
            changes.update(session, "person", id, values)


def test_edits_are_the_same_by_columns_and_wound_back(tmp_path: Path) -> None:
    dice = random.Random(5)
    store = new_store(tmp_path / "store", TOWNSHIP)
    ids = [add(store, village=dice.choice((VILLAGE, OTHER_VILLAGE))) for _n in range(30)]
    before = ops(store, 0)[-1].seq
    edited(store, dice.sample(ids, 30), dice)
    made = ops(store, before)
    with store.read() as session:
        by_columns = seal.by_scope(session, made, [])
        wound_back = seal._wound_back(session, seal._Rows(session, made), made, [])
    assert by_columns == wound_back
    assert sum(len(part.acts) for part in by_columns.values()) == len(made)
    assert len(by_columns) == 2

    edited(store, ids, dice)  # the same rows again: what they hold now is not what the first ops wrote
    later = ops(store, made[-1].seq)
    with store.read() as session:
        assert seal.by_scope(session, made, later[::-1]) == by_columns
        whole = seal.by_scope(session, made + later, [])
    for scope, part in by_columns.items():
        first = [change for group in whole[scope].groups for _place, change in group.changes() if change.seq <= made[-1].seq]
        assert sorted(first, key=str) == sorted((change for group in part.groups for _place, change in group.changes()), key=str)
    store.close()

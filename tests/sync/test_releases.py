"""Stores and batches of every release are read by this program: they stay in `tests/data/releases` for ever."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest
from nacl.signing import SigningKey

from db import changes, exchange
from db.conflicts import conflicts
from db.mapping import table
from db.store import Store
from domain.fields import kind_of
from sync.replica import identity
from sync.replica.apply import Application
from sync.replica.audit import verify
from sync.replica.pieces import open_piece
from sync.station import stick, unknown
from sync.wire import bundle
from sync.wire.envelope import SCHEMA, open_batch
from sync.wire.messages import Request
from tests.data import make_release
from tests.data.make_release import PASSWORD, RELEASES, VILLAGE

FOLDERS = sorted(folder for folder in RELEASES.glob("*") if folder.is_dir())


@pytest.fixture(params=["now", *(folder.name for folder in FOLDERS)])
def release(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The files of a release; `now` are those this program makes."""
    if request.param == "now":
        make_release.write(tmp_path / "release")
        return tmp_path / "release"
    return RELEASES / str(request.param)


def test_its_store_opens_with_everything_in_it(release: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(release, home)
    facts = read_facts(release)
    store = Store.open(home, user=None, password=PASSWORD)
    unknown.learn(store)
    with store.read() as session:
        mine = [[p.id, p.name, p.phone, p.note] for p in session.select("person")]
        edited = {row[0] for row in mine if row[3] == "没有上传"}
        assert [row for row in mine if row[0] not in edited] == [row for row in facts["persons"] if row[0] not in edited]
        assert changes.unsent(session) == facts["unsent"] == 1
        assert sorted([c.record_id, c.field, c.state] for c in conflicts(session, settled=True)) == facts["conflicts"]
        assert verify(session).ok
        assert len(changes.history(session, "person", mine[0][0])) > 3
    store.close()


def test_its_batches_are_applied_as_they_were(release: Path, tmp_path: Path) -> None:
    facts = read_facts(release)
    store, _code = Store.create(tmp_path / "other", scope=VILLAGE, role="village", user="李", password=PASSWORD)
    bodies = msgspec.msgpack.decode((release / "batches.bin").read_bytes(), type=list[bytes])
    with store.applying() as session:
        for seq, body in enumerate(bodies, 1):
            batch = open_batch(body)
            assert batch.header.schema <= SCHEMA
            Application(session.conn, batch, VILLAGE, seq).groups(batch.groups, {})
    with store.read() as session:
        assert [[p.id, p.name, p.phone, p.note] for p in session.select("person")] == facts["persons"]
        assert [[w.id, w.amount] for w in session.select("wage")] == facts["wages"]
        assert sorted([h.record_id, h.reason] for h in exchange.held(session)) == facts["held"]
    store.close()


def test_its_snapshot_is_read(release: Path) -> None:
    bodies = msgspec.msgpack.decode((release / "pieces.bin").read_bytes(), type=list[bytes])
    pieces = [open_piece(body) for body in bodies]
    person = kind_of("person")
    rows = [piece for piece in pieces if (piece.kind, piece.table) == (person.number, "rows")]
    assert sum(piece.rows for piece in rows) >= len(read_facts(release)["persons"])
    named = {column if isinstance(column, str) else person.by_number[column].name for piece in rows for column in piece.columns}
    assert named <= {c.name for c in table(person).columns}


def read_facts(release: Path) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((release / "facts.json").read_text(encoding="utf-8"))
    return facts


@pytest.mark.parametrize("release", ["now", *(folder.name for folder in FOLDERS if (folder / "up.czb").exists())], indirect=True)
def test_its_sticks_are_read(release: Path, tmp_path: Path) -> None:
    """The county still opens what a laptop wrote, and the laptop, upgraded meanwhile, the answer."""
    home = tmp_path / "home"
    shutil.copytree(release, home)
    key = SigningKey(bytes.fromhex((release / "county.key").read_text(encoding="utf-8")))
    (up,) = bundle.read_file(release / "up.czb")
    asked = bundle.decoded(Request, bundle.unseal_at_county(key, up.body))
    store = Store.open(home, user=None, password=PASSWORD)
    with store.read() as session:
        me = identity.load(session)
        before = session.count("person")
    assert me is not None and up.signed_by(bytes(me.signing.verify_key))
    assert (asked.station, len(asked.batches), asked.unsent) == (me.station, 1, 1)
    result = stick.read(store, release / "down.czb")
    assert (result.done.acknowledged, result.done.pulled) == (1, 1)
    with store.read() as session:
        assert (changes.unsent(session), session.count("person")) == (0, before + 1)
        assert verify(session).ok
    store.close()

"""Stores and batches of every release are read by this program: they stay in `tests/data/releases` for ever."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from db import changes, exchange
from db.announced import announced
from db.conflicts import conflicts
from db.county import County
from db.exchange import unsent
from db.held import held
from db.local import COUNTY_SEED, set_meta
from db.mapping import table
from db.store import Store
from domain.errors import Unreachable
from domain.fields import kind_of
from server.app import InProcess
from services.upgrading.program_package import vouch
from sync.county import bundle_intake
from sync.county.keys import CountyKeys, county_keys
from sync.county.programs import publish
from sync.county.receiving.ingest import take_in
from sync.county.receiving.rights import Author
from sync.replica import identity
from sync.replica.apply import Application
from sync.replica.audit import verify
from sync.replica.pieces import open_piece
from sync.station.exchange import exchange as exchange_with
from sync.station.receiving import newer_program
from sync.station.stick import reading
from sync.wire import bundle
from sync.wire.envelope import SCHEMA, open_batch
from tests.data import make_release
from tests.data.make_release import PASSWORD, RELEASES, VILLAGE
from tests.sync.conftest import Cut
from tests.unit.test_program_package import archive

FOLDERS = sorted(folder for folder in RELEASES.glob("*") if folder.is_dir())
WITH_STICKS = ["now", *(folder.name for folder in FOLDERS if (folder / "up.czb").exists())]


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
    newer_program.learn(store)
    with store.read() as session:
        mine = [[p.id, p.name, p.phone, p.note] for p in session.select("person")]
        edited = {row[0] for row in mine if row[3] == "没有上传"}
        assert [row for row in mine if row[0] not in edited] == [row for row in facts["persons"] if row[0] not in edited]
        assert unsent(session) == facts["unsent"] == 1
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
            h = batch.header
            line = {"scope": VILLAGE, "seq": seq, "station": h.station, "incarnation": h.incarnation, "number": h.number}
            line |= {"sha256": batch.sha256, "body": body, "refused": "[]", "signature": b"", "at": session.at}
            session.conn.execute(exchange.entry.insert().values(**line))  # by the log it is known who had seen what
    with store.read() as session:
        assert [[p.id, p.name, p.phone, p.note] for p in session.select("person")] == facts["persons"]
        assert [[w.id, w.amount] for w in session.select("wage")] == facts["wages"]
        assert sorted([h.record_id, h.reason] for h in held(session)) == facts["held"]
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


@pytest.mark.parametrize("release", WITH_STICKS, indirect=True)
def test_its_sticks_are_read(release: Path, tmp_path: Path) -> None:
    """The county still takes in what a laptop wrote, and the laptop, upgraded meanwhile, reads the answer of then and that of now."""
    home, county = tmp_path / "home", County(f"sqlite:///{tmp_path}/county.db")
    shutil.copytree(release, home)
    store = Store.open(home, user=None, password=PASSWORD)
    keys = _county_of_then(county, store, release)
    (taken,) = bundle_intake.take_all(county, keys, bundle.read_file(release / "up.czb"))
    assert (taken.status, taken.bundle.index.records) == ("ok", 1)
    with county.read() as session:
        assert [p.note for p in session.select("person")].count("没有上传") == 1
    with store.read() as session:
        before = session.count("person")
    result = reading.read(store, release / "down.czb")
    assert (result.exchange.pushed, result.exchange.pulled) == (1, 1)
    bundle.write_file(tmp_path / "now.czb", [one.raw for one in taken.written()])
    reading.read(store, tmp_path / "now.czb")
    with store.read() as session:
        assert (unsent(session), session.count("person")) == (0, before + 1)
        assert verify(session).ok
    store.close()
    county.close()


@pytest.mark.parametrize("release", WITH_STICKS, indirect=True)
@pytest.mark.parametrize("lost", ["before", "after"])
def test_what_it_sealed_goes_up_after_the_upgrade(release: Path, tmp_path: Path, lost: str) -> None:
    """The program is upgraded between sealing and sending, the line breaks at first, and something is written meanwhile."""
    home, county = tmp_path / "home", County(f"sqlite:///{tmp_path}/county.db")
    shutil.copytree(release, home)
    store = Store.open(home, user=None, password=PASSWORD)
    newer_program.learn(store)
    keys = _county_of_then(county, store, release)
    package = archive(tmp_path, "9.0.0")
    vouch(package, keys.signing)
    publish(tmp_path / "programs", package, [VILLAGE])
    line = Cut(InProcess(county, tmp_path / "programs"))
    setattr(line, lost, 1)
    with pytest.raises(Unreachable):
        exchange_with(store, transport=line)
    with store.write("升级以后") as session:
        edited = next(p.id for p in session.select("person") if p.note == "没有上传")
        changes.update(session, "person", edited, {"phone": "13911112222"})
    done = exchange_with(store, transport=line)
    assert (done.pushed, done.conflicts, done.held, done.forked) == (2, 0, 0, False)
    with store.read() as session, county.read() as there:
        assert unsent(session) == 0 and verify(session).ok and announced(session) == "9.0.0"
        assert [(p.id, p.note) for p in there.select("person") if p.phone == "13911112222"] == [(edited, "没有上传")]
    store.close()
    county.close()


def test_sticks_of_a_release_are_kept() -> None:
    assert len(WITH_STICKS) > 1


def _county_of_then(county: County, store: Store, release: Path) -> CountyKeys:
    """A county with the key and the log a release's sticks were made with: signatures are the same again, and so are the chains."""
    with store.read() as session:
        me = identity.load(session)
        assert me is not None
        sealing, public = bytes(identity.sealing_key(session).public_key), bytes(me.signing.verify_key)
    with county.write() as session:
        set_meta(session, "county_id", me.county)
        set_meta(session, COUNTY_SEED, (release / "county.key").read_text(encoding="utf-8").strip())
        mine = {"station": me.station, "scope": VILLAGE, "role": "village", "key": public, "seal_key": sealing, "code": ""}
        session.conn.execute(exchange.device.insert().values(**mine, enrolled_at=session.at, unsent=0, suspected=0))
    keys = county_keys(county)
    for body in msgspec.msgpack.decode((release / "batches.bin").read_bytes(), type=list[bytes]):
        batch = open_batch(body)
        with county.write() as session:
            take_in(session, keys, Author(batch.header.station, VILLAGE, b""), batch, VILLAGE)
    return keys

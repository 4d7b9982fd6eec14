"""The county's backup and restore, on either database and from one to the other: nothing is taken in half, and both ends are told."""

from __future__ import annotations

import itertools
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, select

from db import acts, county_backup
from db import backup as station_backup
from db import county as county_module
from db.county import County
from db.exchange import device, enrolment_code, entry
from db.files import STORE_FILE
from db.local import RESTORED, get_meta, meta, set_meta
from db.mapping import metadata
from db.session import Session
from db.upgrade import alone
from domain.errors import CunzhanError, InputUnusable, Refused, StoreDamaged
from server import authority
from server.devices import make_code
from server.status import CountyStatus, standing
from sync.county.acts import moves
from sync.county.keys import county_keys
from sync.replica.audit import verify
from tests.postgres import Cluster
from tests.sync.conftest import OTHER_VILLAGE, PASSWORD, TOWNSHIP, VILLAGE, World, add, assert_equal, both, get, put


def everything(county: County) -> dict[str, list[tuple[object, ...]]]:
    with county.read() as session:
        rows = {t.name: [tuple(row) for row in session.conn.execute(select(t).order_by(*t.primary_key))] for t in metadata.sorted_tables}
    rows["meta"] = [row for row in rows["meta"] if row[0] not in (RESTORED, station_backup.LAST_BACKUP)]
    return rows


def sound(county: County) -> None:
    keys = county_keys(county)
    with county.read() as session:
        assert verify(session, keys.public).ok


def stands(county: County) -> CountyStatus:
    with county.read() as session:
        return standing(session)


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is done at the county is done in a second of its own: who came in the second of a restore may have come before it."""
    moments = (datetime(2023, 6, 5, 8) + timedelta(seconds=n) for n in itertools.count())
    for module in (county_module, county_backup):
        monkeypatch.setattr(module, "utc_now", lambda: next(moments).strftime("%Y-%m-%dT%H:%M:%SZ"))


@both
def test_a_restore_that_cannot_be_noted_is_none(world: World, tmp_path: Path) -> None:
    a = world.station("甲")
    add(a)
    world.settle()
    made = county_backup.backup(world.county, tmp_path / "county.zip", PASSWORD)
    add(a)
    world.settle()
    before = everything(world.county)

    def full(_session: Session, _file: Path) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        county_backup.restore(world.county, made.file, PASSWORD, sound, force=True, note=full)
    assert everything(world.county) == before
    county_backup.restore(
        world.county, made.file, PASSWORD, sound, force=True, note=lambda session, file: acts.keep(session, file.name, "谁@county")
    )
    with world.county.read() as session:
        assert (acts.latest(session)[0].label, session.count("person")) == ("county.zip", 1)


@both
@pytest.mark.usefixtures("ticking")
def test_a_restored_county_gets_back_what_it_lost_and_both_ends_are_told(world: World, tmp_path: Path) -> None:
    """Its own batches too: the program that goes on running uses none of their numbers again."""
    a, b, township = world.station("甲"), world.station("丙", OTHER_VILLAGE), world.station("镇", TOWNSHIP)
    ids = [add(a, name="张三"), add(a, name="李四")]
    world.settle()
    made = county_backup.backup(world.county, tmp_path / "county.zip", PASSWORD)
    assert (made.records, made.devices) == (2, 3)
    before = everything(world.county)
    keys = county_keys(world.county)
    with world.county.write() as session:
        moves.move(session, keys, "person", ids[0], OTHER_VILLAGE)
    put(a, ids[1], note="后来写的")
    world.settle()
    restored = county_backup.restore(world.county, made.file, PASSWORD, sound, force=True)
    assert stands(world.county).last_backup is not None
    assert everything(world.county) == before
    assert restored.kept is not None
    assert restored.kept.exists()
    found = stands(world.county)
    assert found.not_back == sorted([a.station, b.station, township.station])
    assert "还有 3 台电脑没有来过" in found.restored_sentence()
    with world.county.write() as session:
        moves.move(session, keys, "person", ids[1], OTHER_VILLAGE)  # in the place of the one that is lost
    result = world.sync(township)
    assert "县里恢复过备份" in result.sentence()
    world.settle()
    assert {get(township, id).village for id in ids} == {OTHER_VILLAGE}
    assert get(b, ids[1]).note == "后来写的"
    assert_equal(world)
    sound(world.county)
    assert stands(world.county).not_back == []
    assert stands(world.county).restored_sentence() == ""


def test_a_county_larger_than_any_station_is_restored(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(station_backup, "MAX_BYTES", 1)
    a = world.station("甲")
    add(a)
    world.sync(a)
    made = county_backup.backup(world.county, tmp_path / "county.zip", PASSWORD)
    assert county_backup.restore(world.county, made.file, PASSWORD, sound, force=True).records == 1


def test_a_restore_is_noted_once_however_late_stations_come(world: World) -> None:
    a, b = world.station("甲"), world.station("乙")
    with world.county.write() as session:
        session.conn.execute(device.update().values(last_sync="2023-06-01T00:00:00Z"))
        set_meta(session, RESTORED, "2023-06-30T00:00:00Z")
    county_backup.notice(world.county, a.station)  # in another month
    with world.county.write() as session:
        assert get_meta(session, RESTORED) == "2023-06-30T00:00:00Z"
        session.conn.execute(device.update().where(device.c.station == a.station).values(last_sync="2023-07-01T00:00:00Z"))
    assert stands(world.county).not_back == [b.station]
    county_backup.notice(world.county, a.station)  # it had come back: the county was put back once more
    with world.county.read() as session:
        assert (get_meta(session, RESTORED) or "") > "2023-07-01"


@pytest.mark.postgres
@pytest.mark.parametrize("world", ["postgresql"], indirect=True)
def test_two_programs_started_together_make_one_authority(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second waits for the first and takes what that made, though it had looked before."""
    with world.county.write() as session:
        session.conn.execute(delete(meta).where(meta.c.key.startswith("authority")))
    kept: list[str] = []

    def first_then(conn: Connection) -> None:
        with monkeypatch.context() as other:
            other.setattr(authority, "alone", alone)
            with world.county.write() as session:
                kept.append(authority.authority(session).certificate)

    monkeypatch.setattr(authority, "alone", first_then)
    with world.county.write() as session:
        assert authority.authority(session).certificate == kept[0]


@both
def test_a_restore_nobody_announced_is_noticed_and_told(world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A file copied back, a machine reset to yesterday: the first station that knows more gives it away."""
    a, b = world.station("甲"), world.station("乙")
    made = county_backup.backup(world.county, tmp_path / "county.zip", PASSWORD)
    add(a)
    world.sync(a)
    county_backup.restore(world.county, made.file, PASSWORD, sound, force=True)
    with world.county.write() as session:
        set_meta(session, RESTORED, None)
        session.conn.execute(device.update().values(last_sync="2001-01-01T00:00:00Z"))
    assert stands(world.county).restored_sentence() == ""
    world.sync(a)
    found = stands(world.county)
    assert found.not_back == [b.station]
    assert b.station in found.restored_sentence()
    assert "restored" not in caplog.text
    assert "从备份恢复过" in caplog.text


@pytest.mark.postgres
def test_a_county_moves_from_one_database_to_the_other_and_back(world: World, tmp_path: Path, cluster: Cluster, county_model: str) -> None:
    a = world.station("甲")
    id = add(a, name="张三")
    put(a, id, note="注")
    world.sync(a)
    first = county_backup.backup(world.county, tmp_path / "one.zip", PASSWORD)
    there = County(cluster.url(cluster.create(county_model)))
    assert county_backup.restore(there, first.file, PASSWORD, sound).kept is None  # it was empty
    assert everything(there) == everything(world.county)
    with there.write() as session:  # counters go on after what came
        from db.exchange import log_exchange

        log_exchange(session, ok=True, message="", figures={})
    second = county_backup.backup(there, tmp_path / "two.zip", PASSWORD)
    there.close()
    back = County(f"sqlite:///{tmp_path}/back.db")
    county_backup.restore(back, second.file, PASSWORD, sound)
    assert everything(back)["entry"] == everything(world.county)["entry"]
    back.close()


def damaged(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 255
    file.write_bytes(data)


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-2000])


def nonsense(file: Path) -> None:
    file.write_bytes(b"PK\3\4" + b"x" * 5000)


def with_more(file: Path) -> None:
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("../x", b"x")


@pytest.mark.parametrize("spoil", [damaged, truncated, nonsense, with_more])
def test_a_spoilt_backup_changes_nothing(world: World, tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    a = world.station("甲")
    add(a)
    world.sync(a)
    file = county_backup.backup(world.county, tmp_path / "county.zip", PASSWORD).file
    before = everything(world.county)
    spoil(file)
    with pytest.raises(CunzhanError):
        county_backup.restore(world.county, file, PASSWORD, sound, force=True)
    assert everything(world.county) == before
    assert stands(world.county).restored_at is None


def test_what_is_refused(world: World, tmp_path: Path) -> None:
    a = world.station("甲")
    add(a)
    world.sync(a)
    file = county_backup.backup(world.county, tmp_path / "county.zip", PASSWORD).file
    before = everything(world.county)
    with pytest.raises(InputUnusable, match="--force"):
        county_backup.restore(world.county, file, PASSWORD, sound)
    with pytest.raises(Refused, match="密码不对"):
        county_backup.restore(world.county, file, "wrong horse", sound, force=True)
    with pytest.raises(InputUnusable, match="找不到文件夹"):
        county_backup.backup(world.county, tmp_path / "nowhere" / "x.zip", PASSWORD)
    with pytest.raises(CunzhanError, match="至少"):
        county_backup.backup(world.county, tmp_path / "x.zip", "short")
    village = station_backup.backup(a, tmp_path / "village.zip").file
    with pytest.raises(InputUnusable, match="不是县级"):
        county_backup.restore(world.county, village, PASSWORD, sound, force=True)
    with pytest.raises(InputUnusable, match="县级数据库的备份"):
        station_backup.restore(a.home, file, user=None, password=PASSWORD)
    assert sorted(a.home.glob("*restore-*")) == []
    other = County(f"sqlite:///{tmp_path}/other.db")
    county_keys(other)
    with other.write() as session, world.county.read() as source:
        row = source.conn.execute(select(device)).mappings().first()
        assert row is not None
        session.conn.execute(device.insert().values(**row))
    with pytest.raises(InputUnusable, match="另一个县"):
        county_backup.restore(other, file, PASSWORD, sound, force=True)
    other.close()
    with world.county.write() as session:  # a log with a hole is no county
        session.conn.execute(delete(entry))
    holed = county_backup.backup(world.county, tmp_path / "holed.zip", PASSWORD).file
    fresh = County(f"sqlite:///{tmp_path}/fresh.db")
    from cli.county_upkeep import _sound

    with pytest.raises(StoreDamaged, match="存档不完好"):
        county_backup.restore(fresh, holed, PASSWORD, _sound)
    with fresh.read() as session:
        assert get_meta(session, "county_seed") is None
    fresh.close()
    assert not list(tmp_path.glob(".backup-*"))
    assert STORE_FILE not in {path.name for path in tmp_path.iterdir()}
    assert before


def test_a_county_that_only_gave_out_codes_is_put_aside(world: World, tmp_path: Path) -> None:
    """They are on paper in the villages: nobody may find out there that they have become good for nothing."""
    county_keys(world.county)
    file = county_backup.backup(world.county, tmp_path / "county.zip", PASSWORD).file
    fresh = County(f"sqlite:///{tmp_path}/fresh.db")
    identity = county_keys(fresh).county
    with fresh.write() as session:
        make_code(session, VILLAGE, "village")
    with pytest.raises(InputUnusable, match="--force"):
        county_backup.restore(fresh, file, PASSWORD, sound)
    kept = county_backup.restore(fresh, file, PASSWORD, sound, force=True).kept
    assert kept is not None
    assert county_keys(fresh).county == county_keys(world.county).county != identity
    county_backup.restore(fresh, kept, PASSWORD, sound)  # nobody has joined what took its place
    assert county_keys(fresh).county == identity
    with fresh.read() as session:
        assert session.conn.execute(select(enrolment_code)).first() is not None
    fresh.close()

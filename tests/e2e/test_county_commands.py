"""What the county's administrator and an auditor ask of the programs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from db.county import County
from db.exchange import device
from domain import clock
from tests.conftest import VILLAGE
from tests.e2e.conftest import Ended, Run
from tests.postgres import Cluster

PERSON = '{"kind": "person", "name": "张三", "document": "other", "id_number": "A1", "labour": "ordinary"}'


class Office:
    """A county's program on a folder of its own."""

    def __init__(self, run: Run, home: Path) -> None:
        self._run = run
        self.home = home

    def __call__(self, *arguments: object) -> Ended:
        return self._run("--home", self.home, *arguments, program="cunzhan-server")

    def enter(self, station: str, days_ago: int, *, synced: bool = True) -> None:
        """A device that enrolled, and came last, so many days ago."""
        at = (datetime.now(UTC) - timedelta(days=days_ago)).strftime("%Y-%m-%dT%H:%M:%SZ")
        row = {"station": station, "scope": VILLAGE, "role": "village", "key": b"", "seal_key": b"", "code": "", "version": "0"}
        county = County(f"sqlite:///{self.home / 'county.db'}")
        with county.write() as session:
            session.conn.execute(device.insert().values(**row, enrolled_at=at, last_sync=at if synced else None, unsent=0, suspected=0))
        county.close()

    def revoke(self, station: str) -> None:
        """Take its right away."""
        assert self("revoke", station).code == 0


@pytest.fixture
def office(run: Run, tmp_path: Path) -> Office:
    return Office(run, tmp_path / "county")


def test_people_read_times_as_on_the_wall_and_programs_as_they_are_kept(run: Run, home: Path, office: Office) -> None:
    made = office("enrol", "--scope", VILLAGE, "--role", "village")
    told = office("enrol", "--scope", VILLAGE, "--role", "village", "--json").value["expires_at"]
    assert told.endswith("Z")
    assert clock.said(told)[:10] in made.out
    assert run("--home", home, "import", "-", stdin=PERSON).code == 0
    (hit,) = run("--home", home, "search", "张三", "--json").value
    (first, *_rest) = run("--home", home, "history", "person", hit["id"], "--json").value
    printed = run("--home", home, "history", "person", hit["id"]).out
    assert clock.said(first["at"]) in printed
    assert first["at"] not in printed


def test_a_code_says_for_which_village_it_is(office: Office) -> None:
    assert "横头山镇解放村" in office("enrol", "--scope", VILLAGE, "--role", "village").out
    strange = office("enrol", "--scope", "999999999999", "--role", "village", "--json")
    assert strange.code == 0
    assert strange.value["code"]
    assert "999999999999" in strange.err


def test_who_is_late(office: Office) -> None:
    office("status")
    for station, days, synced in (("v-new", 1, True), ("v-old", 31, True), ("v-never", 40, False), ("v-gone", 90, True)):
        office.enter(station, days, synced=synced)
    office.revoke("v-gone")
    assert [d["device"] for d in office("devices", "--late", "30", "--json").value] == ["v-never", "v-old"]
    assert len(office("devices", "--json").value) == 4
    assert office("devices", "--late", "2147483647", "--json").value == []
    assert office("devices", "--late", "-1").code == 2
    assert office("status", "--json").value["late"] == 2
    assert "其中 2 台 30 天没来" in office("status").out


def test_status_says_how_much_room_there_is(office: Office) -> None:
    value = office("status", "--json").value
    assert value["bytes"] > 100_000
    assert value["free"] > 0
    assert value["version"] in office("status").out


def test_a_backup_made_before_the_server_first_ran_is_one(office: Office, run: Run, tmp_path: Path) -> None:
    office("enrol", "--scope", VILLAGE, "--role", "village")
    assert office("backup", tmp_path / "first.zip").code == 0
    restored = Office(run, tmp_path / "elsewhere")("restore", tmp_path / "first.zip")
    assert restored.code == 0, restored.err


@pytest.mark.postgres
@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_postgresql_that_cannot_keep_chinese_is_refused(run: Run, cluster: Cluster, encoding: str) -> None:
    """What `createdb` makes on a server whose language was never set."""
    name = f"enc_{encoding.lower()}"
    cluster.run(f"CREATE DATABASE {name} ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    try:
        refused = run("--database", cluster.url(name), "status", "--json", program="cunzhan-server")
    finally:
        cluster.drop(name)
    assert refused.code == 3
    assert encoding in json.loads(refused.out)["error"]
    assert "createdb -E UTF8" in refused.err

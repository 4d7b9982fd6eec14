"""What the county's administrator and an auditor ask of the programs."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from nacl.public import PrivateKey
from python_calamine import load_workbook
from sqlalchemy import delete, update

from cli.county_access import WITH_PASSWORD
from db import keys, unlocking
from db.backup import LAST_BACKUP
from db.capture import view_log
from db.county import County
from db.exchange import device
from db.local import COUNTY_KEY, set_meta
from db.mapping import table
from db.session import Session
from db.store import Store
from domain import clock, divisions
from domain.errors import DomainError, InputUnusable, Refused
from server.console import accounts
from server.serve import reachable, running
from sync.county.keys import county_keys
from tests.conftest import PASSWORD, VILLAGE
from tests.e2e.conftest import Ended, Run
from tests.fresh import begun_county
from tests.postgres import Cluster
from tests.unit.test_program_package import archive

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
        with self.session() as session:
            session.conn.execute(device.insert().values(**row, enrolled_at=at, last_sync=at if synced else None, unsent=0, suspected=0))

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A writing session on its database."""
        with closing(County(f"sqlite:///{self.home / 'county.db'}")) as county, county.write() as session:
            yield session

    def revoke(self, station: str) -> None:
        """Take its right away."""
        assert self("revoke", station).code == 0


@pytest.fixture
def office(run: Run, tmp_path: Path) -> Office:
    """Of a county that has begun."""
    begun_county(tmp_path / "county")
    return Office(run, tmp_path / "county")


@pytest.fixture
def new_office(run: Run, tmp_path: Path) -> Office:
    """Of a county without a folder yet."""
    return Office(run, tmp_path / "new county")


def test_people_read_times_as_on_the_wall_and_programs_as_they_are_kept(run: Run, home: Path, office: Office) -> None:
    made = office("enrol", "--scope", VILLAGE, "--role", "village")
    told = office("enrol", "--scope", VILLAGE, "--role", "village", "--json").value["expires_at"]
    assert told.endswith("Z")
    assert clock.text(told)[:10] in made.out
    assert run("--home", home, "import", "-", stdin=PERSON).code == 0
    (hit,) = run("--home", home, "search", "张三", "--json").value
    (first, *_rest) = run("--home", home, "history", "person", hit["id"], "--json").value
    printed = run("--home", home, "history", "person", hit["id"]).out
    assert clock.text(first["at"]) in printed
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
    assert "1000 天之内都来过" in office("devices", "--late", "1000").out
    assert office("status", "--json").value["late"] == 2
    assert "其中 2 台 30 天没来" in office("status").out


def test_the_term_off_the_network_is_said_once_and_logged(office: Office) -> None:
    assert office("lease", "--json").value == {"days": 0, "late": 0}
    office.enter("v-old", 31)
    assert office("lease", "30", "--json").value == {"days": 30, "late": 1}
    assert "离网期限 30 天" in office("lease").out and "devices --late 30" in office("lease").out
    for wrong in ("6", "3651", "-1", "90.5", "99999999999999999999", "ninety"):
        assert office("lease", wrong).code == 2, wrong
    assert office("lease", "--json").value["days"] == 30
    assert office("lease", "off", "--json").value == {"days": 0, "late": 0}
    office("lease", "90")
    office("lease", "0")
    acts = [act["label"] for act in office("audit", "acts", "--json").value]
    assert acts == ["取消离网期限", "离网期限 90 天", "取消离网期限", "离网期限 30 天"]


def test_status_tells_what_is_wrong(office: Office) -> None:
    before = office("status", "--json").value
    assert (before["revoked"], before["versions"], before["clock_behind"], before["backup_days"]) == (0, {}, 0, None)
    for station, days in (("v-old", 31), ("v-gone", 90), ("v-ahead", -3)):
        office.enter(station, days)
    office.revoke("v-gone")
    with office.session() as session:
        set_meta(session, LAST_BACKUP, session.ago(9))
        session.conn.execute(update(device).where(device.c.station == "v-old").values(suspected=1))
    value, said = office("status", "--json").value, office("status").out
    assert (value["devices"], value["revoked"], value["suspected"], value["different"]) == (2, 1, 1, 0)
    assert (value["versions"], value["backup_days"]) == ({"0": 2}, 9)
    assert value["clock_behind"] in (2, 3)
    for words in ("另有 1 台已停用", "曾疑似复制 1 台", "各站程序：0 × 2", "9 天以前", "请校准"):
        assert words in said


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://clerk:geheim@127.0.0.1/county", True),
        ("postgres://127.0.0.1/county?user=clerk&password=geheim", True),
        ("postgresql://clerk@127.0.0.1:5433/county", False),
        ("postgresql://clerk@/county?host=/run/postgresql", False),
        ("sqlite:////srv/a:b@c/county.db", False),
    ],
)
def test_a_password_on_the_command_line_is_told(url: str, told: bool) -> None:
    assert bool(WITH_PASSWORD.match(url)) is told


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
    wrong = run("--home", tmp_path / "third", "restore", tmp_path / "first.zip", program="cunzhan-server", password="another password")
    assert wrong.code == 5
    assert "恢复码" not in wrong.err  # a county has none


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


def test_a_code_that_was_lost_lets_nobody_in(office: Office, run: Run, make_store: Callable[..., Store]) -> None:
    enrol = ("enrol", "--scope", VILLAGE, "--role", "village", "--uses", "2", "--json")
    lost, kept = (office(*enrol).value["code"] for _n in range(2))
    assert {one["uses"] for one in office("codes", "--json").value} == {2}
    joined, late = make_store(user="甲"), make_store(user="乙")
    for store in (joined, late):
        store.close()
    county = County(f"sqlite:///{office.home / 'county.db'}")
    with running(county) as url:
        take = ("enrol", "--server", url, "--code", lost)
        assert run("--home", joined.home, *take).code == 0
        (mine,) = (one for one in office("codes", "--json").value if one["used"] == 1)
        assert office("codes", "withdraw", "00000000").code == 3
        assert "横头山镇解放村" in office("codes", "withdraw", mine["id"]).out
        assert office("codes", "withdraw", mine["id"]).code == 3
        assert run("--home", late.home, *take).code == 5
        assert run("--home", joined.home, *take).code == 0  # the same answer again
        assert run("--home", joined.home, "sync").code == 0
        assert run("--home", late.home, "enrol", "--server", url, "--code", kept).code == 0
    county.close()
    assert [one["used"] for one in office("codes", "--json").value] == [1]
    assert lost not in office("codes").out
    assert office("codes", "withdraw").code == 2


@pytest.fixture
def locked(office: Office, tmp_path: Path) -> tuple[Path, Path, str]:
    """A laptop of this county whose password and recovery code are gone: its folder, the file it asks with, its station."""
    assert office("status").code == 0
    county = County(f"sqlite:///{office.home / 'county.db'}")
    public = bytes(county_keys(county).recovery.public_key)
    county.close()
    home, asked = tmp_path / "locked", tmp_path / "求助.czk"
    store, _code = Store.create(home, scope=VILLAGE, role="village", user="李文书", password="forgotten")
    with pytest.raises(DomainError, match="没有在县里注册"):
        unlocking.ask_county(home, asked)
    store.replace_slots(keys.wrap_for_county(public, store.data_key, store.station))
    station = store.station
    store.close()
    unlocking.ask_county(home, asked)
    return home, asked, station


def test_the_county_opens_a_laptop_whose_password_and_code_are_gone(office: Office, locked: tuple[Path, Path, str], tmp_path: Path) -> None:
    home, asked, station = locked
    reply, why = tmp_path / "答复.czk", ("--reason", "本人来县里")
    assert office("unlock", asked, "--reply", reply, *why).code == 3  # it never enrolled here
    office.enter(station, 3)
    assert office("unlock", asked, "--reply", reply, "--reason", " ").code == 2
    told = office("unlock", asked, "--reply", reply, *why, "--json").value
    assert told["device"] == station and station in office("audit", "acts").out
    assert told["code"] not in office("audit", "acts").out + reply.read_text()
    new = {"user": "李文书", "password": "remembered"}
    with pytest.raises(Refused):
        unlocking.recover(home, code="0" * 30, answer=reply, **new)
    with pytest.raises(Refused):
        Store.open(home, user="李文书", password="remembered")
    unlocking.recover(home, code=told["code"], answer=reply, **new).close()
    Store.open(home, user="李文书", password="remembered").close()
    unlocking.recover(home, code=told["code"], user="李文书", password="kept as the recovery code").close()
    office.revoke(station)
    assert office("unlock", asked, "--reply", reply, *why).code == 5
    assert office("unlock", asked, "--reply", reply, *why, "--revoked").code == 0


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff" * 100, b'{"version":1,"slots":[]}', b"[" * 70_000, "whole", "answer", "other"])
def test_what_is_no_call_for_help_is_refused(office: Office, locked: tuple[Path, Path, str], tmp_path: Path, content: bytes | str) -> None:
    """Also the whole key file, an answer, and what another county's laptop wrote."""
    home, asked, _station = locked
    made = {
        "whole": keys.read(home / "keys.json"),
        "answer": keys.KeyFile(1, [keys.wrap("recovery", "recovery", "code", b"k" * 32)]),
        "other": keys.KeyFile(1, [keys.wrap_for_county(bytes(PrivateKey.generate().public_key), b"k" * 32, "230826101202-00000000")]),
    }
    if isinstance(content, str):
        keys.write(asked, made[content])
    else:
        asked.write_bytes(content)
    assert office("unlock", asked, "--reply", tmp_path / "reply.czk", "--reason", "x").code == 3
    assert not (tmp_path / "reply.czk").exists()
    assert office("audit", "acts", "--json").value == []
    with pytest.raises((InputUnusable, Refused)):
        unlocking.recover(home, code="code", user="李文书", password="remembered", answer=asked)


def test_who_saw_what_is_masked_can_be_told(run: Run, home: Path, office: Office) -> None:
    assert run("--home", home, "audit", "views", "--json").value == []
    assert run("--home", home, "export", "person", "-", "--plain", "--reason", "报乡镇").code == 0
    (seen,) = run("--home", home, "audit", "views", "--json").value
    assert (seen["what"], seen["reason"]) == ("export person", "报乡镇")
    assert seen["by"].startswith("李文书@")
    assert office("export", "person", "-", "--plain", "--reason", "审计").code == 0
    (seen,) = office("audit", "views", "--json").value
    assert (seen["reason"], seen["by"].endswith("@county")) == ("审计", True)
    with closing(Store.open(home, user=None, password=PASSWORD)) as store, store.applying() as session:
        session.conn.execute(delete(view_log))
    ended = run("--home", home, "audit", "views")
    assert (ended.code, "有 1 行查看记录不见了" in ended.out) == (6, True)
    printed = office("audit", "views").out
    assert "审计" in printed and office("audit", "views", "--json").value[0]["at"] not in printed


def test_what_the_countys_administrators_did_can_be_told(home: Path, office: Office, tmp_path: Path) -> None:
    assert office("audit", "acts", "--json").value == []
    made = office("enrol", "--scope", "230826101202", "--role", "village", "--json").value
    assert office("enrol", "--scope", "2308", "--role", "village").code == 2  # nothing came of it
    (code,) = office("codes", "--json").value
    assert office("codes", "withdraw", code["id"]).code == 0
    assert office("backup", tmp_path / "county.zip").code == 0
    assert office("restore", tmp_path / "county.zip", "--force").code == 0
    assert office("arbitrate", "--year", "2023").code == 0
    arbitrated, restored, withdrawn, given = office("audit", "acts", "--json").value
    assert code["id"] in given["label"] and "解放村" in given["label"] and made["code"] not in given["label"]
    assert code["id"] in withdrawn["label"] and "county.zip" in restored["label"] and "2023" in arbitrated["label"]
    assert {one["by"].partition("@")[2] for one in (arbitrated, restored, withdrawn, given)} == {"county"}
    printed = office("audit", "acts").out
    assert withdrawn["label"] in printed and "Z" not in printed.partition("收回")[0].splitlines()[-1]


def test_what_was_done_at_a_laptop_can_be_told_and_taken_back(run: Run, home: Path) -> None:
    assert run("--home", home, "import", "-", stdin=PERSON).code == 0
    (hit,) = run("--home", home, "search", "张三", "--json").value
    assert run("--home", home, "delete", "person", hit["id"]).code == 0
    deleted, imported = run("--home", home, "audit", "acts", "--json").value
    assert (deleted["rows"], imported["rows"]) == (1, 1)
    assert imported["label"].startswith("导入")
    assert run("--home", home, "audit", "acts", imported["id"], "--json").value == [{"kind": "person", "id": hit["id"], "what": "I"}]
    assert "张三" in run("--home", home, "audit", "acts", deleted["id"]).out
    assert run("--home", home, "undo", deleted["id"]).code == 0
    assert [one["undone"] for one in run("--home", home, "audit", "acts", "--json").value] == [False, True, False]
    assert run("--home", home, "audit", "acts", "99").code == 3
    assert run("--home", home, "audit", "verify", "1").code == 2


def test_a_server_on_every_address_says_which_one_stations_put_in() -> None:
    assert reachable("https://10.0.0.8:8440") == reachable("http://127.0.0.1:8440") == []
    for url in ("https://0.0.0.0:8440", "https://[::]:8440"):
        assert all(one.startswith("https://") and one.endswith(":8440") and "0.0.0.0" not in one for one in reachable(url))
        assert f"https://{socket.gethostname()}:8440" in reachable(url)


def test_who_is_recorded_in_two_villages_is_listed_with_score_and_reasons(office: Office) -> None:
    assert office("matches", "--json").value == []
    known = {"document": "other", "labour": "ordinary", "birth": "1970-03-07", "phone": "13800000001"}
    rows = [
        {**known, "id": "1", "village": VILLAGE, "name": "章淑珍", "id_number": "230826197003070023"},
        {**known, "id": "2", "village": VILLAGE[:9] + "299", "name": "张叔珍", "id_number": "230826197003070032"},
    ]
    county = County(f"sqlite:///{office.home / 'county.db'}")
    with county.write() as session:
        session.conn.execute(table("person").insert(), rows)
    county.close()
    (match,) = office("matches", "--json").value
    assert match["score"] >= 28 and match["reasons"][:2] == ["证件号码有两位颠倒", "姓名同音"]
    assert {twin["id"] for twin in match["records"]} == {"1", "2"} and "19700307" not in str(match)
    assert office("matches", "--scope", VILLAGE, "--json").value == [match]
    assert office("matches", "--scope", "230826103", "--json").value == []
    assert "姓名同音" in office("matches").out


def test_a_slip_in_the_address_is_told_and_not_taken_for_a_county_without_anybody(new_office: Office) -> None:
    new_office.home.mkdir()
    first, again = new_office("backup", new_office.home.parent / "b.zip"), new_office("status", "--json")
    assert (first.code, "核对 --home 和 --database" in first.err) == (0, True)
    assert (again.code, again.err) == (0, "")


def test_a_county_that_begins_is_told_nothing_of_addresses(new_office: Office) -> None:
    assert new_office("enrol", "--scope", VILLAGE, "--role", "village", "--json").err == ""


def test_the_database_is_named_once_for_service_administrator_and_timer(
    new_office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUNZHAN_COUNTY_DATABASE", f"sqlite:///{tmp_path / 'elsewhere.db'}")
    assert new_office("enrol", "--scope", VILLAGE, "--role", "village").code == 0
    assert (tmp_path / "elsewhere.db").exists() and not (new_office.home / "county.db").exists()
    assert "新建了一个空的" in new_office("--database", f"sqlite:///{tmp_path / 'drill.db'}", "status").err


def test_the_county_vouches_for_a_release_that_a_station_of_its_own_takes(office: Office, run: Run, home: Path, tmp_path: Path) -> None:
    file = archive(tmp_path / "stick")
    assert run("--home", home, "--json", "upgrade", file, "--dry-run").value["vouched"] is False
    assert office("program", "sign", tmp_path / "notes.zip").code == 3
    signed = office("--json", "program", "sign", file)
    assert signed.code == 0 and Path(signed.value["file"]).exists() and "签发升级包" in office("audit", "acts").out
    with (
        closing(County(f"sqlite:///{office.home / 'county.db'}")) as county,
        closing(Store.open(home, user=None, password=PASSWORD)) as store,
    ):
        store.set_meta(COUNTY_KEY, county_keys(county).public.hex())
    taken = run("--home", home, "--json", "upgrade", file, "--dry-run")
    assert taken.code == 0 and (taken.value["vouched"], taken.value["version"], taken.value["folder"]) == (True, "9.0.0", None)
    published = office("--json", "program", "publish", file, "--to", VILLAGE[:9])
    assert published.code == 0 and [one["areas"] for one in office("--json", "program", "list").value] == [[VILLAGE[:9]]]
    assert all(office("program", "publish", file, "--to", area).code == 2 for area in ("999999999", "230800", "230000", "990000"))
    assert office("program", "list", file).code == 2
    assert office("program", "withdraw", file.name).code == 0 and office("--json", "program", "list").value == []
    refused = run("--home", home, "upgrade", file)
    assert refused.code == 3 and "源码" in refused.err


TOWN = VILLAGE[:9]


def test_codes_for_every_village_of_a_township_that_has_no_laptop(office: Office, tmp_path: Path) -> None:
    villages = divisions.children(TOWN)
    office.enter(f"{VILLAGE}-1", 3)
    office.enter(f"{VILLAGE}-2", 3)
    table, slips = tmp_path / "codes.xlsx", tmp_path / "codes.html"
    done = office("enrol-all", "--scope", TOWN, table, slips, "--server", "https://xian.example:8440", "--json")
    codes = {one["scope"]: one["code"] for one in done.value["codes"]}
    assert (done.code, list(codes), done.value["enrolled"]) == (0, [one for one in villages if one != VILLAGE], [VILLAGE])
    assert [one["scope"] for one in office("codes", "--json").value] == list(codes)
    rows = [row for row in load_workbook(table).get_sheet_by_index(0).to_python() if row[3] in codes.values()]
    assert {str(row[2]): row[3] for row in rows} == codes
    text = slips.read_text("utf-8")
    assert text.count("<section>") == len(codes)
    for one in done.value["codes"]:
        (slip,) = [part for part in text.split("<section>") if one["code"] in part]
        for word in (one["place"], one["id"], clock.text(one["expires_at"]), "https://xian.example:8440", "现在加入"):
            assert word in slip
    assert divisions.called(VILLAGE) not in text
    assert "发注册码" in office("audit", "acts").out


def test_a_second_time_only_what_is_lacking_gets_a_code(office: Office, tmp_path: Path) -> None:
    first = office("enrol-all", "--scope", TOWN, "--json").value["codes"]
    assert "没有要发的" in office("enrol-all", "--scope", TOWN).out
    again = office("enrol-all", "--scope", TOWN, "--again", "--json").value
    assert len(again["codes"]) == len(first) and again["waiting"] == []
    now = {one["id"] for one in office("codes", "--json").value}
    assert now == {one["id"] for one in again["codes"]} and now.isdisjoint(one["id"] for one in first)
    office.enter(f"{VILLAGE}-1", 3)
    office.revoke(f"{VILLAGE}-1")
    told = office("enrol-all", "--scope", TOWN, "--again", tmp_path / "a.html")
    assert divisions.called(VILLAGE) in told.out and "空着" in told.err and "　" * 12 in (tmp_path / "a.html").read_text("utf-8")


def test_codes_that_are_not_saved_leave_no_slips(office: Office, tmp_path: Path) -> None:
    slips, nowhere = tmp_path / "codes.html", tmp_path / "nowhere" / "codes.xlsx"
    assert office("enrol-all", "--scope", TOWN, slips, nowhere).code == 3
    assert not slips.exists() and office("codes", "--json").value == []
    assert office("enrol-all", "--scope", TOWN, slips).code == 0
    first = slips.read_bytes()
    assert office("enrol-all", "--scope", TOWN, "--again", slips, nowhere).code == 3
    assert slips.read_bytes() == first, "their codes still work"


def test_townships_get_codes_too_and_what_is_no_area_is_said(office: Office, tmp_path: Path) -> None:
    county = TOWN[:6]
    towns = office("enrol-all", "--scope", county, "--role", "township", "--json").value["codes"]
    assert [one["scope"] for one in towns] == list(divisions.children(county))
    for wrong in (VILLAGE, "横头山", "999999999", "230000"):
        assert office("enrol-all", "--scope", wrong).code == 2
    assert TOWN in office("enrol-all", "--scope", "横头山").err
    assert office("enrol-all", "--scope", TOWN, "--role", "township").code == 2
    assert office("enrol-all", "--scope", TOWN, tmp_path / "codes.doc").code == 2


def test_who_may_sign_in_to_the_console(office: Office, tmp_path: Path) -> None:
    assert "没有开" in office("console", "list").out
    added = office("console", "add", "王局长", "--codes", "--json").value
    assert added["role"] == "admin" and added["uri"].startswith("otpauth://totp/")
    assert office("console", "add", "小李", "--readonly", "--json").value == {"name": "小李", "role": "readonly", "uri": None}
    assert office("console", "add", "老赵", "--own").code == 0
    with office.session() as session:
        assert [accounts.issued(session, name) for name in ("王局长", "小李", "老赵")] == [True, True, False]
    assert office("console", "remove", "老赵").code == 0
    listed = office("console", "list", "--json").value
    assert sorted((one["name"], one["role"], one["codes"]) for one in listed) == [
        ("小李", "readonly", False),
        ("王局长", "admin", True),
    ]
    assert office("console", "remove", "小李", "--json").value == {"name": "小李", "left": 1}
    assert office("console", "remove", "小李").code == 3
    assert "控制台也关了" in office("console", "remove", "王局长").out
    written = office("console", "certificate", tmp_path / "ca.crt", "--json").value
    certificate = x509.load_pem_x509_certificate((tmp_path / "ca.crt").read_bytes())
    assert written["sha256"] == certificate.fingerprint(SHA256()).hex().upper()
    assert "控制台用户 王局长" in office("audit", "acts").out
    for wrong in (("console", "add"), ("console", "list", "王"), ("console", "list", "--codes"), ("console", "certificate")):
        assert office(*wrong).code == 2, wrong

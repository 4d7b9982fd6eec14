"""Village, second village laptop, township and county: nothing is lost, doubled or different, whatever breaks."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from db import lease
from db.county import County
from db.store import Store
from domain.scopes import level_of
from server.serve import running
from tests.bench.people import workbook
from tests.conftest import PASSWORD, TOWNSHIP, VILLAGE
from tests.e2e.conftest import SAMPLES, Ended, Run, begun, finished, killed, start
from tests.fresh import begun_county

PERSON = json.dumps({"kind": "person", "name": "张三", "document": "other", "id_number": "A1", "labour": "ordinary"})
OTHER = "230826101203"
ROWS = 2500
PLAIN = ("export", "all", "-", "--plain", "--reason", "核对")


class World:
    """A county in a folder and the stations enrolled there."""

    def __init__(self, folder: Path, run: Run, make_store: Callable[..., Store]) -> None:
        self.run = run
        self.home = folder / "county"
        self.database = begun_county(self.home)
        self._make = make_store
        self.url = ""

    @contextmanager
    def serving(self) -> Iterator[str]:
        """The county's server, on the same port each time."""
        county = County(self.database)
        port = int(self.url.rpartition(":")[2]) if self.url else 0
        with running(county, port=port) as self.url:
            yield self.url
        county.close()

    def enrolled(self, scope: str, user: str = "李文书") -> Path:
        """The data folder of a station of `scope`, enrolled; the server must be running."""
        role = level_of(scope)
        code = self.server("enrol", "--scope", scope, "--role", role, "--json").value["code"]
        store = self._make(scope, user)
        store.close()
        assert self.run("--home", store.home, "enrol", "--server", self.url, "--code", code, "--json").code == 0
        return store.home

    def server(self, *arguments: object) -> Ended:
        """A call of the county's program."""
        return self.run("--database", self.database, *arguments, program="cunzhan-server")

    def sync(self, home: Path) -> dict[str, int]:
        """One exchange that must go through."""
        ended = self.run("--home", home, "sync", "--json")
        assert ended.code == 0, ended.err
        return dict(ended.value)

    def dumps(self, *homes: Path) -> set[str]:
        """What the county and the stations hold; one element when they are equal."""
        dumps = {self.server(*PLAIN).out, *(self.run("--home", home, *PLAIN).out for home in homes)}
        assert all(dumps)
        return dumps


@pytest.fixture
def world(tmp_path: Path, run: Run, make_store: Callable[..., Store]) -> World:
    return World(tmp_path, run, make_store)


def test_two_laptops_a_township_and_the_county_end_equal(world: World) -> None:
    with world.serving():
        first, second, township = world.enrolled(VILLAGE), world.enrolled(VILLAGE, "赵会计"), world.enrolled(TOWNSHIP, "王主任")
        assert world.run("--home", first, "import", SAMPLES / "registry.xlsx", "--json").code == 1
        unsent = world.run("--home", first, "status", "--json").value["unsent"]
        assert world.sync(first)["pushed"] == unsent > 400
        assert world.sync(second)["pulled"] == unsent
        assert world.run("--home", second, "import", SAMPLES / "workshop.xlsx", "--json").code == 0
        assert world.run("--home", first, "import", SAMPLES / "training.xlsx", "--json").code == 0
        for home in (second, first, second, township):
            world.sync(home)
        assert len(world.dumps(first, second, township)) == 1
        assert world.sync(first) | {"seconds": 0, "bytes_sent": 0, "bytes_received": 0} == {
            "pushed": 0,
            "pulled": 0,
            "conflicts": 0,
            "held": 0,
            "requests": 1,
            "seconds": 0,
            "bytes_sent": 0,
            "bytes_received": 0,
        }
        for home in (first, second, township):
            assert world.run("--home", home, "audit", "verify", "--json").value["ok"]
        assert world.server("check", "--json").value["ok"]


def test_a_conflict_is_told_and_decided(world: World) -> None:
    with world.serving():
        first, second = world.enrolled(VILLAGE), world.enrolled(VILLAGE, "赵会计")
        assert world.run("--home", first, "import", "-", stdin=PERSON).code == 0
        id = world.run("--home", first, "search", "张三", "--json").value[0]["id"]
        world.sync(first)
        world.sync(second)
        for home, name in ((first, "张三丰"), (second, "张山")):
            assert world.run("--home", home, "import", "-", stdin=json.dumps({"kind": "person", "id": id, "name": name})).code == 0
        world.sync(first)
        assert world.sync(second)["conflicts"] == 1
        listed = world.run("--home", second, "conflicts", "--json").value
        assert "类型  记录    字段" in world.run("--home", second, "conflicts").out
        assert [(c["kind"], c["field"], c["mine"], c["theirs"], c["base"], c["state"]) for c in listed] == [
            ("person", "name", "张山", "张三丰", "张三", "open")
        ]
        settled = world.run("--home", second, "conflicts", "resolve", listed[0]["id"], "--keep", "mine", "--json")
        assert [c["state"] for c in settled.value] == ["settled"]
        assert {one["users"] for one in world.server("devices", "--json").value} == {"李文书", "赵会计"}  # listed by their random codes
        world.sync(second)
        world.sync(first)
        assert len(world.dumps(first, second)) == 1
        assert [h["title"] for h in world.run("--home", first, "search", "张山", "--json").value] == ["张山"]
        assert world.run("--home", first, "conflicts", "--json").value == []
        values = [c["new"] for c in world.run("--home", first, "history", "person", id, "--json").value if c["field"] == "name"]
        assert values[0] == "张三"
        assert values[-1] == "张山"


@pytest.mark.slow
def test_killed_during_sync(world: World, tmp_path: Path) -> None:
    workbook(tmp_path / "people.xlsx", ROWS)
    with world.serving():
        village, township = world.enrolled(VILLAGE), world.enrolled(TOWNSHIP, "王主任")
        assert world.run("--home", village, "import", tmp_path / "people.xlsx").code == 0
        for home in (village, township):
            for delay in (0.1, 0.3):
                with killed(start("cunzhan", "--home", home, "sync")) as process:
                    begun(home, process)
                    time.sleep(delay)
                assert world.run("--home", home, "status", "--json").value["store_ok"]
            world.sync(home)
        assert world.run("--home", village, "status", "--json").value["unsent"] == 0
        assert len(world.dumps(village, township)) == 1
        assert world.server(*PLAIN).out.count('{"kind": "person"') == ROWS


@pytest.mark.slow
def test_server_killed_during_sync(world: World, tmp_path: Path) -> None:
    workbook(tmp_path / "people.xlsx", ROWS)
    with world.serving():
        village = world.enrolled(VILLAGE)
    assert world.run("--home", village, "import", tmp_path / "people.xlsx").code == 0
    for delay in (0.1, 0.3):
        with killed(start("cunzhan-server", "--database", world.database, "serve", "--port", world.url.rpartition(":")[2])) as serving:
            assert serving.stdout is not None
            serving.stdout.readline()
            with killed(start("cunzhan", "--home", village, "sync")) as station:
                begun(village, station)
                time.sleep(delay)
                serving.kill()
                _out, err = station.communicate(timeout=300)
        assert station.returncode in (0, 4), err
        assert "Traceback" not in err
    with world.serving():
        world.sync(village)
        assert len(world.dumps(village)) == 1
        assert world.server(*PLAIN).out.count('{"kind": "person"') == ROWS
        assert world.server("check", "--json").value["ok"]


def test_revoked_device_keeps_its_work(world: World) -> None:
    with world.serving():
        village = world.enrolled(VILLAGE)
        device = world.server("devices", "--json").value[0]["device"]
        assert world.run("--home", village, "import", "-", stdin=PERSON).code == 0
        assert world.server("revoke", device, "--json").value["revoked_at"]
        assert world.run("--home", village, "sync", "--json").code == 5
        assert world.run("--home", village, "status", "--json").value["unsent"] == 1


def test_a_laptop_kept_off_the_network_shows_no_number_in_full(world: World) -> None:
    assert world.server("lease", "90", "--json").value["days"] == 90
    with world.serving():
        village = world.enrolled(VILLAGE)
        assert world.run("--home", village, "import", "-", stdin=PERSON).code == 0
        world.sync(village)
        assert world.run("--home", village, "status", "--json").value["lease"] == {"days": 90, "left": 90}
        assert world.run("--home", village, *PLAIN).code == 0
        store = Store.open(village, user=None, password=PASSWORD)
        days, *times, _passed = map(int, (store.get_meta(lease.SETTING) or "").split())
        store.set_meta(lease.SETTING, " ".join(map(str, (days, *(at - 91 * 86_400 for at in times), 0))))
        store.close()
        ended = world.run("--home", village, *PLAIN)
        assert (ended.code, ended.out) == (5, "")
        assert "90 天没有和县里交换" in ended.err
        assert "90 天没有和县里交换" in world.run("--home", village, "status").out
        assert world.run("--home", village, "status", "--json").value["lease"] == {"days": 90, "left": 0}
        assert world.run("--home", village, "export", "all", "-").code == 0  # masked, as ever
        second = PERSON.replace("张三", "李四").replace("A1", "A2")
        assert world.run("--home", village, "import", "-", stdin=second).code == 0
        assert world.sync(village)["pushed"] == 1
        assert len(world.dumps(village)) == 1


def test_the_county_moves_a_person_and_closes_a_village(world: World) -> None:
    other = VILLAGE[:-3] + "203"
    with world.serving():
        old, new, town = world.enrolled(VILLAGE), world.enrolled(other), world.enrolled(TOWNSHIP)
        for name in ("一", "二"):
            person = json.dumps(json.loads(PERSON) | {"name": name, "id_number": name})
            assert world.run("--home", old, "import", "-", stdin=person).code == 0
        world.sync(old)
        people = [json.loads(line) for line in world.run("--home", old, "export", "person", "-").out.splitlines()]
        gone = next(p["id"] for p in people if p["name"] == "一")
        assert world.server("move", "--to", other).code == 2
        assert world.server("move", "--person", gone, "--to", "12").code == 3
        moved = world.server("move", "--person", gone, "--to", other, "--json")
        assert (moved.code, moved.value) == (0, {"left": VILLAGE, "entered": other, "rows": 1, "people": 1})
        assert world.server("merge-villages", VILLAGE, other, "--json").value["people"] == 1
        for home in (old, new, town, old):
            world.sync(home)
        assert len(world.dumps(new, town)) == 1
        assert world.run("--home", old, *PLAIN).out == ""
        assert world.run("--home", old, "audit", "verify", "--json").value["ok"]
        assert world.server("check", "--json").value["ok"]


def test_enrolment_codes(world: World) -> None:
    with world.serving():
        village = world.enrolled(VILLAGE)
        code = world.server("enrol", "--scope", VILLAGE, "--role", "village", "--json").value["code"]
        enrol = ("enrol", "--server", world.url, "--json", "--code")
        again = world._make(TOWNSHIP, "王主任")
        again.close()
        assert world.run("--home", again.home, *enrol, code).code == 5  # another scope's
        assert world.run("--home", village, *enrol, "0000-0000-0000-0000").code == 5
        assert world.run("--home", village, *enrol, "短").code == 3
        assert world.server("enrol", "--scope", VILLAGE, "--role", "county").code == 2
        assert world.server("enrol", "--scope", "２３０８２６", "--role", "county").code == 2
        assert world.server("enrol", "--scope", VILLAGE, "--role", "village", "--uses", 0).code == 2
        assert world.server("merge-villages", VILLAGE, OTHER).code == 0
        ended = world.server("enrol", "--scope", VILLAGE, "--role", "village")
        assert ended.code == 3
        assert "日升村" in ended.err and "--closed" in ended.err
        assert world.server("enrol", "--scope", VILLAGE, "--role", "village", "--closed").code == 0


def test_who_moved_away_and_that_a_village_was_merged_is_told(world: World) -> None:
    with world.serving():
        village = world.enrolled(VILLAGE)
        ids = []
        for name, number in (("张三", "A1"), ("李四", "A2")):
            line = PERSON.replace("张三", name).replace("A1", number)
            assert world.run("--home", village, "import", "-", stdin=line).code == 0
            ids += [hit["id"] for hit in world.run("--home", village, "search", name, "--json").value]
        world.sync(village)
        world.server("move", "--person", ids[0], "--to", OTHER)
        told = world.run("--home", village, "sync").out
        assert "张三" in told and "迁到日升村" in told
        assert "张三" not in world.run("--home", village, "sync").out
        world.server("merge-villages", VILLAGE, OTHER)
        (told,) = world.run("--home", village, "sync", "--json").value["moved"]
        assert "已把本村并入日升村" in told and "李四" not in told
        assert "并入" not in world.run("--home", village, "sync").out


def test_county_unreachable(run: Run, world: World) -> None:
    with world.serving():
        village = world.enrolled(VILLAGE)
    ended = run("--home", village, "sync", "--json")
    assert ended.code == 4
    assert len(ended.err.splitlines()) == 1
    fresh = world.home.parent / "fresh"
    made = finished(
        "cunzhan",
        "--home",
        fresh,
        "init",
        "--village",
        VILLAGE,
        "--role",
        "village",
        "--user",
        "a",
        "--server",
        world.url,
        "--code",
        "0" * 16,
    )
    assert made.code == 4
    assert run("--home", fresh, "status").code == 0  # the store is there; enrolling can follow


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n<html>login</html",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/x-cunzhan\r\nContent-Length: 4000\r\n\r\n\x93\x01",
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
        b"",
    ],
)
def test_county_answers_nonsense_or_stops_in_the_middle(world: World, answer: bytes) -> None:
    with world.serving():
        village = world.enrolled(VILLAGE)
    assert world.run("--home", village, "import", "-", stdin=PERSON).code == 0
    with impostor(int(world.url.rpartition(":")[2]), answer):
        ended = world.run("--home", village, "sync", "--json")
    assert ended.code == 4
    assert len(ended.err.splitlines()) == 1
    assert world.run("--home", village, "status", "--json").value["unsent"] == 1


@contextmanager
def impostor(port: int, answer: bytes) -> Iterator[None]:
    """Something that listens in the county's place, says one thing and hangs up."""
    listening = socket.create_server(("127.0.0.1", port))

    def serve() -> None:
        while True:
            try:
                connection, _peer = listening.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(1)
                connection.recv(65536)
                connection.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)

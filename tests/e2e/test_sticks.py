"""A village without a network, by the two programs alone: files on a stick, through the county and through a township's laptop."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from db.county import County
from db.store import Store
from domain.scopes import level_of
from server.serve import running
from tests.conftest import TOWNSHIP, VILLAGE
from tests.e2e.conftest import SAMPLES, Ended, Run, killed, start
from tests.fresh import begun_county

PERSON = json.dumps({"kind": "person", "name": "张三", "document": "other", "id_number": "A1", "labour": "ordinary"})
PLAIN = ("export", "all", "-", "--plain", "--reason", "核对")


class Desk:
    """Folders of a county, its stations and a stick, and the two programs."""

    def __init__(self, folder: Path, run: Run, make_store: Callable[..., Store]) -> None:
        self.run = run
        self.stick = folder / "stick"
        self.stick.mkdir()
        self.database = begun_county(folder / "county")
        self.make = make_store

    def server(self, *arguments: object) -> Ended:
        return self.run("--database", self.database, *arguments, program="cunzhan-server")

    def bundle(self, home: Path, *arguments: object) -> Any:
        ended = self.run("--home", home, "bundle", *arguments, "--json")
        assert ended.code == 0, ended.err
        return ended.value

    def county(self, up: Path, reply: Path) -> Any:
        ended = self.server("bundle", "read", up, "--reply", reply, "--json")
        assert ended.code == 0, ended.err
        return ended.value

    def enrolled(self, scope: str, user: str = "李文书") -> Path:
        role = level_of(scope)
        code = self.server("enrol", "--scope", scope, "--role", role, "--json").value["code"]
        store = self.make(scope, user)
        store.close()
        up, down = self.stick / "enrol.czb", self.stick / "enrolled.czb"
        self.bundle(store.home, "write", up, "--code", code)
        self.county(up, down)
        assert self.bundle(store.home, "read", down)["joined"]
        return store.home

    def dumps(self, *homes: Path) -> set[str]:
        dumps = {self.server(*PLAIN).out, *(self.run("--home", home, *PLAIN).out for home in homes)}
        assert all(dumps)
        return dumps


@pytest.fixture
def desk(tmp_path: Path, run: Run, make_store: Callable[..., Store]) -> Desk:
    return Desk(tmp_path, run, make_store)


def test_a_village_and_its_county_by_stick(desk: Desk) -> None:
    village = desk.enrolled(VILLAGE)
    up, down = desk.stick / "up.czb", desk.stick / "down.czb"
    assert desk.run("--home", village, "import", SAMPLES / "registry.xlsx", "--json").code == 1
    unsent = desk.run("--home", village, "status", "--json").value["unsent"]
    written = desk.bundle(village, "write", up)
    assert (written["records"], written["bytes"]) == (unsent, up.stat().st_size)
    assert desk.run("--home", village, "status", "--json").value["unsent"] == unsent
    told = desk.county(up, down)
    assert [(b["status"], b["receipt"], b["records"]) for b in told["bundles"]] == [("ok", written["receipt"], unsent)]
    read = desk.bundle(village, "read", down)
    assert {k: read[k] for k in ("pushed", "pulled", "conflicts", "held")} == {"pushed": unsent, "pulled": 0, "conflicts": 0, "held": 0}
    assert desk.run("--home", village, "status", "--json").value["unsent"] == 0
    assert len(desk.dumps(village)) == 1
    assert desk.server("check", "--json").value["ok"]


def test_through_the_township(desk: Desk) -> None:
    village, township = desk.enrolled(VILLAGE), desk.enrolled(TOWNSHIP, "王主任")
    up, receipt, pack, answer, back = (desk.stick / f"{n}.czb" for n in range(5))
    assert desk.run("--home", village, "import", "-", stdin=PERSON).code == 0
    written = desk.bundle(village, "write", up)
    carried = desk.bundle(township, "read", up, "--reply", receipt)["carried"]
    assert [(c["scope"], c["records"], c["code"]) for c in carried] == [(VILLAGE, 1, written["receipt"])]
    assert desk.bundle(village, "read", receipt)["receipts"] == [written["receipt"]]
    assert desk.run("--home", village, "status", "--json").value["unsent"] == 1
    assert desk.bundle(township, "write", pack)["carried"] == 1
    assert len(desk.county(pack, answer)["bundles"]) == 2
    read = desk.bundle(township, "read", answer)
    assert (read["answers"], read["pulled"]) == (1, 0)  # the township wrote before the county had anything of the village
    assert desk.bundle(township, "write", back)["answers"] == 1
    assert desk.bundle(village, "read", back)["pushed"] == 1
    assert desk.county(back, answer)["bundles"][0]["status"] == "ok"
    assert desk.bundle(township, "read", answer)["pulled"] == 1
    assert len(desk.dumps(village, township)) == 1


def test_a_township_with_a_network_carries_for_a_village_without(desk: Desk) -> None:
    village, back = desk.enrolled(VILLAGE), desk.stick / "back.czb"
    code = desk.server("enrol", "--scope", TOWNSHIP, "--role", "township", "--json").value["code"]
    store = desk.make(TOWNSHIP, "王主任")
    store.close()
    county = County(desk.database)
    with running(county) as url:
        assert desk.run("--home", store.home, "enrol", "--server", url, "--code", code).code == 0
        assert desk.run("--home", village, "import", "-", stdin=PERSON).code == 0
        desk.bundle(village, "write", desk.stick / "up.czb")
        desk.bundle(store.home, "read", desk.stick / "up.czb")
        assert desk.run("--home", store.home, "sync", "--json").value["pulled"] == 1  # what it has just handed in for the village
        assert desk.bundle(store.home, "write", back)["answers"] == 1
        assert desk.bundle(village, "read", back)["pushed"] == 1
    county.close()
    assert len(desk.dumps(village, store.home)) == 1
    assert desk.run("--home", village, "sync").code == 3  # enrolled by stick: no address is known


@contextmanager
def receiving(township: Path) -> Iterator[tuple[str, ...]]:
    """The township's program waits on this machine's own address; yields how to reach it, and is killed at the end."""
    with killed(start("cunzhan", "--home", township, "courier", "serve", "127.0.0.1", "--json")) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        yield ("courier", "send", told["addresses"][0], "--code", told["code"], "--json")


def test_beside_the_township_without_a_stick(desk: Desk) -> None:
    """Village, township by the local network, county by stick and back the same way; the township's program is killed twice."""
    village, township = desk.enrolled(VILLAGE), desk.enrolled(TOWNSHIP, "王主任")
    pack, answer = desk.stick / "pack.czb", desk.stick / "answer.czb"
    assert desk.run("--home", village, "import", "-", stdin=PERSON).code == 0
    with receiving(township) as send:
        wrong = desk.run("--home", village, *send[:4], f"{(int(send[4]) + 1) % 10**6:06}", "--json")
        assert (wrong.code, len(wrong.err.splitlines())) == (5, 1)
        given = desk.run("--home", village, *send).value
    assert (given["records"], given["answered"]) == (1, False)
    assert desk.run("--home", village, *send).code == 4  # nobody is there any more
    assert desk.bundle(township, "write", pack)["carried"] == 1
    county = desk.county(pack, answer)["bundles"]
    assert given["receipt"] in [line["receipt"] for line in county]
    assert desk.bundle(township, "read", answer)["answers"] == 1
    with receiving(township) as send:
        fetched = desk.run("--home", village, *send).value
    assert (fetched["answered"], fetched["pushed"]) == (True, 1)
    assert desk.run("--home", village, "status", "--json").value["unsent"] == 0
    assert len(desk.dumps(village)) == 1


def test_a_file_that_is_none(desk: Desk, tmp_path: Path) -> None:
    village = desk.enrolled(VILLAGE)
    (desk.stick / "letter.txt").write_text("您好")
    for ended in (
        desk.run("--home", village, "bundle", "read", desk.stick / "letter.txt", "--json"),
        desk.run("--home", village, "bundle", "read", desk.stick / "nothing.czb", "--json"),
        desk.run("--home", village, "bundle", "write", tmp_path / "unplugged" / "up.czb", "--json"),
        desk.server("bundle", "read", desk.stick / "letter.txt", "--reply", desk.stick / "reply.czb", "--json"),
    ):
        assert ended.code == 3
        assert len(ended.err.splitlines()) == 1
    assert not (desk.stick / "reply.czb").exists()
    desk.run("--home", village, "bundle", "write", desk.stick / "up.czb")
    devices = desk.server("devices", "--json").value
    for reply in (tmp_path / "unplugged" / "reply.czb", desk.stick):  # nothing is taken in of which nobody could be told
        ended = desk.server("bundle", "read", desk.stick / "up.czb", "--reply", reply, "--json")
        assert (ended.code, len(ended.err.splitlines())) == (3, 1)
    up = desk.stick / "up.czb"
    before = up.read_bytes()
    for ended in (
        desk.server("bundle", "read", up, "--reply", up, "--json"),
        desk.run("--home", village, "bundle", "read", up, "--reply", desk.stick / "." / "up.czb", "--json"),
    ):
        assert ended.code == 3 and "正是要读的文件" in ended.err
    assert up.read_bytes() == before
    assert desk.server("devices", "--json").value == devices
    assert desk.run("--home", village, "bundle", "read", "x", "--code", "1").code == 2

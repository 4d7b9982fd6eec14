"""Releases of the program over the network: to the areas they are meant for, resumed where they broke off, and nothing but the county's."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import fields
from starlette.testclient import TestClient

from db.announced import announced, record_releases
from db.local import PRACTICE
from db.store import Store
from domain import release
from domain.errors import DomainError, InputUnusable, NotFound, Refused, Unreachable
from server.app import InProcess, make_app
from services.upgrading.program_package import county_key, look, look_for, vouch
from sync.county import programs
from sync.county.keys import county_keys
from sync.station import program_fetch
from sync.station.exchange import exchange
from sync.station.program_fetch import fetch
from sync.station.recovery import mending
from sync.wire.connection import HttpRequest, HttpResponse
from sync.wire.framing import join_answer, read_answer
from sync.wire.messages import CONTENT_TYPE, Answer, ProgramAsked, ProgramOffered, pack
from tests.sync.conftest import VILLAGE, World
from tests.unit.test_program_package import archive

ELSEWHERE = "230881100201"


class Office:
    """The county's folder of releases and a line to its server."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder, self.stick = world, folder / "programs", folder / "stick"
        self.line = InProcess(world.county, self.folder)

    def publish(self, version: str = "9.0.0", *areas: str, code: str = "sys.exit(0)") -> Path:
        file = archive(self.stick, version, code=code)
        vouch(file, county_keys(self.world.county).signing)
        programs.publish(self.folder, file, areas)
        return file


@pytest.fixture
def office(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(programs, "PIECE", 100)
    return Office(world, tmp_path)


@pytest.fixture
def station(world: World) -> Store:
    return world.station("one")


def test_what_is_published_is_fetched_whole_and_passes(office: Office, station: Store) -> None:
    assert fetch(station, transport=office.line) is None
    file = office.publish()
    got = fetch(station, transport=office.line)
    assert got is not None and got.read_bytes() == file.read_bytes() and got.parent == station.home / release.FETCHED
    assert look(got, county_key(station)).vouched
    assert [one.version for one in programs.offered(office.folder)] == ["9.0.0"]
    programs.withdraw(office.folder, file.name)
    assert fetch(station, transport=office.line) is None and not list(office.folder.glob("cunzhan-*"))
    with pytest.raises(NotFound):
        programs.withdraw(office.folder, file.name)


def test_first_to_some_areas_then_to_all(office: Office, station: Store) -> None:
    office.publish("9.0.0", ELSEWHERE[:9])
    assert fetch(station, transport=office.line) is None
    office.publish("9.0.0", ELSEWHERE[:9], VILLAGE[:9])
    assert fetch(station, transport=office.line) is not None
    office.publish("9.1.0", ELSEWHERE)
    assert "9.0.0" in str(fetch(station, transport=office.line)), "the latest that is meant for it"
    office.publish("9.1.0")
    assert "9.1.0" in str(fetch(station, transport=office.line))
    assert len(list((station.home / release.FETCHED).iterdir())) == 2, "what was never installed does not pile up"


def told(station: Store, office: Office) -> tuple[str, int]:
    """The release a station knows of after an exchange, and the bytes that this one brought."""
    result = exchange(station, transport=office.line)
    with station.read() as session:
        return announced(session), result.bytes_received


def test_stations_are_told_of_a_release_that_is_meant_for_them(office: Office, station: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mending, "check_due", lambda _session: False)
    told(station, office)
    nothing_new = told(station, office)
    assert nothing_new[0] == ""
    office.publish("9.0.0", ELSEWHERE)
    office.publish("0.0.9", VILLAGE)
    assert told(station, office) == nothing_new, "not one byte more where nothing is meant for this station"
    file = office.publish("9.1.0", VILLAGE[:9])
    version, received = told(station, office)
    assert version == "9.1.0" and received - nothing_new[1] < 45
    assert told(station, office)[0] == "9.1.0"
    programs.withdraw(office.folder, file.name)
    assert told(station, office) == nothing_new, "a release that was withdrawn is not shown any more"


def test_a_release_for_another_system_and_an_older_one_are_not_shown(station: Store) -> None:
    mine, strange = release.system(), [("windows-arm64", "9.0.0"), (release.system(), "9.x"), (release.system(), "9" * 4000)]
    with station.noting() as session:
        record_releases(session, [*strange, (mine, "9.0.0"), (mine, "9.1.0")])
        assert announced(session) == "9.1.0"
        record_releases(session, [(mine, release.VERSION)])
        assert announced(session) == "", "it was upgraded meanwhile, from a stick say"
        record_releases(session, strange)
        assert announced(session) == ""


def test_older_stations_read_past_the_announcement_and_older_counties_say_nothing() -> None:
    older = msgspec.defstruct("Answer", [(f.name, f.type, f.default) for f in fields(Answer)[2:-1]], array_like=True, kw_only=True)
    new = Answer(status="ok", time=1, lease=3, releases=[("windows-x86_64", "9.0.0")])
    head = join_answer(new)[4:]
    values = msgspec.msgpack.decode(head)
    assert msgspec.structs.asdict(msgspec.convert(values[2:], older))["lease"] == 3
    assert fields(Answer)[-1].name == "releases" and read_answer(join_answer(new)) == new
    short = msgspec.msgpack.encode(values[:-1])
    assert read_answer(len(short).to_bytes(4, "big") + short).releases == []


def test_a_fetch_goes_on_where_it_broke_off(office: Office, station: Store) -> None:
    file = office.publish()
    pieces: list[int] = []

    class Breaking(InProcess):
        def ask(self, request: HttpRequest) -> HttpResponse:
            pieces.append(len(request.body))
            if len(pieces) == 3:
                raise ConnectionError("cut")
            return super().ask(request)

    with pytest.raises(Unreachable):
        fetch(station, transport=Breaking(office.world.county, office.folder))
    begun = next((station.home / release.FETCHED).glob("*.part")).stat().st_size
    assert begun == 100
    got = fetch(station, transport=office.line)
    assert got is not None and got.read_bytes() == file.read_bytes() and not list(got.parent.glob("*.part"))


def test_a_release_that_is_withdrawn_while_it_is_fetched_is_told_as_that(office: Office, station: Store) -> None:
    file = office.publish()

    def withdraw(done: int, _total: int, _what: str) -> None:
        programs.withdraw(office.folder, file.name)

    with pytest.raises(DomainError, match="收回"):
        fetch(station, withdraw, office.line)


def test_the_last_room_on_the_disk_is_left_to_the_store(office: Office, station: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    office.publish()
    monkeypatch.setattr(program_fetch, "_ROOM", 2**80)
    with pytest.raises(InputUnusable, match="磁盘满了"):
        fetch(station, transport=office.line)
    assert not list((station.home / release.FETCHED).glob("*.part"))


def test_another_archive_under_the_same_name_is_fetched_anew(office: Office, station: Store) -> None:
    office.publish()
    fetch(station, transport=office.line)
    file = office.publish(code="sys.exit(1)")
    got = fetch(station, transport=office.line)
    assert got is not None and got.read_bytes() == file.read_bytes()
    got.write_bytes(bytes(got.stat().st_size))
    stick = office.folder.parent / "elsewhere" / got.parent.name
    shutil.copytree(got.parent, stick)
    for spoilt in (stick / got.name, got):
        with pytest.raises(InputUnusable):
            look_for(station, spoilt)
    assert (stick / got.name).exists() and not got.exists(), "only what the program itself fetched"
    assert fetch(station, transport=office.line) == got and look_for(station, got).vouched


def test_the_practice_village_belongs_to_no_county_and_is_no_way_around_one(station: Store) -> None:
    station.set_meta(PRACTICE, "1")
    with pytest.raises(Refused, match="练习村"):
        county_key(station)


@pytest.mark.parametrize(
    "offer",
    [
        ProgramOffered("../../evil-9.0.0-linux-x86_64.zip", 10, b""),
        ProgramOffered(f"cunzhan-0.0.1-{release.system()}.zip", 10, b""),
        ProgramOffered(f"cunzhan-9.0.0-{release.system()}.zip", 2**40, b""),
        ProgramOffered(f"cunzhan-9.0.0-{release.system()}.zip", 10, b"", b"x" * 11),
        ProgramOffered(f"cunzhan-9.0.0-{release.system()}.zip", 10, b"", b""),
    ],
)
def test_a_server_that_answers_nonsense_leaves_no_program(station: Store, offer: ProgramOffered) -> None:
    class Lying(InProcess):
        def __init__(self) -> None: ...

        def ask(self, request: HttpRequest) -> HttpResponse:
            return HttpResponse(200, [pack(offer)], CONTENT_TYPE)

    with pytest.raises(Unreachable):
        fetch(station, transport=Lying())
    assert not list(station.home.rglob("*.zip")) and not (station.home.parent.parent / "evil-9.0.0-linux-x86_64.zip").exists()


def test_an_older_server_and_a_station_without_a_county_are_told_apart(world: World, station: Store) -> None:
    class Older(InProcess):
        def ask(self, request: HttpRequest) -> HttpResponse:
            return HttpResponse(404)

    with pytest.raises(DomainError, match="老版本"):
        fetch(station, transport=Older(world.county))
    with pytest.raises(Refused, match="没有注册"):
        fetch(world.store("alone"))


def test_the_route_answers_hostile_requests(office: Office) -> None:
    office.publish("9.0.0", VILLAGE)
    client = TestClient(make_app(office.world.county, releases=office.folder))
    system = release.system()
    name = f"cunzhan-9.0.0-{system}.tar.xz"
    for asked in (b"", b"\xff" * 50, b"x" * 70_000):
        assert client.post("/program", content=asked).status_code in (400, 413)
    for scope, other, start in (("", name, 0), (VILLAGE, "../county.db", 0), (VILLAGE, "offered.json", 0), (ELSEWHERE, name, 0)):
        reply = client.post("/program", content=pack(ProgramAsked(scope, system, "0.1.0", other, start)))
        assert reply.status_code == 200 and reply.content == pack(ProgramOffered()), (scope, other)
    far = client.post("/program", content=pack(ProgramAsked(VILLAGE, system, "0.1.0", name, 2**62)))
    assert far.status_code == 200 and len(far.content) < 200
    assert client.post("/program", content=pack(ProgramAsked(VILLAGE, system, "x", "", 0))).status_code == 200

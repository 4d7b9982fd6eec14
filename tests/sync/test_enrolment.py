"""Who is let in by a code, and which addresses are taken."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import update

from desktop.sync.automatic import backoff
from domain.errors import DomainError, InputUnusable, Misused, Refused, Unreachable
from server import devices
from server.devices import make_code
from sync.station.enrol import enrol
from sync.wire import link
from sync.wire.trust import split_code
from tests.sync.conftest import OTHER_VILLAGE, SERVER, TOWNSHIP, VILLAGE, World, add, both


def test_whoever_types_a_name_in_place_of_a_code_is_told_the_code(world: World) -> None:
    with world.county.write() as session:
        with pytest.raises(Misused, match=f"横头山镇解放村 {VILLAGE}"):
            make_code(session, "横头山解放", "village")
        with pytest.raises(Misused, match=r"12 位，乡镇 9 位，县 6 位。$"):
            make_code(session, "没有这个地方", "village")


@both
def test_a_code_is_for_one_station_of_one_scope(world: World) -> None:
    code = world.code(VILLAGE)
    a, b, c = world.store("甲"), world.store("乙"), world.store("丙", OTHER_VILLAGE)
    with pytest.raises(Refused, match=VILLAGE) as refused:
        enrol(c, SERVER, code, transport=world.line)
    assert OTHER_VILLAGE in str(refused.value) and str(c.home) in str(refused.value)  # what this laptop is for, and how to begin again
    world.line.after = 1
    with pytest.raises(Unreachable):
        enrol(a, SERVER, code, transport=world.line)
    assert enrol(a, SERVER, code, transport=world.line) == a.station
    assert enrol(a, SERVER, code.lower().replace("-", " "), transport=world.line) == a.station
    with pytest.raises(Refused, match="用过"):
        enrol(b, SERVER, code, transport=world.line)
    with pytest.raises(Refused, match="不对"):
        enrol(b, SERVER, "7K3M-9QTX-4C2D-8HWA", transport=world.line)
    with pytest.raises(InputUnusable):
        enrol(b, SERVER, "123", transport=world.line)
    add(a)
    assert world.sync(a).pushed == 1
    enrol(a, SERVER, code, transport=world.line)
    assert world.sync(a).requests == 1


def test_a_code_expires(world: World) -> None:
    from db.exchange import enrolment_code

    code, store = world.code(VILLAGE), world.store("甲")
    with world.county.write() as session:
        session.conn.execute(update(enrolment_code).values(expires_at="2001-01-01T00:00:00Z"))
    with pytest.raises(Refused, match="过期"):
        enrol(store, SERVER, code, transport=world.line)


def test_a_store_stays_with_its_county(world: World, tmp_path: Path) -> None:
    a = world.station("甲")
    (tmp_path / "elsewhere").mkdir()
    elsewhere = World(tmp_path / "elsewhere")
    with pytest.raises(DomainError, match="另一个县"):
        enrol(a, SERVER, elsewhere.code(VILLAGE), transport=elsewhere.line)
    elsewhere.close()


@pytest.mark.parametrize("server", ["http://10.0.0.1:8000", "ftp://x", "https://", "http://example.org", "https://a:b:c"])
def test_plain_http_is_for_this_machine_only(server: str) -> None:
    with pytest.raises(InputUnusable):
        link.server_url(server)


def test_addresses_are_completed() -> None:
    assert link.server_url("127.0.0.1:8000/") == "http://127.0.0.1:8000"
    assert link.server_url("county.example:8443") == "https://county.example:8443"
    for typed in ("7k3m-9qtx-4c2d-8hwa.5f0c 5f0c 5f0c 5f0c", "7k3m9qtx4c2d8hwa5f0c5f0c5f0c5f0c", "７Ｋ３Ｍ9QTX4C2D8HWA。5FOC5F0C5F0C5F0C"):
        assert split_code(typed) == ("7K3M9QTX4C2D8HWA", "5F0C5F0C5F0C5F0C")


def test_waiting_grows_and_spreads() -> None:
    waits = [[backoff(n) for _try in range(20)] for n in (1, 2, 9)]
    assert max(waits[0]) < min(waits[1]) < max(waits[1]) < min(waits[2])
    assert len(set(waits[0])) > 10


@both
def test_two_who_make_codes_for_a_township_at_once_make_one_for_each_village(world: World) -> None:
    started = Barrier(2)

    def make() -> int:
        started.wait(10)
        with world.county.write() as session:
            return len(devices.make_codes(session, TOWNSHIP, "village").made)

    with ThreadPoolExecutor(2) as both_at_once:
        made = [one.result(30) for one in [both_at_once.submit(make) for _n in range(2)]]
    assert 0 in made and max(made) > 1
    with world.county.read() as session:
        codes = [one.scope for one in devices.open_codes(session)]
        assert len(codes) == len(set(codes)) == max(made)

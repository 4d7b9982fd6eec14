"""Exchanges over TLS with a real server process: the county's own authority is pinned, whoever else answers is told nothing."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from cryptography import x509

from db.county import County
from db.local import set_meta
from db.store import Store
from domain.errors import DomainError, InputUnusable, Refused, Unreachable
from server import authority
from server.serve import running
from sync.replica import identity
from sync.station.enrol import enrol
from sync.station.exchange import exchange
from sync.wire import link
from tests.sync.conftest import VILLAGE, World, add, assert_equal, both, get, put, unsent
from tests.sync.test_server_processes import free_port, patiently, serving


@contextmanager
def enrolled(world: World) -> Iterator[Store]:
    """A station that knows the county by an address that is not in its server's certificate; the server is gone."""
    store, port = world.store("甲"), free_port()
    with running(world.county, "0.0.0.0", port):
        enrol(store, f"https://127.0.0.1:{port}", world.code(VILLAGE))
    with store.applying() as session:
        set_meta(session, "test_port", str(port))
    yield store


def port_of(store: Store) -> int:
    return int(store.get_meta("test_port") or 0)


@both
def test_both_ways_with_a_server_process(world: World) -> None:
    """Pushed, pulled, edited by the other and pulled again; the process listens at every address and is known by one of them."""
    a, b, port = world.store("甲"), world.store("乙"), free_port()
    url = f"https://127.0.0.1:{port}"
    with serving(world, port, host="0.0.0.0"):
        for store in (a, b):
            patiently(partial(enrol, store, url, world.code(VILLAGE)))
        id = add(a, note="甲写")
        assert exchange(a).pushed == 1
        assert exchange(b).pulled == 1
        put(b, id, note="乙写")
        assert exchange(b).pushed == 1
        got = exchange(a)
        assert (got.pulled, got.requests, get(a, id).note) == (1, 1, "乙写")
        assert_equal(world)


def test_an_impostor_is_refused_and_told_nothing(world: World, tmp_path: Path) -> None:
    """Another county's server, also one whose name is right, at the county's address: nothing is sent; the right one is then served."""
    impostor = County(f"sqlite:///{tmp_path}/impostor.db")
    with enrolled(world) as store:
        add(store)
        with running(impostor, "0.0.0.0", port_of(store)), pytest.raises(Unreachable, match="拿不出本县的证书"):
            exchange(store)
        with running(impostor, "0.0.0.0", port_of(store)) as url, pytest.raises(Refused, match="身份与注册码不符"):
            enrol(world.store("乙"), url.replace("0.0.0.0", "127.0.0.1"), world.code(VILLAGE))
        assert unsent(store) == 1
        with running(world.county, "0.0.0.0", port_of(store)):
            assert exchange(store).pushed == 1
    with impostor.read() as session:
        assert session.count("person") == 0
    impostor.close()


def test_a_county_at_another_address_is_known_by_its_certificate_and_needs_no_code(world: World, tmp_path: Path) -> None:
    """Two hundred villages would each need a code of 32 characters."""
    impostor = County(f"sqlite:///{tmp_path}/impostor.db")
    with enrolled(world) as store:
        add(store)
        with running(impostor, "0.0.0.0") as url, pytest.raises(Unreachable, match="拿不出本县的证书"):
            enrol(store, url.replace("0.0.0.0", "127.0.0.1"), "")
        with running(world.county) as url, pytest.raises(InputUnusable, match="注册码"):  # without TLS nobody is known
            enrol(store, url, "")
        with running(world.county, "0.0.0.0") as url:
            assert enrol(store, url.replace("0.0.0.0", "localhost"), "") == store.station
            assert exchange(store).pushed == 1
            with pytest.raises(InputUnusable, match="注册码"):
                enrol(world.store("乙"), url.replace("0.0.0.0", "127.0.0.1"), " ")
    impostor.close()


@pytest.mark.parametrize("name", ["_UNTIL", "_FROM"])
def test_a_certificate_out_of_date_is_refused_with_a_word_about_the_clock(world: World, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with enrolled(world) as store:
        add(store)
        monkeypatch.setattr(authority, name, datetime.now(UTC) + timedelta(days=-2 if name == "_UNTIL" else 2))
        with running(world.county, "0.0.0.0", port_of(store)), pytest.raises(Unreachable, match="本机日期"):
            exchange(store)
        assert unsent(store) == 1


def test_plain_http_is_not_spoken_to_a_county_known_by_tls(world: World) -> None:
    """Somebody who turns TLS off on the way gets nothing: the address kept at enrolment says https."""
    with enrolled(world) as store:
        add(store)
        with running(world.county, port=port_of(store)), pytest.raises(Unreachable, match=r"不用 https.*http://"):
            exchange(store)
        with store.read() as session:
            me = identity.load(session)
        assert me is not None
        assert me.server.startswith("https://")
        assert unsent(store) == 1


def test_https_to_a_server_that_speaks_plain_http_is_told_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was said that nobody answered, or that the code was not whole."""
    store, port = world.store("甲"), free_port()
    code = world.code(VILLAGE).partition(".")[0]
    with running(world.county, port=port):
        with pytest.raises(InputUnusable, match="不用 https"):
            enrol(store, f"https://127.0.0.1:{port}", code)
        with pytest.raises(Unreachable, match="不用 https"):
            enrol(store, f"https://127.0.0.1:{port}", f"{code}.{code}")
        monkeypatch.setattr(link, "is_loopback", lambda _host: False)
        with pytest.raises(Unreachable, match=r"答的不是 https.*没有发送任何内容"):
            enrol(store, f"https://127.0.0.1:{port}", f"{code}.{code}")


@pytest.mark.parametrize("said", [b"", b"x", b"reset", b"\x15\x03\x01\x00\x02\x02\x28"])
def test_a_server_on_this_machine_that_hangs_up_on_https_is_told_so(said: bytes) -> None:
    """Whoever typed https:// was told to look at the cable and the Wi-Fi."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            line, _address = server.accept()
            with line:
                line.recv(100 if said == b"reset" else 4096)
                line.sendall(said)

        answering = threading.Thread(target=answer)
        answering.start()
        with link.connect(f"https://127.0.0.1:{server.getsockname()[1]}", None) as line, pytest.raises(Unreachable, match="不用 https"):
            line.post("/sync", b"")
        answering.join()


def test_wrong_clocks_do_not_shut_a_laptop_out(world: World) -> None:
    """The certificate a server starts with is good on a laptop whose clock stands in 2000 or ten years ahead, whatever the server's own
    clock said when it first started: nobody can renew the authority that every station knows."""
    with world.county.write() as session:
        own = authority.authority(session)
    with authority.server_files(own, "county.example") as (chain, _key):
        certificates = x509.load_pem_x509_certificates(chain.read_bytes())
    assert len(certificates) == 2
    for one in certificates:
        assert one.not_valid_before_utc < datetime(2000, 1, 1, tzinfo=UTC)
        assert one.not_valid_after_utc == datetime(2100, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(("host", "why"), [("no such name", "监听地址"), ("198.51.100.7", "没有这个地址")])
def test_an_address_that_is_none_of_this_computers_is_told(world: World, host: str, why: str) -> None:
    with pytest.raises(DomainError, match=why), running(world.county, host):
        pass

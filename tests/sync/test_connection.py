"""The connection to the county: kept, opened anew, and every way a server can spoil an answer told apart."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from domain.errors import Unreachable
from sync.wire.connection import Connection, HttpRequest, _head
from sync.wire.link import BrokenOff, Link

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-cunzhan\r\n"


@contextmanager
def answering(*answers: bytes, closes: bool = False) -> Iterator[tuple[str, list[bytes]]]:
    """A server that gives these bytes to one request after the other, and hangs up after each where it `closes`; the requests it got."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            left = list(answers)
            with suppress(OSError):
                while left:
                    peer, _address = listening.accept()
                    with peer:
                        while left and (request := peer.recv(65536)):
                            asked.append(request)
                            peer.sendall(left.pop(0))
                            if closes:
                                break

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", asked
        finally:
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def whole(body: bytes) -> bytes:
    return HEAD + b"content-length: %d\r\n\r\n" % len(body) + body


@pytest.mark.parametrize("closes", [False, True])
def test_a_connection_is_kept_and_opened_anew_after_the_server_hung_up(closes: bool) -> None:
    chunked = HEAD + b"transfer-encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n"
    with answering(whole(b"one"), chunked, whole(b""), closes=closes) as (url, asked), Connection() as line:
        link = Link(line, url)
        found = []
        for path, body in (("/sync", b"a"), ("/sync", b"b" * 70), ("/enrol", b"")):
            found.append(link.post(path, body))
            if closes and line._socket is not None:
                select.select([line._socket], [], [], 60)  # it has hung up, and that is known here
        assert found == [b"one", b"two", b""]
    host = url.removeprefix("http://")
    assert asked[0] == f"POST /sync HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1\r\n\r\na".encode(), "nothing that nobody reads"
    assert (link.requests, link.sent, link.received) == (3, 71, 6)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200",
        b"\xff\x00 nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 2**17 + b"\r\n\r\n",
        HEAD + b"transfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 302 Found\r\nlocation: http://portal/\r\ncontent-length: 0\r\n\r\n",
    ],
)
def test_what_is_no_answer_is_told_as_such(answer: bytes) -> None:
    with answering(answer, closes=True) as (url, _asked), Connection() as line, pytest.raises(Unreachable):
        Link(line, url).post("/sync", b"a")


@pytest.mark.parametrize(
    "answer", [HEAD + b"content-length: 9\r\n\r\nhalf", HEAD + b"transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n9\r\nmo"]
)
def test_what_came_of_a_body_that_broke_off_is_kept(answer: bytes) -> None:
    with answering(answer, closes=True) as (url, _asked), Connection() as line, pytest.raises(BrokenOff) as error:
        Link(line, url).post("/sync", b"a")
    assert error.value.content.startswith(b"half")


def test_silence_is_waited_for_so_long() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with Connection(silence=0.05) as line, pytest.raises(Unreachable, match="没有及时答复"):
            Link(line, url).post("/sync", b"a")
    with Connection() as line, pytest.raises(Unreachable, match="连不上"):
        Link(line, url).post("/sync", b"a")


def test_what_can_be_no_servers_name_is_told_as_such() -> None:
    with Connection() as line, pytest.raises(Unreachable, match="核对地址"):
        Link(line, "https://xian..example.cn").post("/sync", b"a")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://桦川.中国:8443", "xn--5rt87u.xn--fiqs8s:8443"),
        ("https://桦川.中国", "xn--5rt87u.xn--fiqs8s"),
        ("https://[fe80::1]:8443", "[fe80::1]:8443"),
        ("https://[fe80::1]", "[fe80::1]"),
    ],
)
def test_a_server_is_told_its_name_as_networks_write_it(url: str, host: str) -> None:
    """By which one that stands in front of several knows which is asked."""
    assert _head(HttpRequest(url + "/sync")).splitlines()[1] == f"Host: {host}".encode()


@pytest.mark.parametrize("beginning", [b"HTTP/1.1 200 OK\r\nx: ", HEAD + b"content-length: 9000\r\n\r\n"])
def test_who_sends_a_byte_now_and_then_is_as_good_as_silent(beginning: bytes) -> None:
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            peer, _address = listening.accept()
            with peer, suppress(OSError):
                peer.sendall(beginning)
                for _byte in range(500):
                    if over.wait(0.02):
                        break
                    peer.sendall(b"x")

        thread = threading.Thread(target=drip)
        thread.start()
        with Connection(silence=0.3) as line, pytest.raises(Unreachable, match="没有及时答复"):
            Link(line, f"http://127.0.0.1:{listening.getsockname()[1]}").post("/sync", b"a")
        over.set()
        thread.join()

"""A slow and unreliable line: a TCP proxy in this process that delays, limits the rate, counts bytes and cuts where a test says."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

UP, DOWN = 0, 1
_CHUNK = 1024


@dataclass
class Line:
    """What the line does and did. `cut`: after so many bytes in one direction the connection is gone (once)."""

    rtt: float = 0.0
    rate: float = 0.0
    """Bytes a second in each direction; 0 is as fast as it goes."""
    cut: tuple[int, int] | None = None
    passed: list[int] = field(default_factory=lambda: [0, 0])
    connections: int = 0
    url: str = ""


@contextmanager
def slow_line(server: str, **what: float) -> Iterator[Line]:
    """A line to `server`; `Line.url` is where it begins."""
    line = Line(**what)  # type: ignore[arg-type]  # its fields
    parts = urlsplit(server)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        line.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        stopping = threading.Event()
        threads: list[threading.Thread] = []

        def accept() -> None:
            with suppress(OSError):
                while not stopping.is_set():
                    peer, _address = listening.accept()
                    threads.append(threading.Thread(target=_carry, args=(line, peer, (str(parts.hostname), int(parts.port or 80)))))
                    threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield line
        finally:
            stopping.set()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for thread in threads:
                thread.join()


def _carry(line: Line, near: socket.socket, server: tuple[str, int]) -> None:
    line.connections += 1
    if line.rtt:
        time.sleep(line.rtt)  # the handshake
    with near, socket.create_connection(server) as far:
        ways = [threading.Thread(target=_pour, args=(line, way, *ends)) for way, ends in ((UP, (near, far)), (DOWN, (far, near)))]
        for thread in ways:
            thread.start()
        for thread in ways:
            thread.join()


def _pour(line: Line, way: int, source: socket.socket, target: socket.socket) -> None:
    """Carry one direction until it ends or is cut."""
    done = 0.0
    with suppress(OSError):
        while data := source.recv(_CHUNK):
            if line.rate:
                now = time.monotonic()
                done = max(done, now) + len(data) / line.rate
                time.sleep(max(0.0, done - now))
            if line.rtt:
                time.sleep(line.rtt / 2 if not line.rate else 0.0)
            cut = line.cut is not None and line.cut[0] == way and line.cut[1] <= len(data)
            if line.cut is not None and line.cut[0] == way:
                data, line.cut = (data[: line.cut[1]], None) if cut else (data, (way, line.cut[1] - len(data)))
            target.sendall(data)
            line.passed[way] += len(data)
            if cut:
                break
    if way == UP:
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)
        with suppress(OSError):
            source.shutdown(socket.SHUT_RD)
    else:
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

"""A slow and unreliable line: a TCP proxy in this process that delays, limits the rate, counts bytes and cuts where a test says."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from queue import SimpleQueue
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

    def carried(self, work: Callable[[], object]) -> int:
        """Bytes the line carries both ways while `work` is done."""
        before = sum(self.passed)
        work()
        return sum(self.passed) - before


@contextmanager
def slow_line(server: str, **what: float) -> Iterator[Line]:
    """A line to `server`; `Line.url` is where it begins."""
    line = Line(**what)  # type: ignore[arg-type]  # its fields
    parts = urlsplit(server)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        line.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        stopping = threading.Event()
        threads: list[threading.Thread] = []
        ends: list[socket.socket] = []

        def accept() -> None:
            with suppress(OSError):
                while not stopping.is_set():
                    peer, _address = listening.accept()
                    ends.append(peer)
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
            for end in ends:  # a client may keep its connection for minutes
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
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
    """Carry one direction until it ends or is cut: bytes leave at the line's rate, and arrive half a round trip later."""
    under_way: SimpleQueue[tuple[float, bytes]] = SimpleQueue()
    delivering = threading.Thread(target=_deliver, args=(line, way, under_way, source, target))
    delivering.start()
    gone = 0.0
    with suppress(OSError):
        while data := source.recv(_CHUNK):
            gone = max(gone, time.monotonic())
            if line.rate:
                gone += len(data) / line.rate
                time.sleep(max(0.0, gone - time.monotonic()))
            under_way.put((gone + line.rtt / 2, data))
    under_way.put((gone + line.rtt / 2, b""))
    delivering.join()


def _deliver(line: Line, way: int, under_way: SimpleQueue[tuple[float, bytes]], source: socket.socket, target: socket.socket) -> None:
    cut = False
    with suppress(OSError):
        while not cut:
            moment, data = under_way.get()
            time.sleep(max(0.0, moment - time.monotonic()))
            if not data:
                break
            if line.cut is not None and line.cut[0] == way:
                cut = line.cut[1] <= len(data)
                data, line.cut = (data[: line.cut[1]], None) if cut else (data, (way, line.cut[1] - len(data)))
            line.passed[way] += len(data)
            target.sendall(data)
    ends = ((target, socket.SHUT_WR), (source, socket.SHUT_RD)) if way == UP else ((source, socket.SHUT_RDWR), (target, socket.SHUT_RDWR))
    for end, how in ends:
        with suppress(OSError):
            end.shutdown(how)

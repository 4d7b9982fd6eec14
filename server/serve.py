"""Runs the county server: plain HTTP on a loopback address, TLS with the county's own authority on any other."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import parent_process
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette

from db.county import County
from domain.errors import DomainError, os_reason
from domain.words import _
from server.app import make_app
from server.authority import authority, server_files
from server.limits import Limits
from server.reading import Config, Patient
from sync.wire.link import is_loopback

_DATABASE, _RELEASES = "CUNZHAN_SERVER_DATABASE", "CUNZHAN_SERVER_RELEASES"
_OUTSIDE_ADDRESS = "203.0.113.1"
"""An address reserved for documentation, beyond any router."""
_START_SECONDS = 30.0
_BACKLOG = 128
"""Connections accepted in one turn of the event loop. Those of three turns may be open beyond `Limits.connections` until they are
counted and others closed for them: together fewer than the 1024 files that a process may have open."""


def serve(
    county: County, host: str, port: int, releases: Path, *, workers: int = 1, ready: Callable[[str], None] = lambda _url: None
) -> None:
    """Serve until interrupted; `ready` is called with the address. Each of several workers is a process of its own. `releases`: the
    folder of the program archives that are offered."""
    with _settings(county, host, Limits()) as settings, _bound(host, port) as listening:
        url = _url(host, listening)
        if workers > 1:
            os.environ[_RELEASES] = str(releases)
            os.environ[_DATABASE] = county.url  # worker processes start afresh and open the database themselves
            config = Config("server.serve:application", factory=True, workers=workers, **settings)
            from uvicorn.supervisors import Multiprocess

            ready(url)
            Multiprocess(config, sockets=[listening]).run()
            return
        ready(url)
        uvicorn.Server(Config(make_app(county, releases=releases), **settings)).run(sockets=[listening])


def application() -> Starlette:
    """The application of one worker process, which exits when its parent process is gone."""
    parent = parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
    return make_app(County(os.environ[_DATABASE]), releases=Path(os.environ[_RELEASES]))


@contextmanager
def running(county: County, host: str = "127.0.0.1", port: int = 0, limits: Limits | None = None) -> Iterator[str]:
    """Run a server in a thread of this process for as long as the block lasts; yields its address."""
    limits = limits or Limits()
    with _settings(county, host, limits) as settings, _bound(host, port) as listening:
        settings["http"] = type("Patient", (Patient,), {"limits": limits})
        server = uvicorn.Server(Config(make_app(county, limits), **settings))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield _url(host, listening)
        finally:
            server.should_exit = True
            thread.join(_START_SECONDS)


@contextmanager
def _settings(county: County, host: str, limits: Limits) -> Iterator[dict[str, Any]]:
    settings: dict[str, Any] = {
        "log_config": None,
        "log_level": "error",  # its warnings repeat clients' input, and recommend packages we do not want
        "access_log": False,
        "proxy_headers": False,  # no proxy can read inside our TLS, so any such header is the client's own
        "server_header": False,
        "date_header": False,
        "lifespan": "off",
        "timeout_graceful_shutdown": 20,
        "http": Patient,
        "ws": "none",
        "limit_concurrency": limits.connections + _BACKLOG,  # also counts the requests of closed connections until they are cleared away
        "backlog": _BACKLOG,
        "h11_max_incomplete_event_size": limits.headers,
    }
    if is_loopback(host):
        yield settings
        return
    with county.write() as session:
        own = authority(session)
    with server_files(own, host) as (chain, key):
        yield settings | {"ssl_certfile": str(chain), "ssl_keyfile": str(key)}


@contextmanager
def _bound(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # declared as TCP: asyncio sets TCP_NODELAY only then; otherwise every answer waits 40 ms for an acknowledgement
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        if sys.platform != "win32":  # on Windows it would let a second server take the port of a running one
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
        except socket.gaierror as error:
            raise DomainError(_("监听地址「{host}」不对：写本机的一个地址；写 0.0.0.0 就是本机所有的地址。").format(host=host)) from error
        except OSError as error:
            raise DomainError(_("端口 {port} 用不了：{reason}").format(port=port, reason=os_reason(error))) from error
        listening.listen(_BACKLOG)
        yield listening


def reachable(url: str) -> list[str]:
    """Addresses that stations can use for a server that listens on every interface: this machine's outward address and its name. Empty
    if `url` is usable as it is. Sends no packet."""
    host, _colon, port = url.removeprefix("https://").rpartition(":")
    if host not in ("0.0.0.0", "[::]"):  # an explicit address, used as it is
        return []
    found = [socket.gethostname()]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking, suppress(OSError):
        asking.connect((_OUTSIDE_ADDRESS, 9))
        found.insert(0, asking.getsockname()[0])
    return [f"https://{name}:{port}" for name in found]


def _url(host: str, listening: socket.socket) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"{'http' if is_loopback(host) else 'https'}://{name}:{listening.getsockname()[1]}"

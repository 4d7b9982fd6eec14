"""Other engines with the rows of the exchange: Anki's sync server, and PouchDB with express-pouchdb.

They are installed when the bench wants them, into build/peers, by plain `pip` and `npm`. Their clients are programs of their own
(`peer_anki.py`, `peer_pouch.cjs`) that do what lines of JSON say (`[name, arguments…]`) and answer `[result, seconds]`.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.compared import LITTLE, NEW, Measured, load
from tests.bench.people import full_people
from tests.paths import ROOT
from tests.sync.slow_line import slow_line

INSTALLED = ROOT / "build" / "peers"
ANKI = ("anki==26.9.3",)
POUCH = ("express@4.22.3", "pouchdb@9.0.0", "express-pouchdb@4.2.0")
RTT, RATE = 0.6, 8000.0
"""The slow line: seconds, and bytes a second in each direction (64 kbit/s)."""
_START_SECONDS = 30.0
_ANSWER_SECONDS = 300.0
_INSTALL_SECONDS = 400


class Missing(Exception):
    """A peer cannot be had here; says why."""


@dataclass(frozen=True)
class Peer:
    """An engine: how its server and its clients are started, `{folder}`, `{port}`, `{rows}` filled in."""

    name: str
    home: Path
    install: Callable[[], None]
    server: Sequence[str]
    clients: Sequence[str]
    path: str = "/"
    whole: bool = False
    """Whether a client can be given the server's whole file instead of rows; then the clients begin with one."""
    slow: bool = False
    """Whether it is also measured on the slow line: what needs a dozen round trips for nothing would only make the bench wait."""


def anki() -> Peer:
    """Anki, in an environment of its own."""
    home = INSTALLED / "anki"
    python = str(home / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))

    def install() -> None:
        _run([sys.executable, "-m", "venv", "--clear", str(home)], INSTALLED)
        _run([python, "-m", "pip", "install", "-q", *ANKI], INSTALLED)

    script = str(Path(__file__).with_name("peer_anki.py"))
    return Peer("Anki", home, install, (python, "-m", "anki.syncserver"), (python, script, "{folder}", "{rows}"), whole=True, slow=True)


def pouch() -> Peer:
    """PouchDB, in a folder of its own."""
    home = INSTALLED / "pouchdb"

    def install() -> None:
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        (home / "package.json").write_text('{"private": true}', encoding="utf-8")
        _run([_program("npm"), "install", "--no-audit", "--no-fund", *POUCH], home)

    node = shutil.which("node") or "node"
    script = str(Path(__file__).with_name("peer_pouch.cjs"))
    return Peer("PouchDB", home, install, (node, script, "serve", "{folder}", "{port}"), (node, script, "{folder}", "{rows}"))


def _program(name: str) -> str:
    """Where a program lies; on Debian and its like it is installed when missing and that is allowed."""
    if shutil.which(name) is None and shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        with suppress(Missing):
            _run(["apt-get", "-qq", "install", "-y", "--no-install-recommends", "nodejs", "npm"], ROOT)
    found = shutil.which(name)
    if found is None:
        raise Missing(f"{name} is not installed")
    return found


def _run(command: Sequence[str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=_INSTALL_SECONDS)
    except (OSError, subprocess.SubprocessError) as error:
        raise Missing(f"{Path(command[0]).name} did not install it ({type(error).__name__})") from None


def _ready(peer: Peer) -> None:
    """Install a peer unless what is wanted of it is there."""
    wanted = " ".join((*ANKI, *POUCH))
    marker = peer.home / "installed"
    if not marker.exists() or marker.read_text(encoding="utf-8") != wanted:
        print(f"installing {peer.name} …", file=sys.stderr, flush=True)
        peer.install()
        marker.write_text(wanted, encoding="utf-8")


def measured(folder: Path, rows: int) -> dict[str, Measured]:
    """Every peer that can be had, by name."""
    kept = folder / "rows.json"
    kept.write_text(json.dumps([_texts(person) for person in full_people(rows + NEW)], ensure_ascii=False), encoding="utf-8")
    found = {}
    for peer in (anki(), pouch()):
        try:
            _ready(peer)
            found[peer.name] = _measured(peer, folder, kept, rows)
        except Missing as missing:
            print(f"{peer.name} is left out: {missing}", file=sys.stderr, flush=True)
    return found


def _texts(person: dict[str, Any]) -> list[str]:
    """The twenty values of a row as a document or a note has them: the fields, and the scope every one of ours carries."""
    values = [*person.values(), "230826101202"]
    return ["、".join(sorted(value)) if isinstance(value, frozenset) else str(value) for value in values]


def _measured(peer: Peer, folder: Path, rows: Path, count: int) -> Measured:
    with _serving(peer, folder) as url, _asking(peer, folder, rows) as ask:

        def sync(name: str, through: str) -> float:
            return ask("sync", name, f"{through}{peer.path}")[1]

        direct = f"{url}{peer.path}"
        ask("begin", "a", direct)
        if peer.whole:
            ask("download", "b", direct)
        ask("fill", "a", 0, count)
        found = {"push": count / sync("a", url), "pull": count / sync("b", url)}
        if ask("count", "b")[0] != count:
            raise Missing("rows are missing at its second client")
        if peer.whole:
            found["install"] = count / ask("download", "c", direct)[1]
        for _warm in range(2):
            sync("a", url)
        found["nothing"] = statistics.median(sync("a", url) for _n in range(15)) * 1000
        changes = iter(range(100))

        def delta(through: str) -> float:
            ask("change", "a", LITTLE, f"changed {next(changes)}")
            return sync("a", through)

        found["delta"] = statistics.median(delta(url) for _n in range(7)) * 1000
        with slow_line(url) as line:
            sync("a", line.url)
            found["nothing bytes"] = line.carried(lambda: sync("a", line.url))
            found["field bytes"] = line.carried(lambda: delta(line.url)) / LITTLE
            ask("fill", "a", count, count + NEW)
            found["row bytes"] = line.carried(lambda: sync("a", line.url)) / NEW
        found |= load()
        if not peer.slow:
            return found
        with slow_line(url, rtt=RTT, rate=RATE) as line:
            sync("a", line.url)
            found["nothing slow"] = sync("a", line.url)
            found["delta slow"] = delta(line.url)
    return found


Ask = Callable[..., tuple[Any, float]]


@contextmanager
def _asking(peer: Peer, folder: Path, rows: Path) -> Iterator[Ask]:
    """The clients of a peer; what is asked of them, with the seconds it took there."""
    data = folder / f"{peer.name}-clients"
    data.mkdir()
    command = [part.format(folder=data, rows=rows) for part in peer.clients]
    with (folder / f"{peer.name}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=peer.home, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            yield lambda *what: _answer(process, what)
        finally:
            process.kill()
            process.communicate()


def _answer(process: subprocess.Popen[str], what: Sequence[Any]) -> tuple[Any, float]:
    told, said = process.stdin, process.stdout
    assert told is not None and said is not None
    patience = threading.Timer(_ANSWER_SECONDS, process.kill)
    patience.start()
    try:
        told.write(json.dumps(what) + "\n")
        told.flush()
        line = said.readline()
    except BrokenPipeError:
        line = ""
    finally:
        patience.cancel()
    if not line:
        raise Missing(f"its clients stopped at {what[0]}")
    result, seconds = json.loads(line)
    return result, seconds


@contextmanager
def _serving(peer: Peer, folder: Path) -> Iterator[str]:
    """A peer's server; its address without a path."""
    data = folder / f"{peer.name}-server"
    data.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [part.format(folder=data, port=port) for part in peer.server]
    env = {**os.environ, "SYNC_USER1": "a:b", "SYNC_BASE": str(data), "SYNC_HOST": "127.0.0.1", "SYNC_PORT": str(port)}
    process = subprocess.Popen(command, cwd=peer.home, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await(process, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise Missing("its server does not start")

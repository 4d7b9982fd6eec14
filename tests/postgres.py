"""A PostgreSQL of the tests' own: a cluster in a temporary folder, reached by a socket in it, gone with the process that started it.

Nothing is kept and no power is cut, so it never waits for the disk. PostgreSQL refuses to run as root: then it runs as `postgres`.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg

_DEBIAN = Path("/usr/lib/postgresql")
_START_SECONDS = 60
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0")
_LEAN = ("listen_addresses=", "shared_buffers=64MB", "max_connections=60", "autovacuum=off", "log_min_messages=fatal")
_PR_SET_PDEATHSIG = 1
CLERK = "clerk"
"""A user who must give a password; everybody else is let in."""
CLERK_PASSWORD = "s3cret-Passwort"


class Missing(Exception):
    """There is no PostgreSQL to start, and why."""


def programs() -> Path:
    """The folder of the newest installed server's programs. Raises `Missing`."""
    found = [path for path in _DEBIAN.glob("*/bin") if (path / "initdb").exists()] if sys.platform == "linux" else []
    if not found:
        raise Missing("no PostgreSQL under /usr/lib/postgresql: `make setup` installs it where it may (or: apt-get install postgresql)")
    return max(found, key=lambda path: int(path.parent.name))


class Cluster:
    """A running PostgreSQL. `durable`: it waits for the disk, as a real one does."""

    def __init__(self, *, durable: bool = False) -> None:
        self._settings = _LEAN if durable else (*_QUICK, *_LEAN)
        self._programs = programs()
        self._user = _unprivileged()
        self.folder = Path(tempfile.mkdtemp(prefix="cz-pg-", dir="/tmp"))  # short: a socket's path has 107 characters at most
        self._numbers = itertools.count(1)
        try:
            if self._user:
                os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
            self._initialise()
            self._process = self._start()
            self._admin = self._connected()
        except BaseException:
            self.stop()
            raise
        self.run(f"CREATE ROLE {CLERK} LOGIN PASSWORD '{CLERK_PASSWORD}'")

    def _initialise(self) -> None:
        arguments = ["-D", str(self.folder / "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        ended = subprocess.run([self._programs / "initdb", *arguments], capture_output=True, text=True, **self._as_user())
        if ended.returncode:
            raise Missing(f"initdb: {ended.stderr.strip()}")
        rules = self.folder / "data" / "pg_hba.conf"
        rules.write_text(f"local all {CLERK} scram-sha-256\nlocal all all trust\n")

    def _start(self) -> subprocess.Popen[bytes]:
        settings = [word for setting in (*self._settings, f"unix_socket_directories={self.folder}") for word in ("-c", setting)]
        with open(self.folder / "log", "wb") as log:
            return subprocess.Popen(
                [self._programs / "postgres", "-D", self.folder / "data", *settings],
                stdout=log,
                stderr=log,
                preexec_fn=_die_with_parent,
                **self._as_user(),
            )

    def _connected(self) -> psycopg.Connection:
        until = time.monotonic() + _START_SECONDS
        while True:
            try:
                return psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True)
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > until:
                    raise Missing((self.folder / "log").read_text()) from None
                time.sleep(0.05)

    def _as_user(self) -> dict[str, Any]:
        own: dict[str, Any] = {"cwd": "/"}
        return own | {"user": self._user.pw_uid, "group": self._user.pw_gid} if self._user else own

    def run(self, statement: str) -> None:
        """Run a statement as administrator."""
        self._admin.execute(statement.encode())

    def url(self, database: str, user: str = "postgres", password: str = "") -> str:
        """The address of a database as `--database` takes it."""
        return f"postgresql://{user}{':' + password if password else ''}@/{database}?host={self.folder}"

    def create(self, template: str = "template1") -> str:
        """A new database, a copy of `template`; answers its name. Nobody may be connected to the template."""
        name = f"t{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name

    def clear(self, database: str) -> None:
        """Empty a county's database: a hundred times as fast as making another one. Idle connections to it stay: a new one first learns
        of each table what the old ones know."""
        self.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}' AND state <> 'idle'")
        with psycopg.connect(host=str(self.folder), user="postgres", dbname=database, autocommit=True) as conn:
            tables = conn.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
            ).fetchall()
            conn.execute("; ".join(f'DELETE FROM "{name}"' for (name,) in tables).encode())

    def drop(self, database: str) -> None:
        """Drop a database, whoever is connected to it."""
        self.run(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def stop(self) -> None:
        """Stop the server and remove everything."""
        with suppress(AttributeError):
            self._admin.close()
        with suppress(AttributeError):
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(_START_SECONDS)
        shutil.rmtree(self.folder, ignore_errors=True)


def _unprivileged() -> Any:
    if os.getuid() != 0:
        return None
    import pwd  # here: Windows has none

    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        raise Missing("PostgreSQL refuses to run as root and there is no user `postgres`") from None


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)

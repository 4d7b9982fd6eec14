"""`cunzhan self-test`: checks that this installation works, on a temporary store of its own."""

from __future__ import annotations

import os
import secrets
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from cli.console import table
from cli.program import REFUSED, Answer, Call
from domain.words import _

SCOPE = "230826101202"
USER = "self-test"


def self_test(call: Call) -> Answer:
    """Run the steps one after another; a failed step does not prevent the others."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with tempfile.TemporaryDirectory(prefix="cunzhan-self-test-") as folder:
        trial = Trial(Path(folder))
        trials = (trial.store, trial.upgrade, trial.backup, trial.pages, trial.print, trial.scan, trial.sync)
        steps = [_tried(step.__name__, step, call) for step in trials]
    ok = all(step["ok"] for step in steps)
    rows = [(s["step"], _("好") if s["ok"] else _("不行"), s["seconds"], s["detail"]) for s in steps]
    text = table((_("步骤"), _("结果"), _("秒"), _("说明")), rows, most=100)
    return Answer({"ok": ok, "steps": steps}, text, 0 if ok else REFUSED)


def _tried(name: str, step: Callable[[], str], call: Call) -> dict[str, Any]:
    began = time.monotonic()
    try:
        ok, detail = True, step()
    except Exception as error:  # a self-test reports any failure
        ok, detail = False, f"{type(error).__name__}: {error}"
    call.console.progress(0, 0, name)
    return {"step": name, "ok": ok, "seconds": round(time.monotonic() - began, 2), "detail": detail}


class Trial:
    """A self-test's folder and steps; each step returns its result in a few words."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.password = secrets.token_hex(16)

    def store(self) -> str:
        """Create an encrypted store, write to it and read it."""
        from db import changes
        from db.store import Store

        store, _code = Store.create(self.folder / "store", scope=SCOPE, role="village", user=USER, password=self.password)
        with closing(store):
            with store.write("self-test") as session:
                person = {
                    "id": session.new_id(),
                    "village": SCOPE,
                    "name": "单晓梅",
                    "document": "other",
                    "id_number": "1",
                    "labour": "ordinary",
                }
                changes.insert(session, "person", [person])
            with store.read() as session:
                return f"{session.count('person')} person"

    def upgrade(self) -> str:
        """Upgrade an empty encrypted database through every migration."""
        from db import keys, upgrade
        from db.engine import sqlite_engine

        engine = sqlite_engine(self.folder / "old.db", keys.new_data_key())
        upgrade.run(engine)
        with engine.connect() as conn:
            found = upgrade.version(conn)
        engine.dispose()
        if found != upgrade.HEAD:
            raise RuntimeError(f"{found} instead of {upgrade.HEAD}")
        return f"version {found}"

    def backup(self) -> str:
        """Back the store up and open the backup."""
        from db import backup
        from db.store import Store

        file = self.folder / "self-test.zip"
        with closing(Store.open(self.folder / "store", user=USER, password=self.password)) as store:
            backup.backup(store, file)
        return f"{backup.verify(file, user=USER, password=self.password).records} records"

    def pages(self) -> str:
        """Open the window and each of its pages."""
        from desktop.self_test import open_pages

        return " ".join(open_pages(self.folder / "store", USER, self.password))

    def print(self) -> str:
        """Print a PDF."""
        from desktop.self_test import print_pdf

        return f"{print_pdf(self.folder / 'page.pdf')} bytes"

    def scan(self) -> str:
        """Recognise the code of a printed form on its scan."""
        from desktop.self_test import scan_again

        return scan_again(self.folder / "scan.pdf")

    def sync(self) -> str:
        """Enrol at a county in this process and exchange with it."""
        from db.county import County
        from db.store import Store
        from server.app import InProcess
        from server.devices import make_code
        from sync.station.enrol import enrol
        from sync.station.exchange import exchange

        county = County(f"sqlite:///{self.folder / 'county.db'}")
        with closing(county), closing(Store.open(self.folder / "store", user=USER, password=self.password)) as store:
            transport = InProcess(county)
            with county.write() as session:
                code = make_code(session, SCOPE, "village").code
            enrol(store, "http://127.0.0.1", code, transport=transport)
            return exchange(store, transport=transport).sentence()

"""Writes a store, the county's sealed batches, a snapshot and a stick both ways as this release makes them:
`python -m tests.data.make_release NAME`.

They stay in `tests/data/releases/NAME` for ever; `tests/sync/test_releases.py` reads every release there is. Everyone in them is invented.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select

from db import changes, exchange, keys
from db.conflicts import conflicts, resolve
from db.county import County
from db.exchange import unsent
from db.files import STORE_FILE
from db.held import held
from db.session import Session
from db.store import Store
from server.app import InProcess
from server.devices import make_code
from sync.county import bundle_intake
from sync.county.keys import county_keys
from sync.replica.pieces import cut
from sync.station.enrol import enrol
from sync.station.exchange import exchange as sync
from sync.station.stick import writing
from sync.wire import bundle
from sync.wire.envelope import SCHEMA

RELEASES = Path(__file__).parent / "releases"
PASSWORD = "correct horse"
VILLAGE = "230826101202"


def write(folder: Path) -> None:
    """Make the files of one release in `folder`."""
    keys._OPS, keys._MEMORY = 1, 8 * 1024
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as name, closing(County(f"sqlite:///{name}/county.db")) as county:
        stores = [_station(county, Path(name) / station) for station in ("first", "second")]
        _days(county, stores)
        with county.read() as session:
            facts = _facts(session) | {"county_key": county_keys(county).public.hex(), "schema": SCHEMA}
            batches = list(session.conn.execute(select(exchange.entry.c.body).order_by(exchange.entry.c.seq)).scalars())
            pieces = [body for _kind, body in cut(session.conn, VILLAGE)]
        _stick(county, stores, folder)
        with stores[0].engine.connect() as conn:
            conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        with stores[0].read() as session:
            facts["unsent"] = unsent(session)
        for store in stores:
            store.close()
        for file in (STORE_FILE, keys.KEY_FILE):
            shutil.copy(stores[0].home / file, folder / file)
    (folder / "batches.bin").write_bytes(msgspec.msgpack.encode(batches))
    (folder / "pieces.bin").write_bytes(msgspec.msgpack.encode(pieces))
    (folder / "facts.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _stick(county: County, stores: list[Store], folder: Path) -> None:
    """What waits goes to the county on a stick; its answer, with what the other laptop wrote meanwhile, is not read."""
    first, second = stores
    with second.write("登记") as session:
        changes.insert(session, "person", [{"id": session.new_id(), "village": VILLAGE, **_person(40)}])
    sync(second, transport=InProcess(county))
    writing.write(first, folder / "up.czb")
    known = county_keys(county)
    taken = bundle_intake.take_all(county, known, bundle.read_file(folder / "up.czb"))
    bundle.write_file(folder / "down.czb", [found.raw for one in taken for found in one.written()])
    (folder / "county.key").write_text(bytes(known.signing).hex() + "\n", encoding="utf-8")  # of a county that never was


def _station(county: County, home: Path) -> Store:
    store, _code = Store.create(home, scope=VILLAGE, role="village", user="李文书", password=PASSWORD)
    with county.write() as session:
        code = make_code(session, VILLAGE, "village").code
    enrol(store, "http://127.0.0.1:1", code, transport=InProcess(county))
    return store


def _days(county: County, stores: list[Store]) -> None:
    """Every sort of change: insertions, edits, deletions and back, a conflict settled and one open, something held, something unsent."""
    first, second = stores
    line = InProcess(county)
    with first.write("导入") as session:
        people = [{"id": session.new_id(), "village": VILLAGE, **_person(n)} for n in range(40)]
        changes.insert(session, "person", people)
        wage: dict[str, Any] = {"employment_id": session.new_id(), "month": "2023-06", "paid_on": "2023-06", "amount": 380000}
        paid = {"id": session.new_id(), "village": VILLAGE, **wage}
        changes.insert(session, "wage", [paid])
    for store in (first, second):
        sync(store, transport=line)
    ids = [str(person["id"]) for person in people]
    for store, name in ((first, "甲名"), (second, "乙名")):
        with store.write("修改") as session:
            for id in ids[:2]:
                changes.update(session, "person", id, {"name": name, "phone": "13800000000"})
            changes.update(session, "wage", paid["id"], {"amount": 390000})
            changes.delete(session, "person", ids[5])
    for store in (first, second, first):
        sync(store, transport=line)
    with first.read() as session:
        settled = conflicts(session)[0].id
    with first.write("核对") as session:
        resolve(session, settled, "theirs")
    with second.write("恢复") as session:
        changes.undelete(session, "person", ids[5])
    for store in (first, second, first):
        sync(store, transport=line)
    with first.write("没有上传") as session:
        changes.update(session, "person", ids[7], {"note": "没有上传"})


def _person(n: int) -> dict[str, Any]:
    return {"name": f"人{n}", "document": "resident_id", "id_number": f"2308261970{n:07d}X", "labour": "ordinary", "note": f"第{n}户"}


def _facts(session: Session) -> dict[str, Any]:
    return {
        "persons": [[p.id, p.name, p.phone, p.note] for p in session.select("person")],
        "wages": [[w.id, w.amount] for w in session.select("wage")],
        "conflicts": sorted([c.record_id, c.field, c.state] for c in conflicts(session, settled=True)),
        "held": sorted([h.record_id, h.reason] for h in held(session)),
    }


if __name__ == "__main__":
    write(RELEASES / sys.argv[1])

"""Files that are carried between the stations and the county of a `World`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlalchemy import select

from db.bundles import bundle as noted
from db.county import County
from db.exchange import device, entry, outbox
from db.mapping import TABLES
from db.store import Store
from sync.county import bundle_intake
from sync.county.keys import county_keys
from sync.station.stick import courier, reading, writing
from sync.station.stick.results import ReadResult
from sync.wire import bundle
from sync.wire.bundle import Bundle
from tests.sync.conftest import World


class Sticks:
    """A world in which files are carried."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.folder = folder
        self.count = 0

    def path(self) -> Path:
        self.count += 1
        return self.folder / f"{self.count}.czb"

    def write(self, store: Store, code: str = "") -> Path:
        path = self.path()
        writing.write(store, path, code=code)
        return path

    def taken(self, path: Path) -> list[bundle_intake.Taken]:
        return list(bundle_intake.take_all(self.world.county, county_keys(self.world.county), bundle.read_file(path)))

    def county(self, path: Path) -> Path:
        """The county takes a file in; answers its reply."""
        return self.file(*(found for one in self.taken(path) for found in one.written()))

    def file(self, *bundles: Bundle) -> Path:
        path = self.path()
        bundle.write_file(path, [one.raw for one in bundles])
        return path

    def round(self, store: Store) -> ReadResult:
        return reading.read(store, self.county(self.write(store)))

    def station(self, name: str, scope: str) -> Store:
        """A station enrolled by stick."""
        store = self.world.store(name, scope)
        reading.read(store, self.county(self.write(store, code=self.world.code(scope))))
        return store


def everything(where: Store | County) -> str:
    """All that a store or the county holds of records, log and bundles, to see whether anything changed."""
    with where.read() as session:
        tables = [*TABLES.values(), entry, outbox, noted, device]
        rows: list[Any] = [[list(row) for row in session.conn.execute(select(t).order_by(*t.primary_key))] for t in tables]
    return json.dumps(rows, default=bytes.hex)


def states(store: Store) -> list[str]:
    with store.read() as session:
        return [one.state for one in courier.listed(session) if one.kind == "up"]


def suspected(world: World) -> list[int]:
    with world.county.read() as session:
        return list(session.conn.execute(select(device.c.suspected)).scalars())

"""A county without a network, its laptops, and the page of one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QLabel

from db.county import County
from db.store import Store
from desktop.station import Station
from desktop.sync import automatic, view_model
from desktop.sync.page import build
from domain.scopes import level_of
from server.app import InProcess
from server.devices import make_code
from services import records
from sync.station.enrol import enrol
from sync.station.exchange import exchange
from sync.station.result import ExchangeResult
from sync.wire.connection import HttpRequest, HttpResponse, NotConnected, Transport
from tests.conftest import TOWNSHIP, VILLAGE
from tests.fresh import new_county

SERVER = "http://127.0.0.1:1"
MINE, THEIRS = "6217009876546620", "6217001234568813"


class Line(Transport):
    """The way to the county; `cut` drops so many requests."""

    def __init__(self, county: County) -> None:
        self.inner, self.cut = InProcess(county), 0

    def ask(self, request: HttpRequest) -> HttpResponse:
        if self.cut:
            self.cut -= 1
            raise NotConnected("cut")
        return self.inner.ask(request)


class World:
    """A county and its stations."""

    def __init__(self, folder: Path, make_store: Callable[..., Store]) -> None:
        self.county = new_county(folder)
        self.line = Line(self.county)
        self.store = make_store
        self.stations: list[Store] = []

    def code(self, scope: str) -> str:
        with self.county.write() as session:
            return make_code(session, scope, level_of(scope), 1).code

    def station(self, user: str, scope: str = VILLAGE) -> Store:
        made = self.store(scope, user)
        enrol(made, SERVER, self.code(scope), transport=self.line)
        self.stations.append(made)
        return made

    def sync(self, store: Store) -> ExchangeResult:
        return exchange(store, transport=self.line)

    def settle(self) -> None:
        """Exchange until everybody knows everything."""
        for _round in range(3):
            for store in self.stations:
                self.sync(store)


@pytest.fixture
def world(tmp_path, make_store, monkeypatch) -> Iterator[World]:
    made = World(tmp_path, make_store)
    for module in (view_model, automatic):
        monkeypatch.setattr(module, "exchange_now", lambda store, **given: exchange(store, **given, transport=made.line))
    monkeypatch.setattr(view_model, "enrol", lambda store, _server, code: enrol(store, SERVER, code, transport=made.line))
    yield made
    made.county.close()


@pytest.fixture
def open_page(in_front, frame):
    return lambda store: in_front(build(frame, Station(store)))


def register(store, name: str, number: str, **values: Any) -> str:
    with store.write(f"登记 {name}") as session:
        person = {"name": name, "document": "other", "id_number": number, "labour": "ordinary", **values}
        return records.save(session, "person", person)


def change(store, id: str, **values: Any) -> None:
    with store.write("修改") as session:
        records.save(session, "person", values, id)


def value(store, id: str, field: str) -> Any:
    with store.read() as session:
        return getattr(session.get("person", id), field)


def texts(widget) -> str:
    QCoreApplication.sendPostedEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


class Dispute:
    """周桂英's bank card was changed on two laptops; the township's came first."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.village = world.station("李文书")
        self.id = register(self.village, "周桂英", "A1002", phone="13800000001")
        self.township = world.station("王主任", TOWNSHIP)
        world.settle()
        change(self.township, self.id, bank_account=THEIRS, phone="13900000009")
        world.sync(self.township)
        change(self.village, self.id, bank_account=MINE, phone="13700000007")
        world.sync(self.village)


@pytest.fixture
def dispute(world) -> Dispute:
    return Dispute(world)

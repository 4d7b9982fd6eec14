"""A real encrypted store in a temporary folder, with key stretching made cheap."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from db import keys
from db.store import Store

VILLAGE = "230826101202"
PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def cheap_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_OPS", 1)
    monkeypatch.setattr(keys, "_MEMORY", 8 * 1024)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    made, _code = Store.create(home, scope=VILLAGE, role="village", user="李文书", password=PASSWORD)
    yield made
    made.close()

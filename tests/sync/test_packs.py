"""Packs travel from the county to its stations, and count there only with the county's signature."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from nacl.signing import SigningKey

from cli.county import PROGRAM
from db.store import Store
from services import policies, screening
from sync.county import county_keys
from tests.sync.conftest import OTHER_VILLAGE, VILLAGE, World, add, assert_equal, both
from tests.sync.test_arbitration import migrant

OVERLAY = """format = 1
id = "O"
version = "{version}"
title = "试"
level = "county"
area = "230826"
base = "HLJ-2021-16"
from = 2023-01-01
to = 2025-12-31
[[rules]]
id = "{rule}"
params = {{cap = "{cap}"}}
"""


def overlay(tmp_path: Path, version: str = "1.0.0", cap: str = "900", rule: str = "R03") -> Path:
    file = tmp_path / "overlay.toml"
    file.write_text(OVERLAY.format(version=version, cap=cap, rule=rule), "utf-8")
    return file


def publish(world: World, file: Path) -> int:
    return PROGRAM.main(["--home", str(world.folder / "home"), "--database", world.county.url, "pack", "publish", str(file)])


def amount(store: Store) -> str:
    with store.read() as session:
        found = screening.screen(session, year=2023, rule="R03", on="2023-12-20")
    verdict = found[0].verdict
    return f"{verdict.amount // 100} {verdict.version}"


def known(store: Any) -> dict[str, str]:
    with store.read() as session:
        return {pack.id: pack.version for pack in policies.here(session)}


@both
def test_a_published_pack_is_used_at_every_station_from_its_next_exchange(world: World, tmp_path: Path) -> None:
    stores = [world.station("甲"), world.station("乙", OTHER_VILLAGE)]
    for store, number in zip(stores, ("230826198005050118", "230826198005050134"), strict=True):
        migrant(store, number=number)
    world.settle()
    assert [amount(store) for store in stores] == ["500 1.0.0"] * 2
    assert publish(world, overlay(tmp_path)) == 0
    assert "O" not in known(stores[0])
    world.settle()
    assert [amount(store) for store in stores] == ["900 1.0.0+O@1.0.0"] * 2
    assert publish(world, overlay(tmp_path, "1.1", "800")) == 0
    world.settle()
    assert [amount(store) for store in stores] == ["800 1.0.0+O@1.1"] * 2
    assert_equal(world)


@pytest.mark.parametrize(("version", "rule"), [("0.9", "R03"), ("1.0.1", "R99")])
def test_what_cannot_be_used_is_not_published(world: World, tmp_path: Path, version: str, rule: str, capsys: Any) -> None:
    a = world.station("甲")
    assert publish(world, overlay(tmp_path)) == 0
    assert publish(world, overlay(tmp_path, version, "100", rule)) == 3
    told = capsys.readouterr().err
    assert told.strip().splitlines()[-1].endswith(("。", "R99"))
    world.settle()
    assert known(a)["O"] == "1.0.0"


@pytest.mark.parametrize("content", ["not a pack", 7, None, {"a": 1}, "stranger", "unsigned"])
def test_only_the_countys_signature_counts(world: World, tmp_path: Path, content: Any) -> None:
    a, b = world.station("甲"), world.station("乙")
    data = overlay(tmp_path).read_bytes()
    content = policies.sign(data, SigningKey(b"s" * 32)).decode() if content == "stranger" else content
    add(a, "policy_pack", village=VILLAGE, pack="O", version="9", content=data.decode() if content == "unsigned" else content)
    world.settle()
    assert known(b) == known(a) == {pack.id: pack.version for pack in policies.shipped()}


def test_an_older_version_passed_on_does_not_come_back(world: World, tmp_path: Path) -> None:
    a = world.station("甲")
    old = policies.sign(overlay(tmp_path).read_bytes(), county_keys(world.county).signing).decode()
    assert publish(world, overlay(tmp_path, "2")) == 0
    world.settle()
    add(a, "policy_pack", village=VILLAGE, pack="O", version="1.0.0", content=old)
    world.settle()
    assert known(a)["O"] == "2"

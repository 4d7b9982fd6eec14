"""The county's commands while its server is at work, and two of them at once: nothing hangs, nothing half done is ever seen, and in the end
every replica is equal."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from cli import county as program
from db import county_backup
from db.alone import alone
from db.session import Session
from db.store import Store
from domain.dependents import ERASED
from domain.errors import CannotWrite, Refused
from services.forms import templates
from sync.county.acts import authoring, erasure, moves
from sync.county.acts.authoring import lock
from sync.replica import identity
from sync.station import asking, rounds
from sync.station.sealing import seal
from tests.packs import head
from tests.sync.conftest import OTHER_VILLAGE, PASSWORD, TOWNSHIP, VILLAGE, World, add, assert_equal, both, get, put
from tests.sync.sticks import suspected
from tests.sync.test_county_backup import sound

LONG = 240
"""Seconds after which something hangs."""


def at_once(*works: Callable[[], object]) -> list[BaseException]:
    """Do things at the same time; answers what they raised."""
    start = threading.Barrier(len(works))

    def begun(work: Callable[[], object]) -> None:
        start.wait()
        work()

    with ThreadPoolExecutor(len(works)) as pool:
        done = [pool.submit(begun, work) for work in works]
        return [error for one in done if (error := one.exception(LONG)) is not None]


@pytest.fixture
def command(world: World, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Callable[[], None]]:
    """A command of the county's program on a connection of its own, as another process would have."""
    monkeypatch.setenv("CUNZHAN_PASSWORD", PASSWORD)

    def made(*arguments: object) -> Callable[[], None]:
        def work() -> None:
            assert program.PROGRAM.main([*map(str, arguments), "--database", world.county.url]) == 0

        return work

    return made


def at_work(world: World, store: Store, id: str) -> Callable[[], None]:
    """A station that changes a record and exchanges, again and again."""

    def work() -> None:
        for n in range(6):
            put(store, id, note=str(n))
            world.sync(store)

    return work


@both
def test_commands_beside_a_server_at_work_and_beside_each_other(
    world: World, tmp_path: Path, command: Callable[..., Callable[[], None]]
) -> None:
    a, b = world.station("甲"), world.station("乙")
    ids = [add(a) for _n in range(6)]
    world.settle()
    raised = at_once(
        at_work(world, a, ids[0]),
        at_work(world, b, ids[1]),
        *(command("backup", tmp_path / f"{n}.zip") for n in range(2)),
        *(command("erase", "--person", id, "--reason", "到期") for id in ids[2:4]),
        command("move", "--person", ids[4], "--to", OTHER_VILLAGE),
        command("check"),
        command("status"),
    )
    assert raised == []
    world.settle()
    sound(world.county)
    assert_equal(world)
    assert [get(a, id).note for id in ids[:2]] == ["5", "5"]
    assert all(get(where, id).name.startswith("已按规定删除") for where in (a, b) for id in ids[2:4])
    assert get(world.county, ids[4]).village == OTHER_VILLAGE


@both
def test_a_county_is_put_back_while_its_server_is_at_work(world: World, tmp_path: Path, command: Callable[..., Callable[[], None]]) -> None:
    a, b = world.station("甲"), world.station("乙")
    ids = [add(a) for _n in range(3)]
    world.settle()
    county_backup.backup(world.county, tmp_path / "county.zip", PASSWORD)
    made = add(a)
    world.settle()
    raised = at_once(at_work(world, a, ids[0]), at_work(world, b, ids[1]), command("restore", tmp_path / "county.zip", "--force"))
    assert raised == []
    world.sync()  # what is handed in once more is nobody's news yet
    world.settle()
    sound(world.county)
    assert_equal(world)
    assert [get(b, id).note for id in ids[:2]] == ["5", "5"]
    assert get(world.county, made) is not None


@pytest.mark.parametrize("world", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
@pytest.mark.parametrize("waits", ["erase", "move", "merge"])
def test_what_moves_while_a_command_waits_for_it_is_found_where_it_went(
    world: World, command: Callable[..., Callable[[], None]], monkeypatch: pytest.MonkeyPatch, waits: str
) -> None:
    """Her data stayed in the village she had moved to, the erasure said it was done, and people moved into a village that was no more."""
    a, town = world.station("甲"), world.station("镇", TOWNSHIP)
    id = add(a)
    job = add(a, "employment", person_id=id, channel="migrant", place="210200", start="2023-02-10", employer_name="某某厂")
    world.settle()
    works = {
        "erase": (erasure, ("erase", "--person", id, "--reason", "到期"), ("move", "--person", id, "--to", OTHER_VILLAGE)),
        "move": (moves, ("move", "--person", id, "--to", OTHER_VILLAGE), ("merge-villages", OTHER_VILLAGE, VILLAGE)),
        "merge": (moves, ("merge-villages", VILLAGE, OTHER_VILLAGE), ("merge-villages", OTHER_VILLAGE, VILLAGE)),
    }
    where, slow, quick = works[waits]
    others = [command(*quick)]

    def locked(session: Session, scopes: Sequence[str]) -> None:
        if others:
            others.pop()()  # it was first
        lock(session, scopes)

    monkeypatch.setattr(where, "lock", locked)
    with suppress(AssertionError):  # refused
        command(*slow)()
    world.settle()
    sound(world.county)
    assert_equal(world)
    for store in (town, world.county):
        found = get(store, id), get(store, job, "employment")
        if waits == "erase":
            assert (found[0].name, found[1].employer_name, found[0].village) == (ERASED, None, OTHER_VILLAGE)
        else:
            assert {one.village for one in found} == {VILLAGE}


@pytest.mark.parametrize("world", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_of_two_commands_in_each_other_s_way_both_are_done(
    world: World, command: Callable[..., Callable[[], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An erasure holds the village she lives in and wants the one she came from, a move the other way round: one ended with an error."""
    a = world.station("甲")
    her, other = add(a), add(a)
    world.settle()
    command("move", "--person", her, "--to", OTHER_VILLAGE)()
    held = {name: threading.Event() for name in ("erase", "move")}

    def erasing(session: Session, scopes: Sequence[str]) -> None:
        if held["erase"].is_set():
            held["move"].wait(LONG)
        lock(session, scopes)
        held["erase"].set()

    def moving(session: Session, scopes: Sequence[str]) -> None:
        held["erase"].wait(LONG)
        for scope in sorted(scopes):
            lock(session, [scope])
            held["move"].set()

    monkeypatch.setattr(erasure, "lock", erasing)
    monkeypatch.setattr(moves, "lock", moving)
    raised = at_once(command("erase", "--person", her, "--reason", "到期"), command("move", "--person", other, "--to", OTHER_VILLAGE))
    assert raised == []
    assert get(world.county, her).name == ERASED
    assert get(world.county, other).village == OTHER_VILLAGE
    world.settle()
    sound(world.county)
    assert_equal(world)


@pytest.mark.parametrize("world", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_of_two_who_publish_one_version_with_other_words_one_is_told(
    world: World, tmp_path: Path, command: Callable[..., Callable[[], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    world.station("甲")
    others = []
    for n, cap in enumerate(("700", "800")):
        file = tmp_path / f"{n}.toml"
        file.write_text(head(start="2023-01-01") + f'[[rules]]\nid = "R03"\nparams = {{cap = "{cap}"}}\n', "utf-8")
        others.append(command("--home", tmp_path / f"home{n}", "pack", "publish", file))
    slow = others.pop()

    def locked(session: Session, scopes: Sequence[str]) -> None:
        if others:
            others.pop()()  # it was first
        lock(session, scopes)

    monkeypatch.setattr(authoring, "lock", locked)
    with pytest.raises(AssertionError):  # refused
        slow()
    with world.county.read() as session:
        assert [row.pack for row in session.select("policy_pack")] == ["O"]


@pytest.mark.parametrize("world", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_of_two_who_publish_a_form_the_one_who_waited_has_the_higher_version(
    world: World, tmp_path: Path, command: Callable[..., Callable[[], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    world.station("甲")
    templates.blank("application", tmp_path / "a.xlsx")
    slow, *others = (command("template", "publish", "application", tmp_path / "a.xlsx") for _n in range(2))

    def locked(session: Session, scopes: Sequence[str]) -> None:
        if others:
            others.pop()()  # it was first
        lock(session, scopes)

    monkeypatch.setattr(authoring, "lock", locked)
    slow()
    with world.county.read() as session:
        assert sorted(row.version for row in session.select("policy_pack")) == ["1", "2"]


def test_two_exchanges_of_one_store_wait_for_each_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The window and `cunzhan sync` at once presented each other's tokens: to the county, a store and its copy."""
    monkeypatch.setattr(seal, "BATCH_SIZE", 1)
    monkeypatch.setattr(rounds, "FIRST_BUDGET", 1)
    monkeypatch.setattr(rounds, "LAST_BUDGET", 1)
    store = world.station("甲")
    second = Store.open(store.home, user=None, password=PASSWORD)
    ids = [add(store) for _n in range(12)]
    assert at_once(lambda: world.sync(store), lambda: world.sync(second)) == []
    second.close()
    assert suspected(world) == [0]
    with store.read() as session:
        me = identity.load(session)
    assert me is not None
    assert me.incarnation == 1
    assert all(get(world.county, id) for id in ids)


def test_an_exchange_does_not_wait_for_ever(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    store = world.station("甲")
    monkeypatch.setattr(asking, "_PATIENCE", 0.05)
    with alone(store.home / "exchange.lock", 1, ""), pytest.raises(Refused, match="正在同步"):
        world.sync(store)
    world.sync(store)


def test_where_no_lock_can_be_made_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="写不进去"), alone(tmp_path / "gone" / "exchange.lock", 1, ""):
        pass

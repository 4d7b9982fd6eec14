"""Every order in which a few things can happen: all words over small alphabets of actions, each played on a county with two laptops of a
village (three where somebody moves), then settled and checked like a random day (`tests.sync.days`).

Most faults of a protocol show in a small scope: few actions of few participants in the right order (D. Jackson, Software Abstractions,
2006, ch. 5). Of words that differ only by the order of independent actions one is played (A. Mazurkiewicz, Trace Theory, 1986).

Every run plays some of the words of five actions, another share with each seed. CUNZHAN_ORDERS=4 plays all words of four, some 8 000, and
CUNZHAN_ORDERS=abXB that word.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from db import changes, keys
from db.county import County
from db.store import Store
from domain.errors import Unreachable
from sync.county.acts import moves
from sync.county.keys import county_keys
from sync.station import rounds
from sync.station.sealing import seal
from sync.station.stick import reading
from sync.wire.words import BundleError
from tests.seeds import seeds
from tests.sync import dice
from tests.sync.conftest import OTHER_VILLAGE, PASSWORD, VILLAGE, World, add, put_back, save, snapshots_where
from tests.sync.days import Disasters, check_invariants
from tests.sync.mishaps import PowerCut, failing
from tests.sync.sticks import Sticks, suspected

ASKED = os.environ.get("CUNZHAN_ORDERS", "")
LENGTH, FEW = 5, 8
"""Without `ASKED`: the length of the words, and how many of each alphabet a seed plays."""
MOMENTS = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳㉑㉒㉓㉔"
"""Commits of an exchange: seven of one with a request, 24 of one with a request for each of three changes."""
ACTIONS: Mapping[str, tuple[str, str]] = {
    "a": ("name", "甲"),
    "b": ("name", "乙"),
    "p": ("phone", "甲"),
    "d": ("delete", "甲"),
    "g": ("delete", "乙"),
    "u": ("undelete", "乙"),
    "A": ("sync", "甲"),
    "B": ("sync", "乙"),
    "X": ("lose_answer", "甲"),
    "Y": ("lose_answer", "乙"),
    "w": ("write_stick", "甲"),
    "V": ("carry_up", ""),
    "r": ("carry_down", "甲"),
    "k": ("back_up_station", "甲"),
    "z": ("restore_station", "甲"),
    "c": ("clone", "甲"),
    "n": ("name", "甲2"),
    "N": ("sync", "甲2"),
    "o": ("name", "旧"),
    "O": ("sync", "旧"),
    "q": ("name", "丙"),
    "Q": ("sync", "丙"),
    "M": ("move_person", ""),
    **dict.fromkeys(MOMENTS, ("power", "甲")),
    "e": ("names", "甲"),
    "S": ("save_county_now", ""),
    "T": ("put_county_back_now", ""),
}
"""What each letter stands for: the action, and the laptop. Those in lower case touch nothing but their laptop."""
ALPHABETS = {
    "lines": "abpdguABX",
    "sticks": "abABwVr",
    "copies": "abABcnN",
    "restores": "abABkzoO",
    "county": "abABXYST",
    "moves": "abqABQM",
    "power": f"abAB{MOMENTS[:7]}",
    "rounds": f"eB{MOMENTS}",
}
NEEDS = {"V": "w", "r": "V", "z": "k", "o": "z", "O": "z", "n": "c", "N": "c", "T": "S", "u": "dg", "q": "M", "Q": "M"} | dict.fromkeys(
    MOMENTS[7:], "e"
)
"""Actions that can do nothing unless one of these came before."""
ONCE = "cz"
"""Actions that make another laptop."""


def words(alphabet: str, length: int, before: str = "") -> Iterator[str]:
    """The words of a length: of those that differ only by the order of independent actions the first, and none with an idle action."""
    if len(before) == length:
        yield before
        return
    for letter in alphabet:
        if _may_follow(before, letter):
            yield from words(alphabet, length, before + letter)


def _may_follow(before: str, letter: str) -> bool:
    if letter in NEEDS and not set(NEEDS[letter]) & set(before):
        return False
    if letter in ONCE and letter in before:
        return False
    return not (before and _independent(before[-1], letter) and letter < before[-1])


def _independent(one: str, other: str) -> bool:
    """Whether the two meet nothing of each other: on different laptops, and at most one of them at the county."""
    places = {ACTIONS[one][1], ACTIONS[other][1]}
    carried = {one, other} <= set("wVr") or {one, other} & set("cz")  # a stick, or a laptop that is there from then on
    return len(places) == 2 and (one.islower() or other.islower()) and not carried


class Small(Disasters):
    """Two laptops of a village that both know one person."""

    def __init__(self, world: World, stores: Sequence[Store]) -> None:
        self.world = world
        self.stores = list(stores)
        self.sticks = Sticks(world, world.folder / "stick")
        self.backups, self.written, self.replaced = {}, {}, set()
        self.up: list[Path] = []
        self.down: list[Path] = []
        self.count = 0
        for store in stores:
            world.stations[store.home.name] = store
        self.township = stores[0]

    def act(self, letter: str) -> None:
        """Let one thing happen."""
        name, who = ACTIONS[letter]
        store = self.world.stations.get(who or "甲")
        if store is not None:
            getattr(self, name)(store, *([MOMENTS.index(letter) + 1] if letter in MOMENTS else []))

    def _set(self, store: Store, field: str) -> None:
        for person in self.rows(store, "person"):
            value = self.value(f"{store.home.name}-")
            with store.write("修改") as session:
                changes.update(session, "person", person.id, {field: value})
            self.wrote(person.id, field, getattr(person, field), value)

    def name(self, store: Store) -> None:
        self._set(store, "name")

    def names(self, store: Store) -> None:
        for _n in range(3):
            self.name(store)

    def phone(self, store: Store) -> None:
        self._set(store, "phone")

    def delete(self, store: Store) -> None:
        for person in self.rows(store, "person"):
            with store.write("删除") as session:
                changes.delete(session, "person", person.id)

    def undelete(self, store: Store) -> None:
        for person in self.rows(store, "person", deleted=True):
            with store.write("恢复") as session:
                changes.undelete(session, "person", person.id)

    def sync(self, store: Store) -> None:
        self.world.sync(store)

    def lose_answer(self, store: Store) -> None:
        self.world.line.after = 1
        with contextlib.suppress(Unreachable):
            self.world.sync(store)
        self.world.line.after = 0

    def power(self, store: Store, moment: int) -> None:
        """The power fails at this commit of an exchange, counted at the laptop and the county together."""
        with failing(moment, store.engine, self.world.county.engine), contextlib.suppress(PowerCut, Unreachable):
            self.world.sync(store)
        store.close()
        self.world.stations[store.home.name] = Store.open(store.home, user=None, password=PASSWORD)

    def move_person(self, _store: Store) -> None:
        """The county moves the person to the other village, or back."""
        keys = county_keys(self.world.county)
        with self.world.county.write() as session:
            person = session.select("person")[0]
            moves.move(session, keys, "person", person.id, OTHER_VILLAGE if person.village == VILLAGE else VILLAGE)

    def write_stick(self, store: Store) -> None:
        path = self.sticks.write(store)
        if path.exists():
            self.up.append(path)

    def carry_up(self, _store: Store) -> None:
        """The county reads the latest stick: older ones come late, or never."""
        if self.up:
            with contextlib.suppress(BundleError):
                self.down.append(self.sticks.county(self.up.pop()))

    def carry_down(self, store: Store) -> None:
        if self.down:
            with contextlib.suppress(BundleError):
                reading.read(store, self.down.pop())

    def back_up_station(self, store: Store) -> None:
        self.back_up(store)

    def restore_station(self, store: Store) -> None:
        """What was put aside goes on working."""
        self.put_back(store)

    def named(self, _store: Store) -> Path:
        return self.world.folder / "旧"

    def clone(self, store: Store) -> None:
        store.engine.dispose()
        home = self.world.folder / "甲2"
        shutil.copytree(store.home, home)
        self.opened(home)

    def save_county_now(self, _store: Store) -> None:
        save(self.world)

    def put_county_back_now(self, _store: Store) -> None:
        put_back(self.world)


@pytest.fixture(scope="module")
def beginning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A county and three laptops, two of which know one person, to copy."""
    folder = tmp_path_factory.mktemp("beginning")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "_OPS", 1)
        patch.setattr(keys, "_MEMORY", 8 * 1024)
        dice.load(1, patch)
        world = World(folder)
        one, _two, _three = world.station("甲"), world.station("乙"), world.station("丙", OTHER_VILLAGE)
        add(one, name="张三", phone="1")
        world.settle()
        for store in world.stations.values():
            store.close()  # to keep it: what a world does not close itself goes to the next one
        world.close()
    (folder / "stick").mkdir()
    return folder


def played(word: str, beginning: Path, folder: Path, *, by_snapshot: bool) -> None:
    """Play a word on a copy of the beginning, settle, and check. `by_snapshot`: the county answers with snapshots only."""
    shutil.copytree(beginning, folder)
    with pytest.MonkeyPatch.context() as patch:
        dice.load(2, patch)
        if by_snapshot:
            snapshots_where(patch, lambda _s, _scope, cursor, head: head > cursor)
        if "e" in word:  # each act a batch, each batch a request
            patch.setattr(seal, "BATCH_SIZE", 1)
            patch.setattr(rounds, "FIRST_BUDGET", 1)
            patch.setattr(rounds, "LAST_BUDGET", 1)
        world = World(folder, County(f"sqlite:///{folder}/county.db"))
        there = ("甲", "乙", "丙") if "M" in word else ("甲", "乙")
        try:
            day = Small(world, [Store.open(folder / name, user=None, password=PASSWORD) for name in there])
            for letter in word:
                day.act(letter)
            world.settle()
            check_invariants(day)
            if not set(word) & set("cznT"):
                assert not any(suspected(world)), "copies where nobody made one"
        finally:
            world.close()
    shutil.rmtree(folder)


def chosen(alphabet: str) -> list[str]:
    """The words to play in this run."""
    if ASKED and not ASKED.isdecimal():
        return [ASKED] * (set(ASKED) <= set(alphabet))
    found = list(words(alphabet, int(ASKED or LENGTH)))
    share = max(1, len(found) // FEW)
    return found if ASKED else [word for seed in seeds(1) for word in found[seed % share :: share]]


@pytest.mark.parametrize("name", ALPHABETS)
def test_no_order_of_few_actions_loses_anything(name: str, beginning: Path, tmp_path: Path) -> None:
    for n, word in enumerate(chosen(ALPHABETS[name])):
        for by_snapshot in (False, True) if ASKED else (n % 2 == 1,):
            try:
                played(word, beginning, tmp_path / f"{word}{by_snapshot:d}", by_snapshot=by_snapshot)
            except BaseException as error:
                error.add_note(f"CUNZHAN_ORDERS={word}, {'by snapshot' if by_snapshot else 'by the log'}")
                raise


def test_of_equivalent_words_one_is_played() -> None:
    assert list(words("abA", 2)) == ["aa", "ab", "aA", "bb", "Aa", "Ab", "AA"]

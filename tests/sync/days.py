"""Days of several laptops: random work, cut lines, copies and restores, moves, a county put back, with the books kept.

The books hold every value written and what its writer saw. What must always hold is stated, not the outcome of a day: after quiescence
all replicas are equal, and every value ever written is current, was replaced by someone who had it on the screen, or is listed.
"""

from __future__ import annotations

import contextlib
import json
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from db import backup, changes
from db import store as store_module
from db.conflicts import conflicts, resolve
from db.county import County
from db.exchange import conflict, held_change
from db.store import Store
from domain.errors import DomainError, Unreachable
from domain.fields import kind_of
from sync.county.acts import moves
from sync.county.keys import county_keys
from tests.sync import dice
from tests.sync.conftest import OTHER_VILLAGE, PASSWORD, TOWNSHIP, VILLAGE, World, assert_equal, person_values, put_back, save

FIELDS = ("name", "phone", "note", "bank_account")
BOOKED = (("person", (*FIELDS, "household_id", "relation")), ("monthly_check", ("place",)))
"""What is written into these fields is kept in the books."""
Key = tuple[str, str]


class Day:
    """Random work on random laptops, and a record of every value written and of what its writer saw."""

    def __init__(self, world: World, seed: int) -> None:
        self.random = random.Random(seed)
        self.world = world
        self.villages = [world.station("甲"), world.station("乙"), world.station("丙", OTHER_VILLAGE)]
        self.township = world.station("镇", TOWNSHIP)
        self.stores = [*self.villages, self.township]
        self.backups: dict[str, Path] = {}
        self.written: dict[tuple[str, str, str], set[str]] = {}
        self.replaced: set[tuple[str, str, str]] = set()
        self.count = 0

    def run(self, steps: int) -> None:
        for _n in range(steps):
            store = self.random.choice(self.stores)
            self.random.choices(*zip(*self.actions(), strict=True))[0](store)
        self.world.line.before = self.world.line.after = 0
        self.world.settle()

    def actions(self) -> list[tuple[Callable[[Store], None], int]]:
        """What may happen, and how often."""
        work = [(self.insert, 3), (self.edit, 9), (self.delete, 1), (self.undelete, 1), (self.check, 2), (self.pay, 2), (self.decide, 2)]
        return [*work, (self.sync, 6)]

    def value(self, prefix: str = "") -> str:
        self.count += 1
        return f"{prefix}{self.count:06d}"

    def rows(self, store: Store, kind: str, *, deleted: bool = False) -> list[Any]:
        with store.read() as session:
            found = [r for r in session.select(kind, deleted=deleted) if (r.deleted_at is not None) == deleted]
            return sorted((r for r in found if session.may_write(r.village)), key=_ordered)

    def insert(self, store: Store) -> None:
        with store.write("新增") as session:
            rows = []
            for _n in range(self.random.choice((1, 1, 1, 5))):
                village = self.random.choice((VILLAGE, OTHER_VILLAGE)) if store.scope == TOWNSHIP else store.scope
                values = person_values(**{name: self.value(name) for name in _known(("name", "note"))})
                rows.append({"id": session.new_id(), "village": village, **values})
            changes.insert(session, "person", rows)
        for row in rows:
            for name in _known(("name", "note")):
                self.wrote(row["id"], name, None, row[name])

    def wrote(self, id: str, name: str, before: str | None, value: str) -> None:
        self.written.setdefault((id, name, value), set())
        if before is not None:
            self.replaced.add((id, name, before))

    def edit(self, store: Store) -> None:
        people = self.rows(store, "person")
        if not people:
            return
        person = self.random.choice(people)
        names = self.random.sample(_known(FIELDS), self.random.choice((1, 1, 2)))
        values = {name: self.value() for name in names}
        try:
            with store.write("修改") as session:
                changes.update(session, "person", person.id, values)
        except DomainError:  # erased
            return
        for name, value in values.items():
            self.wrote(person.id, name, getattr(person, name), value)

    @contextlib.contextmanager
    def booked(self, store: Store | County) -> Iterator[None]:
        """Whatever a deed writes into fields of the books is entered there."""
        before = self.values(store)
        yield
        after = self.values(store)
        for place, value in after.items():
            old = before.get(place)
            if value != old:
                self.replaced |= {(*place, old)} if old is not None else set()
                self.written |= {(*place, value): set()} if value is not None else {}

    def values(self, store: Store | County) -> dict[Key, str | None]:
        with store.read() as session:
            rows = [(row, name) for kind, names in BOOKED for row in session.select(kind, deleted=True) for name in names]
            return {(row.id, name): getattr(row, name, None) for row, name in rows}

    def delete(self, store: Store) -> None:
        people = self.rows(store, "person")
        if people:
            with store.write("删除") as session:
                changes.delete(session, "person", self.random.choice(people).id)

    def undelete(self, store: Store) -> None:
        people = self.rows(store, "person", deleted=True)
        if people:
            with store.write("恢复") as session:
                changes.undelete(session, "person", self.random.choice(people).id)

    def check(self, store: Store) -> None:
        """A row with a natural key: two laptops may make the same one."""
        people = self.rows(store, "person")
        if not people:
            return
        person = self.random.choice(people)
        values = {
            "person_id": person.id,
            "month": "2023-06",
            "status": "away",
            "place": self.value("地"),
            "income": self.random.randint(1, 3),
        }
        with store.write("月监测") as session:
            id = session.natural_id("monthly_check", person.village, values)
            found = session.get("monthly_check", id, deleted=True)
            if found is None:
                changes.insert(session, "monthly_check", [{"id": id, "village": person.village, **values}])
                before = None
            elif found.deleted_at is None:
                changes.update(session, "monthly_check", id, {"place": values["place"], "income": values["income"]})
                before = found.place
            else:
                return
        self.wrote(id, "place", before, values["place"])

    def pay(self, store: Store) -> None:
        """An append-only kind: an empty field may be filled once, a row withdrawn."""
        wages = self.rows(store, "wage")
        if wages and self.random.random() < 0.5:
            wage = self.random.choice(wages)
            with store.write("工资") as session:
                if wage.pay_way is None and self.random.random() < 0.7:
                    changes.update(session, "wage", wage.id, {"pay_way": self.random.choice(("bank", "cash", "wechat"))})
                else:
                    changes.delete(session, "wage", wage.id)
            return
        village = VILLAGE if store.scope == TOWNSHIP else store.scope
        with store.write("工资") as session:
            values = {"employment_id": session.new_id(), "month": "2023-06", "paid_on": "2023-06", "amount": self.random.randint(1, 10**6)}
            changes.insert(session, "wage", [{"id": session.new_id(), "village": village, **values}])

    def decide(self, store: Store) -> None:
        with store.read() as session:
            mine = sorted((c for c in conflicts(session) if session.may_write(c.scope)), key=lambda c: (str(c.mine), str(c.theirs)))
        if not mine:
            return
        chosen = self.random.choice(mine)
        keep = self.random.choice(("mine", "theirs"))
        with store.read() as session:
            row = session.get(chosen.kind, chosen.record_id, deleted=True)
        if row is None:  # it moved away
            with pytest.raises(DomainError, match="转到别的村"), store.write("核对") as session:
                resolve(session, chosen.id, keep)
            return
        with store.write("核对") as session:
            before = None if chosen.declaration is None else getattr(row, chosen.field)
            resolve(session, chosen.id, keep)
        if chosen.declaration is not None and before is not None:
            after = chosen.mine if keep == "mine" else chosen.theirs
            if after != before:
                self.replaced.add((chosen.record_id, chosen.field, before))
                self.replaced.discard((chosen.record_id, chosen.field, str(after)))

    def sync(self, store: Store) -> None:
        self.world.line.before = int(self.random.random() < 0.15)
        self.world.line.after = int(self.random.random() < 0.3)
        with contextlib.suppress(Unreachable):
            self.world.sync(store)

    def lost(self) -> list[tuple[str, str, str]]:
        """Values that are not current, were not replaced by someone who saw them, and are not listed."""
        with self.world.county.read() as session:
            current = {
                (r.id, name, str(getattr(r, name))) for kind, names in BOOKED for r in session.select(kind, deleted=True) for name in names
            }
            listed = {
                (row.row_id, str(json.loads(value))) for row in session.conn.execute(select(conflict)) for value in (row.earlier, row.later)
            }
            listed |= {
                (row.row_id, str(value)) for row in session.conn.execute(select(held_change)) for value in json.loads(row.values).values()
            }
        return [w for w in self.written if w not in current and w not in self.replaced and (w[0], w[2]) not in listed]


def _known(names: Sequence[str]) -> list[str]:
    """Fields of a person the program that runs knows: nobody can write others (`tests.sync.test_versions.Programs`)."""
    return [name for name in names if name in kind_of("person").by_name]


def _ordered(row: Any) -> list[str]:
    """Rows stand by what was written, not by their random ids: a seed finds the same one again."""
    return [str(getattr(row, name, "")) for name in ("name", "place", "amount", "to_state")]


class Moves(Day):
    """A day on which the county moves people to and fro, and records of people are merged and parted."""

    def actions(self) -> list[tuple[Callable[[Store], None], int]]:
        """The same, and moves and merges."""
        return [*super().actions(), (self.move, 2), (self.merge, 2)]

    def move(self, _store: Store) -> None:
        """The county moves a person to the other village, with the checks; laptops hear of it when they hear of it."""
        keys = county_keys(self.world.county)
        with contextlib.suppress(DomainError), self.world.county.write() as session:  # the other village may be closed
            people = sorted((p for p in session.select("person") if not p.merged_into), key=_ordered)
            if people:
                person = self.random.choice(people)
                to = OTHER_VILLAGE if person.village == VILLAGE else VILLAGE
                moves.move(session, keys, "person", person.id, to)

    def merge(self, store: Store) -> None:
        """One of two rows of a person points at the other, or no longer does."""
        people = self.rows(store, "person")
        if len(people) > 1:
            one, other = self.random.sample(people, 2)
            with store.write("合并") as session:
                changes.update(session, "person", one.id, {"merged_into": None if one.merged_into else other.id})


class Copies(Day):
    """A day on which data folders are copied, and backups put back; whatever was put aside goes on working too."""

    def actions(self) -> list[tuple[Callable[[Store], None], int]]:
        """The same, and copies."""
        return [*super().actions(), (self.copy, 1), (self.back_up, 1), (self.put_back, 1)]

    def copy(self, store: Store) -> None:
        if len(self.stores) < 7:
            store.engine.dispose()
            shutil.copytree(store.home, self.named(store))
            self.opened(self.named(store))

    def back_up(self, store: Store) -> None:
        self.backups[store.home.name] = backup.backup(store, self.world.folder / f"{store.home.name}.zip").file

    def put_back(self, store: Store) -> None:
        file = self.backups.pop(store.home.name, None)
        if file is None:
            return
        self.stores.remove(store)
        store.close()
        backup.restore(store.home, file, user=None, password=PASSWORD)
        aside = next(store.home.glob("before-restore-*"))
        aside.rename(self.named(store))
        self.opened(self.named(store))
        self.opened(store.home)

    def named(self, store: Store) -> Path:
        return self.world.folder / f"{store.home.name}{len(self.world.stations)}"

    def opened(self, home: Path) -> None:
        made = Store.open(home, user=None, password=PASSWORD)
        self.world.stations[home.name] = made
        self.stores.append(made)
        if self.township.home == home:
            self.township = made


class Disasters(Copies):
    """And the county is put back to what it was, as often as not unnoticed until somebody comes who knows more."""

    def actions(self) -> list[tuple[Callable[[Store], None], int]]:
        """The same, and the county's backups."""
        return [*super().actions(), (self.save_county, 2), (self.put_county_back, 1)]

    def save_county(self, _store: Store) -> None:
        save(self.world)

    def put_county_back(self, _store: Store) -> None:
        put_back(self.world)


def clocks(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every laptop's clock wrong, by decades; all chance and the county's clock from the seed."""
    dice.load(seed, monkeypatch)
    chosen = random.Random(seed + 1000)
    monkeypatch.setattr(store_module, "utc_now", lambda: f"{chosen.choice((2000, 2026, 2036))}-01-01T00:00:{chosen.randint(0, 59):02d}Z")


def check_invariants(day: Day) -> None:
    assert_equal(day.world)
    assert day.lost() == []
    histories = [histories_of(store) for store in day.world.stations.values() if store.scope in (VILLAGE, TOWNSHIP)]
    assert all(history == histories[0] for history in histories)


def histories_of(store: Store) -> dict[str, list[Any]]:
    """Every change of every person of one village as a laptop tells it."""
    with store.read() as session:
        people = [p.id for p in session.select("person", deleted=True) if p.village == VILLAGE]
        return {id: [(h.by, h.what, h.field, h.old, h.new) for h in changes.history(session, "person", id)] for id in people}

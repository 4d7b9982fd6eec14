"""Everything that may happen to a county and its laptops on the days of `tests.sync.days`, at once: sticks, claims, power cuts at any
commit, revoked laptops, snapshots at any moment, a laptop with an older program."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from db import changes, erased
from db.engine import sqlite_engine
from db.exchange import conflict, device, held_change
from db.held import held
from db.store import Store
from domain.claims import PATH
from domain.dependents import ERASED
from domain.errors import DomainError, Refused, Unreachable
from server.devices import revoke
from services.claims import claims
from sync.county.acts import erasure, moves
from sync.county.keys import county_keys
from sync.replica import identity
from sync.replica.batches import BULK, WHOLE
from sync.station import releasing, rounds
from sync.station.enrol import enrol
from sync.station.receiving import newer_program
from sync.station.recovery import mending
from sync.station.sealing import seal
from sync.station.stick import reading
from sync.wire.words import BundleError
from tests.sync.conftest import OTHER_VILLAGE, PASSWORD, SERVER, VILLAGE, World, assert_equal, person_values, snapshots_where
from tests.sync.days import Disasters, Moves
from tests.sync.sticks import Sticks
from tests.sync.test_claims import verdict
from tests.sync.test_versions import Programs
from tests.sync.traces import traces

OLDER = "旧"
ELSEWHERE = {"upgrade", "erase", "move", "merge_together", "merge_villages", "save_county", "put_county_back", "revoke"}
ELSEWHERE |= {"arrive", "arrive_in_power_cut"}
"""What happens at the county, or wherever a file is read, with the program that is there."""
STICK_WORDS = {"station", "own", "answers", "revoked", "fork", "gap", "old", "joined", "unknown", "sealed", "newer", "parted"}
STICK_WORDS |= {"damaged", "foreign", "cut", "unreadable"}
"""What files that are late, twice, or somebody else's may be told."""


_SEALING = ("BATCH_SIZE", "SLICE", "WHOLE", "BULK")
SIZES = ((seal.BATCH_SIZE, seal.SLICE, WHOLE, BULK), (1, seal.SLICE, WHOLE, BULK), (1, 6, 2, 2), (300, 7, 3, 4))
"""How much is sealed at once: as it is, each act a batch, acts of many batches (a slice is larger than an act that stays whole)."""


class PowerCut(Exception):
    """The power fails."""


@contextlib.contextmanager
def failing(moment: int, *engines: Engine) -> Iterator[None]:
    """The power fails at the commit of that number, of whichever of these databases: what it would have saved is not there."""
    left = [moment]

    def commit(_conn: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise PowerCut

    for engine in engines:
        event.listen(engine, "commit", commit)
    try:
        yield
    finally:
        for engine in engines:
            event.remove(engine, "commit", commit)


class Mishaps(Disasters, Moves):
    """Six stations: two laptops of a village, one of them enrolled by stick and without a network, a third with an
    older program, one of another village, and the township that carries."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        (world.folder / "stick").mkdir()
        self.patch = monkeypatch
        self.sticks = Sticks(world, world.folder / "stick")
        self.programs = Programs(monkeypatch)
        self.older: set[str] = set()
        self.going: list[tuple[str, Path]] = []
        self.made: list[tuple[str, str]] = []
        self.erased: set[str] = set()
        self.snapshots = random.Random(0)
        super().__init__(world, 0)
        self.add(self.sticks.station("村", VILLAGE))
        self.add(world.station(OLDER, VILLAGE))
        self.older.add(OLDER)
        for store in (self.villages[0], self.township):
            self.insert(store)
        world.sync(self.villages[0], *self.villages[1:3], self.township)
        monkeypatch.setattr(mending, "check_due", lambda _session: False)  # at the end; by the clock no day would come again
        snapshots_where(monkeypatch, lambda _s, _scope, cursor, head: head > cursor and self.snapshots.random() < 0.1)

    def add(self, store: Store) -> None:
        self.world.stations[store.home.name] = store
        self.villages.append(store)
        self.stores.append(store)

    # -- one thing after another ---------------------------------------------------------------------------------------

    def act(self, name: str, who: int, seed: int) -> None:
        """Let one thing happen to one store, the same for the same numbers."""
        self.random, self.snapshots = random.Random(seed), random.Random(seed + 1)
        store = self.stores[who % len(self.stores)]
        self.world.line.before = self.world.line.after = 0
        for what, size in zip(_SEALING, random.Random(seed + 2).choice(SIZES), strict=True):
            self.patch.setattr(seal, what, size)
        try:
            with self.program_of(store) if name not in ELSEWHERE else contextlib.nullcontext():
                getattr(self, name)(store)
        except DomainError as error:
            if str(error) != erased.sentence():
                raise

    @contextlib.contextmanager
    def program_of(self, store: Store) -> Iterator[None]:
        if store.home.name not in self.older:
            yield
            return
        with self.programs.older(self.world):
            yield

    def upgrade(self, store: Store) -> None:
        """From now on this laptop has the county's program, which learns at its start; a copied or restored one has it already."""
        self.older.discard(store.home.name)
        newer_program.learn(store)

    def copy(self, store: Store) -> None:
        if store.home.name not in self.older:
            super().copy(store)

    def put_back(self, store: Store) -> None:
        if store.home.name not in self.older:
            super().put_back(store)

    def edit_together(self, store: Store) -> None:
        """Two laptops edit the same rows before either hears of the other."""
        people = self.rows(store, "person")
        if not people:
            return
        person = self.random.choice(people)
        for other in self.stores:
            with other.read() as session:
                row = session.get("person", person.id)
                if row is None or not session.may_write(row.village):
                    continue
            value = self.value()
            with other.write("修改") as session:
                changes.update(session, "person", person.id, {"bank_account": value})
            self.wrote(person.id, "bank_account", row.bank_account, value)

    def merge_together(self, store: Store) -> None:
        """Several say that one person is somebody else, each another one, and somebody deletes whom they mean."""
        people = self.rows(store, "person")
        for other in self.stores if len(people) > 1 else ():
            one, into = people[0], self.random.choice(people[1:])
            with self.program_of(other), other.write("合并") as session:
                here = [session.get("person", row.id) for row in (one, into)]
                if all(row is not None and session.may_write(row.village) for row in here):
                    changes.update(session, "person", one.id, {"merged_into": into.id})
                    if self.random.random() < 0.3:
                        changes.delete(session, "person", self.random.choice(people[1:]).id)

    def misplace(self, store: Store) -> None:
        """A village registers somebody for a village that is not its own."""
        village = OTHER_VILLAGE if store.scope == VILLAGE else VILLAGE
        with store.write("导入") as session:
            id = session.new_id()
            changes.insert(session, "person", [{"id": id, "village": village, **person_values(name=self.value("name"))}])
        self.made.append(("person", id))

    def release(self, store: Store) -> None:
        """What was held and may be made again now, whoever had it held."""
        with store.write("放行") as session:
            waiting = [one for one in held(session) if releasing.obstacle(session, one) is None]
            if waiting:
                releasing.release(session, self.random.choice(sorted(waiting, key=releasing.key_of)))

    def merge_villages(self, _store: Store) -> None:
        """Once: both would be one for good."""
        keys = county_keys(self.world.county)
        with contextlib.suppress(DomainError), self.world.county.write() as session:
            moves.merge_villages(session, keys, *self.random.sample((VILLAGE, OTHER_VILLAGE), 2))

    # -- lines and power -----------------------------------------------------------------------------------------------

    def has_network(self, store: Store) -> bool:
        with store.read() as session:
            me = identity.load(session)
        return me is not None and bool(me.server)

    def sync(self, store: Store) -> None:
        if not self.has_network(store):
            self.write_stick(store)
            return
        budget = self.random.choice((1, 2**20, 2**20))  # all at once, or each entry in an answer of its own
        for name in ("FIRST_BUDGET", "LAST_BUDGET"):
            self.patch.setattr(rounds, name, budget)
        try:
            super().sync(store)
        except Refused:
            assert self.revoked(store)

    def tear(self, store: Store) -> None:
        """The line breaks in the middle of a request or of an answer: what came of it is kept, and gone on with by whoever asks next."""
        setattr(self.world.line, self.random.choice(("up", "down")), self.random.random())
        self.sync(store)
        self.world.line.up = self.world.line.down = 0.0

    def power(self, store: Store) -> None:
        """The power fails in an exchange, at the laptop or at the county."""
        with failing(self.random.randrange(1, 40), store.engine, self.world.county.engine), contextlib.suppress(PowerCut):
            self.sync(store)
        self.again(store)

    def again(self, store: Store) -> None:
        """The laptop is started again."""
        store.close()
        opened = Store.open(store.home, user=None, password=PASSWORD)
        self.stores[self.stores.index(store)] = self.world.stations[store.home.name] = opened
        self.villages = [opened if v is store else v for v in self.villages]
        if self.township is store:
            self.township = opened

    # -- sticks --------------------------------------------------------------------------------------------------------

    def send(self, where: str, path: Path) -> None:
        self.going.extend([(where, path)] * self.random.choice((0, 1, 1, 1, 2)))

    def write_stick(self, store: Store) -> None:
        path = self.sticks.write(store)
        if path.exists():
            self.send(self.random.choice(("county", "township", "anybody")), path)

    def arrive(self, store: Store) -> None:
        """A file that is under way is read somewhere, in whatever order, as often as not by those it is not for."""
        if not self.going:
            return
        where, path = self.going.pop(self.random.randrange(len(self.going)))
        try:
            if where == "county":
                self.send("anybody", self.sticks.county(path))
            elif where == "township":
                reply = self.sticks.path()
                reading.read(self.township, path, reply=reply)
                if reply.exists():  # else there is nobody to answer
                    self.send("anybody", reply)
            else:
                with self.program_of(store):
                    reading.read(store, path)
        except BundleError as error:
            if error.word not in STICK_WORDS:
                raise
        except Refused:
            assert self.revoked(store) or self.revoked(self.township)

    def arrive_in_power_cut(self, store: Store) -> None:
        """The power fails while a file is read."""
        with failing(self.random.randrange(1, 12), store.engine, self.world.county.engine), contextlib.suppress(PowerCut):
            self.arrive(store)
        self.again(store)

    # -- claims, rights ------------------------------------------------------------------------------------------------

    def claim(self, store: Store) -> None:
        people = self.rows(store, "person")
        if people:
            with contextlib.suppress(DomainError), store.write("申请") as session:
                self.made.append(("claim", claims.file(session, verdict(self.random.choice(people).id))))

    def step(self, store: Store) -> None:
        """Any step, whether its time has come and whether this level may take it or not: the county judges."""
        with store.read() as session:
            filed = sorted((c for c in session.select("claim") if session.may_write(c.village)), key=lambda c: c.filed_on)
        if filed:
            claim = self.random.choice(filed)
            with store.write("办理") as session:
                row = {"claim_id": claim.id, "to_state": self.random.choice(PATH), "by": session.author, "at": session.at}
                id = session.new_id()
                changes.insert(session, "claim_step", [{"id": id, "village": claim.village, **row}])
            self.made.append(("claim_step", id))

    def erase(self, _store: Store) -> None:
        """By the rule of retention, whoever it is: only who has a claim that is not over stays."""
        with self.world.county.read() as session:
            people = sorted((p for p in session.select("person", deleted=True) if p.name != ERASED), key=lambda p: str(p.name))
        if people:
            self.erase_one(self.random.choice(people).id)

    def erase_one(self, id: str) -> None:
        keys = county_keys(self.world.county)
        with contextlib.suppress(DomainError), self.world.county.write() as session:
            places = moves.everywhere(session, id)
            erasure.erase(session, keys, id, "到期")
            self.erased.update(each for rows in places.values() for each in rows["person"])  # and who was merged into them

    def lost(self) -> list[tuple[str, str, str]]:
        """Of who was erased nothing is missed, nor of what belongs to them. What only a snapshot had brought before the county was put back
        is found in the copy a laptop kept (017): also an own batch of which it threw the stored form away, for it named somebody erased."""
        with self.world.county.read() as session:
            checks = {c.id for c in session.select("monthly_check", deleted=True) if c.person_id in self.erased}
        missing = [line for line in super().lost() if line[0] not in self.erased | checks]
        kept = self.kept_beside() if missing else set()
        return [line for line in missing if (line[0], line[2]) not in kept]

    def kept_beside(self) -> set[tuple[str, str]]:
        """Rows and values that are listed in conflict, or held, in copies from before a laptop went back."""
        found = set()
        for store in self.stores:
            for copy in (store.home / "backups").glob("before-rewind-*.db"):
                engine = sqlite_engine(copy, store.data_key)
                with contextlib.closing(engine.connect()) as conn:
                    for row in conn.execute(select(conflict)):
                        found |= {(row.row_id, str(json.loads(value))) for value in (row.earlier, row.later)}
                    for row in conn.execute(select(held_change)):
                        found |= {(row.row_id, str(value)) for value in json.loads(row.values).values()}
                engine.dispose()
        return found

    def left_of_erased(self) -> list[tuple[str, str, str]]:
        """Erased once more at the end, they are nowhere; who has a claim by now that is not over stays."""
        again, self.erased = sorted(self.erased), set[str]()
        for id in again:
            self.erase_one(id)
        self.world.settle()
        assert_equal(self.world)
        words = tuple(v for id, name, v in self.written if id in self.erased and name in ("name", "note") and v[:4] in ("name", "note"))
        found = []
        for name, store in self.world.stations.items():
            with store.read() as session:
                found += [(name, *one) for one in traces(session.conn, words)]
        with self.world.county.read() as session:
            return found + [("county", *one) for one in traces(session.conn, words)]

    def revoked(self, store: Store) -> bool:
        """Or it enrolled after the county was kept that was put back."""
        with self.world.county.read() as session:
            row = session.conn.execute(select(device.c.revoked_at).where(device.c.station == store.station)).first()
        return row is None or row.revoked_at is not None

    def revoke(self, store: Store) -> None:
        with self.world.county.write() as session:
            revoke(session, store.station)

    def enrol_again(self, store: Store) -> None:
        """With work that waits or without, revoked or not."""
        with contextlib.suppress(Unreachable):
            enrol(store, SERVER, self.world.code(store.scope), transport=self.world.line)

    # -- the end of the day --------------------------------------------------------------------------------------------

    def finish(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Every file arrives, everybody gets the new program, a network and his rights; then all is quiet, and checked."""
        self.random = random.Random(1)
        while self.going:
            self.arrive(self.random.choice(self.stores))
        self.older.clear()
        self.world.line.before = self.world.line.after = 0
        for store in self.stores:
            if self.revoked(store) or not self.has_network(store):
                self.enrol_again(store)
        self.world.settle()
        self.snapshots = random.Random(2)
        monkeypatch.setattr(mending, "check_due", lambda _session: True)
        self.world.sync(self.world.stations[OLDER])  # it may have missed that an edit of what it did not know met a deletion (019)
        for name, store in self.world.stations.items():
            assert self.world.sync(store).different == 0, name
        assert_equal(self.world)
        assert self.lost() == []
        assert self.unheard() == []
        assert self.left_of_erased() == []

    def unheard(self) -> list[tuple[str, str]]:
        """Rows somebody made that the county neither has nor lists."""
        with self.world.county.read() as session:
            held = set(session.conn.execute(select(held_change.c.row_id)).scalars())
            held |= set(session.conn.execute(select(conflict.c.row_id)).scalars())
            return [(kind, id) for kind, id in self.made if id not in held and session.get(kind, id, deleted=True) is None]

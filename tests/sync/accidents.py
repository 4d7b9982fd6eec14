"""What befalls laptops, sticks and the county while they work, beside the deeds of `tests.sync.deeds`: sticks pulled out, disks that fill,
the county's clock set, laptops set up anew, and whatever else happens between two requests of an exchange."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from sqlalchemy import Engine, event

from db.store import Store
from domain.errors import DomainError, Unreachable
from server.devices import revoke
from sync.station.sealing import slices
from sync.wire import bundle
from tests.sync import dice
from tests.sync.conftest import World, unsent
from tests.sync.deeds import DEEDS, Deeds
from tests.sync.mishaps import OLDER

ACCIDENTS = {"pull_while_writing": 1, "pull_while_reading": 2, "fill_disk": 4, "set_clock": 1, "set_up_anew": 1, "meanwhile": 6}
"""What may happen besides, and how often."""
BY_A_COMMAND = ("insert", "edit", "edit", "delete", "decide", "release", "write_stick", "arrive", "arrive", "undo", "list_in", "copy")
"""What another process may do to a laptop whose exchange is under way."""
BESIDE = (
    *(*BY_A_COMMAND, "sync", "sync", "edit_together", "move", "merge_villages", "erase", "revoke", "enrol_again", "save_county"),
    *("put_county_back", "put_back", "again", "set_clock", "set_up_anew", "carry_claim", "pay_out"),
)
"""What may happen elsewhere meanwhile."""
DAY = 86_400.0


@contextlib.contextmanager
def filling(pages: int, engine: Engine) -> Iterator[None]:
    """A disk with room for so many more pages of a database. PostgreSQL has another computer's."""
    if engine.dialect.name == "postgresql":
        yield
        return
    with engine.connect() as conn:
        conn.connection.driver_connection.execute("VACUUM")  # type: ignore[union-attr]  # no page of it is free
        most = conn.exec_driver_sql("PRAGMA page_count").scalar_one() + pages

    def narrow(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {most}")

    event.listen(engine, "connect", narrow)
    engine.dispose()
    try:
        yield
    finally:
        event.remove(engine, "connect", narrow)
        engine.dispose()


class Turns:
    """In place of the thread that asks the county while slices are sealed: its work is done at once, or in turn after some slices, or last;
    as the dice say, so that a seed is played alike."""

    def __init__(self, slices: int, work: Callable[[], Any] | None = None) -> None:
        self.slices, self.work = slices, work
        self.found: Any = None
        self.error: BaseException | None = None

    def __enter__(self) -> Turns:
        return self

    def __exit__(self, *_error: object) -> None:
        self.do()

    def submit(self, work: Callable[[], Any]) -> Turns:
        self.work = work
        self.done()
        return self

    def do(self) -> None:
        work, self.work = self.work, None
        if work is not None:
            try:
                self.found = work()
            except BaseException as error:
                self.error = error

    def done(self) -> bool:
        self.slices -= 1
        if self.slices < 0:
            self.do()
        return self.work is None

    def result(self) -> Any:
        self.do()
        if self.error is not None:
            raise self.error
        return self.found


class Accidents(Deeds):
    """A `Deeds` with accidents."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(world, monkeypatch)
        monkeypatch.setattr(slices, "ThreadPoolExecutor", lambda _one: Turns(self.random.choice((0, 0, 1, 2, 9))))

    def act(self, name: str, who: int, seed: int) -> None:
        """Those who count the older program's are `Deeds`; its laptop has no others."""
        if name in ACCIDENTS and self.stores[who % len(self.stores)].home.name in self.older:
            name = "sync"
        super().act(name, who, seed)

    # -- sticks --------------------------------------------------------------------------------------------------------

    def pull_while_writing(self, store: Store) -> None:
        """The stick is pulled out before all is on it: the clerk is told, or the system had not written yet what it said it had."""
        if self.random.random() < 0.5:
            left, whole = [self.random.randrange(3)], bundle.file_parts

            def torn(bundles: Sequence[bytes]) -> Iterator[bytes]:
                for part in whole(bundles):
                    if left[0] == 0:
                        raise OSError(errno.EIO, "pulled out")
                    left[0] -= 1
                    yield part

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(bundle, "file_parts", torn)
                with pytest.raises(DomainError):
                    self.sticks.write(store)
            assert not self.sticks.folder.joinpath(f"{self.sticks.count}.czb").exists()
            return
        path = self.sticks.write(store)
        self.going.append((self.random.choice(("county", "township", "anybody")), self.begun(path)))

    def begun(self, path: Path) -> Path:
        """The same file with its beginning only."""
        content = path.read_bytes()
        path.write_bytes(content[: self.random.randrange(len(content))])
        return path

    def pull_while_reading(self, store: Store) -> None:
        """It is pulled out as it is read, or once it was looked through and something was taken from it; then it is plugged in again."""
        if not self.going:
            return
        self.going.append(self.random.choice(self.going))
        left, whole = [self.random.randrange(6)], bundle._items

        def pulled_out(file: BinaryIO, end: int) -> Iterator[bytes]:
            for raw in whole(file, end):
                if left[0] == 0:
                    raise OSError(errno.EIO, "pulled out")
                left[0] -= 1
                yield raw

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(bundle, "_items", pulled_out)
            self.arrive(store)

    # -- disks and clocks ----------------------------------------------------------------------------------------------

    def fill_disk(self, store: Store) -> None:
        """The disk of the laptop or of the county fills at any write of an exchange, or of writing or reading a file."""
        other = self.random.choice([one for one in self.stores if one.home.name not in self.older])
        for one in (other, store):
            self.list_in(one)
        self.sync(other)
        engine = self.random.choice((store.engine, store.engine, self.world.county.engine))
        deed = self.random.choice((self.sync, self.sync, self.write_stick, self.arrive))
        with filling(self.random.choice((0, 1, 2, 4, 8, 16)), engine), contextlib.suppress(DomainError, Unreachable):
            deed(store)

    def set_clock(self, _store: Store) -> None:
        """The county's clock is set, forward or back: its battery is empty, or somebody mends it. Laptops' clocks jump all the time."""
        dice.CLOCK.ahead = self.random.choice((0.0, -DAY, DAY, -400 * DAY, 400 * DAY))

    # -- laptops -------------------------------------------------------------------------------------------------------

    def set_up_anew(self, store: Store) -> None:
        """A laptop that has sent everything is set up anew, and goes on as another one; what it carried for others is gone."""
        if store.home.name == OLDER or not self.has_network(store) or self.revoked(store):
            return
        self.world.sync(store)
        if unsent(store):
            return
        if self.random.random() < 0.5:
            with self.world.county.write() as session:
                revoke(session, store.station)
        self.count += 1
        made = self.world.station(f"新{self.count}", store.scope)
        self.stores[self.stores.index(store)] = made
        self.villages = [made if one is store else one for one in self.villages]
        self.township = made if self.township is store else self.township
        del self.world.stations[store.home.name]
        store.close()

    # -- at once -------------------------------------------------------------------------------------------------------

    def meanwhile(self, store: Store) -> None:
        """After any request of an exchange something happens before its answer is taken: to the same laptop by another process, to another
        laptop, or at the county."""
        left, chosen = [self.random.choice((0, 0, 0, 1, 2))], self.random
        who, seed = chosen.randrange(len(self.stores)), chosen.randrange(10_000)
        other = self.stores[who]
        what = chosen.choice(BY_A_COMMAND if other is store else BESIDE)
        line = self.world.line

        def watch(_body: bytes) -> None:
            left[0] -= 1
            if left[0] < 0:
                line.watch = lambda _body: None
                if other in self.stores and other.home.name not in self.older:
                    self.act(what, self.stores.index(other), seed)
                self.random = chosen

        line.watch = watch
        try:
            self.sync(store)
        finally:
            line.watch = lambda _body: None


WHAT_ELSE = DEEDS | ACCIDENTS
"""What the machine may do besides the plain work, and how often."""

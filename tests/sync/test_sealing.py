"""Much that waits is sealed in slices: the next one while the county takes in the first."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Event, Semaphore
from typing import Any

import pytest
from sqlalchemy import func, select

from db.capture import op
from db.exchange import device, entry, outbox, unsent
from db.store import Store
from domain.errors import DomainError, Stopped, Unreachable
from domain.progress import unwatched
from sync.replica import identity
from sync.replica.identity import save_head
from sync.station import rounds
from sync.station.exchange import exchange
from sync.station.recovery import mending
from sync.station.sealing import seal
from sync.station.sealing.slices import Sealing, seal_waiting
from sync.wire.connection import HttpResponse
from tests.seeds import FIRST
from tests.sync.conftest import World, add, assert_equal, get, listed, put
from tests.sync.forging import Pretending
from tests.sync.mishaps import PowerCut, failing


@pytest.fixture(autouse=True)
def slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of four changes; acts of more than two are divided."""
    monkeypatch.setattr(seal, "SLICE", 4)
    monkeypatch.setattr(seal, "WHOLE", 2)


def at_once(_sealing: Sealing, work: Callable[[], Any], first: Callable[[], object] | None = None) -> Any:
    """Nothing is sealed while the county works."""
    if first is not None:
        first()
    return work()


def left(store: Store) -> tuple[int, int]:
    """How many changes the county has not acknowledged, and how many batches wait."""
    with store.read() as session:
        return unsent(session), session.conn.execute(select(func.count()).select_from(outbox)).scalar_one()


def test_the_county_has_the_first_before_the_last_is_sealed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = world.station("甲"), world.station("乙")
    ids = [add(a) for _n in range(20)]
    arrived, plain, sealed = Event(), save_head, list[bool]()

    def keep_head(*given: object) -> None:
        plain(*given)  # type: ignore[arg-type]  # what it was given
        sealed.append(arrived.wait(20) if sealed else False)

    monkeypatch.setattr(seal, "save_head", keep_head)
    monkeypatch.setattr(world.line, "watch", lambda _body: arrived.set())
    result = world.sync(a)
    assert (sealed[0], set(sealed[1:])) == (False, {True})  # all but the first slice wait for the first request
    assert (result.pushed, left(a)) == (20, (0, 0))
    assert world.sync(b).pulled == 20
    assert_equal(world)
    assert {get(b, id).id for id in ids} == set(ids)


def test_the_county_knows_what_is_left_where_an_exchange_broke_off(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sealing, "meanwhile", at_once)
    a = world.station("甲")
    for _n in range(20):
        add(a)
    monkeypatch.setattr(world.line, "watch", lambda _body: setattr(world.line, "before", 1))  # the second request is lost
    with pytest.raises(Unreachable):
        exchange(a, transport=world.line)
    with world.county.read() as session:
        assert session.conn.execute(select(device.c.unsent)).scalar_one() == left(a)[0] == 17


def test_what_was_not_sealed_when_others_work_came_knew_nothing_of_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sealing, "meanwhile", at_once)  # the county is quicker than any sealing
    a, b = world.station("甲"), world.station("乙")
    ids = [add(a) for _n in range(12)]
    world.settle()
    for id in ids:
        put(b, id, name="乙名")
    world.sync(b)
    for id in ids:
        put(a, id, name="甲名")
    result = world.sync(a)
    assert (result.pushed, result.pulled, result.conflicts) == (12, 12, 12)
    world.settle()
    assert len(listed(b)) == len(ids)
    assert_equal(world)


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_disk_that_fills_up_while_the_county_answers_loses_nothing(world: World, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    a = world.station("甲")
    ids = [add(a) for _n in range(20)]
    plain, count = save_head, 0

    def keep_head(*given: object) -> None:
        nonlocal count
        count += 1
        if count > at:
            raise DomainError("full")
        plain(*given)  # type: ignore[arg-type]  # what it was given

    with monkeypatch.context() as patch:
        patch.setattr(seal, "save_head", keep_head)
        with pytest.raises(DomainError, match="full"):
            world.sync(a)
    assert left(a)[0] > 0
    world.settle()
    assert left(a) == (0, 0)
    assert {get(world.county, id).id for id in ids} == set(ids)
    assert_equal(world)


def test_one_who_stops_it_or_loses_the_line_goes_on_later(world: World) -> None:
    a = world.station("甲")
    ids = [add(a) for _n in range(20)]

    def stop(done: int, _total: int, _what: str) -> None:
        if done:
            raise Stopped

    with pytest.raises(Stopped):
        exchange(a, transport=world.line, progress=stop)
    assert 0 < left(a)[0] < 20
    world.line.after = 1  # the county has what it was sent, and its answer is lost
    with pytest.raises(Unreachable):
        world.sync(a)
    with pytest.raises(Unreachable):
        exchange(a, transport=Pretending(lambda _request: HttpResponse(500)))
    assert world.sync(a).requests > 0
    assert left(a) == (0, 0)
    assert {get(world.county, id).id for id in ids} == set(ids)
    assert_equal(world)


@pytest.fixture
def a_batch_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every request carries one batch, and every answer two acknowledgements at most."""
    monkeypatch.setattr(rounds, "FIRST_BUDGET", 320)
    monkeypatch.setattr(rounds, "LAST_BUDGET", 320)
    monkeypatch.setattr(seal, "BATCH_SIZE", 1)
    monkeypatch.setattr(mending, "check_due", lambda _session: False)


def seal_everything(store: Store) -> None:
    with store.read() as session:
        me = identity.load(session)
    assert me
    seal_waiting(store, me, unwatched)


def test_an_acknowledgement_is_taken_while_the_county_has_the_next_request(
    world: World, monkeypatch: pytest.MonkeyPatch, a_batch_each: None
) -> None:
    a, b = world.station("甲"), world.station("乙")
    ids = [add(a) for _n in range(12)]
    seal_everything(a)
    answers, arrived, plain = 0, Semaphore(0), rounds.Rounds._take
    early = list[bool]()

    def take(*given: Any, **named: Any) -> bool:
        nonlocal answers
        answers += 1
        early.append(arrived.acquire(timeout=20 if answers < 12 else 0))
        return plain(*given, **named)

    monkeypatch.setattr(rounds.Rounds, "_take", take)
    asked = 0

    def watch(_body: bytes) -> None:
        nonlocal asked
        asked += 1
        if asked > 1:
            arrived.release()

    monkeypatch.setattr(world.line, "watch", watch)
    result = world.sync(a)
    assert (result.pushed, result.requests, left(a)) == (12, 12, (0, 0))
    assert early == [True] * 11 + [False]
    with world.county.read() as session:
        assert session.conn.execute(select(device.c.unsent).where(device.c.station == a.station)).scalar_one() == 0
    assert world.sync(b).pulled == len(ids)
    assert_equal(world)


def test_batches_whose_changes_are_not_all_in_the_change_log_are_sent(world: World, a_batch_each: None) -> None:
    """A batch taken back after a restore of the county has changes that were refused before, which the change log does not keep."""
    a = world.station("甲")
    for _n in range(6):
        add(a)
    seal_everything(a)
    with a.applying() as session:
        session.conn.execute(op.delete().where(op.c.batch > 1))
    assert world.sync(a).pushed == 6
    assert left(a) == (0, 0)


def test_what_was_acknowledged_before_a_stop_or_a_lost_answer_is_known(world: World, a_batch_each: None) -> None:
    a = world.station("甲")
    for _n in range(12):
        add(a)
    seal_everything(a)
    rounds = 0

    def stop(_done: int, _total: int, what: str) -> None:
        nonlocal rounds
        rounds += "已上传" in what
        if rounds == 3:
            raise Stopped

    with pytest.raises(Stopped):
        exchange(a, transport=world.line, progress=stop)
    assert left(a)[0] == 9

    def lose(_body: bytes) -> None:
        nonlocal rounds
        rounds += 1
        world.line.after = int(rounds == 6)

    world.line.watch = lose
    with pytest.raises(Unreachable):
        world.sync(a)
    assert left(a)[0] == 7  # two were acknowledged; the answer about the third was lost
    assert not world.sync(a).forked
    assert left(a) == (0, 0)
    assert_equal(world)


def test_a_power_cut_at_any_commit_of_a_push_loses_nothing_and_counts_nothing_twice(world: World, a_batch_each: None) -> None:
    a = world.station("甲")
    ids = list[str]()
    moment, whole = 1 + FIRST % 4, False
    while not whole:
        ids += [add(a) for _n in range(7)]
        put(a, ids[-7], note="改")
        whole = True
        try:
            with failing(moment, a.engine):
                world.sync(a)
        except PowerCut:
            whole = False
        a.engine.dispose()
        world.line.after = moment % 2  # the first answer after that may be lost as well
        with suppress(Unreachable):
            world.sync(a)
        assert not world.sync(a).forked
        moment += 4
    assert moment > 30
    assert_equal(world)
    with world.county.read() as session:
        assert {row.id for row in session.select("person")} == set(ids)
        assert {row.refused for row in session.conn.execute(select(entry.c.refused))} == {"[]"}

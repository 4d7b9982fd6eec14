"""The last request again is said by its hash: what it saves, and that nothing hangs on either side's memory of it."""

from __future__ import annotations

from contextlib import closing

import pytest
from sqlalchemy import select, update

from db.exchange import device, lineage
from domain.errors import Refused
from server.app import Answering, InProcess
from server.serve import running
from sync.replica import identity, repeated_requests
from sync.station.exchange import exchange
from sync.station.recovery import mending
from sync.wire.connection import Connection, HttpRequest, HttpResponse
from tests.sync.conftest import World, add, both
from tests.sync.forging import Pretending
from tests.sync.slow_line import slow_line


class Kept(Connection):
    def __exit__(self, *_error: object) -> None:
        """Left open."""


@pytest.fixture(autouse=True)
def no_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mending, "check_due", lambda _session: False)


@pytest.mark.parametrize("due", [False, True])
def test_nothing_new_is_a_request_and_an_answer_of_few_bytes(world: World, monkeypatch: pytest.MonkeyPatch, due: bool) -> None:
    a = world.station("甲")
    add(a)
    monkeypatch.setattr(mending, "check_due", lambda _session: due)
    with running(world.county) as server, slow_line(server) as line, closing(Kept()) as kept:
        a.set_meta(identity.SERVER, line.url)
        exchange(a, transport=kept)
        exchange(a, transport=kept)
        results = []
        assert line.carried(lambda: results.append(exchange(a, transport=kept))) <= 160
    assert (results[0].requests, results[0].bytes_sent, results[0].pushed, results[0].pulled) == (1, 12, 0, 0)


@both
def test_what_came_since_is_in_the_answer(world: World) -> None:
    a, b = world.station("甲"), world.station("乙")
    add(b)
    world.settle()
    assert [exchange(a, transport=world.line).bytes_sent for _n in range(2)][1] == 12
    add(b)
    world.sync(b)
    got = exchange(a, transport=world.line)
    assert (got.requests, got.pulled) == (1, 1), "the words are the same, and so is the answer to them"
    assert exchange(a, transport=world.line).bytes_sent > 12, "other words now: a token, another place in the log"


def test_a_token_given_meanwhile_and_a_state_to_compare_are_no_news(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    a = world.station("甲")
    add(a)
    world.settle()
    monkeypatch.setattr(mending, "check_due", lambda _session: True)
    assert world.sync(a).bytes_sent > 12
    tokens = set()
    for _n in range(3):
        with world.county.read() as session:
            tokens.add(session.conn.execute(select(lineage.c.token)).scalar_one())
        got = world.sync(a)
        assert (got.requests, got.bytes_sent, got.different) == (1, 12, 0)
    assert len(tokens) == 3


@pytest.mark.parametrize("forgets", ["everything", "the path"])
def test_a_county_that_does_not_know_is_told_everything_in_the_same_exchange(world: World, forgets: str) -> None:
    a, b = world.station("甲"), world.station("乙")
    world.settle()
    assert world.sync(a).requests == 1
    add(b)
    world.sync(b)
    fresh = InProcess(world.county)

    def older(request: HttpRequest) -> HttpResponse:
        return HttpResponse(404) if request.path == "/again" else fresh.ask(request)

    got = exchange(a, transport=fresh if forgets == "everything" else Pretending(older))
    assert (got.requests, got.pulled) == (2, 1)


def test_a_revoked_station_is_told_so(world: World) -> None:
    a = world.station("甲")
    world.settle()
    with world.county.write() as session:
        session.conn.execute(update(device).values(revoked_at="2020-01-01T00:00:00Z"))
    with pytest.raises(Refused):
        exchange(a, transport=world.line)


def test_nobody_guesses_and_little_is_remembered(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = world.station("甲"), world.station("乙")
    world.settle()
    answering = Answering(world.county)
    assert [answering.again(said, "") for said in (b"", b"?", bytes(16), bytes(2**20))] == [b""] * 4
    monkeypatch.setattr(repeated_requests, "MAX_REMEMBERED", 1)
    line = InProcess(world.county)
    assert [exchange(store, transport=line).requests for store in (a, a, b, b, a, a)] == [2, 1, 2, 1, 2, 1], "the oldest is forgotten"
    monkeypatch.setattr(repeated_requests, "MAX_REQUEST", 10)
    forgetful = InProcess(world.county)
    assert [exchange(a, transport=forgetful).requests for _n in range(2)] == [2, 2]

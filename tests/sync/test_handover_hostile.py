"""Somebody between a village and its township on their network, or in the township's place, who does to their frames what he likes: nobody
is fooled, kept busy for ever or stopped, and the next visit brings all of it over."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from itertools import chain, count, repeat
from threading import Thread
from time import monotonic

import msgspec
import pytest

from db.store import Store
from domain.errors import CunzhanError, Unreachable
from server.devices import revoke
from sync.replica import identity
from sync.station import handing_in, receiver, stick
from sync.station.handing_in import TurnedAway, hand_in, parse_address
from sync.station.receiver import Receiver
from sync.wire import handover
from sync.wire.envelope import digest
from sync.wire.handover import HandoverError, Line
from tests.seeds import LONGER, seeds
from tests.sync.conftest import TOWNSHIP, VILLAGE, World, add, assert_equal, get, unsent
from tests.sync.sticks import Sticks, states
from tests.sync.test_handover import open_at

__all__ = ["open_at"]

HERE = "127.0.0.1"
Change = Callable[[int, bytes, list[bytes]], list[bytes] | None]
"""What becomes of a frame of that number on its way, after those that went before it: None cuts the line."""


class Between:
    """Listens in the township's place and passes frames both ways, each as `change` lets it."""

    def __init__(self, at: Receiver, change: Change) -> None:
        self._at, self._change = parse_address(at.addresses[0]), change
        self._numbers = count()
        self._listening = socket.create_server((HERE, 0))
        self.address = f"{HERE}:{self._listening.getsockname()[1]}"
        self._thread = Thread(target=self._pass, daemon=True)
        self._thread.start()

    def _pass(self) -> None:
        with suppress(OSError), ExitStack() as open_:
            village = open_.enter_context(self._listening.accept()[0])
            township = open_.enter_context(socket.create_connection(self._at, 5))
            seen: list[bytes] = []
            ways = [Thread(target=self._way, args=(*pair, seen), daemon=True) for pair in ((township, village), (village, township))]
            for way in ways:
                way.start()
            for way in ways:
                way.join(10)

    def _way(self, source: socket.socket, target: socket.socket, seen: list[bytes]) -> None:
        with suppress(OSError):
            while (frame := _frame(source)) is not None:
                changed = self._change(next(self._numbers), frame, seen)
                seen.append(frame)
                if changed is None:
                    break
                for one in changed:
                    target.sendall(one)
        for line in (source, target):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Between:
        return self

    def __exit__(self, *_error: object) -> None:
        self._listening.close()
        self._thread.join(10)


def _frame(line: socket.socket) -> bytes | None:
    head = line.recv(4, socket.MSG_WAITALL)
    size = int.from_bytes(head, "big")
    body = line.recv(size, socket.MSG_WAITALL)
    return head + body if len(head) == 4 and len(body) == size else None


def framed(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


def spoiling(dice: random.Random) -> Change:
    """One frame of a conversation is cut off, flipped, doubled, left out, or another in its place."""
    victim, how = dice.randrange(10), dice.choice(("cut", "half", "flip", "twice", "out", "earlier", "nonsense", "type"))

    def change(number: int, frame: bytes, seen: list[bytes]) -> list[bytes] | None:
        if number != victim:
            return [frame]
        place = dice.randrange(4, len(frame))
        flipped = frame[:place] + bytes([frame[place] ^ 1 << dice.randrange(8)]) + frame[place + 1 :]
        head, *fields = msgspec.msgpack.decode(frame[4:])
        other = [head, *(dice.choice((None, -1, 2**63, "x", b"", [])) if dice.random() < 0.5 else one for one in fields)]
        ways: dict[str, list[bytes] | None] = {
            "cut": None,
            "half": [frame[: dice.randrange(len(frame))]],
            "flip": [flipped],
            "twice": [frame, frame],
            "out": [],
            "earlier": [dice.choice(seen)] if seen else None,
            "nonsense": [framed(dice.randbytes(dice.randrange(50)))],
            "type": [framed(msgspec.msgpack.encode(other))],
        }
        return ways[how]

    return change


@pytest.mark.parametrize("seed", seeds(2))
def test_frames_that_are_spoilt_on_their_way(
    sticks: Sticks, world: World, open_at: Callable[..., Receiver], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """After each, a visit that nobody disturbs brings everything over; nothing is told to be handed in that is not."""
    monkeypatch.setattr(handing_in, "_SILENCE", 0.5)
    monkeypatch.setattr(receiver, "_STRANGER", 0.5)
    monkeypatch.setattr(receiver, "_SILENCE", 0.5)
    monkeypatch.setattr(handover, "PART", 300)
    village, township = sticks.station("村", VILLAGE), sticks.station("镇", TOWNSHIP)
    at = open_at(township)
    dice = random.Random(seed)
    for _n in range(10 * LONGER):
        add(village)
        with Between(at, spoiling(dice)) as between, suppress(CunzhanError):
            hand_in(village, between.address, at.code)
        done = hand_in(village, at.addresses[0], at.code)
        assert done.receipt or done.read.receipts or done.read.exchange.pushed
        stick.read(township, sticks.county(sticks.write(township)))
        at._desk.guard.wrong = 0
        at._desk.guard._tried.clear()
    hand_in(village, at.addresses[0], at.code)
    assert unsent(village) == 0
    stick.read(township, sticks.county(sticks.write(township)))
    assert_equal(world)


def in_its_place(township: Store, *answers: handover.Message, forever: bool = False) -> str:
    """The address of somebody who greets as the township, whom nobody can know yet, and has these answers to whatever is said."""
    with township.read() as session:
        me = identity.load(session)
    assert me is not None
    said = [handover.Greeting(handover.PROTOCOL, me.county, me.station, me.scope, b"x" * 16), *answers]
    listening = socket.create_server((HERE, 0))

    def talk() -> None:
        with listening, suppress(HandoverError), closing(listening.accept()[0]) as connection:
            line = Line(connection, 5)
            for message in chain(said, repeat(said[-1]) if forever else ()):
                line.send(message)
                line.receive()

    Thread(target=talk, daemon=True).start()
    return f"{HERE}:{listening.getsockname()[1]}"


NOTHING = handover.Welcome([])


def test_a_false_township_that_never_has_enough_keeps_nobody(
    sticks: Sticks, open_at: Callable[..., Receiver], monkeypatch: pytest.MonkeyPatch
) -> None:
    village, township = sticks.station("村", VILLAGE), sticks.station("镇", TOWNSHIP)
    add(village)
    send, sent = Line.send, list[handover.Message]()

    def sending(line: Line, message: handover.Message) -> None:
        sent.append(message)
        assert len(sent) < 100
        send(line, message)

    monkeypatch.setattr(Line, "send", sending)
    with pytest.raises(Unreachable):
        hand_in(village, in_its_place(township, NOTHING, handover.Have(0), forever=True), "123456")
    assert hand_in(village, (at := open_at(township)).addresses[0], at.code).records == 1


@pytest.mark.parametrize(
    "answers", [[handover.Welcome([handover.Waiting(digest(b"x"), 1)]), handover.Part(b"x")], [NOTHING, handover.Taken(b"x")]]
)
def test_what_a_false_township_answers_is_told_without_a_word_of_sticks(
    sticks: Sticks, open_at: Callable[..., Receiver], answers: list[handover.Message]
) -> None:
    village, township = sticks.station("村", VILLAGE), sticks.station("镇", TOWNSHIP)
    add(village)
    with pytest.raises(TurnedAway, match="那台电脑答复的内容读不懂"):
        hand_in(village, in_its_place(township, *answers), "123456")
    assert unsent(village) == 1
    assert hand_in(village, (at := open_at(township)).addresses[0], at.code).records == 1


def test_whoever_keeps_knocking_does_not_keep_it_open(sticks: Sticks, open_at: Callable[..., Receiver]) -> None:
    at = open_at(sticks.station("镇", TOWNSHIP), idle=0.05)
    address, until = parse_address(at.addresses[0]), monotonic() + 5
    with suppress(OSError):
        while not at.standing.closed and monotonic() < until:
            socket.create_connection(address, 1).close()
    assert at.standing.closed == "idle"


def test_whoever_listens_learns_of_nobody(sticks: Sticks, open_at: Callable[..., Receiver]) -> None:
    """Neither a name nor a number, nor the code: both ways, receipts and answers too."""
    village, township = sticks.station("村", VILLAGE), sticks.station("镇", TOWNSHIP)
    heard = bytearray()

    def listening(_number: int, frame: bytes, _seen: list[bytes]) -> list[bytes]:
        heard.extend(frame)
        return [frame]

    at = open_at(township)
    for name in ("欧阳若兰", "欧阳若梅"):
        add(village, name=name, phone="13800138000")
        with Between(at, listening) as between:
            hand_in(village, between.address, at.code)
        stick.read(township, sticks.county(sticks.write(township)))
    words = ("欧阳", "13800138000", "2308261970", at.code)
    assert len(heard) > 3000 and [word for word in words if word.encode() in heard] == []


def test_a_laptop_whose_right_was_taken_away_hands_in_to_no_purpose(sticks: Sticks, world: World, open_at: Callable[..., Receiver]) -> None:
    """The township cannot know and carries it; the county takes nothing, says so, and what waits stays where it was written."""
    village, township = sticks.station("村", VILLAGE), sticks.station("镇", TOWNSHIP)
    id = add(village)
    with world.county.write() as session:
        revoke(session, village.station)
    at = open_at(township)
    assert hand_in(village, at.addresses[0], at.code).receipt
    stick.read(township, sticks.county(sticks.write(township)))
    told = hand_in(village, at.addresses[0], at.code)
    assert [str(error) for error in told.read.refused if "停用" in str(error)]
    assert (get(world.county, id), unsent(village), "county" in states(village)) == (None, 1, False)
    stick.read(village, sticks.county(sticks.write(village, code=world.code(VILLAGE))))  # its right is given back
    hand_in(village, at.addresses[0], at.code)
    stick.read(township, sticks.county(sticks.write(township)))
    hand_in(village, at.addresses[0], at.code)
    assert get(world.county, id) is not None and unsent(village) == 0

"""Somebody between a village and its township on their network, or in the township's place, who does to their frames what he likes: nobody
is fooled, kept busy for ever or stopped, and the next visit brings all of it over."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from itertools import chain, count, repeat
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from nacl.signing import SigningKey
from sqlalchemy import select

from db.bundles import bundle as noted
from db.store import Store
from domain.errors import CunzhanError, Unreachable
from server.devices import revoke
from sync.replica import identity
from sync.station.lan import desk, handing_in, receiver
from sync.station.lan.finding import parse_address
from sync.station.lan.handing_in import HandedIn, TurnedAway, hand_in
from sync.station.lan.receiver import Receiver
from sync.station.stick import reading
from sync.wire import bundle, handover
from sync.wire.envelope import digest
from sync.wire.handover import FramedConnection, HandoverError
from tests.seeds import LONGER, seeds
from tests.sync.conftest import OTHER_VILLAGE, VILLAGE, World, add, assert_equal, get, unsent
from tests.sync.sticks import Sticks, everything, states
from tests.sync.test_handover import HERE, open_at, township, village, visit

__all__ = ["open_at", "township", "village"]

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
    sticks: Sticks,
    world: World,
    village: Store,
    township: Store,
    open_at: Callable[..., Receiver],
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
) -> None:
    """After each, a visit that nobody disturbs brings everything over; nothing is told to be handed in that is not."""
    monkeypatch.setattr(handover, "PART", 300)
    at = open_at(township)
    dice = random.Random(seed)
    for _n in range(10 * LONGER):
        add(village)
        with monkeypatch.context() as hasty:  # not the visit that nobody disturbs: this machine may be slow
            for module, name in ((handing_in, "_SILENCE"), (receiver, "_STRANGER"), (receiver, "_SILENCE")):
                hasty.setattr(module, name, 0.5)
            with Between(at, spoiling(dice)) as between, suppress(CunzhanError):
                hand_in(village, between.address, at.code)
        done = visit(village, at)
        assert done.receipt or done.read.receipts or done.read.exchange.pushed
        reading.read(township, sticks.county(sticks.write(township)))
        at._desk.guard.wrong = 0
        at._desk.guard._tried.clear()
    visit(village, at)
    assert unsent(village) == 0
    reading.read(township, sticks.county(sticks.write(township)))
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
            line = FramedConnection(connection, 5)
            for message in chain(said, repeat(said[-1]) if forever else ()):
                line.send(message)
                line.receive()

    Thread(target=talk, daemon=True).start()
    return f"{HERE}:{listening.getsockname()[1]}"


NOTHING = handover.Welcome([])


def test_a_false_township_that_never_has_enough_keeps_nobody(
    village: Store, township: Store, open_at: Callable[..., Receiver], monkeypatch: pytest.MonkeyPatch
) -> None:
    add(village)
    send, sent = FramedConnection.send, list[handover.Message]()

    def sending(line: FramedConnection, message: handover.Message) -> None:
        sent.append(message)
        assert len(sent) < 100
        send(line, message)

    monkeypatch.setattr(FramedConnection, "send", sending)
    with pytest.raises(Unreachable):
        hand_in(village, in_its_place(township, NOTHING, handover.Have(0), forever=True), "123456")
    assert visit(village, open_at(township)).records == 1


@pytest.mark.parametrize(
    "answers", [[handover.Welcome([handover.WaitingBundle(digest(b"x"), 1)]), handover.Part(b"x")], [NOTHING, handover.Taken(b"x")]]
)
def test_what_a_false_township_answers_is_told_without_a_word_of_sticks(
    village: Store, township: Store, open_at: Callable[..., Receiver], answers: list[handover.Message]
) -> None:
    add(village)
    with pytest.raises(TurnedAway, match="那台电脑答复的内容读不懂"):
        hand_in(village, in_its_place(township, *answers), "123456")
    assert unsent(village) == 1
    assert visit(village, open_at(township)).records == 1


def test_whoever_keeps_knocking_does_not_keep_it_open(township: Store, open_at: Callable[..., Receiver]) -> None:
    at = open_at(township, idle=0.05)
    address, until = parse_address(at.addresses[0]), monotonic() + 5
    with suppress(OSError):
        while not at.standing.closed and monotonic() < until:
            socket.create_connection(address, 1).close()
    assert at.standing.closed == "idle"


def test_whoever_listens_learns_of_nobody(sticks: Sticks, village: Store, township: Store, open_at: Callable[..., Receiver]) -> None:
    """Neither a name nor a number, nor the code: both ways, receipts and answers too."""
    heard = bytearray()

    def listening(_number: int, frame: bytes, _seen: list[bytes]) -> list[bytes]:
        heard.extend(frame)
        return [frame]

    at = open_at(township)
    for name in ("欧阳若兰", "欧阳若梅"):
        add(village, name=name, phone="13800138000")
        with Between(at, listening) as between:
            hand_in(village, between.address, at.code)
        reading.read(township, sticks.county(sticks.write(township)))
    words = ("欧阳", "13800138000", "2308261970", at.code)
    assert len(heard) > 3000 and [word for word in words if word.encode() in heard] == []


def test_a_laptop_whose_right_was_taken_away_hands_in_to_no_purpose(
    sticks: Sticks, world: World, village: Store, township: Store, open_at: Callable[..., Receiver]
) -> None:
    """The township cannot know and carries it; the county takes nothing, says so, and what waits stays where it was written."""
    id = add(village)
    with world.county.write() as session:
        revoke(session, village.station)
    at = open_at(township)
    assert visit(village, at).receipt
    reading.read(township, sticks.county(sticks.write(township)))
    told = visit(village, at)
    assert [str(error) for error in told.read.refused if "停用" in str(error)]
    assert (get(world.county, id), unsent(village), "county" in states(village)) == (None, 1, False)
    reading.read(village, sticks.county(sticks.write(village, code=world.code(VILLAGE))))  # its right is given back
    visit(village, at)
    reading.read(township, sticks.county(sticks.write(township)))
    visit(village, at)
    assert get(world.county, id) is not None and unsent(village) == 0


# -- strangers, by hand ------------------------------------------------------------------------------------------------


class Stranger:
    """Somebody who speaks the frames by hand, as `store`'s station unless something is replaced."""

    def __init__(self, at: Receiver, store: Store, **said: Any) -> None:
        host, port = parse_address(at.addresses[0])
        self.line = FramedConnection(socket.create_connection((host, port), 5), 5)
        greeting = self.line.receive()
        assert isinstance(greeting, handover.Greeting)
        with store.read() as session:
            me, certificate = identity.load(session), identity.certificate(session)
        assert me is not None
        words: dict[str, Any] = {
            "station": me.station,
            "scope": me.scope,
            "key": me.signing,
            "certificate": certificate,
            "code": at.code,
        } | said
        self.hello = said.pop("hello", None) or handover.hello(greeting, **words)
        self.answer = self.ask(self.hello)

    def ask(self, message: handover.Message) -> handover.Message:
        self.line.send(message)
        return self.line.receive()

    def offer(self, raw: bytes, sha: bytes = b"", size: int = 0) -> handover.Message:
        answer = self.ask(handover.Offer(sha or digest(raw), size or len(raw)))
        return self.ask(handover.Put(0, raw)) if isinstance(answer, handover.Have) else answer

    def __enter__(self) -> Stranger:
        return self

    def __exit__(self, *_error: object) -> None:
        self.line._line.close()


REFUSED = handover.Refused


def test_only_who_shows_its_key_is_answered(sticks: Sticks, village: Store, township: Store, open_at: Callable[..., Receiver]) -> None:
    at = open_at(township)
    with Stranger(at, village) as known:
        assert isinstance(known.answer, handover.Welcome)
        recorded = known.hello
    with Stranger(at, village, hello=recorded) as replayed:
        assert replayed.answer == REFUSED("code")  # another nonce
    for said in ({"key": SigningKey.generate()}, {"station": "别人"}, {"scope": OTHER_VILLAGE}, {"certificate": b""}):
        with Stranger(at, village, **said) as stranger:
            assert stranger.answer == REFUSED("unknown")
    with Stranger(at, village, scope="230881100201") as far:
        assert far.answer == REFUSED("place")


def test_nothing_of_somebody_else_is_handed_out_or_taken(
    sticks: Sticks, village: Store, township: Store, open_at: Callable[..., Receiver], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = sticks.station("邻", OTHER_VILLAGE)
    at = open_at(township)
    visit(other, at)
    reading.read(township, sticks.county(sticks.write(township)))
    with township.read() as session:
        answer = session.conn.execute(select(noted.c.answer).where(noted.c.answer.is_not(None))).scalar_one()
    with Stranger(at, village) as asking:
        assert asking.answer == handover.Welcome([])
        assert asking.ask(handover.Fetch(digest(answer), 0)) == REFUSED("station")
    theirs, own = (next(bundle.read_file(sticks.write(one))) for one in (other, village))
    before = everything(township)
    with village.read() as session:
        me = identity.load(session)
    assert me is not None
    forged = bundle.make(own.index, own.body, SigningKey.generate())
    foreign = bundle.make(replace(own.index, county="another"), own.body, me.signing)
    joining = bundle.make(replace(own.index, kind="enrol"), own.body, me.signing)
    for raw, word in ((theirs.raw, "station"), (forged.raw, "signature"), (foreign.raw, "county"), (joining.raw, "station")):
        with Stranger(at, village) as bringing:
            assert bringing.offer(raw) == REFUSED(word)
    for raw, sha, size, word in ((b"x" * 50, b"", 0, "damaged"), (own.raw, b"y" * 32, 0, "damaged"), (b"x", b"", 2**40, "large")):
        with Stranger(at, village) as bringing:
            assert bringing.offer(raw, sha, size) == REFUSED(word)
    with Stranger(at, village) as flooding:
        assert flooding.offer(own.raw, size=10) == REFUSED("large")
    monkeypatch.setattr(desk, "MAX_BEGUN", 10)
    with Stranger(at, village) as flooding:
        assert flooding.offer(own.raw) == REFUSED("full")
    assert everything(township) == before


@pytest.mark.parametrize("bytes_", [b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 4 + b"x" * 100, b"\x00\x00\x00\x02\xc1\xc1", b""])
def test_what_is_no_frame_is_hung_up_on(township: Store, village: Store, open_at: Callable[..., Receiver], bytes_: bytes) -> None:
    at = open_at(township)
    with closing(socket.create_connection(parse_address(at.addresses[0]), 5)) as line:
        line.settimeout(5)
        line.sendall(bytes_)
        line.shutdown(socket.SHUT_WR)
        with suppress(ConnectionError):
            while line.recv(4096):
                pass
    assert isinstance(visit(village, at), HandedIn)


def test_a_few_connections_from_one_address_and_no_more(township: Store, open_at: Callable[..., Receiver]) -> None:
    at = open_at(township)
    held = [socket.create_connection(parse_address(at.addresses[0]), 5) for _n in range(receiver.MAX_FROM_ONE)]
    greeted = [bool(one.recv(1)) for one in held]
    with closing(socket.create_connection(parse_address(at.addresses[0]), 5)) as late:
        assert (greeted, late.recv(1)) == ([True] * receiver.MAX_FROM_ONE, b"")
    for one in held:
        one.close()


@pytest.mark.parametrize("addresses", [3, 12, 40])
def test_devices_that_take_every_place_again_and_again_keep_no_village_out(
    township: Store, village: Store, open_at: Callable[..., Receiver], addresses: int
) -> None:
    """Eight addresses were enough for all places; who was not known kept each for ten seconds and took it again."""
    at = open_at(township)
    place, over = parse_address(at.addresses[0]), Event()

    def hold(address: str) -> None:
        held: list[socket.socket] = []
        while not over.wait(0.02):
            held = [one for one in held if not _is_gone(one)]
            with suppress(OSError):
                while len(held) < receiver.MAX_FROM_ONE:
                    held.append(socket.create_connection(place, 1, (address, 0)))
        for one in held:
            one.close()

    floods = [Thread(target=hold, args=(f"127.0.1.{1 + n}",)) for n in range(addresses)]
    for one in floods:
        one.start()
    over.wait(0.5)
    try:
        for _visit in range(5):
            add(village)
            assert visit(village, at).records
        assert at.standing.busy <= 1
    finally:
        over.set()
        for one in floods:
            one.join(10)


def _is_gone(line: socket.socket) -> bool:
    line.setblocking(False)
    try:
        while line.recv(4096):
            pass
    except BlockingIOError:
        return False
    except OSError:
        pass
    line.close()
    return True


def test_no_more_villages_at_once_than_there_is_memory_for(
    sticks: Sticks, township: Store, village: Store, open_at: Callable[..., Receiver], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiver, "MAX_AT_ONCE", 1)
    other = sticks.station("邻", OTHER_VILLAGE)
    at = open_at(township)
    with Stranger(at, village) as known:
        assert known.ask(handover.Offer(b"x", 1)) == handover.Have(0)
        with Stranger(at, other) as late, pytest.raises(HandoverError):
            late.ask(handover.Offer(b"x", 1))
        assert known.ask(handover.Offer(b"x", 1)) == handover.Have(0)
    while at.standing.busy:  # it sees a moment later that the first one is gone
        sleep(0.01)
    assert isinstance(visit(other, at), HandedIn)


def test_a_village_that_stays_keeps_it_open_for_a_day_and_no_longer(
    township: Store, village: Store, open_at: Callable[..., Receiver]
) -> None:
    at = open_at(township, longest=0.3)
    with Stranger(at, village) as known, suppress(HandoverError):
        while not at.standing.closed:
            known.ask(handover.Offer(b"x", 1))
    at._threads[0].join(5)
    assert at.standing.closed == "long"


def test_a_station_has_one_connection(township: Store, village: Store, open_at: Callable[..., Receiver]) -> None:
    """One that was cut is not waited for, and none can be held in number."""
    at = open_at(township)
    with Stranger(at, village) as first, Stranger(at, village) as second:
        with pytest.raises(HandoverError):
            first.ask(handover.Offer(b"x", 1))
        assert second.ask(handover.Offer(b"x", 1)) == handover.Have(0)
    add(village)
    assert visit(village, at).records == 1

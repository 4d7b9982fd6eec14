"""A village finds its township's receiver in the local network by one question; only this machine's own address is asked here."""

from __future__ import annotations

import random
import socket
import sys
import threading
from collections.abc import Callable
from functools import partial

import pytest

from db.local import get_meta
from db.store import Store
from domain.errors import InputUnusable, Stopped, Unreachable
from sync.station.lan import finding as looking
from sync.station.lan.handing_in import ADDRESS, hand_in
from sync.station.lan.receiver import Receiver
from sync.wire import handover
from sync.wire.handover import Answer
from tests.sync.conftest import VILLAGE, add
from tests.sync.sticks import Sticks
from tests.sync.test_handover import HERE, open_at, township, village

__all__ = ["open_at", "township", "village"]

_find = looking.find


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Whom villages ask from now on."""

    def ask_(*ports: int) -> None:
        monkeypatch.setattr(looking, "find", partial(_find, targets=[(HERE, port) for port in ports]))

    return ask_


def test_a_village_needs_the_code_only(village: Store, township: Store, open_at: Callable[..., Receiver], ask: Callable[..., None]) -> None:
    add(village)
    at = open_at(township)
    ask(at.asked_port)
    assert hand_in(village, "", at.code).records == 1
    with village.read() as session:
        assert get_meta(session, ADDRESS) == at.addresses[0]


def test_a_township_with_a_new_address_is_found_too(
    village: Store, township: Store, open_at: Callable[..., Receiver], ask: Callable[..., None]
) -> None:
    add(village)
    at = open_at(township)
    ask(at.asked_port)
    with socket.create_server((HERE, 0)) as gone:
        before = f"{HERE}:{gone.getsockname()[1]}"
    assert hand_in(village, before, at.code).records == 1


def test_nobody_there_is_told_with_what_to_look_at(village: Store, ask: Callable[..., None]) -> None:
    ask(9)
    with pytest.raises(Unreachable, match="没有找到乡镇的电脑"):
        hand_in(village, "", "123456")


def test_two_receivers_are_not_guessed_between(
    sticks: Sticks, village: Store, township: Store, open_at: Callable[..., Receiver], ask: Callable[..., None]
) -> None:
    both = [open_at(store) for store in (township, sticks.station("镇二", "230826101"))]
    ask(*(at.asked_port for at in both))
    with pytest.raises(InputUnusable, match="找到 2 台") as told:
        hand_in(village, "", both[0].code)
    assert all(at.addresses[0] in str(told.value) for at in both)


def test_only_ones_own_township_is_found_and_before_the_county(sticks: Sticks, township: Store, open_at: Callable[..., Receiver]) -> None:
    near_, county = open_at(township), open_at(sticks.station("县", "230826"))
    targets = [(HERE, near_.asked_port), (HERE, county.asked_port), (HERE, near_.asked_port)]
    assert _find(VILLAGE, targets=targets) == near_.addresses
    assert _find("230826102201", targets=targets) == county.addresses
    assert _find("230882101201", targets=targets) == []
    near_.close()
    assert _find(VILLAGE, targets=targets) == county.addresses


def test_looking_can_be_stopped() -> None:
    def stop(_done: int, _total: int, _what: str) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        _find(VILLAGE, targets=[(HERE, 9)], progress=stop)


def test_what_strangers_send_is_neither_answered_nor_believed(township: Store, open_at: Callable[..., Receiver]) -> None:
    at, chance = open_at(township), random.Random(20)
    nonce = bytes(range(16))
    good = handover.question(nonce)
    bad = [b"", good[:-1], good + b"\0", good[:-1] + b"x", b"x" + good[1:], chance.randbytes(64), chance.randbytes(60_000)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(2)
        for datagram in [*bad, good]:
            asking.sendto(datagram, (HERE, at.asked_port))
        answer = asking.recv(1000)
        assert len(answer) < len(good)
        assert handover.answered(answer, nonce) is not None
        asking.settimeout(0.2)
        with pytest.raises(TimeoutError):  # the good question alone was answered
            asking.recv(1000)


@pytest.mark.parametrize("scope", ["", "23", "230826101202", "２３０８２６", "23082a", "230826101 ", "230826101\n"])
def test_answers_with_other_scopes_are_none(scope: str) -> None:
    nonce, opening = b"n" * 16, b"o" * 8
    assert handover.answered(handover.answer(nonce, Answer(opening, 47230, "230826101")), nonce) == Answer(opening, 47230, "230826101")
    assert handover.answered(handover.answer(nonce, Answer(opening, 47230, scope)), nonce) is None
    assert handover.answered(handover.answer(nonce, Answer(opening, 0, "230826101")), nonce) is None
    assert handover.answered(handover.answer(nonce, Answer(opening, 47230, "230826101")), b"m" * 16) is None


def test_any_bytes_are_read_without_error() -> None:
    chance, nonce = random.Random(7), b"n" * 16
    whole = handover.answer(nonce, Answer(b"o" * 8, 47230, "230826101"))
    for _n in range(2000):
        cut = bytearray(whole[: chance.randint(0, len(whole))] + chance.randbytes(chance.choice((0, 0, 3))))
        if cut:
            cut[chance.randrange(len(cut))] ^= 1 << chance.randrange(8)
        handover.answered(bytes(cut), nonce)
        handover.asked(bytes(cut))


def test_a_flood_of_questions_is_answered_in_part_only(township: Store, open_at: Callable[..., Receiver]) -> None:
    at = open_at(township)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(0.3)
        for n in range(200):
            asking.sendto(handover.question(n.to_bytes(16, "big")), (HERE, at.asked_port))
        answers = sum(1 for _answer in iter(partial(_heard, asking), b""))
    assert 0 < answers <= 2 * looking._MOST


def test_who_asks_without_end_keeps_nobody_from_being_answered(township: Store, open_at: Callable[..., Receiver]) -> None:
    at = open_at(township)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        asking.bind(("127.0.0.2", 0))
        for n in range(looking._MOST):
            asking.sendto(handover.question(n.to_bytes(16, "big")), (HERE, at.asked_port))
        other.settimeout(0.5)
        other.sendto(handover.question(b"n" * 16), (HERE, at.asked_port))
        assert _heard(other)


def test_many_answers_of_one_computer_hide_no_other() -> None:
    """The first twenty filled the list, and the township's was not in it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as true, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as false:
        true.bind((HERE, 0))
        false.bind(("127.0.0.2", 0))

        def answer() -> None:
            nonce = handover.asked(false.recv(1000)) or b""
            village = true.recvfrom(1000)[1]
            for n in range(2 * looking._MOST):
                false.sendto(handover.answer(nonce, Answer(n.to_bytes(8, "big"), 1 + n, "230826101")), village)
            true.sendto(handover.answer(nonce, Answer(b"o" * 8, 47230, "230826101")), village)

        answering = threading.Thread(target=answer)
        answering.start()
        asked = [false.getsockname(), true.getsockname()]
        found = _find(VILLAGE, targets=asked)
        answering.join()
    assert found == ["127.0.0.2:1", "127.0.0.2:2", HERE]


@pytest.mark.skipif(sys.platform != "linux", reason="broadcasts of a machine to itself")
def test_a_receiver_of_one_address_is_found_by_broadcast(township: Store, open_at: Callable[..., Receiver]) -> None:
    """On Linux a socket of one address hears no broadcast."""
    at = open_at(township)
    assert _find(VILLAGE, targets=[("127.255.255.255", at.asked_port)]) == at.addresses


def test_the_answer_comes_from_the_address_that_was_given(township: Store, open_at: Callable[..., Receiver]) -> None:
    at = open_at(township)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(2)
        asking.sendto(handover.question(b"n" * 16), ("127.0.0.2", at.asked_port))
        assert asking.recvfrom(1000)[1][0] == HERE


def _heard(asking: socket.socket) -> bytes:
    try:
        return asking.recv(1000)
    except TimeoutError:
        return b""


def test_a_port_in_use_leaves_the_typed_address(village: Store, township: Store, open_at: Callable[..., Receiver]) -> None:
    at = open_at(township)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("", 0))
        answering = looking.Answering("", other.getsockname()[1], Answer(b"o" * 8, 1, "230826101"), lambda: False)
        answering.start()
        answering.join(5)
        assert not answering.is_alive() and answering.port == 0
    assert hand_in(village, at.addresses[0], at.code) is not None

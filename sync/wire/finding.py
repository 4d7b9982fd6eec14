"""How a village's laptop finds a township's receiver in its local network: a question to everyone there and an answer, as UDP datagrams.

    question   8 bytes that name it, a nonce of 16 bytes, zeros up to 64 bytes
    answer     8 bytes that name it, the nonce, 8 bytes that are the same for one opening, its TCP port in 2 bytes, its scope in ASCII

An answer is shorter than its question, so a receiver cannot be used to flood somebody else. Neither is trusted: the code and the county's
certificates are checked over the connection (`sync.wire.handover`), and a false answer gains no more than a mistyped address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

QUESTION = 64
"""Bytes of a question."""
LONGEST = 128
"""Bytes read of any datagram: more than either has."""
NONCE, OPENING = 16, 8
_ASKS, _ANSWERS = b"czwhere1", b"czhere_1"
_SCOPE = re.compile(rb"\d{6}(\d{3})?")


@dataclass(frozen=True)
class Answer:
    """`opening`: the same in all answers of one receiver, which may have several addresses; `scope`: of a township or county."""

    opening: bytes
    port: int
    scope: str


def question(nonce: bytes) -> bytes:
    """The datagram that asks for receivers."""
    return (_ASKS + nonce).ljust(QUESTION, b"\0")


def asked(datagram: bytes) -> bytes | None:
    """The nonce of a question, or None for any other datagram."""
    nonce = datagram[len(_ASKS) : len(_ASKS) + NONCE]
    return nonce if len(datagram) == QUESTION and datagram == question(nonce) else None


def answer(nonce: bytes, found: Answer) -> bytes:
    """The datagram that answers the question with this nonce."""
    return _ANSWERS + nonce + found.opening + found.port.to_bytes(2, "big") + found.scope.encode()


def answered(datagram: bytes, nonce: bytes) -> Answer | None:
    """The answer to the question with this nonce, or None for any other datagram."""
    head = _ANSWERS + nonce
    opening, port, scope = (datagram[len(head) :][part] for part in (slice(OPENING), slice(OPENING, OPENING + 2), slice(OPENING + 2, None)))
    if not datagram.startswith(head) or not _SCOPE.fullmatch(scope) or not any(port):
        return None
    return Answer(opening, int.from_bytes(port, "big"), scope.decode())

"""Messages between station and county: MessagePack arrays whose new fields go at the end, so that older programs read them.

`POST /sync` carries a `Request` and answers an `Answer`, `POST /again` names an earlier request by its hash
(`sync.replica.repeated_requests`); `POST /enrol` an `Enrol` and an `Enrolled`; `POST /bundle` a bundle that a courier brings
(`sync.wire.bundle`) and a `Relayed`; `POST /content` `Contents` and `Contained`. Batches inside are the sealed bytes of
`sync.wire.envelope`, compressed already.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta
from nacl.signing import SigningKey

from db.signatures import verify
from domain.divisions import level
from sync.wire.columns import WireError

PROTOCOL = 1
CONTENT_TYPE = "application/x-cunzhan"
MAX_MESSAGE = 64 * 2**20
"""Neither side reads more of one message."""
TIP = 4
"""Bytes of a chain that travel with a cursor."""
MOST_FILES = 200
"""Contents of attachments named in one request; further ones are not looked at."""
MOST_NAMED = 2000
"""Lost entries named in one request without their batches; further ones are not looked at."""
MOST_OFFERED = 20_000
"""Lost entries one request brings; further ones are not looked at."""
OFFER = 16 * 2**20
"""Bytes of lost entries one request brings, the last of them apart; further ones are not looked at."""
MAX_VECTOR = 16
"""A reader of more scopes compares a digest first and sends its cursors only when asked."""


Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
"""A number that fits into a column of any database."""
Small = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Name = Annotated[str, Meta(max_length=200, pattern="^[^\\x00]*$")]
Scope = Annotated[str, Meta(max_length=12, pattern="^[^\\x00]*$")]
Hash = Annotated[bytes, Meta(max_length=64)]
"""Also keys, tokens, proofs."""
_SCOPES = Meta(max_length=20_000)
_KINDS = Meta(max_length=1000)


class Entry(msgspec.Struct, array_like=True, frozen=True):
    """A sequenced entry. `batch` is None when it is the asking station's own, which holds the bytes."""

    scope: Scope
    seq: Count
    station: Name
    incarnation: Small
    number: Count
    refused: list[tuple[int, str]]
    signature: bytes
    batch: bytes | None
    known: Count | None = None
    """What its author is taken to have seen of the log, where that is not what the batch says (`county`, a log that parted)."""


class Lost(msgspec.Struct, array_like=True, frozen=True):
    """A sequenced entry the county may have lost, and the chain of its log before it (`sync.replica.history`). Without its batch: one that
    an earlier request brought, to say where it stood."""

    entry: Entry
    before: bytes


class Holding(msgspec.Struct, array_like=True, frozen=True):
    """How many pieces of a snapshot a station has: of all of them, or of those of some kinds when only these are to be mended."""

    scope: Scope
    seq: Count
    pieces: Count
    kinds: Annotated[list[int], _KINDS] = []


class Offer(msgspec.Struct, array_like=True, frozen=True):
    """Pieces of a snapshot from number `first` on. `manifest` and its signature come with the first; `own`: the station's entries in it."""

    scope: Scope
    manifest: bytes
    signature: bytes
    first: Count
    pieces: list[bytes]
    own: list[Entry]


class Piece(msgspec.Struct, array_like=True, frozen=True):
    """Bytes of an attachment's content from `start` on."""

    sha256: Hash
    start: Count
    body: bytes


class Files(msgspec.Struct, array_like=True, frozen=True, kw_only=True):
    """Content of attachments as it travels by stick: as in `Contents`, and in `Contained` with `offered` repeated."""

    offered: list[tuple[Hash, Count]] = []
    pieces: list[Piece] = []
    wanted: list[tuple[Hash, Count]] = []
    held: list[int] = []


class Request(msgspec.Struct, array_like=True, frozen=True, kw_only=True):
    """What a station says: who it is, how far it has read, what it last sealed, and batches. `budget`: bytes of entries wanted at once."""

    protocol: Count
    schema: Count
    program: Name
    station: Name
    incarnation: Small
    token: Hash
    number: Count
    sha256: Hash
    unsent: Small
    cursors: Annotated[dict[Scope, Count], _SCOPES] | None
    digest: Hash
    budget: Count
    batches: list[bytes]
    nonce: Hash = b""
    proof: Hash = b""
    holding: Holding | None = None
    state: Hash = b""
    """When a check is due, what stands for the sums of everything at these cursors; `sums` themselves when the county asks for them."""
    sums: Annotated[dict[Scope, Annotated[dict[int, Name], _KINDS]], _SCOPES] | None = None
    tips: Annotated[list[Hash], _SCOPES] = []
    """The chains of the logs at the cursors, in the order of their scopes; an empty one is unknown."""
    lost: list[Lost] = []
    """Entries after the cursors the county may have lost; then nothing is handed out."""
    rewound: bool = False
    """This incarnation is new because the county was put back from a backup, not the station."""
    asks: bool = False
    """An upload broke off: how much of the next batch arrived? Then no batches are brought."""
    skip: Count = 0
    """Bytes at the beginning of the first batch that are left out, because they arrived."""
    resume: tuple[Scope, Count, Count] | None = None
    """Of this entry (scope, seq) so many bytes arrived: they are left out of the answer."""
    files: Files | None = None
    """On a stick."""


class Answer(msgspec.Struct, array_like=True, frozen=True, kw_only=True):
    """What the county says. `status` is one of `STATUS`; `received`: the last own batch it holds; `time`: its clock, Unix seconds."""

    status: str
    time: Count
    token: bytes = b""
    received: Count = 0
    entries: list[Entry] = []
    more: bool = False
    nonce: bytes = b""
    incarnation: Small = 0
    """With `fork`: the one to go on under."""
    offer: Offer | None = None
    compared: bool = False
    differing: dict[str, dict[int, str]] = {}
    """Scopes whose state at the station is not the county's, with the county's sums (`sync.replica.integrity`)."""
    marks: dict[str, list[tuple[int, bytes]]] = {}
    """With `gap`: logs of which the station has read what is not here, and chains of what is."""
    arrived: Count = 0
    """Bytes of the batch after `received` that are here."""
    skip: Count = 0
    """Bytes left out of the first batch that follows, as asked by `resume`."""
    files: Files | None = None
    """On a stick."""
    lease: Small = 0
    """With `ok`: days without an answer after which the station shows no number in full; 0 for no such term."""
    releases: list[tuple[str, str]] = []
    """With `ok`, over the network: releases of the program that the county hands out to this station's place and that are newer than its
    own, as (system, version). The station picks its system's; a county that hands out none says nothing."""


STATUS = frozenset({"ok", "prove", "cursors", "fork", "gap", "broken", "newer", "unknown", "revoked", "sums"})
"""ok · prove: sign this nonce · cursors: send them · fork: a clone or restored backup, `incarnation` is new · gap: batches missing
before these, or the station has read what is not here · broken: a batch is not what it should be · newer: the station's program is
newer than the county's · unknown, revoked: the device · sums: send the sums of your state, they are not the county's."""


class Enrol(msgspec.Struct, array_like=True, frozen=True, kw_only=True):
    """A station asks to belong to the county: its code, its scope and its public keys (Ed25519 for signing, X25519 for sealing)."""

    protocol: Count
    code: Name
    station: Name
    scope: Scope
    role: Name
    key: Hash
    seal_key: Hash
    program: Name


class Enrolled(msgspec.Struct, array_like=True, frozen=True, kw_only=True):
    """The county's word. `status`: ok, code (unknown or used up), expired, scope (the code is for `scope`), taken or revoked.
    `certificate`: the county's signature that this station has this key (`device_signed`), for those who never met it. `lease` as in
    `Answer`."""

    status: str
    time: int
    county: str = ""
    county_key: bytes = b""
    recovery_key: bytes = b""
    token: bytes = b""
    incarnation: int = 0
    scope: str = ""
    certificate: bytes = b""
    lease: Small = 0


class Contents(msgspec.Struct, array_like=True, frozen=True, kw_only=True):
    """`POST /content`: a station, named and proved by `asking` as at `/sync`, offers content by hash and size, sends pieces of what it
    offers, and asks for content from a byte on, at most about `budget` bytes."""

    asking: Request
    offered: list[tuple[Hash, Count]] = []
    pieces: list[Piece] = []
    wanted: list[tuple[Hash, Count]] = []
    budget: Count = 0


class Contained(msgspec.Struct, array_like=True, frozen=True, kw_only=True):
    """The answer: of each content offered how many bytes are here now (`NOT_TAKEN`: no record that the station may write refers to it),
    and pieces of what was asked for, of what is here whole and the station may read."""

    status: str
    nonce: bytes = b""
    held: list[int] = []
    pieces: list[Piece] = []


NOT_TAKEN = -1


class ProgramAsked(msgspec.Struct, array_like=True, frozen=True):
    """`POST /program`: which release there is for a station of `scope` and this `system` that has version `have`; with a `name`
    the bytes of that one from `start` on. Nothing in it is secret, so nobody proves who they are."""

    scope: Scope
    system: Name
    have: Name
    name: Name = ""
    start: Count = 0


class ProgramOffered(msgspec.Struct, array_like=True, frozen=True):
    """The answer: the archive's name ("" if there is none), size and the county's word for it, or a `piece` of it."""

    name: Name = ""
    size: Count = 0
    word: bytes = b""
    piece: bytes = b""


class Relayed(msgspec.Struct, array_like=True, frozen=True):
    """The county's word about a bundle that came over the network: `status` as of `intake.Taken`, and the answer bundle if there is one."""

    status: str
    answer: bytes = b""


M = TypeVar("M", bound=msgspec.Struct)


def pack(message: msgspec.Struct) -> bytes:
    """The bytes of a message."""
    return msgspec.msgpack.encode(message)


def read(type: type[M], data: bytes) -> M:
    """The message in `data`; raises `WireError`."""
    try:
        return msgspec.msgpack.decode(data, type=type)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise WireError(f"not a {type.__name__}") from None


Ruling = tuple[list[tuple[int, str]], int | None]
"""What the county decided about a batch: what of it was refused, and `Entry.known`."""


def sign_entry(key: SigningKey, scope: str, seq: int, sha: bytes, ruling: Ruling) -> bytes:
    """The county's signature: that this batch has this place, and what was decided about it."""
    return key.sign(_entry_message(scope, seq, sha, ruling)).signature


def entry_signed(key: bytes, entry: Entry, sha: bytes) -> bool:
    """Whether the county gave the batch with this hash that place."""
    return verify(key, _entry_message(entry.scope, entry.seq, sha, (entry.refused, entry.known)), entry.signature)


def _entry_message(scope: str, seq: int, sha: bytes, ruling: Ruling) -> bytes:
    refused, known = ruling
    return b"cunzhan entry" + msgspec.msgpack.encode([scope, seq, sha, refused, *([] if known is None else [known])])


def sign_device(key: SigningKey, station: str, scope: str, public: bytes) -> bytes:
    """The county's signature: that this station of this scope signs with this key."""
    return key.sign(_device_message(station, scope, public)).signature


def device_signed(key: bytes, station: str, scope: str, public: bytes, certificate: bytes) -> bool:
    """Whether the county signed that."""
    return verify(key, _device_message(station, scope, public), certificate)


def _device_message(station: str, scope: str, public: bytes) -> bytes:
    return b"cunzhan device" + msgspec.msgpack.encode([station, scope, public])


def proof_message(county: str, station: str, nonce: bytes) -> bytes:
    """What a station signs to prove itself without a current token."""
    return b"cunzhan proof" + msgspec.msgpack.encode([county, station, nonce])


def heads_digest(heads: dict[str, int], tips: dict[str, bytes]) -> bytes:
    """Eight bytes that stand for how far every log has been read, and for what was read."""
    read = sorted((scope, seq, tips.get(scope, b"")) for scope, seq in heads.items() if seq)
    return sha256(msgspec.msgpack.encode(read)).digest()[:8]


def reads(station_scope: str, scope: str) -> bool:
    """A station reads its own scope, those above it and those below it."""
    return scope.startswith(station_scope) or station_scope.startswith(scope)


def writes(station_scope: str, scope: str) -> bool:
    """A station writes its own scope and those below it."""
    return level(scope) is not None and scope.startswith(station_scope)

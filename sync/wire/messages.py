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
from domain.scopes import within
from sync.wire.columns import WireError

PROTOCOL = 1
CONTENT_TYPE = "application/x-cunzhan"
MAX_MESSAGE = 64 * 2**20
"""Largest message that either side reads, in bytes."""
TIP = 4
"""Bytes of a chain that travel with a cursor."""
MOST_FILES = 200
"""Most attachment contents named in one request; further ones are ignored."""
MOST_NAMED = 2000
"""Most lost entries named in one request without their batches; further ones are ignored."""
MOST_OFFERED = 20_000
"""Most lost entries sent in one request; further ones are ignored."""
OFFER = 16 * 2**20
"""Bytes of lost entries sent in one request, not counting the last; further ones are ignored."""
MAX_VECTOR = 16
"""Most scopes whose cursors are always sent: a reader of more sends a digest first, and its cursors only on request."""


Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
"""A number that fits into an integer column of any database."""
Small = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Name = Annotated[str, Meta(max_length=200, pattern="^[^\\x00]*$")]
Scope = Annotated[str, Meta(max_length=12, pattern="^[^\\x00]*$")]
Hash = Annotated[bytes, Meta(max_length=64)]
"""Also keys, tokens, proofs."""
_SCOPES = Meta(max_length=20_000)
_KINDS = Meta(max_length=1000)


class Entry(msgspec.Struct, array_like=True, frozen=True):
    """A sequenced entry. `batch` is None for the requesting station's own entries, whose bytes it has."""

    scope: Scope
    seq: Count
    station: Name
    incarnation: Small
    number: Count
    refused: list[tuple[int, str]]
    signature: bytes
    batch: bytes | None
    known: Count | None = None
    """How far its author is taken to have read the log, where that differs from the batch (after a restore of the county)."""


class Lost(msgspec.Struct, array_like=True, frozen=True):
    """A sequenced entry the county may have lost, and the chain of its log before it (`sync.replica.history`). Without its batch it only
    states the position of one that an earlier request sent."""

    entry: Entry
    before: bytes


class Holding(msgspec.Struct, array_like=True, frozen=True):
    """How many pieces of a snapshot a station has: of all, or of those of some kinds when only these are to be repaired."""

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
    """Attachment contents in a bundle: as in `Contents`, and in `Contained` with `offered` repeated."""

    offered: list[tuple[Hash, Count]] = []
    pieces: list[Piece] = []
    wanted: list[tuple[Hash, Count]] = []
    held: list[int] = []


class Request(msgspec.Struct, array_like=True, frozen=True, kw_only=True):
    """A station's request: its identity, its cursors, its last sealed batch, and new batches. `budget`: bytes of entries wanted at once."""

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
    """When a check is due, a hash of the checksums of all scopes at these cursors. The county may then ask for the `sums` themselves."""
    sums: Annotated[dict[Scope, Annotated[dict[int, Name], _KINDS]], _SCOPES] | None = None
    tips: Annotated[list[Hash], _SCOPES] = []
    """The chains of the logs at the cursors, ordered by scope; empty where unknown."""
    lost: list[Lost] = []
    """Entries after the cursors that the county may have lost. The county then sends no entries."""
    rewound: bool = False
    """Whether this incarnation is new because the county, not the station, was restored from a backup."""
    asks: bool = False
    """Whether to ask how much of the next batch arrived, after an upload broke off. The request then has no batches."""
    skip: Count = 0
    """Bytes left out at the beginning of the first batch, because they arrived earlier."""
    resume: tuple[Scope, Count, Count] | None = None
    """Entry (scope, seq) that arrived in part, and how many bytes of it: the answer leaves these out."""
    files: Files | None = None
    """On a stick."""


class Answer(msgspec.Struct, array_like=True, frozen=True, kw_only=True):
    """The county's answer. `status`: one of `STATUS`; `received`: number of the station's last batch it has; `time`: its clock, Unix
    seconds."""

    status: str
    time: Count
    token: bytes = b""
    received: Count = 0
    entries: list[Entry] = []
    more: bool = False
    nonce: bytes = b""
    incarnation: Small = 0
    """With `fork`: the incarnation under which to continue."""
    offer: Offer | None = None
    compared: bool = False
    differing: dict[str, dict[int, str]] = {}
    """Scopes whose state at the station differs from the county's, with the county's checksums (`sync.replica.integrity`)."""
    marks: dict[str, list[tuple[int, bytes]]] = {}
    """With `gap`: logs of which the station has read entries that the county lacks, with chains of those the county has."""
    arrived: Count = 0
    """Bytes of the batch after `received` that have arrived."""
    skip: Count = 0
    """Bytes left out of the first batch that follows, as asked by `resume`."""
    files: Files | None = None
    """On a stick."""
    lease: Small = 0
    """With `ok`: days without an answer after which the station masks all numbers; 0 for no limit."""
    releases: list[tuple[str, str]] = []
    """With `ok`, over the network: releases of the program that the county offers to this station's scope and that are newer than its own,
    as (system, version). The station picks the one for its system."""


def only_acknowledges(answer: Answer) -> bool:
    """Whether an answer brings nothing but places in the log for whole batches of the station that asked."""
    more = answer.more or answer.offer or answer.arrived or answer.differing
    return answer.status == "ok" and bool(answer.token and answer.entries) and not more and all(e.batch is None for e in answer.entries)


STATUS = frozenset({"ok", "prove", "cursors", "fork", "gap", "broken", "newer", "unknown", "revoked", "sums"})
"""ok · prove: sign this nonce · cursors: send them · fork: a clone or restored backup, `incarnation` is new · gap: batches before these
are missing, or the station has read entries that the county lacks · broken: a batch is malformed or wrongly signed · newer: the station's
program is newer than the county's · unknown, revoked: the device · sums: send your checksums, they differ from the county's."""


class Enrol(msgspec.Struct, array_like=True, frozen=True, kw_only=True):
    """A station's request to enrol: its code, its scope and its public keys (Ed25519 for signing, X25519 for sealing)."""

    protocol: Count
    code: Name
    station: Name
    scope: Scope
    role: Name
    key: Hash
    seal_key: Hash
    program: Name


class Enrolled(msgspec.Struct, array_like=True, frozen=True, kw_only=True):
    """The county's answer to `Enrol`. `status`: ok, code (unknown or used up), expired, scope (the code is for `scope`), taken or revoked.

    `certificate`: the county's signature of the station's key (`device_signed`), for third parties. `lease`: as in `Answer`.
    """

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
    """`POST /content`: a station, authenticated by `asking` as at `/sync`, offers contents by hash and size, sends pieces of them, and asks
    for contents from a byte on, at most about `budget` bytes."""

    asking: Request
    offered: list[tuple[Hash, Count]] = []
    pieces: list[Piece] = []
    wanted: list[tuple[Hash, Count]] = []
    budget: Count = 0


class Contained(msgspec.Struct, array_like=True, frozen=True, kw_only=True):
    """The answer to `Contents`: for each content offered the number of bytes the county has (`NOT_TAKEN`: no record that the station may
    write refers to it), and pieces of the contents asked for that are complete and that the station may read."""

    status: str
    nonce: bytes = b""
    held: list[int] = []
    pieces: list[Piece] = []


NOT_TAKEN = -1
"""In `Contained.held`: the content is not accepted."""


class ProgramAsked(msgspec.Struct, array_like=True, frozen=True):
    """`POST /program`: asks for a release newer than `have` for a station of `scope` and `system`; with a `name`, for the bytes of that
    archive from `start` on. Nothing in it is secret, so it is not authenticated."""

    scope: Scope
    system: Name
    have: Name
    name: Name = ""
    start: Count = 0


class ProgramOffered(msgspec.Struct, array_like=True, frozen=True):
    """The answer to `ProgramAsked`: the archive's name ("" if there is none), size and the county's `word` for it, or a `piece` of it."""

    name: Name = ""
    size: Count = 0
    word: bytes = b""
    piece: bytes = b""


class Relayed(msgspec.Struct, array_like=True, frozen=True):
    """The county's answer to a bundle sent over the network: its `status` (`sync.county.bundle_intake.Taken`), and the answer
    bundle if there is one."""

    status: str
    answer: bytes = b""


M = TypeVar("M", bound=msgspec.Struct)


def pack(message: msgspec.Struct) -> bytes:
    """Encode a message."""
    return msgspec.msgpack.encode(message)


def read(type: type[M], data: bytes) -> M:
    """Decode a message of a type. Raises `WireError`."""
    try:
        return msgspec.msgpack.decode(data, type=type)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise WireError(f"not a {type.__name__}") from None


Ruling = tuple[list[tuple[int, str]], int | None]
"""The county's decision about a batch: the refused changes with reasons, and `Entry.known`."""


def sign_entry(key: SigningKey, scope: str, seq: int, sha: bytes, ruling: Ruling) -> bytes:
    """Return the county's signature of the position of a batch in the log, and of the ruling on it."""
    return key.sign(_entry_message(scope, seq, sha, ruling)).signature


def entry_signed(key: bytes, entry: Entry, sha: bytes) -> bool:
    """Whether the county gave the batch with this hash that place."""
    return verify(key, _entry_message(entry.scope, entry.seq, sha, (entry.refused, entry.known)), entry.signature)


def _entry_message(scope: str, seq: int, sha: bytes, ruling: Ruling) -> bytes:
    refused, known = ruling
    return b"cunzhan entry" + msgspec.msgpack.encode([scope, seq, sha, refused, *([] if known is None else [known])])


def sign_device(key: SigningKey, station: str, scope: str, public: bytes) -> bytes:
    """Return the county's certificate that this station of this scope signs with this key."""
    return key.sign(_device_message(station, scope, public)).signature


def device_signed(key: bytes, station: str, scope: str, public: bytes, certificate: bytes) -> bool:
    """Whether a certificate of `sign_device` is valid."""
    return verify(key, _device_message(station, scope, public), certificate)


def _device_message(station: str, scope: str, public: bytes) -> bytes:
    return b"cunzhan device" + msgspec.msgpack.encode([station, scope, public])


def proof_message(county: str, station: str, nonce: bytes) -> bytes:
    """Return the bytes a station signs to authenticate without a current token."""
    return b"cunzhan proof" + msgspec.msgpack.encode([county, station, nonce])


def heads_digest(heads: dict[str, int], tips: dict[str, bytes]) -> bytes:
    """Return a hash of eight bytes over all cursors and the chains there."""
    read = sorted((scope, seq, tips.get(scope, b"")) for scope, seq in heads.items() if seq)
    return sha256(msgspec.msgpack.encode(read)).digest()[:8]


def reads(station_scope: str, scope: str) -> bool:
    """Whether a station reads a scope: its own, those above it and those below it."""
    return within(scope, station_scope) or within(station_scope, scope)


def writes(station_scope: str, scope: str) -> bool:
    """Whether a station may write to a scope: its own and those below it."""
    return level(scope) is not None and within(scope, station_scope)
